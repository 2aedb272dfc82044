"""Threat 3: no value that a person supplies becomes a header, a recipient or an SMTP command."""

import base64
import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import NOW, READER

from shodaku.content.header_text import SubjectLine
from shodaku.content.render import (
    Draft,
    HeaderInjectionPossible,
    Recipient,
    SenderIdentity,
    UnsafeAddress,
    UnsafeSender,
    compile_message,
    header_date,
    render,
    self_test,
)
from shodaku.delivery.transports.faults import UnsafeEnvelope
from shodaku.delivery.transports.job import Job
from shodaku.kit.links import LinkKeys, Purpose
from shodaku.policy.domain import decide

PERMIT, DATE = decide(READER, NOW), header_date(NOW)
INJECTED = "Taro\r\nBcc: victim@example.net\r\nX-a: "
B_FORM = f"=?utf-8?b?{base64.b64encode(INJECTED.encode()).decode()}?="
Q_FORM = "=?utf-8?q?Taro=0D=0ABcc:_victim@example.net=0D=0AX-a:?="
CORPUS = [
    INJECTED,
    Q_FORM,
    Q_FORM.upper(),
    B_FORM,
    "=?utf-8?q?Taro?= =?utf-8?q?=0D=0ABcc:_victim@example.net?=",
    "=?utf-8?q?Taro?=\r\n =?utf-8?b?DQpCY2M6IHZpY3RpbQ==?=",
    "?utf-8?q?=0D=0ABcc:_victim@example.net?=",  # the template ends with "="
    "=?=?utf-8?q?=0D=0ABcc:_v@x.jp?=?=",
    "=?utf-8?Q?=?utf-8?q?=0D=0ABcc:_v@x.jp?=?=",
    "Taro\nBcc: victim@example.net",
    "Taro\rBcc: victim@example.net",
    "Taro\r\n\r\nbody",
    "Taro\x0bBcc: a\x0cX: b\x1cY: c\x85Z: d\u2028E: f\u2029G: h",
    "\x00Bcc: victim@example.net",
    "\ud83dBcc: victim@example.net",
    "\r\n.\r\nMAIL FROM:<a@x.jp>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\n",
    "<victim@example.net>, ",
    "%0d%0aBcc: victim@example.net",
    "&#13;&#10;Bcc: victim@example.net",
]
PLAN = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Id",
    "Feedback-ID",
    "MIME-Version",
    "Content-Type",
]


def sent(value, subject="Hello {{ name }}", sender_name="Sample", *, eight_bit=False):
    compiled = compile_message(
        Draft(subject, "{{ name }} 様", "<p>{{ name }}</p>", ()),
        SenderIdentity(sender_name, "news@example.jp", "example.jp", "https://example.jp"),
        workspace_id=1,
        subject_id=7,
        links=LinkKeys({1: b"k" * 32}),
        purpose=Purpose.DELIVERY,
        list_id="news.example.jp",
        one_click=True,
        eight_bit=eight_bit,
    )
    recipient = Recipient(1, "hanako@example.jp", {"name": value})
    return render(PERMIT, compiled, recipient, DATE, eight_bit=eight_bit)


def check(message, plan=PLAN):
    """Headers and recipients are those of the plan, in the bytes, when read, and when written out again."""
    raw = b"".join(message.buffers)
    head = raw.partition(b"\r\n\r\n")[0]
    assert [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] != b" "] == plan
    assert b"\r\n.\r\n" not in raw
    assert raw.replace(b"\r\n", b"").translate(None, b"\r\n") == raw.replace(b"\r\n", b"")
    for policy in (email.policy.default, email.policy.compat32, email.policy.SMTP):
        assert email.message_from_bytes(raw, policy=policy).keys() == plan
    mail = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert [address.addr_spec for address in mail["to"].addresses] == ["hanako@example.jp"]
    assert [address.addr_spec for address in mail["from"].addresses] == ["news@example.jp"]
    # who decodes the subject once finds nothing left to decode
    assert "=?" not in str(mail["subject"])


@pytest.mark.parametrize("subject", ["{{ name }}", "Hello {{ name }}", "={{ name }}", "春{{ name }}"])
@pytest.mark.parametrize("value", CORPUS)
def test_a_name_adds_no_header_wherever_the_subject_holds_it(value, subject):
    check(sent(value, subject))
    check(sent(value, subject, eight_bit=True), [*PLAN, "Content-Transfer-Encoding"])


@pytest.mark.parametrize("value", [value for value in CORPUS if "\ud83d" not in value])
def test_neither_does_a_subject_or_the_name_of_a_sender(value):
    check(sent("Hanako", subject=value.replace("{", ""), sender_name=value))


@settings(deadline=None)
@given(
    st.text(max_size=120),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}"), max_size=60),
)
def test_no_text_at_all_adds_a_header(value, around):
    check(sent(value, f"{around}{{{{ name }}}}{around}"))


PARTS = st.sampled_from(
    ["=?", "?=", "=", "?", "utf-8", "?q?", "?b?", "=0D=0A", "DQo=", "\r\n", " ", "Bcc: v@x.jp", "春"]
)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=12).map("".join))
def test_no_pieces_of_encoded_words_add_a_header(value):
    check(sent(value))
    check(sent(value, subject="={{ name }}={{ name }}?"))


@pytest.mark.parametrize("value", CORPUS)
def test_what_is_no_address_reaches_neither_header_nor_envelope(value):
    compiled = compile_message(
        Draft("Hello", "本文", None, ()),
        SenderIdentity("Sample", "news@example.jp", "example.jp", "https://example.jp"),
        workspace_id=1,
        subject_id=7,
        links=LinkKeys({1: b"k" * 32}),
        purpose=Purpose.DELIVERY,
        list_id=None,
        one_click=True,
    )
    for address in (value, f"{value}@example.jp", f"a@{value}", f'"={value}"@example.jp'):
        with pytest.raises(UnsafeAddress):
            render(PERMIT, compiled, Recipient(1, address, {}), DATE)


@pytest.mark.parametrize("value", CORPUS)
@pytest.mark.parametrize("field", ["address", "mail_domain", "link_base", "list_id"])
def test_nor_can_return_path_message_id_or_list_headers_be_written_into(value, field):
    plain = {
        "name": "Sample",
        "address": "news@example.jp",
        "mail_domain": "example.jp",
        "link_base": "https://a.jp",
    }
    sender = SenderIdentity(**plain | ({} if field == "list_id" else {field: plain[field] + value}))
    with pytest.raises((UnsafeAddress, UnsafeSender)):
        compile_message(
            Draft("Hello", "本文", None, ()),
            sender,
            workspace_id=1,
            subject_id=7,
            links=LinkKeys({1: b"k" * 32}),
            purpose=Purpose.DELIVERY,
            list_id=f"a{value}" if field == "list_id" else None,
            one_click=True,
        )


@pytest.mark.parametrize(
    "value", ["a@y.jp>\r\nRCPT TO:<v@x.jp", "a@y.jp\r\nDATA", "a@y.jp\n", "a@y.jp> ORCPT=x", "a\0@y.jp"]
)
def test_the_transport_looks_at_the_envelope_again(value):
    for envelope in ((b"v@x.jp", value.encode()), (value.encode(), b"a@y.jp")):
        with pytest.raises(UnsafeEnvelope):
            Job(None, PERMIT, *envelope)


def test_the_start_up_test_passes_here():
    self_test()


@pytest.mark.interpreted
@pytest.mark.parametrize(
    "broken",
    [
        lambda subject, values: b"Hello " + values["name"],
        lambda subject, values: b"Hello\r\nBcc: victim@example.net",
        lambda subject, values: b"Hello\r\n\r\n",
        lambda subject, values: b"Hello\nBcc: victim@example.net",
        lambda subject, values: b"Hello\rBcc: victim@example.net",
    ],
)
def test_the_start_up_test_stops_a_builder_that_can_be_tricked(broken, monkeypatch):
    monkeypatch.setattr(SubjectLine, "render", broken)
    with pytest.raises(HeaderInjectionPossible):
        self_test()
