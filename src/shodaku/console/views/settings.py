"""Who sends, what an opt-out means here, how the mail servers are."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import (
    Act,
    EndedNotice,
    EvidenceRetention,
    OptOutRule,
    Workspace,
)
from shodaku.console.acts import record
from shodaku.console.forms import OptOutRuleForm, RetentionForm, TwoPersonsForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.views.senders import lines
from shodaku.delivery import selectors as delivery
from shodaku.kit import clock, db
from shodaku.optout import services as optout


@require_safe
@allowed(Act.READ)
def settings(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _page(request, visitor, {})


@require_POST
@allowed(Act.EDIT_SENDER)
def save_rule(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = OptOutRuleForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, {"rule_form": form}, status=422)
    said = form.cleaned_data
    rule, ends = OptOutRule(said["rule"]), [EndedNotice(each) for each in said["ends"]]
    told = {"rule": rule.value} | ({"ends": sorted(ends)} if ends else {})
    with db.transaction(visitor.workspace_id):
        record(visitor, "admin.opt_out_rule.changed", told, clock.now())
        services.change_opt_out_rule(
            visitor.workspace_id,
            rule,
            said["note"],
            note_en=said["note_en"],
            after=said["after"],
            after_en=said["after_en"],
            ends=ends,
        )
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "settings"))


@require_safe
@allowed(Act.READ)
def preview_opt_out(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The page that readers see, before the press or after it, as the saved rule words it."""
    workspace, language = visitor.workspace, request.LANGUAGE_CODE
    if request.GET.get("page") == "after":
        context = optout.example_after(workspace, language, clock.now())
        return render(request, "optout/done.html", context)
    return render(request, "optout/ask.html", optout.example_before(workspace, language))


@require_POST
@allowed(Act.EDIT_SENDER)
def save_retention(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = RetentionForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, {"retention_form": form}, status=422)
    retention = EvidenceRetention(form.cleaned_data["retention"])
    record(visitor, "admin.retention.changed", {"retention": retention.value}, clock.now())
    services.change_retention(visitor.workspace_id, retention)
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "settings"))


@require_POST
@allowed(Act.EDIT_SENDER)
def save_two_persons(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = TwoPersonsForm(request.POST)
    if form.is_valid():
        above = form.cleaned_data["above"]
        try:
            with db.transaction(visitor.workspace_id):
                services.need_two_persons(visitor.workspace_id, above)
                record(visitor, "admin.approval.rule", {"above": above}, clock.now())
        except services.NoSecondPerson:
            form.add_error(
                "above",
                _("Only one person here may approve, so nothing would ever leave. Add a second one first."),
            )
        else:
            messages.success(request, _("Saved."))
            return redirect(place(visitor, "settings"))
    return _page(request, visitor, {"two_persons_form": form}, status=422)


def _page(
    request: HttpRequest, visitor: Visitor, bound: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    workspace = visitor.workspace
    kept = selectors.retention(visitor.workspace_id)
    context = {
        "senders": lines(visitor),
        "rule_form": OptOutRuleForm(initial=_rule_of(workspace)),
        "two_persons_form": TwoPersonsForm(
            initial={"above": selectors.two_persons_above(visitor.workspace_id)}
        ),
        "retention_form": RetentionForm(initial={"retention": kept.setting if kept else None}),
        "routes": delivery.routes(visitor.workspace_id),
        **bound,
    }
    return show(request, visitor, "console/settings.html", context, current="settings", status=status)


def _rule_of(workspace: Workspace) -> dict[str, object]:
    return {
        "rule": workspace.on_opt_out,
        "ends": workspace.opt_out_ends,
        "note": workspace.opt_out_note,
        "note_en": workspace.opt_out_note_en,
        "after": workspace.opt_out_after,
        "after_en": workspace.opt_out_after_en,
    }
