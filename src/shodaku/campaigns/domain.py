"""A campaign from draft to launch: limits, what was counted, and what a launch answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from shodaku.contacts.domain import Channel
from shodaku.content.domain import Frozen
from shodaku.policy.domain import Reason
from shodaku.segments.domain import Condition, dump

NAME_CHARACTERS_MAX: Final = 100
TEST_MARK: Final = "[TEST] "
TEST_NOTE: Final = (
    "テスト配信です。本番と同じ内容を、送信者の担当者だけに送っています。 / A test, to staff alone."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCampaign:
    """A draft as somebody writes it; the topic names the sender."""

    name: str
    topic_id: int
    subject: str = ""
    text: str = ""
    html: str = ""
    conditions: tuple[Condition, ...] = ()
    channel: Channel = Channel.EMAIL


@dataclass(frozen=True, slots=True)
class Preflight:
    """Who gets it and why not the others, at one moment: sendable and all held make the chosen."""

    preflight_id: int
    chosen: int
    sendable: int
    reasons: Mapping[str, int]  # of those who are held
    content_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Examined:
    """What exactly would leave, and what keeps it from starting: the first to be told first."""

    frozen: Frozen
    faults: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Launched:
    mailing_id: int
    people: int


@dataclass(frozen=True, slots=True)
class DisplayMissing:
    """What the law wants shown does not stand in the message, or its head pretends."""

    missing: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ContentChanged:
    """Somebody edited it, or whom it is for, after it was counted."""


@dataclass(frozen=True, slots=True)
class MorePeople:
    """More would get it than the button said."""

    shown: int
    now: int


@dataclass(frozen=True, slots=True)
class NotSendable:
    """Nobody would get it."""

    reasons: Mapping[str, int] = field(default_factory=dict)


def fingerprint(content_sha256: str, topic_id: int, conditions: Sequence[Condition]) -> str:
    """What a button was pressed for: this content, on this topic, to these people and no others."""
    meant = json.dumps([content_sha256, topic_id, dump(conditions)], sort_keys=True)
    return hashlib.sha256(meant.encode()).hexdigest()


LaunchAnswer: TypeAlias = Launched | DisplayMissing | ContentChanged | MorePeople | NotSendable
