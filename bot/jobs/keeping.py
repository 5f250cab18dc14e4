"""Keeps what many feeds bring in few transactions: whoever comes while one is written goes into the next together."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.clock import Clock
from handlers.intake import Intake, IntakeReport
from handlers.news.items import RawItem
from storage.tables import Source

log = logging.getLogger(__name__)

# Items that go together: so many cost the writer some tenths of a second, and no longer.
TOGETHER = 100


@dataclass(eq=False, slots=True)
class _Brought:
    """What one feed brought, and what became of it."""

    source: Source
    items: Sequence[RawItem]
    report: IntakeReport | None = None
    error: Exception | None = field(default=None)

    @property
    def is_settled(self) -> bool:
        return self.report is not None or self.error is not None


class Keeper:
    """Takes in items of many feeds at once."""

    def __init__(self, intake: Intake, clock: Clock) -> None:
        self._intake = intake
        self._clock = clock
        self._waiting: deque[_Brought] = deque()
        # Analysing is work for one core, and each thread that begins it at the same time loads its own models.
        self._turn = asyncio.Lock()

    async def keep(self, items: Sequence[RawItem], source: Source) -> IntakeReport:
        """Keep the items of a source; what others brought meanwhile goes with them.

        Returns:
            What became of these items.

        Raises:
            StorageError: the database refused them.
        """
        brought = _Brought(source, items)
        self._waiting.append(brought)
        async with self._turn:
            while not brought.is_settled:
                await self._take(self._portion())
        if brought.error is not None:
            raise brought.error
        return brought.report or IntakeReport()

    def _portion(self) -> list[_Brought]:
        portion: list[_Brought] = []
        number = 0
        while self._waiting and (not portion or number + len(self._waiting[0].items) <= TOGETHER):
            portion.append(self._waiting.popleft())
            number += len(portion[-1].items)
        return portion

    async def _take(self, portion: Sequence[_Brought]) -> None:
        try:
            wanted = [(each.source, each.items) for each in portion]
            reports = await self._intake.take_in_all(wanted, now=self._clock())
        except Exception:  # one feed must never cost its neighbours
            log.info("%d feeds could not be kept together; one after the other now", len(portion), exc_info=True)
            for each in portion:
                await self._take_alone(each)
        except BaseException:
            # Who is stopped here leaves to the others what is theirs.
            self._waiting.extendleft(reversed(portion))
            raise
        else:
            for each, report in zip(portion, reports, strict=True):
                each.report = report

    async def _take_alone(self, brought: _Brought) -> None:
        try:
            brought.report = await self._intake.take_in(brought.items, source=brought.source, now=self._clock())
        except Exception as error:  # noqa: BLE001 - raised where these items came from
            brought.error = error
