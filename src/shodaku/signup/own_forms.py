"""Somebody's HTML form, or one of ours, in what the law asks about: the facts that the consent linter judges.

Read from names, labels and what stands around them. What a page cannot show is declared besides it. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from shodaku.policy.domain import Box, FormFacts, deems_consent, stands
from shodaku.signup.page_reader import Control, Page, Text, read_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What HTML does not show; None or False where nobody said anything."""

    topics: int | None = None  # kinds of mail, where they are known better than the page tells
    required_to_buy: bool = False
    last_screen_shows_consent: bool | None = None
    incentive: bool = False


NOTHING_DECLARED: Final = Declared()


class _Meaning(Enum):
    CONSENT = auto()
    NO = auto()  # ticking it refuses
    BUNDLE = auto()  # one tick for the terms and the mail
    OTHER = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class _Choice:
    """One question of the form: a box, or a group of buttons of which one is pressed."""

    meaning: _Meaning
    texts: tuple[Text, ...]
    ticked: bool
    required: bool
    group: int | None
    label: int | None


def read_form(
    html: str, sender_names: Sequence[str] = (), declared: Declared = NOTHING_DECLARED
) -> FormFacts:
    """One of the names must stand on the page; without any, nobody looks for one. Raises UnreadablePage."""
    page = read_page(html)
    choices = _consents(list(_choices(page)))
    offers = [choice for choice in choices if choice.meaning is _Meaning.CONSENT]
    refusals = [choice for choice in choices if choice.meaning is _Meaning.NO]
    bundles = [choice for choice in choices if choice.meaning is _Meaning.BUNDLE]
    shown, everything = page.lines(shown=True), page.lines(shown=False)
    boxes = len(offers or refusals)
    beside = page.lines(shown=True, without=frozenset(map(id, _judged(page, choices))))
    return FormFacts(
        box=_box(offers, refusals, bundles, _sentences(beside)),
        topics=declared.topics or _kinds(page, offers or refusals),
        boxes=boxes,
        purpose_shown=_says(_PURPOSE, shown),
        sender_named=stands(sender_names, " ".join(shown)) if sender_names else None,
        consent_in_terms=bool(bundles) or (not offers and _says(_IN_TERMS, _sentences(everything))),
        contrast=min(
            (c for text in _binding(page, choices) if (c := text.contrast) is not None), default=None
        ),
        hidden=_hidden(choices, shown, everything),
        required_to_buy=declared.required_to_buy or any(offer.required for offer in [*offers, *bundles]),
        last_screen_shows_consent=declared.last_screen_shows_consent,
        incentive=declared.incentive
        or _says(_INCENTIVE, [line for line in beside if not _says(_PURPOSE, [line])]),
    )


def read_requires(html: str) -> str | None:
    """What a page wants before it lets somebody stop; None if one press is enough. Raises UnreadablePage."""
    page = read_page(html)
    for control in page.controls:
        if control.kind == "password":
            return "login"
    if _CAPTCHA.search(html):
        return "captcha"
    pressed = {control.name for control in page.controls if control.ticked}
    for control in page.controls:
        if control.kind in _TYPED_ALWAYS or (control.kind in _CHOSEN and control.name not in pressed):
            return control.name or control.kind
        if control.required and control.kind not in ("radio", "option", "hidden"):
            return control.name or control.kind
    return None


def _box(
    offers: Sequence[_Choice], refusals: Sequence[_Choice], bundles: Sequence[_Choice], said: Sequence[str]
) -> Box:
    if any(choice.ticked for choice in [*offers, *bundles]):
        return Box.CHECKED_BY_DEFAULT
    if refusals or any(deems_consent(line) and _ABOUT_MAIL.search(_folded(line)) for line in said):
        return Box.NEGATIVE
    return Box.UNCHECKED if offers else Box.NONE


def _choices(page: Page) -> Iterator[_Choice]:
    groups: dict[str, list[Control]] = defaultdict(list)
    for control in page.controls:
        if control.kind == "checkbox":
            yield _choice(page, control)
        elif control.kind in _CHOSEN:
            groups[control.name].append(control)
    for name, buttons in groups.items():
        if (group := _group(page, name, buttons)) is not None:
            yield group


def _choice(page: Page, box: Control) -> _Choice:
    texts = tuple(page.label(box))
    meaning = _meaning(box.name, _joined(texts) or box.said, _joined(texts, small=True) or box.said)
    return _Choice(meaning, texts, box.ticked, box.required, box.place.group, box.place.label)


def _group(page: Page, name: str, buttons: Sequence[Control]) -> _Choice | None:
    """Buttons that ask for mail: "yes" pressed beforehand is a ticked box, "no" pressed is none."""
    labels = {button: page.label(button) for button in buttons}
    texts = tuple(text for label in labels.values() for text in label)
    said = _folded(_joined(texts, small=True))
    if not _NAME_OF_MAIL.search(name.lower()) and not _MAIL.search(said):
        return None
    pressed = [button for button in buttons if button.ticked]
    yes = any(
        button.value and not _ANSWERS_NO.search(_folded(f"{_joined(labels[button])} {button.value}"))
        for button in pressed
    )
    first = buttons[0]
    silent = any(deems_consent(_joined(label)) for label in labels.values())
    meaning = _Meaning.NO if silent else _Meaning.CONSENT
    return _Choice(meaning, texts, yes, required=False, group=first.place.group, label=None)


def _meaning(name: str, headline: str, whole: str) -> _Meaning:
    called, said, more = name.lower(), _NO_ANSWER.sub("", _folded(headline)), _folded(whole)
    if deems_consent(said) or _NO.search(said) or _NAME_OF_NO.search(called):
        return _Meaning.NO
    if _AGREES_TO_TERMS.search(said):
        return _Meaning.BUNDLE if _MAIL.search(said) else _Meaning.OTHER
    if _NAME_OF_MAIL.search(called) or _MAIL.search(more):
        return _Meaning.CONSENT
    return _Meaning.OTHER if _SOMETHING_ELSE.search(f"{said} {called}") else _Meaning.UNKNOWN


def _consents(choices: Sequence[_Choice]) -> list[_Choice]:
    """A box that says nothing we know counts as one that asks for mail where no other does."""
    known = [choice for choice in choices if choice.meaning not in (_Meaning.OTHER, _Meaning.UNKNOWN)]
    if known:
        return known
    unknown = [choice for choice in choices if choice.meaning is _Meaning.UNKNOWN]
    return [
        _Choice(_Meaning.CONSENT, each.texts, each.ticked, each.required, each.group, each.label)
        for each in unknown
    ]


def _kinds(page: Page, choices: Sequence[_Choice]) -> int:
    """Kinds of mail that are asked for: what the boxes name, or a list beside them enumerates."""
    named = sum(max(1, _enumerated(_joined(choice.texts))) for choice in choices)
    return max(1, named, len(_listed(page, choices)))


def _listed(page: Page, choices: Sequence[_Choice]) -> list[list[Text]]:
    """Names of kinds in a list beside the boxes."""
    groups = {choice.group for choice in choices} - {None}
    labels = {choice.label for choice in choices} - {None}
    asking = {control.place.item for control in page.controls}
    listed: dict[int, list[Text]] = defaultdict(list)
    for text in page.texts:
        place = text.place
        if (
            place.item is not None
            and place.item not in asking
            and (place.group in groups or place.label in labels)
        ):
            listed[place.item].append(text)
    return [texts for texts in listed.values() if sum(len(text.text) for text in texts) <= _KIND_CHARS_MAX]


def _judged(page: Page, choices: Sequence[_Choice]) -> Iterator[Text]:
    """Names of kinds: what mail is about is no gift, and no sentence about silence.

    A label has been judged as a label; its small print is not a name.
    """
    for choice in choices:
        yield from (text for text in choice.texts if not text.place.small)
    for texts in _listed(page, choices):
        yield from texts


def _enumerated(headline: str) -> int:
    said = _folded(headline)
    return sum(bool(kind.search(said)) for kind in _KINDS)


def _binding(page: Page, choices: Sequence[_Choice]) -> Iterator[Text]:
    """Texts that a consent rests on, as far as they are seen: what is hidden is a fault of its own."""
    asked = {id(text) for choice in choices for text in choice.texts}
    for text in page.texts:
        said = _folded(text.text)
        binds = id(text) in asked or any(words.search(said) for words in (_PURPOSE, _IN_TERMS))
        if binds and text.shown and not text.place.folded_away:
            yield text


def _hidden(choices: Sequence[_Choice], shown: Sequence[str], everything: Sequence[str]) -> bool:
    return any(choice.texts and not any(text.shown for text in choice.texts) for choice in choices) or any(
        _says(words, everything) and not _says(words, shown) for words in (_PURPOSE, _IN_TERMS)
    )


def _joined(texts: Sequence[Text], *, small: bool = False) -> str:
    """The words of a label; without `small` its headline alone."""
    return "".join(text.text for text in texts if small or not text.place.small).strip()


def _sentences(lines: Sequence[str]) -> list[str]:
    return [part for line in lines for part in re.split(r"[。!?！？]|\.(?=\s|$)", line) if part.strip()]


def _says(words: re.Pattern[str], lines: Sequence[str]) -> bool:
    return any(words.search(_folded(line)) for line in lines)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


_KIND_CHARS_MAX: Final = 40  # what is longer is a sentence and no name of a kind
_TYPED_ALWAYS: Final = frozenset({"email", "tel", "text", "number"})
_CHOSEN: Final = frozenset({"radio", "option"})
_CAPTCHA: Final = re.compile(r"recaptcha|hcaptcha|h-captcha|cf-turnstile", re.IGNORECASE)
_PURPOSE: Final = re.compile(
    r"利用目的|利用の目的|使用目的|使い(?:みち|道)|目的[:は]"
    r"|\bpurposes?\b|\bused? (?:only |solely )?(?:to|for)\b"
)
_MAIL: Final = re.compile(
    r"メール|メルマガ|マガジン|案内|お知らせ|ニュース|配信|広告|クーポン|セール|キャンペーン|お得|情報|便り|だより|sms"
    r"|\b(?:e-?mails?|mailings?|newsletters?|news|offers?|promotions?|promotional|marketing|updates?|coupons?)\b"
)
_ABOUT_MAIL: Final = re.compile(rf"{_MAIL.pattern}|同意|\bconsent|\bagree")
_NAME_OF_MAIL: Final = re.compile(
    r"news|subscri|opt[-_]?in|market|promo|magazine|mailmag|merumaga|topics?\b|consent|mail[-_]?ok|dm\b"
)
_NO: Final = re.compile(
    r"(?:受け取ら|受けとら|受信し|希望し|購読し|配信し|送ら|要ら|いら|必要)(?:ない|ません|ないで)|希望(?:され|なさら)ない"
    r"|(?:は|が)不要|不要(?:です|です|な方|の方|である)|送付を?(?:断|拒)|受信(?:を)?拒否|お断りします"
    r"|\b(?:do not|don't|no longer|rather not|prefer not to|not)\b.{0,24}"
    r"\b(?:send|receive|get|contact|want|mail|e-?mail)"
    r"|\bopt(?:ing)?[- ]?out\b|\bno (?:e-?mails?|mail|newsletters?|news|marketing|offers?)\b"
)
_NAME_OF_NO: Final = re.compile(
    r"opt[-_]?out|no[-_]?(?:mail|news|dm|marketing)|unsubscribe|refus|reject|dont[-_]?"
)
# what mail is called, and whom it is for, say nothing about agreeing: 「…」を受け取る, …ない人向け
_NO_ANSWER: Final = re.compile(
    r"(?:「[^」]*」|『[^』]*』)(?=を(?:(?:電子)?メール|sms)?で?"
    r"(?:受け取(?!ら)|受信(?!し(?:ない|ませ))|購読(?!し(?:ない|ませ))))"
    r"|(?:ない|ません|不要[なの])(?:人|方|かた)(?:向け|への|のための)"
)
_ANSWERS_NO: Final = re.compile(
    r"(?:ない|ません)(?:$|\s)|いいえ|不要|拒否|\bno\b|\bnot\b|don't|\b0\b|\bfalse\b|\boff\b|\bnone\b"
)
_AGREES_TO_TERMS: Final = re.compile(
    r"(?:規約|約款|ポリシー|方針|取り?扱い?|条件).{0,40}(?:同意|承諾|了承)|同意.{0,20}(?:規約|約款)"
    r"|\b(?:agree|accept|consent)\w*\b.{0,40}\b(?:terms|conditions|polic(?:y|ies))\b"
)
_IN_TERMS: Final = re.compile(
    rf"(?:規約|約款|ポリシー|方針).{{0,30}}(?:同意|承諾).{{0,60}}(?:{_MAIL.pattern})"
    rf"|(?:{_MAIL.pattern}).{{0,60}}(?:規約|約款).{{0,30}}(?:同意|含)"
    rf"|\b(?:agree|accept|consent)\w*\b.{{0,60}}\b(?:terms|conditions|polic(?:y|ies))\b.{{0,80}}(?:{_MAIL.pattern})"
)
_INCENTIVE: Final = re.compile(
    r"特典|プレゼント|進呈|もれなく|ポイント(?:を|が)|\bgifts?\b|\bbonus\b|\brewards?\b|% off\b"
)
_SOMETHING_ELSE: Final = re.compile(
    r"保持|記憶|ログイン|ギフト|包装|のし|領収|請求先|届け先|住所|年齢|歳以上|ロボット|表示する|規約|プライバシー"
    r"|remember|keep me|signed in|gift|wrap|receipt|invoice|billing|shipping|same address|robot|password"
    r"|\bage\b|terms|privacy"
)
_KINDS: Final = tuple(
    re.compile(kind)
    for kind in (
        r"ニュース|お知らせ|案内|新商品|新製品|新着|セール|メルマガ|マガジン|便り|だより|\bnews|\bsales?\b",
        r"クーポン|割引券|\bcoupons?\b|\bvouchers?\b",
        r"イベント|セミナー|講座|\bevents?\b|\bseminars?\b|\bwebinars?\b|\bworkshops?\b",
        r"アンケート|\bsurveys?\b|questionnaire",
        r"他社|提携|パートナー|グループ会社|third[- ]part|\bpartners?\b|affiliates?",
    )
)
