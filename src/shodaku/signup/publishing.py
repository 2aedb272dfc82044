"""Forms are made and published: what passes the linter is frozen with its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from psycopg.types.json import Jsonb

from shodaku.accounts.domain import parse_slug
from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.services import WordingKind
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.policy.domain import FormAnswer, explain, lint_form
from shodaku.signup.domain import (
    FormDefinition,
    NewForm,
    OfferedTopic,
    Published,
    Shown,
    as_json,
    form_sha256,
    wording_of,
)
from shodaku.signup.own_forms import Declared, read_form
from shodaku.signup.pages import defer_picture, keep_pages
from shodaku.signup.policies import keep_policy
from shodaku.signup.sending import NoSender, new_event_id, offered, sha256_of, shown_sender
from shodaku.signup.showing import as_page

_sql = db.Statements("shodaku.signup")


class FormExists(WrongUse):
    """A form with this short name exists already."""

    code = "form_exists"


class NoForm(WrongUse):
    """No such form exists."""

    code = "no_form"


class NoTopic(WrongUse):
    """The form names a topic that this workspace does not offer."""

    code = "no_topic"


class OtherSender(WrongUse):
    """The form asks for one sender, and a topic on it is another one's: who agrees must know whom to."""

    code = "topic_of_other_sender"


class FormRefused(WrongUse):
    """The form asks for a consent that would be worth nothing; nothing was published."""

    code = "form_refused"

    def __init__(self, answer: FormAnswer) -> None:
        self.answer = answer
        told = explain(answer.reason)
        super().__init__(hint=f"{answer.reason}: {told.en} / {told.ja}")


def create_form(workspace_id: int, form: NewForm, now: datetime) -> int:
    """The form's id; nobody sees it before `publish`. Raises SlugFault, FormExists, NoSender."""
    with db.transaction(workspace_id):
        if not consent.sender_in_use(form.sender_id):
            raise NoSender
        form_id: int | None = _sql.scalar(
            "insert_form", slug=parse_slug(form.slug), name=form.name, sender_id=form.sender_id, now=now
        )
    if form_id is None:
        raise FormExists
    return form_id


def change_ways(workspace_id: int, form_id: int, sites: Sequence[str], thanks_url: str | None) -> None:
    """Parsed by `sites`. Raises NoForm."""
    with db.transaction(workspace_id):
        if not _sql.run("update_ways", form_id=form_id, sites=list(sites), thanks_url=thanks_url):
            raise NoForm


def publish(
    workspace_id: int, form_id: int, definition: FormDefinition, staff_id: int | None, now: datetime
) -> int:
    """Freeze topics, sender and words as they are now, and keep the page they make; the new version.

    Raises NoForm, NoSender, NoTopic, OtherSender, EmptyForm, UnfitFields, FormRefused, VaultAway.
    """
    with db.transaction(workspace_id):
        sender_id: int | None = _sql.scalar("lock_form", form_id=form_id)
        if sender_id is None:
            raise NoForm
        if not consent.sender_in_use(sender_id):
            raise NoSender
        consent.hold_topics(definition.topic_ids)
        published = freeze(workspace_id, sender_id, definition)
        _check(
            Shown(workspace_id=workspace_id, form_id=form_id, version=0, language="ja", published=published)
        )
        published = _kept(workspace_id, form_id, published, staff_id, now)
        keep_policy(workspace_id, published.sender, staff_id=staff_id, now=now)
        stored = as_json(published)
        sha256 = form_sha256(stored)
        version: int = _sql.scalar("next_version", form_id=form_id)
        _sql.run(
            "insert_version",
            form_id=form_id,
            version=version,
            definition=Jsonb(stored),
            sha256=sha256,
            staff_id=staff_id,
            now=now,
        )
        fields: dict[str, Value] = {
            "form": str(form_id),
            "version": version,
            "form_sha256": sha256,
            **keep_pages(workspace_id, form_id, version, published, now),
            "by": str(staff_id or ""),
        }
        ledger.record_act(workspace_id, Kind.WORDING, fields, event_id=new_event_id(now), now=now)
        defer_picture(workspace_id, form_id, version)
        _sql.run("delete_draft", form_id=form_id)
        return version


def freeze(workspace_id: int, sender_id: int, definition: FormDefinition) -> Published:
    """As topics and sender are now, in the open transaction.

    Raises NoTopic, OtherSender, EmptyForm, UnfitFields.
    """
    sender = shown_sender(workspace_id, sender_id)
    topics = _offered(workspace_id, sender_id, definition.topic_ids)
    return _worded(Published(definition=definition, topics=topics, sender=sender))


def answers(shown: Shown) -> list[FormAnswer]:
    """What the linter says of the page as it will be seen, in each language."""
    published = shown.published
    declared = Declared(topics=len(published.topics), incentive=bool(published.definition.incentive))
    return [
        lint_form(
            read_form(as_page(replace(shown, language=each)), (published.sender.formal_name,), declared)
        )
        for each in published.wordings
    ]


def _offered(workspace_id: int, sender_id: int, topic_ids: Sequence[int]) -> tuple[OfferedTopic, ...]:
    """A form's words name one sender, so all its topics are that one's: who agrees knows whom to."""
    known = {topic.topic_id: topic for topic in consents.topics(workspace_id) if topic.archived_at is None}
    if any(topic_id not in known for topic_id in topic_ids):
        raise NoTopic
    if any(known[topic_id].sender_id != sender_id for topic_id in topic_ids):
        raise OtherSender
    return tuple(offered(known[topic_id]) for topic_id in topic_ids)


def _worded(published: Published) -> Published:
    wordings = {
        language: wording_of(published.definition, published.topics, published.sender, language)
        for language in ("ja", "en")
    }
    return replace(published, wordings=wordings)


def _check(shown: Shown) -> None:
    """What is about to be published, as it will be seen. Raises FormRefused."""
    for answer in answers(shown):
        if not answer.passes:
            raise FormRefused(answer)


def _kept(
    workspace_id: int, form_id: int, published: Published, staff_id: int | None, now: datetime
) -> Published:
    wordings = {}
    for language, wording in published.wordings.items():
        version = consent.keep_wording(
            workspace_id, WordingKind.FORM, form_id, wording.text, staff_id=staff_id, now=now
        )
        wordings[language] = replace(wording, version=version, sha256=sha256_of(wording.text))
    return replace(published, wordings=wordings)
