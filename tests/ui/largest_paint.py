"""How soon a page shows its largest part on a quarter of a processor (`make screens`; UX section 11).

The product's own web server in a process of its own. Each page is opened in a new window, with nothing in its
cache (`cold`), and then five times more; the median of those counts, as for somebody at work. A JSON line a
page in the format of SENDING section 12, seconds; `server` of them until the first byte came. `--check` ends
with 1 when a page is slower than the budget; no test decides by these figures.
"""

from __future__ import annotations

import argparse
import json
import sys
from statistics import median

from tests.chromium import a_browser, signed_in

SECONDS_MAX = 1.0
SLOWER = 4  # times
ROUNDS = 5
STAFF = {
    "home": "home",
    "contacts": "contacts",
    "person": "contact",
    "pre-flight": "preflight",
    "editor": "blocks",
    "report": "campaign_report",
}
PUBLIC = {"why did I get this?": "why", "sign-up form": "signup"}
SETTLED_MILLISECONDS = 500  # until nothing larger comes
LARGEST = """(settled) => new Promise((told) => {
    let largest = 0;
    new PerformanceObserver((list) => { largest = list.getEntries().at(-1).startTime; })
        .observe({type: "largest-contentful-paint", buffered: true});
    setTimeout(() => told([largest, performance.getEntriesByType("navigation")[0].responseStart]), settled);
})"""


def main(words=None):
    from shodaku.config import trial

    options = _options(words)
    with trial.installation() as owner_url:
        from django.conf import settings
        from django.test.utils import setup_test_environment

        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
        setup_test_environment(debug=False)
        lines = list(measured(owner_url, options.rounds))
    slow = [each["case"] for each in lines if each["value"] > SECONDS_MAX]
    if slow:
        sys.stderr.write(f"slower than {SECONDS_MAX} s: {', '.join(slow)}\n")
    return 1 if slow and options.check else 0


def _options(words):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="loads of a page; the median counts")
    parser.add_argument("--check", action="store_true", help="end with 1 when a page is slower")
    return parser.parse_args(words)


def measured(owner_url, rounds):
    """The lines, each printed as soon as it is known."""
    from django.test import Client
    from tests.console.desk import at_desk
    from tests.ui.screens import staff_screens
    from tests.ui.world import built

    from shodaku.config.bench import machine  # reads the settings, which are of this installation only now

    world, port = built(owner_url), machine.free_port()
    client = at_desk(world.shop, language="ja")
    staff = staff_screens(world, client)
    pages = [(case, client, staff[name]) for case, name in STAFF.items()]
    pages += [(case, Client(), world.public[name]) for case, name in PUBLIC.items()]
    with a_browser() as browser, machine.web_server(port):
        base = f"http://127.0.0.1:{port}"
        for case, whose, path in pages:
            line = _line(case, list(_loads(browser, base + path, base, whose, rounds)))
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            yield line


def _line(case, loads):
    from shodaku.config.bench import machine

    (cold, _), *others = loads
    seconds, until_first_byte = ([each[place] for each in others] for place in (0, 1))
    more = {
        "reference": SECONDS_MAX,
        "ratio": round(median(seconds) / SECONDS_MAX, 2),
        "cold": round(cold, 3),
        "server": round(median(until_first_byte), 3),
    }
    return machine.line("paint", case, "s", seconds, 1, **more)


def _loads(browser, url, base, client, rounds):
    """Seconds until the largest paint and the first byte; the first is that of an empty cache."""
    page, _ = signed_in(browser, base, client, language="ja", width=1366, scheme="light")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    for _ in range(rounds + 1):
        assert page.goto(url).status == 200, url
        largest, first_byte = page.evaluate(LARGEST, SETTLED_MILLISECONDS)
        assert largest > 0, f"nothing was painted: {url}"
        yield largest / 1000, first_byte / 1000
    page.context.close()


if __name__ == "__main__":
    sys.exit(main())
