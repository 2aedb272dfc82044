"""The owner's first day on a fresh installation, as somebody lives it: the link of the terminal, a second
factor, the first steps, the sending domain, the first reader and the first campaign, which arrives; and a
colleague who is invited by mail and signs in.

Once in Japanese with a mouse, once in English by the keyboard alone; real processes, mail and Chromium.
"""

from __future__ import annotations

import email
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from email.policy import default
from pathlib import Path

import pytest
from tests.accounts.test_door import code_now
from tests.chromium import a_browser, until, violations
from tests.delivery.sink import RunningSink
from tests.flows.installation import a_free_port
from tests.walks.hands import Keyboard, Mouse

pytestmark = pytest.mark.browser
MAIL_SECONDS_MAX = 90
PAGE_MS_MAX = 60_000
FORM_READ_MS = 3_500  # a form that comes back within three seconds is a program's
READER = "reader@yomite.example"
PASSWORD = "a password of some length"
OWNER = {
    "workspace": "first-shop",
    "formal_name": "株式会社はじめ",
    "postal_address": "東京都千代田区1-1",
    "contact_email": "desk@hajime.example",
    "contact_phone": "03-0000-0000",
    "from_address": "news@hajime.example",
    "name": "始 一",
    "email": "hajime@hajime.example",
    "password": PASSWORD,
}
WORDS = {
    "ja": {
        "done": "完了",
        "steps": "はじめの5ステップ",
        "clerk": "事務担当",
        "topic": "月刊はじめ",
        "subject": "はじめの号",
    },
    "en": {
        "done": "Done",
        "steps": "First steps",
        "clerk": "Clerk",
        "topic": "Monthly",
        "subject": "The first issue",
    },
}


@contextmanager
def installed(smtp_port):
    """`shodaku up` on an empty folder: the link that it prints for the first owner."""
    folder = Path(tempfile.mkdtemp(prefix="shodaku-walk-"))
    folder.chmod(0o755)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHODAKU_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "shodaku", "up", "--port", str(a_free_port())],
        env=clean | {"SHODAKU_HOME": str(folder), "SHODAKU_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, "it ended before it was up"
            said += line
        yield re.search(r"http\S+/console/start/\S+", said)[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_window(browser, language):
    context = browser.new_context(viewport={"width": 1366, "height": 900}, locale=language)
    context.set_default_timeout(PAGE_MS_MAX)
    page, troubles = context.new_page(), []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    yield page
    assert troubles == []
    context.close()


def begin(page, hands, link):
    """The first page: who sends and who I am; then a second factor, which an owner cannot do without."""
    page.goto(link)
    for name, text in OWNER.items():
        hands.fill(f"[name={name}]", text)
    hands.press("main button.btn-primary")
    page.wait_for_url("**/accounts/**")
    assert violations(page) == []
    set_up_second_factor(page, hands)
    assert page.context.request.get(link).status == 404  # it has let somebody in


def home_of(page):
    return "/".join(page.url.split("/")[:3]) + "/console/first-shop/"


def set_up_second_factor(page, hands):
    """The password once more, whoever sits here; then the code of the telephone."""
    hands.fill("[name=password]", PASSWORD)
    hands.press("main button.btn-primary")
    page.wait_for_url("**/2fa/totp/activate/**")
    assert page.evaluate("document.querySelector('main img').naturalWidth") > 0
    secret = page.locator("input[readonly]").input_value()
    hands.fill("[name=code]", code_now(secret))
    hands.press("main form button.btn-primary")
    page.wait_for_url("**/recovery-codes/**")
    hands.press(".pubhead a")
    page.wait_for_url("**/console/**")


def done_of(page, language):
    """Which of the five steps the page calls done."""
    guide = page.locator("section[aria-labelledby=h-guide] li")
    assert guide.count() == 5
    return [WORDS[language]["done"] == text for text in guide.locator("p").all_inner_texts()]


def walk_the_steps(page, hands, language):
    """Each step is done by what was done, and by nothing else."""
    assert page.locator("#h-guide").inner_text() == WORDS[language]["steps"]
    assert done_of(page, language) == [False] * 5
    assert violations(page) == []

    hands.press("section[aria-labelledby=h-guide] a[href*='/settings/senders/']")
    page.wait_for_url("**/settings/senders/*/")
    hands.fill("[name=privacy_policy]", "個人情報は、選ばれた案内を送るためだけに使います。")
    hands.press("section[aria-labelledby=h-sender] button.btn-primary")
    page.wait_for_selector(".status[data-tone=go]")
    page.goto(home_of(page))
    assert done_of(page, language) == [True, False, False, False, False]

    hands.press("section[aria-labelledby=h-guide] a[href$='/domains/']")
    page.wait_for_url("**/domains/")
    assert "hajime.example" in page.locator("main").inner_text()
    assert violations(page) == []
    page.goto(home_of(page))

    hands.press("section[aria-labelledby=h-guide] a[href$='/topics/new/']")
    page.wait_for_url("**/topics/new/")
    said = {
        "name": "月刊はじめ",
        "name_en": "Monthly",
        "slug": "monthly",
        "content": "新商品のご案内",
        "purpose": "商品の案内",
    }
    for name, text in said.items():
        hands.fill(f"main [name={name}]", text)
    hands.press("main button.btn-primary")
    page.wait_for_url("**/topics/")
    page.goto(home_of(page))
    assert done_of(page, language) == [True, False, True, False, False]

    hands.press("section[aria-labelledby=h-guide] a[href$='/forms/']")
    page.wait_for_url("**/forms/")
    hands.press("main a[href$='/forms/new/']")
    page.wait_for_url("**/forms/new/")
    for name, text in {
        "name": "home page",
        "slug": "join",
        "title": "はじめの便り",
        "title_en": "News",
    }.items():
        hands.fill(f"main [name={name}]", text)
    hands.tick("main [name=topics]")
    hands.press("main button.btn-primary")
    page.wait_for_selector(".status[data-tone=go]")
    page.goto(home_of(page))
    assert done_of(page, language) == [True, False, True, True, False]


def sign_up(page, hands, sink, form, language):
    """The first reader, in a browser of their own: the form, the mail, the button behind its link."""
    page.goto(f"{form}?lang={language}")
    hands.fill("[name=email]", READER)
    hands.tick("main [name=topics]")
    until(page, f"performance.now() > {FORM_READ_MS}")
    hands.press("main button.btn-primary")
    link = the_link_for(page, sink, READER, "confirm")
    page.goto(f"{link}?lang={language}")
    hands.press("main button[value=receive]")
    page.wait_for_selector("main .status[data-tone=go], main .proof")
    assert violations(page) == []


def send_the_first_campaign(page, hands, sink, language):
    """From the fifth step to the mail in the mailbox, and the step that is done then."""
    hands.press("section[aria-labelledby=h-guide] a[href$='/campaigns/new/']")
    page.wait_for_url("**/campaigns/new/")
    hands.choose("main [name=topic]", WORDS[language]["topic"])
    hands.fill("main [name=subject]", WORDS[language]["subject"])
    hands.fill("main [name=text]", "{{ name }} – No. 1")
    hands.press("main button[name=next][value=preflight]")
    page.wait_for_url("**/preflight/")
    hands.press("form[action$='/recount/'] button")
    page.wait_for_selector("#send button")
    assert violations(page) == []
    hands.press("#send button")
    page.wait_for_url("**/launch/")
    hands.press("form[action$='/launch/'] button.btn-primary")
    page.wait_for_url("**/campaigns/*/")
    letter = the_letter_for(page, sink, READER, lambda one: one["Subject"] == WORDS[language]["subject"])
    assert str(letter["From"]) == "株式会社はじめ <news@hajime.example>"
    page.goto(home_of(page))
    # all but the records of a domain that nobody publishes for a test
    assert done_of(page, language) == [True, False, True, True, True]


def invite(page, hands, address):
    page.goto(home_of(page) + "staff/")
    hands.fill("main [name=email]", address)
    hands.tick("main [name=role][value=clerk]")
    hands.press("form[action$='/staff/invite/'] button.btn-primary")
    page.wait_for_selector(".status[data-tone=go]")
    assert violations(page) == []


def the_letter_for(page, sink, address, wanted=lambda _letter: True):
    for _ in range(MAIL_SECONDS_MAX * 4):
        mine = [each.content for each in list(sink.arrived) if each.recipient == address]
        letters = [email.message_from_bytes(each, policy=default) for each in mine]
        found = [each for each in letters if wanted(each)]
        if found:
            return found[0]
        page.wait_for_timeout(250)
    raise AssertionError(f"no mail within {MAIL_SECONDS_MAX} s")


def the_link_for(page, sink, address, place):
    text = the_letter_for(page, sink, address).get_body(("plain",)).get_content()
    return re.search(rf"http\S+/{place}/\S+", text)[0]


def join(page, hands, link, language):
    """The colleague, in a browser of their own: an account, a second factor, and at work."""
    page.goto(f"{link}?lang={language}")
    assert WORDS[language]["clerk"] in page.locator("main").inner_text()
    assert violations(page) == []
    hands.fill("[name=name]", "新 人子")
    hands.fill("[name=password]", PASSWORD)
    hands.press("main button.btn-primary")
    page.wait_for_url("**/accounts/**")
    set_up_second_factor(page, hands)
    page.wait_for_selector("nav.nav a[href$='/papers/']")
    assert page.locator("section[aria-labelledby=h-guide]").count() == 0  # not a clerk's work


@pytest.mark.parametrize(("language", "hands_of"), [("ja", Mouse), ("en", Keyboard)])
def test_an_owner_gets_from_the_first_link_to_the_first_campaign_and_a_colleague_at_work(language, hands_of):
    with (
        a_browser() as browser,
        RunningSink() as sink,
        installed(sink.port) as link,
        a_window(browser, language) as page,
    ):
        hands = hands_of(page)
        begin(page, hands, link)
        walk_the_steps(page, hands, language)
        with a_window(browser, language) as reader:
            form = "/".join(page.url.split("/")[:3]) + "/f/first-shop/join"
            sign_up(reader, hands_of(reader), sink, form, language)
        send_the_first_campaign(page, hands, sink, language)
        invite(page, hands, "colleague@hajime.example")
        with a_window(browser, language) as other:
            invited = the_link_for(page, sink, "colleague@hajime.example", "console/join")
            join(other, hands_of(other), invited, language)
        page.goto(home_of(page) + "staff/")
        assert "新 人子" in page.locator("main table").first.inner_text()
