"""The workspace itself: what it is called, its language and clock; and another one beside it."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shodaku.accounts import services
from shodaku.accounts.domain import Act, Role, may
from shodaku.console.acts import record, record_of
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.staff_forms import NewWorkspaceForm, WorkspaceForm
from shodaku.kit import clock, db

MEMBERSHIPS_MAX: Final = 100  # of one person


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def workspace(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    saved = {name: getattr(visitor.workspace, name) for name in WorkspaceForm.base_fields}
    form = WorkspaceForm(request.POST or None, initial=saved)
    if request.method == "POST":
        forbid(visitor, Act.MANAGE_STAFF)
    if request.method != "POST" or not form.is_valid():
        return _page(request, visitor, form)
    said = form.cleaned_data
    with db.transaction(visitor.workspace_id):
        services.change_workspace(visitor.workspace_id, **said)
        record(visitor, "admin.workspace.changed", dict(said), clock.now())
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "workspace"))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.MANAGE_STAFF)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Another workspace, of whoever makes it: people, consents and mails of one never meet the other's."""
    form = NewWorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if len(visitor.memberships) >= MEMBERSHIPS_MAX:
            form.add_error(None, _("You work in 100 workspaces already. Leave one first."))
        elif _made(visitor, form):
            return redirect("console_home", form.cleaned_data["slug"])
    status = 422 if form.errors else 200
    return show(request, visitor, "console/workspace_new.html", {"form": form}, current="", status=status)


def _made(visitor: Visitor, form: NewWorkspaceForm) -> bool:
    """The workspace, its owner and the entry, or none of them. False: its short name is taken."""
    said, now = form.cleaned_data, clock.now()
    try:
        with services.one_transaction():
            made = services.create_workspace(
                said["slug"],
                said["name"],
                now=now,
                second_factor_required=visitor.workspace.second_factor_required,
                locale=visitor.workspace.locale,
            )
            services.join(made.workspace_id, visitor.staff_id, Role.OWNER, now=now)
            entry = {"workspace": made.slug}
            record_of(made.workspace_id, visitor.staff_id, "admin.workspace.created", entry, now)
    except services.SlugTaken:
        form.add_error("slug", _("A workspace with this short name exists already."))
        return False
    return True


def _page(request: HttpRequest, visitor: Visitor, form: WorkspaceForm) -> HttpResponse:
    context = {"form": form, "manages": may(visitor.role, Act.MANAGE_STAFF)}
    status = 422 if form.errors else 200
    return show(request, visitor, "console/workspace.html", context, current="", status=status)
