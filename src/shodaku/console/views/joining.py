"""Behind the link of an invitation: a new account, or one that is there already, begins to work somewhere."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shodaku.accounts import services
from shodaku.accounts.domain import Role
from shodaku.console import words
from shodaku.console.acts import record_of
from shodaku.console.staff_forms import JoinForm
from shodaku.console.views.start import BACKEND
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach
from shodaku.kit.ui import language
from shodaku.ledger.domain import Value


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing: programs that read mails open links too."""
    opened = services.open_link(token, clock.now())
    if opened is None:
        return _kept_by_nobody(render(request, "console/join_over.html", status=404))
    language.follow(request, opened.invitation.locale)
    try:
        answer = _known(request, opened) if opened.staff_id is not None else _new(request, opened)
    except services.InvitationOver:
        answer = render(request, "console/join_over.html", status=404)
    return _kept_by_nobody(answer)


def _kept_by_nobody(answer: HttpResponse) -> HttpResponse:
    patch_cache_control(answer, no_store=True, private=True)
    return answer


def _known(request: HttpRequest, opened: services.Opened) -> HttpResponse:
    """An account that is there already is taken along by whoever is signed in with it, and nobody else."""
    staff: Any = request.user  # the model stands behind AnonymousUser
    own = staff.is_authenticated and staff.id == opened.staff_id
    if request.method == "POST" and own:
        try:
            with services.one_transaction():
                services.accept(opened, staff.id, now=clock.now())
                _record(opened, staff.id)
        except OutOfReach as fault:
            return _page(request, opened, {"own": own, "away": words.away(fault)}, 503)
        return redirect("console_home", opened.workspace.slug)
    return _page(request, opened, {"own": own, "other": staff.is_authenticated and not own}, 200)


def _new(request: HttpRequest, opened: services.Opened) -> HttpResponse:
    form = JoinForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, opened, {"form": form}, 422 if form.errors else 200)
    said = form.cleaned_data
    try:
        with services.one_transaction():
            newcomer = services.Newcomer(said["name"], said["password"])
            staff_id = services.begin(opened, newcomer, now=clock.now())
            _record(opened, staff_id)
    except services.StaffExists:
        form.add_error(None, _("There is an account with this address by now. Open the link once more."))
        return _page(request, opened, {"form": form}, 422)
    except OutOfReach as fault:
        form.add_error(None, str(words.away(fault)))
        return _page(request, opened, {"form": form}, 503)
    login(request, services.staff(staff_id), backend=BACKEND)
    services.note_sign_in(request)
    return redirect("console_home", opened.workspace.slug)


def _record(opened: services.Opened, staff_id: int) -> None:
    said: dict[str, Value] = {"role": opened.invitation.role, "invitation": opened.invitation.invitation_id}
    record_of(opened.workspace.workspace_id, staff_id, "admin.member.joined", said, clock.now())


def _page(
    request: HttpRequest, opened: services.Opened, more: dict[str, object], status: int
) -> HttpResponse:
    context = {
        "opened": opened,
        "role": words.ROLES[Role(opened.invitation.role)],
        "here": request.path,
        **more,
    }
    return render(request, "console/join.html", context, status=status)
