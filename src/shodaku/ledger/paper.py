"""The paper form of a bundle: a PDF/A in Japanese or English, with the bundle itself attached.

Values reach the typesetter as data and stand in the document as text; the template holds no value. Nothing is
fetched, and the same input gives the same bytes.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

from shodaku.kit.errors import OutOfReach, ShodakuError, WrongUse
from shodaku.ledger.paper_bundle import Checkpoint, parse_bundle
from shodaku.ledger.paper_pictures import PictureUnreadable, checked_pictures, file_name, place
from shodaku.ledger.paper_words import Json, Language, describe, name_of, spelled, visible, words_in

if TYPE_CHECKING:
    import typst

TEMPLATE: Final = files("shodaku.ledger") / "print" / "bundle.typ"

PICTURE: Final = "picture_sha256"
KEYS_MAX: Final = 20
VKEY: Final = re.compile(r"[^+\s]{1,200}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{4,100}={0,2}")  # C2SP signed-note
SENDER_CHARS_MAX: Final = 200
QR_BYTES_MAX: Final = 900  # 113 dots a side at level M: 0.4 mm each on 46 mm, which telephones still read
SPELLINGS_MAX: Final = 5  # rounds; the typesetter names all that it lacks at once
# empty ones: the typesetter keeps what its last ten runs used, names included, 150 MB for 500 events
FORGETTING_RUNS: Final = 11
# PDF/A-3 may carry files; level a holds all of level b, and with PDF/UA it can be read aloud
STANDARDS: Final[tuple[Literal["a-3a"], Literal["ua-1"]]] = ("a-3a", "ua-1")

# the first that is installed; after these any font that has the letter
SERIF: Final = (
    "Noto Serif CJK JP",
    "Noto Serif JP",
    "Source Han Serif JP",
    "Hiragino Mincho ProN",
    "Yu Mincho",
)
SANS: Final = ("Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans JP", "Hiragino Sans", "Yu Gothic")
MONO: Final = "DejaVu Sans Mono"  # comes with the typesetter
FALLBACK: Final = "Libertinus Serif"  # too
JAPANESE: Final = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff9f]")
LACKING: Final = re.compile(r'the text `"(.+?)"` could not be displayed')
RUST_ESCAPE: Final = re.compile(r"\\u\{([0-9a-f]{1,6})\}")


class NoPaper(OutOfReach):
    """Paper needs two more libraries: pip install 'shodaku[pdf]'."""

    code = "no_paper"


class NoJapaneseFont(OutOfReach):
    """No font with Japanese letters is installed; install Noto Sans CJK JP (fonts-noto-cjk)."""

    code = "no_japanese_font"


class NoKeyOfLog(WrongUse):
    """Name the verifier key of the log that this bundle comes from."""

    code = "no_key_of_log"


class NotSet(ShodakuError):
    """The document could not be set."""

    code = "not_set"


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
    _need_libraries()
    shown, words = parse_bundle(bundle), words_in(language)
    _check_keys(vkeys, shown.checkpoint)
    ordered = checked_pictures(pictures or {}, shown.digests(PICTURE))
    encoded, whole = qr_text(shown.checkpoint)
    content = {
        **describe(shown, words, sender_name=sender_name, made_at=made_at, vkeys=vkeys, pictures=[*ordered]),
        "qr": _qr(encoded),
        "qr_caption": words.say("qr_whole" if whole else "qr_head"),
        "pictures": [place(n, digest, png, words) for n, (digest, png) in enumerate(ordered.items(), 1)],
    }
    return _set(content, shown.file, [*ordered.values()], made_at)


def qr_text(checkpoint: Checkpoint) -> tuple[str, bool]:
    """What the QR code holds, and whether that is the whole signed note: else origin, size and root."""
    whole = len(checkpoint.note.encode()) <= QR_BYTES_MAX
    return (checkpoint.note if whole else checkpoint.head), whole


def _need_libraries() -> None:
    try:
        import segno  # noqa: F401, PLC0415 - an extra: the server runs without it
        import typst  # noqa: F401, PLC0415
    except ImportError as absent:
        raise NoPaper from absent


def _check_keys(vkeys: Sequence[str], checkpoint: Checkpoint) -> None:
    well_formed = all(VKEY.fullmatch(vkey) and visible(vkey) == vkey for vkey in vkeys)
    if len(vkeys) > KEYS_MAX or not well_formed or checkpoint.origin not in map(name_of, vkeys):
        raise NoKeyOfLog


def _qr(text: str) -> str:
    """SVG of black dots, with the margin that readers need (ISO/IEC 18004: four dots)."""
    import segno  # noqa: PLC0415 - an extra

    code = segno.make(text, error="m", encoding="utf-8", micro=False)
    return code.svg_inline(border=4, light="#ffffff", omitsize=True)


def _set(content: Mapping[str, Json], file: bytes, pictures: Sequence[bytes], made_at: datetime) -> bytes:
    """Raises NoJapaneseFont, PictureUnreadable, NotSet."""
    import typst  # noqa: PLC0415 - an extra

    fonts = typst.Fonts()
    installed = fonts.families()
    sans = _first(SANS, installed)
    chosen = {"serif": [_first(SERIF, installed)], "sans": [sans], "mono": [MONO, sans]}
    paper = json.dumps({**content, "fonts": chosen}, ensure_ascii=False)
    with tempfile.TemporaryDirectory(prefix="shodaku-paper-") as folder:  # all that the template can open
        for number, png in enumerate(pictures, 1):
            (Path(folder) / file_name(number)).write_bytes(png)
        compiler = typst.Compiler(root=folder, font_paths=fonts)
        try:
            return _compiled(compiler, paper, file.decode(), made_at)
        finally:
            for _ in range(FORGETTING_RUNS):
                compiler.compile(b"")


def _compiled(compiler: typst.Compiler, paper: str, bundle: str, made_at: datetime) -> bytes:
    """Letters that no font has are spelled out: PDF/A knows no empty boxes."""
    import typst  # noqa: PLC0415 - an extra

    zone = timezone(made_at.utcoffset() or timedelta())  # a fixed one: the typesetter takes no other
    for _ in range(SPELLINGS_MAX):
        try:
            pdf = compiler.compile(
                TEMPLATE.read_bytes(),
                sys_inputs={"paper": paper, "bundle": bundle},
                pdf_standards=[*STANDARDS],
                timestamp=made_at.astimezone(zone).replace(microsecond=0),
            )
        except typst.TypstError as fault:
            paper = _spell(paper, _lacking(fault))
        else:
            return cast("bytes", pdf)  # a list only of pictures, None only of a written file
    raise NotSet


def _lacking(fault: typst.TypstError) -> set[str]:
    """Characters for which no font was found; raises what else the fault says."""
    clusters = [RUST_ESCAPE.sub(_unescaped, each) for each in LACKING.findall(fault.diagnostic)]
    lacking = {character for cluster in clusters for character in cluster if not character.isascii()}
    if any(map(JAPANESE.match, lacking)):
        raise NoJapaneseFont from fault
    if not lacking:
        raise (PictureUnreadable if "image" in fault.message else NotSet) from fault
    return lacking


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _spell(paper: str, lacking: Collection[str]) -> str:
    return paper.translate({ord(character): spelled(character) for character in lacking})


def _first(families: Sequence[str], installed: Collection[str]) -> str:
    return next((family for family in families if family in installed), FALLBACK)
