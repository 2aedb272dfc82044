"""A sending domain is looked at: what DNS says is kept for the gate, new DKIM keys begin, and
advertising from a domain whose records fail rests. Doors as below.

`services`: ask_dns, check_domain, check_domains, rest_while_failing. `selectors`: domain_state,
failing_domains, is_reserved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from shodaku.accounts import selectors as accounts
from shodaku.delivery import dns_checks, relays, routes, signing_keys
from shodaku.delivery.choices import note_domain
from shodaku.delivery.dns_checks import DomainCheck, Finding, Look, Said, Subject
from shodaku.delivery.domain import Kind
from shodaku.delivery.link_watch import links
from shodaku.delivery.reverse_dns import Ask, relay_findings
from shodaku.delivery.signing_keys import UnknownDomain
from shodaku.delivery.stopping import StopReason, domain_fails
from shodaku.delivery.stops import stop_promotions
from shodaku.kit import db, log, runtime
from shodaku.kit.errors import ShodakuError
from shodaku.kit.queue import Job, Queue, defer

# RFC 2606: nobody owns them, so DNS says nothing about who sends from them; trials and demonstrations do
RESERVED: Final = ("example", "test", "invalid", "localhost", "example.com", "example.net", "example.org")

_BESIDE: Final = frozenset({Subject.PTR, Subject.ONE_CLICK})

_sql = db.Statements("shodaku.delivery")


@dataclass(frozen=True, slots=True)
class DomainState:
    """What was found when somebody last looked; `unanswered_at` when DNS has not answered since."""

    aligned: bool
    checked_at: datetime
    unanswered_at: datetime | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class FailingDomain:
    name: str
    since: datetime


def check_domain(
    workspace_id: int,
    domain: str,
    look: Look,
    *,
    by: str,
    now: datetime,
    ask: Ask | None = None,
    twice: bool = False,
) -> DomainCheck:
    """Look, keep what was found, begin and end DKIM keys; what DNS left open changes nothing at the gate.

    `twice`: what stops a domain must have been found by the look before as well. The gate's refusal is final
    for each recipient, and a name server that answers wrongly for a minute would cost a whole campaign.
    `ask`: the addresses of mail servers and of links are looked at too, which stops nothing here. Up to
    LOOKUPS_MAX questions, and those of `reverse_dns`, outside of any transaction. Raises UnknownDomain,
    VaultAway.
    """
    authors = {
        each.from_address.rpartition("@")[2].lower()
        for each in accounts.senders(workspace_id)
        if each.mail_domain == domain
    }
    if not authors:
        raise UnknownDomain(hint=", ".join(signing_keys.domains(workspace_id)))
    found = dns_checks.check(domain, authors, signing_keys.dkim_keys(workspace_id, domain), look)
    due = signing_keys.settle_dkim_keys(workspace_id, domain, found.shown, by=by, now=now)
    if due.begin:  # what signs from now on counts
        found = dns_checks.check(domain, authors, signing_keys.dkim_keys(workspace_id, domain), look)
    failing = dns_checks.fails(found, signing_keys.dkim_keys(workspace_id, domain))
    before = domain_state(workspace_id, domain) if twice else None
    doubtful = before is not None and before.aligned and _of_domain(before.findings) != found.findings
    if ask is not None:
        beside = (*relay_findings(_relay_hosts(workspace_id), ask), *_one_click(workspace_id))
        found = replace(found, findings=found.findings + beside)
    findings = Jsonb([[each.subject, each.name, each.said] for each in found.findings])
    refuses = found.aligned is False and not doubtful
    if refuses:  # before the gate knows: what it refuses is final for each recipient, what rests goes on
        stop_promotions(workspace_id, StopReason.DOMAIN, now=now, domain=domain)
    with db.transaction(workspace_id):
        if found.aligned or refuses:
            note_domain(workspace_id, domain, dmarc_aligned=not refuses, now=now)
        unanswered = now if found.aligned is None else None
        _sql.run("update_domain_findings", name=domain, findings=findings, unanswered_at=unanswered)
        certain = failing is not None and _note_failing(domain, now, failing=failing)
    if certain:
        stop_promotions(workspace_id, StopReason.DOMAIN, now=now, domain=domain)
    return found


def _of_domain(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(each for each in findings if each.subject not in _BESIDE)


def _relay_hosts(workspace_id: int) -> list[str]:
    """Of mail servers that carry mails; a provider answers for its own addresses."""
    there = [each for each in routes.routes(workspace_id) if each.enabled]
    hosts = [each.host for each in there if each.kind == Kind.SMTP]
    if not there:
        try:
            hosts = [relays.from_environment().host]
        except ShodakuError:  # none is named, or in a form that cannot be read: the worker says so
            hosts = []
    return [each for each in hosts if each == "localhost" or not is_reserved(each)]


def _one_click(workspace_id: int) -> tuple[Finding, ...]:
    """Mail programs press no button of an address without https (RFC 8058 section 3.1); none before anybody
    has looked whether it answers.
    """
    url, seen = runtime.current().public_url, links(workspace_id)
    if not url.startswith("https://"):
        return (Finding(Subject.ONE_CLICK, url, Said.PLAIN),)
    if seen is None or seen.url != url:
        return ()
    return (Finding(Subject.ONE_CLICK, url, Said.SILENT if seen.failures else Said.FINE),)


def failing_domains(workspace_id: int, *, now: datetime) -> list[FailingDomain]:
    """Whose records fail for certain: advertising from them rests, or is refused."""
    with db.transaction(workspace_id):
        rows = _sql.rows("list_failing_domains", _FailingRow)
    return [
        FailingDomain(each.name, each.failing_since)
        for each in rows
        if each.failing_since is not None
        and (each.refused or domain_fails(each.failed_looks, each.failing_since, now))
    ]


def rest_while_failing(workspace_id: int, mailing_id: int, *, now: datetime) -> bool:
    """One that is launched while its domain fails, or while nobody answers at its links, rests at once."""
    seen = links(workspace_id)
    if seen is not None and seen.fail:
        return bool(stop_promotions(workspace_id, StopReason.LINKS, now=now, mailing_id=mailing_id))
    return any(
        stop_promotions(workspace_id, StopReason.DOMAIN, now=now, domain=each.name, mailing_id=mailing_id)
        for each in failing_domains(workspace_id, now=now)
    )


def _note_failing(domain: str, now: datetime, *, failing: bool) -> bool:
    """Certain by now? In the open transaction."""
    row = _sql.row("update_domain_failing", _FailingRow, name=domain, failing=failing, now=now)
    return row is not None and domain_fails(row.failed_looks, row.failing_since, now)


def ask_dns(workspace_id: int) -> None:
    """A chore looks at all domains of the workspace, as each hour; one that waits already is enough."""
    name = f"domains-{workspace_id}"
    with db.transaction(workspace_id):
        arguments: dict[str, int | str] = {"workspace_id": workspace_id}
        defer(Job("delivery.check_domains", Queue.CHORE, arguments, name, only_once=name))


def check_domains(workspace_id: int, look: Look, *, now: datetime, ask: Ask | None = None) -> int:
    """All that the workspace sends from, but those that nobody can own; how many were looked at. One that
    fails holds up no other.
    """
    names = [each for each in signing_keys.domains(workspace_id) if not is_reserved(each)]
    for name in names:
        try:
            found = check_domain(workspace_id, name, look, by="clock", now=now, ask=ask, twice=True)
        except ShodakuError as error:
            log.info("domain.not_checked", workspace=workspace_id, code=error.code)
        else:
            log.info("domain.checked", workspace=workspace_id, aligned=found.aligned)
    return len(names)


def domain_state(workspace_id: int, domain: str) -> DomainState | None:
    """None: nobody has looked yet."""
    with db.transaction(workspace_id):
        row = _sql.row("get_mail_domain", _Row, name=domain)
    if row is None:
        return None
    findings = tuple(Finding(Subject(what), name, Said(said)) for what, name, said in row.findings)
    return DomainState(row.dmarc == "aligned", row.checked_at, row.unanswered_at, findings)


def is_reserved(domain: str) -> bool:
    return any(domain == each or domain.endswith(f".{each}") for each in RESERVED)


@dataclass(frozen=True, slots=True)
class _FailingRow:
    name: str
    failed_looks: int
    failing_since: datetime | None
    refused: bool  # by the gate, for no mail from there is aligned


@dataclass(frozen=True, slots=True)
class _Row:
    dmarc: str
    checked_at: datetime
    unanswered_at: datetime | None
    findings: Any  # JSON: subject, name, what was said
