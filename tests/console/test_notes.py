"""What staff write down about a person: seen by staff, by the person who asks, by nobody after erasure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.console.desk import at_desk, somebody, text_of, url
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.complaints.own_record import own_record
from shodaku.contacts import selectors as contacts
from shodaku.contacts import services
from shodaku.erasure import selectors as erasure
from shodaku.kit import clock, db
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
TODAY = datetime.now(UTC).date()  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop():
    return a_shop()


def notes(shop, contact_id):
    return contacts.notes(shop.workspace_id, contact_id)


def test_a_note_stands_on_the_page_and_in_the_copy_of_ones_own_data(shop):
    who = a_reader(shop)
    desk = at_desk(shop, Role.CLERK)
    answer = desk.post(url(shop, "note_write", who), {"text": "電話は\n午前に"})
    assert answer["Location"] == f"{url(shop, 'contact', who)}#h-notes"
    assert "電話は<br>午前に" in text_of(desk.get(url(shop, "contact", who)))
    (own,) = own_record(shop.workspace_id, who, clock.now()).notes
    assert (own.text, own.due_on) == ("電話は\n午前に", None)
    newest = ledger.history(shop.workspace_id, 0)[-1]
    assert (newest.kind, newest.fields["act"]) == ("admin.contact.noted", "written")
    assert "電話" not in str(newest.fields)


def test_a_task_waits_on_the_home_page_of_whose_it_is_until_it_is_done(shop):
    who = a_contact(shop, name="山田 花子")
    desk, other = at_desk(shop, Role.CLERK), at_desk(shop, Role.MARKETER)
    yesterday = TODAY - timedelta(days=2)
    said = {"text": "折り返す", "due_on": yesterday.isoformat(), "whose": str(somebody(Role.CLERK))}
    desk.post(url(shop, "note_write", who), said)
    home = text_of(desk.get(url(shop, "home")))
    assert [word in home for word in ("折り返す", "山田 花子", "Late")] == [True, True, True]
    assert "折り返す" not in text_of(other.get(url(shop, "home")))
    (task,) = notes(shop, who)
    for _ in range(2):
        desk.post(url(shop, "note_end", who, task.note_no))
    assert "折り返す" not in text_of(desk.get(url(shop, "home")))
    (done,) = notes(shop, who)
    assert (done.open, done.done_at is not None) == (False, True)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"text": ""}, "required"),
        ({"text": "あ" * 1_001}, "1000"),
        ({"text": "折り返す", "due_on": "tomorrow"}, "date"),
        ({"text": "折り返す", "whose": "999999"}, "choice"),
        ({"text": "a\0b"}, "Null"),
    ],
)
def test_what_cannot_be_written_down_is_told_and_nothing_typed_is_lost(shop, said, told):
    who = a_contact(shop)
    answer = at_desk(shop).post(url(shop, "note_write", who), said)
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert said["text"].split("\0")[0] in text_of(answer)
    assert notes(shop, who) == []


def test_whose_task_it_is_asks_for_its_day(shop):
    who = a_contact(shop)
    said = {"text": "折り返す", "whose": str(somebody(Role.OWNER))}
    answer = at_desk(shop).post(url(shop, "note_write", who), said)
    assert (answer.status_code, notes(shop, who)) == (422, [])
    assert "A task needs a day." in text_of(answer)


def test_one_more_than_a_page_holds_is_refused(shop, monkeypatch):
    monkeypatch.setattr(services, "NOTES_MAX", 1)
    who = a_contact(shop)
    desk = at_desk(shop)
    answers = [desk.post(url(shop, "note_write", who), {"text": text}).status_code for text in "一二"]
    assert answers == [302, 422]
    assert [each.text for each in notes(shop, who)] == ["一"]


def test_notes_go_with_the_person_and_a_removed_one_at_once(shop):
    who = a_contact(shop)
    with db.transaction(shop.workspace_id):
        for text, due_on in (("一", None), ("二", date(2027, 1, 1))):
            services.write_note(who, text, written_by=1, now=clock.now(), due_on=due_on)
    first = notes(shop, who)[0]
    at_desk(shop).post(url(shop, "note_remove", who, first.note_no))
    assert erasure.remains(shop.workspace_id, who)["contact_note"] == 1
    with db.transaction(shop.workspace_id):
        assert services.forget(who)["contact_note"] == 1
    assert notes(shop, who) == []


def test_who_only_reads_writes_nothing_down_and_nobody_does_elsewhere(shop):
    who, stranger = a_contact(shop), a_contact(a_shop())
    reader = at_desk(shop, Role.DEVELOPER)
    assert reader.post(url(shop, "note_write", who), {"text": "一"}).status_code == 403
    assert at_desk(shop).post(url(shop, "note_write", stranger), {"text": "一"}).status_code == 404
