"""What an account has under way beside its listening."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """Tasks of one owner, which end with it; one that fails is logged at once."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something beside everything else."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("a part of an account ended", exc_info=error)

    async def until_fewer_than(self, count: int) -> None:
        """Wait until less is under way."""
        while len(self._running) >= count:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def end(self, within_s: float = 0.0) -> None:
        """Cancel what is not finished within some seconds, and wait for its end."""
        if within_s and self._running:
            await asyncio.wait(self._running, timeout=within_s)
        ending = tuple(self._running)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)  # what failed was logged when it did
