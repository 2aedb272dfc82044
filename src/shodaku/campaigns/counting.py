"""Who would get a campaign and why not the others: the gate is asked about everybody, in slices.

A count that is interrupted begins again from nothing; the newest count of a campaign is the one that goes on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from shodaku.campaigns import selectors
from shodaku.campaigns.domain import (
    AT_ONCE_PEOPLE_MAX,
    CHANGED,
    COUNT_HOLDS,
    MEMBERS_A_PART_MAX,
    ApprovalState,
    Comparison,
    CountState,
    OtherRules,
    Preflight,
)
from shodaku.campaigns.draft import NoCampaign, campaign_of, frozen, mailing_of
from shodaku.campaigns.rehearsal import READERS_MAX
from shodaku.campaigns.selectors import Campaign
from shodaku.content.domain import Frozen, TemplateFault
from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import Question
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError
from shodaku.kit.queue import Job, Queue, defer
from shodaku.policy.domain import Pack, Permit
from shodaku.segments.domain import compile_conditions

PROGRESS_PEOPLE: Final = 5_000  # after so many it writes how far it is
_NONE: Final = 0

_sql = db.Statements("shodaku.campaigns")


class CountEnded(ShodakuError):
    """Another count of this campaign took the place of this one, or it was edited meanwhile."""

    code = "count_ended"


class NoDraft(ShodakuError):
    """Only a draft is counted; this campaign was launched."""

    code = "no_draft"


def count(
    workspace_id: int, campaign_id: int, *, now: datetime, other: OtherRules | None = None
) -> Preflight:
    """Ask the gate about everybody the conditions name, and keep the answer.

    Raises NoCampaign, TemplateFault, NoPack, Loosens, CountEnded, NoDraft.
    """
    with db.transaction(workspace_id):
        preflight_id = _ask(workspace_id, campaign_id, other, now)
    if not run_count(workspace_id, preflight_id, now=now):
        raise CountEnded
    counted = selectors.preflight(workspace_id, campaign_id, preflight_id)
    if counted is None:
        raise CountEnded
    return counted


def start_count(
    workspace_id: int, campaign_id: int, *, now: datetime, other: OtherRules | None = None
) -> int:
    """As `count`, in the background; the pre-flight's id."""
    with db.transaction(workspace_id):
        preflight_id = _ask(workspace_id, campaign_id, other, now)
        ids: dict[str, int | str] = {"workspace_id": workspace_id, "preflight_id": preflight_id}
        defer(Job("campaigns.count", Queue.CHORE, ids, lock=f"preflight-{workspace_id}-{campaign_id}"))
        return preflight_id


def recount(workspace_id: int, campaign_id: int, *, now: datetime, other: OtherRules | None = None) -> int:
    """At once where the audience is small, else in the background; the pre-flight's id."""
    campaign = campaign_of(workspace_id, campaign_id)
    question = mailing_of(workspace_id, campaign, frozen(workspace_id, campaign)).question
    if at_once(workspace_id, campaign, question):
        return count(workspace_id, campaign_id, now=now, other=other).preflight_id
    return start_count(workspace_id, campaign_id, now=now, other=other)


def compare_rules(
    workspace_id: int,
    campaign_id: int,
    version: str,
    tightened: Mapping[str, object],
    *,
    now: datetime,
) -> Comparison:
    """What would change under another rule pack, from one look at the facts. Raises as `count` does."""
    counted = count(workspace_id, campaign_id, now=now, other=OtherRules(version, tightened))
    if counted.comparison is None:
        raise CountEnded
    return counted.comparison


def run_count(workspace_id: int, preflight_id: int, *, now: datetime) -> bool:
    """From the first person to the last, as it is today, at the time when it starts.

    False: it was ended, before or meanwhile.
    """
    begun = _begin(workspace_id, preflight_id, now)
    if begun is None:
        return False
    tally = _Tally(compares=begun.other is not None)
    packs = [None, begun.other] if begun.other else [None]
    chosen = compile_conditions(begun.campaign.conditions)
    saved = 0
    then = begun.campaign.starts_at or now
    for people in delivery.judgements(
        workspace_id, begun.question, chosen, now=then, packs=packs, display=begun.ready.display
    ):
        tally.add(people)
        if tally.seen - saved >= PROGRESS_PEOPLE:
            if not _save(workspace_id, begun, tally, CountState.RUNNING):
                return False
            saved = tally.seen
    now_meant = selectors.campaign(workspace_id, begun.campaign.campaign_id)
    if now_meant is None:  # thrown away meanwhile
        return False
    if _same(workspace_id, now_meant, begun.ready.content_sha256) is None:  # topic or sender changed
        end_counts(workspace_id, now_meant.campaign_id)
        return False
    return _save(workspace_id, begun, tally, CountState.DONE)


def end_counts(workspace_id: int, campaign_id: int) -> None:
    """Whatever is being counted of it stops at its next slice; a yes to what was counted holds no more."""
    with db.transaction(workspace_id):
        _sql.run("end_preflights", campaign_id=campaign_id, but=_NONE)
        _sql.run("end_approvals", campaign_id=campaign_id, state=ApprovalState.VOID)


def forget_members(workspace_id: int, campaign_id: int) -> None:
    """Once it is launched its deliveries tell who got it and who did not."""
    with db.transaction(workspace_id):
        _sql.run("delete_members", campaign_id=campaign_id, but=_NONE)


def forget(contact_id: int) -> dict[str, int]:
    """Take the person out of the lists behind the numbers, in the open transaction; rows per table."""
    return {"preflight_member": _sql.run("forget_in_members", contact_id=contact_id)}


def at_once(workspace_id: int, campaign: Campaign, question: Question) -> bool:
    """Is the audience so small that it is counted while somebody waits?"""
    chosen = compile_conditions(campaign.conditions)
    most = AT_ONCE_PEOPLE_MAX + 1
    return delivery.audience_size(workspace_id, question, chosen, people_max=most) <= AT_ONCE_PEOPLE_MAX


def holds(workspace_id: int, counted: Preflight, question: Question, now: datetime) -> bool:
    """May a launch rest on it: whole, young, and by the rules of this moment?"""
    young = now - counted.at <= COUNT_HOLDS
    return counted.done and young and counted.rules_sha256 == delivery.rules_digest(workspace_id, question)


def first_readers(workspace_id: int, campaign: Campaign, ready: Frozen, *, now: datetime) -> list[int]:
    """The first who would get it, of as many as one looks at while somebody waits."""
    found: list[int] = []
    looked = 0
    question = mailing_of(workspace_id, campaign, ready).question
    chosen = compile_conditions(campaign.conditions)
    then = campaign.starts_at or now
    for people in delivery.judgements(workspace_id, question, chosen, now=then, display=ready.display):
        looked += len(people)
        found += [contact_id for contact_id, (verdict,), _ in people if isinstance(verdict, Permit)]
        if len(found) >= READERS_MAX or looked >= AT_ONCE_PEOPLE_MAX:
            break
    return found[:READERS_MAX]


@dataclass(frozen=True, slots=True)
class _Begun:
    campaign: Campaign
    ready: Frozen
    question: Question
    preflight_id: int
    run: int
    other: Pack | None


@dataclass(frozen=True, slots=True)
class _BegunRow:
    campaign_id: int
    run: int
    content_sha256: str
    other_pack: str | None
    other_tightened: dict[str, Any] | None  # Any: JSON


@dataclass(slots=True)
class _Tally:
    """Each person once: sendable and the held are the seen. Names wait here until they fill a part."""

    compares: bool
    seen: int = 0
    sendable: int = 0
    allowed: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    other_reasons: Counter[str] = field(default_factory=Counter)
    moved: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _members: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _parts: Counter[str] = field(default_factory=Counter)

    def add(self, people: Iterable[delivery.Judgement]) -> None:
        for contact_id, verdicts, domain_group in people:
            verdict = verdicts[0]
            code = verdict.reason.value
            self.seen += 1
            if isinstance(verdict, Permit):
                self.sendable += 1
                self.allowed[code] += 1
                self.groups[domain_group] += 1
                if verdict.reason in CHANGED:
                    self._members[code].append(contact_id)
            else:
                self.reasons[code] += 1
                self._members[code].append(contact_id)
            if self.compares:
                other = verdicts[1].reason.value
                self.other_reasons[other] += 1
                if other != code:
                    self.moved[code][other] += 1

    def full_parts(self, *, last: bool) -> Iterator[tuple[str, int, list[int]]]:
        """Reason, number of the part, contacts; what does not fill one stays, but for the last time."""
        for code, waiting in self._members.items():
            least = 1 if last else MEMBERS_A_PART_MAX
            while len(waiting) >= least:
                yield code, self._parts[code], waiting[:MEMBERS_A_PART_MAX]
                del waiting[:MEMBERS_A_PART_MAX]
                self._parts[code] += 1


def _ask(workspace_id: int, campaign_id: int, other: OtherRules | None, now: datetime) -> int:
    """The row of a count that has not begun, in the open transaction; those before it end."""
    state = _sql.scalar("lock_campaign", campaign_id=campaign_id)
    if state is None:
        raise NoCampaign
    if state != "draft":
        raise NoDraft
    if other is not None:
        delivery.check_rules(other.version, other.tightened)
    digest = _digest(workspace_id, campaign_id)
    _sql.run("end_preflights", campaign_id=campaign_id, but=_NONE)
    preflight_id: int = _sql.scalar(
        "insert_preflight",
        campaign_id=campaign_id,
        digest=digest,
        other_pack=other.version if other else None,
        other_tightened=Jsonb(dict(other.tightened)) if other else None,
        now=now,
    )
    return preflight_id


def _digest(workspace_id: int, campaign_id: int) -> str:
    return frozen(workspace_id, campaign_of(workspace_id, campaign_id)).content_sha256


def _begin(workspace_id: int, preflight_id: int, now: datetime) -> _Begun | None:
    with db.transaction(workspace_id):
        row = _sql.row("begin_preflight", _BegunRow, preflight_id=preflight_id, now=now)
        if row is None:
            return None
        _sql.run("delete_members_of", preflight_id=preflight_id)
        campaign = campaign_of(workspace_id, row.campaign_id)
        ready = _same(workspace_id, campaign, row.content_sha256)
        if ready is None:
            end_counts(workspace_id, campaign.campaign_id)
            return None
        question = mailing_of(workspace_id, campaign, ready).question
        _sql.run(
            "update_expected",
            preflight_id=preflight_id,
            run=row.run,
            people=delivery.audience_size(workspace_id, question, compile_conditions(campaign.conditions)),
            pack=delivery.rule_choice(workspace_id).rules.name,
            rules_sha256=delivery.rules_digest(workspace_id, question),
        )
        other = delivery.check_rules(row.other_pack, row.other_tightened or {}) if row.other_pack else None
        return _Begun(campaign, ready, question, preflight_id, row.run, other)


def _same(workspace_id: int, campaign: Campaign, digest: str) -> Frozen | None:
    """What is meant, if it is still what was meant when the count was asked for."""
    try:
        ready = frozen(workspace_id, campaign)
    except TemplateFault:
        return None
    return ready if ready.content_sha256 == digest else None


def _save(workspace_id: int, begun: _Begun, tally: _Tally, state: CountState) -> bool:
    """False: the count has lost its place, and nothing of it is written any more."""
    whole = state is CountState.DONE
    campaign_id = begun.campaign.campaign_id
    with db.transaction(workspace_id):
        kept = _sql.run(
            "update_progress",
            preflight_id=begun.preflight_id,
            run=begun.run,
            state=state,
            seen=tally.seen,
            sendable=tally.sendable,
            allowed=Jsonb(dict(tally.allowed)),
            groups=Jsonb(dict(tally.groups)),
            reasons=Jsonb(dict(tally.reasons)),
            other_reasons=Jsonb(dict(tally.other_reasons)) if tally.compares else None,
            moved=Jsonb({code: dict(others) for code, others in tally.moved.items()})
            if tally.compares
            else None,
        )
        if not kept:
            return False
        for reason, part, contact_ids in tally.full_parts(last=whole):
            _sql.run(
                "insert_members",
                campaign_id=campaign_id,
                preflight_id=begun.preflight_id,
                reason=reason,
                part=part,
                contact_ids=contact_ids,
            )
        if whole:
            _sql.run("delete_members", campaign_id=campaign_id, but=begun.preflight_id)
        return True
