"""Which mailboxes are read: each is a file beside the keys."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from shodaku.kit import runtime
from shodaku.kit.errors import ShodakuError, WrongUse
from shodaku.optout.mailbox import Mailbox

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,29}")


class MailboxName(WrongUse):
    """A mailbox has a short name of small letters, digits and hyphens, at most 30."""

    code = "mailbox_name"


class NoMailbox(ShodakuError):
    """No mailbox has this name."""

    code = "no_mailbox"


class MailboxUnreadable(ShodakuError):
    """The file of a mailbox cannot be read; remove it and add it again."""

    code = "mailbox_unreadable"


def names(workspace_id: int) -> list[str]:
    before = f"mailbox.{workspace_id}."
    found = [file.name.removeprefix(before) for file in runtime.current().keys.glob(f"{before}*")]
    return sorted(name for name in found if _NAME.fullmatch(name))


def named(workspace_id: int, name: str) -> Mailbox:
    """Raises MailboxName, NoMailbox, MailboxUnreadable."""
    try:
        return Mailbox(**json.loads(file_of(workspace_id, name).read_bytes()))
    except FileNotFoundError:
        raise NoMailbox(hint=name) from None
    except (OSError, ValueError, TypeError):
        raise MailboxUnreadable(hint=name) from None


def file_of(workspace_id: int, name: str) -> Path:
    """Raises MailboxName."""
    if not _NAME.fullmatch(name):
        raise MailboxName(hint=name)
    return runtime.current().keys / f"mailbox.{workspace_id}.{name}"
