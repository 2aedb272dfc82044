"""The report of a campaign: what each number rests on, in both languages, on paper and as a file."""

from __future__ import annotations

import re

import pytest
from tests.campaigns.test_services import a_draft
from tests.chromium import PICTURES, SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft, launch
from tests.people import a_reader, a_shop
from tests.reported import a_campaign_that_went

from shodaku.accounts.domain import Role
from shodaku.campaigns import reporting, services
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def shop(database):
    return a_shop()


@pytest.fixture(scope="module")
def went(database, shop, tmp_path_factory):
    """Two of them, so that one can be seen beside the other."""
    home = tmp_path_factory.mktemp("home")
    first = a_campaign_that_went(database, shop, home, name="10月のお便り")
    services.refresh_report(shop.workspace_id, first.campaign_id, now=clock.now())
    return a_campaign_that_went(database, shop, home)


def page_of(shop, went, language="en"):
    return text_of(at_desk(shop, language=language).get(url(shop, "campaign_report", went.campaign_id)))


def test_each_part_says_what_happened_in_words(shop, went):
    page = page_of(shop, went)
    for said in (
        "1 person opted out just before and got nothing.",
        "There is no such mailbox.",
        "Nothing more is sent to these addresses.",
        "The mailbox is full.",
        "Opted out by this mail",
        "All advertising",
        "https://shop.example/summer",
        "Measured only of people who allowed it",
        "as far as mail programs tell",
        "Gmail",
        "10月のお便り",
        "As it was counted then: these numbers do not change any more.",
    ):
        assert said in page, said


def test_the_same_is_said_in_japanese(shop, went):
    page = page_of(shop, went, "ja").replace("<wbr>", "")
    for said in (
        "1人は直前に配信停止したため、送りませんでした。",
        "メールボックスがいっぱいです。",
        "開封（参考値）",
    ):
        assert said in page, said


def test_no_name_and_no_address_stands_in_it(shop, went):
    page = page_of(shop, went)
    assert "@example.jp" not in page
    assert "nobody.here" not in page
    assert "山田" not in page


def test_the_chart_has_a_table_beside_it_and_no_style(shop, went):
    page = page_of(shop, went)
    chart = page[page.index('id="h-when"') : page.index('id="h-left"')]
    assert re.search(r'<svg viewBox="0 0 \d+ 100"[^>]* role="img" aria-label="Clicks and openings', chart)
    assert '<td data-th="Clicks" class="n num">2</td>' in chart
    assert " style=" not in page


def test_a_draft_has_no_report(shop):
    desk = at_desk(shop)
    assert desk.get(url(shop, "campaign_report", draft(desk, shop))).status_code == 404


def test_a_large_one_that_was_not_counted_yet_says_so_and_may_be_left(shop, monkeypatch):
    other = a_shop()
    a_reader(other)
    desk = at_desk(other)
    campaign_id = draft(desk, other)
    launch(desk, other, campaign_id, counted(desk, other, campaign_id)[1])
    monkeypatch.setattr(reporting, "AT_ONCE_PEOPLE_MAX", 0)
    here = url(other, "campaign_report", campaign_id)
    assert "The figures are being counted." in text_of(desk.get(here))
    assert "h-why" not in text_of(desk.get(url(other, "campaign", campaign_id)))
    assert desk.post(url(other, "campaign_report_file", campaign_id)).url == here
    asked = text_of(desk.post(url(other, "campaign_report_recount", campaign_id), follow=True))
    assert "It is being counted again." in asked
    services.refresh_report(other.workspace_id, campaign_id, now=clock.now())
    assert "It is not ended yet: these figures grow." in text_of(desk.get(here))


def test_the_figures_are_taken_along_as_a_file_and_the_ledger_knows(shop, went):
    desk = at_desk(shop, Role.DEVELOPER)
    lines = (
        desk.post(url(shop, "campaign_report_file", went.campaign_id))
        .content.decode("utf-8-sig")
        .splitlines()
    )
    assert lines[0] == "Part of the report,What,People"
    assert "Altogether,Handed over,6" in lines
    assert "Came back,No such address: There is no such mailbox.,1" in lines
    assert "Links that were followed,https://shop.example/summer,2" in lines
    entry = ledger.history(shop.workspace_id, 0)[-1]
    assert (entry.kind, entry.fields["what"]) == ("admin.exported", "report")
    assert desk.get(url(shop, "campaign_report_file", went.campaign_id)).status_code == 405


def test_the_page_of_the_campaign_leads_to_it(shop, went):
    page = text_of(at_desk(shop).get(url(shop, "campaign", went.campaign_id)))
    assert "Nothing of it is on its way any more." in page
    assert url(shop, "campaign_report", went.campaign_id) in page
    assert "1 person opted out just before and got nothing." in page


def test_every_hard_word_is_explained_beside_it(shop, went):
    page = page_of(shop, went)
    for word in ("Handed over", "Held back", "Came back", "Reported as spam", "Opened"):
        assert f"What does “{word}” mean?" in page


def test_each_number_of_noes_leads_to_the_people_behind_it(shop, went):
    desk = at_desk(shop)
    here = f"{url(shop, 'refusals')}?campaign={went.campaign_id}"
    page = page_of(shop, went)
    assert f'href="{here}"' in page
    assert f'href="{here}&amp;way=complaint"' in page
    everybody = text_of(desk.get(here))
    assert "Only who said no by “" in everybody
    all_of_them = (went.left, went.complained, went.late)
    listed = {each for each in all_of_them if url(shop, "contact", each) in everybody}
    assert listed == {went.left, went.complained}
    complained = text_of(desk.get(f"{here}&way=complaint"))
    assert url(shop, "contact", went.complained) in complained
    assert url(shop, "contact", went.left) not in complained
    whole = desk.post(url(shop, "refusals_file"), {"campaign": went.campaign_id}).content.decode("utf-8-sig")
    assert len(whole.splitlines()) == 3


def test_a_number_that_is_no_campaign_narrows_the_list_to_nothing_in_particular(shop, went):
    desk = at_desk(shop)
    for odd in ("0", "x", "99999999999", "2147483647"):
        assert "Only who said no by" not in text_of(desk.get(f"{url(shop, 'refusals')}?campaign={odd}"))


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_page_is_sound_and_prints_without_its_frame(shop, went, browser, base, language, width, scheme):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name in ("campaign_report", "campaign"):
        page.goto(base + url(shop, name, went.campaign_id) + f"?lang={language}")
        assert looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles) == [], name
    page.goto(base + url(shop, "campaign_report", went.campaign_id) + f"?lang={language}")
    page.locator(".help summary").first.click()
    assert page.locator(".help[open] > div").first.is_visible()
    assert looked_at(page, f"report_help_{language}_{width}_{scheme}", troubles) == []
    page.emulate_media(media="print")
    for hidden in (".side", ".bar", ".help", ".btn"):
        assert not page.locator(hidden).first.is_visible()
    assert page.locator(".table").first.is_visible()
    paper = page.locator(".card").first.evaluate("each => getComputedStyle(each).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/report_print_{language}_{width}_{scheme}.png", full_page=True)
    page.context.close()


@pytest.mark.browser
def test_the_page_follows_by_itself_leaves_nothing_twice_and_ends_asking(database, browser, base):
    shop = a_shop()
    a_reader(shop)
    campaign_id = a_draft(shop)
    count = services.count(shop.workspace_id, campaign_id, now=clock.now())
    services.launch(shop.workspace_id, campaign_id, count.preflight_id, staff_id=None, now=clock.now())
    page, troubles = signed_in(browser, base, at_desk(shop), language="en", width=1366, scheme="light")
    with page.expect_response(lambda answer: "/progress/" in answer.url):
        page.goto(base + url(shop, "campaign", campaign_id) + "?lang=en")
    page.wait_for_selector("[hx-get$='/progress/']")
    services.pause(shop.workspace_id, campaign_id, now=clock.now())
    page.wait_for_selector("[hx-get$='/progress/']", state="detached")
    assert page.locator("progress").count() == 1
    assert page.locator(".stats").count() == 1
    assert troubles == []
    page.context.close()
