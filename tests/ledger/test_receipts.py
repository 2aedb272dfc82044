"""A receipt proves one's own act to anybody, opens by its link alone, and tells a stranger nothing."""

from __future__ import annotations

import dataclasses
import json
import re
import time
import uuid
from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.ledger.tampering import with_the_database_in_hand
from tests.people import a_contact, a_shop

from shodaku.contacts import services as contacts
from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.ledger import selectors, services, verify
from shodaku.ledger.services import Act

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
ADDRESS = "taro-receipt@example.jp"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def browser():
    """As strict as Django can be: who needed a cookie would be refused."""
    return Client(enforce_csrf_checks=True)


def record(shop, person, kind="consent.withdrawn", **fields):
    services.ensure_keys(shop.workspace_id, [person])
    said = {"address": ADDRESS, "ip": "203.0.113.7", "scope": "all", **fields}
    with db.transaction(shop.workspace_id):
        contacts.lock(person)
        return services.append(Act(person, uuid.uuid4(), kind, NOW, said))


def an_act(shop, *, taken_up=True):
    """Somebody's no; the person, the entry and the path of the receipt."""
    person = a_contact(shop)
    entry_id = record(shop, person)
    if taken_up:
        services.sequence_all(shop.workspace_id, now=NOW)
    return person, entry_id, selectors.receipt_path(shop.workspace_id, person, entry_id)


def link(token):
    return url_form(LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs).make(token))


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode().replace("<wbr>", ""))


def away():
    return runtime.replaced(
        dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    )


def test_a_receipt_says_what_was_recorded_when_and_where_it_stands(shop, browser):
    _, entry_id, path = an_act(shop)
    page = text_of(browser.get(f"{path}?lang=en"))
    leaf = selectors.leaf_of(shop.workspace_id, entry_id)
    assert "Consent withdrawn" in page
    assert "2026-11-25 12:00:00 JST" in page
    assert f"#{entry_id:,}" in page
    assert leaf.hash.hex() in page
    assert selectors.log(shop.workspace_id).origin in page
    assert "Place 0 of the log, whose signed size is 1." in page
    assert "This record has not been changed since." in page
    assert f'href="{path}/proof.json"' in page
    assert ADDRESS not in page
    assert "203.0.113.7" not in page


def test_the_page_speaks_the_language_of_the_person(shop, browser):
    _, _, path = an_act(shop)
    assert 'lang="ja"' in text_of(browser.get(path, headers={"accept-language": "en"}))


def test_the_proof_is_of_this_act_alone_and_shows_no_address_to_who_was_only_forwarded_the_mail(
    shop, browser
):
    _, _, path = an_act(shop)
    answer = browser.get(f"{path}/proof.json")
    report = verify.check(
        verify.read_bundle(answer.content), selectors.verifier_keys(shop.workspace_id), now=int(time.time())
    )
    assert ADDRESS.encode() not in answer.content
    assert report.entries[0].withheld == ("address",)
    for typed in ("", "somebody@else.example", "no address", ADDRESS[:-1]):
        refused = browser.post(path, {"address": typed})
        assert refused.status_code == 422
        assert ADDRESS not in text_of(refused)


def test_who_can_name_the_address_gets_every_field_and_it_holds_without_us(shop, browser):
    person, entry_id, path = an_act(shop)
    record(shop, person, "consent.given", address="later@example.jp")
    services.sequence_all(shop.workspace_id, now=NOW)
    answer = browser.post(path, {"address": ADDRESS.upper()})
    bundle = verify.read_bundle(answer.content)
    report = verify.check(bundle, selectors.verifier_keys(shop.workspace_id), now=int(time.time()))
    assert [(each.index, each.kind) for each in report.entries] == [(0, "consent.withdrawn")]
    assert report.entries[0].values["address"] == ADDRESS
    assert report.entries[0].values["ip"] == "203.0.113.7"
    assert json.loads(answer.content)["entries"][0]["withheld"] == {}
    assert answer["Content-Disposition"] == f'attachment; filename="receipt-{entry_id}.json"'


def test_until_a_checkpoint_covers_it_the_page_asks_to_look_again(shop, browser):
    _, _, path = an_act(shop, taken_up=False)
    page = text_of(browser.get(f"{path}?lang=en"))
    assert "Open this page again in a minute." in page
    assert "proof.json" not in page
    answer = browser.get(f"{path}/proof.json")
    assert (answer.status_code, answer["Location"]) == (302, path)


def test_pages_behind_a_receipt_are_stored_and_listed_nowhere_and_set_no_cookie(shop, browser):
    _, _, path = an_act(shop)
    for place in (path, f"{path}/proof.json", "/receipt/" + "A" * 42, "/receipt/" + "A" * 42 + "/proof.json"):
        for method in ("get", "head"):
            response = getattr(browser, method)(place)
            assert response.status_code == 200
            assert "no-store" in response["Cache-Control"]
            assert "noindex" in response["X-Robots-Tag"]
            assert response["Referrer-Policy"] == "no-referrer"
            assert (len(response.cookies), b"<script" in response.content) == (0, False)
        answer = Client().post(place)
        assert answer.status_code == (405 if place.endswith("json") else 200 if "A" * 42 in place else 422)
        assert (len(answer.cookies), b"<script" in answer.content) == (0, False)


def test_a_forged_a_cut_off_and_a_foreign_link_show_one_neutral_page(shop, browser):
    person, entry_id, path = an_act(shop)
    token = path.rpartition("/")[2]
    others = [
        Token(shop.workspace_id, entry_id, person, purpose) for purpose in set(Purpose) - {Purpose.RECEIPT}
    ]
    others += [
        Token(a_shop().workspace_id, entry_id, person, Purpose.RECEIPT),
        Token(shop.workspace_id, entry_id + 1_000_000, person, Purpose.RECEIPT),
    ]
    pages = {
        browser.get(f"/receipt/{each}").content.replace(each.encode(), b"")
        for each in ("A" * 42, token[:-1], f"{token}=", *map(link, others))
    }
    assert len(pages) == 1
    assert "このリンクは使えません" in next(iter(pages)).decode().replace("<wbr>", "")


def test_the_link_of_one_person_gives_no_proof_of_another_persons_act(shop, browser):
    person, _, _ = an_act(shop)
    _, entry_id, _ = an_act(shop)
    path = f"/receipt/{link(Token(shop.workspace_id, entry_id, person, Purpose.RECEIPT))}"
    assert ADDRESS not in text_of(browser.get(path))
    assert browser.get(f"{path}/proof.json").status_code == 302


def test_of_an_erased_person_the_page_says_that_nobody_can_read_it_any_more(shop, browser):
    person, entry_id, path = an_act(shop)
    services.shred(shop.workspace_id, person)
    for step in ("the key is gone", "the rows are gone"):
        if step == "the rows are gone":
            with db.transaction(shop.workspace_id):
                services.forget(person)
        page = text_of(browser.get(f"{path}?lang=en"))
        assert "can no longer be read by anybody" in page
        assert "Consent withdrawn" in page
        assert "In the hour from 25 Nov 2026, 12:00" in page
        assert f"#{entry_id:,}" in page
        assert "proof.json" not in page
        assert browser.get(f"{path}/proof.json").status_code == 302


def test_while_the_key_store_is_away_the_page_stands_and_offers_no_proof(shop, browser):
    _, _, path = an_act(shop)
    with away():
        page = text_of(browser.get(f"{path}?lang=en"))
        answer = browser.get(f"{path}/proof.json")
    assert "The key store cannot be reached just now" in page
    assert "In the hour from 25 Nov 2026, 12:00" in page
    assert "proof.json" not in page
    assert answer.status_code == 302


def test_an_altered_entry_gets_no_seal_and_no_proof(shop, browser, database):
    _, entry_id, path = an_act(shop)
    with with_the_database_in_hand(database, shop, "ledger_entry") as owner:
        owner.execute("update ledger_entry set entry = replace(entry, 'consent', 'context')")
    page = text_of(browser.get(f"{path}?lang=en"))
    assert "This record could not be verified." in page
    assert ("Record checked" in page, "proof.json" in page) == (False, False)
    assert f"#{entry_id:,}" in page


def test_looking_at_a_receipt_changes_nothing(shop, browser):
    _, _, path = an_act(shop)
    before = len(selectors.entries_at(shop.workspace_id, 0, 99)), selectors.waiting(shop.workspace_id)
    browser.get(path)
    browser.get(f"{path}/proof.json")
    after = len(selectors.entries_at(shop.workspace_id, 0, 99)), selectors.waiting(shop.workspace_id)
    assert before == after


def test_an_act_without_entry_or_with_a_number_too_big_for_a_link_has_no_receipt(shop):
    assert selectors.receipt_path(shop.workspace_id, 1, None) is None
    assert selectors.receipt_path(shop.workspace_id, 1, 2**32) is None
    assert selectors.receipt_path(shop.workspace_id, 1, 2**32 - 1).startswith("/receipt/")
