"""The compiled message is the plain message: decoded by the standard library it equals substitution."""

import email
import email.policy
import re
from base64 import b64decode
from dataclasses import replace
from email.message import EmailMessage
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.delivery.oracle import verifies
from tests.examples import NOW, READER

from shodaku.contacts.domain import AddressError, parse_email
from shodaku.content.render import (
    Draft,
    HeaderPlanBroken,
    NoPlainForm,
    PermitMismatch,
    Recipient,
    SenderIdentity,
    SlotMisplaced,
    UnknownSlot,
    UnsafeAddress,
    UnsafeSender,
    ValueMissing,
    compile_message,
    header_date,
    read_again,
    render,
    self_test,
)
from shodaku.delivery.dkim import Algorithm, Signer, SigningKey, make_key, record_text
from shodaku.kit.links import LinkKeys, Purpose, Token, url_form
from shodaku.policy.domain import Permit, decide

KEYS = LinkKeys({1: b"k" * 32})
SENDER = SenderIdentity("株式会社サンプル", "news@mail.example.jp", "mail.example.jp", "https://t.example.jp")
DATE = header_date(NOW)
SLOT = re.compile(r"\{\{ *(\w+) *\}\}")
ADVERTISING_HEADERS = [
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
NASTY = [
    "",
    "山",
    "山田",
    'O\'Neil "x" <b>&',
    ".",
    "..",
    "佐藤　翼",
    "髙﨑🎉👨‍👩‍👧",
    "x" * 300,
    "値" * 300,
    "\r\nBcc: a@b.jp",
    "\r\n.\r\nMAIL FROM:<v@x.jp>",
    "=?utf-8?q?a=0D=0ABcc:_v@x.jp?=",
    "\u202eabc\u2028d\x00\x85",
    "\ud800",
    "{{ name }}",
]


def permit():
    verdict = decide(READER, NOW)
    assert isinstance(verdict, Permit)
    return verdict


def compiled(draft, **changes):
    settings = {
        "workspace_id": 1,
        "subject_id": 7,
        "links": KEYS,
        "purpose": Purpose.DELIVERY,
        "list_id": "news.mail.example.jp",
        "one_click": True,
    }
    return compile_message(draft, SENDER, **settings | changes)


PLAIN_TEXT = compiled(Draft("春", "本文", None, ()))


def message_of(draft, values, *, eight_bit=False, **changes):
    form = compiled(draft, eight_bit=eight_bit, **changes)
    return render(permit(), form, Recipient(1, "hanako@example.jp", values), DATE, eight_bit=eight_bit)


def parsed(message) -> EmailMessage:
    raw = (b"\r\n" + b"".join(message.buffers)).replace(b"\r\n..", b"\r\n.")[2:]
    return email.message_from_bytes(raw, policy=email.policy.default)


def one_line(value: str) -> str:
    """What a value may be at most, written anew: one line of 200 characters."""
    unsafe = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
    return re.sub(unsafe, " ", value)[:200]


def substituted(source: str, values: dict[str, str]) -> str:
    return SLOT.sub(lambda slot: values[slot[1]], source)


def decoded(part: EmailMessage) -> str:
    return part.get_payload(decode=True).decode().replace("\r\n", "\n")


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029{}<>&\"'\uf8ff")
)
PIECES = st.sampled_from(
    [
        "{{ name }}",
        "{{name}}",
        "{{ company }}",
        "\n",
        ".",
        "\n.",
        "あ" * 40,
        "x" * 7,
        "🎉",
        "- ",
        "{{ opt_out }}",
    ]
)
SOURCES = st.lists(st.one_of(PIECES, PIECES, TEXTS), max_size=12).map("".join)
VALUES = st.one_of(st.sampled_from(NASTY), st.text(max_size=260))


@settings(deadline=None)
@given(
    subject=SOURCES,
    text=SOURCES,
    html=st.one_of(st.none(), SOURCES),
    values=st.fixed_dictionaries({"name": VALUES, "company": VALUES}),
    eight_bit=st.booleans(),
)
def test_a_spliced_message_is_what_substitution_gives(subject, text, html, values, eight_bit):
    draft = Draft(subject, text, html, ())
    message = message_of(draft, values, eight_bit=eight_bit)
    raw = b"".join(message.buffers)
    assert raw.endswith(b"\r\n")
    assert b"\r\n.\r\n" not in b"\r\n" + raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998

    mail = parsed(message)
    opt_out = "https://t.example.jp/o/" + url_form(KEYS.make(Token(1, 7, 1, Purpose.DELIVERY)))
    plain = {name: one_line(value) for name, value in values.items()} | {"opt_out": opt_out}
    marked = {name: escape(value) for name, value in plain.items()}
    parts = [mail] if html is None else list(mail.iter_parts())
    assert decoded(parts[0]).rstrip("\n") == substituted(text, plain).rstrip(
        "\n"
    )  # line ends at the end mean nothing
    if html is not None:
        assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
        assert decoded(parts[1]) == substituted(html, marked)
    if html is None:
        assert mail.keys() == [*ADVERTISING_HEADERS, "Content-Transfer-Encoding"]
    else:
        inner = {part["content-transfer-encoding"] for part in parts}
        said = ["Content-Transfer-Encoding"] if "8bit" in inner else []  # RFC 2045 section 6.4
        assert mail.keys() == [*ADVERTISING_HEADERS, *said]
    wanted = substituted(one_line_of_any_length(subject), plain).replace("=?", "= ?")
    assert squeezed(str(mail["subject"])) == squeezed(wanted)


def one_line_of_any_length(source: str) -> str:
    return source.replace("\n", " ")


def squeezed(subject: str) -> str:
    """The standard library's reader drops or adds blanks at the seams of a header."""
    return "".join(subject.split())


@pytest.mark.parametrize("eight_bit", [False, True])
@pytest.mark.parametrize("value", NASTY)
def test_whatever_a_person_is_called_the_message_keeps_its_headers_and_its_parts(value, eight_bit):
    draft = Draft("{{ name }} 様 春のお便り", "{{ name }} 様\n\n{{ name }}\n", "<p>{{ name }}</p>\n", ())
    mail = parsed(message_of(draft, {"name": value}, eight_bit=eight_bit))
    text, html = mail.iter_parts()
    name = one_line(value)
    assert [header for header in mail if header != "Content-Transfer-Encoding"] == ADVERTISING_HEADERS
    assert decoded(text) == f"{name} 様\n\n{name}\n"
    assert decoded(html) == f"<p>{escape(name)}</p>\n"


def whole(message) -> bytes:
    return b"".join(message.buffers)


def stuffed(content: bytes) -> bytes:
    """RFC 5321 section 4.5.2, written anew."""
    lines = content.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)


LINES = st.lists(
    st.sampled_from(
        ["", ".", "..", "x", "あ.", ".{{ name }}", "{{ name }}", "{{ name }}.", "{{ name }}{{ company }}"]
    )
    | st.lists(PIECES, max_size=4).map("".join),
    max_size=8,
).map("\n".join)
SHORT_VALUES = st.sampled_from(["", ".", "..", ".x", "x.", "山", "x" * 200, "値" * 66])


@settings(deadline=None, max_examples=300)
@given(text=LINES, values=st.fixed_dictionaries({"name": SHORT_VALUES, "company": SHORT_VALUES}))
def test_8bit_is_the_plain_rendering_with_a_dot_before_each_line_that_begins_with_one(text, values):
    message = message_of(Draft("春", text, None, ()), values, eight_bit=True)
    head, _, body = whole(message).partition(b"\r\n\r\n")
    plain = values | {
        "opt_out": "https://t.example.jp/o/" + url_form(KEYS.make(Token(1, 7, 1, Purpose.DELIVERY)))
    }
    expected = (substituted(text, plain) + "\n").replace("\n", "\r\n").encode()
    if head.endswith(b"Content-Transfer-Encoding: 8bit"):
        assert body == stuffed(expected)
    else:  # where an empty value would let a dot begin the line, nothing can be stuffed beforehand
        assert (
            re.search(r"(^|\n)\{\{ ?\w+ ?\}\}(\.|\{)", text) or max(map(len, expected.split(b"\r\n"))) > 300
        )
        assert b64decode(body) == expected.removesuffix(b"\r\n")


@pytest.mark.parametrize("value", NASTY)
def test_8bit_and_base64_of_one_mailing_say_the_same(value):
    draft = Draft("{{ name }} 様", ".{{ name }}\n{{ name }}\n.", "<p>\n{{ name }}</p>\n.{{ name }}", ())
    form, person = compiled(draft, eight_bit=True), Recipient(1, "hanako@example.jp", {"name": value})
    mails = [parsed(render(permit(), form, person, DATE, eight_bit=each)) for each in (True, False)]
    said = [[decoded(part) for part in mail.iter_parts()] for mail in mails]
    assert said[0] == said[1]
    heads = [[each for each in mail.items() if each[0] != "Content-Transfer-Encoding"] for mail in mails]
    assert heads[0] == heads[1]


def test_a_message_that_was_compiled_for_8bit_is_base64_unless_it_is_asked_for():
    form, person = (
        compiled(Draft("春", "本文", None, ()), eight_bit=True),
        Recipient(1, "hanako@example.jp", {}),
    )
    assert parsed(render(permit(), form, person, DATE))["content-transfer-encoding"] == "base64"
    assert parsed(render(permit(), form, person, DATE, eight_bit=True))["content-transfer-encoding"] == "8bit"
    assert (
        parsed(render(permit(), PLAIN_TEXT, person, DATE, eight_bit=True))["content-transfer-encoding"]
        == "base64"
    )


def test_short_messages_leave_as_8bit_and_a_long_value_as_base64():
    draft = Draft("春", "{{ name }} 様", "<p>{{ name }}</p>", ())
    form = compiled(draft, eight_bit=True)
    encodings = [
        [part["content-transfer-encoding"] for part in parsed(message).iter_parts()]
        for message in (
            render(permit(), form, Recipient(1, "hanako@example.jp", {"name": name}), DATE, eight_bit=True)
            for name in ("x" * 200, "x" * 199 + "値", "値" * 66, "値" * 67)
        )
    ]
    assert encodings == [["8bit"] * 2, ["base64"] * 2, ["8bit"] * 2, ["base64"] * 2]


@pytest.mark.parametrize("eight_bit", [False, True])
@pytest.mark.parametrize("value", ["値" * 3_500_000, "<" * 10_000_000, "\u3000" * 3_500_000])
def test_f58_of_a_value_of_ten_megabytes_two_hundred_characters_stand_in_the_mail(value, eight_bit):
    draft = Draft("{{ name }}", "{{ name }} 様", "<p>{{ name }}</p>", ())
    form = compiled(draft, eight_bit=True)
    person = Recipient(1, "hanako@example.jp", {"name": value})
    message = render(permit(), form, person, DATE, eight_bit=eight_bit)
    assert len(whole(message)) < 20_000
    text, _ = parsed(message).iter_parts()
    assert decoded(text).startswith(value[0] * 200 + " 様")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("x" * 998, "8bit"),  # RFC 5322 section 2.1.1
        ("x" * 999, "base64"),
        ("あ" * 332 + "xx", "8bit"),
        ("あ" * 333, "base64"),
        (f"{'x' * 798}{{{{ name }}}}", "8bit"),  # a value may have 200 octets
        (f"{'x' * 799}{{{{ name }}}}", "base64"),
        ("." + "x" * 997, "8bit"),  # the dot of the stuffing does not count (RFC 5321 section 4.5.3.1.6)
        ("x\x0bx", "base64"),
        ("{{ name }}.", "base64"),
    ],
)
def test_a_line_that_8bit_cannot_carry_makes_the_part_base64(text, encoding):
    mail = parsed(message_of(Draft("春", text, None, ()), {"name": "花子"}, eight_bit=True))
    assert mail["content-transfer-encoding"] == encoding
    assert decoded(mail).rstrip("\n") == substituted(text, {"name": "花子"})


@pytest.mark.parametrize("eight_bit", [False, True])
def test_a_signature_of_ours_covers_the_very_octets_that_a_server_keeps(eight_bit):
    algorithm = Algorithm.ED25519
    secret, public = make_key(algorithm)
    message = message_of(
        Draft("春", ".\n{{ name }}\n..本文", None, ()), {"name": ".花子"}, eight_bit=eight_bit
    )
    signed = b"".join(
        Signer([SigningKey("mail.example.jp", "e1", algorithm, secret)]).signed(message.buffers, NOW)
    )
    kept = (b"\r\n" + signed).replace(b"\r\n..", b"\r\n.")[2:]
    zone = {"e1._domainkey.mail.example.jp.": record_text(algorithm, public)}
    assert verifies(kept, zone) == [True]
    assert verifies(signed if eight_bit else kept + b"x\r\n", zone) == [False]


def test_advertising_can_be_stopped_by_one_click_and_by_mail():
    message = message_of(Draft("春", "本文", None, ()), {})
    mail, token = parsed(message), KEYS.make(Token(1, 7, 1, Purpose.DELIVERY))
    by_page, by_mail = re.findall(r"<([^>]+)>", str(mail["list-unsubscribe"]))
    assert by_page == f"https://t.example.jp/o/{url_form(token)}"
    assert by_mail == f"mailto:o+{token.hex()}@mail.example.jp"
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert mail["list-id"] == "<news.mail.example.jp>"
    assert mail["feedback-id"] == "7:1:shodaku"
    assert mail["auto-submitted"] is None
    assert (
        compiled(Draft("春", "本文", None, ())).return_path(1) == f"b+{token.hex()}@mail.example.jp".encode()
    )


def test_a_notice_offers_no_list_to_leave_and_wants_no_automatic_answer():
    notice = compiled(Draft("発送", "本文", None, ()), purpose=Purpose.NOTICE, list_id=None, one_click=False)
    mail = parsed(render(permit(), notice, Recipient(1, "hanako@example.jp", {}), DATE))
    assert mail["auto-submitted"] == "auto-generated"
    assert not [name for name in mail if name.startswith(("List-", "Feedback"))]


def test_every_page_of_ours_is_named_by_a_token_of_its_own_purpose():
    text = "{{ opt_out }} {{ why }} {{ preferences }} {{ link0 }} {{ link1 }}"
    mail = parsed(message_of(Draft("春", text, None, ("https://a.jp/", "https://b.jp/")), {}))
    pages = [address.removeprefix("https://t.example.jp/").split("/") for address in decoded(mail).split()]
    assert [page[0] for page in pages] == ["o", "w", "p", "c", "c"]
    assert [page[2:] for page in pages] == [[], [], [], ["0"], ["1"]]
    purposes = [Purpose.DELIVERY, Purpose.DELIVERY, Purpose.PREFERENCE, Purpose.DELIVERY, Purpose.DELIVERY]
    read = [KEYS.read_url(page[1], purpose) for page, purpose in zip(pages, purposes, strict=True)]
    assert read == [Token(1, 7, 1, purpose) for purpose in purposes]


@pytest.mark.parametrize(("purpose", "page"), [(Purpose.CONFIRMATION, "confirm"), (Purpose.ASK, "ask")])
def test_a_token_that_says_yes_stands_nowhere_but_in_its_link(purpose, page):
    draft = Draft("確認", f"{{{{ {page} }}}}", None, ())
    request = compiled(draft, purpose=purpose, one_click=False, list_id=None)
    message = render(permit(), request, Recipient(1, "hanako@example.jp", {}), DATE)
    token, mail = KEYS.make(Token(1, 7, 1, purpose)), parsed(message)
    assert decoded(mail).strip() == f"https://t.example.jp/{page}/{url_form(token)}"
    return_path = request.return_path(1)
    elsewhere = return_path + message.recipient + message.buffers[0]
    assert token.hex().encode() not in elsewhere
    assert url_form(token).encode() not in elsewhere
    bounced = KEYS.read_local_part(return_path.decode().partition("@")[0], Purpose.NOTICE)
    assert bounced == Token(1, 0, 1, Purpose.NOTICE)


def test_a_repeated_notice_is_the_same_message_and_another_is_not():
    draft = Draft("確認", "本文", None, ())

    def identifier(purpose, subject_id):
        return parsed(message_of(draft, {}, purpose=purpose, subject_id=subject_id))["message-id"]

    for purpose in (Purpose.NOTICE, Purpose.CONFIRMATION):
        assert identifier(purpose, 1) == identifier(purpose, 1)
        assert identifier(purpose, 1) != identifier(purpose, 2)


def test_without_a_permit_for_this_very_person_there_is_no_message():
    form = compiled(Draft("春", "本文", None, ()))
    with pytest.raises(PermitMismatch):
        render(permit(), form, Recipient(2, "taro@example.jp", {}), DATE)
    with pytest.raises((PermitMismatch, TypeError)):  # machine code looks at the type before
        render(None, form, Recipient(1, "hanako@example.jp", {}), DATE)


def forged(**duties):
    """A permit with duties, without depending on which facts lead to them."""
    return tuple.__new__(Permit, [duties.get(name, getattr(permit(), name)) for name in Permit._fields])


def test_who_may_not_be_tracked_gets_the_targets_themselves():
    target = "https://shop.example.jp/?a=1&b=2"
    draft = Draft("春", "{{ link0 }}", '<a href="{{ link0 }}">見る</a>', (target,))
    person = Recipient(1, "hanako@example.jp", {})
    text, html = parsed(render(forged(without_tracking=True), compiled(draft), person, DATE)).iter_parts()
    assert decoded(text) == target
    assert decoded(html) == f'<a href="{escape(target)}">見る</a>'


def test_a_reduced_permit_carries_the_reduced_form_or_nothing():
    full, reduced = Draft("発送", "発送しました。広告", None, ()), Draft("発送", "発送しました。", None, ())
    person, duty = Recipient(1, "hanako@example.jp", {}), forged(without_ads=True)
    mail = parsed(render(duty, compiled(full, without_ads=reduced), person, DATE))
    assert decoded(mail).strip() == "発送しました。"
    with pytest.raises(NoPlainForm):
        render(duty, compiled(full), person, DATE)


def test_a_missing_value_is_a_mistake_and_not_a_blank():
    draft = Draft("{{ name }}", "本文 {{ company }}", None, ())
    assert compiled(draft).slots == ("name", "company")
    with pytest.raises(ValueMissing):
        message_of(draft, {"name": "花子"})


@pytest.mark.parametrize(
    "html",
    [
        "<p>{{ name }}</p>",
        '<p title="{{ name }}">x</p>',
        "<p title='{{ name }}'>x</p>",
        '<a href="https://shop.example.jp/?q={{ name }}">x</a>',
        '<a href="{{ opt_out }}?{{ name }}">x</a>',
        "<title>{{ name }}</title>",
        "<!--[if mso]><a href={{ opt_out }}></a><![endif]-->",
        "<style>p{}</style><p>{{ name }}</p>",
        "a < b {{ name }}",
    ],
)
def test_a_merge_field_may_stand_in_text_quoted_attributes_and_links(html):
    assert compiled(Draft("春", "本文", html, ())).header_names


@pytest.mark.parametrize(
    "html",
    [
        "<script>{{ name }}</script>",
        "<script/>{{ name }}",
        "<style>p{color:{{ name }}}</style>",
        "<!-- {{ name }} -->",
        "<!{{ name }}>",
        "<{{ name }}>",
        "</{{ name }}>",
        "<p {{ name }}>x</p>",
        "<p title={{ name }}>x</p>",
        '<p a=b"{{ name }}">x</p>',
        '<p style="color:{{ name }}">x</p>',
        "<p onclick=\"f('{{ name }}')\">x</p>",
        '<a href="{{ name }}">x</a>',
        '<a href="https://{{ name }}/">x</a>',
        '<a href="https://example.jp{{ name }}/">x</a>',
        '<a href="javascript:{{ name }}">x</a>',
        '<img src="{{ name }}">',
        '<meta content="{{ name }}">',
        "<iframe>{{ name }}</iframe>",
    ],
)
def test_a_merge_field_in_code_or_as_a_host_is_refused_before_anything_is_sent(html):
    with pytest.raises(SlotMisplaced):
        compiled(Draft("春", "本文", html, ()))


def test_inside_a_link_a_value_can_change_neither_host_nor_other_parameters():
    html = '<a href="https://shop.example.jp/?q={{ name }}&amp;x=1">{{ name }}</a>'
    mail = parsed(message_of(Draft("春", "本文", html, ()), {"name": "a/&x=2#山"}))
    _, part = mail.iter_parts()
    assert decoded(part) == (
        '<a href="https://shop.example.jp/?q=a%2F%26x%3D2%23%E5%B1%B1&amp;x=1">a/&amp;x=2#山</a>'
    )


@pytest.mark.parametrize("slot", ["link1", "confirm", "ask"])
def test_a_page_that_the_message_does_not_have_is_noticed_before_anything_is_sent(slot):
    with pytest.raises(UnknownSlot):
        compiled(Draft("春", f"{{{{ {slot} }}}}", None, ("https://a.jp/",)))


@pytest.mark.parametrize(
    "changes",
    [
        {"link_base": "https://t.example.jp/"},
        {"link_base": 'https://t.example.jp/"><'},
        {"link_base": "javascript:x"},
        {"link_base": "https://" + "x" * 61},
        {"mail_domain": "mail.example.jp\r\nBcc: v"},
        {"mail_domain": "x." * 95},
        {"mail_domain": ""},
    ],
)
def test_a_sender_that_cannot_be_written_is_refused(changes):
    with pytest.raises(UnsafeSender):
        compile_message(
            Draft("春", "本文", None, ()),
            replace(SENDER, **changes),
            workspace_id=1,
            subject_id=7,
            links=KEYS,
            purpose=Purpose.DELIVERY,
            list_id=None,
            one_click=True,
        )


@pytest.mark.parametrize(
    "wire",
    [
        "hanako@example.jp",
        "a.b+c@xn--wgv71a119e.jp",
        '"a..b"@docomo.ne.jp',
        '".a."@ezweb.ne.jp',
        '"a\\"b"@example.jp',
        "a" * 64 + "@example.jp",
        "a@" + "x" * 63 + ".jp",
    ],
)
def test_an_address_in_wire_form_reaches_envelope_and_header_unchanged(wire):
    form = compiled(Draft("春", "本文", None, ()))
    message = render(permit(), form, Recipient(1, wire, {}), DATE)
    assert message.recipient == wire.encode()
    assert f"\r\nTo: {wire}\r\n".encode() in message.buffers[0]


@pytest.mark.parametrize(
    "wire",
    [
        "",
        "nobody",
        "@example.jp",
        "a@",
        "a b@x.jp",
        "a..b@x.jp",
        ".a@x.jp",
        "a@x.jp>",
        "a<b@x.jp",
        "a@x y",
        "a@x.jp\n",
        "a@x.jp\r\nRCPT TO:<v@x.jp>",
        '"a\r\nb"@x.jp',
        '"a b"@x.jp',
        '"a<b"@x.jp',
        '"a"b"@x.jp',
        '"a\\"@x.jp',
        "山田@x.jp",
        "a@日本語.jp",
        "a@x_y.jp",
        "a@-x.jp",
        "a@[127.0.0.1]",
        "=?utf-8?q?a=0D=0A?=@x.jp",
        "a" * 65 + "@example.jp",
        "a@" + "x" * 64 + ".jp",
        "a@" + ".".join(["x" * 60] * 5),
        "a,b@x.jp",
        "a@x.jp,v@x.jp",
    ],
)
def test_an_address_that_smtp_cannot_carry_gets_no_message(wire):
    with pytest.raises(UnsafeAddress):
        render(permit(), compiled(Draft("春", "本文", None, ())), Recipient(1, wire, {}), DATE)


@settings(deadline=None)
@given(
    st.one_of(st.emails(), st.from_regex(r"[a-z.+_=?-]{1,20}@(docomo\.ne\.jp|日本語\.jp)", fullmatch=True))
)
def test_every_address_that_comes_in_at_the_door_can_go_out(typed):
    try:
        wire = parse_email(typed).wire
    except AddressError:
        return
    message = render(permit(), PLAIN_TEXT, Recipient(1, wire, {}), DATE)
    assert message.recipient.decode() == wire


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Sample", "Sample"),
        ("Sample Co., Ltd.", '"Sample Co., Ltd."'),
        ('A "B" \\ C', '"A \\"B\\" \\\\ C"'),
        ("株式会社サンプル", "=?UTF-8?B?5qCq5byP5Lya56S+44K144Oz44OX44Or?="),
    ],
)
def test_the_name_of_the_sender_is_shown_as_it_is(name, written):
    form = compile_message(
        Draft("春", "本文", None, ()),
        replace(SENDER, name=name),
        workspace_id=1,
        subject_id=7,
        links=KEYS,
        purpose=Purpose.DELIVERY,
        list_id=None,
        one_click=True,
    )
    message = render(permit(), form, Recipient(1, "hanako@example.jp", {}), DATE)
    assert message.buffers[0].startswith(f"From: {written} <news@mail.example.jp>\r\n".encode())
    assert parsed(message)["from"].addresses[0].display_name == name


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_a_line_of_the_subject_holds_at_most_76_characters(subject):
    message = message_of(Draft(subject.replace("{", ""), "本文", None, ()), {})
    head = message.buffers[0].partition(b"\r\nDate: ")[0]
    subject_lines = head[head.index(b"\r\nSubject: ") + 2 :].split(b"\r\n")
    assert all(len(line) <= 76 for line in subject_lines)


@pytest.mark.parametrize("eight_bit", [False, True])
@pytest.mark.parametrize("html", [None, "<p>{{ name }}</p>"])
@pytest.mark.parametrize("wire", ["hanako@example.jp", '"taro."@docomo.ne.jp'])
def test_what_leaves_first_is_read_again_and_is_as_planned(html, wire, eight_bit):
    form = compiled(Draft("春 {{ name }}", "{{ name }}", html, ()), eight_bit=eight_bit)
    for name in ("花子", "\r\nBcc: a@b.jp", "=?utf-8?q?a=0D=0ABcc:_v@x.jp?=", "花" * 100):
        message = render(permit(), form, Recipient(1, wire, {"name": name}), DATE, eight_bit=eight_bit)
        read_again(permit(), form, message.buffers)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\r\nSubject:", b"\r\nBcc: a@b.jp\r\nSubject:"),  # one header more
        (b"\r\nTo: hanako@example.jp", b""),  # one less
        (b"List-Unsubscribe-Post", b"List-Unsubscribe-Past"),  # another one
        (b"To: hanako@example.jp", b"To: hanako@example.jp, taro@example.jp"),
        (b"\r\nMIME-Version: 1.0", b"\r\n\r\nMIME-Version: 1.0"),  # the body begins too early
    ],
)
def test_a_message_that_is_not_as_planned_is_noticed_when_it_is_read_again(old, new):
    form = compiled(Draft("春", "本文", None, ()))
    octets = b"".join(render(permit(), form, Recipient(1, "hanako@example.jp", {}), DATE).buffers)
    assert octets.count(old) == 1
    with pytest.raises(HeaderPlanBroken):
        read_again(permit(), form, [octets.replace(old, new)])


def test_the_start_up_test_finds_that_no_value_can_add_a_header():
    self_test()
