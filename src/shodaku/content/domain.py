"""What a message is made of: the draft somebody writes, the frozen form that leaves, and what must stand in
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shodaku.content.brand import STACKS, Brand
from shodaku.content.brand_colours import parse_brand_colour
from shodaku.content.carried import (
    FILE_BYTES_MAX,
    FILES_BYTES_MAX,
    FILES_MAX,
    KeptFile,
    MailFile,
    encoded_octets,
    images_named_in,
    with_addresses,
)
from shodaku.content.clicks import LINKS_MAX, PIXEL, Measured, location
from shodaku.content.colours import BLACK, WHITE, Colour, colour_in, contrast, over, parse_colour
from shodaku.content.composed_text import told
from shodaku.content.display import lint_fax, lint_mail, lint_sms
from shodaku.content.document import ALT_CHARACTERS_MAX as BLOCK_ALT_CHARACTERS_MAX
from shodaku.content.document import (
    BLOCKS_MAX,
    DOCUMENT_BYTES_MAX,
    EMPTY,
    KINDS,
    LINE_CHARACTERS_MAX,
    PREHEADER_CHARACTERS_MAX,
    SCHEMA,
    SPACE_PX,
    SPACE_PX_USUAL,
    WORDS_CHARACTERS_MAX,
    Block,
    Button,
    Coupon,
    Document,
    Heading,
    Text,
    Unfinished,
    dump_document,
    images_in,
    kind_of,
    parse_document,
    read_document,
    unfinished,
    written,
)
from shodaku.content.faults import TemplateFault
from shodaku.content.footer import FooterItems, WordsAt, footer_html, footer_text, items_of, seller_text
from shodaku.content.library import Redrawn, Removed, parse_alt
from shodaku.content.merge_fields import FIELDS, LINKS, MergeField, without_slots
from shodaku.content.picture import Picture
from shodaku.content.promotions import Marked, ads_in, without_marks, without_promotions
from shodaku.content.rich_text import HREF_CHARACTERS_MAX, dump_line, dump_prose, malformed
from shodaku.content.source import (
    Language,
    Source,
    Written,
    dump_written,
    images_in_written,
    parse_written,
    read_written,
    source_of,
)
from shodaku.content.typed_text import read_line, read_prose, write_line, write_prose
from shodaku.content.wanted import SenderDisplay, Wanted, wanted_of
from shodaku.content.wrapping import wrapped
from shodaku.policy.domain import Ads, DisplayReport, MessageClass

__all__ = [
    "BLACK",
    "BLOCKS_MAX",
    "BLOCK_ALT_CHARACTERS_MAX",
    "CLIPPED_BYTES",
    "DOCUMENT_BYTES_MAX",
    "EMPTY",
    "FIELDS",
    "FILES_BYTES_MAX",
    "FILES_MAX",
    "FILE_BYTES_MAX",
    "HREF_CHARACTERS_MAX",
    "HTML_BYTES_MAX",
    "KINDS",
    "LINE_CHARACTERS_MAX",
    "LINKS",
    "LINKS_MAX",
    "PREHEADER_CHARACTERS_MAX",
    "SCHEMA",
    "SPACE_PX",
    "SPACE_PX_USUAL",
    "STACKS",
    "SUBJECT_CHARACTERS_MAX",
    "TEXT_BYTES_MAX",
    "WHITE",
    "WORDS_CHARACTERS_MAX",
    "Block",
    "Brand",
    "Button",
    "Colour",
    "Coupon",
    "Document",
    "Draft",
    "FooterItems",
    "Frozen",
    "Heading",
    "KeptFile",
    "Language",
    "MailFile",
    "Marked",
    "Measured",
    "MergeField",
    "Picture",
    "Preview",
    "Redrawn",
    "Removed",
    "SenderDisplay",
    "Source",
    "TemplateFault",
    "Text",
    "Unfinished",
    "Wanted",
    "WordsAt",
    "Written",
    "ads_in",
    "ads_of",
    "colour_in",
    "contrast",
    "dump_document",
    "dump_line",
    "dump_prose",
    "dump_written",
    "encoded_octets",
    "footer_html",
    "footer_text",
    "images_in",
    "images_in_written",
    "images_named_in",
    "items_of",
    "kind_of",
    "lint_fax",
    "lint_mail",
    "lint_sms",
    "location",
    "malformed",
    "over",
    "parse_alt",
    "parse_brand_colour",
    "parse_colour",
    "parse_document",
    "parse_written",
    "read_document",
    "read_line",
    "read_prose",
    "read_written",
    "seller_text",
    "source_of",
    "told",
    "unfinished",
    "wanted_of",
    "with_addresses",
    "without_marks",
    "without_promotions",
    "without_slots",
    "wrapped",
    "write_line",
    "write_prose",
    "written",
]

SUBJECT_CHARACTERS_MAX: Final = 200
TEXT_BYTES_MAX: Final = 200_000
CLIPPED_BYTES: Final = 102_400  # Gmail shows no more of the HTML than that, and so perhaps not the display
HTML_BYTES_MAX: Final = 500_000  # beyond half a megabyte no mail is a letter any more


@dataclass(frozen=True, slots=True)
class Draft:
    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Ready to be compiled: only merge fields are open, and the legal display is part of both bodies.

    `display` is of the rendered mail to the sample person; `without_ads` is the reduced form, footer
    included, of a notice with incidental advertising, its html "" where it has none.
    """

    subject: str
    text: str
    html: str | None
    links: tuple[str, ...]  # targets of those that are counted
    ads: Ads
    display: DisplayReport
    content_sha256: str
    without_ads: Draft | None = None
    files: tuple[KeptFile, ...] = ()

    @property
    def attachments(self) -> tuple[KeptFile, ...]:
        """The files that stand nowhere in the HTML."""
        shown = images_named_in(self.html or "")
        return tuple(each for each in self.files if not each.is_image or each.reference not in shown)

    @property
    def open_pixel(self) -> bool:
        return PIXEL in (self.html or "")


@dataclass(frozen=True, slots=True)
class Preview:
    subject: str
    text: str
    html: str | None


def ads_of(message_class: MessageClass) -> Ads:
    """Of a class as such: advertising from its first line, whatever is marked in it; a survey too (SE-28)."""
    advertising = message_class in (MessageClass.ADVERTISING, MessageClass.SURVEY)
    return Ads.MAIN if advertising else Ads.NONE
