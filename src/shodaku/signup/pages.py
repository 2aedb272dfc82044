"""What people saw is kept: each version as one document, and its picture where there is a browser."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.consent import selectors as consents
from shodaku.consent import services as consent
from shodaku.consent.services import WordingKind
from shodaku.kit import db, log
from shodaku.kit.queue import Job, Queue, defer
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.signup import selectors
from shodaku.signup.browser import NoPicture, picture_of
from shodaku.signup.domain import Published, Shown
from shodaku.signup.sending import new_event_id, sha256_of
from shodaku.signup.showing import as_document

BY: Final = "system"
DUE_ROWS_MAX: Final = 50  # versions of one workspace that one sweep takes up
ATTEMPTS_MAX: Final = 3  # an hour apart; a page that no window holds fails each time
PICTURE_JOB: Final = "signup.picture"
LAST: Final = -10
UNNUMBERED: Final = 0  # the policies of forms that were published before policies were kept by sender

_sql = db.Statements("shodaku.signup")


def keep_pages(
    workspace_id: int, form_id: int, version: int, published: Published, now: datetime
) -> dict[str, str]:
    """Keep the page in each language, in the open transaction; its hashes as fields of the ledger entry."""
    hashes = {}
    for language in published.wordings:
        shown = Shown(
            workspace_id=workspace_id,
            form_id=form_id,
            version=version,
            language=language,
            published=published,
        )
        html = as_document(shown)
        hashes[f"page_{language}_sha256"] = sha256_of(html)
        _sql.run(
            "insert_page",
            form_id=form_id,
            version=version,
            language=language,
            html=html,
            html_sha256=sha256_of(html),
            now=now,
        )
    return hashes


def keep_missing_pages(workspace_id: int, form_id: int, version: int, *, now: datetime) -> bool:
    """Make the pages of a version that was published before pages were kept; False if it has them.

    Such a page was made later: from the words that were stored when the form was published, by the program
    of today. `rendered_at`, which is after `published_at`, says so, in the row and in the ledger. Entries of
    before then do not name the page, and are not changed. Raises VaultAway.
    """
    with db.transaction(workspace_id):
        _sql.scalar("lock_form", form_id=form_id)
        kept = selectors.form_version(workspace_id, form_id, version)
        if kept is None or any(each.version == version for each in selectors.pages(workspace_id, form_id)):
            return False
        policy = kept.published.sender.privacy_policy
        if consents.wording_by_sha256(workspace_id, sha256_of(policy)) is None:
            consent.keep_wording(workspace_id, WordingKind.POLICY, UNNUMBERED, policy, staff_id=None, now=now)
        said: dict[str, Value] = {
            "form": str(form_id),
            "version": version,
            "form_sha256": kept.sha256,
            **keep_pages(workspace_id, form_id, version, kept.published, now),
            "rendered_at": now.isoformat(timespec="milliseconds"),
            "by": BY,
        }
        ledger.record_act(workspace_id, Kind.WORDING, said, event_id=new_event_id(now), now=now)
        return True


def defer_picture(workspace_id: int, form_id: int, version: int) -> None:
    """In the open transaction. One picture at a time and after all other chores: a browser is heavy."""
    which: dict[str, int | str] = {"workspace_id": workspace_id, "form_id": form_id, "version": version}
    once = f"{PICTURE_JOB}-{workspace_id}-{form_id}-{version}"
    defer(Job(PICTURE_JOB, Queue.CHORE, which, lock=PICTURE_JOB, only_once=once, priority=LAST))


def defer_due(workspace_id: int, *, pictures: bool) -> int:
    """Versions without a page, and with `pictures` those without a picture, get a job; how many.

    A picture that failed ATTEMPTS_MAX times is not tried again: its page stands for itself.
    """
    with db.transaction(workspace_id):
        due = _sql.rows(
            "list_due_pages",
            _Version,
            pictures=pictures,
            attempts_max=ATTEMPTS_MAX,
            rows_max=DUE_ROWS_MAX,
        )
        for each in due:
            defer_picture(workspace_id, each.form_id, each.version)
        return len(due)


def take_pictures(workspace_id: int, form_id: int, version: int, browser: str, *, now: datetime) -> int:
    """How many were taken and kept; a page whose picture fails stands for itself. Raises VaultAway."""
    with db.transaction(workspace_id):
        due = _sql.rows(
            "list_unpictured", _Unpictured, form_id=form_id, version=version, attempts_max=ATTEMPTS_MAX
        )
    taken = 0
    for page in due:
        try:
            picture = picture_of(page.html, browser)
        except NoPicture as fault:
            log.info("signup.picture_failed", workspace=workspace_id, form=form_id, reason=fault.code)
            _count_attempt(workspace_id, form_id, version, page)
            continue
        taken += _keep_picture(workspace_id, form_id, version, page, picture, now)
    return taken


def _count_attempt(workspace_id: int, form_id: int, version: int, page: _Unpictured) -> None:
    with db.transaction(workspace_id):
        _sql.run("count_attempt", form_id=form_id, version=version, language=page.language)


def _keep_picture(
    workspace_id: int, form_id: int, version: int, page: _Unpictured, picture: bytes, now: datetime
) -> int:
    sha256 = hashlib.sha256(picture).hexdigest()
    said: dict[str, Value] = {
        "form": str(form_id),
        "version": version,
        "language": page.language,
        "page_sha256": page.html_sha256,
        "picture_sha256": sha256,
        "by": BY,
    }
    with db.transaction(workspace_id):
        kept = _sql.run(
            "set_picture",
            form_id=form_id,
            version=version,
            language=page.language,
            picture=picture,
            picture_sha256=sha256,
            now=now,
        )
        if kept:
            ledger.record_act(workspace_id, Kind.WORDING, said, event_id=new_event_id(now), now=now)
        return kept


@dataclass(frozen=True, slots=True)
class _Version:
    form_id: int
    version: int


@dataclass(frozen=True, slots=True)
class _Unpictured:
    language: str
    html: str
    html_sha256: str
