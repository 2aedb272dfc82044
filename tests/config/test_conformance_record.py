"""Record and import cases of the conformance suite and more in its words, through the product's own doors."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from shodaku.accounts import services as accounts
from shodaku.config.conformance import importing, recording
from shodaku.config.conformance.scratch import scratch
from shodaku.config.conformance.words import Case, UnknownWord

SUITE = Path(__file__).resolve().parents[3] / "shared" / "law" / "situations.yaml"
NOW = datetime.fromisoformat("2026-11-16T10:00:00+09:00")
PARTS = {"record": recording.answer, "import": importing.answer}

RECORDED = ("effect", "CONSENT_RECORDED", {"consent_active"})
INCOMPLETE = ("refuse", "EVIDENCE_INCOMPLETE", set())
BASELESS = ("refuse", "IMPORT_WITHOUT_BASIS", set())
NEVER = ("refuse", "ERASED_NEVER_CONTACT", set())
RUNNING = ("refuse", "RETENTION_RUNNING", set())
ORDERED = ("refuse", "RETENTION_ORDER", set())
PURGED = ("effect", "PURGED", set())
SMALL = ("no_effect", "BREACH_NOT_REPORTABLE", set())
PACK = ("effect", "EVIDENCE_PACK", {"bundle_complete", "refusal_all"})
STATUTORY = {"settings": {"evidence_retention": "statutory"}}
ERASE = {"request": "erase everything"}


def suite():
    if not SUITE.is_file():
        return []
    cases = yaml.safe_load(SUITE.read_text(encoding="utf-8"))["situations"]
    return [case for case in cases if case["kind"] in PARTS]


@pytest.fixture(scope="module")
def shop(database):
    slug = f"suite-{uuid.uuid4().hex[:12]}"
    return accounts.create_workspace(slug, "A", now=NOW, second_factor_required=False)


def told(shop, kind, given, message=None):
    with scratch(shop.workspace_id, shop.slug, NOW) as made:
        outcome = PARTS[kind](Case("", kind, "JP", given, message or {}), made)
    return outcome.verdict, str(outcome.reason), set(outcome.forms)


@pytest.mark.skipif(not SUITE.is_file(), reason="the conformance suite is not here")
def test_the_suite_has_record_and_import_cases():
    assert {case["kind"] for case in suite()} == set(PARTS)


@pytest.mark.parametrize("case", suite(), ids=lambda case: case["id"])
def test_a_case_of_the_suite(shop, case):
    expected = case["expected"]
    wanted = (expected["verdict"], expected["reason"], set(expected.get("as", ())))
    assert told(shop, case["kind"], case["given"], case["message"]) == wanted


@pytest.mark.parametrize(
    ("consent", "expected"),
    [
        ({}, RECORDED),  # absent is present
        ({"method": "web"}, RECORDED),
        ({"method": "web", "url": None}, INCOMPLETE),
        ({"method": "web", "url": False}, INCOMPLETE),
        ({"method": "web", "scan": None}, RECORDED),  # a page has none
        ({"method": "paper", "scan": False}, INCOMPLETE),
        ({"method": "paper", "url": None}, RECORDED),
        ({"method": "paper", "wording": None}, INCOMPLETE),
        ({"method": "telephone"}, RECORDED),
        ({"method": "telephone", "time": None}, INCOMPLETE),
        ({"method": "telephone", "wording": False}, INCOMPLETE),
        ({"method": "business_card", "wording": None}, INCOMPLETE),
        ({"method": None}, RECORDED),
        ({"method": None, "wording": None}, INCOMPLETE),
        ({"method": "web_form", "url": None}, INCOMPLETE),
        ({"method": "online"}, RECORDED),
        ({"method": "oral", "url": None, "scan": None}, RECORDED),
        (
            dict.fromkeys(("topics", "frequency", "purpose", "identity", "ip", "policy_version", "by")),
            RECORDED,
        ),
        (dict.fromkeys(("screenshot", "version", "wording_version", "shown"), False), RECORDED),
        ({"method": "paper", "screenshot": None, "purposes": False}, RECORDED),
        ({"time": "P1D"}, INCOMPLETE),  # nobody has agreed tomorrow
        ({"time": "-P3Y", "ip": None}, RECORDED),
    ],
)
def test_a_consent_is_written_down_whole_or_not_at_all(shop, consent, expected):
    assert told(shop, "record", {"consent": consent}) == expected


@pytest.mark.parametrize(
    ("given", "sealed"),
    [
        ({"last_ad_sent": "-P10D"}, "last_ad+P3Y"),
        ({"last_ad_sent": "-P10D", **STATUTORY}, "last_ad+P1M"),
        ({"last_ad_sent": "-P10D", "b2c_mail_order": True, **STATUTORY}, "last_ad+P3Y"),
        ({"last_ad_sent": "-P1Y", "b2c_mail_order": True}, "last_ad+P3Y"),
        ({"last_ad_sent": "-P10D", "refusal_at": "-P5D", **STATUTORY}, "last_ad+P1M"),
        ({"last_ad_sent": "-P10D", "order_under_art7": {"at": "-P5D"}, **STATUTORY}, "last_ad+P1Y"),
        ({"last_ad_sent": "-P10D", "order_under_art7": {"at": "-P6M"}, **STATUTORY}, "last_ad+P1Y"),
        ({"last_ad_sent": "-P10D", "order_under_art7": {"at": "-P2Y"}, **STATUTORY}, "last_ad+P1M"),
        ({"last_ad_sent": "-P10D", "order_under_art7": {"at": "-P5D"}}, "last_ad+P3Y"),
        ({"last_ad_sent": "-P10D", "consent": None}, "last_ad+P3Y"),
        ({}, None),  # nothing was sent: no law asks
        ({"last_ad_sent": "-P4Y"}, None),  # nor any more
        ({"last_ad_sent": "-P2M", **STATUTORY}, None),
    ],
)
def test_who_is_erased_leaves_what_law_demands_sealed_until_its_day(shop, given, sealed):
    states = {"profile_erased", "suppression_kept"} | ({f"sealed_until={sealed}"} if sealed else set())
    assert told(shop, "record", given, ERASE) == ("effect", "ERASED_WITH_SEALED_EVIDENCE", states)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"last_send": "-P2M"}, RUNNING),
        ({"last_send": "-P3Y"}, PURGED),
        ({"last_send": "-P1M", **STATUTORY}, PURGED),
        ({"last_send": "-P29D", **STATUTORY}, RUNNING),
        ({"last_send": "-P2M", "b2c_mail_order": True, **STATUTORY}, RUNNING),
        ({"last_ad_sent": "-P35M", "b2c_mail_order": True}, RUNNING),
        ({"last_send": "-P5M", "order_under_art7": {"at": "-P6M"}, **STATUTORY}, ORDERED),
        ({"last_send": "-P5M", "order_under_art7": {"at": "-P6M"}}, ORDERED),
        ({"last_send": "-P40D", "order_under_art7": {"at": "-P20D"}, **STATUTORY}, ORDERED),
        ({"last_send": "-P40D", "order_under_art7": {"at": "-P1D"}, **STATUTORY}, PURGED),
        ({"last_send": "-P13M", "order_under_art7": {"at": "-P14M"}, **STATUTORY}, PURGED),
        ({"last_send": "-P13M", "order_under_art7": {"at": "-P14M"}}, RUNNING),
        ({}, PURGED),
    ],
)
def test_evidence_is_thrown_away_after_its_time_and_not_before(shop, given, expected):
    assert told(shop, "record", given, {"purge": True}) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, PACK),
        ({"last_ad_sent": "-P10D"}, PACK),
        ({"consent": {"method": "paper"}}, PACK),
        ({"consent": None}, ("effect", "EVIDENCE_PACK", {"refusal_all"})),
        ({"consent": {"wording": None}}, ("effect", "EVIDENCE_PACK", {"refusal_all"})),
    ],
)
def test_a_claimant_gets_what_there_is_and_is_refused_for_in_any_case(shop, given, expected):
    claim = {"claimer": {"says": "心当たりがない"}}
    assert told(shop, "record", {**claim, **given}, {"ask": "evidence"}) == expected


@pytest.mark.parametrize("where", ["given", "message"])
def test_a_request_for_disclosure_is_answered_by_a_file(shop, where):
    words = {"given": {}, "message": {"format": "electronic"}}
    words[where] = {**words[where], "request": "disclosure"}
    assert told(shop, "record", **words) == (
        "effect",
        "DISCLOSED_ELECTRONICALLY",
        {"machine_readable", "provision_records_included"},
    )


def due(days):
    return (
        "effect",
        "BREACH_REPORT_DUE",
        {"prompt_within_5_days", f"final_within_{days}_days", "notify_persons"},
    )


@pytest.mark.parametrize(
    ("breach", "expected"),
    [
        ({"people": 1000, "cause": "misdirected_mail"}, SMALL),
        ({"people": 1001, "cause": "misdirected_mail"}, due(30)),
        ({"people": 1, "cause": "misdirected_mail", "sensitive": True}, due(30)),
        ({"people": 1, "cause": "lost_device", "property_damage": True}, due(30)),
        ({"people": 1, "cause": "malicious"}, due(60)),
        ({"people": 5000, "cause": "unauthorised_access", "encrypted": True}, SMALL),
        ({"people": 0, "cause": "malicious"}, SMALL),
    ],
)
def test_a_leak_is_reported_where_the_law_asks(shop, breach, expected):
    assert told(shop, "record", {"breach": breach}) == expected


def test_an_unaltered_record_carries_its_message(shop):
    assert (
        told(shop, "record", {"ledger": {"entry_changed": False}}, {"verify": True})[1] != "LEDGER_TAMPERED"
    )


@pytest.mark.parametrize(
    "beside", [{}, {"refusal_at": "-P1D"}, {"last_ad_sent": "-P2D", "refusal_at": "-P1D"}]
)
def test_an_altered_consent_is_told_whatever_the_person_said_since(shop, beside):
    altered = {"ledger": {"entry_changed": True}, **beside}
    assert told(shop, "record", altered, {"verify": True}) == ("refuse", "LEDGER_TAMPERED", set())


def test_a_refusal_beside_an_unaltered_record_is_the_answer(shop):
    given = {"ledger": {"entry_changed": False}, "refusal_at": "-P1D"}
    assert told(shop, "record", given, {"verify": True}) == ("refuse", "REFUSED_ALL", set())


def row(given, **more):
    return {"rows": [given], **more}


COMPLETE = {"basis": "consent", "evidence": "complete"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (row({"email": "b@example.jp", **COMPLETE}), RECORDED),
        (row({"email": "b@example.jp", "basis": "consent", "evidence": "incomplete"}), BASELESS),
        (row({"email": "b@example.jp", "basis": "consent"}), RECORDED),
        (row({"email": "b@example.jp", "basis": "consent", "evidence": None}), BASELESS),
        (row({"email": "b@example.jp", "basis": ""}), BASELESS),
        (row({"email": "b@example.jp", "basis": False, "evidence": "complete"}), BASELESS),
        (row({"email": "b@example.jp", "basis": "purchase"}), BASELESS),
        (row({"email": "b@example.jp", "basis": "purchased_list"}), BASELESS),
        (row({"email": "b@example.jp", "basis": "published"}), BASELESS),
        (row({"phone": "+14155550123", **COMPLETE}), RECORDED),
        (row({"phone": "+447400123456", **COMPLETE}), RECORDED),
        (row({"phone": "+821012345678", **COMPLETE}), RECORDED),
        (row({"phone": "+14155550123", **COMPLETE}, suppressed="+1 415 555 0123"), NEVER),
        (row({"phone": "+33612345678", "basis": None}), BASELESS),
        (row({"phone": "+5511961234567", **COMPLETE}), ("refuse", "NUMBER_COUNTRY", set())),
        (row({"email": "b@example.jp", "basis": "consent", "evidence": "none"}), BASELESS),
        (row({"email": "b@example.jp", "basis": "consent", "evidence": True}), RECORDED),
        (row({"email": "b@example.jp"}), BASELESS),
        (
            row({"email": "b@example.jp", "basis": "business_card"}),
            ("allow_as", "CARD_NEEDS_CONFIRMATION", {"consent_request"}),
        ),
        (row({"email": "a+news@example.jp", **COMPLETE}, suppressed="a@example.jp"), NEVER),
        (row({"email": "t.a.r.o@gmail.com", **COMPLETE}, suppressed="taro@googlemail.com"), NEVER),
        (row({"email": "a@EXAMPLE.jp", "basis": None}, suppressed="a@example.jp"), NEVER),
        (row({"email": "b@example.jp", **COMPLETE}, suppressed="a@example.jp"), RECORDED),
        (row({"phone": "090-1234-5678", **COMPLETE}), RECORDED),
        (row({"phone": "090-1234-5678", **COMPLETE}, suppressed="+819012345678"), NEVER),
        (row({"phone": "０９０－１２３４－５６７８", **COMPLETE}, suppressed="09012345678"), NEVER),
        (row({"phone": "+81 90 1234 5678", "basis": None}, suppressed="090 1234 5678"), NEVER),
        (row({"phone": "9012345678", **COMPLETE}, suppressed="090-1234-5678"), NEVER),
        (row({"phone": "090-1234-5678", "basis": None}), BASELESS),
        (
            {
                "rows": [{"email": "b@example.jp", **COMPLETE}, {"email": "A@example.jp", **COMPLETE}],
                "suppressed": "a@example.jp",
            },
            NEVER,
        ),
    ],
)
def test_a_list_makes_nobody_sendable(shop, given, expected):
    assert told(shop, "import", given) == expected


@pytest.mark.parametrize(
    "basis", ["purchase", "purchased_list", "co_registration", "member", "enquiry", "", False, None]
)
def test_whoever_is_suppressed_stays_so_under_any_basis(shop, basis):
    given = row({"email": "a@example.jp", "basis": basis}, suppressed="a@example.jp")
    assert told(shop, "import", given) == NEVER


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("record", {"consents": {}}, {}),
        ("record", {"consent": {"colour": True}}, {}),
        ("record", {"consent": {}}, {"burn": True}),
        ("record", {}, {}),
        ("record", {"breach": {"persons": 3}}, {}),
        ("record", {}, {"request": "a cake"}),
        ("record", {"settings": {"evidence_retention": "for ever"}}, {"purge": True}),
        ("import", {"rows": [{"fax": "03-1234-5678"}]}, {}),
        ("import", {"rows": [{"email": "a@example.jp", "basis": "a feeling"}]}, {}),
        ("import", {"rows": [{"email": "a@example.jp", "basis": 7}]}, {}),
        ("import", {"rows": []}, {}),
        ("record", {"consent": {"method": "telepathy"}}, {}),
    ],
)
def test_a_word_that_nobody_knows_fails_the_case(shop, kind, given, message):
    with pytest.raises(UnknownWord):
        told(shop, kind, given, message)
