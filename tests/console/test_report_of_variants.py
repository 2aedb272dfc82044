"""The report of a campaign with variants: everybody is counted, and each variant stands beside the others."""

from __future__ import annotations

import pytest
from tests.campaigns.test_trials import clicked, launch, now
from tests.campaigns.test_trials import draft as a_tried_draft
from tests.chromium import SOUND, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.delivery.mailings import many_readers, send_now
from tests.delivery.sink import RunningSink
from tests.people import a_shop

from shodaku.campaigns import selectors, services
from shodaku.delivery import selectors as delivery

pytestmark = pytest.mark.usefixtures("database")


def leaves(database, shop, home, *mailing_ids):
    """All of it, however slow the machine is: what a chunk does not reach in its second is planned again."""
    with RunningSink() as sink:
        for mailing_id in mailing_ids:
            while delivery.progress(shop.workspace_id, mailing_id).waiting:
                send_now(database, shop, mailing_id, sink.port, home=home)


@pytest.fixture(scope="module")
def shop(database):
    shop = a_shop()
    many_readers(database, shop, 120)
    return shop


@pytest.fixture(scope="module")
def waiting(database, shop, tmp_path_factory):
    """Both variants have left, and nothing is decided; the counts of that moment are kept beside it."""
    campaign_id = a_tried_draft(shop)
    launch(shop, campaign_id)
    first, second = selectors.trial(shop.workspace_id, campaign_id).variants
    leaves(database, shop, tmp_path_factory.mktemp("tried"), first.mailing_id, second.mailing_id)
    clicked(database, shop, first.mailing_id, 1)
    clicked(database, shop, second.mailing_id, 5)
    page = text_of(at_desk(shop).get(url(shop, "campaign_report", campaign_id)))
    return campaign_id, services.refresh_report(shop.workspace_id, campaign_id, now=now()), page


@pytest.fixture(scope="module")
def decided(database, shop, waiting, tmp_path_factory):
    campaign_id, _before, _page = waiting
    found = selectors.trial(shop.workspace_id, campaign_id)
    assert services.judge_trials(shop.workspace_id, now=found.judge_at) == 1
    others = selectors.campaign(shop.workspace_id, campaign_id).mailing_id
    leaves(database, shop, tmp_path_factory.mktemp("others"), others)
    clicked(database, shop, others, 4)
    return campaign_id


def page_of(shop, campaign_id, language="en"):
    desk = at_desk(shop, language=language)
    return text_of(desk.get(url(shop, "campaign_report", campaign_id))).replace("<wbr>", "")


def test_before_it_is_decided_everybody_is_counted_and_it_is_not_ended(shop, waiting):
    _campaign_id, before, page = waiting
    assert before.number("people", "total") == 120
    assert before.number("people", "accepted") == 120 - before.number("people", "waiting")
    assert 0 < before.number("people", "waiting") < 120
    assert not before.ended
    assert "Nothing is decided yet: the others wait." in page
    assert "Variants are tried" in page


def test_afterwards_the_sums_are_of_all_variants_and_of_the_others(shop, decided):
    found = services.refresh_report(shop.workspace_id, decided, now=now())
    assert found.number("people", "total") == 120
    assert found.number("people", "accepted") == 120
    assert found.number("people", "clickers") == 10
    assert found.number("link", "0", "people") == 10
    assert sum(hour["clicks"] for hour in found.rows("hour").values()) == 10
    assert sum(row["accepted"] for row in found.rows("receiver").values()) == 120
    assert found.ended


def test_each_variant_has_its_own_numbers_and_they_are_the_sum(shop, decided):
    found = services.refresh_report(shop.workspace_id, decided, now=now())
    rows = found.rows("variant")
    assert {name: row["clickers"] for name, row in rows.items()} == {"1": 1, "2": 5, "others": 4}
    assert sum(row["accepted"] for row in rows.values()) == 120


def test_the_page_says_which_won_and_why(shop, decided):
    page = page_of(shop, decided)
    card = page[page.index('id="h-tried"') : page.index('id="h-became"')]
    assert "The others, who got B" in card
    assert card.index("別の件名") < card.index("The others get this one")
    assert "the largest share of its people had followed a link by then" in card
    assert "決めたとおり" in page_of(shop, decided, "ja")


def test_a_choice_at_the_command_line_is_no_decision_by_the_rule(shop):
    campaign_id = a_tried_draft(shop)
    launch(shop, campaign_id)
    services.decide_trial(shop.workspace_id, campaign_id, 1, staff_id=None, now=now())
    assert "Chosen by hand on" in page_of(shop, campaign_id)
    assert "Decided by its rule" not in page_of(shop, campaign_id)


def test_the_page_of_the_campaign_and_the_list_count_everybody(shop, decided):
    desk = at_desk(shop)
    progress = selectors.progress(shop.workspace_id, decided)
    assert (progress.total, progress.accepted, progress.waiting) == (120, 120, 0)
    page = text_of(desk.get(url(shop, "campaign", decided)))
    assert "about the others alone" not in page
    assert '<b class="num">120</b>' in page


def test_the_list_of_deliveries_holds_everybody_with_the_letter_of_what_they_got(shop, decided):
    desk = at_desk(shop)
    seen, here = [], url(shop, "deliveries", decided)
    parts = [each.mailing_id for each in selectors.parts(shop.workspace_id, decided)]
    after = None
    while rows := delivery.deliveries(shop.workspace_id, parts, after=after):
        seen += [row.contact_id for row in rows]
        after = rows[-1].contact_id
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen)
    assert '<span class="badge">A</span>' in text_of(desk.get(here))
    lines = desk.post(url(shop, "deliveries_file", decided)).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 121
    assert lines[0].endswith(",Variant")
    assert {line.rsplit(",", 1)[1] for line in lines[1:]} == {"A", "B"}


def test_the_file_of_the_report_has_the_variants_too(shop, decided):
    desk = at_desk(shop)
    lines = desk.post(url(shop, "campaign_report_file", decided)).content.decode("utf-8-sig").splitlines()
    assert "Altogether,Handed over,120" in lines
    assert "Variant B,Followed a link,5" in lines
    assert '"The others, who got B",Followed a link,4' in lines


def test_programs_are_told_the_same(shop, decided):
    campaign = selectors.campaign(shop.workspace_id, decided)
    found = selectors.report_document(shop.workspace_id, campaign, now=now())
    assert [each["variant"] for each in found["variants"]] == ["1", "2", "others"]
    assert (found["trial"]["winner"], found["trial"]["decided_by_rule"]) == (2, True)


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width", "scheme"), SOUND)
def test_the_pages_are_sound(shop, decided, browser, base, language, width, scheme):
    client = at_desk(shop, language=language)
    page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
    for name in ("campaign_report", "campaign", "deliveries"):
        page.goto(base + url(shop, name, decided) + f"?lang={language}")
        assert looked_at(page, f"{name}_tried_{language}_{width}_{scheme}", troubles) == [], name
    page.context.close()
