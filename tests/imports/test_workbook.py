"""A list as an Excel workbook: read like the same list as CSV, and nothing that a bad one does harms."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from shodaku.contacts.domain import Channel
from shodaku.imports import workbook
from shodaku.imports.domain import (
    BrokenWorkbook,
    Empty,
    FieldTooLarge,
    Limits,
    NoAddressColumn,
    NotText,
    TooManyBytes,
    TooManyColumns,
    TooManyRows,
    TooManySheets,
    UnreadableFile,
    open_rows,
    parse_row,
)

A_DAY = datetime.fromisoformat("2026-11-22")  # a spreadsheet knows no zones
PARTS = (None, b"", b"<a>", b"<a/>")
HEAD = ("氏名", "メールアドレス", "携帯電話", "同意日")


def saved(*sheets):
    """Each sheet: (title, rows)."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(data, limits=None):
    return open_rows(io.BytesIO(data), limits)


def a_list(*rows):
    return saved(("名簿", [HEAD, *rows]))


def repacked(data, **changes):
    """The workbook with members replaced; a member that is None is left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            fresh = changes.get(name.replace("/", "_").replace(".", "_"), old.read(name))
            if fresh is not None:
                new.writestr(name, fresh)
    return target.getvalue()


def test_a_workbook_is_read_as_a_person_would_type_it():
    rows = read(
        a_list(
            ("山田 花子", "hanako@example.jp", 9012345678, A_DAY),
            ("佐藤 一郎", "ichiro@example.jp", "080-1111-2222", A_DAY + timedelta(hours=9, minutes=30)),
        )
    )
    assert (rows.form, rows.header_row, rows.header) == ("xlsx", 1, HEAD)
    assert [row.cells for row in rows] == [
        ("山田 花子", "hanako@example.jp", "9012345678", "2026-11-22"),
        ("佐藤 一郎", "ichiro@example.jp", "080-1111-2222", "2026-11-22 09:30:00"),
    ]


def test_a_lost_zero_of_a_number_is_put_back_and_said():
    rows = read(a_list(("山田 花子", "hanako@example.jp", 9012345678.0, None)))
    parsed = parse_row(next(rows), rows.columns, Channel.EMAIL)
    assert parsed.phone.e164 == "+819012345678"
    assert "PHONE_REPAIRED" in parsed.warnings


@given(
    st.lists(
        st.tuples(st.text("あアａA1 @.-〜", max_size=8), st.integers(0, 2**53), st.booleans()),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=30, deadline=None)
def test_what_was_typed_into_the_cells_comes_back(people):
    rows = read(saved(("s", [("email", "name", "memo"), *(("a@example.jp", *row[:2]) for row in people)])))
    assert [row.cells[2] for row in rows] == [str(number) for _, number, _ in people]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "TRUE"),
        (1.5, "1.5"),
        (1e20, "1e+20"),
        (date(2026, 1, 2), "2026-01-02"),
        (time(9, 5), "09:05:00"),
        ("=1+1", ""),  # a formula that nobody has worked out
        ("#N/A", "#N/A"),
    ],
)
def test_a_cell_of_any_kind_becomes_text(value, text):
    rows = read(saved(("s", [("email", "memo"), ("a@example.jp", value), ("b@example.jp", "x")])))
    assert (*next(rows).cells, "")[1] == text


def test_the_list_may_be_on_any_sheet_and_below_a_title():
    cover = ("はじめに", [("この名簿について",)])
    people = ("一覧", [("顧客名簿",), (), HEAD, ("山田", "a@example.jp")])
    rows = read(saved(cover, people))
    assert (rows.header_row, [row.number for row in rows]) == (3, [4])


def test_empty_cells_to_the_right_are_no_columns():
    rows = read(saved(("s", [("email",), ("a@example.jp", *[None] * 40)])), Limits(columns_max=10))
    assert next(rows).cells == ("a@example.jp",)


@pytest.mark.parametrize(
    ("limits", "fault"),
    [
        (Limits(columns_max=3), TooManyColumns),
        (Limits(rows_max=1), TooManyRows),
        (Limits(field_bytes_max=8), FieldTooLarge),
        (Limits(bytes_max=1_000), TooManyBytes),
    ],
)
def test_the_limits_of_a_list_hold_for_a_workbook(limits, fault):
    with pytest.raises(fault):
        list(read(a_list(("a", "a@example.jp", "1", "x"), ("b", "b@example.jp", "2", "y")), limits))


def test_a_workbook_without_people_says_so():
    with pytest.raises(Empty):
        read(saved(("s", [])))
    with pytest.raises(Empty):
        list(read(saved(("s", [HEAD]))))
    with pytest.raises(NoAddressColumn):
        read(saved(("s", [("色", "形"), ("赤", "丸")])))


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(monkeypatch):
    data = a_list(("a", "a@example.jp", "1", "x" * 10_000))
    monkeypatch.setattr(workbook, "UNPACKED_BYTES_MAX", 2_000)
    with pytest.raises(TooManyBytes):
        read(data)


def test_a_bomb_of_zeros_is_refused_by_its_index():
    grown = repacked(a_list(("a", "a@example.jp")), xl_worksheets_sheet1_xml=b" " * (3 << 20))
    assert len(grown) < 20_000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "UNPACKED_BYTES_MAX", 1 << 20)
        with pytest.raises(TooManyBytes):
            read(grown)


def test_entities_in_the_xml_are_not_multiplied():
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY e0 "xxxxxxxxxx">{levels}]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&e11;</t></is></c></row></sheetData></worksheet>'
    )
    with pytest.raises(BrokenWorkbook):
        list(read(repacked(a_list(("a", "a@example.jp")), xl_worksheets_sheet1_xml=bomb)))


def test_too_many_sheets_are_too_many(monkeypatch):
    monkeypatch.setattr(workbook, "SHEETS_MAX", 2)
    with pytest.raises(TooManySheets):
        read(saved(*((str(n), [HEAD]) for n in range(3))))


def test_an_old_or_locked_workbook_and_any_other_archive_is_named_as_such():
    with pytest.raises(NotText):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("list.csv", "email\na@example.jp\n")
    with pytest.raises(NotText) as refused:
        read(packed.getvalue())
    assert "xlsx" in refused.value.sentence("ja")
    assert "xlsx" in refused.value.sentence("en")


def damaged(how, place, value):
    """`place` from 0 to 1."""
    whole = bytearray(WHOLE)
    match how:
        case "cut":
            return bytes(whole[: 4 + int(place * (len(whole) - 4))])
        case "byte":
            whole[4 + int(place * (len(whole) - 5))] = value
            return bytes(whole)
        case _:
            names = zipfile.ZipFile(io.BytesIO(WHOLE)).namelist()
            name = names[int(place * (len(names) - 1))].replace("/", "_").replace(".", "_")
            return repacked(WHOLE, **{name: PARTS[value % len(PARTS)]})


WHOLE = a_list(("山田", "a@example.jp", 9012345678, A_DAY))


@given(st.sampled_from(("cut", "byte", "member")), st.floats(0, 1), st.integers(0, 255))
@settings(max_examples=200, deadline=None)
def test_a_damaged_workbook_is_a_sentence_and_never_a_crash(how, place, value):
    with suppress(UnreadableFile):
        assert all(row.cells for row in read(damaged(how, place, value)))


def test_a_workbook_in_the_middle_of_a_stream_is_read_from_there():
    data = a_list(("山田", "a@example.jp"))
    source = io.BytesIO(b"before" + data)
    source.seek(6)
    assert len(list(open_rows(source))) == 1
