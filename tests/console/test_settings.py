"""Settings of a shop: who sends, checked when it is typed and not when the first mail fails."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.console.desk import at_desk, text_of, url
from tests.console.senders import save
from tests.people import SENDER, a_reader, a_shop

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import EvidenceRetention, OptOutRule, Role
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def shop():
    return a_shop()


def sender(shop):
    return selectors.sender(shop.workspace_id, shop.sender_id)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"mail_domain": "no domain"}, "mail_domain"),
        ({"mail_domain": "localhost"}, "mail_domain"),
        ({"display_name": "あおい =?UTF-8?B?Qg==?="}, "display_name"),
        ({"display_name": "あおい\nBcc: x"}, "display_name"),
        ({"from_address": "news@rival.example"}, "from_address"),
        ({"from_address": "=?x@aoi.example"}, "from_address"),
    ],
)
def test_a_sender_that_could_not_send_is_refused_at_its_field(shop, wrong, field):
    answer = save(at_desk(shop), shop, **wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert sender(shop) == replace(SENDER, sender_id=shop.sender_id)


def test_the_fault_is_told_in_japanese_too(shop):
    answer = save(at_desk(shop, language="ja"), shop, mail_domain="x")
    assert "ドメインを入力してください" in text_of(answer)


def test_a_domain_is_kept_as_the_network_knows_it(shop):
    typed = {"mail_domain": "@青い.Example", "from_address": "news@青い.example"}
    assert save(at_desk(shop), shop, **typed).status_code == 302
    assert sender(shop).mail_domain == sender(shop).from_address.partition("@")[2] == "xn--n8j3612a.example"


def test_a_seller_at_a_distance_says_who_is_responsible_and_on_which_terms(shop):
    desk = at_desk(shop)
    seller = {"responsible_person": "青井 葵", "sales_terms_url": "https://aoi.example/terms"}
    assert save(desk, shop, **seller).status_code == 302
    assert sender(shop) == replace(SENDER, sender_id=shop.sender_id, **seller)
    page = text_of(desk.get(url(shop, "sender", shop.sender_id)))
    assert all(value in page for value in seller.values())
    assert save(desk, shop, sales_terms_url="javascript:x").status_code == 422


def test_a_changed_policy_gets_another_version_even_when_the_one_before_is_no_number(shop):
    services.save_sender(
        shop.workspace_id,
        replace(SENDER, sender_id=shop.sender_id, privacy_policy_version="2026-04"),
        now=NOW,
    )
    desk = at_desk(shop)
    save(desk, shop)
    assert sender(shop).privacy_policy_version == "2026-04"
    save(desk, shop, privacy_policy="ほかのことには使いません。")
    assert sender(shop).privacy_policy_version == "2026-04.1"


def test_the_page_for_a_no_says_which_field_belongs_to_which_choice(shop):
    page = text_of(at_desk(shop).get(url(shop, "contact", a_reader(shop))))
    assert "Only for one topic." in page
    assert "Only to erase." in page
    services.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    page = text_of(at_desk(shop).get(url(shop, "contact", a_reader(shop))))
    assert "For all advertising: here it erases." in page


def test_how_long_evidence_is_kept_is_chosen_and_recorded(shop):
    desk = at_desk(shop)
    form = desk.get(url(shop, "settings")).context["retention_form"]
    assert form.initial == {"retention": EvidenceRetention.DEFAULT}
    desk.post(url(shop, "save_retention"), {"retention": "statutory"})
    assert selectors.retention(shop.workspace_id).setting is EvidenceRetention.STATUTORY
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, 0)]
    assert kinds == ["admin.retention.changed"]
    assert desk.post(url(shop, "save_retention"), {"retention": "for ever"}).status_code == 422


def rule(**said):
    absent = {"rule": "stop_all", "note": "", "note_en": "", "after": "", "after_en": ""}
    return {**absent, **said}


def test_the_rule_for_a_no_keeps_its_words_in_both_languages_and_which_notices_end(shop):
    desk = at_desk(shop)
    words = {"note": "前に", "note_en": "Before", "after": "後に", "after_en": "After"}
    said = rule(**words, ends=["product_update", "follow_up"])
    assert desk.post(url(shop, "save_rule"), said).status_code == 302
    saved = selectors.workspace(shop.workspace_id)
    assert saved.on_opt_out == "stop_all"
    assert (saved.explained("ja").text, saved.explained("en").text) == ("前に", "Before")
    assert (saved.explained("ja", after=True).text, saved.explained("en", after=True).text) == (
        "後に",
        "After",
    )
    assert saved.opt_out_ends == ["follow_up", "product_update"]
    form = desk.get(url(shop, "settings")).context["rule_form"]
    assert form.initial == {"rule": "stop_all", "ends": saved.opt_out_ends, **words}
    (entry,) = ledger.history(shop.workspace_id, 0)
    assert (entry.kind, entry.fields["rule"]) == ("admin.opt_out_rule.changed", "stop_all")


@pytest.mark.parametrize("wrong", [{"rule": "never"}, {"ends": ["breach_notice"]}, {"after": "あ" * 1_001}])
def test_a_rule_that_cannot_be_kept_is_refused_with_nothing_lost(shop, wrong):
    desk = at_desk(shop)
    answer = desk.post(url(shop, "save_rule"), rule(note_en="Do not lose this", **wrong))
    assert answer.status_code == 422
    assert "Do not lose this" in text_of(answer)
    assert selectors.workspace(shop.workspace_id).opt_out_note_en == ""


def test_the_pages_for_a_no_can_be_looked_at_and_press_nothing(shop):
    desk = at_desk(shop, Role.CLERK)
    services.change_opt_out_rule(
        shop.workspace_id, OptOutRule.ERASE, "", note_en="Our words", after_en="Later"
    )
    page = url(shop, "preview_opt_out")
    assert page in text_of(desk.get(url(shop, "settings")))
    before, after = text_of(desk.get(page)), text_of(desk.get(f"{page}?page=after"))
    assert "Our words" in before
    assert "Later" in after
    for shown in (before, after):
        assert re.findall(r"<button(?![^>]*type=\"button\")", shown.split("<main")[1]) == []
        assert "/o/" not in shown
    assert desk.post(page).status_code == 405
