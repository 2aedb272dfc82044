"""Topics as a person's own page offers them: where several senders share a workspace, each box names its own.

A consent is given to a sender (特定電子メール法3条1項1号), and the words around all boxes can name only one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shodaku.accounts import selectors as accounts
from shodaku.consent.selectors import Topic
from shodaku.signup import services as signup
from shodaku.signup.domain import OfferedTopic


def offered_by_name(workspace_id: int, topics: Sequence[Topic], language: str) -> list[OfferedTopic]:
    """In their order; the sender stands behind what is sent, in the brackets of the language."""
    names = {each.sender_id: each.formal_name for each in accounts.every_sender(workspace_id)}
    plain = [signup.offered(topic) for topic in topics]
    if len(names) == 1:
        return plain
    form = "{} ({})" if language == "en" else "{}（{}）"
    return [
        replace(each, content=form.format(each.content, names[topic.sender_id]))
        for each, topic in zip(plain, topics, strict=True)
    ]
