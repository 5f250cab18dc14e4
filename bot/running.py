"""Keeps the bot going: the jobs, and the platforms with their senders."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from bot import doctor, lanes
from bot.app import Core
from bot.jobs.clean import Cleaner
from bot.jobs.deliver import Deliverer
from bot.jobs.plan import Planner
from bot.jobs.scheduler import Job, Jobs
from bot.jobs.websub import Subscriber
from bot.platforms.outgoing import Sender
from storage.states import Platform

POLL_EVERY = timedelta(seconds=20)
PLAN_EVERY = timedelta(seconds=5)
DELIVER_EVERY = timedelta(seconds=2)
CLEAN_EVERY = timedelta(minutes=10)
WEBSUB_EVERY = timedelta(minutes=1)
Trouble = Callable[[], str]


def no_trouble() -> str:
    """What is said where nothing has to be mended."""
    return ""


def make_jobs(core: Core, senders: Mapping[Platform, Sender], *, polls: bool, trouble: Trouble = no_trouble) -> Jobs:
    """The jobs of a running bot, in the order in which one leads to the next.

    Args:
        trouble: tells the health check what an operator has to mend on the platforms.
    """
    planner = Planner(core.db, core.services.desk, core.clock, timedelta(hours=core.settings.digest_grace_hours))
    places = {Platform.TELEGRAM: lanes.places(core.settings.telegram_rate_per_second)}
    deliverer = Deliverer(core.db, senders, core.clock, places)
    cleaner = Cleaner(core.db, core.clock, timedelta(days=core.settings.clips_days))
    jobs = [
        Job("plan", PLAN_EVERY, planner.tick),
        Job("deliver", DELIVER_EVERY, deliverer.tick, deliverer.end),
        Job("clean", CLEAN_EVERY, cleaner.tick),
    ]
    if polls:
        jobs = [
            Job("poll", POLL_EVERY, core.poller.tick),
            *jobs,
            Job("alive", doctor.HEARTBEAT_EVERY, lambda: doctor.beat(core, trouble())),
        ]
        if core.settings.websub_url:
            subscriber = Subscriber(core.db, core.fetcher, core.clock, core.settings.websub_url)
            jobs.append(Job("websub", WEBSUB_EVERY, subscriber.tick))
    return Jobs(jobs)


@asynccontextmanager
async def open_jobs(
    core: Core, senders: Mapping[Platform, Sender], *, polls: bool, trouble: Trouble = no_trouble
) -> AsyncIterator[Jobs]:
    """Run the jobs meanwhile."""
    jobs = make_jobs(core, senders, polls=polls, trouble=trouble)
    jobs.start()
    try:
        yield jobs
    finally:
        await jobs.stop()


@asynccontextmanager
async def open_platforms(core: Core, *, polls: bool = True) -> AsyncIterator[Jobs]:
    """Talk on the configured platforms and run the jobs meanwhile, polling of feeds included unless `polls` is off.

    Raises:
        PlatformRefused: a platform does not accept us.
    """
    async with AsyncExitStack() as stack:
        senders: dict[Platform, Sender] = {}
        troubles: list[Trouble] = []
        token = core.settings.telegram_token
        if token is not None:
            # Whoever talks at the terminal need not wait for the client of Telegram.
            from bot.platforms.telegram.account import TelegramAccount

            account = TelegramAccount(core.settings, core.dispatcher, core.services, core.clock)
            await stack.enter_async_context(account)
            senders[Platform.TELEGRAM] = account.sender
            troubles.append(lambda: account.trouble)
        if core.settings.matrix_homeserver:
            from bot.platforms.matrix.account import MatrixAccount

            matrix = MatrixAccount(core.settings, core.dispatcher, core.services, core.clock)
            await stack.enter_async_context(matrix)
            senders[Platform.MATRIX] = matrix.sender
            troubles.append(lambda: matrix.trouble)
        if polls and core.settings.websub_url:
            from bot.websub import listening

            host, _, port = core.settings.websub_listen.rpartition(":")
            await stack.enter_async_context(listening(core.db, core.clock, host.strip("[]"), int(port)))
        await doctor.beat(core)

        def trouble() -> str:
            return "; ".join(filter(None, (each() for each in troubles)))

        yield await stack.enter_async_context(open_jobs(core, senders, polls=polls, trouble=trouble))
