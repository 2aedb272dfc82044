"""Inbound cases of the conformance suite and more in its words, each through the product's own doors."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from shodaku.accounts import services as accounts
from shodaku.config.conformance import inbound
from shodaku.config.conformance.scratch import scratch
from shodaku.config.conformance.words import Case, UnknownWord

SUITE = Path(__file__).resolve().parents[3] / "shared" / "law" / "situations.yaml"
NOW = datetime.fromisoformat("2026-11-16T10:00:00+09:00")
REFUSED = ("effect", "REFUSAL_RECORDED_ALL", {"refusal_all"})
DISABLED = ("effect", "ADDRESS_INVALID", {"address_disabled"})
HELPED = ("effect", "HELP_REPLIED", {"help_reply"})
IGNORED = ("no_effect", "AUTO_REPLY_IGNORED", set())
COUNTED = ("no_effect", "SOFT_BOUNCE_COUNTED", set())


def suite():
    if not SUITE.is_file():
        return []
    cases = yaml.safe_load(SUITE.read_text(encoding="utf-8"))["situations"]
    return [case for case in cases if case["kind"] == "inbound"]


@pytest.fixture(scope="module")
def shop(database):
    slug = f"suite-{uuid.uuid4().hex[:12]}"
    return accounts.create_workspace(slug, "A", now=NOW, second_factor_required=False)


def told(shop, given, message=None, jurisdiction="JP"):
    with scratch(shop.workspace_id, shop.slug, NOW) as made:
        outcome = inbound.answer(Case("", "inbound", jurisdiction, given, message or {}), made)
    return outcome.verdict, str(outcome.reason), set(outcome.forms)


@pytest.mark.skipif(not SUITE.is_file(), reason="the conformance suite is not here")
def test_the_suite_has_inbound_cases():
    assert len(suite()) > 0


@pytest.mark.parametrize("case", suite(), ids=lambda case: case["id"])
def test_a_case_of_the_suite(shop, case):
    expected = case["expected"]
    wanted = (expected["verdict"], expected["reason"], set(expected.get("as", ())))
    assert told(shop, case["given"], case["message"], case["jurisdiction"]) == wanted


def mail(text, **more):
    return {"mail": {"to": "info@a.example", "from": "a@example.jp", "text": text, **more}}


def auto(text="stop", **headers):
    return {"auto_reply": {"headers": {k.replace("_", "-"): v for k, v in headers.items()}, "text": text}}


MORE = [
    (mail("STOP"), REFUSED),
    (mail("ＵＮＳＵＢＳＣＲＩＢＥ"), REFUSED),
    (mail("please stop sending"), REFUSED),
    (mail("お世話になっております。\n今後の配信は停止してください。\n山田"), REFUSED),
    (mail("수신거부"), REFUSED),
    (mail("番号が違います"), REFUSED),
    (mail("配信停止", **{"from": "a..b@docomo.ne.jp"}), REFUSED),
    (mail("メールの受信を拒否します"), REFUSED),
    (mail("配信停止", **{"from": "A <a@example.jp>"}), REFUSED),
    (mail("配信停止", **{"from": "ａ＠ｅｘａｍｐｌｅ．ｊｐ"}), REFUSED),
    (mail("配信停止", to=None), REFUSED),
    (mail("停止しないでください"), IGNORED),
    (mail("商品が不要になったので返品したい"), IGNORED),
    (mail("ありがとう、楽しみにしています"), IGNORED),
    (mail("営業時間を教えてください\n> 「停止」と返信してください"), IGNORED),
    (mail("On Mon, 16 Nov 2026, A wrote:\nstop"), IGNORED),
    (mail("start"), IGNORED),
    (mail(""), IGNORED),
    ({"sms": {"text": "ＳＴＯＰ"}}, REFUSED),
    ({"sms": {"text": "Stop please"}}, REFUSED),
    ({"sms": {"text": "opt out"}}, REFUSED),
    ({"sms": {"text": "ていし"}}, REFUSED),
    ({"sms": {"text": "END"}}, REFUSED),
    ({"sms": {"text": "もう送らないで"}}, REFUSED),
    ({"sms": {"text": "人違いです"}}, REFUSED),
    ({"sms": {"text": "INFO"}}, HELPED),
    ({"sms": {"text": "ヘルプ"}}, HELPED),
    ({"sms": {"text": "help stop"}}, HELPED),
    ({"sms": {"text": "start"}}, IGNORED),
    ({"sms": {"text": "どちら様ですか"}}, IGNORED),
    ({"phone_call": {"address": "a@example.jp", "wish": "stop_all"}}, REFUSED),
    ({"phone_call": {"address": "090-1234-5678", "wish": "stop_all"}}, REFUSED),
    ({"phone_call": {"address": "a@example.jp", "wish": "change_address"}}, IGNORED),
    ({"refusal_received_by": "entrusting_party", "address": "a@example.jp"}, REFUSED),
    ({"phone_call": {"address": "ａ＠ｅｘａｍｐｌｅ．ｊｐ", "wish": "stop_all"}}, REFUSED),
    ({"phone_call": {"address": "０９０－１２３４－５６７８", "wish": "stop_all"}}, REFUSED),
    ({"refusal_received_by": "B", "address": "ａ＠ｅｘａｍｐｌｅ．ｊｐ"}, REFUSED),
    ({"arf": {"feedback-type": "abuse", "rcpt": "<a@example.jp>"}}, REFUSED),
    ({"refusal_received_by": "B", "address": "a@example.jp", "at": "-P1D"}, REFUSED),
    ({"arf": {"feedback-type": "abuse", "rcpt": "reader@mail.example"}}, REFUSED),
    ({"arf": {"feedback-type": "opt-out", "rcpt": "a@example.jp"}}, REFUSED),
    ({"arf": {"feedback-type": "not-spam", "rcpt": "a@example.jp"}}, IGNORED),
    ({"arf": {"feedback-type": "auth-failure", "rcpt": "a@example.jp"}}, IGNORED),
    ({"dsn": {"status": "5.1.1", "count": 1}}, DISABLED),
    ({"dsn": {"status": "5.1.2", "count": 1}}, DISABLED),
    ({"dsn": {"status": "5.1.10", "count": 1}}, DISABLED),
    ({"dsn": {"status": "5.2.2", "count": 1}}, COUNTED),
    ({"dsn": {"status": "4.4.1", "count": 2}}, COUNTED),
    ({"dsn": {"status": "4.2.2", "count": 3}}, DISABLED),
    ({"dsn": {"status": "5.2.2", "count": 4}}, DISABLED),
    ({"dsn": {"status": "5.7.1", "count": 9}}, COUNTED),
    ({"dsn": {"status": "5.2.1", "count": 3}}, COUNTED),
    (auto(Auto_Submitted="auto-generated"), IGNORED),
    (auto(Precedence="bulk"), IGNORED),
    (auto(Precedence="list"), IGNORED),
    (auto(Precedence="junk"), IGNORED),
    (auto(Return_Path="<>"), IGNORED),
    (auto(Return_Path=None), IGNORED),
    (auto(X_Auto_Response_Suppress="All"), REFUSED),  # asks for no automatic answers, and is none
    (auto("停止", Subject="自動返信: 不在のお知らせ"), IGNORED),
    (auto(Auto_Submitted=False), REFUSED),  # YAML reads `no` as false; a person wrote this
    (auto(Auto_Submitted="no"), REFUSED),
    (auto(Auto_Submitted="no (by hand)"), REFUSED),
]


@pytest.mark.parametrize(("given", "wanted"), MORE, ids=lambda each: str(each)[:70])
def test_a_case_of_our_own(shop, given, wanted):
    assert told(shop, given) == wanted


@pytest.mark.parametrize("jurisdiction", ["JP", "US", "KR", "ZZ"])
def test_every_word_holds_everywhere(shop, jurisdiction):
    for text in ("配信停止", "revoke", "수신거부"):
        assert told(shop, {"sms": {"text": text}}, jurisdiction=jurisdiction) == REFUSED


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"fax": {"text": "stop"}},
        {"mail": {"text": "stop", "colour": "red"}},
        {"sms": {"text": "stop"}, "mail": {"text": "stop"}},
        {"sms": {"text": "stop"}, "address": "a@example.jp"},
        {"dsn": {"status": "5.1.1", "count": "many"}},
        {"auto_reply": {"headers": {"X": "a\nb"}}},
        {"auto_reply": {"headers": {"Precedence": None}}},
        {"phone_call": {"address": "nobody@", "wish": "stop_all"}},
    ],
    ids=str,
)
def test_a_word_that_nobody_knows_fails_the_case(shop, given):
    with pytest.raises(UnknownWord):
        told(shop, given)


def test_nothing_of_a_case_stays(shop):
    from shodaku.contacts import selectors as contacts

    told(shop, mail("stop"))
    assert contacts.search(shop.workspace_id, "a@example.jp") == []
