"""A topic that is put away is offered nowhere any more; what people agreed to and refused goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.campaigns.test_services import a_draft
from tests.console.desk import at_desk, text_of, url
from tests.people import SENDER, a_reader, a_shop
from tests.signup.forms import a_form, link
from tests.signup.shown import acts

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors as campaigns_known
from shodaku.campaigns import services as campaigns
from shodaku.campaigns.domain import NewCampaign
from shodaku.consent import selectors as consents
from shodaku.consent.domain import ConsentState
from shodaku.console import offering
from shodaku.kit.links import Purpose, Token
from shodaku.optout import selectors as optout_known
from shodaku.segments import services as segments
from shodaku.segments.domain import AgreedTo, Expression, Group, Match
from shodaku.signup import services as signup
from shodaku.signup.domain import FormDefinition

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
NAME = "月刊ショップだより"


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def desk(shop):
    return at_desk(shop, language="ja")


def put_away(shop, topic_id=None):
    return offering.put_topic_away(shop.workspace_id, topic_id or shop.topic_id, now=NOW)


def is_away(shop):
    return consents.topic(shop.workspace_id, shop.topic_id).archived_at is not None


def page(desk, shop, *place):
    return text_of(desk.get(url(shop, *place)))


def own_page(shop, contact_id):
    return f"/p/{link(Token(shop.workspace_id, 0, contact_id, Purpose.PREFERENCE))}"


def receives(shop, contact_id):
    states = optout_known.topic_states(shop.workspace_id, contact_id, NOW)
    return {state.topic.topic_id for state in states if state.receives}


def test_put_away_it_can_be_chosen_for_nothing_new_and_is_an_act(shop, desk):
    desk.post(url(shop, "topic_archive", shop.topic_id))
    assert acts(shop, "admin.topic.archived")[-1]["topic"] == "news"
    for place in ("campaign_new", "form_new", "segment_new"):
        assert NAME not in page(desk, shop, place), place
    assert "しまってある" in page(desk, shop, "topics")
    assert "セール速報" in page(desk, shop, "campaign_new")


def test_used_again_it_is_offered_as_before(shop, desk):
    put_away(shop)
    desk.post(url(shop, "topic_use", shop.topic_id))
    assert not is_away(shop)
    assert acts(shop, "admin.topic.used_again")[-1]["topic"] == "news"
    assert NAME in page(desk, shop, "campaign_new")


@pytest.mark.parametrize("role", [Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_only_who_makes_forms_puts_topics_away(shop, role):
    for place in ("topic_archive", "topic_use", "topic_sender"):
        assert at_desk(shop, role).post(url(shop, place, shop.topic_id)).status_code == 403


def test_a_topic_of_another_shop_is_not_there(shop, desk):
    other = a_shop()
    for place in ("topic_archive", "topic_use", "topic_sender"):
        assert desk.post(url(shop, place, other.topic_id)).status_code == 404
    assert not is_away(other)


def test_while_a_published_form_offers_it_it_stays_and_the_page_says_which(shop, desk):
    form = a_form(shop)
    shown = page(desk, shop, "topic", shop.topic_id)
    assert url(shop, "form", form.form_id) in shown
    assert url(shop, "topic_archive", shop.topic_id) not in shown
    answer = desk.post(url(shop, "topic_archive", shop.topic_id))
    assert "公開中のフォームか予定のある配信が使っています" in text_of(desk.get(answer["Location"]))
    assert not is_away(shop)
    without = FormDefinition(title="お便り", topic_ids=(shop.other_topic_id,))
    signup.publish(shop.workspace_id, form.form_id, without, None, NOW)
    assert put_away(shop)


def test_a_form_whose_words_were_taken_back_keeps_no_topic(shop):
    form = a_form(shop)
    signup.withdraw_version(shop.workspace_id, form.form_id, form.version, None, NOW)
    assert put_away(shop)


def test_no_form_is_published_with_it(shop):
    form = a_form(shop, topic_ids=[shop.other_topic_id])
    put_away(shop)
    both = FormDefinition(title="お便り", topic_ids=(shop.topic_id, shop.other_topic_id))
    with pytest.raises(signup.NoTopic):
        signup.publish(shop.workspace_id, form.form_id, both, None, NOW)


def test_while_a_campaign_is_planned_or_under_way_it_stays_and_the_page_says_which(shop, desk):
    a_reader(shop, at=NOW - timedelta(days=1))
    planned = a_draft(shop, name="来週の便り")
    campaigns.schedule(shop.workspace_id, planned, NOW + timedelta(days=7), staff_id=None, now=NOW)
    assert url(shop, "campaign", planned) in page(desk, shop, "topic", shop.topic_id)
    with pytest.raises(offering.TopicUsed):
        put_away(shop)
    counted = campaigns.count(shop.workspace_id, planned, now=NOW)
    campaigns.launch(shop.workspace_id, planned, counted.preflight_id, staff_id=None, now=NOW)
    with pytest.raises(offering.TopicUsed) as refused:
        put_away(shop)
    assert [each.campaign_id for each in refused.value.use.campaigns] == [planned]
    campaigns.cancel(shop.workspace_id, planned, now=NOW)
    assert put_away(shop)


def test_a_plain_draft_does_not_keep_it_and_cannot_be_sent_off(shop, desk):
    a_reader(shop, at=NOW - timedelta(days=1))
    draft = a_draft(shop)
    counted = campaigns.count(shop.workspace_id, draft, now=NOW)
    put_away(shop)
    with pytest.raises(campaigns.TopicPutAway):
        campaigns.launch(shop.workspace_id, draft, counted.preflight_id, staff_id=None, now=NOW)
    assert campaigns_known.campaign(shop.workspace_id, draft).mailing_id is None
    told = page(desk, shop, "campaign", draft)
    assert "この種類はしまってあります" in told
    assert NAME in told
    assert "この種類はしまってあります" in page(desk, shop, "preflight", draft)


def test_no_new_campaign_is_made_of_it_and_no_draft_is_given_it(shop):
    draft = a_draft(shop, topic_id=shop.other_topic_id)
    put_away(shop)
    with pytest.raises(campaigns.TopicPutAway):
        a_draft(shop)
    kept = campaigns_known.campaign(shop.workspace_id, draft)
    moved = NewCampaign(name=kept.name, topic_id=shop.topic_id, subject=kept.subject, text=kept.text)
    with pytest.raises(campaigns.TopicPutAway):
        campaigns.edit(shop.workspace_id, draft, moved, staff_id=None, now=NOW)


def test_consents_go_on_and_their_person_sees_and_stops_them_as_before(shop):
    reader = a_reader(shop, at=NOW - timedelta(days=1))
    put_away(shop)
    assert receives(shop, reader) == {shop.topic_id}
    browser = Client(headers={"accept-language": "ja"})
    shown = text_of(browser.get(own_page(shop, reader)))
    assert NAME in shown
    assert "（いまは送っていません）" in shown
    answer = browser.post(own_page(shop, reader), {"shown": str(shop.topic_id), "days": "0"})
    assert answer.status_code == 200
    assert receives(shop, reader) == set()
    (held,) = consents.held(shop.workspace_id, reader)
    assert held.state == ConsentState.WITHDRAWN
    assert NAME not in text_of(browser.get(own_page(shop, reader)))


def test_who_does_not_have_it_is_not_asked_for_it_whatever_their_browser_sends(shop):
    reader = a_reader(shop, topic_id=shop.other_topic_id, at=NOW - timedelta(days=1))
    put_away(shop)
    browser = Client(headers={"accept-language": "ja"})
    assert NAME not in text_of(browser.get(own_page(shop, reader)))
    both = {"shown": str(shop.other_topic_id), "topics": [shop.other_topic_id, shop.topic_id]}
    browser.post(own_page(shop, reader), both | {"days": "0"})
    assert {each.topic_id for each in consents.held(shop.workspace_id, reader)} == {shop.other_topic_id}


def test_staff_still_writes_down_a_no_to_it(shop, desk):
    reader = a_reader(shop, at=NOW - timedelta(days=1))
    put_away(shop)
    said = {"scope": "topic", "topic": shop.topic_id, "via": "telephone"}
    assert desk.post(url(shop, "refuse", reader), said).status_code == 302
    assert receives(shop, reader) == set()


def test_a_segment_that_asks_for_it_keeps_its_words(shop, desk):
    asks = Expression(Match.ALL, (Group(Match.ALL, (AgreedTo(shop.topic_id),)),))
    kept = segments.create(shop.workspace_id, "便りの読者", asks, by="staff:1", now=NOW)
    put_away(shop)
    shown = page(desk, shop, "segment", kept)
    assert f'value="{shop.topic_id}" selected>{NAME}' in shown


def test_it_is_not_offered_again_while_its_sender_is_retired(shop, desk):
    school = accounts.save_sender(shop.workspace_id, replace(SENDER, formal_name="まなびの会"), now=NOW)
    for topic_id in (shop.topic_id, shop.other_topic_id):
        put_away(shop, topic_id)
    assert offering.retire_sender(shop.workspace_id, shop.sender_id, now=NOW)
    assert school
    answer = desk.post(url(shop, "topic_use", shop.topic_id))
    assert "送信者の使用を終えています" in text_of(desk.get(answer["Location"]))
    assert is_away(shop)
