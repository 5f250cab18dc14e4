"""Bodies read within bounds: bytes counted as they come, and again as they unfold."""

import zlib
from collections.abc import AsyncIterable
from typing import Protocol

import brotli
import zstandard

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_OLD = frozenset({"compress", "x-compress"})
_STEP_BYTES = 262_144
# zstd gives all that a piece unfolds to at once, and 4 bytes may stand for 128 KB: a piece comes to 8 MB at most.
_ZSTD_PIECE_BYTES = 256
# Source: RFC 8878, 3.1.1.1.2, the window that every decoder is asked to bear.
_ZSTD_WINDOW_BYTES = 8 * 1024 * 1024
# zlib can only tell that raw deflate is not its own format from the first two bytes on.
_HEADER_BYTES = 2


class BodyTooLarge(Exception):
    """The body is over the limit, as sent or unfolded."""


class BodyBroken(Exception):
    """The body is not in the encoding that its header names."""


class _Unfolding(Protocol):
    def feed(self, part: bytes) -> bytes: ...

    def end(self) -> bytes: ...


async def read_body(parts: AsyncIterable[bytes], *, encoding: str, limit_bytes: int) -> bytes:
    """The whole body, decompressed.

    Args:
        parts: the body as it came over the wire.
        encoding: the Content-Encoding header.
        limit_bytes: of the compressed and of the decompressed body; neither is ever held beyond it.

    Raises:
        BodyTooLarge: a limit is passed.
        BodyBroken: the body does not decompress, or is compressed in a way that was not asked for.
    """
    unfolding = _unfolding(encoding, limit_bytes)
    came = 0
    kept: list[bytes] = []
    size = 0
    async for part in parts:
        came += len(part)
        if came > limit_bytes:
            raise BodyTooLarge
        unfolded = unfolding.feed(part)
        size += len(unfolded)
        if size > limit_bytes:
            raise BodyTooLarge
        kept.append(unfolded)
    kept.append(unfolding.end())
    return b"".join(kept)


def _unfolding(encoding: str, limit_bytes: int) -> _Unfolding:
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in {"", "identity"}]
    if not names:
        return _AsIs()
    if len(names) > 1:  # layers multiply what a bomb unfolds to, and no server we ask needs them
        raise BodyBroken(encoding[:40])
    if names[0] in {"gzip", "x-gzip"}:
        return _Zlib(zlib.MAX_WBITS | 16, limit_bytes)
    if names[0] == "deflate":
        return _Zlib(zlib.MAX_WBITS, limit_bytes)
    if names[0] == "br":
        return _Brotli(limit_bytes)
    if names[0] == "zstd":
        return _Zstd(limit_bytes)
    if names[0] in _OLD:
        raise BodyBroken(encoding[:40])
    return _AsIs()  # a word that names no compression, like "utf-8" or "none": browsers take no notice of it either


class _AsIs:
    def feed(self, part: bytes) -> bytes:
        return part

    def end(self) -> bytes:
        return b""


class _Zlib:
    """gzip and deflate, unfolded in bounded steps: a bomb is found out before it is in memory."""

    def __init__(self, window_bits: int, limit_bytes: int) -> None:
        self._window_bits = window_bits
        self._inner = zlib.decompressobj(window_bits)
        self._left = limit_bytes
        self._is_first = True
        self._held = b""

    def feed(self, part: bytes) -> bytes:
        part, self._held = self._held + part, b""
        if self._is_first and len(part) < _HEADER_BYTES:
            self._held = part
            return b""
        out = []
        while True:
            unfolded = self._step(part)
            self._left -= len(unfolded)
            if self._left < 0:
                raise BodyTooLarge
            out.append(unfolded)
            part = self._next_member() if self._inner.eof else self._inner.unconsumed_tail
            if not part and len(unfolded) < _STEP_BYTES:  # a full step may have left more inside
                return b"".join(out)

    def _step(self, part: bytes) -> bytes:
        try:
            unfolded = self._inner.decompress(part, _STEP_BYTES)
        except zlib.error as error:
            if not self._is_first or self._window_bits != zlib.MAX_WBITS:
                raise BodyBroken(str(error)) from error
            # Some servers send raw deflate. Source: RFC 9110, 8.4.1.2, note.
            self._window_bits = -zlib.MAX_WBITS
            self._inner = zlib.decompressobj(self._window_bits)
            return self._step(part)
        self._is_first = False
        return unfolded

    def _next_member(self) -> bytes:
        """The bytes after the end: another gzip member, or padding that is dropped."""
        rest = self._inner.unused_data
        if self._window_bits == zlib.MAX_WBITS | 16 and rest.startswith(b"\x1f\x8b"):
            self._inner = zlib.decompressobj(self._window_bits)
            return rest
        return b""

    def end(self) -> bytes:
        if self._held or (not self._inner.eof and not self._is_first):
            raise BodyBroken("the body ends early")
        return b""


class _Brotli:
    """Brotli (RFC 7932) in bounded steps."""

    def __init__(self, limit_bytes: int) -> None:
        self._inner = brotli.Decompressor()
        self._left = limit_bytes

    def feed(self, part: bytes) -> bytes:
        out = []
        while True:
            try:
                unfolded = self._inner.process(part, output_buffer_limit=_STEP_BYTES)
            except brotli.error as error:
                raise BodyBroken(str(error)) from error
            self._left -= len(unfolded)
            if self._left < 0:
                raise BodyTooLarge
            out.append(unfolded)
            part = b""
            is_drained = len(unfolded) < _STEP_BYTES and self._inner.can_accept_more_data()
            if is_drained or self._inner.is_finished():
                return b"".join(out)

    def end(self) -> bytes:
        if not self._inner.is_finished():
            raise BodyBroken("the body ends early")
        return b""


class _Zstd:
    """Zstandard (RFC 8878), one frame or several, in pieces that cannot unfold to much."""

    def __init__(self, limit_bytes: int) -> None:
        self._decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
        self._inner = self._decoder.decompressobj()
        self._left = limit_bytes

    def feed(self, part: bytes) -> bytes:
        out = []
        for start in range(0, len(part), _ZSTD_PIECE_BYTES):
            unfolded = self._piece(part[start : start + _ZSTD_PIECE_BYTES])
            self._left -= len(unfolded)
            if self._left < 0:
                raise BodyTooLarge
            out.append(unfolded)
        return b"".join(out)

    def _piece(self, piece: bytes) -> bytes:
        out = []
        try:
            while piece:
                if self._inner.eof:
                    self._inner = self._decoder.decompressobj()
                out.append(self._inner.decompress(piece))
                piece = self._inner.unused_data if self._inner.eof else b""
        except zstandard.ZstdError as error:
            raise BodyBroken(str(error)) from error
        return b"".join(out)

    def end(self) -> bytes:
        if not self._inner.eof:
            raise BodyBroken("the body ends early")
        return b""
