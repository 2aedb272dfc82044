"""Who works here: asked by a link that works once, with a role; another role, or gone."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import Act, Role, may
from shodaku.accounts.selectors import StaffRow
from shodaku.console import words
from shodaku.console.acts import record
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.staff_forms import MEANINGS, InviteForm, RoleForm
from shodaku.kit import clock, db
from shodaku.notices import services as notices


@require_safe
@allowed(Act.READ)
def staff(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _page(request, visitor, InviteForm(initial={"locale": visitor.workspace.locale}))


@require_POST
@allowed(Act.MANAGE_STAFF)
def invite(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, form, status=422)
    said = form.cleaned_data
    if any(each.email == said["email"].lower() for each in selectors.staff(visitor.workspace_id)):
        form.add_error("email", _("This person works here already. Choose their name to change the role."))
        return _page(request, visitor, form, status=422)
    role = Role(said["role"])
    try:
        mailed = _ask(visitor, said["email"], role, said["locale"])
    except services.TooManyMembers:
        form.add_error(None, _("200 people at most work here or are asked to. Remove one first."))
        return _page(request, visitor, form, status=422)
    if mailed:
        messages.success(request, _("The invitation is on its way. The link works once, for seven days."))
    else:
        messages.warning(
            request, _("No mail can leave to this address. Hand over the link that stands beside it below.")
        )
    return redirect(place(visitor, "staff"))


def _ask(visitor: Visitor, email: str, role: Role, locale: str) -> bool:
    """The invitation, its entry and its mail, or none of them. False: no mail can leave."""
    now = clock.now()
    with db.transaction(visitor.workspace_id):
        invitation_id = services.ask(
            visitor.workspace_id, email, role, locale=locale, invited_by=visitor.staff_id, now=now
        )
        record(visitor, "admin.member.invited", {"role": role.value, "invitation": invitation_id}, now)
    with translation.override(locale):
        named = str(words.ROLES[role])
    return notices.mail_invitation(visitor.workspace_id, invitation_id, role=named, now=now)


@require_POST
@allowed(Act.MANAGE_STAFF)
def take_back(request: HttpRequest, visitor: Visitor, invitation_id: int) -> HttpResponse:
    now = clock.now()
    try:
        with db.transaction(visitor.workspace_id):
            role = services.take_back(visitor.workspace_id, invitation_id, now=now)
            said = {"role": role.value, "invitation": invitation_id}
            record(visitor, "admin.member.uninvited", said, now)
    except services.InvitationOver:
        messages.info(request, _("This invitation was over already."))
    else:
        messages.success(request, _("The invitation was taken back. Its link opens nothing any more."))
    return redirect(place(visitor, "staff"))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.MANAGE_STAFF)
def member(request: HttpRequest, visitor: Visitor, staff_id: int) -> HttpResponse:
    """Another role: it holds at once, and the person signs in again."""
    found = _found(visitor, staff_id)
    form = RoleForm(request.POST or None, initial={"role": found.role})
    if request.method != "POST" or not form.is_valid():
        return _one(request, visitor, found, form, 422 if form.errors else 200)
    role, now = Role(form.cleaned_data["role"]), clock.now()
    if role == found.role:
        return redirect(place(visitor, "staff"))
    try:
        with db.transaction(visitor.workspace_id):
            services.join(visitor.workspace_id, staff_id, role, now=now)
            record(visitor, "admin.member.changed", {"role": role.value, "staff": staff_id}, now)
    except services.LastOwner:
        form.add_error("role", _("The last owner stays an owner. Make somebody else an owner first."))
        return _one(request, visitor, found, form, 422)
    if staff_id == visitor.staff_id:
        return _out(request)
    messages.success(request, _("The role was changed. The person signs in again."))
    return redirect(place(visitor, "staff"))


@require_POST
@allowed(Act.MANAGE_STAFF)
def remove(request: HttpRequest, visitor: Visitor, staff_id: int) -> HttpResponse:
    found, now = _found(visitor, staff_id), clock.now()
    try:
        with db.transaction(visitor.workspace_id):
            role = services.leave(visitor.workspace_id, staff_id)
            record(visitor, "admin.member.left", {"role": role.value, "staff": staff_id}, now)
    except services.LastOwner:
        form = RoleForm(initial={"role": found.role})
        messages.error(request, _("The last owner cannot leave. Make somebody else an owner first."))
        return _one(request, visitor, found, form, 409)
    except services.NoSuchMember:
        raise Http404 from None
    if staff_id == visitor.staff_id:
        return _out(request)
    messages.success(request, _("Removed. Whoever it was is signed out everywhere."))
    return redirect(place(visitor, "staff"))


def _out(request: HttpRequest) -> HttpResponse:
    """Every sign-in of the person is over, this one too."""
    logout(request)
    return redirect("console_choose")


def _found(visitor: Visitor, staff_id: int) -> StaffRow:
    found = next((each for each in selectors.staff(visitor.workspace_id) if each.staff_id == staff_id), None)
    if found is None:
        raise Http404
    return found


def _one(
    request: HttpRequest, visitor: Visitor, found: StaffRow, form: RoleForm, status: int
) -> HttpResponse:
    context = {"member": found, "form": form, "own": found.staff_id == visitor.staff_id}
    return show(request, visitor, "console/member.html", context, current="staff", status=status)


def _page(request: HttpRequest, visitor: Visitor, form: InviteForm, *, status: int = 200) -> HttpResponse:
    manages = may(visitor.role, Act.MANAGE_STAFF)
    now = clock.now()
    asked = [each for each in selectors.invitations(visitor.workspace_id) if each.expires_at > now]
    context = {
        "manages": manages,
        "form": form,
        "members": [
            (each, words.ROLES[each.role], MEANINGS[each.role])
            for each in selectors.staff(visitor.workspace_id)
        ],
        "asked": [
            (
                each,
                words.ROLES[each.role],
                "" if each.mailing_id else services.link(visitor.workspace_id, each.invitation_id),
            )
            for each in (asked if manages else [])
        ],
    }
    return show(request, visitor, "console/staff.html", context, current="staff", status=status)
