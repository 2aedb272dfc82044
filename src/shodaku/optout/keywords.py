"""What a short text wants: stop, help, start, or nothing that can be told. Pure; the words are data.

Words of the rules come first (PP-07, US-02, US-03; LAW.md section 10), then what people really write
(SMS.md section 6). All words hold everywhere: nobody is asked for a country before they are obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from shodaku.optout import refusals
from shodaku.optout.folding import fold, joined


class Wish(StrEnum):
    STOP = "stop"
    WRONG_PERSON = "wrong_person"  # the address is somebody else's: a refusal (LAW.md section 10)
    HELP = "help"
    START = "start"
    HOLD = "hold"  # speaks of stopping, and is not clear: a human decides
    UNCLEAR = "unclear"


class StatedRule(Protocol):
    @property
    def parameters(self) -> Mapping[str, Any]: ...  # Any: of the rule's own kind


@dataclass(frozen=True, slots=True)
class Words:
    """Folded and joined, so that width, case, kana and punctuation make no difference."""

    stop: frozenset[str]  # the whole text
    first_stop: frozenset[str]  # the whole text, or its first word
    help: frozenset[str]
    first_help: frozenset[str]
    start: frozenset[str]
    first_start: frozenset[str]


# fmt: off
_STOP_FIRST: Final = (
    "stop", "stopall", "unsubscribe", "optout", "オプトアウト", "ストップ", "停止", "ていし",
    "配信停止", "はいしんていし", "配信解除", "配信拒否", "配信不要", "受信拒否", "登録解除",
    "購読解除", "購読停止", "送信停止",
)
_STOP: Final = (
    "end", "quit", "cancel", "revoke", "remove", "解除", "かいじょ", "中止", "不要", "拒否", "断り",
    "お断り", "断る", "迷惑", "迷惑メール", "退会", "やめて", "やめろ", "止めて", "止めろ", "とめて",
    "送らないで", "送るな", "いらない", "いりません", "要らない", "要りません", "수신거부", "退订",
    "退訂", "取消订阅", "取消訂閱", "取消訂阅",
)
_HELP: Final = ("help", "info", "ヘルプ", "問い合わせ", "お問い合わせ", "問合せ", "窓口", "連絡先")
_START: Final = ("start", "unstop", "resume", "再開", "配信再開", "登録", "再登録", "配信希望")
_HEADS: Final = (
    "please", "pls", "もう", "今後", "以後", "一切", "二度と", "メール", "メルマガ", "メッセージ",
    "ショートメール", "sms", "広告", "宣伝", "案内", "お知らせ", "配信を", "配信", "これ", "この", "の",
    "を", "は", "も",
)
_TAILS: Final = (
    "please", "pls", "thanks", "よろしく", "お願いします", "お願いいたします", "お願い致します",
    "お願い", "願います", "くださいませ", "ください", "下さい", "して", "ほしい", "欲しい",
    "希望します", "希望", "します", "したい", "です", "ます", "で", "を", "の", "よ", "ね",
    "お願いできますか", "いただけますか", "頂けますか", "もらえますか",
)
_WRONG_PERSON: Final = (
    "人違い", "人ちがい", "別人", "番号違い", "番号が違", "間違い電話", "知らない人", "wrongnumber",
    "wrongperson",
)
_STEMS: Final = (
    "停止", "解除", "拒否", "不要", "迷惑", "中止", "やめ", "止め", "断り", "断る", "送らない",
    "送るな", "いらない", "要らない", "退会", "結構です", "수신거부",
)
_LETTER_STEMS: Final = ("解約", "抹消", "登録を削除")  # in a letter alone
_STEM_TOKENS: Final = frozenset(
    {"stop", "stopall", "unsubscribe", "optout", "cancel", "quit", "remove"}
)
# Said in a short letter these are a no; “ご迷惑をおかけします” and “cancel my order” are not.
_PHRASES: Final = (
    "停止", "配信解除", "登録解除", "購読解除", "配信を解除", "受信拒否", "配信拒否", "退会", "やめて",
    "止めて", "とめて", "お断り", "迷惑メール", "迷惑です", "送らない", "送るな", "いらない",
    "いりません", "要らない", "要りません", "配信不要", "配信は不要", "送信不要", "送信は不要",
    "送付不要", "メール不要", "メールは不要",
    "メルマガ不要", "メルマガは不要", "案内不要", "案内は不要", "広告不要", "広告は不要", "수신거부",
    "退订", "退訂",
)
# Nothing else can be meant by these, in a text message either.
_PLAIN: Final = (
    "送らないで", "送信しないで", "配信しないで", "メールしないで", "連絡しないで", "送ってこないで",
    "送って来ないで", "連絡してこないで", "連絡して来ないで", "受け取りたくない", "受け取りたくありません",
    "受信したくない", "受信したくありません", "送らなくていい", "送らなくて結構", "dontsend",
    "donotsend", "dontemail", "donotemail", "dontcontact", "donotcontact", "dontmail", "donotmail",
    "donttext", "donottext", "nomoreemail", "nomoremail", "nomoremessage", "nomoretext", "nomoreads",
    "removeme", "removemyemail", "deletemyemail", "ceaseanddesist",
    "takemeoff", "optmeout", "optout", "leavemealone", "quitsending",
)
_PHRASE_TOKENS: Final = frozenset({"stop", "stopall", "unsubscribe", "unsub"})
_TURNED: Final = ("停止", "解除", "退会", "ストップ", "stop")
_NEGATORS: Final = frozenset({"not", "don", "dont", "never"})
_CONTACTING: Final = frozenset(
    {"send", "sending", "text", "mail", "email", "message", "contact", "write", "call", "spam", "bother"}
)
_NOT_TO_SEND: Final = ("送らないで", "送信しないで", "配信しないで", "メールしないで", "連絡しないで")
_NEGATED: Final = ("しない", "しなく", "せず", "ないで")
# fmt: on

SHORT_LETTERS_MAX: Final = 200  # of a reply in which a word anywhere counts
FORM_LETTERS_MAX: Final = 200  # a longer text is no word with politeness around it
_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+")
_NEAR: Final = 2  # words after “do not” that it can still turn round


def _folded(*lists: Iterable[str]) -> frozenset[str]:
    return frozenset(joined(word) for each in lists for word in each)


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(_folded(words), key=lambda word: (-len(word), word)))


_HEADS_FOLDED: Final = _longest_first(_HEADS)
_TAILS_FOLDED: Final = _longest_first(_TAILS)
_WRONG_FOLDED: Final = _folded(_WRONG_PERSON)
_STEMS_FOLDED: Final = _folded(_STEMS)
_LETTER_STEMS_FOLDED: Final = _folded(_LETTER_STEMS)
_PLAIN_FOLDED: Final = _folded(_PLAIN)
_PHRASES_FOLDED: Final = _folded(_PHRASES)
_TURNED_FOLDED: Final = _folded(_TURNED)
_NOT_TO_SEND_FOLDED: Final = _longest_first(_NOT_TO_SEND)
_NEGATED_FOLDED: Final = _folded(_NEGATED)


def words_of(rules: Mapping[str, StatedRule]) -> Words:
    """The lists of the rule pack with those of this file. Source: PP-07, US-02, US-03."""
    stated = [*rules["PP-07"].parameters["stop_words"], *rules["US-02"].parameters["keywords"]]
    help_words, start_words = (rules["US-03"].parameters[name] for name in ("help_words", "start_words"))
    return Words(
        stop=_folded(stated, _STOP_FIRST, _STOP),
        first_stop=_folded(stated, _STOP_FIRST),
        help=_folded(help_words, _HELP),
        first_help=_folded(help_words),
        start=_folded(start_words, _START),
        first_start=_folded(start_words),
    )


def read_wish(text: str, words: Words) -> Wish:
    """Of a text message, or of the first look at a reply: the whole text first, then its first word; words
    for help before words for stopping.
    """
    folded, whole = fold(text), joined(text)
    tokens = _TOKEN.findall(folded)
    if whole in words.help:
        return Wish.HELP
    if any(form in words.stop for form in _stripped(whole)):
        return Wish.STOP
    if tokens and tokens[0] in words.first_help:
        return Wish.HELP
    if (rest := _after_stop(tokens, words)) is not None:
        return Wish.HOLD if _turned_round(rest) else Wish.STOP
    if any(phrase in whole for phrase in _WRONG_FOLDED):
        return Wish.WRONG_PERSON
    if any(phrase in whole for phrase in _PLAIN_FOLDED):
        return Wish.STOP
    if any(stem in whole for stem in _STEMS_FOLDED) or not _STEM_TOKENS.isdisjoint(tokens):
        return Wish.HOLD
    if whole in words.start or (tokens and tokens[0] in words.first_start):
        return Wish.START
    return Wish.UNCLEAR


def read_letter(text: str, words: Words) -> Wish:
    """Of a reply by mail without what it quotes: if it is short, a refusal anywhere in it counts."""
    wish, whole = read_wish(text, words), joined(text)
    if wish not in (Wish.HOLD, Wish.UNCLEAR):
        return wish
    if len(whole) > SHORT_LETTERS_MAX:
        return Wish.HOLD if wish is Wish.HOLD and _may_stop(whole) else Wish.UNCLEAR
    tokens = _TOKEN.findall(fold(text))
    says_no = (
        any(phrase in whole for phrase in _PHRASES_FOLDED)
        or not _PHRASE_TOKENS.isdisjoint(tokens)
        or refusals.refuses(whole)
    )
    turned = _denied(whole, tokens) or refusals.goes_on(whole)
    if says_no and not turned:
        return Wish.STOP
    return Wish.HOLD if _may_stop(whole) else Wish.UNCLEAR


def _may_stop(whole: str) -> bool:
    """Not 停止しないで, 不要になった商品 and ご迷惑をおかけします: read by a human, they hold nothing."""
    left = refusals.without_politeness(refusals.without_opposites(whole))
    stems = (*_STEMS_FOLDED, *_LETTER_STEMS_FOLDED, *_STEM_TOKENS)
    return any(stem in left for stem in stems) and not refusals.about_orders(whole)


def _stripped(whole: str) -> Iterator[str]:
    """The text, without polite words before it, after it, and both: each step is a form of its own.

    Every ending that fits is tried, not the longest alone: ていします is ていし and ます.
    """
    head = whole if len(whole) <= FORM_LETTERS_MAX else ""
    while head:
        forms = {head}
        while forms:
            yield from forms
            forms = {
                form.removesuffix(word) for form in forms for word in _TAILS_FOLDED if form.endswith(word)
            } - {""}
        head = next((head.removeprefix(word) for word in _HEADS_FOLDED if head.startswith(word)), "")


def _after_stop(tokens: list[str], words: Words) -> list[str] | None:
    """What follows if the text begins with a word for stopping; `please` before it is no word of its own."""
    while tokens and tokens[0] in _HEADS_FOLDED:
        tokens = tokens[1:]
    if tokens and tokens[0] in words.first_stop:
        return tokens[1:]
    return tokens[2:] if len(tokens) > 1 and tokens[0] + tokens[1] in words.first_stop else None


def _turned_round(rest: list[str]) -> bool:
    """`stop しないで` does not ask to stop; `stop, do not text me` does."""
    together = "".join(rest)
    for phrase in _NOT_TO_SEND_FOLDED:
        together = together.replace(phrase, "")
    if any(ending in together for ending in _NEGATED_FOLDED):
        return True
    return any(
        token in _NEGATORS and _CONTACTING.isdisjoint(rest[at + 1 : at + 2 + _NEAR])
        for at, token in enumerate(rest)
    )


def _denied(whole: str, tokens: list[str]) -> bool:
    """`停止しないで`, `do not stop`: the word is there, and turned round."""
    for phrase in _NOT_TO_SEND_FOLDED:
        whole = whole.replace(phrase, "")
    if any(f"{word}{ending}" in whole for word in _TURNED_FOLDED for ending in _NEGATED_FOLDED):
        return True
    return any(token in _NEGATORS and _stops_soon(tokens[at + 1 :]) for at, token in enumerate(tokens))


def _stops_soon(following: list[str]) -> bool:
    after = following[1:] if following[:1] == ["t"] else following  # don't
    return not _PHRASE_TOKENS.isdisjoint(after[:_NEAR])
