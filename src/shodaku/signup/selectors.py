"""Forms, their published versions and pages, what people asked for on them, and what a hash stands for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shodaku.accounts.domain import Workspace
from shodaku.consent import selectors as consents
from shodaku.content import selectors as content
from shodaku.kit import db
from shodaku.signup.asked import Answers
from shodaku.signup.comparing import differences
from shodaku.signup.domain import (
    FormDefinition,
    Published,
    RequestState,
    Shown,
    Standing,
    canonical_form,
    definition_from_json,
    from_json,
    standing,
)
from shodaku.signup.legal_display import DisplayVersion, legal_display
from shodaku.signup.paper_known import (
    Batch,
    Line,
    PaperSheet,
    Queue,
    Reading,
    batch,
    batches,
    next_sheet,
    note_of,
    paper_sheet,
    parked_sheets,
    queue,
    readings,
    sheets_of,
)

__all__ = [
    "HASHES_MAX",
    "Batch",
    "DisplayVersion",
    "Form",
    "FormCount",
    "FormVersion",
    "Line",
    "Page",
    "PaperSheet",
    "Queue",
    "Reading",
    "Request",
    "archives",
    "batch",
    "batches",
    "differences",
    "form",
    "form_counts",
    "form_version",
    "forms",
    "forms_in_use",
    "legal_display",
    "moved_contacts",
    "moved_contacts_of",
    "next_sheet",
    "note_of",
    "open_forms",
    "page",
    "page_html",
    "page_picture",
    "pages",
    "paper_sheet",
    "parked_sheets",
    "queue",
    "readings",
    "request",
    "requests_of",
    "same_contacts",
    "same_contacts_of",
    "sheets_of",
    "shown",
    "shown_by_hash",
    "was_offered",
]

HASHES_MAX: Final = 1_000  # in one question; a person's history names fewer

SEEN_MAX: Final = 1_000  # a page tells of more that they are many
VERSIONS_MAX: Final = 50  # of a form, the newest

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
class Page:
    """How a version looked in one language; its bytes are asked for one at a time."""

    form_id: int
    version: int
    language: str
    html_sha256: str
    rendered_at: datetime  # after the version's `published_at`: made later, from the words stored then
    picture_sha256: str | None
    pictured_at: datetime | None


@dataclass(frozen=True, slots=True)
class FormCount:
    form_id: int
    requested: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Source:
    """A poster, and what came of it."""

    source_no: int
    code: str
    name: str
    created_at: datetime
    given: int  # agreed to at once, where no mail asks
    requested: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Ways:
    """Where a form may be framed, and the page that thanks instead of ours."""

    sites: list[str]
    thanks_url: str | None


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a short address leads to."""

    source_no: int
    form_id: int
    version: int  # 0: not published


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
    asked_again_at: datetime | None  # the mail was sent once more
    way: str = "form"  # see RequestWay

    def standing(self, now: datetime) -> Standing:
        return standing(RequestState(self.state), self.expires_at, now)


def forms(workspace_id: int) -> list[Form]:
    with db.transaction(workspace_id):
        return _sql.rows("list_forms", Form)


def forms_in_use(
    workspace_id: int, *, sender_id: int | None = None, topic_id: int | None = None
) -> list[Form]:
    """Published ones whose newest words were not taken back: of a sender, or that offer a topic."""
    with db.transaction(workspace_id):
        return _sql.rows("list_forms_in_use", Form, sender_id=sender_id, topic_id=topic_id)


def was_offered(workspace_id: int, topic_id: int) -> bool:
    """By any version of any form: somebody may have its page open still, or a paper of it signed."""
    with db.transaction(workspace_id):
        return bool(_sql.scalar("was_offered", topic_id=topic_id))


def open_forms(workspace_id: int) -> list[Form]:
    """By which somebody can sign up now: published, and its newest words stand."""
    published = [each for each in forms(workspace_id) if each.version]
    return [each for each in published if each.version not in withdrawn(workspace_id, each.form_id)]


def archives(workspace: Workspace, language: str) -> list[tuple[str, str]]:
    """Title and address of each topic that has back numbers, for pages that lead there."""
    archived = set(content.archived_topics(workspace.workspace_id))
    return [
        (topic.title(language), f"/archive/{workspace.slug}/{topic.slug}/")
        for topic in (consents.topics(workspace.workspace_id) if archived else [])
        if topic.topic_id in archived
    ]


def form(workspace_id: int, slug: str) -> Form | None:
    with db.transaction(workspace_id):
        return _sql.row("get_form", Form, slug=slug)


def form_counts(workspace_id: int) -> dict[int, FormCount]:
    with db.transaction(workspace_id):
        return {row.form_id: row for row in _sql.rows("form_counts", FormCount)}


def draft(workspace_id: int, form_id: int) -> FormDefinition | None:
    """What is being written; None while nothing is."""
    with db.transaction(workspace_id):
        stored: dict[str, Any] | None = _sql.scalar("get_draft", form_id=form_id)  # Any: JSON
    return definition_from_json(stored) if stored is not None else None


def withdrawn(workspace_id: int, form_id: int) -> set[int]:
    """Versions that nobody agrees to any more."""
    with db.transaction(workspace_id):
        return set(_sql.scalars("list_withdrawn", form_id=form_id))


def sources(workspace_id: int, form_id: int) -> list[Source]:
    """Oldest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_sources", Source, form_id=form_id)


def ways(workspace_id: int, form_id: int) -> Ways:
    """Nowhere, for a form that does not exist."""
    with db.transaction(workspace_id):
        return _sql.row("get_ways", Ways, form_id=form_id) or Ways([], None)


def lead(workspace_id: int, code: str) -> Lead | None:
    with db.transaction(workspace_id):
        return _sql.row("get_source", Lead, code=code)


def seen_counts(workspace_id: int, form_id: int) -> dict[int, int]:
    """By version, how many asked through it: SEEN_MAX means as many or more."""
    with db.transaction(workspace_id):
        rows = _sql.rows(
            "count_seen", _SeenRow, form_id=form_id, seen_max=SEEN_MAX, versions_max=VERSIONS_MAX
        )
    return {row.version: row.seen for row in rows}


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
        form_sha256=found.sha256,
    )


def pages(workspace_id: int, form_id: int) -> list[Page]:
    """Of every version, newest first; Japanese before English."""
    with db.transaction(workspace_id):
        return _sql.rows("list_pages", Page, form_id=form_id)


def page(workspace_id: int, form_id: int, version: int, language: str) -> Page | None:
    with db.transaction(workspace_id):
        return _sql.row("get_page", Page, form_id=form_id, version=version, language=language)


def page_html(workspace_id: int, form_id: int, version: int, language: str) -> bytes | None:
    """The very bytes that `html_sha256` is of."""
    with db.transaction(workspace_id):
        html: str | None = _sql.scalar("get_page_html", form_id=form_id, version=version, language=language)
    return None if html is None else html.encode()


def page_picture(workspace_id: int, form_id: int, version: int, language: str) -> bytes | None:
    """PNG; None while there is none."""
    with db.transaction(workspace_id):
        picture: bytes | None = _sql.scalar(
            "get_page_picture", form_id=form_id, version=version, language=language
        )
    return picture


def shown_by_hash(workspace_id: int, sha256s: Collection[str]) -> dict[str, bytes]:
    """For each hash that is known here the exact bytes it is of: words and policies as UTF-8, the canonical
    form, the page as HTML, its picture as PNG.

    A row that was altered since has another hash, and so is not found. At most 1,000 hashes. The scan of a
    paper is not here: it is of one person alone (`ledger.services.read_file`).
    """
    if len(sha256s) > HASHES_MAX:
        raise ValueError(f"at most {HASHES_MAX} hashes in one call")
    wanted = set(sha256s)
    found = {hashlib.sha256(shown).hexdigest(): shown for shown in _shown(workspace_id, wanted)}
    return {sha256: found[sha256] for sha256 in sorted(wanted & found.keys())}


def _shown(workspace_id: int, wanted: Collection[str]) -> list[bytes]:
    hashes = sorted(wanted)
    with db.transaction(workspace_id):
        wordings = [consents.wording_by_sha256(workspace_id, sha256) for sha256 in hashes]
        forms = _sql.scalars("list_shown_forms", hashes=hashes)
        pages = _sql.rows("list_shown_pages", _ShownRow, hashes=hashes)
    return [
        *(wording.text.encode() for wording in wordings if wording is not None),
        *(canonical_form(definition) for definition in forms),
        *(page.html.encode() if page.picture is None else page.picture for page in pages),
    ]


def request(workspace_id: int, contact_id: int, request_id: int) -> Request | None:
    with db.transaction(workspace_id):
        return _sql.row("get_request", Request, contact_id=contact_id, request_id=request_id)


def requests_of(workspace_id: int, contact_id: int) -> list[Request]:
    """What the person asked for, newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_requests", Request, contact_id=contact_id)


def waiting_answers(workspace_id: int, contact_id: int) -> list[Answers]:
    """What the person told with requests that they did not answer yet."""
    with db.transaction(workspace_id):
        return list(map(Answers.from_json, _sql.scalars("list_answers", contact_id=contact_id)))


def moved_contacts(workspace_id: int, contact_id: int) -> list[int]:
    """The person's other contacts: of addresses given up for this one, taken up instead of it, or known to
    the staff.
    """
    return moved_contacts_of(workspace_id, [contact_id])[contact_id]


def moved_contacts_of(workspace_id: int, contact_ids: Sequence[int]) -> dict[int, list[int]]:
    """As `moved_contacts`, of several people; each of them is in it."""
    with db.transaction(workspace_id):
        return _joined("list_moved", contact_ids)


def same_contacts(workspace_id: int, contact_id: int) -> list[int]:
    """Of those, the ones surely of the same person: an address that came alive again may be another's."""
    return same_contacts_of(workspace_id, [contact_id])[contact_id]


def same_contacts_of(workspace_id: int, contact_ids: Sequence[int]) -> dict[int, list[int]]:
    """As `same_contacts`, of several people; each of them is in it."""
    with db.transaction(workspace_id):
        return _joined("list_same", contact_ids)


def _joined(statement: str, contact_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {contact_id: [] for contact_id in contact_ids}
    for row in _sql.rows(statement, _Joined, contacts=db.array(contact_ids)):
        found[row.asked].append(row.contact_id)
    return found


@dataclass(frozen=True, slots=True)
class _Joined:
    asked: int
    contact_id: int


@dataclass(frozen=True, slots=True)
class _ShownRow:
    html: str  # "" beside a picture
    picture: bytes | None


@dataclass(frozen=True, slots=True)
class _VersionRow:
    form_id: int
    version: int
    definition: dict[str, Any]  # JSON
    sha256: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class _SeenRow:
    version: int
    seen: int
