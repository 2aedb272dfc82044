"""Whoever writes, texts, calls or presses the spam button is obeyed; who forges a report reaches nobody."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.people import a_contact, a_reader, a_shop, agree
from tests.signup.forms import a_form, mailings, newest_request

from shodaku.accounts import services as accounts_services
from shodaku.accounts.domain import OptOutRule
from shodaku.consent import selectors as consents
from shodaku.contacts import selectors as contacts
from shodaku.contacts import services as contacts_written
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as deliveries
from shodaku.erasure import services as erasure
from shodaku.kit import db, runtime
from shodaku.kit.keys import KeyPurpose
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_written
from shodaku.optout import services, webhook
from shodaku.optout.domain import Envelope, Heard, OptOutScope, Wish
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression
from shodaku.suppression.domain import Scope

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def shop():
    return a_shop()


def an_address():
    return f"writer-{uuid.uuid4().hex[:10]}@example.jp"


def a_number():
    return f"+8190{1 + uuid.uuid4().int % 9}{uuid.uuid4().int % 10**7:07}"


def somebody_with(shop, number):
    """A person whose number is known."""
    (contact_id,) = contacts_written.reserve_ids(1)
    ledger_written.ensure_keys(shop.workspace_id, [contact_id])
    pair = suppression.tokens(shop.workspace_id, Channel.SMS, number)
    address = contacts_written.NewAddress(Channel.SMS, number, number, number, pair.strict, pair.broad)
    with db.transaction(shop.workspace_id):
        return contacts_written.remember(
            contacts_written.NewContact(contact_id=contact_id, address=address, source="form"), now=NOW
        )


def token(shop, contact_id, subject=0, purpose=Purpose.DELIVERY):
    keys = LinkKeys(runtime.current().ring(KeyPurpose.LINK).epochs)
    return keys.make(Token(shop.workspace_id, subject, contact_id, purpose))


def hear(
    shop, text, *, sender="stranger@example.jp", to="support@aoi.example", now=NOW, head=(), envelope=None
):
    lines = [f"From: {sender}", f"To: {to}", "Content-Type: text/plain; charset=utf-8", *head]
    raw = ("\r\n".join(lines) + f"\r\n\r\n{text}").encode()
    return services.receive_mail(shop.workspace_id, raw, now, envelope or Envelope())


def scopes(shop, contact_id):
    return [each.scope for each in suppressions.refusals(shop.workspace_id, contact_id)]


def never(shop, channel, address):
    pair = suppression.tokens(shop.workspace_id, channel, address)
    found = suppressions.suppressed(shop.workspace_id, [pair]).get(pair.strict)
    return found and found.reason


def last_entry(shop, contact_id):
    return ledger.history(shop.workspace_id, contact_id)[-1]


def desk(shop):
    return deliveries.inbound_messages(shop.workspace_id)


def test_a_reply_stops_everything_and_its_words_are_the_evidence(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    assert hear(shop, "もう送らないでください\n> 新着", sender=f"山田 <{address}>") is Heard.STOPPED
    assert scopes(shop, contact_id) == [Scope.ALL]
    fields = last_entry(shop, contact_id).fields
    assert (fields["via"], fields["said"]) == ("reply", "もう送らないでください")


def test_a_mail_to_the_signed_address_stops_whatever_it_says_and_whoever_sends_it(shop):
    contact_id = a_reader(shop)
    to = f"o+{token(shop, contact_id).hex()}@aoi.example"
    heard = hear(shop, "", to=to.upper(), head=["Auto-Submitted: auto-generated"])
    assert (heard, scopes(shop, contact_id)) == (Heard.STOPPED, [Scope.ALL])


def test_a_forged_signed_address_stops_nobody(shop):
    contact_id = a_reader(shop)
    forged = bytearray(token(shop, contact_id))
    forged[-1] ^= 1
    assert hear(shop, "hello", to=f"o+{forged.hex()}@aoi.example") is Heard.DESK
    assert scopes(shop, contact_id) == []


def test_a_token_of_another_shop_is_nobodys_here(shop):
    other = a_shop()
    contact_id = a_reader(other)
    raw = f"From: x@example.jp\r\nTo: o+{token(other, contact_id).hex()}@aoi.example\r\n\r\n".encode()
    assert services.receive_mail(shop.workspace_id, raw, NOW) is Heard.NOTED
    assert scopes(other, contact_id) == []
    assert services.addressed_workspace(raw) == other.workspace_id


def test_who_replies_from_another_address_is_known_by_the_message_they_answer(shop):
    contact_id = a_reader(shop)
    head = [f"In-Reply-To: <{token(shop, contact_id).hex()}@aoi.example>"]
    assert hear(shop, "配信停止", sender=an_address(), head=head) is Heard.STOPPED
    assert scopes(shop, contact_id) == [Scope.ALL]


def test_a_strangers_refusal_keeps_a_later_list_from_bringing_them_in(shop):
    address = an_address()
    assert hear(shop, "unsubscribe", sender=address) is Heard.STOPPED
    assert never(shop, Channel.EMAIL, address) == "refused"


def test_an_automatic_reply_with_the_word_stop_changes_nothing(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    head = ["Auto-Submitted: auto-replied"]
    assert hear(shop, "stop by on Monday, I am away", sender=address, head=head) is Heard.AUTOMATIC
    assert hear(shop, "stop", sender=address, envelope=Envelope("")) is Heard.AUTOMATIC
    assert (scopes(shop, contact_id), desk(shop)) == ([], [])


def test_what_nobody_understands_is_no_refusal_and_waits_for_a_human(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    for _ in range(2):  # handed on twice, it is one message
        assert hear(shop, "次はいつ届きますか", sender=address) is Heard.DESK
    (row,) = desk(shop)
    assert (scopes(shop, contact_id), row.contact_id, row.via) == ([], contact_id, "mail")
    entry = last_entry(shop, contact_id)
    assert (entry.entry_id, entry.fields["text"]) == (row.entry_id, "次はいつ届きますか")


def test_a_letter_that_may_mean_stop_is_a_pause_until_a_human_has_read_it(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    for _ in range(2):  # handed on twice, it is one message
        assert hear(shop, "広告はもう結構です", sender=address) is Heard.ON_HOLD
    assert set(scopes(shop, contact_id)) == {Scope.UNTIL}
    assert [(row.contact_id, row.via) for row in desk(shop)] == [(contact_id, "mail")]
    assert hear(shop, "広告はもう結構です", sender=an_address()) is Heard.DESK


def test_of_a_stranger_only_the_hour_is_kept(shop):
    assert hear(shop, "どなたですか", sender=an_address()) is Heard.DESK
    (row,) = desk(shop)
    assert (row.contact_id, row.entry_id) == (None, None)


def test_a_message_that_was_answered_waits_no_more(shop):
    from shodaku.delivery import services as delivery

    hear(shop, "どなたですか")
    (row,) = desk(shop)
    assert delivery.answer_message(shop.workspace_id, row.message_no, now=NOW)
    assert not delivery.answer_message(shop.workspace_id, row.message_no, now=NOW)
    assert desk(shop) == []


def test_erasing_a_person_forgets_what_they_wrote(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    hear(shop, "次はいつ届きますか", sender=address)
    erasure_id = erasure.request(shop.workspace_id, contact_id, rule="erase", receipt="R-1", now=NOW)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert desk(shop) == []


def test_without_the_key_store_a_message_for_a_human_waits_for_its_entry(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    away = dataclasses.replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/none")
    with runtime.replaced(away):
        assert hear(shop, "次はいつ届きますか", sender=address) is Heard.DESK
        assert hear(shop, "配信停止", sender=address) is Heard.STOPPED
    assert desk(shop)[0].entry_id is None
    services.settle_waiting(shop.workspace_id)
    assert desk(shop)[0].entry_id is not None
    assert scopes(shop, contact_id) == [Scope.ALL]


def test_start_by_mail_is_a_question_and_no_consent(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    hear(shop, "停止", sender=address)
    assert hear(shop, "再開", sender=address, now=LATER) is Heard.ASKED
    assert newest_request(shop, contact_id).state == "requested"
    assert {each.state for each in consents.held(shop.workspace_id, contact_id)} == {"pending"}
    assert scopes(shop, contact_id) == [Scope.ALL]


def test_a_topic_of_single_opt_in_is_asked_about_as_well(shop):
    from shodaku.consent import services as consent
    from shodaku.consent.domain import Frequency, Period

    topic_id = consent.create_topic(
        shop.workspace_id,
        consent.NewTopic(
            slug="single",
            name="単",
            name_en="single",
            content="x",
            purpose="x",
            frequency=Frequency(1, Period.WEEK),
            sender_id=shop.sender_id,
            double_opt_in=False,
        ),
        now=NOW,
    )
    address = an_address()
    contact_id = a_contact(shop, address)
    agree(shop, contact_id, topic_id=topic_id, at=NOW - timedelta(days=1))
    consent_ended = NOW - timedelta(hours=1)
    with db.transaction(shop.workspace_id):
        from shodaku.consent.domain import Method

        taken_back = consent.Withdrawal(
            contact_id=contact_id,
            topic_id=topic_id,
            method=Method.PAGE,
            event_id=uuid.uuid4(),
            entry_id=None,
            at=consent_ended,
        )
        consent.withdraw([taken_back])
    assert hear(shop, "start", sender=address) is Heard.ASKED
    assert {each.state for each in consents.held(shop.workspace_id, contact_id)} == {"pending"}


def test_stop_by_text_is_answered_once(shop):
    number = a_number()
    contact_id = somebody_with(shop, number)
    reply = services.receive_sms(shop.workspace_id, number, "停止", NOW)
    assert reply == "[(株)あおい雑貨]配信を停止しました。今後、広告はお送りしません。"
    assert scopes(shop, contact_id) == [Scope.ALL]
    assert last_entry(shop, contact_id).fields["via"] == "sms"
    assert services.receive_sms(shop.workspace_id, number, "STOP", LATER) is None


def test_a_number_is_known_however_the_provider_writes_it(shop):
    number = a_number()
    contact_id = somebody_with(shop, number)
    services.receive_sms(shop.workspace_id, "0" + number.removeprefix("+81"), "stop", NOW)
    assert scopes(shop, contact_id) == [Scope.ALL]


def test_an_unknown_number_is_never_contacted_and_hears_no_more(shop):
    number = a_number()
    assert services.receive_sms(shop.workspace_id, number, "stop", NOW)
    assert never(shop, Channel.SMS, number) == "refused"
    for text in ("stop", "help", "start"):
        assert services.receive_sms(shop.workspace_id, number, text, LATER) is None


def test_help_names_brand_frequency_rates_help_and_stop(shop):
    reply = services.receive_sms(shop.workspace_id, a_number(), "HELP", NOW)
    for part in ("[(株)あおい雑貨]", "あおい雑貨からの案内", "週4回まで", "通信料", "03-0000-0000", "停止"):
        assert part in reply


def test_start_by_text_names_the_form_and_revives_nothing(shop):
    a_form(shop)
    number = a_number()
    contact_id = somebody_with(shop, number)
    services.receive_sms(shop.workspace_id, number, "stop", NOW)
    reply = services.receive_sms(shop.workspace_id, number, "START", LATER)
    assert reply.endswith(f"http://testserver/f/{shop.slug}/join")
    assert scopes(shop, contact_id) == [Scope.ALL]
    assert consents.held(shop.workspace_id, contact_id) == []
    assert mailings(shop, "confirmation") == []


def test_a_text_that_may_mean_stop_is_a_pause_until_a_human_has_read_it(shop):
    number = a_number()
    contact_id = somebody_with(shop, number)
    answered = services.hear_sms(shop.workspace_id, number, "広告はもう結構です", NOW)
    assert (answered.heard, answered.reply) == (Heard.ON_HOLD, None)
    assert scopes(shop, contact_id) == [Scope.UNTIL]
    assert [row.via for row in desk(shop)] == ["sms"]


def test_a_number_with_a_new_owner_is_never_contacted(shop):
    number = a_number()
    contact_id = somebody_with(shop, number)
    answered = services.hear_sms(shop.workspace_id, number, "番号が違います", NOW)
    assert (answered.heard, answered.reply) == (Heard.STOPPED, None)
    assert scopes(shop, contact_id) == [Scope.ALL]
    assert never(shop, Channel.SMS, number) == "refused"


def test_what_the_desk_writes_down_is_obeyed(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    assert services.record_call(shop.workspace_id, address, by="staff:1", now=NOW) is Heard.STOPPED
    fields = last_entry(shop, contact_id).fields
    assert (scopes(shop, contact_id), fields["via"], fields["by"]) == ([Scope.ALL], "telephone", "staff:1")


def test_a_call_about_something_else_is_noted(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    heard = services.record_call(
        shop.workspace_id, address, by="staff:1", wish=Wish.UNCLEAR, said="住所が変わった", now=NOW
    )
    assert (heard, scopes(shop, contact_id)) == (Heard.DESK, [])


def test_what_came_to_the_client_holds_from_when_it_came_there(shop):
    address = an_address()
    contact_id = a_reader(shop, address, at=NOW - timedelta(days=9))
    came = NOW - timedelta(days=2)
    receipt = services.receive_for_client(shop.workspace_id, address, "株式会社みどり", came, NOW)
    (refusal,) = suppressions.refusals(shop.workspace_id, contact_id)
    assert (receipt.at, refusal.at, refusal.scope) == (came, came, Scope.ALL)
    assert last_entry(shop, contact_id).fields["received_by"] == "株式会社みどり"
    assert {each.state for each in consents.held(shop.workspace_id, contact_id)} == {"withdrawn"}


def test_who_agreed_since_is_refused_from_now(shop):
    address = an_address()
    contact_id = a_reader(shop, address, at=NOW - timedelta(days=1))
    services.receive_for_client(shop.workspace_id, address, "みどり", NOW - timedelta(days=2), NOW)
    (refusal,) = suppressions.refusals(shop.workspace_id, contact_id)
    assert refusal.at == NOW


def test_an_address_that_nobody_has_is_never_contacted(shop):
    address = an_address()
    assert services.receive_for_client(shop.workspace_id, address, "みどり", NOW, NOW) is None
    assert never(shop, Channel.EMAIL, address) == "refused"


def a_report(kind, part, *, to="fbl@aoi.example", returned=""):
    return (
        f"From: x@mx.example\r\nTo: {to}\r\nAuto-Submitted: auto-replied\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: message/{kind}\r\n\r\n{part}\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{returned}\r\n\r\nx\r\n--b--\r\n"
    ).encode()


def complain(shop, returned, kind="abuse", rcpt="a@example.jp"):
    part = f"Feedback-Type: {kind}\r\nVersion: 1\r\nOriginal-Rcpt-To: <{rcpt}>\r\n"
    return services.receive_mail(shop.workspace_id, a_report("feedback-report", part, returned=returned), NOW)


@pytest.mark.parametrize("trace", ["message-id", "mailto", "page"])
def test_the_spam_button_stops_everything_for_whom_our_message_names(shop, trace):
    contact_id = a_reader(shop)
    made = token(shop, contact_id, 7)
    returned = {
        "message-id": f"Message-ID: <{made.hex()}@aoi.example>",
        "mailto": f"List-Unsubscribe: <mailto:o+{made.hex()}@aoi.example>",
        "page": f"List-Unsubscribe: <http://testserver/o/{url_form(made)}>",
    }[trace]
    assert complain(shop, returned) is Heard.STOPPED
    assert scopes(shop, contact_id) == [Scope.ALL]
    (row,) = deliveries.feedback(shop.workspace_id, contact_id)
    assert (row.kind, row.status, row.mailing_id) == ("complaint", "abuse", 7)


@pytest.mark.parametrize("kind", ["not-spam", "fraud", "virus", "other", "auth-failure"])
def test_other_reports_are_noted_and_stop_nobody(shop, kind):
    contact_id = a_reader(shop)
    assert complain(shop, f"Message-ID: <{token(shop, contact_id).hex()}@aoi.example>", kind) is Heard.NOTED
    assert scopes(shop, contact_id) == []


def test_a_complaint_without_a_message_of_ours_stops_nobody_and_is_shown(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    assert complain(shop, "Message-ID: <1@else.example>", rcpt=address) is Heard.NOBODY
    assert (scopes(shop, contact_id), [row.via for row in desk(shop)]) == ([], ["report"])


def test_a_bounce_without_a_token_of_ours_disables_nobody(shop):
    address = an_address()
    contact_id = a_reader(shop, address)
    part = f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    raw = a_report("delivery-status", part, to="b+" + "0" * 62 + "@aoi.example")
    assert services.receive_mail(shop.workspace_id, raw, NOW) is Heard.NOBODY
    (row,) = contacts.addresses(shop.workspace_id, contact_id)
    assert row.invalid_at is None


def test_who_was_erased_leaves_nothing_to_stop(shop):
    contact_id = a_reader(shop)
    to = f"o+{token(shop, contact_id).hex()}@aoi.example"
    erasure_id = erasure.request(shop.workspace_id, contact_id, rule="erase", receipt="R-2", now=NOW)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert hear(shop, "", to=to) is Heard.NOBODY
    assert hear(shop, "どなたですか", to=to.replace("o+", "b+")) is Heard.DESK
    assert desk(shop)[0].contact_id is None


def test_the_rule_of_the_workspace_holds_for_replies_too(shop):
    from shodaku.accounts import services as accounts
    from shodaku.accounts.domain import OptOutRule

    accounts.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    address = an_address()
    a_reader(shop, address)
    assert services.receive_for_client(shop.workspace_id, address, "x", NOW, NOW).scope is OptOutScope.ERASE


def knock(shop, secret, **fields):
    said = {"From": "+819012345678", "Body": "help", **fields}
    return Client().post(f"/inbound/sms/{shop.slug}", said, headers={"authorization": f"Bearer {secret}"})


def test_the_door_of_the_provider_answers_with_the_text(shop):
    secret = webhook.new_secret(shop.workspace_id)
    number = a_number()
    contact_id = somebody_with(shop, number)
    answer = knock(shop, secret, From=number, Body="配信停止")
    assert (answer.status_code, answer.content.decode()[:9]) == (200, "[(株)あおい雑貨"[:9])
    assert scopes(shop, contact_id) == [Scope.ALL]
    by_path = Client().post(f"/inbound/sms/{shop.slug}/{secret}", {"From": a_number(), "Body": "help"})
    assert "停止" in by_path.content.decode()


def test_without_its_secret_the_door_is_not_there(shop):
    assert knock(shop, "").status_code == 404
    secret = webhook.new_secret(shop.workspace_id)
    assert knock(shop, secret).status_code == 200
    webhook.new_secret(shop.workspace_id)
    for wrong in (secret, "", "ü", secret[:-1]):
        assert knock(shop, wrong).status_code == 404
    assert Client().post("/inbound/sms/no-such-shop", {"From": "1"}).status_code == 404
    assert Client().get(f"/inbound/sms/{shop.slug}").status_code == 405


def test_the_door_takes_no_heap(shop):
    secret = webhook.new_secret(shop.workspace_id)
    assert knock(shop, secret, Body="x" * 70_000).status_code == 413
    assert knock(shop, secret, From="").status_code == 400


def test_a_mail_that_only_says_whom_it_is_from_makes_silent_and_erases_nobody():
    """Anybody can write a From; where a workspace erases, a token of ours is what erases."""
    shop = a_shop()
    accounts_services.change_opt_out_rule(shop.workspace_id, OptOutRule.ERASE, "")
    address = f"victim-{uuid.uuid4().hex[:8]}@example.jp"
    reader = a_reader(shop, address)
    raw = f"From: {address}\r\n\r\n配信停止".encode()
    services.receive_mail(shop.workspace_id, raw, NOW)
    with db.transaction(shop.workspace_id) as connection:
        assert connection.execute("select count(*) from erasure").fetchone()[0] == 0
        assert connection.execute("select scope from refusal where contact_id = %s", [reader]).fetchall() == [
            ("all",)
        ]
