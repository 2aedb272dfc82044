"""A marketer's day: write, see who gets it, ask a colleague, who approves; send, and read what came of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from tests.chromium import looked_at, signed_in, until
from tests.console.desk import at_desk, url
from tests.delivery.mailings import send_now
from tests.delivery.sink import RunningSink
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors

pytestmark = pytest.mark.browser
SECONDS_MAX = 120  # of one step, on a machine that does much else
CHOICES_MAX = 10
TABS_MAX = 120  # of one page: whoever needs more presses would have given up
WORDS = {
    "ja": {
        "subject": "冬の新商品のご案内",
        "text": "{{ name }}\n\n冬の器が届きました。",
        "words": "金曜の夕方までに送りたいです。",
        "count": "数える",
        "ask": "承認をたのむ",
        "approve": "3人への送信を承認する",
        "send": "3人に送る",
        "yes": "送る",
        "people": "1人ずつの結果と証拠を見る",
    },
    "en": {
        "subject": "New for the winter",
        "text": "{{ name }}\n\nThe bowls for the winter are here.",
        "words": "It should leave before Friday evening.",
        "count": "Count now",
        "ask": "Ask for approval",
        "approve": "Approve for 3 people",
        "send": "Send to 3 people",
        "yes": "Yes, send",
        "people": "Person by person, with the evidence",
    },
}


@pytest.fixture
def shop(database, base):
    """Three readers and somebody who never agreed; from the first person on two of the staff are needed."""
    shop = a_shop()
    for _ in range(3):
        a_reader(shop)
    a_contact(shop)
    at_desk(shop, Role.MARKETER)
    at_desk(shop, Role.COMPLIANCE)
    accounts.need_two_persons(shop.workspace_id, 0)
    return shop


class Mouse:
    """Somebody who points at what they read."""

    def __init__(self, page):
        self.page = page

    def press(self, words):
        self._onward(self.page.get_by_role("button", name=words).first)

    def follow(self, words):
        self._onward(self.page.get_by_role("link", name=words).first)

    def next(self):
        self._onward(self.page.locator("button[name=next][value=preflight]"))

    def write(self, name, text):
        self.page.fill(f"[name={name}]", text)

    def choose(self, name, value):
        self.page.select_option(f"[name={name}]", value)

    def _onward(self, what):
        with self.page.expect_navigation():
            what.click()


class Keyboard:
    """Somebody who has no mouse: Tab, Enter, Space and arrows alone."""

    def __init__(self, page):
        self.page = page

    def press(self, words):
        self._to(f"""(each) => each.tagName === "BUTTON" && each.innerText.includes({words!r})""")
        self._act("Space")

    def follow(self, words):
        self._to(f"""(each) => each.tagName === "A" && each.innerText.includes({words!r})""")
        self._act("Enter")

    def next(self):
        self._to("""(each) => each.name === "next" """)
        self._act("Enter")

    def write(self, name, text):
        self._to(f"(each) => each.name === {name!r}")
        self.page.keyboard.insert_text(text)

    def choose(self, name, value):
        self._to(f"(each) => each.name === {name!r}")
        for _ in range(CHOICES_MAX):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(value)

    def _to(self, is_it):
        for _ in range(TABS_MAX):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(f"() => ({is_it})(document.activeElement)"):
                assert self.page.evaluate(SEEN), "the focus is not to be seen"
                return
        raise AssertionError(is_it)

    def _act(self, key):
        with self.page.expect_navigation():
            self.page.keyboard.press(key)


# where the focus is stands in the window, and has a ring around it
SEEN = """() => {
    const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
    const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0;
    return inside && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


def a_day(shop, browser, base, database, home, hand, language, width):
    """The whole walk; what was wrong with any page, and what the server of the readers took in."""
    said, found = WORDS[language], {}

    def seen(page, troubles, name):
        if wrong := looked_at(page, f"walk_{hand.__name__}_{name}_{language}_{width}", troubles):
            found[name] = wrong

    def opened(role):
        client = at_desk(shop, role, language=language)
        page, troubles = signed_in(browser, base, client, language=language, width=width, scheme="light")
        page.set_default_timeout(SECONDS_MAX * 1000)
        return page, troubles

    author, troubles = opened(Role.MARKETER)
    author.goto(base + url(shop, "campaign_new"))
    at = hand(author)
    at.choose("topic", str(shop.topic_id))
    at.write("subject", said["subject"])
    at.write("text", said["text"])
    at.next()
    seen(author, troubles, "1_uncounted")
    at.press(said["count"])
    at.write("words", said["words"])
    seen(author, troubles, "2_counted")
    at.press(said["ask"])
    seen(author, troubles, "3_asked")
    (waiting,) = selectors.waiting_approvals(shop.workspace_id)

    second, troubles_there = opened(Role.COMPLIANCE)
    second.goto(base + url(shop, "home"))
    seen(second, troubles_there, "4_home")
    hand(second).follow(said["subject"])
    assert said["words"] in second.inner_text("main")
    seen(second, troubles_there, "5_to_approve")
    hand(second).press(said["approve"])
    seen(second, troubles_there, "6_approved")

    author.goto(base + url(shop, "preflight", waiting.campaign_id))
    seen(author, troubles, "7_may_be_sent")
    at.press(said["send"])
    seen(author, troubles, "8_really")
    at.press(said["yes"])
    seen(author, troubles, "9_under_way")
    mailing_id = selectors.campaign(shop.workspace_id, waiting.campaign_id).mailing_id
    with RunningSink() as sink, ThreadPoolExecutor(1) as pool:  # the loop of this thread is the browser's
        pool.submit(send_now, database, shop, mailing_id, sink.port, home=home).result()
    author.goto(base + url(shop, "campaign", waiting.campaign_id))
    seen(author, troubles, "10_done")
    at.follow(said["people"])
    seen(author, troubles, "11_person_by_person")
    author.context.close()
    second.context.close()
    return found, sink.arrived


@pytest.mark.parametrize(("language", "width"), [("ja", 1366), ("ja", 390), ("en", 1366), ("en", 390)])
def test_from_the_first_word_to_the_last_result(shop, browser, base, database, tmp_path, language, width):
    found, arrived = a_day(shop, browser, base, database, tmp_path, Mouse, language, width)
    assert found == {}
    assert len(arrived) == 3


def test_the_same_with_the_keyboard_alone(shop, browser, base, database, tmp_path):
    found, arrived = a_day(shop, browser, base, database, tmp_path, Keyboard, "en", 1366)
    assert found == {}
    assert len(arrived) == 3


def counted_draft(shop, author, base, language="en"):
    """Written and counted, the page of the pre-flight before its author."""
    said, at = WORDS[language], Mouse(author)
    author.goto(base + url(shop, "campaign_new"))
    at.choose("topic", str(shop.topic_id))
    at.write("subject", said["subject"])
    at.write("text", said["text"])
    at.next()
    at.press(said["count"])
    author.wait_for_selector("#funnel .hero")
    return at


def at_work(shop, browser, base, role=Role.MARKETER):
    client = at_desk(shop, role, language="en")
    page, _troubles = signed_in(browser, base, client, language="en", width=1366, scheme="light")
    page.set_default_timeout(SECONDS_MAX * 1000)
    return page


def test_going_back_after_the_launch_and_pressing_again_sends_nothing_twice(shop, browser, base):
    accounts.need_two_persons(shop.workspace_id, None)
    author = at_work(shop, browser, base)
    at = counted_draft(shop, author, base)
    at.press(WORDS["en"]["send"])
    at.press(WORDS["en"]["yes"])
    launched = author.url
    (campaign,) = selectors.campaigns(shop.workspace_id)
    author.go_back()
    author.get_by_role("button", name=WORDS["en"]["yes"]).click()
    author.wait_for_url(launched)
    (same,) = selectors.campaigns(shop.workspace_id)
    assert same.mailing_id == campaign.mailing_id
    author.context.close()


def test_whose_sign_in_ends_comes_back_to_the_page_and_nothing_was_asked(shop, browser, base):
    author = at_work(shop, browser, base)
    at = counted_draft(shop, author, base)
    preflight = author.url
    kept = author.context.cookies()
    author.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    at.write("words", WORDS["en"]["words"])
    at.press(WORDS["en"]["ask"])
    assert "You have been signed out, and nothing was changed." in author.inner_text("main")
    assert selectors.waiting_approvals(shop.workspace_id) == []
    author.context.add_cookies(kept)
    author.go_back()
    assert author.url == preflight
    assert author.input_value("[name=words]") == WORDS["en"]["words"]
    at.press(WORDS["en"]["ask"])
    (waiting,) = selectors.waiting_approvals(shop.workspace_id)
    assert waiting.note == WORDS["en"]["words"]
    author.context.close()


def test_without_a_network_the_page_says_so_keeps_what_was_typed_and_sends_nothing(shop, browser, base):
    author = at_work(shop, browser, base)
    at = counted_draft(shop, author, base)
    at.write("words", WORDS["en"]["words"])
    author.context.set_offline(True)
    author.get_by_role("button", name="Count again").click()
    until(author, "document.getElementById('status').textContent !== ''")
    assert author.input_value("[name=words]") == WORDS["en"]["words"]
    author.context.set_offline(False)
    at.press(WORDS["en"]["ask"])
    (waiting,) = selectors.waiting_approvals(shop.workspace_id)
    assert waiting.note == WORDS["en"]["words"]
    author.context.close()


def test_two_windows_of_the_one_who_approves_and_the_one_who_changes_it_meet(shop, browser, base):
    """The second person looks at it while its author writes on: what is approved is never what nobody saw."""
    author, second = at_work(shop, browser, base), at_work(shop, browser, base, Role.COMPLIANCE)
    at = counted_draft(shop, author, base)
    at.press(WORDS["en"]["ask"])
    (waiting,) = selectors.waiting_approvals(shop.workspace_id)
    second.goto(base + url(shop, "preflight", waiting.campaign_id))
    author.goto(base + url(shop, "campaign", waiting.campaign_id))
    at.write("subject", "Something else")
    at.next()
    Mouse(second).press(WORDS["en"]["approve"])
    assert "This was decided, changed or sent meanwhile." in second.inner_text("main")
    assert selectors.approval(shop.workspace_id, waiting.campaign_id).state == "void"
    author.context.close()
    second.context.close()
