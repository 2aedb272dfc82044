"""The first five steps of a new workspace. Each is done when the facts say so, never by a press."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, Sender, may
from shodaku.campaigns import selectors as campaigns
from shodaku.consent import selectors as consent
from shodaku.console.frame import place
from shodaku.console.guard import Visitor
from shodaku.delivery import selectors as delivery
from shodaku.signup import selectors as signup


def first_steps(visitor: Visitor) -> list[dict[str, object]]:
    """As `ui/_checks.html` takes them; empty when all are done, put away, or not this person's work."""
    if not may(visitor.role, Act.EDIT_FORMS):
        return []
    if accounts.guide_is_away(visitor.workspace_id, visitor.staff_id):
        return []
    steps = [_sender(visitor), _domain(visitor), _topic(visitor), _form(visitor), _campaign(visitor)]
    return [] if all(step["tone"] == "go" for step in steps) else steps


def _step(title: str, text: str, href: str, action: str, *, done: bool) -> dict[str, object]:
    if done:
        return {"tone": "go", "title": title, "text": _("Done")}
    return {"tone": "wait", "title": title, "text": text, "href": href, "action": action}


def _sender(visitor: Visitor) -> dict[str, object]:
    senders = accounts.senders(visitor.workspace_id)
    return _step(
        _("1. Who sends, and what the law wants shown"),
        _("Name, address, where to complain, and how personal data is handled. Every mail shows them."),
        _place_of_first(visitor, senders),
        _("Fill in"),
        done=any(_shown_in_full(each) for each in senders),
    )


def _place_of_first(visitor: Visitor, senders: Sequence[Sender]) -> str:
    return place(visitor, "sender", senders[0].sender_id) if senders else place(visitor, "sender_new")


def _shown_in_full(sender: Sender) -> bool:
    """What 特定電子メール法4条 and the notice of purpose (個人情報保護法21条) need."""
    needed = (sender.formal_name, sender.postal_address, sender.complaint_contact, sender.privacy_policy)
    return all(each.strip() for each in needed)


def _domain(visitor: Visitor) -> dict[str, object]:
    names = delivery.domains(visitor.workspace_id)
    states = [delivery.domain_state(visitor.workspace_id, each) for each in names]
    return _step(
        _("2. The sending domain"),
        _("Copy a few records into DNS, so that receivers believe who sends."),
        place(visitor, "domains"),
        _("See the records"),
        done=any(each is not None and each.aligned and each.unanswered_at is None for each in states),
    )


def _topic(visitor: Visitor) -> dict[str, object]:
    return _step(
        _("3. What people agree to"),
        _("A topic says what you send, what for and how often."),
        place(visitor, "topic_new"),
        _("Create a topic"),
        done=bool(consent.topics(visitor.workspace_id)),
    )


def _form(visitor: Visitor) -> dict[str, object]:
    return _step(
        _("4. A form where people sign up"),
        _("Publish one. Who signs up and confirms may be written to."),
        place(visitor, "forms"),
        _("Make a form"),
        done=any(each.version for each in signup.forms(visitor.workspace_id)),
    )


def _campaign(visitor: Visitor) -> dict[str, object]:
    return _step(
        _("5. The first campaign"),
        _("Write a mail, see who can receive it, and send it."),
        place(visitor, "campaign_new"),
        _("Write a campaign"),
        done=any(each.launched_at for each in campaigns.campaigns(visitor.workspace_id)),
    )
