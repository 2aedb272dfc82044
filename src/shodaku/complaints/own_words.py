"""One's own record as a page shows it: parts with a title, each of lines that name what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shodaku.complaints.own_record import OwnHit, OwnRecord
from shodaku.contacts.domain import mask
from shodaku.kit.ui.templatetags.ui import day

SHOWN_MASKED_MAX: Final = 10  # lines of a part, on the page whose link may be forwarded

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Shown:
    """A line: when, what, and more about it. `at` is None where there is no time."""

    at: datetime | None
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    lines: tuple[Shown, ...]
    more: int = 0  # lines that are left out here
    nothing: str = ""


def parts(record: OwnRecord, *, masked: bool) -> list[Part]:
    """Masked: nothing that tells whoever holds a forwarded link who the person is or what they bought."""
    english = get_language() == "en"
    most = SHOWN_MASKED_MAX if masked else None
    return [
        Part(_("Who you are"), tuple(_person(record, masked=masked))),
        _part(
            _("What you agreed to"),
            record.consents,
            lambda each: Shown(
                each.since,
                (each.topic_en if english else each.topic) or each.topic,
                f"{_channel(each.channel)} · {_state(each.state)}",
            ),
            None,
        ),
        _part(
            _("How your consents came about"),
            record.events,
            lambda each: Shown(
                each.at,
                f"{_event(each.kind)}: {each.topic_en if english else each.topic}",
                "" if masked else each.wording or "",
            ),
            most,
        ),
        _part(
            _("What you refused"),
            record.refusals,
            lambda each: Shown(each.at, _scope(each.scope), (each.topic_en if english else each.topic) or ""),
            None,
        ),
        _part(
            _("What was sent to you"),
            record.messages,
            lambda each: Shown(each.at, each.subject, _outcome(each.outcome)),
            most,
        ),
        _purchases(record, masked=masked),
        _notes(record, masked=masked),
        _part(
            _("What came back from your address"),
            record.reactions,
            lambda each: Shown(each.at, _reaction(each.kind)),
            most,
        ),
        _part(
            _("Mails you opened and links you followed"),
            record.hits,
            lambda each: Shown(each.at, _hit(each), "" if masked else each.target or ""),
            most,
        ),
        _part(
            _("What you asked about your data"),
            record.requests,
            lambda each: Shown(
                each.received_at, _request(each.kind), f"{_('Request %d') % each.number}, {_step(each.state)}"
            ),
            most,
        ),
    ]


def _part(title: str, rows: Sequence[Line], shown: Callable[[Line], Shown], most: int | None) -> Part:
    kept = rows if most is None else rows[:most]
    return Part(title, tuple(map(shown, kept)), len(rows) - len(kept), _("Nothing."))


def _person(record: OwnRecord, *, masked: bool) -> list[Shown]:
    name = f"{record.name[:1]}****" if masked and record.name else record.name
    lines = [Shown(None, _("Name"), name or _("not recorded"))]
    lines += [
        Shown(None, _channel(each.channel), mask(each.value) if masked else each.value)
        for each in record.addresses
    ]
    lines.append(Shown(record.known_since, _("Known since"), _source(record.source)))
    if not masked and record.birth_date is not None:
        lines.append(Shown(None, _("Date of birth"), record.birth_date.isoformat()))
    if not masked and record.kana:
        lines.append(Shown(None, _("Reading of the name"), record.kana))
    if not masked:
        lines += [Shown(None, label, text) for label, text in record.told.items()]
    if not masked and record.country is not None:
        lines.append(Shown(None, _("Country"), record.country))
    lines.append(
        Shown(
            record.measured_since,
            _("Opens and clicks may be measured"),
            _("yes") if record.measured_since else _("no"),
        )
    )
    if record.sealed_if_erased_until is not None:
        lines.append(
            Shown(
                None,
                _("If you were erased now, evidence of your consent is sealed until"),
                day(record.sealed_if_erased_until),
            )
        )
    return lines


def _purchases(record: OwnRecord, *, masked: bool) -> Part:
    if masked:  # what somebody bought is nobody else's business
        count = len(record.purchases)
        return Part(_("What you bought"), (), count, "" if count else _("Nothing."))
    return _part(
        _("What you bought"),
        record.purchases,
        lambda each: Shown(each.at, each.title, f"{each.amount_yen:,} {_('yen')}"),
        None,
    )


def _notes(record: OwnRecord, *, masked: bool) -> Part:
    title = _("What our staff wrote down about you")
    if masked:
        count = len(record.notes)
        return Part(title, (), count, "" if count else _("Nothing."))
    return _part(title, record.notes, lambda each: Shown(each.at, each.text, ""), None)


def _channel(value: str) -> str:
    return {"email": _("E-mail"), "sms": _("SMS"), "fax": _("Fax"), "post": _("Post")}.get(value, value)


def _state(value: str) -> str:
    known = {
        "active": _("in force"),
        "pending": _("waiting for your confirmation"),
        "withdrawn": _("taken back"),
        "expired": _("ended"),
    }
    return known.get(value, value)


def _event(value: str) -> str:
    known = {
        "requested": _("You asked for it"),
        "given": _("You agreed"),
        "confirmed": _("You confirmed it by the link in our mail"),
        "reconfirmed": _("You chose to continue"),
        "withdrawn": _("You stopped it"),
        "expired": _("Your consent ended"),
    }
    return known.get(value, value)


def _scope(value: str) -> str:
    return {"all": _("All advertising"), "topic": _("One topic"), "until": _("A pause")}.get(value, value)


def _outcome(value: str) -> str:
    known = {
        "accepted": _("handed over to your mail server"),
        "uncertain": _("handed over, perhaps"),
        "refused": _("not sent"),
        "rejected": _("refused by your mail server"),
        "expired": _("not handed over in time"),
        "failed": _("not sent"),
    }
    return known.get(value, value)


def _reaction(value: str) -> str:
    known = {
        "hard": _("The address did not exist"),
        "soft": _("The mailbox could not be reached"),
        "complaint": _("Reported as unwanted"),
    }
    return known.get(value, _("An answer of a mail program"))


def _hit(each: OwnHit) -> str:
    if each.by != "human":
        return _("A program looked, not you")
    return _("You opened a mail") if each.kind == "open" else _("You followed a link")


def _request(value: str) -> str:
    known = {
        "access": _("A copy of your data"),
        "correction": _("A correction"),
        "stop_use": _("An end to the use of your data"),
        "erasure": _("Erasure"),
        "provision_records": _("The records of passing data on"),
        "objection": _("An end to advertising"),
    }
    return known.get(value, value)


def _step(value: str) -> str:
    known = {
        "open": _("being looked into"),
        "waiting_identity": _("waiting until it is known that it is you"),
        "answered": _("answered"),
        "refused": _("refused"),
        "withdrawn": _("taken back"),
    }
    return known.get(value, value)


def _source(value: str) -> str:
    known = {
        "form": _("by the sign-up form"),
        "import": _("by an import"),
        "staff": _("as somebody who works here"),
        "app": _("by an app of ours"),
    }
    return known.get(value, value)
