"""A page of one's own is checked, before people meet it: may a consent be asked for like this?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act
from shodaku.console import words
from shodaku.console.form_check import FormCheckForm, as_json
from shodaku.console.frame import show
from shodaku.console.guard import Visitor, allowed
from shodaku.policy.domain import Reason, explain


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.EDIT_FORMS)
def check(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Nothing of the page is kept."""
    form = FormCheckForm(request.POST or None, request.FILES or None)
    form.sender_names = [sender.formal_name for sender in accounts.senders(visitor.workspace_id)]
    answered = form.is_bound and form.is_valid()
    if request.accepts("text/html"):
        return _page(request, visitor, form, answered=answered)
    if not answered:
        return JsonResponse({"errors": form.errors.get_json_data()}, status=422)
    return JsonResponse(as_json(form.cleaned_data["answer"], form.cleaned_data["facts"]))


def _page(request: HttpRequest, visitor: Visitor, form: FormCheckForm, *, answered: bool) -> HttpResponse:
    context: dict[str, object] = {"form": form}
    if answered:
        answer = form.cleaned_data["answer"]
        context |= {
            "passes": answer.passes,
            "told": [_in_both_languages(reason) for reason in answer.faults or (answer.reason,)],
        }
    status = 422 if form.is_bound and not answered else 200
    return show(request, visitor, "console/form_check.html", context, current="forms", status=status)


def _in_both_languages(reason: Reason) -> tuple[words.Told, str, str]:
    """The reason, then its sentence in the other language and that language's code."""
    told = explain(reason)
    other = (told.ja, "ja") if get_language() == "en" else (told.en, "en")
    return words.told(reason.value), *other
