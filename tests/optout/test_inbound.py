"""What a mail or a text wants is read the same however it is written, and never from what it quotes."""

from __future__ import annotations

import unicodedata
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.optout.domain import (
    Automatic,
    Bounce,
    Complaint,
    Envelope,
    Failure,
    Letter,
    Wish,
    own_words,
    read_letter,
    read_mail,
    read_wish,
    words_of,
)
from shodaku.policy.domain import rules

WORDS = words_of(rules())
PARAMETERS = {name: rules()[name].parameters for name in ("PP-07", "US-02", "US-03")}
STOP = sorted({*PARAMETERS["PP-07"]["stop_words"], *PARAMETERS["US-02"]["keywords"]})
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
TOKEN = "0" * 62


def spellings(word):
    """Width, case, kana and what people put around a word."""
    hiragana = word.translate({code: code - 0x60 for code in range(0x30A1, 0x30F7)})
    forms = st.sampled_from(
        [word, word.upper(), word.title(), word.translate(WIDE), word.upper().translate(WIDE), hiragana]
    )
    around = st.text(st.sampled_from(" \t\n\u3000。.!！「」\u200b\ufeff"), max_size=4)
    forms = forms | forms.map(lambda form: unicodedata.normalize("NFD", form))
    return st.builds("{}{}{}".format, around, forms, around)


@given(st.sampled_from(STOP).flatmap(spellings))
def test_a_stop_word_in_any_width_and_case_is_a_stop(text):
    assert read_wish(text, WORDS) is Wish.STOP
    assert read_letter(text, WORDS) is Wish.STOP


@given(st.sampled_from(PARAMETERS["US-03"]["help_words"]).flatmap(spellings))
def test_a_word_for_help_is_no_stop(text):
    assert read_wish(text, WORDS) is Wish.HELP


@given(st.sampled_from(PARAMETERS["US-03"]["start_words"]).flatmap(spellings))
def test_a_word_for_starting_is_read(text):
    assert read_wish(text, WORDS) is Wish.START


@pytest.mark.parametrize(
    "text",
    [
        "stop please", "please stop sending", "Stop texting me", "STOP by on Monday", "opt-out", "Opt Out!",
        "もう送らないでください", "停止してほしい", "今後一切送らないでください", "解除お願いします",
        "配信不要です",
        "このメールはいらない", "ていし", "配信停止をお願いします", "退订", "Stop. Don't text me again",
        "please don't send me more", "no more texts", "停止 もう送らないで",
    ],
)  # fmt: skip
def test_people_say_stop_in_many_ways(text):
    assert read_wish(text, WORDS) is Wish.STOP


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("help stop", Wish.HELP),  # words for help before words for stopping
        ("stop help", Wish.STOP),
        ("unstop", Wish.START),
        ("再登録", Wish.START),
        ("番号が違いますよ", Wish.WRONG_PERSON),
        ("Wrong number!", Wish.WRONG_PERSON),
        ("please do not stop", Wish.HOLD),
        ("stop しないで", Wish.HOLD),
        ("停止の方法は?", Wish.HOLD),
        ("ご迷惑をおかけします", Wish.HOLD),
        ("明日の10時でお願いします", Wish.UNCLEAR),
        ("I am stopping at the shop tomorrow", Wish.UNCLEAR),
        ("👍", Wish.UNCLEAR),
        ("", Wish.UNCLEAR),
    ],
)
def test_what_is_no_stop_is_not_read_as_one(text, wish):
    assert read_wish(text, WORDS) is wish


@pytest.mark.parametrize(
    "text",
    [
        "お世話になっております。\nもう送らないでください。\n山田",
        "配信停止の方法を教えてください",
        "Hello,\n\nplease unsubscribe me from this list.\n\nTaro",
        "Kindly take me off your list",
        "I would like you to stop",
        "メルマガは不要です。よろしくお願いします。",
    ],
)
def test_a_word_anywhere_in_a_short_letter_counts(text):
    assert read_letter(text, WORDS) is Wish.STOP


@pytest.mark.parametrize(
    "text",
    [
        "メールの受信を拒否します", "配信を希望しません", "受信を希望しない", "今後配信を希望いたしません。",
        "購読をやめます", "二度と送ってこないでください", "リストから外してください",
        "登録を削除してください", "登録を抹消してください", "メールアドレスの削除をお願いします",
        "解約してください", "メルマガの解約をお願いします", "I don't want to receive these emails anymore",
        "I no longer wish to receive your newsletter", "no longer wish to receive", "取消订阅",
        "请取消订阅，谢谢", "注文の品は届きました。メールの受信を拒否します。",
        "Hello, please cancel my subscription", "please remove my email from your list",
    ],
)  # fmt: skip
def test_a_sentence_that_refuses_is_obeyed_in_a_letter(text):
    assert read_letter(text, WORDS) is Wish.STOP
    assert read_letter(f"お世話になっております。\n{text}\n\n山田", WORDS) is Wish.STOP


@pytest.mark.parametrize(
    "text",
    [
        "please don't stop", "停止しないでください", "拒否していません", "受信を拒否していません",
        "受信拒否していません", "登録を削除しないでください", "解約しないでください", "退会しません",
        "購読をやめるつもりはありません", "購読をやめたくない", "配信を希望します", "don't stop",
        "please don't cancel my subscription", "I don't want to stop receiving these emails",
        "I don't get your emails", "I did not receive the confirmation email", "不要取消订阅",
        "商品が不要になったので返品したい", "注文を解約してください", "領収書は不要です", "楽しみです",
        "ご迷惑をおかけしますが、明日伺います", "リストから外さないでください",
    ],
)  # fmt: skip
def test_a_letter_that_does_not_refuse_goes_to_a_human_and_holds_nothing(text):
    assert read_letter(text, WORDS) is Wish.UNCLEAR


@pytest.mark.parametrize("text", ["You never stop sending!", "もう結構です", "なぜ停止しないのですか"])
def test_a_letter_that_may_mean_stop_is_held(text):
    assert read_letter(text, WORDS) is Wish.HOLD


def test_in_a_long_letter_a_word_is_no_order():
    assert read_letter("先日の商品について伺います。" * 20 + "停止", WORDS) is Wish.HOLD
    assert read_letter("先日の商品について伺います。" * 20 + "ご迷惑をおかけします", WORDS) is Wish.UNCLEAR


LINES = st.lists(st.sampled_from([*STOP, "もう送らないで", "unsubscribe me", "", "こんにちは"]), min_size=1)
CUTS = [
    "-----Original Message-----",
    "----- 元のメッセージ -----",
    "________________________________",
    "On Mon, 16 Nov 2026 at 10:00, A <news@a.example> wrote:",
    "On Mon, 16 Nov 2026 at 10:00, A\n<news@a.example>\nwrote:",
    "2026年11月16日(月) 10:00 A <news@a.example>:",
    "2026/11/16 10:00、Aさんは書きました:",
    "2026/11/16 10:00、A <news@a.example>のメール:",
    "引用",
    "From: news@a.example\nSent: Monday\nTo: a@example.jp\nSubject: news",
    "差出人: A\n送信日時: 2026年11月16日\n件名: 新着",
    "Begin forwarded message:",
    "-- ",
]


@given(LINES, st.sampled_from(["> ", ">", " > ", "＞", ">> "]))
def test_a_quoted_line_is_never_read(lines, mark):
    quoted = "\n".join(mark + line for line in lines)
    assert own_words(quoted) == ""
    assert read_letter(own_words("ありがとうございます\n" + quoted), WORDS) is Wish.UNCLEAR


@given(LINES, st.sampled_from(CUTS))
def test_what_follows_the_mark_of_a_quotation_is_never_read(lines, cut):
    assert own_words("ありがとう\n\n" + cut + "\n" + "\n".join(lines)) == "ありがとう"


@pytest.mark.parametrize("cut", CUTS[:-1])
def test_what_stands_above_a_quotation_is_read(cut):
    assert own_words(f"配信停止\n\n{cut}\n> 新着のお知らせ") == "配信停止"


def test_an_answer_below_the_quotation_is_read():
    text = "2026年11月16日(月) 10:00 A <news@a.example>:\n\n> 新着のお知らせ\n> 冬の商品\n\n配信停止\n"
    assert own_words(text) == "配信停止"


def a_mail(*lines, body="stop", charset="utf-8", transfer="base64"):
    data = body if isinstance(body, bytes) else body.encode(charset)
    head = (
        [*lines]
        if any(line.lower().startswith("from:") for line in lines)
        else ["From: a@example.jp", *lines]
    )
    head += [f"Content-Type: text/plain; charset={charset}", f"Content-Transfer-Encoding: {transfer}", "", ""]
    return "\r\n".join(head).encode() + (b64encode(data) if transfer == "base64" else data)


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: auto-replied",
        "auto-submitted: Auto-Generated; reason=x",
        "Precedence: bulk",
        "Precedence: LIST",
        "Precedence: junk",
        "Auto-Submitted: (by a program) auto-replied",
        "Auto-Submitted: auto-notified (of an order)",
        "Return-Path: <>",
        "Return-Path: < >",
        "Return-Path:",
        "X-Autoreply: yes",
        "X-Failed-Recipients: b@example.jp",
        "From: MAILER-DAEMON@mx.example.jp",
        "Subject: =?UTF-8?B?6Ieq5YuV6L+U5L+h?=: Re: news",
        "Subject: 不在のお知らせ",
        "Subject: Out of Office: Re: news",
    ],
)
def test_no_word_of_a_program_is_read(line):
    assert read_mail(a_mail(line)).received == Automatic()


def test_a_null_return_path_of_the_envelope_means_a_program():
    assert read_mail(a_mail(), Envelope("")).received == Automatic()
    assert read_mail(a_mail(), Envelope("<>")).received == Automatic()
    assert isinstance(read_mail(a_mail(), Envelope("a@example.jp")).received, Letter)


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: no (by hand)",
        "Auto-Submitted: (by hand) No; x=y",
        "Precedence: first-class",
        "Subject: Re: 自動返信の設定",
        "Return-Path: <a@example.jp>",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
    ],
)
def test_a_person_is_no_program(line):
    assert isinstance(read_mail(a_mail(line)).received, Letter)


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", "配信停止"),
        ("iso-2022-jp", "配信停止してください"),
        ("shift_jis", "もう送らないで"),
        ("cp932", "㈱から①送らないで"),
        ("euc-jp", "配信停止"),
        ("euc-kr", "수신거부"),
        ("gb2312", "退订"),
    ],
)
def test_a_letter_is_read_in_its_charset(charset, text):
    letter = read_mail(a_mail(body=text, charset=charset)).received
    assert letter.text == text


@pytest.mark.parametrize("declared", ["us-ascii", "x-unknown", "utf-8"])
def test_a_wrong_charset_loses_no_refusal(declared):
    raw = a_mail(body="配信停止".encode()).replace(b"charset=utf-8", f"charset={declared}".encode())
    letter = read_mail(raw).received
    assert read_letter(letter.text, WORDS) is Wish.STOP


def test_vendor_characters_and_half_width_kana_of_a_phone_are_read():
    body = b"\x1b$B-!-j\x1b(I1^D2\x1b(B stop"  # ①㈱, half-width kana
    letter = read_mail(a_mail(body=body, charset="iso-2022-jp", transfer="8bit")).received
    assert letter.text == "①㈱ｱﾞﾄｲ stop"


def test_html_is_read_where_nothing_else_is_there_and_without_its_quotation():
    html = (
        "<style>p{}</style><p>配信<b>停止</b></p><blockquote>stop</blockquote>"
        "<div class=gmail_quote>unsubscribe</div>"
    )
    raw = a_mail(body=html).replace(b"text/plain", b"text/html")
    assert read_mail(raw).received.text == "配信停止"


def test_the_subject_counts_only_where_it_is_the_writers_own():
    assert read_mail(a_mail("Subject: unsubscribe", body="")).received.subject == "unsubscribe"
    for answer in ("Re: stop", "RE[2]: stop", "返信: stop", "Fwd: stop"):
        assert read_mail(a_mail(f"Subject: {answer}".encode().decode(), body="")).received.subject == ""


def test_every_address_that_it_came_to_is_named():
    mail = read_mail(
        a_mail("Delivered-To: b+1@a.example", "To: A <info@a.example>, o+2@a.example"),
        Envelope(None, ("x@a.example",)),
    )
    assert mail.recipients == ("x@a.example", "b+1@a.example", "info@a.example", "o+2@a.example")


OURS = (
    f"Return-Path: <b+{TOKEN}@a.example>\r\nMessage-ID: <{TOKEN}@a.example>\r\n"
    f"List-Unsubscribe: <https://a.example/o/{'A' * 42}>,\r\n <mailto:o+{TOKEN}@a.example>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nhttps://a.example/o/" + "B" * 42 + "\r\n"
)


def a_report(kind, part, *, returned="message/rfc822", told="", lines="\r\n"):
    text = (
        f"From: x@mx.example\r\nAuto-Submitted: auto-replied\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{told}\r\n"
        f"--b\r\nContent-Type: message/{kind}\r\n\r\n{part}\r\n"
        f"--b\r\nContent-Type: {returned}\r\n\r\n{OURS}\r\n--b--\r\n"
    )
    return text.replace("\r\n", lines).encode()


def a_bounce(status="5.1.1", *, action="failed", diagnostic="", **more):
    fields = f"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@example.jp\r\nAction: {action}\r\n"
    fields += f"Status: {status}\r\n" if status else ""
    fields += f"Diagnostic-Code: {diagnostic}\r\n" if diagnostic else ""
    return read_mail(a_report("delivery-status", fields, **more)).received


@pytest.mark.parametrize("charset", [b"charset=\0", b"charset*=utf-8''utf-8", b"charset*=\0''%00"])
def test_no_refusal_is_lost_to_a_charset_that_the_parser_fails_at(charset):
    raw = a_mail(body="配信停止", transfer="8bit").replace(b"charset=utf-8", charset)
    assert read_mail(raw).received.text == "配信停止"


@pytest.mark.parametrize("lines", ["\r\n", "\n", "\r"])
def test_a_bounce_is_read_whatever_ends_its_lines(lines):
    bounce = a_bounce(lines=lines)
    assert bounce.failures == (Failure("5.1.1", delivered=False, at_data_end=False),)
    assert f"b+{TOKEN}@a.example" in bounce.returned.addresses
    assert set(bounce.returned.pages) == {"A" * 42, "B" * 42}


def test_the_headers_of_our_message_are_enough():
    assert f"{TOKEN}@a.example" in a_bounce(returned="text/rfc822-headers").returned.addresses


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"status": "5.0.0", "diagnostic": "smtp; 550 5.1.1 no such user"}, "5.1.1"),
        ({"status": "5.2.2 (mailbox full)"}, "5.2.2"),
        ({"status": "", "diagnostic": "smtp; 450 later"}, "4.0.0"),
        ({"status": "", "diagnostic": "x"}, ""),
        ({"status": "5.1.1", "action": "delayed"}, "4.0.0"),  # not given up yet
    ],
)
def test_the_status_is_the_most_exact_one(facts, status):
    assert a_bounce(**facts).failures[0].status == status


@pytest.mark.parametrize(
    "facts",
    [
        {"diagnostic": "smtp; 550 Unknown user (in reply to end of DATA command)"},
        {"told": "<a@docomo.ne.jp>: host mx said: 550 Unknown user (in reply to end of\r\n DATA command)"},
    ],
)
def test_a_refusal_of_the_content_is_known_as_one(facts):
    assert a_bounce(**facts).failures[0].at_data_end


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_of_success_is_no_failure(action):
    assert a_bounce("2.0.0", action=action).failures[0].delivered


def test_a_complaint_names_its_type_and_our_message():
    complaint = read_mail(a_report("feedback-report", "Feedback-Type: Abuse\r\nVersion: 1\r\n")).received
    assert isinstance(complaint, Complaint)
    assert (complaint.kind, complaint.returned.pages[0]) == ("abuse", "A" * 42)


def test_a_receipt_of_reading_is_automatic():
    raw = a_report("disposition-notification", "Disposition: displayed\r\n")
    assert read_mail(raw).received == Automatic()


def test_a_forwarded_message_is_not_the_writers_own_words():
    raw = (
        'From: a@example.jp\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        "Content-Type: text/plain\r\n\r\nSee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        "Subject: x\r\n\r\nstop\r\n--b--\r\n"
    )
    assert read_mail(raw.encode()).received.text == "See below"


@given(st.binary(max_size=400))
def test_any_bytes_are_some_mail(raw):
    assert isinstance(read_mail(raw).received, Automatic | Bounce | Complaint | Letter)


@given(st.data())
def test_a_report_that_was_cut_or_changed_is_still_some_mail(data):
    raw = bytearray(a_report("delivery-status", "Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n"))
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=20)):
        raw[at] = data.draw(st.integers(0, 255))
    assert read_mail(bytes(raw[: data.draw(st.integers(0, len(raw)))])).recipients is not None


def test_deep_nesting_ends():
    raw = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(3_000))
    assert read_mail(b"From: a@example.jp\r\n" + raw.encode()).received is not None
