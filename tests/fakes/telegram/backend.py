"""One bot account without the wire: takes a call, checks it, lets it happen and writes the ledger."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from .behaviour import BEHAVIOUR
from .failures import ApiError, Unsupported
from .faults import Fault, Faults, RandomFaults
from .flood import Flood, FloodLimits
from .queries import Query
from .records import EPOCH, Accepted, Options, Rejected
from .schema import Fields, Upload, schema
from .updates import Updates
from .world import Chat, Message, User, World

Json = dict[str, Any]


class Backend:
    """The account `username` with its world, its updates and the record of what happened.

    Attributes:
        calls: how often each method was called, refused calls included.
        accepted: the ledger, in order.
        rejected: refused calls; a good bot leaves it empty.
        warnings: "method: words" for what the real server mends or drops in silence.
        unsupported: calls that the fake can't do.
        too_many_requests: how often 429 was answered, by limits or by faults.
        faulted: method and fault of each fault that struck.
    """

    def __init__(
        self,
        token: str = "1:A",  # noqa: S107  no secret: the fake's own
        *,
        username: str = "kurzclips_bot",
        clock: Callable[[], float] | None = None,
        epoch: int = EPOCH,
        options: Options | None = None,
    ) -> None:
        self.token = token
        self.options = options or Options()
        self.clock = clock or time.monotonic
        self._epoch = epoch - self.clock()
        bot = User(int(token.partition(":")[0]), "Kurzclips", username=username, is_bot=True)
        self.world = World(bot, self.unix_time)
        self.flood = Flood(self.options.flood, self.clock)
        self.faults = Faults()
        self.updates = Updates(self.unix_time, self.changed, self.options.webhook_retry_s)
        self.profile: dict[tuple[str, str], Any] = {}
        self.queries: dict[str, Query] = {}
        self.calls: Counter[str] = Counter()
        self.accepted: list[Accepted] = []
        self.rejected: list[Rejected] = []
        self.warnings: list[str] = []
        self.unsupported: list[str] = []
        self.faulted: list[tuple[str, Fault]] = []
        self.too_many_requests = 0
        self.method = ""
        self._waiters: set[asyncio.Future[None]] = set()
        self._held: list[asyncio.Event] = []

    @property
    def bot(self) -> User:
        return self.world.bot

    def unix_time(self) -> int:
        """The Unix time by the fake's clock."""
        return int(self._epoch + self.clock())

    def fields_of(self, method: str) -> Fields:
        """The parameters of a method, counted as called.

        Raises:
            ApiError: 404, there is no such method.
        """
        fields = schema().methods.get(method.lower())
        if fields is None:
            raise ApiError(404, "Not Found: method not found")
        self.calls[fields.name] += 1
        return fields

    def read(self, fields: Fields, raw: Json, uploads: dict[str, Upload]) -> Json:
        """The typed parameters, uploads put where they belong.

        Raises:
            ApiError: a parameter that the method does not take so.
        """
        self.method = fields.name
        own = {name: upload for name, upload in uploads.items() if name in fields.checks}
        params = fields.read(raw | own)
        if used := params.keys() & fields.deprecated:
            self.warn(f"deprecated parameter {', '.join(sorted(used))}")
        if uploads:
            params["_uploads"] = {name: upload for name, upload in uploads.items() if name not in own}
        return params

    def execute(self, fields: Fields, params: Json) -> Any:
        """Let a call happen and write it down; what it answers.

        Raises:
            ApiError: the refusal.
        """
        behave = BEHAVIOUR.get(fields.name)
        if behave is None:
            raise Unsupported(fields.name)
        result = behave(self, params)
        self.record(fields.name, params, result)
        return result

    def record(self, method: str, params: Json, result: Any) -> None:
        """One line of the ledger."""
        entry = Accepted(len(self.accepted), method, self.clock(), params)
        if isinstance(result, dict) and "message_id" in result:
            entry.message_id = result["message_id"]
            entry.chat_id = result.get("chat", {}).get("id")
        self.accepted.append(entry)
        self.changed()

    def refuse(self, method: str, raw: Json, error: ApiError) -> None:
        """Write down a refusal."""
        if error.code == 429:
            self.too_many_requests += 1
        elif isinstance(error, Unsupported):
            self.unsupported.append(f"{method}: {error.description}")
        else:
            self.rejected.append(Rejected(method, error.code, error.description, raw))
        self.changed()

    def warn(self, words: str) -> None:
        """Write down what the real server would have passed over in silence."""
        self.warnings.append(f"{self.method}: {words}")

    @property
    def complaints(self) -> list[str]:
        """Everything that a faultless bot would not have caused: `assert fake.complaints == []`."""
        refused = [f"{entry.method}: {entry.description}" for entry in self.rejected]
        return refused + self.warnings + self.unsupported

    # Trouble

    def fail_next(self, method: str, fault: Fault, times: int = 1) -> None:
        """The next call(s) of a method ("*" for any) meet a fault from `faults`."""
        self.faults.script(method, fault, times)

    def random_faults(self, policy: RandomFaults | None) -> None:
        """Faults by chance from now on; None ends them."""
        self.faults.set_policy(policy)

    def cannot_fetch(self, url: str, words: str = "wrong type of the web page content") -> None:
        """Photos and videos at this URL fail with these words, or "failed to get HTTP URL content"."""
        self.world.unfetchable[url] = words

    def limit(self, limits: FloodLimits) -> None:
        """Other flood limits from now on."""
        self.flood.limits = limits

    async def held(self) -> None:
        """Wait for `release_held()`."""
        event = asyncio.Event()
        self._held.append(event)
        self.changed()
        await event.wait()

    @property
    def held_calls(self) -> int:
        """How many answers wait for `release_held()`."""
        return len(self._held)

    def release_held(self) -> None:
        """Let all held answers go."""
        for event in self._held:
            event.set()
        self._held.clear()

    # Waiting

    def changed(self) -> None:
        """Wake whoever waits for something to happen."""
        if self._waiters:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def until(self, is_so: Callable[[], object], timeout_s: float = 5.0, what: str = "it") -> None:
        """Return as soon as something is so; looked at again after every call and update.

        Raises:
            TimeoutError: it did not become so; the message has the last refusals.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        while not is_so():
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters.add(waiter)
            try:
                await asyncio.wait_for(waiter, end - loop.time())
            except TimeoutError:
                raise TimeoutError(f"waited {timeout_s} s for {what}. {self._recent()}") from None
            finally:
                self._waiters.discard(waiter)

    def _recent(self) -> str:
        refused = [f"{entry.method}: {entry.description}" for entry in self.rejected[-3:]]
        return f"Calls: {dict(self.calls)}. Refused: {refused}. Unsupported: {self.unsupported}."

    # What the bot said

    def messages(self, chat: Chat) -> list[Message]:
        """All messages of the bot in a chat that still exist, in order."""
        return [message for message in chat.messages.values() if message.is_from_bot and not message.is_deleted]

    async def next_message_in(self, chat: Chat, timeout_s: float = 5.0) -> Message:
        """The bot's next message in a chat that nobody has taken yet.

        Raises:
            TimeoutError: the bot said nothing.
        """
        await self.until(lambda: chat.untaken, timeout_s, f"a message in chat {chat.id}")
        message = chat.untaken.pop(next(iter(chat.untaken)))
        message.is_taken = True
        return message

    async def edited(self, message: Message, timeout_s: float = 5.0) -> Message:
        """The message after an edit that nobody has waited for yet.

        Raises:
            TimeoutError: the bot did not edit it.
        """
        await self.until(lambda: len(message.edits) > message.edits_taken, timeout_s, "an edit")
        message.edits_taken += 1
        return message

    def new_query(self, kind: str, user: User, message: Message | None = None, text: str = "") -> Query:
        """A button press or inline query that can be answered until it is too old."""
        number = len(self.queries) + 1
        limits = {"callback": self.options.callback_timeout_s, "inline": self.options.inline_timeout_s}
        query = Query(f"{number:019d}", kind, user, self.clock() + limits[kind], message, text)
        self.queries[query.id] = query
        return query

    def state(self) -> Json:
        """Counts and refusals as plain values."""
        return {
            "calls": dict(self.calls),
            "accepted": len(self.accepted),
            "rejected": [asdict(entry) for entry in self.rejected],
            "warnings": self.warnings,
            "unsupported": self.unsupported,
            "too_many_requests": self.too_many_requests,
            "faults": Counter(fault.kind.value for _, fault in self.faulted),
            "pending_updates": self.updates.pending,
            "is_polled": self.updates.is_polled,
        }
