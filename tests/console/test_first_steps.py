"""Five steps of a new workspace: each is done by facts, and they can be put away."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.console.desk import at_desk, somebody, text_of, url
from tests.delivery.zone import texts
from tests.people import SENDER, Shop
from tests.signup.forms import a_form

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import Role
from shodaku.consent import services as consent
from shodaku.consent.domain import Frequency, Period
from shodaku.console.first_steps import first_steps
from shodaku.console.guard import Visitor
from shodaku.delivery import services as delivery
from shodaku.delivery.selectors import Algorithm

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge


@pytest.fixture
def shop():
    """As the first page leaves it: who sends, without a policy, and nothing else."""
    slug = f"steps-{uuid.uuid4().hex[:10]}"
    workspace = services.create_workspace(slug, "はじめ", now=NOW, second_factor_required=False)
    services.save_sender(workspace.workspace_id, replace(SENDER, privacy_policy=""), now=NOW)
    services.join(workspace.workspace_id, somebody(Role.OWNER), Role.OWNER, now=NOW)
    return workspace


def done(workspace, role=Role.OWNER):
    steps = first_steps(Visitor(somebody(Role.OWNER), "x", role, workspace, ()))
    return [step["tone"] == "go" for step in steps]


def test_nothing_is_done_until_the_facts_say_so_and_what_is_done_alone_is(shop):
    whose = shop.workspace_id
    assert done(shop) == [False] * 5
    (sender,) = selectors.senders(whose)
    services.save_sender(whose, replace(sender, privacy_policy="案内のためだけに使います。"), now=NOW)
    assert done(shop) == [True, False, False, False, False]
    made = delivery.make_dkim_keys(whose, "aoi.example", (Algorithm.RSA,), by="test", now=NOW)
    zone = {each.name: each.record for each in made} | {"_dmarc.aoi.example": "v=DMARC1; p=none"}
    delivery.check_domain(whose, "aoi.example", texts({}), by="test", now=NOW)
    assert done(shop) == [True, False, False, False, False]
    delivery.check_domain(whose, "aoi.example", texts(zone), by="test", now=NOW)
    assert done(shop) == [True, True, False, False, False]
    topic_id = consent.create_topic(
        whose,
        consent.NewTopic(
            slug="news",
            name="便り",
            name_en="News",
            content="お知らせ",
            purpose="案内",
            frequency=Frequency(1, Period.WEEK),
            sender_id=sender.sender_id,
        ),
        now=NOW,
    )
    assert done(shop) == [True, True, True, False, False]
    a_form(Shop(whose, shop.slug, sender.sender_id, topic_id, topic_id))
    assert done(shop) == [True, True, True, True, False]


def test_they_are_put_away_by_one_member_for_that_member_alone_and_come_back(shop):
    desk = at_desk(shop)
    assert "First steps" in text_of(desk.get(url(shop, "home")))
    assert desk.post(url(shop, "guide"), {"away": "1"}).status_code == 302
    assert 'id="h-guide"' not in text_of(desk.get(url(shop, "home")))
    assert 'id="h-guide"' in text_of(at_desk(shop, Role.MARKETER).get(url(shop, "home")))
    assert "Show the first steps again" in text_of(desk.get(url(shop, "account")))
    desk.post(url(shop, "guide"))
    assert 'id="h-guide"' in text_of(desk.get(url(shop, "home")))


@pytest.mark.parametrize("role", [Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER])
def test_who_can_do_none_of_them_is_not_shown_them(shop, role):
    assert 'id="h-guide"' not in text_of(at_desk(shop, role).get(url(shop, "home")))


def test_each_step_that_is_open_leads_to_its_page(shop):
    desk = at_desk(shop, language="ja")
    page = text_of(desk.get(url(shop, "home")))
    (sender,) = selectors.senders(shop.workspace_id)
    places = [url(shop, name) for name in ("domains", "topic_new", "forms", "campaign_new")]
    for place in (url(shop, "sender", sender.sender_id), *places):
        assert f'href="{place}"' in page.split('id="h-guide"')[1].split("</section>")[0], place
