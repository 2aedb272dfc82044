"""Who vouches for a sender: only what our own server wrote on top, and never a stranger's word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shodaku.signup.mail_proof import NoServer, Proof, judge, parse_server

SERVER = "mx.aoi.example"


@pytest.mark.parametrize(
    ("fields", "proof"),
    [
        ([], Proof.ABSENT),
        ([f"{SERVER}; none"], Proof.ABSENT),
        ([f"{SERVER}; dmarc=pass header.from=mail.example"], Proof.PASSES),
        ([f"{SERVER} 1; dmarc=pass (p=none dis=none) header.from=mail.example"], Proof.PASSES),
        ([f"{SERVER.upper()}; DMARC=Pass header.from=Mail.Example"], Proof.PASSES),
        (
            [f"{SERVER}; dmarc=fail header.from=mail.example; spf=pass smtp.mailfrom=mail.example"],
            Proof.FAILS,
        ),
        ([f"{SERVER}; dmarc=temperror; spf=pass smtp.mailfrom=mail.example"], Proof.ABSENT),
        # of another From, such as that of a mailing list
        ([f"{SERVER}; dmarc=pass header.from=else.example"], Proof.ABSENT),
        # no policy is published: an aligned result of SPF or DKIM counts
        ([f"{SERVER}; dmarc=none; spf=pass smtp.mailfrom=a@mail.example"], Proof.PASSES),
        ([f"{SERVER}; dmarc=bestguesspass; dkim=pass header.d=mail.example"], Proof.PASSES),
        ([f'{SERVER}; dkim=pass header.i="@mail.example"'], Proof.PASSES),
        ([f"{SERVER}; spf=pass smtp.mailfrom=else.example"], Proof.ABSENT),
        ([f"{SERVER}; dkim=pass header.d=else.example"], Proof.ABSENT),
        ([f"{SERVER}; spf=softfail smtp.mailfrom=mail.example"], Proof.ABSENT),
        ([f"{SERVER}; spf=pass smtp.helo=mail.example"], Proof.ABSENT),
        ([f"{SERVER}; dkim=pass header.d=example"], Proof.ABSENT),  # what a registry sells
        # another server's word, and one that stands below ours
        (["mx.evil.example; dmarc=pass header.from=mail.example"], Proof.ABSENT),
        ([f"{SERVER}; dmarc=fail", f"{SERVER}; dmarc=pass header.from=mail.example"], Proof.FAILS),
        (["mx.evil.example; dmarc=fail", f"{SERVER}; dmarc=pass header.from=mail.example"], Proof.PASSES),
        # what stands in a comment says nothing, however deep
        ([f"{SERVER}; spf=none (dmarc=pass (header.from=mail.example))"], Proof.ABSENT),
        ([f"(x) {SERVER} (y); dmarc=pass"], Proof.PASSES),
        ([f"{SERVER}.evil.example; dmarc=pass"], Proof.ABSENT),
    ],
)
def test_only_our_own_server_vouches_for_a_sender(fields, proof):
    assert judge(fields, SERVER, "mail.example").proof is proof


def test_a_subdomain_is_aligned_with_its_domain_and_a_neighbour_is_not():
    field = [f"{SERVER}; spf=pass smtp.mailfrom=bounce.mail.example.jp"]
    assert judge(field, SERVER, "mail.example.jp").proof is Proof.PASSES
    assert judge(field, SERVER, "other.example.jp").proof is Proof.ABSENT
    assert judge([f"{SERVER}; spf=pass smtp.mailfrom=co.jp"], SERVER, "shop.co.jp").proof is Proof.ABSENT


def test_what_decided_is_kept_for_the_evidence():
    assert judge([f"{SERVER}; dmarc=pass"], SERVER, "mail.example").said == f"{SERVER}; dmarc=pass"


@given(st.lists(st.text(max_size=300), max_size=5), st.text(max_size=40))
def test_no_field_of_a_stranger_is_a_pass_or_an_error(fields, domain):
    safe = [field for field in fields if SERVER not in field.lower()]
    assert judge(safe, SERVER, domain).proof is Proof.ABSENT


@given(st.text(max_size=500))
def test_whatever_stands_behind_the_name_of_our_server_is_read_or_says_nothing(rest):
    assert judge([f"{SERVER};{rest}"], SERVER, "mail.example").proof in tuple(Proof)


@pytest.mark.parametrize(
    "text", ["", "mx aoi", "mx.aoi.example;", "=?x?=", "a" * 254, "-mx", "mx\n"[:2] + ";"]
)
def test_what_is_no_name_of_a_server_is_refused(text):
    with pytest.raises(NoServer):
        parse_server(text)


def test_a_server_is_named_in_any_case():
    assert parse_server(" MX.Google.com ") == "mx.google.com"
