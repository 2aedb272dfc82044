"""What the law wants shown, and the ways in which it can be missing though somebody meant to write it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.content.letters import (
    HEADERS,
    MAILBOX,
    PAGE,
    REST,
    STOP,
    WANTED,
    WHY,
    a_mail,
    html_of,
    missing,
    text_of,
)
from tests.people import SENDER

from shodaku.content.domain import SenderDisplay, lint_mail, lint_sms, seller_text
from shodaku.content.render import Draft, SenderIdentity, compile_message, lint_compiled
from shodaku.kit.links import LinkKeys, Purpose
from shodaku.policy.domain import DISPLAY_ORDER, Reason
from shodaku.policy.rules import rules
from shodaku.signup.domain import OfferedTopic, ShownSender
from shodaku.signup.letters import confirmation, welcome

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
GOOD = text_of(*STOP, *REST)
GOOD_HTML = html_of(*STOP, *REST)
N = Reason


def test_a_mail_that_shows_everything_lacks_nothing():
    report = lint_mail(a_mail(GOOD, GOOD_HTML), WANTED)
    assert (report.missing, report.address_linked, report.labels) == ((), False, ())


LEFT_OUT = [
    (REST[0], N.DISPLAY_NAME_MISSING),
    (STOP[1], N.DISPLAY_OPTOUT_MISSING),
    (STOP[0], N.DISPLAY_OPTOUT_WORDS_MISSING),
    (REST[1], N.DISPLAY_ADDRESS_MISSING),
    (REST[2], N.DISPLAY_CONTACT_MISSING),
    (REST[3], N.WHY_LINE_MISSING),
]


@pytest.mark.parametrize(("item", "reason"), LEFT_OUT)
@pytest.mark.parametrize("part", ["text", "html", "html alone"])
def test_what_one_body_lacks_is_missing_whatever_stands_in_the_other(item, reason, part):
    kept = [line for line in (*STOP, *REST) if line != item]
    text, html = (text_of(*kept), GOOD_HTML) if part == "text" else (GOOD, html_of(*kept))
    assert missing(None if part == "html alone" else text, html) == (reason,)


@given(st.sets(st.sampled_from(LEFT_OUT), min_size=1))
def test_all_that_is_missing_is_told_in_the_order_of_the_law(left_out):
    kept = [line for line in (*STOP, *REST) if line not in {item for item, _ in left_out}]
    found = missing(text_of(*kept), html_of(*kept))
    assert list(found) == sorted(found, key=DISPLAY_ORDER.index)
    # without an address there is nothing for the words to stand beside
    without_address = {N.DISPLAY_OPTOUT_WORDS_MISSING} if STOP[1] not in kept else set()
    assert set(found) == {reason for _, reason in left_out} - without_address


@pytest.mark.parametrize("nothing", ["", " ", "　"])
@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("legal_name", N.DISPLAY_NAME_MISSING),
        ("postal_address", N.DISPLAY_ADDRESS_MISSING),
        ("contacts", N.DISPLAY_CONTACT_MISSING),
        ("opt_out", N.DISPLAY_OPTOUT_MISSING),
    ],
)
def test_what_a_sender_never_filled_in_is_missing(item, reason, nothing):
    value = (nothing,) if item in ("contacts", "opt_out") else nothing
    assert missing(GOOD, GOOD_HTML, replace(WANTED, **{item: value})) == (reason,)


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("株式会社あおい雑貨", True),
        ("(株)あおい雑貨", True),  # SE-12: the form may be shortened
        ("㈱あおい雑貨", True),
        ("株式会社 あおい 雑貨", True),
        ("あおい雑貨", False),  # a brand alone is not the legal name
        ("有限会社あおい雑貨", False),
        ("https://aoi.example/株式会社あおい", False),
    ],
)
def test_the_legal_name_may_be_shortened_and_not_replaced(written, stands):
    lines = [*STOP, written, *REST[1:]]
    assert (N.DISPLAY_NAME_MISSING not in missing(text_of(*lines), html_of(*lines))) == stands


def test_a_name_in_latin_letters_is_no_part_of_a_longer_one():
    wanted = replace(WANTED, legal_name="株式会社A")
    assert missing(GOOD.replace("株式会社あおい雑貨", "株式会社Arrow"), None, wanted) == (
        N.DISPLAY_NAME_MISSING,
    )
    assert missing(GOOD.replace("株式会社あおい雑貨", "㈱ Ａ です"), None, wanted) == ()


@pytest.mark.parametrize(
    ("lines", "reasons"),
    [
        ([f"{PAGE} から停止できます"], ()),
        ([PAGE, "受信拒否はこの上から"], ()),
        (["配信停止", "", "", PAGE], ()),  # empty lines are no lines
        (["Unsubscribe:", PAGE], ()),
        (["ＵＮＳＵＢＳＣＲＩＢＥ", PAGE], ()),
        ([f"配信停止は {MAILBOX} へ"], ()),  # a mailbox is a way, too
        (["配信停止", "お店の案内", PAGE], (N.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,)),
        (["配信停止 https://other.example/", PAGE], (N.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,)),
        ([f"配信停止 https://other.example/ {PAGE}"], (N.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,)),
        (["https://other.example/ 配信停止はこちら", PAGE], ()),  # the other stands before the words
        ([PAGE, "shop@aoi.example 配信停止"], (N.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,)),
        (["こちら", PAGE], (N.DISPLAY_OPTOUT_WORDS_MISSING,)),
        (["https://t.aoi.example/unsubscribe", PAGE], (N.DISPLAY_OPTOUT_WORDS_MISSING,)),  # no words
        (["配信停止はこちら"], (N.DISPLAY_OPTOUT_MISSING,)),
        (["配信停止", f"{PAGE}d"], (N.DISPLAY_OPTOUT_MISSING,)),  # somebody else's
    ],
)
def test_the_words_stand_beside_the_way_to_stop(lines, reasons):
    assert missing(text_of(*REST, "以上", *lines)) == reasons


@pytest.mark.parametrize("word", rules()["SE-13"].parameters["words"])
def test_every_word_of_the_rule_says_it(word):
    assert missing(text_of(*REST, f"{word}:", PAGE)) == ()


@pytest.mark.parametrize(
    ("html", "reasons"),
    [
        (f'<p><a href="{PAGE}">配信停止</a></p>', ()),
        (f'<p>配信停止は<a href="{PAGE}">こちら</a></p>', ()),
        (f'<p>配信停止</p><p> </p><p><a href="{PAGE}">こちら</a></p>', ()),
        (f'<td>配信停止</td><td><a href="{PAGE}">こちら</a></td>', ()),
        (f'<p>いつでも<br>受信を断る<br>ことができます<br><a href="{PAGE}">こちら</a></p>', ()),  # one block
        (f"<p>配信停止: {PAGE}</p>", ()),
        (
            f'<p>配信停止</p><p>お店</p><p><a href="{PAGE}">こちら</a></p>',
            (N.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,),
        ),
        (
            f'<p><a href="https://x.example/">配信停止</a></p><p><a href="{PAGE}">こちら</a></p>',
            (N.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,),  # they are what another link is called
        ),
        (
            f'<p>こちら</p><p><a href="{PAGE}" title="配信停止">こちら</a></p>',
            (N.DISPLAY_OPTOUT_WORDS_MISSING,),
        ),
        (f'<p>配信停止 <a href="{PAGE}"></a></p>', (N.DISPLAY_OPTOUT_MISSING,)),  # nothing to press
        (f'<p>配信停止 <a href="{PAGE}">&#8203;</a></p>', (N.DISPLAY_OPTOUT_MISSING,)),
        (f"<p>配信停止 <!-- {PAGE} --></p>", (N.DISPLAY_OPTOUT_MISSING,)),
    ],
)
def test_in_html_beside_means_the_same_or_the_next_block_or_the_link_itself(html, reasons):
    assert missing(GOOD, html_of(*REST) + "<p>以上</p>" + html) == reasons


def test_where_an_answer_suffices_the_words_may_stand_anywhere():
    lines = text_of("このメールへの返信で停止できます", *REST, "以上", PAGE)
    assert missing(lines) == (N.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT,)
    assert missing(lines, None, replace(WANTED, reply_suffices=True)) == ()
    silent = text_of(*REST, PAGE)
    assert missing(silent, None, replace(WANTED, reply_suffices=True)) == (N.DISPLAY_OPTOUT_WORDS_MISSING,)


def test_the_header_alone_is_no_way_to_stop():
    wanted = replace(WANTED, one_click=True)
    assert missing(text_of(STOP[0], *REST), None, wanted, headers=HEADERS) == (N.DISPLAY_OPTOUT_MISSING,)


@pytest.mark.parametrize("pointer", ["会社概要はこちら", "送信者の住所・お問い合わせ先はこちら:", "About us"])
def test_address_and_contact_may_stand_where_the_mail_points_to(pointer):
    lines = [*STOP, REST[0], REST[3], f"{pointer} https://aoi.example/about"]
    html = html_of(*STOP, REST[0], REST[3]) + f'<p><a href="https://aoi.example/about">{pointer}</a></p>'
    report = lint_mail(a_mail(text_of(*lines), html), WANTED)
    assert (report.missing, report.address_linked) == ((), True)


@pytest.mark.parametrize(
    "line",
    [
        "会社概要はこちら",  # where?
        "詳しくはこちら https://aoi.example/about",  # of what?
        "accompany https://aoi.example/x",
        "お問い合わせ https://aoi.example/contact",  # the page for complaints, and no pointer to an address
    ],
)
def test_a_page_that_nothing_points_to_holds_no_address(line):
    lines = [*STOP, REST[0], REST[2], REST[3], line]
    assert missing(text_of(*lines), html_of(*lines)) == (N.DISPLAY_ADDRESS_MISSING,)


HIDING = [
    "display:none",
    "DISPLAY : NONE !important",
    "visibility:hidden",
    "opacity:0.49",
    "opacity:10%",
    "filter:opacity(20%)",
    "font-size:7.9px",
    "font-size:5pt",
    "font-size:0.4em",
    "font-size:0",
    "font:1px/1.5 serif",
    "position:absolute;left:-9999px",
    "position:fixed;top:-100em",
    "text-indent:-9999px",
    "margin-left:-9999px",
    "transform:translateX(-9999px)",
    "transform:scale(0)",
    "height:0;overflow:hidden",
    "max-height:0",
    "width:0px",
    "width:1px;height:1px;overflow:hidden",
    "line-height:0",
    "clip-path:inset(100%)",
    "color:#ffffff",
    "color:#959595",
    "color:rgb(250 250 250)",
    "color:hsl(0,0%,96%)",
    "color:whitesmoke",
    "color:transparent",
    "color:rgba(0,0,0,.3)",
    "color:#777;background-color:#666",
    "color:#222;background:#000 url(x.png)",
    "background-color:#fff;color:#333;background:#333",  # the later one holds
    "font-size:16px;font:2px serif",
    "background:#333!important;color:#333;background-color:#fff",
    "-webkit-text-fill-color:#fff",
]


@pytest.mark.parametrize("style", HIDING)
def test_what_is_hidden_does_not_count(style):
    assert missing(GOOD, html_of(*STOP, *REST, style=style)) == (N.DISPLAY_NOT_RECOGNISABLE,)


@pytest.mark.parametrize("style", HIDING)
def test_what_stands_inside_of_something_hidden_is_hidden(style):
    wrapped = f'<div style="{style}"><table><tr><td>{html_of(*STOP, *REST)}</td></tr></table></div>'
    assert missing(GOOD, wrapped) == (N.DISPLAY_NOT_RECOGNISABLE,)


@pytest.mark.parametrize(
    "style",
    [
        "opacity:0.5",
        "font-size:8px",
        "font-size:6pt",
        "color:#949494",  # 3.03 on white
        "color:#fff;background-color:#333",
        "color:white;background:navy",
        "background:#333;color:#333;background-color:#fff",
        "font:2px serif;font-size:16px",
        "height:20px;overflow:hidden",
        "position:relative;top:-2px",
        "display:block;visibility:visible",
        "max-width:100%;line-height:1.7",
        "color:#333 url(;;{",
    ],
)
def test_what_can_be_read_counts(style):
    lines = [f'<span style="color:inherit">{line}</span>' if "http" not in line else line for line in REST]
    stop = f'<p><a href="{PAGE}" style="color:inherit">配信停止</a></p>'
    why = f'<a href="{WHY}" style="color:inherit">届いた理由</a>'
    html = f'<div style="{style}">{stop}<p>{"<br>".join([*lines[:3], why])}</p></div>'
    assert missing(GOOD, html) == ()


def test_one_hidden_item_is_hidden_though_the_others_are_seen():
    name = f'<p style="font-size:1px">{REST[0]}</p>'
    assert missing(GOOD, html_of(*STOP, *REST[1:]) + name) == (N.DISPLAY_NOT_RECOGNISABLE,)
    assert missing(GOOD, html_of(*STOP, *REST[1:3]) + name) == (
        N.DISPLAY_NOT_RECOGNISABLE,
        N.WHY_LINE_MISSING,
    )


def test_hidden_words_beside_what_is_seen_do_no_harm():
    preheader = '<div style="display:none">冬の品がそろいました</div>'
    assert missing(GOOD, preheader + GOOD_HTML + f"<p hidden>{REST[0]}</p>") == ()


def test_what_was_made_visible_again_is_visible():
    html = f'<div style="visibility:hidden">x<div style="visibility:visible">{GOOD_HTML}</div></div>'
    assert missing(GOOD, html) == ()


@pytest.mark.parametrize("sheet", ["p{display:none}", "div{color:#fefefe}", "div p{font-size:2px}"])
def test_a_style_sheet_hides_as_well(sheet):
    assert missing(GOOD, f"<style>{sheet}</style>{GOOD_HTML}") == (N.DISPLAY_NOT_RECOGNISABLE,)


def test_a_style_sheet_on_more_than_a_mail_holds_is_not_guessed_at():
    html = "<style>i{color:red}</style>" + "<i>x</i>" * 4_001 + GOOD_HTML
    assert missing(GOOD, html) == (N.DISPLAY_NOT_RECOGNISABLE,)


ALL = " ".join((*STOP, *REST))


@pytest.mark.parametrize(
    "html",
    [
        f'<p>お便り</p><img src="https://aoi.example/all.png" alt="{ALL}">',
        '<p>お便り</p><img src="https://aoi.example/all.png">',
        f'<p>お便り</p><a href="{PAGE}"><img src="https://aoi.example/all.png" alt=""></a>',
        '<p>お便り</p><table background="https://aoi.example/all.png"><tr><td>x</td></tr></table>',
        '<p>お便り</p><div style="background-image:url(https://aoi.example/all.png)">x</div>',
    ],
)
def test_a_picture_of_the_display_is_none(html):
    assert missing(GOOD, html)[0] is N.DISPLAY_IMAGE_ONLY


def test_one_item_in_a_picture_is_in_a_picture():
    html = html_of(*STOP, *REST[1:]) + f'<img src="x.png" alt="{REST[0]}">'
    assert missing(GOOD, html) == (N.DISPLAY_IMAGE_ONLY,)


def test_a_picture_beside_the_display_changes_nothing():
    logo = '<img src="https://aoi.example/logo.png" alt="あおい">'
    assert missing(GOOD, logo + GOOD_HTML) == ()
    assert missing(GOOD, logo + html_of(*STOP, *REST[1:])) == (N.DISPLAY_NAME_MISSING,)


SELLER = ("販売業者 株式会社あおい雑貨 責任者 青井 葵 電話 03-0000-0000 メール support@aoi.example",)
TERMS = ("価格・送料・支払・引渡し・返品などの条件:", "https://aoi.example/terms")
MAIL_ORDER = replace(WANTED, mail_order=True)
COMPLAINTS = "ご意見・苦情・お問い合わせ 03-0000-0000"


@pytest.mark.parametrize(
    "left_out", ["責任者 青井 葵", "電話 03-0000-0000", "メール support@aoi.example", TERMS[1]]
)
def test_mail_order_shows_who_sells_and_on_which_terms(left_out):
    lines = [*STOP, REST[0], REST[1], REST[3], COMPLAINTS, *SELLER, *TERMS]
    assert missing(text_of(*lines), html_of(*lines), MAIL_ORDER) == ()
    fewer = [line.replace(left_out, "") for line in lines]
    # the telephone for complaints is none of the seller's
    assert missing(text_of(*fewer), html_of(*fewer), MAIL_ORDER) == (N.DISPLAY_TOKUSHO_MISSING,)
    assert missing(text_of(*fewer), html_of(*fewer)) == ()


def test_the_sellers_telephone_is_not_yet_one_for_complaints():
    lines = text_of(*STOP, REST[0], REST[1], REST[3], *SELLER, *TERMS)
    assert missing(lines, None, MAIL_ORDER) == (N.DISPLAY_CONTACT_MISSING,)


@pytest.mark.parametrize("subject", ["(광고) 겨울", "（광고）겨울"])
def test_a_label_counts_at_the_very_start_of_the_subject(subject):
    assert lint_mail(a_mail(GOOD, subject=subject), WANTED).labels == ("(광고)",)
    assert lint_mail(a_mail(GOOD, subject=f"Re: {subject}"), WANTED).labels == ()


@pytest.mark.parametrize(
    "label", ["【PR】", "PR", "広告:", "[プロモーション]", "本メールはプロモーションを含みます"]
)
def test_who_is_paid_says_so_in_the_subject_or_in_each_body(label):
    paid = replace(WANTED, pr_label_needed=True)
    assert missing(GOOD, GOOD_HTML, paid) == (N.PR_LABEL_MISSING,)
    assert missing(f"{label}\n{GOOD}", GOOD_HTML, paid) == (N.PR_LABEL_MISSING,)
    assert missing(f"{label}\n{GOOD}", f"<p>{label}</p>{GOOD_HTML}", paid) == ()
    assert missing(GOOD, GOOD_HTML, paid, subject=f"{label} 冬の品") == ()


@pytest.mark.parametrize("words", ["PRESENT", "広告ではありません", "「月刊広告だより」の方へ"])
def test_a_word_that_begins_alike_is_no_label(words):
    paid = replace(WANTED, pr_label_needed=True)
    assert missing(f"{words}\n{GOOD}", None, paid) == (N.PR_LABEL_MISSING,)


LISTED = replace(WANTED, one_click=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"List-Unsubscribe": None},
        {"List-Unsubscribe-Post": None},
        {"List-Unsubscribe": f"<mailto:{MAILBOX}>, <{PAGE}>"},  # the page stands first
        {"List-Unsubscribe": f"<mailto:{MAILBOX}>"},
        {"List-Unsubscribe": f"<{PAGE}d>, <mailto:{MAILBOX}>"},  # somebody else's
        {"List-Unsubscribe": PAGE},
        {"List-Unsubscribe-Post": "One-Click"},
    ],
)
def test_a_newsletter_has_the_headers_of_rfc_8058(changes):
    headers = {name: value for name, value in (HEADERS | changes).items() if value is not None}
    assert missing(GOOD, None, LISTED, headers=HEADERS) == ()
    assert missing(GOOD, None, LISTED, headers=headers) == (N.HEADER_ONECLICK_MISSING,)
    assert missing(GOOD, None, WANTED, headers=headers) == ()


@pytest.mark.parametrize(
    ("page", "safe"),
    [
        ("http://t.aoi.example/o/abc", False),
        ("http://127.0.0.1:8000/o/abc", True),
        ("http://localhost:8000/o/abc", True),
        ("http://127.0.0.1.aoi.example/o/abc", False),
    ],
)
def test_a_page_without_tls_is_for_this_machine_alone(page, safe):
    wanted = replace(LISTED, opt_out=(page,))
    headers = HEADERS | {"List-Unsubscribe": f"<{page}>"}
    found = missing(GOOD.replace(PAGE, page), None, wanted, headers=headers)
    assert found == (() if safe else (N.HEADER_ONECLICK_MISSING,))


BOTH = "From:Subject:List-Unsubscribe : list-unsubscribe-post"


@pytest.mark.parametrize(
    ("signature", "covered"),
    [
        (f"v=1; a=rsa-sha256; d=aoi.example; h={BOTH}; b=AA==", True),
        (f"v=1; bh=xyz; h={BOTH}; b=AA==", True),
        ("v=1; h=From:Subject:List-Unsubscribe; b=AA==", False),
        ("v=1; h=From; bh=list-unsubscribe:list-unsubscribe-post", False),
        ("", True),  # nobody has signed yet: the relay signs all
    ],
)
def test_one_signature_covers_both_headers(signature, covered):
    headers = HEADERS | ({"DKIM-Signature": signature} if signature else {})
    expected = () if covered else (N.HEADER_DKIM_UNCOVERED,)
    assert missing(GOOD, None, LISTED, headers=headers) == expected


def test_what_the_relay_signs_is_asked_where_it_is_known():
    signs_both = replace(LISTED, dkim_headers=("From", "List-Unsubscribe", "List-Unsubscribe-Post"))
    assert missing(GOOD, None, signs_both, headers=HEADERS) == ()
    signs_one = replace(LISTED, dkim_headers=("From", "List-Unsubscribe"))
    assert missing(GOOD, None, signs_one, headers=HEADERS) == (N.HEADER_DKIM_UNCOVERED,)


def test_a_domain_without_dmarc_is_told_last():
    assert missing(GOOD, None, replace(WANTED, dmarc_aligned=False)) == (N.AUTH_DMARC_MISSING,)


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (f"[㈱あおい雑貨]本日20%引 停止・住所・窓口:{PAGE}", ()),
        ("[㈱あおい雑貨]本日20%引 停止・住所・窓口:https://s.aoi.example/s/AbC", ()),
        ("[㈱あおい雑貨]本日20%引 停止 aoi.example/s/AbC", ()),
        (f"[あおい]本日20%引 停止:{PAGE}", (N.DISPLAY_NAME_MISSING,)),
        ("[㈱あおい雑貨]本日20%引 停止は返信で", (N.DISPLAY_OPTOUT_MISSING,)),
        ("[㈱あおい雑貨] 停止:https://aoi.example.rival.example/s/x", (N.DISPLAY_OPTOUT_MISSING,)),
        ("[㈱あおい雑貨] 停止:https://aoi.example@rival.example/", (N.DISPLAY_OPTOUT_MISSING,)),
        ("[㈱あおい雑貨] 停止:https://[aoi.example/", (N.DISPLAY_OPTOUT_MISSING,)),
        (f"[㈱あおい雑貨]本日20%引 {PAGE}", (N.DISPLAY_OPTOUT_WORDS_MISSING,)),
        (
            "本日限り20%OFF",
            (N.DISPLAY_NAME_MISSING, N.DISPLAY_OPTOUT_MISSING, N.DISPLAY_OPTOUT_WORDS_MISSING),
        ),
    ],
)
def test_an_sms_says_who_where_and_that_one_may_stop(text, reasons):
    assert lint_sms(text, replace(WANTED, why=None)).missing == reasons


def test_a_label_counts_at_the_very_start_of_an_sms():
    assert lint_sms("(광고) x", WANTED).labels == ("(광고)",)
    assert lint_sms("x (광고)", WANTED).labels == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"Content-Type: text/html; charset=nonsense\r\n\r\n<p",
        b"Subject: =?x?q?y?=\r\nContent-Type: multipart/alternative\r\n\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!",
        b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B",
    ],
)
def test_a_mail_that_is_none_shows_nothing(raw):
    assert N.DISPLAY_NAME_MISSING in lint_mail(raw, WANTED).missing


@given(st.binary(max_size=300))
def test_whatever_comes_is_judged(raw):
    assert N.DISPLAY_NAME_MISSING in lint_mail(raw, WANTED).missing


def test_a_body_in_another_charset_is_read():
    message = a_mail(GOOD).decode()
    assert "utf-8" in message
    encoded = b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + GOOD.encode("iso-2022-jp")
    assert lint_mail(encoded, WANTED).missing == ()


def test_a_file_that_is_attached_is_no_body():
    attached = b"Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment\r\n\r\n"
    assert N.DISPLAY_NAME_MISSING in lint_mail(attached + GOOD.encode(), WANTED).missing


SHOP = replace(SENDER, responsible_person="青井 葵", sales_terms_url="https://aoi.example/terms")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("letter", [confirmation, welcome])
@pytest.mark.parametrize("mail_order", [False, True])
def test_the_mails_of_a_sign_up_show_what_the_law_asks_for(language, letter, mail_order):
    shown = ShownSender(
        sender_id=1,
        formal_name=SHOP.formal_name,
        display_name=SHOP.display_name,
        postal_address=SHOP.postal_address,
        complaint_contact=SHOP.complaint_contact,
        privacy_policy_version="1",
        privacy_policy="",
    )
    seller = seller_text(SHOP, language) if mail_order else ""
    written = letter(shown, [_a_topic()], language, NOW, seller)
    compiled = compile_message(
        Draft(written.subject, written.text, written.html, ()),
        SenderIdentity(SHOP.display_name, SHOP.from_address, SHOP.mail_domain, "https://t.aoi.example"),
        workspace_id=1,
        subject_id=1,
        links=LinkKeys({1: b"k" * 32}),
        purpose=Purpose.CONFIRMATION if letter is confirmation else Purpose.DELIVERY,
        list_id=None,
        one_click=False,
    )
    found = lint_compiled(compiled, SenderDisplay.of(SHOP, mail_order=mail_order), one_click=False).missing
    assert set(found) <= {N.WHY_LINE_MISSING}  # a mail that asks needs none (LAW.md section 2, step 9)


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
