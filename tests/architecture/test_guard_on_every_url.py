"""Deny by default: every address is guarded, or is in a list that somebody wrote on purpose."""

from __future__ import annotations

import uuid
from functools import cache

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from tests.console.desk import at_desk
from tests.people import a_reader, a_shop

from shodaku.accounts.domain import Act
from shodaku.kit import db

# the way in, and what recipients open: each for everybody, and why
OPEN = {
    "console_choose": "asks for the sign-in itself, and shows one's own memberships alone",
    "console_join": "opens by the signed link of an invitation; see tests/console/test_staff.py",
    "console_start": "opens by a signed token, while nobody has an account",
}
ELSEWHERE = (
    "shodaku.content.views",  # pictures of mails, for everybody; see tests/console/test_pictures.py
    "shodaku.signup.archive_views",  # for everybody, and of nobody; see tests/console/test_back_numbers.py
    "shodaku.signup.display_views",  # who sends, for everybody; see tests/signup/test_legal_display.py
    "shodaku.signup.views",  # a form for everybody, and what stands behind the link of its mail
    "shodaku.signup.desk_views",  # behind the token of a desk; see tests/signup/test_desks.py
    "shodaku.optout.hooks",  # secret and signature of a provider; see tests/optout/test_hooks.py
    "shodaku.optout.webhook",  # a provider's secret opens it; see tests/optout/test_receiving.py
    "shodaku.journeys.views",  # behind the link of the mail that asks again; see tests/journeys/test_views.py
    "shodaku.optout.preference_views",  # the same
    "shodaku.delivery.views",  # the page for links that lead nowhere; see tests/delivery/test_hits.py
    "shodaku.complaints.views",  # one's own data, behind links; see tests/complaints/test_own_data.py
    "shodaku.erasure.views",  # a certificate, behind its link; see tests/erasure/test_certificates.py
    "shodaku.optout.views",  # behind the links of mails; see tests/security/test_t04_tokens.py
    "shodaku.ledger.views",  # checks a proof that anybody brings; see tests/ledger/test_verify_page.py
    "shodaku.ledger.publication",  # the log without personal data; see tests/ledger/test_publication.py
    "shodaku.ledger.receipts",  # behind a link that only its holder has; see tests/ledger/test_receipts.py
    "shodaku.ledger.publication",  # the log itself, which names nobody; see tests/ledger/test_publication.py
    "ninja.",  # keys of programs: see tests/api/test_api.py
    "shodaku.config.urls",  # the way to the console
    "shodaku.config.probes",  # signs of life; figures for who has the token; see tests/config/test_probes.py
)
DOOR = {  # pages of allauth: to come in, to go, one's own password and second factor; no mail, no address
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_login_webauthn",
    "openid_connect_login",  # where a provider is named: see tests/accounts/test_outside_sign_in.py
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
}
DESCRIBED = {"openapi-json", "api-root"}  # what the API is, without anything of anybody
# names that allauth asks for; the pages are not there
CLOSED = {"account_signup", "socialaccount_signup", "socialaccount_connections"}
# a search by POST, so that no URL holds an address
READS_A_BODY = {"console_suppression_ask", "console_contacts"}
# that somebody asked is an act of its own, and counted
TRACE = {"ledger_entry", "ledger_sealed", "ledger_pending", "suppression_question"}


@cache
def patterns():
    def walk(entries, prefix=""):
        for entry in entries:
            if isinstance(entry, URLPattern):
                yield prefix + str(entry.pattern), entry
            else:
                yield from walk(entry.url_patterns, prefix + str(entry.pattern))

    return list(walk(get_resolver().url_patterns))


def room_of(entry):
    return getattr(entry.callback, "view_class", entry.callback).__module__


def console():
    return [entry for route, entry in patterns() if route.startswith("console/")]


def guarded():
    return [entry for entry in console() if entry.name not in OPEN]


def test_every_address_belongs_to_a_room_that_says_who_may_open_it():
    unknown = [
        route
        for route, entry in patterns()
        if not route.startswith("console/")
        and entry.name not in DOOR | DESCRIBED
        and not room_of(entry).startswith(ELSEWHERE)
    ]
    assert unknown == []


def test_of_the_sign_in_library_only_the_named_pages_are_open(shop):
    names = {entry.name for route, entry in patterns() if route.startswith("accounts/")}
    assert names == DOOR | CLOSED
    for name in CLOSED:
        assert Client().get(reverse(name)).status_code == 404


@pytest.mark.parametrize("page", ["email/", "password/reset/", "password/set/", "confirm-email/", ""])
def test_pages_that_change_an_address_or_send_a_mail_are_not_there(shop, page):
    assert at_desk(shop).get(f"/accounts/{page}").status_code == 404


def test_every_staff_page_names_the_act_it_needs():
    assert len(guarded()) > 20
    assert [
        entry.name for entry in guarded() if not isinstance(getattr(entry.callback, "act", None), Act)
    ] == []


def test_nothing_is_open_that_is_not_served():
    assert set(OPEN) <= {entry.name for entry in console()}


VALUES = {"int": 1, "slug": "news", "uuid": uuid.UUID(int=0), "str": "x"}


def address(entry, shop):
    """The page in this shop; every other number in it is 1, every word `news`."""
    values = {
        name: VALUES.get(type(each).__name__.removesuffix("Converter").lower().replace("string", "str"), 1)
        for name, each in entry.pattern.converters.items()
    }
    return reverse(entry.name, kwargs=values | {"slug": shop.slug})


@pytest.fixture
def shop(database):
    shop = a_shop()
    a_reader(shop)
    return shop


def test_nobody_who_is_not_signed_in_gets_past_the_door(shop):
    for entry in guarded():
        for method in ("get", "post"):
            answer = getattr(Client(), method)(address(entry, shop))
            to_the_door = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
            assert to_the_door or answer.status_code == 405, (entry.name, method, answer.status_code)


def test_a_member_of_another_shop_gets_past_no_door(shop):
    stranger = at_desk(a_shop())
    for entry in guarded():
        for method in ("get", "post"):
            status = getattr(stranger, method)(address(entry, shop)).status_code
            assert status in (404, 405), (entry.name, method, status)


def test_no_change_is_accepted_without_the_token_of_the_form(shop):
    owner = at_desk(shop, enforce_csrf_checks=True)
    for entry in guarded():
        status = owner.post(address(entry, shop)).status_code
        assert status in (403, 405), (entry.name, status)


def rows(shop):
    """Every table of the shop, by its number of rows and the newest version of one."""
    with db.transaction(shop.workspace_id) as connection:
        tables = connection.execute(
            "select c.relname from pg_class c"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'"
            " where c.relkind in ('r', 'p') and not c.relispartition"
            " and c.relnamespace = 'public'::regnamespace"
        ).fetchall()
        return {
            table: connection.execute(
                f'select count(*), max(xmin::text::bigint) from "{table}" where workspace_id = %s',  # noqa: S608 - a name from the catalogue
                [shop.workspace_id],
            ).fetchone()
            for (table,) in tables
        }


def test_looking_changes_nothing(shop):
    owner = at_desk(shop)
    before = rows(shop)
    for entry in guarded():
        owner.get(address(entry, shop))
        owner.head(address(entry, shop))
    assert rows(shop) == before


def test_looking_up_an_address_leaves_its_trace_in_the_ledger_and_changes_nothing(shop):
    owner = at_desk(shop)
    before = rows(shop)
    for name in READS_A_BODY:
        said = {"address": "somebody@example.jp", "q": "somebody@example.jp"}
        assert owner.post(reverse(name, args=[shop.slug]), said).status_code == 200
    after = rows(shop)
    assert {table for table in after if after[table] != before[table]} <= TRACE
