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
        ("TELEGRAM_WEBHOOK_SECRET", "not a secret ü", "only A-Z, a-z, 0-9, _ and - are allowed"),
        ("TELEGRAM_WEBHOOK_SECRET", "x" * 257, "only A-Z, a-z, 0-9, _ and - are allowed"),
    ],
)
def test_an_absurd_value_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"KURZCLIPS_{name}", value)
    with pytest.raises(ConfigError) as caught:
        config.load(None)
    assert str(caught.value).startswith(f"KURZCLIPS_{name}: {words}")
    assert "SECRET" not in name or value not in str(caught.value)


@pytest.mark.parametrize("listen", ["127.0.0.1:8080", "[::]:443", "bot.internal:0"])
def test_addresses_to_listen_on_are_taken(monkeypatch: pytest.MonkeyPatch, listen: str) -> None:
    monkeypatch.setenv("KURZCLIPS_TELEGRAM_WEBHOOK_LISTEN", listen)
    assert config.load(None).telegram_webhook_listen == listen
