"""Topics: what people can agree to, with its promise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act, may
from shodaku.consent import selectors, services
from shodaku.consent.domain import TOPICS_MAX, Frequency, Period
from shodaku.consent.services import WordingKind
from shodaku.console import offering
from shodaku.console.acts import record
from shodaku.console.forms import PromiseForm, TopicForm, TopicSenderForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.console.paging import row_id
from shodaku.console.versions import versions
from shodaku.kit import clock, db
from shodaku.signup import selectors as signup

PAGE_ROWS: Final = 50
PROMISE, POLICY, TOLD = WordingKind.PROMISE.value, WordingKind.POLICY.value, WordingKind.TOPIC.value


@require_safe
@allowed(Act.READ)
def topics(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    language = get_language() or "ja"
    counts = selectors.topic_counts(visitor.workspace_id)
    after = row_id(request.GET.get("after", ""))
    found = selectors.topic_page(visitor.workspace_id, after=after, rows_max=PAGE_ROWS + 1)
    rows = [
        {"topic": topic, "frequency": topic.frequency.text(language), "count": counts.get(topic.topic_id)}
        for topic in found[:PAGE_ROWS]
    ]
    counted_at = min((each.counted_at for each in counts.values() if each.counted_at), default=None)
    more = (
        f"{place(visitor, 'topics')}?after={found[PAGE_ROWS - 1].topic_id}" if len(found) > PAGE_ROWS else ""
    )
    context = {"rows": rows, "more": more, "after": after, "counted_at": counted_at}
    return show(request, visitor, "console/topics.html", context, current="topics")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.EDIT_FORMS)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    senders = _senders(visitor)
    if not senders:
        return redirect(place(visitor, "sender_new"))
    form = TopicForm(_posted(request, senders), senders=senders, initial={"double_opt_in": True})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        promise = Frequency(said.pop("frequency_max"), Period(said.pop("frequency_per")))
        topic = services.NewTopic(**said, frequency=promise)
        now = clock.now()
        try:
            services.create_topic(visitor.workspace_id, topic, now=now)
        except services.TopicExists:
            form.add_error("slug", _("A topic with this short name exists already."))
        except services.NoSender:
            form.add_error("sender_id", _("This sender is not used any more. Choose another one."))
        except services.TooManyTopics:
            form.add_error(None, _full())
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


def _senders(visitor: Visitor) -> list[tuple[int, str]]:
    """Those in use: number and formal name."""
    return [(each.sender_id, each.formal_name) for each in accounts.senders(visitor.workspace_id)]


def _posted(request: HttpRequest, senders: Sequence[tuple[int, str]]) -> QueryDict | None:
    """What was sent; without a sender it is the only one, for then nobody was asked."""
    if request.method != "POST":
        return None
    posted = request.POST.copy()
    if len(senders) == 1:
        posted.setdefault("sender_id", str(senders[0][0]))
    return posted


def _full() -> str:
    """What was typed stands in the form still."""
    return _(
        "There are %(n)s topics, and a workspace holds no more: people choose among all of them on one page. "
        "Change one that exists, or make another workspace."
    ) % {"n": TOPICS_MAX}


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def topic(request: HttpRequest, visitor: Visitor, topic_id: int) -> HttpResponse:
    """The promise and its versions. Saved, it holds for who agrees from now on, and is no more to others."""
    found = _found(visitor, topic_id)
    if request.method != "POST":
        return _one(request, visitor, found, _promise_form(visitor, found))
    forbid(visitor, Act.EDIT_FORMS)
    form = PromiseForm(request.POST)
    if not form.is_valid():
        return _one(request, visitor, found, form, status=422)
    try:
        with db.transaction(visitor.workspace_id):
            _save(visitor, found, form.cleaned_data)
    except services.PromiseWidened as fault:
        for field in fault.fields:
            form.add_error(field.value, _("People agreed to less. Create another topic for this."))
        return _one(request, visitor, found, form, status=422)
    except services.ChangedSince:
        form.add_error(None, _("Somebody else saved first. Compare and choose."))
        return _one(request, visitor, found, form, status=409)
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "topic", topic_id))


def _save(visitor: Visitor, found: selectors.Topic, typed: Mapping[str, Any]) -> None:
    """The change and its entry; neither where nothing changes."""
    said, now = dict(typed), clock.now()
    seen = said.pop("seen")
    promise = services.Promise(
        frequency=Frequency(said.pop("frequency_max"), Period(said.pop("frequency_per"))), **said
    )
    version = services.change_topic(
        visitor.workspace_id, found.topic_id, promise, seen=seen, staff_id=visitor.staff_id, now=now
    )
    if version != seen:
        record(visitor, "admin.topic.changed", {"topic": found.slug, "version": version}, now)


@require_safe
@allowed(Act.READ)
def policies(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    rows = [
        (each, versions(selectors.wordings(visitor.workspace_id, POLICY, each.sender_id)))
        for each in accounts.every_sender(visitor.workspace_id)
    ]
    return show(request, visitor, "console/policies.html", {"rows": rows}, current="topics")


@require_POST
@allowed(Act.EDIT_FORMS)
def change_sender(request: HttpRequest, visitor: Visitor, topic_id: int) -> HttpResponse:
    """Only of a topic of which nobody heard: a consent is given to a sender, and the topic stays with it."""
    found = _found(visitor, topic_id)
    form, now = TopicSenderForm(request.POST, senders=_senders(visitor)), clock.now()
    if not form.is_valid():
        messages.error(request, _("This sender is not used any more. Choose another one."))
        return redirect(place(visitor, "topic", topic_id))
    sender_id = form.cleaned_data["sender_id"]
    try:
        with db.transaction(visitor.workspace_id):
            if offering.change_topic_sender(visitor.workspace_id, topic_id, sender_id, now=now):
                told = {"topic": found.slug, "sender_before": str(found.sender_id), "sender": str(sender_id)}
                record(visitor, "admin.topic.sender", told, now)
    except (services.SenderAgreed, offering.TopicOffered):
        messages.error(request, _("People were asked for this sender. For another one create another topic."))
    except offering.TopicUsed:
        messages.error(request, _("A campaign is planned with this sender. Cancel it first, or let it end."))
    except services.NoSender:
        messages.error(request, _("This sender is not used any more. Choose another one."))
    else:
        messages.success(request, _("Saved."))
    return redirect(place(visitor, "topic", topic_id))


@require_POST
@allowed(Act.EDIT_FORMS)
def archive(request: HttpRequest, visitor: Visitor, topic_id: int) -> HttpResponse:
    """What people agreed to and refused goes on; it is offered nowhere any more."""
    found = _found(visitor, topic_id)
    now = clock.now()
    try:
        with db.transaction(visitor.workspace_id):
            if offering.put_topic_away(visitor.workspace_id, topic_id, now=now):
                record(visitor, "admin.topic.archived", {"topic": found.slug}, now)
    except offering.TopicUsed:
        messages.error(
            request,
            _("A published form or a planned campaign uses it; they stand below. Nothing was changed."),
        )
    else:
        messages.success(request, _("Put away. Who agreed to it can still see and stop it."))
    return redirect(place(visitor, "topic", topic_id))


@require_POST
@allowed(Act.EDIT_FORMS)
def use_again(request: HttpRequest, visitor: Visitor, topic_id: int) -> HttpResponse:
    found = _found(visitor, topic_id)
    now = clock.now()
    try:
        with db.transaction(visitor.workspace_id):
            if services.offer_topic_again(visitor.workspace_id, topic_id):
                record(visitor, "admin.topic.used_again", {"topic": found.slug}, now)
    except services.NoSender:
        messages.error(request, _("Its sender is not used any more. Use the sender again first."))
    else:
        messages.success(request, _("It is offered again."))
    return redirect(place(visitor, "topic", topic_id))


def _found(visitor: Visitor, topic_id: int) -> selectors.Topic:
    """Raises Http404."""
    found = selectors.topic(visitor.workspace_id, topic_id)
    if found is None:
        raise Http404
    return found


def _sender_form(visitor: Visitor, found: selectors.Topic) -> TopicSenderForm | None:
    """None: there is no choice, or it is too late for one."""
    senders = _senders(visitor)
    free = offering.may_change_sender(visitor.workspace_id, found.topic_id)
    if (
        len(senders) == 1
        or found.archived_at is not None
        or not free
        or not may(visitor.role, Act.EDIT_FORMS)
    ):
        return None
    return TopicSenderForm(senders=senders, initial={"sender_id": found.sender_id}, auto_id="sender_%s")


def _promise_form(visitor: Visitor, found: selectors.Topic) -> PromiseForm:
    kept = selectors.wordings(visitor.workspace_id, PROMISE, found.topic_id)
    names = [name for name in PromiseForm.base_fields if name != "seen"]
    saved = {name: getattr(found, name) for name in names}
    return PromiseForm(initial={**saved, "seen": kept[0].version if kept else 0})


def _one(
    request: HttpRequest, visitor: Visitor, found: selectors.Topic, form: PromiseForm, *, status: int = 200
) -> HttpResponse:
    whose = visitor.workspace_id
    context = {
        "topic": found,
        "sender": accounts.sender(whose, found.sender_id),
        "sender_form": _sender_form(visitor, found),
        "frequency": found.frequency.text(get_language() or "ja"),
        "form": form if may(visitor.role, Act.EDIT_FORMS) else None,
        "may_edit": may(visitor.role, Act.EDIT_FORMS),
        "use": offering.topic_use(whose, found.topic_id, now=clock.now()),
        "agreed": services.somebody_agreed(whose, found.topic_id),
        "promised": versions(selectors.wordings(whose, PROMISE, found.topic_id)),
        "told": versions(selectors.wordings(whose, TOLD, found.topic_id)),
        "offered": list(_offered(whose, found.topic_id)),
    }
    return show(request, visitor, "console/topic.html", context, current="topics", status=status)


def _offered(whose: int, topic_id: int) -> Iterator[dict[str, object]]:
    """The newest version of each form that offers the topic."""
    for form in signup.forms(whose):
        newest = signup.form_version(whose, form.form_id, form.version) if form.version else None
        if newest is None or topic_id not in newest.published.definition.topic_ids:
            continue
        seen = signup.seen_counts(whose, form.form_id).get(newest.version, 0)
        yield {"form": form, "version": newest, "seen": seen, "many": seen >= signup.SEEN_MAX}
