"""Variants of a campaign, tried on a part of its people; the others get the best one. Door: `services`.

All people are chosen at the launch, as with every campaign (docs/adr/0029): a mailing for each variant, and
one that only holds the others. When it is decided they move to a mailing with the content of the winner. The
gate asks about each person as ever; parts of a keyed hash do not meet, so nobody gets two variants.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shodaku.campaigns import selectors
from shodaku.campaigns.counting import end_counts
from shodaku.campaigns.domain import Judged, NewTrial, NothingMeasured, Variant
from shodaku.campaigns.draft import NoCampaign, campaign_of, frozen_alone, mailing_of, variants_of
from shodaku.campaigns.selectors import Campaign
from shodaku.campaigns.splitting import KEY_BYTES, Measured, best, parts, same_twice, within
from shodaku.content.domain import Frozen
from shodaku.delivery import selectors as delivery_known
from shodaku.delivery import services as delivery
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.policy.domain import MessageClass
from shodaku.segments.domain import compile_conditions

VARIANTS_MAX: Final = 4  # the campaign itself included
SHARE_PERCENT_MIN: Final = 2
SHARE_PERCENT_MAX: Final = 50
HOURS_MAX: Final = 72
SUBJECT_CHARACTERS_MAX: Final = 200

_sql = db.Statements("shodaku.campaigns")


class NoDraftToTry(ShodakuError):
    """Variants belong to a draft; this campaign was launched."""

    code = "no_draft_to_try"


class OnlyAdvertising(WrongUse):
    """Variants are tried of advertising alone, not of notices and not of the request for permission."""

    code = "only_advertising"


class TrialOutOfRange(WrongUse):
    """One to three other variants, 2 to 50 percent of the people, 1 to 72 hours."""

    code = "trial_out_of_range"


class SameTwice(WrongUse):
    """Two variants are the same; there is nothing to compare."""

    code = "same_twice"


class NotMeasured(WrongUse):
    """The campaign does not count what would decide; switch it on, or choose by hand."""

    code = "not_measured"


class NothingToDecide(ShodakuError):
    """It was decided already, was stopped, or no variants are being tried."""

    code = "nothing_to_decide"


def save_trial(
    workspace_id: int, campaign_id: int, new: NewTrial, *, staff_id: int | None, now: datetime
) -> None:
    """Write the variants of a draft, in place of those it had.

    Raises NoCampaign, NoDraftToTry, OnlyAdvertising, TrialOutOfRange, SameTwice, NotMeasured, TemplateFault.
    """
    _check_range(new)
    with db.transaction(workspace_id):
        _lock_draft(campaign_id)
        campaign = campaign_of(workspace_id, campaign_id)
        if campaign.message_class != MessageClass.ADVERTISING:
            raise OnlyAdvertising
        variants = (Variant("", no=1), *new.variants)
        contents = variants_of(campaign, variants)
        if same_twice([(each.subject, each.text, each.html) for each in contents]):
            raise SameTwice
        if not_measured(contents, new.judged_by):
            raise NotMeasured
        for content in contents:
            frozen_alone(workspace_id, content)
        _sql.run(
            "upsert_trial",
            campaign_id=campaign_id,
            share_percent=new.share_percent,
            judged_by=new.judged_by,
            hours=new.hours,
        )
        _sql.run("delete_variants", campaign_id=campaign_id)
        for no, each in enumerate(variants, 1):
            columns = {"subject": each.subject, "text": each.text, "html": each.html}
            _sql.run("insert_variant", campaign_id=campaign_id, no=no, **columns)
        end_counts(workspace_id, campaign_id)
        _record(workspace_id, "saved", {"campaign": campaign_id, "variants": len(variants)}, staff_id, now)


def drop_trial(workspace_id: int, campaign_id: int, *, staff_id: int | None, now: datetime) -> None:
    """Everybody gets the campaign itself. Raises NoCampaign, NoDraftToTry."""
    with db.transaction(workspace_id):
        _lock_draft(campaign_id)
        if _sql.run("delete_trial", campaign_id=campaign_id):
            end_counts(workspace_id, campaign_id)
            _record(workspace_id, "dropped", {"campaign": campaign_id}, staff_id, now)


def trial_objection(workspace_id: int, campaign: Campaign) -> NothingMeasured | None:
    """The campaign may have been edited since its variants were saved."""
    found = selectors.trial(workspace_id, campaign.campaign_id)
    if found is None or not not_measured(variants_of(campaign, found.variants), found.judged_by):
        return None
    return NothingMeasured(found.judged_by)


def not_measured(contents: Sequence[Campaign], judged_by: str) -> bool:
    match judged_by:
        case Judged.CLICKS:
            return not all(each.click_links for each in contents)
        case Judged.OPENS:  # the picture that tells stands in the HTML
            return not all(each.open_pixel and each.html for each in contents)
        case _:
            return False


def plan_campaign(workspace_id: int, campaign: Campaign, ready: Frozen, *, now: datetime) -> delivery.Planned:
    """All its people, in the open transaction; with variants, the mailing that holds the others."""
    chosen = compile_conditions(campaign.conditions)
    found = selectors.trial(workspace_id, campaign.campaign_id)
    if found is None:
        return delivery.plan(mailing_of(workspace_id, campaign, ready), chosen, now=now)
    key = os.urandom(KEY_BYTES)
    *tried, rest = parts(found.share_percent, len(found.variants))
    people = 0
    for no, (variant, part) in enumerate(zip(variants_of(campaign, found.variants), tried, strict=True), 1):
        mailing = mailing_of(workspace_id, variant, frozen_alone(workspace_id, variant))
        planned = delivery.plan(mailing, within(chosen, key, part), now=now)
        people += planned.people
        launched = {"mailing_id": planned.mailing_id, "people": planned.people}
        _sql.run("update_variant_launched", campaign_id=campaign.campaign_id, no=no, **launched)
    held = delivery.plan_held(mailing_of(workspace_id, campaign, ready), within(chosen, key, rest), now=now)
    judge_at = (campaign.starts_at or now) + timedelta(hours=found.hours)
    launched_all = {"split_key": key, "judge_at": judge_at, "held_id": held.mailing_id}
    _sql.run("update_trial_launched", campaign_id=campaign.campaign_id, **launched_all)
    return delivery.Planned(held.mailing_id, people + held.people, held.chunks)


def decide_trial(
    workspace_id: int, campaign_id: int, no: int, *, staff_id: int | None, now: datetime
) -> delivery.Planned:
    """The others get this variant, each asked about at the gate; once, for good.

    Raises NoCampaign, NothingToDecide, VaultAway.
    """
    return _decide(workspace_id, campaign_id, no, {"by": _who(staff_id)}, staff_id, now)


def judge_trials(workspace_id: int, *, now: datetime) -> int:
    """Decide what is due by its own rule; how many. What rests, or has mails on their way, waits. Raises
    VaultAway.
    """
    with db.transaction(workspace_id):
        due = _sql.scalars("list_due_trials", now=now)
    done = 0
    for campaign_id in due:
        measured = trial_measured(workspace_id, campaign_id)
        if measured is None:
            continue
        figures: dict[str, Value] = {
            f"variant_{no}": f"{each.acted} of {each.accepted}" for no, each in measured.items()
        }
        try:
            _decide(workspace_id, campaign_id, best(measured), {"by": "itself", **figures}, None, now)
        except NothingToDecide:  # somebody was quicker
            continue
        done += 1
    return done


def trial_measured(workspace_id: int, campaign_id: int) -> dict[int, Measured] | None:
    """By variant; None: something of it is still on its way, or was stopped."""
    found = selectors.trial(workspace_id, campaign_id)
    measured: dict[int, Measured] = {}
    for each in found.variants if found else ():
        progress = delivery_known.progress(workspace_id, each.mailing_id or 0)
        mailing = delivery_known.mailing(workspace_id, each.mailing_id or 0)
        if found is None or progress is None or mailing is None or progress.waiting or progress.stopped_for:
            return None
        hits = delivery_known.hits(workspace_id, mailing)
        acted = hits.opens.people if found.judged_by == Judged.OPENS else hits.clickers
        measured[each.no] = Measured(progress.accepted, acted)
    return measured or None


def mailings_of(workspace_id: int, campaign_id: int) -> list[int]:
    """What was launched of it and may be stopped: the variants first, what holds the others last; empty: a
    draft. Raises NoCampaign.
    """
    campaign_of(workspace_id, campaign_id)
    return [each.mailing_id for each in selectors.parts(workspace_id, campaign_id)]


def most_got(workspace_id: int, campaign: Campaign) -> Campaign:
    """As most people got it: in the variant that was decided for the others, else as it stands."""
    found = selectors.trial(workspace_id, campaign.campaign_id)
    if found is None or found.winner is None:
        return campaign
    each = next(each for each in found.variants if each.no == found.winner)
    return variants_of(campaign, [each])[0]


def _decide(
    workspace_id: int,
    campaign_id: int,
    no: int,
    said: dict[str, Value],
    staff_id: int | None,
    now: datetime,
) -> delivery.Planned:
    ledger.ensure_keys(workspace_id, [ledger.INSTALLATION])
    with db.transaction(workspace_id):
        if _sql.scalar("lock_campaign", campaign_id=campaign_id) is None:
            raise NoCampaign
        campaign, found = campaign_of(workspace_id, campaign_id), selectors.trial(workspace_id, campaign_id)
        chosen = next((each for each in found.variants if each.no == no), None) if found else None
        if found is None or chosen is None or not found.undecided or campaign.state != "running":
            raise NothingToDecide
        decided = {"no": no, "staff_id": staff_id, "by_command": said["by"] == _who(None), "now": now}
        _sql.run("update_trial_decided", campaign_id=campaign_id, **decided)
        planned = delivery.release(found.held_id or 0, chosen.mailing_id or 0, now=now)
        _sql.run("update_mailing", campaign_id=campaign_id, mailing_id=planned.mailing_id)
        fields: dict[str, Value] = {"campaign": campaign_id, "variant": no, "people": planned.people, **said}
        event_id = uuid7(now, os.urandom(10))
        ledger.record_act(workspace_id, "admin.trial.decided", fields, event_id=event_id, now=now)
        delivery.rest_while_failing(workspace_id, planned.mailing_id, now=now)
        return planned


def _check_range(new: NewTrial) -> None:
    share = SHARE_PERCENT_MIN <= new.share_percent <= SHARE_PERCENT_MAX
    subjects = all(len(each.subject) <= SUBJECT_CHARACTERS_MAX for each in new.variants)
    if not (1 <= len(new.variants) < VARIANTS_MAX and share and 1 <= new.hours <= HOURS_MAX and subjects):
        raise TrialOutOfRange


def _lock_draft(campaign_id: int) -> None:
    state = _sql.scalar("lock_campaign", campaign_id=campaign_id)
    if state is None:
        raise NoCampaign
    if state != selectors.DRAFT:
        raise NoDraftToTry


def _record(workspace_id: int, act: str, said: dict[str, Value], staff_id: int | None, now: datetime) -> None:
    ledger.record_act_even_without_vault(
        workspace_id,
        f"admin.trial.{act}",
        {**said, "by": _who(staff_id)},
        event_id=uuid7(now, os.urandom(10)),
        now=now,
    )


def _who(staff_id: int | None) -> str:
    return "command line" if staff_id is None else f"staff:{staff_id}"
