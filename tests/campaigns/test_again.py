"""Once more to those who did not open it: of those who allow measuring alone, once, under another subject."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.campaigns.test_approving import edit as edit_draft
from tests.campaigns.test_services import a_draft
from tests.delivery.mailings import many_readers, now, send_now
from tests.delivery.sink import RunningSink
from tests.people import a_reader, a_shop

from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import Judged, NewTrial, Variant
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import parse_product
from shodaku.kit import db
from shodaku.policy.domain import MessageClass
from shodaku.segments.domain import BoughtProduct, DidNotOpen, dump, parse

pytestmark = pytest.mark.usefixtures("database")
MEASURED = {"html": "<p>冬の品です。</p>", "open_pixel": True}


@pytest.fixture
def shop():
    return a_shop()


def readers(database, shop, count, *, allowing):
    """As many as `allowing` have allowed measuring since yesterday."""
    people = many_readers(database, shop, count)
    allow(shop, people[:allowing], now() - timedelta(days=1))
    return people


def allow(shop, people, at):
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "update contact set tracking_consent_at = %s where contact_id = any(%s)", [at, people]
        )


def sent(database, shop, home, **changes):
    campaign_id = a_draft(shop, **{**MEASURED, **changes})
    launch(shop, campaign_id)
    with RunningSink() as sink:
        send_now(database, shop, mailing_of(shop, campaign_id), sink.port, home=home)
    return campaign_id


def launch(shop, campaign_id):
    counted = services.count(shop.workspace_id, campaign_id, now=now())
    return services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now())


def mailing_of(shop, campaign_id):
    return selectors.campaign(shop.workspace_id, campaign_id).mailing_id


def hit(shop, contact_id, mailing_id, link=-1, actor="human"):
    with db.transaction(shop.workspace_id) as connection:
        connection.execute(
            "insert into hit (workspace_id, contact_id, mailing_id, link, actor, at)"
            " values (%s, %s, %s, %s, %s, now())",
            [shop.workspace_id, contact_id, mailing_id, link, actor],
        )


def again(shop, campaign_id, subject="まだ間に合います"):
    return services.send_again(shop.workspace_id, campaign_id, subject, staff_id=None, now=now())


def who_gets_it(database, shop, campaign_id, home):
    launch(shop, campaign_id)
    with RunningSink() as sink:
        send_now(database, shop, mailing_of(shop, campaign_id), sink.port, home=home)
    return {each.recipient for each in sink.arrived}


def test_who_opened_it_clicked_or_does_not_allow_measuring_gets_nothing_twice(database, shop, tmp_path):
    people = readers(database, shop, 8, allowing=5)
    campaign_id = sent(database, shop, tmp_path)
    mailing_id = mailing_of(shop, campaign_id)
    hit(shop, people[0], mailing_id)
    hit(shop, people[1], mailing_id, link=0)
    hit(shop, people[2], mailing_id, actor="bot")  # a program is nobody
    again_id = again(shop, campaign_id)
    draft = selectors.campaign(shop.workspace_id, again_id)
    assert (draft.subject, draft.html, draft.conditions) == (
        "まだ間に合います",
        "<p>冬の品です。</p>",
        (DidNotOpen((mailing_id,)),),
    )
    assert who_gets_it(database, shop, again_id, tmp_path) == {f"{each}@example.jp" for each in people[2:5]}


def test_who_allowed_measuring_after_the_mail_had_come_is_not_taken_for_one_who_did_not_open_it(
    database, shop, tmp_path
):
    people = readers(database, shop, 3, allowing=1)
    campaign_id = sent(database, shop, tmp_path)
    allow(shop, people[1:2], now() + timedelta(minutes=1))
    again_id = again(shop, campaign_id)
    assert services.count(shop.workspace_id, again_id, now=now()).chosen == 1


def test_who_did_not_get_the_first_one_does_not_get_the_second(database, shop, tmp_path):
    readers(database, shop, 2, allowing=2)
    campaign_id = sent(database, shop, tmp_path)
    allow(shop, [a_reader(shop)], now() - timedelta(days=1))
    again_id = again(shop, campaign_id)
    assert services.count(shop.workspace_id, again_id, now=now()).chosen == 2


def test_an_edit_changes_the_words_and_never_to_whom_it_goes(database, shop, tmp_path):
    readers(database, shop, 3, allowing=1)
    again_id = again(shop, sent(database, shop, tmp_path))
    edit_draft(shop, again_id, subject="最後のお知らせ", conditions=())
    draft = selectors.campaign(shop.workspace_id, again_id)
    assert draft.subject == "最後のお知らせ"
    assert services.count(shop.workspace_id, again_id, now=now()).chosen == 1


def test_once_for_each_campaign_and_not_of_the_second_and_no_copy_of_it(database, shop, tmp_path):
    readers(database, shop, 2, allowing=2)
    campaign_id = sent(database, shop, tmp_path)
    again_id = again(shop, campaign_id)
    with pytest.raises(services.AlreadyAgain):
        again(shop, campaign_id, "三度目")
    with pytest.raises(services.AlreadyAgain):
        services.copy(shop.workspace_id, again_id, staff_id=None, now=now())
    who_gets_it(database, shop, again_id, tmp_path)
    with pytest.raises(services.AlreadyAgain):
        again(shop, again_id, "三度目")


def test_where_opens_were_not_counted_it_is_refused(database, shop, tmp_path):
    readers(database, shop, 1, allowing=1)
    campaign_id = sent(database, shop, tmp_path, open_pixel=False)
    with pytest.raises(services.OpensNotCounted):
        again(shop, campaign_id)


def test_before_everybody_got_it_it_is_refused(database, shop):
    readers(database, shop, 1, allowing=1)
    campaign_id = a_draft(shop, **MEASURED)
    with pytest.raises(services.NotYetSent):
        again(shop, campaign_id)
    launch(shop, campaign_id)
    with pytest.raises(services.NotYetSent):
        again(shop, campaign_id)


@pytest.mark.parametrize("subject", ["", " ", "11月のお便り", "あ" * 101])
def test_it_needs_another_subject(database, shop, tmp_path, subject):
    readers(database, shop, 1, allowing=1)
    campaign_id = sent(database, shop, tmp_path)
    with pytest.raises(services.SameSubject):
        again(shop, campaign_id, subject)
    assert selectors.again_of(shop.workspace_id, campaign_id) is None


def test_of_a_campaign_with_variants_it_is_about_all_of_them(database, shop, tmp_path):
    people = readers(database, shop, 60, allowing=60)
    campaign_id = a_draft(shop, **MEASURED)
    trial = NewTrial((Variant("別の件名"),), 50, Judged.HAND, 4)
    services.save_trial(shop.workspace_id, campaign_id, trial, staff_id=None, now=now())
    launch(shop, campaign_id)
    with RunningSink() as sink:
        for each in selectors.trial(shop.workspace_id, campaign_id).variants:
            send_now(database, shop, each.mailing_id, sink.port, home=tmp_path)
        with pytest.raises(services.NotYetSent):
            again(shop, campaign_id)
        services.decide_trial(shop.workspace_id, campaign_id, 2, staff_id=None, now=now())
        send_now(database, shop, mailing_of(shop, campaign_id), sink.port, home=tmp_path)
    with pytest.raises(services.SameSubject):
        again(shop, campaign_id, "別の件名")
    again_id = again(shop, campaign_id)
    assert services.count(shop.workspace_id, again_id, now=now()).chosen == len(people)


def test_the_condition_is_kept_and_read_and_nothing_else_is_read_as_it():
    condition = DidNotOpen((3, 5))
    assert parse(dump([condition])) == (condition,)
    for wrong in ([], "3", [0], list(range(1, 12))):
        with pytest.raises(ValueError, match=r"condition|list"):
            parse([{"is": "did_not_open", "value": wrong}])


def test_the_second_mail_stays_advertising_whatever_is_sent_to_its_draft(database, shop, tmp_path):
    """As a notice it would go without consent to people who bought nothing."""
    readers(database, shop, 2, allowing=2)
    first = sent(database, shop, tmp_path)
    again = services.send_again(shop.workspace_id, first, "もう一度", staff_id=None, now=now())
    with db.transaction(shop.workspace_id):
        contacts.save_product(parse_product("bag-1", "帆布のかばん", "", "goods"), now=now())
    notice = services.NewCampaign(
        name="お知らせ",
        topic_id=shop.topic_id,
        subject="もう一度",
        text="お知らせです。",
        message_class=MessageClass.TRANSACTIONAL,
        conditions=(BoughtProduct("bag-1"),),
    )
    services.edit(shop.workspace_id, again, notice, staff_id=None, now=now())
    kept = selectors.campaign(shop.workspace_id, again)
    assert kept.message_class == MessageClass.ADVERTISING
    assert [type(each) for each in kept.conditions] == [DidNotOpen]


def test_the_second_mail_of_a_campaign_in_blocks_is_written_in_blocks_too(database, shop, tmp_path):
    readers(database, shop, 2, allowing=2)
    first = a_draft(shop, **MEASURED)
    services.write_in_blocks(shop.workspace_id, first, staff_id=None, now=now())
    launch(shop, first)
    with RunningSink() as sink:
        send_now(database, shop, mailing_of(shop, first), sink.port, home=tmp_path)
    again = services.send_again(shop.workspace_id, first, "もう一度", staff_id=None, now=now())
    kept = selectors.campaign(shop.workspace_id, again)
    assert kept.revision == 1
    assert selectors.document(shop.workspace_id, again, 1) == selectors.document(shop.workspace_id, first, 1)
