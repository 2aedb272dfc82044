"""What is asked of mail providers, and what their answers are taken to mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.content.test_render import NASTY, message_of
from tests.delivery.provider_stub import TAKEN, parsed, read

from shodaku.content.render import Draft, MailFile
from shodaku.delivery.domain import Kind
from shodaku.delivery.transports.aws_signature import signed
from shodaku.delivery.transports.decomposed import Undividable, decomposed
from shodaku.delivery.transports.dialogue import Login
from shodaku.delivery.transports.job import Verdict
from shodaku.delivery.transports.providers import APIS, Account, Answer, Message, meaning
from shodaku.kit.links import LinkKeys, Purpose, Token
from shodaku.optout.provider_webhooks import ADAPTERS, Posted

NOW = datetime(2026, 11, 26, 3, 4, 5, tzinfo=UTC)
PROVIDERS = [*APIS]
BUILT_ANEW = [Kind.SENDGRID, Kind.POSTMARK, Kind.BREVO]
AS_IT_IS = [Kind.SES, Kind.MAILGUN]
PICTURE = MailFile("春.png", "image/png", b"\x89PNG" + bytes(200))
LEAFLET = MailFile("案内.pdf", "application/pdf", b"%PDF" + bytes(range(256)))
DRAFT = Draft(
    "春の{{ name }}様",
    "こんにちは、{{ name }}様\n.点",
    f'<p>{{{{ name }}}}<img src="{PICTURE.reference}"></p>',
    (),
    (PICTURE, LEAFLET),
)
RETURN_PATH = "b+0123456789abcdef@mail.example.jp"


def raw_of(name="山田", draft=DRAFT):
    buffers = message_of(draft, {"name": name, "company": ""}).buffers
    return (b"\r\n" + b"".join(buffers)).replace(b"\r\n..", b"\r\n.")[2:]


def account(kind):
    user = {Kind.MAILGUN: "mg.aoi.example", Kind.SES: "user"}.get(kind, "")
    return Account(APIS[kind].host, Login(user, "himitsu"))


def asked(kind, raw=None):
    message = Message(RETURN_PATH, "hanako@example.jp", raw or raw_of())
    return APIS[kind].send(account(kind), message, NOW)


@pytest.mark.parametrize("kind", AS_IT_IS)
def test_a_provider_that_takes_mime_gets_the_message_byte_by_byte(kind):
    taken = read(kind, asked(kind).body)
    assert (taken.recipient, taken.raw) == ("hanako@example.jp", raw_of())


@pytest.mark.parametrize("kind", BUILT_ANEW)
def test_a_provider_that_builds_it_anew_gets_all_of_its_parts(kind):
    told, mail = json.loads(asked(kind).body), parsed(raw_of())
    said = json.dumps(told, ensure_ascii=False)
    assert read(kind, asked(kind).body).recipient == "hanako@example.jp"
    for text in (
        "春の山田様",
        "こんにちは、山田様",
        "<p>山田<img src=",
        "株式会社サンプル",
        "news@mail.example.jp",
    ):
        assert text in said, text
    headers = told.get("headers") or {each["Name"]: each["Value"] for each in told["Headers"]}
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID"):
        assert headers[name] == mail[name], name
    assert not {"From", "To", "Subject", "Date", "MIME-Version", "Content-Type"} & headers.keys()
    files = told.get("attachments") or told.get("Attachments") or told["attachment"]
    assert [each.get("filename") or each.get("Name") or each["name"] for each in files] == [
        "春.png",
        "案内.pdf",
    ]


@pytest.mark.parametrize("kind", PROVIDERS)
def test_where_the_message_id_is_kept(kind):
    """A notice that is sent again is the same mail; Amazon SES, SendGrid and Brevo write one of their own."""
    ours, body = parsed(raw_of())["Message-ID"], asked(kind).body
    match kind:
        case Kind.SES | Kind.MAILGUN:
            assert parsed(read(kind, body).raw)["Message-ID"] == ours
        case Kind.POSTMARK:
            told = {each["Name"]: each["Value"] for each in json.loads(body)["Headers"]}
            assert (told["Message-ID"], told["X-PM-KeepID"]) == (ours, "true")
        case Kind.SENDGRID | Kind.BREVO:
            assert "message-id" not in {name.lower() for name in json.loads(body)["headers"]}


@pytest.mark.parametrize("kind", PROVIDERS)
def test_no_provider_is_let_count_opens_or_clicks_or_add_an_unsubscribe_where_a_request_can_say_so(kind):
    body = asked(kind).body
    match kind:
        case Kind.SENDGRID:
            settings = json.loads(body)["tracking_settings"]
            assert {name for name, each in settings.items() if each["enable"] is False} == {
                "click_tracking",
                "open_tracking",
                "subscription_tracking",
                "ganalytics",
            }
            assert settings["click_tracking"]["enable_text"] is False
        case Kind.POSTMARK:
            told = json.loads(body)
            assert (told["TrackOpens"], told["TrackLinks"]) == (False, "None")
        case Kind.MAILGUN:
            fields = read(kind, body).body
            assert {fields[name] for name in fields if name.startswith("o:tracking")} == {b"no"}
            assert len([name for name in fields if name.startswith("o:tracking")]) == 3
        case Kind.SES:
            told = json.loads(body)
            assert not {"ConfigurationSetName", "ListManagementOptions"} & told.keys(), (
                "both would add things"
            )
        case Kind.BREVO:
            assert "tags" not in json.loads(body), "its settings decide; the manual says so"


@pytest.mark.parametrize("kind", [each for each in PROVIDERS if each is not Kind.SES])
def test_what_the_provider_reports_later_finds_the_delivery_by_our_token(kind):
    """Nothing of the provider's own numbers is kept: our token comes back in a field of its report."""
    keys, token = LinkKeys({1: b"k" * 32}), Token(1, 7, 1, Purpose.DELIVERY)
    path = f"b+{keys.make(token).hex()}@mail.example.jp"
    body = APIS[kind].send(account(kind), Message(path, "hanako@example.jp", raw_of()), NOW).body
    told = read(kind, body).body
    reported = {
        Kind.MAILGUN: lambda: {"event-data": {"user-variables": {"shodaku": told["v:shodaku"].decode()}}},
        Kind.SENDGRID: lambda: [told["personalizations"][0]["custom_args"]],
        Kind.POSTMARK: lambda: {"RecordType": "Bounce", "Metadata": told["Metadata"]},
        Kind.BREVO: lambda: {"event": "hard_bounce", "X-Mailin-custom": told["headers"]["X-Mailin-custom"]},
    }
    (event,) = ADAPTERS[kind.value].read(Posted(json.dumps(reported[kind]()).encode()))
    assert [keys.read_local_part(each, Purpose.DELIVERY) for each in event.traces.addresses] == [token]


def test_amazon_returns_bounces_to_our_return_path():
    assert json.loads(asked(Kind.SES).body)["FeedbackForwardingEmailAddress"] == RETURN_PATH


@given(st.sampled_from(NASTY[1:]) | st.text(max_size=60), st.sampled_from(BUILT_ANEW))
def test_whatever_a_person_is_called_no_field_appears_that_was_not_planned(name, kind):
    plain = json.loads(asked(kind, raw_of("山田")).body)
    told = json.loads(asked(kind, raw_of(name)).body)
    assert told.keys() == plain.keys()
    headers = [
        list(each.get("headers") or [one["Name"] for one in each["Headers"]]) for each in (told, plain)
    ]
    assert headers[0] == headers[1]
    assert "\n" not in (told.get("subject") or told["Subject"])


@pytest.mark.parametrize("head", ["Subject", "List-Id", "From", "Message-ID"])
def test_an_encoded_word_that_would_become_a_header_is_refused(head):
    raw = raw_of()
    broken = raw.replace(f"{head}: ".encode(), f"{head}: =?utf-8?q?a=0D=0ABcc:_v@x.jp?= ".encode(), 1)
    assert broken != raw
    with pytest.raises(Undividable):
        decomposed(broken)


AMAZON = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
AMAZON_AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


@pytest.mark.parametrize(
    ("method", "signature"),
    [
        ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ],
)
def test_a_request_is_signed_as_amazon_signs_its_examples(method, signature):
    """get-vanilla and post-vanilla of the published test suite of signature version 4."""
    (_, at), (_, given) = signed(
        method,
        "example.amazonaws.com",
        "/",
        b"",
        key=AMAZON,
        region="us-east-1",
        service="service",
        now=AMAZON_AT,
    )
    assert at == "20150830T123600Z"
    assert given.endswith(f"SignedHeaders=host;x-amz-date, Signature={signature}")


def test_a_secret_stands_in_no_request_to_amazon():
    request = asked(Kind.SES)
    assert "himitsu" not in f"{request}"
    assert ("X-Amz-Date", "20261126T030405Z") in request.headers


@pytest.mark.parametrize("kind", PROVIDERS)
def test_taken_is_what_the_provider_says_when_it_takes_a_message_and_no_other_2xx(kind):
    status, body = TAKEN[kind]
    content = b"" if body is None else json.dumps(body).encode()
    found = meaning(APIS[kind], Answer(status, {}, content))
    assert (found.outcome.verdict, found.outcome.code, found.trouble) == (Verdict.ACCEPTED, 250, False)
    for other in (b"<html>welcome to our network</html>", b'"yes"', b"[]", b"{}"):
        odd = meaning(APIS[kind], Answer(200, {}, other))
        assert (odd.outcome.verdict, odd.trouble) == (Verdict.UNCERTAIN, True)


STATES = {
    **dict.fromkeys((301, 302, 308, 401, 402, 403, 404, 429), (Verdict.UNTOUCHED, 451, True)),
    **dict.fromkeys((408, 425), (Verdict.DEFERRED, 451, False)),
    **dict.fromkeys((400, 406, 413, 422), (Verdict.FAILED, 554, False)),
    **dict.fromkeys((500, 502, 503, 504, 599, 100), (Verdict.UNCERTAIN, 0, True)),
}


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.parametrize(("status", "wanted"), STATES.items())
def test_each_state_of_an_answer_has_one_meaning(kind, status, wanted):
    found = meaning(APIS[kind], Answer(status, {}, b'{"message": "no, hanako@example.jp"}'))
    assert (found.outcome.verdict, found.outcome.code, found.trouble) == wanted
    assert "hanako" not in found.outcome.text
    assert found.outcome.text.startswith(f"HTTP {status}")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (Kind.SES, Answer(400, {"x-amzn-errortype": "SendingPausedException"}, b"{}")),
        (Kind.SES, Answer(400, {}, b'{"message": "Email address is not verified."}')),
        (Kind.POSTMARK, Answer(422, {}, b'{"ErrorCode": 405, "Message": "Not allowed to send."}')),
        (Kind.BREVO, Answer(400, {}, b'{"code": "not_enough_credits", "message": "x"}')),
    ],
)
def test_what_is_wrong_with_the_account_fails_no_message(kind, answer):
    found = meaning(APIS[kind], answer)
    assert (found.outcome.verdict, found.trouble) == (Verdict.UNTOUCHED, True)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("30", 30.0), ("99999", 600.0), ("-1", 0.0), ("Thu, 26 Nov 2026", 0.0), ("9" * 400, 0.0)],
)
def test_a_provider_that_names_a_pause_gets_it_within_a_limit(said, seconds):
    assert meaning(APIS[Kind.SENDGRID], Answer(429, {"retry-after": said}, b"")).wait_seconds == seconds


@given(st.sampled_from(PROVIDERS), st.integers(100, 599), st.binary(max_size=200))
def test_no_answer_makes_a_message_taken_that_was_not_said_to_be(kind, status, body):
    found = meaning(APIS[kind], Answer(status, {}, body))
    if found.outcome.verdict is Verdict.ACCEPTED:
        assert kind is Kind.SENDGRID or isinstance(json.loads(body), dict)
        assert 200 <= status < 300
