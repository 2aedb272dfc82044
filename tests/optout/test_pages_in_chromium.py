"""A person's own pages in a browser: small and large, both languages, light and dark, without any script."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.chromium import violations
from tests.optout.serving import a_server
from tests.optout.test_pages import agree_to_texts, token_of
from tests.people import a_reader, a_shop, agree
from tests.sendings import sent

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import OptOutRule
from shodaku.consent import selectors as consents
from shodaku.contacts import services as contacts
from shodaku.delivery import selectors as deliveries
from shodaku.kit import db
from shodaku.kit.links import Purpose
from shodaku.suppression import selectors as suppressions

NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
# each language and scheme on a small and on a large screen; between them nothing but the width changes
LOOKS = [
    ("ja", "light", 320),
    ("en", "dark", 320),
    ("en", "light", 1366),
    ("ja", "dark", 1366),
    ("ja", "dark", 390),
    ("en", "light", 390),
]
WITH_AXE = LOOKS[:4]
FOCUSED = """() => {
    const element = document.activeElement, label = element.closest('label') || element;
    const ringed = each => getComputedStyle(each).outlineStyle !== 'none';
    return [element.name || element.type || element.tagName, element.value, ringed(element) || ringed(label)];
}"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def base(database):
    with a_server(database) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    accounts.change_opt_out_rule(
        shop.workspace_id,
        OptOutRule.STOP,
        "講座をお持ちの方へ：停止しても、お持ちの講座はこれからもご覧になれます。",
        note_en="If you own a course, you keep it.",
        after="お気づきの点は support@aoi.example へお知らせください。",
        after_en="Write to support@aoi.example if anything is wrong.",
        ends=["product_update", "follow_up"],
    )
    return shop


def a_person(shop):
    """With two topics, texts, purchases and a mail."""
    person = a_reader(shop, at=NOW - timedelta(days=40))
    agree(shop, person, topic_id=shop.other_topic_id)
    agree_to_texts(shop, person)
    with db.transaction(shop.workspace_id):
        contacts.record_purchases(
            [{"contact_id": person, "title": "手ぬぐい", "amount_yen": 1650, "at": NOW}]
        )
    return person, sent(shop, person, NOW - timedelta(days=3), topic_id=shop.topic_id)


def ways(shop):
    """Of somebody new: name of the page, its path, and what is pressed to see it."""
    person, mail = a_person(shop)
    stop = f"/o/{token_of(shop, person, subject_id=mail)}"
    why = f"/w/{token_of(shop, person)}"
    choices = f"/p/{token_of(shop, person, Purpose.PREFERENCE)}"
    return {  # in an order in which what was pressed before leaves something to press
        "ask": (stop, None),
        "why": (why, None),
        "complaint": (f"{why}/complaint", None),
        "complaint refused": (f"{why}/complaint", "form .btn-primary"),
        "preferences": (choices, None),
        "preferences refused": (choices, "form .btn-primary"),
        "address": (f"{choices}/address", None),
        "less often": (stop, "form:has(select) .btn"),
        "saved": (choices, "form .btn-primary"),
        "done": (stop, "form .btn-primary"),
        "thanks": (stop, "form .btn-primary"),
        "complained": (f"{why}/complaint", "form .btn-primary"),
        "erased": (f"{stop}?scope=erase", "form .btn-primary"),
        "nobody": ("/o/" + "A" * 42, None),
    }


def go(page, base, way, name, language):
    path, press = way
    page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={language}")
    if name == "complained":
        page.locator("input[name=grievance]").last.check()
        page.locator("textarea").fill("毎日届きます。")
        page.locator("input[name=stop]").check()
    if name == "preferences refused":
        page.locator("input[name=days]").last.check()
    if name == "saved":
        page.locator("input[name=topics]").last.uncheck()
        page.locator("input[name=texts]").uncheck()
        page.locator("select").first.select_option("1/month")
        page.locator("input[name=days]").nth(1).check()
    if press:
        press_and_arrive(page, page.locator(press).first)
    if name == "thanks":
        page.locator("input[name=reason]").first.check()
        press_and_arrive(page, page.locator("form .btn").last)


def press_and_arrive(page, button):
    """A click returns before its page is there; what is measured then is the page before, or none."""
    with page.expect_navigation():
        button.click()


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_every_page_fits_is_read_by_every_aid_and_says_nothing_to_the_console(
    base, shop, browser, language, scheme, width
):
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    troubles = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: request.url.startswith(base) or troubles.append(request.url))
    found = {}
    for name, way in ways(shop).items():
        go(page, base, way, name, language)
        wide = page.evaluate("document.documentElement.scrollWidth")
        faults = [f"{wide} px wide"] if wide > width else []
        faults += [] if page.locator("h1").count() == 1 else ["not one h1"]
        faults += [] if page.locator("html").get_attribute("lang") == language else ["wrong language"]
        small = page.locator("button, a.btn, input:not([type=hidden]), select, textarea").evaluate_all(
            "all => all.filter(e => { const r = (e.closest('label') || e).getBoundingClientRect();"
            " return r.width && (r.height < 24 || r.width < 24) }).map(e => e.outerHTML.slice(0, 80))"
        )
        faults += small
        if (language, scheme, width) in WITH_AXE:
            faults += violations(page)
        if faults:
            found[name] = faults
    # a refused form answers 422 and a page that nobody has 200: Chromium tells the former to the console
    told = [each for each in troubles if "422" not in each]
    context.close()
    assert (found, told) == ({}, [])


@pytest.fixture
def plain(browser):
    """A browser without scripts."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    yield context.new_page()
    context.close()


def test_without_scripts_each_choice_is_pressed_and_obeyed(base, shop, plain):
    person, mail = a_person(shop)
    stop = f"{base}/o/{token_of(shop, person, subject_id=mail)}?lang=en"
    plain.goto(stop)
    plain.locator("select[name=most]").select_option("1/month")
    plain.get_by_role("button", name="Less often").click()
    assert "at most once a month" in plain.locator("main").inner_text()
    plain.goto(stop)
    plain.get_by_label("Only “Text messages (SMS)”").check()
    plain.get_by_role("button", name="Stop", exact=True).click()
    held = {(e.topic_id, e.channel): e.state for e in consents.held(shop.workspace_id, person)}
    assert held[shop.topic_id, "sms"] == "withdrawn"
    assert held[shop.topic_id, "email"] == "active"
    plain.goto(stop)
    assert "Text messages (SMS)" not in plain.locator("fieldset").inner_text()
    plain.get_by_role("button", name="Pause for 30 days").click()
    plain.goto(stop)
    plain.get_by_label("All e-mail and SMS").check()
    plain.get_by_role("button", name="Stop", exact=True).click()
    assert re.search(r"S-\d{4}-\d\d-\d\d-\d{6}", plain.locator("main").inner_text())
    assert "Sale flash" in plain.locator("main").inner_text()  # what ended
    scopes = [each.scope for each in suppressions.refusals(shop.workspace_id, person)]
    assert scopes == ["until", "all"]


def test_with_the_keyboard_alone_the_choices_are_changed_and_saved(base, shop, browser):
    person, _ = a_person(shop)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{base}/p/{token_of(shop, person, Purpose.PREFERENCE)}?lang=en")
    boxes = page.locator("input[name=topics]").count()
    pressed, reached = False, []
    for _ in range(60):
        page.keyboard.press("Tab")
        name, value, ring = page.evaluate(FOCUSED)
        if name in ("BODY", "HTML"):
            break
        assert ring or name in reached, (
            f"no ring around {name}"
        )  # the parts of a date have rings of their own
        reached.append(name)
        if name == "topics" and value == str(shop.other_topic_id):
            page.keyboard.press("Space")
        if name == "submit":
            page.keyboard.press("Enter")
            pressed = True
            break
    assert pressed
    assert reached.count("topics") == boxes
    assert {"texts", "days", "until"} <= set(reached)
    assert "“Sale flash” does not come this way any more" in page.locator("main").inner_text() or (
        "“Sale flash” has stopped." in page.locator("main").inner_text()
    )
    page.close()


def test_the_table_of_choices_becomes_cards_on_a_small_screen(base, shop, browser):
    person, _ = a_person(shop)
    path = f"{base}/p/{token_of(shop, person, Purpose.PREFERENCE)}?lang=en"
    tops = {}
    for width in (320, 1366):
        page = browser.new_page(viewport={"width": width, "height": 844})
        page.goto(path)
        cells = page.locator("tbody tr").first.locator("th, td")
        tops[width] = len({round(cells.nth(number).bounding_box()["y"]) for number in range(cells.count())})
        page.close()
    assert tops[1366] == 1  # side by side
    assert tops[320] == 4  # one under the other


def test_a_complaint_that_was_refused_takes_the_reader_to_what_is_missing(base, shop, plain):
    person, _ = a_person(shop)
    plain.goto(f"{base}/w/{token_of(shop, person)}/complaint?lang=en")
    plain.locator("textarea").fill("a word that must not be lost")
    plain.get_by_role("button", name="Send the complaint").click()
    assert plain.locator(".errors a").get_attribute("href").startswith("#")
    assert plain.locator("textarea").input_value() == "a word that must not be lost"
    plain.get_by_label("It comes too often").check()
    plain.get_by_role("button", name="Send the complaint").click()
    assert "Nothing was stopped." in plain.locator("main").inner_text()
    ours = [each for each in deliveries.inbound_messages(shop.workspace_id) if each.contact_id == person]
    assert [each.via for each in ours] == ["page"]
