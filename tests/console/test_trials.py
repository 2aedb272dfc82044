"""Variants at the desk: written, taken out, tried, and one of them chosen for the others."""

from __future__ import annotations

import pytest
from tests.campaigns.test_trials import clicked, launch, tried
from tests.campaigns.test_trials import draft as a_tried_draft
from tests.chromium import SOUND, a_browser, looked_at, signed_in
from tests.console.desk import at_desk, text_of, url
from tests.console.test_campaigns import counted, draft
from tests.delivery.mailings import many_readers
from tests.people import a_shop

from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock, db

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop(database):
    shop = a_shop()
    many_readers(database, shop, 60)
    return shop


def said(**others):
    return {"subject_B": "別の件名", "share_percent": "40", "judged_by": "clicks", "hours": "6", **others}


def save(desk, shop, campaign_id, **others):
    return desk.post(url(shop, "trial", campaign_id), said(**others), follow=True)


def test_variants_are_written_shown_before_the_launch_and_taken_out(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop, click_links="on")
    assert "Try several variants first" in text_of(desk.get(url(shop, "preflight", campaign_id)))
    page = text_of(save(desk, shop, campaign_id, subject_C="三つめ"))
    assert "3 variants are tried on 40% of the people first." in page
    form = text_of(desk.get(url(shop, "trial", campaign_id)))
    assert 'value="別の件名"' in form
    assert 'value="三つめ"' in form
    page = text_of(desk.post(url(shop, "trial_drop", campaign_id), follow=True))
    assert "Everybody gets the same mail." in page
    assert selectors.trial(shop.workspace_id, campaign_id) is None


def test_a_count_from_before_the_variants_launches_nothing(shop):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop, click_links="on")
    _page, preflight = counted(desk, shop, campaign_id)
    save(desk, shop, campaign_id)
    desk.post(url(shop, "launch", campaign_id), {"preflight": preflight, "confirmed": "1"})
    assert selectors.campaign(shop.workspace_id, campaign_id).state == "draft"


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        ({"subject_B": "", "text_C": " "}, "Write another subject, or another text, for B."),
        ({"subject_B": "秋の新商品"}, "Two variants are the same."),
        ({"judged_by": "opens"}, "This campaign does not count that."),
        ({"share_percent": "80"}, "less than or equal to 50"),
        ({"text_B": "{{ nmae }}"}, "line 1"),
    ],
)
def test_what_cannot_be_tried_comes_back_with_a_sentence_and_all_that_was_typed(shop, others, sentence):
    desk = at_desk(shop, Role.MARKETER)
    campaign_id = draft(desk, shop, click_links="on")
    typed = {"text_C": "三つめの文", **others}
    answer = save(desk, shop, campaign_id, **typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert typed["text_C"].strip() in text_of(answer)
    assert selectors.trial(shop.workspace_id, campaign_id) is None


def test_what_is_measured_stands_by_each_variant_and_one_is_chosen_after_a_question(database, shop, tmp_path):
    campaign_id = a_tried_draft(shop)
    launch(shop, campaign_id)
    tried(database, shop, campaign_id, tmp_path)
    found = selectors.trial(shop.workspace_id, campaign_id)
    clicked(database, shop, found.variants[1].mailing_id, 3)
    desk = at_desk(shop, Role.MARKETER)
    page = text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert "Variants are tried" in page
    assert "Go on" not in page
    assert "people wait. It is decided by itself on" in page
    assert "Variants are tried" in text_of(desk.get(url(shop, "campaigns")))
    place = url(shop, "trial_choose", campaign_id, 2)
    asked = text_of(desk.post(place))
    assert "Send B to the other" in asked
    assert selectors.trial(shop.workspace_id, campaign_id).undecided
    page = text_of(desk.post(place, {"confirmed": "1"}, follow=True))
    assert "B goes to the other" in page
    assert "The others get this one" in page
    again = text_of(desk.post(url(shop, "trial_choose", campaign_id, 1), {"confirmed": "1"}, follow=True))
    assert "It was decided or stopped meanwhile." in again
    assert selectors.trial(shop.workspace_id, campaign_id).winner == 2


def test_the_others_that_stopped_by_themselves_say_why_and_can_go_on_too(shop):
    campaign_id = a_tried_draft(shop)
    launch(shop, campaign_id)
    services.decide_trial(shop.workspace_id, campaign_id, 2, staff_id=None, now=clock.now())
    others = selectors.campaign(shop.workspace_id, campaign_id).mailing_id
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update mailing set state = 'paused', stopped_for = 'bounces', stopped_sent = 500,"
            " stopped_bad = 40 where mailing_id = %s",
            [others],
        )
    page = text_of(at_desk(shop, Role.MARKETER).get(url(shop, "campaign", campaign_id)))
    assert "<b>The others</b>" in page
    assert "Go on" in page


def test_a_variant_that_stopped_by_itself_says_why_and_can_go_on(shop):
    campaign_id = a_tried_draft(shop)
    launch(shop, campaign_id)
    second = selectors.trial(shop.workspace_id, campaign_id).variants[1].mailing_id
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update mailing set state = 'paused', stopped_for = 'bounces', stopped_sent = 500,"
            " stopped_bad = 40 where mailing_id = %s",
            [second],
        )
    desk = at_desk(shop, Role.MARKETER)
    page = text_of(desk.get(url(shop, "campaign", campaign_id)))
    assert "<b>B</b>" in page
    assert "Go on" in page
    page = text_of(desk.post(url(shop, "campaign_resume", campaign_id), follow=True))
    assert "Go on" not in page
    assert delivery.progress(shop.workspace_id, second).state.value == "running"


def test_after_the_launch_the_page_of_the_variants_is_the_campaign(shop):
    campaign_id = a_tried_draft(shop)
    launch(shop, campaign_id)
    desk = at_desk(shop, Role.MARKETER)
    for answer in (
        desk.get(url(shop, "trial", campaign_id)),
        desk.post(url(shop, "trial", campaign_id), said()),
        desk.post(url(shop, "trial_drop", campaign_id)),
    ):
        assert (answer.status_code, answer["Location"]) == (302, url(shop, "campaign", campaign_id))


@pytest.mark.parametrize("role", [Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_who_writes_no_campaigns_writes_no_variants(shop, role):
    campaign_id = a_tried_draft(shop)
    desk = at_desk(shop, role)
    for page, arguments in (("trial", ()), ("trial_drop", ()), ("trial_choose", (1,))):
        assert desk.post(url(shop, page, campaign_id, *arguments), {}).status_code == 403


@pytest.mark.browser
def test_the_pages_of_variants_are_sound(database, shop, base, tmp_path):
    written, running = a_tried_draft(shop), a_tried_draft(shop)
    launch(shop, running)
    tried(database, shop, running, tmp_path)
    found = selectors.trial(shop.workspace_id, running)
    clicked(database, shop, found.variants[1].mailing_id, 3)
    with a_browser() as browser:
        wrong = {}
        for language, width, scheme in SOUND:
            client = at_desk(shop, language=language)
            page, troubles = signed_in(browser, base, client, language=language, width=width, scheme=scheme)
            for name, address in (
                ("trial", url(shop, "trial", written)),
                ("trial_running", url(shop, "campaign", running)),
            ):
                page.goto(base + address + f"?lang={language}")
                if told := looked_at(page, f"{name}_{language}_{width}_{scheme}", troubles):
                    wrong[name, language, width] = told
            words = "残りの人に送る" if language == "ja" else "Send to the others"
            with page.expect_navigation():
                page.get_by_role("button", name=words).nth(1).click()
            if told := looked_at(page, f"trial_confirm_{language}_{width}_{scheme}", troubles):
                wrong["confirm", language, width] = told
            page.context.close()
    assert wrong == {}
