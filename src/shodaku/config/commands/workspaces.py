"""Options that several commands share: which workspace, which address, which topic."""

from __future__ import annotations

import argparse

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Workspace
from shodaku.consent import selectors as consent
from shodaku.consent.selectors import Topic
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import AddressError, Channel, EmailAddress, parse_email
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.suppression import services as suppression


class UnknownWorkspace(WrongUse):
    """No workspace has this short name; name one with --workspace."""

    code = "unknown_workspace"


class UnknownTopic(WrongUse):
    """No topic has this short name."""

    code = "unknown_topic"


class NoAddress(WrongUse):
    """The text is no e-mail address."""

    code = "no_address"


class UnknownPerson(ShodakuError):
    """Nobody here has this address."""

    code = "unknown_person"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workspace", metavar="SLUG", help="needed where there is more than one")


def chosen(options: argparse.Namespace) -> Workspace:
    """The named workspace, or the only one. Raises UnknownWorkspace."""
    every = accounts.workspaces()
    if options.workspace is None and len(every) == 1:
        return every[0]
    found = next((each for each in every if each.slug == options.workspace), None)
    if found is None:
        raise UnknownWorkspace(hint=", ".join(each.slug for each in every))
    return found


def topic(workspace: Workspace, slug: str) -> Topic:
    """Raises UnknownTopic."""
    every = consent.topics(workspace.workspace_id)
    found = next((each for each in every if each.slug == slug), None)
    if found is None:
        raise UnknownTopic(hint=", ".join(each.slug for each in every))
    return found


def email(text: str) -> EmailAddress:
    """Raises NoAddress, with the sentence of the fault as its hint."""
    try:
        return parse_email(text)
    except AddressError as fault:
        raise NoAddress(hint=fault.sentence("en")) from fault


def person(workspace: Workspace, address: EmailAddress) -> int | None:
    """The contact who owns the address."""
    with db.transaction(workspace.workspace_id):  # in which a token stays what it is
        pair = suppression.tokens(workspace.workspace_id, Channel.EMAIL, address.address)
        return contacts.claimed(workspace.workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)
