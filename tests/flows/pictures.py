"""Take the pictures of README again (`make pictures`, needs Chromium): invented people of the sample."""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from pathlib import Path
from urllib.parse import quote

from tests.chromium import a_browser
from tests.flows.installation import demonstration

FOLDER = Path(__file__).parents[2] / "docs" / "images"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1366, "height": 900}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demonstration() as told, a_browser() as browser:
        if not told["ok"]:
            raise SystemExit(f"the story failed: {told['steps'][-1]}")
        base = told["visit"]["console"].removesuffix("/console/")
        public(browser, base + "/f/aoi/join", "signup")
        reader, stop = a_reader(told["visit"]["mails"])
        public(browser, stop, "optout")
        staff(browser, told["visit"], reader)
    return 0


def public(browser, url, name):
    page = browser.new_page(viewport=PHONE, device_scale_factor=2)
    for language in ("ja", "en"):
        page.goto(f"{url}?lang={language}")
        page.screenshot(path=FOLDER / f"{name}.{language}.png", full_page=True)
    page.close()


def a_reader(mails):
    """Somebody in the sample who got the first issue: the address, and the link to stop."""
    with urllib.request.urlopen(f"{mails}/recipients.json?subject={quote('11月のお便り')}") as answer:  # noqa: S310 - loopback
        address = json.load(answer)[0]
    with urllib.request.urlopen(f"{mails}/mails.json?to={address}") as answer:  # noqa: S310 - loopback
        text = json.load(answer)[0]["text"]
    return address, re.search(r"https?://\S+/o/[A-Za-z0-9_-]+", text)[0]


def staff(browser, visit, reader):
    page = browser.new_page(viewport=DESKTOP)
    page.goto(visit["console"])
    page.locator("input[name=login]").fill(visit["email"])
    page.locator("input[name=password]").fill(visit["password"])
    page.locator("form button.btn-primary").click()
    preflight(page, visit)
    timeline(page, visit, reader)
    page.close()


def preflight(page, visit):
    page.goto(visit["console"] + "aoi/campaigns/new/?lang=ja")
    page.locator("select[name=topic]").select_option(label="セール速報")
    page.locator("input[name=subject]").fill("【あおい雑貨】週末のセール")
    page.locator("textarea[name=text]").fill("{{ name }}\n\n土曜の朝から、冬の品を安くします。")
    page.locator("button[name=next][value=preflight]").click()
    page.locator("#funnel form button").click()
    page.wait_for_selector("#funnel .hero")
    take(page, page.url, "preflight")


def timeline(page, visit, reader):
    page.goto(visit["console"] + "aoi/contacts/")
    page.locator("#find").fill(reader)
    page.locator("form:has(#find) button").click()
    page.locator("table a").first.click()
    take(page, page.url, "timeline")


def take(page, url, name):
    plain = url.partition("?")[0]
    for language in ("ja", "en"):
        page.goto(f"{plain}?lang={language}")
        page.screenshot(path=FOLDER / f"{name}.{language}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
