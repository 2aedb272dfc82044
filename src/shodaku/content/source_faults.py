"""What is wrong with a mail that somebody wrote as MJML or HTML, with its line. Pure.

This is for the writer's sake: whatever is overlooked here is taken out by `content.markup`, as of any HTML.
Links and pictures are looked at once more in what became of it (`wrong_in_finished`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from typing import Final, NamedTuple
from uuid import UUID

from shodaku.content.faults import TemplateFault
from shodaku.content.markup import DEPTH_MAX, TAGS_MAX
from shodaku.content.merge_fields import LINKS, SLOT
from shodaku.content.rich_text import is_link
from shodaku.content.source import PICTURE, Language

_PART: Final = "source"
# no mj-include and no mj-raw: what they bring is not seen by the compiler. No accordion, carousel, navigation
# and social icons: they need style sheets, inputs or pictures of others, none of which a mail has
_MJ_TAGS: Final = frozenset({
    "mjml", "mj-all", "mj-attributes", "mj-body", "mj-breakpoint", "mj-button", "mj-class", "mj-column",
    "mj-divider", "mj-group", "mj-head", "mj-hero", "mj-image", "mj-preview", "mj-section", "mj-spacer",
    "mj-style", "mj-table", "mj-text", "mj-title", "mj-wrapper",
})  # fmt: skip
_NEVER: Final = frozenset({
    "applet", "audio", "base", "button", "embed", "form", "frame", "iframe", "input", "link", "math",
    "object", "script", "select", "svg", "template", "textarea", "video",
})  # fmt: skip
_VOID: Final = frozenset({"area", "br", "col", "hr", "img", "meta", "wbr"})
_CLOSED_BY_THEMSELVES: Final = frozenset({"li", "p", "td", "th", "tr"})
_REFUSED: Final = re.compile(r"<\s*/?\s*(mj-include|mj-raw)\b", re.IGNORECASE)
_TAG: Final = re.compile(r"<[A-Za-z]")
_BARE: Final = re.compile(r"<(?![A-Za-z/!?])")
_SHEETS: Final = re.compile(r"<(mj-style|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_LINK_SLOT: Final = re.compile(r"\{\{ *(" + "|".join(sorted(LINKS)) + r") *\}\}")
_CARRIED: Final = re.compile(r"cid:[^\s\"'<>\\]{1,200}")
_LOADS: Final = re.compile(r"url\(|@import|expression\(", re.IGNORECASE)
_PICTURES: Final = frozenset({"src", "background", "background-url", "srcset", "poster"})


def first_fault(code: str, language: Language, known: Collection[UUID]) -> TemplateFault | None:
    """The first thing that cannot stand there; `known` are the pictures that the library has."""
    if len(_TAG.findall(code)) > TAGS_MAX:
        return _too_much()
    if (refused := _REFUSED.search(code)) is not None:
        return _never(refused[1].lower(), code.count("\n", 0, refused.start()) + 1)
    loading = next((sheet for sheet in _SHEETS.finditer(code) if _LOADS.search(sheet[0])), None)
    if loading is not None:
        return _loads(code.count("\n", 0, loading.start()) + 1)
    if language is Language.MJML and (bare := _BARE.search(code)) is not None:
        return _bare(code.count("\n", 0, bare.start()) + 1)
    reader = _Reader(language, known)
    reader.feed(code)
    reader.close()
    return next(iter(sorted(reader.found(), key=lambda each: each.line or 0)), None)


def wrong_in_finished(html: str, pictures: Collection[str]) -> TemplateFault | None:
    """Of what `markup.tidy` wrote; `pictures` are addresses of the library that it may show."""
    reader = _Finished(pictures)
    reader.feed(html)
    reader.close()
    return next(iter(reader.faults), None)


def link_fault(address: str, line: int | None) -> TemplateFault | None:
    """https, mailto, tel, or a page of ours; a merge field may stand inside."""
    said = address.strip()
    if _LINK_SLOT.fullmatch(said) or is_link(SLOT.sub("x", said)):
        return None
    return TemplateFault(
        _PART,
        f"リンク「{said[:60]}」は使えません。https:// か mailto: か tel: で始めてください。",
        f"The link “{said[:60]}” cannot be used. Begin it with https://, mailto: or tel:.",
        line,
    )


def picture_fault(address: str, known: Collection[UUID], line: int | None) -> TemplateFault | None:
    said = address.strip()
    if _CARRIED.fullmatch(said):
        return None
    named = PICTURE.fullmatch(said)
    if named is None:
        return TemplateFault(
            _PART,
            f"画像「{said[:60]}」は使えません。画像の一覧に加えて「画像を入れる」で選ぶか、"
            "この配信のファイルを「cid:名前」で指定してください。",
            f"The picture “{said[:60]}” cannot be used. Add it to the library and choose it with “Put a "
            "picture in”, or name a file of this mail as cid:name.",
            line,
        )
    if UUID(named[1]) not in known:
        return TemplateFault(
            _PART,
            "画像がもうありません。ほかの画像を選んでください。",
            "The picture is gone. Choose another.",
            line,
        )
    return None


def undescribed(line: int | None) -> TemplateFault:
    return TemplateFault(
        _PART,
        "画像の説明（alt）を書いてください。画像が見えない人が読みます。",
        "Describe the picture (alt): it is read where pictures are not shown.",
        line,
    )


class _Open(NamedTuple):
    tag: str
    line: int


class _Reader(HTMLParser):
    def __init__(self, language: Language, known: Collection[UUID]) -> None:
        super().__init__()
        self._mjml = language is Language.MJML
        self._known = known
        self._open: list[_Open] = []
        self._first: str | None = None
        self._faults: list[TemplateFault] = []

    def found(self) -> Iterator[TemplateFault]:
        yield from self._faults
        if self._mjml and self._first != "mjml":
            yield _no_mjml()
        for each in self._open:
            if each.tag in _MJ_TAGS:
                yield _unclosed(each)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        self._first = self._first or tag
        self._faults += self._of_tag(tag, line)
        self._faults += self._of_attributes(tag, dict(attrs), line)
        if tag in _CLOSED_BY_THEMSELVES and self._open and self._open[-1].tag == tag:
            self._open.pop()
        if tag not in _VOID:
            self._open.append(_Open(tag, line))
            if len(self._open) == DEPTH_MAX + 1:
                self._faults.append(_too_much(line))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID and (self._mjml or tag in _MJ_TAGS):
            self._open.pop()  # a slash closes in MJML, and nothing in HTML

    def handle_endtag(self, tag: str) -> None:
        at = next((at for at in range(len(self._open) - 1, -1, -1) if self._open[at].tag == tag), None)
        if at is None:
            if tag in _MJ_TAGS:
                self._faults.append(_unopened(tag, self.getpos()[0]))
            return
        self._faults += [_unclosed(each) for each in self._open[at + 1 :] if each.tag in _MJ_TAGS]
        del self._open[at:]

    def _of_tag(self, tag: str, line: int) -> Iterator[TemplateFault]:
        if tag in _NEVER:
            yield _never(tag, line)
        elif not (tag == "mjml" or tag.startswith("mj-")):
            return
        elif not self._mjml:
            yield _mjml_in_html(tag, line)
        elif tag not in _MJ_TAGS:
            yield _unknown(tag, line)

    def _of_attributes(self, tag: str, at: dict[str, str | None], line: int) -> Iterator[TemplateFault]:
        for name, value in at.items():
            if name.startswith("on"):
                yield _never(name, line)
            elif name == "href":
                yield from filter(None, (link_fault(value or "", line),))
            elif name in _PICTURES:
                yield from filter(None, (picture_fault(value or "", self._known, line),))
            elif name == "style" and _LOADS.search(value or ""):
                yield _loads(line)
        if tag in ("img", "mj-image") and "alt" not in at:
            yield undescribed(line)


class _Finished(HTMLParser):
    def __init__(self, pictures: Collection[str]) -> None:
        super().__init__()
        self._pictures = pictures
        self.faults: list[TemplateFault] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's signature
        for name, value in attrs:
            said = value or ""
            if name == "href":
                self.faults += filter(None, (link_fault(said, None),))
            elif name == "src" and said not in self._pictures and not _CARRIED.fullmatch(said):
                self.faults += filter(None, (picture_fault(said, (), None),))
            elif name == "style" and _LOADS.search(said):
                self.faults.append(_loads(None))


def _too_much(line: int | None = None) -> TemplateFault:
    return TemplateFault(
        _PART,
        "要素が多すぎるか、入れ子が深すぎます。減らしてください。",
        "There are too many elements, or too deep ones. Write less.",
        line,
    )


def _no_mjml() -> TemplateFault:
    return TemplateFault(
        _PART,
        "MJMLは <mjml> で始めてください。ほかの書き方なら、上の「書き方」を選び直してください。",
        "MJML begins with <mjml>. If it is something else, choose it above.",
        1,
    )


def _bare(line: int) -> TemplateFault:
    return TemplateFault(
        _PART,
        "文章の中の「<」は &lt; と書いてください。",
        "Write &lt; for “<” in the text.",
        line,
    )


def _never(name: str, line: int) -> TemplateFault:
    return TemplateFault(
        _PART,
        f"「{name}」はメールでは使えません。取り除いてください。",
        f"“{name}” cannot stand in a mail. Take it out.",
        line,
    )


def _mjml_in_html(tag: str, line: int) -> TemplateFault:
    return TemplateFault(
        _PART,
        f"<{tag}> はMJMLの部品です。上の「書き方」でMJMLを選んでください。",
        f"<{tag}> is MJML. Choose MJML above.",
        line,
    )


def _unknown(tag: str, line: int) -> TemplateFault:
    near = difflib.get_close_matches(tag, sorted(_MJ_TAGS), 1, 0.7)
    ja = f"<{near[0]}> ではありませんか。" if near else "取り除いてください。"
    en = f"Do you mean <{near[0]}>?" if near else "Take it out."
    return TemplateFault(
        _PART, f"<{tag}> という部品は使えません。{ja}", f"<{tag}> cannot be used here. {en}", line
    )


def _unclosed(each: _Open) -> TemplateFault:
    return TemplateFault(
        _PART,
        f"<{each.tag}> が閉じられていません。</{each.tag}> を書いてください。",
        f"<{each.tag}> is not closed. Write </{each.tag}>.",
        each.line,
    )


def _unopened(tag: str, line: int) -> TemplateFault:
    return TemplateFault(
        _PART,
        f"</{tag}> に対応する <{tag}> がありません。",
        f"There is no <{tag}> for this </{tag}>.",
        line,
    )


def _loads(line: int | None) -> TemplateFault:
    return TemplateFault(
        _PART,
        "スタイルの中で画像などを読み込むこと（url）はできません。",
        "A style cannot load anything, such as url().",
        line,
    )
