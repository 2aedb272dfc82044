"""The desk for papers in Chromium: by keyboard alone, in both languages, small, and without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now as this_moment
from tests.chromium import looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_shop
from tests.signup.forms import a_form, contact_of
from tests.signup.papers import a_batch, a_scan, keyed, read_off

from shodaku.accounts.domain import Role
from shodaku.signup import selectors, services
from shodaku.signup.services import ParkReason

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(database):
    return a_shop(now=this_moment() - timedelta(days=90))


@pytest.fixture
def form(shop):
    return a_form(shop, now=this_moment() - timedelta(days=60))


def signed_on():
    return (this_moment() - timedelta(days=3)).date()


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("ja", 390, "light"), ("en", 390, "dark"), ("ja", 1366, "light"), ("en", 1366, "dark")],
)
def test_every_page_is_sound(shop, form, browser, base, language, width, scheme):
    client = at_desk(shop, Role.CLERK, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    mark, found = f"{language}_{width}_{scheme}", {}
    page.goto(base + url(shop, "papers") + f"?lang={language}")
    found["empty"] = looked_at(page, f"papers_empty_{mark}", troubles)
    page.goto(base + url(shop, "paper_new"))
    found["new"] = looked_at(page, f"paper_new_{mark}", troubles)
    batch_id, sheets = a_batch(shop, form, scans=4, now=this_moment())
    services.park(shop.workspace_id, sheets[3], ParkReason.REFUSED, "「送らないで」とある")
    day = {"signed_on": signed_on()}
    keyed(shop, sheets[1], read_off(shop, form, "a@mail.example", **day), now=this_moment(), by=1)
    keyed(shop, sheets[2], read_off(shop, form, "b@mail.example", **day), now=this_moment())
    keyed(shop, sheets[2], read_off(shop, form, "c@mail.example", **day), now=this_moment(), by=1)
    pages = {
        "papers": url(shop, "papers"),
        "batch": url(shop, "paper_batch", batch_id),
        "first": url(shop, "paper_sheet", sheets[0]),
        "second": url(shop, "paper_sheet", sheets[1]),
        "third": url(shop, "paper_sheet", sheets[2]),
        "aside": url(shop, "paper_sheet", sheets[3]),
        "form": url(shop, "form", form.form_id),
    }
    for name, place in pages.items():
        page.goto(base + place)
        found[name] = looked_at(page, f"paper_{name}_{mark}", troubles)
    page.goto(base + url(shop, "paper_sheet", sheets[0]))
    page.fill("#id_address", "ka1o@mail.example")
    page.fill("#id_signed_on", signed_on().isoformat())
    page.locator("#key input[type=checkbox]").first.check()
    page.locator("#key button").click()
    page.wait_for_selector("#key [role=alert]")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    troubles.clear()  # a page that asks again is a 422, and Chromium says so
    found["asked"] = looked_at(page, f"paper_asked_{mark}", troubles)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    page.context.close()


def test_a_paper_is_keyed_in_with_the_keyboard_alone(shop, form, browser, base):
    """The address has the focus; Enter goes from field to field, and the last one saves."""
    _, (sheet_id,) = a_batch(shop, form, now=this_moment())
    address = "kamura@mail.example"
    client = at_desk(shop, Role.CLERK)
    page, _troubles = signed_in(browser, base, client, language="en", width=1366, scheme="light")
    page.goto(base + url(shop, "paper_sheet", sheet_id))
    assert page.evaluate("document.activeElement.name") == "address"
    keys = page.keyboard
    keys.type(address)
    keys.press("Enter")
    keys.type("木村 花")
    keys.press("Tab")
    assert page.evaluate("document.activeElement.type") == "checkbox"
    keys.press("Space")
    keys.press("Tab")
    keys.press("Tab")
    keys.type(signed_on().strftime("%Y%m%d"))
    keys.press("Enter")
    assert page.evaluate("document.activeElement.value") == "銀座店"
    keys.press("Enter")
    keys.type("佐藤")
    keys.press("Tab")
    keys.press("Enter")
    page.wait_for_url("**/papers/")
    (kept,) = selectors.readings(shop.workspace_id, selectors.paper_sheet(shop.workspace_id, sheet_id))
    assert (kept.keyed.address, kept.keyed.name) == (address, "木村 花")
    assert (kept.keyed.topic_ids, kept.keyed.signed_on) == ((shop.topic_id,), signed_on())
    assert kept.keyed.clerk == "佐藤"
    page.context.close()


def test_the_second_person_and_the_third_look_need_no_mouse_either(shop, form, browser, base):
    _, (sheet_id,) = a_batch(shop, form, now=this_moment())
    reading = read_off(shop, form, "mori@mail.example", signed_on=signed_on())
    keyed(shop, sheet_id, reading, now=this_moment(), by=1)
    client = at_desk(shop, Role.CLERK)
    for typed in ("nori@mail.example", "mori@mail.example"):
        page, _troubles = signed_in(browser, base, client, language="ja", width=1366, scheme="light")
        page.goto(base + url(shop, "paper_sheet", sheet_id))
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector(".messages, .status:not(:empty)")
        page.context.close()
    assert contact_of(shop, "mori@mail.example") is not None
    assert contact_of(shop, "nori@mail.example") is None


def test_larger_and_turned_by_keyboard_loses_nothing_that_was_typed(shop, form, browser, base):
    _, (sheet_id,) = a_batch(shop, form, now=this_moment())
    client = at_desk(shop, Role.CLERK)
    page, _troubles = signed_in(browser, base, client, language="en", width=1366, scheme="light")
    page.goto(base + url(shop, "paper_sheet", sheet_id))
    page.keyboard.type("half.an.addr")
    frame = page.frame_locator("iframe")
    before = frame.locator("img").evaluate("each => [each.width, each.height]")
    frame.get_by_role("link", name="200%").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "width => document.querySelector('iframe').contentDocument.querySelector('img')?.width > width",
        arg=before[0] * 1.5,
    )
    frame.get_by_role("link", name="Turn right").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => { const each = document.querySelector('iframe').contentDocument.querySelector('img');"
        " return each?.complete && each.naturalWidth > each.naturalHeight }"
    )
    assert page.input_value("#id_address") == "half.an.addr"
    page.context.close()


def test_without_script_a_stack_is_brought_in_and_keyed(shop, form, browser, base, tmp_path):
    code = services.make_sheet(
        shop.workspace_id,
        services.SheetCode(form.form_id, form.version, "ja"),
        staff_id=None,
        now=this_moment(),
    )
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(a_scan(note=name))
    client = at_desk(shop, Role.CLERK)
    context = browser.new_context(java_script_enabled=False, locale="en")
    context.add_cookies(
        [{"name": each.key, "value": each.value, "url": base} for each in client.cookies.values()]
    )
    page = context.new_page()
    page.goto(base + url(shop, "paper_new"))
    page.fill("#id_code", code)
    page.fill("#id_shop", "銀座店")
    page.fill("#id_shelf", "B-12")
    page.fill("#id_destroy_on", (this_moment() + timedelta(days=300)).date().isoformat())
    page.set_input_files("#id_scans", [tmp_path / "a.jpg", tmp_path / "b.jpg"])
    page.get_by_role("button", name="Keep these scans").click()
    page.get_by_role("link", name="See to the next sheet").click()
    page.fill("#id_address", "hara@mail.example")
    page.fill("#id_signed_on", signed_on().isoformat())
    page.locator("#key input[type=checkbox]").first.check()
    page.get_by_role("button", name="Save and next").click()
    assert page.locator("h1").inner_text().startswith("Key in a sheet")
    assert selectors.queue(shop.workspace_id, 0).waiting == 1
    context.close()
