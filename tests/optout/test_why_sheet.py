"""Why a mail came, on paper: as much as the page says, and no more for whoever else holds the link."""

from __future__ import annotations

import dataclasses
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.test import Client
from django.utils import translation
from tests.ledger.pdf_reading import squeezed
from tests.ledger.pdf_reading import text_of as read
from tests.ledger.tampering import with_the_database_in_hand
from tests.optout.test_views import a_token, text_of
from tests.people import a_contact, a_reader, a_shop

from shodaku.consent import selectors as consents
from shodaku.contacts import services as contacts
from shodaku.kit import db, runtime
from shodaku.kit.links import Purpose, Token
from shodaku.ledger import selectors as known
from shodaku.ledger import services as ledger
from shodaku.optout import selectors, why_sheet
from shodaku.optout.why import why

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
LANGUAGES = ("ja", "en")


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def sheet_of(shop, contact_id, language="ja", purpose=Purpose.DELIVERY):
    return f"/w/{a_token(shop, contact_id, purpose)}/sheet.pdf?lang={language}"


def printed(browser, shop, contact_id, language="ja"):
    answer = browser.get(sheet_of(shop, contact_id, language))
    assert answer["Content-Type"] == "application/pdf"
    return answer.content


def says(pdf, *texts):
    page = squeezed(read(pdf))
    return [text for text in texts if squeezed(text) not in page] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_page_says_and_how_somebody_else_checks_it(shop, browser, language):
    person = a_reader(shop, "paper-reader@example.jp")
    ledger.sequence_all(shop.workspace_id, now=NOW)
    (held,) = consents.held(shop.workspace_id, person)
    leaf = known.leaf_of(shop.workspace_id, held.entry_id)
    pdf = printed(browser, shop, person, language)
    found = why(Token(shop.workspace_id, 0, person, Purpose.DELIVERY), the(shop, person))
    title = {"ja": "なぜこのメールが届いたのですか", "en": "Why did I get this mail?"}[language]
    unchanged = {
        "ja": "この記録は、あとから書き換えられていません。",
        "en": "This record has not been changed since.",
    }[language]
    assert says(pdf, title, unchanged, "p****@example.jp", f"#{held.entry_id:,}", leaf.hash.hex())
    assert says(pdf, *leaf.note.splitlines()[:3], found.person.sender.formal_name)
    assert says(pdf, found.person.sender.postal_address, found.person.sender.complaint_contact)
    assert says(pdf, "http://testserver/verify/", "RFC 9162")


def the(shop, contact_id):
    return selectors.person(Token(shop.workspace_id, 0, contact_id, Purpose.DELIVERY))


def test_whoever_holds_the_paper_reaches_the_signed_root_from_the_fingerprint(shop, browser):
    people = [a_reader(shop) for _ in range(5)]
    ledger.sequence_all(shop.workspace_id, now=NOW)
    link = Token(shop.workspace_id, 0, people[2], Purpose.DELIVERY)
    record = why_sheet.sheet_content(why(link, the(shop, people[2])), "en", NOW)["record"]
    (index,) = re.findall(r"place (\d+)", record["check"]["steps"][0])
    _origin, size, root = record["check"]["checkpoint"][:3]
    node = bytes.fromhex(record["hash"])
    at, last = int(index), int(size) - 1
    for sibling in map(bytes.fromhex, record["check"]["path"]):  # RFC 9162 section 2.1.3.2
        if at % 2 or at == last:
            node = sha256(b"\1" + sibling + node).digest()
            while not at % 2 and at:
                at, last = at // 2, last // 2
        else:
            node = sha256(b"\1" + node + sibling).digest()
        at, last = at // 2, last // 2
    assert b64encode(node).decode() == root


def test_a_forwarded_mail_gives_no_sheet_that_tells_more_than_the_page(shop, browser):
    person = a_reader(shop, "secret-reader@example.jp", name="山田花子")
    token = a_token(shop, person)
    pdf = browser.get(f"/w/{token}/sheet.pdf").content
    page = squeezed(read(pdf))
    assert [each for each in ("secret-reader", "山田", token, "/o/", "/p/") if each in page] == []
    assert token.encode() not in pdf


def test_it_is_stored_and_listed_nowhere_sets_no_cookie_and_names_nobody_in_its_file_name(shop, browser):
    person = a_reader(shop, "named@example.jp")
    answer = browser.get(sheet_of(shop, person))
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    assert answer["Content-Disposition"] == 'attachment; filename="why-this-mail.pdf"'


def test_a_forged_a_cut_off_and_an_erased_persons_link_give_the_neutral_page_and_no_sheet(shop, browser):
    gone = a_contact(shop)
    token = a_token(shop, gone)
    with db.transaction(shop.workspace_id):
        contacts.forget(gone)
    pages = {
        browser.get(f"/w/{each}/sheet.pdf").content.replace(each.encode(), b"")
        for each in (token, token[:-1], "A" * 42)
    }
    assert len(pages) == 1
    assert "このリンクは使えません" in pages.pop().decode().replace("<wbr>", "")


def test_a_link_that_opens_no_page_opens_no_sheet(shop, browser):
    confirm = sheet_of(shop, a_reader(shop), "en", Purpose.CONFIRMATION)
    assert "This link cannot be used" in text_of(browser.get(confirm))


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_seal_and_after_tampering_there_is_no_seal_and_no_path(shop, browser, database, language):
    person = a_reader(shop)
    link = Token(shop.workspace_id, 0, person, Purpose.DELIVERY)
    with translation.override(language):
        waiting = why_sheet.sheet_content(why(link, the(shop, person)), language, NOW)["record"]
        assert (waiting["state"], waiting["seal"], waiting["check"]) == ("recording", "", None)
        ledger.sequence_all(shop.workspace_id, now=NOW)
        sealed = why_sheet.sheet_content(why(link, the(shop, person)), language, NOW)["record"]
        assert sealed["state"] == "verified"
        assert sealed["seal"].startswith("<svg")
        with with_the_database_in_hand(database, shop, "ledger_entry") as owner:
            owner.execute("update ledger_entry set entry = replace(entry, 'confirmed', 'given')")
        failed = why_sheet.sheet_content(why(link, the(shop, person)), language, NOW)["record"]
        assert (failed["state"], failed["seal"], failed["check"]) == ("failed", "", None)
    said = {"ja": "この記録を確かめられませんでした。", "en": "This record could not be verified."}[language]
    assert says(printed(browser, shop, person, language), said)


def test_who_agreed_to_nothing_gets_a_sheet_that_says_so_also_without_the_vault(shop, browser):
    card = a_contact(shop)
    assert says(printed(browser, shop, card, "en"), "No consent is recorded.")
    reader = a_reader(shop)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        assert says(printed(browser, shop, reader, "en"), "You confirmed it by the link in our mail")


def test_of_very_many_events_the_first_and_the_newest_stand_on_paper(shop):
    person = a_reader(shop)
    link = Token(shop.workspace_id, 0, person, Purpose.DELIVERY)
    found = why(link, the(shop, person))
    (first, *_rest) = found.acts
    many = [
        dataclasses.replace(
            first, event=dataclasses.replace(first.event, at=first.event.at + timedelta(days=day))
        )
        for day in range(100)
    ]
    with translation.override("en"):
        content = why_sheet.sheet_content(dataclasses.replace(found, acts=many), "en", NOW)["happened"]
    assert len(content["rows"]) == why_sheet.ACTS_MAX
    assert content["more"] == "60 events between the first and the others stand on the page alone."
    assert content["rows"][0]["at"] != content["rows"][1]["at"]


def test_where_others_are_being_set_the_page_says_so_and_leads_back(shop, browser):
    person = a_reader(shop)
    for _ in range(why_sheet.SHEETS_AT_ONCE_MAX):
        assert why_sheet._places.acquire(blocking=False)
    try:
        answer = browser.get(sheet_of(shop, person, "en"))
    finally:
        for _ in range(why_sheet.SHEETS_AT_ONCE_MAX):
            why_sheet._places.release()
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    page = text_of(answer)
    assert "print the page itself" in page
    assert f'href="/w/{a_token(shop, person)}"' in page
    assert browser.get(sheet_of(shop, person, "en")).status_code == 200  # every place is free again


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_offers_the_sheet_in_its_own_language(shop, browser, language):
    token = a_token(shop, a_reader(shop))
    page = text_of(browser.get(f"/w/{token}?lang={language}"))
    assert f'href="/w/{token}/sheet.pdf?lang={language}" download' in page


def test_a_name_from_right_to_left_or_full_of_markup_stays_text(shop):
    person = the(shop, a_reader(shop))
    name = "#panic() \u05e9\u05dc\u05d5\u05dd \u2068x\u2069 <b>"
    sender = dataclasses.replace(person.sender, formal_name=name, postal_address="$x$ *y*")
    link = Token(shop.workspace_id, 0, person.contact_id, Purpose.DELIVERY)
    found = dataclasses.replace(why(link, person), person=dataclasses.replace(person, sender=sender))
    with translation.override("en"):
        pdf = why_sheet.why_sheet(found, "en", made_at=NOW)
    assert says(pdf, "#panic()", "<b>", "$x$ *y*")
