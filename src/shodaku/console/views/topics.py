"""Topics: what people can agree to, with its promise."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act
from shodaku.consent import selectors, services
from shodaku.consent.domain import Frequency, Period
from shodaku.console.acts import record
from shodaku.console.forms import TopicForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.kit import clock


@require_safe
@allowed(Act.READ)
def topics(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    language = get_language() or "ja"
    counts = selectors.topic_counts(visitor.workspace_id)
    rows = [
        {"topic": topic, "frequency": topic.frequency.text(language), "count": counts.get(topic.topic_id)}
        for topic in selectors.topics(visitor.workspace_id)
    ]
    counted_at = min((each.counted_at for each in counts.values() if each.counted_at), default=None)
    context = {"rows": rows, "counted_at": counted_at}
    return show(request, visitor, "console/topics.html", context, current="topics")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.EDIT_FORMS)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    senders = accounts.senders(visitor.workspace_id)
    if not senders:
        return redirect(place(visitor, "settings"))
    form = TopicForm(request.POST or None, initial={"double_opt_in": True})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        promise = Frequency(said.pop("frequency_max"), Period(said.pop("frequency_per")))
        topic = services.NewTopic(**said, frequency=promise, sender_id=senders[0].sender_id)
        now = clock.now()
        try:
            services.create_topic(visitor.workspace_id, topic, now=now)
        except services.TopicExists:
            form.add_error("slug", _("A topic with this short name exists already."))
        else:
            record(visitor, "admin.topic.created", {"topic": topic.slug}, now)
            return redirect(place(visitor, "topics"))
    context = {"form": form}
    return show(
        request,
        visitor,
        "console/topic_new.html",
        context,
        current="topics",
        status=422 if form.errors else 200,
    )
