"""What codes of other rooms mean to the person at the desk: a sentence, a colour, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from shodaku.accounts.domain import Role
from shodaku.consent.domain import ConsentState, Method
from shodaku.consent.services import EventKind
from shodaku.delivery.domain import Failure, MailingKind, Result
from shodaku.delivery.selectors import Came, Choice, Progress, StopReason
from shodaku.imports.domain import Basis, Relation, Verdict
from shodaku.kit.errors import OutOfReach
from shodaku.ledger.domain import Kind
from shodaku.optout.services import BulkAct, OptOutReason
from shodaku.policy.domain import (
    AnyReason,
    Explanation,
    Group,
    MessageClass,
    Operational,
    Reason,
    Word,
    explain,
)
from shodaku.suppression.domain import Scope

Words = Mapping[str, str | Promise]


@dataclass(frozen=True, slots=True)
class Badge:
    tone: str
    text: str | Promise


@dataclass(frozen=True, slots=True)
class Told:
    """A reason in the reader's language."""

    code: str
    tone: str
    icon: str
    text: str | Promise
    next_step: str = ""
    rules: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()


RULES_SHOWN_MAX: Final = 3
BULK_ACTS: Final[Mapping[BulkAct, Promise]] = {
    BulkAct.STOP: _("Stop all advertising to many people"),
    BulkAct.ERASE: _("Erase many people"),
    BulkAct.ASK: _("Ask many people whether to go on"),
    BulkAct.EXPORT: _("Export people as a file"),
}
TONES: Final = {Group.GO: "go", Group.WAIT: "wait", Group.NEVER: "never"}
STATES: Final[Mapping[str, Badge]] = {
    ConsentState.NEVER: Badge("never", _("No consent")),
    ConsentState.PENDING: Badge("wait", _("Waiting for confirmation")),
    ConsentState.ACTIVE: Badge("go", _("Consent holds")),
    ConsentState.WITHDRAWN: Badge("never", _("Withdrawn")),
    ConsentState.EXPIRED: Badge("wait", _("Expired")),
}
# the answer of the gate in one word, with its picture
ANSWERS: Final[Mapping[Word, tuple[Badge, str]]] = {
    Word.ALLOW: (Badge("go", _("Yes")), "check-circle"),
    Word.ALLOW_AS: (Badge("wait", _("Only in another form")), "copy"),
    Word.REFUSE: (Badge("never", _("No")), "shield-ban"),
    Word.DEFER: (Badge("wait", _("Not now")), "hourglass"),
}
CLASSES: Final[Words] = {
    MessageClass.ADVERTISING: _("Advertising, newsletters too"),
    MessageClass.SURVEY: _("Survey"),
    MessageClass.CONSENT_REQUEST: _("The one mail that asks for consent"),
    MessageClass.RECONFIRM: _("Asking whether to go on"),
    MessageClass.TRANSACTIONAL: _("Notice about an order or a contract"),
    MessageClass.LEGAL: _("Notice that the law demands"),
}
FORMS: Final[Words] = {
    "without_ads": _("without its advertising"),
    "without_tracking": _("without measuring who opens it or follows its links"),
    "informational": _("as information of a body that is no business"),
    "consent_request": _("in its place the one mail that asks for consent"),
    "web_page": _("in its place a page says it"),
}
OUTCOMES: Final[Mapping[str, Badge]] = {
    Result.ACCEPTED: Badge("go", _("Handed over")),
    Result.REFUSED: Badge("never", _("Held back")),
    Result.FAILED: Badge("danger", _("Failed")),
    Result.UNCERTAIN: Badge("wait", _("Not certain")),
}
# what shows that a mail of unknown fate left us after all
CAME: Final[Mapping[str, Badge]] = {
    Came.REPORTED: Badge("danger", _("Reported as spam")),
    Came.CLICKED: Badge("go", _("A link was followed")),
    Came.OPENED: Badge("go", _("Opened, by a person or a program")),
    Came.RETURNED: Badge("wait", _("Came back, or was reported as late")),
}
CHOICES: Final[Mapping[str, Badge]] = {
    Choice.ARRIVED: Badge("go", _("Counted as arrived")),
    Choice.AGAIN: Badge("info", _("Sent once more")),
}
FAILURES: Final[Words] = {
    Failure.BY_SERVER: _("The receiving server refused it for good."),
    Failure.EXPIRED: _(
        "The receiving server put it off again and again, until there was no further attempt."
    ),
    Failure.UNBUILDABLE: _("This person's data cannot be made into a message."),
    Failure.RECOVERED: _("Read from the journal after an interruption; its evidence was found again."),
}
VERDICTS: Final[Mapping[str, Badge]] = {
    Verdict.ACCEPTED: Badge("go", _("With consent")),
    Verdict.PENDING: Badge("wait", _("Known, nothing can be sent yet")),
    Verdict.DUPLICATE: Badge("never", _("Known before")),
    Verdict.SUPPRESSED: Badge("never", _("On the never-contact list")),
    Verdict.FAULTY: Badge("danger", _("Cannot be read")),
}
IMPORT_STATES: Final[Mapping[str, Badge]] = {  # of one that is done nothing is said
    "draft": Badge("info", _("Draft")),
    "checking": Badge("info", _("Being checked")),
    "checked": Badge("wait", _("Checked, not imported")),
    "running": Badge("go", _("Being imported")),
    "paused": Badge("wait", _("Paused")),
    "failed": Badge("danger", _("Not finished")),
}
CAMPAIGN_STATES: Final[Mapping[str, Badge]] = {
    "draft": Badge("info", _("Draft")),
    "scheduled": Badge("info", _("Will start by itself")),
    "running": Badge("go", _("On its way")),
    "paused": Badge("wait", _("Paused")),
    "trying": Badge("info", _("Variants are tried")),
    "cancelled": Badge("never", _("Stopped")),
    "done": Badge("go", _("Done")),
}
MAILINGS: Final[Words] = {
    MailingKind.CAMPAIGN: _("Campaign"),
    MailingKind.TEST: _("Test"),
    MailingKind.CONFIRMATION: _("Confirmation mail"),
    MailingKind.WELCOME: _("Welcome mail"),
    MailingKind.RECONFIRM: _("Question whether to go on"),
    MailingKind.NOTICE: _("Notice"),
}
METHODS: Final[Words] = {
    Method.WEB_DOUBLE: _("sign-up form, confirmed by mail"),
    Method.WEB_SINGLE: _("sign-up form"),
    Method.PAGE: _("opt-out page"),
    Method.PREFERENCE: _("preference page"),
    Method.ONE_CLICK: _("one-click opt-out of the mail program"),
    Method.REPLY: _("reply by mail"),
    Method.SMS: _("text message"),
    Method.COMPLAINT: _("reported as spam"),
    Method.PAPER: _("letter or paper"),
    Method.CARD: _("business card"),
    Method.TELEPHONE: _("telephone"),
    Method.STAFF: _("in person"),
    Method.IMPORT: _("import"),
    Method.API: _("another application"),
    Method.APP: _("settings of the app"),
    Method.EVENT_DESK: _("form on a tablet at a desk"),
    Method.EMPTY_MAIL: _("empty mail to the address of a form"),
    Method.CARRY_ON: _("button behind the mail that asks whether to go on"),
    Method.CLOCK: _("its time had come"),
}
# ways by which a no comes in; consents know more of them
NO_WAYS: Final = (
    Method.PAGE,
    Method.PREFERENCE,
    Method.ONE_CLICK,
    Method.REPLY,
    Method.SMS,
    Method.COMPLAINT,
    Method.TELEPHONE,
    Method.PAPER,
    Method.STAFF,
    Method.API,
    Method.APP,
)
NO_SCOPES: Final[Words] = {
    Scope.ALL: _("All advertising"),
    Scope.TOPIC: _("One topic"),
    Scope.UNTIL: _("A pause"),
}
NEVER_AGAIN: Final[Words] = {  # why an address is on the never-contact list
    "refused": _("Said no"),
    "erased": _("Was erased"),
    "complaint": _("Complained"),
    "bounce": _("Does not exist"),
    "staff": _("Put there by staff"),
    "imported": _("From a list of yours"),
    "blocked": _("Kept out by a domain or pattern"),
}
LEAVING: Final[Words] = {
    OptOutReason.TOO_OFTEN: _("It came too often"),
    OptOutReason.NOT_USEFUL: _("It was not useful"),
    OptOutReason.NO_MEMORY: _("They do not remember asking for it"),
    OptOutReason.ENOUGH_ELSEWHERE: _("They have enough from elsewhere"),
    OptOutReason.OTHER: _("Another reason"),
}
EVENTS: Final[Mapping[str, Badge]] = {
    EventKind.REQUESTED: Badge("wait", _("Asked for “%(topic)s”")),
    EventKind.GIVEN: Badge("go", _("Agreed to “%(topic)s”")),
    EventKind.CONFIRMED: Badge("go", _("Confirmed “%(topic)s”")),
    EventKind.RECONFIRMED: Badge("go", _("Renewed “%(topic)s”")),
    EventKind.NARROWED: Badge("wait", _("Wants “%(topic)s” less often")),
    EventKind.WITHDRAWN: Badge("never", _("Withdrew “%(topic)s”")),
    EventKind.EXPIRED: Badge("wait", _("The consent to “%(topic)s” ended")),
}
BASES: Final[Words] = {
    Basis.CONSENT: _("They agreed to it"),
    Basis.CARD: _("They gave us their business card"),
    Basis.CUSTOMER: _("They bought from us"),
    Basis.PUBLISHED: _("Their business published the address"),
    Basis.THIRD_PARTY: _("Somebody else collected their consent for us"),
    Basis.NONE: _("None of these, or unknown"),
}
RELATIONS: Final[Words] = {
    Relation.ACTIVE: _("A contract that runs"),
    Relation.ENDED: _("A contract that has ended"),
}
SOURCES: Final[Words] = {
    "form": _("by the sign-up form"),
    "import": _("by an import"),
    "mail": _("by an empty mail"),
    "paper": _("by a paper"),
    "staff": _("as somebody who works here"),
}
ENTRIES: Final[Words] = {
    Kind.SUPPRESSION_ADDED: _("Put on the never-contact list"),
    Kind.SUPPRESSION_LIFTED: _("Taken off the never-contact list by the person's own confirmation"),
    Kind.REFUSAL: _("Said no"),
    Kind.CONSENT_WITHDRAWN: _("Consent withdrawn"),
    Kind.CONSENT_CONFIRMED: _("Consent confirmed"),
    Kind.CONSENT_REQUESTED: _("Consent asked for"),
    Kind.CONSENT_GIVEN: _("Consent given"),
    Kind.CONSENT_RECONFIRMED: _("Consent renewed"),
    Kind.CONSENT_EXPIRED: _("Consent ended"),
    Kind.EXEMPTION: _("Exemption recorded"),
    "admin.case.opened": _("Complained; a case was opened"),
    "admin.case.noted": _("Something was written down about their complaint"),
    "admin.case.answered": _("Their complaint was answered"),
    "admin.case.closed": _("The case of their complaint was closed"),
    "admin.case.reopened": _("The case of their complaint was opened again"),
    "admin.complaint": _("Complained; the evidence was put together"),
    "admin.disclosed": _("Got a file of everything kept about them"),
    "admin.contacts.united": _("Known as one person with another contact"),
    "admin.corrected": _("What is known of them was corrected"),
    "admin.request.answered": _("Their request about their own data was answered"),
    "admin.request.identified": _("It was made sure that it was them who asked"),
    "admin.request.lengthened": _("More time was taken to answer their request"),
    "admin.request.opened": _("Asked about their own data"),
    "admin.request.refused": _("Their request about their own data was refused"),
    "admin.request.withdrawn": _("Took their request back"),
    "admin.uncertain.again": _("Somebody here had a mail of unknown fate sent once more"),
    "admin.uncertain.arrived": _("Somebody here counts a mail of unknown fate as arrived"),
    "admin.evidence.read": _("The scan of a paper was opened"),
    "address.disabled": _("The address does not exist; nothing more is sent to it"),
    "address.restored": _("The address exists after all; mails are sent to it again"),
    "message.received": _("Wrote to us; a human has to read it"),
    "measuring.agreed": _("Allowed opens and clicks to be measured"),
    "measuring.ended": _("Ended the measuring of opens and clicks"),
}
STOPS: Final[Words] = {
    StopReason.BOUNCES: _(
        "Paused by itself: of %(sent)s mails %(bad)s went to addresses that do not exist (%(rate)s %%)."
        " Such a list costs you the trust of the receivers. Look where these addresses come from before you"
        " go on; then counting begins anew."
    ),
    StopReason.COMPLAINTS: _(
        "Paused by itself: of %(sent)s people %(bad)s reported this mail as spam (%(rate)s %%). Look whether"
        " it is what they agreed to before you go on; then counting begins anew."
    ),
    StopReason.DOMAIN: _(
        "Paused by itself: the records of the sending domain fail (DKIM, SPF or DMARC), so receivers would"
        " take these mails for forged. Mend them, see under sending domains, and go on."
    ),
    StopReason.LINKS: _(
        "Paused by itself: the address of links and of the opt-out page has not answered for ten minutes or"
        " more, so nobody could opt out. See that the web server is reached, and go on."
    ),
}
ROLES: Final[Words] = {
    Role.OWNER: _("Owner"),
    Role.MARKETER: _("Marketing"),
    Role.CLERK: _("Clerk"),
    Role.COMPLIANCE: _("Compliance"),
    Role.DEVELOPER: _("Developer"),
}
KEY_STORE_AWAY: Final = _("The key store cannot be reached. Nothing was changed; opting out still works.")
PEOPLE_SHUT: Final = _(
    "The database was restored and is being told what was said since. People are shown after that."
)
SERVICE_AWAY: Final = _(
    "Something this page needs cannot be reached. Nothing was changed; try again in a minute."
)


def told(code: str) -> Told:
    """Any reason of a delivery or a verdict, in the language of this answer."""
    if code in FAILURES:
        return Told(code, "wait" if code == Failure.RECOVERED else "danger", "alert", FAILURES[code])
    reason = parse_reason(code)
    return Told(code, "never", "info", code) if reason is None else _told(reason, explain(reason))


def decided_by(reason: Told, pack: str | None) -> str:
    """The rules of a delivery, and the version of them; what is not known is left out."""
    version = "" if pack is None else gettext("rule pack %(name)s") % {"name": pack}
    return " · ".join(filter(None, (", ".join(reason.rules[:RULES_SHOWN_MAX]), version)))


def parse_reason(code: str) -> AnyReason | None:
    for kind in (Reason, Operational):
        if code in kind.__members__:
            return kind[code]
    return None


def stopped(progress: Progress) -> str:
    """Why a mailing rests by itself, with its figures, and what to do; empty where it does not."""
    if progress.stopped_for is None:
        return ""
    if not progress.stopped_sent:
        return str(STOPS[progress.stopped_for])
    figures = {
        "bad": f"{progress.stopped_bad:,}",
        "sent": f"{progress.stopped_sent:,}",
        "rate": f"{100 * progress.stopped_bad / progress.stopped_sent:.1f}",
    }
    return str(STOPS[progress.stopped_for]) % figures


def away(fault: OutOfReach) -> str | Promise:
    if fault.code == "people_shut":
        return PEOPLE_SHUT
    return KEY_STORE_AWAY if fault.code == "vault_away" else SERVICE_AWAY


def _told(reason: AnyReason, words: Explanation) -> Told:
    english = get_language() == "en"
    return Told(
        reason.value,
        TONES[words.group],
        words.icon,
        words.en if english else words.ja,
        (words.next_step_en if english else words.next_step_ja) or "",
        words.rules,
        words.articles,
    )
