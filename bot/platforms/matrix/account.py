"""One Matrix account: logs in, listens and sends, and says in one sentence when the homeserver refuses it."""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from bot.clock import Clock
from bot.config import Settings
from bot.errors import PlatformRefused
from bot.lanes import Lanes
from bot.platforms.matrix import cross_signing, login
from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.events import Batch
from bot.platforms.matrix.files import Files
from bot.platforms.matrix.listen import MatrixListener
from bot.platforms.matrix.members import Members
from bot.platforms.matrix.reactions import Reactions
from bot.platforms.matrix.send import MESSAGES_PER_SECOND, MatrixSender
from bot.platforms.matrix.store import Store
from bot.platforms.matrix.trouble import REVOKED, MatrixError, MatrixTrouble, Sleep
from handlers.context import Services
from handlers.dispatch import Dispatcher

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
LAST_ANSWERS_S = 10.0
# A trouble that comes back after this long is worth another line.
TROUBLE_FORGOTTEN = timedelta(minutes=10)


async def who_am_i(settings: Settings) -> str:
    """The account's user id.

    Raises:
        PlatformRefused: the homeserver does not accept us, or cannot be reached.
        ConfigError: a setting is missing.
    """
    login.check(settings)
    store = Store(settings.matrix_store)
    client = MatrixClient(settings.matrix_homeserver, store)
    try:
        return (await login.log_in(client, store, settings)).user_id
    except MatrixTrouble as trouble:
        msg = f"Matrix cannot be reached at {settings.matrix_homeserver}: {trouble}."
        raise PlatformRefused(msg) from trouble
    finally:
        await client.close()


class MatrixAccount:
    """Listens while it is entered: `async with MatrixAccount(...) as account`.

    Args:
        sleep: waits between attempts, for tests that do not.
        lanes: the budget of the account.
    """

    def __init__(
        self,
        settings: Settings,
        dispatcher: Dispatcher,
        services: Services,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        lanes: Lanes | None = None,
    ) -> None:
        login.check(settings)
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._store = Store(settings.matrix_store)
        self._client = MatrixClient(settings.matrix_homeserver, self._store)
        self._members = Members(self._client, services.db, frozenset(settings.allowed_chats), sleep)
        self._reactions = Reactions(self._client, sleep)
        files = Files(self._client, services.pages)
        lanes = lanes or Lanes(MESSAGES_PER_SECOND, private_spacing_s=0.0)
        self.sender = MatrixSender(self._client, services.db, files, self._reactions, clock, lanes)
        admins = frozenset(settings.admins)
        self._listener = MatrixListener(
            self._client, self.sender, dispatcher, self._members, clock, admins=admins, sleep=sleep
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: set[asyncio.Task[None]] = set()
        self._noted: asyncio.Task[None] | None = None
        self._troubles: dict[str, datetime] = {}
        self.trouble = ""
        """What an operator has to mend before the bot can listen again."""

    @property
    def is_ready(self) -> bool:
        """Whether it listens and knows its rooms."""
        return self._client.is_ready

    async def __aenter__(self) -> Self:
        """Log in; where the homeserver is down, go on trying beside everything else.

        Raises:
            PlatformRefused: the homeserver does not accept us.
        """
        try:
            await self._log_in()
        except PlatformRefused:
            await self._client.close()
            raise
        except MatrixTrouble as trouble:
            self._say_once("network", f"Matrix cannot be reached; trying on: {trouble}")
            self._spawn(self._tasks, self._log_in_later())
        else:
            self._spawn(self._tasks, self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, give the answers that people wait for some time to be finished, and disconnect."""
        await _end(self._tasks)
        if self._answers:
            await asyncio.wait(self._answers, timeout=LAST_ANSWERS_S)
        await _end(self._answers)
        await self._client.close()

    async def _log_in(self) -> None:
        kept = await login.log_in(self._client, self._store, self._settings)
        self._client.use(kept, self._store.since())
        await self._members.load_direct()

    async def _log_in_later(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            await self._sleep(pause_s)
            try:
                await self._log_in()
            except PlatformRefused as error:
                self._give_up(str(error))
                return
            except MatrixTrouble:
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                await self._listen()
                return

    async def _listen(self) -> None:
        log.info("listening on Matrix as %s", self._client.user_id)
        self._spawn(self._tasks, self._reactions.run())
        is_signed = False
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                batch = await self._client.sync()
            except MatrixTrouble as trouble:
                if isinstance(trouble, MatrixError) and trouble.code == REVOKED:
                    self._give_up(login.REVOKED_WORDS)
                    return
                self._say_once("network", f"Matrix cannot be reached at the moment; trying on: {trouble}")
                await self._sleep(max(pause_s, _asked_wait_s(trouble)))
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                continue
            pause_s = FIRST_PAUSE_S
            if self._troubles.pop("network", None) is not None:
                log.info("Matrix can be reached again")
            self._take(batch)
            if not is_signed:
                is_signed = True
                self._spawn(self._tasks, self._sign())
                self._spawn(self._answers, self._members.follow(self._client.replacements().items()))

    def _take(self, batch: Batch) -> None:
        """Begin what a batch asks for; it counts as worked off when all of it, and all before it, is done."""
        tasks = [self._spawn(self._answers, work) for work in self._listener.work_of(batch)]
        self._noted = self._spawn(
            self._answers, self._note(batch.since, [*tasks, *([self._noted] if self._noted else [])])
        )

    async def _note(self, since: str, tasks: list[asyncio.Task[None]]) -> None:
        if tasks:
            done, _pending = await asyncio.wait(tasks)
            if any(task.cancelled() for task in done):
                raise asyncio.CancelledError  # what was cut off is heard again at the next start
        self._store.keep_since(since)

    async def _sign(self) -> None:
        """Vouch for our device; without it clients hide what we say in encrypted rooms."""
        password = self._settings.matrix_password
        try:
            await cross_signing.ensure(
                self._client, self._store, password.get_secret_value() if password is not None else None
            )
        except MatrixTrouble as trouble:
            log.warning("the bot's device could not be cross-signed: %s", trouble)

    def _spawn(self, among: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        among.add(task)
        task.add_done_callback(among.discard)
        return task

    def _give_up(self, words: str) -> None:
        self.trouble = words
        log.error(words)

    def _say_once(self, trouble: str, words: str) -> None:
        now = self._clock()
        before = self._troubles.get(trouble)
        self._troubles[trouble] = now
        if before is None or now - before > TROUBLE_FORGOTTEN:
            log.error(words)


def _asked_wait_s(trouble: MatrixTrouble) -> float:
    wait = trouble.retry_after if isinstance(trouble, MatrixError) else None
    return wait.total_seconds() if wait is not None else 0.0


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)  # only cancellations of our own, all else was logged
