"""What people ask about their own data, in the words of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from shodaku.complaints.domain import (
    DataRequest,
    Identified,
    RefusalGround,
    RequestKind,
    RequestState,
    RequestVia,
    Urgency,
)
from shodaku.console.words import Badge, Words

KINDS: Final[Words] = {
    RequestKind.ACCESS: _("A copy of their data"),
    RequestKind.CORRECTION: _("Correction of their data"),
    RequestKind.STOP_USE: _("That their data are no longer used"),
    RequestKind.ERASURE: _("Erasure of their data"),
    RequestKind.PROVISION_RECORDS: _("Records of passing data on"),
    RequestKind.OBJECTION: _("An end to advertising"),
}
VIAS: Final[Words] = {
    RequestVia.MAIL: _("E-mail"),
    RequestVia.TELEPHONE: _("Telephone"),
    RequestVia.PAPER: _("Letter or paper"),
    RequestVia.PERSON: _("In person"),
    RequestVia.PAGE: _("Their own page"),
    RequestVia.API: _("Another application"),
}
AT_THE_DESK: Final = (RequestVia.MAIL, RequestVia.TELEPHONE, RequestVia.PAPER, RequestVia.PERSON)
IDENTIFIED: Final[Words] = {
    Identified.MAILBOX: _("They used a link that was mailed to their address"),
    Identified.DOCUMENT: _("A document was shown or copied"),
    Identified.CALL_BACK: _("We called back the number that we know"),
    Identified.KNOWN_FACTS: _("They knew facts that only they and we know"),
    Identified.IN_PERSON: _("In person, with a document"),
    Identified.REPRESENTATIVE: _("A representative showed their mandate"),
}
GROUNDS: Final[Words] = {
    RefusalGround.NOT_IDENTIFIED: _("It could not be made sure who asks"),
    RefusalGround.HARM_TO_OTHERS: _("It could harm the rights of the person or of others"),
    RefusalGround.HINDERS_BUSINESS: _("It would seriously hinder the proper conduct of business"),
    RefusalGround.AGAINST_LAW: _("Another law forbids it, or demands that the records are kept"),
    RefusalGround.NOT_HELD: _("No such data are held"),
    RefusalGround.EXCESSIVE: _("The same was asked again and again, and was answered"),
}
STATES: Final[Mapping[str, Badge]] = {
    RequestState.OPEN: Badge("wait", _("To be answered")),
    RequestState.WAITING_IDENTITY: Badge("wait", _("Waits until it is known who asks")),
    RequestState.ANSWERED: Badge("go", _("Answered")),
    RequestState.REFUSED: Badge("never", _("Refused, with a reason")),
    RequestState.WITHDRAWN: Badge("never", _("Withdrawn by the person")),
}
# what to do next, while a request is open
NEXT: Final[Mapping[str, str | Promise]] = {
    RequestState.OPEN: _("Answer it"),
    RequestState.WAITING_IDENTITY: _("Make sure who asks"),
}
DAY: Final = timedelta(days=1)


def clock(request: DataRequest, urgency: Urgency, now: datetime) -> Badge | None:
    """How much time is left. None: it has ended."""
    match urgency:
        case Urgency.ENDED:
            return None
        case Urgency.STANDING:
            return Badge("info", gettext("No time runs yet"))
        case Urgency.LATE:
            days = (now - request.due_at) // DAY + 1
            late = ngettext("%(n)s day late", "%(n)s days late", days)
            return Badge("danger", late % {"n": f"{days:,}"})
        case Urgency.DUE_SOON | Urgency.IN_TIME:
            days = (request.due_at - now) // DAY
            left = ngettext("%(n)s day left", "%(n)s days left", days)
            tone = "wait" if urgency is Urgency.DUE_SOON else "go"
            return Badge(tone, left % {"n": f"{days:,}"})
