"""Is there a second copy, and where are we?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shodaku.backups import second_copy
from shodaku.backups.second_copy import Signs
from shodaku.kit import db, place, runtime
from shodaku.optout import services as optout

__all__ = ["Place", "Signs", "place_of"]


@dataclass(frozen=True, slots=True)
class Place:
    host: str
    signs: Signs
    marked: int  # folders in which a mark of somebody stands


def place_of(now: datetime) -> Place:
    """Nothing is changed. Raises PlaceUnreadable, NoCopyPlace."""
    home, folders = runtime.current().home, optout.copy_folders()
    found = second_copy.signs(lambda: db.transaction(None), home, folders, now)
    marked = sum(second_copy.read_lease(folder) is not None for folder in folders)
    return Place(place.host(home).id, found, marked)
