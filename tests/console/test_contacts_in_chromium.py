"""The list of people and what stands around one of them, in both languages, on a telephone and on a desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, url
from tests.people import a_contact, a_reader, a_shop

from shodaku.optout import bulk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    for name in ("山田 花子", "佐藤 太郎", "鈴木 一郎"):
        a_reader(shop, name=name, at=now - timedelta(days=3))
    a_contact(shop, name="高橋 京子")
    return shop


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_list_is_sound_narrowed_down_and_searched(shop, browser, base, language, width, scheme):
    page, troubles = signed_in(browser, base, at_desk(shop), language=language, width=width, scheme=scheme)
    wrong = {}
    for name, where in {"all": "", "narrowed": f"?state=agreed&order=kana&topic={shop.topic_id}"}.items():
        page.goto(f"{base}{url(shop, 'contacts')}{where}")
        wrong[name] = looked_at(page, f"contacts_{name}_{language}_{width}", troubles)
    page.locator("#find").fill("ﾔﾏﾀﾞ" if language == "en" else "やま")
    page.locator("#find").press("Enter")
    page.wait_for_load_state()
    wrong["searched"] = looked_at(page, f"contacts_searched_{language}_{width}", troubles)
    assert {name: found for name, found in wrong.items() if found} == {}
    page.context.close()


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_two_contacts_side_by_side_are_sound_until_they_are_one_person(
    shop, browser, base, language, width, scheme
):
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    one, other = (a_reader(shop, name=name, at=now) for name in ("斎藤 京子", "齋藤 京子"))
    page, troubles = signed_in(browser, base, at_desk(shop), language=language, width=width, scheme=scheme)
    wrong, shot = {}, f"{language}_{width}"
    page.goto(f"{base}{url(shop, 'merge', one, other)}")
    wrong["side"] = looked_at(page, f"merge_{shot}", troubles)
    page.locator(f"input[name=name][value='{other}']").check()
    with page.expect_navigation():
        page.locator("button.btn-primary").click()
    wrong["confirm"] = looked_at(page, f"merge_confirm_{shot}", troubles)
    with page.expect_navigation():
        page.locator("button.btn-primary").click()
    wrong["person"] = looked_at(page, f"merge_person_{shot}", troubles)
    assert {name: found for name, found in wrong.items() if found} == {}
    assert page.locator("h1").inner_text() == "齋藤 京子"
    page.context.close()


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_notes_and_tasks_are_sound_on_the_page_of_a_person_and_at_home(
    shop, browser, base, language, width, scheme
):
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    who = a_reader(shop, name="中村 さくら", at=now)
    page, troubles = signed_in(browser, base, at_desk(shop), language=language, width=width, scheme=scheme)
    wrong, shot = {}, f"{language}_{width}"
    page.goto(f"{base}{url(shop, 'contact', who)}")
    for text, days in (
        ("電話は午前に。", None),
        ("カタログの送り先を確かめる。", -2),
        ("お礼の電話をする。", 5),
    ):
        page.locator("section:has(#h-notes) summary").click()
        page.locator("#note_text").fill(text)
        if days is not None:
            page.locator("#note_due_on").fill((now + timedelta(days=days)).date().isoformat())
        with page.expect_navigation():
            page.locator("section:has(#h-notes) details .btn").click()
    wrong["person"] = looked_at(page, f"notes_{shot}", troubles)
    assert page.locator("section:has(#h-notes) li").count() == 3
    page.goto(f"{base}{url(shop, 'home')}")
    wrong["home"] = looked_at(page, f"notes_home_{shot}", troubles)
    assert {name: found for name, found in wrong.items() if found} == {}
    page.context.close()


@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_many_are_chosen_shown_stopped_and_erased_on_sound_pages(
    shop, browser, base, language, width, scheme, monkeypatch
):
    now = datetime.now(UTC)  # noqa: TID251 - a test is an edge
    for name in ("高田 一", "高田 二", "高田 三"):
        a_reader(shop, name=name, at=now)
    page, troubles = signed_in(
        browser, base, at_desk(shop, language=language), language=language, width=width, scheme=scheme
    )
    wrong, shot = {}, f"{language}_{width}"
    page.goto(f"{base}{url(shop, 'contacts')}")
    assert not page.locator(".selbar").is_visible()
    for row in range(2):
        page.locator("[data-row]").nth(row).check()
    assert page.locator(".selbar [role=status]").inner_text().startswith("2")
    wrong["ticked"] = looked_at(page, f"bulk_ticked_{shot}", troubles)
    page.locator(".selbar button[value=erase]").click()
    page.wait_for_url("**/contacts/bulk/*/")
    page.locator("button.btn-primary").click()
    page.wait_for_selector("[role=alert]")
    troubles.clear()  # Chromium reports each 422
    wrong["refused"] = looked_at(page, f"bulk_refused_{shot}", troubles)
    page.locator("[name=typed]").fill("消去")
    page.locator("button.btn-primary").click()
    page.wait_for_selector("#h-counts")
    wrong["done"] = looked_at(page, f"bulk_done_{shot}", troubles)
    page.goto(f"{base}{url(shop, 'contacts')}?state=agreed")
    wrong["narrowed"] = looked_at(page, f"bulk_narrowed_{shot}", troubles)
    monkeypatch.setattr(bulk, "SLICE_PEOPLE", 1)
    page.locator("form:has([value=found]) button[value=stop]").click()
    page.wait_for_url("**/contacts/bulk/*/")
    wrong["preview"] = looked_at(page, f"bulk_preview_{shot}", troubles)
    page.locator("button.btn-primary").click()
    page.wait_for_selector("[hx-get]")
    wrong["running"] = looked_at(page, f"bulk_running_{shot}", troubles)
    page.locator("form[action$='/pause/'] button").click()
    page.wait_for_selector("form[action$='/resume/']")
    wrong["paused"] = looked_at(page, f"bulk_paused_{shot}", troubles)
    assert {name: found for name, found in wrong.items() if found} == {}
    page.context.close()
