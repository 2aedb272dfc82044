"""A yes on paper, by telephone or in person is written down with what proves it, or not at all."""

from __future__ import annotations

import dataclasses
import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from tests.console.desk import at_desk, text_of, url
from tests.people import a_contact, a_shop

from shodaku.accounts.domain import Role
from shodaku.consent import selectors as consents
from shodaku.console.views import recording
from shodaku.contacts.domain import Channel
from shodaku.kit import db, runtime
from shodaku.ledger import selectors as ledger
from shodaku.ledger import vault
from shodaku.ledger.services import keep_file
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")
WORDS = "月刊ショップだよりを週4回まで受け取ります。いつでもやめられます。"
EDITORS = {Role.OWNER, Role.MARKETER, Role.CLERK}
READERS = {Role.OWNER, Role.COMPLIANCE}


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def person(shop):
    return a_contact(shop, "yamada.hanako@mail.example")


def a_scan(kind="JPEG"):
    file = io.BytesIO()
    Image.radial_gradient("L").save(file, kind)
    return file.getvalue()


def a_file(data=None, name="card.jpg", media_type="image/jpeg"):
    return SimpleUploadedFile(name, a_scan() if data is None else data, content_type=media_type)


def said(shop, **changed):
    told = {
        "topics": [shop.topic_id],
        "way": "paper",
        "on": "2026-04-01",
        "at_time": "14:30",
        "wording": WORDS,
        "scan": a_file(),
    } | changed
    return {name: value for name, value in told.items() if value is not None}


def posted(shop, person, role=Role.OWNER, *, language="en", **changed):
    desk = at_desk(shop, role, language=language)
    return desk.post(url(shop, "record_consent", person), said(shop, **changed))


def given(shop, person):
    return [each.fields for each in ledger.history(shop.workspace_id, person) if each.kind == "consent.given"]


def nothing_was_written(shop, person):
    return (
        consents.held(shop.workspace_id, person),
        ledger.history(shop.workspace_id, person),
        ledger.files_of(shop.workspace_id, person),
        consents.wordings(shop.workspace_id, "topic", shop.topic_id),
    ) == ([], [], [], [])


def test_a_card_becomes_a_consent_whose_entry_leads_to_its_scan(shop, person):
    answer = posted(shop, person)
    assert (answer.status_code, answer["Location"]) == (302, url(shop, "contact", person))
    (fields,) = given(shop, person)
    (file,) = ledger.files_of(shop.workspace_id, person)
    assert fields["form_sha256"] == file.sha256
    assert (fields["method"], fields["purpose"]) == ("paper", ["商品の案内"])
    assert fields["by"].startswith("staff:")
    assert fields["address"] == "yamada.hanako@mail.example"
    assert consents.wording_by_sha256(shop.workspace_id, fields["wording_sha256"]).text == WORDS
    (held,) = consents.held(shop.workspace_id, person)
    assert (held.state, held.topic_id) == ("active", shop.topic_id)


def test_the_time_is_that_of_the_shops_clock(shop, person):
    posted(shop, person)
    tokyo = datetime(2026, 4, 1, 14, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert datetime.fromisoformat(given(shop, person)[0]["at"]) == tokyo
    assert consents.held(shop.workspace_id, person)[0].since == tokyo


def test_the_first_day_is_a_day(shop, person):
    assert posted(shop, person, on="2000-01-01", at_time="").status_code == 302
    assert given(shop, person)[0]["at"].startswith("2000-01-01T00:00")


def test_a_day_without_a_time_counts_from_its_beginning(shop, person):
    posted(shop, person, at_time="")
    assert datetime.fromisoformat(given(shop, person)[0]["at"]).hour == 0


@pytest.mark.parametrize(("way", "method"), [("telephone", "telephone"), ("staff", "staff")])
def test_what_was_said_needs_no_paper(shop, person, way, method):
    assert posted(shop, person, way=way, scan=None).status_code == 302
    (fields,) = given(shop, person)
    assert fields["method"] == method
    assert "form_sha256" not in fields
    assert ledger.files_of(shop.workspace_id, person) == []


def test_a_note_taken_on_the_telephone_may_be_kept_too(shop, person):
    posted(shop, person, way="telephone", scan=a_file(a_scan("PNG"), "note.png", "image/png"))
    (file,) = ledger.files_of(shop.workspace_id, person)
    assert given(shop, person)[0]["form_sha256"] == file.sha256


def test_on_the_empty_page_nothing_is_ticked_or_chosen(shop, person):
    page = text_of(at_desk(shop).get(url(shop, "record_consent", person)))
    assert " checked" not in page
    assert page.count('type="checkbox"') == 2
    assert page.count('type="radio"') == 3
    assert "y****@mail.example" in page
    assert "yamada.hanako" not in page


TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()  # noqa: TID251 - a test is an edge


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"topics": None}, "topics", "Tick what the person agreed to."),
        ({"topics": [987_654]}, "topics", "not one of the available choices"),
        ({"way": None}, "way", "required"),
        ({"way": "card"}, "way", "not one of the available choices"),
        ({"way": "web-double"}, "way", "not one of the available choices"),
        ({"on": None}, "on", "required"),
        ({"on": "2026-02-30"}, "on", "valid date"),
        ({"on": TOMORROW}, "on", "This moment is still to come."),
        ({"on": "0026-04-01"}, "on", "This day is before the year 2000. Check the year."),
        ({"on": "0001-01-01", "at_time": ""}, "on", "This day is before the year 2000. Check the year."),
        ({"on": "1999-12-31", "at_time": "23:59"}, "on", "This day is before the year 2000. Check the year."),
        ({"at_time": "25:00"}, "at_time", "valid time"),
        ({"wording": None}, "wording", "required"),
        ({"wording": " \n "}, "wording", "required"),
        ({"scan": None}, "scan", "without it nothing is proved"),
        ({"scan": a_file(b"")}, "scan", "empty"),
        ({"scan": a_file(b"%PDF-1.7\n")}, "scan", "The file is a PDF"),
        ({"scan": a_file(b"<!doctype html><script>")}, "scan", "The file is a web page"),
        ({"scan": a_file(b"<svg onload='alert(1)'/>")}, "scan", "The file is an SVG drawing"),
        ({"scan": a_file(a_scan()[:-300])}, "scan", "cut off or damaged"),
    ],
)
def test_what_is_missing_or_wrong_stands_at_its_field_and_nothing_is_written(
    shop, person, wrong, field, sentence
):
    for each in wrong.values():
        if isinstance(each, SimpleUploadedFile):
            each.seek(0)
    answer = posted(shop, person, **wrong)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert set(form.errors) == {field}
    assert sentence in " ".join(form.errors[field])
    assert nothing_was_written(shop, person)


def test_the_refusal_is_told_in_japanese_too(shop, person):
    answer = posted(shop, person, language="ja", scan=a_file(b"%PDF-1.7\n"))
    assert "中身はPDFです" in text_of(answer)


def test_what_was_typed_stays_and_the_scan_has_to_be_chosen_again(shop, person):
    page = text_of(posted(shop, person, on="", topics=[shop.topic_id, shop.other_topic_id]))
    assert WORDS in page
    assert page.count(" checked") == 3  # two topics and the way
    assert 'value="14:30"' in page
    assert "Choose the scan once more" in page


def test_a_topic_of_another_shop_cannot_be_agreed_to(shop, person):
    answer = posted(shop, person, topics=[a_shop().topic_id])
    assert answer.status_code == 422
    assert nothing_was_written(shop, person)


def test_a_scan_larger_than_the_limit_is_refused_before_it_is_read(shop, person, monkeypatch):
    monkeypatch.setattr(recording, "SCAN_BYTES_MAX", 1_000)
    answer = posted(shop, person, scan=a_file(bytes(100_000)))
    assert answer.status_code == 413
    assert "larger than 20 MB" in text_of(answer)
    assert nothing_was_written(shop, person)


def test_a_paper_never_becomes_a_file_that_anybody_could_read(shop, person, monkeypatch):
    def refuse(*_arguments, **_more):
        raise AssertionError("a file was made")

    monkeypatch.setattr(settings, "FILE_UPLOAD_MAX_MEMORY_SIZE", 0)
    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", refuse)
    assert posted(shop, person).status_code == 302
    assert len(ledger.files_of(shop.workspace_id, person)) == 1


def test_without_a_token_nothing_is_recorded(shop, person):
    desk = at_desk(shop, enforce_csrf_checks=True)
    assert desk.post(url(shop, "record_consent", person), said(shop)).status_code == 403
    assert nothing_was_written(shop, person)


def test_without_script_the_page_shows_which_file_was_chosen(shop, person):
    (asked,) = re.findall(
        r'<input type="file"[^>]*>', text_of(at_desk(shop).get(url(shop, "record_consent", person)))
    )
    assert 'class="input" name="scan" id="id_scan" accept="image/jpeg,' in asked
    assert 'aria-describedby="id_scan_helptext"' in asked
    assert "required" not in asked
    (again,) = re.findall(r'<input type="file"[^>]*>', text_of(posted(shop, person, scan=None)))
    assert 'aria-describedby="id_scan_helptext id_scan_error" aria-invalid="true"' in again


def test_it_lifts_no_refusal(shop, person):
    desk = at_desk(shop)
    desk.post(url(shop, "refuse", person), {"scope": "all", "via": "telephone"})
    desk.post(url(shop, "record_consent", person), said(shop))
    page = text_of(desk.get(url(shop, "contact", person)))
    assert "<b>Yes.</b>" not in page


def test_somebody_on_the_never_contact_list_stays_there(shop, person):
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, "yamada.hanako@mail.example")
    with db.transaction(shop.workspace_id):
        suppression.suppress([pair], "complaint", now=datetime.now(UTC))  # noqa: TID251 - a test is an edge
    posted(shop, person)
    assert "<b>Yes.</b>" not in text_of(at_desk(shop).get(url(shop, "contact", person)))


def test_while_the_key_store_is_away_nothing_is_written_and_the_page_says_so(shop, person):
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        answer = posted(shop, person)
    assert answer.status_code == 503
    assert "The key store cannot be reached" in text_of(answer)
    assert nothing_was_written(shop, person)


@pytest.mark.parametrize("role", list(Role))
def test_who_edits_contacts_may_record_and_nobody_else(shop, person, role):
    desk = at_desk(shop, role)
    allowed = role in EDITORS
    assert desk.get(url(shop, "record_consent", person)).status_code == (200 if allowed else 403)
    answer = desk.post(url(shop, "record_consent", person), said(shop))
    assert answer.status_code == (302 if allowed else 403)
    assert (url(shop, "record_consent", person) in text_of(desk.get(url(shop, "contact", person)))) is allowed
    assert nothing_was_written(shop, person) is not allowed


def test_for_who_is_not_here_there_is_a_sentence(shop):
    elsewhere = a_contact(a_shop())
    desk = at_desk(shop)
    for nobody in (987_654_321, elsewhere):
        assert desk.get(url(shop, "record_consent", nobody)).status_code == 404
        assert desk.post(url(shop, "record_consent", nobody), said(shop)).status_code == 404
    assert ledger.history(shop.workspace_id, elsewhere) == []


def test_who_is_erased_gets_no_key_again(shop):
    nobody = 987_654_323
    assert at_desk(shop).post(url(shop, "record_consent", nobody), said(shop)).status_code == 404
    assert vault.read(shop.workspace_id, [nobody]) == {}


@pytest.fixture
def kept(shop, person):
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    return keep_file(shop.workspace_id, person, a_scan(), now=now)


@pytest.mark.parametrize("role", list(Role))
def test_who_may_see_evidence_opens_the_scan_and_nobody_else(shop, person, kept, role):
    desk = at_desk(shop, role)
    place = url(shop, "open_file", person, kept.evidence_id)
    allowed = role in READERS
    assert (place in text_of(desk.get(url(shop, "contact", person)))) is allowed
    answer = desk.post(place)
    assert answer.status_code == (200 if allowed else 403)
    reads = [each for each in ledger.history(shop.workspace_id, person) if each.kind == "admin.evidence.read"]
    assert len(reads) == (1 if allowed else 0)


def test_it_is_handed_out_so_that_nothing_in_it_acts_and_nobody_keeps_a_copy(shop, person, kept):
    answer = at_desk(shop).post(url(shop, "open_file", person, kept.evidence_id))
    assert Image.open(io.BytesIO(answer.content)).format == "JPEG"
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"] == f'inline; filename="evidence-{kept.evidence_id}.jpg"'
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Content-Security-Policy"].endswith("sandbox")


def test_a_link_opens_no_scan(shop, person, kept):
    desk = at_desk(shop)
    assert desk.get(url(shop, "open_file", person, kept.evidence_id)).status_code == 405
    assert ledger.history(shop.workspace_id, person) == []


def test_the_reading_stands_in_the_history_of_the_person(shop, person, kept):
    desk = at_desk(shop)
    desk.post(url(shop, "open_file", person, kept.evidence_id))
    assert "The scan of a paper was opened" in text_of(desk.get(url(shop, "contact", person)))


def test_the_scan_of_another_person_is_not_there(shop, person, kept):
    desk = at_desk(shop)
    for nobody in (a_contact(shop), 987_654_321):
        assert desk.post(url(shop, "open_file", nobody, kept.evidence_id)).status_code == 404


def test_a_scan_that_was_changed_since_is_told_and_not_shown(shop, person, kept, database):
    with psycopg.connect(database.owner) as owner:
        owner.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        owner.execute("alter table ledger_file disable trigger ledger_file_no_update")
        owner.execute("update ledger_file set sha256 = repeat('ab', 32)")
        owner.execute("alter table ledger_file enable trigger ledger_file_no_update")
    answer = at_desk(shop).post(url(shop, "open_file", person, kept.evidence_id), follow=True)
    assert "This file does not open" in text_of(answer)


def test_without_the_key_store_the_papers_are_listed_and_none_is_opened(shop, person, kept):
    desk = at_desk(shop)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        assert "Papers" in text_of(desk.get(url(shop, "contact", person)))
        assert desk.post(url(shop, "open_file", person, kept.evidence_id)).status_code == 503
