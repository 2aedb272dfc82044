"""One mail that came back, classified: the only door of this package. Pure, total.

The order is that of BOUNCES.md section 3: a report on a complaint, an answer for somebody away, a delivery,
a bounce.
"""

from __future__ import annotations

from collections.abc import Iterator

from shodaku.delivery.bounces import automatic, complaining
from shodaku.delivery.bounces.addresses import addresses_in, once, recipient_of, same
from shodaku.delivery.bounces.fields import Group, groups_in
from shodaku.delivery.bounces.judging import Evidence, judge
from shodaku.delivery.bounces.notifications import Notification, notification_in
from shodaku.delivery.bounces.reading import Letter, read_letter
from shodaku.delivery.bounces.stages import stage_in_dialogue, stage_told
from shodaku.delivery.bounces.transcript import RECIPIENTS_MAX, Told, told_in
from shodaku.delivery.bounces.verdict import BounceSort, Judgement, Recipient, Returned, Stage


def classify(raw: bytes) -> Returned:
    """Any bytes give an answer. Line ends may be CRLF, LF or CR."""
    letter = read_letter(raw)
    if (noted := notification_in(letter.told)) is not None:
        return _notified(noted)
    if complaining.is_complaint(letter):
        return Returned(
            BounceSort.FEEDBACK,
            tuple(Recipient(each, judge(Evidence(()))) for each in complaining.complainants(letter)),
        )
    groups = groups_in(letter.status) or groups_in(letter.told)
    if groups:
        return _reported(letter, groups)
    own = automatic.wrote_itself(letter)
    if not own and not letter.has("x-failed-recipients") and automatic.answers_for_somebody(letter):
        return Returned(BounceSort.VACATION)
    if letter.report_type == "delivery-status" or automatic.tells_of_a_bounce(letter):
        return _bounced(_told(letter), letter)
    return Returned(BounceSort.VACATION if automatic.answers_for_somebody(letter) else BounceSort.NONE)


def _notified(notification: Notification) -> Returned:
    recipients = tuple(
        Recipient(each.address, judge(Evidence((each.diagnostic,), each.status, _stage(each.diagnostic, ""))))
        for each in notification.noted
    )
    if notification.sort is BounceSort.BOUNCE:
        return _summed(recipients, judge(Evidence(())))
    return Returned(notification.sort, recipients)


def _reported(letter: Letter, groups: list[Group]) -> Returned:
    failed = [group for group in groups if not group.arrived]
    if not failed:
        return Returned(
            BounceSort.DELIVERED,
            tuple(Recipient(g.address, judge(_evidence(g, letter, Told(g.address, ())))) for g in groups),
        )
    told = {same(each.address): each for each in _told(letter)}
    unread = iter([each for key, each in told.items() if key not in {same(g.address) for g in groups}])
    return _bounced_groups(letter, failed, told, unread)


def _bounced_groups(
    letter: Letter, failed: list[Group], told: dict[str, Told], unread: Iterator[Told]
) -> Returned:
    """An address that the fields do not give is looked for in the text, in its order."""
    alone = len(failed) == 1
    recipients = []
    for group in failed:
        spoken = told.get(same(group.address)) if group.address else next(unread, None)
        address = group.address or (spoken.address if spoken else "")
        if spoken is None:
            spoken = Told(address, (letter.told,) if alone else ())
        evidence = _evidence(group, letter, spoken if alone else spoken.among_others())
        recipients.append(Recipient(address, judge(evidence)))
    return _summed(tuple(each for each in recipients if each.address), recipients[0].judged)


def _evidence(group: Group, letter: Letter, spoken: Told) -> Evidence:
    return Evidence(
        (f"{group.diagnostic}\n{_comment(group.status)}", *spoken.answers),
        group.status,
        _stage_among(group.diagnostic, spoken, letter),
        group.waits,
        spoken.address,
        _ours(letter),
        _host(group.remote),
    )


def _ours(letter: Letter) -> tuple[str, ...]:
    """What servers know us by: the address that the bounce went to, and the sender of the mail it returns."""
    sender = recipient_of(_line(letter.returned, "from:"))
    return (*letter.addresses("to"), *letter.addresses("delivered-to"), *([sender] if sender else []))


def _comment(status: str) -> str:
    return status.partition("(")[2].rstrip(") ")


def _host(remote: str) -> str:
    return remote.rpartition(";")[2].strip().split(" ")[0].split("(")[0].rstrip(".").lower()


def _bounced(told: list[Told], letter: Letter) -> Returned:
    if told:
        recipients = tuple(Recipient(each.address, judge(_heard(each, letter))) for each in told)
        return _summed(recipients, recipients[0].judged)
    return _summed((), judge(Evidence((letter.told,), stage=_stage(letter.told, letter.told))))


def _heard(told: Told, letter: Letter) -> Evidence:
    return Evidence(
        told.answers,
        stage=_stage_among("", told, letter),
        waits=automatic.still_tries(letter),
        address=told.address,
        ours=_ours(letter),
    )


def _told(letter: Letter) -> list[Told]:
    named = once(addresses_in(letter.one("x-failed-recipients")))[:RECIPIENTS_MAX]
    found = told_in(letter.told, named, letter.addresses("to"))
    if found:
        return found
    written = recipient_of(_line(letter.returned, "to:"))
    return [Told(written, (letter.told,))] if written else []


def _line(head: str, name: str) -> str:
    return next((line[len(name) :] for line in head.split("\n") if line[: len(name)].lower() == name), "")


def _stage_among(diagnostic: str, spoken: Told, letter: Letter) -> Stage:
    """Where the field says nothing, what stands at the address; then the dialogue."""
    answers = spoken.answers if spoken.alone else spoken.answers[:1]
    for text in (diagnostic, *answers):
        stage = stage_told(text.lower())
        if stage is not Stage.UNKNOWN:
            return stage
    dialogues = (letter.told,) if diagnostic else answers
    found = (stage_in_dialogue(text.lower(), diagnostic.lower()) for text in dialogues)
    return next((stage for stage in found if stage is not Stage.UNKNOWN), Stage.UNKNOWN)


def _stage(answer: str, dialogue: str) -> Stage:
    stage = stage_told(answer.lower())
    return stage if stage is not Stage.UNKNOWN else stage_in_dialogue(dialogue.lower(), "")


def _summed(recipients: tuple[Recipient, ...], otherwise: Judgement) -> Returned:
    """Of several recipients the mail is hard only if each is; its reason is one of those that decide that."""
    judged = [each.judged for each in recipients]
    return Returned(
        BounceSort.BOUNCE,
        recipients,
        next((each for each in judged if not each.hard), judged[0] if judged else otherwise),
    )
