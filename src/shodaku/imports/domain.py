"""A list of people becomes rows with a verdict each; nobody becomes sendable by being in a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, assert_never

from shodaku.contacts.domain import (
    JST,
    AddressFault,
    NameFault,
    NumberFault,
    UnreadDate,
    parse_day,
    parse_moment,
)
from shodaku.imports.bases import Basis, Relation, parse_basis
from shodaku.imports.columns import HEADERS, known_names, match_headers
from shodaku.imports.coupon_rows import CouponVerdict, WrittenUse
from shodaku.imports.encoding import Encoding, decode, detect
from shodaku.imports.faults import (
    BrokenQuotes,
    BrokenWorkbook,
    Empty,
    FieldTooLarge,
    NoAddressColumn,
    NotText,
    TooLarge,
    TooManyBytes,
    TooManyColumns,
    TooManyRows,
    TooManySheets,
    UnreadableFile,
    WrongEncoding,
)
from shodaku.imports.formulas import OutEncoding, WrittenRow, bare_cell, cell, file_head, write_row
from shodaku.imports.purchase_rows import PurchaseVerdict, WrittenPurchase
from shodaku.imports.rows import (
    FaultCode,
    ParsedRow,
    RowCode,
    RowFault,
    RowReader,
    RowWarning,
    parse_row,
)
from shodaku.imports.sheet import Limits, Preview, Row, Rows, open_rows, read_preview
from shodaku.policy.domain import ThirdParty, contradictions, lint_wording

__all__ = [
    "HEADERS",
    "JST",
    "Basis",
    "BrokenQuotes",
    "BrokenWorkbook",
    "CouponVerdict",
    "Empty",
    "Encoding",
    "Evidence",
    "FaultCode",
    "FieldTooLarge",
    "Limits",
    "NoAddressColumn",
    "NotText",
    "OutEncoding",
    "ParsedRow",
    "Preview",
    "PurchaseVerdict",
    "Relation",
    "Row",
    "RowCode",
    "RowFault",
    "RowReader",
    "RowReason",
    "RowVerdict",
    "RowWarning",
    "Rows",
    "TooLarge",
    "TooManyBytes",
    "TooManyColumns",
    "TooManyRows",
    "TooManySheets",
    "UnreadDate",
    "UnreadableFile",
    "Verdict",
    "WrittenPurchase",
    "WrittenRow",
    "WrittenUse",
    "WrongEncoding",
    "bare_cell",
    "cell",
    "decode",
    "detect",
    "file_head",
    "judge",
    "known_names",
    "match_headers",
    "open_rows",
    "parse_basis",
    "parse_day",
    "parse_moment",
    "parse_row",
    "read_preview",
    "sentence_of",
    "unfit_words",
    "write_row",
]


class Evidence(StrEnum):
    """What the user can show for the consents of a batch (施行規則4条)."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    NONE = "none"


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    PENDING = "pending"  # stored, and never sent to before the person has acted
    SUPPRESSED = "suppressed"
    FAULTY = "faulty"
    DUPLICATE = "duplicate"


class RowReason(StrEnum):
    """Codes of law/reasons.yaml where it has one, else of this room."""

    CONSENT_RECORDED = "CONSENT_RECORDED"
    EVIDENCE_INCOMPLETE = "EVIDENCE_INCOMPLETE"
    CONSENT_PRECHECKED = "CONSENT_PRECHECKED"
    CONSENT_BUNDLED = "CONSENT_BUNDLED"
    CONSENT_DEEMED = "CONSENT_DEEMED"
    PURPOSE_NOT_SHOWN = "PURPOSE_NOT_SHOWN"
    CONSENT_PARTY_UNIDENTIFIED = "CONSENT_PARTY_UNIDENTIFIED"
    PURCHASED_LIST = "PURCHASED_LIST"
    CARD_NEEDS_CONFIRMATION = "CARD_NEEDS_CONFIRMATION"
    CUSTOMER_NEEDS_CONSENT = "CUSTOMER_NEEDS_CONSENT"
    PUBLISHED_NEEDS_CONSENT = "PUBLISHED_NEEDS_CONSENT"
    THIRD_PARTY_CONSENT_CONFIRM = "THIRD_PARTY_CONSENT_CONFIRM"
    IMPORT_WITHOUT_BASIS = "IMPORT_WITHOUT_BASIS"
    ERASED_NEVER_CONTACT = "ERASED_NEVER_CONTACT"
    ALREADY_KNOWN = "ALREADY_KNOWN"


class RowVerdict(NamedTuple):
    verdict: Verdict
    reason: RowReason | FaultCode


def judge(
    parsed: ParsedRow | RowFault,
    basis: Basis,
    evidence: Evidence,
    *,
    suppressed: bool,
    known: bool,
    unfit: RowReason | None = None,
    third_party: ThirdParty = ThirdParty.UNPROVED,
) -> RowVerdict:
    """What becomes of one row.

    Suppression before everything a list can claim (PP-05): a basis in a file never revives a refusal.
    `suppressed` is true when a strict or a broad token of any of its addresses matches; `unfit` says why the
    words of the declared consent make none.
    """
    if isinstance(parsed, RowFault):
        return RowVerdict(Verdict.FAULTY, parsed.code)
    if suppressed:
        return RowVerdict(Verdict.SUPPRESSED, RowReason.ERASED_NEVER_CONTACT)
    if known:
        return RowVerdict(Verdict.DUPLICATE, RowReason.ALREADY_KNOWN)
    if basis is Basis.CONSENT and unfit is not None:
        return RowVerdict(Verdict.PENDING, unfit)
    return _by_basis(basis, evidence, third_party)


def unfit_words(wording: str, evidence: str, sender_names: Sequence[str]) -> RowReason | None:
    """The first thing that is wrong with the words under which these people agreed.

    `wording` is what they read, and has to be whole; `evidence` tells about it, and may only not contradict.
    """
    faults = lint_wording(wording, sender_names) if wording.strip() else contradictions(evidence)
    return RowReason(faults[0].value) if faults else None


_THIRD_PARTY: Final[Mapping[ThirdParty, RowReason]] = {
    ThirdParty.PROVED: RowReason.THIRD_PARTY_CONSENT_CONFIRM,
    ThirdParty.UNPROVED: RowReason.EVIDENCE_INCOMPLETE,
    ThirdParty.SENDER_NOT_NAMED: RowReason.CONSENT_PARTY_UNIDENTIFIED,
    ThirdParty.PURCHASED_LIST: RowReason.PURCHASED_LIST,
}


def _by_basis(basis: Basis, evidence: Evidence, third_party: ThirdParty) -> RowVerdict:
    match basis:
        case Basis.CONSENT if evidence is Evidence.COMPLETE:
            return RowVerdict(Verdict.ACCEPTED, RowReason.CONSENT_RECORDED)
        case Basis.CONSENT:
            return RowVerdict(Verdict.PENDING, RowReason.EVIDENCE_INCOMPLETE)
        case Basis.CARD:
            return RowVerdict(Verdict.PENDING, RowReason.CARD_NEEDS_CONFIRMATION)
        case Basis.CUSTOMER:
            return RowVerdict(Verdict.PENDING, RowReason.CUSTOMER_NEEDS_CONSENT)
        case Basis.PUBLISHED:
            return RowVerdict(Verdict.PENDING, RowReason.PUBLISHED_NEEDS_CONSENT)
        case Basis.THIRD_PARTY:
            return RowVerdict(Verdict.PENDING, _THIRD_PARTY[third_party])
        case Basis.NONE:
            return RowVerdict(Verdict.PENDING, RowReason.IMPORT_WITHOUT_BASIS)
        case unreachable:
            assert_never(unreachable)


_SENTENCES: Final[Mapping[StrEnum, tuple[str, str]]] = {
    RowCode.ROW_UNREADABLE: (
        "文字を読めない行です。この行を直すか「CSV UTF-8」で保存し直してください。",
        "Characters of this row cannot be read. Correct the row, or save the file as 'CSV UTF-8'.",
    ),
    RowCode.ROW_TOO_WIDE: (
        '見出しより列が多い行です。カンマを含む項目を引用符（"）で囲んでください。',
        'This row has more cells than headings. Put quotation marks (") around fields with commas.',
    ),
    RowCode.ROW_NO_ADDRESS: (
        "宛先がありません。入力してください。",
        "There is no address in this row. Enter one.",
    ),
    RowCode.ROW_SEVERAL_ADDRESSES: (
        "1つの欄に宛先が2つ以上あります。1人ずつ別の行に分けてください。",
        "One cell holds several addresses. Give each person a row.",
    ),
    RowCode.ROW_ADDRESS_IN_NAME: (
        "宛先の欄が空で、名前の欄に宛先があります。列がずれていないか確かめてください。",
        "The address stands where the name should. Check whether the columns have slipped.",
    ),
    RowCode.ROW_FORMULA: (
        "宛先の欄に計算式があります。値に直してから取り込んでください。",
        "The address is a formula. Replace it by its value.",
    ),
    RowWarning.EMAIL_UNREAD: (
        "メールアドレスを読めないため、空にしました。確かめてください。",
        "The e-mail address cannot be read and was left out. Check it.",
    ),
    RowWarning.EMAIL_TYPO: (
        "メールアドレスの打ち間違いかもしれません。本人に確かめてください。",
        "The e-mail address may be mistyped. Ask its owner.",
    ),
    RowWarning.PHONE_UNREAD: (
        "電話番号を読めないため、空にしました。確かめてください。",
        "The telephone number cannot be read and was left out. Check it.",
    ),
    RowWarning.PHONE_REPAIRED: (
        "電話番号の先頭に、消えていた0を補いました。",
        "The zero missing at the front of the telephone number was put back.",
    ),
    RowWarning.DATE_UNREAD: (
        "日付を読めないため、空にしました。「2026-11-22」の形で入力してください。",
        "The date cannot be read and was left out. Write it like 2026-11-22.",
    ),
    RowWarning.NAME_UNSURE: (
        "名前に読み取れなかった文字があります。名刺で確かめてください。",
        "The name has characters the scanner could not read. Check the card.",
    ),
    RowWarning.NAME_IS_ADDRESS: (
        "名前の欄にメールアドレスがあるため、名前を空にしました。",
        "The name is an e-mail address and was left out.",
    ),
    RowWarning.FORMULA_LEFT_OUT: (
        "計算式の欄は読まずに空にしました。値に直すと取り込めます。",
        "Cells with formulas were left out. Replace them by their values.",
    ),
    RowWarning.BASIS_UNREAD: (
        "根拠の言葉を読めないため、根拠なしとしました。確かめてください。",
        "The basis of this row cannot be read, so it counts as none. Check it.",
    ),
    RowReason.CONSENT_RECORDED: ("同意を記録します。", "The consent is recorded."),
    RowReason.EVIDENCE_INCOMPLETE: (
        "同意の証拠がそろうまで確認待ちです。",
        "Waits until the evidence of the consent is complete.",
    ),
    RowReason.CONSENT_PRECHECKED: (
        "最初からチェック済みの欄による同意は使えません。本人の同意を待ちます。",
        "A box that was ticked beforehand is no consent. Waits for the person's own.",
    ),
    RowReason.CONSENT_BUNDLED: (
        "規約への同意だけでは、配信への同意になりません。本人の同意を待ちます。",
        "Agreeing to terms alone is no consent to mail. Waits for the person's own.",
    ),
    RowReason.CONSENT_DEEMED: (
        "断らなかったことは同意になりません。本人の同意を待ちます。",
        "Not refusing is no consent. Waits for the person's own.",
    ),
    RowReason.PURPOSE_NOT_SHOWN: (
        "同意の文面に、何のために送るかが書かれていません。",
        "The wording does not say what is sent, or what for.",
    ),
    RowReason.CONSENT_PARTY_UNIDENTIFIED: (
        "同意の文面に送信者の名前がありません。本人の同意を待ちます。",
        "The wording does not name the sender. Waits for the person's own consent.",
    ),
    RowReason.PURCHASED_LIST: (
        "買った名簿は同意になりません。本人の同意を待ちます。",
        "A purchased list is no consent. Waits for the person's own.",
    ),
    RowReason.CARD_NEEDS_CONFIRMATION: (
        "名刺だけでは広告を送れません。許可のお願いを1通だけ送れます。",
        "A card is no consent. One request for permission may be sent.",
    ),
    RowReason.CUSTOMER_NEEDS_CONSENT: (
        "取引だけでは同意になりません。本人の同意を待ちます。",
        "Business with someone is no consent. Waits for the person's own.",
    ),
    RowReason.PUBLISHED_NEEDS_CONSENT: (
        "公表されたアドレスでも、同意ではありません。本人の同意を待ちます。",
        "A published address is no consent. Waits for the person's own.",
    ),
    RowReason.THIRD_PARTY_CONSENT_CONFIRM: (
        "ほかの人が得た同意です。本人に確かめるお願いを1通だけ送れます。",
        "Somebody else obtained this consent. One request to confirm it may be sent.",
    ),
    RowReason.IMPORT_WITHOUT_BASIS: (
        "根拠が示されていません。同意の証拠を付けるまで送れません。",
        "No basis was declared. Nothing can be sent before a consent is shown.",
    ),
    RowReason.ERASED_NEVER_CONTACT: (
        "消去または送信禁止の登録があるため取り込みません。",
        "Not imported: this person asked never to be contacted, or was erased.",
    ),
    RowReason.ALREADY_KNOWN: (
        "すでに連絡先にあるか、この一覧の前の行にあります。",
        "Already among the contacts, or in a row above.",
    ),
}


def sentence_of(code: FaultCode | RowWarning | RowReason, lang: str) -> str:
    if isinstance(code, AddressFault | NumberFault | NameFault):
        return code.sentence(lang)
    return _SENTENCES[code][0 if lang.startswith("ja") else 1]
