"""What providers report: signed, once, in any order; a forged report changes nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from tests.optout.test_receiving import a_number, somebody_with
from tests.optout.ways import a_bounce, an_address, is_invalid, never, scopes, token
from tests.people import a_reader, a_shop
from tests.sendings import leave, sent

from shodaku.consent import selectors as consents
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as deliveries
from shodaku.delivery import services as delivery
from shodaku.erasure import services as erasure
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.optout import hooks, jobs
from shodaku.optout.hooks import NoHook, NoProviderKey, NoSuchProvider
from shodaku.optout.provider_webhooks import ADAPTERS, Checked, Posted, signature

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
KEY = "the key of the provider"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
EC_PUBLIC = base64.b64encode(
    EC_KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()


@pytest.fixture
def shop():
    return a_shop()


def opened(shop, provider):
    key = {"sendgrid": EC_PUBLIC, "postmark": "", "brevo": ""}.get(provider, KEY)
    secret = hooks.open_hook(shop.workspace_id, provider, key)
    return f"/hooks/{ADAPTERS[provider].channel.value}/{shop.slug}/{secret}"


def post(path, body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(path, raw, content_type="application/json", headers=headers).status_code


def mailgun(event, *, at=NOW, key=KEY, nonce=None):
    seconds, nonce = str(int(at.timestamp())), nonce or uuid.uuid4().hex
    made = hmac.new(key.encode(), (seconds + nonce).encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": seconds, "token": nonce, "signature": made}, "event-data": event}


def mailgun_failure(message_id, *, code=550, said="5.1.1 The email account does not exist", **more):
    return {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "id": uuid.uuid4().hex,
        "recipient": "reader@example.jp",
        "message": {"headers": {"message-id": message_id, "to": "reader@example.jp"}},
        "delivery-status": {"code": code, "message": said, "description": ""},
        **more,
    }


def sendgrid(path, events, *, at=NOW, key=EC_KEY):
    body, seconds = json.dumps(events).encode(), str(int(at.timestamp()))
    made = base64.b64encode(key.sign(seconds.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    return post(
        path,
        body,
        **{
            "X-Twilio-Email-Event-Webhook-Signature": made,
            "X-Twilio-Email-Event-Webhook-Timestamp": seconds,
        },
    )


def plain(path, *events, at=NOW, key=KEY):
    body = json.dumps({"events": events}).encode()
    return post(path, body, **{"Shodaku-Signature": signature(key, body, at)})


def twilio(path, *, key=KEY, **fields):
    said = "http://testserver" + path + "".join(name + fields[name] for name in sorted(fields))
    made = base64.b64encode(hmac.new(key.encode(), said.encode(), hashlib.sha1).digest()).decode()
    return Client().post(path, fields, headers={"X-Twilio-Signature": made})


@pytest.fixture
def reader(shop):
    """Somebody who got a mail an hour ago: their address, contact and the Message-ID."""
    address = an_address()
    contact_id = a_reader(shop, address)
    mailing_id = sent(shop, contact_id, NOW - timedelta(hours=1))
    return address, contact_id, f"{token(shop, contact_id, mailing_id)}@aoi.example"


def bounce_of(provider, path, message_id):
    match provider:
        case "mailgun":
            return post(path, mailgun(mailgun_failure(message_id)))
        case "sendgrid":
            return sendgrid(
                path,
                [
                    {
                        "event": "bounce",
                        "type": "bounce",
                        "status": "5.1.1",
                        "reason": "550 5.1.1 The email account does not exist.",
                        "email": "reader@example.jp",
                        "smtp-id": f"<{message_id}>",
                        "sg_event_id": uuid.uuid4().hex,
                        "timestamp": 1461095250,
                    }
                ],
            )
        case "postmark":
            ours = f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{message_id}>\r\n\r\nx\r\n--b--"
            return post(
                path,
                {
                    "RecordType": "Bounce",
                    "ID": 901542550,
                    "Type": "HardBounce",
                    "Details": "smtp;550 5.1.1 The email account does not exist.",
                    "Email": "reader@example.jp",
                    "Metadata": {},
                    "Content": a_bounce(to="x@pm.example").decode().replace("--b--", ours),
                },
            )
        case "brevo":
            return post(
                path,
                {
                    "event": "hard_bounce",
                    "email": "reader@example.jp",
                    "message-id": f"<{message_id}>",
                    "reason": "550 5.1.1 unknown",
                },
            )
        case _:
            return plain(
                path,
                {"event": "bounce", "message_id": message_id, "status": "5.1.1", "id": uuid.uuid4().hex},
            )


MAIL = ["mailgun", "sendgrid", "postmark", "brevo", "mail"]


@pytest.mark.parametrize("provider", MAIL)
def test_a_bounce_ends_the_address_that_its_token_names_and_not_the_consent(shop, reader, provider):
    _, contact_id, message_id = reader
    assert bounce_of(provider, opened(shop, provider), message_id) == 200
    assert (is_invalid(shop, contact_id), scopes(shop, contact_id)) == (True, [])
    assert {each.state for each in consents.held(shop.workspace_id, contact_id)} == {"active"}


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 Mailbox full",
        "550 5.1.1 user unknown; client host blocked using bl.example.net",
        "550 5.1.1 Unknown user (in reply to end of DATA command)",
    ],
)
def test_what_the_server_said_counts_before_the_provider_s_own_word(shop, reader, answer):
    _, contact_id, message_id = reader
    path = opened(shop, "brevo")
    event = {"event": "hard_bounce", "email": "reader@example.jp", "message-id": f"<{message_id}>"}
    assert post(path, {**event, "reason": answer}) == 200
    assert not is_invalid(shop, contact_id)


@pytest.mark.parametrize("provider", MAIL)
def test_a_bounce_without_a_token_of_ours_ends_nothing(shop, reader, provider):
    _, contact_id, message_id = reader
    forged = f"{int(message_id[:62], 16) ^ 1:062x}@aoi.example"
    assert bounce_of(provider, opened(shop, provider), forged) == 200
    assert not is_invalid(shop, contact_id)


def complaint_of(provider, path, address, message_id):
    match provider:
        case "mailgun":
            event = {"event": "complained", "recipient": address, "id": uuid.uuid4().hex}
            event["message"] = {"headers": {"message-id": message_id}}
            return post(path, mailgun(event))
        case "sendgrid":
            return sendgrid(path, [{"event": "spamreport", "email": address, "smtp-id": f"<{message_id}>"}])
        case "postmark":
            return post(
                path,
                {
                    "RecordType": "SpamComplaint",
                    "ID": 1,
                    "Type": "SpamComplaint",
                    "Email": address,
                    "Metadata": {"shodaku": message_id},
                },
            )
        case "brevo":
            return post(path, {"event": "spam", "email": address, "message-id": message_id})
        case _:
            return plain(path, {"event": "complaint", "address": address, "message_id": message_id})


@pytest.mark.parametrize("provider", MAIL)
@pytest.mark.parametrize("named", [True, False], ids=["by token", "by address"])
def test_the_spam_button_refuses_everything(shop, reader, provider, named):
    address, contact_id, message_id = reader
    path = opened(shop, provider)
    told = "" if named else address
    assert complaint_of(provider, path, told, message_id if named else "1@else.example") == 200
    assert scopes(shop, contact_id) == ["all"]
    assert ledger.history(shop.workspace_id, contact_id)[-1].fields["via"] == "complaint"


UNSUBSCRIBED = {
    "mailgun": lambda path, address: post(
        path, mailgun({"event": "unsubscribed", "recipient": address, "id": "u1"})
    ),
    "mailgun list": lambda path, address: post(
        path,
        mailgun(
            {
                "event": "failed",
                "severity": "permanent",
                "reason": "suppress-unsubscribe",
                "recipient": address,
            }
        ),
    ),
    "sendgrid": lambda path, address: sendgrid(path, [{"event": "group_unsubscribe", "email": address}]),
    "sendgrid list": lambda path, address: sendgrid(
        path, [{"event": "dropped", "reason": "Unsubscribed Address", "email": address}]
    ),
    "postmark": lambda path, address: post(
        path,
        {
            "RecordType": "SubscriptionChange",
            "Recipient": address,
            "SuppressSending": True,
            "SuppressionReason": "ManualSuppression",
        },
    ),
    "brevo": lambda path, address: post(path, {"event": "unsubscribed", "email": address}),
    "mail": lambda path, address: plain(path, {"event": "unsubscribe", "address": address}),
}


@pytest.mark.parametrize("said", UNSUBSCRIBED)
def test_who_unsubscribed_there_gets_nothing_from_here(shop, reader, said):
    address, contact_id, _ = reader
    assert UNSUBSCRIBED[said](opened(shop, said.split()[0]), address) == 200
    assert scopes(shop, contact_id) == ["all"]
    assert ledger.history(shop.workspace_id, contact_id)[-1].fields["by"] == said.split()[0]


def test_an_unsubscription_of_nobody_we_know_keeps_a_later_list_from_bringing_them_in(shop):
    address = an_address()
    assert plain(opened(shop, "mail"), {"event": "unsubscribe", "address": address}) == 200
    assert never(shop, address) == "refused"


NOTHING = {
    "mailgun": ["delivered", "opened", "clicked", "accepted"],
    "sendgrid": ["processed", "deferred", "delivered", "open", "click", "group_resubscribe"],
    "postmark": [],
    "brevo": ["request", "delivered", "deferred", "blocked", "unique_opened"],
    "mail": ["delivered", "deferred", "opened"],
}


@pytest.mark.parametrize(("provider", "name"), [(each, name) for each in NOTHING for name in NOTHING[each]])
def test_other_reports_are_counted_and_change_nothing(shop, reader, provider, name):
    address, contact_id, message_id = reader
    path = opened(shop, provider)
    event = {"event": name, "email": address, "recipient": address, "message-id": message_id}
    status = {
        "mailgun": lambda: post(path, mailgun(event)),
        "sendgrid": lambda: sendgrid(path, [event]),
        "brevo": lambda: post(path, event),
        "mail": lambda: plain(path, event),
    }[provider]()
    assert (status, scopes(shop, contact_id), is_invalid(shop, contact_id)) == (200, [], False)
    (count,) = deliveries.provider_counts(shop.workspace_id)
    assert (count.provider, count.event, count.events) == (provider, name, 1)


def test_postmark_s_way_back_is_no_consent_and_its_own_list_no_bounce(shop, reader):
    address, contact_id, _ = reader
    path = opened(shop, "postmark")
    for change in ({"SuppressSending": False}, {"SuppressSending": True, "SuppressionReason": "HardBounce"}):
        assert post(path, {"RecordType": "SubscriptionChange", "Recipient": address, **change}) == 200
    assert (scopes(shop, contact_id), is_invalid(shop, contact_id)) == ([], False)


def test_what_nobody_here_knows_is_counted_as_unknown(shop):
    path = opened(shop, "mail")
    for name in ("constructed@example.jp", "other"):
        assert plain(path, {"event": name, "id": name}) == 200
    (count,) = deliveries.provider_counts(shop.workspace_id)
    assert (count.event, count.events) == ("unknown", 2)


def test_a_full_mailbox_is_counted_and_what_a_filter_refuses_never(shop, reader):
    _, contact_id, message_id = reader
    path = opened(shop, "mailgun")
    post(path, mailgun(mailgun_failure(message_id, code=552, said="5.2.2 over quota")))
    post(path, mailgun(mailgun_failure(message_id, code=550, said="5.7.1 blocked by policy")))
    later = "550 5.1.1 no such user (in reply to end of DATA command)"
    post(path, mailgun(mailgun_failure(message_id, code=550, said=later)))
    kinds = [row.kind for row in deliveries.feedback(shop.workspace_id, contact_id)]
    assert (kinds, is_invalid(shop, contact_id)) == (["soft", "other", "other"], False)


def test_a_report_that_comes_twice_acts_once(shop, reader):
    _, contact_id, message_id = reader
    path = opened(shop, "mailgun")
    failure = mailgun_failure(message_id, said="5.2.2 over quota")
    first = mailgun(failure)
    assert [post(path, first), post(path, first), post(path, mailgun(failure))] == [200] * 3
    assert len(deliveries.feedback(shop.workspace_id, contact_id)) == 1
    assert [each.events for each in deliveries.provider_counts(shop.workspace_id)] == [1]


def test_an_old_unsubscription_that_is_played_again_takes_no_later_consent_away(shop, reader):
    from tests.people import agree

    address, contact_id, _ = reader
    path = opened(shop, "mailgun")
    said = mailgun({"event": "unsubscribed", "recipient": address, "id": "once"})
    assert post(path, said) == 200
    later = datetime.now(UTC) + timedelta(seconds=1)  # noqa: TID251 - a test is an edge
    agree(shop, contact_id, at=later)
    assert post(path, said) == 200
    assert {each.state for each in consents.held(shop.workspace_id, contact_id)} == {"active"}


@pytest.mark.parametrize("first", ["bounce", "complaint"])
def test_the_order_of_reports_makes_no_difference(shop, reader, first):
    address, contact_id, message_id = reader
    path = opened(shop, "brevo")
    acts = [
        lambda: bounce_of("brevo", path, message_id),
        lambda: complaint_of("brevo", path, address, message_id),
    ]
    assert [act() for act in (acts if first == "bounce" else reversed(acts))] == [200, 200]
    assert (scopes(shop, contact_id), is_invalid(shop, contact_id)) == (["all"], True)


def test_a_bounce_before_our_own_result_waits_for_it(shop):
    from tests.delivery.mailings import newsletter

    contact_id = a_reader(shop)
    with db.transaction(shop.workspace_id):
        mailing_id = delivery.plan_one(newsletter(shop), contact_id, now=NOW)
    message_id = f"{token(shop, contact_id, mailing_id)}@aoi.example"
    for _ in range(2):
        assert bounce_of("mail", opened(shop, "mail"), message_id) == 200
    jobs.settle_returns()
    assert not is_invalid(shop, contact_id)
    leave(shop, contact_id, mailing_id, NOW)
    jobs.settle_returns()
    assert is_invalid(shop, contact_id)
    assert delivery.settle_early_bounces(shop.workspace_id, now=NOW) == 0


def test_a_bounce_whose_message_never_left_is_let_go_after_three_days(shop):
    contact_id = a_reader(shop)
    message_id = f"{token(shop, contact_id, 999_999)}@aoi.example"
    assert bounce_of("mail", opened(shop, "mail"), message_id) == 200
    after = datetime.now(UTC) + timedelta(hours=72, minutes=1)  # noqa: TID251 - a test is an edge
    assert delivery.settle_early_bounces(shop.workspace_id, now=after) == 0
    with db.transaction(shop.workspace_id) as connection:
        assert connection.execute("select count(*) from early_bounce").fetchone()[0] == 0


def test_of_an_erased_person_nothing_is_kept(shop):
    contact_id = a_reader(shop)
    path = opened(shop, "mail")
    message_id = f"{token(shop, contact_id, 999_999)}@aoi.example"
    bounce_of("mail", path, message_id)
    erasure_id = erasure.request(shop.workspace_id, contact_id, rule="erase", receipt="R-1", now=NOW)
    erasure.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    for _ in range(2):
        assert bounce_of("mail", path, message_id) == 200
    with db.transaction(shop.workspace_id) as connection:
        assert connection.execute("select count(*) from early_bounce").fetchone()[0] == 0


def forgeries(shop, address):
    event = {"event": "unsubscribed", "recipient": address, "id": "f"}
    mine, theirs = opened(shop, "mailgun"), opened(shop, "sendgrid")
    own = opened(shop, "mail")
    other = ec.generate_private_key(ec.SECP256R1())
    body = json.dumps({"events": [{"event": "unsubscribe", "address": address}]}).encode()
    yield post(mine, mailgun(event, key="guessed"))
    yield post(mine, {"event-data": event})
    yield post(mine, {**mailgun(event), "signature": None})
    yield post(mine, {**mailgun(event), "signature": {"timestamp": "9" * 400, "token": "", "signature": "é"}})
    yield sendgrid(theirs, [{"event": "unsubscribe", "email": address}], key=other)
    yield post(theirs, [{"event": "unsubscribe", "email": address}])
    yield plain(own, {"event": "unsubscribe", "address": address}, key="guessed")
    yield post(own, body, **{"Shodaku-Signature": signature(KEY, body + b" ", NOW)})
    yield post(own, body)
    yield twilio(opened(shop, "twilio"), key="guessed", From="+819012345678", Body="stop").status_code


def test_a_forged_report_changes_nothing(shop, reader):
    address, contact_id, _ = reader
    assert set(forgeries(shop, address)) == {403}
    assert (scopes(shop, contact_id), deliveries.provider_counts(shop.workspace_id)) == ([], [])


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(0), 200),
        (timedelta(hours=71), 200),  # a provider that found us away for three days
        (timedelta(hours=73), 403),
        (timedelta(hours=-1), 403),
    ],
)
@pytest.mark.parametrize("provider", ["mailgun", "sendgrid", "mail"])
def test_a_signature_is_taken_in_its_time_alone(shop, reader, provider, age, status):
    address, at = reader[0], datetime.now(UTC) - age  # noqa: TID251 - a test is an edge
    path = opened(shop, provider)
    said = {
        "mailgun": lambda: post(
            path, mailgun({"event": "unsubscribed", "recipient": address, "id": "w"}, at=at)
        ),
        "sendgrid": lambda: sendgrid(path, [{"event": "unsubscribe", "email": address}], at=at),
        "mail": lambda: plain(path, {"event": "unsubscribe", "address": address}, at=at),
    }[provider]()
    assert said == status
    assert scopes(shop, reader[1]) == (["all"] if status == 200 else [])


@pytest.mark.parametrize(
    ("age", "checked"),
    [
        (timedelta(minutes=-5), "true"),
        (timedelta(minutes=-5, seconds=-1), "stale"),
        (timedelta(hours=72), "true"),
        (timedelta(hours=72, seconds=1), "stale"),
    ],
)
def test_the_time_of_a_signature_has_two_sharp_ends(age, checked):
    now, body = NOW.replace(microsecond=0), b"{}"
    posted = Posted(body, headers={"shodaku-signature": signature(KEY, body, now - age)})
    assert ADAPTERS["mail"].check(posted, KEY, now).value == checked


def test_who_does_not_know_the_secret_finds_no_door(shop, reader):
    path = opened(shop, "brevo")
    other = a_shop()
    said = {"event": "unsubscribed", "email": reader[0]}
    wrong = [
        path[:-1] + ("A" if path[-1] != "A" else "B"),
        path.replace(shop.slug, other.slug),
        path.replace(shop.slug, "nobody"),
        path.replace("/mail/", "/sms/"),
        path + "é",
    ]
    assert {post(each, said) for each in wrong} == {404}
    assert scopes(shop, reader[1]) == []
    hooks.close_hook(shop.workspace_id, "brevo")
    assert post(path, said) == 404


def test_a_new_secret_voids_the_one_before(shop):
    before, after = opened(shop, "brevo"), opened(shop, "brevo")
    assert (post(before, {}), post(after, {})) == (404, 200)


def test_one_provider_s_secret_does_not_open_another_that_signs(shop, reader):
    path = opened(shop, "brevo")
    opened(shop, "mail")
    body = {"events": [{"event": "unsubscribe", "address": reader[0]}]}
    assert post(path, body) == 200
    assert scopes(shop, reader[1]) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"', b"null", b"[[[[" * 5_000, b"\xff", b'{"a":NaN}'])
def test_a_body_that_is_none_is_refused_or_noted(shop, body):
    for provider in ("brevo", "postmark"):
        assert post(opened(shop, provider), body) in (200, 400)
    assert post(opened(shop, "mail"), body, **{"Shodaku-Signature": signature(KEY, body, NOW)}) in (200, 400)


def test_a_body_beyond_its_limit_is_not_read(shop):
    path = opened(shop, "brevo")
    assert post(path, b'{"a":"' + b"x" * 1_048_576 + b'"}') == 413
    sms = opened(shop, "sms")
    assert post(sms, b'{"a":"' + b"x" * 65_536 + b'"}') == 413


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_a_post_is_heard(shop, method):
    assert getattr(Client(), method)(opened(shop, "brevo")).status_code == 405


def test_while_the_database_is_away_the_provider_is_told_to_come_again(shop, reader, monkeypatch):
    import psycopg

    path = opened(shop, "brevo")
    said = {"event": "unsubscribed", "email": reader[0]}

    def away(*_arguments, **_more):
        raise psycopg.OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(hooks, "stop_for", away)
        assert post(path, said) == 503
    assert post(path, said) == 200
    assert scopes(shop, reader[1]) == ["all"]


def test_what_is_asked_for_in_the_name_of_a_provider_is_known_and_has_its_key(shop):
    with pytest.raises(NoSuchProvider):
        hooks.open_hook(shop.workspace_id, "ses", KEY)
    for key in ("", "no public key", base64.b64encode(b"x" * 91).decode()):
        with pytest.raises(NoProviderKey):
            hooks.open_hook(shop.workspace_id, "sendgrid", key)
    with pytest.raises(NoHook):
        hooks.close_hook(shop.workspace_id, "mailgun")
    assert hooks.hooks(shop.workspace_id) == []


def test_twilio_hands_on_a_text_and_gets_the_answer_in_its_own_form(shop):
    number = a_number()
    contact_id = somebody_with(shop, number)
    path = opened(shop, "twilio")
    answer = twilio(path, From=number, To="+815012345678", Body="配信停止", MessageSid="SM1")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert "<Message>[(株)あおい雑貨]配信を停止しました" in answer.content.decode()
    again = twilio(path, From=number, To="+815012345678", Body="配信停止", MessageSid="SM1")
    assert again.content.decode().endswith("<Response></Response>")
    assert scopes(shop, contact_id) == ["all"]


@pytest.mark.parametrize(
    "fields",
    [
        {"From": "{}", "Body": "whatever", "OptOutType": "STOP", "MessageSid": "SM2"},
        {"To": "{}", "MessageStatus": "failed", "ErrorCode": "21610", "MessageSid": "SM3"},
    ],
    ids=["said STOP to them", "on their list"],
)
def test_who_said_no_to_twilio_said_it_to_us(shop, fields):
    number = a_number()
    contact_id = somebody_with(shop, number)
    answer = twilio(opened(shop, "twilio"), **{name: value.format(number) for name, value in fields.items()})
    assert (answer.status_code, scopes(shop, contact_id)) == (200, ["all"])


@pytest.mark.parametrize("state", ["delivered", "undelivered", "sent", "strange"])
def test_other_states_of_a_text_are_noted(shop, state):
    number = a_number()
    contact_id = somebody_with(shop, number)
    answer = twilio(opened(shop, "twilio"), To=number, MessageStatus=state, MessageSid="SM4")
    assert (answer.status_code, scopes(shop, contact_id)) == (200, [])


def test_any_sms_provider_may_speak_our_own_form(shop):
    number, stranger = a_number(), a_number()
    contact_id = somebody_with(shop, number)
    path = opened(shop, "sms")
    assert plain(path, {"event": "text", "id": "1", "address": number, "text": "ストップ"}) == 200
    assert plain(path, {"event": "unsubscribe", "id": "2", "address": stranger}) == 200
    assert (scopes(shop, contact_id), never(shop, stranger, Channel.SMS)) == (["all"], "refused")


def test_twilio_s_own_example_of_a_signature_is_found_right():
    """https://www.twilio.com/docs/usage/security: token 12345."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    posted = Posted(
        b"",
        url="https://mycompany.com/myapp.php?foo=1&bar=2",
        headers={"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
        form=form,
    )
    assert ADAPTERS["twilio"].check(posted, "12345", NOW) is Checked.TRUE
