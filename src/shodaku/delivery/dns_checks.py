"""What DNS says of a sending domain: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989). Pure but for `look`.

`look` answers with the TXT records of a name. Alignment is by the organizational domain that a walk up the
tree finds (RFC 9989), so no list of public suffixes is needed.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shodaku.delivery.dkim import Algorithm
from shodaku.delivery.key_states import DkimKey, KeyState
from shodaku.kit.errors import OutOfReach

LOOKUPS_MAX: Final = 60  # of one check: a record of somebody else's must not keep us busy
SPF_LOOKUPS_MAX: Final = 10  # RFC 7208 section 4.6.4: receivers stop there, and nothing passes
_WALKED_LABELS_MAX: Final = 8  # RFC 9989, DNS tree walk: at most 8 questions
_POLICIES: Final = ("none", "quarantine", "reject")
_LOOKING: Final = frozenset({"include", "a", "mx", "ptr", "exists"})
_TERM: Final = re.compile(r"([+\-~?]?)([A-Za-z][A-Za-z0-9._-]*)(?:([:=/])(\S*))?")

Look = Callable[[str], Sequence[str]]


class DnsAway(OutOfReach):
    """DNS gave no answer; nothing is concluded from that."""

    code = "dns_away"


class Said(StrEnum):
    FINE = "fine"
    MISSING = "missing"  # no such record
    SEVERAL = "several"  # more than one where one may be: receivers take none
    BROKEN = "broken"  # cannot be understood
    DIFFERS = "differs"  # another key than ours
    REVOKED = "revoked"  # an empty key
    OPEN = "open"  # lets the whole world send
    NOBODY = "nobody"  # lets nobody send
    TOO_DEEP = "too_deep"  # needs more than 10 look-ups
    UNALIGNED = "unaligned"  # there, and neither SPF nor DKIM speaks for the From address
    UNANSWERED = "unanswered"
    # of the address of a mail server (`reverse_dns`)
    NO_ADDRESS = "no_address"  # its name has none
    NO_NAME = "no_name"  # the address has none
    UNCONFIRMED = "unconfirmed"  # it has one, which leads elsewhere
    INSIDE = "inside"  # of a private network: receivers see another one
    # of the address that links of mails lead to (`domain_checks`)
    PLAIN = "plain"  # without https
    SILENT = "silent"  # nobody answers there


class Subject(StrEnum):
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    PTR = "ptr"
    ONE_CLICK = "one_click"  # the button of mail programs (RFC 8058)


_OPEN_OR_FINE: Final = frozenset({Said.FINE, Said.UNANSWERED})
_SPF_FAILS: Final = frozenset({Said.SEVERAL, Said.BROKEN, Said.NOBODY, Said.TOO_DEEP})


@dataclass(frozen=True, slots=True)
class Finding:
    subject: Subject
    name: str  # where the record is, or should be; of PTR an address and its host, of ONE_CLICK a URL
    said: Said


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """`aligned`: does a mail from here pass DMARC; None while DNS leaves that open. `shown`: selectors whose
    record is there and is ours.
    """

    domain: str
    findings: tuple[Finding, ...]
    aligned: bool | None
    shown: frozenset[str]


def check(domain: str, authors: Iterable[str], keys: Sequence[DkimKey], look: Look) -> DomainCheck:
    """`domain` is that of the return path and of d=; `authors` are the domains of From addresses below it.

    Aligned is what has a DMARC record, and beside it an own RSA key that signs and is shown, or one valid
    SPF record: either is enough (RFC 9989). A relay that signs tells nobody its keys, so there SPF must do.
    """
    seen = Seen(look)
    own = [each for each in keys if each.state is not KeyState.ENDED]
    of_keys = {each.selector: Finding(Subject.DKIM, each.name, _asked(seen, dkim_said, each)) for each in own}
    shown = frozenset(name for name, found in of_keys.items() if found.said is Said.FINE)
    spf = Finding(Subject.SPF, domain, _asked(seen, spf_said, domain))
    signed = any(_counts(each) and each.selector in shown for each in own)
    passes = {"adkim": signed, "aspf": spf.said is Said.FINE}
    of_authors = [
        Finding(Subject.DMARC, f"_dmarc.{author}", _asked(seen, _dmarc_said, (author, domain, passes)))
        for author in sorted(set(authors))
    ]
    findings = (spf, *of_keys.values(), *of_authors)
    aligned: bool | None = all(each.said is Said.FINE for each in of_authors)
    if not aligned and any(each.said is Said.UNANSWERED for each in findings):
        aligned = None
    return DomainCheck(domain, findings, aligned, shown)


def fails(found: DomainCheck, keys: Iterable[DkimKey]) -> bool | None:
    """Would receivers take mails from here for forged? None: DNS leaves that open.

    No mail is aligned; or the record of a key that signs is not ours, so that each signature fails; or the
    SPF record is a permanent error or lets nobody send (RFC 7208 sections 2.6.4, 2.6.7). None at all is no
    failure while the signature speaks for the mail.
    """
    signing = {each.name for each in keys if _counts(each)}
    looked_at = [
        each
        for each in found.findings
        if each.subject is Subject.SPF or (each.subject is Subject.DKIM and each.name in signing)
    ]
    broken = any(
        each.said in _SPF_FAILS if each.subject is Subject.SPF else each.said not in _OPEN_OR_FINE
        for each in looked_at
    )
    if broken or found.aligned is False:
        return True
    return None if found.aligned is None or any(each.said is Said.UNANSWERED for each in looked_at) else False


def dkim_said(key: DkimKey, look: Look) -> Said:
    """Of the record of one key (RFC 6376 section 3.6.1). Raises DnsAway."""
    records = look(key.name)
    if len(records) != 1:
        return Said.SEVERAL if records else Said.MISSING
    tags = tags_of(records[0])
    if tags is None or tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        return Said.BROKEN
    if not tags["p"]:
        return Said.REVOKED
    try:
        public = base64.b64decode(re.sub(r"\s", "", tags["p"]), validate=True)
    except binascii.Error:
        return Said.BROKEN
    same = tags.get("k", Algorithm.RSA.value) == key.algorithm.value and public == key.public
    return Said.FINE if same else Said.DIFFERS


def spf_said(domain: str, look: Look) -> Said:
    """Of the record itself, not of one relay: its address is known to the receiver alone. Raises DnsAway."""
    record = _spf_record(domain, look)
    if isinstance(record, Said):
        return record
    budget = _Budget()
    passing = _spf_terms(record, look, budget)
    if isinstance(passing, Said):
        return passing
    return Said.FINE if passing else Said.NOBODY


def tags_of(text: str) -> Mapping[str, str] | None:
    """`name=value; …` (RFC 6376 section 3.2), names in small letters; None: no such list."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not part.strip():
            continue
        if not equals or name.strip().lower() in found:
            return None
        found[name.strip().lower()] = value.strip()
    return found


def organizational(domain: str, look: Look) -> str:
    """The domain that owns this one (RFC 9989, DNS tree walk). Raises DnsAway."""
    walked = _walk(domain, look)
    for name, tags in walked:
        if tags.get("psd") == "n":
            return name
        if tags.get("psd") == "y" and name != domain:
            return ".".join(domain.split(".")[-len(name.split(".")) - 1 :])
    return walked[-1][0] if walked else domain


def dmarc_record(domain: str, look: Look) -> Mapping[str, str] | Said:
    """The record that holds for a From address: its domain's own, else that of the organizational domain."""
    own = _dmarc_at(domain, look)
    if own is not Said.MISSING:
        return own
    return _dmarc_at(organizational(domain, look), look)


def aligned(one: str, other: str, mode: str, look: Look) -> bool:
    """`mode`: "s" strict, else relaxed (RFC 9989, identifier alignment)."""
    if one == other:
        return True
    return mode != "s" and organizational(one, look) == organizational(other, look)


def suggested(domain: str) -> tuple[tuple[str, str], ...]:
    """Names and texts to begin with; only their owner can fill in the relay, and who reads the reports."""
    return (
        (domain, "v=spf1 include:YOUR-RELAY -all"),
        (f"_dmarc.{domain}", f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}"),
    )


class Seen:
    """Each question is asked once a check, and so many of them at most."""

    def __init__(self, look: Callable[..., Sequence[str]], lookups_max: int = LOOKUPS_MAX) -> None:
        self._look, self._lookups_max = look, lookups_max
        self._known: dict[tuple[str, ...], Sequence[str] | DnsAway] = {}

    def __call__(self, *question: str) -> Sequence[str]:
        if question not in self._known:
            self._known[question] = self._answer(question)
        found = self._known[question]
        if isinstance(found, DnsAway):
            raise found
        return found

    def _answer(self, question: tuple[str, ...]) -> Sequence[str] | DnsAway:
        if len(self._known) >= self._lookups_max:
            return DnsAway(hint=f"more than {self._lookups_max} names")
        try:
            return self._look(*question)
        except DnsAway as away:
            return away


def _counts(key: DkimKey) -> bool:
    """Ed25519 alone does not: a receiver that does not know it sees no signature (RFC 8463 section 3)."""
    return key.state is KeyState.ACTIVE and key.algorithm is Algorithm.RSA


def _asked(look: Look, question: Callable[..., Said], about: object) -> Said:
    try:
        return question(about, look)
    except DnsAway:
        return Said.UNANSWERED


def _dmarc_said(asked: tuple[str, str, Mapping[str, bool]], look: Look) -> Said:
    author, domain, passes = asked
    record = dmarc_record(author, look)
    if isinstance(record, Said):
        return record
    for mode, passing in passes.items():
        if passing and aligned(author, domain, record.get(mode, "r").lower(), look):
            return Said.FINE
    return Said.UNALIGNED


def _dmarc_at(domain: str, look: Look) -> Mapping[str, str] | Said:
    records = [each for each in look(f"_dmarc.{domain}") if re.match(r"v\s*=\s*DMARC1\s*(;|$)", each)]
    if len(records) != 1:
        return Said.SEVERAL if records else Said.MISSING
    tags = tags_of(records[0])
    if tags is None or (tags.get("p", "").lower() not in _POLICIES and "rua" not in tags):
        return Said.BROKEN
    return tags


def _walk(domain: str, look: Look) -> list[tuple[str, Mapping[str, str]]]:
    """From the longest name up, those with a valid record; ends at a domain that says where it belongs."""
    labels = domain.split(".")
    names = [domain] + [
        ".".join(labels[at:]) for at in range(max(1, len(labels) - _WALKED_LABELS_MAX + 1), len(labels))
    ]
    found = []
    for name in names:
        tags = _dmarc_at(name, look)
        if isinstance(tags, Said):
            continue
        found.append((name, tags))
        if tags.get("psd") == "n" or (tags.get("psd") == "y" and name != domain):
            break
    return found


@dataclass(slots=True)
class _Budget:
    left: int = SPF_LOOKUPS_MAX


def _spf_record(domain: str, look: Look) -> str | Said:
    found = [each for each in look(domain) if re.match(r"v=spf1( |$)", each, re.IGNORECASE)]
    if len(found) != 1:
        return Said.SEVERAL if found else Said.MISSING
    return found[0]


def _spf_terms(record: str, look: Look, budget: _Budget) -> bool | Said:
    """May anybody named here pass? Or what is wrong."""
    passing, ended, redirect = False, False, ""
    for word in record.split()[1:]:
        term = _TERM.fullmatch(word)
        if term is None:
            return Said.BROKEN
        sign, name, mark, value = term[1], term[2].lower(), term[3], term[4] or ""
        if mark == "=":
            redirect = value if name == "redirect" else redirect
            continue
        if name == "all":
            ended = True
            if sign in ("", "+"):
                return Said.OPEN
            break
        inner = _spf_mechanism(name, value, look, budget)
        if isinstance(inner, Said):
            return inner
        passing = passing or (inner and sign in ("", "+"))
    if redirect and not ended:
        inner = _spf_of(redirect, look, budget)
        if isinstance(inner, Said):
            return inner
        passing = passing or inner
    return passing


def _spf_mechanism(name: str, value: str, look: Look, budget: _Budget) -> bool | Said:
    if name in ("ip4", "ip6"):
        return _is_network(value) or Said.BROKEN
    if name not in _LOOKING or (name in ("include", "exists") and not value):
        return Said.BROKEN
    if name == "include":
        return _spf_of(value, look, budget)
    budget.left -= 1
    return True if budget.left >= 0 else Said.TOO_DEEP


def _spf_of(domain: str, look: Look, budget: _Budget) -> bool | Said:
    budget.left -= 1
    if budget.left < 0:
        return Said.TOO_DEEP
    if "%" in domain:  # a macro: only the receiver knows the name
        return True
    record = _spf_record(domain, look)
    if isinstance(record, Said):
        return Said.BROKEN  # RFC 7208 section 5.2: a permanent error of the whole record
    return _spf_terms(record, look, budget)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
