"""How a chunk is named, and the job that sends it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from shodaku.delivery.domain import MailingKind
from shodaku.kit.queue import Job, Queue

TASK: Final = "delivery.send_chunk"


@dataclass(frozen=True, slots=True)
class ChunkKey:
    workspace_id: int
    mailing_id: int
    no: int


def queue_of(kind: MailingKind) -> Queue:
    """Somebody waits for a notice; nobody waits for what is sent to many."""
    many = (MailingKind.CAMPAIGN, MailingKind.RECONFIRM)
    return Queue.SEND if kind in many else Queue.URGENT


def chunk_job(key: ChunkKey, queue: Queue, not_before: datetime | None = None, *, place: int = 0) -> Job:
    """`place`: how many chunks of its mailing stand before it. Workers take the lowest place of all mailings
    first, so a campaign does not wait for the end of a larger one that was launched before it.
    """
    return Job(TASK, queue, asdict(key), not_before=not_before, priority=-place)
