"""A workspace with all the topics it can hold and names nobody planned for: each page is sound and keeps its
budget of nodes, and a name written from right to left moves no figure that stands behind it.
"""

from __future__ import annotations

import pytest
from django.test import Client
from tests.campaigns.test_services import a_draft
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_reader, a_shop
from tests.signup.forms import link

from shodaku.campaigns import services as campaigns
from shodaku.consent import services as consent
from shodaku.consent.domain import TOPICS_MAX, Frequency, Period
from shodaku.kit import clock
from shodaku.kit.links import Purpose, Token

pytestmark = pytest.mark.browser
NODES_MAX = 1_500
ARABIC = "عبد الرحمن بن محمد"
FAMILY = "👩‍👩‍👧‍👦🏳️‍🌈"
LONG = "W" * 99
NAMES = (f"{ARABIC} 3", f"{FAMILY} 🇯🇵", f"{'長' * 99} {'名' * 99}", f"{LONG} {LONG}")


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    for number in range(TOPICS_MAX - 2):
        _topic(shop, number)
    return shop


def _topic(shop, number):
    name = f"{(ARABIC, FAMILY * 3, 'あ' * 97, LONG[:97])[number % 4]} {number}"
    topic = consent.NewTopic(
        slug=f"topic-{number}",
        name=name,
        name_en=name,
        content=name,
        purpose="商品の案内",
        frequency=Frequency(4, Period.WEEK),
        sender_id=shop.sender_id,
    )
    return consent.create_topic(shop.workspace_id, topic, now=clock.now())


@pytest.fixture(scope="module")
def people(shop):
    return [a_reader(shop, name=name) for name in NAMES]


@pytest.fixture(scope="module")
def draft(shop, people):
    campaign_id = a_draft(shop, name=f"{ARABIC} 5", subject=ARABIC)
    campaigns.count(shop.workspace_id, campaign_id, now=clock.now())
    return campaign_id


def pages(shop, people, draft):
    staff = {
        name: url(shop, name)
        for name in ("home", "contacts", "topics", "form_new", "campaign_new", "campaigns", "segment_new")
    }
    staff |= {f"person_{place}": url(shop, "contact", each) for place, each in enumerate(people)}
    staff["record_consent"] = url(shop, "record_consent", people[0])
    staff["standing"] = url(shop, "standing", people[0])
    staff["preflight"] = url(shop, "preflight", draft)
    own = link(Token(shop.workspace_id, 0, people[0], Purpose.PREFERENCE))
    return staff, {"preferences": f"/p/{own}"}


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_each_page_is_sound_and_keeps_its_budget(shop, people, draft, browser, base, language, width, scheme):
    staff, public = pages(shop, people, draft)
    wrong = {}
    for client, some in ((at_desk(shop, language=language), staff), (Client(), public)):
        page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
        for name, path in some.items():
            page.goto(f"{base}{path}?lang={language}")
            found = looked_at(page, f"hard_{name}_{language}_{width}_{scheme}", troubles)
            nodes = page.evaluate("document.querySelectorAll('*').length")
            wrong[name] = found + ([f"{nodes} nodes"] if nodes > NODES_MAX else [])
        page.context.close()
    assert {name: found for name, found in wrong.items() if found} == {}


# where the figure is painted, and where the name: by the boxes of their characters
PLACES = """([selector, name]) => {
    const text = document.querySelector(selector);
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    const node = [...(function* () { while (walker.nextNode()) yield walker.currentNode; })()]
        .find((each) => each.data.includes(name));
    const box = (from, to) => {
        const range = document.createRange();
        range.setStart(node, from);
        range.setEnd(node, to);
        return range.getBoundingClientRect();
    };
    const begins = node.data.indexOf(name), ends = begins + name.length;
    const behind = node.data.slice(ends).search(/[0-9A-Za-z\u3040-\u9fff]/) + ends;
    return [box(begins, ends).right, box(behind, behind + 1).left];
}"""


def test_what_stands_behind_a_name_from_right_to_left_stays_behind_it(shop, people, draft, browser, base):
    page, _ = signed_in(
        browser, base, at_desk(shop, language="ja"), language="ja", width=1366, scheme="light"
    )
    page.goto(base + url(shop, "preflight", draft))
    name_ends, goes_on = page.evaluate(PLACES, ["h1", f"{ARABIC} 5"])
    page.context.close()
    assert name_ends <= goes_on


def test_the_topic_that_is_one_too_many_is_told_and_all_that_was_typed_stays(shop, browser, base):
    page, _ = signed_in(browser, base, at_desk(shop, language="en"), language="en", width=390, scheme="light")
    page.goto(base + url(shop, "topic_new"))
    typed = {"name": f"{FAMILY} {ARABIC}", "slug": "one-more", "content": "Offers", "purpose": "Selling"}
    for name, text in typed.items():
        page.locator(f"#id_{name}").fill(text)
    page.locator("#id_frequency_max").fill("2")
    with page.expect_navigation():
        page.locator("form .btn-primary").last.click()
    told = page.locator(".errors").inner_text()
    kept = {name: page.locator(f"#id_{name}").input_value() for name in typed}
    page.context.close()
    assert f"There are {TOPICS_MAX} topics" in told
    assert kept == typed
