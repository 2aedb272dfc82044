"""A calendar file for other programs (RFC 5545). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

OCTETS_A_LINE: Final = 75  # section 3.1; of UTF-8, without the end of the line
_PRODUCT: Final = "-//Shodaku//Calendar//EN"


@dataclass(frozen=True, slots=True)
class Entry:
    """`at` a day: all of it. `uid` stays the same for the same thing, so that a program replaces it."""

    uid: str
    at: datetime | date
    title: str
    url: str


def calendar_file(entries: Iterable[Entry], now: datetime) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN"]
    for entry in entries:
        lines += _event(entry, now)
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _event(entry: Entry, now: datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(entry.uid)}",
        f"DTSTAMP:{_moment(now)}",
        *_times(entry.at),
        f"SUMMARY:{_escaped(entry.title)}",
        f"URL:{entry.url}",
        "END:VEVENT",
    ]


def _times(at: datetime | date) -> list[str]:
    if isinstance(at, datetime):
        return [f"DTSTART:{_moment(at)}", "DURATION:PT30M"]
    return [
        f"DTSTART;VALUE=DATE:{at:%Y%m%d}",
        f"DTEND;VALUE=DATE:{at + timedelta(days=1):%Y%m%d}",
        "TRANSP:TRANSPARENT",
    ]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Section 3.3.11. A control character would begin a line of its own, so it becomes a space."""
    safe = "".join(each if each.isprintable() else " " for each in text)
    return safe.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[bytes]:
    """No character is cut in two; every further line begins with a space."""
    part = b""
    for each in line:
        octets = each.encode()
        if len(part) + len(octets) > OCTETS_A_LINE:
            yield part
            part = b" "
        part += octets
    yield part
