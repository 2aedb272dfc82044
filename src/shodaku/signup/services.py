"""Forms are published here; people ask, confirm or decline. The one place where a suppression is lifted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from shodaku.kit import db
from shodaku.signup.answering import (
    NothingTicked,
    confirm_signup,
    decline_signup,
    offered_in,
    read_link,
    sender_in,
    taken_back,
)
from shodaku.signup.asking import request_more, request_move, request_signup
from shodaku.signup.asking_again import ask_again
from shodaku.signup.desks import (
    DESK_CHARS_MAX,
    DESK_ROWS,
    HOURS,
    PLACE_CHARS_MAX,
    Desk,
    DeskShut,
    NewDesk,
    UnfitHours,
    UnfitPlace,
    close_desk,
    desk,
    desk_token,
    desks,
    open_desk,
    press_at_desk,
    read_desk,
)
from shodaku.signup.domain import MONTH_DAYS, FormDefinition, NewForm
from shodaku.signup.drafting import NoVersion, Plan, in_language, plan, save_draft, withdraw_version
from shodaku.signup.empty_mail import (
    Answered,
    EmptyMail,
    FormMail,
    NotPublished,
    answer_empty_mail,
    close_form_mail,
    form_mail,
    joined,
    open_form_mail,
)
from shodaku.signup.flood import Flood, Limits, admit, limits
from shodaku.signup.flood import held as form_held
from shodaku.signup.flood import sweep as sweep_floods
from shodaku.signup.in_app import (
    WORDING_CHARACTERS_MAX as APP_WORDING_CHARACTERS_MAX,
)
from shodaku.signup.in_app import (
    NoTopics,
    NoWording,
    OtherSenders,
    SwitchedOn,
    UnfitWording,
    WordingTooLong,
    app_wordings,
    keep_app_wording,
    switch_on,
)
from shodaku.signup.mail_proof import NoServer
from shodaku.signup.own_forms import Declared, read_form, read_requires
from shodaku.signup.page_reader import UnreadablePage, decode_page
from shodaku.signup.pages import defer_due, keep_missing_pages, take_pictures
from shodaku.signup.paper_settling import BLOCKED, NEVER, TAKEN_BACK, ProofMissing, Settled, ask_due
from shodaku.signup.paper_sheets import (
    LANGUAGES,
    Made,
    NoSheet,
    Sheet,
    make_sheet,
    print_sheet,
    sheet,
    sheet_by_code,
    sheets_made,
)
from shodaku.signup.papers import (
    NewBatch,
    NotSettled,
    SameHands,
    SheetTaken,
    TooManySheets,
    Waits,
    add_sheets,
    destroy_originals,
    discard,
    key_in,
    open_batch,
    park,
    scan_of,
    take_up,
)
from shodaku.signup.policies import keep_policies, keep_policy
from shodaku.signup.posters import PaperSize, Poster, add_source, poster_pdf
from shodaku.signup.proving import prove
from shodaku.signup.publishing import (
    FormExists,
    FormRefused,
    NoForm,
    NoTopic,
    OtherSender,
    change_ways,
    create_form,
    publish,
)
from shodaku.signup.reception import advice as reception_advice
from shodaku.signup.recording import Incomplete, Recorded, ToldConsent, record_told_consent
from shodaku.signup.sending import NoSender, offered, sha256_of, shown_sender
from shodaku.signup.sheet_code import PaperFault, SheetCode, Unwritten, parse_code, printed_code
from shodaku.signup.sheets import (
    NOTE_CHARS_MAX,
    OPEN,
    SHEETS_OF_A_BATCH_MAX,
    WORD_CHARS_MAX,
    Checking,
    Difference,
    Doubt,
    Keyed,
    ParkReason,
    SheetState,
    differences,
    doubts,
    parse_word,
    require_day,
    require_topics,
)
from shodaku.signup.showing import as_document

__all__ = [
    "APP_WORDING_CHARACTERS_MAX",
    "BLOCKED",
    "DESK_CHARS_MAX",
    "DESK_ROWS",
    "HOURS",
    "LANGUAGES",
    "NEVER",
    "NOTE_CHARS_MAX",
    "OPEN",
    "PLACE_CHARS_MAX",
    "SHEETS_OF_A_BATCH_MAX",
    "TAKEN_BACK",
    "WORD_CHARS_MAX",
    "Answered",
    "Checking",
    "Declared",
    "Desk",
    "DeskShut",
    "Difference",
    "Doubt",
    "EmptyMail",
    "Flood",
    "FormDefinition",
    "FormExists",
    "FormMail",
    "FormRefused",
    "Incomplete",
    "Keyed",
    "Limits",
    "Made",
    "NewBatch",
    "NewDesk",
    "NewForm",
    "NoForm",
    "NoSender",
    "NoServer",
    "NoSheet",
    "NoTopic",
    "NoTopics",
    "NoVersion",
    "NoWording",
    "NotPublished",
    "NotSettled",
    "NothingTicked",
    "OtherSender",
    "OtherSenders",
    "PaperFault",
    "PaperSize",
    "ParkReason",
    "Plan",
    "Poster",
    "ProofMissing",
    "Recorded",
    "SameHands",
    "Settled",
    "Sheet",
    "SheetCode",
    "SheetState",
    "SheetTaken",
    "SwitchedOn",
    "ToldConsent",
    "TooManySheets",
    "UnfitHours",
    "UnfitPlace",
    "UnfitWording",
    "UnreadablePage",
    "Unwritten",
    "Waits",
    "WordingTooLong",
    "add_sheets",
    "add_source",
    "admit",
    "answer_empty_mail",
    "app_wordings",
    "as_document",
    "ask_again",
    "ask_due",
    "change_ways",
    "close_desk",
    "close_form_mail",
    "confirm_signup",
    "create_form",
    "decline_signup",
    "decode_page",
    "defer_due",
    "desk",
    "desk_token",
    "desks",
    "destroy_originals",
    "differences",
    "discard",
    "doubts",
    "forget",
    "form_held",
    "form_mail",
    "in_language",
    "join",
    "joined",
    "keep_app_wording",
    "keep_missing_pages",
    "keep_policies",
    "keep_policy",
    "key_in",
    "limits",
    "make_sheet",
    "offered",
    "offered_in",
    "open_batch",
    "open_desk",
    "open_form_mail",
    "park",
    "parse_code",
    "parse_word",
    "plan",
    "poster_pdf",
    "press_at_desk",
    "print_sheet",
    "printed_code",
    "prove",
    "publish",
    "read_desk",
    "read_form",
    "read_link",
    "read_requires",
    "reception_advice",
    "record_told_consent",
    "request_more",
    "request_move",
    "request_signup",
    "require_day",
    "require_topics",
    "save_draft",
    "scan_of",
    "sender_in",
    "sha256_of",
    "sheet",
    "sheet_by_code",
    "sheets_made",
    "shown_sender",
    "sweep_answers",
    "sweep_floods",
    "sweep_throttle",
    "switch_on",
    "take_pictures",
    "take_up",
    "taken_back",
    "withdraw_open",
    "withdraw_version",
]

_sql = db.Statements("shodaku.signup")


def withdraw_open(contact_ids: Sequence[int], *, now: datetime) -> int:
    """An opt-out answers what was still being asked; in the open transaction, under the contacts' locks."""
    return _sql.run("withdraw_open", contacts=db.array(contact_ids), now=now)


def join(contact_id: int, other_id: int, *, now: datetime) -> bool:
    """These two are one person; in the open transaction, both locked. False: it was known."""
    return bool(_sql.run("insert_same", contact_id=contact_id, other_id=other_id, now=now))


def sweep_throttle(*, now: datetime) -> int:
    """Tokens that count no longer are deleted; how many."""
    with db.transaction(None):
        return _sql.run("sweep_throttle", before=now - timedelta(days=MONTH_DAYS))


def sweep_answers(workspace_id: int, *, now: datetime) -> int:
    """What was told with requests that nobody can confirm any more is deleted; of how many."""
    with db.transaction(workspace_id):
        return _sql.run("sweep_answers", now=now)


def forget(contact_id: int) -> dict[str, int]:
    """Delete all rows about the person; rows per table. The keyed counter of questions ends by itself."""
    _sql.run("forget_moves", contact_id=contact_id)
    return {
        "signup_request": _sql.run("delete_requests", contact_id=contact_id),
        "same_person": _sql.run("delete_same", contact_id=contact_id),
        "paper_sheet": _sql.run("delete_papers", contact_id=contact_id),
    }
