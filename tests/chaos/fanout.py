"""One fan-out under fire: the program is killed again and again while the network fails, then left to finish.

Before it every chat is owed one digest. After it each message that the server took is compared with the ledger.
"""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot import lanes
from storage.states import DeliveryState
from tests.chaos import ledger
from tests.chaos.ledger import Owed
from tests.chaos.processes import Json, Program, Server, open_server

FASTEST = 1000
SLOWEST_WITH_LIMITS = 30
LAPS = 12
# A program that sends nothing for so long, though something is ready, is stuck.
STUCK_S = 45.0
# One kill in so many comes while the program starts and plans.
EARLY_EVERY = 5
# Shares of sends that meet trouble; repeatable by the seed.
TROUBLE = {
    **{"error": 0.02, "flood": 0.003, "reset_before": 0.01, "reset_after": 0.01, "gateway_after": 0.01},
    **{"delay": 0.1, "max_delay_s": 0.03},
}
SENDS = ("sendMessage", "sendPhoto", "sendVideo")


@dataclass(slots=True)
class Verdict:
    """What a run came to.

    Attributes:
        lost: chats that did not get their whole digest.
        doubled: messages that the server took beyond the parts of each digest.
        uncounted: doubled messages beyond what their delivery counts as uncertain.
        uncertain: what all deliveries count as uncertain.
        unanswered: messages that the server took and whose answer a fault lost.
        places: how many deliveries can be on their way at once, by the program's own limit.
        unrecorded: for each kill, how many messages were taken and answered, or about to be, and not yet written down.
        interrupted: for each kill, how many deliveries it left in the middle.
        exits: the exit statuses of the program where it was asked to end.
    """

    chats: int
    places: int
    kills: int = 0
    messages: int = 0
    lost: int = 0
    doubled: int = 0
    uncounted: int = 0
    uncertain: int = 0
    unanswered: int = 0
    seconds: float = 0.0
    unrecorded: list[int] = field(default_factory=list)
    interrupted: list[int] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    faults: Json = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    @property
    def may_double(self) -> int:
        """How many messages could arrive twice at most: those on their way at the kills, and the lost answers."""
        return sum(self.interrupted) + self.unanswered

    @property
    def wrong(self) -> list[str]:
        """What must not be, in words; empty where all is as it should be."""
        found = {
            f"{self.lost} digests lost": self.lost,
            f"{self.doubled} messages doubled, {self.may_double} could be": self.doubled > self.may_double,
            f"{self.uncounted} messages doubled and not counted as uncertain": self.uncounted,
            f"{max(self.interrupted, default=0)} on their way at a kill, there are {self.places} places": (
                max(self.interrupted, default=0) > self.places
            ),
            "more messages taken at a kill than deliveries under way": any(
                taken > under_way for taken, under_way in zip(self.unrecorded, self.interrupted, strict=True)
            ),
            f"exit statuses {self.exits}": any(self.exits),
        }
        return [words for words, is_so in found.items() if is_so] + self.complaints

    def rows(self) -> list[tuple[str, str]]:
        """The figures as what → figure."""
        at_kills = " ".join(f"{taken}/{way}" for taken, way in zip(self.unrecorded, self.interrupted, strict=True))
        return [
            ("chats, messages taken, seconds", f"{self.chats}, {self.messages}, {self.seconds:.0f}"),
            ("faults", ", ".join(f"{count} {name}" for name, count in self.faults.items()) or "none"),
            ("kills", str(self.kills)),
            ("at each kill: taken and not written down / under way", at_kills or "-"),
            ("answers lost after the message was taken", str(self.unanswered)),
            ("digests lost", str(self.lost)),
            ("messages doubled / could be, by what was under way", f"{self.doubled} / {self.may_double}"),
            ("doubled and not counted as uncertain", str(self.uncounted)),
            ("exit statuses after SIGTERM", ", ".join(map(str, sorted(set(self.exits)))) or "-"),
        ]


class Fanout:
    """A run on the database of an address."""

    def __init__(self, url: str, server: Server, program: Program, people: Sequence[int], seed: int = 0) -> None:
        self._url = url
        self._server = server
        self._program = program
        self._people = frozenset(people)
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.verdict = Verdict(len(people), lanes.places(program.rate))

    def _is_digest(self, line: Json) -> bool:
        return line["message_id"] is not None and line["chat_id"] in self._people and line["method"].startswith("send")

    async def sends(self, count: int, timeout_s: float = 20.0) -> bool:
        """Wait for so many digest messages from now on; False where nothing more comes."""
        while count > 0:
            if not await self._server.wait(len(self._server.accepted) + count, timeout_s):
                return False
            count -= sum(map(self._is_digest, await self._server.news()))
        return True

    async def live(self, kills_left: int) -> bool:
        """Start the program and kill it at a random moment; False where it had nothing left to send."""
        await self._server.news()
        got = {line["chat_id"] for line in self._server.accepted if self._is_digest(line)}
        share = (len(self._people) - len(got)) // (kills_left + 1)
        await self._program.start()
        if self._random.randrange(EARLY_EVERY) == 0:
            was_busy = await self._server.wait(len(self._server.accepted) + self._random.randint(1, 8))
        else:
            was_busy = await self.sends(self._random.randint(1, max(1, share)))
        if was_busy:
            await self._program.kill()
            self.verdict.kills += 1
            await self.note_kill()
        else:
            self.verdict.exits.append(await self._program.stop())
        return was_busy

    async def note_kill(self) -> None:
        """Write down what is on its way while nobody sends."""
        await self._server.news()
        taken = self._taken()
        rows = [row for row in await ledger.owed(self._url) if row.state == DeliveryState.SENDING]
        self.verdict.interrupted.append(len(rows))
        self.verdict.unrecorded.append(sum(taken[row.chat] > len(row.parts) for row in rows))

    def _taken(self) -> Counter[int]:
        return Counter(line["chat_id"] for line in self._server.accepted if self._is_digest(line))

    async def finish(self) -> None:
        """Let the program send the rest, lap after lap until no delivery waits for another try."""
        if not self._program.is_up:
            await self._program.start()
        for _ in range(LAPS):
            moved_at = time.monotonic()
            while await ledger.count_ready(self._url) and time.monotonic() < moved_at + STUCK_S:
                if any(map(self._is_digest, await self._server.news())):
                    moved_at = time.monotonic()
                await self._server.wait(len(self._server.accepted) + 50, 0.5)
            if not await ledger.end_pauses(self._url):
                break
        self.verdict.exits.append(await self._program.stop())

    async def judge(self) -> Verdict:
        """Compare what the server took with what the ledger says."""
        await self._server.read_again()
        state = await self._server.ask("state")
        verdict = self.verdict
        sends = [line for line in self._server.accepted if self._is_digest(line)]
        text_of = {(line["chat_id"], line["message_id"]): line["params"].get("text") for line in sends}
        rows = await ledger.owed(self._url)
        taken = self._taken()
        whole = {row.chat for row in rows if _is_whole(row, text_of)}
        excess = {row.chat: taken[row.chat] - len(row.parts) for row in rows}
        verdict.messages = len(sends)
        verdict.lost = len(self._people - whole)
        verdict.doubled = sum(max(0, count) for count in excess.values())
        verdict.uncounted = sum(max(0, excess[row.chat] - row.uncertain_count) for row in rows)
        verdict.uncertain = sum(row.uncertain_count for row in rows)
        verdict.unanswered = sum(not line["is_answered"] for line in sends)
        verdict.faults = state["faults"]
        verdict.complaints += [f"{len(rows)} deliveries"] if len(rows) != len(self._people) else []
        verdict.complaints += [str(each) for each in (*state["rejected"], *state["warnings"])]
        verdict.complaints += self._program.defects()
        return verdict


def _is_whole(row: Owed, text_of: dict[tuple[int, int], str]) -> bool:
    """Whether all parts of a digest arrived in its chat, each once among those that the ledger names."""
    texts = [text_of.get((row.chat, part)) for part in row.parts]
    return row.state == DeliveryState.SENT and bool(texts) and None not in texts and len(set(texts)) == len(texts)


async def run(
    folder: Path,
    *,
    chats: int,
    kills: int,
    seed: int,
    rate: int = FASTEST,
    trouble: Json | None = None,
    url: str = "",
) -> Verdict:
    """One whole run.

    Args:
        rate: messages a second that the program may send; at 30 and below the limits of the real server hold too.
        trouble: shares of sends that meet a fault, as `faults.RandomFaults`; None for some of each kind.
        url: the database; "" for a file in the folder.
    """
    began = time.monotonic()
    url = url or ledger.address(folder)
    options = ["--real-limits"] if rate <= SLOWEST_WITH_LIMITS else []
    async with open_server(folder, *options) as server:
        people = await server.ask("users", count=chats)
        await ledger.prepare(url, people)
        await server.ask("chance", seed=seed, methods=SENDS, **(TROUBLE if trouble is None else trouble))
        async with Program(folder, server.url, rate, url=url) as program:
            fanout = Fanout(url, server, program, people, seed)
            for left in range(kills, 0, -1):
                if not await fanout.live(left):
                    await ledger.end_pauses(url)
            if kills:
                await server.ask("chance")
            await ledger.end_pauses(url)
            await fanout.finish()
            verdict = await fanout.judge()
    verdict.seconds = time.monotonic() - began
    if verdict.kills < kills:
        verdict.complaints.append(f"only {verdict.kills} of {kills} kills came while something was sent")
    return verdict
