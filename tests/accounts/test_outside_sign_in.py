"""Sign-in at the organisation's provider: opens accounts that were invited, makes none, skips no factor."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.test import Client
from tests.accounts.oidc_provider import CLIENT, SECRET, Provider
from tests.accounts.test_door import code_now
from tests.console.desk import PASSWORD, text_of
from tests.people import a_shop

from shodaku.accounts import services
from shodaku.accounts.domain import Role
from shodaku.config import outside_sign_in
from shodaku.config.outside_sign_in import SecretExposed, UnfitProvider

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture
def named(monkeypatch, tmp_path):
    """The environment names a provider; what settings make of it."""

    def named(issuer, **more):
        file = tmp_path / "secret"
        file.write_text(f"{SECRET}\n")
        file.chmod(0o600)
        values = {"ISSUER": issuer, "CLIENT_ID": CLIENT, "SECRET_FILE": str(file), "NAME": "あおい"} | more
        for name, value in values.items():
            monkeypatch.setenv(f"SHODAKU_OIDC_{name}", value)
        found = outside_sign_in.provider()
        monkeypatch.setattr(settings, "OUTSIDE", found)
        monkeypatch.setattr(settings, "SOCIALACCOUNT_PROVIDERS", found.settings if found else {})
        return found

    return named


@pytest.fixture
def member():
    """Address and number of a clerk."""
    email = f"outside-{uuid.uuid4().hex[:10]}@aoi.example"
    staff_id = services.create_staff(email, "森 美咲", PASSWORD, now=NOW)
    services.join(a_shop().workspace_id, staff_id, Role.CLERK, now=NOW)
    return email, staff_id


@pytest.fixture
def provider(named):
    with Provider() as provider:
        named(provider.issuer)
        yield provider


def says(provider, email, *, verified=True, subject=None):
    provider.claims = {"sub": subject or f"s-{email}", "email": email, "email_verified": verified}


def begin(browser, query=""):
    """Where the browser is sent after the button was pressed."""
    answer = browser.post(f"/accounts/oidc/organisation/login/{query}")
    assert answer.status_code == 302
    return answer["Location"]


def come_back(browser, provider, place):
    asked = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
    back = urlsplit(provider.authorize(asked))
    assert back.path == "/accounts/oidc/organisation/login/callback/"
    return browser.get(f"{back.path}?{back.query}")


def sign_in(provider, query=""):
    browser = Client(headers={"accept-language": "en"})
    return browser, come_back(browser, provider, begin(browser, query))


def is_in(browser):
    return not browser.get("/console/")["Location"].startswith("/accounts/login/")


def test_who_was_invited_signs_in_by_the_address_that_the_provider_vouches_for(provider, member):
    says(provider, member[0])
    browser, answer = sign_in(provider)
    assert (answer.status_code, answer["Location"]) == (302, "/console/")
    assert is_in(browser)


def test_the_second_time_the_provider_knows_the_person_by_their_number(provider, member):
    says(provider, member[0], subject="42")
    sign_in(provider)
    says(provider, "renamed@elsewhere.example", subject="42")
    browser, _answer = sign_in(provider)
    assert is_in(browser)


def test_a_password_that_was_chosen_behind_a_handed_over_link_ends_when_the_address_comes_by_itself(
    provider,
):
    """Whoever invites somebody holds that link too, and could have chosen the password."""
    shop, email = a_shop(), f"handed-{uuid.uuid4().hex[:10]}@aoi.example"
    asked = services.ask(shop.workspace_id, email, Role.CLERK, locale="ja", invited_by=None, now=NOW)
    opened = services.open_link(services.link(shop.workspace_id, asked).rpartition("/")[2], NOW)
    staff_id = services.begin(opened, services.Newcomer("森 美咲", PASSWORD), now=NOW)
    assert services.staff(staff_id).has_usable_password()
    browser = Client()
    says(provider, email)
    come_back(browser, provider, begin(browser))
    assert not services.staff(staff_id).has_usable_password()
    assert browser.session["_auth_user_id"] == str(staff_id)


def test_a_stranger_gets_no_account(provider):
    email = f"stranger-{uuid.uuid4().hex[:8]}@aoi.example"
    says(provider, email)
    browser, answer = sign_in(provider)
    assert not is_in(browser)
    assert answer.status_code == 200
    assert "nobody was invited" in text_of(answer)
    assert not SocialAccount.objects.filter(uid=f"s-{email}").exists()


def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(provider, member):
    says(provider, member[0], verified=False)
    browser, _answer = sign_in(provider)
    assert not is_in(browser)


def test_a_second_factor_is_asked_for_all_the_same(provider, member):
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(services.staff(member[1]), secret)
    says(provider, member[0])
    browser, answer = sign_in(provider)
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_in(browser)
    browser.post("/accounts/2fa/authenticate/", {"code": code_now(secret)})
    assert is_in(browser)


def test_a_closed_account_stays_closed(provider, member):
    staff = services.staff(member[1])
    staff.is_active = False
    staff.save()
    says(provider, member[0])
    browser, answer = sign_in(provider)
    assert answer["Location"] == "/accounts/inactive/"
    assert not is_in(browser)


def test_nobody_ties_another_account_to_a_browser_that_was_left_open(provider, member):
    says(provider, "thief@elsewhere.example", subject="thief")
    browser = Client(headers={"accept-language": "en"})
    browser.post("/accounts/login/", {"login": member[0], "password": PASSWORD})
    come_back(browser, provider, begin(browser, "?process=connect"))
    assert not SocialAccount.objects.filter(user_id=member[1]).exists()


def test_an_answer_that_nobody_asked_for_or_that_comes_twice_opens_nothing(provider, member):
    says(provider, member[0])
    browser = Client(headers={"accept-language": "en"})
    place = begin(browser)
    stranger = Client(headers={"accept-language": "en"})
    come_back(stranger, provider, place)
    assert not is_in(stranger)
    provider.codes.clear()
    answer = browser.get("/accounts/oidc/organisation/login/callback/?code=forged&state=forged")
    assert answer.status_code in (200, 302, 401)
    assert not is_in(browser)


def test_a_token_for_somebody_else_opens_nothing(provider, member):
    says(provider, member[0])
    provider.audience = "another client"
    browser, _answer = sign_in(provider)
    assert not is_in(browser)


def test_looking_sends_nobody_away_and_the_policy_lets_the_form_go_there(provider):
    browser = Client(headers={"accept-language": "en"})
    page = browser.get("/accounts/login/")
    assert "Sign in with あおい" in text_of(page)
    assert f"form-action 'self' {provider.issuer}" in page["Content-Security-Policy"]
    assert browser.get("/accounts/oidc/organisation/login/").status_code == 200
    assert browser.get("/accounts/oidc/somewhere/login/").status_code == 404


def test_without_a_provider_there_is_no_button_and_no_way(named):
    for name in ("ISSUER", "CLIENT_ID", "SECRET_FILE", "NAME"):
        assert named("", CLIENT_ID="", SECRET_FILE="", NAME="") is None, name
    page = Client().get("/accounts/login/")
    assert "oidc" not in text_of(page)
    assert "form-action 'self';" in page["Content-Security-Policy"]
    assert Client().post("/accounts/oidc/organisation/login/").status_code == 404


@pytest.mark.parametrize(
    "more",
    [
        {"ISSUER": "http://login.example"},
        {"ISSUER": "https://login.example/?x=1"},
        {"ISSUER": "login.example"},
        {"ISSUER": ""},
        {"CLIENT_ID": ""},
        {"NAME": "あ" * 61},
    ],
)
def test_an_environment_that_names_half_a_provider_is_told_at_the_start(named, more):
    with pytest.raises(UnfitProvider):
        named(more.get("ISSUER", "https://login.example"), **more)


def test_a_provider_that_is_named_amiss_closes_its_own_door_alone(named, monkeypatch, capsys):
    named("https://login.example")
    monkeypatch.setenv("SHODAKU_OIDC_ISSUER", "http://login.example")
    assert outside_sign_in.provider_or_none() is None
    assert "sign_in.outside_off" in capsys.readouterr().err


def test_a_secret_that_others_can_read_is_refused(named, tmp_path):
    file = tmp_path / "open"
    file.write_text(SECRET)
    file.chmod(0o640)
    for path in (str(file), str(tmp_path / "missing")):
        with pytest.raises(SecretExposed):
            named("https://login.example", SECRET_FILE=path)


@pytest.mark.parametrize("page", ["cancelled/", "failed/", "oidc/organisation/login/"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_of_it_looks_like_the_product(provider, page, language):
    shown = text_of(Client(headers={"accept-language": language}).get(f"/accounts/{page}"))
    assert '<main class="door"' in shown
    assert f'<html lang="{language}"' in shown
