"""Home: what needs me, what is on its way, and what came of it. Nothing on it counts a large table."""

from __future__ import annotations

from dataclasses import asdict
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import selectors as campaigns
from shodaku.consent import selectors as consent
from shodaku.console.approval import sent_back_to, waiting_for
from shodaku.console.campaign import lines
from shodaku.console.first_steps import first_steps
from shodaku.console.frame import show
from shodaku.console.guard import Visitor, allowed, people_are_shut
from shodaku.console.ledger_words import fresh
from shodaku.console.needs import needs
from shodaku.console.news import news
from shodaku.console.note_form import note_lines
from shodaku.contacts import selectors as contacts
from shodaku.delivery import selectors as delivery
from shodaku.erasure import selectors as erasure
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.suppression import selectors as suppression

LATEST_MAX = 5


@require_safe
@allowed(Act.READ)
def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    workspace_id, now = visitor.workspace_id, clock.now()
    every = campaigns.Filter()
    latest = lines(visitor, campaigns.page(workspace_id, every, now=now, rows_max=LATEST_MAX))
    on_its_way = campaigns.Filter(state="running")
    running = lines(visitor, campaigns.page(workspace_id, on_its_way, now=now, rows_max=LATEST_MAX))
    audit = ledger.last_audit(workspace_id)
    figures = consent.consent_figures(workspace_id, ZoneInfo(visitor.workspace.timezone), now=now)
    context = {
        "audit": audit,
        "audit_fresh": audit is not None and fresh(audit, now),
        "ledger_late": ledger.backlog(workspace_id).late(now),
        "ledger_contradicted": ledger.anchor_state(workspace_id).alarming,
        "figures": figures,
        "days": [asdict(each) for each in figures.days] if figures else [],
        "suppressed": suppression.count_suppressed(workspace_id),
        "erasing": [each for each in erasure.erasures(workspace_id) if each.state != "certified"],
        "running": [line for line in running if line.moving],
        "lines": latest,
        "to_approve": waiting_for(visitor),
        "sent_back": sent_back_to(visitor),
        "coming": lines(visitor, campaigns.coming(workspace_id, now=now)),
        "tasks": []
        if people_are_shut()
        else note_lines(visitor, contacts.open_tasks(workspace_id, visitor.staff_id)),
        "topics": consent.topics(workspace_id),
        "fence": suppression.fence(),
        "needs": needs(visitor, now=now),
        "news": news(visitor, now=now),
        "failing": delivery.failing_domains(workspace_id, now=now),
        "links": delivery.links(workspace_id),
        "guide": first_steps(visitor),
        "troubled": [each for each in delivery.routes(workspace_id) if each.troubled],
        "domains": [
            (name, delivery.domain_state(workspace_id, name)) for name in delivery.domains(workspace_id)
        ],
        "may_write": may(visitor.role, Act.WRITE_CAMPAIGN),
    }
    return show(request, visitor, "console/home.html", context, current="home")
