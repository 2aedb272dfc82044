"""Complaints in the words of the desk: what they are about, how far they are, how long they wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from shodaku.complaints.domain import Case, CaseGrievance, CaseState, CaseVia, StepKind, is_late
from shodaku.console.words import Badge, Words

VIAS: Final[Words] = {
    CaseVia.TELEPHONE: _("Telephone"),
    CaseVia.MAIL: _("E-mail"),
    CaseVia.PAPER: _("Letter or paper"),
    CaseVia.PERSON: _("In person"),
    CaseVia.PAGE: _("The page behind the mail"),
    CaseVia.AUTHORITY: _("Passed on by an authority or advice centre"),
}
GRIEVANCES: Final[Words] = {
    CaseGrievance.NEVER_AGREED: _("Never agreed"),
    CaseGrievance.TOO_OFTEN: _("Comes too often"),
    CaseGrievance.AFTER_NO: _("Came after a no"),
    CaseGrievance.CONTENT: _("What the message says"),
    CaseGrievance.DATA: _("How their data are used"),
    CaseGrievance.OTHER: _("Something else"),
}
STATES: Final[Mapping[str, Badge]] = {
    CaseState.OPEN: Badge("wait", _("To be answered")),
    CaseState.ANSWERED: Badge("go", _("Answered")),
    CaseState.CLOSED: Badge("never", _("Closed")),
}
STEPS: Final[Mapping[str, Badge]] = {
    StepKind.OPENED: Badge("info", _("Case opened")),
    StepKind.STOPPED: Badge("never", _("Everything stopped")),
    StepKind.NOTED: Badge("info", _("Note")),
    StepKind.ANSWERED: Badge("go", _("Answered")),
    StepKind.CLOSED: Badge("never", _("Closed")),
    StepKind.REOPENED: Badge("wait", _("Opened again")),
}
# parts that a whole bundle has, by their names in `EvidencePack.missing`
MISSING: Final[Words] = {
    "consent": _("There is no record of a consent."),
    "time": _("The time of the consent is missing."),
    "method": _("The way of the consent is missing."),
    "wording": _("The words that were shown are missing."),
    "url or scan": _("The page or the paper is missing."),
    "confirmation": _("The confirmation by mail is missing."),
    "ledger proof": _("The proof of the ledger is missing."),
}
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
MINUTES_SHOWN: Final = timedelta(hours=2)
HOURS_SHOWN: Final = timedelta(days=2)


def lasted(span: timedelta) -> str:
    """In the unit in which people would say it."""
    if span < MINUTES_SHOWN:
        n = span // MINUTE
        text = ngettext("%(n)s minute", "%(n)s minutes", n)
    elif span < HOURS_SHOWN:
        n = span // HOUR
        text = ngettext("%(n)s hour", "%(n)s hours", n)
    else:
        n = span // DAY
        text = ngettext("%(n)s day", "%(n)s days", n)
    return text % {"n": f"{n:,}"}


def clock(case: Case, now: datetime) -> Badge:
    """How long it waits, or how long the first answer took."""
    if case.answered_at is not None:
        span = lasted(case.answered_at - case.opened_at)
        return Badge("go", gettext("answered after %(span)s") % {"span": span})
    if case.closed_at is not None:
        span = lasted(case.closed_at - case.opened_at)
        return Badge("never", gettext("closed after %(span)s") % {"span": span})
    tone = "danger" if is_late(case, now) else "wait"
    return Badge(tone, gettext("waits for %(span)s") % {"span": lasted(now - case.opened_at)})
