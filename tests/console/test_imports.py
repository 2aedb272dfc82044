"""A list is checked before it is brought in; nothing is written at the check, and no file stays behind."""

from __future__ import annotations

import io
import os
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_shop

from shodaku.accounts.domain import Role
from shodaku.console import uploads
from shodaku.contacts import selectors as contacts
from shodaku.imports import selectors
from shodaku.kit import runtime

pytestmark = pytest.mark.usefixtures("database")
LIST = "メールアドレス,氏名\nichi@example.jp,山田 一\nni@example.jp,山田 二\nnobody,山田 三\n"
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@pytest.fixture
def shop():
    return a_shop()


def a_file(text=LIST, name="list.csv"):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text, content_type="text/csv")


def check(desk, shop, *, file=None, **declared):
    said = {"basis": "business_card", "list": file or a_file(), **declared}
    return desk.post(url(shop, "import_new"), said)


def agree(desk, shop, checked, **changed):
    fields = {
        name: value for name, value in HIDDEN.findall(text_of(checked)) if name != "csrfmiddlewaretoken"
    }
    return desk.post(url(shop, "import_run"), {**fields, **changed}, follow=True)


def people(shop):
    return len(contacts.search(shop.workspace_id, ""))


def kept_files(shop):
    return list((runtime.current().home / "uploads" / str(shop.workspace_id)).glob("*"))


def test_without_an_import_the_page_says_what_to_do(shop):
    page = text_of(at_desk(shop).get(url(shop, "imports")))
    assert "Nothing imported yet" in page


def test_the_check_counts_the_verdicts_and_writes_nothing(shop):
    page = text_of(check(at_desk(shop), shop))
    assert "3 rows were read. Nothing has been written yet." in page
    assert "Import 2 people" in page
    assert "Cannot be read" in page
    assert people(shop) == 0
    assert selectors.batches(shop.workspace_id) == []


def test_the_second_step_brings_in_the_very_file_that_was_checked_and_deletes_it(shop):
    desk = at_desk(shop)
    checked = check(desk, shop)
    assert len(kept_files(shop)) == 1
    report = text_of(agree(desk, shop, checked))
    assert people(shop) == 2
    assert "list.csv" in report
    assert "They gave us their business card" in report
    assert kept_files(shop) == []


def test_a_workbook_is_checked_and_brought_in_as_it_came_from_the_office(shop):
    book = Workbook()
    book.active.append(("顧客名簿",))
    for row in (("氏名", "メールアドレス", "携帯電話"), ("山田 一", "ichi@example.jp", 9012345678)):
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    desk = at_desk(shop)
    checked = check(desk, shop, file=a_file(saved.getvalue(), "名簿.xlsx"))
    assert "1 row was read." in text_of(checked)
    assert "名簿.xlsx" in text_of(agree(desk, shop, checked))
    assert people(shop) == 1


def test_a_consent_with_its_words_day_and_topic_is_accepted(shop):
    day = (datetime.now(UTC) - timedelta(days=30)).date()  # noqa: TID251 - a test is an edge
    declared = {
        "basis": "consent",
        "evidence": "夏祭りの申込書",
        "evidence_on": day.isoformat(),
        "topic": shop.topic_id,
    }
    desk = at_desk(shop)
    checked = check(desk, shop, **declared)
    assert "With consent" in text_of(checked)
    agree(desk, shop, checked)
    (batch,) = selectors.batches(shop.workspace_id)
    assert batch.counts["accepted"] == 2
    assert batch.evidence == "夏祭りの申込書"
    assert batch.evidence_on == day


def test_a_consent_of_tomorrow_is_refused_at_the_form(shop):
    day = (datetime.now(UTC) + timedelta(days=2)).date()  # noqa: TID251 - a test is an edge
    answer = check(at_desk(shop), shop, basis="consent", evidence="x", evidence_on=day.isoformat())
    assert answer.status_code == 422
    assert "This day is still to come." in text_of(answer)


def test_pressing_twice_imports_nobody_twice(shop):
    desk = at_desk(shop)
    checked = check(desk, shop)
    agree(desk, shop, checked)
    answer = agree(desk, shop, checked)
    assert answer.status_code == 422
    assert "The file is kept for an hour only." in text_of(answer)
    assert people(shop) == 2


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "No column of addresses was found."), ("ja", "宛先の列が見つかりません。")],
)
def test_a_file_that_is_no_list_is_told_at_its_field_in_the_readers_language(shop, language, sentence):
    answer = check(at_desk(shop, language=language), shop, file=a_file("色,形\n赤,丸\n"))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert kept_files(shop) == []


def test_a_name_cannot_lead_out_of_the_folder_of_kept_files(shop):
    desk = at_desk(shop)
    checked = check(desk, shop)
    for name in ("../../keys/link", "/etc/passwd", "a" * 64):
        assert agree(desk, shop, checked, upload=name).status_code == 422
    assert people(shop) == 0


def test_a_kept_file_is_not_seen_from_another_shop(shop):
    other = a_shop()
    checked = check(at_desk(shop), shop)
    assert agree(at_desk(other), other, checked).status_code == 422
    assert people(other) == 0


def test_what_nobody_comes_back_for_is_deleted_after_an_hour(shop):
    check(at_desk(shop), shop)
    (kept,) = kept_files(shop)
    assert kept.stat().st_mode & 0o077 == 0
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    uploads.sweep(now)
    assert kept.exists()
    old = (now - timedelta(minutes=61)).timestamp()
    os.utime(kept, (old, old))
    assert uploads.sweep(now) == 1
    assert not kept.exists()


def test_a_file_that_is_too_large_gets_one_clear_sentence_before_it_is_read(shop):
    answer = at_desk(shop, enforce_csrf_checks=True).generic(
        "POST",
        url(shop, "import_new"),
        b"",
        "multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(300 * 1024 * 1024),
    )
    assert answer.status_code == 413
    assert "The file is too large. The limit is 100 MB" in text_of(answer)


def test_the_check_needs_the_token_of_the_form(shop):
    desk = at_desk(shop, enforce_csrf_checks=True)
    assert check(desk, shop).status_code == 403
    assert kept_files(shop) == []


def test_the_rows_can_be_taken_along_and_no_cell_is_a_formula(shop):
    a_contact(shop, "ichi@example.jp")
    desk = at_desk(shop)
    agree(desk, shop, check(desk, shop))
    (batch,) = selectors.batches(shop.workspace_id)
    answer = desk.post(url(shop, "import_rows", batch.batch_id))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"] == f'attachment; filename="import-{batch.batch_id}.csv"'
    assert len(lines) == 1 + 3
    assert "Known before" in lines[1]
    assert not any(line.startswith(("=", "+", "-", "@")) for line in lines)


def test_a_developer_imports_nothing(shop):
    desk = at_desk(shop, Role.DEVELOPER)
    assert check(desk, shop).status_code == 403
    assert desk.post(url(shop, "import_run"), {}).status_code == 403
    assert desk.get(url(shop, "imports")).status_code == 200
