"""Routes of campaigns: the report, in numbers and nobody by name; a draft that is thrown away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

from shodaku.api.calling import caller_with
from shodaku.api.domain import Scope
from shodaku.api.problems import Problem
from shodaku.api.selectors import Caller
from shodaku.campaigns import selectors, services
from shodaku.kit import clock

router = Router()


class ReasonAnswer(Schema):
    outcome: str  # accepted, refused, failed or uncertain
    reason: str
    people: int


class LinkAnswer(Schema):
    target: str
    people: int
    clicks: int
    programs: int


class OpensAnswer(Schema):
    """A hint: mail programs fetch pictures by themselves, or never."""

    people: int
    clicks: int
    programs: int


class CouponAnswer(Schema):
    """Since the day of the launch; a code that stands in several campaigns counts in each."""

    code: str
    times: int


class TrialAnswer(Schema):
    judged_by: str  # clicks, opens or hand
    winner: int | None  # null: the others wait
    decided_at: datetime | None
    decided_by_rule: bool  # false: by hand, or not yet


class ReportAnswer(Schema):
    """`bounces` have class, reason and people, `hours` an hour (UTC), clicks and opens."""

    campaign: int
    name: str
    counted_at: datetime
    ended: bool
    people: dict[str, int]
    held_at_launch: dict[str, int]
    reasons: list[ReasonAnswer]
    bounces: list[dict[str, Any]]  # Any: text and numbers
    opt_outs: dict[str, int]
    links: list[LinkAnswer]
    opens: OpensAnswer | None  # null: it does not measure them
    hours: list[dict[str, Any]]  # Any: text and numbers
    receivers: dict[str, dict[str, int]]
    coupons: list[CouponAnswer]  # of a mail in blocks; empty: it has none
    variants: list[dict[str, Any]]  # Any: its number, or "others", and numbers; empty: it has none
    trial: TrialAnswer | None  # null: it has no variants


@router.get("/{int:campaign_id}/report", response=ReportAnswer, summary="What became of a campaign")
def report(request: HttpRequest, campaign_id: int) -> ReportAnswer:
    """Of a large campaign as it was counted last; 409 before that was done once."""
    caller = caller_with(request, Scope.CAMPAIGNS_READ)
    campaign = _found(caller, campaign_id)
    if campaign.mailing_id is None:
        raise Problem(409, "not_launched", _("It is a draft: nothing was sent."))
    found = selectors.report_document(caller.workspace_id, campaign, now=clock.now())
    if found is None:
        raise Problem(409, "not_counted", _("The figures are being counted. Ask again in a minute."))
    return ReportAnswer(**found)


@router.delete("/{int:campaign_id}", response={204: None}, summary="Throw a draft away")
def discard(request: HttpRequest, campaign_id: int) -> None:
    """For good, with its files and saved states. 409: it was launched, so it stays; cancel it instead."""
    caller = caller_with(request, Scope.CAMPAIGNS_WRITE)
    _found(caller, campaign_id)
    try:
        services.discard(
            caller.workspace_id, campaign_id, staff_id=None, now=clock.now(), program=caller.name
        )
    except services.OnlyDrafts as fault:
        sentence = _("It was launched: people got it, so it stays. Only a draft can be thrown away.")
        raise Problem(409, fault.code, sentence) from fault
    except services.NoCampaign as fault:  # thrown away since it was looked up
        raise _none() from fault


def _found(caller: Caller, campaign_id: int) -> selectors.Campaign:
    """Raises Problem."""
    small = campaign_id < 2**31
    campaign = selectors.campaign(caller.workspace_id, campaign_id) if small else None
    if campaign is None:
        raise _none()
    return campaign


def _none() -> Problem:
    return Problem(404, services.NoCampaign.code, _("There is no such campaign."))
