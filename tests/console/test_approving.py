"""The second person's yes at the desk: asked for, found at home, given or sent back, then sent."""

from __future__ import annotations

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import PREFLIGHT, counted, draft, launch, mailing_of, said
from tests.people import a_reader, a_shop

from shodaku.accounts import selectors as accounts_known
from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.kit import clock

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    """Two readers, three people at work, and everything needs a second one of them."""
    shop = a_shop()
    for _ in range(2):
        a_reader(shop)
    for role in (Role.MARKETER, Role.COMPLIANCE, Role.CLERK):
        at_desk(shop, role)
    accounts.need_two_persons(shop.workspace_id, 0)
    return shop


def asked(shop, words="", role=Role.MARKETER):
    desk = at_desk(shop, role)
    campaign_id = draft(desk, shop)
    _page, preflight = counted(desk, shop, campaign_id)
    answer = desk.post(
        url(shop, "approval_ask", campaign_id), {"preflight": preflight, "words": words}, follow=True
    )
    return campaign_id, selectors.approval(shop.workspace_id, campaign_id), answer


def decide(shop, role, approval, decision, **more):
    return at_desk(shop, role).post(
        url(shop, "approval_decide", approval.campaign_id, approval.approval_id),
        {"decision": decision, **more},
        follow=True,
    )


def test_the_author_sees_a_request_in_the_place_of_the_button(shop):
    desk = at_desk(shop, Role.MARKETER)
    page, preflight = counted(desk, shop, draft(desk, shop))
    assert "Ask for approval" in page
    assert "Send to 2 people" not in page
    assert preflight


def test_who_presses_send_all_the_same_is_told_and_nothing_leaves(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop)
    _page, preflight = counted(desk, shop, campaign_id)
    answer = launch(desk, shop, campaign_id, preflight)
    assert answer.status_code == 409
    assert "only when a second person has approved it" in text_of(answer)
    assert mailing_of(shop, campaign_id) is None


def test_what_waits_stands_on_the_home_page_of_those_who_may_approve_it(shop):
    campaign_id, _approval, _answer = asked(shop, "急ぎです。")
    for role, seen in ((Role.COMPLIANCE, True), (Role.MARKETER, False), (Role.CLERK, False)):
        assert ("Approve or send back" in text_of(at_desk(shop, role).get(url(shop, "home")))) is seen
    page = text_of(at_desk(shop, Role.COMPLIANCE).get(url(shop, "preflight", campaign_id)))
    assert "急ぎです。" in page
    assert "Approve for 2 people" in page
    assert "Take the request back" not in page


def test_approved_by_another_it_is_sent_by_its_author(shop):
    campaign_id, approval, _answer = asked(shop)
    page = text_of(decide(shop, Role.COMPLIANCE, approval, "approve"))
    assert "Approved for 2 people. It can be sent now." in page
    assert "Sending needs the role" in page  # of the one who approved: compliance sends nothing
    desk = at_desk(shop, Role.MARKETER)
    page = text_of(desk.get(url(shop, "preflight", campaign_id)))
    assert "Send to 2 people" in page
    assert "Approved by 森 美咲" in page
    launch(desk, shop, campaign_id, PREFLIGHT.search(page)[1])
    assert mailing_of(shop, campaign_id)


def test_one_s_own_request_is_approved_by_nobody_pressing_it_oneself(shop):
    campaign_id, approval, _answer = asked(shop, role=Role.OWNER)
    page = text_of(decide(shop, Role.OWNER, approval, "approve"))
    assert "Nobody approves what they asked for themselves." in page
    assert "Approve for 2 people" not in page
    assert selectors.approval(shop.workspace_id, campaign_id).state == "asked"


def test_sent_back_with_words_it_stands_at_its_author_s_home(shop):
    campaign_id, approval, _answer = asked(shop)
    decide(shop, Role.COMPLIANCE, approval, "back", words="件名に日付を\n入れてください。")
    author = at_desk(shop, Role.MARKETER)
    for page in (
        text_of(author.get(url(shop, "home"))),
        text_of(author.get(url(shop, "preflight", campaign_id))),
    ):
        assert "件名に日付を" in page
    author.post(url(shop, "campaign", campaign_id), said(shop, subject="秋の新商品（11月25日）"))
    page, _preflight = counted(author, shop, campaign_id)
    assert "Ask for approval" in page


def test_without_words_it_is_not_sent_back_and_the_page_says_what_to_do(shop):
    campaign_id, approval, _answer = asked(shop)
    answer = decide(shop, Role.COMPLIANCE, approval, "back", words=" ")
    assert answer.status_code == 422
    assert "Say what has to be changed, then send it back." in text_of(answer)
    assert selectors.approval(shop.workspace_id, campaign_id).state == "asked"


def test_words_that_cannot_be_kept_come_back_as_they_were_typed(shop):
    _campaign_id, approval, answer = asked(shop, "お願い" * 200)
    assert answer.status_code == 422
    assert approval is None
    assert "お願い" * 200 in text_of(answer)
    assert "Ask for approval" in text_of(answer)


def test_what_was_changed_meanwhile_answers_409_and_approves_nothing(shop):
    campaign_id, approval, _answer = asked(shop)
    author = at_desk(shop, Role.MARKETER)
    author.post(url(shop, "campaign", campaign_id), said(shop, text="別の文です。"))
    page = text_of(decide(shop, Role.COMPLIANCE, approval, "approve"))
    assert "This was decided, changed or sent meanwhile." in page
    with_other_name = accounts_known.senders(shop.workspace_id)[0]
    _page, preflight = counted(author, shop, campaign_id)
    author.post(url(shop, "approval_ask", campaign_id), {"preflight": preflight})
    approval = selectors.approval(shop.workspace_id, campaign_id)
    _rename(shop, with_other_name)
    answer = decide(shop, Role.COMPLIANCE, approval, "approve")
    assert answer.status_code == 409
    assert "The content was changed after the counting." in text_of(answer)
    assert selectors.approval(shop.workspace_id, campaign_id).state == "asked"


def _rename(shop, sender):
    from dataclasses import replace
    from datetime import UTC, datetime

    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    accounts.save_sender(shop.workspace_id, replace(sender, formal_name="株式会社べつの店"), now=now)


def test_the_author_takes_it_back(shop):
    campaign_id, approval, _answer = asked(shop)
    author = at_desk(shop, Role.MARKETER)
    place = url(shop, "approval_take_back", campaign_id, approval.approval_id)
    assert "Taken back. Nothing was sent." in text_of(author.post(place, follow=True))
    assert "meanwhile" in text_of(author.post(place, follow=True))
    assert "Approve or send back" not in text_of(at_desk(shop, Role.COMPLIANCE).get(url(shop, "home")))


def test_pressed_back_after_the_launch_nothing_is_asked_and_nothing_is_sent_twice(shop):
    campaign_id, approval, _answer = asked(shop)
    decide(shop, Role.COMPLIANCE, approval, "approve")
    desk = at_desk(shop, Role.MARKETER)
    preflight = PREFLIGHT.search(text_of(desk.get(url(shop, "preflight", campaign_id))))[1]
    launch(desk, shop, campaign_id, preflight)
    mailing_id = mailing_of(shop, campaign_id)
    again = desk.post(url(shop, "approval_ask", campaign_id), {"preflight": preflight}, follow=True)
    assert again.redirect_chain[-1][0] == url(shop, "campaign", campaign_id)
    decide(shop, Role.COMPLIANCE, approval, "approve")
    launch(desk, shop, campaign_id, preflight)
    assert mailing_of(shop, campaign_id) == mailing_id
    assert selectors.approval(shop.workspace_id, campaign_id).state == "used"


@pytest.mark.parametrize("role", [Role.CLERK, Role.DEVELOPER])
def test_who_may_not_write_may_neither_ask_nor_approve(shop, role):
    campaign_id, approval, _answer = asked(shop)
    desk = at_desk(shop, role)
    for page, arguments in (
        ("approval_ask", (campaign_id,)),
        ("approval_decide", (campaign_id, approval.approval_id)),
        ("approval_take_back", (campaign_id, approval.approval_id)),
    ):
        assert desk.post(url(shop, page, *arguments), {}).status_code == 403, page


def test_the_number_is_set_by_an_owner_and_not_where_one_person_alone_approves():
    shop = a_shop()
    owner = at_desk(shop)
    answer = owner.post(url(shop, "save_two_persons"), {"above": "100"})
    assert answer.status_code == 422
    assert "Only one person here may approve" in text_of(answer)
    at_desk(shop, Role.MARKETER)
    assert owner.post(url(shop, "save_two_persons"), {"above": "100"}).status_code == 302
    assert 'value="100"' in text_of(owner.get(url(shop, "settings")))
    assert owner.post(url(shop, "save_two_persons"), {"above": "-1"}).status_code == 422
    assert owner.post(url(shop, "save_two_persons"), {"above": ""}).status_code == 302
    assert accounts_known.two_persons_above(shop.workspace_id) is None
    assert at_desk(shop, Role.MARKETER).post(url(shop, "save_two_persons"), {}).status_code == 403


def test_what_was_asked_for_at_a_command_line_says_so_to_whoever_approves_and_to_who_was_named(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop)
    _page, preflight = counted(desk, shop, campaign_id)
    named = next(
        each.staff_id for each in accounts_known.staff(shop.workspace_id) if each.role == Role.MARKETER
    )
    services.ask_approval(
        shop.workspace_id, campaign_id, preflight, "", staff_id=named, now=clock.now(), claimed=True
    )
    home = text_of(at_desk(shop, Role.COMPLIANCE).get(url(shop, "home")))
    assert "asked for at a command line, in the name of" in home
    second = text_of(at_desk(shop, Role.COMPLIANCE).get(url(shop, "preflight", campaign_id)))
    assert "It was asked for at a command line, where anybody can be named." in second
    own = text_of(desk.get(url(shop, "preflight", campaign_id)))
    approval = selectors.approval(shop.workspace_id, campaign_id)
    decide(shop, Role.COMPLIANCE, approval, "approve")
    approved = text_of(desk.get(url(shop, "preflight", campaign_id)))
    assert "Approved by" in approved
    assert "It was asked for at a command line, where anybody can be named." in approved
    assert "It was asked for in your name, at a command line." in own
    _number, asked_here, _answer = asked(shop)
    usual = text_of(at_desk(shop, Role.COMPLIANCE).get(url(shop, "preflight", asked_here.campaign_id)))
    assert "command line" not in usual
