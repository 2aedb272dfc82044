"""One's own account: how the screen is, where one is signed in, and that a sign-in ends when it must."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from tests.accounts.test_door import code_now
from tests.console.desk import PASSWORD, text_of, url
from tests.people import a_shop

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import Role, browser_of
from shodaku.console import shortcuts

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604"
)


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def member(shop):
    """E-mail address and number of a clerk of the shop."""
    email = f"own-{uuid.uuid4().hex[:10]}@aoi.example"
    staff_id = services.create_staff(email, "森 美咲", PASSWORD, now=NOW)
    services.join(shop.workspace_id, staff_id, Role.CLERK, now=NOW)
    return email, staff_id


def signed_in(email, program=FIREFOX, language="en"):
    browser = Client(headers={"accept-language": language, "user-agent": program})
    answer = browser.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert answer["Location"] == "/console/"
    return browser


def screen(**changed):
    return {"name": "森 美咲", "language": "", "theme": "", "shortcuts": "on"} | changed


def at_work(browser, shop):
    return browser.get(url(shop, "home")).status_code == 200


def test_the_language_that_was_chosen_holds_in_every_browser_until_a_link_asks_for_another(shop, member):
    browser = signed_in(member[0])
    assert 'lang="en"' in text_of(browser.get(url(shop, "home")))
    browser.post(url(shop, "account"), screen(language="ja"))
    assert '<html lang="ja"' in text_of(browser.get(url(shop, "home")))
    another = signed_in(member[0])
    assert '<html lang="ja"' in text_of(another.get(url(shop, "home")))
    another.get(url(shop, "home") + "?lang=en")
    assert '<html lang="en"' in text_of(another.get(url(shop, "home")))
    another.post(url(shop, "account"), screen(language="ja"))
    assert '<html lang="ja"' in text_of(another.get(url(shop, "home")))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_colours_hold_on_pages_of_the_desk_and_of_the_door(shop, member, theme):
    browser = signed_in(member[0])
    browser.post(url(shop, "account"), screen(theme=theme))
    for page in (url(shop, "home"), "/accounts/password/change/"):
        shown = text_of(browser.get(page, follow=True))
        assert f'data-theme="{theme}"' in shown.split("<head>")[0], page
    browser.post(url(shop, "account"), screen())
    assert "data-theme" not in text_of(browser.get(url(shop, "home"))).split("<head>")[0]


def test_shortcuts_that_are_switched_off_are_off_on_every_page_and_say_so_in_their_list(shop, member):
    browser = signed_in(member[0])
    on = text_of(browser.get(url(shop, "home")))
    assert 'data-shortcuts="off"' not in on
    assert '<dialog id="keys"' in on
    browser.post(url(shop, "account"), screen(shortcuts=""))
    off = text_of(browser.get(url(shop, "home")))
    assert 'data-shortcuts="off"' in off
    assert '<dialog id="keys"' not in off
    assert "<kbd" not in off
    assert "switched off" in text_of(browser.get(url(shop, "shortcuts")))


def test_every_key_of_the_list_has_its_link_on_the_page_and_none_stands_for_two(shop, member):
    page = text_of(signed_in(member[0]).get(url(shop, "home")))
    links = dict(re.findall(r'href="([^"]+)"[^>]*data-go="([a-z])"', page))
    assert links == {url(shop, name): key for name, key in shortcuts.GO.items()}
    assert len(set(shortcuts.GO.values())) == len(shortcuts.GO)


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "あ\nい"}, {"language": "xx"}, {"theme": "pink"}])
def test_what_cannot_be_chosen_is_told_at_its_field(shop, member, wrong):
    answer = signed_in(member[0]).post(url(shop, "account"), screen(**wrong))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(wrong)


def test_every_browser_where_one_is_signed_in_is_listed_and_can_be_signed_out(shop, member):
    here, there = signed_in(member[0]), signed_in(member[0], IPHONE)
    page = text_of(here.get(url(shop, "account")))
    assert "Firefox, Linux" in page
    assert "Safari, iPhone" in page
    own, other = sorted(selectors.sign_ins(member[1], now=NOW), key=lambda each: each.sign_in_id)
    assert own.session_key == here.session.session_key
    here.post(url(shop, "sign_in_end", other.sign_in_id))
    assert (at_work(here, shop), at_work(there, shop)) == (True, False)
    here.post(url(shop, "sign_in_end", own.sign_in_id))  # this one is left by the button of the frame
    assert at_work(here, shop)


def test_nobody_ends_the_sign_in_of_somebody_else(shop, member):
    other = services.create_staff(f"x-{uuid.uuid4().hex[:8]}@aoi.example", "他 人", PASSWORD, now=NOW)
    services.join(shop.workspace_id, other, Role.CLERK, now=NOW)
    theirs = signed_in(services.staff(other).email)
    (sign_in,) = selectors.sign_ins(other, now=NOW)
    mine = signed_in(member[0])
    mine.post(url(shop, "sign_in_end", sign_in.sign_in_id))
    mine.post(url(shop, "sign_ins_end"))
    assert at_work(theirs, shop)


def test_signing_out_everywhere_leaves_this_browser_alone(shop, member):
    here, there, third = (signed_in(member[0]) for _ in range(3))
    assert here.post(url(shop, "sign_ins_end")).status_code == 302
    assert [at_work(each, shop) for each in (here, there, third)] == [True, False, False]
    (left,) = selectors.sign_ins(member[1], now=NOW)
    assert left.session_key == here.session.session_key


def test_a_sign_in_that_was_kept_by_a_thief_ends_with_the_round_even_when_it_was_never_listed(shop, member):
    stolen = signed_in(member[0])
    UserSession.objects.filter(user_id=member[1]).delete()
    services.end_sign_ins(member[1])
    assert not at_work(stolen, shop)


def test_another_password_ends_every_other_sign_in(shop, member):
    here, there = signed_in(member[0]), signed_in(member[0])
    another = "Another long one 2026"
    said = {"oldpassword": PASSWORD, "password1": another, "password2": another}
    assert here.post("/accounts/password/change/", said).status_code == 302
    assert [at_work(each, shop) for each in (here, there)] == [True, False]


def activated(browser):
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = browser.get("/accounts/2fa/totp/activate/")
    return browser.post("/accounts/2fa/totp/activate/", {"code": code_now(page.context["form"].secret)})


def test_a_new_second_factor_ends_every_other_sign_in_and_so_does_its_removal(shop, member):
    here, there = signed_in(member[0]), signed_in(member[0])
    assert activated(here)["Location"] == "/accounts/2fa/recovery-codes/"
    assert [at_work(each, shop) for each in (here, there)] == [True, False]
    third = Client()
    third.force_login(
        services.staff(member[1]), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert at_work(third, shop)
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    here.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user_id=member[1]).exists()
    assert [at_work(each, shop) for each in (here, third)] == [True, False]


def test_a_code_that_is_wrong_ends_nothing(shop, member):
    here, there = signed_in(member[0]), signed_in(member[0])
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    here.get("/accounts/2fa/totp/activate/")
    here.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert [at_work(each, shop) for each in (here, there)] == [True, True]


@pytest.mark.parametrize(
    ("program", "shown"),
    [(FIREFOX, "Firefox, Linux"), (IPHONE, "Safari, iPhone"), ("curl/8", ""), ("", ""), ("<script>", "")],
)
def test_a_browser_is_called_by_what_everybody_calls_it(program, shown):
    assert browser_of(program) == shown
