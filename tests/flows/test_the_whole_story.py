"""One installation, real HTTP, workers, SMTP and Chromium: from the first visit to the proof."""

from __future__ import annotations

import re
import urllib.request

import pytest
from tests.chromium import violations
from tests.flows.installation import demonstration

from shodaku.config.visitor import Visitor

STEPS = [
    "database_up",
    "signup_requested",
    "confirmation_sent",
    "get_changed_nothing",
    "confirmed",
    "welcome_sent",
    "campaign_sent",
    "refused_were_not_mailed",
    "one_click_optout",
    "nothing_after_optout",
    "proof_checked",
    "erased",
    "reimport_refused",
    "ledger_consistent",
    "explained",
]


@pytest.fixture(scope="module")
def told():
    with demonstration() as told:
        yield told


def test_every_step_of_the_story_comes_true(told):
    assert [(step["name"], step["ok"], step["ok"] or step["detail"]) for step in told["steps"]] == [
        (name, True, True) for name in STEPS
    ]
    assert told["ok"] is True


def test_a_forged_link_gets_the_same_answer_as_a_good_one(told):
    base = told["visit"]["console"].removesuffix("/console/")
    page = Visitor(base).post("/o/" + "A" * 42, [("List-Unsubscribe", "One-Click")])
    assert page.status == 200
    assert "Set-Cookie" not in page.headers


def test_the_mails_can_be_read_in_a_browser_page(told):
    with urllib.request.urlopen(told["visit"]["mails"], timeout=10) as answer:  # noqa: S310 - loopback
        assert "届いたメール" in answer.read().decode()


@pytest.mark.browser
def test_a_visitor_signs_up_confirms_and_stops_in_a_browser(told, browser):
    base = told["visit"]["console"].removesuffix("/console/")
    page = browser.new_page(viewport={"width": 390, "height": 844}, locale="ja-JP")
    troubles = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.goto(f"{base}/f/aoi/join")
    assert page.locator("input[type=checkbox]:checked").count() == 0
    assert violations(page) == []
    page.locator("input[type=checkbox]").first.check()
    page.locator("input[name=email]").fill("browser.reader@mail.example")
    page.locator("input[name=name]").fill("画面 読子")
    page.wait_for_timeout(3_200)  # a form sent faster than a person reads is asked for again
    page.locator("main button.btn-primary").click()
    assert violations(page) == []

    link = the_link(told, "browser.reader@mail.example", page)
    page.goto(link)
    assert violations(page) == []
    page.locator("button[value=receive]").click()
    assert "500" not in page.title()
    assert violations(page) == []

    stop = the_welcome_links(told, "browser.reader@mail.example", page)
    page.goto(stop)
    assert violations(page) == []
    page.locator("form button.btn-primary").first.click()
    assert violations(page) == []
    assert troubles == []
    page.close()


@pytest.mark.browser
def test_a_marketer_signs_in_sees_who_gets_it_and_launches(told, browser):
    visit = told["visit"]
    page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    troubles = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.goto(visit["console"])
    assert violations(page) == []
    page.locator("input[name=login]").fill(visit["email"])
    page.locator("input[name=password]").fill(visit["password"])
    page.locator("form button.btn-primary").click()
    page.goto(visit["console"] + "aoi/")
    assert violations(page) == []
    for place in (
        "contacts/",
        "topics/",
        "forms/",
        "imports/",
        "campaigns/",
        "desk/",
        "refusals/",
        "suppressions/",
        "erasures/",
        "requests/",
        "ledger/",
        "rules/",
        "settings/",
    ):
        page.goto(visit["console"] + "aoi/" + place)
        assert violations(page) == [], place
        assert page.locator("h1").count() == 1, place
    launch_a_campaign(page, visit)
    assert troubles == []
    page.close()


def mails_to(told, address, page):
    for _ in range(100):
        answer = page.request.get(f"{told['visit']['mails']}/mails.json?to={address}").json()
        if answer:
            return answer
        page.wait_for_timeout(100)
    raise AssertionError(f"no mail within 10 s, {told['visit']['mails']}")


def the_link(told, address, page):
    return re.search(r"https?://[^\s<>\"]+/confirm/[A-Za-z0-9_-]+", mails_to(told, address, page)[0]["text"])[
        0
    ]


def the_welcome_links(told, address, page):
    for _ in range(100):
        text = mails_to(told, address, page)[0]["text"]
        if found := re.search(r"https?://[^\s<>\"]+/o/[A-Za-z0-9_-]+", text):
            return found[0]
        page.wait_for_timeout(100)
    raise AssertionError("the welcome mail names no way to stop")


def launch_a_campaign(page, visit):
    """Draft, who gets it and why not the others, one button that says the number, progress."""
    page.goto(visit["console"] + "aoi/campaigns/new/")
    assert violations(page) == []
    page.locator("select[name=topic]").select_option(label="セール速報")
    page.locator("input[name=subject]").fill("週末のセール")
    page.locator("textarea[name=text]").fill("{{ name }}\n\n土曜の朝から、冬の品を安くします。")
    page.locator("button[name=next][value=preflight]").click()
    page.locator("#funnel form button").click()
    page.wait_for_selector("#funnel .hero")
    assert violations(page) == []
    people = int(page.locator("#funnel .hero b").inner_text().replace(",", ""))
    assert people > 0
    button = page.locator("#send button")
    assert f"{people:,}" in button.inner_text()
    button.click()
    assert violations(page) == []
    page.locator("button[name=confirmed]").click()
    assert violations(page) == []
    for _ in range(150):
        got = page.request.get(f"{visit['mails']}/recipients.json?subject=週末のセール").json()
        if len(got) == people:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{len(got)} of {people} mails within 30 s")
