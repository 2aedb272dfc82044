"""A form on a tablet at an occasion: the person presses, staff opened it, and it is empty after each."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings
from tests.console.desk import at_desk, somebody, text_of, url
from tests.optout.ways import an_address
from tests.people import a_shop
from tests.signup.forms import HERE, a_form, confirm_token, contact_of, mailings, page_of, stamp_in
from tests.signup.test_services import a_single_topic

from shodaku.accounts.domain import Role
from shodaku.consent import selectors as consents
from shodaku.ledger import selectors as ledger
from shodaku.ledger.services import INSTALLATION
from shodaku.signup import desk_views, desks, services

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture(autouse=True)
def _quick():
    with override_settings(SIGNUP_FORM_SECONDS_MIN=0):
        yield


@pytest.fixture
def shop():
    return a_shop()


def opened(shop, *, now=NOW, **changes):
    """The form `join` at a desk; its number and the path of its page."""
    form = services_form(shop)
    wanted = services.NewDesk(
        form_id=form.form_id, **{"place": "東京見本市2026", "desk": "A-2", "hours": 8, **changes}
    )
    number = services.open_desk(shop.workspace_id, wanted, staff_id=somebody(Role.CLERK), now=now)
    return number, f"/d/{services.desk_token(shop.workspace_id, number)}"


def services_form(shop):
    from shodaku.signup import selectors

    return selectors.form(shop.workspace_id, "join") or a_form(shop)


def press(path, address, *topics, client=None, headers=HERE, **typed):
    client = client or Client()
    stamp = stamp_in(client.get(path).content.decode())
    body = {"stamp": stamp, "topics": [str(each) for each in topics], "email": address, "name": "", **typed}
    return client.post(path, body, headers=headers)


def entry_of(shop, address, kind):
    history = ledger.history(shop.workspace_id, contact_of(shop, address))
    return next(each.fields for each in history if each.kind == kind)


def test_a_press_is_agreed_to_at_once_with_place_desk_and_who_opened_it(shop):
    single = a_single_topic(shop)
    a_form(shop, topic_ids=(single,))
    _, path = opened(shop)
    address = an_address()
    answer = press(path, address, single)
    assert (answer.status_code, answer["Location"]) == (303, f"{path}/thanks")
    fields = entry_of(shop, address, "consent.given")
    told = {name: fields[name] for name in ("method", "place", "desk", "by")}
    assert told == {
        "method": "event-desk", "place": "東京見本市2026", "desk": "A-2",
        "by": f"staff:{somebody(Role.CLERK)}",
    }  # fmt: skip
    for name in (
        "wording_version",
        "wording_sha256",
        "form_sha256",
        "page_sha256",
        "purpose",
        "topics",
        "url",
    ):
        assert fields[name]
    assert path not in str(fields)  # whoever has the address can send the form
    (held,) = consents.held(shop.workspace_id, contact_of(shop, address))
    assert (held.state, held.confirmed) == ("active", False)


def test_where_the_topic_says_so_a_mail_asks_and_the_confirmation_tells_of_the_desk(shop):
    _, path = opened(shop)
    address = an_address()
    assert press(path, address, shop.topic_id).status_code == 303
    assert [mail[1] for mail in mailings(shop)] == ["confirmation"]
    asked = entry_of(shop, address, "consent.requested")
    assert (asked["method"], asked["place"], asked["desk"]) == ("event-desk", "東京見本市2026", "A-2")
    token = confirm_token(shop, contact_of(shop, address))
    Client().post(f"/confirm/{token}", {"answer": "confirm"}, headers=HERE)
    agreed = entry_of(shop, address, "consent.confirmed")
    for name in ("method", "place", "desk", "by", "wording_sha256", "form_sha256"):
        assert agreed[name] == asked[name]
    assert agreed["url"].endswith("/confirm")


def test_after_a_press_nothing_of_the_person_remains(shop):
    _, path = opened(shop)
    client, address = Client(), an_address()
    press(path, address, shop.topic_id, client=client, name="山田 花子")
    for page in (client.get(f"{path}/thanks"), client.get(path)):
        text = page.content.decode()
        assert address not in text
        assert "山田 花子" not in text
        assert "checked" not in text
        assert "no-store" in page["Cache-Control"]
        assert re.fullmatch(rf"\d+; url={path}", page["Refresh"])  # the empty form, by itself
        assert not page.cookies


def test_no_field_of_it_offers_what_somebody_else_typed(shop):
    _, path = opened(shop)
    fields = re.findall(r"<input[^>]*>", Client().get(path).content.decode())
    seen = [each for each in fields if 'type="hidden"' not in each and 'type="checkbox"' not in each]
    assert len(seen) >= 2
    assert [each for each in seen if 'autocomplete="off"' not in each] == []
    assert 'autocomplete="email"' in Client().get(page_of(shop)).content.decode()  # one's own telephone may


def test_a_likely_slip_is_asked_about_once_at_the_desk_too(shop):
    _, path = opened(shop)
    address = f"taro-{uuid.uuid4().hex[:10]}@docomo.co.jp"
    asked = press(path, address, shop.topic_id)
    assert (asked.status_code, contact_of(shop, address)) == (422, None)
    assert "「docomo.ne.jp」ではありませんか" in asked.content.decode()
    assert press(path, address, shop.topic_id, sure=address).status_code == 303
    assert contact_of(shop, address) is not None


def test_a_mistake_loses_nothing_and_can_be_emptied(shop):
    _, path = opened(shop)
    answer = press(path, "taro@", shop.topic_id)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="taro@"' in page
    assert page.count("checked") == 1
    assert f'<a href="{path}">' in page
    assert answer["Refresh"] == f"{60 * desk_views.EMPTY_AFTER_MINUTES}; url={path}"


def test_what_the_former_person_sent_is_not_shown_to_who_goes_back_and_sends_it_again(shop, monkeypatch):
    _, path = opened(shop)
    client, address, moment = Client(), an_address(), [NOW]
    monkeypatch.setattr(desk_views.clock, "now", lambda: moment[0])
    stamp = stamp_in(client.get(path).content.decode())
    slip = {"stamp": stamp, "topics": [], "email": address, "name": "山田 花子"}
    moment[0] += timedelta(seconds=20)
    mended = client.post(path, slip, headers=HERE)
    assert mended.status_code == 422
    body = {**slip, "stamp": stamp_in(mended.content.decode()), "topics": [str(shop.topic_id)]}
    moment[0] += timedelta(seconds=20)
    assert client.post(path, body, headers=HERE)["Location"] == f"{path}/thanks"
    moment[0] += timedelta(seconds=5)
    again = client.post(path, slip, headers=HERE)
    assert (again.status_code, again["Location"], again.content) == (303, path, b"")
    assert press(path, an_address(), shop.topic_id, client=client)["Location"] == f"{path}/thanks"


@pytest.mark.parametrize("end", ["time", "closed", "full", "withdrawn"])
def test_a_desk_that_is_over_takes_nothing_more(shop, end, monkeypatch):
    hours = timedelta(hours=2, seconds=1)
    number, path = opened(shop, now=NOW - hours if end == "time" else NOW, hours=2)
    form = services_form(shop)
    stamp = stamp_in(Client().get(page_of(shop)).content.decode())
    if end == "closed":
        assert services.close_desk(shop.workspace_id, form.form_id, number, staff_id=1, now=NOW)
        assert not services.close_desk(shop.workspace_id, form.form_id, number, staff_id=1, now=NOW)
    elif end == "full":
        monkeypatch.setattr(desks, "ENTRIES_MAX", 0)
    elif end == "withdrawn":
        services.withdraw_version(shop.workspace_id, form.form_id, form.version, None, NOW)
    address = an_address()
    body = {"stamp": stamp, "topics": [str(shop.topic_id)], "email": address, "name": ""}
    assert Client().get(path).status_code == 410
    assert Client().post(path, body, headers=HERE).status_code == 410
    assert Client().get(f"{path}/thanks").status_code == 200  # of who pressed just before
    assert contact_of(shop, address) is None


def test_a_desk_is_open_until_the_last_second_of_its_time(shop, monkeypatch):
    _, path = opened(shop, hours=2)
    over = NOW + timedelta(hours=2)
    for moment, status in ((over - timedelta(seconds=1), 200), (over, 410)):
        monkeypatch.setattr(desk_views.clock, "now", lambda moment=moment: moment)
        assert Client().get(path).status_code == status


def test_an_address_that_is_none_opens_nothing(shop):
    _, path = opened(shop)
    other = services.desk_token(a_shop().workspace_id, 1)
    for wrong in (f"{path[:-5]}{'A' if path[-5] != 'A' else 'B'}{path[-4:]}", "/d/x", f"/d/{other}"):
        assert 'name="stamp"' not in Client().get(wrong).content.decode()
        body = {"topics": [str(shop.topic_id)], "email": an_address(), "name": ""}
        assert Client().post(wrong, body, headers=HERE).status_code in {200, 410}
    assert "Refresh" not in Client().get("/d/x/thanks")
    assert mailings(shop) == []


def test_a_press_on_another_site_is_no_press_here(shop):
    _, path = opened(shop)
    address = an_address()
    answer = press(path, address, shop.topic_id, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 422
    assert contact_of(shop, address) is None


def test_a_look_changes_nothing(shop):
    number, path = opened(shop)
    for _ in range(2):
        Client().get(path)
        Client().get(f"{path}/thanks")
    assert services.desk(shop.workspace_id, number).entries == 0
    press(path, an_address(), shop.topic_id)
    assert services.desk(shop.workspace_id, number).entries == 1


@pytest.mark.parametrize(
    "changes",
    [{"place": ""}, {"place": "=?utf-8?q?x?="}, {"desk": "a\nb"}, {"desk": "x" * 41}, {"place": "x" * 101}],
)
def test_a_place_that_could_not_stand_in_a_record_is_refused(shop, changes):
    with pytest.raises(services.UnfitPlace):
        opened(shop, **changes)


def test_nobody_opens_a_desk_for_longer_than_half_a_day(shop):
    with pytest.raises(services.UnfitHours):
        opened(shop, hours=24)


def test_opening_and_closing_stand_in_the_ledger(shop):
    number, _ = opened(shop)
    services.close_desk(shop.workspace_id, services_form(shop).form_id, number, staff_id=7, now=NOW)
    said = {
        each.kind: each.fields
        for each in ledger.history(shop.workspace_id, INSTALLATION)
        if each.kind.startswith("admin.desk")
    }
    assert said["admin.desk.opened"]["place"] == "東京見本市2026"
    assert (said["admin.desk.closed"]["desk_no"], said["admin.desk.closed"]["by"]) == (number, "staff:7")


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.OWNER, True), (Role.MARKETER, True), (Role.CLERK, True), (Role.COMPLIANCE, False),
     (Role.DEVELOPER, False)],
)  # fmt: skip
def test_who_works_with_people_opens_a_desk_and_nobody_else_sees_its_address(shop, role, may):
    form = services_form(shop)
    client, place = at_desk(shop, role), url(shop, "event_desks", form.form_id)
    body = {"place": "銀座店", "desk": "レジ1", "hours": "4"}
    assert client.post(place, body).status_code == (302 if may else 403)
    number, path = opened(shop)
    page = text_of(client.get(place))
    assert (path in page) is may
    assert "東京見本市2026" in page
    code = client.get(url(shop, "event_desk_code", form.form_id, number))
    assert code.status_code == (200 if may else 403)
    assert client.post(url(shop, "event_desk_close", form.form_id, number)).status_code == (
        302 if may else 403
    )
    assert Client().get(path).status_code == (410 if may else 200)


def test_what_is_wrong_with_a_desk_is_said_and_nothing_is_lost(shop):
    form = services_form(shop)
    answer = at_desk(shop).post(
        url(shop, "event_desks", form.form_id), {"place": "=?x?=", "desk": "レジ1", "hours": "4"}
    )
    assert answer.status_code == 422
    assert 'value="レジ1"' in text_of(answer)
    assert services.desks(shop.workspace_id, form.form_id) == []


def test_long_lists_of_desks_come_by_pages(shop, monkeypatch):
    from shodaku.signup import services as signup

    form = services_form(shop)
    numbers = [opened(shop, desk=f"D-{n}")[0] for n in range(5)]
    monkeypatch.setattr(desks, "DESK_ROWS", 2)
    monkeypatch.setattr(signup, "DESK_ROWS", 2)
    client, place, seen = at_desk(shop), url(shop, "event_desks", form.form_id), []
    query = ""
    for _ in range(3):
        page = text_of(client.get(place + query))
        seen += re.findall(r'data-th="Desk or till">D-(\d)', page)
        older = re.search(r'href="(\?before=\d+)"', page)
        query = older[1] if older else ""
    assert seen == ["4", "3", "2", "1", "0"]
    assert (len(numbers), query) == (5, "")


def test_another_workspace_sees_no_desk(shop):
    number, _ = opened(shop)
    assert services.desk(a_shop().workspace_id, number) is None
