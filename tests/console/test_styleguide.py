"""One page holds every component, and no template uses anything else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_shop

from shodaku.accounts.domain import Role

ROOT = Path(__file__).parents[2]
CSS = ROOT / "assets/src/css"
TEMPLATES = sorted((ROOT / "src").rglob("templates/**/*.html"))
# of other frames than that of the console: the page shows their content, but cannot be two pages
ELSEWHERE = {"pub", "door", "dock", "rail"}
OF_SCRIPTS = {"htmx-request"}  # set while an answer is awaited


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


def classes_of(name):
    source = re.sub(r"/\*.*?\*/", "", (CSS / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    return set(re.findall(r"\.([a-z][a-z0-9-]*)(?=[^{}]*\{)", source))


def used_in(source):
    """Class names of a template; what a tag computes is looked at on the page itself."""
    found = re.findall(r'class="((?:[^"{]|\{%.*?%\}|\{\{.*?\}\})*)"', source)
    return {word for each in found for word in re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", each).split()}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_template_uses_the_classes_of_the_style_sheet_alone(path):
    known = set().union(*(classes_of(each.name) for each in CSS.glob("*.css")))
    assert used_in(path.read_text(encoding="utf-8")) <= known


def test_the_style_page_shows_each_component_there_is(shop):
    html = at_desk(shop).get(url(shop, "styleguide")).content.decode()
    assert classes_of("components.css") - used_in(html) - ELSEWHERE - OF_SCRIPTS == set()
    assert {"aria-invalid", "data-select", "data-dialog"} <= set(re.findall(r"[a-z]+-[a-z]+(?=[=\s>])", html))


def test_it_shows_a_component_in_each_of_its_states(shop):
    html = at_desk(shop).get(url(shop, "styleguide")).content.decode()
    shown = set(re.findall(r'class="status" data-tone="(\w+)"', html))
    assert {"go", "wait", "never", "danger", "info"} <= shown
    for state in (
        "btn-live htmx-request",
        'rel="prev"',
        'rel="next"',
        'aria-current="step"',
        'id="fresh_agreed"',
    ):
        assert state in html, state
    assert re.search(r'<input[^>]*aria-invalid="true"[^>]*id="id_email"', html)
    assert not re.search(r'<input[^>]*aria-invalid[^>]*id="fresh_email"', html)


def test_every_member_may_look_at_it(shop):
    assert at_desk(shop, Role.CLERK).get(url(shop, "styleguide")).status_code == 200


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_style_page_is_sound(shop, browser, base, language, width, scheme):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    page.goto(base + url(shop, "styleguide"))
    assert looked_at(page, f"styleguide_{language}_{width}_{scheme}", troubles) == []
    page.get_by_role("button", name=re.compile("消去|Erase")).first.click()
    assert page.evaluate("document.activeElement.hasAttribute('data-close')")
    page.context.close()
