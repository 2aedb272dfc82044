"""After a year of silence there is one question, and its answer, or none, decides."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from tests.journeys.clocks import (
    A_DAY,
    LONG_AGO,
    NOW,
    a_silent_reader,
    ask_token,
    asked,
    newest,
    questions,
    switch_on,
)
from tests.people import a_contact, a_reader, a_shop, agree
from tests.sendings import leave, sent

from shodaku.consent import selectors as consents
from shodaku.consent.domain import ConsentState, Method
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.content.render import Recipient, header_date, proof
from shodaku.delivery import selectors as delivery
from shodaku.delivery.compiling import compile_mailing
from shodaku.delivery.display import display_report
from shodaku.delivery.domain import Question
from shodaku.delivery.facts import GateRow
from shodaku.erasure import selectors as erasures
from shodaku.erasure import services as erasure
from shodaku.journeys import jobs, selectors, services
from shodaku.journeys.domain import CarriedOn, Over, Pressed, State, Unknown
from shodaku.kit import db, runtime
from shodaku.kit.ids import uuid7
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys
from shodaku.ledger import selectors as ledger
from shodaku.ledger.services import VaultAway
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Ads, MessageClass, Reason

pytestmark = pytest.mark.usefixtures("database")
PRESSED = Pressed(url="http://testserver/ask", ip="192.0.2.7", browser="Lynx")


@pytest.fixture
def shop():
    return a_shop(LONG_AGO)


def advertising(shop, contact_id, now=NOW):
    question = delivery.question_of_topic(shop.workspace_id, shop.topic_id)
    return delivery.verdict(shop.workspace_id, contact_id, question, now=now)[0].reason


def reconfirmation(shop, contact_id, now=NOW):
    question = Question(
        message_class=MessageClass.RECONFIRM,
        ads=Ads.NONE,
        topic_id=None,
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
    )
    return delivery.verdict(shop.workspace_id, contact_id, question, now=now)[0].reason


def stop(shop, contact_id):
    order = OptOut(
        workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=Method.TELEPHONE
    )
    optout.opt_out(order, now=NOW)


def test_nobody_is_asked_until_the_workspace_says_so(shop):
    a_silent_reader(shop)
    assert services.ask_silent(shop.workspace_id, now=NOW) == 0
    assert questions(shop) == []


def test_the_choice_is_an_entry_of_the_ledger(shop):
    entry_id = switch_on(shop)
    choice = selectors.choice(shop.workspace_id)
    assert (choice.asks, choice.forgets, choice.entry_id) == (True, False, entry_id)


def test_who_is_silent_for_a_year_is_asked_once_and_gets_no_advertising(shop):
    reader = a_silent_reader(shop)
    assert advertising(shop, reader) is Reason.CONSENT_STALE
    assert reconfirmation(shop, reader) is Reason.OK_RECONFIRM
    asked(shop, reader)
    for days in (0, 1, 29):
        assert services.ask_silent(shop.workspace_id, now=NOW + days * A_DAY) == 0
    assert len(questions(shop)) == 1
    assert reconfirmation(shop, reader, NOW + A_DAY) is Reason.RECONFIRM_REPEATED
    assert advertising(shop, reader, NOW + A_DAY) is Reason.CONSENT_STALE  # a question is no contact


def test_the_mail_asks_in_the_words_of_the_law_file_and_promotes_nothing(shop):
    asked(shop, a_silent_reader(shop))
    ((_id, _kind, subject, text, html, message_class),) = questions(shop)
    assert message_class == "reconfirm"
    assert subject == "【あおい雑貨】これからもお送りしてよろしいですか"
    for part in (text, html):
        assert "月刊ショップだより" in part
        assert "「続ける」を押してください" in part
        assert "12か月以上" in part
        assert "に登録を終え、以後お送りしません。" in part
        for item in (
            "{{ ask }}",
            "{{ opt_out }}",
            "{{ why }}",
            "株式会社あおい雑貨",
            "東京都中央区銀座2-1-5",
            "03-0000-0000",
        ):
            assert item in part


def test_an_english_reader_is_asked_in_english(shop):
    reader = a_silent_reader(shop)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update contact set locale = 'en' where workspace_id = %s and contact_id = %s",
            [shop.workspace_id, reader],
        )
    asked(shop, reader)
    ((_id, _kind, subject, text, _html, _class),) = questions(shop)
    assert subject == "[あおい雑貨] Shall we go on?"
    assert "press “Continue”" in text
    assert "Monthly shop news" in text


def test_the_finished_mail_passes_the_linter_and_its_link_is_of_its_own_purpose(shop):
    question = asked(shop, a_silent_reader(shop))
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    mailing = delivery.mailing(shop.workspace_id, question.mailing_id)
    compiled = compile_mailing(mailing, shop.workspace_id, keys, "https://shop.example")
    with db.transaction(shop.workspace_id):
        gate = db.Statements("shodaku.delivery").row(
            "get_gate_state", GateRow, mailing_id=0, topic_id=None, sender_id=shop.sender_id
        )
    assert display_report(mailing, compiled, gate, gate.rules).missing == ()
    recipient = Recipient(question.contact_id, "reader@example.jp", {})
    written = proof(compiled, recipient, header_date(NOW))
    mail = message_from_bytes(written, policy=policy.default)
    text = mail.get_body(("plain",)).get_content()
    assert f"https://shop.example/ask/{ask_token(shop, question)}" in text
    assert ask_token(shop, question) not in str(mail["List-Unsubscribe"])
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_advertising_of_any_topic_breaks_the_silence_and_a_notice_does_not(shop):
    written_to, only_notified = a_silent_reader(shop), a_silent_reader(shop)
    sent(shop, written_to, NOW - 30 * A_DAY, topic_id=shop.other_topic_id)
    sent(
        shop,
        only_notified,
        NOW - 30 * A_DAY,
        message_class=MessageClass.TRANSACTIONAL,
        ads=Ads.NONE,
        promotional=False,
    )
    switch_on(shop)
    assert services.ask_silent(shop.workspace_id, now=NOW) == 1
    assert newest(shop, written_to) is None
    assert newest(shop, only_notified) is not None


def test_whom_the_gate_refuses_is_not_asked(shop):
    stopped, invalid, agreed_lately = a_silent_reader(shop), a_silent_reader(shop), a_reader(shop)
    stop(shop, stopped)
    with db.transaction(shop.workspace_id):
        contacts.mark_invalid(invalid, Channel.EMAIL, "5.1.1", now=NOW)
    switch_on(shop)
    assert services.ask_silent(shop.workspace_id, now=NOW) == 0
    assert [newest(shop, each) for each in (stopped, invalid, agreed_lately)] == [None] * 3


def test_a_yes_renews_and_is_proved(shop):
    reader = a_silent_reader(shop)
    question = asked(shop, reader)
    later = NOW + 3 * A_DAY
    answer = services.carry_on(ask_token(shop, question), PRESSED, later)
    assert isinstance(answer, CarriedOn)
    assert answer.topics == ("月刊ショップだより",)
    entry = ledger.history(shop.workspace_id, reader)[-1]
    assert (entry.entry_id, entry.kind) == (answer.entry_id, "consent.reconfirmed")
    assert entry.fields["ip"] == "192.0.2.7"
    assert advertising(shop, reader, later) is Reason.OK_CONSENT
    (held,) = consents.held(shop.workspace_id, reader)
    assert held.since == LONG_AGO  # the yes of then, and not a new one
    assert services.end_unanswered(shop.workspace_id, now=NOW + 60 * A_DAY) == 0
    assert services.carry_on(ask_token(shop, question), PRESSED, later) == Over(answered=True)


def test_a_promised_end_is_not_moved_by_the_answer(shop):
    end = NOW + 10 * A_DAY
    reader = a_silent_reader(shop, expires_at=end)
    services.carry_on(ask_token(shop, asked(shop, reader)), PRESSED, NOW)
    assert consents.held(shop.workspace_id, reader)[0].expires_at == end


def test_silence_ends_the_consent_on_the_last_day_and_not_before(shop):
    reader = a_silent_reader(shop)
    question = asked(shop, reader)
    term = timedelta(days=30)
    assert services.end_unanswered(shop.workspace_id, now=NOW + term - timedelta(seconds=1)) == 0
    assert services.end_unanswered(shop.workspace_id, now=NOW + term) == 1
    assert services.end_unanswered(shop.workspace_id, now=NOW + term) == 0
    assert consents.held(shop.workspace_id, reader)[0].state == ConsentState.EXPIRED
    entry = ledger.history(shop.workspace_id, reader)[-1]
    assert (entry.kind, entry.fields["reason"]) == ("consent.expired", "reconfirmation unanswered")
    assert newest(shop, reader).state == State.ENDED
    assert advertising(shop, reader, NOW + term) is Reason.CONSENT_EXPIRED
    assert services.carry_on(ask_token(shop, question), PRESSED, NOW + term) == Over(answered=False)
    assert services.ask_silent(shop.workspace_id, now=NOW + 500 * A_DAY) == 0


def test_a_mail_that_left_late_gives_the_whole_term(shop):
    reader = a_silent_reader(shop)
    question = asked(shop, reader, leaves=False)
    leave(shop, reader, question.mailing_id, NOW + 5 * A_DAY)
    assert services.end_unanswered(shop.workspace_id, now=NOW + 34 * A_DAY) == 0
    assert services.end_unanswered(shop.workspace_id, now=NOW + 35 * A_DAY) == 1


def test_a_mail_that_never_left_ends_nothing_and_is_called_back(shop):
    reader = a_silent_reader(shop)
    question = asked(shop, reader, leaves=False)
    assert services.end_unanswered(shop.workspace_id, now=NOW + 31 * A_DAY) == 0
    assert newest(shop, reader).state == State.UNSENT
    with db.transaction(shop.workspace_id) as connection:
        (state,) = connection.execute(
            "select state from mailing where workspace_id = %s and mailing_id = %s",
            [shop.workspace_id, question.mailing_id],
        ).fetchone()
    assert state == "cancelled"
    assert consents.held(shop.workspace_id, reader)[0].state == ConsentState.ACTIVE
    assert services.ask_silent(shop.workspace_id, now=NOW + 32 * A_DAY) == 1


def test_who_signed_up_anew_since_the_question_keeps_that_yes(shop):
    reader = a_silent_reader(shop)
    asked(shop, reader)
    agree(shop, reader, at=NOW + A_DAY)
    assert services.end_unanswered(shop.workspace_id, now=NOW + 31 * A_DAY) == 0
    assert consents.held(shop.workspace_id, reader)[0].state == ConsentState.ACTIVE


def test_a_no_after_the_question_leaves_nothing_to_continue(shop):
    reader = a_silent_reader(shop)
    question = asked(shop, reader)
    stop(shop, reader)
    assert services.carry_on(ask_token(shop, question), PRESSED, NOW) == Over(answered=False)
    assert services.end_unanswered(shop.workspace_id, now=NOW + 31 * A_DAY) == 0
    assert consents.held(shop.workspace_id, reader)[0].state == ConsentState.WITHDRAWN


def test_a_forged_link_and_one_of_somebody_erased_answer_nothing(shop):
    reader = a_silent_reader(shop)
    question = asked(shop, reader)
    assert services.carry_on("x" * 42, PRESSED, NOW) == Unknown()
    with db.transaction(shop.workspace_id):
        erasure_id = erasure.request(shop.workspace_id, reader, rule="erase", receipt="R-1", now=NOW)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid7(NOW, b"0123456789"))
    assert services.carry_on(ask_token(shop, question), PRESSED, NOW) == Unknown()
    assert erasures.remains(shop.workspace_id, reader) == {}


def test_while_the_vault_is_away_nothing_is_answered_by_halves(shop):
    reader = a_silent_reader(shop)
    question = asked(shop, reader)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away), pytest.raises(VaultAway):
        services.carry_on(ask_token(shop, question), PRESSED, NOW)
    assert newest(shop, reader).state == State.ASKED
    with runtime.replaced(away), pytest.raises(VaultAway):
        services.end_unanswered(shop.workspace_id, now=NOW + 31 * A_DAY)
    assert consents.held(shop.workspace_id, reader)[0].state == ConsentState.ACTIVE


def test_two_topics_are_asked_about_in_one_mail(shop):
    reader = a_silent_reader(shop)
    agree(shop, reader, topic_id=shop.other_topic_id, at=LONG_AGO)
    question = asked(shop, reader)
    assert question.topic_ids == [shop.topic_id, shop.other_topic_id]
    assert services.end_unanswered(shop.workspace_id, now=NOW + 31 * A_DAY) == 1
    assert {each.state for each in consents.held(shop.workspace_id, reader)} == {ConsentState.EXPIRED}


def test_who_agreed_to_nothing_is_not_asked(shop):
    a_contact(shop, now=LONG_AGO)
    switch_on(shop)
    assert services.ask_silent(shop.workspace_id, now=NOW) == 0


def test_the_daily_job_does_all_of_it_for_every_workspace(shop):
    reader = a_silent_reader(shop)
    switch_on(shop)
    jobs.keep()
    jobs.note_welcomes()
    assert newest(shop, reader).state == State.ASKED
