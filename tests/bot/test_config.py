"""Settings of the operator: what is taken, and what one sentence each refuses."""

import pytest

from bot import config
from bot.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TELEGRAM_WEBHOOK_URL", "bot.example/hook", "this is not an address that begins with https://"),
        ("TELEGRAM_WEBHOOK_LISTEN", "8080", "'8080' is not of the form host:port"),
        ("TELEGRAM_WEBHOOK_LISTEN", "127.0.0.1:70000", "'127.0.0.1:70000' is not of the form host:port"),
        ("METRICS_LISTEN", "all:http", "'all:http' is not of the form host:port"),
        ("TELEGRAM_WEBHOOK_SECRET", "not a secret ü", "only A-Z, a-z, 0-9, _ and - are allowed"),
        ("TELEGRAM_WEBHOOK_SECRET", "x" * 257, "only A-Z, a-z, 0-9, _ and - are allowed"),
        ("LLM_URL", "models.example/v1", "this is not an address that begins with http"),
        ("LLM_URL", "http://[::1/v1", "this is not an address that begins with http"),
        ("EMBEDDINGS_URL", "http://models.example:99999/v1", "this is not an address that begins with http"),
        ("LLM_API_KEY", "SECRET ключ", "this is not a key"),
    ],
)
def test_an_absurd_value_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"KURZCLIPS_{name}", value)
    with pytest.raises(ConfigError) as caught:
        config.load(None)
    assert str(caught.value).startswith(f"KURZCLIPS_{name}: {words}")
    assert not name.endswith(("SECRET", "KEY")) or value not in str(caught.value)


@pytest.mark.parametrize("listen", ["127.0.0.1:8080", "[::]:443", "bot.internal:0"])
def test_addresses_to_listen_on_are_taken(monkeypatch: pytest.MonkeyPatch, listen: str) -> None:
    monkeypatch.setenv("KURZCLIPS_TELEGRAM_WEBHOOK_LISTEN", listen)
    assert config.load(None).telegram_webhook_listen == listen


@pytest.mark.parametrize("name", ["LLM", "EMBEDDINGS"])
def test_endpoint_without_a_model_is_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"KURZCLIPS_{name}_URL", "http://127.0.0.1:11434/v1/")
    with pytest.raises(ConfigError, match=f"KURZCLIPS_{name}_URL needs KURZCLIPS_{name}_MODEL beside it"):
        config.load(None)
    monkeypatch.setenv(f"KURZCLIPS_{name}_MODEL", "small")
    assert getattr(config.load(None), f"{name.lower()}_url") == "http://127.0.0.1:11434/v1"
