from tests.eval import language, summaries


def test_summaries_are_never_below_the_lead_and_far_above_it_where_that_is_colour():
    found = {(name, method): score for name, method, score in summaries.rows()}
    for name in {name for name, _ in found}:
        above = found[name, "ours, short"] - found[name, "first two sentences"]
        assert above >= (8.0 if "colour" in name else 0.0), name
        assert found[name, "best possible extract"] >= found[name, "LexRank"]


def test_headlines_with_foreign_names_are_told_apart():
    found = {method: score for _, method, score in language.rows()}
    assert found["text alone"] >= 90
    assert found["with the feed's statement"] >= 97
