"""What somebody told of themselves on a form becomes the contact's, once it is theirs to say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shodaku.contacts import selectors as contacts_known
from shodaku.contacts import services as contacts
from shodaku.contacts.domain import Channel, search_key
from shodaku.kit import db
from shodaku.signup.asked import NOTHING_TOLD, Answers
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression

_sql = db.Statements("shodaku.signup")


def answers_in(contact_id: int, request_id: int) -> Answers:
    """Of a request that is still open, in the open transaction."""
    stored: Mapping[str, Any] | None = _sql.scalar(  # Any: JSON
        "get_answers", contact_id=contact_id, request_id=request_id
    )
    return Answers.from_json(stored) if stored else NOTHING_TOLD


def keep(workspace_id: int, contact_id: int, answers: Answers, now: datetime) -> None:
    """In the open transaction, the contact locked. What was left empty stays as it is."""
    known = contacts_known.contact(workspace_id, contact_id)
    if answers == NOTHING_TOLD or known is None:
        return
    family_name = answers.family_name or known.family_name or ""
    given_name = answers.given_name or known.given_name or ""
    kana = answers.kana or known.kana or ""
    names = " ".join(filter(None, (family_name, given_name, kana, known.company)))
    contacts.tell(
        contact_id,
        family_name=family_name,
        given_name=given_name,
        kana=kana,
        search_key=search_key(names) if names else "",
        attributes=answers.others,
    )
    if answers.birth_date is not None:
        contacts.describe(contact_id, birth_date=answers.birth_date)
    if answers.mobile:
        _keep_mobile(workspace_id, contact_id, answers.mobile, now)


def _keep_mobile(workspace_id: int, contact_id: int, number: str, now: datetime) -> None:
    """Only a number that is nobody's yet, and that nobody said no for: a form proves a mailbox, no telephone.

    It is no consent either: without one of its own for SMS nothing goes there.
    """
    if any(each.channel == Channel.SMS for each in contacts_known.addresses(workspace_id, contact_id)):
        return
    pair = suppression.tokens(workspace_id, Channel.SMS, number)
    if suppressions.suppressed(workspace_id, [pair]):
        return
    new = contacts.NewAddress(Channel.SMS, number, number, number, pair.strict, pair.broad, pair.epoch)
    contacts.add_address(contact_id, new, now=now)
