"""Must a leak be reported, and by when? (個人情報保護法26条, 同施行規則7条, 8条, 10条; PI-06)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from shodaku.policy.reasons import Reason
from shodaku.policy.rules import Rule

# somebody may have meant harm (施行規則7条3号): any number of persons, twice the time for the final report
WRONGFUL: Final = frozenset({"unauthorised_access", "malicious"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """What is known of it on the day it became known."""

    people: int
    cause: str  # unauthorised_access, malicious, or another word for what happened
    sensitive: bool = False  # 要配慮個人情報 (施行規則7条1号)
    property_damage: bool = False  # card numbers and the like, by which money is lost (2号)
    encrypted: bool = False  # so that nobody can read them: such data do not count

    def __post_init__(self) -> None:
        if self.people < 0:
            raise ValueError("no fewer than nobody can be concerned")

    @property
    def wrongful(self) -> bool:
        return self.cause in WRONGFUL


@dataclass(frozen=True, slots=True)
class Duties:
    """The last days on which the reports are in time; without any, a record of our own is enough."""

    reason: Reason  # BREACH_REPORT_DUE or BREACH_NOT_REPORTABLE
    prompt_by: date | None = None  # 速報
    final_by: date | None = None  # 確報
    notify: bool = False  # the persons themselves (26条2項)


def duties(breach: Breach, known_on: date, rule: Rule) -> Duties:
    """By the numbers of PI-06. The day on which it became known is the first one (通則GL 3-5-3)."""
    numbers = rule.parameters
    if breach.encrypted or not _reportable(breach, numbers["threshold"]):
        return Duties(Reason.BREACH_NOT_REPORTABLE)
    final_days = numbers["final_days_malicious" if breach.wrongful else "final_days"]
    return Duties(
        Reason.BREACH_REPORT_DUE,
        prompt_by=_last_of(numbers["prompt_days"], known_on),
        final_by=_last_of(final_days, known_on),
        notify=True,
    )


def _reportable(breach: Breach, threshold: int) -> bool:
    grave = breach.sensitive or breach.property_damage or breach.wrongful
    return breach.people > threshold or (grave and breach.people > 0)


def _last_of(days: int, first: date) -> date:
    return first + timedelta(days=days - 1)
