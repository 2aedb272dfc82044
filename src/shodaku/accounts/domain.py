"""Workspaces, senders and the people who work there: plain values and who may do what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    MARKETER = "marketer"
    CLERK = "clerk"
    COMPLIANCE = "compliance"
    DEVELOPER = "developer"


class Act(StrEnum):
    """What a screen or command lets somebody do; each view names the one it needs."""

    READ = "read"
    REVEAL = "reveal"  # see an unmasked address or the sealed evidence
    EDIT_CONTACTS = "edit_contacts"
    IMPORT = "import"
    EDIT_FORMS = "edit_forms"
    WRITE_CAMPAIGN = "write_campaign"
    LAUNCH = "launch"
    STOP = "stop"  # recording somebody's no is open to every role: opting out fails open
    ERASE = "erase"
    EDIT_SENDER = "edit_sender"
    MANAGE_STAFF = "manage_staff"


_MAY: dict[Role, frozenset[Act]] = {
    Role.OWNER: frozenset(Act),
    Role.MARKETER: frozenset(
        {Act.READ, Act.STOP, Act.EDIT_CONTACTS, Act.IMPORT, Act.EDIT_FORMS, Act.WRITE_CAMPAIGN, Act.LAUNCH}
    ),
    Role.CLERK: frozenset({Act.READ, Act.STOP, Act.EDIT_CONTACTS, Act.IMPORT}),
    Role.COMPLIANCE: frozenset({Act.READ, Act.STOP, Act.REVEAL, Act.ERASE}),
    Role.DEVELOPER: frozenset({Act.READ, Act.STOP}),
}


def may(role: Role, act: Act) -> bool:
    return act in _MAY[role]


class OptOutRule(StrEnum):
    """What a total opt-out means in this workspace."""

    STOP = "stop"  # the topic, unless the person says more
    STOP_ALL = "stop_all"  # all advertising on every channel
    ERASE = "erase"  # everything ends and everything known is erased


@dataclass(frozen=True, slots=True)
class Workspace:
    workspace_id: int
    slug: str
    name: str
    locale: str
    timezone: str
    on_opt_out: OptOutRule
    opt_out_note: str
    second_factor_required: bool
    b2c_mail_order: bool


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

    @property
    def complaint_contact(self) -> str:
        return " / ".join(filter(None, (self.contact_phone, self.contact_email, self.contact_url)))


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
