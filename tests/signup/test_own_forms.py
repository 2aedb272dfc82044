"""A page is read as the person meets it: boxes, what they say, how they are seen."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.content.domain import BLACK, WHITE, Colour, colour_in, contrast, over, parse_colour
from shodaku.policy.domain import Box, Reason, lint_form
from shodaku.signup.own_forms import Declared, read_form, read_requires
from shodaku.signup.page_reader import (
    BYTES_MAX,
    NoFormInPage,
    PageTooLarge,
    UnreadablePage,
    decode_page,
    read_page,
)

NAME = "株式会社あおい雑貨"
BOX = '<label><input type="checkbox" name="news"> お知らせメールを受け取る</label>'
END = f"<p>利用目的：案内の送付のため</p><p>{NAME}</p>"


def page(body, end=END):
    return f'<form method="post">{body}<input type="email" name="email"><button>登録</button></form>{end}'


def radio(yes, no):
    return (
        f'<label><input type="radio" name="news" value="1"{yes}>受け取る</label>'
        f'<label><input type="radio" name="news" value="0"{no}>受け取らない</label>'
    )


def faults(body, end=END, **declared):
    return list(lint_form(read_form(page(body, end), [NAME], Declared(**declared))).faults)


@pytest.mark.parametrize(
    "body",
    [
        BOX,
        '<input type="checkbox" name="news" id="n"><label for="n">お知らせメールを受け取る</label>',
        '<input type="checkbox" name="a"> お知らせメールを受け取る<br>',
        '<p>お知らせメールを受け取る <input type="checkbox" name="a"></p>',
        '<input type="checkbox" name="a" aria-label="Newsletter">',
        '<input type="checkbox" name="opt_in">',
        BOX + '<label><input type="checkbox" name="keep" checked>ログイン状態を保持する</label>',
        BOX + '<label><input type="checkbox" name="terms" required>利用規約に同意する</label>',
        radio("", " checked"),
        '<select name="newsletter"><option value="">選択<option value="1">受け取る</select>',
        '<label><input type="checkbox" name="q7">陶芸の集い</label>',
        '<label style="color:#595959"><input type="checkbox" name="news">お知らせメール</label>',
        '<label style="color:#eee;background:#000 none"><input type="checkbox" name="news">お便り</label>',
    ],
)
def test_a_form_that_asks_openly_has_no_fault(body):
    assert faults(body) == []


@pytest.mark.parametrize(
    "body",
    [
        BOX.replace("name=", "checked name="),
        radio(" checked", ""),
        '<select name="newsletter"><option value="1">受け取る<option value="0">受け取らない</select>',
        '<label><input type="checkbox" name="q7" checked>陶芸の集い</label>',
        '<label><input type="checkbox" name="t" checked>規約（メール配信を含む）に同意する</label>',
    ],
)
def test_what_is_chosen_beforehand_is_ticked_beforehand(body):
    assert faults(body)[0] is Reason.CONSENT_PRECHECKED


@pytest.mark.parametrize(
    "body",
    [
        "",
        '<label><input type="checkbox" name="terms">利用規約に同意する</label>',
        '<label><input type="checkbox" name="t">利用規約とメール配信に同意する</label>',
        '<label><input type="checkbox" name="t">I accept the terms and to receive the newsletter</label>',
        "<p>登録すると、規約に同意し、案内メールの配信にも同意したことになります。</p>",
    ],
)
def test_without_a_box_of_its_own_the_consent_is_bundled(body):
    assert faults(body)[0] is Reason.CONSENT_BUNDLED


@pytest.mark.parametrize(
    "body",
    [
        '<label><input type="checkbox" name="a">お知らせメールを受け取らない</label>',
        '<label><input type="checkbox" name="a">案内メールは不要です</label>',
        '<label><input type="checkbox" name="a">Please do not send me offers</label>',
        '<label><input type="checkbox" name="no_mail">メール</label>',
        BOX + '<label><input type="checkbox" name="b">Opt out of partner mail</label>',
        BOX + "<p>お断りにならない場合は、メールの配信に同意したものとみなします。</p>",
    ],
)
def test_a_box_that_refuses_makes_silence_a_yes(body):
    assert faults(body)[0] is Reason.CONSENT_DEEMED


@pytest.mark.parametrize(
    "style",
    [
        "color:#999",
        "color:#777",  # 4.48
        "color:rgb(119, 119, 119)",
        "color:rgba(0,0,0,.4)",
        "color:black;opacity:0.55;background:#555",
        "color:lightgray",
        "background-color:#333",
        "display:none",
        "display: none !important",
        "visibility:hidden",
        "opacity:.3",
        "font-size:6px",
        "font-size:50%;font-size:.4em",
        "position:absolute;left:-9999px",
        "position:absolute;clip:rect(0 0 0 0)",
        "text-indent:-9999px",
        "height:0;overflow:hidden",
    ],
)
def test_words_that_cannot_be_read_are_hidden(style):
    body = BOX.replace("<label", f'<label style="{style}"')
    assert faults(body) == [Reason.CONSENT_HIDDEN_WORDING]
    in_a_sheet = f"<style>.a {{ {style} }}</style>" + BOX.replace("<label", '<label class="a"')
    assert faults(in_a_sheet) == [Reason.CONSENT_HIDDEN_WORDING]


def test_a_purpose_that_nobody_sees_is_hidden_and_missing():
    end = f"<p hidden>利用目的：案内の送付</p><p>{NAME}</p>"
    assert faults(BOX, end) == [Reason.CONSENT_HIDDEN_WORDING, Reason.PURPOSE_NOT_SHOWN]


def test_pale_words_elsewhere_are_nobodys_business():
    assert faults(BOX, END + '<p style="color:#ccc">© 2026</p><font color="#ddd" size="1">v1</font>') == []


@pytest.mark.parametrize(
    ("body", "topics"),
    [
        (BOX, 1),
        ('<label><input type="checkbox" name="n">ニュースとクーポンを受け取る</label>', 2),
        ('<label><input type="checkbox" name="n">news, events and coupons</label>', 3),
        (
            '<label><input type="checkbox" name="n">お便り<small>新商品、クーポン、催し</small></label>',
            1,
        ),
        (
            f"<fieldset><ul><li>朝の便り</li><li>夜の便り</li></ul>{BOX}</fieldset>",
            2,
        ),
        (
            f"<fieldset><ul><li>{BOX}</li><li>{BOX.replace('お知らせ', 'クーポン')}</li></ul></fieldset>",
            2,
        ),
    ],
)
def test_kinds_of_mail_are_counted_by_boxes_words_and_lists(body, topics):
    facts = read_form(page(body))
    assert facts.topics == topics
    assert (Reason.CONSENT_NOT_PER_TYPE in lint_form(facts).faults) is (facts.boxes < topics)


def test_who_knows_the_kinds_better_says_so():
    assert faults(BOX, topics=2) == [Reason.CONSENT_NOT_PER_TYPE]
    assert faults('<label><input type="checkbox" name="n">ニュースとクーポン</label>', topics=1) == []


@pytest.mark.parametrize(
    "end",
    [
        f"使いみち：案内の送付 {NAME}",
        f"Purpose: our newsletter. {NAME}",
        f"Your address is used only to send what you ticked. {NAME}",
    ],
)
def test_a_purpose_may_be_said_in_several_ways(end):
    assert faults(BOX, end) == []


def test_what_the_page_lacks_is_told():
    assert faults(BOX, f"<p>{NAME}</p>") == [Reason.PURPOSE_NOT_SHOWN]
    assert faults(BOX, "<p>利用目的：案内</p>") == [Reason.CONSENT_PARTY_UNIDENTIFIED]
    assert faults(BOX, "<p>利用目的：案内</p><p>（株）あおい 雑貨</p>") == []


def test_a_box_that_must_be_ticked_is_a_condition():
    assert faults(BOX.replace("name=", "required name=")) == [Reason.CONSENT_CONDITIONAL]
    assert faults(BOX, required_to_buy=True) == [Reason.CONSENT_CONDITIONAL]


def test_what_html_does_not_show_is_declared():
    assert faults(BOX, last_screen_shows_consent=False) == [Reason.CONSENT_STATE_NOT_SHOWN]
    assert lint_form(read_form(page(BOX), [NAME], Declared(incentive=True))).reason is Reason.OK_INCENTIVE
    assert lint_form(read_form(page(BOX + "<p>もれなくプレゼント</p>"))).reason is Reason.OK_INCENTIVE


def named(kind):
    return f'<label><input type="checkbox" name="a">「{kind}」をメールで受け取る</label>'


@pytest.mark.parametrize(
    "kind", ["プレゼント情報", "50% off", "ポイントが当たる案内", "メールを受け取らない方への案内"]
)
def test_what_mail_is_called_is_neither_a_gift_nor_a_no(kind):
    listed = f"<fieldset><ul><li>{kind}</li></ul>{named(kind)}</fieldset>"
    for body in (named(kind), listed):
        answer = lint_form(read_form(page(body), [NAME]))
        assert (answer.reason, answer.faults) == (Reason.OK_FORM, ())


@pytest.mark.parametrize("kind", ["案内を受け取らない人向け", "メールが不要な方への案内"])
def test_a_kind_for_people_who_want_none_is_asked_for_like_any_other(kind):
    assert faults(f'<label><input type="checkbox" name="topics">{kind}</label>') == []


def test_a_gift_beside_the_boxes_and_in_small_print_is_one():
    small = BOX.replace("</label>", "<small>登録でもれなくプレゼント</small></label>")
    for body in (named("プレゼント情報") + "<p>特典：500円</p>", small):
        assert lint_form(read_form(page(body))).reason is Reason.OK_INCENTIVE


def test_a_purpose_that_speaks_of_benefits_offers_none():
    end = f"<p>利用目的：特典のご案内のため</p><p>{NAME}</p>"
    assert lint_form(read_form(page(BOX, end), [NAME])).reason is Reason.OK_FORM


@pytest.mark.parametrize(
    "body",
    [
        '<label><input type="checkbox" name="a">「お知らせ」を受け取らない</label>',
        '<label><input type="checkbox" name="a">「お知らせ」を購読しない</label>',
        '<label><input type="checkbox" name="a">案内を受け取らない方はこちら</label>',
        f"{BOX}<p>{named('お知らせ')}お断りのない限り同意したものとみなします</p>",
    ],
)
def test_a_name_in_quotes_hides_no_refusal(body):
    assert faults(body)[0] is Reason.CONSENT_DEEMED


def test_without_a_name_to_look_for_nobody_is_missed():
    assert read_form(page(BOX)).sender_named is None


@pytest.mark.parametrize(
    ("body", "requires"),
    [
        ("<button>停止する</button>", None),
        (
            '<input type="radio" name="s" checked><input type="radio" name="s"><button>停止</button>',
            None,
        ),
        ('<textarea name="why"></textarea><button>停止</button>', None),
        ('<input type="password" name="p"><button>停止</button>', "login"),
        ('<input type="email" name="mail"><button>停止</button>', "mail"),
        ('<textarea name="why" required></textarea><button>停止</button>', "why"),
        ('<input type="radio" name="why"><button>停止</button>', "why"),
        ('<select name="why" required><option value="">–<option>x</select>', "why"),
        ('<select name="lang"><option selected>日本語</select><button>停止</button>', None),
        ('<div class="g-recaptcha"></div><button>停止</button>', "captcha"),
    ],
)
def test_what_an_opt_out_page_wants_is_seen(body, requires):
    assert read_requires(f"<form>{body}</form>") == requires


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("", NoFormInPage),
        ("<p>ようこそ</p>", NoFormInPage),
        ("<script><input></script>", NoFormInPage),
        ("x" * (BYTES_MAX + 1), PageTooLarge),
        ("<b>" * 30_000, PageTooLarge),
        ("<div>" * 5_000, PageTooLarge),
        ("<style>" + "p{}" * 20_000 + "</style>" + "<p>" * 2_000, PageTooLarge),
    ],
)
def test_what_is_no_form_or_too_much_is_refused_in_words(html, fault):
    with pytest.raises(fault) as refused:
        read_page(html)
    assert refused.value.sentence("ja").endswith("。")
    assert refused.value.sentence("en").isascii()


def test_a_big_page_is_read_in_a_moment():
    many = "".join(
        f'<p><label><input type="checkbox" name="n{n}">お知らせ {n}</label></p>' for n in range(3_000)
    )
    start = time.monotonic()
    assert read_form(page(many)).boxes == 3_000
    assert time.monotonic() - start < 5


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        read_form(text)
        read_requires(text)
    except UnreadablePage:
        pass


def test_pages_of_older_encodings_are_read():
    for encoding in ("utf-8", "utf-8-sig", "cp932", "euc_jp"):
        assert decode_page("ようこそ、お便りの登録へ".encode(encoding)) == "ようこそ、お便りの登録へ"
    with pytest.raises(PageTooLarge):
        decode_page(b"x" * (BYTES_MAX + 1))
    with pytest.raises(UnreadablePage):
        decode_page(b"\x81\x20\xff\xfd")


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#fff", WHITE),
        ("#000000", BLACK),
        ("White", WHITE),
        ("rgb(0 0 0)", BLACK),
        ("rgb(100%, 100%, 100%)", WHITE),
        ("rgba(0,0,0,0.5)", Colour(0, 0, 0, 0.5)),
        ("#00000080", Colour(0, 0, 0, 128 / 255)),
        ("transparent", Colour(0, 0, 0, 0)),
        ("var(--ink)", None),
        ("rgb(1,2)", None),
        ("rgb(a,b,c)", None),
        ("rgb(1,2,3,4,5)", None),
        ("", None),
    ],
)
def test_colours_are_read_as_css_writes_them(text, colour):
    assert parse_colour(text) == colour


def test_a_background_of_several_parts_has_its_colour():
    assert colour_in("url(x.png) no-repeat #fff") == WHITE
    assert colour_in("none") is None


@pytest.mark.parametrize(("text", "ratio"), [("#000", 21), ("#767676", 4.54), ("#777", 4.48), ("#fff", 1)])
def test_contrast_is_that_of_wcag(text, ratio):
    assert contrast(parse_colour(text), WHITE) == pytest.approx(ratio, abs=0.005)


def test_half_a_colour_is_mixed_with_what_lies_below():
    assert over(Colour(0, 0, 0, 0.5), WHITE) == Colour(0.5, 0.5, 0.5)


def test_the_state_of_boxes_is_one_of_four():
    assert {read_form(page(body)).box for body in (BOX, "", BOX.replace("name=", "checked name="))} == {
        Box.UNCHECKED,
        Box.NONE,
        Box.CHECKED_BY_DEFAULT,
    }
