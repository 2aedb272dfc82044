"""A count as the screen tells it: who can receive it, why others cannot, what other rules would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors
from shodaku.campaigns.domain import CHANGED, Preflight
from shodaku.console import words
from shodaku.console.frame import place
from shodaku.console.guard import Visitor
from shodaku.policy.domain import Reason

GO: Final = "go"
HELD: Final = ("wait", "never")
# where somebody can do something about it: the act that a page there is for, and what it is called here
STEPS: Final[Mapping[str, tuple[Act, str, str | Promise]]] = {
    Reason.CARD_NEEDS_CONFIRMATION: (Act.IMPORT, "imports", gettext_lazy("Ask for permission")),
    Reason.THIRD_PARTY_CONSENT_CONFIRM: (Act.IMPORT, "imports", gettext_lazy("Ask for permission")),
    Reason.CONSENT_EXPIRED: (Act.READ, "forms", gettext_lazy("See the forms")),
    Reason.CONSENT_STALE: (Act.READ, "ends", gettext_lazy("See the clocks")),
    Reason.RECONFIRM_DUE: (Act.READ, "ends", gettext_lazy("See the clocks")),
    Reason.CONSENT_FREQUENCY: (Act.WRITE_CAMPAIGN, "campaign", gettext_lazy("Choose another time")),
    Reason.QUIET_HOURS: (Act.WRITE_CAMPAIGN, "campaign", gettext_lazy("Choose another time")),
}
_OF_THE_CAMPAIGN: Final = "campaign"


@dataclass(frozen=True, slots=True)
class Moved:
    """People whose answer would be another one."""

    people: int
    before: words.Told
    after: words.Told


@dataclass(frozen=True, slots=True)
class Compared:
    """By the rules in force, and by others."""

    pack: str
    sendable_before: int
    sendable_after: int
    moved: list[Moved]


def funnel(visitor: Visitor, campaign: selectors.Campaign, counted: Preflight) -> dict[str, Any]:
    """Sendable and held together are the chosen: each person has one reason."""
    wait, never = (_rows(visitor, campaign, counted.reasons, tone) for tone in HELD)
    go = _rows(visitor, campaign, counted.allowed, GO)
    return {
        "sendable": counted.sendable,
        "wait": sum(row["n"] for row in wait),
        "never": counted.chosen - counted.sendable - sum(row["n"] for row in wait),
        "chosen": counted.chosen,
        "step": next((row for row in wait if row["step_href"]), None),
        "counted_at": counted.at,
        "groups": [
            {"tone": "wait", "rows": wait},
            {"tone": "never", "rows": never},
            {"tone": GO, "rows": go, "total": counted.sendable},
        ],
        "recount_href": place(visitor, "recount", campaign.campaign_id)
        if may(visitor.role, Act.WRITE_CAMPAIGN)
        else "",
        "preflight_id": counted.preflight_id,
    }


def comparison(counted: Preflight) -> Compared | None:
    found = counted.comparison
    if found is None:
        return None
    ordered = sorted(found.moved.items(), key=lambda each: (-each[1], each[0]))
    return Compared(
        found.pack,
        counted.sendable,
        sum(people for code, people in found.after.items() if words.told(code).tone == GO),
        [Moved(people, words.told(before), words.told(after)) for (before, after), people in ordered],
    )


def _rows(
    visitor: Visitor, campaign: selectors.Campaign, reasons: Mapping[str, int], tone: str
) -> list[dict[str, Any]]:
    """The largest number first. Of those who get it as it is there is no list: it would be everybody."""
    told = {code: words.told(code) for code in reasons}
    ordered = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    return [
        {
            "icon": told[code].icon,
            "n": people,
            "title": told[code].text,
            "text": told[code].next_step,
            "code": code,
            "rules": told[code].rules,
            "articles": told[code].articles,
            **_step(visitor, campaign, code),
            **(_names(visitor, campaign, code) if tone != GO or code in CHANGED else {}),
        }
        for code, people in ordered
        if people and told[code].tone == tone
    ]


def _step(visitor: Visitor, campaign: selectors.Campaign, code: str) -> dict[str, Any]:
    """The one thing to do about it, where there is a page for that and this member may open it."""
    act, page, title = STEPS.get(code, (Act.READ, "", ""))
    if not page or not may(visitor.role, act):
        return {"step": "", "step_href": ""}
    own = page == _OF_THE_CAMPAIGN
    href = f"{place(visitor, page, campaign.campaign_id)}#id_starts_at" if own else place(visitor, page)
    return {"step": title, "step_href": href}


def _names(visitor: Visitor, campaign: selectors.Campaign, code: str) -> dict[str, Any]:
    return {
        "action": _("See the names"),
        "href": place(visitor, "held", campaign.campaign_id, code),
        "key": code,
    }
