"""Switches in an app of the sender's own: what its screens say, and what follows when one is moved to on.

The app tells what somebody pressed, and cannot prove that the address is theirs. So a topic with double
opt-in is confirmed by mail all the same, and so is everything after a no (docs/adr/0042).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.domain import AppScreen, Method
from shodaku.consent.selectors import Wording
from shodaku.consent.services import Once, WordingKind
from shodaku.contacts.domain import EmailAddress
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.policy.domain import Reason
from shodaku.policy.domain import lint_wording as unfit_in
from shodaku.signup.asking import request_in_app
from shodaku.signup.domain import AppEvidence, FormDefinition, Ground, Published, Shown, SignupRequest
from shodaku.signup.sending import offered, sha256_of, shown_sender

WORDING_CHARACTERS_MAX: Final = 5_000
WORDING_VERSION_MAX: Final = 2**31 - 1
_SCREENS: Final = 0  # what the wordings of apps are about: no topic and no form in particular


class NoWording(WrongUse):
    """No wording of an app has this version; tell what the screen says before it is used."""

    code = "app_wording_unknown"


class NoTopics(WrongUse):
    """At least one topic that is offered is needed."""

    code = "app_topics_unknown"


class OtherSenders(WrongUse):
    """These topics are of several senders; tell of each sender's switches on their own."""

    code = "app_topics_of_several_senders"


class UnfitWording(WrongUse):
    """These words are no ground for a consent."""

    code = "app_wording_unfit"

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(hint=", ".join(each.value for each in self.reasons))


class WordingTooLong(WrongUse):
    """A wording has 1 to 5,000 characters."""

    code = "app_wording_too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedOn:
    """What an app tells of a switch that somebody moved to on, now."""

    workspace_id: int
    address: EmailAddress
    topic_ids: tuple[int, ...]
    wording_version: int
    screen: AppScreen
    by: str  # which program tells it: api:3
    language: str  # of the person: ja or en
    ip: str = ""


def keep_app_wording(workspace_id: int, text: str, *, now: datetime, staff_id: int | None = None) -> Wording:
    """What a screen says beside its switches, as a version; the same words again are the same version.

    Raises UnfitWording with everything that is wrong with it (as a wording of an import), WordingTooLong.
    """
    if not 1 <= len(text.strip()) <= WORDING_CHARACTERS_MAX:
        raise WordingTooLong
    senders = accounts.senders(workspace_id)
    names = [name for each in senders for name in (each.formal_name, each.display_name)]
    if reasons := unfit_in(text, names):
        raise UnfitWording(reasons)
    with db.transaction(workspace_id):
        version = consent.keep_wording(
            workspace_id, WordingKind.APP, _SCREENS, text, staff_id=staff_id, now=now
        )
        return app_wording(workspace_id, version)


def app_wordings(
    workspace_id: int, *, before: int | None = None, rows_max: int | None = None
) -> list[Wording]:
    """Newest first: all versions, or so many of those before one."""
    if rows_max is None:
        return consents.wordings(workspace_id, WordingKind.APP, _SCREENS)
    return consents.wording_page(workspace_id, WordingKind.APP, _SCREENS, before=before, rows_max=rows_max)


def app_wording(workspace_id: int, version: int) -> Wording:
    """Raises NoWording."""
    known = 0 < version <= WORDING_VERSION_MAX
    found = consents.wording(workspace_id, WordingKind.APP, _SCREENS, version) if known else None
    if found is None:
        raise NoWording
    return found


def switch_on(told: SwitchedOn, once: Once, now: datetime) -> None:
    """Agreed at once, or asked by mail; it answers nothing, so that nobody learns who is known.

    Raises NoWording, NoTopics, OtherSenders, KeyReused, VaultAway.
    """
    wording = app_wording(told.workspace_id, told.wording_version)
    request = _request(told)
    sender = request.shown.published.sender
    ground = Ground(
        method=Method.APP,
        wording_version=wording.version,
        wording_sha256=wording.sha256,
        form_sha256=sha256_of(wording.text),
        policy_version=sender.privacy_policy_version,
        policy=sender.privacy_policy,
    )
    evidence = AppEvidence(url="", ip=told.ip, by=told.by, screen=told.screen)
    request_in_app(request, ground, once, evidence, now)


def _request(told: SwitchedOn) -> SignupRequest:
    """Of the topics as they are offered now. Raises NoTopics, OtherSenders."""
    topics = [
        topic
        for topic in consents.topics(told.workspace_id)
        if topic.topic_id in told.topic_ids and topic.archived_at is None
    ]
    if not topics:
        raise NoTopics
    if any(topic.sender_id != topics[0].sender_id for topic in topics):
        raise OtherSenders
    chosen = tuple(offered(topic) for topic in topics)
    definition = FormDefinition(title=told.screen.screen, topic_ids=tuple(topic.topic_id for topic in chosen))
    sender = shown_sender(told.workspace_id, topics[0].sender_id)
    published = Published(definition=definition, topics=chosen, sender=sender)
    shown = Shown(
        workspace_id=told.workspace_id, form_id=0, version=0, language=told.language, published=published
    )
    return SignupRequest(shown=shown, address=told.address, name="", topics=chosen)
