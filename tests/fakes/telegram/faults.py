"""Trouble by script or by chance: errors, floods, lost answers and slow ones."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from .failures import ApiError, too_many

_GATEWAY_WORDS = {502: "502 Bad Gateway", 504: "504 Gateway Time-out"}


class FaultKind(StrEnum):
    """What goes wrong, and whether the call had its effect."""

    ERROR = "error"
    """Refused with an error, nothing happened."""
    ERROR_AFTER = "error_after"
    """The call had its effect, yet an error is answered."""
    GATEWAY_AFTER = "gateway_after"
    """The call had its effect, yet a proxy on the way lost the answer and gives a page of its own, or nothing."""
    RESET_BEFORE = "reset_before"
    """The connection breaks, nothing happened."""
    RESET_AFTER = "reset_after"
    """The call had its effect, then the connection breaks: the answer is lost."""
    DELAY = "delay"
    """The call has its effect at once, the answer comes after `seconds` of real time."""
    HOLD = "hold"
    """The call has its effect at once, the answer comes after `release_held()`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One misfortune; build it with the functions below.

    Attributes:
        page: what a proxy answers with, as HTML; "" for an empty body.
    """

    kind: FaultKind
    code: int = 500
    description: str = "Internal Server Error"
    retry_after: int = 0
    seconds: float = 0.0
    page: str = ""

    def as_error(self) -> ApiError:
        """The answer of an ERROR or ERROR_AFTER."""
        return too_many(self.retry_after) if self.retry_after else ApiError(self.code, self.description)


def error(code: int = 502, description: str = "Bad Gateway") -> Fault:
    """A refusal before anything happened, such as 502, or 403 with its words."""
    return Fault(FaultKind.ERROR, code, description)


def error_after(code: int = 504, description: str = "Gateway Timeout") -> Fault:
    """The call has its effect, yet answers with an error."""
    return Fault(FaultKind.ERROR_AFTER, code, description)


def gateway_after(code: int = 504, *, has_page: bool = True) -> Fault:
    """The call has its effect, yet a proxy on the way answers 502 or 504 with nginx's own page, or with nothing.

    *Source*: https://github.com/nginx/nginx, src/http/ngx_http_special_response.c.
    """
    words = _GATEWAY_WORDS[code]
    page = f"<html>\r\n<head><title>{words}</title></head>\r\n<body>\r\n<center><h1>{words}</h1></center>\r\n"
    page += "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    return Fault(FaultKind.GATEWAY_AFTER, code, page=page if has_page else "")


def flood(retry_after: int) -> Fault:
    """A 429 out of the blue."""
    return Fault(FaultKind.ERROR, 429, retry_after=retry_after)


def reset_before() -> Fault:
    """A broken connection before the call was processed."""
    return Fault(FaultKind.RESET_BEFORE)


def reset_after() -> Fault:
    """A broken connection after the call was accepted."""
    return Fault(FaultKind.RESET_AFTER)


def delay(seconds: float) -> Fault:
    """An accepted call whose answer comes late."""
    return Fault(FaultKind.DELAY, seconds=seconds)


def hold() -> Fault:
    """An accepted call whose answer waits until `release_held()`."""
    return Fault(FaultKind.HOLD)


@dataclass(frozen=True, slots=True)
class RandomFaults:
    """Shares (0..1) of calls that go wrong by chance, the same for the same seed and order of calls.

    Attributes:
        methods: lower-case names that may go wrong; empty for all but getUpdates and getMe.
        gateway_after: of these half have a page and half an empty body, half are 502 and half 504.
        max_delay_s: a delay is drawn evenly from 0 to this.
        slow: answers that come only after `slow_s`, by which time a client should have given up.
    """

    seed: int = 0
    error: float = 0.0
    flood: float = 0.0
    reset_before: float = 0.0
    reset_after: float = 0.0
    gateway_after: float = 0.0
    delay: float = 0.0
    slow: float = 0.0
    retry_after: int = 1
    max_delay_s: float = 0.05
    slow_s: float = 60.0
    methods: tuple[str, ...] = ()


@dataclass(slots=True)
class _Scripted:
    method: str
    fault: Fault
    times: int


@dataclass(slots=True)
class Faults:
    """Which fault the next call meets; the script goes before chance."""

    policy: RandomFaults | None = None
    _script: list[_Scripted] = field(default_factory=list)
    _random: random.Random = field(default_factory=random.Random)  # noqa: S311  repeatable, not secret

    def script(self, method: str, fault: Fault, times: int) -> None:
        """The next `times` calls of a method ("*" for any) meet a fault."""
        self._script.append(_Scripted(method.lower(), fault, times))

    def set_policy(self, policy: RandomFaults | None) -> None:
        """Start or stop faults by chance."""
        self.policy = policy
        self._random = random.Random(policy.seed if policy else 0)  # noqa: S311  repeatable, not secret

    def clear(self) -> None:
        """No more faults."""
        self._script.clear()
        self.policy = None

    def next_for(self, method: str) -> Fault | None:
        """The fault of this call, None for none; `method` in lower case."""
        if self._script:
            for scripted in self._script:
                if scripted.method in {"*", method}:
                    scripted.times -= 1
                    self._script = [entry for entry in self._script if entry.times > 0]
                    return scripted.fault
        return None if self.policy is None else self._by_chance(self.policy, method)

    def _by_chance(self, policy: RandomFaults, method: str) -> Fault | None:
        if method not in policy.methods if policy.methods else method in {"getupdates", "getme"}:
            return None
        draw = self._random.random()
        chances: Iterable[tuple[float, Fault]] = (
            (policy.error, error()),
            (policy.flood, flood(policy.retry_after)),
            (policy.reset_before, reset_before()),
            (policy.reset_after, reset_after()),
            (policy.gateway_after, self._gateway()),
            (policy.slow, delay(policy.slow_s)),
            (policy.delay, delay(self._random.random() * policy.max_delay_s)),
        )
        for share, fault in chances:
            if draw < share:
                return fault
            draw -= share
        return None

    def _gateway(self) -> Fault:
        return gateway_after(self._random.choice((502, 504)), has_page=self._random.random() < 0.5)
