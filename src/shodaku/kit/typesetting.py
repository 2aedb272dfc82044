"""PDFs: a template of ours, values that it reads as data, fonts of the machine, and QR codes.

Values stand in the document as text; the template holds no value. Nothing is fetched, and the same input
gives the same bytes.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta, timezone
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from shodaku.kit.errors import OutOfReach, ShodakuError

if TYPE_CHECKING:
    import typst

SPELLINGS_MAX: Final = 5  # rounds; the typesetter names all that it lacks at once
# empty ones: the typesetter keeps what its last ten runs used, names included, 150 MB for 500 events
FORGETTING_RUNS: Final = 11
# PDF/A-3 may carry files; level a holds all of level b, and with PDF/UA it can be read aloud
STANDARDS: Final[tuple[Literal["a-3a"], Literal["ua-1"]]] = ("a-3a", "ua-1")
QR_MARGIN_DOTS: Final = 4  # ISO/IEC 18004: what readers need around a code

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


class NotSet(ShodakuError):
    """The document could not be set."""

    code = "not_set"


class ImageNotSet(NotSet):
    """One of the pictures could not be read by the typesetter."""


def need_libraries() -> None:
    """Raises NoPaper."""
    try:
        import segno  # noqa: F401, PLC0415 - an extra: the server runs without it
        import typst  # noqa: F401, PLC0415
    except ImportError as absent:
        raise NoPaper from absent


def qr_svg(text: str) -> str:
    """SVG of black dots with the margin that readers need, at level M."""
    import segno  # noqa: PLC0415 - an extra

    code = segno.make(text, error="m", encoding="utf-8", micro=False)
    return code.svg_inline(border=QR_MARGIN_DOTS, light="#ffffff", omitsize=True)


def set_pdf(
    template: Traversable,
    content: Mapping[str, Any],  # Any: JSON
    *,
    made_at: datetime,
    inputs: Mapping[str, str] | None = None,
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """`content` is what the template reads as `sys.inputs.paper`, with the fonts besides; `inputs` stand
    next to it, and `pictures` are all the files that it can open.

    Raises NoPaper, NoJapaneseFont, ImageNotSet, NotSet; ValueError for a time without zone.
    """
    if made_at.utcoffset() is None:
        raise ValueError("the time needs its zone")
    need_libraries()
    import typst  # noqa: PLC0415 - an extra

    fonts = typst.Fonts()
    installed = fonts.families()
    sans = _first(SANS, installed)
    chosen = {"serif": [_first(SERIF, installed)], "sans": [sans], "mono": [MONO, sans]}
    paper = json.dumps({**content, "fonts": chosen}, ensure_ascii=False)
    with tempfile.TemporaryDirectory(prefix="shodaku-paper-") as folder:
        for name, picture in (pictures or {}).items():
            (Path(folder) / name).write_bytes(picture)
        compiler = typst.Compiler(root=folder, font_paths=fonts)
        try:
            return _compiled(compiler, template.read_bytes(), paper, inputs or {}, made_at)
        finally:
            for _ in range(FORGETTING_RUNS):
                compiler.compile(b"")


def spelled(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _compiled(
    compiler: typst.Compiler, template: bytes, paper: str, inputs: Mapping[str, str], made_at: datetime
) -> bytes:
    """Letters that no font has are spelled out: PDF/A knows no empty boxes."""
    import typst  # noqa: PLC0415 - an extra

    zone = timezone(made_at.utcoffset() or timedelta())  # a fixed one: the typesetter takes no other
    for _ in range(SPELLINGS_MAX):
        try:
            pdf = compiler.compile(
                template,
                sys_inputs={"paper": paper, **inputs},
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
        raise (ImageNotSet if "image" in fault.message else NotSet) from fault
    return lacking


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _spell(paper: str, lacking: Collection[str]) -> str:
    return paper.translate({ord(character): spelled(character) for character in lacking})


def _first(families: Collection[str], installed: Collection[str]) -> str:
    return next((family for family in families if family in installed), FALLBACK)
