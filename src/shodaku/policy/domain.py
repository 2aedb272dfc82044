"""May this message leave, now? The door of the one decision the product exists for.

`decide` alone makes a `Permit`; `explain` says in words what an answer means. LAW.md has the order of the
questions, law/reasons.yaml every code.
"""

from __future__ import annotations

from shodaku.policy.breach import Breach, Duties, duties
from shodaku.policy.consent_linter import (
    Box,
    FormAnswer,
    FormFacts,
    contradictions,
    deems_consent,
    lint_form,
    lint_opt_out_page,
    lint_wording,
    names_sender,
    stands,
)
from shodaku.policy.coverage import CheckedAnswer, CheckedDuty, CoveredRule, coverage
from shodaku.policy.decision import DISPLAY_ORDER, Verdict, decide
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
    HeldConsent,
    MessageClass,
    MessageFacts,
    Occasion,
    PersonFacts,
    Published,
    Reach,
    Switches,
    ThirdParty,
)
from shodaku.policy.head import head_fault
from shodaku.policy.packs import (
    NEWEST_IN_FORCE,
    PACK_VERSIONS,
    UNKNOWN,
    Jurisdiction,
    Pack,
    PackUnknown,
    QuietHours,
    TighteningFault,
    pack,
    tighten,
)
from shodaku.policy.permit import Permit
from shodaku.policy.reasons import AnyReason, Operational, Reason
from shodaku.policy.requests import AnswerClock, answer_clock, answer_clocks
from shodaku.policy.retention import Keeping, Periods, Sent, keep_until, may_purge, retention_periods
from shodaku.policy.rules import Rule, rules
from shodaku.policy.used import Span, Used, Word, facts_used, span, word_of
from shodaku.policy.verdicts import Deferred, Instead, Refused
from shodaku.policy.words import refuses_advertising

__all__ = [
    "AD_CLASSES",
    "COMPLETE",
    "DISPLAY_ORDER",
    "NEWEST_IN_FORCE",
    "NOTHING",
    "PACK_VERSIONS",
    "UNKNOWN",
    "About",
    "Ads",
    "AnswerClock",
    "AnyReason",
    "Bases",
    "Box",
    "Breach",
    "CampaignState",
    "CheckedAnswer",
    "CheckedDuty",
    "CoveredRule",
    "Deferred",
    "DisplayReport",
    "Duties",
    "Explanation",
    "Facts",
    "FormAnswer",
    "FormFacts",
    "Group",
    "HeldConsent",
    "Instead",
    "Jurisdiction",
    "Keeping",
    "MessageClass",
    "MessageFacts",
    "Occasion",
    "Operational",
    "Pack",
    "PackUnknown",
    "Periods",
    "Permit",
    "PersonFacts",
    "Published",
    "QuietHours",
    "Reach",
    "Reason",
    "Refused",
    "Rule",
    "Sent",
    "Span",
    "Switches",
    "ThirdParty",
    "TighteningFault",
    "Used",
    "Verdict",
    "Word",
    "answer_clock",
    "answer_clocks",
    "contradictions",
    "coverage",
    "decide",
    "deems_consent",
    "duties",
    "explain",
    "facts_used",
    "head_fault",
    "keep_until",
    "lint_form",
    "lint_opt_out_page",
    "lint_wording",
    "may_purge",
    "names_sender",
    "pack",
    "refuses_advertising",
    "retention_periods",
    "rules",
    "span",
    "stands",
    "tighten",
    "word_of",
]
