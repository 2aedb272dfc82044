"""Home: what needs me, and what is being sent."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from shodaku.accounts.domain import Act
from shodaku.campaigns import selectors as campaigns
from shodaku.consent import selectors as consent
from shodaku.console.approval import sent_back_to, waiting_for
from shodaku.console.campaign import lines
from shodaku.console.first_steps import first_steps
from shodaku.console.frame import show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.late import late
from shodaku.console.ledger_words import fresh
from shodaku.console.note_form import note_lines
from shodaku.console.views.person import topic_titles
from shodaku.contacts import selectors as contacts
from shodaku.delivery import selectors as delivery
from shodaku.erasure import selectors as erasure
from shodaku.journeys import selectors as clocks
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.suppression import selectors as suppression

LATEST_MAX = 5


@require_safe
@allowed(Act.READ)
def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    workspace_id = visitor.workspace_id
    counts = consent.topic_counts(workspace_id).values()
    latest = lines(visitor, campaigns.campaigns(workspace_id)[:LATEST_MAX])
    now, audit = clock.now(), ledger.last_audit(workspace_id)
    context = {
        "audit": audit,
        "audit_fresh": audit is not None and fresh(audit, now),
        "ledger_late": ledger.backlog(workspace_id).late(now),
        "ledger_contradicted": ledger.anchor_state(workspace_id).alarming,
        "readers": sum(count.active for count in counts),
        "waiting": sum(count.pending for count in counts),
        "suppressed": suppression.count_suppressed(workspace_id),
        "erasing": [each for each in erasure.erasures(workspace_id) if each.state != "certified"],
        "running": [line for line in latest if line.moving],
        "lines": latest,
        "to_approve": waiting_for(visitor),
        "sent_back": sent_back_to(visitor),
        "coming": lines(visitor, campaigns.coming(workspace_id, now=now)),
        "tasks": note_lines(visitor, contacts.open_tasks(workspace_id, visitor.staff_id)),
        "topics": consent.topics(workspace_id),
        "fence": suppression.fence(),
        "late": late(visitor, clocks.warnings(workspace_id), topic_titles(workspace_id)),
        "failing": delivery.failing_domains(workspace_id, now=now),
        "links": delivery.links(workspace_id),
        "guide": first_steps(visitor),
        "troubled": [each for each in delivery.routes(workspace_id) if each.troubled],
    }
    return show(request, visitor, "console/home.html", context, current="home")
