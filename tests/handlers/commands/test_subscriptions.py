"""/subscriptions: slots with what they bring, when they come next, pauses."""

from tests.dialogue import Talk


async def test_slots_are_listed_by_time_with_what_they_bring_and_the_next_date(talk: Talk) -> None:
    for wish in ("ki 18:00", "energie 07:30", "Kernkraft 07:30", "Tsunami now"):
        await talk.says(f"/subscribe {wish}")
    await talk.says("/subscriptions")
    talk.hears(
        "Your digests",
        "every day at 07:30: Energy and Kernkraft",
        "Next: tomorrow, 07:30",
        "every day at 18:00: AI",
        "Next: today, 18:00",
        "at once: Tsunami",
        "Europe/Berlin",
    )


async def test_pause_is_mentioned_with_its_end(talk: Talk) -> None:
    await talk.says("/subscribe energie")
    await talk.through(
        ("/pause 3", "No digests until Friday, 27 November 2026"),
        ("/subscriptions", "All digests pause until Friday, 27 November 2026; /resume ends that."),
        ("/pause", "No digests until you write /resume."),
        ("/subscriptions", "All digests pause until you write /resume."),
        ("/resume", "Digests come again. Next: tomorrow, 07:30."),
    )
    await talk.says("/subscriptions")
    talk.hears_not("pause")


async def test_chat_that_follows_nothing_is_shown_how_to_begin(talk: Talk) -> None:
    await talk.says("/subscriptions")
    talk.hears("You follow nothing yet.", "/subscribe energie 07:30", "[Choose a topic]")
