"""What the law wants shown, and the ways in which it can be missing though somebody meant to write it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.people import SENDER

from shodaku.content.domain import display_missing, footer_html, footer_text
from shodaku.policy.domain import Reason
from shodaku.signup.domain import OfferedTopic, ShownSender
from shodaku.signup.letters import confirmation, welcome

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WORDED = "配信停止はこちら\n{{ opt_out }}\n"
REST = "株式会社あおい雑貨\n東京都中央区銀座2-1-5\n03-0000-0000\n{{ why }}\n"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_our_own_display_lacks_nothing_in_either_language(language):
    text, html = footer_text(SENDER, "お便り", language), footer_html(SENDER, "お便り", language)
    assert display_missing(text, html, SENDER) == ()


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("formal_name", Reason.DISPLAY_NAME_MISSING),
        ("postal_address", Reason.DISPLAY_ADDRESS_MISSING),
    ],
)
@pytest.mark.parametrize("nothing", ["", " ", "　"])
def test_what_a_sender_never_filled_in_is_missing(item, reason, nothing):
    sender = replace(SENDER, **{item: nothing})
    text, html = footer_text(sender, "お便り", "ja"), footer_html(sender, "お便り", "ja")
    assert display_missing(text, html, sender) == (reason,)


def test_a_sender_that_nobody_can_complain_to_is_missing_its_contact():
    sender = replace(SENDER, contact_phone="", contact_email="", contact_url="")
    assert display_missing(footer_text(sender, "お便り", "ja"), None, sender) == (
        Reason.DISPLAY_CONTACT_MISSING,
    )


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("株式会社あおい雑貨", True),
        ("(株)あおい雑貨", True),  # SE-12: the form may be shortened
        ("㈱あおい雑貨", True),
        ("株式会社 あおい 雑貨", True),
        ("あおい雑貨", False),  # a brand alone is not the legal name
        ("有限会社あおい雑貨", False),
    ],
)
def test_the_legal_name_may_be_shortened_and_not_replaced(written, stands):
    text = WORDED + REST.replace("株式会社あおい雑貨", written)
    assert (Reason.DISPLAY_NAME_MISSING not in display_missing(text, None, SENDER)) == stands


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        ("{{ opt_out }} から停止できます\n", ()),
        ("{{ opt_out }}\n受信拒否はこの上から\n", ()),
        ("配信停止\n\n\n{{ opt_out }}\n", ()),  # empty lines are no lines
        ("Unsubscribe:\n{{ opt_out }}\n", ()),
        ("配信停止\nお店の案内\n{{ opt_out }}\n", (Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,)),
        ("配信停止 https://other.example/\n{{ opt_out }}\n", (Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,)),
        ("こちら\n{{ opt_out }}\n", (Reason.DISPLAY_OPTOUT_WORDS_MISSING,)),
        ("配信停止はこちら\n", (Reason.DISPLAY_OPTOUT_MISSING,)),
    ],
)
def test_the_words_stand_beside_the_way_to_stop(lines, missing):
    assert display_missing(REST + "以上\n" + lines, None, SENDER) == missing


def test_each_part_stands_for_itself():
    assert display_missing(WORDED + REST, "<p>hello</p>", SENDER) != ()
    assert display_missing("hello", footer_html(SENDER, "お便り", "ja"), SENDER) != ()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("letter", [confirmation, welcome])
def test_the_mails_of_a_sign_up_show_what_the_law_asks_for(language, letter):
    sender = ShownSender(
        sender_id=1,
        formal_name=SENDER.formal_name,
        display_name=SENDER.display_name,
        postal_address=SENDER.postal_address,
        complaint_contact=SENDER.complaint_contact,
        privacy_policy_version="1",
        privacy_policy="",
    )
    written = letter(sender, [_a_topic()], language, NOW)
    missing = set(display_missing(written.text, written.html, SENDER))
    assert missing <= {Reason.WHY_LINE_MISSING}  # a mail that asks needs none (LAW.md section 2, step 9)


def _a_topic():
    return OfferedTopic(
        topic_id=1,
        name="月刊ショップだより",
        name_en="Monthly shop news",
        content="新商品",
        purpose="商品の案内",
        frequency_max=1,
        frequency_per="month",
        double_opt_in=True,
        valid_months=None,
    )
