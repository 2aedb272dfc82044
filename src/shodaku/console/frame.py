"""The frame around every staff page: navigation, name, workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from shodaku.console.guard import Visitor


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
    }
    return render(request, template, {**frame, **context}, status=status)


def place(visitor: Visitor, name: str, *arguments: object) -> str:
    """The URL of a staff page in the visitor's workspace."""
    return reverse(f"console_{name}", args=[visitor.workspace.slug, *arguments])


def _navigation(visitor: Visitor, current: str) -> list[dict[str, object]]:
    def item(key: str, icon: str, title: str) -> dict[str, object]:
        return {"icon": icon, "title": title, "href": place(visitor, key), "current": key == current}

    return [
        {"title": "", "items": [item("home", "house", _("Home"))]},
        {"title": _("Send"), "items": [item("campaigns", "send", _("Campaigns"))]},
        {
            "title": _("People and consent"),
            "items": [
                item("contacts", "people", _("Contacts")),
                item("topics", "tags", _("Topics")),
                item("forms", "form", _("Sign-up forms")),
                item("imports", "upload", _("Imports")),
            ],
        },
        {
            "title": _("Protect"),
            "items": [
                item("erasures", "eraser", _("Erasure and never-contact list")),
                item("ledger", "scroll", _("Ledger and proofs")),
            ],
        },
        {
            "title": _("Manage"),
            "items": [
                item("rules", "scale", _("Rules")),
                item("settings", "gear", _("Sender and settings")),
            ],
        },
    ]
