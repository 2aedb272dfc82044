"""A month of the calendar: what is none is refused, and its midnights are those of the workspace."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from shodaku.console.icalendar import OCTETS_A_LINE, Entry, calendar_file
from shodaku.console.months import Month, parse_month

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-0", "2026-13", "2026-00", "0000-01", "1999-12", "2101-01", "2026-11 ", "２０２６-11"],
)
def test_what_is_no_month_is_none(text):
    assert parse_month(text) is None


def test_a_month_knows_its_neighbours_until_the_years_end():
    assert (str(parse_month("2026-12").next), str(parse_month("2026-01").previous)) == ("2027-01", "2025-12")
    assert (parse_month("2100-12").next, parse_month("2000-01").previous) == (None, None)


def test_its_span_is_on_the_clock_of_the_workspace():
    first, after = Month(2026, 11).span(ZoneInfo("Asia/Tokyo"))
    assert first.astimezone(UTC) == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert after.astimezone(UTC) == datetime(2026, 11, 30, 15, tzinfo=UTC)


def test_its_weeks_begin_on_sunday_and_leave_out_other_months():
    weeks = Month(2026, 11).weeks()
    assert weeks[0] == [date(2026, 11, each) for each in range(1, 8)]
    assert weeks[-1] == [date(2026, 11, 29), date(2026, 11, 30), None, None, None, None, None]


def test_a_calendar_file_is_folded_between_characters_and_smuggles_no_line():
    title = "秋のお便り" * 20 + "\r\nATTENDEE:mailto:x@example.com, a;b\\"
    body = calendar_file([Entry("campaign-1@shop", NOW, title, "https://x.example/1")], NOW)
    lines = body.split(b"\r\n")
    assert all(len(line) <= OCTETS_A_LINE for line in lines)
    whole = body.replace(b"\r\n ", b"").decode()
    assert "\r\nATTENDEE" not in whole
    assert "x@example.com\\, a\\;b\\\\\r\n" in whole
    assert "DTSTART:20261125T030000Z" in whole
    assert body.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert body.endswith(b"END:VCALENDAR\r\n")


def test_what_is_of_a_whole_day_ends_at_the_next():
    body = calendar_file([Entry("ends", date(2026, 12, 31), "x", "https://x.example")], NOW).decode()
    assert "DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101" in body
