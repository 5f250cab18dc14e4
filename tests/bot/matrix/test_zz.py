from tests.bot.matrix.test_journey import EVENING, program, seeds, MovableClock
import asyncio
async def test_look(settings_of, anna, bot, tmp_path):
    clock = MovableClock(EVENING)
    settings = settings_of(database_url=f"sqlite:///{tmp_path / 'k.db'}")
    async with program(settings, clock) as (core, jobs):
        await seeds.load(core.db, core.intake, clock())
        room = await anna.makes_room(bot.user_id, is_direct=True)
        await anna.until(lambda: bot.user_id in anna.members(room))
        await anna.says(room, "!latest"); await anna.hears(room, bot.user_id, 1)
