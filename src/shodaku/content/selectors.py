"""The files that a mailing carries, the library of pictures, the brand of a workspace, its back numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shodaku.content.brand import Brand
from shodaku.content.carried import MailFile
from shodaku.content.kept_templates import NAME_CHARACTERS_MAX, TEMPLATES_MAX
from shodaku.content.library import (
    ALT_CHARACTERS_MAX,
    AT_ONCE_BYTES_MAX,
    AT_ONCE_MAX,
    PAGE_PICTURES,
    PICTURES_MAX,
    KeptBrand,
    KeptPicture,
    NamedPicture,
    PictureBody,
)
from shodaku.content.media import workspace_of
from shodaku.content.our_templates import OurTemplate, our_templates
from shodaku.content.page_brand import PageBrand, fitting, stylesheet_path
from shodaku.content.picture import Picture
from shodaku.content.source import Written, parse_written
from shodaku.kit import db, runtime

__all__ = [
    "ALT_CHARACTERS_MAX",
    "AT_ONCE_BYTES_MAX",
    "AT_ONCE_MAX",
    "NAME_CHARACTERS_MAX",
    "PAGE_NUMBERS",
    "PAGE_PICTURES",
    "PICTURES_MAX",
    "BackNumber",
    "KeptPicture",
    "OurTemplate",
    "Template",
    "TemplateLine",
    "archived_topics",
    "back_number",
    "back_number_html",
    "back_number_of",
    "back_numbers",
    "brand",
    "file_body",
    "files_of",
    "found_by_search",
    "is_in_template",
    "library",
    "our_templates",
    "page_brand",
    "picture",
    "picture_body",
    "pictures",
    "showing_mailings",
    "template",
    "templates",
    "topics_found_by_search",
    "undescribed",
]

PAGE_NUMBERS: Final = 20

_sql = db.Statements("shodaku.content")


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A template of the workspace in a list."""

    template_id: int
    name: str
    subject: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Template:
    """What a campaign begins with."""

    name: str
    subject: str
    document: Written


@dataclass(frozen=True, slots=True)
class _KeptTemplate:
    name: str
    subject: str
    document: dict[str, object]


@dataclass(frozen=True, slots=True)
class BackNumber:
    """A sent campaign that everybody may see; its HTML is read apart."""

    back_number_id: int
    campaign_id: int
    topic_id: int
    subject: str
    text: str
    sent_at: datetime
    published_at: datetime


def files_of(workspace_id: int, mailing_id: int) -> list[MailFile]:
    """With their content, in the order of the mail."""
    with db.transaction(workspace_id):
        return _sql.rows("list_mailing_files", MailFile, mailing_id=mailing_id)


def file_body(workspace_id: int, sha256: str) -> bytes | None:
    with db.transaction(workspace_id):
        body: bytes | None = _sql.scalar("get_file", sha256=sha256)
    return body


def pictures(workspace_id: int, image_ids: Sequence[UUID]) -> dict[UUID, Picture]:
    """Those of the asked that are served, described; also what was put away since."""
    if not image_ids:
        return {}
    with db.transaction(workspace_id):
        found = _sql.rows("get_pictures", NamedPicture, image_ids=list(image_ids))
    here = runtime.current().public_url
    return {each.image_id: each.at(here) for each in found}


def picture(workspace_id: int, image_id: UUID) -> KeptPicture | None:
    with db.transaction(workspace_id):
        return _sql.row("get_picture", KeptPicture, image_id=image_id)


def library(workspace_id: int, *, before: UUID | None = None, most: int = PAGE_PICTURES) -> list[KeptPicture]:
    """Those that are offered, newest first, from the one after `before`."""
    with db.transaction(workspace_id):
        return _sql.rows("list_pictures", KeptPicture, before=before, most=most)


def undescribed(workspace_id: int) -> list[KeptPicture]:
    """Those that wait for words, the first ten."""
    with db.transaction(workspace_id):
        return _sql.rows("list_undescribed_pictures", KeptPicture, most=AT_ONCE_MAX)


def showing_mailings(workspace_id: int, image_id: UUID, *, most: int) -> list[int]:
    """Sent mailings that show it, the newest first."""
    with db.transaction(workspace_id):
        return _sql.scalars("list_showing_mailings", image_id=image_id, most=most)


def picture_body(token: str, *, small: bool) -> PictureBody | None:
    """What the world gets behind a public address; None for an address of nothing."""
    workspace_id = workspace_of(token)
    if workspace_id is None:
        return None
    with db.transaction(workspace_id):
        return _sql.row("get_picture_body", PictureBody, token=token, small=small)


def brand(workspace_id: int) -> Brand:
    """As mails show it; where nobody chose anything, the usual one."""
    kept = _brand(workspace_id)
    if kept is None:
        return Brand()
    logo = kept.logo
    return Brand(kept.colour, logo.at(runtime.current().public_url) if logo else None, kept.font)


def page_brand(workspace_id: int) -> PageBrand | None:
    """As public pages show it; None: nobody chose anything."""
    kept = _brand(workspace_id)
    if kept is None:
        return None
    logo = kept.logo
    shown = fitting(logo.path, logo.alt, logo.width_px, logo.height_px) if logo else None
    return PageBrand(stylesheet_path(kept.colour), shown)


def _brand(workspace_id: int) -> KeptBrand | None:
    with db.transaction(workspace_id):
        return _sql.row("get_brand", KeptBrand)


def archived_topics(workspace_id: int) -> list[int]:
    """Topics that have back numbers."""
    with db.transaction(workspace_id):
        return _sql.scalars("list_archived_topics")


def back_numbers(
    workspace_id: int, topic_id: int, *, before: int | None = None, most: int = PAGE_NUMBERS
) -> list[BackNumber]:
    """Newest first, from the one after `before`."""
    with db.transaction(workspace_id):
        return _sql.rows("list_back_numbers", BackNumber, topic_id=topic_id, before=before, most=most)


def back_number(workspace_id: int, topic_id: int, back_number_id: int) -> BackNumber | None:
    with db.transaction(workspace_id):
        return _sql.row("get_back_number", BackNumber, topic_id=topic_id, back_number_id=back_number_id)


def back_number_html(workspace_id: int, topic_id: int, back_number_id: int) -> str | None:
    """None: it has a text alone, or there is none."""
    with db.transaction(workspace_id):
        html: str | None = _sql.scalar(
            "get_back_number_html", topic_id=topic_id, back_number_id=back_number_id
        )
    return html


def back_number_of(workspace_id: int, campaign_id: int) -> BackNumber | None:
    with db.transaction(workspace_id):
        return _sql.row("get_back_number_of", BackNumber, campaign_id=campaign_id)


def found_by_search(workspace_id: int, topic_id: int) -> bool:
    """Whether search engines may list the back numbers of this topic."""
    with db.transaction(workspace_id):
        return bool(_sql.scalar("get_archive_choice", topic_id=topic_id))


def topics_found_by_search(workspace_id: int) -> list[int]:
    with db.transaction(workspace_id):
        return _sql.scalars("list_archive_choices")


def templates(workspace_id: int) -> list[TemplateLine]:
    """Those of the workspace that are offered, newest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_templates", TemplateLine, most=TEMPLATES_MAX)


def template(workspace_id: int, template_id: int) -> Template | None:
    with db.transaction(workspace_id):
        kept = _sql.row("get_template", _KeptTemplate, template_id=template_id)
    return None if kept is None else Template(kept.name, kept.subject, parse_written(kept.document))


def is_in_template(workspace_id: int, image_id: UUID) -> bool:
    """Whether a template that is offered shows this picture."""
    with db.transaction(workspace_id):
        return bool(_sql.scalar("is_in_template", image_id=image_id))
