"""`shodaku form check FILE`: may a consent be asked for by this page? Needs no installation."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from shodaku.config.commands.output import as_json, say
from shodaku.kit.errors import WrongUse
from shodaku.policy.domain import FormAnswer, FormFacts, explain, lint_form, lint_opt_out_page
from shodaku.policy.reasons import Reason
from shodaku.signup.own_forms import Declared, read_form, read_requires
from shodaku.signup.page_reader import BYTES_MAX, UnreadablePage, decode_page

LAST_SCREEN = {"shows": True, "hides": False}


class PageAway(WrongUse):
    """The file cannot be opened."""

    code = "page_away"


class NotAPage(WrongUse):
    """The file cannot be read as a page with a form."""

    code = "not_a_page"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser(
        "check", help="exit status 0: may be published, 1: it has a fault, 2: unreadable"
    )
    check.add_argument("file", type=Path)
    check.add_argument(
        "--sender", action="append", default=[], metavar="NAME", help="legal name to stand there"
    )
    check.add_argument("--required-to-buy", action="store_true", help="buying depends on the tick")
    check.add_argument(
        "--last-screen", choices=list(LAST_SCREEN), help="does the last screen of the order show the consent?"
    )
    check.add_argument("--incentive", action="store_true", help="who agrees gets something for it")
    check.add_argument("--opt-out-page", action="store_true", help="it is a page for opting out")
    check.add_argument("--requires", metavar="WHAT", help="what the opt-out page asks for, such as login")
    check.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    answer, facts = _look_at(_read(options.file), options)
    reasons = answer.faults or (answer.reason,)
    if options.json:
        shown = None if facts is None else asdict(facts)
        verdict = "allow" if answer.passes else "refuse"
        as_json({"verdict": verdict, "answers": [_told(reason) for reason in reasons], "facts": shown})
    else:
        for reason in reasons:
            _say(reason)
    return 0 if answer.passes else 1


def _say(reason: Reason) -> None:
    told = explain(reason)
    say(reason.value)
    say(f"  {told.en}")
    say(f"  {told.ja}")
    say(f"  rules     {', '.join(told.rules)}")
    say(f"  articles  {'; '.join(told.articles)}")


def _look_at(html: str, options: argparse.Namespace) -> tuple[FormAnswer, FormFacts | None]:
    """Raises NotAPage."""
    declared = Declared(
        required_to_buy=options.required_to_buy,
        last_screen_shows_consent=LAST_SCREEN.get(options.last_screen),
        incentive=options.incentive,
    )
    try:
        if options.opt_out_page:
            reason = lint_opt_out_page(options.requires or read_requires(html))
            return FormAnswer(reason, () if reason is Reason.OK_FORM else (reason,)), None
        facts = read_form(html, options.sender, declared)
    except UnreadablePage as fault:
        raise NotAPage(hint=f"{fault.sentence('en')} / {fault.sentence('ja')}") from fault
    return lint_form(facts), facts


def _read(file: Path) -> str:
    """Raises PageAway, NotAPage."""
    try:
        with file.open("rb") as stream:
            content = stream.read(BYTES_MAX + 1)
    except OSError as error:
        raise PageAway(hint=f"{file}: {error.strerror}") from error
    try:
        return decode_page(content)
    except UnreadablePage as fault:
        raise NotAPage(hint=f"{fault.sentence('en')} / {fault.sentence('ja')}") from fault


def _told(reason: Reason) -> dict[str, object]:
    told = explain(reason)
    return {
        "reason": reason.value,
        "ja": told.ja,
        "en": told.en,
        "rules": list(told.rules),
        "articles": list(told.articles),
    }
