"""Workspaces, senders and the people who work there: plain values and who may do what."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    OWNER = "owner"
    MARKETER = "marketer"
    CLERK = "clerk"
    COMPLIANCE = "compliance"
    DEVELOPER = "developer"


class Act(StrEnum):
    """What a screen or command lets somebody do; each view names the one it needs."""

    READ = "read"
    EXPORT = "export"  # take the list of people along; addresses in full only with REVEAL
    REVEAL = "reveal"  # see an unmasked address or the sealed evidence
    EDIT_CONTACTS = "edit_contacts"
    IMPORT = "import"
    EDIT_FORMS = "edit_forms"
    WRITE_CAMPAIGN = "write_campaign"
    PREPARE = "prepare"  # fill in a template; somebody who may write looks at it and sends it
    LAUNCH = "launch"
    APPROVE = "approve"  # the second person's yes to a launch that somebody else asked for
    STOP = "stop"  # recording somebody's no is open to every role: opting out fails open
    ANSWER = "answer"  # read what people wrote to the desk, and see to it
    BLOCK = "block"  # whole domains and patterns: one press is about many people
    UNBLOCK = "unblock"
    ERASE = "erase"
    EDIT_SENDER = "edit_sender"
    KEEP_EVIDENCE = "keep_evidence"  # have the ledger read again, and say where its checkpoints are kept
    MANAGE_STAFF = "manage_staff"
    MANAGE_KEYS = "manage_keys"  # give keys to programs, and end them


_MAY: dict[Role, frozenset[Act]] = {
    Role.OWNER: frozenset(Act),
    Role.MARKETER: frozenset(
        {
            Act.READ,
            Act.STOP,
            Act.ANSWER,
            Act.BLOCK,
            Act.EXPORT,
            Act.EDIT_CONTACTS,
            Act.IMPORT,
            Act.EDIT_FORMS,
            Act.WRITE_CAMPAIGN,
            Act.PREPARE,
            Act.LAUNCH,
            Act.APPROVE,
        }
    ),
    Role.CLERK: frozenset({Act.READ, Act.STOP, Act.ANSWER, Act.EDIT_CONTACTS, Act.IMPORT, Act.PREPARE}),
    Role.COMPLIANCE: frozenset(
        {
            Act.READ,
            Act.STOP,
            Act.ANSWER,
            Act.BLOCK,
            Act.EXPORT,
            Act.REVEAL,
            Act.ERASE,
            Act.KEEP_EVIDENCE,
            Act.APPROVE,
        }
    ),
    Role.DEVELOPER: frozenset({Act.READ, Act.STOP, Act.MANAGE_KEYS}),
}


def may(role: Role, act: Act) -> bool:
    return act in _MAY[role]


def needs_second_factor(role: Role) -> bool:
    """Whoever may change something does (SECURITY.md, threat 17); writing down a no is open to all."""
    return bool(_MAY[role] - {Act.READ, Act.STOP})


class OptOutRule(StrEnum):
    """What a total opt-out means in this workspace."""

    STOP = "stop"  # the topic, unless the person says more
    STOP_ALL = "stop_all"  # all advertising on every channel
    ERASE = "erase"  # everything ends and everything known is erased


class EvidenceRetention(StrEnum):
    """How long what proves a consent is kept after the last advertisement (SE-09, TS-05)."""

    DEFAULT = "default"  # 3 years
    STATUTORY = "statutory"  # 1 month, 3 years in mail order


class EndedNotice(StrEnum):
    """Notices that a total opt-out ends too, where the workspace says so: the names of policy's occasions."""

    PRODUCT_UPDATE = "product_update"
    FOLLOW_UP = "follow_up"  # support mails


@dataclass(frozen=True, slots=True)
class Explained:
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Workspace:
    workspace_id: int
    slug: str
    name: str
    locale: str
    timezone: str
    on_opt_out: OptOutRule
    opt_out_note: str  # in Japanese, as the sender wrote it; empty: nothing
    opt_out_note_en: str
    opt_out_after: str
    opt_out_after_en: str
    opt_out_ends: list[str]  # see EndedNotice
    second_factor_required: bool
    b2c_mail_order: bool

    def explained(self, language: str, *, after: bool = False) -> Explained | None:
        """What the sender says before, or after, the press; in the other language rather than not at all."""
        ja, en = (
            (self.opt_out_after, self.opt_out_after_en)
            if after
            else (self.opt_out_note, self.opt_out_note_en)
        )
        both = (Explained(ja, "ja"), Explained(en, "en"))
        return next((each for each in (both if language == "ja" else both[::-1]) if each.text), None)


@dataclass(frozen=True, slots=True)
class Sender:
    """The legal identity that sends (特定電子メール法4条: name, address, where to complain)."""

    sender_id: int
    formal_name: str
    display_name: str
    postal_address: str
    contact_email: str
    contact_phone: str
    contact_url: str
    from_address: str
    mail_domain: str
    privacy_policy_version: str
    privacy_policy: str
    responsible_person: str = (
        ""  # with mail order shown in each advertisement (特定商取引法11条), as the next
    )
    sales_terms_url: str = ""  # the page with prices, payment, delivery and returns
    retired_at: datetime | None = None  # since then not offered to topics and forms; None: in use

    @property
    def complaint_contact(self) -> str:
        return " / ".join(filter(None, (self.contact_phone, self.contact_email, self.contact_url)))


@dataclass(frozen=True, slots=True)
class SenderVersion:
    """What messages said of who sends them, from `created_at` until the next version."""

    sender_id: int
    version: int
    formal_name: str
    display_name: str
    from_address: str
    postal_address: str
    contact_phone: str
    contact_email: str
    contact_url: str
    responsible_person: str
    sales_terms_url: str
    mail_domain: str
    created_at: datetime

    @property
    def sha256(self) -> str:
        """Over its facts by name, as JSON with sorted names and no spaces: what the ledger has of it."""
        facts = {name: getattr(self, name) for name in _DISPLAYED}
        return hashlib.sha256(
            json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        ).hexdigest()

    def lines(self, language: str) -> Iterator[tuple[str, str]]:
        """What each fact is called, and it; a fact that nobody filled in is left out."""
        for name, (japanese, english) in _DISPLAYED.items():
            if said := " ".join(getattr(self, name).split()):
                yield english if language == "en" else japanese, said

    def text(self, language: str) -> str:
        """A line for each fact, for comparing it with another version."""
        between = ": " if language == "en" else "："
        return "\n".join(f"{label}{between}{said}" for label, said in self.lines(language))


# 特定電子メール法4条, 施行規則9条; the last but one two with mail order: 特定商取引法11条
_DISPLAYED: Final = {
    "formal_name": ("送信者", "Sender"),
    "display_name": ("差出人の名前", "Name in the From line"),
    "from_address": ("差出人のアドレス", "From address"),
    "postal_address": ("住所", "Postal address"),
    "contact_phone": ("苦情・お問い合わせの電話", "Telephone for complaints and questions"),
    "contact_email": ("苦情・お問い合わせのメール", "E-mail for complaints and questions"),
    "contact_url": ("苦情・お問い合わせのページ", "Page for complaints and questions"),
    "responsible_person": ("販売の責任者", "Person responsible for sales"),
    "sales_terms_url": ("販売条件のページ", "Page with the terms of sale"),
    "mail_domain": ("戻り先のドメイン", "Domain for returns"),
}


class Theme(StrEnum):
    """Colours of the screen."""

    SYSTEM = ""
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Membership:
    workspace_id: int
    slug: str
    name: str
    role: Role


class SlugFault(ValueError):
    """Use small letters, digits and hyphens, at most 40."""


_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def parse_slug(text: str) -> str:
    """Raises SlugFault."""
    if not _SLUG.fullmatch(text):
        raise SlugFault
    return text


class SenderFaultCode(StrEnum):
    NOT_ONE_LINE = "NOT_ONE_LINE"
    ENCODED_WORD = "ENCODED_WORD"
    NO_DOMAIN = "NO_DOMAIN"
    FOREIGN_DOMAIN = "FOREIGN_DOMAIN"


_SENTENCES: Final = {
    SenderFaultCode.NOT_ONE_LINE: (
        "改行や制御文字は使えません。1行で入力してください。",
        "Write it in one line, without control characters.",
    ),
    SenderFaultCode.ENCODED_WORD: (
        "「=?」という並びは、メールの見出しで別の文字に読まれるため、使えません。",
        "The characters =? cannot stand here: mail programs would read other letters out of them.",
    ),
    SenderFaultCode.NO_DOMAIN: (
        "ドメインを入力してください。例：aoi.example",
        "Write a domain, such as aoi.example.",
    ),
    SenderFaultCode.FOREIGN_DOMAIN: (
        "差出人アドレスのドメインは、戻り先のドメインと同じか、その下にある必要があります。",
        "The domain of the From address must be the domain for returns, or lie below it.",
    ),
}


class SenderFault(ValueError):
    """A sender that no mail could be sent from; `field` is the field of `Sender` at fault."""

    def __init__(self, code: SenderFaultCode, field: str) -> None:
        self.code = code
        self.field = field
        super().__init__(f"{field}: {code.value}")

    def sentence(self, lang: str) -> str:
        japanese, english = _SENTENCES[self.code]
        return english if lang == "en" else japanese


# what content.header_text would have to alter or refuse when it writes the head of a mail
_NOT_IN_A_HEADER: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTIONS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_DOMAIN_OCTETS_MAX: Final = 189  # a return path has 64 octets and an @ before the domain (RFC 5321 4.5.3.1)


def parse_header_text(text: str, field: str) -> str:
    """A text that may stand in the head of a mail as it is. Raises SenderFault."""
    if any(unicodedata.category(each) in _NOT_IN_A_HEADER or each in _DIRECTIONS for each in text):
        raise SenderFault(SenderFaultCode.NOT_ONE_LINE, field)
    if "=?" in text:
        raise SenderFault(SenderFaultCode.ENCODED_WORD, field)
    return text


def parse_mail_domain(text: str) -> str:
    """A domain as DNS knows it, in small letters. Raises SenderFault."""
    domain = text.strip().removesuffix(".").lower()
    if len(domain) > _DOMAIN_OCTETS_MAX or not _DOMAIN.fullmatch(domain):
        raise SenderFault(SenderFaultCode.NO_DOMAIN, "mail_domain")
    return domain


def require_own_domain(from_address: str, mail_domain: str) -> None:
    """What the gate asks of each message (特定電子メール法5条), asked at the door. Raises SenderFault."""
    domain, parent = from_address.rpartition("@")[2].lower(), mail_domain.lower()
    if domain != parent and not domain.endswith(f".{parent}"):
        raise SenderFault(SenderFaultCode.FOREIGN_DOMAIN, "from_address")


def check_sender(sender: Sender) -> None:
    """Raises SenderFault when a mail from this sender could not be written or would never leave."""
    parse_header_text(sender.formal_name, "formal_name")
    parse_header_text(sender.display_name, "display_name")
    parse_header_text(sender.from_address, "from_address")
    if parse_mail_domain(sender.mail_domain) != sender.mail_domain:
        raise SenderFault(SenderFaultCode.NO_DOMAIN, "mail_domain")
    require_own_domain(sender.from_address, sender.mail_domain)


def next_version(version: str) -> str:
    """1 → 2, 1.4 → 1.5; what ends with no number gets one: 2026-04 → 2026-04.1."""
    head, dot, tail = version.rpartition(".")
    return f"{head}{dot}{int(tail) + 1}" if tail.isdecimal() else f"{version}.1"


def passkeys_work(host: str, *, secure: bool) -> bool:
    """A passkey belongs to a domain (WebAuthn 5.1.2), reached by HTTPS; browsers let localhost pass."""
    name = host.lower().rpartition(":")[0] if re.search(r":\d+$", host) else host.lower()
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return secure or name == "localhost" or name.endswith(".localhost")
    return False


_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_of(program: str) -> str:
    """“Firefox, Windows” out of what a browser calls itself; empty where it says neither."""
    found = (next((shown for mark, shown in marks if mark in program), "") for marks in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, found))
