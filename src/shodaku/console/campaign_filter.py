"""What the list of campaigns is narrowed to, as it stands in the URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from shodaku.campaigns.selectors import CampaignOrder, Filter
from shodaku.console import words
from shodaku.console.months import Month, parse_month

TEXT_CHARACTERS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Narrowed:
    text: str
    topic: int | None
    state: str
    month: Month | None
    tag: str
    order: CampaignOrder
    chosen: Filter

    @property
    def any(self) -> bool:
        return self.chosen != Filter()

    def query(self, **more: object) -> str:
        said: dict[str, object] = {
            "q": self.text,
            "topic": self.topic,
            "state": self.state,
            "month": self.month,
            "tag": self.tag,
            "order": self.order.value if self.order is not CampaignOrder.NEWEST else "",
            **more,
        }
        return urlencode({name: value for name, value in said.items() if value})


def narrow(
    said: Mapping[str, str], topics: Mapping[int, str], tags: Sequence[str], zone: ZoneInfo
) -> Narrowed:
    """What is no topic, state, month or tag is everything: anybody may have typed it into the URL."""
    text = said.get("q", "").replace("\x00", "").strip()[:TEXT_CHARACTERS_MAX]
    topic = next((each for each in topics if str(each) == said.get("topic")), None)
    state = said.get("state", "")
    state = state if state in words.CAMPAIGN_STATES else ""
    month = parse_month(said.get("month", ""))
    tag = said.get("tag", "") if said.get("tag") in tags else ""
    span = month.span(zone) if month else None
    order = CampaignOrder(said["order"]) if said.get("order") in list(CampaignOrder) else CampaignOrder.NEWEST
    chosen = Filter(text, topic, state or None, span, tag or None)
    return Narrowed(text, topic, state, month, tag, order, chosen)
