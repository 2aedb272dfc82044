"""Rule: GET and HEAD change nothing (ARCHITECTURE.md section 7). Scanners open every link of every mail."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from django.test import Client
from psycopg import sql
from tests.journeys.clocks import a_silent_reader, ask_token, asked
from tests.people import a_reader, a_shop
from tests.signup.forms import a_form, ask, confirm_token, link, page_of

from shodaku.kit import db
from shodaku.kit.links import Purpose, Token

ROWS = sql.SQL(
    "select count(*), md5(string_agg(concat(ctid, ' ', xmin, ' ', xmax), ',' order by ctid)) from {}"
)


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    a_form(shop)
    return shop


@pytest.fixture(scope="module")
def pages(shop):
    """Every public page with a link that would act, if it were pressed."""
    reader = a_reader(shop)
    questioned = asked(shop, a_silent_reader(shop))
    stranger = ask(shop, f"scanner-{uuid.uuid4().hex[:10]}@example.jp")
    delivery, preference = (
        link(Token(shop.workspace_id, 0, reader, purpose))
        for purpose in (Purpose.DELIVERY, Purpose.PREFERENCE)
    )
    return {
        "form": page_of(shop),
        "confirm": f"/confirm/{confirm_token(shop, stranger)}",
        "ask": f"/ask/{ask_token(shop, questioned)}",
        "opt-out": f"/o/{delivery}",
        "preferences": f"/p/{preference}",
        "why": f"/w/{delivery}",
        "why on paper": f"/w/{delivery}/sheet.pdf",
        "complaint": f"/w/{delivery}/complaint",
        "reason": f"/o/{delivery}/reason",
    }


def snapshot(database, shop):
    """Of every table: number of rows, and which transactions wrote or locked each of them."""
    with psycopg.connect(database.owner) as connection:
        connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        names = connection.execute(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname = 'public' and c.relkind = 'r'"
        ).fetchall()
        return {name: connection.execute(ROWS.format(sql.SQL(name))).fetchone() for (name,) in names}


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    "page",
    ["form", "confirm", "ask", "opt-out", "preferences", "why", "why on paper", "complaint", "reason"],
)
def test_opening_a_link_changes_no_row_of_any_table(database, shop, pages, page, method):
    before = snapshot(database, shop)
    query = "?List-Unsubscribe=One-Click&scope=all&answer=receive&topics=1&days=30"
    for url in (pages[page], pages[page] + query):
        response = getattr(Client(), method)(url, headers={"purpose": "prefetch"})
        assert response.status_code == 200
    assert snapshot(database, shop) == before
    assert len(before) > 30


def test_the_snapshot_sees_a_change(database, shop, pages):
    before = snapshot(database, shop)
    Client().post(pages["opt-out"], {"List-Unsubscribe": "One-Click"})
    after = snapshot(database, shop)
    changed = {name for name in after if after[name] != before[name]}
    assert {"refusal", "consent", "consent_event", "ledger_entry"} <= changed
