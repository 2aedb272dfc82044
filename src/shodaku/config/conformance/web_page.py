"""A shop's own page, written from the words of a situation, for the form checker to read."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final

from shodaku.config.conformance.words import UnknownWord, Words, one_of, only
from shodaku.policy.domain import Box

_FORM: Final = (
    "box",
    "consent_in",
    "text_contrast",
    "topics",
    "boxes",
    "purpose_notice",
    "consent_required_to_buy",
    "last_screen_shows_consent",
    "incentive",
    "submitted_by",
    "confirmed",
)
_PURPOSE: Final = "ご入力のアドレスは、お選びの案内をお送りするために使います。"
_CONTRAST_MAX: Final = 21.0
_LINEAR_UP_TO: Final = 0.0031308


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnForm:
    """`form` of a situation, understood."""

    box: Box = Box.UNCHECKED
    in_terms: bool = False
    contrast: float | None = None
    topics: tuple[str, ...] = ("news",)
    boxes: int = 1
    purpose: str | None = _PURPOSE
    required_to_buy: bool = False
    last_screen_shows_consent: bool | None = None
    incentive: str | None = None
    confirmed: bool = False


def parse_form(value: object) -> OwnForm:
    """Raises UnknownWord."""
    words = only(value, _FORM, "form")
    topics = _topics(words.get("topics") or ["news"])
    if words.get("consent_in") is not None:
        one_of(words["consent_in"], ("terms",), "form.consent_in")
    if words.get("submitted_by") is not None:
        one_of(words["submitted_by"], ("person", "other_person"), "form.submitted_by")
    return OwnForm(
        box=_state(words),
        in_terms=words.get("consent_in") is not None,
        contrast=_ratio(words.get("text_contrast")),
        topics=topics,
        boxes=_count(words.get("boxes"), len(topics)),
        purpose=_said(words.get("purpose_notice", True), "form.purpose_notice", _PURPOSE),
        required_to_buy=flag(words, "consent_required_to_buy", "form") or False,
        last_screen_shows_consent=flag(words, "last_screen_shows_consent", "form"),
        incentive=_said(words.get("incentive"), "form.incentive", "特典"),
        confirmed=flag(words, "confirmed", "form") or False,
    )


def flag(words: Words, name: str, where: str) -> bool | None:
    """None if it is absent. Raises UnknownWord."""
    value = words.get(name)
    if value is not None and not isinstance(value, bool):
        raise UnknownWord(hint=f"{where}.{name}: {value!r}")
    return value


def signup_page(form: OwnForm, sender_name: str) -> str:
    """Colours stand in the element, as a mail's would; everything else is left to the browser."""
    style = "" if form.contrast is None else f' style="color: {_grey(form.contrast)}; background-color: #fff"'
    listed = "".join(f"<li>{escape(topic)}</li>" for topic in form.topics)
    gift = "" if form.incentive is None else f"<p>特典：{escape(form.incentive)}</p>"
    purpose = "" if form.purpose is None else f"<p>利用目的：{escape(form.purpose)}</p>"
    return (
        f'<!doctype html><html lang="ja"><head><title>会員登録</title></head><body{style}>'
        '<h1>会員登録</h1><form method="post" action="/join">'
        '<p><label for="email">メールアドレス</label> <input type="email" id="email" name="email"></p>'
        f"<fieldset><legend>お送りするもの</legend><ul>{listed}</ul>{_boxes(form)}</fieldset>"
        f"{purpose}{gift}<p>{escape(sender_name)}</p><button>登録する</button></form></body></html>"
    )


def opt_out_page(requires: str) -> str:
    """A page that wants something before it stops: a sign-in, or else something to fill in."""
    asked = escape(requires)
    wanted = (
        '<label>パスワード <input type="password" name="password"></label>'
        if requires == "login"
        else f'<label>{asked} <textarea name="{asked}" required></textarea></label>'
    )
    form = f'<form method="post"><p>{wanted}</p><button>停止する</button></form>'
    return f'<!doctype html><html lang="ja"><body>{form}</body></html>'


def _boxes(form: OwnForm) -> str:
    terms = "<p>登録すると、会員規約に同意し、案内メールの配信にも同意したことになります。</p>"
    match form.box:
        case Box.NONE:
            return terms if form.in_terms else ""
        case Box.NEGATIVE:
            return "".join(_box(f"no_mail_{n}", "案内メールを受け取らない") for n in range(form.boxes)) + (
                terms if form.in_terms else ""
            )
        case Box.UNCHECKED | Box.CHECKED_BY_DEFAULT:
            ticked = form.box is Box.CHECKED_BY_DEFAULT
            if form.in_terms:
                return _box("terms", "会員規約（案内メールの配信を含みます）に同意する", ticked=ticked)
            named = form.topics if form.boxes == len(form.topics) else ["選んだもの"] * form.boxes
            return "".join(
                _box(f"consent_{n}", f"「{each}」をメールで受け取る", ticked=ticked)
                for n, each in enumerate(named)
            )


def _box(name: str, label: str, *, ticked: bool = False) -> str:
    checked = " checked" if ticked else ""
    return f'<p><label><input type="checkbox" name="{name}" value="1"{checked}> {escape(label)}</label></p>'


def _topics(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise UnknownWord(hint=f"form.topics: {value!r}")
    return tuple(value)


def _state(words: Words) -> Box:
    """Absent is an empty box, null is none."""
    said = words.get("box", Box.UNCHECKED.value)
    return Box(one_of(Box.NONE.value if said is None else said, [each.value for each in Box], "form.box"))


def _count(value: object, usual: int) -> int:
    if value is None:
        return usual
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UnknownWord(hint=f"form.boxes: {value!r}")
    return value


def _said(value: object, where: str, usual: str) -> str | None:
    """A text, or only that there is one."""
    if value is None or value is False:
        return None
    if value is True:
        return usual
    if not isinstance(value, str) or not value.strip():
        raise UnknownWord(hint=f"{where}: {value!r}")
    return value


def _ratio(value: object) -> float | None:
    """A number, or as it is written, 3:1."""
    if value is None:
        return None
    text = str(value).removesuffix(":1")
    try:
        ratio = float(text)
    except ValueError:
        ratio = 0.0
    if isinstance(value, bool) or not 1 <= ratio <= _CONTRAST_MAX:
        raise UnknownWord(hint=f"form.text_contrast: {value!r}")
    return ratio


def _grey(ratio: float) -> str:
    """The grey that has this contrast on white (WCAG 2.2, relative luminance backwards)."""
    linear = max(0.0, 1.05 / ratio - 0.05)
    part = 12.92 * linear if linear <= _LINEAR_UP_TO else 1.055 * linear ** (1 / 2.4) - 0.055
    return f"rgb({part:.10%}, {part:.10%}, {part:.10%})"
