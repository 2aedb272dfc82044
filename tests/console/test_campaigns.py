"""From a draft to its deliveries: who gets it and why not the others, and what covered each message."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.utils.timezone import localtime
from tests.console.desk import at_desk, text_of, url
from tests.delivery.mailings import send_now
from tests.delivery.sink import RunningSink
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.delivery import link_watch
from shodaku.delivery import selectors as delivery
from shodaku.delivery import services as rules
from shodaku.kit import clock, db
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
PREFLIGHT = re.compile(r'name="preflight" value="(\d+)"')


@pytest.fixture
def shop():
    return a_shop()


def said(shop, **others):
    draft = {"topic": shop.topic_id, "subject": "秋の新商品", "text": "{{ name }}\n\n新しい器が届きました。"}
    return draft | others


def draft(desk, shop, **others):
    desk.post(url(shop, "campaign_new"), said(shop, **others))
    return selectors.campaigns(shop.workspace_id)[0].campaign_id


def counted(desk, shop, campaign_id):
    page = text_of(desk.post(url(shop, "recount", campaign_id), follow=True))
    to_send = page.partition(url(shop, "preflight_sheet", campaign_id))[
        0
    ]  # the sheet can be had without sending
    found = PREFLIGHT.search(to_send)
    return page, found[1] if found else ""


def launch(desk, shop, campaign_id, preflight, **others):
    return desk.post(
        url(shop, "launch", campaign_id), {"preflight": preflight, "confirmed": "1", **others}, follow=True
    )


def mailing_of(shop, campaign_id):
    return selectors.campaign(shop.workspace_id, campaign_id).mailing_id


def test_without_a_campaign_the_page_says_what_to_do(shop):
    assert "No campaigns yet. Write the first one." in text_of(at_desk(shop).get(url(shop, "campaigns")))


def test_a_draft_is_written_found_again_and_changed(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop, bought="90", language="ja")
    page = text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert "秋の新商品" in page
    assert '<option value="90" selected>' in page
    desk.post(url(shop, "campaign", campaign_id), said(shop, subject="冬の新商品", name="冬"))
    changed = selectors.campaign(shop.workspace_id, campaign_id)
    assert (changed.subject, changed.name, changed.conditions) == ("冬の新商品", "冬", ())


def test_the_display_report_names_what_it_found(shop):
    desk = at_desk(shop)
    page = text_of(desk.get(url(shop, "campaign", draft(desk, shop))))
    for found in ("株式会社あおい雑貨", "東京都中央区銀座2-1-5", "03-0000-0000 / support@aoi.example"):
        assert found in page
    assert page.count('<li data-tone="go">') == 6


def test_each_line_of_the_report_shows_the_words_of_the_finished_text(shop):
    desk = at_desk(shop)
    page = text_of(desk.get(url(shop, "preflight", draft(desk, shop))))
    checks = page[page.index('<ul class="checks">') :]
    for found in (
        "配信の停止はこちら。いつでも手数料なしで受信を断ることができます(ログイン不要)",
        "このメールは、「月刊ショップだより」の受信に同意された方へお送りしています。",
        "http://testserver/o/… – In the text and in the head of the mail (RFC 8058)",
    ):
        assert found in checks


def test_a_fact_of_the_sender_that_is_missing_is_mended_at_the_sender(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    accounts.declare_mail_order(shop.workspace_id, on=True)
    settings = f"{url(shop, 'settings')}#h-sender"
    page = text_of(desk.get(url(shop, "preflight", campaign_id)))
    assert f'<a class="btn btn-primary" href="{settings}">Add what is missing</a>' in page
    assert page.count(f'href="{settings}"') == 2  # the button, and the line that says what is missing
    marketer = text_of(at_desk(shop, Role.MARKETER).get(url(shop, "preflight", campaign_id)))
    assert settings not in marketer
    assert "An owner fills it in, in the settings." in marketer


def test_where_the_content_lacks_something_too_the_button_leads_to_the_content(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, subject="Re: ご注文")
    accounts.declare_mail_order(shop.workspace_id, on=True)
    page = text_of(desk.get(url(shop, "preflight", campaign_id)))
    here = url(shop, "campaign", campaign_id)
    assert f'<a class="btn btn-primary" href="{here}">Add what is missing</a>' in page


def test_what_is_being_written_is_checked_and_not_saved(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop)
    for place in (url(shop, "campaign_check", campaign_id), url(shop, "campaign_new_check")):
        page = text_of(desk.post(place, said(shop, subject="Re: 冬の品")))
        assert "Re: 冬の品" in page  # still in its field
        assert "Not saved yet" in page
        assert page.count('<li data-tone="danger">') == 1
        assert page.count('<li data-tone="go">') == 6
    assert [each.subject for each in selectors.campaigns(shop.workspace_id)] == ["秋の新商品"]


def test_while_somebody_writes_only_the_answer_comes_back(shop):
    desk = at_desk(shop)
    place = url(shop, "campaign_check", draft(desk, shop))
    for subject, tone in (("冬の品", "go"), ("返信: 冬の品", "danger")):
        part = text_of(desk.post(place, said(shop, subject=subject), headers={"hx-request": "true"}))
        assert "<html" not in part
        assert f'<li data-tone="{tone}">' in part
    part = text_of(desk.post(place, said(shop, text="{{ nmae }}"), headers={"hx-request": "true"}))
    assert "line 1" in part
    part = text_of(desk.post(place, {"subject": "x"}, headers={"hx-request": "true"}))
    assert "Choose a topic" in part


def test_who_may_not_write_may_not_check(shop):
    assert at_desk(shop, Role.DEVELOPER).post(url(shop, "campaign_new_check"), said(shop)).status_code == 403


def test_a_campaign_whose_head_pretends_cannot_start(shop):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, subject="Re: ご注文")
    page, preflight = counted(desk, shop, campaign_id)
    assert "Add what is missing" in page
    assert not preflight
    kept = selectors.latest_preflight(shop.workspace_id, campaign_id).preflight_id
    answer = launch(desk, shop, campaign_id, kept)
    assert answer.status_code == 409
    assert mailing_of(shop, campaign_id) is None
    tested = text_of(desk.post(url(shop, "campaign_test", campaign_id), follow=True))
    assert "What the law requires is missing from it." in tested


def test_a_merge_field_that_does_not_exist_is_told_with_its_line(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, text="こんにちは\n{{ nmae }}")
    for page in ("campaign", "preflight"):
        assert "line 2" in text_of(desk.get(url(shop, page, campaign_id)))
    assert "line 2" in text_of(desk.post(url(shop, "recount", campaign_id), follow=True))
    assert selectors.latest_preflight(shop.workspace_id, campaign_id) is None


def test_the_preview_is_a_page_of_its_own_that_can_do_nothing(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, html="<p onclick='x()'>{{ name }}</p><script>x()</script>")
    answer = desk.get(url(shop, "campaign_preview", campaign_id, "html"))
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "山田 花子 様" in text_of(answer)
    assert "script" not in text_of(answer)
    text = text_of(desk.get(url(shop, "campaign_preview", campaign_id, "text")))
    assert "株式会社あおい雑貨" in text
    assert desk.get(url(shop, "campaign_preview", campaign_id, "other")).status_code == 404


def test_the_funnel_says_who_gets_it_and_why_not_the_others(shop):
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    readers = [a_reader(shop) for _ in range(3)]
    a_reader(shop, at=now - timedelta(days=90), expires_at=now - timedelta(days=1))
    stranger = a_contact(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    assert "Not counted yet." in text_of(desk.get(url(shop, "preflight", campaign_id)))
    page, preflight = counted(desk, shop, campaign_id)
    assert "Send to 3 people" in page
    kept = selectors.latest_preflight(shop.workspace_id, campaign_id)
    assert (kept.preflight_id, kept.chosen, kept.sendable) == (int(preflight), 5, 3)
    reasons = [reason for reason in kept.reasons if f"/held/{reason}/" in page]
    assert len(reasons) == 2
    names = {reason: text_of(desk.get(url(shop, "held", campaign_id, reason))) for reason in reasons}
    assert sum(url(shop, "contact", stranger) in page for page in names.values()) == 1
    assert not any(url(shop, "contact", reader) in page for page in names.values() for reader in readers)


@pytest.fixture
def large(monkeypatch):
    """Nobody is counted while somebody waits."""
    monkeypatch.setattr("shodaku.campaigns.counting.AT_ONCE_PEOPLE_MAX", 0)


HTMX = {"hx-request": "true"}


def test_many_people_are_counted_in_the_background_and_the_page_says_how_far_it_is(shop, large):
    a_reader(shop)
    a_contact(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    page, preflight = counted(desk, shop, campaign_id)
    assert preflight == ""
    assert "Waits for its turn" in page
    assert "Show how far it is" in page
    assert "The button comes when everybody is counted." in page
    bar = text_of(desk.get(url(shop, "preflight_progress", campaign_id), headers=HTMX))
    assert bar.strip().startswith('<div class="running" hx-get=')
    assert desk.get(url(shop, "preflight_progress", campaign_id)).status_code == 302
    count_now(shop, campaign_id)
    answer = desk.get(url(shop, "preflight_progress", campaign_id), headers=HTMX)
    assert answer["HX-Refresh"] == "true"
    assert "Send to 1 person" in text_of(desk.get(url(shop, "preflight", campaign_id)))


def count_now(shop, campaign_id):
    waiting = selectors.latest_preflight(shop.workspace_id, campaign_id)
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    assert services.run_count(shop.workspace_id, waiting.preflight_id, now=now)


def test_many_people_are_launched_by_a_count_of_a_moment_ago_only(shop, large):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    counted(desk, shop, campaign_id)
    count_now(shop, campaign_id)
    preflight = selectors.latest_preflight(shop.workspace_id, campaign_id).preflight_id
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update preflight set at = at - interval '11 minutes' where workspace_id = %s",
            [shop.workspace_id],
        )
    answer = launch(desk, shop, campaign_id, preflight)
    assert answer.status_code == 409
    assert "The count is older than ten minutes" in text_of(answer)
    assert mailing_of(shop, campaign_id) is None


def test_each_reason_says_its_rule_and_its_article(shop):
    a_contact(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    page, _preflight = counted(desk, shop, campaign_id)
    for told in (page, text_of(desk.get(url(shop, "held", campaign_id, "NO_BASIS")))):
        assert "NO_BASIS – SE-03" in told
        assert "特定電子メール法 3条1項1-4号" in told


def test_nobody_at_all_is_said_plainly(shop):
    desk = at_desk(shop)
    page, preflight = counted(desk, shop, draft(desk, shop))
    assert "Nobody can receive this." in page
    assert preflight == ""


def test_what_may_be_done_about_a_reason_is_a_step_in_its_row_and_of_must_not_there_is_none(shop):
    now = clock.now()
    a_reader(shop)
    a_reader(shop, at=now - timedelta(days=90), expires_at=now - timedelta(days=1))
    a_contact(shop)
    page, _ = counted(at_desk(shop), shop, draft(at_desk(shop), shop))
    rows = {found[1]: found[0] for found in re.findall(r'<div class="act">(.*?held/(\w+)/.*?)</div>', page)}
    assert url(shop, "forms") in rows["CONSENT_EXPIRED"]
    assert re.findall(r'href="([^"]+)"', rows["NO_BASIS"]) == [
        url(shop, "held", selectors.campaigns(shop.workspace_id)[0].campaign_id, "NO_BASIS")
    ]


def test_where_nobody_can_receive_it_the_button_is_the_step_for_most_of_them(shop):
    a_reader(shop, at=clock.now() - timedelta(days=90), expires_at=clock.now() - timedelta(days=1))
    page, preflight = counted(at_desk(shop), shop, draft(at_desk(shop), shop))
    assert preflight == ""
    assert f'<a class="btn btn-primary" href="{url(shop, "forms")}">See the forms</a>' in page


@pytest.mark.parametrize(("minutes", "told"), [(9, False), (11, True)])
def test_a_count_of_more_than_ten_minutes_ago_says_so(shop, minutes, told):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    services.count(shop.workspace_id, campaign_id, now=clock.now() - timedelta(minutes=minutes))
    page = text_of(desk.get(url(shop, "preflight", campaign_id)))
    assert ("This was counted more than ten minutes ago." in page) is told


def test_the_whole_list_comes_in_pages_and_as_a_file(shop, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE_ROWS", 2)
    people = [a_contact(shop) for _ in range(3)]
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop)
    counted(desk, shop, campaign_id)
    place = url(shop, "held", campaign_id, "NO_BASIS")
    first = text_of(desk.get(place))
    assert f"{place}?after={people[1]}" in first
    assert "****@example.jp" in first
    second = text_of(desk.get(f"{place}?after={people[1]}"))
    assert [url(shop, "contact", each) in second for each in people] == [False, False, True]
    under_the_row = text_of(desk.get(place, headers=HTMX))
    assert "The whole list" in under_the_row
    file = desk.post(url(shop, "held_file", campaign_id, "NO_BASIS"))
    lines = file.content.decode("utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == [str(each) for each in people]
    assert "example.jp" not in file.content.decode()
    assert ledger.history(shop.workspace_id, 0)[-1].kind == "admin.exported"
    assert desk.get(url(shop, "held_file", campaign_id, "NO_BASIS")).status_code == 405


def test_names_of_a_number_that_was_not_counted_are_nobody(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    assert "Nobody in this list." in text_of(desk.get(url(shop, "held", campaign_id, "NO_BASIS")))


def test_what_another_rule_pack_would_change_stands_beside_the_count(shop):
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    rules.choose_rules(shop.workspace_id, "1.0", {}, "JP", by="test", now=now)
    a_reader(shop)
    child = a_reader(shop)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update contact set birth_date = %s where workspace_id = %s and contact_id = %s",
            [now.date() - timedelta(days=365 * 14), shop.workspace_id, child],
        )
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    page = text_of(desk.post(url(shop, "recount", campaign_id), {"rules": "1.1"}, follow=True))
    assert "Under rule pack 1.1, 1 people could receive it; under the rules in force, 2." in page
    assert "CONSENT_MINOR" in page
    assert "Send to 2 people" in page
    refused = text_of(desk.post(url(shop, "recount", campaign_id), {"rules": "7"}, follow=True))
    assert "These rules cannot be compared" in refused


def test_looking_at_the_preflight_counts_nothing(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    desk.get(url(shop, "preflight", campaign_id))
    assert selectors.latest_preflight(shop.workspace_id, campaign_id) is None


def test_the_button_says_the_number_and_asks_once_more(shop):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    _page, preflight = counted(desk, shop, campaign_id)
    asked = desk.post(url(shop, "launch", campaign_id), {"preflight": preflight})
    assert "Send to 1 person now?" in text_of(asked)
    assert mailing_of(shop, campaign_id) is None
    answer = launch(desk, shop, campaign_id, preflight)
    assert "Sending has begun: 1 person was chosen." in text_of(answer)
    again = launch(desk, shop, campaign_id, preflight)
    assert again.request["PATH_INFO"] == url(shop, "campaign", campaign_id)
    assert len(selectors.campaigns(shop.workspace_id)) == 1


def test_more_people_than_the_button_said_is_a_conflict_with_both_numbers(shop):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    _page, preflight = counted(desk, shop, campaign_id)
    a_reader(shop)
    answer = launch(desk, shop, campaign_id, preflight)
    assert answer.status_code == 409
    assert "2 people would get it now, and not 1. Nothing was sent." in text_of(answer)
    assert "Send to 2 people" in text_of(answer)
    assert mailing_of(shop, campaign_id) is None


def test_what_rests_at_its_launch_is_told_with_the_reason(shop):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    _, preflight = counted(desk, shop, campaign_id)
    for minutes, answered in enumerate((True, False, False, False)):
        at = clock.now() + timedelta(minutes=minutes)
        link_watch.note(shop.workspace_id, "https://mail.aoi.example", answered=answered, now=at)
    page = text_of(launch(desk, shop, campaign_id, preflight))
    assert "It was launched and rests at once." in page
    assert "so nobody could opt out" in page
    assert "Sending has begun" not in page
    link_watch.note(shop.workspace_id, "https://mail.aoi.example", answered=True, now=clock.now())


def test_before_the_launch_the_page_says_when_it_would_be_finished(shop, monkeypatch):
    for _ in range(3):
        a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    monkeypatch.delenv("SHODAKU_SMTP_URL", raising=False)
    assert "No mail server carries campaigns" in counted(desk, shop, campaign_id)[0]
    route = rules.NewRoute(name="one", host="127.0.0.1", port=25, tls="none")
    route_id = rules.add_route(shop.workspace_id, route, by="test", now=clock.now())
    assert "no limit is set" in text_of(desk.get(url(shop, "preflight", campaign_id)))
    rules.begin_warm_up(shop.workspace_id, route_id, [1, 2, 4], by="test", now=clock.now())
    page = text_of(desk.get(url(shop, "preflight", campaign_id)))
    assert "Finished about" in page
    assert "1 leave on the first day, the last of them 1 day later" in page


def test_a_content_that_was_changed_after_the_counting_is_a_conflict(shop):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    _page, preflight = counted(desk, shop, campaign_id)
    desk.post(url(shop, "campaign", campaign_id), said(shop, text="別の本文"))
    answer = launch(desk, shop, campaign_id, preflight)
    assert answer.status_code == 409
    assert "The content was changed after the counting. Nothing was sent." in text_of(answer)
    assert mailing_of(shop, campaign_id) is None


def test_a_number_of_another_campaign_launches_nothing(shop):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    for preflight in ("", "999999", "9" * 40, "x"):
        launch(desk, shop, campaign_id, preflight)
    assert mailing_of(shop, campaign_id) is None


@pytest.mark.parametrize("role", [Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_who_may_not_launch_sees_why_and_launches_nothing(shop, role):
    a_reader(shop)
    campaign_id = draft(at_desk(shop), shop)
    _page, preflight = counted(at_desk(shop), shop, campaign_id)
    desk = at_desk(shop, role)
    assert "Sending needs the role" in text_of(desk.get(url(shop, "preflight", campaign_id)))
    for page in ("launch", "recount", "campaign_test", "campaign_copy", "campaign_pause", "campaign_start"):
        assert desk.post(url(shop, page, campaign_id), {"preflight": preflight}).status_code == 403, page
    assert desk.post(url(shop, "campaign", campaign_id), said(shop)).status_code == 403
    assert mailing_of(shop, campaign_id) is None


def test_a_test_goes_to_oneself_alone(shop):
    a_reader(shop)
    desk = at_desk(shop)
    answer = desk.post(url(shop, "campaign_test", draft(desk, shop)), follow=True)
    assert "The test is on its way to your address." in text_of(answer)
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select kind, planned from mailing where workspace_id = %s", [shop.workspace_id]
        ).fetchall()
    assert rows == [("test", 1)]


def test_pause_go_on_and_stop_for_good_with_a_question(shop):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    launch(desk, shop, campaign_id, counted(desk, shop, campaign_id)[1])

    def state():
        return delivery.progress(shop.workspace_id, mailing_of(shop, campaign_id)).state

    desk.post(url(shop, "campaign_pause", campaign_id))
    assert state() == "paused"
    assert "Go on" in text_of(desk.get(url(shop, "campaign", campaign_id)))
    desk.post(url(shop, "campaign_resume", campaign_id))
    assert state() == "running"
    asked = desk.post(url(shop, "campaign_cancel", campaign_id))
    assert "The remaining 1 mail stays unsent" in text_of(asked)
    assert state() == "running"
    stopped = desk.post(url(shop, "campaign_cancel", campaign_id), {"confirmed": "1"}, follow=True)
    assert "Sending has stopped." in text_of(stopped)
    assert state() == "cancelled"


def test_what_stopped_by_itself_says_why_and_goes_on_when_somebody_has_looked(shop):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    launch(desk, shop, campaign_id, counted(desk, shop, campaign_id)[1])
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update mailing set state = 'paused', stopped_for = 'bounces', stopped_sent = 1000,"
            " stopped_bad = 61 where workspace_id = %s and mailing_id = %s",
            [shop.workspace_id, mailing_of(shop, campaign_id)],
        )
    page = url(shop, "campaign", campaign_id)
    assert "of 1,000 mails 61 went to addresses that do not exist (6.1 %)" in text_of(desk.get(page))
    assert "1,000通のうち61通（6.1%）" in text_of(at_desk(shop, language="ja").get(page))
    desk.post(url(shop, "campaign_resume", campaign_id))
    assert "Paused by itself" not in text_of(desk.get(page))


def at(then):
    return localtime(then).strftime("%Y-%m-%dT%H:%M")


def test_a_campaign_starts_by_itself_at_the_time_that_was_written(shop):
    a_reader(shop)
    desk = at_desk(shop)
    then = (clock.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    campaign_id = draft(desk, shop, starts_at=at(then))
    assert selectors.campaign(shop.workspace_id, campaign_id).starts_at == then
    assert f'value="{at(then)}"' in text_of(desk.get(url(shop, "campaign", campaign_id)))
    page, preflight = counted(desk, shop, campaign_id)
    assert "Let it start by itself for 1 person" in page
    asked = desk.post(url(shop, "launch", campaign_id), {"preflight": preflight})
    assert "Yes, at that time" in text_of(asked)
    page = text_of(launch(desk, shop, campaign_id, preflight))
    assert "Will start by itself" in page
    assert "Nothing has left yet." in page
    assert "hx-get" not in page.split('class="running"')[1].split(">")[0]
    assert delivery.progress(shop.workspace_id, mailing_of(shop, campaign_id)).scheduled
    page = text_of(desk.post(url(shop, "campaign_start", campaign_id), follow=True))
    assert "It starts now." in page
    assert not delivery.progress(shop.workspace_id, mailing_of(shop, campaign_id)).scheduled


def test_a_time_that_has_passed_says_so_and_keeps_what_was_typed(shop):
    desk = at_desk(shop)
    yesterday = clock.now() - timedelta(days=1)
    page = desk.post(url(shop, "campaign_new"), said(shop, starts_at=at(yesterday)))
    assert page.status_code == 422
    assert "Choose a time in the future, within 90 days, or leave it empty." in text_of(page)
    assert "新しい器が届きました。" in text_of(page)
    assert selectors.campaigns(shop.workspace_id) == []


def test_a_draft_whose_time_has_passed_asks_for_another(shop):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop, starts_at=at(clock.now() + timedelta(days=1)))
    _page, preflight = counted(desk, shop, campaign_id)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update campaign set starts_at = now() - interval '1 minute' where campaign_id = %s",
            [campaign_id],
        )
    assert "Choose another time" in text_of(desk.get(url(shop, "preflight", campaign_id)))
    answer = launch(desk, shop, campaign_id, preflight)
    assert answer.status_code == 409
    assert "The time to start has passed." in text_of(answer)


def test_the_bar_that_asks_by_itself_is_the_one_of_the_page(shop):
    a_reader(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    launch(desk, shop, campaign_id, counted(desk, shop, campaign_id)[1])
    bar = text_of(desk.get(url(shop, "campaign_progress", campaign_id), headers={"hx-request": "true"}))
    assert bar.strip().startswith('<div class="stack" hx-get=')  # replaced whole: nothing is left twice
    assert bar.strip() in text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert "0 / 1" in bar
    desk.post(url(shop, "campaign_pause", campaign_id))
    resting = text_of(desk.get(url(shop, "campaign_progress", campaign_id), headers={"hx-request": "true"}))
    assert "hx-get" not in resting


def test_each_delivery_names_the_consent_that_covered_it(database, shop, tmp_path):
    reader, stranger = a_reader(shop), a_contact(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    launch(desk, shop, campaign_id, counted(desk, shop, campaign_id)[1])
    mailing_id = mailing_of(shop, campaign_id)
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    rows = {row.contact_id: row for row in delivery.deliveries(shop.workspace_id, [mailing_id])}
    evidence = rows[reader].evidence_id
    page = unescape(text_of(desk.get(url(shop, "deliveries", campaign_id))))
    assert f'href="{url(shop, "contact", reader)}#entry-{evidence}"' in page
    assert "@example.jp" in page
    assert "reader" not in re.sub(r"<[^>]+>", "", page).replace("readers", "")
    refused = text_of(desk.get(url(shop, "deliveries", campaign_id) + "?outcome=refused"))
    assert (stranger in rows) == (url(shop, "contact", stranger) in refused)
    assert f'{url(shop, "contact", reader)}"' not in refused
    answer = desk.post(url(shop, "deliveries_file", campaign_id))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(rows)
    assert f",{evidence}," in next(line for line in lines if line.startswith(f"{reader},"))
    history = text_of(desk.get(url(shop, "contact", reader)))
    assert "Handed over: 秋の新商品" in history
    result = text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert "Why, at the moment of sending" in result
    assert "秋の新商品" in text_of(desk.get(url(shop, "home")))


def test_an_earlier_campaign_is_written_anew(shop):
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    answer = desk.post(url(shop, "campaign_copy", campaign_id), follow=True)
    fresh = selectors.campaigns(shop.workspace_id)[0]
    assert fresh.campaign_id != campaign_id
    assert fresh.subject == "秋の新商品"
    assert answer.request["PATH_INFO"] == url(shop, "campaign", fresh.campaign_id)


def test_a_campaign_of_another_shop_is_not_here(shop):
    other = a_shop()
    campaign_id = draft(at_desk(other), other)
    desk = at_desk(shop)
    # numbers are counted over all shops; this one does not exist here
    for page in ("campaign", "preflight", "deliveries"):
        assert desk.get(url(shop, page, campaign_id)).status_code == 404, page
    assert desk.post(url(shop, "deliveries_file", campaign_id)).status_code == 404


def test_counting_again_answers_with_the_very_part_of_the_page(shop):
    a_reader(shop)
    a_contact(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    part = text_of(desk.post(url(shop, "recount", campaign_id), headers={"hx-request": "true"}))
    page = text_of(desk.get(url(shop, "preflight", campaign_id)))
    without_token = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text) for text in (part, page)]
    assert "<html" not in part
    assert without_token[0].strip() in without_token[1]


def test_the_names_behind_a_number_open_under_their_row_or_on_a_page_of_their_own(shop):
    stranger = a_contact(shop)
    desk = at_desk(shop)
    campaign_id = draft(desk, shop)
    counted(desk, shop, campaign_id)
    (reason,) = selectors.latest_preflight(shop.workspace_id, campaign_id).reasons
    place = url(shop, "held", campaign_id, reason)
    for answer in (desk.get(place), desk.get(place, headers={"hx-request": "true"})):
        assert url(shop, "contact", stranger) in text_of(answer)
    assert "<h1>" not in text_of(desk.get(place, headers={"hx-request": "true"}))
    assert desk.get(url(shop, "held", campaign_id, "NONSENSE")).status_code == 404
