"""Forms, their published versions, and what people asked for on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shodaku.kit import db
from shodaku.signup.domain import Published, RequestState, Shown, Standing, from_json, standing

_sql = db.Statements("shodaku.signup")


@dataclass(frozen=True, slots=True)
class Form:
    form_id: int
    slug: str
    name: str
    sender_id: int
    version: int  # 0: not published yet
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FormVersion:
    form_id: int
    version: int
    published: Published
    sha256: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class FormCount:
    form_id: int
    requested: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Request:
    contact_id: int
    request_id: int
    form_id: int | None  # None: asked for in the preference centre
    form_version: int | None
    topic_ids: list[int]
    locale: str
    wording_sha256: str
    at: datetime
    expires_at: datetime
    state: str
    mailing_id: int | None
    answered_at: datetime | None
    entry_id: int
    moves_from: int | None  # the contact whose address this one takes over

    def standing(self, now: datetime) -> Standing:
        return standing(RequestState(self.state), self.expires_at, now)


def forms(workspace_id: int) -> list[Form]:
    with db.transaction(workspace_id):
        return _sql.rows("list_forms", Form)


def form(workspace_id: int, slug: str) -> Form | None:
    with db.transaction(workspace_id):
        return _sql.row("get_form", Form, slug=slug)


def form_counts(workspace_id: int) -> dict[int, FormCount]:
    with db.transaction(workspace_id):
        return {row.form_id: row for row in _sql.rows("form_counts", FormCount)}


def form_version(workspace_id: int, form_id: int, version: int) -> FormVersion | None:
    with db.transaction(workspace_id):
        row = _sql.row("get_version", _VersionRow, form_id=form_id, version=version)
    if row is None:
        return None
    return FormVersion(row.form_id, row.version, from_json(row.definition), row.sha256, row.published_at)


def shown(workspace_id: int, form_id: int, version: int, language: str) -> Shown | None:
    """The page of a version in a language, as a request refers to it."""
    found = form_version(workspace_id, form_id, version)
    if found is None:
        return None
    return Shown(
        workspace_id=workspace_id,
        form_id=form_id,
        version=version,
        language=language,
        published=found.published,
    )


def request(workspace_id: int, contact_id: int, request_id: int) -> Request | None:
    with db.transaction(workspace_id):
        return _sql.row("get_request", Request, contact_id=contact_id, request_id=request_id)


def requests_of(workspace_id: int, contact_id: int) -> list[Request]:
    """What the person asked for, newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_requests", Request, contact_id=contact_id)


def moved_contacts(workspace_id: int, contact_id: int) -> list[int]:
    """The person's other contacts: of addresses given up for this one, or taken up instead of it."""
    with db.transaction(workspace_id):
        return _sql.scalars("list_moved", contact_id=contact_id)


def same_contacts(workspace_id: int, contact_id: int) -> list[int]:
    """Of those, the ones surely of the same person: an address that came alive again may be another's."""
    with db.transaction(workspace_id):
        return _sql.scalars("list_same", contact_id=contact_id)


@dataclass(frozen=True, slots=True)
class _VersionRow:
    form_id: int
    version: int
    definition: dict[str, Any]  # JSON
    sha256: str
    published_at: datetime
