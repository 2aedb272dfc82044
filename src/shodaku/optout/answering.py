"""Answers to texts, in the words of the sender whom the person knows; and the question that START brings."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Sender
from shodaku.consent import selectors as consents
from shodaku.consent.domain import ConsentState, Method
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.services import ContactGone
from shodaku.kit import runtime
from shodaku.kit.links import Purpose, Token
from shodaku.ledger.services import KeyDestroyed, VaultAway
from shodaku.optout import more, replies, selectors

PLACE = "/inbound"  # where the word came in: the evidence names it


@dataclass(frozen=True, slots=True)
class _Voice:
    """Who answers, and in which language."""

    sender: Sender | None
    language: str

    @property
    def name(self) -> str:
        return replies.short_name(self.sender.formal_name) if self.sender else ""

    @property
    def contact(self) -> str:
        if self.sender is None:
            return ""
        return self.sender.contact_phone or self.sender.contact_url or self.sender.contact_email


def stopped(workspace_id: int, contact_id: int | None) -> str:
    voice = _voice(workspace_id, contact_id)
    return replies.stopped(voice.name, voice.language)


def help_for(workspace_id: int, contact_id: int | None) -> str:
    voice = _voice(workspace_id, contact_id)
    topics = [topic for topic in consents.topics(workspace_id) if topic.archived_at is None]
    received = _topic_ids(workspace_id, contact_id, ConsentState.ACTIVE)
    shown = [topic for topic in topics if topic.topic_id in received] or topics
    often = [topic.frequency.text(voice.language) for topic in shown]
    brand = voice.sender.display_name if voice.sender else ""
    return replies.help_text(voice.name, brand, often, voice.contact, voice.language)


def ways_in(workspace_id: int, contact_id: int | None, now: datetime) -> str:
    """The form, and for a person whose mailbox we know a mail that asks: a text is no consent."""
    voice = _voice(workspace_id, contact_id)
    mailed = contact_id is not None and ask_again(workspace_id, contact_id, Method.SMS, now)
    workspace = accounts.workspace(workspace_id)
    path = selectors.form_path(workspace) if workspace else None
    form = f"{runtime.current().public_url}{path}" if path else None
    return replies.begin_again(voice.name, form, voice.contact, voice.language, mailed=mailed)


def ask_again(workspace_id: int, contact_id: int, via: Method, now: datetime) -> bool:
    """A mail asks about what the person once had, or asked for. False: there is nothing to ask about."""
    topic_ids = _topic_ids(workspace_id, contact_id)
    if not topic_ids:
        return False
    link = Token(workspace_id, 0, contact_id, Purpose.PREFERENCE)
    evidence = {"url": runtime.current().public_url + PLACE, "ip": "", "browser": ""}
    language = _voice(workspace_id, contact_id).language
    with suppress(VaultAway, KeyDestroyed, ContactGone):  # then the form is the way in
        more.ask(link, topic_ids, language, evidence=evidence, now=now, method=via)
        return True
    return False


def _topic_ids(workspace_id: int, contact_id: int | None, *states: ConsentState) -> list[int]:
    if contact_id is None:
        return []
    open_ids = {topic.topic_id for topic in consents.topics(workspace_id) if topic.archived_at is None}
    held = consents.held(workspace_id, contact_id)
    return sorted({e.topic_id for e in held if e.topic_id in open_ids and (not states or e.state in states)})


def _voice(workspace_id: int, contact_id: int | None) -> _Voice:
    """The sender of a topic that the person had, else the first of the workspace."""
    workspace = accounts.workspace(workspace_id)
    senders = {sender.sender_id: sender for sender in accounts.every_sender(workspace_id)}
    had = _topic_ids(workspace_id, contact_id)
    topics = [topic for topic in consents.topics(workspace_id) if topic.topic_id in had]
    known = next((senders[topic.sender_id] for topic in topics if topic.sender_id in senders), None)
    person = contacts_known.contact(workspace_id, contact_id) if contact_id is not None else None
    language = (person.locale if person else None) or (workspace.locale if workspace else "ja")
    return _Voice(known or next(iter(senders.values()), None), language)
