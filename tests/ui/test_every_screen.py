"""Every screen in both languages and colours, narrow and wide: axe finds nothing, nothing is cut off, nothing
is fetched from elsewhere, nobody's script complains (UX section 11).

`make test` looks at each screen in a few of the sixteen ways, in turn; `make screens` in all of them.
"""

from __future__ import annotations

import gzip
import os
import uuid
from itertools import product

import pytest
from django.test import Client
from django.urls import reverse
from tests.chromium import signed_in, violations
from tests.console.desk import at_desk, somebody
from tests.ui.screens import NO_SCREEN, is_act, staff_screens
from tests.ui.world import built

from shodaku.config.page_map import staff_pages
from shodaku.console.urls import urlpatterns

pytestmark = pytest.mark.browser
WAYS = list(product(("ja", "en"), ("light", "dark"), (1366, 768, 390, 320)))
ALL_WAYS = bool(os.environ.get("SHODAKU_TEST_ALL_WAYS"))
EACH_SCREEN = len(WAYS) if ALL_WAYS else 2  # of the sixteen ways
STRIDE = 5  # has no divisor in common with sixteen: both languages, colours and all widths come in turn
NODES_MAX = 1_500
HTML_BYTES_MAX = 40 * 1024  # compressed


@pytest.fixture(scope="module")
def world(database):
    somebody.cache_clear()  # the account that all tests share belongs to hundreds of workspaces by now
    return built(database.owner)


@pytest.fixture(scope="module")
def screens(world):
    return staff_screens(world, at_desk(world.shop))


def turn(place):
    """The ways in which the screen at this place of the list is looked at."""
    return {(place * 2 + step * STRIDE) % len(WAYS) for step in range(EACH_SCREEN)}


def test_every_address_of_the_desk_is_a_screen_that_is_looked_at_an_act_or_named_as_neither(world):
    client, unknown = at_desk(world.shop), []
    for page in staff_pages(world.values):
        if page.name in NO_SCREEN:
            continue
        if not page.url:
            unknown += [] if _is_act(client, page.name, world) else [f"{page.name}: no value for its address"]
            continue
        if is_act(client, page.url):
            continue
        answer = client.get(page.url)
        if answer.status_code != 200 or b"<h1" not in answer.content:
            unknown.append(f"{page.name}: {answer.status_code}")
    assert not unknown, "\n".join(unknown)


def _is_act(client, name, world):
    """With anything in its address it answers no GET."""
    (entry,) = [each for each in urlpatterns if each.name == f"console_{name}"]
    anything = {
        each: world.values.get(each, _ANYTHING[type(converter).__name__])
        for each, converter in entry.pattern.converters.items()
    }
    return is_act(client, reverse(entry.name, kwargs=anything))


_ANYTHING = {
    "IntConverter": 1,
    "SlugConverter": "x",
    "StringConverter": "x",
    "UUIDConverter": uuid.UUID(int=0),
}


def test_what_is_named_as_no_screen_is_still_an_address(world):
    assert set(NO_SCREEN) <= {each.name for each in staff_pages(world.values)}


@pytest.mark.parametrize("number", range(len(WAYS)), ids=["-".join(map(str, way)) for way in WAYS])
def test_each_screen_is_sound(world, screens, browser, base, number):
    language, scheme, width = WAYS[number]
    wrong, abroad = {}, []
    for client, some in ((at_desk(world.shop, language=language), screens), (Client(), world.public)):
        page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
        page.on("request", lambda request: abroad.append(request.url))
        for place, (name, path) in enumerate(some.items()):
            if number in turn(place):
                answer = page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={language}")
                wrong[name] = _wrong(page, answer, language, troubles)
        page.context.close()
    assert {name: found for name, found in wrong.items() if found} == {}
    assert [url for url in abroad if not url.startswith((base, "data:", "blob:"))] == []


def _wrong(page, answer, language, troubles):
    found = [f"axe {each}" for each in violations(page)]
    found += [f"console {each}" for each in troubles if "404" not in each]
    troubles.clear()
    facts = page.evaluate(
        "({wide: document.documentElement.scrollWidth > window.innerWidth,"
        " lang: document.documentElement.lang,"
        " nodes: document.querySelectorAll('*').length,"
        " styled: document.querySelectorAll('body [style]').length})"
    )
    found += ["sideways"] if facts["wide"] else []
    found += [] if facts["lang"] == language else [f"lang {facts['lang']}"]
    found += [] if facts["nodes"] <= NODES_MAX else [f"{facts['nodes']} nodes"]
    octets = len(gzip.compress(answer.body()))
    found += [] if octets <= HTML_BYTES_MAX else [f"{octets} bytes"]
    found += [] if facts["styled"] == 0 else ["style attribute"]
    found += [] if page.locator("h1").count() == 1 else ["h1"]
    return found
