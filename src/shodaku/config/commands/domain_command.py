"""`shodaku domain list|new-key|records|check|end-key`: what domains publish, and who signs for them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.kit import clock

if TYPE_CHECKING:
    from shodaku.delivery.selectors import DkimKey, DomainCheck, Finding

BY = "command line"
_ALGORITHMS: Final = ("rsa", "ed25519", "both")
_STRING_CHARACTERS_MAX: Final = 255  # RFC 1035 section 3.3: a longer TXT record is several strings
SENTENCES: Final = {  # by what was found
    "fine": "well",
    "missing": "there is no such record: publish it, or wait until DNS shows it",
    "several": "there is more than one: receivers take none of them",
    "broken": "it cannot be understood",
    "differs": "it holds another key than ours",
    "revoked": "it says that the key is revoked",
    "open": "it lets the whole world send in your name: end it with -all or ~all",
    "nobody": "it lets nobody send: name your relay before -all",
    "too_deep": "it needs more than 10 look-ups, so receivers give up: name fewer services",
    "unaligned": "the policy is there, but neither a DKIM key of ours nor SPF speaks for the From address",
    "unanswered": "DNS gave no answer; ask again later",
    "no_address": "the name of the mail server has no address in DNS: look at the route",
    "no_name": "the address has no name (PTR), and many receivers refuse mail from such a one: ask whoever"
    " runs the mail server to set it",
    "unconfirmed": "its name (PTR) does not lead back to it: ask whoever runs the mail server to make"
    " both agree",
    "inside": "it is inside your network, and receivers see another one: ask whoever runs the mail server"
    " whether that one has a PTR record",
    "plain": "it does not begin with https, so mail programs show no unsubscribe button: set"
    " SHODAKU_PUBLIC_URL to an address with https",
    "silent": "nobody answered there: look whether the web server runs and the address leads to it",
}


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    every = verbs.add_parser("list", help="each domain, who signs for it, and what was found last")
    new = verbs.add_parser("new-key", help="make a DKIM key; it signs when DNS shows its record")
    new.add_argument("domain", metavar="DOMAIN")
    new.add_argument(
        "--algorithm", choices=_ALGORITHMS, default="rsa", help="both: each mail is signed twice"
    )
    records = verbs.add_parser("records", help="what to publish in DNS")
    records.add_argument("domain", metavar="DOMAIN")
    check = verbs.add_parser("check", help="ask DNS now; new keys begin, and the gate knows the answer")
    check.add_argument("domain", metavar="DOMAIN", nargs="?", help="all of them without it")
    end = verbs.add_parser("end-key", help="end a DKIM key at once")
    end.add_argument("domain", metavar="DOMAIN")
    end.add_argument("selector", metavar="SELECTOR")
    for sub in (every, new, records, check, end):
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    verbs = {"new-key": _new_key, "records": _records, "check": _check, "end-key": _end_key, "list": _list}
    return verbs[options.verb](options)


def _list(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors  # noqa: PLC0415 - Django is set up by run

    whose = workspaces.chosen(options).workspace_id
    closed = {(each.domain, each.selector): each.sentence for each in selectors.closed_keys(whose)}
    rows: list[dict[str, object]] = []
    of_domains: list[list[dict[str, object]]] = []
    for domain in selectors.domains(whose):
        state = selectors.domain_state(whose, domain)
        keys = [each for each in selectors.dkim_keys(whose, domain) if each.ended_at is None]
        rows.append({
            "domain": domain,
            "signs": _signs(keys),
            "dmarc": _dmarc(None if state is None else state.aligned),
            "checked_at": None if state is None else state.checked_at,
            "unanswered_since": None if state is None else state.unanswered_at,
        })  # fmt: skip
        of_domains.append([_key(each, closed.get((domain, each.selector), "")) for each in keys])
    if options.json:
        as_json([{**row, "keys": keys} for row, keys in zip(rows, of_domains, strict=True)])
        return 0
    table(rows)
    for row, found in zip(rows, of_domains, strict=True):
        for key in found:
            say(
                f"{row['domain']} {key['selector']} {key['algorithm']} {key['state']} {key['fault']}".rstrip()
            )
    return 0


def _new_key(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors, services  # noqa: PLC0415 - Django is set up by run

    named = ("rsa", "ed25519") if options.algorithm == "both" else (options.algorithm,)
    made = services.make_dkim_keys(
        workspaces.chosen(options).workspace_id,
        options.domain,
        [selectors.Algorithm(each) for each in named],
        by=BY,
        now=clock.now(),
    )
    if options.json:
        as_json([_record_of_key(each) for each in made])
        return 0
    say("Publish in DNS; it signs when a check has seen it, every hour or by `shodaku domain check`:")
    _print_records([_record_of_key(each) for each in made])
    return 0


def _records(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors  # noqa: PLC0415 - Django is set up by run

    whose = workspaces.chosen(options).workspace_id
    _require_domain(whose, options.domain)
    keys = selectors.dkim_keys(whose, options.domain)
    records = [_record_of_key(each) for each in keys if each.ended_at is None]
    records += [
        {"name": name, "type": "TXT", "value": text} for name, text in selectors.suggested(options.domain)
    ]
    if options.json:
        as_json(records)
    else:
        _print_records(records)
        for each in keys:
            if each.ended_at is not None:
                say(f"May go: {each.name}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from shodaku.delivery import dns_lookup, selectors, services  # noqa: PLC0415 - Django is set up by run

    whose, dns = workspaces.chosen(options).workspace_id, dns_lookup.from_environment()
    names = [options.domain] if options.domain else selectors.domains(whose)
    found = [
        services.check_domain(whose, each, dns.look, by=BY, now=clock.now(), ask=dns.ask) for each in names
    ]
    if options.json:
        as_json([_as_object(each) for each in found])
    else:
        for each in found:
            say(f"{each.domain}: {_dmarc(each.aligned)}")
            for finding in each.findings:
                say(f"  {_line(finding)}")
    return int(not all(each.aligned for each in found))


def _end_key(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors, services  # noqa: PLC0415 - Django is set up by run

    whose = workspaces.chosen(options).workspace_id
    ended = services.end_dkim_key(whose, options.domain, options.selector, by=BY, now=clock.now())
    left = [each for each in selectors.dkim_keys(whose, options.domain) if each.ended_at is None]
    if options.json:
        as_json({"ended": ended.selector, "signs": _signs(left)})
    else:
        say(f"It signs nothing any more; within 5 seconds every worker knows. Take {ended.name} out of DNS.")
        say(f"Who signs for {options.domain} now: {_signs(left)}")
    return 0


def _require_domain(workspace_id: int, domain: str) -> None:
    from shodaku.delivery import selectors, services  # noqa: PLC0415 - Django is set up by run

    there = selectors.domains(workspace_id)
    if domain not in there:
        raise services.UnknownDomain(hint=", ".join(there))


def _signs(keys: Sequence[DkimKey]) -> str:
    """Who signs: the kinds of our active keys, or the relay."""
    active = [each.algorithm.value for each in keys if each.state.value == "active"]
    return " and ".join(active) or "the relay"


def _dmarc(aligned: bool | None) -> str:  # noqa: FBT001 - one word for it, or for its absence
    if aligned is None:
        return "not known"
    return "aligned" if aligned else "not aligned: advertising is refused"


def _key(key: DkimKey, fault: str) -> dict[str, object]:
    return {
        "selector": key.selector,
        "algorithm": key.algorithm.value,
        "state": key.state.value,
        "made_at": key.made_at,
        "active_at": key.active_at,
        "record_may_go_at": key.leaves_at,
        "fault": fault,
    }


def _record_of_key(key: DkimKey) -> dict[str, str]:
    return {"name": key.name, "type": "TXT", "value": key.record}


def _print_records(records: Sequence[dict[str, str]]) -> None:
    for each in records:
        value = each["value"]
        pieces = [
            value[at : at + _STRING_CHARACTERS_MAX] for at in range(0, len(value), _STRING_CHARACTERS_MAX)
        ]
        say(f"{each['name']}. IN TXT " + " ".join(f'"{piece}"' for piece in pieces))


def _line(finding: Finding) -> str:
    sign = {"fine": "well", "inside": "ASK"}.get(finding.said.value, "MEND")
    return f"{sign} {finding.subject.value} {finding.name}: {SENTENCES[finding.said.value]}"


def _as_object(found: DomainCheck) -> dict[str, object]:
    return {
        "domain": found.domain,
        "aligned": found.aligned,
        "findings": [
            {
                "subject": each.subject.value,
                "name": each.name,
                "found": each.said.value,
                "sentence": SENTENCES[each.said.value],
            }
            for each in found.findings
        ],
    }
