"""The door of the console, pressed as a browser presses it: in, with a second factor, and out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
import uuid
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.sessions.models import Session
from django.test import Client
from tests.console.desk import PASSWORD, text_of
from tests.people import a_shop

from shodaku.accounts import jobs, services
from shodaku.accounts.domain import Role, passkeys_work
from shodaku.config import settings, worker

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture
def member():
    """The e-mail address of a clerk of a shop, and the shop."""
    shop = a_shop()
    email = f"door-{uuid.uuid4().hex[:8]}@aoi.example"
    staff_id = services.create_staff(email, "森 美咲", PASSWORD, now=NOW)
    services.join(shop.workspace_id, staff_id, Role.CLERK, now=NOW)
    return email, staff_id


def browser():
    return Client(headers={"accept-language": "en"})


def sign_in(visitor, email, password=PASSWORD):
    assert visitor.get("/accounts/login/").status_code == 200
    return visitor.post("/accounts/login/", {"login": email, "password": password})


def code_now(secret):
    """RFC 6238, as the authenticator on a telephone computes it."""
    moment = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), moment, hashlib.sha1).digest()
    at = digest[-1] & 0xF
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_the_right_password_opens_the_console_and_signing_out_closes_it(member):
    visitor = browser()
    answer = sign_in(visitor, member[0])
    assert (answer.status_code, answer["Location"]) == (302, "/console/")
    page = visitor.get("/console/", follow=True)
    assert page.status_code == 200
    assert member[0] not in text_of(page)  # what the library says on sign-in stays out
    assert visitor.post("/accounts/logout/").status_code == 302
    assert visitor.get("/console/")["Location"].startswith("/accounts/login/")


def test_a_wrong_password_opens_nothing_and_does_not_say_whether_there_is_an_account(member):
    known, unknown = (sign_in(browser(), email, "Not the password") for email in (member[0], "x@y.example"))
    for answer in (known, unknown):
        assert answer.status_code == 200
        assert "not correct" in text_of(answer)


def test_an_account_that_was_closed_opens_nothing(member):
    staff = services.staff(member[1])
    staff.is_active = False
    staff.save()
    visitor = browser()
    answer = sign_in(visitor, member[0])
    assert answer["Location"] == "/accounts/inactive/"
    assert visitor.get(answer["Location"]).status_code == 200
    assert visitor.get("/console/")["Location"].startswith("/accounts/login/")


def test_a_second_factor_is_set_up_and_asked_for_from_then_on(member):
    visitor = browser()
    sign_in(visitor, member[0])
    again = visitor.get("/accounts/2fa/totp/activate/")[
        "Location"
    ]  # the password once more, whoever sits here
    assert again.startswith("/accounts/reauthenticate/")
    assert visitor.get(again).status_code == 200
    page = visitor.post(again, {"password": PASSWORD}, follow=True)
    assert page.request["PATH_INFO"] == "/accounts/2fa/totp/activate/"
    answer = visitor.post("/accounts/2fa/totp/activate/", {"code": code_now(page.context["form"].secret)})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    assert visitor.get(answer["Location"]).status_code == 200
    visitor.post("/accounts/logout/")

    assert sign_in(visitor, member[0])["Location"].startswith("/accounts/2fa/authenticate/")
    assert visitor.get("/console/")["Location"].startswith("/accounts/login/")
    assert visitor.get("/accounts/2fa/authenticate/").status_code == 200
    kept = Authenticator.objects.get(user_id=member[1], type=Authenticator.Type.RECOVERY_CODES)
    code = RecoveryCodes(kept).get_unused_codes()[0]
    assert visitor.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/console/"


def test_a_password_is_changed_by_who_knows_the_old_one(member):
    visitor = browser()
    sign_in(visitor, member[0])
    assert visitor.get("/accounts/password/change/").status_code == 200
    another = "Another long one 2026"
    said = {"oldpassword": PASSWORD, "password1": another, "password2": another}
    assert visitor.post("/accounts/password/change/", said).status_code == 302
    assert sign_in(browser(), member[0], another)["Location"] == "/console/"


def test_every_page_behind_the_door_can_be_shown(member):
    visitor = browser()
    sign_in(visitor, member[0])
    visitor.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for page in ("2fa/", "2fa/webauthn/", "2fa/webauthn/add/", "2fa/totp/activate/", "logout/"):
        assert visitor.get(f"/accounts/{page}").status_code == 200, page


def test_django_itself_sends_no_mail():
    assert settings.EMAIL_BACKEND == "django.core.mail.backends.dummy.EmailBackend"


@pytest.mark.parametrize(
    ("host", "secure", "works"),
    [
        ("mail.example", True, True),
        ("mail.example:8443", True, True),
        ("mail.example", False, False),
        ("localhost:8000", False, True),
        ("127.0.0.1:8000", False, False),
        ("203.0.113.7", True, False),
        ("[::1]:8000", True, False),
    ],
)
def test_a_passkey_needs_a_name_and_a_safe_way_to_it(host, secure, works):
    assert passkeys_work(host, secure=secure) is works


def test_the_button_for_passkeys_stands_only_where_it_works():
    def door(host):
        return text_of(browser().get("/accounts/login/", headers={"host": host}))

    assert "passkey_login" in door("localhost:8000")
    assert "passkey_login" not in door("127.0.0.1:8000")


def test_sign_ins_that_ended_are_deleted_every_night():
    ended, alive = f"ended-{uuid.uuid4().hex}", f"alive-{uuid.uuid4().hex}"
    Session.objects.create(session_key=ended, session_data="", expire_date=datetime(2020, 1, 1, tzinfo=UTC))
    Session.objects.create(session_key=alive, session_data="", expire_date=datetime(2100, 1, 1, tzinfo=UTC))
    jobs.clear_sessions()
    kept = set(Session.objects.filter(session_key__in=(ended, alive)).values_list("session_key", flat=True))
    assert kept == {alive}
    assert "accounts.clear_sessions" in worker.periodic()
