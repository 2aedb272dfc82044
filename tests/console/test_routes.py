"""The page of mail servers: order and shares, how each is, and the last one that stays."""

from __future__ import annotations

import re

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.delivery.mailings import launched, now
from tests.delivery.sink import RunningSink
from tests.delivery.test_several_routes import send_for, send_once
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.delivery import selectors, services
from shodaku.delivery import staff as delivery_staff
from shodaku.delivery.sources import UNPROVED_MAX
from shodaku.kit import db, runtime
from shodaku.ledger import selectors as ledger
from shodaku.optout.selectors import MailboxSaid

pytestmark = pytest.mark.usefixtures("database")
SAID = {
    "name": "first",
    "host": "mail.aoi.example",
    "port": "587",
    "tls": "require",
    "connections": "4",
    "carries": "all",
    "share": "100",
    "enabled": "on",
}


@pytest.fixture
def shop():
    return a_shop()


def mailings_of(shop, state):
    with db.transaction(shop.workspace_id) as connection:
        found = connection.execute(
            "select mailing_id from mailing where workspace_id = %s and state = %s order by mailing_id",
            [shop.workspace_id, state],
        )
        return [row[0] for row in found.fetchall()]


def routes(shop):
    return selectors.routes(shop.workspace_id)


def test_servers_are_added_changed_and_removed_and_the_ledger_knows(shop):
    desk = at_desk(shop)
    assert desk.post(url(shop, "route_add"), SAID).status_code == 302
    assert desk.post(url(shop, "route_add"), SAID | {"name": "second", "share": "0"}).status_code == 302
    first, second = routes(shop)
    assert [(each.name, each.place, each.share) for each in (first, second)] == [
        ("first", 1, 100),
        ("second", 2, 0),
    ]
    edited = SAID | {"place": "3", "enabled": "", "depth": "2"}
    assert desk.post(url(shop, "route_change", first.route_id), edited).status_code == 302
    found = [(each.name, each.enabled, each.depth) for each in routes(shop)]
    assert found == [("second", True, 0), ("first", False, 2)]
    assert desk.post(url(shop, "route_remove", second.route_id)).status_code == 302
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, 0)]
    assert kinds == ["admin.route.changed"] * 2 + ["admin.route.edited", "admin.route.removed"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": "1001"},
        {"port": "0"},
        {"carries": "some"},
        {"connections": "65"},
        {"depth": "5"},
        {"host": ""},
    ],
)
def test_what_cannot_be_is_refused_at_its_field(shop, wrong):
    answer = at_desk(shop).post(url(shop, "route_add"), SAID | wrong)
    assert answer.status_code == 422
    assert set(answer.context["route_form"].errors) == set(wrong)
    assert routes(shop) == []


def test_the_last_server_of_what_is_on_its_way_stays(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "route_add"), SAID)
    (only,) = routes(shop)
    mailing_id = launched(shop, [a_reader(shop)])
    answer = desk.post(url(shop, "route_remove", only.route_id), follow=True)
    assert "no other mail server carries them" in text_of(answer)
    assert desk.post(url(shop, "route_change", only.route_id), SAID | {"enabled": ""}).status_code == 409
    assert routes(shop) == [only]
    services.cancel(shop.workspace_id, mailing_id, now=now())
    desk.post(url(shop, "route_remove", only.route_id))
    assert routes(shop) == []


def test_the_pages_say_which_server_is_set_aside_and_why(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "route_add"), SAID)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update route set last_error = 'The server does not answer.', last_error_at = now(),"
            " set_aside_at = now() where workspace_id = %s",
            [shop.workspace_id],
        )
    for page in ("settings", "routes"):
        shown = text_of(desk.get(url(shop, page)))
        assert "Set aside" in shown
        assert "The server does not answer." in shown
    assert "The server does not answer." in text_of(desk.get(url(shop, "home")))


def test_a_provider_is_added_with_its_own_address_and_its_key_in_a_file(shop):
    desk = at_desk(shop)
    said = SAID | {"kind": "mailgun", "host": "", "username": "mg.aoi.example", "password": "himitsu"}
    assert (
        desk.post(url(shop, "route_add"), said | {"signs_for": "Aoi.example、b.example"}).status_code == 302
    )
    (found,) = routes(shop)
    assert (found.kind, found.host, found.port, found.tls) == ("mailgun", "api.mailgun.net", 443, "require")
    assert found.signs_for == ["aoi.example", "b.example"]
    assert (runtime.current().keys / f"route.{shop.workspace_id}.{found.route_id}").read_text() == "himitsu"
    shown = desk.get(url(shop, "route", found.route_id))
    assert "himitsu" not in shown.content.decode()
    assert 'value="aoi.example, b.example"' in shown.content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "smtp", "host": ""}, "host"),
        ({"kind": "ses", "host": "", "username": ""}, "username"),
        ({"kind": "postmark", "host": "mail.aoi.example"}, "host"),
        ({"kind": "mailgun", "host": "", "username": "a/../b"}, "username"),
        ({"kind": "brevo", "host": "", "password": "two words"}, "password"),
        ({"signs_for": "aoi"}, "signs_for"),
        ({"kind": "pigeon"}, "kind"),
    ],
)
def test_what_cannot_be_of_a_provider_is_refused_at_its_field_in_both_languages(shop, wrong, field):
    said = set()
    for language in ("en", "ja"):
        answer = at_desk(shop, language=language).post(url(shop, "route_add"), SAID | wrong)
        assert (answer.status_code, set(answer.context["route_form"].errors)) == (422, {field})
        said.add(str(answer.context["route_form"].errors[field]))
    assert len(said) == 2
    assert routes(shop) == []


def test_the_page_says_which_server_takes_over_nothing_and_what_waits_for_one_alone(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "route_add"), SAID | {"signs_for": "aoi.example"})
    assert "does not take over" not in text_of(desk.get(url(shop, "routes")))
    desk.post(url(shop, "route_add"), SAID | {"name": "second"})
    shown = text_of(desk.get(url(shop, "routes")))
    assert "“second” does not take over mails from aoi.example" in shown
    assert "“first” does not take over" not in shown
    mailing_id = launched(shop, [a_reader(shop)])
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update chunk set route_id = %s, route_fixed = true where mailing_id = %s",
            [routes(shop)[0].route_id, mailing_id],
        )
    assert "1 mail waits for this server alone" in text_of(desk.get(url(shop, "routes")))
    assert "1通がこのサーバーだけを待っています。" in text_of(
        at_desk(shop, language="ja").get(url(shop, "routes"))
    )


def test_what_is_heard_of_a_server_is_read_in_japanese(shop):
    at_desk(shop).post(url(shop, "route_add"), SAID)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update route set last_error = 'The server does not answer.' where workspace_id = %s",
            [shop.workspace_id],
        )
    desk = at_desk(shop, language="ja")
    for page in ("settings", "routes", "home"):
        shown = text_of(desk.get(url(shop, page)))
        assert "サーバーが応答しません。" in shown
        assert "does not answer" not in shown


def test_a_server_is_tried_from_its_page_and_nothing_is_sent(shop):
    desk = at_desk(shop)
    with RunningSink() as sink:
        here = {"host": "127.0.0.1", "port": str(sink.port), "tls": "none"}
        desk.post(url(shop, "route_add"), SAID | here)
        (route,) = routes(shop)
        answer = desk.post(url(shop, "route_try", route.route_id))
        assert (answer.status_code, answer.context["tried"].well) == (200, True)
        assert re.search(r"The server is ready to take mail\. .*, after \d+\.\d seconds", text_of(answer))
        assert (sink.connections, sink.arrived) == (1, [])
    answer = desk.post(url(shop, "route_try", route.route_id))
    assert answer.context["tried"].well is False
    assert "Nothing accepts mail at this address and port." in text_of(answer)
    assert "アドレスとポートではメールを受け付けていません。" in text_of(
        at_desk(shop, language="ja").post(url(shop, "route_try", route.route_id))
    )
    assert routes(shop) == [route], "a trial changes nothing"


def test_a_server_without_its_password_file_is_not_even_called(shop):
    desk = at_desk(shop)
    with RunningSink() as sink:
        here = {"host": "127.0.0.1", "port": str(sink.port), "tls": "none", "username": "aoi"}
        desk.post(url(shop, "route_add"), SAID | here)
        answer = desk.post(url(shop, "route_try", routes(shop)[0].route_id))
        assert "The password file of a route is missing." in text_of(answer)
        assert sink.connections == 0


def test_a_test_to_oneself_leaves_by_the_server_that_is_tried_and_by_no_other(shop, database, tmp_path):
    desk = at_desk(shop)
    with RunningSink() as first, RunningSink() as second:
        for sink in (first, second):
            here = {"host": "127.0.0.1", "port": str(sink.port), "tls": "none"}
            desk.post(url(shop, "route_add"), SAID | here | {"signs_for": "aoi.example"})
        for number, sink in enumerate((first, second)):
            answer = desk.post(url(shop, "route_test_mail", routes(shop)[number].route_id), follow=True)
            assert "on its way to your address, by this server alone" in text_of(answer)
            (mailing_id,) = mailings_of(shop, "running")
            send_once(database, shop, mailing_id, tmp_path)
            (mail,) = sink.arrived
            assert b"[TEST]" in mail.content or b"W1RFU1Rd" in mail.content
        assert (len(first.arrived), len(second.arrived)) == (1, 1)
    assert [entry.kind for entry in ledger.history(shop.workspace_id, 0)].count("admin.route.tested") == 2


def test_a_test_waits_for_the_server_it_tries_and_is_no_mail_that_may_have_arrived(shop, database, tmp_path):
    desk = at_desk(shop)
    with RunningSink() as other:
        desk.post(url(shop, "route_add"), SAID | {"host": "127.0.0.1", "port": "1", "tls": "none"})
        here = {"host": "127.0.0.1", "port": str(other.port), "tls": "none"}
        desk.post(url(shop, "route_add"), SAID | here)
        desk.post(url(shop, "route_test_mail", routes(shop)[0].route_id))
        (mailing_id,) = mailings_of(shop, "running")
        send_for(database, shop, [mailing_id], tmp_path, passes=12)
        assert other.arrived == []
    assert mailings_of(shop, "running") == [mailing_id]
    assert selectors.held(shop.workspace_id) == {}


def test_where_no_test_can_leave_the_page_says_so_in_both_languages(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "route_add"), SAID | {"carries": "campaigns"})
    (route,) = routes(shop)
    assert "Send a test to yourself" not in text_of(desk.get(url(shop, "route", route.route_id)))
    for language, sentence in (("en", "No test can be sent"), ("ja", "テストを送れません。")):
        page = at_desk(shop, language=language).post(
            url(shop, "route_test_mail", route.route_id), follow=True
        )
        assert sentence in text_of(page)
    assert mailings_of(shop, "running") == []
    assert at_desk(shop, Role.CLERK).post(url(shop, "route_test_mail", route.route_id)).status_code == 403


def test_who_was_erased_gets_no_test(shop, monkeypatch):
    desk = at_desk(shop)
    desk.post(url(shop, "route_add"), SAID)
    monkeypatch.setattr(delivery_staff, "_remember", lambda *_: None)  # as for a suppressed address
    page = desk.post(url(shop, "route_test_mail", routes(shop)[0].route_id), follow=True)
    assert "Your address was erased here" in text_of(page)
    assert mailings_of(shop, "running") == []


def test_a_trial_is_for_those_who_may_change_servers_and_by_pressing_alone(shop):
    at_desk(shop).post(url(shop, "route_add"), SAID)
    page = url(shop, "route_try", routes(shop)[0].route_id)
    assert at_desk(shop).get(page).status_code == 405
    assert at_desk(shop, Role.CLERK).post(page).status_code == 403
    other = a_shop()
    assert at_desk(other).post(url(other, "route_try", routes(shop)[0].route_id)).status_code == 404


def test_the_page_says_when_no_server_carries_something(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "route_add"), SAID | {"carries": "urgent"})
    shown = text_of(desk.get(url(shop, "routes")))
    assert "carries campaigns: they wait" in shown
    assert "carries confirmations and notices: they wait" not in shown


def test_who_may_not_change_servers_sees_them_without_a_form(shop):
    at_desk(shop).post(url(shop, "route_add"), SAID)
    clerk = at_desk(shop, Role.CLERK)
    shown = text_of(clerk.get(url(shop, "routes")))
    assert "mail.aoi.example" in shown
    assert "Add the server" not in shown
    assert clerk.get(url(shop, "route", routes(shop)[0].route_id)).status_code == 403


def test_a_server_of_another_shop_is_not_there(shop):
    other = a_shop()
    at_desk(other).post(url(other, "route_add"), SAID)
    (theirs,) = routes(other)
    desk = at_desk(shop)
    assert desk.get(url(shop, "route", theirs.route_id)).status_code == 404
    assert desk.post(url(shop, "route_remove", theirs.route_id)).status_code == 404
    assert routes(other) == [theirs]


def test_a_limit_is_set_shown_and_lifted(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "route_add"), SAID)
    (route,) = routes(shop)
    said = {"route": route.route_id, "receivers": "docomo", "rate": "2.5"}
    assert desk.post(url(shop, "pace"), said).status_code == 302
    assert desk.post(url(shop, "pace"), {"route": 0, "receivers": "", "rate": "40"}).status_code == 302
    found = [(each.route_id, each.domain_group, each.rate) for each in selectors.paces(shop.workspace_id)]
    assert found == [(0, "", 40.0), (route.route_id, "docomo", 2.5)]
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update pace set rate = 1.25, changed_at = now() where workspace_id = %s and route_id > 0",
            [shop.workspace_id],
        )
    assert "1.25 now: mails came too fast there" in text_of(desk.get(url(shop, "routes")))
    assert desk.post(url(shop, "pace"), said | {"rate": ""}).status_code == 302
    assert len(selectors.paces(shop.workspace_id)) == 1
    assert [entry.kind for entry in ledger.history(shop.workspace_id, 0)][1:] == ["admin.pace.changed"] * 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"rate": "0"}, "rate"), ({"receivers": "carrier"}, "receivers"), ({"route": "99"}, "route")],
)
def test_a_limit_that_cannot_be_is_refused_at_its_field(shop, wrong, field):
    said = {"route": "0", "receivers": "gmail", "rate": "5"} | wrong
    answer = at_desk(shop).post(url(shop, "pace"), said)
    assert answer.status_code == 422
    assert set(answer.context["pace_form"].errors) == {field}


def test_the_limit_of_a_server_alone_is_set_with_the_server(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "route_add"), SAID | {"messages_per_second": "7"})
    (route,) = routes(shop)
    answer = desk.post(url(shop, "pace"), {"route": route.route_id, "receivers": "", "rate": "9"})
    assert answer.status_code == 422
    assert "stands with the server" in text_of(answer)
    assert [each.rate_max for each in selectors.paces(shop.workspace_id)] == [7.0]


def test_a_warm_up_is_begun_shown_changed_and_ended(shop):
    desk = at_desk(shop)
    desk.post(url(shop, "route_add"), SAID)
    (route,) = routes(shop)
    page = url(shop, "warm_up", route.route_id)
    assert desk.post(page, {"daily": "10, 20、40"}).status_code == 302
    assert {each.amounts for each in selectors.warm_ups(shop.workspace_id)} == {(10, 20, 40)}
    shown = text_of(desk.get(url(shop, "routes")))
    assert "Warm-up" in shown
    assert "docomo" in shown
    assert "10, 20, 40" in text_of(desk.get(url(shop, "route", route.route_id)))
    for wrong in ("", "many", "20, 10"):
        answer = desk.post(page, {"daily": wrong})
        assert (answer.status_code, set(answer.context["warm_up_form"].errors)) == (422, {"daily"})
    assert desk.post(page, {"end": "1"}).status_code == 302
    assert selectors.warm_ups(shop.workspace_id) == []
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, 0)]
    assert kinds == ["admin.route.changed"] + ["admin.warm_up.changed"] * 2


def test_the_page_of_a_campaign_says_who_waits_for_another_day(shop):
    from tests.console.test_campaigns import counted, draft, launch, mailing_of

    from shodaku.campaigns import selectors as campaigns

    a_reader(shop)
    desk = at_desk(shop)
    desk.post(url(shop, "route_add"), SAID)
    (route,) = routes(shop)
    desk.post(url(shop, "warm_up", route.route_id), {"daily": "10"})
    campaign_id = draft(desk, shop)
    launch(desk, shop, campaign_id, counted(desk, shop, campaign_id)[1])
    assert campaigns.campaign(shop.workspace_id, campaign_id).mailing_id == mailing_of(shop, campaign_id)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update chunk set route_id = %s, not_before = now() + interval '1 day' where workspace_id = %s",
            [route.route_id, shop.workspace_id],
        )
    shown = text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert "1 waits for another day: the mail server is being warmed up." in shown


@pytest.mark.parametrize(
    ("language", "home", "said"),
    [
        (
            "en",
            "Returned mails of 1 machine are not believed",
            "Trusted. What it reports counts from now on.",
        ),
        ("ja", "信用していないエラーメールの送り元が1件あります", "信用しました。今後の報告は有効です。"),
    ],
)
def test_a_machine_that_is_not_believed_is_told_and_its_owner_trusts_it(shop, language, home, said):
    for _ in range(UNPROVED_MAX + 1):
        services.note_unproved(shop.workspace_id, "198.18.0.66", now=now())
    owner, clerk = at_desk(shop, language=language), at_desk(shop, Role.CLERK, language=language)
    assert home in text_of(owner.get(url(shop, "home")))
    assert home not in text_of(clerk.get(url(shop, "home")))
    assert "198.18.0.66" in text_of(owner.get(url(shop, "routes")))
    assert clerk.post(url(shop, "source_trust"), {"source": "198.18.0.66"}).status_code == 403
    answer = owner.post(url(shop, "source_trust"), {"source": "198.18.0.66"}, follow=True)
    assert said in text_of(answer)
    assert "198.18.0.66" not in text_of(answer)
    assert home not in text_of(owner.get(url(shop, "home")))
    owner.post(url(shop, "source_trust"), {"source": "mail.example.org"})
    assert [each.source for each in selectors.bounce_sources(shop.workspace_id, now=now())] == ["198.18.0.66"]


@pytest.mark.parametrize(
    ("language", "home", "said"),
    [
        (
            "en",
            "The mailbox “replies” cannot be read",
            "The server refuses this user name with this password: remove the mailbox, and add it again.",
        ),
        (
            "ja",
            "メールボックス「replies」を読めません",
            "サーバーが、この利用者名とパスワードを受け付けません。いったん外して、登録し直してください。",
        ),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_told_until_it_can(shop, language, home, said):
    services.note_mailbox_fault(shop.workspace_id, "replies", MailboxSaid.LOGIN_REFUSED, now=now())
    owner, clerk = at_desk(shop, language=language), at_desk(shop, Role.CLERK, language=language)
    assert home in text_of(owner.get(url(shop, "home")))
    assert home not in text_of(clerk.get(url(shop, "home")))
    assert said in text_of(owner.get(url(shop, "routes")))
    services.note_mailbox(shop.workspace_id, "replies", validity=1, uid=0, handled=3, now=now())
    assert home not in text_of(owner.get(url(shop, "home")))
    shown = text_of(owner.get(url(shop, "routes")))
    assert ("replies" in shown, said in shown) == (True, False)
