"""Template tags of the user interface: functions of their arguments, without a query.

Filters of moments get local time from Django, so a view may hand out what the database gave.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files

import budoux
from django import template
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from shodaku.kit.ui import bidi
from shodaku.kit.ui.seal import CARVING, FACE, VIEW_BOX

register = template.Library()

PACKAGE = files("shodaku.kit.ui")
SYMBOL = re.compile(r'<symbol id="([a-z0-9-]+)" viewBox="0 0 24 24">(.*?)</symbol>', re.DOTALL)
_CARVED = mark_safe(f'{FACE}<g class="carve">{CARVING}</g>')  # noqa: S308 - constants
FLOW_WIDTH = 10_000
SLIVER = 60  # 0.6 %: a person in a million is still to be seen
GAP = 25
PHRASES_MAX = 4_096
SHA256_DIGITS = 64
COLUMN_WIDTH, COLUMN_GAP, COLUMN_HEIGHT = 10, 6, 100


@functools.cache
def icons() -> Mapping[str, str]:
    """Drawings by name, from the package."""
    return dict(SYMBOL.findall((PACKAGE / "icons" / "icons.svg").read_text(encoding="utf-8")))


@functools.cache
def manifest() -> Mapping[str, str]:
    """Built files: name -> name with content hash."""
    names: dict[str, str] = json.loads(
        (PACKAGE / "static" / "ui" / "manifest.json").read_text(encoding="utf-8")
    )
    return names


def _role(label: str) -> SafeString:
    if label:
        return format_html('role="img" aria-label="{}"', label)
    return mark_safe('aria-hidden="true"')  # a constant


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Inline picture, decorative unless labelled. An unknown name is a KeyError."""
    drawing = mark_safe(icons()[name])  # noqa: S308 - from a file of this package
    return format_html('<svg class="ico" viewBox="0 0 24 24" {}>{}</svg>', _role(label), drawing)


@register.simple_tag
def seal(label: str = "") -> SafeString:
    """The vermilion stamp: stands for evidence that was checked (the brand mark is the only other use)."""
    return format_html('<svg class="seal" viewBox="{}" {}>{}</svg>', VIEW_BOX, _role(label), _CARVED)


@register.simple_tag
def asset(name: str) -> str:
    """URL of a built file. An unknown name is a KeyError."""
    return static(f"ui/{manifest()[name]}")


@register.filter
def apart(value: object) -> str:
    """A name within a sentence: written from right to left, it moves nothing that stands behind it."""
    return bidi.apart(value)


@register.filter
def num(value: int | None) -> str:
    """8,412: half-width figures in both languages."""
    return "" if value is None else f"{value:,}"


def _japanese() -> bool:
    return (get_language() or "").startswith("ja")


@register.filter(expects_localtime=True)
def day(value: date | None) -> str:
    """2026年11月22日 / 22 Nov 2026."""
    if value is None:
        return ""
    if _japanese():
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@register.filter
def month(value: date) -> str:
    """2026年11月 / November 2026."""
    if _japanese():
        return f"{value.year}年{value.month}月"
    return f"{value:%B} {value.year}"


@register.filter(expects_localtime=True)
def clock(value: datetime | None) -> str:
    """In sentences: 9時41分 / 09:41. Tables and timelines use `minute`."""
    if value is None:
        return ""
    return f"{value.hour}時{value.minute:02d}分" if _japanese() else f"{value:%H:%M}"


@register.filter(expects_localtime=True)
def minute(value: datetime | None) -> str:
    """In tables and timelines: 2025年4月2日 9:07 / 2 Apr 2025, 09:07."""
    if value is None:
        return ""
    return f"{day(value)} {value.hour}:{value:%M}" if _japanese() else f"{day(value)}, {value:%H:%M}"


@register.filter(expects_localtime=True)
def stamp(value: datetime | None) -> str:
    """Beside evidence: 2026-11-22 09:41:07 JST."""
    return "" if value is None else f"{value:%Y-%m-%d %H:%M:%S %Z}".strip()


@register.filter
def mask(address: str) -> str:
    """y****@mail.example, 090-****-5678. The number of stars never tells a length."""
    if "@" in address:
        local, _, domain = address.rpartition("@")
        return f"{local[:1]}****@{domain}"
    digits = re.sub(r"^\+81", "0", address)
    return f"{digits[:3]}-****-{digits[-4:]}"


@register.filter
def brief(value: bytes | memoryview | str) -> str:
    """A hash for people: 7f3a 91c2 … 0be4. Of one that was shortened before nobody knows the end."""
    digits = value if isinstance(value, str) else bytes(value).hex()
    end = f" {digits[-4:]}" if len(digits) >= SHA256_DIGITS else ""
    return f"{digits[:4]} {digits[4:8]} …{end}"


@register.filter
def phrase(text: str) -> SafeString:
    """Chances to break between Japanese phrases, for engines without `word-break: auto-phrase`."""
    return _phrases(str(text)) if _japanese() else conditional_escape(text)


@functools.cache
def _parser() -> budoux.parser.Parser:
    return budoux.load_default_japanese_parser()


@functools.lru_cache(maxsize=PHRASES_MAX)
def _phrases(text: str) -> SafeString:
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in _parser().parse(text)))


@register.filter
def contact_link(text: str, where: str = "") -> SafeString:
    """Where to ask or complain: an e-mail address or a page can be pressed, a number never breaks.

    `apart`: a page opens in a window of its own.
    """
    return format_html_join(" ", "{}", ((_reachable(word, where),) for word in str(text).split()))


def _reachable(word: str, where: str) -> SafeString:
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", word):
        return format_html('<a href="mailto:{}">{}</a>', word, word)
    if word.startswith("https://") and where == "apart":
        return format_html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', word, word)
    if word.startswith("https://"):
        return format_html('<a href="{}">{}</a>', word, word)
    return format_html('<span class="nb">{}</span>', word)


@register.simple_tag
def parts(*tones_and_counts: str | int) -> list[tuple[str, int]]:
    """`{% parts "go" sendable "wait" wait as bar %}`: what `flow` draws."""
    counts = [int(count or 0) for count in tones_and_counts[1::2]]
    return list(zip(map(str, tones_and_counts[::2]), counts, strict=True))


@register.simple_tag
def flow(bar: Sequence[tuple[str, int]], label: str) -> SafeString:
    """One horizontal bar; `label` says all figures. SVG attributes: a style would break the policy."""
    total = sum(count for _, count in bar) or 1
    widths = [(tone, max(round(count * FLOW_WIDTH / total), SLIVER)) for tone, count in bar if count]
    return format_html(
        '<svg viewBox="0 0 {} 26" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        sum(width for _, width in widths) or FLOW_WIDTH,
        label,
        format_html_join("", '<rect class="fill-{}" x="{}" width="{}" height="26"/>', _laid_out(widths)),
    )


def _laid_out(widths: Iterable[tuple[str, int]]) -> Iterable[tuple[str, int, int]]:
    start = 0
    for tone, width in widths:
        if start:
            yield "gap", start, GAP
        inset = GAP if start else 0
        yield tone, start + inset, width - inset
        start += width


@register.simple_tag
def columns(bars: Sequence[Mapping[str, int]], label: str, *tones_and_names: str) -> SafeString:
    """`{% columns bars label "go" "clicks" "never" "opens" %}`: one group of columns a bar, in its order.

    `label` says what the chart shows; the figures stand in a table beside it. SVG attributes, as in `flow`.
    """
    series = list(zip(tones_and_names[::2], tones_and_names[1::2], strict=True))
    top = max((bar[name] for bar in bars for _, name in series), default=0) or 1
    width = COLUMN_WIDTH * len(series) + COLUMN_GAP
    rects = (
        (tone, at * width + COLUMN_GAP // 2 + place * COLUMN_WIDTH, COLUMN_WIDTH, bar[name] / top)
        for at, bar in enumerate(bars)
        for place, (tone, name) in enumerate(series)
    )
    return format_html(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        max(width * len(bars), 1),
        COLUMN_HEIGHT,
        label,
        format_html_join(
            "",
            '<rect class="fill-{}" x="{}" y="{}" width="{}" height="{}"/>',
            (
                (tone, x, COLUMN_HEIGHT - height, wide, height)
                for tone, x, wide, part in rects
                if (height := round(part * COLUMN_HEIGHT))
            ),
        ),
    )


@register.simple_tag
def meter(tone: str, value: int, top: int) -> SafeString:
    """Small bar beside a figure that is always printed too, so the bar is decoration."""
    return format_html(
        '<svg viewBox="0 0 {} 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="fill-{}" width="{}" height="10"/></svg>',
        max(top, 1),
        tone,
        min(value, max(top, 1)),
    )
