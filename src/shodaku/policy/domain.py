"""May this message leave, now? The door of the one decision the product exists for.

`decide` alone makes a `Permit`; `explain` says in words what an answer means. LAW.md has the order of the
questions, law/reasons.yaml every code.
"""

from __future__ import annotations

from shodaku.policy.decision import DISPLAY_ORDER, Permit, Verdict, decide
from shodaku.policy.explanations import Explanation, Group, explain
from shodaku.policy.facts import (
    AD_CLASSES,
    COMPLETE,
    NOTHING,
    About,
    Ads,
    Bases,
    CampaignState,
    DisplayReport,
    Facts,
    MessageClass,
    MessageFacts,
    OtherConsent,
    PersonFacts,
    Published,
    Switches,
    ThirdParty,
)
from shodaku.policy.head import head_fault
from shodaku.policy.reasons import AnyReason, Operational, Reason
from shodaku.policy.verdicts import Deferred, Instead, Refused

__all__ = [
    "AD_CLASSES",
    "COMPLETE",
    "DISPLAY_ORDER",
    "NOTHING",
    "About",
    "Ads",
    "AnyReason",
    "Bases",
    "CampaignState",
    "Deferred",
    "DisplayReport",
    "Explanation",
    "Facts",
    "Group",
    "Instead",
    "MessageClass",
    "MessageFacts",
    "Operational",
    "OtherConsent",
    "Permit",
    "PersonFacts",
    "Published",
    "Reason",
    "Refused",
    "Switches",
    "ThirdParty",
    "Verdict",
    "decide",
    "explain",
    "head_fault",
]
