"""`shodaku campaign …`: ask, send, pause, resume, cancel, discard, status, clicks, report, uncertain."""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from shodaku.accounts import selectors as accounts
from shodaku.campaigns import selectors, services
from shodaku.campaigns.domain import Judged, Trial
from shodaku.campaigns.services import OtherRules, Preflight
from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.delivery import recovery, store
from shodaku.delivery import selectors as delivery
from shodaku.delivery.recovery import OpenElsewhere
from shodaku.delivery.store import Connection
from shodaku.kit import clock, runtime
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.policy.domain import PACK_VERSIONS

_Answer = TypeVar("_Answer")

VERBS = {
    "list": "all campaigns",
    "count": "who would get it, and why not the others",
    "preflight": "each reason with its people, and what another rule pack would change",
    "ask": "count, and ask a second person for approval, who gives it in the console",
    "discard": "throw a draft away, with its files and saved states; for good",
    "send": "count and launch; with --at it starts by itself at that time",
    "start": "not at its time but at once",
    "pause": "stop for a while; what has begun ends within two seconds",
    "resume": "go on, each person checked again",
    "cancel": "stop for good",
    "status": "how far it is",
    "clicks": "which links were followed, by those who allow measuring",
    "report": "what became of it: handed over, came back, followed, opted out, by receiver and reason",
    "variants": "what became of each variant; with --choose: which one the others get",
    "again": "a draft with another subject for those who did not open it",
    "uncertain": "of whom nobody knows whether it arrived; with --decide: what to do about them",
    "lost": "what each machine is sending of it; with --host: that machine is gone for good",
}


LETTERS = ("A", "B", "C", "D")


class UnknownCampaign(WrongUse):
    """No campaign has this number."""

    code = "unknown_campaign"


class NotLaunched(ShodakuError):
    """The campaign was not launched."""

    code = "not_launched"


class NotAskedFor(ShodakuError):
    """Nothing was asked for."""

    code = "not_asked_for"


class SecondPersonNeeded(ShodakuError):
    """So many people are sent to only when a second person has approved it; nothing was sent."""

    code = "second_person_needed"


class NoMember(WrongUse):
    """Nobody with this e-mail address works in this workspace."""

    code = "no_member"


class HoldsNothing(WrongUse):
    """No machine of this number holds anything of this campaign; without --host all that do are listed."""

    code = "holds_nothing"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, about in VERBS.items():
        sub = verbs.add_parser(verb, help=about)
        if verb == "list":
            sub.add_argument("--tag", metavar="TEXT", help="those alone that have it")
        else:
            sub.add_argument("id", type=int)
        if verb == "preflight":
            sub.add_argument(
                "--rules", metavar="VERSION", choices=PACK_VERSIONS, help="compare with this rule pack"
            )
        if verb == "again":
            sub.add_argument("--subject", metavar="TEXT", required=True, help="another one than before")
        if verb == "variants":
            sub.add_argument("--choose", choices=LETTERS, help="the others get this one, for good")
        if verb == "uncertain":
            _define_uncertain(sub)
        if verb == "lost":
            sub.add_argument(
                "--host", metavar="NUMBER", help="give up what it was sending, its journals are gone"
            )
        if verb == "ask":
            sub.add_argument(
                "--by", metavar="EMAIL", required=True, help="in whose name, who cannot approve it"
            )
            sub.add_argument("--note", metavar="TEXT", default="", help="what the other person should know")
        if verb == "send":
            sub.add_argument(
                "--at",
                metavar="TIME",
                type=_time,
                help="such as 2026-12-01T10:00, on the clock of the workspace; within 90 days",
            )
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    parser.set_defaults(run=run)


def _define_uncertain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--decide",
        choices=[each.value for each in delivery.Choice],
        help="arrived: count as arrived; again: send once more to who has shown nothing since",
    )
    parser.add_argument(
        "--person", metavar="NUMBER", type=int, action="append", help="of a contact; again for more of them"
    )
    parser.add_argument("--reason", metavar="TEXT", default="", help="why; it stays in the ledger")


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    workspace_id = workspaces.chosen(options).workspace_id
    if options.verb == "list":
        return _list(workspace_id, options.tag, as_lines=options.json)
    if selectors.campaign(workspace_id, options.id) is None:
        raise UnknownCampaign
    told: dict[str, Callable[[int, argparse.Namespace], int]] = {
        "count": _count,
        "preflight": _preflight,
        "ask": _ask,
        "send": _send,
        "status": _status,
        "clicks": _clicks,
        "report": _report,
        "variants": _variants,
        "again": _again,
        "uncertain": _uncertain,
        "lost": _lost,
    }
    if options.verb in told:
        return told[options.verb](workspace_id, options)
    if options.verb == "discard":
        services.discard(workspace_id, options.id, staff_id=None, now=clock.now())
        say("thrown away")
        return 0
    act = {
        "start": services.start_now,
        "pause": services.pause,
        "resume": services.resume,
        "cancel": services.cancel,
    }[options.verb]
    done = act(workspace_id, options.id, now=clock.now())
    say("done" if done else "nothing to do: it is not in a state for that")
    return 0 if done else 1


def _list(workspace_id: int, tag: str | None, *, as_lines: bool) -> int:
    rows = [
        {
            "id": each.campaign_id,
            "state": each.state,
            "people": each.planned_count,
            "name": each.name,
            "tags": ", ".join(each.tags),
        }
        for each in selectors.campaigns(workspace_id)
        if tag is None or tag in each.tags
    ]
    if as_lines:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("no campaign yet; write one in the console")
    return 0


def _count(workspace_id: int, options: argparse.Namespace) -> int:
    counted = services.count(workspace_id, options.id, now=clock.now())
    if options.json:
        as_json(asdict(counted))
    else:
        say(f"{counted.sendable} of {counted.chosen} can receive it")
        table([{"held by": reason, "people": people} for reason, people in sorted(counted.reasons.items())])
    return 0 if counted.sendable else 1


def _preflight(workspace_id: int, options: argparse.Namespace) -> int:
    """Every reason with its people; they are the audience, each person once."""
    other = None
    if options.rules:
        other = OtherRules(options.rules, delivery.rule_choice(workspace_id).tightened)
    counted = services.count(workspace_id, options.id, now=clock.now(), other=other)
    found = counted.comparison
    campaign = selectors.campaign(workspace_id, options.id)
    octets = services.examine(workspace_id, campaign).octets if campaign else 0
    ends = None if campaign is None else _finish(workspace_id, campaign, counted)
    if options.json:
        as_json({**_as_lines(counted), "bytes": octets, "finish": asdict(ends) if ends else None})
        return 0 if counted.sendable else 1
    say(f"rules {counted.pack}: {counted.sendable} of {counted.chosen} can receive it")
    table([*_rows("sent", counted.allowed), *_rows("held", counted.reasons)])
    say(f"a mail has about {octets:,} bytes")
    say(_told_finish(ends))
    say(f"{sum(counted.allowed.values()) + sum(counted.reasons.values())} people, each with one reason")
    if found is not None:
        say(f"rules {found.pack}: {len(found.moved)} changes")
        ordered = sorted(found.moved.items(), key=lambda each: -each[1])
        table(
            [
                {"people": people, "now": before, f"under {found.pack}": after}
                for (before, after), people in ordered
            ]
        )
    return 0 if counted.sendable else 1


def _finish(workspace_id: int, campaign: selectors.Campaign, counted: Preflight) -> delivery.Forecast | None:
    starts_at = campaign.starts_at or clock.now()
    return delivery.finish(workspace_id, counted.groups or {}, starts_at=starts_at)


def _told_finish(ends: delivery.Forecast | None) -> str:
    if ends is None:
        return "nothing would carry it: there is no mail server for campaigns"
    if ends.ends_at is None:
        return "no limit is set: it leaves as fast as the mail server takes it"
    at = f"finished about {ends.ends_at:%Y-%m-%d %H:%M} UTC if all goes well"
    if ends.limit is delivery.Limit.DAYS:
        at += f": {ends.first_day:,} on the first day, the last {ends.days} days later (warm-up)"
    return at + (f", {ends.ahead:,} others counted that wait already" if ends.ahead else "")


def _rows(word: str, reasons: Mapping[str, int]) -> list[dict[str, object]]:
    ordered = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    return [{"": word, "reason": reason, "people": people} for reason, people in ordered]


def _as_lines(counted: Preflight) -> dict[str, object]:
    found = counted.comparison
    return {
        "preflight_id": counted.preflight_id,
        "pack": counted.pack,
        "audience": counted.chosen,
        "sendable": counted.sendable,
        "reasons": {**counted.allowed, **counted.reasons},
        "rules": None
        if found is None
        else {
            "pack": found.pack,
            "reasons": found.after,
            "moved": [
                {"now": before, "then": after, "people": people}
                for (before, after), people in found.moved.items()
            ],
        },
    }


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)  # argparse tells of a ValueError


def _ask(workspace_id: int, options: argparse.Namespace) -> int:
    """Whoever has this command line could name anybody: so it asks, says so, and never approves."""
    staff_id = next(
        (each.staff_id for each in accounts.staff(workspace_id) if each.email == options.by.lower()), None
    )
    if staff_id is None:
        raise NoMember
    counted = services.count(workspace_id, options.id, now=clock.now())
    answer = services.ask_approval(
        workspace_id,
        options.id,
        counted.preflight_id,
        options.note,
        staff_id=staff_id,
        now=clock.now(),
        claimed=True,
    )
    if not isinstance(answer, services.Asked):
        raise NotAskedFor(hint=str(answer))
    if options.json:
        as_json(asdict(answer))
    else:
        say(f"asked for {answer.people} people; another person approves it in the console")
        say("they are told that it was asked for at a command line, where anybody can be named")
    return 0


def _send(workspace_id: int, options: argparse.Namespace) -> int:
    if options.at is not None:
        zone = ZoneInfo(workspaces.chosen(options).timezone)
        starts_at = options.at if options.at.tzinfo else options.at.replace(tzinfo=zone)
        services.schedule(workspace_id, options.id, starts_at, staff_id=None, now=clock.now())
    counted = services.count(workspace_id, options.id, now=clock.now())
    answer = services.launch(workspace_id, options.id, counted.preflight_id, staff_id=None, now=clock.now())
    if isinstance(answer, services.ApprovalNeeded):
        how = f"shodaku campaign ask {options.id} --by …"
        raise SecondPersonNeeded(hint=f"{answer.people} people are more than {answer.above}: {how}")
    if not isinstance(answer, services.Launched):
        raise NotLaunched(hint=str(answer))
    if options.json:
        as_json(asdict(answer))
    else:
        when = "" if options.at is None else f"; it starts by itself at {starts_at:%Y-%m-%d %H:%M %Z}"
        far = f"shodaku campaign status {options.id} tells how far it is"
        say(f"launched to {answer.people} people{when}; {far}")
        found = delivery.progress(workspace_id, answer.mailing_id)
        if found is not None and found.stopped_for is not None:
            say(f"it rests at once, for {found.stopped_for.value}: shodaku doctor says what to mend")
    return 0


def _status(workspace_id: int, options: argparse.Namespace) -> int:
    progress = selectors.progress(workspace_id, options.id)
    if progress is None:
        say("a draft: nothing was sent")
        return 1
    if options.json:
        as_json(asdict(progress))
    else:
        table([asdict(progress)])
    return 0


def _clicks(workspace_id: int, options: argparse.Namespace) -> int:
    found = selectors.followed(workspace_id, selectors.parts(workspace_id, options.id))
    if not found.measured:
        say("nothing of it is measured: it was not launched, or neither clicks nor opens are counted")
        return 1
    rows = [
        {"link": each.link, **_figures(each), "target": target}
        for each, target in zip(found.links, found.targets, strict=True)
    ]
    if options.json:
        opens = None if found.opens is None else _figures(found.opens)
        as_json({"people": found.clickers, "links": rows, "opens": opens})
        return 0
    if rows:
        say(f"{found.clickers} people followed a link")
        table(rows)
    if found.opens is not None:
        say(f"{found.opens.people} people opened it, as far as mail programs tell")
    return 0


def _figures(found: delivery.LinkHits) -> dict[str, object]:
    return {"people": found.people, "clicks": found.clicks, "programs": found.programs}


def _report(workspace_id: int, options: argparse.Namespace) -> int:
    """Counted now: whoever waits at a command has the time that a page has not."""
    campaign = selectors.campaign(workspace_id, options.id)
    if campaign is None or campaign.mailing_id is None:
        say("a draft: nothing was sent")
        return 1
    now = clock.now()
    services.refresh_report(workspace_id, options.id, now=now)
    found = selectors.report_document(workspace_id, campaign, now=now) or {}
    if options.json:
        as_json(found)
        return 0
    say(f"counted {found['counted_at']:%Y-%m-%d %H:%M} UTC" + ("" if found["ended"] else "; not ended yet"))
    table([{"": name, "people": people} for name, people in found["people"].items()])
    for name, rows in (
        ("held when it was launched", _rows("held", found["held_at_launch"])),
        ("at the moment of sending", found["reasons"]),
        ("came back", found["bounces"]),
        ("links", found["links"]),
        ("receivers", [_receiver(each, numbers) for each, numbers in found["receivers"].items()]),
        ("coupons", found["coupons"]),
        ("variants", found["variants"]),
    ):
        if rows:
            say(f"\n{name}")
            table(rows)
    return 0


def _receiver(name: str, numbers: Mapping[str, int]) -> dict[str, object]:
    columns = ("accepted", "failed", "uncertain", "returned", "complaints")
    return {"receiver": name, **{column: numbers.get(column, 0) for column in columns}}


def _variants(workspace_id: int, options: argparse.Namespace) -> int:
    found = selectors.trial(workspace_id, options.id)
    if found is None or found.held_id is None:
        say("no variants of it are tried: it has none, or was not launched")
        return 1
    if options.choose is not None:
        no = LETTERS.index(options.choose) + 1
        planned = services.decide_trial(workspace_id, options.id, no, staff_id=None, now=clock.now())
        if options.json:
            as_json({"variant": options.choose, "people": planned.people})
        else:
            say(f"{options.choose} goes to the other {planned.people} people, each checked again")
        return 0
    measured = services.trial_measured(workspace_id, options.id) or {}
    rows = [
        {
            "variant": LETTERS[each.no - 1],
            "people": each.people,
            "accepted": measured[each.no].accepted if each.no in measured else None,
            "acted": measured[each.no].acted if each.no in measured else None,
            "others get it": each.no == found.winner,
        }
        for each in found.variants
    ]
    if options.json:
        as_json(rows)
        return 0
    table(rows)
    if not measured:
        say("not everything of them has left yet, or one of them rests")
    if found.undecided:
        say(f"the others wait; judged by {found.judged_by}, {_told_judged(found)}")
    return 0


def _told_judged(found: Trial) -> str:
    by_hand = found.judged_by == Judged.HAND or found.judge_at is None
    return "with --choose" if by_hand else f"{found.judge_at:%Y-%m-%d %H:%M} UTC"


def _again(workspace_id: int, options: argparse.Namespace) -> int:
    again_id = services.send_again(workspace_id, options.id, options.subject, staff_id=None, now=clock.now())
    if options.json:
        as_json({"id": again_id})
    else:
        say(f"draft {again_id}: count it, then send it")
    return 0


def _uncertain(workspace_id: int, options: argparse.Namespace) -> int:
    if options.decide is not None:
        choice, now = delivery.Choice(options.decide), clock.now()
        decided = services.decide_uncertain(
            workspace_id, options.id, choice, options.person, options.reason, staff_id=None, now=now
        )
        if options.json:
            as_json(asdict(decided))
        else:
            say(f"{decided.people} people: {_DECIDED[choice]}")
        return 0 if decided.people else 1
    mailing_ids = [each.mailing_id for each in selectors.parts(workspace_id, options.id)]
    if not mailing_ids:
        say("a draft: nothing was sent")
        return 1
    rows = [_uncertain_line(each) for each in _all_uncertain(workspace_id, mailing_ids)]
    if options.json:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("of everybody it is known what became of the mail")
    return 0


_DECIDED = {
    delivery.Choice.ARRIVED: "count as arrived",
    delivery.Choice.AGAIN: "get it once more, each checked again",
}


def _all_uncertain(workspace_id: int, mailing_ids: list[int]) -> Iterator[delivery.Uncertain]:
    after = None
    while rows := delivery.uncertain(workspace_id, mailing_ids, after=after, rows_max=delivery.SLICE_ROWS):
        yield from rows
        after = rows[-1].contact_id


def _uncertain_line(each: delivery.Uncertain) -> dict[str, object]:
    came, came_at = each.came or (None, None)
    return {
        "person": each.contact_id,
        "at": each.at,
        "came": came.value if came else None,
        "came_at": came_at,
        "decided": each.choice,
        "decided_at": each.chosen_at,
        "entry": each.entry_id,
        "again": each.again_outcome,
    }


def _lost(workspace_id: int, options: argparse.Namespace) -> int:
    mailing_ids = {each.mailing_id for each in selectors.parts(workspace_id, options.id)}
    held: dict[str, list[OpenElsewhere]] = defaultdict(list)
    for each in asyncio.run(_on_a_connection(partial(recovery.open_elsewhere, workspace_id=workspace_id))):
        if each.key.mailing_id in mailing_ids:
            held[each.host].append(each)
    if options.host is None:
        return _tell_held(held, as_lines=options.json)
    if options.host not in held:
        raise HoldsNothing
    report = asyncio.run(_on_a_connection(partial(recovery.give_up, lost=held[options.host])))
    if options.json:
        as_json(asdict(report))
    else:
        say(f"{report.uncertain} people are uncertain now: nobody knows whether they got it, and it leaves")
        say(f"no more for them by itself; {report.again} are asked about again, and their mails leave again")
    return 0


async def _on_a_connection(act: Callable[[Connection], Awaitable[_Answer]]) -> _Answer:
    """As a worker has them: recovery is its own."""
    connection = await store.connect(runtime.current().database_url)
    try:
        return await act(connection)
    finally:
        await connection.close()


def _tell_held(held: Mapping[str, list[OpenElsewhere]], *, as_lines: bool) -> int:
    rows = [
        {"host": host, "chunks": len(chunks), "people": sum(each.people for each in chunks)}
        for host, chunks in held.items()
    ]
    if as_lines:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("no machine holds anything of it")
    return 0
