"""A reader ticks more on the preference page, or names another address: a fresh request, with the words of
that page as its ground.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import Method
from shodaku.consent.services import WordingKind
from shodaku.contacts import selectors as contacts_known
from shodaku.contacts.domain import Channel, EmailAddress, parse_email
from shodaku.kit import db
from shodaku.kit.links import Token
from shodaku.optout import selectors
from shodaku.optout.naming import offered_by_name
from shodaku.signup import services as signup
from shodaku.signup.domain import (
    FormDefinition,
    Ground,
    Published,
    Shown,
    SignupRequest,
    WebEvidence,
    wording_of,
)

PREFERENCES = 0  # what a wording of the preference page is about: no form in particular
_WHAT: Final = ("受け取る種類", "What you receive")
_WHERE: Final = ("受け取るアドレス", "Where you receive it")


def ask(
    link: Token,
    topic_ids: Sequence[int],
    language: str,
    *,
    evidence: Mapping[str, str],
    now: datetime,
    method: Method = Method.PREFERENCE,
) -> None:
    """Never lifts a refusal by itself: only the confirmation behind the mail does. Raises VaultAway.

    Who wrote one word instead of ticking a box is asked in any case: it is no consent to anything.
    """
    workspace_id, contact_id = link.workspace_id, link.contact_id
    addresses = contacts_known.addresses(workspace_id, contact_id)
    email = next((each.value for each in addresses if each.channel == Channel.EMAIL), None)
    if email is None:
        return
    request = _request(workspace_id, topic_ids, language, _WHAT, parse_email(email))
    if request is None:
        return
    if method is not Method.PREFERENCE:
        proved = tuple(replace(topic, double_opt_in=True) for topic in request.topics)
        request = replace(request, topics=proved)
    with db.transaction(workspace_id):
        ground = replace(_ground(workspace_id, request, now), method=method)
        signup.request_more(request, contact_id, ground, WebEvidence(**evidence), now)


def move(
    link: Token, address: EmailAddress, language: str, *, evidence: Mapping[str, str], now: datetime
) -> None:
    """What is received goes to this address once its owner says so; until then nothing changes.

    Raises VaultAway, ContactGone.
    """
    workspace_id, contact_id = link.workspace_id, link.contact_id
    states = selectors.topic_states(workspace_id, contact_id, now)
    received = [state.topic.topic_id for state in states if state.receives]
    request = _request(workspace_id, received, language, _WHERE, address)
    if request is None:
        return
    with db.transaction(workspace_id):
        ground = _ground(workspace_id, request, now)
    signup.request_move(request, contact_id, ground, WebEvidence(**evidence), now)


def _request(
    workspace_id: int,
    topic_ids: Sequence[int],
    language: str,
    titles: tuple[str, str],
    address: EmailAddress,
) -> SignupRequest | None:
    """Of the topics as they are offered now; None if there is none of them."""
    topics = [topic for topic in consents.topics(workspace_id) if topic.topic_id in topic_ids]
    if not topics:
        return None
    chosen = tuple(offered_by_name(workspace_id, topics, language))
    sender = signup.shown_sender(workspace_id, topics[0].sender_id)
    definition = FormDefinition(
        title=titles[0], title_en=titles[1], topic_ids=tuple(t.topic_id for t in chosen)
    )
    published = Published(definition=definition, topics=chosen, sender=sender)
    shown = Shown(workspace_id=workspace_id, form_id=0, version=0, language=language, published=published)
    return SignupRequest(shown=shown, address=address, name="", topics=chosen)


def _ground(workspace_id: int, request: SignupRequest, now: datetime) -> Ground:
    published, language = request.shown.published, request.shown.language
    sender = published.sender
    text = wording_of(published.definition, request.topics, sender, language).text
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
