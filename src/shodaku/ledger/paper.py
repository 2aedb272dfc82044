"""The paper form of a bundle: a PDF/A in Japanese or English, with the bundle itself attached.

Values reach the typesetter as data and stand in the document as text; the template holds no value. Nothing is
fetched, and the same input gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Final

from shodaku.kit.errors import WrongUse
from shodaku.kit.typesetting import ImageNotSet, NoJapaneseFont, NoPaper, need_libraries, qr_svg, set_pdf
from shodaku.ledger.paper_bundle import Checkpoint, parse_bundle
from shodaku.ledger.paper_pictures import PictureUnreadable, checked_pictures, file_name, place
from shodaku.ledger.paper_words import Language, describe, name_of, visible, words_in

__all__ = ["NoJapaneseFont", "NoKeyOfLog", "NoPaper", "make_pdf", "qr_text"]

TEMPLATE: Final = files("shodaku.ledger") / "print" / "bundle.typ"

PICTURE: Final = "picture_sha256"
KEYS_MAX: Final = 20
VKEY: Final = re.compile(r"[^+\s]{1,200}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{4,100}={0,2}")  # C2SP signed-note
SENDER_CHARS_MAX: Final = 200
QR_BYTES_MAX: Final = 900  # 113 dots a side at level M: 0.4 mm each on 46 mm, which telephones still read


class NoKeyOfLog(WrongUse):
    """Name the verifier key of the log that this bundle comes from."""

    code = "no_key_of_log"


def make_pdf(
    bundle: Mapping[str, object],
    *,
    language: Language,
    sender_name: str,
    made_at: datetime,
    vkeys: Sequence[str],
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """A reading copy of a bundle that was verified; the bundle is attached to it.

    `vkeys`: of the log, and of its witnesses. `pictures`: PNG of what was on the screen, by SHA-256 in hex,
    each named by an event's `picture_sha256`.

    Raises NoPaper, NoJapaneseFont, NoKeyOfLog, TooManyPictures, PictureMismatch, PictureUnreadable,
    BundleUnreadable, TooManyEvents, TooMuchText; ValueError for a time without zone or a name of a sender
    that is too long.
    """
    if made_at.utcoffset() is None or len(sender_name) > SENDER_CHARS_MAX:
        raise ValueError("the time needs its zone, the name at most 200 characters")
    need_libraries()
    shown, words = parse_bundle(bundle), words_in(language)
    _check_keys(vkeys, shown.checkpoint)
    ordered = checked_pictures(pictures or {}, shown.digests(PICTURE))
    encoded, whole = qr_text(shown.checkpoint)
    content = {
        **describe(shown, words, sender_name=sender_name, made_at=made_at, vkeys=vkeys, pictures=[*ordered]),
        "qr": qr_svg(encoded),
        "qr_caption": words.say("qr_whole" if whole else "qr_head"),
        "pictures": [place(n, digest, png, words) for n, (digest, png) in enumerate(ordered.items(), 1)],
    }
    try:
        return set_pdf(
            TEMPLATE,
            content,
            made_at=made_at,
            inputs={"bundle": shown.file.decode()},
            pictures={file_name(number): png for number, png in enumerate(ordered.values(), 1)},
        )
    except ImageNotSet as fault:
        raise PictureUnreadable from fault


def qr_text(checkpoint: Checkpoint) -> tuple[str, bool]:
    """What the QR code holds, and whether that is the whole signed note: else origin, size and root."""
    whole = len(checkpoint.note.encode()) <= QR_BYTES_MAX
    return (checkpoint.note if whole else checkpoint.head), whole


def _check_keys(vkeys: Sequence[str], checkpoint: Checkpoint) -> None:
    well_formed = all(VKEY.fullmatch(vkey) and visible(vkey) == vkey for vkey in vkeys)
    if len(vkeys) > KEYS_MAX or not well_formed or checkpoint.origin not in map(name_of, vkeys):
        raise NoKeyOfLog
