"""Whether a link was followed by a person or by a program. Pure: headers and moments in, a class out.

Of a visit nothing is kept but this class: neither the IP address nor what the program calls itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

PIXEL_LINK: Final = -1  # in place of the number of a link: the pixel was fetched
SWEEP_LINKS: Final = 3  # so many links of one message ...
SWEEP_SECONDS: Final = 1.0  # ... within this time are followed by a program
SWEEP_MEMORY_SECONDS: Final = 10.0  # what follows a sweep is a part of it
_PROGRAM_BYTES_MAX: Final = 400

_AHEAD: Final = frozenset({b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"})
_AHEAD_WORDS: Final = re.compile(rb"prefetch|prerender|preview", re.IGNORECASE)
# libraries, link scanners of mail gateways, and what fetches a page to show a picture of it in a chat
_PROGRAMS: Final = re.compile(
    rb"(?<!cu)bot\b|crawl|spider|slurp|scanner|preview|headless|phantomjs|externalhit|monitoring|validator"
    rb"|\b(?:curl|wget|python|java|go-http-client|okhttp|libwww|perl|ruby|php|axios|node|httpclient"
    rb"|apache-httpclient|winhttp|whatsapp|slack|telegram|skype)\b"
    rb"|barracuda|bitdefender|cloudmark|fireeye|fortinet|kaspersky|messagelabs|mimecast|proofpoint|safelinks"
    rb"|sophos|symantec|trendmicro|trend micro|urldefense|zscaler|\beset\b",
    re.IGNORECASE,
)
_BARE: Final = b"Mozilla/5.0"  # all that the proxy of a mail program says that fetches every picture ahead


class Actor(StrEnum):
    HUMAN = "human"
    BOT = "bot"
    PREFETCH = "prefetch"  # fetched ahead for a person who may never look


class Hit(NamedTuple):
    workspace_id: int
    mailing_id: int
    contact_id: int
    link: int  # its number in the message, or PIXEL_LINK
    actor: Actor
    at: float  # seconds since 1970


def actor_of(method: str, headers: Iterable[tuple[bytes, bytes]]) -> Actor:
    """By one request alone; names of headers in small letters (ASGI)."""
    program = b""
    for name, value in headers:
        if name == b"user-agent":
            program = value
        elif name in _AHEAD and _AHEAD_WORDS.search(value):
            return Actor.PREFETCH
    return Actor.BOT if method == "HEAD" else _actor_of_program(program[:_PROGRAM_BYTES_MAX])


@lru_cache(maxsize=4_096)
def _actor_of_program(program: bytes) -> Actor:
    if program.strip() == _BARE:
        return Actor.PREFETCH
    return Actor.BOT if not program.strip() or _PROGRAMS.search(program) else Actor.HUMAN


_Whose = tuple[int, ...]  # workspace, mailing, contact
_Opened = dict[int, float]  # link -> when it was followed last
_NEVER: Final = (math.inf, -math.inf)


class Sweeps:
    """Who followed many links of one message at once. It is shown hits in the order in which they came."""

    def __init__(self) -> None:
        self._opened: dict[_Whose, _Opened] = {}
        self._opened_before: dict[_Whose, _Opened] = {}  # what was in it until SWEEP_SECONDS ago
        self._turned_at = 0.0
        self._swept: dict[_Whose, tuple[float, float]] = {}  # when it began, and was seen last

    def see(self, hit: Hit) -> None:
        if hit.link == PIXEL_LINK:
            return
        self._turn(hit.at)
        whose = hit[:3]
        if self._is_part(whose, hit.at):
            self._swept[whose] = (self._swept[whose][0], hit.at)
            return
        opened = self._opened.get(whose)
        if opened is None:
            before = self._opened_before.get(whose)
            opened = self._opened[whose] = before.copy() if before else {}
        opened[hit.link] = hit.at
        if len(opened) >= SWEEP_LINKS:
            lately = [at for at in opened.values() if hit.at - at <= SWEEP_SECONDS]
            if len(lately) >= SWEEP_LINKS:
                self._swept[whose] = (min(lately), hit.at)

    def judged(self, hit: Hit) -> Hit:
        """A human's as it is, unless it was one of many."""
        if hit.actor is Actor.HUMAN and self._is_part(hit[:3], hit.at):
            return hit._replace(actor=Actor.BOT)
        return hit

    def _is_part(self, whose: _Whose, at: float) -> bool:
        if not self._swept:
            return False
        began_at, last_at = self._swept.get(whose, _NEVER)
        return began_at <= at <= last_at + SWEEP_MEMORY_SECONDS

    def _turn(self, at: float) -> None:
        """Two turns and it is forgotten, so that memory holds what came within two seconds."""
        if 0 <= at - self._turned_at < SWEEP_SECONDS:
            return
        self._opened_before, self._opened = self._opened, {}
        self._turned_at = at
        self._swept = {
            whose: swept for whose, swept in self._swept.items() if at - swept[1] <= SWEEP_MEMORY_SECONDS
        }
