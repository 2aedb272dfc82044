"""People who say no while mails leave, in a process of their own; `optout` starts it."""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from shodaku.config import bind, reserved

ANYONE: Final = "anyone"
OPEN_CHUNK: Final = "people in an open chunk"
LOOK_AGAIN_SECONDS: Final = 0.005
# between two of one process, on average. What is measured is how long one person waits while mails leave, not
# how many the machine can take: `oneclick` says that
PAUSE_SECONDS: Final = 0.04
_CHUNK: Final = """
    select contact_ids from chunk
    where workspace_id = %s and state = any(%s) and cardinality(contact_ids) > 0
    order by mailing_id desc, no limit 1
"""
_HELD: Final = "select from contact where workspace_id = %s and contact_id = %s for update skip locked"


@dataclass(frozen=True, slots=True)
class Answer:
    case: str
    contact_id: int
    started: float  # on the monotonic clock, which is one for all processes
    answered: float


def in_open_chunk(workspace_id: int) -> list[int]:
    return _chunk(workspace_id, ["open"])


def is_held(workspace_id: int, contact_id: int) -> bool:
    """Does somebody else hold the lock of this person?"""
    from shodaku.kit import db  # noqa: PLC0415 - Django is set up only now

    with db.transaction(workspace_id) as connection:
        return connection.execute(_HELD, [workspace_id, contact_id]).rowcount == 0


def leave(workspace_id: int, contact_id: int, case: str) -> Answer:
    from shodaku.consent.domain import Method  # noqa: PLC0415 - Django is set up only now
    from shodaku.kit import clock  # noqa: PLC0415
    from shodaku.optout.domain import OptOut, OptOutScope  # noqa: PLC0415
    from shodaku.optout.services import opt_out  # noqa: PLC0415

    request = OptOut(
        workspace_id=workspace_id, contact_id=contact_id, scope=OptOutScope.ALL, via=Method.ONE_CLICK
    )
    started = time.monotonic()
    with reserved.lane(reserved.PAGES):  # as behind the page
        opt_out(request, clock.now())
    return Answer(case, contact_id, started, time.monotonic())


def read(file: Path) -> list[Answer]:
    return [Answer(**json.loads(line)) for line in file.read_text(encoding="ascii").splitlines()]


def _chunk(workspace_id: int, states: list[str]) -> list[int]:
    from shodaku.kit import db  # noqa: PLC0415 - Django is set up only now

    with db.transaction(workspace_id) as connection:
        row = connection.execute(_CHUNK, [workspace_id, states]).fetchone()
    return row[0] if row else []


def main() -> None:
    workspace_id, part, parts, nos = (int(word) for word in sys.argv[1:5])
    chance, gone = random.Random(part), set[int]()  # noqa: S311 - who leaves is no secret
    bind.start()
    reserved.start()
    with Path(sys.argv[5]).open("w", encoding="ascii") as answers:
        for turn in range(nos // parts):
            time.sleep(chance.expovariate(1 / PAUSE_SECONDS))
            case = OPEN_CHUNK if turn % 2 else ANYONE
            contact_id = None
            while contact_id is None:  # until the next mailing
                states = ["open"] if case == OPEN_CHUNK else ["planned", "open"]
                there = [i for i in _chunk(workspace_id, states) if i % parts == part and i not in gone]
                contact_id = chance.choice(there) if there else None
                if contact_id is None:
                    time.sleep(LOOK_AGAIN_SECONDS)
            gone.add(contact_id)
            answers.write(json.dumps(asdict(leave(workspace_id, contact_id, case))) + "\n")
    bind.stop()


if __name__ == "__main__":
    main()
