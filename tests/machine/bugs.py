"""Mistakes that somebody might make, each planted into the product's own code; see README.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

from shodaku.contacts import services as contacts
from shodaku.imports import services as imports
from shodaku.kit.erasure_journal import Journal, LineKind
from shodaku.optout import replaying, tending, uniting
from shodaku.signup import selectors as signups
from shodaku.suppression import domain, peppering
from shodaku.suppression import services as suppression

Bug = Callable[[], AbstractContextManager[object]]


def replaced(where: object, name: str, by: object) -> Bug:
    """The name must be there: a bug that is planted nowhere is found nowhere."""
    getattr(where, name)
    return lambda: patch.object(where, name, by)


def without_lines_of(kind: LineKind) -> Bug:
    """Beside the database nothing is told of these acts."""

    @contextmanager
    def planted() -> Iterator[None]:
        real = Journal.append

        def append(self, lines, now):  # type: ignore[no-untyped-def]
            return real(self, [line for line in lines if line.kind is not kind], now)

        with patch.object(Journal, "append", append):
            yield

    return planted


BUGS: dict[str, Bug] = {
    # what people do
    "refusal_is_not_written": replaced(suppression, "refuse", lambda *_: None),
    "marks_are_not_made": replaced(suppression, "suppress", lambda *_, **__: 0),
    "confirmation_lifts_nothing": replaced(suppression, "lift", lambda *_, **__: 0),
    "address_counts_as_it_is_spelled": replaced(domain, "_quick_email_form", lambda: str),
    "erasure_leaves_the_contact": replaced(contacts, "forget", lambda _: {}),
    # what staff does
    "list_ignores_marks": replaced(imports.suppression_known, "suppressed", lambda *_: {}),
    "uniting_takes_no_refusal_along": replaced(uniting, "in_force_of", lambda *_: []),
    "uniting_ignores_marks": replaced(uniting, "_never", lambda *_: False),
    "uniting_is_forgotten_by_an_opt_out": replaced(signups, "moved_contacts_of", lambda *_: {}),
    "uniting_is_forgotten_by_an_erasure": replaced(
        signups, "same_contacts_of", lambda _, ids: {key: [] for key in ids}
    ),
    # what happens to installations
    "journal_without_refusals": without_lines_of(LineKind.REFUSAL),
    "journal_without_marks": without_lines_of(LineKind.SUPPRESSION),
    "journal_without_erasures": without_lines_of(LineKind.ERASURE),
    "replay_skips_refusals": replaced(replaying, "_obey", lambda *_: None),
    "replay_leaves_who_was_erased": replaced(replaying, "_forgotten", lambda *_: True),
    "replay_knows_nobody": replaced(replaying, "_is_the_same_person", lambda _: False),
    "replay_lifts_blindly": replaced(replaying.suppressions, "is_recorded", lambda *_: True),
    "replay_never_opens_the_gate": replaced(tending, "complete", lambda *_: False),
    "rotation_leaves_the_marks": replaced(peppering, "_raise_marks", lambda *_: 0),
    "rotation_leaves_the_addresses": replaced(contacts, "raise_tokens", lambda *_, **__: 0),
}
