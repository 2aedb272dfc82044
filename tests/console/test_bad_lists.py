"""What goes wrong with lists, in the wizard: a row and a sentence, good rows kept, bad ones in a file."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from dataclasses import dataclass

import pytest
from openpyxl import Workbook
from tests.console.desk import at_desk, text_of, url
from tests.console.test_imports import (
    BOOTH,
    a_file,
    agree,
    batch_id_of,
    check,
    confirm,
    declare,
    hand_in,
    kept_files,
    people,
)
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.imports import running, selectors, services
from shodaku.imports.domain import TooManyBytes, UnreadableFile, open_rows

pytestmark = pytest.mark.usefixtures("database")
HEAD = "メールアドレス,氏名,名刺交換日\n"
GOOD = "good@sample.example,良い 人,2026-10-01\n"


@dataclass(frozen=True)
class Bad:
    """A list of two good rows around a third one."""

    row: bytes | str
    ja: str
    en: str
    taken: bool = False  # the row is brought in all the same, without what was wrong


BAD_ROWS = {
    "mixed encodings in one file": Bad(
        "mixed@sample.example,😀 絵文字,\n".encode(),
        "文字を読めない行です。",
        "Characters of this row cannot be read.",
    ),
    "a row in UTF-8 of which cp932 damages no character": Bad(
        "mixed@sample.example,田中,\n".encode(),
        "文字を読めない行です。",
        "Characters of this row cannot be read.",
    ),
    "three addresses in one cell": Bad(
        '"a@sample.example, b@sample.example;c@sample.example",三人,\n',
        "1つの欄に宛先が2つ以上あります。",
        "One cell holds several addresses.",
    ),
    "an address in the name field": Bad(
        ",name@sample.example,\n", "名前の欄に宛先があります。", "The address stands where the name should."
    ),
    "an address beside an address": Bad(
        "third@sample.example,third@sample.example,\n",
        "名前の欄にメールアドレスがあるため、名前を空にしました。",
        "The name is an e-mail address and was left out.",
        taken=True,
    ),
    "a formula for an address": Bad(
        "=HYPERLINK(A1),数式,\n", "宛先の欄に計算式があります。", "The address is a formula."
    ),
    "a formula elsewhere": Bad(
        "third@sample.example,=B2,\n",
        "計算式の欄は読まずに空にしました。",
        "Cells with formulas were left out.",
        taken=True,
    ),
    "an impossible day": Bad(
        "third@sample.example,日付,2026-02-30\n",
        "日付を読めないため、空にしました。",
        "The date cannot be read and was left out.",
        taken=True,
    ),
    "more cells than headings": Bad(
        "third@sample.example,列,2026-10-01,東京都,千代田区\n",
        "見出しより列が多い行です。",
        "This row has more cells than headings.",
    ),
}  # fmt: skip


def a_list(row):
    around = [HEAD + GOOD, GOOD.replace("good", "well")]
    first, last = (each.encode("cp932") for each in around)
    return a_file(first + (row if isinstance(row, bytes) else row.encode("cp932")) + last)


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_told_by_its_number_and_the_good_ones_are_brought_in(name):
    shop, bad = a_shop(), BAD_ROWS[name]
    desk = at_desk(shop)
    batch_id, page = check(desk, shop, file=a_list(bad.row))
    assert bad.en in page
    assert bad.ja in text_of(at_desk(shop, language="ja").get(url(shop, "import", batch_id)))
    assert [line for line, _ in rows_to_correct(desk, shop, batch_id)] == ["3"]
    agree(desk, shop, batch_id)
    (batch,) = selectors.batches(shop.workspace_id)
    taken = 3 if bad.taken else 2
    assert (people(shop), batch.counts.get("pending"), batch.counts.get("faulty", 0)) == (
        taken,
        taken,
        3 - taken,
    )
    ((line, cells),) = rows_to_correct(desk, shop, batch_id)
    assert (line, bad.ja in cells[3], bad.en in cells[4]) == ("3", True, True)


def rows_to_correct(desk, shop, batch_id):
    """Number and cells of each row of the file to take along."""
    content = desk.post(url(shop, "import_rows", batch_id)).content.decode("utf-8-sig")
    return [(cells[0], cells) for cells in list(csv.reader(io.StringIO(content)))[1:]]


def test_the_file_of_bad_rows_corrected_is_a_list_that_is_brought_in():
    shop = a_shop()
    desk = at_desk(shop)
    rows = BAD_ROWS["an address in the name field"].row + "nobody,だれ か,2026-10-02\n"
    batch_id, page = check(desk, shop, file=a_list(rows))
    assert "to be corrected and handed in on their own" in page
    kept = desk.post(url(shop, "import_rows", batch_id)).content.decode("utf-8-sig")
    heading, *bad = list(csv.reader(io.StringIO(kept)))
    assert heading[5:] == ["メールアドレス", "氏名", "名刺交換日"]
    assert [each[5:] for each in bad] == [
        ["", "name@sample.example", ""],
        ["nobody", "だれ か", "2026-10-02"],
    ]
    agree(desk, shop, batch_id)
    corrected = kept.replace(",name@sample.example,", "name@sample.example,名前,").replace(
        "nobody,", "somebody@sample.example,"
    )
    again, _ = check(desk, shop, file=a_file(corrected))
    agree(desk, shop, again)
    assert people(shop) == 4


def test_what_stands_in_the_rows_is_for_those_who_bring_lists_in():
    shop = a_shop()
    batch_id, _ = check(at_desk(shop), shop, file=a_list("nobody,だれ か,\n"))
    content = at_desk(shop, Role.DEVELOPER).post(url(shop, "import_rows", batch_id)).content.decode()
    assert "だれ か" not in content
    assert "ADDR_FORM" in content


def test_of_very_many_bad_rows_the_page_says_how_many_it_names(monkeypatch):
    monkeypatch.setattr(running, "FOUND_ROWS_MAX", 3)
    monkeypatch.setattr(services, "FOUND_ROWS_MAX", 3)
    monkeypatch.setattr(services, "SHOWN_ROWS_MAX", 2)
    shop = a_shop()
    desk = at_desk(shop)
    batch_id, page = check(desk, shop, file=a_list("x,だれ,\n" * 5))
    assert "the first 3 of each kind, and all of them after the import" in page
    assert len(rows_to_correct(desk, shop, batch_id)) == 3
    agree(desk, shop, batch_id)
    assert [line for line, _ in rows_to_correct(desk, shop, batch_id)] == ["3", "4", "5", "6", "7"]


def packed(name="list.csv"):
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, HEAD + GOOD)
    return inside.getvalue()


def a_bomb():
    """A workbook whose words unpack to more than there is room for."""
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as words:
            for _ in range(110):
                words.write(bytes(1024 * 1024))
    return inside.getvalue()


WHOLE_FILES = {
    "a zip": (
        packed(),
        "このファイルは読めません（古い形式やパスワード付きのExcel、zipなど）。",
        "This file cannot be read (old or locked Excel files, zip and others).",
    ),
    "a zip by another name": (packed("../../etc/passwd"), "zipなど", "zip and others"),
    "a bomb": (a_bomb(), "ファイルが大きすぎます", "The file is too large"),
    "nothing": (b"", "取り込む行がありません。", "There are no rows to import."),
    "headings and nothing below": (HEAD.encode(), "取り込む行がありません。", "There are no rows to import."),
    "a quotation mark that never ends": (
        (HEAD + '"' + GOOD * 3000).encode(), "2行目の引用符（&quot;）が", "is not closed properly in row 2"
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", WHOLE_FILES)
def test_a_file_that_is_no_list_is_refused_whole_in_one_sentence_and_nothing_is_kept(name, language):
    shop = a_shop()
    data, ja, en = WHOLE_FILES[name]
    answer = hand_in(at_desk(shop, language=language), shop, a_file(data, "list.csv"))
    assert answer.status_code == 422
    assert (ja if language == "ja" else en) in text_of(answer)
    assert (selectors.batches(shop.workspace_id), kept_files(shop)) == ([], [])


def test_a_file_of_two_gigabytes_is_refused_by_its_size_and_not_read(tmp_path):
    with (tmp_path / "list.csv").open("w+b") as stream:
        stream.write((HEAD + GOOD).encode())
        os.truncate(stream.fileno(), 2 * 1024**3)
        stream.seek(0)
        with pytest.raises(TooManyBytes) as refused:
            open_rows(_Counted(stream))
    assert (
        refused.value.sentence("ja") == "ファイルが大きすぎます（512 MBまで）。分けてから取り込んでください。"
    )
    assert (
        refused.value.sentence("en")
        == "The file is too large (at most 512 MB). Split it and import the parts."
    )


class _Counted(io.RawIOBase):
    """Gives a megabyte of another stream away, and no more."""

    def __init__(self, inside):
        self._inside, self._left = inside, 1024 * 1024

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=io.SEEK_SET):
        return self._inside.seek(offset, whence)

    def tell(self):
        return self._inside.tell()

    def read(self, size=-1):
        given = self._inside.read(size)
        self._left -= len(given)
        assert self._left >= 0, "the file is being read whole"
        return given


def test_headings_of_another_language_lead_to_the_question_which_column_is_which():
    shop = a_shop()
    desk = at_desk(shop)
    text = "우편,성명\na@sample.example,山田 一\nnobody,山田 二\n"
    batch_id = batch_id_of(hand_in(desk, shop, a_file(text)))
    assert confirm(desk, shop, batch_id, column_0="email", column_1="name").status_code == 302
    declare(desk, shop, batch_id)
    assert [line for line, _ in rows_to_correct(desk, shop, batch_id)] == ["3"]
    agree(desk, shop, batch_id)
    assert people(shop) == 1


def test_the_same_file_twice_doubles_nobody_and_says_when_it_came_first():
    shop = a_shop()
    desk = at_desk(shop)
    first, _ = check(desk, shop, file=a_list("third@sample.example,三,\n"))
    agree(desk, shop, first)
    second, page = check(desk, shop, file=a_list("third@sample.example,三,\n"))
    assert "The very same file was brought in on" in page
    assert [line for line, _ in rows_to_correct(desk, shop, second)] == ["2", "3", "4"]
    assert people(shop) == 3


def test_in_a_workbook_the_rows_are_those_of_the_sheet():
    book = Workbook()
    for row in (("メールアドレス", "氏名"), ("good@sample.example", "良い 人"), ("nobody", "だれ か")):
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    shop = a_shop()
    desk = at_desk(shop)
    batch_id, _ = check(desk, shop, file=a_file(saved.getvalue(), "名簿.xlsx"), **BOOTH)
    ((line, cells),) = rows_to_correct(desk, shop, batch_id)
    assert (line, cells[5:]) == ("3", ["nobody", "だれ か"])


def test_every_sentence_of_a_file_fits_where_it_is_said():
    for kind in UnreadableFile.__subclasses__():
        assert kind.ja.endswith("ください。")
        assert "(" not in kind.ja.replace("(.xlsx)", "")
