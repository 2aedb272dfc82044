"""The way in: the first owner sets the installation up; everybody else chooses a workspace."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import Role, Sender, SenderFault
from shodaku.console import words
from shodaku.console.acts import record_of
from shodaku.console.fields import refused
from shodaku.console.forms import StartForm
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, token: str) -> HttpResponse:
    """The link that `shodaku up` prints. It opens while nobody has an account."""
    if not services.first_login_allowed(token):
        raise Http404
    form = StartForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, 422 if form.errors else 200)
    return _begin(request, form)


def _page(request: HttpRequest, form: StartForm, status: int) -> HttpResponse:
    return render(request, "console/start.html", {"form": form}, status=status)


def _begin(request: HttpRequest, form: StartForm) -> HttpResponse:
    try:
        slug, staff_id = _set_up(form.cleaned_data)
    except services.AlreadySetUp:
        raise Http404 from None  # as the link answers from then on
    except services.SlugTaken:
        form.add_error("workspace", _("A workspace with this short name exists already."))
    except services.StaffExists:
        form.add_error("email", _("Somebody with this e-mail address exists already."))
    except SenderFault as fault:
        form.add_error(fault.field if fault.field in form.fields else "from_address", refused(fault))
    except OutOfReach as fault:
        form.add_error(None, str(words.away(fault)))
        return _page(request, form, 503)
    else:
        login(request, services.staff(staff_id), backend=BACKEND)
        services.note_sign_in(request)
        return redirect("console_home", slug)
    return _page(request, form, 422)


def _set_up(said: dict[str, Any]) -> tuple[str, int]:
    """All of it or nothing, the entry in the ledger too."""
    now = clock.now()
    owner = services.NewOwner(said["email"], said["name"], said["password"], get_language() or "ja")
    with services.one_transaction():
        workspace, staff_id = services.set_up(said["workspace"], owner, _sender(said), now=now)
        record_of(workspace.workspace_id, staff_id, "admin.member.joined", {"role": Role.OWNER.value}, now)
    return workspace.slug, staff_id


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
