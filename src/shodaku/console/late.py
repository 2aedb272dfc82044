"""What the clocks of consents found, in words: how many people, since when, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shodaku.console.frame import place
from shodaku.console.guard import Visitor
from shodaku.delivery import selectors as delivery
from shodaku.journeys import selectors as clocks
from shodaku.journeys.domain import Late
from shodaku.kit.ui.templatetags.ui import apart, num
from shodaku.policy.domain import Pack


@dataclass(frozen=True, slots=True)
class Due:
    """As ui/_checks.html shows it."""

    tone: str
    title: str
    text: str
    href: str = ""
    action: str = ""


def late(visitor: Visitor, warned: Iterable[clocks.Warned], titles: Mapping[int, str]) -> list[Due]:
    found = list(warned)
    if not found:
        return []
    rules = delivery.rule_choice(visitor.workspace_id).rules
    return [_due(visitor, each, titles.get(each.topic_id, _("a former topic")), rules) for each in found]


def _due(visitor: Visitor, warned: clocks.Warned, topic: str, rules: Pack) -> Due:
    said = {
        "shown": num(warned.people),
        "topic": apart(topic),
        "hours": rules.welcome_hours,
        "days": rules.first_issue_days,
        "months": rules.stale_months,
    }
    advice, *way = _next_step(visitor, warned.kind)
    return Due("wait", _sentence(warned.kind, warned.people) % said, advice, *way)


def _sentence(kind: Late, people: int) -> str:
    match kind:
        case Late.WELCOME_LATE:
            return ngettext(
                "“%(topic)s”: %(shown)s person waits for the welcome mail for more than %(hours)s hours",
                "“%(topic)s”: %(shown)s people wait for the welcome mail for more than %(hours)s hours",
                people,
            )
        case Late.FIRST_MAIL_LATE:
            return ngettext(
                "“%(topic)s”: %(shown)s person agreed more than %(days)s days ago and got nothing yet",
                "“%(topic)s”: %(shown)s people agreed more than %(days)s days ago and got nothing yet",
                people,
            )
        case Late.SILENT:
            return ngettext(
                "“%(topic)s”: nothing was sent to %(shown)s person for %(months)s months",
                "“%(topic)s”: nothing was sent to %(shown)s people for %(months)s months",
                people,
            )
        case Late.PURPOSE_MET:
            return ngettext(
                "%(shown)s person is needed for nothing any more",
                "%(shown)s people are needed for nothing any more",
                people,
            )
        case unreachable:
            assert_never(unreachable)


def _next_step(visitor: Visitor, kind: Late) -> tuple[str, ...]:
    """What to do and, where a page helps, its address and name."""
    match kind:
        case Late.WELCOME_LATE:
            return (
                _("Look whether the mail server takes mails."),
                place(visitor, "settings"),
                _("Mail server"),
            )
        case Late.FIRST_MAIL_LATE:
            return (
                _("Send the next issue while they still remember that they asked for it."),
                place(visitor, "campaigns"),
                _("Campaigns"),
            )
        case Late.SILENT:
            return (
                _(
                    "Advertising to them is refused. One mail may ask whether to go on; the command “shodaku "
                    "clocks” switches it on."
                ),
            )
        case Late.PURPOSE_MET:
            return (
                _(
                    "No consent, no purchase, and no evidence that has to be kept. The command “shodaku "
                    "clocks” lets them be erased."
                ),
            )
        case unreachable:
            assert_never(unreachable)
