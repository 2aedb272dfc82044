"""Days and instants as Japanese lists write them: 令和8年11月22日, R8.11.22, 20261122, or Excel's 46348."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Final

JST: Final = timezone(timedelta(hours=9), "JST")

# first and last day; what lies outside is a slip of the pen, not a date
_ERAS: Final = {
    "r": (date(2019, 5, 1), date.max),
    "h": (date(1989, 1, 8), date(2019, 4, 30)),
    "s": (date(1926, 12, 25), date(1989, 1, 7)),
    "t": (date(1912, 7, 30), date(1926, 12, 24)),
}
_ERA_OF: Final = {
    "令和": "r",
    "令": "r",
    "平成": "h",
    "平": "h",
    "昭和": "s",
    "昭": "s",
    "大正": "t",
    "大": "t",
}

_DAY: Final = r"(\d{1,2})[-/.月](\d{1,2})日?"
_WESTERN: Final = re.compile(rf"((?:19|20)\d\d)[-/.年]{_DAY}")
_COMPACT: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_JAPANESE: Final = re.compile(rf"(令和|平成|昭和|大正|[令平昭大]|[rhst])\.?(\d{{1,2}}|元)[-/.年]{_DAY}")
_WEEKDAY: Final = re.compile(r"\([月火水木金土日](?:曜日?)?\)")
_MOMENT: Final = re.compile(
    r"(?P<day>.+?)"
    r"(?:(?: |t|(?<=日))(?P<hour>\d{1,2})[:時](?P<minute>\d{1,2})分?"
    r"(?::?(?P<second>\d{1,2})(?:\.\d+)?秒?)?(?P<zone>z|[+-]\d\d:?\d\d)?)?"
)
_SERIAL: Final = re.compile(r"(\d{5})(?:\.(\d+))?")
_SERIAL_ZERO: Final = date(1899, 12, 30)
_SERIALS: Final = range(18_264, 73_051)  # 1950-2099: other five-digit numbers are no dates


class UnreadDate(ValueError):
    """A date that cannot be read for certain: 11/22/2026 and 22/11/2026 are both written."""


def parse_day(text: str) -> date:
    """Raises UnreadDate. Source: JAPAN.md sections 3 and 6."""
    return parse_moment(text).date()


def parse_moment(text: str, zone: tzinfo = JST) -> datetime:
    """With a zone; a day alone is its first instant in `zone`. Raises UnreadDate."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    plain = re.sub(r"(?<=[-/.年月]) +", "", _WEEKDAY.sub("", plain))
    try:
        return _serial_moment(plain, zone) or _written_moment(plain, zone)
    except ValueError:
        raise UnreadDate("a date that cannot be read") from None


def _serial_moment(plain: str, zone: tzinfo) -> datetime | None:
    """A spreadsheet counts days from the end of 1899; the fraction is the time."""
    serial = _SERIAL.fullmatch(plain)
    if not serial or int(serial[1]) not in _SERIALS:
        return None
    day = _SERIAL_ZERO + timedelta(days=int(serial[1]))
    seconds = round(float(f"0.{serial[2] or 0}") * 86_400)
    return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(seconds=seconds)


def _written_moment(plain: str, zone: tzinfo) -> datetime:
    written = _MOMENT.fullmatch(plain)
    if not written:
        raise UnreadDate
    day = _written_day(written["day"].strip())
    offset = written["zone"]
    return datetime(
        day.year,
        day.month,
        day.day,
        int(written["hour"] or 0),
        int(written["minute"] or 0),
        int(written["second"] or 0),
        tzinfo=datetime.strptime(offset.upper(), "%z").tzinfo if offset else zone,
    )


def _written_day(plain: str) -> date:
    if western := _WESTERN.fullmatch(plain) or _COMPACT.fullmatch(plain):
        return date(int(western[1]), int(western[2]), int(western[3]))
    japanese = _JAPANESE.fullmatch(plain)
    if not japanese:
        raise UnreadDate
    first, last = _ERAS[_ERA_OF.get(japanese[1], japanese[1])]
    year = 1 if japanese[2] == "元" else int(japanese[2])
    day = date(first.year + year - 1, int(japanese[3]), int(japanese[4]))
    if not first <= day <= last:
        raise UnreadDate
    return day
