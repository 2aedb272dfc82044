"""Why mail comes to one person, on paper: what the page says, and how somebody else checks the record.

Paper is handed on like mail: the address stays masked, no link of the person stands on it (whoever holds one
can act), and nothing that the page does not show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from threading import BoundedSemaphore
from typing import Any, Final, assert_never

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from shodaku.accounts.domain import Sender
from shodaku.kit import runtime
from shodaku.kit.errors import OutOfReach
from shodaku.kit.typesetting import set_pdf
from shodaku.kit.ui.seal import seal_svg
from shodaku.kit.ui.templatetags.ui import day, minute, stamp
from shodaku.ledger.selectors import InLog, Leaf
from shodaku.optout.pages import Happened, basis_lines, began, place_in_words, timeline, why_it_came
from shodaku.optout.why import Why

TEMPLATE: Final = files("shodaku.optout") / "print" / "why_sheet.typ"
ACTS_MAX: Final = 40  # on paper: the first one and the newest
BASES_MAX: Final = 20
NOTE_LINES_MAX: Final = 12  # of a checkpoint: who countersigns it adds one each
SHEETS_AT_ONCE_MAX: Final = 2  # of a process: setting takes a core, and who says no must not wait for one
_ISOLATES: Final = dict.fromkeys((0x2068, 0x2069))  # on paper each text stands in a place of its own

_places = BoundedSemaphore(SHEETS_AT_ONCE_MAX)


class SheetsUnderWay(OutOfReach):
    """Other sheets are being set just now; please try again in a minute."""

    code = "sheets_under_way"


def why_sheet(found: Why, language: str, *, made_at: datetime) -> bytes:
    """PDF/A-3 on A4, in the active language. Raises SheetsUnderWay, NoPaper, NoJapaneseFont, NotSet."""
    with _a_place():
        return set_pdf(TEMPLATE, _plain(sheet_content(found, language, made_at)), made_at=made_at)


@contextmanager
def _a_place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise SheetsUnderWay
    try:
        yield
    finally:
        _places.release()


def sheet_content(found: Why, language: str, made_at: datetime) -> dict[str, Any]:
    """All that the template sets, as text."""
    person = found.person
    bases = basis_lines(found.bases)
    happened = timeline(found.acts, found.first_mail, language)
    nothing = _("For mail to %(address)s. No consent is recorded.") % {"address": person.address}
    shown, left_out = _shown(happened)
    return {
        "language": language,
        "title": _("Why did I get this mail?"),
        "made": _("Made on %(at)s") % {"at": minute(localtime(made_at))},
        "sender": person.sender.formal_name if person.sender else "",
        "sentence": began(found.acts, person.address, language) or nothing,
        "note": why_it_came(person.kind, found.acts, known=bool(bases)),
        "happened": {
            "title": _("What happened"),
            "head": [_("When"), pgettext("in a timeline", "Event"), _("Record")],
            "rows": [_row(each) for each in shown],
            "more": _left_out(left_out),
        },
        "bases": {
            "title": _("What else is known"),
            "rows": [[day(localtime(at)), text] for at, text in bases[:BASES_MAX]],
        },
        "record": _record(found),
        "stop": {"title": _("How to stop"), "lines": _how_to_stop(person.sender)},
        "sender_facts": {
            "title": _("Who sent it"),
            "rows": _sender_rows(person.sender) if person.sender else [],
        },
        "foot": _(
            "The address is shown in part and no link of yours stands here: paper is handed on, and whoever"
            " holds such a link can act in your place."
        ),
    }


def _shown(happened: Sequence[Happened]) -> tuple[list[Happened], int]:
    """The first one says how it began; of many others the newest."""
    if len(happened) <= ACTS_MAX:
        return [*happened], 0
    return [happened[0], *happened[1 - ACTS_MAX :]], len(happened) - ACTS_MAX


def _left_out(number: int) -> str:
    if not number:
        return ""
    return ngettext(
        "%(n)s event between the first and the others stands on the page alone.",
        "%(n)s events between the first and the others stand on the page alone.",
        number,
    ) % {"n": f"{number:,}"}


def _row(each: Happened) -> dict[str, str]:
    proof = each.proof
    return {
        "at": minute(localtime(each.at)),
        "title": each.title,
        "text": each.text,
        "number": f"#{proof.number:,}" if proof else "",
        "hash": proof.hash if proof else "",
    }


def _record(found: Why) -> dict[str, Any] | None:
    leaf, last = found.leaf, found.last
    if leaf is None or last is None:
        return None
    verified = leaf.state is InLog.VERIFIED
    return {
        "title": _("The record"),
        "state": leaf.state.value,
        "said": _state(leaf.state),
        "seal": seal_svg() if verified else "",
        "seal_alt": _("Record checked"),
        "rows": [
            [_("Number of the entry"), f"#{leaf.entry_id:,}"],
            [_("When"), stamp(localtime(last.event.at))],
            *([[_("Checkpoint"), place_in_words(leaf)]] if verified else []),
        ],
        "hash_name": _("Fingerprint (SHA-256)"),
        "hash": leaf.hash.hex(),
        "check": _check(leaf, found.person.workspace.slug) if verified else None,
    }


def _state(state: InLog) -> str:
    match state:
        case InLog.VERIFIED:
            return _("This record has not been changed since.")
        case InLog.RECORDING:
            return _("The record is being sealed. Make this sheet again in a minute.")
        case InLog.FAILED:
            return _("This record could not be verified.")
        case unreachable:
            assert_never(unreachable)


def _check(leaf: Leaf, slug: str) -> dict[str, Any]:
    """From paper alone: the fingerprint, its path, and the root that the log signed."""
    public = runtime.current().public_url
    told = {
        "checkpoint": public + reverse("ledger_checkpoint", args=[slug]),
        "keys": public + reverse("ledger_keys", args=[slug]),
        "verify": public + reverse("ledger_verify"),
        "index": f"{leaf.index:,}",
    }
    return {
        "title": _("How somebody else checks this"),
        "steps": [
            _(
                "Join the fingerprint with the path below, for place %(index)s (RFC 9162, section 2.1.3.2)."
                " The result is the root in the checkpoint: the record stood in the log."
            )
            % told,
            _(
                "Check the signature of the checkpoint with the key of the log (%(keys)s), and compare it"
                " with the newest one (%(checkpoint)s): a log that was written anew does not fit."
            )
            % told,
            _(
                "What the record says is in a file that only the person or the sender can hand out. Anybody"
                " checks it at %(verify)s, or without us with the program shodaku-verify.py."
            )
            % told,
        ],
        "checkpoint_name": _("Checkpoint, as the log signed it"),
        "checkpoint": leaf.note.strip().splitlines()[:NOTE_LINES_MAX],
        "path_name": _("Path from the fingerprint to the root"),
        "path": [each.hex() for each in leaf.proof] or [_("(empty: it is the only record)")],
    }


def _how_to_stop(sender: Sender | None) -> list[str]:
    lines = [
        _("By the link to stop at the end of any mail of this sender: one press, free of charge, no sign-in.")
    ]
    if sender is not None and sender.complaint_contact:
        lines.append(
            _("Or by a word to the sender, in any form: %(contact)s") % {"contact": sender.complaint_contact}
        )
    return lines


def _sender_rows(sender: Sender) -> list[list[str]]:
    rows = [
        (_("Name of the sender"), sender.formal_name),
        (_("Postal address"), sender.postal_address),
        (_("Questions and complaints"), sender.complaint_contact),
        (_("Responsible person"), sender.responsible_person),
    ]
    return [[name, value] for name, value in rows if value]


def _plain(content: Any) -> Any:  # noqa: ANN401 - JSON
    match content:
        case str():
            return content.translate(_ISOLATES)
        case dict():
            return {name: _plain(each) for name, each in content.items()}
        case list():
            return [_plain(each) for each in content]
        case _:
            return content
