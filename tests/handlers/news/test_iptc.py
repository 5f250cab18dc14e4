import pytest

from handlers.news.iptc import IPTC_TOPICS, LANGUAGES, iptc_topics, with_lexicon
from handlers.news.items import TopicDefinition
from handlers.news.topics import score


def test_there_are_the_seventeen_topics_of_the_top_level_in_order():
    assert [topic.id for topic in IPTC_TOPICS] == [f"medtop:{number:02}000000" for number in range(1, 18)]


def test_topics_are_the_same_objects_every_time():
    assert iptc_topics() is IPTC_TOPICS


@pytest.mark.parametrize("topic", IPTC_TOPICS, ids=lambda topic: topic.id)
def test_every_topic_has_label_and_lexicon_in_four_languages(topic):
    for language in LANGUAGES:
        assert topic.labels[language]
        assert len(set(topic.terms[language])) >= (60 if language == "de" else 40)


@pytest.mark.parametrize("topic", IPTC_TOPICS, ids=lambda topic: topic.id)
def test_the_first_terms_of_a_lexicon_make_its_topic(topic):
    for language in LANGUAGES:
        plain = [term.split("^")[0].strip("*=") for term in topic.terms[language] if "*" not in term][:6]
        found = score(", ".join(plain), [], language, IPTC_TOPICS)
        assert topic.id in {one.topic_id for one in found}, plain


def test_own_terms_are_not_replaced_by_the_lexicon():
    own = TopicDefinition(id="medtop:15000000", labels={}, terms={"de": ("kegeln",)})
    assert with_lexicon((own,)) == (own,)
