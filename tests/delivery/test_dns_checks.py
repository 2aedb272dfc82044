"""What DNS says of a sending domain, as a receiver would read it."""

from dataclasses import replace

import pytest
from tests.delivery.test_key_states import NOW, RSA
from tests.delivery.zone import served, texts

from shodaku.delivery import dns_lookup
from shodaku.delivery.dkim import Algorithm
from shodaku.delivery.dns_checks import (
    LOOKUPS_MAX,
    DnsAway,
    Said,
    Subject,
    aligned,
    check,
    dkim_said,
    dmarc_record,
    organizational,
    spf_said,
)

ACTIVE = replace(RSA, active_at=NOW)
PLAIN = "v=DMARC1; p=none"
ED = replace(ACTIVE, algorithm=Algorithm.ED25519)
DMARC = {"_dmarc.aoi.example": PLAIN}
DKIM = {RSA.name: RSA.record}
SPF = {"aoi.example": "v=spf1 ip4:192.0.2.1 -all"}


def looked(zone, *keys, authors=("aoi.example",)):
    return check("aoi.example", authors, keys, texts(zone))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (RSA.record, Said.FINE),
        (RSA.record.replace("k=rsa; ", ""), Said.FINE),  # rsa is what stands for nothing
        (RSA.record.replace("p=", "p=\t"), Said.FINE),
        ((), Said.MISSING),
        ((RSA.record, RSA.record), Said.SEVERAL),
        ("v=DKIM1; k=rsa; p=", Said.REVOKED),
        ("v=DKIM1; k=rsa; p=b3RoZXI=", Said.DIFFERS),
        (RSA.record.replace("rsa", "ed25519"), Said.DIFFERS),
        ("v=DKIM1; k=rsa", Said.BROKEN),
        ("v=DKIM2; p=a2V5", Said.BROKEN),
        ("v=DKIM1; p=***", Said.BROKEN),
        ("hello", Said.BROKEN),
    ],
)
def test_a_dkim_record_is_ours_or_it_is_said_why_not(record, said):
    assert dkim_said(RSA, texts({RSA.name: record})) is said


DEEP = {f"{at}.example": f"v=spf1 include:{at + 1}.example -all" for at in range(12)}


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ({"aoi.example": "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::1 a mx -all"}, Said.FINE),
        ({"aoi.example": "v=spf1 include:relay.example ~all", "relay.example": "v=spf1 a -all"}, Said.FINE),
        ({"aoi.example": "v=spf1 redirect=relay.example", "relay.example": "v=spf1 a -all"}, Said.FINE),
        ({"aoi.example": "v=spf1 include:%{d}.relay.example -all"}, Said.FINE),
        ({"aoi.example": ("verification=1", "v=spf1 a -all")}, Said.FINE),
        ({}, Said.MISSING),
        ({"aoi.example": "v=spf10 a -all"}, Said.MISSING),
        ({"aoi.example": ("v=spf1 a -all", "v=spf1 mx -all")}, Said.SEVERAL),
        ({"aoi.example": "v=spf1 +all"}, Said.OPEN),
        ({"aoi.example": "v=spf1 a all"}, Said.OPEN),
        ({"aoi.example": "v=spf1 -all"}, Said.NOBODY),
        ({"aoi.example": "v=spf1"}, Said.NOBODY),
        ({"aoi.example": "v=spf1 -all a"}, Said.NOBODY),  # what follows all is never read
        ({"aoi.example": "v=spf1 include:gone.example -all"}, Said.BROKEN),
        ({"aoi.example": "v=spf1 ip4:300.0.0.1 -all"}, Said.BROKEN),
        ({"aoi.example": "v=spf1 ipv4:192.0.2.1 -all"}, Said.BROKEN),
        ({"aoi.example": "v=spf1 include: -all"}, Said.BROKEN),
        ({"aoi.example": "v=spf1 include:aoi.example -all"}, Said.TOO_DEEP),
        (DEEP | {"aoi.example": "v=spf1 include:0.example -all"}, Said.TOO_DEEP),
        ({"aoi.example": "v=spf1 " + "a " * 10 + "-all"}, Said.FINE),
        ({"aoi.example": "v=spf1 " + "a " * 11 + "-all"}, Said.TOO_DEEP),
    ],
)
def test_an_spf_record_lets_somebody_send_or_it_is_said_why_not(zone, said):
    assert spf_said("aoi.example", texts(zone)) is said


@pytest.mark.parametrize(
    ("domain", "zone", "owner"),
    [
        ("a.b.example.jp", {}, "a.b.example.jp"),
        ("a.b.example.jp", {"_dmarc.example.jp": PLAIN}, "example.jp"),
        ("b.example.jp", {"_dmarc.b.example.jp": PLAIN, "_dmarc.example.jp": PLAIN}, "example.jp"),
        ("a.b.example.jp", {"_dmarc.b.example.jp": f"{PLAIN}; psd=n", "_dmarc.jp": PLAIN}, "b.example.jp"),
        ("a.b.co.jp", {"_dmarc.co.jp": f"{PLAIN}; psd=y"}, "b.co.jp"),
        ("co.jp", {"_dmarc.co.jp": f"{PLAIN}; psd=y"}, "co.jp"),
        ("a.b.example.jp", {"_dmarc.example.jp": (PLAIN, "v=DMARC1; p=reject")}, "a.b.example.jp"),
    ],
)
def test_who_owns_a_domain_is_found_by_walking_up(domain, zone, owner):
    assert organizational(domain, texts(zone)) == owner


def test_the_walk_asks_eight_times_at_most():
    asked = []

    def look(name):
        asked.append(name)
        return ()

    organizational(".".join("abcdefghijkl"), look)
    assert asked[:2] == ["_dmarc.a.b.c.d.e.f.g.h.i.j.k.l", "_dmarc.f.g.h.i.j.k.l"]
    assert (len(asked), asked[-1]) == (8, "_dmarc.l")


def test_a_record_of_the_owner_holds_for_a_domain_without_one():
    zone = texts({"_dmarc.example.jp": "v=DMARC1; p=reject"})
    assert dmarc_record("news.example.jp", zone) == {"v": "DMARC1", "p": "reject"}
    assert dmarc_record("news.other.jp", zone) is Said.MISSING
    assert dmarc_record("example.jp", texts({"_dmarc.example.jp": "v=DMARC1; p=perhaps"})) is Said.BROKEN


def test_alignment_is_strict_or_by_the_owner():
    zone = texts({"_dmarc.example.jp": "v=DMARC1; p=none"})
    assert aligned("news.example.jp", "example.jp", "r", zone)
    assert not aligned("news.example.jp", "example.jp", "s", zone)
    assert aligned("example.jp", "example.jp", "s", zone)
    assert not aligned("other.jp", "example.jp", "r", zone)


@pytest.mark.parametrize(
    ("zone", "keys", "passes"),
    [
        (DMARC | SPF, [], True),  # the relay signs, SPF speaks
        (DMARC | DKIM, [ACTIVE], True),
        (DMARC | {ED.name: ED.record}, [ED], False),  # few verify it
        (DMARC | SPF | {ED.name: ED.record}, [ED], True),
        (DMARC | DKIM, [RSA], False),  # shown, and does not sign yet
        (DMARC | SPF | DKIM, [ACTIVE], True),
        (DMARC | SPF, [ACTIVE], True),
        (DMARC, [ACTIVE], False),
        (DMARC, [], False),
        (SPF | DKIM, [ACTIVE], False),  # no DMARC record at all
        ({"_dmarc.aoi.example": "v=DMARC1; p=none; adkim=s; aspf=s"} | SPF, [], True),
    ],
)
def test_mail_passes_with_a_policy_and_one_of_the_two(zone, keys, passes):
    assert looked(zone, *keys).aligned is passes


def test_a_from_address_below_the_domain_passes_relaxed_and_not_strict():
    authors = ["news.aoi.example"]
    assert looked(DMARC | SPF, authors=authors).aligned
    strict = {"_dmarc.aoi.example": "v=DMARC1; p=none; aspf=s"}
    assert not looked(strict | SPF, authors=authors).aligned
    assert not looked(DMARC | SPF, authors=["aoi.example", "other.example"]).aligned


def test_what_dns_does_not_answer_leaves_it_open():
    found = looked(DMARC | {"aoi.example": None})
    assert found.aligned is None
    assert [each.said for each in found.findings if each.subject is Subject.SPF] == [Said.UNANSWERED]
    assert looked(DMARC | DKIM | {"aoi.example": None}, ACTIVE).aligned, "DKIM is enough"
    assert looked(SPF | {"_dmarc.aoi.example": None}).aligned is None


def test_a_hostile_record_keeps_nobody_busy():
    asked = []
    wide = "v=spf1 " + " ".join(f"include:{at}.evil.example" for at in range(500))

    def look(name):
        asked.append(name)
        return (wide,)

    check("aoi.example", [f"{at}.aoi.example" for at in range(500)], [ACTIVE], look)
    assert len(asked) <= LOOKUPS_MAX


def test_the_same_zone_behind_a_real_server_reads_the_same():
    long = replace(ACTIVE, public=bytes(range(256)) + bytes(40))
    zone = DMARC | SPF | {long.name: long.record}
    with served(zone | {"silent.example": None}) as server:
        look = dns_lookup.from_environment({"SHODAKU_DNS": server}).look
        found = check("aoi.example", ["aoi.example"], [long], look)
        assert {each.said for each in found.findings} == {Said.FINE}
        assert (found.aligned, found.shown) == (True, {long.selector})
        assert look("nothing.example") == ()


def test_a_server_that_keeps_silent_is_no_answer(monkeypatch):
    monkeypatch.setattr(dns_lookup, "LOOKUP_SECONDS_MAX", 0.3)
    monkeypatch.setattr(dns_lookup, "ANSWER_SECONDS_MAX", 0.2)
    with served({"aoi.example": None}) as server, pytest.raises(DnsAway):
        dns_lookup.from_environment({"SHODAKU_DNS": server}).look("aoi.example")


@pytest.mark.parametrize("text", ["127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:99999", "no address"])
def test_a_setting_that_is_no_server_is_said_to_be_none(text):
    with pytest.raises(dns_lookup.DnsServerFault):
        dns_lookup.from_environment({"SHODAKU_DNS": text})
