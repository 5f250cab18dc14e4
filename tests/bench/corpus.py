"""Generated clips with the word frequencies of language: the demo news, cut into sentences and shuffled, names renamed.

Each clip has a headline, two to four paragraphs of about 110 words in all, one of forty sources and a time within
30 days. The same seed gives the same corpus.
"""

import json
import random
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "clips"
SYLLABLES = (
    "ba",
    "del",
    "fe",
    "gor",
    "hal",
    "ki",
    "lem",
    "mar",
    "nos",
    "pol",
    "ra",
    "sten",
    "tur",
    "vel",
    "wen",
    "zor",
)


def _sentences() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(SEEDS.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["clip"]:
            text = entry["text"].replace("\n\n", " ").strip()
            found.setdefault(entry["language"], []).extend(part.strip() + "." for part in text.split(". ") if part)
    return found


def _name(random_: random.Random) -> str:
    return "".join(random_.choices(SYLLABLES, k=random_.randint(2, 4))).capitalize()


def clips(count: int, *, now: datetime, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Records as `kurzclips ingest FILE.jsonl` takes them."""
    random_ = random.Random(seed)  # noqa: S311 - repeatable, not secret
    sentences = _sentences()
    names = [_name(random_) for _ in range(max(200, count // 20))]
    languages = random_.choices(("de", "en", "ru", "fr"), weights=(6, 2, 1, 1), k=count)
    for number, language in enumerate(languages):
        pool = sentences[language]

        def sentence(pool: list[str] = pool) -> str:
            words = random_.choice(pool).split()
            for place in random_.sample(range(len(words)), k=max(1, len(words) // 6)):
                words[place] = names[min(int(random_.paretovariate(0.6)) - 1, len(names) - 1)]
            return " ".join(words)

        paragraphs = [" ".join(sentence() for _ in range(random_.randint(2, 3))) for _ in range(random_.randint(2, 4))]
        yield {
            "id": f"generated-{seed}-{number}",
            "title": " ".join(sentence().split()[:9]).rstrip(".,;:"),
            "text": "\n\n".join(paragraphs),
            "source": f"Quelle {number % 40}",
            "language": language,
            "published_at": (now - timedelta(minutes=random_.uniform(0, 30 * 24 * 60))).isoformat(),
        }


def write(path: Path, count: int, *, now: datetime, seed: int = 1) -> None:
    """Write a corpus as JSONL."""
    with path.open("w", encoding="utf-8") as file:
        for record in clips(count, now=now, seed=seed):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
