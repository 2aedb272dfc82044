from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people import a_contact, a_reader, a_shop

from shodaku.accounts import selectors as accounts_known
from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.campaigns.rehearsal import faults
from shodaku.campaigns.services import (
    ContentChanged,
    DisplayMissing,
    Launched,
    MorePeople,
    NewCampaign,
    NotSendable,
)
from shodaku.consent.domain import Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel
from shodaku.content.domain import TemplateFault
from shodaku.delivery import selectors as delivery
from shodaku.kit import db, runtime
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Group, Reason
from shodaku.segments.domain import BoughtNothing, BoughtWithin
from shodaku.suppression import services as suppression

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("database")


def a_draft(shop, **changes):
    letter = NewCampaign(
        **{
            "name": "11月のお便り",
            "topic_id": shop.topic_id,
            "subject": "11月のお便り",
            "text": "{{ name }}\n\n冬の品がそろいました。",
            **changes,
        }
    )
    return services.create(shop.workspace_id, letter, staff_id=None, now=NOW)


def launch(shop, campaign_id, counted=None):
    counted = counted or services.count(shop.workspace_id, campaign_id, now=NOW)
    return services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=NOW)


def test_who_gets_it_and_why_not_the_others_add_up_to_everybody_chosen():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    a_reader(shop, topic_id=shop.other_topic_id, at=NOW - A_DAY)
    a_contact(shop)
    a_reader(shop, at=NOW - 10 * A_DAY, expires_at=NOW - A_DAY)
    gone = a_reader(shop, at=NOW - 10 * A_DAY)
    optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=gone, scope=OptOutScope.ALL, via=Method.PAGE),
        NOW - A_DAY,
    )
    counted = services.count(shop.workspace_id, a_draft(shop), now=NOW)
    assert (counted.chosen, counted.sendable) == (5, 1)
    assert counted.sendable + sum(counted.reasons.values()) == counted.chosen
    assert counted.reasons == {
        "CONSENT_SCOPE_TOPIC": 1,
        "NO_BASIS": 1,
        "CONSENT_EXPIRED": 1,
        "REFUSED_ALL": 1,
    }
    groups = selectors.funnel(counted)
    assert set(groups) <= {Group.WAIT, Group.NEVER}


def test_a_launch_plans_those_who_may_get_it_and_nobody_else():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    a_contact(shop)
    answer = launch(shop, a_draft(shop))
    assert isinstance(answer, Launched)
    assert answer.people == 1
    assert delivery.progress(shop.workspace_id, answer.mailing_id).waiting == 1


def test_launching_twice_is_one_launch():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    assert launch(shop, campaign_id, counted) == launch(shop, campaign_id, counted)


def test_a_content_changed_after_the_count_is_not_sent():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    services.edit(
        shop.workspace_id,
        campaign_id,
        NewCampaign(name="x", topic_id=shop.topic_id, subject="べつの件名", text="べつの本文"),
        staff_id=None,
        now=NOW,
    )
    assert launch(shop, campaign_id, counted) == ContentChanged()


def test_more_people_than_the_button_said_are_not_sent_to():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    a_reader(shop, at=NOW - A_DAY)
    assert launch(shop, campaign_id, counted) == MorePeople(1, 2)
    assert selectors.campaign(shop.workspace_id, campaign_id).state == "draft"


def test_a_campaign_to_nobody_is_not_launched():
    shop = a_shop()
    a_contact(shop)
    assert launch(shop, a_draft(shop)) == NotSendable({"NO_BASIS": 1})


def test_a_template_that_does_not_compile_launches_nothing():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    campaign_id = a_draft(shop, text="{% for x in y %}")
    with pytest.raises(TemplateFault):
        services.count(shop.workspace_id, campaign_id, now=NOW)


def test_conditions_choose_among_the_readers():
    shop = a_shop()
    buyer = a_reader(shop, at=NOW - A_DAY)
    a_reader(shop, at=NOW - A_DAY)
    with db.transaction(shop.workspace_id):
        contacts.record_purchases(
            [{"contact_id": buyer, "title": "湯のみ", "amount_yen": 3300, "at": datetime.now(UTC) - A_DAY}]  # noqa: TID251 - the database's clock decides here
        )
    campaign_id = a_draft(shop, conditions=(BoughtWithin(30),))
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    assert (counted.chosen, counted.sendable) == (1, 1)
    assert launch(shop, campaign_id, counted).people == 1


def test_a_launched_campaign_is_not_edited_any_more_but_copied():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    campaign_id = a_draft(shop)
    launch(shop, campaign_id)
    with pytest.raises(services.AlreadyLaunched):
        services.edit(
            shop.workspace_id,
            campaign_id,
            NewCampaign(name="x", topic_id=shop.topic_id),
            staff_id=None,
            now=NOW,
        )
    copied = services.copy(shop.workspace_id, campaign_id, staff_id=None, now=NOW)
    assert selectors.campaign(shop.workspace_id, copied).state == "draft"


def test_pause_resume_and_cancel_reach_the_mailing_and_are_recorded():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    campaign_id = a_draft(shop)
    mailing_id = launch(shop, campaign_id).mailing_id
    states = []
    for act in (services.pause, services.resume, services.cancel):
        assert act(shop.workspace_id, campaign_id, now=NOW)
        states.append(delivery.progress(shop.workspace_id, mailing_id).state.value)
    assert states == ["paused", "running", "cancelled"]
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, 0)]
    acts = ("created", "launched", "paused", "running", "cancelled")
    assert kinds == [f"admin.campaign.{act}" for act in acts]
    assert not services.resume(shop.workspace_id, campaign_id, now=NOW)


def test_a_test_goes_to_who_asked_for_it_and_makes_no_consent():
    shop = a_shop()
    address = f"staff-{shop.slug}@aoi.example"
    staff_id = accounts.create_staff(address, "森 美咲", "a long password", now=NOW)
    accounts.join(shop.workspace_id, staff_id, Role.MARKETER, now=NOW)
    mailing_id = services.test_send(shop.workspace_id, a_draft(shop), staff_id=staff_id, now=NOW)
    mailing = delivery.mailing(shop.workspace_id, mailing_id)
    assert mailing.subject == "[TEST] 11月のお便り"
    campaign = services.count(shop.workspace_id, a_draft(shop), now=NOW)
    assert campaign.reasons == {"NO_BASIS": 1}


def test_a_stranger_cannot_have_a_test_sent_anywhere():
    shop = a_shop()
    with pytest.raises(services.NoStaff):
        services.test_send(shop.workspace_id, a_draft(shop), staff_id=10**6, now=NOW)


def test_a_button_pressed_for_other_people_sends_nothing():
    """The same number of people, and others: the count was not of them."""
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    narrowed = NewCampaign(
        name="11月のお便り",
        topic_id=shop.topic_id,
        subject="11月のお便り",
        text="{{ name }}\n\n冬の品がそろいました。",
        conditions=(BoughtNothing(),),
    )
    services.edit(shop.workspace_id, campaign_id, narrowed, staff_id=None, now=NOW)
    assert launch(shop, campaign_id, counted) == ContentChanged()


def test_a_sender_without_a_legal_name_launches_nothing():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    campaign_id = a_draft(shop)
    nameless = replace(accounts_known.sender(shop.workspace_id, shop.sender_id), formal_name=" ")
    accounts.save_sender(shop.workspace_id, nameless, now=NOW)
    assert launch(shop, campaign_id) == DisplayMissing((Reason.DISPLAY_NAME_MISSING,))
    assert selectors.campaign(shop.workspace_id, campaign_id).state == "draft"


@pytest.mark.parametrize("subject", ["Re: ご注文", "ＦＷ：お便り", "返信: 冬の品"])
def test_a_subject_that_pretends_to_be_an_answer_launches_nothing(subject):
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    assert launch(shop, a_draft(shop, subject=subject)) == DisplayMissing((Reason.SUBJECT_DECEPTIVE,))


def test_links_that_anybody_on_the_way_can_read_launch_nothing():
    """What is linted has the real addresses: one-click wants https (RFC 8058 section 3.1)."""
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    campaign_id = a_draft(shop)
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    with runtime.replaced(replace(runtime.current(), public_url="http://t.aoi.example")):
        assert launch(shop, campaign_id, counted) == DisplayMissing((Reason.HEADER_ONECLICK_MISSING,))
    with runtime.replaced(replace(runtime.current(), public_url="https://t.aoi.example")):
        assert isinstance(launch(shop, campaign_id, counted), Launched)


def test_a_shop_of_mail_order_shows_who_sells_and_on_which_terms_or_launches_nothing():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    accounts.declare_mail_order(shop.workspace_id, on=True)
    campaign_id = a_draft(shop, html="<p>冬の品がそろいました。</p>")
    assert launch(shop, campaign_id) == DisplayMissing((Reason.DISPLAY_TOKUSHO_MISSING,))
    sender = accounts_known.sender(shop.workspace_id, shop.sender_id)
    seller = replace(sender, responsible_person="青井 葵", sales_terms_url="https://aoi.example/terms")
    accounts.save_sender(shop.workspace_id, seller, now=NOW)
    answer = launch(shop, campaign_id)
    assert isinstance(answer, Launched)
    mailing = delivery.mailing(shop.workspace_id, answer.mailing_id)
    for part in (mailing.text, mailing.html):
        assert "青井 葵" in part
        assert "https://aoi.example/terms" in part


def test_the_message_is_examined_as_its_first_readers_get_it():
    shop = a_shop()
    reader = a_reader(shop, at=NOW - A_DAY, name="<b> {{ opt_out }}")
    campaign = selectors.campaign(shop.workspace_id, a_draft(shop, html="<p>{{ name }}</p>"))
    sender = accounts_known.sender(shop.workspace_id, shop.sender_id)
    ready = services.frozen(shop.workspace_id, campaign)
    asked = {"mail_order": False, "readers": [reader, 10**9]}  # one is erased since they were counted
    assert faults(shop.workspace_id, ready, sender, shop.topic_id, **asked) == ()
    hidden = replace(ready, html=ready.html.replace("#333333", "#fdfdfd"))
    missing = (Reason.DISPLAY_NOT_RECOGNISABLE,)
    assert faults(shop.workspace_id, hidden, sender, shop.topic_id, **asked)[:1] == missing


def test_what_is_only_being_written_is_examined_and_not_kept():
    shop = a_shop()
    draft = NewCampaign(name="x", topic_id=shop.topic_id, subject="Re: x", text="本文")
    examined = services.examine(shop.workspace_id, draft)
    assert examined.faults == (Reason.SUBJECT_DECEPTIVE,)
    assert examined.frozen.text.startswith("本文")
    assert selectors.campaigns(shop.workspace_id) == []


def test_an_erased_member_of_staff_gets_no_test_and_is_not_remembered_again():
    shop = a_shop()
    address = f"gone-{shop.slug}@aoi.example"
    staff_id = accounts.create_staff(address, "森 美咲", "a long password", now=NOW)
    accounts.join(shop.workspace_id, staff_id, Role.MARKETER, now=NOW)
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    with db.transaction(shop.workspace_id):
        suppression.suppress([pair], "erased", now=NOW)
    with pytest.raises(services.StaffErased):
        services.test_send(shop.workspace_id, a_draft(shop), staff_id=staff_id, now=NOW)
    assert contacts_known.claimed(shop.workspace_id, Channel.EMAIL, [pair.strict]) == {}


def test_a_test_takes_nothing_off_the_promised_frequency():
    """A member of staff who reads the topic too gets the issue itself, however many tests went before."""
    shop = a_shop()
    address = f"reader-{shop.slug}@aoi.example"
    a_reader(shop, address, at=NOW - A_DAY)
    staff_id = accounts.create_staff(address, "森 美咲", "a long password", now=NOW)
    accounts.join(shop.workspace_id, staff_id, Role.MARKETER, now=NOW)
    campaign_id = a_draft(shop)
    mailing_id = services.test_send(shop.workspace_id, campaign_id, staff_id=staff_id, now=NOW)
    mailing = delivery.mailing(shop.workspace_id, mailing_id)
    assert (mailing.message_class, mailing.ads) == ("reminder", "none")
    counted = services.count(shop.workspace_id, campaign_id, now=NOW)
    assert (counted.chosen, counted.sendable) == (1, 1)


PEOPLE = {
    "reader": lambda shop: a_reader(shop, at=NOW - A_DAY),
    "stranger": a_contact,
    "of another topic": lambda shop: a_reader(shop, topic_id=shop.other_topic_id, at=NOW - A_DAY),
    "expired": lambda shop: a_reader(shop, at=NOW - 10 * A_DAY, expires_at=NOW - A_DAY),
    "stale": lambda shop: a_reader(shop, at=NOW - 500 * A_DAY),
}


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(sorted(PEOPLE)), max_size=6))
def test_whoever_is_chosen_is_sendable_or_held_for_one_reason(people):
    shop = a_shop()
    for kind in people:
        PEOPLE[kind](shop)
    counted = services.count(shop.workspace_id, a_draft(shop), now=NOW)
    assert counted.chosen == len(people)
    assert counted.sendable == people.count("reader")
    assert counted.sendable + sum(counted.reasons.values()) == counted.chosen
    shown = sum(n for rows in selectors.funnel(counted).values() for _, n in rows)
    assert shown == counted.chosen - counted.sendable


def test_stopping_works_while_the_vault_is_away_and_is_recorded_when_it_is_back():
    shop = a_shop()
    a_reader(shop, at=NOW - A_DAY)
    campaign_id = a_draft(shop)
    mailing_id = launch(shop, campaign_id).mailing_id
    away = replace(runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1")
    with runtime.replaced(away):
        assert services.pause(shop.workspace_id, campaign_id, now=NOW)
        assert services.cancel(shop.workspace_id, campaign_id, now=NOW)
    assert delivery.progress(shop.workspace_id, mailing_id).state.value == "cancelled"
    ledger_services.settle_waiting(shop.workspace_id)
    kinds = [entry.kind for entry in ledger.history(shop.workspace_id, 0)]
    assert kinds[-2:] == ["admin.campaign.paused", "admin.campaign.cancelled"]
    assert ledger.audit(shop.workspace_id).consistent


def test_who_stopped_mails_to_their_own_address_gets_no_test_either():
    shop = a_shop()
    address = f"staff-{shop.slug}@aoi.example"
    staff_id = accounts.create_staff(address, "森 美咲", "a long password", now=NOW)
    accounts.join(shop.workspace_id, staff_id, Role.MARKETER, now=NOW)
    campaign_id = a_draft(shop)
    services.test_send(shop.workspace_id, campaign_id, staff_id=staff_id, now=NOW)
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    contact_id = contacts_known.claimed(shop.workspace_id, Channel.EMAIL, [pair.strict])[pair.strict]
    optout.opt_out(
        OptOut(workspace_id=shop.workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=Method.PAGE),
        NOW,
    )
    with pytest.raises(services.StaffRefused):
        services.test_send(shop.workspace_id, campaign_id, staff_id=staff_id, now=NOW)
