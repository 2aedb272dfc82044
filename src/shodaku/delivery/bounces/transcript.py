"""Recipients and what is said of them, from the text of a bounce without a machine-readable part. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from shodaku.delivery.bounces.addresses import ADDRESS, addresses_in, is_robot, once, same

RECIPIENTS_MAX: Final = 200
PLACES_MAX: Final = 400
SHARED_CHARS_MAX: Final = 1_500  # of what is said of one among several


@dataclass(frozen=True, slots=True)
class Told:
    address: str
    answers: tuple[str, ...]  # the nearest to the address first
    alone: bool = True  # no other recipient in this mail, so all of it is about this one

    def among_others(self) -> Told:
        return Told(self.address, tuple(each[:SHARED_CHARS_MAX] for each in self.answers[:1]), alone=False)


_A: Final = ADDRESS.pattern
# A line that begins with the address: Postfix <a>: host …, Exim and OpenSMTPD, qmail, lists of Gmail and
# Exchange, SendGrid's name:number:<a>; or with a reply to it: Sendmail's 550 <a>... User unknown
_LINE: Final = re.compile(
    rf"^[ \t>*\"'・-]{{0,12}}(?:[\w.+-]{{1,64}}:\d{{1,12}}:|{_A} (?=<))?<?({_A})>?(?=[\s:,;(\[<)>.*]|$)"
    rf"|\bmailing list <({_A})>"
    rf"|^[ \t]*[245]\d\d[ -](?:[245]\.\d{{1,3}}\.\d{{1,3}} )?<({_A})>\.\.\.",
    re.MULTILINE,
)
_ALONE: Final = re.compile(rf"^[ \t]*<?({_A})>?:?[ \t]*$", re.MULTILINE)
_LABEL: Final = re.compile(
    rf"""(?:\b(?:recipient(?:s|\(s\))?(?:[ ]address)?|userid|attempts|errors?|mailing[ ]list)
           |\b(?:(?:rcpt|addressed|delivered)[ ])?to
           |宛先|送信先|あて先|メールアドレス)[ ]?[:：]?\s{{0,8}}["'(]?<?({_A})""",
    re.IGNORECASE | re.VERBOSE,
)


def told_in(text: str, named: Sequence[str], sender: Sequence[str]) -> list[Told]:
    """`named` are recipients that a header names; `sender` is whom the bounce came to, hence none of them."""
    if named and not any(same(each) in text.lower() for each in named) and _ALONE.search(text):
        named = ()  # a list of recipients that does not fit the text: a forwarded one came in between
    places = list(islice(_places(text, named), PLACES_MAX))
    ours = {same(each) for each in sender}
    chosen = [
        place for place in places if same(place.address) not in ours and not is_robot(place.address)
    ] or places
    blocks = _blocks(text, chosen)
    if named:
        alone = len(named) == 1
        return [Told(each, _answers(blocks.get(same(each), ""), text, alone), alone) for each in once(named)]
    addresses = once(place.address for place in chosen)[:RECIPIENTS_MAX]
    alone = len(addresses) == 1
    if alone:
        return [Told(each, (blocks[same(each)], text)) for each in addresses]
    common = text[: min(chosen[0].start, SHARED_CHARS_MAX)] if chosen else ""
    return [Told(each, (blocks[same(each)][:SHARED_CHARS_MAX], common), alone=False) for each in addresses]


def _answers(block: str, text: str, alone: bool) -> tuple[str, ...]:  # noqa: FBT001 - a fact, not a switch
    if alone:
        return (block, text)
    return (block[:SHARED_CHARS_MAX],) if block else (text[:SHARED_CHARS_MAX],)


@dataclass(frozen=True, slots=True)
class _Place:
    address: str
    start: int
    end: int
    replied: bool = False  # the line is itself the end of what is said


def _places(text: str, named: Sequence[str]) -> Iterator[_Place]:
    if named:
        wanted = {same(each) for each in named}
        for match in ADDRESS.finditer(text):
            if same(match[0]) in wanted:
                yield _Place(match[0], match.start(), match.end())
        return
    found = [
        _Place(match[1] or match[2] or match[3], match.start(), match.end(), match[3] is not None)
        for match in _LINE.finditer(text)
    ]
    if not found:
        found = [_Place(match[1], match.start(), match.end()) for match in _LABEL.finditer(text)]
    if not found:
        found = [_Place(each, text.find(each), text.find(each) + len(each)) for each in addresses_in(text)]
    yield from found


def _blocks(text: str, places: Sequence[_Place]) -> dict[str, str]:
    """What stands between an address and the next one; before it, where the address ends the dialogue."""
    blocks: dict[str, str] = {}
    for at, place in enumerate(places):
        if place.replied:
            start = _since_command(text, places[at - 1].end if at else 0, place.start)
            end = text.find("\n", place.end)
        else:
            start = place.start
            following = (
                other.start for other in places[at + 1 :] if same(other.address) != same(place.address)
            )
            end = next(following, len(text))
        piece = text[start : end if end >= 0 else len(text)]
        key = same(place.address)
        blocks.setdefault(key, piece)
    return blocks


def _since_command(text: str, start: int, end: int) -> int:
    """Where the dialogue begins that a line ends: at the last command to the server."""
    command = text.rfind("\n>>> ", start, end)
    return command + 1 if command >= 0 else text.rfind("\n", 0, end) + 1
