"""What becomes of a filled-in sheet: keyed in, keyed in again, compared. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from shodaku.contacts.domain import EmailAddress, UnfitName, clean_name, parse_email
from shodaku.signup.domain import Published
from shodaku.signup.sheet_code import PaperFault, SheetCode, Unwritten

WORD_CHARS_MAX: Final = 80  # of a shop, a shelf, somebody's name
NOTE_CHARS_MAX: Final = 300
SHEETS_OF_A_BATCH_MAX: Final = 500
SAMPLE_OF: Final = 10  # one sheet of so many is keyed twice
PRINTED_TO_LOOK_DAYS: Final = 1  # a form is published and filled in on one day, in whatever time zone


class SheetState(StrEnum):
    WAITING = "waiting"  # nobody has keyed it in
    SECOND = "second"  # keyed in once; another person keys address and ticks again
    THIRD = "third"  # the two differ
    PARKED = "parked"  # put aside, with a reason
    RECORDED = "recorded"
    REFUSED = "refused"  # the person, or the house, has said no: nothing was recorded
    DISCARDED = "discarded"


OPEN: Final = (SheetState.WAITING, SheetState.SECOND, SheetState.THIRD, SheetState.PARKED)


class ParkReason(StrEnum):
    ADDRESS = "address"  # cannot be read
    TICKS = "ticks"  # nothing ticked, or not to be told for certain
    DAY = "day"
    OTHER_FORM = "other_form"  # not one of our sheets, or without its code
    PICTURE = "picture"  # to be scanned again
    REFUSED = "refused"  # words on it that say no
    OTHER = "other"


class Checking(StrEnum):
    """Which sheets of a batch a second person keys in again."""

    ALL = "all"
    SAMPLE = "sample"


def chosen_to_check(
    checking: Checking, sheets: int, below: Callable[[int], int], *, first: bool
) -> list[bool]:
    """For each sheet, whether it is keyed twice; of a `first` sample at least one is. `below(n)` < n."""
    if checking is Checking.ALL:
        return [True] * sheets
    drawn = [below(SAMPLE_OF) == 0 for _ in range(sheets)]
    if first and sheets and not any(drawn):
        drawn[below(sheets)] = True
    return drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """What one person read off a sheet."""

    address: str
    topic_ids: tuple[int, ...]
    name: str = ""
    signed_on: date | None = None
    shop: str = ""
    clerk: str = ""
    code: SheetCode | None = None


def keyed_json(keyed: Keyed) -> dict[str, Any]:  # Any: JSON
    return {
        **asdict(keyed),
        "topic_ids": list(keyed.topic_ids),
        "signed_on": keyed.signed_on.isoformat() if keyed.signed_on else None,
    }


def keyed_of_json(stored: Mapping[str, Any]) -> Keyed:  # Any: JSON that `keyed_json` wrote
    return Keyed(
        **{
            **stored,
            "topic_ids": tuple(stored["topic_ids"]),
            "signed_on": date.fromisoformat(stored["signed_on"]) if stored["signed_on"] else None,
            "code": SheetCode(**stored["code"]) if stored["code"] else None,
        }
    )


class Difference(StrEnum):
    ADDRESS = "address"
    TICKS = "ticks"


def differences(first: Keyed, second: Keyed) -> tuple[Difference, ...]:
    """In what two people read one sheet differently; of the address what no mail server tells apart is equal.

    Raises AddressError.
    """
    found = []
    if parse_email(first.address).key != parse_email(second.address).key:
        found.append(Difference.ADDRESS)
    if set(first.topic_ids) != set(second.topic_ids):
        found.append(Difference.TICKS)
    return tuple(found)


def require_topics(topic_ids: Sequence[int], published: Published) -> tuple[int, ...]:
    """Those of the form that are ticked, in its order. Raises Unwritten(NO_TOPIC)."""
    chosen = tuple(topic.topic_id for topic in published.topics if topic.topic_id in topic_ids)
    if not chosen:
        raise Unwritten(PaperFault.NO_TOPIC)
    return chosen


def require_day(signed_on: date, published_on: date, today: date) -> date:
    """Raises Unwritten for a day to come, or on which nobody could have held the sheet."""
    if signed_on > today:
        raise Unwritten(PaperFault.TO_COME)
    if (published_on - signed_on).days > PRINTED_TO_LOOK_DAYS:
        raise Unwritten(PaperFault.BEFORE_ITS_FORM)
    return signed_on


def parse_word(text: str) -> str:
    """A shop, a shelf, somebody's name: one line. Raises Unwritten."""
    try:
        word = clean_name(text)
    except UnfitName:
        raise Unwritten(PaperFault.NOT_ONE_LINE) from None
    if len(word) > WORD_CHARS_MAX:
        raise Unwritten(PaperFault.TOO_LONG)
    return word


@dataclass(frozen=True, slots=True)
class Doubt:
    """A character of an address that is read as another one on paper."""

    place: int  # from 1
    character: str
    others: tuple[str, ...]


_ALIKE: Final[Mapping[str, tuple[str, ...]]] = {
    "1": ("l", "I"),
    "l": ("1", "I"),
    "i": ("1", "l"),
    "I": ("1", "l"),
    "0": ("o", "O"),
    "o": ("0",),
    "O": ("0",),
    "-": ("_", "."),
    "_": ("-",),
}
_SURE: Final = frozenset(
    "lIioO"
)  # letters are asked about only beside a digit: nobody writes micha3l in doubt


def doubts(address: EmailAddress) -> tuple[Doubt, ...]:
    """What is asked once more about a handwritten address, before the @ (JAPAN.md section 5)."""
    local = address.address.partition("@")[0]
    return tuple(
        Doubt(at + 1, character, _ALIKE[character])
        for at, character in enumerate(local)
        if character in _ALIKE and (character not in _SURE or _beside_a_digit(local, at))
    )


def _beside_a_digit(local: str, at: int) -> bool:
    around = local[max(0, at - 1) : at] + local[at + 1 : at + 2]
    return any(each.isdecimal() for each in around)
