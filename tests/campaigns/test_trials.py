"""Variants of a campaign: tried on a part of its people, and the others get one of them, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.campaigns.test_approving import a_member
from tests.campaigns.test_approving import edit as edit_draft
from tests.campaigns.test_services import a_draft
from tests.delivery.mailings import many_readers, now, rows, send_now
from tests.delivery.sink import RunningSink
from tests.people import a_shop

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Role
from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import Judged, NewTrial, Variant
from shodaku.campaigns.services import ApprovalNeeded, Launched, NothingMeasured
from shodaku.campaigns.splitting import Measured, best
from shodaku.content.domain import TemplateFault
from shodaku.delivery import selectors as delivery
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.policy.domain import MessageClass

pytestmark = pytest.mark.usefixtures("database")
LINKED = "{{ name }}\n\nhttps://aoi.example/winter"
TWO = NewTrial((Variant("別の件名"),), 50, Judged.CLICKS, 4)


@pytest.fixture
def shop(database):
    shop = a_shop()
    many_readers(database, shop, 120)
    return shop


def draft(shop, trial=TWO, **changes):
    campaign_id = a_draft(shop, **{"text": LINKED, "click_links": True, **changes})
    if trial is not None:
        save(shop, campaign_id, trial)
    return campaign_id


def save(shop, campaign_id, trial):
    services.save_trial(shop.workspace_id, campaign_id, trial, staff_id=None, now=now())


def launch(shop, campaign_id):
    counted = services.count(shop.workspace_id, campaign_id, now=now())
    return services.launch(shop.workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now())


def trial_of(shop, campaign_id):
    return selectors.trial(shop.workspace_id, campaign_id)


def tried(database, shop, campaign_id, home):
    """All its variants leave."""
    with RunningSink() as sink:
        for each in trial_of(shop, campaign_id).variants:
            send_now(database, shop, each.mailing_id, sink.port, home=home)
    return sink.arrived


def clicked(database, shop, mailing_id, people):
    """So many of its people allow measuring and followed its link."""
    got = rows(
        database,
        shop,
        "select contact_id from delivery where mailing_id = %(mailing)s order by 1 limit %(people)s",
        mailing=mailing_id,
        people=people,
    )
    with db.transaction(shop.workspace_id) as connection:
        for (contact_id,) in got:
            connection.execute(
                "insert into hit (workspace_id, contact_id, mailing_id, link, actor, at)"
                " values (%s, %s, %s, 0, 'human', now())",
                [shop.workspace_id, contact_id, mailing_id],
            )


def approved(shop, campaign_id, author, second):
    counted = services.count(shop.workspace_id, campaign_id, now=now()).preflight_id
    asked = services.ask_approval(shop.workspace_id, campaign_id, counted, "", staff_id=author, now=now())
    services.approve(shop.workspace_id, campaign_id, asked.approval_id, staff_id=second, now=now())


def subject_of(shop, mailing_id):
    return delivery.mailing(shop.workspace_id, mailing_id).subject


def test_the_highest_share_wins_and_of_equal_ones_the_first():
    assert best({1: Measured(100, 10), 2: Measured(50, 6), 3: Measured(200, 12)}) == 2
    assert best({1: Measured(100, 0), 2: Measured(100, 0)}) == 1
    assert best({1: Measured(0, 0), 2: Measured(1, 0)}) == 1
    assert best({1: Measured(3, 1), 2: Measured(6, 2)}) == 1


def test_without_variants_a_launch_is_what_it_was(shop):
    campaign_id = draft(shop, None)
    assert trial_of(shop, campaign_id) is None
    assert launch(shop, campaign_id).people == 120


def test_all_people_are_chosen_at_the_launch_and_most_of_them_wait(shop):
    campaign_id = draft(shop)
    answer = launch(shop, campaign_id)
    found = trial_of(shop, campaign_id)
    assert answer.people == 120
    held = delivery.progress(shop.workspace_id, found.held_id)
    assert sum(each.people for each in found.variants) + held.waiting == 120
    assert held.state.value == "paused"
    assert found.undecided
    assert [subject_of(shop, each.mailing_id) for each in found.variants] == ["11月のお便り", "別の件名"]
    assert selectors.undecided_trials(shop.workspace_id) == {campaign_id}


def test_after_its_hours_the_one_with_more_clicks_goes_to_the_others(database, shop, tmp_path):
    campaign_id = draft(shop)
    launch(shop, campaign_id)
    tried(database, shop, campaign_id, tmp_path)
    found = trial_of(shop, campaign_id)
    clicked(database, shop, found.variants[0].mailing_id, 1)
    clicked(database, shop, found.variants[1].mailing_id, 5)
    assert services.judge_trials(shop.workspace_id, now=found.judge_at - timedelta(minutes=1)) == 0
    assert services.judge_trials(shop.workspace_id, now=found.judge_at) == 1
    assert services.judge_trials(shop.workspace_id, now=found.judge_at) == 0
    decided = trial_of(shop, campaign_id)
    assert (decided.winner, decided.decided_by, decided.undecided) == (2, None, False)
    rest = selectors.campaign(shop.workspace_id, campaign_id).mailing_id
    assert subject_of(shop, rest) == "別の件名"
    assert delivery.progress(shop.workspace_id, rest).waiting == 120 - sum(
        each.people for each in found.variants
    )
    assert ledger.history(shop.workspace_id, 0)[-1].kind == "admin.trial.decided"


def test_while_a_variant_is_on_its_way_nothing_is_decided_by_itself(shop):
    campaign_id = draft(shop)
    launch(shop, campaign_id)
    due = trial_of(shop, campaign_id).judge_at
    assert services.judge_trials(shop.workspace_id, now=due) == 0
    assert trial_of(shop, campaign_id).undecided


def test_by_hand_it_waits_until_somebody_chooses_and_then_once_for_all(database, shop, tmp_path):
    campaign_id = draft(shop, replace(TWO, judged_by=Judged.HAND))
    launch(shop, campaign_id)
    tried(database, shop, campaign_id, tmp_path)
    due = trial_of(shop, campaign_id).judge_at
    assert services.judge_trials(shop.workspace_id, now=due + timedelta(days=9)) == 0
    with pytest.raises(services.NothingToDecide):
        services.decide_trial(shop.workspace_id, campaign_id, 3, staff_id=None, now=due)
    services.decide_trial(shop.workspace_id, campaign_id, 1, staff_id=None, now=due)
    with pytest.raises(services.NothingToDecide):
        services.decide_trial(shop.workspace_id, campaign_id, 2, staff_id=None, now=due)
    assert trial_of(shop, campaign_id).winner == 1


def test_paused_nothing_is_decided_and_stopped_nothing_ever_leaves(database, shop, tmp_path):
    campaign_id = draft(shop)
    launch(shop, campaign_id)
    tried(database, shop, campaign_id, tmp_path)
    due = trial_of(shop, campaign_id).judge_at
    assert services.pause(shop.workspace_id, campaign_id, now=due)
    assert services.judge_trials(shop.workspace_id, now=due) == 0
    assert services.resume(shop.workspace_id, campaign_id, now=due)
    held = trial_of(shop, campaign_id).held_id
    assert delivery.progress(shop.workspace_id, held).state.value == "paused"
    assert services.cancel(shop.workspace_id, campaign_id, now=due)
    assert services.judge_trials(shop.workspace_id, now=due) == 0
    with pytest.raises(services.NothingToDecide):
        services.decide_trial(shop.workspace_id, campaign_id, 1, staff_id=None, now=due)


def test_another_variant_is_another_content_for_count_and_approval(shop):
    author, second = a_member(shop, Role.MARKETER), a_member(shop, Role.OWNER)
    accounts.need_two_persons(shop.workspace_id, 0)
    campaign_id = draft(shop)
    approved(shop, campaign_id, author, second)
    save(shop, campaign_id, replace(TWO, variants=(Variant("また別の件名"),)))
    assert launch(shop, campaign_id) == ApprovalNeeded(120, 0)
    approved(shop, campaign_id, author, second)
    assert isinstance(launch(shop, campaign_id), Launched)


def test_variants_are_taken_out_again(shop):
    campaign_id = draft(shop)
    services.drop_trial(shop.workspace_id, campaign_id, staff_id=None, now=now())
    assert launch(shop, campaign_id).people == 120
    with pytest.raises(services.NoDraftToTry):
        save(shop, campaign_id, TWO)


@pytest.mark.parametrize(
    "wrong",
    [
        {"variants": ()},
        {"variants": tuple(Variant(str(no)) for no in range(4))},
        {"share_percent": 1},
        {"share_percent": 51},
        {"hours": 0},
        {"hours": 73},
        {"variants": (Variant("あ" * 201),)},
    ],
)
def test_what_cannot_be_tried_is_refused(shop, wrong):
    campaign_id = draft(shop, None)
    with pytest.raises(services.TrialOutOfRange):
        save(shop, campaign_id, replace(TWO, **wrong))


def test_two_that_are_the_same_are_refused(shop):
    campaign_id = draft(shop, None)
    for variants in ((Variant("11月のお便り"),), (Variant("別"), Variant("別")), (Variant(""),)):
        with pytest.raises(services.SameTwice):
            save(shop, campaign_id, replace(TWO, variants=variants))


def test_what_decides_must_be_measured_also_when_it_is_switched_off_later(shop):
    campaign_id = draft(shop, None, click_links=False)
    with pytest.raises(services.NotMeasured):
        save(shop, campaign_id, TWO)
    with pytest.raises(services.NotMeasured):
        save(shop, campaign_id, replace(TWO, judged_by=Judged.OPENS))
    measured = draft(shop)
    edit_draft(shop, measured, text=LINKED, click_links=False)
    assert launch(shop, measured) == NothingMeasured("clicks")


def test_a_fault_in_a_variant_is_told_when_it_is_saved(shop):
    campaign_id = draft(shop, None)
    with pytest.raises(TemplateFault):
        save(shop, campaign_id, replace(TWO, variants=(Variant("別", "{{ nmae }}"),)))
    assert trial_of(shop, campaign_id) is None


def test_a_variant_whose_head_pretends_keeps_all_from_starting(shop):
    campaign_id = draft(shop, replace(TWO, variants=(Variant("Re: ご注文"),)))
    assert isinstance(launch(shop, campaign_id), services.DisplayMissing)


def test_of_advertising_alone_variants_are_tried(shop):
    campaign_id = draft(shop, None)
    with db.transaction(shop.workspace_id) as connection:
        connection.execute("update campaign set message_class = %s", [MessageClass.CONSENT_REQUEST])
    with pytest.raises(services.OnlyAdvertising):
        save(shop, campaign_id, TWO)


def test_what_starts_later_and_is_started_at_once_is_judged_so_many_hours_after(shop):
    campaign_id = draft(shop, starts_at=now() + timedelta(days=2))
    launch(shop, campaign_id)
    assert trial_of(shop, campaign_id).judge_at > now() + timedelta(days=2)
    at = now()
    assert services.start_now(shop.workspace_id, campaign_id, now=at)
    assert trial_of(shop, campaign_id).judge_at == at + timedelta(hours=4)
