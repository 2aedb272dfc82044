"""Who may do what at the desk; whoever does not belong to a shop meets no trace of it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from tests.console.desk import at_desk, url
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Role
from shodaku.kit import db

pytestmark = pytest.mark.usefixtures("database")
PAGES = (
    "home", "contacts", "topics", "forms", "imports", "desk", "refusals", "suppressions", "erasures",
    "requests", "ledger", "settings", "staff",
)  # fmt: skip


@pytest.fixture
def shop():
    return a_shop()


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_every_list(shop, role):
    desk = at_desk(shop, role)
    assert {page: desk.get(url(shop, page)).status_code for page in PAGES} == dict.fromkeys(PAGES, 200)


def test_a_stranger_meets_no_trace_of_the_shop(shop):
    stranger = at_desk(None, Role.DEVELOPER)
    assert {stranger.get(url(shop, page)).status_code for page in PAGES} == {404}
    assert stranger.get(url(shop, "contact", a_reader(shop))).status_code == 404


def test_who_is_not_signed_in_is_sent_to_the_door(shop):
    answer = Client().get(url(shop, "home"))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_who_may_change_something_sets_up_a_second_factor_first_where_the_shop_requires_it(shop):
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update workspace set second_factor_required = true where workspace_id = %s", [shop.workspace_id]
        )
    for role in (Role.OWNER, Role.MARKETER, Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER):
        answer = at_desk(shop, role).get(url(shop, "home"))
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/totp/activate/")


@pytest.mark.parametrize("role", [Role.MARKETER, Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_only_an_owner_changes_who_sends(shop, role):
    desk = at_desk(shop, role)
    for page in ("sender_new", "save_rule", "save_retention", "route_add"):
        assert desk.post(url(shop, page), {}).status_code == 403, page
    for page in ("route_change", "route_remove"):
        assert desk.post(url(shop, page, 1), {}).status_code == 403, page
    for page in ("sender", "sender_retire", "sender_use"):
        assert desk.post(url(shop, page, shop.sender_id), {}).status_code == 403, page


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_write_down_a_no(shop, role):
    answer = at_desk(shop, role).post(
        url(shop, "refuse", a_reader(shop)), {"scope": "all", "via": "telephone"}
    )
    assert answer.status_code == 302


def test_whose_sign_in_ended_under_a_press_comes_back_to_the_page_of_the_press(shop):
    """An address that takes presses alone answers 405 to who comes from the door."""
    page = url(shop, "settings")
    for referer, next_page in (
        (f"http://testserver{page}?lang=ja", page),
        ("https://elsewhere.example/console/", reverse("console_choose")),
        ("", reverse("console_choose")),
    ):
        visitor = Client(headers={"accept-language": "en", **({"referer": referer} if referer else {})})
        answer = visitor.post(url(shop, "save_retention"), {"retention": "statutory"})
        assert answer.status_code == 302
        assert parse_qs(urlsplit(answer["Location"]).query)["next"] == [next_page]
        door = visitor.get(answer["Location"])
        assert "You have been signed out, and nothing was changed." in door.content.decode()


def test_a_part_of_a_page_leads_whose_sign_in_ended_to_the_door_too(shop):
    answer = Client().post(url(shop, "save_retention"), {}, headers={"hx-request": "true"})
    assert answer["Location"].startswith("/accounts/login/")
