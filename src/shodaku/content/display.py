"""The display linter: does the message, as it leaves, say who sends it and how to refuse, where one sees it?

LAW.md section 5. Each body of the mail stands for itself: what the text says does not help who reads the
HTML. Items that stand only in pictures, or hidden, do not count (施行規則7条).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import takewhile
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from shodaku.content.opened import Letter, open_letter
from shodaku.content.reading import (
    Line,
    Part,
    Seen,
    Token,
    UnreadableHtml,
    View,
    address_of,
    read_html,
    read_text,
)
from shodaku.content.wanted import Wanted
from shodaku.policy.domain import DISPLAY_ORDER, DisplayReport, Reason, rules, stands

ONE_CLICK: Final = "List-Unsubscribe=One-Click"  # RFC 8058 section 3.1


def lint_mail(raw: bytes, wanted: Wanted) -> DisplayReport:
    """All that is missing, the first to be told first; `raw` is what DATA carries, without its dots."""
    letter = open_letter(raw)
    found: list[_Findings] = []
    if letter.text is not None:
        found.append(_lack_of_text(read_text(letter.text), wanted))
    if letter.html is not None:
        found.append(_lack_of_html(letter.html, wanted))
    if not found:
        found.append(_lack_of_text(read_text(""), wanted))
    missing = {reason for each in found for reason in each.missing}
    if wanted.pr_label_needed and _begins_as_pr(letter.subject):
        missing.discard(Reason.PR_LABEL_MISSING)
    missing |= set(_lack_of_headers(letter, wanted))
    return DisplayReport(
        missing=_ordered(missing),
        address_linked=any(each.address_linked for each in found),
        name_unseen=any(each.name_unseen for each in found),
        labels=_labels(letter.subject, wanted),
    )


def lint_sms(text: str, wanted: Wanted) -> DisplayReport:
    """Name, short link and words stand in the text; address, contact and the rest on the page behind it."""
    view = read_text(text).view()
    whole = _Lines.of(view.lines)
    missing = set()
    if not stands([wanted.legal_name], text):
        missing.add(Reason.DISPLAY_NAME_MISSING)
    if not _has_own_link(whole, wanted):
        missing.add(Reason.DISPLAY_OPTOUT_MISSING)
    if not any(map(says_refusal, _words(view))):
        missing.add(Reason.DISPLAY_OPTOUT_WORDS_MISSING)
    if wanted.why is not None and not whole.hold(wanted.why):
        missing.add(Reason.WHY_LINE_MISSING)
    if wanted.pr_label_needed and not _has_pr_label(view):
        missing.add(Reason.PR_LABEL_MISSING)
    return DisplayReport(missing=_ordered(missing), labels=_labels(text, wanted))


def lint_fax(subject: str, text: str, wanted: Wanted) -> DisplayReport:
    """A fax is all text, so every item stands in it (特定商取引法12条の5)."""
    found = _lack_of_text(read_text(text), wanted)
    return DisplayReport(
        missing=_ordered(set(found.missing)),
        address_linked=found.address_linked,
        labels=_labels(subject, wanted),
    )


class _Findings(NamedTuple):
    missing: frozenset[Reason]
    address_linked: bool = False
    name_unseen: bool = False


_BASE: Final = frozenset((
    Reason.DISPLAY_NAME_MISSING,
    Reason.DISPLAY_OPTOUT_MISSING,
    Reason.DISPLAY_ADDRESS_MISSING,
    Reason.DISPLAY_CONTACT_MISSING,
))  # fmt: skip


def _lack_of_text(part: Part, wanted: Wanted) -> _Findings:
    return _lack_of(part.view(), wanted)


def _lack_of_html(html: str, wanted: Wanted) -> _Findings:
    try:
        part = read_html(html)
    except UnreadableHtml:
        return _Findings(frozenset((Reason.DISPLAY_NOT_RECOGNISABLE,)))
    visible = _lack_of(part.view(), wanted)
    if not visible.missing:
        return visible
    written = visible.missing & _lack_of(part.view(Seen.HIDDEN), wanted).missing
    nowhere = written & _lack_of(part.view(Seen.PICTURE), wanted).missing
    missing = set(nowhere)
    if written != visible.missing:  # something stands there, and nobody can see it
        missing.add(Reason.DISPLAY_NOT_RECOGNISABLE)
    if written != nowhere:
        missing.add(Reason.DISPLAY_IMAGE_ONLY)
    elif part.pictures and nowhere >= _BASE:  # what is nowhere, with no word beside it, is in the picture
        missing = (missing - _BASE) | {Reason.DISPLAY_IMAGE_ONLY}
    unseen = Reason.DISPLAY_NAME_MISSING in visible.missing - nowhere
    return visible._replace(missing=frozenset(missing), name_unseen=unseen)


def _lack_of(view: View, wanted: Wanted) -> _Findings:
    """What who sees this much does not find."""
    missing = set(_opt_out_faults(view, wanted))
    whole = _Lines.of(view.lines)
    if not stands([wanted.legal_name], whole.text):
        missing.add(Reason.DISPLAY_NAME_MISSING)
    own_pages = frozenset(map(address_of, wanted.contacts))
    address = whole.hold(wanted.postal_address)
    linked = not address and _points(view, but=own_pages)
    if not address and not linked:
        missing.add(Reason.DISPLAY_ADDRESS_MISSING)
    if not _has_contact(view, whole, wanted) and not _points(view):
        missing.add(Reason.DISPLAY_CONTACT_MISSING)
    if wanted.mail_order and not _has_seller(view, whole, wanted):
        missing.add(Reason.DISPLAY_TOKUSHO_MISSING)
    if wanted.why is not None and not whole.hold(wanted.why):
        missing.add(Reason.WHY_LINE_MISSING)
    if wanted.pr_label_needed and not _has_pr_label(view):
        missing.add(Reason.PR_LABEL_MISSING)
    return _Findings(frozenset(missing), linked)


class _Lines(NamedTuple):
    """Some of the lines, read together: an item may go on in the next one."""

    text: str
    folded: str
    addresses: frozenset[str]

    @classmethod
    def of(cls, lines: Sequence[Line]) -> _Lines:
        text = "\n".join(line.text for line in lines)
        return cls(text, _folded(text), frozenset().union(*(line.addresses for line in lines)))

    def hold(self, item: str) -> bool:
        """What the sender never filled in stands nowhere, though an empty text is part of any."""
        folded = _folded(item)
        return bool(folded) and (folded in self.folded or address_of(item) in self.addresses)


def _opt_out_faults(view: View, wanted: Wanted) -> Iterator[Reason]:
    """施行規則7条1項2号: the words stand right before or after the address at which one refuses."""
    own = {address_of(each) for each in wanted.opt_out if each.strip()}
    places = [
        (number, at)
        for number, block in enumerate(view.blocks)
        for at, token in enumerate(block)
        if token.address in own
    ]
    if not places:
        yield Reason.DISPLAY_OPTOUT_MISSING
    elif not any(map(says_refusal, _words(view))):
        yield Reason.DISPLAY_OPTOUT_WORDS_MISSING
    elif not wanted.reply_suffices and not any(_adjacent(view.blocks, *place) for place in places):
        yield Reason.DISPLAY_OPTOUT_WORDS_NOT_ADJACENT


def _adjacent(blocks: Sequence[Sequence[Token]], number: int, at: int) -> bool:
    """In the link itself, or beside it as far as the next address, up to one line or block away."""
    block = blocks[number]
    before = [*reversed(block[:at]), *(reversed(blocks[number - 1]) if number else ())]
    after = [*block[at + 1 :], *(blocks[number + 1] if number + 1 < len(blocks) else ())]
    return any(map(says_refusal, (block[at].text, *_until_address(before), *_until_address(after))))


def _until_address(tokens: Iterable[Token]) -> Iterator[str]:
    return (token.text for token in takewhile(lambda token: token.address is None, tokens))


def _words(view: View) -> Iterator[str]:
    """All but the addresses: a URL with "unsubscribe" in it says nothing to a reader."""
    return (token.text for line in view.lines for token in line.tokens)


def says_refusal(text: str) -> bool:
    """Does it hold a word of SE-13?"""
    plain = _plain(text)
    return any(word in plain for word in _refusal_words())


@cache
def _refusal_words() -> tuple[str, ...]:
    return tuple(map(_plain, rules()["SE-13"].parameters["words"]))


def _points(view: View, but: AbstractSet[str] = frozenset()) -> bool:
    """A line or a link that says where sender and contact are told (施行規則9条2号3号)."""
    return any(
        _is_pointer(" ".join(token.text for token in line.tokens))
        for line in view.lines
        if any(address.startswith("http") for address in line.addresses - but)
    )


def _is_pointer(text: str) -> bool:
    plain = _plain(text)
    return any(word.search(plain) for word in _pointer_words())


@cache
def _pointer_words() -> tuple[re.Pattern[str], ...]:
    """English ones are words of their own: "accompany" points nowhere."""
    words = map(_plain, rules()["SE-14"].parameters["pointer_words"])
    return tuple(re.compile(rf"\b{re.escape(word)}\b" if word.isascii() else word) for word in words)


def _has_contact(view: View, whole: _Lines, wanted: Wanted) -> bool:
    """With mail order, a telephone of the seller's is not yet one for complaints."""
    if wanted.mail_order:
        others = [each for each in view.lines if not _is_seller(each) or _COMPLAINTS.search(each.text)]
        whole = _Lines.of(others)
    return any(map(whole.hold, wanted.contacts))


def _has_seller(view: View, whole: _Lines, wanted: Wanted) -> bool:
    """特定商取引法11条, 施行規則23条: and where to complain is not yet the seller's telephone."""
    others = _Lines.of([each for each in view.lines if not _COMPLAINTS.search(each.text) or _is_seller(each)])
    items = (wanted.phone, wanted.responsible_person, wanted.seller_email)
    return whole.hold(wanted.sales_terms) and all(map(others.hold, items))


def _is_seller(line: Line) -> bool:
    return _SELLER.search(line.text) is not None


_SELLER: Final = re.compile(
    r"販売業者|責任者|\b(?:seller|responsible)\b|^\W*(?:電話|tel|メール|e-?mail|phone|telephone)(?![a-z])",
    re.IGNORECASE,
)
_COMPLAINTS: Final = re.compile(
    r"問い?合わ?せ|苦情|ご意見|ご相談|窓口|\b(?:contact|complaints?|questions?|enquir|inquir)", re.IGNORECASE
)


# 「一般消費者が事業者の表示であることを判別することが困難である表示」の運用基準 第3: the words it names
_PR: Final = re.compile(
    r"[\W_]*(?:pr|ad|広告|宣伝|プロモーション|タイアップ|スポンサード|sponsored|advertisement|promotion)(?![^\W_])"
    r"|.*(?:pr|広告|プロモーション)を(?:含|掲載)|.*提供を受け"
)


def _has_pr_label(view: View) -> bool:
    return any(_begins_as_pr(line.text) for line in view.lines)


def _begins_as_pr(text: str) -> bool:
    return _PR.match(_plain(text)) is not None


def _has_own_link(whole: _Lines, wanted: Wanted) -> bool:
    """Exactly theirs, or a short link on a host of ours (施行規則8条2号), with or without its scheme."""
    if whole.addresses & {address_of(each) for each in wanted.opt_out}:
        return True
    hosts = [host.lower() for host in wanted.own_hosts]
    linked = {_host(address) for address in whole.addresses}
    linked |= {found[1].lower() for found in _SCHEMELESS.finditer(whole.text)}
    return any(name == host or name.endswith(f".{host}") for name in linked for host in hosts)


_SCHEMELESS: Final = re.compile(r"(?<![\w.@/:-])((?:[\w-]+\.)+[\w-]+)/[!-~]", re.ASCII)


def _lack_of_headers(letter: Letter, wanted: Wanted) -> Iterator[Reason]:
    """RFC 8058 section 3.1 and 4, and what the large providers ask of who sends (MB-01)."""
    if wanted.one_click and not _is_one_click(letter, wanted):
        yield Reason.HEADER_ONECLICK_MISSING
    if not _is_covered(letter, wanted):
        yield Reason.HEADER_DKIM_UNCOVERED
    if not wanted.dmarc_aligned:
        yield Reason.AUTH_DMARC_MISSING


def _is_one_click(letter: Letter, wanted: Wanted) -> bool:
    listed, posts = letter.headers("list-unsubscribe"), letter.headers("list-unsubscribe-post")
    if len(listed) != 1 or posts != [ONE_CLICK]:
        return False
    first = re.match(r"\s*<([^<>]*)>", listed[0])
    page = re.sub(r"\s", "", first[1]) if first else ""
    return page in wanted.opt_out and _is_safe(page)


def _is_safe(page: str) -> bool:
    """https; http only for a name that exists on no other machine: a loopback, or one without a domain."""
    host = _host(page)
    near = host in ("127.0.0.1", "::1") or "." not in host or host.endswith(".localhost")
    return bool(host) and (page.startswith("https://") or (page.startswith("http://") and near))


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:  # brackets that hold no IPv6 address
        return ""


_LISTED: Final = frozenset({"list-unsubscribe", "list-unsubscribe-post"})


def _is_covered(letter: Letter, wanted: Wanted) -> bool:
    """By one signature, both (RFC 8058 section 4); without a signature yet, by what the relay signs.

    Also where the headers are absent: a signature that names them keeps others from adding them.
    """
    if wanted.dkim_headers is not None and not {name.lower() for name in wanted.dkim_headers} >= _LISTED:
        return False
    signatures = letter.headers("dkim-signature")
    return not signatures or any(_signed(signature) >= _LISTED for signature in signatures)


def _signed(signature: str) -> frozenset[str]:
    found = re.search(r"(?:^|;)\s*h\s*=([^;]*)", signature)
    names = found[1].split(":") if found else ()
    return frozenset(name.strip().lower() for name in names)


def _labels(text: str, wanted: Wanted) -> tuple[str, ...]:
    begin = unicodedata.normalize("NFKC", text)
    return tuple(
        label for label in wanted.labels_known if begin.startswith(unicodedata.normalize("NFKC", label))
    )


def _ordered(missing: AbstractSet[Reason]) -> tuple[Reason, ...]:
    return tuple(reason for reason in DISPLAY_ORDER if reason in missing)


def _folded(text: str) -> str:
    """Without width, spaces and case, and with one kind of hyphen."""
    return "".join(_plain(text).split())


def _plain(text: str) -> str:
    return " ".join(_HYPHENS.sub("-", unicodedata.normalize("NFKC", text)).casefold().split())


_HYPHENS: Final = re.compile("[\u2010-\u2015\u2212]")
