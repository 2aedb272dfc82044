"""Which sent campaigns everybody may see, and whether search engines list them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.campaigns import services
from shodaku.consent import selectors as consent
from shodaku.console.campaign import launched
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.content import selectors
from shodaku.content import services as content
from shodaku.content.domain import TemplateFault
from shodaku.kit import clock


@require_safe
@allowed(Act.READ)
def archives(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    language = get_language() or "ja"
    archived = set(selectors.archived_topics(visitor.workspace_id))
    found = set(selectors.topics_found_by_search(visitor.workspace_id))
    rows = [
        {
            "topic_id": topic.topic_id,
            "title": topic.title(language),
            "href": reverse("signup_archive", args=[visitor.workspace.slug, topic.slug]),
            "found": topic.topic_id in found,
        }
        for topic in consent.topics(visitor.workspace_id)
        if topic.topic_id in archived
    ]
    context = {"rows": rows, "may_write": may(visitor.role, Act.WRITE_CAMPAIGN)}
    return show(request, visitor, "console/archives.html", context, current="campaigns")


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def search(request: HttpRequest, visitor: Visitor, topic_id: int) -> HttpResponse:
    if consent.topic(visitor.workspace_id, topic_id) is not None:
        listed = request.POST.get("found") == "1"
        content.choose_search(
            visitor.workspace_id,
            topic_id,
            found_by_search=listed,
            by=f"staff:{visitor.staff_id}",
            now=clock.now(),
        )
        messages.success(request, _("Saved."))
    return redirect(place(visitor, "archives"))


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def publish(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    launched(visitor, campaign_id)
    try:
        services.show_to_everybody(
            visitor.workspace_id, campaign_id, staff_id=visitor.staff_id, now=clock.now()
        )
    except services.NotForEverybody:
        messages.error(request, _("Only a newsletter that was sent can be shown to everybody."))
    except TemplateFault as fault:
        messages.error(request, fault.sentence(get_language() or "ja"))
    else:
        messages.success(request, _("Everybody can see it now, without anybody’s name in it."))
    return redirect(place(visitor, "campaign", campaign_id))


@require_POST
@allowed(Act.WRITE_CAMPAIGN)
def withdraw(request: HttpRequest, visitor: Visitor, campaign_id: int) -> HttpResponse:
    launched(visitor, campaign_id)
    services.hide_from_everybody(
        visitor.workspace_id, campaign_id, staff_id=visitor.staff_id, now=clock.now()
    )
    messages.success(request, _("Nobody sees it any more. Copies elsewhere end within five minutes."))
    return redirect(place(visitor, "campaign", campaign_id))
