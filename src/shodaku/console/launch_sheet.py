"""The check before sending on one sheet, to be stamped: what, to whom, why not to the others, when, by whom.

It names nobody who would get it. What was counted and the content stand on it by number and hash, so that a
sheet that was stamped cannot be taken for another content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from shodaku.accounts import selectors as accounts
from shodaku.campaigns import selectors
from shodaku.campaigns.domain import Approval, ApprovalState, Preflight, needs_second_person
from shodaku.consent import selectors as consent
from shodaku.console import words
from shodaku.console.approval import staff_names
from shodaku.console.display import Report, report
from shodaku.console.funnel import GO, HELD
from shodaku.console.guard import Visitor
from shodaku.delivery import selectors as delivery
from shodaku.kit.typesetting import set_pdf
from shodaku.kit.ui.templatetags.ui import minute, stamp

TEMPLATE: Final = files("shodaku.console") / "print" / "launch_sheet.typ"
TEXT_LINES_MAX: Final = 400  # of the mail
TEXT_CHARS_MAX: Final = 20_000
_ISOLATES: Final = dict.fromkeys((0x2066, 0x2067, 0x2068, 0x2069))  # each text has a place of its own


@dataclass(frozen=True, slots=True)
class Made:
    """When the sheet was made, and the entry of the ledger that says so."""

    at: datetime
    entry_id: int


def launch_sheet(
    visitor: Visitor, campaign: selectors.Campaign, counted: Preflight, made: Made, language: str
) -> bytes:
    """PDF/A-3 on A4. Raises NoPaper, NoJapaneseFont, NotSet."""
    with override(language):
        content = sheet_content(visitor, campaign, counted, made, language)
    return set_pdf(TEMPLATE, _plain(content), made_at=localtime(made.at))


def sheet_content(
    visitor: Visitor, campaign: selectors.Campaign, counted: Preflight, made: Made, language: str
) -> dict[str, Any]:
    """All that the template sets, as text in the active language."""
    display = report(visitor, campaign)
    sender = accounts.sender(visitor.workspace_id, campaign.sender_id)
    asked = selectors.approval(visitor.workspace_id, campaign.campaign_id)
    return {
        "language": language,
        "title": _("Check sheet before sending"),
        "sender": sender.formal_name if sender else "",
        "made": _("Made on %(at)s") % {"at": minute(localtime(made.at))},
        "stamps": {
            "titles": [
                pgettext("above a stamp", "Prepared"),
                pgettext("above a stamp", "Checked"),
                pgettext("above a stamp", "Approved"),
            ],
            "mark": _("stamp"),
            "name": pgettext("below a stamp", "Name"),
            "day": pgettext("below a stamp", "Date"),
        },
        "sections": [
            {"title": _("What is sent"), "rows": _what(visitor, campaign, counted, display, language)},
            {"title": _("When, and how long"), "rows": _when(visitor, campaign, counted, made)},
            {"title": _("Approval"), "rows": _approval(visitor, counted, asked)},
            {"title": _("Record"), "rows": _record(counted, made)},
        ],
        "people": _people(counted),
        "display": {
            "title": _("What the law requires in the mail"),
            "trouble": display.trouble,
            "rows": [{"tone": each.tone, "title": each.title, "text": each.text} for each in display.checks],
            "words": {"go": _("Present"), "wait": _("Note"), "danger": _("Missing")},
        },
        "text": _text(display.frozen.text if display.frozen else campaign.text),
        "foot": _(
            "Every person is checked once more at the moment of sending. A content with another hash is not"
            " the one on this sheet."
        ),
    }


def _what(
    visitor: Visitor,
    campaign: selectors.Campaign,
    counted: Preflight,
    display: Report,
    language: str,
) -> list[list[str]]:
    topic = consent.topic(visitor.workspace_id, campaign.topic_id)
    sender = accounts.sender(visitor.workspace_id, campaign.sender_id)
    trial = selectors.trial(visitor.workspace_id, campaign.campaign_id)
    files_of_it = display.frozen.files if display.frozen else ()
    rows = [
        (_("Campaign"), campaign.name),
        (_("Topic"), topic.title(language) if topic else ""),
        (_("Subject"), campaign.subject),
        (_("From"), f"{sender.display_name} <{sender.from_address}>" if sender else ""),
        (_("Kind"), str(words.CLASSES.get(campaign.message_class, campaign.message_class))),
        (_("Variants"), " / ".join(each.subject for each in trial.variants) if trial else ""),
        (_("Files"), ", ".join(each.name for each in files_of_it)),
        (_("Size of a mail"), _size(display.octets)),
        (_("Hash of the content (SHA-256)"), counted.content_sha256),
    ]
    return [[name, value] for name, value in rows if value]


def _size(octets: int) -> str:
    return filesizeformat(octets).replace("\u00a0", " ") if octets else ""


def _people(counted: Preflight) -> dict[str, Any]:
    told = {code: words.told(code) for code in {**counted.allowed, **counted.reasons}}
    titles = {
        "go": _("Can receive"), "wait": _("Held, but you can act"), "never": _("Must not be sent to"),
    }  # fmt: skip
    groups = []
    for tone, of in ((GO, counted.allowed), *((held, counted.reasons) for held in HELD)):
        rows = sorted(
            ((people, str(told[code].text)) for code, people in of.items() if told[code].tone == tone),
            key=lambda row: (-row[0], row[1]),
        )
        groups.append(
            {
                "title": titles[tone],
                "tone": tone,
                "sum": f"{sum(people for people, _title in rows):,}",
                "rows": [[title, f"{people:,}"] for people, title in rows if people],
            }
        )
    return {
        "title": _("Who will receive it"),
        "sendable": f"{counted.sendable:,}",
        "said": ngettext("person can receive it", "people can receive it", counted.sendable),
        "of": _("Chosen: %(chosen)s. Held back: %(held)s.")
        % {"chosen": f"{counted.chosen:,}", "held": f"{counted.chosen - counted.sendable:,}"},
        "groups": groups,
    }


def _when(visitor: Visitor, campaign: selectors.Campaign, counted: Preflight, made: Made) -> list[list[str]]:
    rows = [[_("Starts"), _("as soon as somebody presses the button")]]
    if campaign.starts_at:
        rows = [[_("Starts by itself at"), minute(localtime(campaign.starts_at))]]
    if not counted.sendable or counted.groups is None:
        return rows
    then = campaign.starts_at or made.at
    found = delivery.finish(visitor.workspace_id, counted.groups, starts_at=then)
    if found is None:
        said = _("No mail server carries campaigns, so nothing of it would leave.")
    elif found.ends_at is None:
        said = _("as fast as the mail server takes it; no limit is set")
    else:
        minutes = max(1, round((found.ends_at - then).total_seconds() / 60))
        lasts = ngettext("about %(n)s minute", "about %(n)s minutes", minutes) % {"n": f"{minutes:,}"}
        said = f"{minute(localtime(found.ends_at))} ({lasts})"
    return [*rows, [_("Finished about"), said]]


def _approval(visitor: Visitor, counted: Preflight, asked: Approval | None) -> list[list[str]]:
    above = accounts.two_persons_above(visitor.workspace_id)
    needed = needs_second_person(counted.sendable, above)
    rows = [[_("A second person"), _("needed") if needed else _("not needed for so few people")]]
    if asked is None:
        return rows
    names = staff_names(visitor)
    covers = asked.covers(counted.content_sha256) and counted.sendable <= asked.people
    rows.append([_("Asked for by"), _at(names.get(asked.asked_by, ""), asked.asked_at)])
    if asked.decided_by is not None and asked.decided_at is not None:
        approved = asked.state == ApprovalState.APPROVED
        title = _("Approved by") if approved else _("Sent back by")
        rows.append([title, _at(names.get(asked.decided_by, ""), asked.decided_at)])
    most = {"people": f"{asked.people:,}", "hash": asked.content_sha256[:16]}
    rows.append([_("It holds for"), _("at most %(people)s people, content %(hash)s") % most])
    if not covers:
        rows.append(["", _("It does not cover what stands on this sheet. Ask again.")])
    return rows


def _at(name: str, at: datetime) -> str:
    return f"{name} – {minute(localtime(at))}"


def _record(counted: Preflight, made: Made) -> list[list[str]]:
    rules = f"{counted.pack or '–'} ({(counted.rules_sha256 or '')[:16]})" if counted.rules_sha256 else "–"
    return [
        [_("Counted on"), stamp(localtime(counted.at))],
        [_("Number of the count"), f"{counted.preflight_id}"],
        [_("Rules"), rules],
        [_("Entry of the ledger"), f"#{made.entry_id:,}"],
    ]


def _text(text: str) -> dict[str, Any]:
    lines = text[:TEXT_CHARS_MAX].splitlines()
    return {
        "title": _("The text, as it leaves"),
        "lines": lines[:TEXT_LINES_MAX],
        "more": _("The rest stands in the campaign.")
        if len(lines) > TEXT_LINES_MAX or len(text) > TEXT_CHARS_MAX
        else "",
    }


def _plain(content: Any) -> Any:  # noqa: ANN401 - JSON
    match content:
        case str():
            return content.translate(_ISOLATES)
        case Mapping():
            return {name: _plain(each) for name, each in content.items()}
        case list():
            return [_plain(each) for each in content]
        case _:
            return content
