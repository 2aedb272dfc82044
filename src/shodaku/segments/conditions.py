"""What can be asked about a person: values, and how they are joined. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

CONDITIONS_MAX: Final = 20  # in one segment, all its groups together
GROUPS_MAX: Final = 10
NAME_CHARACTERS_MAX: Final = 80  # of a segment
VALUE_CHARACTERS_MAX: Final = 200
DAYS_MAX: Final = 36_500
YEN_MAX: Final = 2**31 - 1
ID_MAX: Final = 2**31 - 1
MAILINGS_MAX: Final = 10  # of one campaign, its variants included


class ConditionFault(ValueError):
    """A condition that cannot be understood."""

    def __init__(self, ja: str, en: str) -> None:
        self.ja, self.en = ja, en
        super().__init__(en)

    def sentence(self, lang: str) -> str:
        return self.ja if lang.startswith("ja") else self.en


@dataclass(frozen=True, slots=True)
class LanguageIs:
    language: str  # ja or en; who named none counts as ja


@dataclass(frozen=True, slots=True)
class SourceIs:
    source: str  # form, import, staff or app: how we came to know the person


@dataclass(frozen=True, slots=True)
class BoughtWithin:
    days: int


@dataclass(frozen=True, slots=True)
class BoughtNothing:
    pass


@dataclass(frozen=True, slots=True)
class BoughtProduct:
    code: str  # of the catalogue


@dataclass(frozen=True, slots=True)
class SpentAtLeast:
    yen: int  # all purchases together


@dataclass(frozen=True, slots=True)
class KnownSince:
    on: date  # on this day or later, on the clock of the workspace


@dataclass(frozen=True, slots=True)
class KnownWithin:
    days: int


@dataclass(frozen=True, slots=True)
class CompanyHolds:
    part: str


@dataclass(frozen=True, slots=True)
class AttributeIs:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class AgreedTo:
    topic_id: int  # the consent lives, on whatever channel; whether it allows a message the gate says


@dataclass(frozen=True, slots=True)
class ClickedWithin:
    days: int  # any link of any mail; nothing is known of who does not allow measuring


@dataclass(frozen=True, slots=True)
class ClickedIn:
    mailing_id: int


@dataclass(frozen=True, slots=True)
class PrefectureIs:
    place: str  # a code of JIS X 0401, or a region: see places.PLACES


@dataclass(frozen=True, slots=True)
class KanaBegins:
    part: str


@dataclass(frozen=True, slots=True)
class KanaRow:
    row: str  # ア, カ, … ワ: a row of the telephone book


@dataclass(frozen=True, slots=True)
class BornIn:
    months_ahead: int  # 0: a birthday in this month, 1: in the next one


Clicked: TypeAlias = ClickedWithin | ClickedIn
Plain: TypeAlias = (
    LanguageIs
    | SourceIs
    | BoughtWithin
    | BoughtNothing
    | BoughtProduct
    | SpentAtLeast
    | KnownSince
    | KnownWithin
    | CompanyHolds
    | AttributeIs
    | AgreedTo
    | Clicked
    | PrefectureIs
    | KanaBegins
    | KanaRow
    | BornIn
)


@dataclass(frozen=True, slots=True)
class Not:
    """Everybody else, those of whom nothing is known included; but of clicks only who allows measuring."""

    condition: Plain


Single: TypeAlias = Plain | Not


class Match(StrEnum):
    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Group:
    match: Match
    conditions: tuple[Single, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """Groups of conditions, one level deep; without any it is everybody."""

    match: Match = Match.ALL
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class InSegment:
    """A saved segment; without its expression it names nobody: who reads one fills it in."""

    segment_id: int
    version: int | None = None
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class MayBeAskedFrom:
    """Chosen by the desk, never in a segment: whose card, or consent to somebody else, an import brought."""

    batch_id: int


@dataclass(frozen=True, slots=True)
class DidNotOpen:
    """Chosen by the desk, never in a segment: who got one of these mailings, allowed measuring before, and
    neither opened it nor followed a link.
    """

    mailing_ids: tuple[int, ...]


Condition: TypeAlias = Single | InSegment | MayBeAskedFrom | DidNotOpen
