"""What the person who brings a list in declares, once for the whole file; a row may say its own basis."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from shodaku.consent.domain import FIRST_DAY
from shodaku.contacts.domain import Channel
from shodaku.imports.domain import Basis, Evidence, ParsedRow, Relation, RowWarning
from shodaku.policy.domain import ThirdParty


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """Of the fields only `file_name` and `basis` are always there."""

    file_name: str
    basis: Basis
    evidence: str = ""  # how and where these people agreed, in words; the paper's shelf number
    wording: str = ""  # what they read when they agreed, as it stood there
    evidence_on: date | None = None
    confirmed: bool = False  # each of them confirmed by mail, elsewhere
    topic_id: int | None = None
    channel: Channel = Channel.EMAIL
    relation: Relation = Relation.BOUGHT  # of customers
    provision: str = ""  # the record of the provision (個人情報保護法30条): from whom, when, how obtained
    named_sender: str = ""  # to whom the people were told their address would go
    purchased: bool = False  # a list that was bought
    country: str | None = None  # where these people live, as far as the list's owner knows
    columns: Mapping[str, int] | None = None  # as the user corrected them; None: as the headings say

    def basis_of(self, row: ParsedRow) -> Basis:
        return self.basis if row.basis is None else row.basis

    def evidence_of(self, row: ParsedRow) -> str:
        """What is said of this person, before what is said of all."""
        said = self.evidence.strip()
        return said if row.place is None else "、".join(filter(None, (row.place, said)))

    def standing(self, row: ParsedRow, now: datetime) -> Evidence:
        """A consent counts with its words, its day and its topic (施行規則4条), not without.

        One dated in the future proves nothing, and must not outlast an opt-out of before that day; nor does
        one of before the first day. Who has a day that cannot be read is not given the day of the file.
        """
        if not self.evidence_of(row):
            return Evidence.NONE
        at = self.agreed_at(row, now)
        whole = at is not None and self.topic_id is not None
        return Evidence.COMPLETE if whole and _possible(at, now) else Evidence.INCOMPLETE

    def agreed_at(self, row: ParsedRow, now: datetime) -> datetime | None:
        unread = RowWarning.DATE_UNREAD in row.warnings
        return row.consented_at or (None if unread else day_of(self.evidence_on, now))

    def third_party(self, sender_names: Sequence[str]) -> ThirdParty:
        """What a consent is worth that somebody else obtained."""
        if self.purchased:
            return ThirdParty.PURCHASED_LIST
        if _plain(self.named_sender) not in {_plain(name) for name in sender_names if name}:
            return ThirdParty.SENDER_NOT_NAMED
        proved = self.evidence.strip() and self.provision.strip()
        return ThirdParty.PROVED if proved else ThirdParty.UNPROVED


@lru_cache(maxsize=1_024)  # a list has few days
def day_of(day: date | None, now: datetime) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def _possible(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now and at.date() >= FIRST_DAY


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
