"""People as a file: chosen, shown in numbers, taken along by a second press that the ledger keeps."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from tests.console.desk import at_desk, text_of, url
from tests.console.test_bulk import chosen, found, of
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.console.views import bulk as bulk_views
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.optout import bulk, exporting, jobs
from shodaku.optout import selectors as optout
from shodaku.optout.services import BulkState

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
AGO = NOW - timedelta(days=3)


@pytest.fixture
def shop():
    return a_shop()


def lines(answer):
    """As a browser gets it: a part at a time."""

    async def read():
        return b"".join([part async for part in answer])

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    return list(csv.reader(io.StringIO(async_to_sync(read)().decode("utf-8-sig"), newline="")))


def taken(desk, shop, number):
    return lines(desk.post(url(shop, "bulk_file", number)))


def exports(shop):
    history = ledger.history(shop.workspace_id, 0)
    return [entry.fields for entry in history if entry.kind == "admin.exported"]


def test_the_ticked_people_are_in_the_file_and_nobody_else(shop):
    people = [a_reader(shop, f"reader{n}@mail.example", name=f"森 花{n}", at=AGO) for n in range(3)]
    desk = at_desk(shop)
    number = chosen(desk, shop, "export", people[:2])
    preview = text_of(desk.get(url(shop, "bulk", number)))
    assert "2 people chosen" in preview
    assert "Export 2 people as CSV" in preview
    assert "The addresses stand in full." in preview
    assert exports(shop) == []
    head, *rows = taken(desk, shop, number)
    assert head == ["Contact", "Name", "Reading", "Company", "Address", "Known since"]
    assert [(row[0], row[1], row[4]) for row in rows] == [
        (str(people[1]), "森 花1", "reader1@mail.example"),
        (str(people[0]), "森 花0", "reader0@mail.example"),
    ]
    assert "2 people are in the file that was taken along." in text_of(desk.get(url(shop, "bulk", number)))


def test_the_ledger_keeps_who_took_how_many_along_each_time(shop):
    a_reader(shop, at=AGO)
    desk = at_desk(shop)
    number = found(desk, shop, "export", "")
    for _ in range(2):
        taken(desk, shop, number)
    said = [(each["what"], each["rows"], each["addresses"], each["bulk"]) for each in exports(shop)]
    assert said == [("contacts", 1, "in full", str(number))] * 2
    assert all(each["by"].startswith("staff:") for each in exports(shop))


def test_no_line_leaves_while_the_ledger_cannot_be_written(shop, monkeypatch):
    a_reader(shop, at=AGO)
    desk = at_desk(shop)
    number = found(desk, shop, "export", "")

    def away(*_said, **_more):
        raise ledger_services.VaultAway

    monkeypatch.setattr(ledger_services, "record_act", away)
    answer = desk.post(url(shop, "bulk_file", number))
    assert answer.status_code == 503
    assert of(shop, number).state == BulkState.CHOSEN


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.OWNER, "hana@mail.example"),
        (Role.COMPLIANCE, "hana@mail.example"),
        (Role.MARKETER, "h****@mail.example"),
    ],
)
def test_addresses_stand_in_full_only_for_who_may_see_them(shop, role, address):
    a_reader(shop, "hana@mail.example", at=AGO)
    desk = at_desk(shop, role)
    number = found(desk, shop, "export", "")
    _head, row = taken(desk, shop, number)
    assert row[4] == address
    assert exports(shop)[-1]["addresses"] == ("in full" if "*" not in address else "masked")


@pytest.mark.parametrize("role", [Role.CLERK, Role.DEVELOPER])
def test_other_roles_take_nobody_along(shop, role):
    who = a_reader(shop, at=AGO)
    number = found(at_desk(shop), shop, "export", "")
    desk = at_desk(shop, role)
    assert 'value="export"' not in text_of(desk.get(url(shop, "contacts")))
    assert (
        desk.post(url(shop, "bulk_choose"), {"do": "export", "whom": "ticked", "id": [who]}).status_code
        == 403
    )
    assert desk.post(url(shop, "bulk_file", number)).status_code == 403
    assert "as CSV" not in text_of(desk.get(url(shop, "bulk", number)))


def test_everybody_a_filter_finds_is_meant_and_what_it_was_stays_in_the_url(shop):
    agreed = a_reader(shop, at=AGO)
    a_contact(shop, now=AGO)
    desk = at_desk(shop)
    number = found(desk, shop, "export", "?state=agreed")
    assert [row[0] for row in taken(desk, shop, number)[1:]] == [str(agreed)]
    assert f"{url(shop, 'contacts')}?state=agreed" in text_of(desk.get(url(shop, "bulk", number)))


def test_what_a_search_found_is_taken_along_and_the_text_of_the_search_is_kept_nowhere(shop, monkeypatch):
    mori, _other = (a_reader(shop, name=name, at=AGO) for name in ("森 花", "林 太郎"))
    desk = at_desk(shop)
    assert "Export everybody who was found" in text_of(desk.post(url(shop, "contacts"), {"q": "森"}))
    number = chosen(desk, shop, "export", [], whom="found", q="森")
    assert [row[0] for row in taken(desk, shop, number)[1:]] == [str(mori)]
    assert of(shop, number).narrowed is None
    monkeypatch.setattr("shodaku.console.people_filter.SOUGHT_PEOPLE_MAX", 0)
    answer = desk.post(url(shop, "bulk_choose"), {"do": "export", "whom": "found", "q": "森"}, follow=True)
    assert "people are found. Narrow the list down, then export it." in text_of(answer)


def test_no_cell_becomes_a_formula(shop):
    a_reader(shop, "hana@mail.example", name="=HYPERLINK(1) ＋2", at=AGO)
    desk = at_desk(shop)
    _head, row = taken(desk, shop, found(desk, shop, "export", ""))
    assert row[1].startswith("'=")


def test_who_is_erased_after_the_preview_is_not_in_the_file(shop):
    kept, gone = (a_reader(shop, at=AGO) for _ in range(2))
    desk = at_desk(shop)
    number = chosen(desk, shop, "export", [kept, gone])
    from tests.console.test_erasures import run

    begun = chosen(desk, shop, "erase", [gone])
    desk.post(url(shop, "bulk_begin", begun), {"via": "telephone", "typed": "erase"})
    for asked in erasures_of(shop):
        run(shop, asked.erasure_id)
    assert [row[0] for row in taken(desk, shop, number)[1:]] == [str(kept)]
    assert exports(shop)[-1]["rows"] == 1


def erasures_of(shop):
    from shodaku.erasure import selectors

    return selectors.erasures(shop.workspace_id)


def test_a_file_is_no_act_on_anybody_whatever_is_pressed(shop):
    who = a_reader(shop, at=AGO)
    desk = at_desk(shop)
    number = chosen(desk, shop, "export", [who])
    desk.post(url(shop, "bulk_begin", number), {"via": "telephone"})
    assert not bulk.begin(shop.workspace_id, number, bulk_views.Method.STAFF, staff_id=1, now=NOW)
    assert of(shop, number).state == BulkState.CHOSEN


def test_a_stop_cannot_be_taken_along_as_a_file(shop):
    who = a_reader(shop, at=AGO)
    desk = at_desk(shop)
    number = chosen(desk, shop, "stop", [who])
    assert desk.post(url(shop, "bulk_file", number)).status_code == 302
    assert exports(shop) == []


def test_a_page_is_read_when_the_one_before_it_has_left(shop, monkeypatch):
    """However many people are in the file, no more than a page of them is held."""
    people = [a_reader(shop, at=AGO) for _ in range(5)]
    monkeypatch.setattr(exporting, "PAGE_PEOPLE", 2)
    monkeypatch.setattr(bulk, "CHOSEN_AT_ONCE_PEOPLE", 1)
    monkeypatch.setattr(bulk, "CHOSEN_AT_A_TIME_PEOPLE", 2)
    desk = at_desk(shop)
    number = found(desk, shop, "export", "")
    jobs.bulk_choose(shop.workspace_id, number)
    reads = []
    page = exporting._page
    monkeypatch.setattr(exporting, "_page", lambda *said: reads.append(said) or page(*said))
    answer = desk.post(url(shop, "bulk_file", number))

    async def parts():
        return [(part, len(reads)) async for part in answer]

    got = async_to_sync(parts)()
    assert [read for _part, read in got] == [0, 1, 2, 3]
    numbers = [line.split(",")[0] for part, _ in got[1:] for line in part.decode().splitlines()]
    assert numbers == [str(each) for each in reversed(people)]


@pytest.mark.parametrize(("most", "state"), [(3, BulkState.CHOSEN), (2, BulkState.TOO_MANY)])
def test_more_people_than_a_file_takes_are_not_taken_along_in_part(shop, monkeypatch, most, state):
    for _ in range(3):
        a_reader(shop, at=AGO)
    monkeypatch.setattr(bulk, "EXPORT_PEOPLE_MAX", most)
    desk = at_desk(shop)
    number = found(desk, shop, "export", "")
    assert of(shop, number).state == state


def test_who_was_chosen_for_a_file_is_forgotten_after_a_day(shop):
    a_reader(shop, at=AGO)
    desk = at_desk(shop)
    number = found(desk, shop, "export", "")
    taken(desk, shop, number)
    bulk.sweep(datetime.now(UTC) + timedelta(hours=23))  # noqa: TID251 - a test is an edge
    assert of(shop, number) is not None
    bulk.sweep(datetime.now(UTC) + timedelta(days=2))  # noqa: TID251 - a test is an edge
    assert optout.bulk(shop.workspace_id, number) is None
    with db.transaction(shop.workspace_id) as connection:
        assert connection.execute("select count(*) from bulk_person").fetchone() == (0,)
