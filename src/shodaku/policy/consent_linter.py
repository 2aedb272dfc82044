"""What a sign-up form, an opt-out page or an imported wording does to a consent that is asked for with it.

The faults of a form have one order (LAW.md section 9): the first is the answer, the others are told besides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shodaku.policy.reasons import Reason

CONTRAST_MIN: Final = 4.5  # WCAG 2.2, 1.4.3; of forms, where a mail's footer needs 3 (LAW.md section 5)
LOGIN: Final = frozenset(
    {"login", "log in", "log-in", "signin", "sign in", "sign-in", "ログイン", "会員ログイン"}
)


class Box(StrEnum):
    """The box of a form as the person finds it."""

    UNCHECKED = "unchecked"
    CHECKED_BY_DEFAULT = "checked_by_default"
    NONE = "none"
    NEGATIVE = "negative"  # ticking says no, so silence would be a yes


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFacts:
    """A form in what the law asks about; `own_forms` of the sign-up room reads it from a page."""

    box: Box
    topics: int  # kinds of mail that the form asks for
    boxes: int
    purpose_shown: bool
    sender_named: bool | None  # None: nobody said whose name should stand there
    consent_in_terms: bool = False
    contrast: float | None = None  # of the words that bind, the weakest; None: no colours are known
    hidden: bool = False
    required_to_buy: bool = False
    last_screen_shows_consent: bool | None = None  # None: no order is placed with this form
    incentive: bool = False


@dataclass(frozen=True, slots=True)
class FormAnswer:
    reason: Reason
    faults: tuple[Reason, ...] = ()

    @property
    def passes(self) -> bool:
        return not self.faults


def lint_form(facts: FormFacts) -> FormAnswer:
    """The first fault, or that the form may be published; all faults in the order of LAW.md section 9."""
    faults = tuple(_faults(facts))
    if faults:
        return FormAnswer(faults[0], faults)
    return FormAnswer(Reason.OK_INCENTIVE if facts.incentive else Reason.OK_FORM)


def lint_opt_out_page(requires: str | None) -> Reason:
    """What a page asks for before it stops; nothing but the press is allowed (施行規則8条, SE-16)."""
    wanted = _folded(requires or "").strip()
    if not wanted:
        return Reason.OK_FORM
    return Reason.UNSUB_LOGIN_REQUIRED if wanted in LOGIN else Reason.UNSUB_EXTRA_STEP


def lint_wording(text: str, sender_names: Sequence[str]) -> tuple[Reason, ...]:
    """What is wrong with the words under which somebody is said to have agreed elsewhere; () if nothing."""
    missing = [Reason.PURPOSE_NOT_SHOWN] if not _PURPOSE.search(_folded(text)) else []
    unnamed = [] if names_sender(text, sender_names) else [Reason.CONSENT_PARTY_UNIDENTIFIED]
    return (*contradictions(text), *missing, *unnamed)


def contradictions(text: str) -> tuple[Reason, ...]:
    """What a text says itself against the consent it is about; that something is missing is no part of it."""
    sentences = [_folded(part) for part in _SENTENCES.split(text) if part.strip()]
    found = {
        Reason.CONSENT_PRECHECKED: any(map(_prechecked, sentences)),
        Reason.CONSENT_BUNDLED: _bundled(sentences),
        Reason.CONSENT_DEEMED: any(map(deems_consent, sentences)),
    }
    return tuple(reason for reason, present in found.items() if present)


def deems_consent(sentence: str) -> bool:
    """Does it read a yes into silence? "You can stop at any time" does not."""
    folded = _folded(sentence)
    return any(pattern.search(folded) for pattern in (_SILENCE, _DEEMED, _BOX_OF_NO))


def names_sender(text: str, sender_names: Sequence[str]) -> bool:
    """By a name of the sender; or as "we", where nobody else is spoken of (SE-25)."""
    folded = _folded(text)
    itself = bool(_WE.search(folded)) and not _OTHERS.search(folded)
    return itself or stands(sender_names, text)


def stands(names: Sequence[str], text: str) -> bool:
    """Is one of the names written there? Width, spaces and the spelling of company forms do not matter."""
    whole = _one_spelling(text)
    return any(_as_word(name).search(whole) for name in names if name.strip())


def _faults(facts: FormFacts) -> Iterator[Reason]:
    if facts.box is Box.CHECKED_BY_DEFAULT:
        yield Reason.CONSENT_PRECHECKED
    if facts.consent_in_terms or facts.box is Box.NONE:
        yield Reason.CONSENT_BUNDLED
    if facts.box is Box.NEGATIVE:
        yield Reason.CONSENT_DEEMED
    if facts.hidden or (facts.contrast is not None and facts.contrast < CONTRAST_MIN):
        yield Reason.CONSENT_HIDDEN_WORDING
    if facts.boxes < facts.topics and facts.box is not Box.NONE:  # where there is none, that is the fault
        yield Reason.CONSENT_NOT_PER_TYPE
    if not facts.purpose_shown:
        yield Reason.PURPOSE_NOT_SHOWN
    if facts.required_to_buy:
        yield Reason.CONSENT_CONDITIONAL
    if facts.last_screen_shows_consent is False:
        yield Reason.CONSENT_STATE_NOT_SHOWN
    if facts.sender_named is False:  # no check of the suite: told after them all
        yield Reason.CONSENT_PARTY_UNIDENTIFIED


def _prechecked(sentence: str) -> bool:
    return any(
        not _NO_BEFORE.search(sentence, max(0, found.start() - _NEAR), found.start())
        and not _NO_AFTER.match(sentence, found.end(), found.end() + _NEAR)
        for found in _TICKED.finditer(sentence)
    )


def _bundled(sentences: Sequence[str]) -> bool:
    """The terms are agreed to, and no other sentence asks for the mail."""
    terms = [sentence for sentence in sentences if _TERMS.search(sentence)]
    own = [each for each in sentences if each not in terms and _ASKS.search(each) and not deems_consent(each)]
    return bool(terms) and not own


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _one_spelling(text: str) -> str:
    """Without width, and company forms shortened (SE-12)."""
    spelled = unicodedata.normalize("NFKC", text)
    for form, short in _COMPANY_FORMS.items():
        spelled = spelled.replace(form, short)
    return spelled


def _as_word(name: str) -> re.Pattern[str]:
    """A name in Latin letters is no part of a longer word."""
    letters = "".join(_one_spelling(name).split())
    before = r"(?<![A-Za-z0-9])" if letters[0].isascii() else ""
    after = r"(?![A-Za-z0-9])" if letters[-1].isascii() else ""
    return re.compile(before + _LOOSE.join(map(re.escape, letters)) + after)


_LOOSE: Final = r"\s*"
_COMPANY_FORMS: Final = {"株式会社": "(株)", "有限会社": "(有)", "合同会社": "(同)"}
_SENTENCES: Final = re.compile(r"[。．!?！？\n□☐☑✓✔・]|\.(?=\s|$)")
_NEAR: Final = 30  # characters in which a "not" belongs to what is said
_NO_BEFORE: Final = re.compile(r"(?:\b(?:not|no|none|nothing|never)\b|n't\b).{0,24}$")
_NO_AFTER: Final = re.compile(r".{0,10}(?:ません|ない|なし)")
_TICKED: Final = re.compile(
    r"(?:初期(?:状態|値|設定)|最初から|はじめから|あらかじめ|予め|デフォルト|既定|標準)"
    r".{0,20}(?:チェック|選択|オン)|チェック(?:済み?|入り)|事前に?(?:チェック|選択)"
    r"|pre-?\s?(?:checked|ticked|selected)"
    r"|(?:checked|ticked|selected) (?:by default|in advance|for you|already)"
    r"|already (?:checked|ticked|selected)"
)
_TERMS: Final = re.compile(
    r"(?:規約|約款|ポリシー|方針|取り?扱い?)[」』)]?.{0,12}[にへを].{0,8}(?:同意|承諾|了承)"
    r"|\b(?:agree|accept|consent)\w*.{0,30}\b(?:terms|conditions|privacy|polic(?:y|ies))\b"
    r"|\b(?:terms|conditions|privacy policy)\b.{0,40}\b(?:agreed|accepted|constitutes?)\b"
)
_ASKS: Final = re.compile(
    r"(?:メール|メルマガ|マガジン|案内|お知らせ|広告|ニュース|情報|クーポン|セール|便り|だより|配信|sms)"
    r".{0,24}(?:受け取|受取|受信|希望|同意|購読|送付|送って|配信|届)"
    r"|\b(?:receive|send|subscribe|sign up|i want|i would like|i'd like)\b.{0,60}"
    r"\b(?:e-?mails?|mail|newsletter|news|offers?|updates?|coupons?|messages?|information)\b"
)
_SILENCE: Final = re.compile(
    r"(?:断り|断ら|拒否|申し?出|連絡(?!先)|返信|返事|回答|異議|辞退).{0,6}?"
    r"(?:(?:な|無)い(?:場合|限り|とき|時|方は)|なき(?:場合|限り)|なければ)"
    r"|\bunless (?:you|we|i) (?:have |do |first )?(?:tell|told|inform|notif|object|opt|untick|uncheck|advise"
    r"|indicate|say|ask|write|contact|let|request|refuse|decline|unsubscribe|reply|hear)"
    r"|\bunless (?:told|instructed|notified|advised) otherwise"
    r"|\bif (?:you|we) (?:do not|don't) (?:reply|respond|object|hear|answer|tell|refuse)"
    r"|\bby (?:not|failing to)\b|\bsilence (?:is|means|counts)\b"
)
_DEEMED: Final = re.compile(
    r"(?:同意|承諾|許諾|希望|受信).{0,14}(?:とみな|と見な|もの(?:と|として)(?:みな|見な|扱|取り扱))(?!.{0,8}ません)"
    r"|\b(?:deemed|considered|assumed|presumed|treated)\b.{0,30}\b(?:agree|consent|accept|opt)"
    r"|\bimpl(?:y|ies|ied) (?:your )?consent|\b(?:we|will) assume\b.{0,40}\b(?:agree|consent|happy|want|wish)"
)
_BOX_OF_NO: Final = re.compile(
    r"(?:不要|希望しない|希望されない|希望なさらない|受け取りたくない|受け取らない|要らない|いらない|望まない)"
    r".{0,12}(?:チェック|レ点|印を|選択)"
    r"|チェックを?(?:外|はず)(?:さ|し)"
    r"|(?:tick|check|mark|cross|click)\w*\b.{0,30}\b"
    r"(?:if you (?:do not|don't|would (?:rather |prefer )?not)|to (?:opt[- ]?out|stop|refuse)|not to receive)"
    r"|\bif you (?:do not|don't|would (?:rather |prefer )?not)\b.{0,60}\b(?:tick|check|mark)\b"
    r"|\b(?:untick|uncheck|deselect)\b"
)
_PURPOSE: Final = re.compile(
    r"利用目的|使用目的|使い(?:みち|道)|目的|ため|広告|宣伝|販促|販売促進|マーケティング|新商品|新製品|商品|セール"
    r"|キャンペーン|クーポン|お得|案内|お知らせ|ニュース|便り|だより|メルマガ|マガジン|イベント|セミナー|アンケート"
    r"|\bpurposes?\b|\bin order to\b|\bused? (?:only )?(?:to|for)\b|\bto (?:tell|inform|let)\b"
    r"|\bnews|\boffers?\b|promotion|marketing|\bproducts?\b|coupons?|\bsales?\b|events?\b|advert|surveys?\b|updates?\b"
)
_WE: Final = re.compile(
    r"当社|弊社|当店|弊店|当会|当サイト|当ショップ|私ども|わたしたち|私たち|\b(?:we|us|our)\b"
)
_OTHERS: Final = re.compile(
    r"(?:関連|関係|グループ|提携|協力|協賛|系列|パートナー)(?:会社|企業|各社|先|他社|団体|店|社)"
    r"|他社|第三者|スポンサー"
    r"|\b(?:affiliat|third[- ]part|partner|sponsor|subsidiar|(?:selected|other|group) compan)"
)
