"""The desk: who says "I never agreed" gets what there is, and is refused for at once whatever there is."""

from __future__ import annotations

import io
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.erasure.test_sealing import erase, sent
from tests.people import a_contact, a_reader, a_shop
from tests.signup.forms import EVIDENCE, a_form, ask, confirm_token

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule
from shodaku.complaints import selectors, services
from shodaku.complaints.letter import Addressee, Desk, Told, reply
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.erasure import selectors as erasures
from shodaku.imports import services as imports
from shodaku.imports.domain import Basis
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import vault
from shodaku.policy.domain import Breach, Reason
from shodaku.signup import services as signup
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
AGREED_AT = NOW - timedelta(days=20)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop():
    return a_shop()


def an_address():
    return f"claim-{uuid.uuid4().hex[:8]}@example.jp"


def a_subscriber(shop, address):
    """Somebody who signed up on the shop's own form and confirmed."""
    a_form(shop, now=AGREED_AT)
    person = ask(shop, address, now=AGREED_AT)
    signup.confirm_signup(confirm_token(shop, person), EVIDENCE, AGREED_AT + timedelta(minutes=5))
    return person


def claim(shop, address, says="登録していません"):
    return services.answer_claim(shop.workspace_id, address, says, NOW, by="test")


def refused(shop, person):
    return [each.scope for each in suppressions.refusals(shop.workspace_id, person)]


def never_contacted(shop, address, channel=Channel.EMAIL):
    pair = suppression.tokens(shop.workspace_id, channel, address)
    return pair.strict in suppressions.suppressed(shop.workspace_id, [pair])


def test_the_bundle_of_a_subscriber_is_whole_and_everything_is_stopped(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    sent(shop, person)
    pack = claim(shop, address)
    assert (pack.reason, pack.found, pack.missing) == (Reason.EVIDENCE_PACK, True, ())
    act = pack.agreed[-1]
    assert act.kind == "consent.confirmed"
    assert act.at.replace(second=0) == AGREED_AT + timedelta(minutes=5)
    assert "お届けするもの" in act.wording
    assert (act.url, act.topics, act.frequency) == (EVIDENCE.url, ("月刊ショップだより",), ("4/week",))
    assert act.proof_hash == ledger.history(shop.workspace_id, person)[1].hash
    assert [mail.subject for mail in pack.sent] == ["秋の新商品"]
    assert refused(shop, person) == [Scope.ALL]
    assert [each.state for each in consents.held(shop.workspace_id, person)] == ["withdrawn"]


def test_an_address_is_known_in_any_spelling(shop):
    address = an_address()
    a_subscriber(shop, address)
    assert claim(shop, address.upper().replace("@", "＠")).found


def test_a_consent_without_its_words_is_shown_with_what_it_lacks(shop):
    address = an_address()
    a_reader(shop, address, at=AGREED_AT)
    pack = claim(shop, address)
    assert (pack.found, pack.missing) == (True, ("wording", "url or scan"))


def test_who_is_known_by_a_card_alone_hears_so(shop):
    address = an_address()
    person = a_contact(shop, address)
    with db.transaction(shop.workspace_id):
        consent.record_bases(
            [
                {
                    "contact_id": person,
                    "kind": "business_card",
                    "at": AGREED_AT,
                    "batch_id": None,
                    "note": "展示会",
                    "refusing_words": False,
                }
            ]
        )
    pack = claim(shop, address)
    assert (pack.found, pack.missing, pack.grounds[0].note) == (True, ("consent",), "展示会")
    assert "名刺をいただいたこと" in services.reply_to(shop.workspace_id, pack)


def test_without_any_ground_it_says_so_and_never_writes_again(shop):
    address = an_address()
    person = a_contact(shop, address)
    pack = claim(shop, address)
    assert (pack.found, refused(shop, person), never_contacted(shop, address)) == (False, [Scope.ALL], True)
    assert "同意の記録を確認できませんでした" in services.reply_to(shop.workspace_id, pack)


@pytest.mark.parametrize("address", ["stranger@example.jp", "no address at all", "a@b@c", "090-1234-5678"])
def test_a_strangers_address_is_never_written_to_and_what_they_say_is_not_kept(shop, address):
    pack = claim(shop, address, says="secret words")
    channel = Channel.EMAIL if "@" in address else Channel.SMS
    assert (pack.found, pack.receipt, never_contacted(shop, address, channel)) == (False, None, True)
    fields = [each.fields for each in ledger.history(shop.workspace_id, 0)]
    assert "secret words" not in json.dumps(fields, ensure_ascii=False)


def test_of_an_erased_person_it_says_that_evidence_is_sealed_and_until_when(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    sent(shop, person)
    until = erase(shop, person).sealed_until
    pack = claim(shop, address)
    assert (pack.found, pack.sealed_until) == (False, until)
    assert "2029年11月" in services.reply_to(shop.workspace_id, pack)


def test_what_they_said_is_sealed_under_their_own_key_and_goes_with_them(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    claim(shop, address, says="登録していません")
    (said,) = [e for e in ledger.history(shop.workspace_id, person) if e.kind == "admin.complaint"]
    assert (said.fields["says"], said.fields["found"]) == ("登録していません", True)
    (row,) = selectors.complaints(shop.workspace_id)
    assert (row.kind, row.found, row.entry_id) == ("claim", True, said.entry_id)
    erase(shop, person)
    assert erasures.remains(shop.workspace_id, person) == {}


def test_a_workspace_that_erases_whom_it_stops_still_answers_with_the_evidence(shop):
    address = an_address()
    a_subscriber(shop, address)
    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    assert claim(shop, address).missing == ()


def test_while_the_vault_is_away_the_no_holds_and_the_bundle_is_asked_for_again(shop, monkeypatch):
    address = an_address()
    person = a_subscriber(shop, address)

    def away(*_):
        raise vault.VaultAway

    with monkeypatch.context() as patch:
        patch.setattr(vault, "read", away)
        with pytest.raises(vault.VaultAway):
            claim(shop, address)
    assert refused(shop, person) == [Scope.ALL]
    assert claim(shop, address).missing == ()
    assert refused(shop, person) == [Scope.ALL]


def test_who_was_erased_a_moment_ago_is_answered_as_a_stranger(shop, monkeypatch):
    address = an_address()
    a_subscriber(shop, address)

    def gone(_):
        raise contacts.ContactGone

    monkeypatch.setattr(contacts, "lock", gone)
    assert claim(shop, address).receipt is None


def test_the_letter_tells_time_way_words_and_proof_in_the_language_of_the_person(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    sent(shop, person)
    letter = services.reply_to(shop.workspace_id, claim(shop, address))
    told = (
        "2026年11月5日 12時05分（JST）",
        "申込みフォームと確認メール",
        "版 1",
        "週4回まで",
        "1通",
        "照合値",
    )
    assert [words for words in told if words not in letter] == []
    assert "株式会社あおい雑貨 苦情窓口 03-0000-0000" in letter


def test_the_letter_names_the_topic_of_a_consent_that_came_in_by_a_list(shop):
    address = an_address()
    order = imports.ImportOrder(
        file_name="list.csv", basis=Basis.CONSENT, evidence="展示会の申込書 棚12", confirmed=True,
        evidence_on=AGREED_AT.date(), topic_id=shop.topic_id,
    )  # fmt: skip
    stream = io.BytesIO(f"メール\n{address}\n".encode())
    imports.bring_in(shop.workspace_id, stream, order, dry_run=False, staff_id=None, now=NOW)
    pack = claim(shop, address)
    assert [act.topics for act in pack.agreed] == [("月刊ショップだより",)]
    assert "選ばれた種類と回数 月刊ショップだより" in services.reply_to(shop.workspace_id, pack)


def test_the_letter_has_an_english_twin():
    nothing = Told(
        found=False,
        stopped_at=NOW,
        consent_at=None,
        method=None,
        place=None,
        wording_version=None,
        topics=(),
        frequency=(),
        confirmed_at=None,
        grounds=(),
        sent=0,
        last_sent_at=None,
        proof_hash=None,
        sealed_until=None,
    )
    to, desk = Addressee("", "en", ZoneInfo("Asia/Tokyo")), Desk("Aoi", "desk@aoi.example")
    agreed = replace(
        nothing, found=True, consent_at=NOW, confirmed_at=NOW, method="paper", sent=2, last_sent_at=NOW
    )
    whole = {
        "We found no record of a consent": nothing,
        "sealed until 25 Nov 2026 at 12:00 JST": replace(nothing, sealed_until=NOW),
        "you handed over a business card": replace(nothing, grounds=("business_card",)),
        "you were in contact with us": replace(nothing, grounds=("appointment",)),
        "messages so far: 2, the last on 25 Nov 2026": agreed,
        "way and place: paper, not recorded": agreed,
        "way and place: pigeon, not recorded": replace(agreed, method="pigeon"),
    }
    for words, told in whole.items():
        letter = reply(told, to, desk)
        assert words in letter
        assert letter.startswith("Dear reader,")
        assert letter.endswith("Aoi, complaints: desk@aoi.example")


def disclose(shop, address):
    return services.disclose(shop.workspace_id, address, NOW, by="test")


def test_disclosure_holds_every_row_that_names_the_person_and_nothing_keyed(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    sent(shop, person)
    told = disclose(shop, address)
    read = json.loads(json.dumps(told.content))
    assert (told.reason, told.known) == (Reason.DISCLOSED_ELECTRONICALLY, True)
    keyed = {"address_claim", "ledger_sealed"}  # the one says nothing, the other is opened as evidence
    assert set(erasures.remains(shop.workspace_id, person)) <= set(read["records"]) | keyed
    assert read["records"]["address"][0]["value"] == address
    assert "token" not in read["records"]["address"][0]
    assert read["evidence"][1]["fields"]["method"] == "web-double"
    assert read["provision_records"] == {"received": [], "provided": []}


def test_disclosure_names_the_list_that_somebody_came_in_with(shop):
    bought, agreed = an_address(), an_address()
    for address, basis in ((bought, Basis.CARD), (agreed, Basis.CONSENT)):
        order = imports.ImportOrder(
            file_name="list.csv",
            basis=basis,
            evidence="展示会の申込書 棚12",
            evidence_on=AGREED_AT.date(),
            topic_id=shop.topic_id,
        )
        stream = io.BytesIO(f"メール\n{address}\n".encode())
        imports.bring_in(shop.workspace_id, stream, order, dry_run=False, staff_id=None, now=NOW)
    for address, basis in ((bought, "business_card"), (agreed, "consent")):
        (record,) = disclose(shop, address).content["provision_records"]["received"]
        assert (record["basis"], record["evidence"]) == (basis, "展示会の申込書 棚12")


def test_disclosure_to_somebody_unknown_says_that_nothing_is_kept(shop):
    told = disclose(shop, an_address())
    assert (told.known, told.content["known"], told.content["never_contacted"]) == (False, False, False)
    assert "records" not in told.content


def test_that_somebody_was_told_is_recorded(shop):
    address = an_address()
    person = a_subscriber(shop, address)
    disclose(shop, address)
    assert ledger.history(shop.workspace_id, person)[-1].kind == "admin.disclosed"
    assert [(row.kind, row.found) for row in selectors.complaints(shop.workspace_id)] == [
        ("disclosure", True)
    ]


@pytest.mark.parametrize(
    ("people", "reason", "prompt"),
    [(1, Reason.BREACH_NOT_REPORTABLE, None), (1001, Reason.BREACH_REPORT_DUE, "2026-11-29")],
)
def test_a_leak_is_in_the_ledger_with_its_dates_whether_reportable_or_not(shop, people, reason, prompt):
    breach = Breach(people=people, cause="misdirected_mail")
    recorded = services.record_breach(shop.workspace_id, breach, NOW, by="test")
    (entry,) = [e for e in ledger.history(shop.workspace_id, 0) if e.kind == "admin.breach"]
    assert entry.entry_id == recorded.entry_id
    assert (entry.fields["answer"], entry.fields["prompt_by"]) == (reason.value, prompt)
    assert (entry.fields["known_on"], entry.fields["people"]) == ("2026-11-25", people)
