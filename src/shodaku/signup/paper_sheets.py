"""A form for paper: its words are frozen when it is first made; each print is set from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from psycopg.types.json import Jsonb

from shodaku.consent import services as consent
from shodaku.consent.services import WordingKind
from shodaku.kit import db, typesetting
from shodaku.kit.errors import WrongUse
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.signup import selectors
from shodaku.signup.paper_wording import PaperWording, paper_wording, wording_json, wording_of_json
from shodaku.signup.sending import new_event_id, sha256_of
from shodaku.signup.sheet_code import PaperFault, SheetCode, Unwritten, parse_code, printed_code

LANGUAGES: Final = ("ja", "en")
SHEETS_SHOWN_MAX: Final = 100
_TEMPLATE: Final = files("shodaku.signup") / "print" / "sheet.typ"

_sql = db.Statements("shodaku.signup")


class NoSheet(WrongUse):
    """No sheet of this form, version and language was made."""

    code = "no_sheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    code: SheetCode
    wording: PaperWording
    wording_sha256: str
    made_at: datetime
    published_at: datetime  # of its version


@dataclass(frozen=True, slots=True)
class Made:
    version: int
    language: str
    made_at: datetime


def make_sheet(workspace_id: int, code: SheetCode, *, staff_id: int | None, now: datetime) -> str:
    """The sheet exists from now on, with the words that its version has; the code that it bears.

    Made again, it stays what it was. Raises NoSheet for a version that was never published, or is withdrawn;
    VaultAway.
    """
    with db.transaction(workspace_id):
        _sql.scalar("lock_form", form_id=code.form_id)
        found = selectors.form_version(workspace_id, code.form_id, code.version)
        if found is None or code.language not in LANGUAGES or is_withdrawn(workspace_id, code):
            raise NoSheet
        wording = paper_wording(found.published, code.language)
        made = _sql.run(
            "insert_sheet",
            form_id=code.form_id,
            version=code.version,
            language=code.language,
            wording=Jsonb(wording_json(wording)),
            sha256=sha256_of(wording.text),
            staff_id=staff_id,
            now=now,
        )
        if made:
            consent.keep_wording(
                workspace_id, WordingKind.FORM, code.form_id, wording.text, staff_id=staff_id, now=now
            )
            said: dict[str, Value] = {
                "form": str(code.form_id),
                "version": code.version,
                "form_sha256": found.sha256,
                "wording_sha256": sha256_of(wording.text),
                "paper": printed_code(workspace_id, code),
                "by": str(staff_id or ""),
            }
            ledger.record_act(workspace_id, Kind.WORDING, said, event_id=new_event_id(now), now=now)
    return printed_code(workspace_id, code)


def sheet(workspace_id: int, code: SheetCode) -> Sheet:
    """Raises NoSheet."""
    with db.transaction(workspace_id):
        row = _sql.row(
            "get_sheet_words", _Row, form_id=code.form_id, version=code.version, language=code.language
        )
    if row is None:
        raise NoSheet
    return Sheet(code, wording_of_json(row.wording), row.wording_sha256, row.made_at, row.published_at)


def sheet_by_code(workspace_id: int, text: str) -> Sheet:
    """As somebody copied the code from the paper. Raises Unwritten(NO_CODE), Unwritten(TAKEN_BACK)."""
    try:
        found = sheet(workspace_id, parse_code(workspace_id, text))
    except NoSheet:
        raise Unwritten(PaperFault.NO_CODE) from None
    if is_withdrawn(workspace_id, found.code):
        raise Unwritten(PaperFault.TAKEN_BACK)
    return found


def sheets_made(workspace_id: int, form_id: int) -> list[Made]:
    """Newest version first, Japanese before English."""
    with db.transaction(workspace_id):
        return _sql.rows("list_sheets_made", Made, form_id=form_id, rows_max=SHEETS_SHOWN_MAX)


def print_sheet(workspace_id: int, made: Sheet, *, now: datetime) -> bytes:
    """A PDF on A4. Raises NoPaper, NoJapaneseFont, NotSet."""
    wording = made.wording
    english = wording.language == "en"
    content = {
        "language": wording.language,
        "code": printed_code(workspace_id, made.code),
        "code_label": "Code" if english else "コード",
        "title": wording.title,
        "introduction": wording.introduction,
        "incentive": wording.incentive,
        "choice": wording.choice,
        "hint": wording.choice_hint,
        "boxes": [[box.title, box.text] for box in wording.boxes],
        "lines": list(wording.lines),
        "terms": [[term.title, term.text] for term in wording.terms],
        "privacy": wording.privacy,
    }
    return typesetting.set_pdf(_TEMPLATE, content, made_at=now)


def is_withdrawn(workspace_id: int, code: SheetCode) -> bool:
    """Were the words that are printed on it taken back? Then nobody agrees to them any more."""
    return code.version in selectors.withdrawn(workspace_id, code.form_id)


@dataclass(frozen=True, slots=True)
class _Row:
    form_id: int
    version: int
    language: str
    wording: Mapping[str, Any]  # JSON
    wording_sha256: str
    made_at: datetime
    published_at: datetime
