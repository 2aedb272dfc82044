"""Who sends: several legal identities side by side; a topic stays with the one it was agreed to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.campaigns.test_services import a_draft
from tests.console.desk import at_desk, text_of, url
from tests.console.senders import save, typed
from tests.people import SENDER, a_reader, a_shop
from tests.signup.forms import a_form
from tests.signup.shown import acts

from shodaku.accounts import retiring, selectors, services
from shodaku.accounts.domain import Role
from shodaku.campaigns import services as campaigns
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import Frequency, Period
from shodaku.console import offering
from shodaku.signup import selectors as signup_known
from shodaku.signup import services as signup
from shodaku.signup.domain import FormDefinition, NewForm

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)  # noqa: TID251 - a test is an edge
SCHOOL = replace(
    SENDER,
    formal_name="一般社団法人まなびの会",
    display_name="まなびの会",
    from_address="news@manabi.example",
    mail_domain="manabi.example",
)


@pytest.fixture
def shop():
    return a_shop()


@pytest.fixture
def desk(shop):
    return at_desk(shop)


@pytest.fixture
def school(shop):
    """A second sender, which nothing uses."""
    return services.save_sender(shop.workspace_id, SCHOOL, now=NOW)


def a_topic(shop, sender_id, slug="course"):
    new = consent.NewTopic(
        slug=slug,
        name="講座のご案内",
        name_en="",
        content="講座のご案内",
        purpose="講座の案内",
        frequency=Frequency(2, Period.MONTH),
        sender_id=sender_id,
    )
    return consent.create_topic(shop.workspace_id, new, now=NOW)


def sender_of(shop, topic_id):
    return consents.topic(shop.workspace_id, topic_id).sender_id


def in_use(shop):
    return [each.sender_id for each in selectors.senders(shop.workspace_id)]


def told(desk, answer):
    """The page that an act leads to."""
    return text_of(desk.get(answer["Location"]))


def test_an_owner_adds_another_sender_with_its_policy_and_it_is_an_act(shop, desk):
    answer = desk.post(url(shop, "sender_new"), typed(SCHOOL))
    assert answer.status_code == 302
    first, second = selectors.senders(shop.workspace_id)
    assert (first.sender_id, first.formal_name) == (shop.sender_id, SENDER.formal_name)
    assert replace(second, sender_id=0) == SCHOOL
    assert acts(shop, "admin.sender.added")[-1]["sender"] == str(second.sender_id)
    assert [each["sender"] for each in acts(shop, "policy")] == [str(second.sender_id)]
    page = text_of(desk.get(url(shop, "senders")))
    assert SENDER.formal_name in page
    assert SCHOOL.formal_name in page


def test_a_sender_that_could_not_send_is_not_added_and_nothing_typed_is_lost(shop, desk):
    answer = desk.post(url(shop, "sender_new"), typed(SCHOOL, from_address="news@rival.example"))
    assert answer.status_code == 422
    assert SCHOOL.formal_name in text_of(answer)
    assert in_use(shop) == [shop.sender_id]


def test_one_more_than_a_workspace_holds_is_refused_in_a_sentence_and_nothing_typed_is_lost(
    shop, desk, monkeypatch
):
    monkeypatch.setattr(retiring, "SENDERS_MAX", 2)
    assert desk.post(url(shop, "sender_new"), typed(SCHOOL)).status_code == 302
    answer = desk.post(url(shop, "sender_new"), typed(SCHOOL, formal_name="三つ目の会"))
    assert answer.status_code == 422
    assert "a workspace holds no more" in text_of(answer)
    assert "三つ目の会" in text_of(answer)
    assert len(in_use(shop)) == 2


def test_each_sender_is_changed_for_itself_and_keeps_its_own_versions(shop, desk, school):
    assert save(desk, shop, school, postal_address="京都市左京区1").status_code == 302
    assert selectors.sender(shop.workspace_id, shop.sender_id).postal_address == SENDER.postal_address
    page = text_of(desk.get(url(shop, "sender", school)))
    assert "Version 2" in page
    assert "京都市左京区1" in page
    assert "Version 2" not in text_of(desk.get(url(shop, "sender", shop.sender_id)))


def test_of_two_who_change_a_sender_the_second_is_shown_what_the_first_saved(shop, desk):
    seen = desk.get(url(shop, "sender", shop.sender_id)).context["form"].initial["seen"]
    assert save(desk, shop, postal_address="東京都港区1-1").status_code == 302
    late = typed(SENDER, seen=seen, contact_phone="03-9999-9999")
    answer = desk.post(url(shop, "sender", shop.sender_id), late)
    assert answer.status_code == 409
    assert "03-9999-9999" in text_of(answer)
    assert "東京都港区1-1" in text_of(answer)
    assert selectors.sender(shop.workspace_id, shop.sender_id).contact_phone == SENDER.contact_phone


def test_a_sender_of_another_shop_is_not_there(shop, desk):
    other = a_shop()
    assert desk.get(url(shop, "sender", other.sender_id)).status_code == 404
    for page in ("sender_retire", "sender_use"):
        assert desk.post(url(shop, page, other.sender_id)).status_code == 404
    assert in_use(other) == [other.sender_id]


def test_every_role_reads_who_sends_and_sees_no_fields_to_change(shop):
    for role in (Role.MARKETER, Role.CLERK, Role.COMPLIANCE, Role.DEVELOPER):
        page = text_of(at_desk(shop, role).get(url(shop, "sender", shop.sender_id)))
        assert SENDER.postal_address in page
        assert 'name="postal_address"' not in page


def test_a_sender_that_something_uses_is_not_retired_and_the_page_says_what_does(shop, desk, school):
    form = a_form(shop)
    page = text_of(desk.get(url(shop, "sender", shop.sender_id)))
    for use in (url(shop, "topic", shop.topic_id), url(shop, "form", form.form_id)):
        assert use in page
    assert url(shop, "sender_retire", shop.sender_id) not in page
    answer = desk.post(url(shop, "sender_retire", shop.sender_id))
    assert "Topics or forms still use it" in told(desk, answer)
    assert in_use(shop) == [shop.sender_id, school]


def test_a_sender_that_nothing_uses_is_retired_and_may_be_used_again(shop, desk, school):
    desk.post(url(shop, "sender_retire", school))
    assert in_use(shop) == [shop.sender_id]
    assert acts(shop, "admin.sender.retired")[-1]["sender"] == str(school)
    assert "Not used any more since" in text_of(desk.get(url(shop, "sender", school)))
    assert SCHOOL.formal_name not in text_of(desk.get(url(shop, "topic_new")))
    desk.post(url(shop, "sender_use", school))
    assert in_use(shop) == [shop.sender_id, school]
    assert acts(shop, "admin.sender.used_again")[-1]["sender"] == str(school)


def test_what_the_mails_of_a_retired_sender_said_can_still_be_read_by_everybody(shop, desk, school):
    desk.post(url(shop, "sender_retire", school))
    page = text_of(desk.get(f"/legal/{shop.slug}"))
    assert SCHOOL.formal_name in page


def test_the_last_sender_is_not_retired(shop, desk):
    for topic_id in (shop.topic_id, shop.other_topic_id):
        offering.put_topic_away(shop.workspace_id, topic_id, now=NOW)
    answer = desk.post(url(shop, "sender_retire", shop.sender_id))
    assert "Somebody has to send" in told(desk, answer)
    assert in_use(shop) == [shop.sender_id]


def test_a_retired_sender_gets_no_topic_and_no_form_whoever_asks(shop, desk, school):
    desk.post(url(shop, "sender_retire", school))
    with pytest.raises(consent.NoSender):
        a_topic(shop, school)
    with pytest.raises(signup.NoSender):
        signup.create_form(shop.workspace_id, NewForm(slug="x", name="x", sender_id=school), NOW)
    answer = desk.post(url(shop, "sender", school), typed(SCHOOL, seen="1/1"))
    assert answer.status_code == 409


def test_a_new_topic_is_sent_by_the_sender_that_was_chosen(shop, desk, school):
    said = {
        "slug": "course",
        "name": "講座だより",
        "content": "講座のご案内",
        "purpose": "講座の案内",
        "frequency_max": "2",
        "frequency_per": "month",
        "sender_id": str(school),
    }
    assert desk.post(url(shop, "topic_new"), said).status_code == 302
    (made,) = [each for each in consents.topics(shop.workspace_id) if each.slug == "course"]
    assert made.sender_id == school


def test_a_topic_of_which_nobody_heard_may_get_another_sender_and_that_is_an_act(shop, desk, school):
    desk.post(url(shop, "topic_sender", shop.topic_id), {"sender_id": school})
    assert sender_of(shop, shop.topic_id) == school
    act = acts(shop, "admin.topic.sender")[-1]
    assert (act["sender_before"], act["sender"]) == (str(shop.sender_id), str(school))


def test_once_somebody_was_asked_a_topic_stays_with_its_sender(shop, desk, school):
    a_reader(shop)
    assert url(shop, "topic_sender", shop.topic_id) not in text_of(
        desk.get(url(shop, "topic", shop.topic_id))
    )
    answer = desk.post(url(shop, "topic_sender", shop.topic_id), {"sender_id": school})
    assert "create another topic" in told(desk, answer)
    assert sender_of(shop, shop.topic_id) == shop.sender_id


def test_once_a_form_offered_it_a_topic_stays_with_its_sender_even_when_the_words_were_taken_back(
    shop, desk, school
):
    form = a_form(shop)
    signup.withdraw_version(shop.workspace_id, form.form_id, form.version, None, NOW)
    with pytest.raises(offering.TopicOffered):
        offering.change_topic_sender(shop.workspace_id, shop.topic_id, school, now=NOW)
    answer = desk.post(url(shop, "topic_sender", shop.topic_id), {"sender_id": school})
    assert "create another topic" in told(desk, answer)
    assert sender_of(shop, shop.topic_id) == shop.sender_id


def test_a_topic_with_a_planned_campaign_keeps_its_sender(shop, desk, school):
    draft = a_draft(shop)
    campaigns.schedule(shop.workspace_id, draft, NOW + timedelta(days=3), staff_id=None, now=NOW)
    answer = desk.post(url(shop, "topic_sender", shop.topic_id), {"sender_id": school})
    assert "A campaign is planned" in told(desk, answer)
    assert sender_of(shop, shop.topic_id) == shop.sender_id


def test_a_form_asks_for_the_sender_of_its_topics_and_never_for_two(shop, desk, school):
    course = a_topic(shop, school)
    said = {"name": "店頭", "slug": "counter", "title": "お便り", "topics": [course], "ask_name": "on"}
    mixed = desk.post(url(shop, "form_new"), said | {"topics": [course, shop.topic_id]})
    assert mixed.status_code == 422
    assert "one form for each sender" in text_of(mixed)
    assert desk.post(url(shop, "form_new"), said).status_code == 302
    form = signup_known.form(shop.workspace_id, "counter")
    assert form.sender_id == school
    kept = signup_known.form_version(shop.workspace_id, form.form_id, form.version)
    assert kept.published.sender.formal_name == SCHOOL.formal_name
    assert "月刊ショップだより" not in text_of(desk.get(url(shop, "form", form.form_id)))


def test_a_form_with_a_topic_of_another_sender_is_published_by_no_way(shop, school):
    course = a_topic(shop, school)
    form = a_form(shop)
    mixed = FormDefinition(title="お便り", topic_ids=(shop.topic_id, course))
    with pytest.raises(signup.OtherSender):
        signup.publish(shop.workspace_id, form.form_id, mixed, None, NOW)
    assert signup_known.form(shop.workspace_id, "join").version == form.version
