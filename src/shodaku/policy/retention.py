"""How long is what proves a consent kept? (特定電子メール法施行規則4条2項, 特定商取引法施行規則30条2項)

Pure: what was sent, which orders came, and the numbers of the rules are arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.accounts.domain import EvidenceRetention
from shodaku.consent.domain import add_months
from shodaku.policy.reasons import Reason
from shodaku.policy.rules import Rule

_CALENDAR: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?")
_YEAR_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Periods:
    """In calendar months, as the rules state them."""

    last_send: int  # SE-09
    order: int  # SE-09, under article 7
    default: int  # SE-09, what this product adds
    advertisement: int  # TS-05
    fax: int  # TS-09


@dataclass(frozen=True, slots=True)
class Sent:
    """One advertisement that left, or may have left."""

    at: datetime
    by_fax: bool = False


@dataclass(frozen=True, slots=True)
class Keeping:
    """The evidence of one person is kept until `until`, and may go from that instant on."""

    until: datetime
    order_until: datetime | None  # what an order under article 7 demands, whatever else does


def retention_periods(rules: Mapping[str, Rule]) -> Periods:
    """Raises KeyError, ValueError: the rules of this program lack a period."""
    mail, mail_order, fax = (rules[name].parameters for name in ("SE-09", "TS-05", "TS-09"))
    return Periods(
        last_send=_months(mail["after_last_send"]),
        order=_months(mail["after_order"]),
        default=_months(mail["product_default"]),
        advertisement=_months(mail_order["after_each_ad"]),
        fax=_months(fax["after_each_ad"]),
    )


def keep_until(
    sent: Sequence[Sent],
    orders: Sequence[datetime],
    *,
    setting: EvidenceRetention,
    mail_order: bool,
    periods: Periods,
) -> Keeping | None:
    """None where no law asks: nothing was sent, so the evidence ends with the decision not to send.

    Calendar months on the clock of each sending. The longest of all that apply; an order only lengthens.
    """
    mails = [each.at for each in sent if not each.by_fax]
    by_order = max(_ordered(mails, orders, periods), default=None)
    ends = [] if by_order is None else [by_order]
    if mails:
        ends.append(add_months(max(mails), periods.last_send))
    if mail_order:
        ends += [_after_ad(each, periods) for each in sent]
    if setting is EvidenceRetention.DEFAULT:
        ends += [add_months(each.at, periods.default) for each in sent]
    return Keeping(max(ends), by_order) if ends else None


def may_purge(keeping: Keeping | None, now: datetime) -> Reason:
    """RETENTION_ORDER, RETENTION_RUNNING or PURGED. An order is named first: it is not ours to shorten."""
    if keeping is None:
        return Reason.PURGED
    if keeping.order_until is not None and now < keeping.order_until:
        return Reason.RETENTION_ORDER
    return Reason.RETENTION_RUNNING if now < keeping.until else Reason.PURGED


def _ordered(mails: Sequence[datetime], orders: Sequence[datetime], periods: Periods) -> Iterator[datetime]:
    """Each end that an order gives: a year from the last mail within the year after it, and a year from the
    last mail before it if it came within a month of that.
    """
    for order in orders:
        within = [at for at in mails if order <= at <= add_months(order, periods.order)]
        before = [at for at in mails if at <= order]
        if within:
            yield add_months(max(within), periods.order)
        if before and order <= add_months(max(before), periods.last_send):
            yield add_months(max(before), periods.order)


def _after_ad(sent: Sent, periods: Periods) -> datetime:
    return add_months(sent.at, periods.fax if sent.by_fax else periods.advertisement)


def _months(period: str) -> int:
    read = _CALENDAR.fullmatch(period)
    if read is None or read.lastindex is None:
        raise ValueError(f"no period of calendar years and months: {period!r}")
    return _YEAR_MONTHS * int(read[1] or 0) + int(read[2] or 0)
