"""A body in base64 of which all that is the same for everybody was encoded beforehand.

Base64 encodes groups of 3 bytes; what stands after a value of unknown length begins anywhere in one. So each
run is encoded in all three phases; the value takes the 0-2 bytes that complete its group. Every block starts
on its own line: lines below 76 characters are legal in base64 (RFC 2045 section 6.8).

Our own addresses are of one length, so a run goes on through them: it holds gaps for the token, each where a
group begins, for of a token's first characters all messages of a mailing have the same.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import ClassVar, Final, NamedTuple

from shodaku.content.pages import OWN, OWN_HEAD_OCTETS, OWN_OCTETS

_SHORT_RUN: Final = 6  # static runs shorter than this ride with the values around them
_LINE: Final = 76
_LINE_BYTES: Final = 57
_CLOSING_BYTES_MAX: Final = 2  # that complete the last group of a token, wherever it began
_MIDDLE_OCTETS: Final = OWN_OCTETS - OWN_HEAD_OCTETS  # whole groups, whatever follows


class _Phase:
    """A run without `head`, its first 0-2 bytes, which complete the group of the value before it.

    Its `blocks` are static; between two of them stand the middle and the end of a token. A middle begins with
    those characters of the head that are `kept` (0-2), so that it begins with a group; an end is as many of
    the token's last ones, with its `closings`. `carry`: the last 0-2 bytes, which begin a group.
    """

    def __init__(
        self, head: bytes, blocks: list[bytes], kept: list[int], closings: list[bytes], carry: bytes
    ) -> None:
        self.head, self.blocks, self.kept, self.carry = head, blocks, kept, carry
        self._closings = closings
        self._ends: dict[bytes, list[bytes]] = {}  # by the last two characters of the token: 256 at most

    def write(self, own: bytes, out: list[bytes]) -> None:
        blocks, kept = self.blocks, self.kept
        out.append(blocks[0])
        if not kept:
            return
        key, middles = own[-2:], _middles(own)
        ends = self._ends.get(key) or self._ends_for(key)
        for at in range(len(kept)):  # by number: compiled, it costs a third of iterators
            out.append(middles[kept[at]])
            out.append(ends[at])
            out.append(blocks[at + 1])

    def _ends_for(self, key: bytes) -> list[bytes]:
        self._ends[key] = made = [
            b2a_base64(key[len(key) - kept :] + closing, newline=False) + b"\r\n"
            for kept, closing in zip(self.kept, self._closings, strict=True)
        ]
        return made


@lru_cache(maxsize=1)  # text and HTML of one message
def _middles(own: bytes) -> tuple[bytes, bytes, bytes]:
    """With none, one and two characters of the head."""
    at = OWN_HEAD_OCTETS
    return (
        b2a_base64(own[at : at + _MIDDLE_OCTETS], newline=False),
        b2a_base64(own[at - 1 : at - 1 + _MIDDLE_OCTETS], newline=False),
        b2a_base64(own[at - 2 : at - 2 + _MIDDLE_OCTETS], newline=False),
    )


class _Group(NamedTuple):
    """A value, or values with short runs between them, and the run after it in its three phases."""

    name: str
    mixed: tuple[str | bytes, ...]  # empty when `name` says it all
    phases: tuple[_Phase, _Phase, _Phase]


class Base64Body:
    """`own_head`: with what the value of `OWN` begins, whoever gets the message."""

    encoding: ClassVar[str] = "base64"

    def __init__(self, statics: Sequence[bytes], names: Sequence[str], own_head: bytes) -> None:
        (_, first), *others = parts = _parts(statics, names)
        self._start = _phase(first, own_head, 0, last=not others)
        self._groups: list[_Group] = []
        for gathered, run in others:
            last = run is parts[-1][1]
            phases = (
                _behind(_phase(run, own_head, 0, last=last)),
                _behind(_phase(run, own_head, 1, last=last)),
                _behind(_phase(run, own_head, 2, last=last)),
            )
            mixed = tuple(gathered) if len(gathered) > 1 else ()
            self._groups.append(_Group(str(gathered[0]), mixed, phases))

    def render(self, values: Mapping[str, bytes], out: list[bytes]) -> None:
        own, phase = values[OWN], self._start
        phase.write(own, out)
        for name, mixed, phases in self._groups:
            if mixed:
                value = phase.carry + b"".join(
                    [values[part] if isinstance(part, str) else part for part in mixed]
                )
            else:
                value = phase.carry + values[name]
            phase = phases[-len(value) % 3]
            value += phase.head
            out.append(b2a_base64(value, newline=False) if len(value) <= _LINE_BYTES else _lines(value))
            phase.write(own, out)


def _parts(statics: Sequence[bytes], names: Sequence[str]) -> list[tuple[list[str | bytes], list[bytes]]]:
    """The first run alone; then each value, or values with short runs between them, with the run behind."""
    parts: list[tuple[list[str | bytes], list[bytes]]] = [([], [statics[0]])]
    for position, (name, static) in enumerate(zip(names, statics[1:], strict=True), 1):
        last = position == len(names)
        gathered, run = parts[-1]
        if name == OWN and run and (last or len(static) >= _CLOSING_BYTES_MAX):
            run.append(static)
            continue
        if run:
            gathered, run = [], []
            parts.append((gathered, run))
        gathered.append(name)
        (run if last or len(static) >= _SHORT_RUN else gathered).append(static)
    return parts


def _phase(run: Sequence[bytes], own_head: bytes, missing: int, *, last: bool) -> _Phase:
    blocks, kept, closings = [], [], []
    rest = run[0][missing:]
    for static in run[1:]:
        fixed = rest + own_head
        over = len(fixed) % 3
        closing = static[: -over % 3]
        blocks.append(_block(fixed[: len(fixed) - over]))
        kept.append(over)
        closings.append(closing)
        rest = static[len(closing) :]
    whole = len(rest) if last else len(rest) // 3 * 3
    blocks.append(_block(rest[:whole]))
    return _Phase(run[0][:missing], blocks, kept, closings, rest[whole:])


def _behind(phase: _Phase) -> _Phase:
    """It ends the line of the value before it."""
    phase.blocks[0] = b"\r\n" + phase.blocks[0]
    return phase


def _block(data: bytes) -> bytes:
    return _lines(data) + b"\r\n" if data else b""


def _lines(data: bytes) -> bytes:
    text = b2a_base64(data, newline=False)
    if len(text) <= _LINE:
        return text
    return b"\r\n".join([text[at : at + _LINE] for at in range(0, len(text), _LINE)])
