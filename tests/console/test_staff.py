"""Members of a shop: asked by a link that works once, another role, gone; a shop keeps an owner."""

from __future__ import annotations

import re
import threading
import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from tests.console.desk import PASSWORD, at_desk, somebody, text_of, url
from tests.people import SENDER, a_shop

from shodaku.accounts import jobs, selectors, services
from shodaku.accounts.domain import Role, needs_second_factor
from shodaku.delivery import selectors as deliveries
from shodaku.kit import clock, db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.ledger import selectors as ledger
from shodaku.notices.letters import invitation_letter
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
NEWCOMER = {"name": "新 人子", "password": "a password of some length"}


@pytest.fixture
def shop():
    return a_shop()


def an_address():
    return f"new-{uuid.uuid4().hex[:10]}@aoi.example"


def invite(shop, email, role="clerk", *, desk=None, locale="ja"):
    said = {"email": email, "role": role, "locale": locale}
    return (desk or at_desk(shop)).post(url(shop, "staff_invite"), said)


def the_link(shop):
    (asked,) = selectors.invitations(shop.workspace_id)
    return services.link(shop.workspace_id, asked.invitation_id).removeprefix("http://testserver")


def browser(language="en"):
    return Client(headers={"accept-language": language})


def roles(shop, email):
    return [each.role for each in selectors.staff(shop.workspace_id) if each.email == email]


def kinds(shop):
    return [entry.kind for entry in ledger.history(shop.workspace_id, 0)]


def test_who_is_invited_makes_an_account_and_is_at_work_at_once(shop):
    email = an_address()
    assert invite(shop, email).status_code == 302
    visitor = browser()
    page = visitor.get(the_link(shop))
    assert (page.status_code, roles(shop, email)) == (200, [])
    assert "no-store" in page["Cache-Control"]
    answer = visitor.post(the_link(shop), NEWCOMER)
    assert (answer.status_code, answer["Location"]) == (302, f"/console/{shop.slug}/")
    assert visitor.get(answer["Location"]).status_code == 200
    assert roles(shop, email) == ["clerk"]
    assert kinds(shop) == ["admin.member.invited", "admin.member.joined"]
    assert email not in str([entry.fields for entry in ledger.history(shop.workspace_id, 0)])


def test_the_link_works_once(shop):
    invite(shop, an_address())
    link = the_link(shop)
    browser().post(link, NEWCOMER)
    again = browser().post(link, NEWCOMER | {"name": "二番目"})
    assert again.status_code == 404
    assert "This invitation is over" in text_of(again)
    assert len(selectors.staff(shop.workspace_id)) == 2


def test_of_two_who_press_in_the_same_instant_one_gets_the_account(shop):
    invite(shop, an_address())
    link, answers, together = the_link(shop), [], threading.Barrier(2, timeout=60)

    def press(name):
        try:
            together.wait()
            answers.append(browser().post(link, NEWCOMER | {"name": name}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(name,)) for name in ("一", "二")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) in ([302, 404], [302, 422])
    assert len(selectors.staff(shop.workspace_id)) == 2


def test_looking_at_the_link_does_not_use_it_up(shop):
    invite(shop, an_address())
    for _ in range(3):
        browser().head(the_link(shop))
        assert browser().get(the_link(shop)).status_code == 200


def test_the_link_of_the_mail_opens_the_same_invitation_and_no_other_token_does(shop):
    invite(shop, an_address())
    (asked,) = selectors.invitations(shop.workspace_id)
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    assert asked.mailing_id is not None

    def status(subject, contact, purpose=Purpose.INVITATION, workspace_id=shop.workspace_id):
        token = url_form(keys.make(Token(workspace_id, subject, contact, purpose)))
        return browser().get(f"/console/join/{token}").status_code

    assert status(asked.mailing_id, 77) == 200
    assert status(0, asked.invitation_id) == 200
    assert status(asked.mailing_id + 1, 77) == 404
    assert status(0, asked.invitation_id + 1) == 404
    assert status(0, asked.invitation_id, workspace_id=a_shop().workspace_id) == 404
    for purpose in set(Purpose) - {Purpose.INVITATION}:
        assert status(asked.mailing_id, 77, purpose) == 404, purpose
    assert browser().get("/console/join/not-a-token").status_code == 404


def test_the_mail_leaves_by_the_gate_like_every_other_mail(shop):
    invite(shop, an_address())
    (asked,) = selectors.invitations(shop.workspace_id)
    progress = deliveries.progress(shop.workspace_id, asked.mailing_id)
    assert (progress.total, progress.waiting) == (1, 1)


@pytest.mark.parametrize(("language", "word"), [("ja", "役割：事務担当"), ("en", "Your role: Clerk")])
def test_the_mail_names_the_workspace_the_role_and_how_long_the_link_works(language, word):
    role = word.partition("：" if language == "ja" else ": ")[2]
    until = datetime(2026, 12, 3, 9, 5, tzinfo=ZoneInfo("Asia/Tokyo"))
    letter = invitation_letter(SENDER, "あおい\n{{ name }}", role, until, language)
    assert word in letter.text
    assert "{{ invitation }}" in letter.text
    assert "{{ name }}" not in letter.text
    assert "\n" not in letter.subject
    assert ("2026年12月3日 9時05分" if language == "ja" else "3 Dec 2026 09:05") in letter.text


def test_where_no_mail_can_leave_the_link_is_handed_over(shop):
    email = an_address()
    suppression.add(shop.workspace_id, [email], by="test", now=NOW)
    desk = at_desk(shop)
    page = invite(shop, email, desk=desk)
    assert "Hand over the link" in text_of(desk.get(page["Location"]))
    assert browser().post(the_link(shop), NEWCOMER).status_code == 302
    assert roles(shop, email) == ["clerk"]


def test_an_invitation_that_is_asked_again_ends_the_one_before(shop):
    email = an_address()
    invite(shop, email)
    before = the_link(shop)
    invite(shop, email, role="marketer")
    assert browser().get(before).status_code == 404
    browser().post(the_link(shop), NEWCOMER)
    assert roles(shop, email) == ["marketer"]


def test_an_invitation_is_taken_back(shop):
    invite(shop, an_address())
    link = the_link(shop)
    (asked,) = selectors.invitations(shop.workspace_id)
    desk = at_desk(shop)
    for _ in range(2):
        answer = desk.post(url(shop, "invitation_take_back", asked.invitation_id))
        assert answer.status_code == 302
    assert browser().post(link, NEWCOMER).status_code == 404
    assert kinds(shop)[-1] == "admin.member.uninvited"
    assert kinds(shop).count("admin.member.uninvited") == 1


def test_an_invitation_ends_after_seven_days_and_its_address_is_deleted(shop, monkeypatch):
    asked_at = clock.now()
    invite(shop, an_address())
    link = the_link(shop)
    just_before = asked_at + timedelta(days=7, minutes=-5)
    monkeypatch.setattr(clock, "now", lambda: just_before)
    assert browser().get(link).status_code == 200
    jobs.clear_invitations()
    assert len(selectors.invitations(shop.workspace_id)) == 1
    monkeypatch.setattr(clock, "now", lambda: asked_at + timedelta(days=7, minutes=5))
    assert browser().get(link).status_code == 404
    jobs.clear_invitations()
    assert selectors.invitations(shop.workspace_id) == []


def test_who_has_an_account_accepts_signed_in_with_it_and_nobody_else_does(shop):
    email = an_address()
    staff_id = services.create_staff(email, "別 店子", PASSWORD, now=NOW)
    invite(shop, email, locale="en")
    link = the_link(shop)
    stranger = browser()
    assert "Sign in to accept" in text_of(stranger.get(link))
    stranger.post(link, NEWCOMER)
    other = at_desk(a_shop(), Role.CLERK)
    assert "signed in with another address" in text_of(other.get(link))
    other.post(link)
    assert roles(shop, email) == []
    own = browser()
    own.force_login(services.staff(staff_id), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert own.post(link)["Location"] == f"/console/{shop.slug}/"
    assert roles(shop, email) == ["clerk"]
    assert services.staff(staff_id).check_password(PASSWORD)


def test_who_works_here_already_is_not_asked_again(shop):
    at_desk(shop, Role.CLERK)
    email = services.staff(somebody(Role.CLERK)).email
    answer = invite(shop, email.upper())
    assert answer.status_code == 422
    assert "works here already" in text_of(answer)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"role": "king"}, "role"),
        ({"role": ""}, "role"),
        ({"locale": "xx"}, "locale"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_lost(shop, wrong, field):
    said = {"email": "kept@aoi.example", "role": "clerk", "locale": "ja"} | wrong
    answer = at_desk(shop).post(url(shop, "staff_invite"), said)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert said["email"] in text_of(answer)
    assert selectors.invitations(shop.workspace_id) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "1qaz2wsx3edc"}, "password"),
        ({"name": "あ\nい"}, "name"),
    ],
)
def test_a_newcomer_is_told_what_is_wrong_and_may_press_again(shop, wrong, field):
    invite(shop, an_address())
    answer = browser().post(the_link(shop), NEWCOMER | wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert browser().post(the_link(shop), NEWCOMER).status_code == 302


@pytest.mark.parametrize("role", [Role.MARKETER, Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_only_owners_invite_change_and_remove_and_see_links(shop, role):
    owner = at_desk(shop)
    invite(shop, an_address(), desk=owner)
    desk = at_desk(shop, role)
    (asked,) = selectors.invitations(shop.workspace_id)
    page = text_of(desk.get(url(shop, "staff")))
    assert asked.email not in page
    assert "/console/join/" not in page
    assert invite(shop, an_address(), desk=desk).status_code == 403
    owner_id = somebody(Role.OWNER)
    for place in (
        url(shop, "member", owner_id),
        url(shop, "member_remove", owner_id),
        url(shop, "invitation_take_back", asked.invitation_id),
    ):
        assert desk.post(place, {"role": "clerk"}).status_code == 403


def test_another_role_holds_at_once_and_ends_the_sign_ins_of_the_person(shop):
    clerk, staff_id = at_desk(shop, Role.CLERK), somebody(Role.CLERK)
    assert clerk.get(url(shop, "home")).status_code == 200
    answer = at_desk(shop).post(url(shop, "member", staff_id), {"role": "compliance"})
    assert answer.status_code == 302
    assert clerk.get(url(shop, "home"))["Location"].startswith("/accounts/login/")
    assert {each.role for each in selectors.staff(shop.workspace_id) if each.staff_id == staff_id} == {
        "compliance"
    }
    assert kinds(shop) == ["admin.member.changed"]


def test_who_is_removed_is_signed_out_and_meets_no_trace_of_the_shop(shop):
    clerk, staff_id = at_desk(shop, Role.CLERK), somebody(Role.CLERK)
    assert at_desk(shop).post(url(shop, "member_remove", staff_id)).status_code == 302
    assert clerk.get(url(shop, "home"))["Location"].startswith("/accounts/login/")
    again = browser()
    again.force_login(services.staff(staff_id), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert again.get(url(shop, "home")).status_code == 404
    assert kinds(shop) == ["admin.member.left"]


def test_the_last_owner_neither_leaves_nor_becomes_less(shop):
    desk, owner_id = at_desk(shop), somebody(Role.OWNER)
    lowered = desk.post(url(shop, "member", owner_id), {"role": "clerk"})
    assert lowered.status_code == 422
    assert "last owner" in text_of(lowered)
    assert desk.post(url(shop, "member_remove", owner_id)).status_code == 409
    assert kinds(shop) == []
    another = services.create_staff(an_address(), "二 番目", PASSWORD, now=NOW)
    services.join(shop.workspace_id, another, Role.OWNER, now=NOW)
    assert desk.post(url(shop, "member_remove", owner_id))["Location"] == "/console/"
    assert [each.staff_id for each in selectors.staff(shop.workspace_id)] == [another]
    assert desk.get("/console/")["Location"].startswith("/accounts/login/")


def test_two_owners_who_lower_each_other_in_the_same_instant_leave_one(shop):
    owners = [services.create_staff(an_address(), "持 主", PASSWORD, now=NOW) for _ in range(2)]
    for each in owners:
        services.join(shop.workspace_id, each, Role.OWNER, now=NOW)
    together, faults = threading.Barrier(2, timeout=60), []

    def lower(staff_id):
        try:
            together.wait()
            services.join(shop.workspace_id, staff_id, Role.CLERK, now=NOW)
        except services.LastOwner as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=lower, args=(each,)) for each in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(faults) == 1
    assert sorted(each.role for each in selectors.staff(shop.workspace_id)) == ["clerk", "owner"]


def test_a_member_of_another_shop_is_no_member_here(shop):
    stranger = services.create_staff(an_address(), "他 人", PASSWORD, now=NOW)
    services.join(a_shop().workspace_id, stranger, Role.CLERK, now=NOW)
    desk = at_desk(shop)
    assert desk.post(url(shop, "member", stranger), {"role": "owner"}).status_code == 404
    assert desk.post(url(shop, "member_remove", stranger)).status_code == 404


def test_a_shop_has_at_most_as_many_members_as_it_may(shop, monkeypatch):
    monkeypatch.setattr("shodaku.accounts.members.MEMBERS_MAX", 3)
    desk = at_desk(shop)
    for _ in range(2):
        assert invite(shop, an_address(), desk=desk).status_code == 302
    assert invite(shop, an_address(), desk=desk).status_code == 422
    again = selectors.invitations(shop.workspace_id)[0].email
    assert invite(shop, again, desk=desk).status_code == 302  # asked again, it is nobody more


def test_without_the_key_store_nobody_is_asked(shop):
    import dataclasses

    away = dataclasses.replace(
        runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1", _rings={}
    )
    desk = at_desk(shop)
    with runtime.replaced(away):
        assert invite(shop, an_address(), desk=desk).status_code == 503
    assert selectors.invitations(shop.workspace_id) == []


def test_every_role_that_changes_something_needs_a_second_factor():
    assert {role for role in Role if not needs_second_factor(role)} == set()


def test_an_invitation_of_one_shop_is_seen_by_no_other(shop):
    invite(shop, an_address())
    with db.transaction(a_shop().workspace_id) as held:
        assert held.execute("select count(*) from invitation").fetchone() == (0,)


def test_the_japanese_page_says_what_each_role_may_do(shop):
    page = text_of(at_desk(shop, language="ja").get(url(shop, "staff")))
    assert re.search("招待する", page)
    assert "事務担当" in page
