"""What a page is made of: figures, dates, pictures, fields and the shared parts of screens."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from django import forms
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from shodaku.kit.ui.renderer import described
from shodaku.kit.ui.templatetags import ui

UI = files("shodaku.kit.ui")
TEMPLATES = sorted(
    path
    for folder in (UI / "templates", files("shodaku.console") / "templates")
    for path in folder.rglob("*.html")
)
AT = datetime(2026, 11, 22, 0, 41, 7, tzinfo=UTC)  # 9:41 in Tokyo


@pytest.fixture(autouse=True)
def _in_japanese():
    with override("ja"):
        yield


def render(source, **context):
    template = engines["django"].from_string("{% load i18n ui %}" + source)
    return template.render(context, RequestFactory().get("/page"))


def page(name, **context):
    return get_template(name).render(context, RequestFactory().get("/page"))


def test_figures_are_grouped_and_half_width():
    assert (ui.num(8412), ui.num(999), ui.num(None)) == ("8,412", "999", "")


def test_a_moment_is_shown_in_local_time_as_each_language_writes_it():
    source = "{{ at|day }}|{{ at|clock }}|{{ at|minute }}|{{ at|stamp }}"
    assert render(source, at=AT) == "2026年11月22日|9時41分|2026年11月22日 9:41|2026-11-22 09:41:07 JST"
    with override("en"):
        assert render(source, at=AT) == "22 Nov 2026|09:41|22 Nov 2026, 09:41|2026-11-22 09:41:07 JST"


def test_a_day_is_not_moved_by_a_time_zone():
    assert render("{{ on|day }}", on=AT.date()) == "2026年11月22日"


def test_nothing_is_shown_for_a_moment_that_never_came():
    assert render("{{ at|day }}{{ at|clock }}{{ at|minute }}{{ at|stamp }}", at=None) == ""


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("yoko@mail.example", "y****@mail.example"),
        ("y@mail.example", "y****@mail.example"),
        ("+819012345678", "090-****-5678"),
    ],
)
def test_an_address_is_masked(address, masked):
    assert ui.mask(address) == masked


@given(
    st.text(st.characters(categories=["L", "N"]), min_size=1),
    st.text(st.characters(categories=["L"]), min_size=1),
)
def test_a_masked_address_tells_no_length_and_one_letter(local, domain):
    assert ui.mask(f"{local}@{domain}") == f"{local[0]}****@{domain}"


def test_a_hash_is_shortened_for_people_whether_bytes_or_text():
    digest = sha256(b"entry")
    assert ui.brief(digest.digest()) == ui.brief(digest.hexdigest())
    assert ui.brief("7f3a91c2" + "0" * 52 + "0be4") == "7f3a 91c2 … 0be4"
    assert ui.brief("7f3a91c200000be4") == "7f3a 91c2 …"  # its last digits are not those of the hash


def test_a_japanese_heading_may_break_between_phrases_only():
    assert ui.phrase("なぜこのメールが届いたのですか") == "なぜ<wbr>この<wbr>メールが<wbr>届いたのですか"
    with override("en"):
        assert ui.phrase("Why & how") == "Why &amp; how"


@given(st.text())
def test_no_text_becomes_markup_in_a_heading(text):
    assert not re.search(r"<(?!wbr>)", ui.phrase(text))


def test_a_complaint_is_one_press_away():
    assert ui.contact_link("support@aoi.example 03-0000-0000") == (
        '<a href="mailto:support@aoi.example">support@aoi.example</a> <span class="nb">03-0000-0000</span>'
    )


@pytest.mark.parametrize("text", ["javascript:alert(1)", "http://plain.example", '"><script>'])
def test_only_mail_and_secure_pages_become_links(text):
    assert "<a" not in ui.contact_link(text)
    assert "<script" not in ui.contact_link(text)


def test_every_icon_is_a_drawing_that_can_be_parsed():
    assert len(ui.icons()) > 60
    for name in ui.icons():
        assert ET.fromstring(ui.icon(name)).get("aria-hidden") == "true", name  # noqa: S314 - our own drawing


def test_an_icon_that_stands_alone_says_what_it_means():
    assert 'role="img" aria-label="注意 &amp; 注意"' in ui.icon("alert", "注意 & 注意")


def test_an_unknown_icon_or_file_is_an_error_and_not_a_hole_in_the_page():
    with pytest.raises(KeyError):
        ui.icon("unicorn")
    with pytest.raises(KeyError):
        ui.asset("unicorn.js")


def test_every_built_file_is_in_the_package_under_the_hash_of_its_content():
    for name, hashed in ui.manifest().items():
        body = (UI / "static" / "ui" / hashed).read_bytes()
        assert ui.asset(name) == f"/static/ui/{hashed}"
        assert hashed.split(".")[1] == sha256(body).hexdigest()[:12]


def test_the_notices_name_what_is_inside_the_bundles():
    assert "htmx.org 4.0.1" in (UI / "static" / "ui" / "third-party.txt").read_text(encoding="utf-8")


counts = st.integers(min_value=0, max_value=10_000_000)


@given(counts, counts, counts)
def test_the_bar_shows_whoever_there_is_and_nobody_else(go, wait, never):
    svg = ET.fromstring(ui.flow(ui.parts("go", go, "wait", wait, "never", never), "x"))  # noqa: S314 - our own
    drawn = {rect.get("class"): int(rect.get("width")) for rect in svg if rect.get("class") != "fill-gap"}
    assert set(drawn) == {f"fill-{t}" for t, n in (("go", go), ("wait", wait), ("never", never)) if n}
    assert all(width > 0 for width in drawn.values())


@given(counts, counts, counts)
def test_the_parts_of_the_bar_lie_side_by_side(go, wait, never):
    svg = ET.fromstring(ui.flow(ui.parts("go", go, "wait", wait, "never", never), "x"))  # noqa: S314 - our own
    end = 0
    for rect in svg:
        assert int(rect.get("x")) == end
        end += int(rect.get("width"))
    assert svg.get("viewBox") == f"0 0 {end or ui.FLOW_WIDTH} 26"


def test_a_meter_never_leaves_its_box():
    assert 'viewBox="0 0 1 10"' in ui.meter("go", 7, 0)
    assert 'width="1"' in ui.meter("go", 7, 0)


class ShopForm(forms.Form):
    email = forms.EmailField(label="メールアドレス", help_text="用紙のとおりに。")
    note = forms.CharField(label="メモ", required=False, widget=forms.Textarea({"class": "wide"}))
    topics = forms.MultipleChoiceField(
        label="お知らせ",
        widget=forms.CheckboxSelectMultiple,
        choices=[("1", described("お店だより", "月2回まで")), ("2", "教室 <b>")],
    )
    agree = forms.BooleanField(label="同意します")
    scan = forms.FileField(label="用紙")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def controls(html):
    return re.findall(r"<(?:input|textarea|select)[^>]*>", html)


def test_every_control_has_a_label_and_no_box_comes_ticked():
    html = str(ShopForm())
    for control in controls(html):
        identity = re.search(r'id="([^"]+)"', control)[1]
        assert 'type="hidden"' in control or f'<label for="{identity}"' in html, control
        assert " checked" not in control


def test_controls_take_the_class_of_the_style_sheet_and_keep_their_own():
    html = str(ShopForm())
    assert 'class="input"' in next(each for each in controls(html) if 'type="email"' in each)
    assert 'class="wide input"' in html
    assert 'class="sr"' in next(each for each in controls(html) if 'type="file"' in each)


def test_a_choice_says_its_second_line_and_stays_text():
    html = str(ShopForm())
    assert "<span>お店だより<small>月2回まで</small></span>" in html
    assert "教室 &lt;b&gt;" in html


def test_what_must_be_filled_says_so_in_words():
    html = str(ShopForm())
    assert (html.count(">必須</span>"), html.count(">任意</span>")) == (4, 1)


def test_a_refused_form_lists_each_mistake_with_a_link_to_its_field():
    html = str(ShopForm({"email": "yoko@"}, {}))
    assert "4件、直してください" in html
    for anchor in re.findall(r'<li><a href="#([^"]+)"', html):
        assert f'id="{anchor}"' in html
    assert html.count('aria-invalid="true"') == 5  # e-mail, two boxes of the choice, agree, scan
    assert 'aria-describedby="id_email_helptext id_email_error"' in html


def test_a_form_without_mistakes_has_no_summary():
    assert 'role="alert"' not in str(ShopForm())


def row(n, **more):
    return {
        "icon": "none",
        "n": n,
        "title": "理由",
        "text": "説明",
        "action": "見る",
        "href": "/held",
        **more,
    }


def funnel(sendable, wait, never, **more):
    groups = [{"tone": "wait", "rows": [row(wait)] if wait else []}, {"tone": "never", "rows": [row(never)]}]
    context = {"sendable": sendable, "wait": wait, "never": never, "chosen": sendable + wait + never}
    return page("ui/_funnel.html", **context, groups=groups, counted_at=AT, **more)


def test_the_funnel_says_how_many_and_why_the_others_will_not():
    html = funnel(8412, 589, 999)
    assert '<b class="num">8,412</b> <span>人に送れます' in html
    assert "選んだ 10,000 人のうち 1,588 人は" in html
    assert "9時41分に集計" in html
    assert "送れる 8,412人、手を打てば送れる 589人、送ってはいけない 999人" in html


def test_the_funnel_says_plainly_when_nobody_can_receive_it():
    html = funnel(0, 3, 7)
    assert 'class="hero" data-tone="never"' in html
    assert "送れる人がいません" in html


def test_the_funnel_leaves_out_a_group_without_people():
    assert funnel(5, 0, 2).count('class="why"') == 1


def test_people_open_under_a_row_only_where_the_link_works_without_scripts_too():
    groups = [{"tone": "never", "rows": [row(2, key="refused")]}]
    html = page("ui/_funnel.html", sendable=1, wait=0, never=2, chosen=3, groups=groups, counted_at=AT)
    link = re.search(r"<a [^>]*aria-controls[^>]*>", html)[0]
    assert re.search(r'href="([^"]+)"', link)[1] == re.search(r'hx-get="([^"]+)"', link)[1]


@pytest.mark.parametrize(
    ("state", "sealed"), [("verified", 1), ("recorded", 1), ("recording", 0), ("failed", 0), ("", 0)]
)
def test_the_seal_appears_only_where_a_check_ran(state, sealed):
    html = page("ui/_proof.html", number=0, at=AT, hash=b"\0" * 32, state=state)
    assert html.count('class="seal"') == sealed
    assert "#0</span> · " in html


def test_progress_asks_again_only_while_something_moves():
    moving = page("ui/_progress.html", title="送信", done=1, total=2, rate=10, ends_at=AT, poll_href="/p")
    assert 'hx-trigger="every 2s"' in moving
    assert "毎秒10通" in moving
    assert "hx-" not in page("ui/_progress.html", title="送信", done=2, total=2)


def test_a_public_page_shows_who_sends_and_needs_no_script():
    sender = SimpleNamespace(
        formal_name="株式会社あおい雑貨", postal_address="東京都", complaint_contact="a@aoi.example"
    )
    html = page("ui/message.html", title="停止しました。", tone="go", sender=sender)
    assert "株式会社あおい雑貨" in html
    assert 'href="mailto:a@aoi.example"' in html
    assert "<script" not in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_an_error_page_needs_nothing_from_anyone(name):
    html = get_template(name).render()
    assert '<html lang="ja">' in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_breaks_the_policy_or_disables_a_button(path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(
        r"<(script|style)>|\son[a-z]+=|\sstyle=|\sdisabled[ >]|hx-on|\|safe\b|javascript:", source
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_picture_in_a_template_exists(path):
    source = path.read_text(encoding="utf-8")
    assert set(re.findall(r'{% icon "([^"]+)"', source)) <= set(ui.icons())


@pytest.mark.parametrize("name", ["山田 花子", "W 3", "👩‍👩‍👧‍👦 🇯🇵", "", "12"])
def test_a_name_that_runs_with_the_sentence_stays_as_it_is(name):
    assert ui.apart(name) == name


@pytest.mark.parametrize("name", ["שלום", "محمد 3", "山田 שלום"])
def test_a_name_from_right_to_left_is_set_apart_and_stays_text(name):
    assert ui.apart(name) == f"\u2068{name}\u2069"
    assert render("{{ name|apart }}", name=f"<b>{name}") == f"\u2068&lt;b&gt;{name}\u2069"


def test_the_page_of_dependencies_names_every_package_that_is_in_a_bundle():
    notices = (UI / "static" / "ui" / "third-party.txt").read_text(encoding="utf-8")
    inside = re.findall(r"^(\S+ \d\S*) \([^)]+\)$", notices, re.MULTILINE)
    told = (Path(__file__).parents[2] / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert "htmx.org 4.0.1" in inside
    assert [package for package in inside if package not in told] == []
