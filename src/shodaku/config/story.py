"""The story of the demonstration: fifteen steps, checked in the mailbox, the database or the HTTP answer."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from shodaku.campaigns import selectors as campaigns_known
from shodaku.campaigns import services as campaigns
from shodaku.config import databases, explain
from shodaku.config.sample import Business, Sample, fill
from shodaku.config.visitor import Page, Visitor
from shodaku.consent import selectors as consents
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel, parse_email
from shodaku.delivery import selectors as delivery
from shodaku.erasure import selectors as erasure
from shodaku.erasure.domain import GRACE
from shodaku.imports import services as imports
from shodaku.imports.domain import Basis, Verdict
from shodaku.kit import clock, db
from shodaku.ledger import selectors as ledger
from shodaku.ledger import verify
from shodaku.signup.stamp import AGE_SECONDS_MIN
from shodaku.suppression import services as suppression

WAIT_SECONDS_MAX = 45.0
OK = 200
READER = "hanako.reader@mail.example"
LEAVER = "kenji.leaver@mail.example"
LINK = re.compile(r"https?://[^\s<>\"]+/confirm/[A-Za-z0-9_-]+")

Say = Callable[[str], None]


class StepFailed(Exception):
    """A step of the story did not come true."""


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    ok: bool
    detail: str
    seconds: float


@dataclass(slots=True)
class Told:
    steps: list[Step] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return len(self.steps) == len(STEPS) and all(step.ok for step in self.steps)

    def as_json(self) -> dict[str, object]:
        steps = [
            {"name": step.name, "ok": step.ok, "detail": step.detail, "seconds": step.seconds}
            for step in self.steps
        ]
        return {"ok": self.ok, "steps": steps, "figures": self.figures}


@dataclass(slots=True)
class Scene:
    """What the steps share: places, the sample, and what earlier steps left behind."""

    public_url: str
    mails_url: str
    password: str
    figures: dict[str, object]
    sample: Sample | None = None
    confirm_page: Page | None = None
    first_campaign: int = 0
    fresh_reader: str = ""  # of the sample, before anything was sent

    @property
    def shop(self) -> Business:
        shop: Business = _known(self.sample).shop
        return shop

    @property
    def form_url(self) -> str:
        return f"{self.public_url}/f/{self.shop.slug}/{self.shop.form_slug}"


def tell(public_url: str, mails_url: str, *, password: str, say: Say | None) -> Told:
    """Run all steps in order; the first that fails ends the story."""
    told = Told()
    scene = Scene(public_url, mails_url, password, told.figures)
    for name, act in STEPS:
        started = time.monotonic()
        try:
            detail, ok = act(scene), True
        except StepFailed as fault:
            detail, ok = str(fault), False
        told.steps.append(Step(name, ok, detail, round(time.monotonic() - started, 2)))
        if say is not None:
            say(f"{'✓' if ok else '✗'} {name}: {detail}")
        if not ok:
            break
    return told


def _database_up(scene: Scene) -> str:
    unguarded = databases.unguarded_tables()
    _must(not unguarded, f"no row-level security on {unguarded}")
    scene.sample = fill(clock.now(), password=scene.password)
    with db.transaction(scene.shop.workspace_id) as connection:
        row = connection.execute(
            "select current_user, current_setting('server_version'), count(*) from contact"
        ).fetchone()
    user, version, people = row or ("", "", 0)
    _must(user == "shodaku_app" and people > 0, f"connected as {user}, {people} people")
    scene.figures["people"] = scene.sample.people
    scene.fresh_reader = _reader_with_room(scene, scene.shop.topic_ids[1])
    return f"PostgreSQL {version}, role {user}, {scene.sample.people} people in two businesses"


def _signup_requested(scene: Scene) -> str:
    visitor = Visitor(scene.public_url)
    page = visitor.get(scene.form_url)
    _must(page.status == OK, f"the form answers {page.status}")
    _must(not page.forms[0].ticked, "a box was ticked already")
    time.sleep(AGE_SECONDS_MIN + 0.5)  # a person reads; whoever is faster is asked again
    news = ("topics", str(scene.shop.topic_ids[0]))
    answer = visitor.submit(page, {"email": READER, "name": "読者 花子"}, tick=[news])
    _must(answer.status == OK, f"the form answered {answer.status}")
    _must(not list(visitor.cookies), "a cookie was set for a recipient")
    _must(_state(scene, READER) == "pending", f"the consent is {_state(scene, READER)}")
    return "one box ticked by the visitor, none by us; the consent is pending"


def _confirmation_sent(scene: Scene) -> str:
    mail = _wait_for_mail(scene, READER, 1)[0]
    link = LINK.search(mail["text"])
    _must(link is not None, "no link in the mail")
    _must("株式会社あおい雑貨" in mail["text"], "the sender is not named")
    _must("List-Unsubscribe" not in mail["headers"], "a consent request carries list headers")
    scene.confirm_page = Visitor(scene.public_url).get(link[0] if link else "")
    return f"“{mail['subject']}” names its sender and holds one link"


def _get_changed_nothing(scene: Scene) -> str:
    page = _known(scene.confirm_page)
    # the mail arrives a moment before its result is written: that row is not the visitor's doing
    contact_id = _contact(scene, READER)
    _wait(lambda: bool(delivery.sent_to(scene.shop.workspace_id, contact_id)), "the result of the mail")
    before = _fingerprint(scene)
    for method in ("GET", "HEAD", "GET"):
        answer = Visitor(scene.public_url).get(page.url, method)
        _must(answer.status == OK, f"{method} answers {answer.status}")
    _must(_fingerprint(scene) == before, "looking at the link changed a row")
    _must(_state(scene, READER) == "pending", "looking at the link confirmed it")
    return "the link was opened four times; no row changed"


def _confirmed(scene: Scene) -> str:
    visitor = Visitor(scene.public_url)
    answer = visitor.submit(visitor.get(_known(scene.confirm_page).url))
    _must(answer.status == OK, f"the button answers {answer.status}")
    _must(_state(scene, READER) == "active", f"the consent is {_state(scene, READER)}")
    entries = ledger.history(scene.shop.workspace_id, _contact(scene, READER))
    return f"the button was pressed; ledger entries {', '.join(f'#{entry.entry_id}' for entry in entries)}"


def _welcome_sent(scene: Scene) -> str:
    mails = _wait_for_mail(scene, READER, 2)
    return f"“{mails[0]['subject']}”"


def _campaign_sent(scene: Scene) -> str:
    scene.first_campaign, sent, chosen = _send(scene, "11月のお便り", _ISSUE)
    arrived = _wait_for_mail(scene, READER, 3)[0]
    _must("List-Unsubscribe-Post" in arrived["headers"], "no one-click header")
    scene.figures |= {"chosen": chosen, "sent": sent}
    return f"{sent} of {chosen} got it; each delivery names the ledger entry that allowed it"


def _refused_were_not_mailed(scene: Scene) -> str:
    """Everybody whose mailbox got the issue must have had a live, confirmed consent."""
    got = _recipients(scene, "11月のお便り")
    with db.transaction(scene.shop.workspace_id) as connection:
        query = db.sql("shodaku.config", "without_consent")
        rows = connection.execute(query, {"topic_id": scene.shop.topic_ids[0]}).fetchall()
    held = {str(row[0]) for row in rows}
    _must(bool(held) and bool(got), "nothing to compare")
    _must(not held & got, f"{len(held & got)} people without consent got it")
    return f"{len(held)} people were held back: refusing, unconfirmed, expired, cards, buyers"


def _one_click_optout(scene: Scene) -> str:
    issue = next(mail for mail in _mails(scene, READER) if "List-Unsubscribe" in mail["headers"])
    url = re.findall(r"<(https?://[^>]+)>", issue["headers"]["List-Unsubscribe"])[0]
    visitor, started = Visitor(scene.public_url), time.monotonic()
    answer = visitor.post(url, [("List-Unsubscribe", "One-Click")])
    milliseconds = round((time.monotonic() - started) * 1000)
    _must(answer.status == OK and answer.url == url, f"answered {answer.status}, perhaps elsewhere")
    _must(not list(visitor.cookies), "a cookie was set")
    _must(_state(scene, READER) == "withdrawn", f"the consent is {_state(scene, READER)}")
    scene.figures["one_click_milliseconds"] = milliseconds
    return f"done in {milliseconds} ms, without cookie, login or second question"


def _nothing_after_optout(scene: Scene) -> str:
    before = len(_mails(scene, READER))
    _, sent, _ = _send(scene, "臨時のお便り", _ISSUE)
    _must(len(_mails(scene, READER)) == before, "the one who opted out got another mail")
    return f"the next campaign went to {sent} others; nothing reached the one who opted out"


def _erased(scene: Scene) -> str:
    _sign_up(scene, LEAVER)
    contact_id = _contact(scene, LEAVER)
    _send(scene, "読者さまへ", _ISSUE)
    issue = next(mail for mail in _mails(scene, LEAVER) if "List-Unsubscribe" in mail["headers"])
    url = re.findall(r"<(https?://[^>]+)>", issue["headers"]["List-Unsubscribe"])[0]
    visitor = Visitor(scene.public_url)
    answer = visitor.submit(visitor.get(url), {"scope": "erase"})
    _must(answer.status == OK, f"the page answers {answer.status}")
    workspace_id = scene.shop.workspace_id
    _wait(lambda: _certified(workspace_id), "the certificate", after=GRACE)
    remains = erasure.remains(workspace_id, contact_id)
    _must(not remains, f"rows remain: {remains}")
    _must(not _mentions(scene, LEAVER), f"the address stands in {_mentions(scene, LEAVER)}")
    newest = erasure.erasures(workspace_id)[0]
    return f"receipt {newest.receipt}, {newest.rows} rows removed, certificate is entry #{newest.entry_id}"


def _reimport_refused(scene: Scene) -> str:
    order = imports.ImportOrder(
        file_name="again.csv",
        basis=Basis.CONSENT,
        evidence="本人の申込書と称するもの",
        evidence_on=clock.now().date(),
        confirmed=True,
        topic_id=scene.shop.topic_ids[0],
    )
    spellings = f"メールアドレス\n{LEAVER}\n{LEAVER.upper()}\nkenji.leaver+shop@mail.example\n"
    report = imports.bring_in(
        scene.shop.workspace_id,
        io.BytesIO(spellings.encode("cp932")),
        order,
        dry_run=False,
        staff_id=None,
        now=clock.now(),
    )
    _must(report.counts == {Verdict.SUPPRESSED: 3}, f"the verdicts were {dict(report.counts)}")
    return "three spellings of the address in a list with “evidence”: all refused, none named"


def _proof_checked(scene: Scene) -> str:
    """A lawyer has the file and the verifier, and nothing of ours: an empty folder, and Python alone."""
    workspace_id, contact_id = scene.shop.workspace_id, _contact(scene, READER)
    _wait(
        lambda: all(entry.index is not None for entry in ledger.history(workspace_id, contact_id)),
        "a checkpoint over the entries of the reader",
    )
    served = urllib.request.urlopen(f"{scene.public_url}/ledger/{scene.shop.slug}/keys", timeout=20)  # noqa: S310 - loopback, ours
    with served as answer, tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as lawyer:
        vkey = answer.read().decode().splitlines()[0]
        bundle = Path(made, "bundle.json")
        _run("-m", "shodaku", "ledger", "bundle", READER, "-o", str(bundle), "--workspace", scene.shop.slug)
        shutil.copy(bundle, lawyer)
        shutil.copy(verify.__file__, Path(lawyer, "shodaku-verify.py"))
        check = ("-I", "shodaku-verify.py", "bundle.json", "--key", vkey, "--lang", "en")
        started = time.monotonic()
        _run(*check, folder=lawyer)
        milliseconds = round((time.monotonic() - started) * 1000)
        text = bundle.read_text(encoding="utf-8")
        altered = text.replace("consent.withdrawn", "consent.confirmed", 1)
        Path(lawyer, "bundle.json").write_text(altered, encoding="utf-8")
        _run(*check, folder=lawyer, status=1)
    entries = len(json.loads(text)["entries"])
    scene.figures |= {"bundle_bytes": len(text.encode()), "verify_milliseconds": milliseconds}
    return f"{entries} entries checked in an empty folder by Python alone; one altered word is refused"


def _ledger_consistent(scene: Scene) -> str:
    audits = [ledger.audit(each.workspace_id) for each in (scene.shop, _known(scene.sample).school)]
    faults = [fault for audit in audits for fault in audit.faults]
    _must(not faults, f"{faults[:3]}")
    entries = sum(audit.entries for audit in audits)
    shredded = sum(audit.shredded for audit in audits)
    _must(shredded > 0, "the erased person's entries can still be read")
    _must(all(audit.size and audit.checkpoints for audit in audits), "no checkpoint was signed")
    scene.figures["ledger_entries"] = entries
    scene.figures["checkpoints"] = sum(audit.checkpoints for audit in audits)
    return f"{entries} entries read again and matching; {shredded} of an erased person, unreadable for ever"


def _explained(scene: Scene) -> str:
    people = (scene.fresh_reader, READER, LEAVER)
    answers = [
        explain.explain(scene.shop.workspace_id, address, scene.shop.topic_ids[1], now=clock.now())
        for address in people
    ]
    _must([answer.may for answer in answers] == [True, False, False], "the answers are not yes, no, no")
    reasons = [answer.reason for answer in answers]
    _must(len(set(reasons)) == len(reasons), f"the reasons are {reasons}")
    _must(all(answer.rules for answer in answers), "a reason without a rule")
    _must(answers[0].entry_id is not None, "a yes without its evidence")
    return ", ".join(reasons)


STEPS: Sequence[tuple[str, Callable[[Scene], str]]] = (
    ("database_up", _database_up),
    ("signup_requested", _signup_requested),
    ("confirmation_sent", _confirmation_sent),
    ("get_changed_nothing", _get_changed_nothing),
    ("confirmed", _confirmed),
    ("welcome_sent", _welcome_sent),
    ("campaign_sent", _campaign_sent),
    ("refused_were_not_mailed", _refused_were_not_mailed),
    ("one_click_optout", _one_click_optout),
    ("nothing_after_optout", _nothing_after_optout),
    ("proof_checked", _proof_checked),
    ("erased", _erased),
    ("reimport_refused", _reimport_refused),
    ("ledger_consistent", _ledger_consistent),
    ("explained", _explained),
)

_ISSUE = """{{ name }}

朝晩が冷えるようになりました。あおい雑貨の店先にも、冬の品がそろいました。

◆ 青磁の湯のみ
  両手で包むと、ちょうどよい大きさです。

◆ 藍染めの手ぬぐい
  贈りものにも、毎日の台所にも。

店でお待ちしております。
"""

# ---- what the steps lean on


def _run(*words: str, folder: str | None = None, status: int = 0) -> None:
    done = subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    _must(done.returncode == status, f"{words[1]} ended with {done.returncode}: {done.stdout}{done.stderr}")


def _must(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise StepFailed(otherwise)


def _known(thing: Any) -> Any:  # noqa: ANN401 - whatever an earlier step left
    if thing is None:
        raise StepFailed("an earlier step is missing")
    return thing


def _wait(true: Callable[[], bool], what: str, *, after: timedelta = timedelta(0)) -> None:
    seconds_max = after.total_seconds() + WAIT_SECONDS_MAX
    until = time.monotonic() + seconds_max
    while not true():
        if time.monotonic() > until:
            raise StepFailed(f"waited {seconds_max:.0f} s for {what}")
        time.sleep(0.1)


def _fetch(scene: Scene, place: str) -> Any:  # noqa: ANN401 - JSON
    with urllib.request.urlopen(scene.mails_url + place, timeout=20) as answer:  # noqa: S310 - loopback, ours
        return json.load(answer)


def _mails(scene: Scene, address: str) -> list[dict[str, Any]]:
    """What the mailbox holds, newest first."""
    mails: list[dict[str, Any]] = _fetch(scene, f"/mails.json?to={quote(address)}")
    return mails


def _wait_for_mail(scene: Scene, address: str, count: int) -> list[dict[str, Any]]:
    _wait(lambda: len(_mails(scene, address)) >= count, f"mail {count} to the reader")
    return _mails(scene, address)


def _recipients(scene: Scene, subject: str) -> set[str]:
    return set(_fetch(scene, f"/recipients.json?subject={quote(subject)}"))


def _contact(scene: Scene, address: str) -> int:
    pair = suppression.tokens(scene.shop.workspace_id, Channel.EMAIL, parse_email(address).address)
    found = contacts.claimed(scene.shop.workspace_id, Channel.EMAIL, [pair.strict]).get(pair.strict)
    if found is None:
        raise StepFailed("nobody has this address")
    return found


def _state(scene: Scene, address: str) -> str:
    held = consents.held(scene.shop.workspace_id, _contact(scene, address))
    return next((each.state for each in held if each.topic_id == scene.shop.topic_ids[0]), "none")


def _fingerprint(scene: Scene) -> object:
    with db.transaction(scene.shop.workspace_id) as connection:
        return connection.execute(db.sql("shodaku.config", "fingerprint")).fetchone()


def _send(scene: Scene, subject: str, text: str) -> tuple[int, int, int]:
    """Draft, count, launch, wait until it is through: campaign, accepted, chosen."""
    workspace_id, now = scene.shop.workspace_id, clock.now()
    campaign_id = campaigns.create(
        workspace_id,
        campaigns.NewCampaign(name=subject, topic_id=scene.shop.topic_ids[0], subject=subject, text=text),
        staff_id=None,
        now=now,
    )
    counted = campaigns.count(workspace_id, campaign_id, now=now)
    answer = campaigns.launch(workspace_id, campaign_id, counted.preflight_id, staff_id=None, now=now)
    _must(isinstance(answer, campaigns.Launched), f"not launched: {answer}")
    mailing_id = _known(campaigns_known.campaign(workspace_id, campaign_id)).mailing_id
    _wait(lambda: _progress(workspace_id, mailing_id).waiting == 0, "the campaign")
    progress = _progress(workspace_id, mailing_id)
    _must(progress.accepted == counted.sendable, f"{progress.accepted} accepted, {counted.sendable} promised")
    return campaign_id, progress.accepted, counted.chosen


def _progress(workspace_id: int, mailing_id: int) -> delivery.Progress:
    progress: delivery.Progress = _known(delivery.progress(workspace_id, mailing_id))
    return progress


def _sign_up(scene: Scene, address: str) -> None:
    visitor = Visitor(scene.public_url)
    page = visitor.get(scene.form_url)
    time.sleep(AGE_SECONDS_MIN + 0.5)
    visitor.submit(
        page, {"email": address, "name": "去る 健二"}, tick=[("topics", str(scene.shop.topic_ids[0]))]
    )
    mail = _wait_for_mail(scene, address, 1)[0]
    link = LINK.search(mail["text"])
    visitor.submit(visitor.get(link[0] if link else ""))
    _wait_for_mail(scene, address, 2)


def _certified(workspace_id: int) -> bool:
    erasures = erasure.erasures(workspace_id)
    return bool(erasures) and erasures[0].state == "certified"


def _mentions(scene: Scene, address: str) -> list[str]:
    """Tables in which the address stands in any text column, partitions and jobs included."""
    with db.transaction(scene.shop.workspace_id) as connection:
        rows = connection.execute(db.sql("shodaku.config", "text_tables")).fetchall()
        return [
            str(table)
            for (table,) in rows
            if connection.execute(_search(str(table)), {"address": f"%{address}%"}).fetchone() is not None
        ]


def _search(table: str) -> Any:  # noqa: ANN401 - psycopg's composed SQL
    from psycopg import sql  # noqa: PLC0415 - only this step composes

    return sql.SQL("select 1 from {table} t where t::text ilike %(address)s limit 1").format(
        table=sql.Identifier(table)
    )


def _reader_with_room(scene: Scene, topic_id: int) -> str:
    """The address of somebody in the sample who may get one more issue now."""
    with db.transaction(scene.shop.workspace_id) as connection:
        query = db.sql("shodaku.config", "reader_with_room")
        row = connection.execute(query, {"topic_id": topic_id}).fetchone()
    if row is None:
        raise StepFailed("every reader has had the promised number of issues")
    return str(row[0])
