"""Where checkpoints are put outside, what came of it, and what it is worth: plain values and their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.kit.errors import ShodakuError

TARGETS_MAX: Final = 8  # of one workspace
PLACE_CHARACTERS_MAX: Final = 500
CLOCKS_APART_MAX: Final = timedelta(minutes=5)  # between ours and a witness's or an authority's
# an hourly job must not find that the last time is 59 minutes and 59 seconds ago, and wait for the next
STAMP_PAUSE: Final = timedelta(minutes=55)
_DETAIL_CHARACTERS_MAX: Final = 60


class AnchorKind(StrEnum):
    MAIL = "mail"  # a copy in somebody's mailbox, once a day
    FILE = "file"  # a folder: of another machine, or a medium that is taken away
    GIT = "git"  # a work tree, pushed if it has an origin
    RFC3161 = "rfc3161"  # a time-stamp authority signs what it was shown, and when
    WITNESS = "witness"  # C2SP tlog-witness: signs only what continues what it has signed


class Level(StrEnum):
    """Against whom the log is proof, from weak to strong (TRUST.md section 1.7)."""

    NONE = "none"  # whoever can write the database and the key can write another history
    OUTSIDE = "outside"  # a copy outside tells it to whoever kept it
    AGAINST_OPERATOR = "against_operator"  # somebody else signed, so it can be shown to anybody


class Result(StrEnum):
    ANCHORED = "anchored"
    UNCHANGED = "unchanged"
    UNDER_WAY = "under_way"  # a mail that is not accepted yet
    FAILED = "failed"


class AnchorFaultCode(StrEnum):
    UNWRITABLE = "unwritable"
    FORKED = "forked"
    OTHER_LOG = "other_log"
    GIT_MISSING = "git_missing"
    NO_WORK_TREE = "no_work_tree"
    GIT_FAILED = "git_failed"
    PUSH_FAILED = "push_failed"
    LIBRARY_MISSING = "library_missing"
    PRIVATE_NETWORK = "private_network"
    UNREACHABLE = "unreachable"
    REDIRECTED = "redirected"
    ANSWER_TOO_LARGE = "answer_too_large"
    BAD_STATUS = "bad_status"
    UNREADABLE = "unreadable"
    NOT_GRANTED = "not_granted"
    OTHER_IMPRINT = "other_imprint"
    WRONG_NONCE = "wrong_nonce"
    BAD_SIGNATURE = "bad_signature"
    IN_FUTURE = "in_future"
    NO_CERTIFICATES = "no_certificates"
    OTHER_HISTORY = "other_history"
    LOG_UNKNOWN = "log_unknown"
    KEY_UNKNOWN = "key_unknown"
    NO_COSIGNATURE = "no_cosignature"
    NO_SENDER = "no_sender"
    ADDRESS_GONE = "address_gone"
    ADDRESS_REFUSED = "address_refused"
    MAIL_REFUSED = "mail_refused"
    NOT_LEFT = "not_left"
    UNFORESEEN = "unforeseen"


# what is there contradicts what is here: not a fault of the way, but of one of the two
ALARMS: Final = frozenset({AnchorFaultCode.FORKED, AnchorFaultCode.OTHER_HISTORY})
_OUTSIDE: Final = frozenset({AnchorKind.MAIL, AnchorKind.FILE, AnchorKind.GIT})

_SENTENCES: Final = {
    AnchorFaultCode.UNWRITABLE: ("フォルダーに書き込めません。", "The folder cannot be written."),
    AnchorFaultCode.FORKED: (
        "そこにある控えが、いまの台帳と食い違っています。台帳か控えのどちらかが書き換えられています。",
        "The copy there contradicts the log here: one of the two was altered.",
    ),
    AnchorFaultCode.OTHER_LOG: (
        "そのフォルダーには、同じ名前の別の台帳の控えがあります。ほかのフォルダーを指定してください。",
        "The folder holds copies of another log of this name; choose another folder.",
    ),
    AnchorFaultCode.GIT_MISSING: ("この機械に git がありません。", "git is not installed here."),
    AnchorFaultCode.NO_WORK_TREE: (
        "そのフォルダーは git の作業フォルダーではありません。",
        "The folder is no git work tree.",
    ),
    AnchorFaultCode.GIT_FAILED: ("git に記録できませんでした。", "git could not record the copy."),
    AnchorFaultCode.PUSH_FAILED: (
        "記録はしましたが、origin へ送れませんでした。",
        "The copy is recorded, and could not be pushed to origin.",
    ),
    AnchorFaultCode.LIBRARY_MISSING: (
        "タイムスタンプには追加の部品が要ります。shodaku[anchor] を導入してください。",
        "Time stamps need an optional part: install shodaku[anchor].",
    ),
    AnchorFaultCode.PRIVATE_NETWORK: (
        "宛先が内部のネットワークを指しています。",
        "The address leads into a private network.",
    ),
    AnchorFaultCode.UNREACHABLE: (
        "相手に届かないか、10秒以内に返事がありません。",
        "The service could not be reached, or did not answer within 10 seconds.",
    ),
    AnchorFaultCode.REDIRECTED: (
        "相手が別の宛先を案内しました。案内先へは行きません。",
        "The service answered with another address, which is not followed.",
    ),
    AnchorFaultCode.ANSWER_TOO_LARGE: (
        "返事が大きすぎます（64 kBまで）。",
        "The answer of the service is larger than 64 kB.",
    ),
    AnchorFaultCode.BAD_STATUS: ("相手がエラーを返しました。", "The service answered with an error."),
    AnchorFaultCode.UNREADABLE: ("返事が読み取れません。", "The answer of the service cannot be read."),
    AnchorFaultCode.NOT_GRANTED: (
        "認証局がタイムスタンプを発行しませんでした。",
        "The authority granted no time stamp.",
    ),
    AnchorFaultCode.OTHER_IMPRINT: (
        "タイムスタンプが、この署名のものではありません。",
        "The time stamp is for something else than this checkpoint.",
    ),
    AnchorFaultCode.WRONG_NONCE: (
        "タイムスタンプが、今回の問い合わせへの返事ではありません。",
        "The time stamp answers another request.",
    ),
    AnchorFaultCode.BAD_SIGNATURE: (
        "タイムスタンプの署名が、指定された証明書では確かめられません。",
        "The signature of the time stamp does not hold under the certificates that were given.",
    ),
    AnchorFaultCode.IN_FUTURE: (
        "タイムスタンプの時刻が5分以上先です。どちらかの時計が狂っています。",
        "The time stamp lies more than 5 minutes in the future: one of the clocks is wrong.",
    ),
    AnchorFaultCode.NO_CERTIFICATES: (
        "認証局の証明書のファイルが読めません。",
        "The file with the certificates of the authority cannot be read.",
    ),
    AnchorFaultCode.OTHER_HISTORY: (
        "証人が署名した台帳と、いまの台帳が食い違っています。記録が書き換えられたか、失われています。",
        "The witness knows another history of this log: records here were altered or lost.",
    ),
    AnchorFaultCode.LOG_UNKNOWN: (
        "証人がこの台帳を知らないか、宛先が違います。検証鍵を証人に登録してもらってください。",
        "The witness does not know this log, or the address is wrong: have your key registered there.",
    ),
    AnchorFaultCode.KEY_UNKNOWN: (
        "証人が、この台帳の署名の鍵を知りません。",
        "The witness does not know the key that signs this log.",
    ),
    AnchorFaultCode.NO_COSIGNATURE: (
        "返事に、指定された鍵の正しい署名がありません。",
        "The answer holds no valid signature of the key that was given.",
    ),
    AnchorFaultCode.NO_SENDER: (
        "送信者が登録されていません。",
        "There is no sender to send the mail from.",
    ),
    AnchorFaultCode.ADDRESS_GONE: (
        "宛先は消去されました。別の宛先を指定してください。",
        "The address was erased here; choose another one.",
    ),
    AnchorFaultCode.ADDRESS_REFUSED: (
        "宛先の持ち主が配信を停止しました。",
        "The owner of the address stopped our mails.",
    ),
    AnchorFaultCode.MAIL_REFUSED: (
        "メールは受け付けられませんでした。",
        "The mail was not accepted.",
    ),
    AnchorFaultCode.NOT_LEFT: (
        "メールが1日たっても送り出せませんでした。",
        "The mail did not leave within a day.",
    ),
    AnchorFaultCode.UNFORESEEN: ("予期しないエラーです。", "Something unforeseen went wrong."),
}
_KINDS: Final = {
    AnchorKind.MAIL: ("メール", "mail"),
    AnchorKind.FILE: ("フォルダー", "folder"),
    AnchorKind.GIT: ("git", "git"),
    AnchorKind.RFC3161: ("タイムスタンプ", "time stamp"),
    AnchorKind.WITNESS: ("証人", "witness"),
}
_LEVELS: Final = {
    Level.NONE: (
        "控えは外にありません。運営者による書き換えは、見つけられません。",
        "Nothing is kept outside: a rewriting by the operator would not be found.",
    ),
    Level.OUTSIDE: (
        "控えが外にあります。書き換えは、控えを持つ人が見つけられます。",
        "A copy is kept outside: whoever has it finds a rewriting.",
    ),
    Level.AGAINST_OPERATOR: (
        "第三者が署名しています。運営者による書き換えも、だれに対しても示せます。",
        "Somebody else signed it: even a rewriting by the operator can be shown to anybody.",
    ),
}
_UNCHECKED: Final = (
    "ここでは署名を確かめていません。認証局の証明書を指定すると、確かめて数に入れます。",
    "The signature is not checked here and does not count: name the certificates of the authority.",
)


class AnchorFailed(ShodakuError):
    """The checkpoint did not reach its place outside."""

    code = "anchor_failed"

    def __init__(self, code: AnchorFaultCode, detail: str = "") -> None:
        self.fault = AnchorFault(code, detail)
        super().__init__(self.fault.sentence("en"))


@dataclass(frozen=True, slots=True)
class AnchorFault:
    """Why a checkpoint did not reach its place. `detail` is a number or a name of ours, never an answer's
    text.
    """

    code: AnchorFaultCode
    detail: str = ""

    @classmethod
    def read(cls, text: str | None) -> AnchorFault | None:
        """As it was stored by `str`; what another version wrote is told as unforeseen."""
        if text is None:
            return None
        code, _, detail = text.partition(": ")
        known = AnchorFaultCode(code) if code in tuple(AnchorFaultCode) else AnchorFaultCode.UNFORESEEN
        return cls(known, detail)

    def __str__(self) -> str:
        detail = self.detail[:_DETAIL_CHARACTERS_MAX]
        return f"{self.code.value}: {detail}" if detail else self.code.value

    @property
    def alarming(self) -> bool:
        return self.code in ALARMS

    def sentence(self, lang: str) -> str:
        sentence = _told(_SENTENCES[self.code], lang)
        if not self.detail:
            return sentence
        return f"{sentence} ({self.detail})" if lang == "en" else f"{sentence}（{self.detail}）"


@dataclass(frozen=True, slots=True)
class Target:
    """A place outside, with the newest checkpoint that arrived there.

    `place`: a folder, an address for programs, or of a mail `contact:` and the number of whom it is for, so
    that erasing the person leaves no address here.
    """

    target_id: int
    kind: AnchorKind
    place: str
    vkey: str | None  # of a witness its key; of an authority a file with its certificates
    created_at: datetime
    tried_at: datetime | None
    fault: AnchorFault | None
    size: int | None
    at: datetime | None  # by the clock of the authority or witness, else ours

    @property
    def contact_id(self) -> int | None:
        kind, _, number = self.place.partition(":")
        return int(number) if self.kind is AnchorKind.MAIL and kind == "contact" else None

    @property
    def unchecked(self) -> bool:
        """An authority may have signed, but nobody looked here whether it was the authority."""
        return self.kind is AnchorKind.RFC3161 and self.vkey is None

    @property
    def level(self) -> Level:
        """What it is worth now: nothing before the first checkpoint arrived, or while it contradicts us."""
        if self.size is None or self.unchecked or (self.fault is not None and self.fault.alarming):
            return Level.NONE
        return Level.OUTSIDE if self.kind in _OUTSIDE else Level.AGAINST_OPERATOR


@dataclass(frozen=True, slots=True)
class Outcome:
    target_id: int
    kind: AnchorKind
    result: Result
    size: int | None = None  # of the checkpoint that is there now
    fault: AnchorFault | None = None


@dataclass(frozen=True, slots=True)
class TargetState:
    """A place outside as it is shown; an address is masked."""

    target_id: int
    kind: AnchorKind
    place: str
    size: int | None
    at: datetime | None
    fault: AnchorFault | None
    unchecked: bool

    def sentence(self, lang: str) -> str:
        """What is to be said of it; "" if all is well."""
        if self.fault is not None:
            return self.fault.sentence(lang)
        return _told(_UNCHECKED, lang) if self.unchecked else ""


@dataclass(frozen=True, slots=True)
class AnchorState:
    """How far the log is anchored; `size` is what of it has the level, `head` the whole."""

    level: Level
    size: int
    head: int
    targets: tuple[TargetState, ...]

    @property
    def alarming(self) -> bool:
        return any(each.fault is not None and each.fault.alarming for each in self.targets)

    @property
    def well(self) -> bool:
        return self.level is not Level.NONE and all(each.fault is None for each in self.targets)

    def sentence(self, lang: str) -> str:
        return _told(_LEVELS[self.level], lang)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a place outside gave for one checkpoint, with the checkpoint itself."""

    target_id: int
    kind: AnchorKind
    vkey: str | None
    size: int
    receipt: bytes
    at: datetime
    note: str


def due(target: Target, size: int, now: datetime) -> bool:
    """Has the log grown since the newest checkpoint that is there? An authority is asked once an hour."""
    if target.size is None or target.at is None:
        return True
    if target.kind is AnchorKind.RFC3161 and now - target.at < STAMP_PAUSE:
        return False
    return size > target.size


def kind_word(kind: AnchorKind, lang: str) -> str:
    return _told(_KINDS[kind], lang)


def reached(targets: Sequence[Target]) -> tuple[Level, int]:
    """The strongest level, and how many entries have it."""
    order = list(Level)
    level = max((each.level for each in targets), key=order.index, default=Level.NONE)
    if level is Level.NONE:
        return level, 0
    return level, max(each.size or 0 for each in targets if each.level is level)


def _told(pair: tuple[str, str], lang: str) -> str:
    japanese, english = pair
    return english if lang == "en" else japanese
