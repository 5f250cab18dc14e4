"""Flood limits: how many messages a bot may send before the server answers 429.

*Source*: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from .failures import too_many
from .world import Chat


@dataclass(frozen=True, slots=True)
class FloodLimits:
    """Messages in any window of that length; None switches a limit off. `REAL_LIMITS` has the published ones."""

    per_second: int | None = None
    per_private_chat_per_second: int | None = None
    per_group_per_minute: int | None = None


REAL_LIMITS = FloodLimits(per_second=30, per_private_chat_per_second=1, per_group_per_minute=20)


class Flood:
    """Sliding windows over accepted messages; refused ones do not count."""

    def __init__(self, limits: FloodLimits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self.clock = clock
        self._all: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}

    def take(self, chat: Chat, messages: int = 1) -> None:
        """Count messages to a chat.

        Raises:
            ApiError: 429 with the whole seconds after which they would fit.
        """
        limits = self.limits
        windows: list[tuple[deque[float], int, float]] = []
        if limits.per_second is not None:
            windows.append((self._all, limits.per_second, 1.0))
        per_chat = limits.per_private_chat_per_second if chat.is_private else limits.per_group_per_minute
        if per_chat is not None:
            windows.append((self._chats.setdefault(chat.id, deque()), per_chat, 1.0 if chat.is_private else 60.0))
        if not windows:
            return
        now = self.clock()
        wait = max(_wait(window, limit, length, now, messages) for window, limit, length in windows)
        if wait > 0:
            raise too_many(max(1, math.ceil(wait)))
        for window, _, _ in windows:
            window.extend([now] * messages)


def _wait(window: deque[float], limit: int, length: float, now: float, messages: int) -> float:
    while window and window[0] <= now - length:
        window.popleft()
    excess = len(window) + messages - limit
    if excess <= 0 or not window:
        return 0.0
    return window[min(excess, len(window)) - 1] + length - now
