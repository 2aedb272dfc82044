"""The letters that answer a request about one's own data, in Japanese and English. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shodaku.complaints.letter import Addressee, Desk
from shodaku.complaints.rights import RefusalGround, RequestKind


class Outcome(StrEnum):
    RECEIVED = "received"
    PROVE_IDENTITY = "prove_identity"
    LENGTHENED = "lengthened"
    DONE = "done"
    NOT_KNOWN = "not_known"  # nothing is kept about who asked
    REFUSED = "refused"


_INSTANT: Final = timedelta(microseconds=1)  # a last day ends at the midnight after it


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRequest:
    """What the letter says of the request."""

    kind: RequestKind
    outcome: Outcome
    number: int
    received_at: datetime
    due_at: datetime
    ground: RefusalGround | None = None
    articles: Sequence[str] = ()
    receipt: str | None = None  # of what was stopped or erased
    sealed_until: datetime | None = None
    suppressed: bool = False


_KINDS: Final = {
    RequestKind.ACCESS: ("保有個人データの開示", "a copy of your data"),
    RequestKind.CORRECTION: ("保有個人データの訂正", "correction of your data"),
    RequestKind.STOP_USE: ("利用の停止", "that your data are no longer used"),
    RequestKind.ERASURE: ("保有個人データの消去", "erasure of your data"),
    RequestKind.PROVISION_RECORDS: ("第三者提供記録の開示", "the records of passing data on"),
    RequestKind.OBJECTION: ("広告の停止", "an end to advertising"),
}
_DONE: Final = {
    RequestKind.ACCESS: (
        "当方が保有するお客様の個人データを、利用目的、取得の経緯、同意の記録とともに、別添のとおり開示いたします。",
        "The attached file holds all that we keep about you, why, where it came from, and your consents.",
    ),
    RequestKind.CORRECTION: (
        "ご請求の内容を確認し、記録を訂正いたしました。",
        "We looked into it and corrected our records.",
    ),
    RequestKind.STOP_USE: (
        "ご請求のとおり、広告のための利用を停止いたしました。",
        "As you asked, your data are no longer used for advertising.",
    ),
    RequestKind.ERASURE: (
        "ご請求のとおり、記録の消去を始めました。数分以内に、当方を含め、だれにも読めなくなります。",
        "As you asked, the erasure of your records has begun. In minutes nobody can read them, we included.",
    ),
    RequestKind.PROVISION_RECORDS: (
        "第三者から受け取った記録と第三者へ提供した記録を、別添のファイルのとおり開示いたします。",
        "The attached file holds the records of what others passed on to us about you, and we to others.",
    ),
    RequestKind.OBJECTION: (
        "ご請求のとおり、すべての広告の配信を停止いたしました。",
        "As you asked, all advertising to you has stopped.",
    ),
}
_GROUNDS: Final = {
    RefusalGround.NOT_IDENTIFIED: (
        "ご請求がご本人からのものと確認できなかったためです。",
        "we could not make sure that it was you who asked",
    ),
    RefusalGround.HARM_TO_OTHERS: (
        "ご本人または第三者の生命、身体、財産その他の権利利益を害するおそれがあるためです。",
        "it could harm the rights of you or of others",
    ),
    RefusalGround.HINDERS_BUSINESS: (
        "当方の業務の適正な実施に著しい支障を及ぼすおそれがあるためです。",
        "it would seriously hinder the proper conduct of our business",
    ),
    RefusalGround.AGAINST_LAW: (
        "他の法令に違反することとなるため、または法令により保存が必要なためです。",
        "another law forbids it, or demands that the records are kept",
    ),
    RefusalGround.NOT_HELD: (
        "ご請求の対象となる個人データを保有していないためです。",
        "we hold no such data",
    ),
    RefusalGround.EXCESSIVE: (
        "同じ内容のご請求が繰り返されており、すでに回答したとおりのためです。",
        "the same was asked repeatedly and has been answered",
    ),
}


def answer_letter(told: ToldRequest, to: Addressee, desk: Desk) -> str:
    """In the language of the person. It names the request, what was decided, why, and where to complain."""
    english = to.language == "en"
    lines = _english(told, to) if english else _japanese(told, to)
    end = f"{desk.formal_name}, {desk.contact}" if english else f"{desk.formal_name} 窓口 {desk.contact}"
    return "\n".join([*lines, "", end])


def _japanese(told: ToldRequest, to: Addressee) -> list[str]:
    head = [
        f"{to.name} 様" if to.name else "お客様",
        "",
        (
            f"{_ja(told.received_at, to)}に受け付けた「{_KINDS[told.kind][0]}」のご請求"
            f"（受付番号 {told.number}）についてお答えします。"
        ),
        "",
    ]
    return head + _body_ja(told, to) + _rest_ja(told, to)


def _body_ja(told: ToldRequest, to: Addressee) -> list[str]:
    match told.outcome:
        case Outcome.RECEIVED:
            return [f"ご請求を受け付けました。遅くとも{_ja_day(told.due_at, to)}までにお答えします。"]
        case Outcome.PROVE_IDENTITY:
            return [
                "ほかの方に個人データをお渡しすることのないよう、ご本人であることの確認をお願いします。",
                (
                    "登録のアドレスへお送りする確認のリンク、または本人確認書類の写しのいずれかで確認します。"
                    "書類の写しは確認のためだけに使い、確認後に廃棄します。"
                ),
            ]
        case Outcome.LENGTHENED:
            until = _ja_day(told.due_at, to)
            return [f"ご請求の内容が複雑なため、回答までの期間を延ばし、遅くとも{until}までにお答えします。"]
        case Outcome.DONE:
            return [_DONE[told.kind][0]]
        case Outcome.NOT_KNOWN:
            return ["ご指定の宛先について、当方が保有する個人データはありません。"]
        case Outcome.REFUSED:
            ground = _GROUNDS[told.ground][0] if told.ground else ""
            law = f"（{'、'.join(told.articles)}）" if told.articles else ""
            return [f"申し訳ございませんが、ご請求には応じられません。{ground}{law}"]


def _rest_ja(told: ToldRequest, to: Addressee) -> list[str]:
    lines = []
    if told.receipt:
        lines.append(f"停止・消去の受付番号 {told.receipt}")
    if told.sealed_until is not None:
        lines.append(
            "法令で保存が必要な同意の記録だけを封をして"
            f"{_ja_day(told.sealed_until, to)}まで保管し、その日に廃棄します。"
        )
    if told.suppressed:
        lines.append("誤ってお送りすることのないよう、アドレスを復元できない照合用の値だけを保管しています。")
    if told.outcome in (Outcome.REFUSED, Outcome.LENGTHENED):
        lines.append("ご不満がある場合は、下の窓口または個人情報保護委員会へお申し出いただけます。")
    return [*([""] if lines else []), *lines]


def _english(told: ToldRequest, to: Addressee) -> list[str]:
    day = _en(told.received_at + _INSTANT, to)
    head = [
        f"Dear {to.name}," if to.name else "Dear reader,",
        "",
        f"On {day} you asked for {_KINDS[told.kind][1]} (request {told.number}).",
        "",
    ]
    return head + _body_en(told, to) + _rest_en(told, to)


def _body_en(told: ToldRequest, to: Addressee) -> list[str]:
    match told.outcome:
        case Outcome.RECEIVED:
            return [f"We have your request and answer it by {_en(told.due_at, to)} at the latest."]
        case Outcome.PROVE_IDENTITY:
            return [
                "So that nobody else gets your data, please show that it is you who asks:",
                (
                    "by the link that we mail to the registered address, or by a copy of a document. "
                    "The copy is used for this alone and destroyed afterwards."
                ),
            ]
        case Outcome.LENGTHENED:
            return [f"Your request is complex. We need more time and answer by {_en(told.due_at, to)}."]
        case Outcome.DONE:
            return [_DONE[told.kind][1]]
        case Outcome.NOT_KNOWN:
            return ["We keep no data about the address that you named."]
        case Outcome.REFUSED:
            ground = _GROUNDS[told.ground][1] if told.ground else "of the law"
            law = f" ({', '.join(told.articles)})" if told.articles else ""
            return [f"We are sorry: we cannot do this, because {ground}{law}."]


def _rest_en(told: ToldRequest, to: Addressee) -> list[str]:
    lines = []
    if told.receipt:
        lines.append(f"Receipt of what was stopped or erased: {told.receipt}")
    if told.sealed_until is not None:
        lines.append(
            "Only the evidence of your consent that the law demands is kept, sealed until "
            f"{_en(told.sealed_until, to)}, and destroyed then."
        )
    if told.suppressed:
        lines.append(
            "So that nobody writes to you by mistake, we keep a value from which no address can be read."
        )
    if told.outcome in (Outcome.REFUSED, Outcome.LENGTHENED):
        lines.append("If you do not agree, write to the desk, or complain to your data protection authority.")
    return [*([""] if lines else []), *lines]


def _ja(at: datetime, to: Addressee) -> str:
    local = at.astimezone(to.zone)
    return f"{local.year}年{local.month}月{local.day}日"


def _ja_day(end: datetime, to: Addressee) -> str:
    return _ja(end - _INSTANT, to)


def _en(at: datetime, to: Addressee) -> str:
    local = (at - _INSTANT).astimezone(to.zone)
    return f"{local.day} {local:%b %Y}"
