"""Which rule of law is checked where, and by which test, in the words in which the desk hears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from shodaku.accounts.domain import Act
from shodaku.console.frame import show
from shodaku.console.guard import Visitor, allowed
from shodaku.policy.domain import CoveredRule, coverage

TESTS_SHOWN: Final = 1  # of one answer; more are counted
# by the first letters of a rule's id
LAWS: Final[Mapping[str, str | Promise]] = {
    "SE": _("Act on Regulation of Transmission of Specified Electronic Mail"),
    "TS": _("Act on Specified Commercial Transactions"),
    "PI": _("Act on the Protection of Personal Information"),
    "TB": _("Telecommunications Business Act"),
    "KH": _("Act against Unjustifiable Premiums and Misleading Representations"),
    "PR": _("Standards of mail (RFC)"),
    "MB": _("Rules of mailbox providers"),
    "EU": _("European Union"),
    "PP": _("This product's own promises"),
}
ELSEWHERE: Final = _("Other countries")
LEVELS: Final[Mapping[str, str | Promise]] = {
    "law": _("law"),
    "guideline": _("guideline"),
    "rfc": _("standard"),
    "provider": _("rule of a provider"),
    "policy": _("promise of this product"),
    "watch": _("not in force yet"),
}


@dataclass(frozen=True, slots=True)
class Checked:
    words: str
    where: tuple[str, ...]
    tests: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Line:
    covered: CoveredRule
    level: str | Promise
    checked: list[Checked]


@dataclass(frozen=True, slots=True)
class Law:
    name: str  # as it stands in the URL
    title: str | Promise
    lines: list[Line]
    checked: int


@require_safe
@allowed(Act.READ)
def law(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """One law at a time, for all of them are more than a page should hold."""
    laws = _laws()
    asked = request.GET.get("law", "")
    context = {
        "laws": laws,
        "law": next((each for each in laws if each.name == asked), laws[0]),
        "rules": sum(len(each.lines) for each in laws),
        "checked": sum(each.checked for each in laws),
    }
    return show(request, visitor, "console/law.html", context, current="rules")


def _laws() -> list[Law]:
    found: dict[str, list[Line]] = {name: [] for name in (*LAWS, "")}
    for rule_id, covered in coverage().items():
        prefix = rule_id.partition("-")[0]
        found[prefix if prefix in LAWS else ""].append(_line(covered))
    return [
        Law(
            name or "other",
            LAWS.get(name, ELSEWHERE),
            lines,
            sum(line.covered.checked for line in lines),
        )
        for name, lines in found.items()
        if lines
    ]


def _line(covered: CoveredRule) -> Line:
    japanese = get_language() == "ja"
    answers = [
        Checked(
            each.told.ja if japanese else each.told.en,
            each.where,
            each.tests[:TESTS_SHOWN],
            max(0, len(each.tests) - TESTS_SHOWN),
        )
        for each in covered.answers
    ]
    duties = [
        Checked(each.ja if japanese else each.en, (each.where,), (each.test,), 0) for each in covered.duties
    ]
    return Line(covered, LEVELS.get(covered.rule.level, covered.rule.level), [*duties, *answers])
