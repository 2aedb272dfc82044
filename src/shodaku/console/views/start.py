"""The way in: the first owner sets the installation up; everybody else chooses a workspace."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import Role, Sender
from shodaku.console.acts import record_of
from shodaku.console.forms import StartForm
from shodaku.kit import clock, db


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, token: str) -> HttpResponse:
    """The link that `shodaku up` prints. It opens while nobody has an account."""
    if not services.first_login_allowed(token):
        raise Http404
    form = StartForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "console/start.html", {"form": form}, status=422 if form.errors else 200)
    slug = _set_up(request, form.cleaned_data)
    return redirect("console_home", slug)


def _set_up(request: HttpRequest, said: dict[str, Any]) -> str:
    now = clock.now()
    with db.transaction(None):
        workspace = services.create_workspace(said["workspace"], said["formal_name"], now=now)
        staff_id = services.create_staff(
            said["email"], said["name"], said["password"], now=now, locale=get_language() or "ja"
        )
    services.save_sender(workspace.workspace_id, _sender(said), now=now)
    services.join(workspace.workspace_id, staff_id, Role.OWNER, now=now)
    record_of(workspace.workspace_id, staff_id, "admin.member.joined", {"role": Role.OWNER.value}, now)
    login(request, services.staff(staff_id), backend="allauth.account.auth_backends.AuthenticationBackend")
    return workspace.slug


def _sender(said: dict[str, Any]) -> Sender:
    return Sender(
        sender_id=0,
        formal_name=said["formal_name"],
        display_name=said["formal_name"],
        postal_address=said["postal_address"],
        contact_email=said["contact_email"],
        contact_phone=said["contact_phone"],
        contact_url="",
        from_address=said["from_address"],
        mail_domain=said["from_address"].rpartition("@")[2],
        privacy_policy_version="1",
        privacy_policy="",
    )


@login_required
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Straight on when there is only one workspace."""
    staff: Any = request.user  # the model stands behind AnonymousUser; login_required stands before us
    memberships = selectors.memberships(staff.id)
    if len(memberships) == 1:
        return redirect("console_home", memberships[0].slug)
    return render(request, "console/choose.html", {"memberships": memberships})
