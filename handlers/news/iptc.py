"""The 17 IPTC Media Topics of the top level, with their labels and the words that speak for them."""

from collections.abc import Mapping, Sequence
from functools import cache

from handlers.news.items import TopicDefinition
from handlers.news.lexicon import load

LANGUAGES = ("de", "en", "ru", "fr")
_BOOSTS = (
    ("strong", "^2"),
    ("names", "^2"),
    ("usual", "^1.5"),
    ("plain", ""),
    ("faint", "^0.7"),
    ("weak", "^0.5"),
)

# Source: IPTC Media Topics, http://cv.iptc.org/newscodes/mediatopic/, release of 2026-07-02, licence CC BY 4.0:
# identifiers and the labels in German, English and French. IPTC publishes no Russian labels; those are ours.
_LABELS: tuple[tuple[str, str, str, str, str], ...] = (
    ("01000000", "Kultur, Kunst, Unterhaltung und Medien", "arts, culture, entertainment and media",
     "Arts, culture, divertissement et médias", "Культура, искусство, развлечения и СМИ"),
    ("02000000", "Justiz, Kriminalität", "crime, law and justice", "Criminalité, droit et justice",
     "Преступность, право и правосудие"),
    ("03000000", "Katastrophe und Unglück", "disaster, accident and emergency incident", "Désastres et accidents",
     "Катастрофы и происшествия"),
    ("04000000", "Wirtschaft und Finanzen", "economy, business and finance", "Économie et finances",
     "Экономика, бизнес и финансы"),
    ("05000000", "Erziehung, Ausbildung", "education", "Éducation", "Образование"),
    ("06000000", "Umwelt", "environment", "Environnement", "Окружающая среда"),
    ("07000000", "Medizin, Gesundheit", "health", "Santé", "Здоровье и медицина"),
    ("08000000", "Vermischtes", "human interest", "Gens animaux insolite", "Люди и необычное"),
    ("09000000", "Arbeit, Soziales", "labour", "Social", "Труд"),
    ("10000000", "Freizeit, Modernes Leben", "lifestyle and leisure", "Vie quotidienne et loisirs",
     "Образ жизни и досуг"),
    ("11000000", "Politik", "politics and government", "Politique", "Политика"),
    ("12000000", "Religion, Weltanschauung", "religion", "Religion et croyance", "Религия"),
    ("13000000", "Wissenschaft, Technik, Forschung", "science and technology", "Science et technologie",
     "Наука и техника"),
    ("14000000", "Gesellschaft, Bevölkerung", "society", "Société", "Общество"),
    ("15000000", "Sport", "sport", "Sport", "Спорт"),
    ("16000000", "Krise, Krieg, Konflikte", "conflict, war and peace", "Conflit, guerre et paix",
     "Конфликты, война и мир"),
    ("17000000", "Wetter", "weather", "Météo", "Погода"),
)  # fmt: skip


def _terms(table: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        term.strip() + boost
        for strength, boost in _BOOSTS
        for term in table.get(strength, "").replace("\n", " ").split(",")
        if term.strip()
    )


@cache
def iptc_topics() -> tuple[TopicDefinition, ...]:
    """The 17 topics in the order of their ids, read from the lexicon at first use and the same objects ever after."""
    tables = {language: load(language) for language in LANGUAGES}
    return tuple(
        TopicDefinition(
            id=f"medtop:{code}",
            labels={"de": german, "en": english, "fr": french, "ru": russian},
            terms={language: _terms(tables[language][f"medtop:{code}"]) for language in LANGUAGES},
        )
        for code, german, english, french, russian in _LABELS
    )


@cache
def _by_id() -> dict[str, TopicDefinition]:
    return {topic.id: topic for topic in iptc_topics()}


def with_lexicon(topics: Sequence[TopicDefinition]) -> tuple[TopicDefinition, ...]:
    """The same topics in the same order, each IPTC topic that has no terms replaced by the one of the lexicon."""
    return tuple(topic if topic.terms else _by_id().get(topic.id, topic) for topic in topics)


def __getattr__(name: str) -> tuple[TopicDefinition, ...]:
    """The constant IPTC_TOPICS, made at first use so that importing this module reads no file.

    Raises:
        AttributeError: for any other name.
    """
    if name == "IPTC_TOPICS":
        return iptc_topics()
    raise AttributeError(name)
