"""Values that are made once a message, by the million."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_Value = TypeVar("_Value")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def fact(cls: type[_Value]) -> type[_Value]:
    """A dataclass with slots and keywords alone, frozen for the type checker.

    At run time nothing refuses an assignment: to refuse them, `frozen=True` fills each field by a call of its
    own, 3 us for twenty (`shodaku bench decide`).
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)
