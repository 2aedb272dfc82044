"""Who sends, and what was said of it before, is there for everybody to read, and at the desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.campaigns.test_services import NOW as THEN
from tests.campaigns.test_services import a_draft, launch
from tests.console.desk import at_desk, text_of, url
from tests.console.senders import save
from tests.people import SENDER, a_reader, a_shop
from tests.signup.forms import link
from tests.signup.shown import acts

from shodaku.accounts import selectors as accounts_known
from shodaku.accounts import services as accounts
from shodaku.kit.links import Purpose, Token
from shodaku.signup import selectors

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop(NOW)


def page(shop, language="ja"):
    return Client().get(f"/legal/{shop.slug}", HTTP_ACCEPT_LANGUAGE=language)


def move(shop, address, at=NOW + timedelta(days=1)):
    accounts.save_sender(
        shop.workspace_id, replace(SENDER, sender_id=shop.sender_id, postal_address=address), now=at
    )


def test_anybody_reads_who_sends_where_and_to_whom_one_complains(shop):
    answer = page(shop)
    shown = text_of(answer)
    for fact in ("株式会社あおい雑貨", "東京都中央区銀座2-1-5", "03-0000-0000", "support@aoi.example"):
        assert fact in shown
    assert "法律に基づく表示" in shown
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Legal display" in text_of(page(shop, "en"))


def test_it_says_which_version_holds_and_what_changed_in_it(shop):
    move(shop, "東京都港区1-1")
    shown = text_of(page(shop, "en"))
    assert "Version 2, since" in shown
    assert "</span>Postal address: 東京都中央区銀座2-1-5</del>" in shown
    assert "</span>Postal address: 東京都港区1-1</ins>" in shown


def test_a_fact_that_nobody_filled_in_is_no_empty_line(shop):
    (only,) = selectors.legal_display(shop.workspace_id, shop.sender_id, "en")
    labels = [label for label, _said in only.facts]
    assert "Person responsible for sales" not in labels
    assert "Postal address" in labels


def test_of_a_workspace_that_is_not_there_nothing_is_shown(database):
    assert Client().get("/legal/nobody-of-this-name").status_code == 404


def test_a_name_with_markup_stays_text(shop):
    accounts.save_sender(
        shop.workspace_id,
        replace(SENDER, sender_id=shop.sender_id, display_name="<script>x</script>"),
        now=NOW,
    )
    assert b"<script>x" not in page(shop).content


def test_changed_at_the_desk_it_is_an_act_with_the_hash_of_what_holds_from_now_on(shop):
    desk = at_desk(shop)
    save(desk, shop, postal_address="東京都港区1-1")
    newest = accounts_known.sender_versions(shop.workspace_id, shop.sender_id)[0]
    act = acts(shop, "admin.sender.changed")[-1]
    assert newest.version == 2
    assert (act["display"], act["display_sha256"]) == (newest.version, newest.sha256)
    shown = text_of(desk.get(url(shop, "sender", shop.sender_id)))
    assert "Version 2" in shown
    assert "</span>Postal address: 東京都港区1-1</ins>" in shown


def test_the_launch_says_in_the_ledger_which_content_went_under_which_display(shop):
    a_reader(shop, at=THEN - timedelta(days=1))
    move(shop, "東京都港区1-1", at=THEN)
    campaign_id = a_draft(shop)
    launch(shop, campaign_id)
    act = acts(shop, "admin.campaign.launched")[-1]
    assert (act["campaign"], act["display"], len(act["content"])) == (campaign_id, 2, 64)


def test_whoever_gets_mail_finds_it_from_their_choices(shop):
    where = link(Token(shop.workspace_id, 0, a_reader(shop), Purpose.PREFERENCE))
    assert f'href="/legal/{shop.slug}"' in Client().get(f"/p/{where}").content.decode()
