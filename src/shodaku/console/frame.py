"""The frame around every staff page: navigation, name, workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from shodaku.accounts.domain import Act, may
from shodaku.complaints import selectors as complaints
from shodaku.console import shortcuts
from shodaku.console.guard import Visitor
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock
from shodaku.signup import selectors as signup


def show(
    request: HttpRequest,
    visitor: Visitor,
    template: str,
    context: Mapping[str, Any],
    *,
    current: str,
    status: int = 200,
) -> HttpResponse:
    """Render a staff page; `current` is the key of its entry in the navigation."""
    frame = {
        "nav": _navigation(visitor, current),
        "visitor": visitor,
        "workspace": visitor.workspace,
        "staff_name": visitor.name,
        "sign_out_href": reverse("account_logout"),
        "home_href": place(visitor, "home"),
        "search_href": place(visitor, "contacts"),
        "account_href": place(visitor, "account"),
        "workspace_href": place(visitor, "workspace"),
        "theme": visitor.theme,
        "shortcuts": shortcuts.every() if visitor.shortcuts else (),
    }
    return render(request, template, {**frame, **context}, status=status)


def place(visitor: Visitor, name: str, *arguments: object) -> str:
    """The URL of a staff page in the visitor's workspace."""
    return reverse(f"console_{name}", args=[visitor.workspace.slug, *arguments])


def _papers(visitor: Visitor) -> int:
    """What waits for this person's hands."""
    if not may(visitor.role, Act.EDIT_CONTACTS):
        return 0
    return signup.queue(visitor.workspace_id, visitor.staff_id).ready


def _navigation(visitor: Visitor, current: str) -> list[dict[str, object]]:
    def item(key: str, icon: str, title: str, count: int = 0) -> dict[str, object]:
        href = place(visitor, key)
        go = shortcuts.GO.get(key, "")
        return {
            "icon": icon,
            "title": title,
            "href": href,
            "current": key == current,
            "count": count,
            "go": go,
        }

    now = clock.now()
    asked = complaints.request_counts(visitor.workspace_id, now)
    complained = complaints.case_counts(visitor.workspace_id, now)
    return [
        {"title": "", "items": [item("home", "house", _("Home"))]},
        {
            "title": _("Send"),
            "items": [
                item("campaigns", "send", _("Campaigns")),
                item("calendar", "calendar", _("Calendar")),
                item("pictures", "image", _("Pictures")),
            ],
        },
        {
            "title": _("People and consent"),
            "items": [
                item("contacts", "people", _("Contacts")),
                item("segments", "divider", _("Segments")),
                item("topics", "tags", _("Topics")),
                item("forms", "form", _("Sign-up forms")),
                item("papers", "scan", _("Papers"), _papers(visitor)),
                item("imports", "upload", _("Imports")),
                item("products", "ticket", _("Products")),
            ],
        },
        {
            "title": _("Protect"),
            "items": [
                item("desk", "headset", _("Desk"), delivery.count_open_messages(visitor.workspace_id)),
                item("cases", "phone", _("Complaints"), complained.open),
                item("refusals", "bell-off", _("Who said no")),
                item("suppressions", "shield-ban", _("Never-contact list")),
                item("erasures", "eraser", _("Erasures")),
                item("requests", "calendar-clock", _("Requests about data"), asked.open),
                item("ledger", "scroll", _("Ledger and proofs")),
            ],
        },
        {
            "title": _("Manage"),
            "items": [
                item("rules", "scale", _("Rules")),
                *([item("audit", "eye", _("Who did what"))] if may(visitor.role, Act.KEEP_EVIDENCE) else []),
                item("settings", "gear", _("Sender and settings")),
                item("staff", "people", _("People and roles")),
                item("keys", "key", _("Keys for programs")),
            ],
        },
    ]
