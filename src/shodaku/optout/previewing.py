"""The page of opting out as a reader would see it, for whoever words it: an example, and nobody's link."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import OptOutRule, Workspace
from shodaku.consent import selectors as consents
from shodaku.consent.selectors import Topic
from shodaku.contacts.domain import Channel
from shodaku.content.selectors import page_brand
from shodaku.optout.domain import Choice, OptOutScope, Receipt, narrower, under
from shodaku.optout.pages import Asked, ask_words, done_words

_EXAMPLE: Final = "y****@example.jp"
_ENTRY: Final = 123


def example_before(workspace: Workspace, language: str) -> dict[str, object]:
    """Context of `optout/ask.html`."""
    topic = _topic(workspace)
    asked = Asked(
        workspace=workspace,
        topic=topic,
        channels=frozenset((Channel.EMAIL,)),
        lost=(topic.title(language),) if topic else (),
        fewer=narrower(topic.frequency) if topic else (),
        purchases=2,
        sealed_until=None,
    )
    return {**_around(workspace), **ask_words(asked, language)}


def example_after(workspace: Workspace, language: str, now: datetime) -> dict[str, object]:
    """Context of `optout/done.html`, after everything was stopped."""
    topic, rule = _topic(workspace), OptOutRule(workspace.on_opt_out)
    choice = under(rule, Choice(OptOutScope.ALL))
    receipt = Receipt(f"S-{now.date()}-{_ENTRY:06}", now, _ENTRY, choice.scope)
    return {**_around(workspace), **done_words(receipt, choice, workspace, topic, language)}


def _topic(workspace: Workspace) -> Topic | None:
    offered = (each for each in consents.topics(workspace.workspace_id) if each.archived_at is None)
    return next(offered, None)


def _around(workspace: Workspace) -> dict[str, object]:
    return {
        "preview": True,
        "person": SimpleNamespace(address=_EXAMPLE),
        "sender": next(iter(accounts.senders(workspace.workspace_id)), None),
        "brand": page_brand(workspace.workspace_id),
    }
