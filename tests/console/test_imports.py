"""A list is checked before it is brought in; nothing is written at the check, and no file stays behind."""

from __future__ import annotations

import io
import json
import os
import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_shop

from shodaku.accounts.domain import Role
from shodaku.console.import_forms import ImportBasis
from shodaku.contacts import selectors as contacts
from shodaku.imports import files, running, selectors, services
from shodaku.kit import clock, db, runtime

pytestmark = pytest.mark.usefixtures("database")
LIST = "メールアドレス,氏名\nichi@example.jp,山田 一\nni@example.jp,山田 二\nnobody,山田 三\n"
BOOTH = {"evidence": "展示会の受付、名刺箱3", "evidence_on": "2026-10-01"}


@pytest.fixture
def shop():
    return a_shop()


def a_file(text=LIST, name="list.csv"):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text, content_type="text/csv")


def hand_in(desk, shop, file=None):
    return desk.post(url(shop, "import_new"), {"list": file or a_file()})


def batch_id_of(answer):
    return int(re.search(r"/imports/(\d+)/", answer["Location"])[1])


def confirm(desk, shop, batch_id, **changed):
    """The columns as they are proposed, but for what is changed."""
    page = text_of(desk.get(url(shop, "import_columns", batch_id)))
    chosen = {}
    for name, options in re.findall(r'<select name="(column_\d+)"(.*?)</select>', page, re.DOTALL):
        selected = re.search(r'<option value="([^"]*)" selected', options)
        chosen[name] = selected[1] if selected else ""
    return desk.post(url(shop, "import_columns", batch_id), {**chosen, **changed})


def declare(desk, shop, batch_id, **declared):
    return desk.post(url(shop, "import_basis", batch_id), {"basis": "business_card", **BOOTH, **declared})


def check(desk, shop, *, file=None, **declared):
    """The first three steps; the page of the check."""
    batch_id = batch_id_of(hand_in(desk, shop, file))
    confirm(desk, shop, batch_id)
    declare(desk, shop, batch_id, **declared)
    return batch_id, text_of(desk.get(url(shop, "import", batch_id)))


def agree(desk, shop, batch_id):
    return desk.post(url(shop, "import_run", batch_id), follow=True)


def people(shop):
    return len(contacts.search(shop.workspace_id, ""))


def kept_files(shop):
    home = runtime.current().home
    return [
        path for kind in ("uploads", "imports") for path in (home / kind / str(shop.workspace_id)).glob("*")
    ]


def test_without_an_import_the_page_says_what_to_do(shop):
    page = text_of(at_desk(shop).get(url(shop, "imports")))
    assert "Nothing imported yet" in page


def test_the_check_counts_the_verdicts_and_writes_nothing(shop):
    _, page = check(at_desk(shop), shop)
    assert "3 rows were read. Nothing has been written yet." in page
    assert "Import 2 people" in page
    assert "Cannot be read" in page
    assert people(shop) == 0


def test_the_last_step_brings_in_the_very_file_that_was_checked_and_deletes_it(shop):
    desk = at_desk(shop)
    batch_id, _ = check(desk, shop)
    assert len(kept_files(shop)) == 1
    report = text_of(agree(desk, shop, batch_id))
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
    batch_id, page = check(desk, shop, file=a_file(saved.getvalue(), "名簿.xlsx"))
    assert "1 row was read." in page
    assert "The zero missing at the front of the telephone number was put back." in page
    assert "名簿.xlsx" in text_of(agree(desk, shop, batch_id))
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
    batch_id, page = check(desk, shop, **declared)
    assert "With consent" in page
    agree(desk, shop, batch_id)
    (batch,) = selectors.batches(shop.workspace_id)
    assert batch.counts["accepted"] == 2
    assert batch.evidence == "夏祭りの申込書"
    assert batch.evidence_on == day


def test_a_consent_of_tomorrow_is_refused_at_the_form(shop):
    day = (datetime.now(UTC) + timedelta(days=2)).date()  # noqa: TID251 - a test is an edge
    desk = at_desk(shop)
    batch_id = batch_id_of(hand_in(desk, shop))
    confirm(desk, shop, batch_id)
    answer = declare(desk, shop, batch_id, basis="consent", evidence_on=day.isoformat())
    assert answer.status_code == 422
    assert "This day is still to come." in text_of(answer)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("evidence", "Say where the cards were given."), ("evidence_on", "Say when the cards were given.")],
)
def test_cards_are_declared_with_their_place_and_day(shop, missing, sentence):
    desk = at_desk(shop)
    batch_id = batch_id_of(hand_in(desk, shop))
    confirm(desk, shop, batch_id)
    answer = declare(desk, shop, batch_id, **{missing: ""})
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_cards_with_a_column_of_days_need_no_day_for_all(shop):
    desk = at_desk(shop)
    _, page = check(desk, shop, file=a_file("メール,名刺交換日\na@example.jp,2026-11-01\n"), evidence_on="")
    assert "1 row was read." in page


def test_what_the_headings_say_is_proposed_and_may_be_corrected(shop):
    desk = at_desk(shop)
    text = "メールアドレス,担当者,好きな色\na@example.jp,株式会社見本,青\n"
    batch_id = batch_id_of(hand_in(desk, shop, a_file(text)))
    page = text_of(desk.get(url(shop, "import_columns", batch_id)))
    assert '<option value="name" selected>' in page
    confirm(desk, shop, batch_id, column_1="company", column_2="=")
    declare(desk, shop, batch_id)
    agree(desk, shop, batch_id)
    with db.transaction(shop.workspace_id) as connection:
        kept = connection.execute(
            "select company, family_name, attributes from contact where workspace_id = %s",
            [shop.workspace_id],
        ).fetchone()
    assert (kept[0], kept[1], json.loads(kept[2])) == ("株式会社見本", None, {"好きな色": "青"})


def test_a_list_with_headings_of_another_language_asks_for_its_column_of_addresses(shop):
    desk = at_desk(shop)
    batch_id = batch_id_of(hand_in(desk, shop, a_file("이름,전자우편\n山田,x\n")))
    answer = confirm(desk, shop, batch_id)
    assert answer.status_code == 422
    assert "Choose the column with the e-mail addresses." in text_of(answer)
    assert confirm(desk, shop, batch_id, column_1="email").status_code == 302


def test_one_field_has_one_column(shop):
    desk = at_desk(shop)
    batch_id = batch_id_of(hand_in(desk, shop))
    answer = confirm(desk, shop, batch_id, column_1="email")
    assert answer.status_code == 422
    assert "Two columns are chosen for this." in text_of(answer)


def test_pressing_twice_imports_nobody_twice(shop):
    desk = at_desk(shop)
    batch_id, _ = check(desk, shop)
    for _ in range(2):
        assert agree(desk, shop, batch_id).status_code == 200
    assert people(shop) == 2


def test_the_same_file_a_second_time_is_said_before_it_is_brought_in(shop):
    desk = at_desk(shop)
    batch_id, _ = check(desk, shop)
    agree(desk, shop, batch_id)
    _, page = check(desk, shop)
    assert "The very same file was brought in on" in page
    assert "There is nobody to import in this list." in page


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "There are no rows to import."), ("ja", "取り込む行がありません。")],
)
def test_a_file_that_is_no_list_is_told_at_its_field_in_the_readers_language(shop, language, sentence):
    answer = hand_in(at_desk(shop, language=language), shop, a_file("\n\n"))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert kept_files(shop) == []


def test_a_long_list_is_left_to_a_job_that_can_be_paused(shop, monkeypatch):
    monkeypatch.setattr(running, "AT_ONCE_BYTES", 0)
    for name in ("ask_for_check", "start"):
        act = getattr(running, name)
        monkeypatch.setattr(services, name, partial(act, at_once_bytes=0))
    desk = at_desk(shop)
    batch_id, page = check(desk, shop)
    assert "Rows checked" in page
    running.check(shop.workspace_id, batch_id, now=clock.now())
    page = text_of(agree(desk, shop, batch_id))
    assert "0 / 3" in page
    assert "Rows imported" in text_of(
        desk.get(url(shop, "import_progress", batch_id), headers={"hx-request": "true"})
    )
    assert "Paused." in text_of(desk.post(url(shop, "import_pause", batch_id), follow=True))
    assert not running.run(shop.workspace_id, batch_id, now=clock.now())
    assert people(shop) == 0
    desk.post(url(shop, "import_resume", batch_id))
    assert running.run(shop.workspace_id, batch_id, now=clock.now())
    ended = desk.get(url(shop, "import_progress", batch_id), headers={"hx-request": "true"})
    assert ended["HX-Refresh"] == "true"
    assert people(shop) == 2


def test_a_draft_may_be_thrown_away_with_its_file(shop):
    desk = at_desk(shop)
    batch_id, _ = check(desk, shop)
    desk.post(url(shop, "import_discard", batch_id))
    assert selectors.batches(shop.workspace_id) == []
    assert kept_files(shop) == []


def test_an_import_is_not_seen_from_another_shop(shop):
    other = a_shop()
    batch_id, _ = check(at_desk(shop), shop)
    for name in ("import", "import_columns", "import_basis"):
        assert at_desk(other).get(url(other, name, batch_id)).status_code == 404
    assert agree(at_desk(other), other, batch_id).status_code == 404
    assert people(other) == 0


def test_what_nobody_comes_back_for_is_deleted_after_an_hour_and_the_page_says_so(shop):
    desk = at_desk(shop)
    batch_id, _ = check(desk, shop)
    (kept,) = kept_files(shop)
    assert kept.stat().st_mode & 0o077 == 0
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    files.sweep(now)
    assert kept.exists()
    old = (now - timedelta(minutes=61)).timestamp()
    os.utime(kept, (old, old))
    assert files.sweep(now) == 1
    answer = agree(desk, shop, batch_id)
    assert answer.status_code == 422
    assert "The file is kept for an hour only." in text_of(answer)
    assert selectors.batches(shop.workspace_id) == []


def test_a_file_that_is_too_large_gets_one_clear_sentence_before_it_is_read(shop):
    answer = at_desk(shop, enforce_csrf_checks=True).generic(
        "POST",
        url(shop, "import_new"),
        b"",
        "multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(2 * 1024 * 1024 * 1024),
    )
    assert answer.status_code == 413
    assert "The file is too large. The limit is 200 MB" in text_of(answer)


def test_handing_in_needs_the_token_of_the_form(shop):
    desk = at_desk(shop, enforce_csrf_checks=True)
    assert hand_in(desk, shop).status_code == 403
    assert kept_files(shop) == []


@pytest.mark.parametrize("brought_in", [False, True])
def test_the_rows_to_correct_can_be_taken_along_in_both_languages(shop, brought_in):
    a_contact(shop, "ichi@example.jp")
    desk = at_desk(shop)
    batch_id, _ = check(desk, shop)
    if brought_in:
        agree(desk, shop, batch_id)
    answer = desk.post(url(shop, "import_rows", batch_id))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"] == f'attachment; filename="import-{batch_id}.csv"'
    # what stands in them, as long as the list is kept
    headings = "" if brought_in else ",メールアドレス,氏名"
    assert lines[0] == f"Row,Verdict,Code,日本語,English{headings}"
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["2", "Known before", "ALREADY_KNOWN"],
        ["4", "Cannot be read", "ADDR_FORM"],
    ]
    assert (
        'すでに連絡先にあるか、この一覧の前の行にあります。,"Already among the contacts, or in a row above."'
        in lines[1]
    )
    assert not any(line.startswith(("=", "+", "-", "@")) for line in lines)


def test_a_developer_imports_nothing(shop):
    batch_id, _ = check(at_desk(shop), shop)
    desk = at_desk(shop, Role.DEVELOPER)
    assert hand_in(desk, shop).status_code == 403
    for name in ("import_run", "import_columns", "import_basis", "import_pause", "import_discard"):
        assert desk.post(url(shop, name, batch_id), {}).status_code == 403
    assert desk.get(url(shop, "imports")).status_code == 200
    assert "Import 2 people" not in text_of(desk.get(url(shop, "import", batch_id)))


def test_what_only_one_relation_asks_for_stands_under_its_name(shop):
    desk = at_desk(shop, language="en")
    batch_id = batch_id_of(hand_in(desk, shop))
    confirm(desk, shop, batch_id)
    page = text_of(desk.get(url(shop, "import_basis", batch_id)))
    order = [
        *('name="basis"', 'name="evidence"', 'name="evidence_on"', 'name="country"'),
        *("<h2>If they agreed to it", 'name="wording"', 'name="topic"', 'name="confirmed"'),
        *("<h2>If they bought from us", 'name="relation"'),
        *("<h2>If somebody else", 'name="provision"', 'name="named_sender"', 'name="purchased"'),
    ]
    places = [page.index(each) for each in order]
    assert places == sorted(places)
    form = ImportBasis(topics=[], dated=False)
    assert {each.name for section in form.sections() for each in section.fields} == set(form.fields)
