"""The pages of the desk in Chromium: a server on loopback, a signed-in browser, and what axe says."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]


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
