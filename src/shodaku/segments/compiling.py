"""Conditions as SQL over the aliases c (contact) and a (its address). No text of a user is ever SQL. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final, TypeAlias, assert_never

from shodaku.segments.conditions import (
    AgreedTo,
    AttributeIs,
    BornIn,
    BoughtNothing,
    BoughtProduct,
    BoughtWithin,
    ClickedIn,
    ClickedWithin,
    CompanyHolds,
    Condition,
    DidNotOpen,
    Expression,
    Group,
    InSegment,
    KanaBegins,
    KanaRow,
    KnownSince,
    KnownWithin,
    LanguageIs,
    Match,
    MayBeAskedFrom,
    Not,
    Plain,
    PrefectureIs,
    Single,
    SourceIs,
    SpentAtLeast,
)
from shodaku.segments.kana import HIRAGANA, KATAKANA, ROWS, folded
from shodaku.segments.places import names_of, spellings_of


@dataclass(frozen=True, slots=True)
class Where:
    """SQL over the aliases c (contact) and a (its address), with every value as a parameter."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)


EVERYBODY: Final = Where("true")
_NOBODY: Final = Where("false")
_JOINS: Final = {Match.ALL: " and ", Match.ANY: " or "}
_Compiled: TypeAlias = tuple[str, dict[str, object]]


def compile_conditions(conditions: Sequence[Condition]) -> Where:
    """All of them hold. Parameters are numbered, so that no two conditions meet."""
    keys = map("condition{}".format, count())
    return _joined([_of_condition(each, keys) for each in conditions], Match.ALL)


def compile_expression(expression: Expression) -> Where:
    return _of_expression(expression, map("condition{}".format, count()))


def _of_condition(condition: Condition, keys: Iterator[str]) -> Where:
    if isinstance(condition, InSegment):  # one that nobody filled in must not become everybody
        return _NOBODY if condition.expression is None else _of_expression(condition.expression, keys)
    if isinstance(condition, MayBeAskedFrom):
        key = next(keys)
        return Where(_MAY_BE_ASKED.format(key=key), {key: condition.batch_id})
    if isinstance(condition, DidNotOpen):
        key = next(keys)
        return Where(_DID_NOT_OPEN.format(key=key), {key: list(condition.mailing_ids)})
    return _of_single(condition, keys)


def _of_expression(expression: Expression, keys: Iterator[str]) -> Where:
    return _joined([_of_group(each, keys) for each in expression.groups], expression.match)


def _of_group(group: Group, keys: Iterator[str]) -> Where:
    return _joined([_of_single(each, keys) for each in group.conditions], group.match)


def _joined(parts: Sequence[Where], match: Match) -> Where:
    if not parts:
        return EVERYBODY
    parameters = {name: value for part in parts for name, value in part.parameters.items()}
    return Where(_JOINS[match].join(f"({part.sql})" for part in parts), parameters)


def _of_single(condition: Single, keys: Iterator[str]) -> Where:
    if not isinstance(condition, Not):
        return Where(*_plain(condition, next(keys)))
    sql, values = _plain(condition.condition, next(keys))
    if isinstance(condition.condition, ClickedWithin | ClickedIn):
        return Where(f"c.tracking_consent_at is not null and ({sql}) is not true", values)
    return Where(f"({sql}) is not true", values)  # not "not": an unknown attribute is not the value either


def _plain(condition: Plain, key: str) -> _Compiled:  # noqa: C901, PLR0912 - one line a condition
    match condition:
        case LanguageIs(language):
            return f"coalesce(c.locale, 'ja') = %({key})s", {key: language}
        case SourceIs(source):
            return f"c.source = %({key})s", {key: source}
        case BoughtWithin(days):
            return _BOUGHT.format(more=f" and p.at > {_days_ago(key)}"), {key: days}
        case BoughtNothing():
            return f"not {_BOUGHT.format(more='')}", {}
        case BoughtProduct(code):
            return _BOUGHT_IT.format(key=key), {key: code}
        case SpentAtLeast(yen):
            return f"{_SPENT} >= %({key})s", {key: yen}
        case KnownSince(on):
            return f"c.created_at >= %({key})s::date::timestamp at time zone {_ZONE}", {key: on}
        case KnownWithin(days):
            return f"c.created_at > {_days_ago(key)}", {key: days}
        case CompanyHolds(part):
            return f"strpos(lower(coalesce(c.company, '')), lower(%({key})s)) > 0", {key: part}
        case AttributeIs(name, value):
            return f"c.attributes ->> %({key}_name)s = %({key})s", {f"{key}_name": name, key: value}
        case AgreedTo(topic_id):
            return _AGREED.format(key=key), {key: topic_id}
        case ClickedWithin(days):
            return _CLICKED.format(more=f"h.at > {_days_ago(key)}"), {key: days}
        case ClickedIn(mailing_id):
            return _CLICKED.format(more=f"h.mailing_id = %({key})s"), {key: mailing_id}
        case PrefectureIs(place):
            return _LIVES_IN.format(key=key), {key: spellings_of(place), f"{key}_name": names_of(place)}
        case KanaBegins(part):
            return f"starts_with({_kana(key)}, %({key})s)", _kana_values(key) | {key: folded(part)}
        case KanaRow(row):
            return f"left({_kana(key)}, 1) = any(%({key})s)", _kana_values(key) | {key: list(ROWS[row])}
        case BornIn(months_ahead):
            return _BORN.format(key=key), {key: months_ahead}
        case unreachable:
            assert_never(unreachable)


_BOUGHT: Final = (
    "exists (select from purchase p "
    "where p.workspace_id = c.workspace_id and p.contact_id = c.contact_id{more})"
)
_MAY_BE_ASKED: Final = (
    "exists (select from basis b where b.workspace_id = c.workspace_id and b.contact_id = c.contact_id "
    "and b.kind in ('business_card', 'import') and b.batch_id = %({key})s)"
)
_BOUGHT_IT: Final = (
    "exists (select from purchase p "
    "join product g on g.workspace_id = p.workspace_id and g.product_id = p.product_id "
    "where p.workspace_id = c.workspace_id and p.contact_id = c.contact_id and g.code = %({key})s)"
)
_SPENT: Final = (
    "(select coalesce(sum(p.amount_yen), 0) from purchase p "
    "where p.workspace_id = c.workspace_id and p.contact_id = c.contact_id)"
)
_ZONE: Final = "(select w.timezone from workspace w where w.workspace_id = c.workspace_id)"
_AGREED: Final = (
    "exists (select from consent k where k.workspace_id = c.workspace_id and k.contact_id = c.contact_id "
    "and k.topic_id = %({key})s and k.state = 'active' and (k.expires_at is null or k.expires_at > now()))"
)
# who took the permission to measure back has no hits any more; asked all the same, should one come in late
_CLICKED: Final = (
    "c.tracking_consent_at is not null and exists (select from hit h "
    "where h.workspace_id = c.workspace_id and h.contact_id = c.contact_id "
    "and h.actor = 'human' and h.link >= 0 and {more})"
)
# of a mail that came before somebody allowed measuring nothing is known; its weeks name the partitions
_DID_NOT_OPEN: Final = (
    "c.tracking_consent_at is not null and exists (select from delivery d "
    "where d.workspace_id = c.workspace_id and d.contact_id = c.contact_id "
    "and d.mailing_id = any(%({key})s::int[]) and d.outcome = 'accepted' and d.at >= c.tracking_consent_at "
    "and d.week = any(array(select m.week from mailing m where m.mailing_id = any(%({key})s::int[])))) "
    "and not exists (select from hit h where h.workspace_id = c.workspace_id "
    "and h.contact_id = c.contact_id and h.mailing_id = any(%({key})s::int[]) and h.actor = 'human')"
)
# an address begins with its prefecture; it is looked at where no field says it
_LIVES_IN: Final = (
    "case when coalesce(c.attributes ->> 'prefecture', '') <> '' "
    "then btrim(c.attributes ->> 'prefecture') = any(%({key})s) "
    "else exists (select from unnest(%({key}_name)s::text[]) named "
    "where starts_with(c.attributes ->> 'address', named)) end"
)
_BORN: Final = (
    "extract(month from c.birth_date) = extract(month from "
    f"date_trunc('month', now() at time zone {_ZONE}) + make_interval(months => %({{key}})s))"
)


def _days_ago(key: str) -> str:
    return f"now() - make_interval(days => %({key})s)"


def _kana(key: str) -> str:
    return (
        f"replace(replace(translate(normalize(coalesce(c.kana, ''), nfkc), %({key}_from)s, %({key}_to)s), "
        f"' ', ''), '・', '')"
    )


def _kana_values(key: str) -> dict[str, object]:
    return {f"{key}_from": HIRAGANA, f"{key}_to": KATAKANA}
