"""`shodaku policy …`: by which rules the gate decides, exemptions with a reason, topics held back."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Workspace
from shodaku.campaigns import services as campaigns
from shodaku.config.commands import conformance, workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.consent import selectors as consent
from shodaku.delivery import selectors, services
from shodaku.delivery.domain import Exemption, LineFault, read_tightening, write_tightening
from shodaku.kit import clock, db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.policy.domain import PACK_VERSIONS

BY: Final = "command line"
UNKNOWN: Final = "unknown"
PEOPLE_MAX: Final = 2**31 - 1


class WrongValue(WrongUse):
    """A value cannot be taken; nothing was changed."""

    code = "wrong_value"


class UnknownSender(WrongUse):
    """Name the sender by its number; there is more than one, or none."""

    code = "unknown_sender"


class NothingHeld(ShodakuError):
    """Nothing holds this topic."""

    code = "nothing_held"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    _define_show(verbs.add_parser("show", help="pack, stricter values, exemptions, complaints"))
    _define_choose(verbs.add_parser("choose", help="hold to a rule pack, and to stricter values"))
    _define_simulate(verbs.add_parser("simulate", help="say whom other rules would hold; changes none"))
    _define_exempt(verbs.add_parser("exempt", help="turn an exemption of a sender on or off"))
    _define_mail_order(verbs.add_parser("mail-order", help="say whether you sell to consumers at a distance"))
    _define_two_persons(
        verbs.add_parser("two-persons", help="from how many people on a launch needs a second person")
    )
    _define_release(verbs.add_parser("release", help="let a topic go on that is held for complaints"))
    conformance.define(verbs.add_parser("conformance", help="run situations of law through the product"))


def run(options: argparse.Namespace) -> int:
    act: Callable[[argparse.Namespace], int] = options.act
    return act(options)


def _define_show(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--json", action="store_true")
    _in_a_workspace(sub, _show)


def _define_choose(sub: argparse.ArgumentParser) -> None:
    _define_rules(sub)
    _in_a_workspace(sub, _choose)


def _define_simulate(sub: argparse.ArgumentParser) -> None:
    _define_rules(sub)
    sub.add_argument("--json", action="store_true")
    _in_a_workspace(sub, _simulate)


def _define_rules(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("version", choices=PACK_VERSIONS)
    sub.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a stricter value, such as stale_months=6; those that are not named hold no more",
    )
    sub.add_argument(
        "--home",
        metavar="COUNTRY",
        help="where people live of whom nobody knows it, such as JP, or `unknown`; without it as before",
    )


def _define_exempt(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("exemption", choices=[each.value for each in Exemption])
    sub.add_argument("switch", choices=("on", "off"))
    sub.add_argument("--reason", required=True, help="goes into the ledger")
    sub.add_argument("--sender", type=int, metavar="NUMBER", help="needed where there is more than one")
    _in_a_workspace(sub, _exempt)


def _define_mail_order(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("switch", choices=("on", "off"))
    _in_a_workspace(sub, _mail_order)


def _define_two_persons(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("above", metavar="NUMBER", type=_people, help="of people, or off")
    _in_a_workspace(sub, _two_persons)


def _people(text: str) -> int | None:
    """None: off. Raises ValueError, of which argparse tells."""
    if text == "off":
        return None
    above = int(text)
    if not 0 <= above <= PEOPLE_MAX:
        raise ValueError
    return above


def _define_release(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("topic", metavar="SLUG")
    sub.add_argument("--reason", required=True, help="goes into the ledger")
    _in_a_workspace(sub, _release)


def _in_a_workspace(
    sub: argparse.ArgumentParser, act: Callable[[Workspace, argparse.Namespace], int]
) -> None:
    def start(options: argparse.Namespace) -> int:
        from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

        bind.start_command()
        return act(workspaces.chosen(options), options)

    workspaces.define(sub)
    sub.set_defaults(run=run, act=start)


def _show(workspace: Workspace, options: argparse.Namespace) -> int:
    workspace_id = workspace.workspace_id
    choice = selectors.rule_choice(workspace_id)
    rules, home = choice.rules, choice.home(workspace.locale)
    topics = {each.topic_id: each.slug for each in consent.topics(workspace_id)}
    exemptions = [
        {"sender": each.sender_id, "exemption": each.name, "since": each.since, "entry": each.entry_id}
        for each in selectors.exemptions(workspace_id)
    ]
    complaints: list[dict[str, object]] = [
        {
            "topic": topics.get(each.topic_id, each.topic_id),
            "rate": each.rate,
            "held": each.rate > rules.complaint_rate_max and each.released_at is None,
            "measured": each.measured_at,
            "released": each.released_at,
        }
        for each in selectors.complaint_levels(workspace_id)
    ]
    if options.json:
        as_json(
            {
                "pack": rules.name,
                "dated": rules.dated,
                "in_force": rules.in_force,
                "home_country": home or UNKNOWN,
                "mail_order": workspace.b2c_mail_order,
                "two_persons_above": accounts.two_persons_above(workspace.workspace_id),
                "tightened": dict(choice.tightened),
                "chosen_at": choice.chosen_at,
                "entry": choice.entry_id,
                "exemptions": exemptions,
                "complaints": complaints,
            }
        )
        return 0
    say(f"pack      {rules.name} of {rules.dated}{'' if rules.in_force else ', not in force yet'}")
    say(f"home      {home or 'unknown: the strictest rules'}")
    say(f"sells     {'by mail order to consumers' if workspace.b2c_mail_order else 'not by mail order'}")
    say(f"chosen    {f'ledger entry #{choice.entry_id}' if choice.entry_id else 'by nobody'}")
    for line in write_tightening(choice.tightened).splitlines():
        say(f"stricter  {line}")
    table(exemptions)
    table(complaints)
    return 0


def _choose(workspace: Workspace, options: argparse.Namespace) -> int:
    said = _rules(workspace, options)
    entry_id = services.choose_rules(
        workspace.workspace_id, said.version, said.tightened, said.home_country, by=BY, now=clock.now()
    )
    say(f"pack {selectors.rule_choice(workspace.workspace_id).rules.name} holds, ledger entry #{entry_id}")
    return 0


def _simulate(workspace: Workspace, options: argparse.Namespace) -> int:
    """While it is waited for; the rules page shows the same numbers afterwards."""
    found = campaigns.simulate(workspace.workspace_id, _rules(workspace, options), now=clock.now())
    topics = {each.topic_id: each.slug for each in consent.topics(workspace.workspace_id)}
    moved: list[dict[str, object]] = [
        {"topic": topics.get(topic.topic_id, topic.topic_id), "people": people, "now": now, "then": then}
        for topic in found.topics
        for (now, then), people in sorted(topic.moved.items(), key=lambda each: (-each[1], each[0]))
    ]
    sendable: list[dict[str, object]] = [
        {"topic": topics.get(each.topic_id, each.topic_id), "now": each.before, "then": each.after}
        for each in found.topics
    ]
    if options.json:
        as_json(
            {
                "pack": found.rules.name,
                "home_country": found.rules.home_country or UNKNOWN,
                "tightened": dict(found.rules.tightened),
                "at": found.at,
                "people": found.people,
                "held_more": found.held_more,
                "held_fewer": found.held_fewer,
                "sendable": sendable,
                "moved": moved,
                "topics_left_out": found.topics_left_out,
            }
        )
        return 0
    say(f"rules {found.rules.name}: this would hold {found.held_more} more of {found.people} people")
    if found.held_fewer:
        say(f"{found.held_fewer} would get a topic that is held from them now")
    table(sendable)
    table(moved)
    if found.topics_left_out:
        say(f"{found.topics_left_out} newer topics were not looked at")
    return 0


def _rules(workspace: Workspace, options: argparse.Namespace) -> campaigns.RulesAsked:
    """As `--set` and `--home` say. Raises WrongValue."""
    before = selectors.rule_choice(workspace.workspace_id)
    home = before.home(workspace.locale) if options.home is None else _country(options.home)
    try:
        tightened = read_tightening("\n".join(options.set), options.version)
    except LineFault as fault:
        raise WrongValue(hint=f"{fault.key}: {fault.en}" if fault.key else fault.en) from fault
    return campaigns.RulesAsked(options.version, tightened, home)


def _exempt(workspace: Workspace, options: argparse.Namespace) -> int:
    entry_id = services.switch_exemption(
        workspace.workspace_id,
        _sender(workspace, options.sender),
        Exemption(options.exemption),
        on=options.switch == "on",
        reason=options.reason,
        by=BY,
        now=clock.now(),
    )
    say(f"{options.exemption} {options.switch}, ledger entry #{entry_id}")
    return 0


def _mail_order(workspace: Workspace, options: argparse.Namespace) -> int:
    from shodaku.accounts import services as shop  # noqa: PLC0415 - Django stands only now

    on, now = options.switch == "on", clock.now()
    said: dict[str, Value] = {"by": BY, "on": on}
    with db.transaction(workspace.workspace_id):
        entry_id = ledger.record_act(
            workspace.workspace_id, "admin.mail_order", said, event_id=uuid7(now, os.urandom(10)), now=now
        )
        shop.declare_mail_order(workspace.workspace_id, on=on)
    say(f"mail order {options.switch}, ledger entry #{entry_id}")
    return 0


def _two_persons(workspace: Workspace, options: argparse.Namespace) -> int:
    from shodaku.accounts import services as shop  # noqa: PLC0415 - Django stands only now

    now = clock.now()
    said: dict[str, Value] = {"by": BY, "above": options.above}
    with db.transaction(workspace.workspace_id):
        shop.need_two_persons(workspace.workspace_id, options.above)
        entry_id = ledger.record_act(
            workspace.workspace_id, "admin.approval.rule", said, event_id=uuid7(now, os.urandom(10)), now=now
        )
    above = "off" if options.above is None else f"above {options.above:,} people"
    say(f"a second person approves a launch: {above}, ledger entry #{entry_id}")
    return 0


def _release(workspace: Workspace, options: argparse.Namespace) -> int:
    topic = workspaces.topic(workspace, options.topic)
    released = services.release_topic(
        workspace.workspace_id, topic.topic_id, reason=options.reason, by=BY, now=clock.now()
    )
    if not released:
        raise NothingHeld
    say(f"{options.topic} goes on")
    return 0


def _country(word: str) -> str | None:
    if word.lower() == UNKNOWN:
        return None
    if len(word) != 2 or not (word.isascii() and word.isalpha()):  # noqa: PLR2004 - ISO 3166-1 alpha-2
        raise WrongValue(hint=f"--home {word}: two letters, or `unknown`")
    return word.upper()


def _sender(workspace: Workspace, number: int | None) -> int:
    """The named sender, or the only one. Raises UnknownSender."""
    every = [each.sender_id for each in accounts.senders(workspace.workspace_id)]
    if number is None and len(every) == 1:
        return every[0]
    if number not in every:
        raise UnknownSender(hint=", ".join(map(str, every)))
    return number
