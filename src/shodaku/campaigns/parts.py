"""A campaign as its mailings: one, or one for each of its variants and one of the others. Doors: `selectors`.

Nobody is in two of them, so what is counted of each may be added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shodaku.delivery import selectors as delivery
from shodaku.delivery.domain import MailingState
from shodaku.kit import db

_sql = db.Statements("shodaku.campaigns")


@dataclass(frozen=True, slots=True)
class Part:
    mailing_id: int
    no: int | None  # of a variant; None: everybody, or the others


@dataclass(frozen=True, slots=True)
class Followed:
    """Links of all variants, the same target once, with what became of them."""

    targets: tuple[str, ...]  # in the order of the message; what only a later variant has stands behind
    links: tuple[delivery.LinkHits, ...]  # one for each target
    opens: delivery.LinkHits | None  # None: it does not measure them
    clickers: int

    @property
    def measured(self) -> bool:
        return bool(self.targets) or self.opens is not None


def parts(workspace_id: int, campaign_id: int) -> list[Part]:
    """The variants first, by their number; empty: a draft."""
    with db.transaction(workspace_id):
        return _sql.rows("list_mailings", Part, campaign_id=campaign_id)


def progress(workspace_id: int, campaign_id: int) -> delivery.Progress | None:
    """Of all its people; None: a draft."""
    found = (delivery.progress(workspace_id, each.mailing_id) for each in parts(workspace_id, campaign_id))
    known = [each for each in found if each is not None]
    return together(known) if known else None


def together(found: Sequence[delivery.Progress]) -> delivery.Progress:
    """As of one mailing: the sums, the speed of what runs, and an end when all that is left has one."""
    if len(found) == 1:
        return found[0]
    running = [each for each in found if each.state is MailingState.RUNNING and not each.scheduled]
    ends = [each.ends_at for each in found if each.waiting]
    known = [each for each in ends if each is not None]
    stopped = next((each for each in found if each.stopped_for is not None), found[0])
    return delivery.Progress(
        total=sum(each.total for each in found),
        accepted=sum(each.accepted for each in found),
        refused=sum(each.refused for each in found),
        failed=sum(each.failed for each in found),
        uncertain=sum(each.uncertain for each in found),
        waiting=sum(each.waiting for each in found),
        state=_state({each.state for each in found}),
        started_at=min(each.started_at for each in found),
        scheduled=all(each.scheduled for each in found),
        per_second=sum(each.per_second for each in running),
        ends_at=max(known) if known and len(known) == len(ends) else None,
        another_day=sum(each.another_day for each in found),
        stopped_for=stopped.stopped_for,
        stopped_sent=stopped.stopped_sent,
        stopped_bad=stopped.stopped_bad,
    )


def _state(states: set[MailingState]) -> MailingState:
    """Of several the one in which most can still happen."""
    order = (MailingState.RUNNING, MailingState.PAUSED, MailingState.CANCELLED, MailingState.DONE)
    return next(each for each in order if each in states)


def stopped_in_time(workspace_id: int, campaign_id: int) -> int:
    """People who opted out after the launch, and whom it did not reach for that."""
    return sum(
        delivery.stopped_in_time(workspace_id, each.mailing_id) for each in parts(workspace_id, campaign_id)
    )


def came_back(workspace_id: int, campaign_id: int) -> delivery.CameBack:
    """While it runs: people of whom it came back later, and who reported it."""
    found = [delivery.came_back(workspace_id, each.mailing_id) for each in parts(workspace_id, campaign_id)]
    return delivery.CameBack(sum(each.returned for each in found), sum(each.complaints for each in found))


def measuring(workspace_id: int, campaign_id: int) -> tuple[tuple[str, ...], bool]:
    """Targets of the links that are counted, as in `Followed`; and whether openings are."""
    mailings = [delivery.mailing(workspace_id, each.mailing_id) for each in parts(workspace_id, campaign_id)]
    known = [each for each in mailings if each is not None]
    targets = dict.fromkeys(target for each in known for target in each.links)
    return tuple(targets), any(each.open_pixel for each in known)


def followed(workspace_id: int, chosen: Sequence[Part]) -> Followed:
    """What people did with it, of those who allow measuring."""
    links: dict[str, delivery.LinkHits] = {}
    opens: delivery.LinkHits | None = None
    clickers = 0
    for part in chosen:
        mailing = delivery.mailing(workspace_id, part.mailing_id)
        if mailing is None or not (mailing.links or mailing.open_pixel):
            continue
        found = delivery.hits(workspace_id, mailing)
        clickers += found.clickers
        for target, hits in zip(mailing.links, found.links, strict=True):
            number = links[target].link if target in links else len(links)
            links[target] = _added(links.get(target), replace(hits, link=number))
        if mailing.open_pixel:
            opens = _added(opens, found.opens)
    return Followed(tuple(links), tuple(links.values()), opens, clickers)


def _added(before: delivery.LinkHits | None, more: delivery.LinkHits) -> delivery.LinkHits:
    if before is None:
        return more
    return delivery.LinkHits(
        before.link,
        before.people + more.people,
        before.clicks + more.clicks,
        before.programs + more.programs,
    )
