"""Pictures are added to the library, described and removed here; each time the ledger says so.

A picture that a sent mailing or a draft shows is put away and goes on being served: a mail lies in its
mailbox for years. Somebody who must take it down everywhere says so, and then its bytes are gone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shodaku.content.library import PICTURES_MAX, Redrawn, Removed, parse_alt
from shodaku.content.media import CHANCE_BYTES, token_of, tokens_in
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

_sql = db.Statements("shodaku.content")


class TooManyPictures(WrongUse):
    """A workspace keeps at most 2,000 pictures; delete those that are not used any more."""

    code = "pictures_too_many"


class PictureIsLogo(WrongUse):
    """The picture is the logo of the workspace; choose another logo first."""

    code = "picture_is_logo"


class NoPicture(WrongUse):
    """There is no such picture in the library."""

    code = "picture_unknown"


def add_pictures(workspace_id: int, pictures: Sequence[Redrawn], *, by: str, now: datetime) -> list[UUID]:
    """In their order; each waits for its description before it is offered. Raises TooManyPictures."""
    with db.transaction(workspace_id):
        _sql.scalar("lock_pictures")
        if _sql.scalar("count_pictures", most=PICTURES_MAX) + len(pictures) > PICTURES_MAX:
            raise TooManyPictures
        return [_add(workspace_id, each, by, now) for each in pictures]


def describe_picture(workspace_id: int, image_id: UUID, alt: str, *, by: str, now: datetime) -> bool:
    """For mails written from now on; what was sent keeps its words. False: it says so already.

    Raises TemplateFault.
    """
    said = parse_alt(alt)
    with db.transaction(workspace_id):
        if not _sql.run("describe_picture", image_id=image_id, alt=said):
            return False
        _record(workspace_id, "admin.picture.described", {"picture": str(image_id), "by": by}, now)
        return True


def remove_picture(
    workspace_id: int, image_id: UUID, *, drafted: bool, everywhere: bool, by: str, now: datetime
) -> Removed:
    """`drafted`: a draft or template shows it. `everywhere`: sent mails shall not show it any more either.

    Raises NoPicture, PictureIsLogo.
    """
    with db.transaction(workspace_id):
        _sql.scalar("lock_pictures")
        if _sql.scalar("is_logo", image_id=image_id):
            raise PictureIsLogo
        needed = drafted or bool(_sql.scalars("list_showing_mailings", image_id=image_id, most=1))
        if needed and not everywhere:
            return _put_away(workspace_id, image_id, by, now)
        if not _sql.run("delete_picture", image_id=image_id):
            raise NoPicture
        _record(workspace_id, "admin.picture.deleted", {"picture": str(image_id), "by": by}, now)
        return Removed.DELETED


def show_pictures(mailing_id: int, html: str | None) -> None:
    """In the open transaction of a launch: what this mailing shows stays served from here on."""
    tokens = tokens_in(html or "")
    if tokens:
        _sql.scalar("lock_pictures")
        _sql.run("insert_shown_pictures", mailing_id=mailing_id, tokens=tokens)


def _put_away(workspace_id: int, image_id: UUID, by: str, now: datetime) -> Removed:
    if not _sql.run("put_away_picture", image_id=image_id, now=now):
        raise NoPicture
    _record(workspace_id, "admin.picture.put_away", {"picture": str(image_id), "by": by}, now)
    return Removed.PUT_AWAY


def _add(workspace_id: int, picture: Redrawn, by: str, now: datetime) -> UUID:
    image_id = uuid7(now, os.urandom(10))
    _sql.run(
        "insert_picture",
        image_id=image_id,
        token=token_of(workspace_id, os.urandom(CHANCE_BYTES)),
        media_type=picture.media_type,
        width_px=picture.width_px,
        height_px=picture.height_px,
        body=picture.body,
        small=picture.small,
        now=now,
    )
    said: dict[str, Value] = {"picture": str(image_id), "sha256": picture.sha256}
    said |= {"bytes": len(picture.body), "by": by}
    _record(workspace_id, "admin.picture.added", said, now)
    return image_id


def _record(workspace_id: int, kind: str, said: dict[str, Value], now: datetime) -> None:
    ledger.record_act_even_without_vault(
        workspace_id, kind, said, event_id=uuid7(now, os.urandom(10)), now=now
    )
