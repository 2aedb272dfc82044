"""`shodaku explain ADDRESS`: may we write, why (rule, article, evidence), since and until when."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from typing import Final

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.config.explain import Explained
from shodaku.consent import selectors as consent
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse
from shodaku.policy.rules import articles_of

# specified e-mail, commercial transactions, personal information, fair display; RFCs; this product's own
AT_HOME: Final = ("SE", "TS", "PI", "KH", "PR", "PP")
ARTICLES_SHOWN: Final = 4  # of them on a line; --json has every one


class NoTopic(WrongUse):
    """The workspace has no topic yet, so nobody can have agreed to one."""

    code = "no_topic"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address")
    parser.add_argument("--topic", metavar="SLUG", help="one topic; without it, every topic")
    parser.add_argument("--channel", choices=["email"], default="email")
    parser.add_argument("--class", dest="message_class", choices=["advertising"], default="advertising")
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
    address = workspaces.email(options.address).address
    topics = (
        [workspaces.topic(workspace, options.topic)]
        if options.topic
        else consent.topics(workspace.workspace_id)
    )
    if not topics:
        raise NoTopic
    now = clock.now()
    answers = {
        topic.slug: explain.explain(workspace.workspace_id, address, topic.topic_id, now=now)
        for topic in topics
    }
    if not options.all_articles:
        answers = {slug: at_home(answer) for slug, answer in answers.items()}
    if options.json:
        as_json({slug: asdict(answer) for slug, answer in answers.items()})
    else:
        for slug, answer in answers.items():
            _tell(slug, answer)
    return 0 if any(answer.may for answer in answers.values()) else 1


def at_home(answer: Explained) -> Explained:
    """Only what holds for a Japanese reader of a Japanese sender: the same gate knows rules of elsewhere."""
    rules = tuple(rule for rule in answer.rules if rule.partition("-")[0] in AT_HOME)
    return replace(answer, rules=rules, articles=articles_of(rules))


def _tell(slug: str, answer: Explained) -> None:
    say(f"{slug}: {'yes' if answer.may else 'no'}, {answer.reason}")
    say(f"  {answer.en}")
    say(f"  {answer.ja}")
    say(f"  rules     {', '.join(answer.rules)}")
    more = len(answer.articles) - ARTICLES_SHOWN
    listed = "; ".join(answer.articles[:ARTICLES_SHOWN])
    say(f"  articles  {listed}{f'; {more} more: --json' if more > 0 else ''}")
    if answer.entry_id is not None:
        say(f"  evidence  ledger entry #{answer.entry_id}")
    if answer.since is not None:
        say(f"  since     {answer.since:%Y-%m-%d %H:%M} UTC")
    if answer.until is not None:
        say(f"  until     {answer.until:%Y-%m-%d %H:%M} UTC")
