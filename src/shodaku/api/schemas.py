"""Bodies of requests and answers. What is not named here is refused: a slip of the pen changes nothing."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

ADDRESSES_MAX: Final = 1_000
ADDRESS_CHARACTERS_MAX: Final = 1_000
SAID_CHARACTERS_MAX: Final = 300

Address = Annotated[str, Field(min_length=1, max_length=ADDRESS_CHARACTERS_MAX)]


class Stop(StrEnum):
    """What shall stop."""

    ALL = "all"
    TOPIC = "topic"
    UNTIL = "until"
    ERASE = "erase"


class OptOutBody(Schema):
    """A person's no. Without `scope` everything stops."""

    model_config = ConfigDict(extra="forbid")

    address: Address
    scope: Stop = Stop.ALL
    topic: Annotated[str, Field(max_length=80)] | None = None
    until: date | None = None
    said: Annotated[str, Field(max_length=SAID_CHARACTERS_MAX)] = ""
    received_by: Annotated[str, Field(max_length=200)] = ""
    received_at: datetime | None = None


class Done(Schema):
    """The answer is the same whether the address was known or not; `receipt` is for keys that may know."""

    done: Literal[True] = True
    at: datetime
    receipt: str | None = None


class SuppressionsBody(Schema):
    """Addresses and numbers that nobody may write to."""

    model_config = ConfigDict(extra="forbid")

    addresses: Annotated[list[Address], Field(min_length=1, max_length=ADDRESSES_MAX)]


class Taken(Schema):
    """How many were taken; which of them had been there before is not said."""

    taken: int
