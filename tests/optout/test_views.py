"""One click, the opt-out page, preferences and the reason why, as mailbox providers and people meet them."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.timezone import localtime
from tests.campaigns.test_services import a_draft
from tests.ledger.tampering import with_the_database_in_hand
from tests.people import SENDER, a_contact, a_reader, a_shop, agree
from tests.signup.forms import a_form, ask, link, mailings, newest_request

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule
from shodaku.campaigns import services as campaigns
from shodaku.config.bench.pages import as_sent
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, NewMailing
from shodaku.erasure import jobs
from shodaku.erasure import selectors as erasures
from shodaku.kit import db, runtime
from shodaku.kit.links import Purpose, Token
from shodaku.kit.ui.templatetags import ui
from shodaku.ledger import services as ledger
from shodaku.optout import selectors
from shodaku.policy.domain import Ads, MessageClass
from shodaku.suppression import selectors as suppressions
from shodaku.suppression.domain import Scope

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def browser():
    """As strict as Django can be: who needed a CSRF cookie would be refused."""
    return Client(enforce_csrf_checks=True)


def a_token(shop, contact_id, purpose=Purpose.DELIVERY, subject_id=0):
    return link(Token(shop.workspace_id, subject_id, contact_id, purpose))


def a_mail_about(shop, contact_id, topic_id):
    """A campaign's mail; its number is what the links in it name."""
    mailing = NewMailing(
        kind=MailingKind.CAMPAIGN,
        message_class=MessageClass.ADVERTISING,
        ads=Ads.MAIN,
        promotional=True,
        topic_id=topic_id,
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
        subject="秋の新商品",
        text="秋の新商品です。",
        html=None,
    )
    with db.transaction(shop.workspace_id):
        return delivery.plan_one(mailing, contact_id, now=NOW)


def text_of(response):
    return response.content.decode().replace("<wbr>", "")


def states(shop, contact_id):
    return {each.topic_id: each.state for each in consents.held(shop.workspace_id, contact_id)}


def scopes(shop, contact_id):
    return [each.scope for each in suppressions.refusals(shop.workspace_id, contact_id)]


@pytest.mark.parametrize("body", ["urlencoded", "multipart"])
def test_one_click_stops_everything_without_cookie_login_or_redirect(shop, browser, body):
    contact_id = a_reader(shop)
    url = f"/o/{a_token(shop, contact_id)}"
    if body == "urlencoded":
        response = browser.post(
            url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
    else:
        response = browser.post(url, ONE_CLICK)
    assert (response.status_code, len(response.cookies)) == (200, 0)
    assert (states(shop, contact_id), scopes(shop, contact_id)) == ({shop.topic_id: "withdrawn"}, [Scope.ALL])


def test_one_click_answers_alike_for_a_good_a_forged_a_cut_off_and_an_erased_persons_link(shop, browser):
    good = a_token(shop, a_reader(shop))
    gone = a_contact(shop)
    with db.transaction(shop.workspace_id):
        contacts.forget(gone)
    tokens = (good, good, "A" * 42, good[:-1], a_token(shop, gone))
    answers = {
        (response.status_code, response.content.replace(token.encode(), b""))
        for token in tokens
        for response in [browser.post(f"/o/{token}", ONE_CLICK)]
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 200


def test_a_body_that_cannot_be_read_stops_everything(shop, browser):
    contact_id = a_reader(shop)
    response = browser.post(
        f"/o/{a_token(shop, contact_id)}", b"broken", content_type="multipart/form-data; boundary="
    )
    assert (response.status_code, scopes(shop, contact_id)) == (200, [Scope.ALL])


def test_the_page_preselects_the_topic_of_the_mail_and_masks_the_address(shop, browser):
    contact_id = a_reader(shop, "yamada-masked@example.jp")
    mailing_id = a_mail_about(shop, contact_id, shop.topic_id)
    page = text_of(browser.get(f"/o/{a_token(shop, contact_id, subject_id=mailing_id)}"))
    assert re.findall(r'value="(\w+)" checked', page) == ["topic"]
    assert "月刊ショップだより" in page
    assert "y****@example.jp" in page
    assert "yamada-masked" not in page


def test_one_press_on_the_page_stops_the_topic_and_gives_a_receipt(shop, browser):
    contact_id = a_reader(shop)
    agree(shop, contact_id, topic_id=shop.other_topic_id)
    mailing_id = a_mail_about(shop, contact_id, shop.topic_id)
    url = f"/o/{a_token(shop, contact_id, subject_id=mailing_id)}"
    response = browser.post(url, {"scope": "topic"})
    assert response.status_code == 200
    assert re.search(r"S-\d{4}-\d\d-\d\d-\d{6}", text_of(response))
    assert states(shop, contact_id) == {shop.topic_id: "withdrawn", shop.other_topic_id: "active"}


def test_the_page_says_what_is_lost_and_why_everything_ends(shop, browser):
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "講座の更新の連絡も届かなくなります。")
    contact_id = a_reader(shop)
    bought = {"contact_id": contact_id, "title": "はじめての金継ぎ", "amount_yen": 3000, "at": NOW}
    with db.transaction(shop.workspace_id):
        contacts.record_purchases([bought])
    page = text_of(browser.get(f"/o/{a_token(shop, contact_id)}"))
    assert "講座の更新の連絡も届かなくなります。" in page
    assert "月刊ショップだより" in page
    assert re.findall(r'name="scope" value="(\w+)"', page) == ["erase", "until"]
    assert "1" in re.search(r'class="lose".*?</section>', page, re.DOTALL)[0]


def test_the_result_offers_the_way_back_to_the_form(shop, browser):
    a_form(shop)
    contact_id = a_reader(shop)
    page = text_of(browser.post(f"/o/{a_token(shop, contact_id)}", {"scope": "all"}))
    assert f'href="/f/{shop.slug}/join"' in page


def test_a_break_can_be_taken_on_the_same_page(shop, browser):
    contact_id = a_reader(shop)
    browser.post(f"/o/{a_token(shop, contact_id)}", {"scope": "until", "days": "30"})
    assert (scopes(shop, contact_id), states(shop, contact_id)) == ([Scope.UNTIL], {shop.topic_id: "active"})


def test_links_of_notices_stop_too_and_links_of_confirmations_do_not(shop, browser):
    contact_id = a_reader(shop)
    browser.post(f"/o/{a_token(shop, contact_id, Purpose.CONFIRMATION)}", ONE_CLICK)
    assert scopes(shop, contact_id) == []
    browser.post(f"/o/{a_token(shop, contact_id, Purpose.NOTICE)}", ONE_CLICK)
    assert scopes(shop, contact_id) == [Scope.ALL]


def test_opting_out_works_without_the_vault(shop, browser):
    contact_id = a_reader(shop)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        response = browser.post(f"/o/{a_token(shop, contact_id)}", {"scope": "all"})
    assert (response.status_code, states(shop, contact_id)) == (200, {shop.topic_id: "withdrawn"})


@pytest.mark.parametrize("path", ["o", "p", "w"])
def test_pages_behind_a_link_are_stored_and_listed_nowhere_and_set_no_cookie(shop, browser, path):
    contact_id = a_reader(shop)
    purpose = Purpose.PREFERENCE if path == "p" else Purpose.DELIVERY
    for token in (a_token(shop, contact_id, purpose), "A" * 42):
        response = browser.get(f"/{path}/{token}?lang=en")
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert response["Referrer-Policy"] == "no-referrer"
        assert (len(response.cookies), b"<script" in response.content) == (0, False)


@pytest.mark.parametrize("path", ["o", "p", "w"])
def test_a_forged_a_cut_off_and_an_erased_persons_link_show_one_neutral_page(shop, browser, path):
    gone = a_contact(shop)
    purpose = Purpose.PREFERENCE if path == "p" else Purpose.DELIVERY
    token = a_token(shop, gone, purpose)
    with db.transaction(shop.workspace_id):
        contacts.forget(gone)
    pages = {
        response.content.replace(each.encode(), b"")
        for each in (token, token[:-1], "A" * 42)
        for response in (browser.get(f"/{path}/{each}"), browser.post(f"/{path}/{each}", {"scope": "all"}))
        if response.status_code == 200
    }
    assert len(pages) == 1


def ticked(page):
    return [int(each) for each in re.findall(r'name="topics" value="(\d+)"[^>]* checked', page)]


def test_a_box_is_ticked_only_where_a_live_consent_holds(shop, browser):
    contact_id = a_reader(shop)
    agree(
        shop,
        contact_id,
        topic_id=shop.other_topic_id,
        at=NOW - timedelta(days=9),
        expires_at=NOW - timedelta(days=1),
    )
    page = text_of(browser.get(f"/p/{a_token(shop, contact_id, Purpose.PREFERENCE)}"))
    assert ticked(page) == [shop.topic_id]


def test_what_is_received_stands_before_what_is_only_offered(shop, browser):
    contact_id = a_contact(shop)
    agree(shop, contact_id, topic_id=shop.other_topic_id)
    page = text_of(browser.get(f"/p/{a_token(shop, contact_id, Purpose.PREFERENCE)}"))
    offered = re.findall(r'name="topics" value="(\d+)"', page)
    assert offered == [str(shop.other_topic_id), str(shop.topic_id)]


def test_taking_a_tick_away_stops_that_topic_at_once(shop, browser):
    contact_id = a_reader(shop)
    agree(shop, contact_id, topic_id=shop.other_topic_id)
    url = f"/p/{a_token(shop, contact_id, Purpose.PREFERENCE)}"
    shown = f"{shop.topic_id},{shop.other_topic_id}"
    browser.post(url, {"topics": [shop.other_topic_id], "shown": shown, "days": "0"})
    assert states(shop, contact_id) == {shop.topic_id: "withdrawn", shop.other_topic_id: "active"}
    assert ticked(text_of(browser.get(url))) == [shop.other_topic_id]


def test_what_the_page_did_not_show_as_ticked_is_not_taken_away(shop, browser):
    contact_id = a_reader(shop)
    url = f"/p/{a_token(shop, contact_id, Purpose.PREFERENCE)}"
    browser.post(url, {"topics": [], "shown": "", "days": "0"})
    assert states(shop, contact_id) == {shop.topic_id: "active"}


def test_a_new_tick_is_a_question_by_mail_and_lifts_no_refusal(shop, browser):
    contact_id = a_reader(shop)
    url = f"/p/{a_token(shop, contact_id, Purpose.PREFERENCE)}"
    browser.post(f"/o/{a_token(shop, contact_id)}", ONE_CLICK)
    browser.post(url, {"topics": [shop.topic_id], "shown": "", "days": "0"})
    request = newest_request(shop, contact_id)
    assert [mail[1] for mail in mailings(shop)] == ["confirmation"]
    assert (request.form_id, request.topic_ids) == (None, [shop.topic_id])
    assert states(shop, contact_id) == {shop.topic_id: "pending"}
    confirm = a_token(shop, contact_id, Purpose.CONFIRMATION, request.request_id)
    assert text_of(browser.get(f"/confirm/{confirm}")).count("月刊ショップだより") == 1
    browser.post(f"/confirm/{confirm}", {"answer": "receive"})
    assert states(shop, contact_id) == {shop.topic_id: "active"}
    assert ticked(text_of(browser.get(url))) == [shop.topic_id]


def test_where_several_send_each_box_names_its_own_and_so_do_the_words_that_are_kept(shop, browser):
    """A consent is given to a sender (特定電子メール法3条1項1号): who ticks knows which."""
    school = dataclasses.replace(SENDER, formal_name="一般社団法人まなびの会")
    school_id = accounts.save_sender(shop.workspace_id, school, now=NOW)
    with db.transaction(shop.workspace_id):
        consent.change_sender(shop.workspace_id, shop.other_topic_id, school_id)
    contact_id = a_contact(shop)
    url = f"/p/{a_token(shop, contact_id, Purpose.PREFERENCE)}"
    page = text_of(browser.get(url))
    assert f"（{SENDER.formal_name}）" in page
    assert f"（{school.formal_name}）" in page
    browser.post(url, {"topics": [shop.other_topic_id], "shown": "", "days": "0"})
    request = newest_request(shop, contact_id)
    asked = consents.wording_by_sha256(shop.workspace_id, request.wording_sha256).text
    assert school.formal_name in asked
    assert SENDER.formal_name not in asked


def test_a_break_on_the_preference_page_is_shown_until_it_ends(shop, browser):
    contact_id = a_reader(shop)
    url = f"/p/{a_token(shop, contact_id, Purpose.PREFERENCE)}"
    browser.post(url, {"topics": [shop.topic_id], "shown": str(shop.topic_id), "days": "30"})
    assert scopes(shop, contact_id) == [Scope.UNTIL]
    page = text_of(browser.get(url))
    assert ticked(page) == [shop.topic_id]
    assert 'data-tone="wait"' in page


def test_why_shows_the_acts_their_records_and_the_way_to_stop(shop, browser):
    contact_id = a_reader(shop, "why-reader@example.jp")
    token = a_token(shop, contact_id)
    page = text_of(browser.get(f"/w/{token}"))
    (held,) = consents.held(shop.workspace_id, contact_id)
    assert f"#{held.entry_id:,}" in page
    assert "w****@example.jp" in page
    assert "why-reader" not in page
    assert f'href="/o/{token}"' in page


def test_why_says_first_when_where_and_what_was_asked(shop, browser):
    contact_id = a_reader(shop, "began@example.jp")
    (asked, *_) = selectors.recorded(shop.workspace_id, contact_id)
    page = text_of(browser.get(f"/w/{a_token(shop, contact_id)}?lang=en"))
    day = ui.day(localtime(asked.event.at))
    said = f"It began on {day} with “Monthly shop news”: sign-up form, confirmed by mail."
    assert f"Mail to b****@example.jp. {said}" in page


def test_why_tells_when_the_first_mail_came_and_not_its_subject(shop, browser, database):
    contact_id = a_reader(shop, at=NOW - timedelta(days=2))
    draft = a_draft(shop, subject="For your eyes only")
    at = NOW - timedelta(days=1)
    launched = campaigns.launch(
        shop.workspace_id,
        draft,
        campaigns.count(shop.workspace_id, draft, now=at).preflight_id,
        staff_id=None,
        now=at,
    )
    token = a_token(shop, contact_id)
    assert "The first mail was sent" not in text_of(browser.get(f"/w/{token}?lang=en"))
    campaign = {"campaign_id": draft, "mailing_id": launched.mailing_id, "planned": 1}
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("select delivery_partition(date_trunc('week', %s::timestamptz)::date)", [at])
    as_sent(database.owner, shop.workspace_id, {**campaign, "topic_id": shop.topic_id, "at": at})
    page = text_of(browser.get(f"/w/{token}?lang=en"))
    assert page.index("You confirmed it") < page.index("The first mail was sent")
    assert "For your eyes only" not in page


def test_why_works_without_the_vault_and_for_somebody_who_agreed_to_nothing(shop, browser):
    reader, card = a_reader(shop), a_contact(shop)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        assert browser.get(f"/w/{a_token(shop, reader)}").status_code == 200
    assert browser.get(f"/w/{a_token(shop, card)}").status_code == 200


def test_a_name_full_of_markup_stays_text(shop, browser):
    contact_id = a_reader(shop, name="<script>alert(1)</script> x")
    for path, purpose in (("o", Purpose.DELIVERY), ("p", Purpose.PREFERENCE), ("w", Purpose.DELIVERY)):
        assert b"<script" not in browser.get(f"/{path}/{a_token(shop, contact_id, purpose)}").content


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"scope=topic&x=" + b"x" * 1_100_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % number for number in range(1_001)), "application/x-www-form-urlencoded"),
        (b"scope=topic", "application/x-www-form-urlencoded; charset=utf-16"),
        (b'--b\r\nContent-Disposition: form-data; name="scope"\r\n\r\ntopic\r\n', "multipart/form-data"),
    ],
    ids=["over a megabyte", "over a thousand fields", "another charset", "no boundary"],
)
def test_a_press_whose_body_no_server_would_take_stops_everything(shop, browser, body, kind):
    contact_id = a_reader(shop)
    response = browser.generic("POST", f"/o/{a_token(shop, contact_id)}", body, content_type=kind)
    assert (response.status_code, scopes(shop, contact_id)) == (200, [Scope.ALL])


def test_a_break_of_a_number_of_days_that_nobody_can_count_is_a_stop(shop, browser):
    contact_id = a_reader(shop)
    response = browser.post(f"/o/{a_token(shop, contact_id)}", {"scope": "until", "days": "1" * 5_000})
    assert (response.status_code, scopes(shop, contact_id)) == (200, [Scope.ALL])


def test_numbers_that_nobody_can_count_take_no_tick_away(shop, browser):
    contact_id = a_reader(shop)
    url = f"/p/{a_token(shop, contact_id, Purpose.PREFERENCE)}"
    response = browser.post(url, {"topics": [], "shown": "1" * 5_000, "days": "0"})
    assert (response.status_code, states(shop, contact_id)) == (200, {shop.topic_id: "active"})


def test_before_an_erasure_the_page_warns_that_it_cannot_be_undone(shop, browser):
    contact_id = a_reader(shop)
    url = f"/o/{a_token(shop, contact_id)}?lang=en"
    assert "If you choose erasure, it cannot be undone." in text_of(browser.get(url))
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    page = text_of(browser.get(url))
    assert "Stopping here erases everything, and it cannot be undone." in page
    assert page.index("cannot be undone.</b>") < page.index("<button")


def a_mail_of(shop, contact_id, kind):
    newsletter = kind is MailingKind.CAMPAIGN
    mailing = NewMailing(
        kind=kind,
        message_class=MessageClass.ADVERTISING if newsletter else MessageClass.TRANSACTIONAL,
        ads=Ads.NONE,
        promotional=False,
        topic_id=None,
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
        subject="お知らせ",
        text="お知らせです。",
        html=None,
    )
    with db.transaction(shop.workspace_id):
        return delivery.plan_one(mailing, contact_id, now=NOW)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (MailingKind.TEST, "This mail was a test"),
        (MailingKind.NOTICE, "a notice about an order or a contract"),
        (MailingKind.CAMPAIGN, "Nothing that explains this mail is recorded."),
    ],
)
def test_who_never_agreed_is_told_so_and_why_the_mail_came(shop, browser, kind, said):
    contact_id = a_contact(shop)
    mailing_id = a_mail_of(shop, contact_id, kind)
    page = text_of(browser.get(f"/w/{a_token(shop, contact_id, subject_id=mailing_id)}?lang=en"))
    assert "No consent is recorded." in page
    assert said in page
    assert "your own act" not in page


def test_that_somebody_entered_an_address_is_not_told_as_an_act_of_its_owner(shop, browser):
    a_form(shop)
    contact_id = ask(shop, "entered-by-somebody@example.jp")
    page = text_of(browser.get(f"/w/{a_token(shop, contact_id, Purpose.NOTICE)}?lang=en"))
    assert "No consent is recorded." in page
    assert "Somebody, probably you, entered this address in a form" in page


RECEIPT = re.compile(r'href="(/receipt/[A-Za-z0-9_-]{42})"')


def test_who_just_said_no_gets_the_link_to_their_own_receipt(shop, browser):
    contact_id = a_reader(shop, "own-receipt@example.jp")
    page = text_of(browser.post(f"/o/{a_token(shop, contact_id)}?lang=en", {"scope": "all"}))
    (path,) = RECEIPT.findall(page)
    assert "The link to it is shown only here." in page
    ledger.sequence_all(shop.workspace_id, now=NOW)
    receipt = text_of(browser.get(f"{path}?lang=en"))
    assert "Consent withdrawn" in receipt
    (entry,) = browser.get(f"{path}/proof.json").json()["entries"]
    assert "own-receipt@example.jp" not in receipt
    assert entry["withheld"].keys() == {"address"}  # the mail may have been forwarded
    assert entry["disclosed"]["scope"]["value"] == "all"


def test_who_repeats_anothers_no_does_not_get_the_receipt_with_their_ip_address(shop, browser):
    contact_id = a_reader(shop)
    url = f"/o/{a_token(shop, contact_id)}"
    assert RECEIPT.findall(text_of(browser.post(url, {"scope": "all"}, REMOTE_ADDR="203.0.113.7")))
    again = text_of(browser.post(url, {"scope": "all"}, REMOTE_ADDR="198.51.100.9"))
    assert RECEIPT.findall(again) == []
    assert re.search(r"S-\d{4}-\d\d-\d\d-\d{6}", again)


def test_before_an_erasure_the_receipt_says_that_its_proof_is_for_now(shop, browser):
    contact_id = a_reader(shop)
    page = text_of(browser.post(f"/o/{a_token(shop, contact_id)}?lang=en", {"scope": "erase"}))
    assert "Save its proof now: within a minute nobody can read it any more" in page
    assert RECEIPT.findall(page)


def test_the_receipt_of_an_erasure_proves_it_until_the_erasure_has_run(shop, browser):
    contact_id = a_reader(shop)
    page = text_of(browser.post(f"/o/{a_token(shop, contact_id)}?lang=en", {"scope": "erase"}))
    (path,) = RECEIPT.findall(page)
    ledger.sequence_all(shop.workspace_id, now=NOW)
    proof = browser.get(f"{path}/proof.json")
    assert proof.status_code == 200
    assert proof.json()["entries"][0]["disclosed"]["scope"]["value"] == "erase"
    (asked,) = erasures.erasures(shop.workspace_id)
    known = erasures.by_receipt(shop.workspace_id, asked.receipt)
    jobs.run(shop.workspace_id, known.erasure_id)
    assert erasures.by_receipt(shop.workspace_id, asked.receipt).state == "certified"
    assert browser.get(f"{path}/proof.json").status_code == 302  # to the page, which says why
    assert "can no longer be read by anybody, the sender included" in text_of(browser.get(f"{path}?lang=en"))


def test_a_no_that_waits_for_the_key_store_has_its_number_and_no_receipt_yet(shop, browser):
    contact_id = a_reader(shop)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        page = text_of(browser.post(f"/o/{a_token(shop, contact_id)}", {"scope": "all"}))
    assert RECEIPT.findall(page) == []
    assert re.search(r"S-\d{4}-\d\d-\d\d-\w+", page)


def test_one_click_shows_no_receipt(shop, browser):
    page = text_of(browser.post(f"/o/{a_token(shop, a_reader(shop))}", ONE_CLICK))
    assert RECEIPT.findall(page) == []


def test_why_tells_whether_the_record_stands_in_the_signed_log(shop, browser, database):
    contact_id = a_reader(shop)
    url = f"/w/{a_token(shop, contact_id)}?lang=en"
    assert "The record is being sealed." in text_of(browser.get(url))
    ledger.sequence_all(shop.workspace_id, now=NOW)
    page = text_of(browser.get(url))
    assert "This record has not been changed since." in page
    assert "Place 0 of the log, whose signed size is 1." in page
    assert 'class="seal"' in page
    with with_the_database_in_hand(database, shop, "ledger_entry") as owner:
        owner.execute("update ledger_entry set entry = replace(entry, 'confirmed', 'given')")
    page = text_of(browser.get(url))
    assert "This record could not be verified." in page
    assert 'class="seal" viewBox="0 0 56 56" role="img"' not in page
