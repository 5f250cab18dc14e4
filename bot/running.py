"""Keeps the bot going: the jobs, and the platforms with their senders."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import doctor, lanes
from bot.app import Core
from bot.jobs.clean import Cleaner
from bot.jobs.deliver import Deliverer
from bot.jobs.leases import UPKEEP, Leases
from bot.jobs.plan import Planner
from bot.jobs.scheduler import Job, Jobs
from bot.jobs.websub import Subscriber
from bot.platforms.outgoing import Sender
from bot.serving import Place
from bot.standby import Account, Standby
from storage.states import Platform

if TYPE_CHECKING:
    from bot.metered import Meter

POLL_EVERY = timedelta(seconds=20)
PLAN_EVERY = timedelta(seconds=5)
DELIVER_EVERY = timedelta(seconds=2)
CLEAN_EVERY = timedelta(minutes=10)
WEBSUB_EVERY = timedelta(minutes=1)
Trouble = Callable[[], str]


def no_trouble() -> str:
    """What is said where nothing has to be mended."""
    return ""


def make_jobs(
    core: Core,
    senders: Mapping[Platform, Sender],
    *,
    polls: bool,
    trouble: Trouble = no_trouble,
    leases: Leases | None = None,
    meter: "Meter | None" = None,
) -> Jobs:
    """The jobs of a running bot, in the order in which one leads to the next.

    Args:
        trouble: tells the health check what an operator has to mend on the platforms.
        leases: what is ours to do, where other processes share the database.
        meter: takes figures, where somebody wants them.
    """
    senders = senders if meter is None else meter.senders(senders)
    planner = Planner(core.db, core.services.desk, core.clock, timedelta(hours=core.settings.digest_grace_hours))
    places = {Platform.TELEGRAM: lanes.places(core.settings.telegram_rate_per_second)}
    deliverer = Deliverer(core.db, senders, core.clock, places, leases)
    cleaner = Cleaner(core.db, core.clock, timedelta(days=core.settings.clips_days))
    jobs = [
        Job("plan", PLAN_EVERY, _by_one(leases, planner.tick)),
        Job("deliver", DELIVER_EVERY, deliverer.tick, deliverer.end),
        Job("clean", CLEAN_EVERY, _by_one(leases, cleaner.tick)),
    ]
    if polls:
        jobs = [
            Job("poll", POLL_EVERY, core.poller.tick, core.poller.end),
            *jobs,
            Job("alive", doctor.HEARTBEAT_EVERY, _by_one(leases, lambda: doctor.beat(core, trouble()))),
        ]
        if core.settings.websub_url:
            subscriber = Subscriber(core.db, core.fetcher, core.clock, core.settings.websub_url)
            jobs.append(Job("websub", WEBSUB_EVERY, _by_one(leases, subscriber.tick)))
    return Jobs(jobs if meter is None else meter.jobs(jobs))


def _by_one(leases: Leases | None, run: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[int]]:
    """What one process does for all that share a database."""

    async def run_if_ours() -> int:
        return await run() if leases is None or leases.holds(UPKEEP) else 0

    return run_if_ours


@asynccontextmanager
async def open_jobs(
    core: Core,
    senders: Mapping[Platform, Sender],
    *,
    polls: bool,
    trouble: Trouble = no_trouble,
    leases: Leases | None = None,
    meter: "Meter | None" = None,
) -> AsyncIterator[Jobs]:
    """Run the jobs meanwhile."""
    jobs = make_jobs(core, senders, polls=polls, trouble=trouble, leases=leases, meter=meter)
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
        ConfigError: a place cannot be listened on.
    """
    async with AsyncExitStack() as stack:
        meter = await _enter_meter(core, stack)
        core = meter.core if meter is not None else core
        makers = dict(_makers(core))
        leases = None
        if not core.db.is_file:
            leases = Leases(core.db, [*makers, UPKEEP])
            await stack.enter_async_context(leases.kept())
        accounts: dict[Platform, Account] = {}
        for platform, make in makers.items():
            # Telegram's webhook brings updates to whichever process it reaches; only sending is for one of them.
            is_shared = platform == Platform.TELEGRAM and bool(core.settings.telegram_webhook_url)
            account = make() if leases is None or is_shared else Standby(leases, platform, make)
            accounts[platform] = await stack.enter_async_context(account)
        if polls and core.settings.websub_url:
            from bot.websub import listening

            place = Place.of(core.settings.websub_listen)
            await stack.enter_async_context(listening(core.db, core.clock, place))
        if leases is None or leases.holds(UPKEEP):
            await doctor.beat(core)

        def trouble() -> str:
            return "; ".join(filter(None, (account.trouble for account in accounts.values())))

        if meter is not None:
            meter.started(accounts, leases)
        senders = {platform: account.sender for platform, account in accounts.items()}
        jobs = open_jobs(core, senders, polls=polls, trouble=trouble, leases=leases, meter=meter)
        yield await stack.enter_async_context(jobs)


async def _enter_meter(core: Core, stack: AsyncExitStack) -> "Meter | None":
    """Take figures and tell them until the stack is left, where somebody wants that."""
    if not core.settings.metrics_listen:
        return None
    # Who wants no figures need not wait for their library.
    from bot.metered import Meter

    meter = Meter(core)
    await stack.enter_async_context(meter.open(Place.of(core.settings.metrics_listen)))
    return meter


def _makers(core: Core) -> Iterator[tuple[Platform, Callable[[], Account]]]:
    """How the accounts of the configured platforms are made."""
    parts = (core.settings, core.dispatcher, core.services, core.clock)
    if core.settings.telegram_token is not None:
        # Whoever talks at the terminal need not wait for the client of Telegram.
        from bot.platforms.telegram.account import TelegramAccount

        yield Platform.TELEGRAM, lambda: TelegramAccount(*parts)
    if core.settings.matrix_homeserver:
        from bot.platforms.matrix.account import MatrixAccount

        yield Platform.MATRIX, lambda: MatrixAccount(*parts)
