"""Pages in Chromium: one browser and one server on loopback a file of tests, somebody who is signed in, and
what is wrong with a page. `browser` and `base` are fixtures; a test that ends by `page.context.close()`, or
by failing, leaves nothing behind that another one sees.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
PICTURES = os.environ.get("SHODAKU_TEST_PICTURES")  # a folder, to look at the pages
LOOKED_AT = [(la, w, s) for la in ("ja", "en") for w in (390, 1366) for s in ("light", "dark")]
SOUND = [("ja", 390, "light"), ("en", 390, "dark"), ("ja", 1366, "dark"), ("en", 1366, "light")]


@pytest.fixture(scope="module")
def browser():
    """Of one file: whoever runs a loop of its own in a later file would find Playwright's in its way."""
    with a_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def base(database):
    with served() as base:
        yield base


@contextmanager
def a_browser():
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt install chromium")

    # a loop of Playwright's own runs in this thread, and Django takes it for one that it would hold up
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@contextmanager
def served():
    """The address of the product on loopback, until the end of the block."""
    import uvicorn
    from django.conf import settings
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
    from django.core.handlers.asgi import ASGIHandler

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "127.0.0.1"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    application = ASGIStaticFilesHandler(ASGIHandler())
    server = uvicorn.Server(
        uvicorn.Config(application, host="127.0.0.1", port=port, lifespan="off", log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        for _ in range(600):
            if server.started:
                break
            thread.join(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def signed_in(browser, base, client, *, language, width, scheme):
    """A window of somebody who is signed in, and the list of what its console complains about."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme
    )
    context.add_cookies(
        [{"name": each.key, "value": each.value, "url": base} for each in client.cookies.values()]
    )
    page, troubles = context.new_page(), []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    return page, troubles


def looked_at(page, name, troubles):
    """What is wrong with the page, each in a word."""
    found = [f"axe {each}" for each in violations(page)]
    found += [f"console {each}" for each in troubles]
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    found += ["sideways"] if wide else []
    found += [] if page.locator("h1").count() == 1 else ["h1"]
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
    troubles.clear()
    return found


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    answer = Axe().run(page).response
    assert answer["passes"], "axe did not look at anything"
    return [(each["id"], each["nodes"][0]["html"][:160]) for each in answer["violations"]]


def until(page, expression, *, seconds=20.0):
    """Wait until the page says yes. Playwright's own wait compiles a text there, which the CSP forbids."""
    for _ in range(int(seconds * 20)):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)
