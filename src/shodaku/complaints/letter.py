"""The answer to a complaint: its grounds, or the admission that there are none (model text T6). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from shodaku.consent.domain import BasisKind, Method, parse_frequency

_METHODS: Final = {
    Method.WEB_DOUBLE: ("申込みフォームと確認メール", "form, confirmed by mail"),
    Method.WEB_SINGLE: ("申込みフォーム", "form"),
    Method.EVENT_DESK: ("受付の端末の申込みフォーム", "form on a tablet at a desk"),
    Method.PREFERENCE: ("配信設定のページ", "preference page"),
    Method.PAPER: ("書面", "paper"),
    Method.CARD: ("名刺", "business card"),
    Method.TELEPHONE: ("電話", "telephone"),
    Method.STAFF: ("担当者による記録", "written down by staff"),
    Method.IMPORT: ("以前の記録の取込み", "record brought in from elsewhere"),
    Method.API: ("連携アプリケーション", "connected application"),
    Method.APP: ("アプリの設定画面", "settings of the app"),
}
_GROUNDS: Final = {
    BasisKind.CARD: ("名刺をいただいたこと", "you handed over a business card"),
    BasisKind.RELATIONSHIP: ("お取引", "you are a customer"),
    BasisKind.PURCHASE: ("ご購入", "you bought something"),
    BasisKind.PUBLISHED: ("事業用アドレスの公表", "your business published the address"),
}
_OTHER_GROUND: Final = ("ご連絡", "you were in contact with us")


@dataclass(frozen=True, slots=True)
class Addressee:
    name: str
    language: str
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers (特定電子メール法4条: where to complain)."""

    formal_name: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the letter says of the evidence."""

    found: bool
    stopped_at: datetime | None  # None: nothing was stopped yet, and nothing is said of it
    receipt: str | None = None
    barred: bool = True  # nothing can be sent to this address again
    consent_at: datetime | None
    method: str | None
    place: str | None
    wording_version: int | None
    topics: tuple[str, ...]
    frequency: tuple[str, ...]
    confirmed_at: datetime | None
    grounds: tuple[str, ...]
    sent: int
    last_sent_at: datetime | None
    proof_hash: str | None
    sealed_until: datetime | None


def reply(told: Told, addressee: Addressee, desk: Desk) -> str:
    english = addressee.language == "en"
    body = _english(told, addressee) if english else _japanese(told, addressee)
    end = (
        f"{desk.formal_name}, complaints: {desk.contact}"
        if english
        else f"{desk.formal_name} 苦情窓口 {desk.contact}"
    )
    return "\n".join([*body, "", end])


def said_aloud(told: Told, addressee: Addressee, desk: Desk) -> str:
    """A few sentences that can be read out on the telephone."""
    english = addressee.language == "en"
    lines = _aloud_en(told, addressee, desk) if english else _aloud_ja(told, addressee, desk)
    return "\n".join(lines)


def _aloud_ja(told: Told, to: Addressee, desk: Desk) -> Iterator[str]:
    yield f"ご不快をおかけし、申し訳ございません。{desk.formal_name}でございます。"
    if told.stopped_at is not None:
        receipt = f"受付番号は {told.receipt} です。" if told.receipt else ""
        yield f"すべての広告の配信を、{_ja(told.stopped_at, to)}に停止いたしました。{receipt}"
    if told.consent_at is not None:
        topics = f"「{'、'.join(told.topics)}」について、" if told.topics else ""
        way = _method(told.method, english=False)
        yield f"お届けの根拠は、{topics}{_ja(told.consent_at, to)}にいただいた同意です。方法は{way}です。"
    elif told.grounds:
        words = "、".join(_ground(kind)[0] for kind in told.grounds)
        yield f"同意の記録はなく、{words}にもとづいてお送りしておりました。"
    elif told.sealed_until is not None:
        yield (
            "お客様の記録は消去済みです。法令で必要な同意の記録だけを、"
            f"{_ja(told.sealed_until, to)}まで封をして保管しております。"
        )
    else:
        yield "お届けの根拠となる同意の記録を確認できませんでした。送信があった場合は当方の誤りです。"
    if told.sent and told.last_sent_at is not None:
        yield f"これまでにお送りしたのは{told.sent}通、最後は{_ja(told.last_sent_at, to)}です。"
    yield "ご希望でしたら、記録の写しを書面でお送りいたします。"


def _aloud_en(told: Told, to: Addressee, desk: Desk) -> Iterator[str]:
    yield f"This is {desk.formal_name}. We are sorry for the trouble."
    if told.stopped_at is not None:
        receipt = f" Your receipt is {told.receipt}." if told.receipt else ""
        yield f"All advertising to you was stopped on {_en(told.stopped_at, to)}.{receipt}"
    if told.consent_at is not None:
        topics = f" to {', '.join(told.topics)}" if told.topics else ""
        way = _method(told.method, english=True)
        yield f"We wrote because of a consent{topics} of {_en(told.consent_at, to)}, given by: {way}."
    elif told.grounds:
        words = ", ".join(_ground(kind)[1] for kind in told.grounds)
        yield f"There is no record of a consent. We wrote on this ground: {words}."
    elif told.sealed_until is not None:
        yield (
            "Your records were erased. Only the evidence that the law demands is kept, sealed until "
            f"{_en(told.sealed_until, to)}."
        )
    else:
        yield "We found no record of a consent. If something was sent, it was our mistake."
    if told.sent and told.last_sent_at is not None:
        count = "one message" if told.sent == 1 else f"{told.sent} messages"
        yield f"So far we sent {count}, the last on {_en(told.last_sent_at, to)}."
    yield "If you wish, we send you a copy of the record on paper."


def _japanese(told: Told, to: Addressee) -> Iterator[str]:
    yield f"{to.name} 様" if to.name else "お客様"
    yield ""
    stopped = (
        f"すべての広告の配信を {_ja(told.stopped_at, to)} に停止いたしました。" if told.stopped_at else ""
    )
    yield f"ご不快をおかけし、申し訳ございません。{stopped}"
    if told.consent_at is not None:
        yield from _consent_ja(told, told.consent_at, to)
    elif told.grounds:
        words = "、".join(_ground(kind)[0] for kind in told.grounds)
        yield f"同意の記録はなく、次の事実にもとづいてお送りしました：{words}"
        yield from _sent_ja(told, to)
    elif told.sealed_until is not None:
        yield (
            "お客様の記録は消去済みです。法令で必要な同意の記録だけを封をして "
            f"{_ja(told.sealed_until, to)} まで保管し、その後廃棄します。"
        )
    else:
        barred = "このアドレスへ再びお送りすることのない措置をとりました。" if told.barred else ""
        found = "お届けの根拠となる同意の記録を確認できませんでした。送信があった場合は当方の誤りです。"
        yield found + barred
    yield ""
    yield "記録の開示・訂正・消去のご請求も、下の窓口で承ります。"
    yield "法令についてのご相談先：迷惑メール相談センター（日本データ通信協会）、個人情報保護委員会"


def _consent_ja(told: Told, consent_at: datetime, to: Addressee) -> Iterator[str]:
    yield "お届けの根拠となった記録は次のとおりです。"
    yield f" ・同意の日時 {_ja(consent_at, to)}"
    yield f" ・方法と場所 {_method(told.method, english=False)} {told.place or '記録なし'}"
    yield f" ・そのとき表示していた文面 別紙1（版 {told.wording_version or '番号なし'}）"
    often = "、".join(_often(each, "ja") for each in told.frequency)
    yield f" ・選ばれた種類と回数 {'、'.join(told.topics) or '記録なし'} {often}".rstrip()
    if told.confirmed_at is not None:
        yield f" ・確認の操作 {_ja(told.confirmed_at, to)}（確認メールのリンクから）"
    yield from _sent_ja(told, to)
    yield f" ・記録が後から変えられていないことの確かめ方 別紙3（照合値 {told.proof_hash}）"
    yield "お心当たりがない場合は、どなたかが誤って入力された可能性がございます。"


def _sent_ja(told: Told, to: Addressee) -> Iterator[str]:
    last = f"、直近 {_ja(told.last_sent_at, to)}" if told.last_sent_at else ""
    yield f" ・これまでの送信 {told.sent}通{last} 別紙2"


def _english(told: Told, to: Addressee) -> Iterator[str]:
    yield f"Dear {to.name}," if to.name else "Dear reader,"
    yield ""
    stopped = f" All advertising to you was stopped on {_en(told.stopped_at, to)}." if told.stopped_at else ""
    yield f"We are sorry for the trouble.{stopped}"
    if told.consent_at is not None:
        yield from _consent_en(told, told.consent_at, to)
    elif told.grounds:
        words = ", ".join(_ground(kind)[1] for kind in told.grounds)
        yield f"There is no record of a consent. We wrote on this ground: {words}."
        yield from _sent_en(told, to)
    elif told.sealed_until is not None:
        yield (
            "Your records were erased. Only the evidence that the law demands is kept, sealed until "
            f"{_en(told.sealed_until, to)}, and destroyed then."
        )
    else:
        barred = " This address is now on the list of those we never write to." if told.barred else ""
        yield f"We found no record of a consent. If something was sent, it was our mistake.{barred}"
    yield ""
    yield "To see, correct or erase your records, write to the desk below."
    yield "Independent advice: the Personal Information Protection Commission of Japan."


def _consent_en(told: Told, consent_at: datetime, to: Addressee) -> Iterator[str]:
    yield "This is the record on which we wrote to you:"
    yield f" - time of consent: {_en(consent_at, to)}"
    yield f" - way and place: {_method(told.method, english=True)}, {told.place or 'not recorded'}"
    yield f" - the words that were shown: annex 1 (version {told.wording_version or 'without number'})"
    often = ", ".join(_often(each, "en") for each in told.frequency)
    yield f" - topics and frequency: {', '.join(told.topics) or 'not recorded'} {often}".rstrip()
    if told.confirmed_at is not None:
        yield f" - confirmed by the link in our mail: {_en(told.confirmed_at, to)}"
    yield from _sent_en(told, to)
    yield f" - how to check that the record was not changed: annex 3 (hash {told.proof_hash})"
    yield "If you know nothing of it, somebody may have typed your address by mistake."


def _sent_en(told: Told, to: Addressee) -> Iterator[str]:
    last = f", the last on {_en(told.last_sent_at, to)}" if told.last_sent_at else ""
    yield f" - messages so far: {told.sent}{last} (annex 2)"


def _often(promised: str, language: str) -> str:
    """What an entry keeps for programs (2/month), as it is said; other words stay as they are."""
    frequency = parse_frequency(promised)
    return promised if frequency is None else frequency.text(language)


def _method(method: str | None, *, english: bool) -> str:
    known = {each.value: words for each, words in _METHODS.items()}
    return known.get(method or "", (method or "記録なし", method or "not recorded"))[english]


def _ground(kind: str) -> tuple[str, str]:
    known = {each.value: words for each, words in _GROUNDS.items()}
    return known.get(kind, _OTHER_GROUND)


def _ja(at: datetime, to: Addressee) -> str:
    local = at.astimezone(to.zone)
    return f"{local.year}年{local.month}月{local.day}日 {local.hour}時{local.minute:02d}分（{local:%Z}）"


def _en(at: datetime, to: Addressee) -> str:
    local = at.astimezone(to.zone)
    return f"{local.day} {local:%b %Y at %H:%M %Z}"
