"""Whatever we sign, somebody else's program verifies; whoever changes what is covered breaks it."""

import base64
import re
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.delivery.oracle import a_key, verifies

from shodaku.delivery import dkim
from shodaku.delivery.dkim import Algorithm, KeyUnusable, Signer, SigningKey, Unsignable

AT = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
RSA, RSA_ZONE = a_key(Algorithm.RSA, selector="r1")
ED, ED_ZONE = a_key(Algorithm.ED25519, selector="e1")
ZONE = RSA_ZONE | ED_ZONE
MAIL = (
    b"From: =?utf-8?b?44GC44GK44GE?= <news@aoi.example>\r\nTo: hanako@example.jp\r\nSubject: a\r\n b\r\n"
    b"Date: Thu, 26 Nov 2026 07:30:00 +0000\r\nMessage-ID: <1@aoi.example>\r\n"
    b"List-Unsubscribe: <https://t.aoi.example/o/x>,\r\n <mailto:o+1@aoi.example>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n\r\n.\r\n..two\r\n\r\n\r\n"
)


def signed(mail, *keys):
    return Signer(keys).sign(mail, AT) + mail


@pytest.mark.parametrize("keys", [(RSA,), (ED,), (RSA, ED)], ids=["rsa", "ed25519", "both"])
def test_somebody_elses_program_verifies_each_signature(keys):
    assert verifies(signed(MAIL, *keys), ZONE) == [True] * len(keys)


TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
FOLDED = st.lists(TEXT, max_size=4).map("\r\n\t ".join)
NAMES = st.sampled_from(("To", "Subject", "Date", "Message-ID", "List-Id", "X-Other", "Cc", "To", "Reply-To"))
FIELDS = st.lists(st.tuples(NAMES, st.sampled_from((":", ": ", ":  ", ":\t")), FOLDED), max_size=8)
BODY = st.lists(st.binary(max_size=40).map(lambda line: re.sub(rb"[\r\n]", b"", line)), max_size=12)


@settings(max_examples=150, deadline=None)
@given(fields=FIELDS, sender=TEXT.filter(str.strip), lines=BODY, ended=st.booleans(), first=st.integers(0, 8))
@example(fields=[], sender="a", lines=[], ended=False, first=0)
@example(
    fields=[("To", ":", ""), ("To", ": ", "  x\r\n\t  y ")],
    sender="a",
    lines=[b"", b"", b""],
    ended=True,
    first=1,
)
def test_whatever_is_signed_verifies(fields, sender, lines, ended, first):
    head = [f"{name}{colon}{value}" for name, colon, value in fields if not _ends_in_an_empty_line(value)]
    head.insert(first, f"From: {sender}")
    body = b"\r\n".join(lines) + b"\r\n" * ended
    mail = "\r\n".join(head).encode() + b"\r\n\r\n" + body
    assert verifies(signed(mail, ED), ED_ZONE) == [True]


def _ends_in_an_empty_line(value):
    """A folded line of blanks alone (RFC 5322 section 3.2.2 forbids it, and dkimpy takes it for the end)."""
    return any(not line.strip() for line in value.split("\r\n")[1:])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"hello", b"hullo"),
        (b"Subject: a", b"Subject: c"),
        (b"https://t.aoi.example", b"https://t.evil.example"),
        (b"One-Click\r\n", b"One-Clack\r\n"),
        (b"To: hanako", b"To: taro"),
        (b"Content-Type: text/plain", b"Content-Type: text/html"),
    ],
)
def test_a_change_of_what_is_covered_breaks_every_signature(old, new):
    mail = signed(MAIL, RSA, ED)
    assert verifies(mail.replace(old, new, 1) if old != b"hello" else mail.replace(old, new), ZONE) == [
        False,
        False,
    ]


@pytest.mark.parametrize("name", [b"From", b"To", b"Subject"])
def test_nobody_can_add_a_second_one_of_what_a_reader_sees(name):
    mail = signed(MAIL, ED)
    assert verifies(name + b": other@evil.example\r\n" + mail, ZONE) == [False]
    assert verifies(
        mail.replace(b"\r\n\r\nhello", b"\r\n" + name + b": x@evil.example\r\n\r\nhello"), ZONE
    ) == [False]


def test_nobody_can_add_a_way_to_opt_out_to_a_mail_that_has_none():
    notice = re.sub(rb"List-Unsubscribe.*?(?=MIME)", b"", MAIL, flags=re.DOTALL)
    mail = signed(notice, ED)
    assert verifies(mail, ZONE) == [True]
    assert verifies(b"List-Unsubscribe: <https://evil.example/>\r\n" + mail, ZONE) == [False]


def test_what_relays_do_to_white_space_and_case_of_headers_breaks_nothing():
    mail = signed(MAIL, RSA, ED)
    changed = mail.replace(b"Subject: a\r\n b", b"SUBJECT:  a  b  ").replace(b"To: hanako", b"to: \t hanako")
    changed = changed.removesuffix(b"\r\n\r\n")  # empty lines at the end
    assert verifies(b"Received: from a\r\n by b\r\n" + changed, ZONE) == [True, True]


def test_from_to_and_subject_are_named_twice_and_the_opt_out_headers_always():
    names = re.sub(rb"\s", b"", re.search(rb"h=([^;]*);", signed(b"From: a@aoi.example\r\n\r\n", ED))[1])
    assert names == b"from:from:to:subject:date:message-id:list-unsubscribe:list-unsubscribe-post"
    names = re.sub(rb"\s", b"", re.search(rb"h=([^;]*);", signed(MAIL, ED))[1]).split(b":")
    assert [names.count(name) for name in (b"from", b"to", b"subject", b"date")] == [2, 2, 2, 1]


def test_the_linter_finds_the_opt_out_headers_covered():
    from dataclasses import replace

    from tests.content.letters import WANTED

    from shodaku.content.domain import lint_mail
    from shodaku.policy.domain import Reason

    assert Reason.HEADER_DKIM_UNCOVERED not in lint_mail(signed(MAIL, RSA), replace(WANTED)).missing


def test_what_smtp_stuffs_is_signed_without_the_stuffing():
    stuffed = (b"\r\n" + MAIL).replace(b"\r\n.", b"\r\n..")[2:]
    assert stuffed != MAIL
    sent = b"".join(Signer([RSA, ED]).signed([stuffed[:40], stuffed[40:]], AT))
    received = (b"\r\n" + sent).replace(b"\r\n..", b"\r\n.")[2:]
    assert received.endswith(MAIL)
    assert verifies(received, ZONE) == [True, True]


def test_the_vector_of_rfc_8463_appendix_a():
    private = Ed25519PrivateKey.from_private_bytes(
        base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    )
    head = (
        b"From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n"
        b"Subject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
        b"Message-ID: <20030712040037.46341.5F8J@football.example.com>"
    )
    names = ("from", "to", "subject", "date", "message-id", "from", "subject", "date")
    unsigned = (
        b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; "
        b"i=@football.example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : "
        b"date : message-id : from : subject : date;\r\n "
        b"bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b="
    )
    covered = dkim._canonical(dkim._fields(head), names) + dkim._relaxed(unsigned)
    assert base64.b64encode(dkim.signature_of(private, covered)) == (
        b"/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
    )
    assert dkim.record_text(Algorithm.ED25519, private.public_key().public_bytes_raw()) == (
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    )


@pytest.mark.parametrize(
    "mail",
    [
        b"To: a@aoi.example\r\n\r\nno sender\r\n",
        b"From: a\r\nFrom: b\r\n\r\ntwo senders\r\n",
        b"From: a\r\n\r\na bare\nline\r\n",
        b"From: a\r\n\r\na bare\rreturn\r\n",
        b"From: a\r\nSubject: x\x00y\r\n\r\n",
        b"From: a\r\nSubject: x\x0cy\r\n\r\n",
        b"From: a\r\nno field\r\n\r\n",
        b"From: a\r\n: nameless\r\n\r\n",
        b" folded: first\r\nFrom: a\r\n\r\n",
    ],
)
def test_what_receivers_would_read_in_two_ways_is_not_signed(mail):
    with pytest.raises(Unsignable):
        Signer([ED]).sign(mail, AT)


def test_lines_of_a_signature_are_short():
    assert max(map(len, Signer([RSA, ED]).sign(MAIL, AT).split(b"\r\n"))) <= 78


def test_the_time_of_signing_is_the_one_that_was_given():
    assert b" t=1795678200;" in Signer([ED]).sign(MAIL, AT)


def test_a_key_says_nothing_of_itself():
    assert RSA.secret.hex() not in repr(RSA)
    assert "secret" not in repr(RSA)


@pytest.mark.parametrize(
    "key",
    [
        SigningKey("aoi.example", "s", Algorithm.RSA, b""),
        SigningKey("aoi.example", "s", Algorithm.RSA, RSA.secret[:-7]),
        SigningKey("aoi.example", "s", Algorithm.RSA, ED.secret),
        SigningKey("aoi.example", "s", Algorithm.ED25519, RSA.secret),
    ],
)
def test_what_is_no_key_of_its_kind_signs_nothing(key):
    with pytest.raises(KeyUnusable):
        Signer([key])
    with pytest.raises(KeyUnusable):
        Signer([])
