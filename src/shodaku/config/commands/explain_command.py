"""`shodaku explain ADDRESS`: may we write, why (rule, article, evidence), since and until when."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.consent import selectors as consent
from shodaku.contacts.domain import AddressError, Channel
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse
from shodaku.policy.domain import MessageClass
from shodaku.policy.rules import articles_of

if TYPE_CHECKING:
    from shodaku.config.explain import Explained

# specified e-mail, commercial transactions, personal information, fair display; RFCs; this product's own
AT_HOME: Final = ("SE", "TS", "PI", "KH", "PR", "PP")
ARTICLES_SHOWN: Final = 4  # of them on a line; --json has every one
ALL: Final = "all"
CLASSES: Final = ("advertising", "survey", "consent_request", "reconfirm", "transactional", "legal")
EVERY_TOPIC: Final = "-"


class NoTopic(WrongUse):
    """The workspace has no topic yet, so nobody can have agreed to one."""

    code = "no_topic"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", help="e-mail address or telephone number")
    parser.add_argument("--topic", metavar="SLUG", help="one topic; without it, every topic")
    parser.add_argument("--channel", choices=[each.value for each in Channel], help="that of the address")
    parser.add_argument(
        "--class", dest="message_class", choices=[*CLASSES, ALL], default="advertising", help="advertising"
    )
    parser.add_argument(
        "--all-articles", action="store_true", help="those of other countries and providers too"
    )
    parser.add_argument("--json", action="store_true")
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit status 0 if at least one answer is yes, 1 if none is."""
    from shodaku.config import bind, explain  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    workspace = workspaces.chosen(options)
    topic = workspaces.topic(workspace, options.topic) if options.topic else None
    if topic is None and not consent.topics(workspace.workspace_id):
        raise NoTopic
    names = CLASSES if options.message_class == ALL else (options.message_class,)
    try:
        found = explain.explanations(
            workspace.workspace_id,
            options.address,
            now=clock.now(),
            topic_id=topic.topic_id if topic else None,
            channel=Channel(options.channel) if options.channel else None,
            classes=[MessageClass(name) for name in names],
        )
    except AddressError as fault:
        raise workspaces.NoAddress(hint=fault.sentence("en")) from fault
    answers = found.answers if options.all_articles else [at_home(answer) for answer in found.answers]
    if options.json:
        as_json(_by_topic(answers) if len(names) == 1 else [asdict(answer) for answer in answers])
    elif len(names) == 1:
        for answer in answers:
            _tell(answer)
    else:
        _matrix(answers, ZoneInfo(workspace.timezone))
    if found.topics_left_out and not options.json:
        say(f"{found.topics_left_out} more topics: name one with --topic")
    return 0 if any(answer.may for answer in answers) else 1


def at_home(answer: Explained) -> Explained:
    """Only what holds for a Japanese reader of a Japanese sender: the same gate knows rules of elsewhere."""
    rules = tuple(rule for rule in answer.rules if rule.partition("-")[0] in AT_HOME)
    return replace(answer, rules=rules, articles=articles_of(rules))


def _by_topic(answers: list[Explained]) -> dict[str, object]:
    return {answer.topic or EVERY_TOPIC: asdict(answer) for answer in answers}


def _tell(answer: Explained) -> None:
    say(f"{answer.topic or EVERY_TOPIC}: {'yes' if answer.may else 'no'}, {answer.reason}")
    say(f"  {answer.en}")
    say(f"  {answer.ja}")
    if answer.forms:
        say(f"  form      {', '.join(answer.forms)}")
    say(f"  rules     {', '.join(answer.rules)}")
    more = len(answer.articles) - ARTICLES_SHOWN
    listed = "; ".join(answer.articles[:ARTICLES_SHOWN])
    say(f"  articles  {listed}{f'; {more} more: --json' if more > 0 else ''}")
    if answer.entry_id is not None:
        say(f"  evidence  ledger entry #{answer.entry_id}")
    if answer.since is not None:
        say(f"  since     {answer.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    if answer.until is not None:
        say(f"  until     {answer.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    say(f"  pack      {answer.pack}")
    say(f"  facts     {'; '.join(each.en for each in answer.used)}")


def _matrix(answers: list[Explained], zone: tzinfo) -> None:
    table(
        [
            {
                "topic": answer.topic or EVERY_TOPIC,
                "channel": answer.channel.value,
                "class": answer.message_class.value,
                "answer": answer.verdict.value,
                "reason": answer.reason,
                "since": _day(answer.since, zone),
                "until": _day(answer.until, zone),
                "evidence": f"#{answer.entry_id}" if answer.entry_id else "",
                "rules": " ".join(answer.rules[:ARTICLES_SHOWN]),
            }
            for answer in answers
        ]
    )
    say(f"pack {answers[0].pack}; sentences, articles and facts: --class ONE, or --json" if answers else "")


def _day(at: datetime | None, zone: tzinfo) -> str:
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%d}"
