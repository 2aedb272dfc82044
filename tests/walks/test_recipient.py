"""A recipient's walk: why a mail came, the choices, one of them changed, the stop, and its receipt.

On a telephone, in both languages, without scripts; once more by the keyboard alone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.optout.serving import a_server
from tests.optout.test_pages import token_of
from tests.people import a_reader, a_shop, agree
from tests.sendings import sent

from shodaku.consent import selectors as consents
from shodaku.suppression import selectors as suppressions

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
RECEIPT = re.compile(r"S-\d{4}-\d\d-\d\d-\d{6}")
STOPS_MAX = 80  # presses of Tab until what is looked for has the focus
WORDS = {
    "ja": {
        "why": "なぜこのメールが届いたのですか", "stop_these": "配信を停止する",
        "save": "保存する", "stop": "停止する",
    },
    "en": {
        "why": "Why did I get this mail?", "stop_these": "Stop these messages",
        "save": "Save", "stop": "Stop",
    },
}  # fmt: skip
FOCUSED = """() => {
    const each = document.activeElement, label = each.closest('label, .search') || each;
    const ringed = it => getComputedStyle(it).outlineStyle !== 'none';
    const box = each.getBoundingClientRect();
    return {
        tag: each.tagName, name: each.name || '', value: each.value || '', href: each.href || '',
        kind: each.type || '', ring: ringed(each) || ringed(label),
        seen: box.bottom > 0 && box.top < window.innerHeight,
    };
}"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def base(database):
    with a_server(database) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def a_recipient(shop):
    """Of two topics, who got a mail of the first; and the link to why it came, as it stands in the mail."""
    person = a_reader(shop, at=NOW - timedelta(days=40))
    agree(shop, person, topic_id=shop.other_topic_id)
    mail = sent(shop, person, NOW - timedelta(days=3), topic_id=shop.topic_id)
    return person, f"/w/{token_of(shop, person, subject_id=mail)}"


def state(shop, person, topic_id):
    held = {each.topic_id: each.state for each in consents.held(shop.workspace_id, person)}
    return held[topic_id]


def is_sound(page, language, width):
    """Nothing to scroll sideways, one heading; the language is the reader's, or one press away."""
    if page.locator("html").get_attribute("lang") != language:
        arrive(page, page.locator("header a[lang], a.end[lang]").first.click)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == language


def arrive(page, act):
    with page.expect_navigation():
        act()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_recipient_walks_from_why_to_the_receipt_on_a_telephone_without_scripts(
    base, shop, browser, language
):
    person, why = a_recipient(shop)
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, locale=language
    )
    page = context.new_page()
    # why: the act that the mail rests on
    page.goto(f"{base}{why}")
    is_sound(page, language, 390)
    assert WORDS[language]["why"] in page.locator("h1").inner_text().replace("\u200b", "")
    assert page.locator("ol.time li").count() >= 2
    # from there to stopping, and from stopping to the choices
    arrive(page, page.get_by_role("link", name=WORDS[language]["stop_these"]).click)
    is_sound(page, language, 390)
    stopping = page.url
    arrive(page, page.locator(".links a[href^='/p/']").click)
    is_sound(page, language, 390)
    # one topic is taken away, the other one stays
    page.locator(f"input[name=topics][value='{shop.other_topic_id}']").uncheck()
    arrive(page, page.get_by_role("button", name=WORDS[language]["save"], exact=True).click)
    is_sound(page, language, 390)
    assert state(shop, person, shop.other_topic_id) == "withdrawn"
    assert state(shop, person, shop.topic_id) == "active"
    # everything is stopped: one press, and the receipt
    page.goto(stopping)
    assert suppressions.refusals(shop.workspace_id, person)[0].scope == "topic"
    page.locator("input[name=scope][value=all]").check()
    arrive(page, page.get_by_role("button", name=WORDS[language]["stop"], exact=True).click)
    is_sound(page, language, 390)
    assert RECEIPT.search(page.locator("main").inner_text())
    assert state(shop, person, shop.topic_id) == "withdrawn"
    assert [each.scope for each in suppressions.refusals(shop.workspace_id, person)] == ["topic", "all"]
    # and the page that told why tells of the stop now
    page.goto(f"{base}{why}")
    is_sound(page, language, 390)
    assert page.locator("ol.time li").count() >= 3
    context.close()


def walk_to(page, found):
    """Tab by tab; each place that has the focus shows it, and is on the screen."""
    for _ in range(STOPS_MAX):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        assert at["tag"] not in ("BODY", "HTML"), "the end of the page came first"
        assert at["ring"] or at["kind"] == "date", f"no ring around {at}"  # its parts have rings of their own
        assert at["seen"], f"not on the screen: {at}"
        if found(at):
            return
    raise AssertionError("not reached by Tab")


def test_a_recipient_walks_by_the_keyboard_alone(base, shop, browser):
    person, why = a_recipient(shop)
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="ja")
    page = context.new_page()
    page.goto(f"{base}{why}")
    walk_to(page, lambda at: "/o/" in at["href"])
    arrive(page, lambda: page.keyboard.press("Enter"))
    stopping = page.url
    walk_to(page, lambda at: "/p/" in at["href"])
    arrive(page, lambda: page.keyboard.press("Enter"))
    walk_to(page, lambda at: at["name"] == "topics" and at["value"] == str(shop.other_topic_id))
    page.keyboard.press("Space")
    walk_to(page, lambda at: at["kind"] == "submit")
    arrive(page, lambda: page.keyboard.press("Enter"))
    assert state(shop, person, shop.other_topic_id) == "withdrawn"
    page.goto(stopping)
    walk_to(page, lambda at: at["name"] == "scope")
    for _ in range(5):
        if page.evaluate(FOCUSED)["value"] == "all":
            break
        page.keyboard.press("ArrowDown")
    walk_to(page, lambda at: at["kind"] == "submit")
    arrive(page, lambda: page.keyboard.press("Enter"))
    assert RECEIPT.search(page.locator("main").inner_text())
    assert [each.scope for each in suppressions.refusals(shop.workspace_id, person)] == ["topic", "all"]
    context.close()
