"""A reader ticks more on the preference page: a fresh request, with the words of that page as its ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import Method
from shodaku.consent.services import WordingKind
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import Channel, parse_email
from shodaku.kit import db
from shodaku.kit.links import Token
from shodaku.signup import services as signup
from shodaku.signup.domain import (
    FormDefinition,
    Ground,
    OfferedTopic,
    Published,
    Shown,
    ShownSender,
    SignupRequest,
    WebEvidence,
    wording_of,
)

PREFERENCES = 0  # what a wording of the preference page is about: no form in particular


def ask(
    link: Token, topic_ids: Sequence[int], language: str, *, evidence: Mapping[str, str], now: datetime
) -> None:
    """Never lifts a refusal by itself: only the confirmation behind the mail does. Raises VaultAway."""
    workspace_id, contact_id = link.workspace_id, link.contact_id
    topics = [topic for topic in consents.topics(workspace_id) if topic.topic_id in topic_ids]
    addresses = contacts_known.addresses(workspace_id, contact_id)
    email = next((each.value for each in addresses if each.channel == Channel.EMAIL), None)
    if email is None or not topics:
        return
    chosen = tuple(signup.offered(topic) for topic in topics)
    sender = signup.shown_sender(workspace_id, topics[0].sender_id)
    definition = FormDefinition(
        title="受け取る種類", title_en="What you receive", topic_ids=tuple(t.topic_id for t in chosen)
    )
    published = Published(definition=definition, topics=chosen, sender=sender)
    shown = Shown(workspace_id=workspace_id, form_id=0, version=0, language=language, published=published)
    request = SignupRequest(shown=shown, address=parse_email(email), name="", topics=chosen)
    with db.transaction(workspace_id):
        ground = _ground(workspace_id, definition, chosen, sender, language, now)
        signup.request_more(request, contact_id, ground, WebEvidence(**evidence), now)


def _ground(
    workspace_id: int,
    definition: FormDefinition,
    topics: Sequence[OfferedTopic],
    sender: ShownSender,
    language: str,
    now: datetime,
) -> Ground:
    text = wording_of(definition, topics, sender, language).text
    version = consent.keep_wording(workspace_id, WordingKind.TOPIC, PREFERENCES, text, staff_id=None, now=now)
    sha256 = signup.sha256_of(text)
    return Ground(
        method=Method.PREFERENCE,
        wording_version=version,
        wording_sha256=sha256,
        form_sha256=sha256,
        policy_version=sender.privacy_policy_version,
        policy=sender.privacy_policy,
    )
