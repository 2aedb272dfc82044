"""`shodaku explain ADDRESS`: may we write, why (rule, article, evidence), since and until when."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.config.explain import Explained
from shodaku.consent import selectors as consent
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse


class NoTopic(WrongUse):
    """The workspace has no topic yet, so nobody can have agreed to one."""

    code = "no_topic"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address")
    parser.add_argument("--topic", metavar="SLUG", help="one topic; without it, every topic")
    parser.add_argument("--channel", choices=["email"], default="email")
    parser.add_argument("--class", dest="message_class", choices=["advertising"], default="advertising")
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
    if options.json:
        as_json({slug: asdict(answer) for slug, answer in answers.items()})
    else:
        for slug, answer in answers.items():
            _tell(slug, answer)
    return 0 if any(answer.may for answer in answers.values()) else 1


def _tell(slug: str, answer: Explained) -> None:
    say(f"{slug}: {'yes' if answer.may else 'no'}, {answer.reason}")
    say(f"  {answer.en}")
    say(f"  {answer.ja}")
    say(f"  rules     {', '.join(answer.rules)}")
    say(f"  articles  {'; '.join(answer.articles[:4])}")
    if answer.entry_id is not None:
        say(f"  evidence  ledger entry #{answer.entry_id}")
    if answer.since is not None:
        say(f"  since     {answer.since:%Y-%m-%d %H:%M} UTC")
    if answer.until is not None:
        say(f"  until     {answer.until:%Y-%m-%d %H:%M} UTC")
