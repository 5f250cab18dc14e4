"""One Matrix account: logs in, listens and sends, and says in one sentence when the homeserver refuses it."""

import asyncio
import logging
from types import TracebackType
from typing import Self

from bot.clock import Clock, Sleep
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
from bot.platforms.matrix.trouble import REVOKED, MatrixError, MatrixTrouble
from bot.platforms.tasks import Tasks
from bot.platforms.troubles import Troubles
from handlers.context import Services
from handlers.dispatch import Dispatcher

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
LAST_ANSWERS_S = 5.0
# With more under way the stream is not read on; one answer holds its message and little else.
MOST_ANSWERS = 1000
_ENDS = {
    "login": "Matrix takes the login again",
    "network": "Matrix can be reached again",
    "store": "KURZCLIPS_MATRIX_STORE can be written again",
}


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
        self.sender = MatrixSender(self._client, services.db, files, self._reactions, clock, lanes, sleep)
        admins = frozenset(settings.admins)
        self._listener = MatrixListener(
            self._client, self.sender, dispatcher, self._members, clock, admins=admins, sleep=sleep
        )
        self._tasks = Tasks()
        self._answers = Tasks()
        self._noted: asyncio.Task[None] | None = None
        self._troubles = Troubles(clock, _ENDS, passing=("network",))

    @property
    def trouble(self) -> str:
        """What an operator has to mend, "" where there is nothing."""
        return self._troubles.for_operator

    @property
    def hindrance(self) -> str:
        """What keeps it from listening now, "" where it listens."""
        return self._troubles.lasting or ("" if self.is_ready else "the rooms are being read")

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
            self._troubles.begin("network", f"Matrix cannot be reached; trying on: {trouble}")
            self._tasks.begin(self._log_in_later())
        else:
            self._tasks.begin(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, give the answers that people wait for some time to be finished, and disconnect."""
        await self._tasks.end()
        await self._answers.end(LAST_ANSWERS_S)
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
            except MatrixTrouble as trouble:
                pause_s = max(min(pause_s * 2, LONGEST_PAUSE_S), _asked_wait_s(trouble))
            else:
                await self._listen()
                return

    async def _listen(self) -> None:
        log.info("listening on Matrix as %s", self._client.user_id)
        self._tasks.begin(self._reactions.run())
        is_signed = False
        pause_s = FIRST_PAUSE_S
        while True:
            await self._answers.until_fewer_than(MOST_ANSWERS)
            try:
                batch = await self._client.sync()
            except MatrixTrouble as trouble:
                if isinstance(trouble, MatrixError) and trouble.code == REVOKED:
                    self._give_up(login.REVOKED_WORDS)
                    return
                self._troubles.begin("network", f"Matrix cannot be reached at the moment; trying on: {trouble}")
                await self._sleep(max(pause_s, _asked_wait_s(trouble)))
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                continue
            pause_s = FIRST_PAUSE_S
            self._troubles.end("network")
            self._take(batch)
            if not is_signed:
                is_signed = True
                self._tasks.begin(self._sign())
                self._answers.begin(self._members.follow(self._client.replacements().items()))

    def _take(self, batch: Batch) -> None:
        """Begin what a batch asks for; it counts as worked off when all of it, and all before it, is done."""
        tasks = [self._answers.begin(work) for work in self._listener.work_of(batch)]
        self._noted = self._answers.begin(self._note(batch.since, [*tasks, *([self._noted] if self._noted else [])]))

    async def _note(self, since: str, tasks: list[asyncio.Task[None]]) -> None:
        if tasks:
            done, _pending = await asyncio.wait(tasks)
            if any(task.cancelled() for task in done):
                raise asyncio.CancelledError  # what was cut off is heard again at the next start
        try:
            self._store.keep_since(since)
        except OSError as error:  # the next batch tries again; a crash before that hears a little twice
            self._troubles.begin("store", f"KURZCLIPS_MATRIX_STORE cannot be written: {error.strerror or error}")
        else:
            self._troubles.end("store")

    async def _sign(self) -> None:
        """Vouch for our device; without it clients hide what we say in encrypted rooms."""
        given = self._settings.matrix_password
        password = given.get_secret_value() if given is not None else None
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await cross_signing.ensure(self._client, self._store, password)
            except MatrixTrouble as trouble:
                if isinstance(trouble, MatrixError) and not trouble.is_limit and trouble.status < 500:
                    log.warning("the bot's device could not be cross-signed: %s", trouble)
                    return
                await self._sleep(max(pause_s, _asked_wait_s(trouble)))
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                return

    def _give_up(self, words: str) -> None:
        self._troubles.begin("login", words)


def _asked_wait_s(trouble: MatrixTrouble) -> float:
    wait = trouble.retry_after if isinstance(trouble, MatrixError) else None
    return wait.total_seconds() if wait is not None else 0.0
