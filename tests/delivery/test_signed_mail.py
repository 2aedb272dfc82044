"""What arrives over real SMTP is verified by somebody else's program against the published record."""

import email
import re
from dataclasses import replace

import pytest
from tests.delivery.mailings import launched, now, outcomes, rows, send_now
from tests.delivery.oracle import verifies
from tests.delivery.sink import RunningSink
from tests.delivery.zone import texts
from tests.people import SENDER, a_reader, a_shop

from shodaku.content.domain import footer_html, footer_text, items_of
from shodaku.delivery import selectors, services
from shodaku.delivery.dkim import Algorithm
from shodaku.kit import keys, runtime

DOMAIN = "aoi.example"
ITEMS = items_of(SENDER, "月刊ショップだより", "ja")
FOOTER = footer_html(ITEMS, "ja")
BOTH = (Algorithm.RSA, Algorithm.ED25519)


def published(shop, *algorithms):
    """New keys of the domain, in DNS and seen there; the zone as a verifier asks it."""
    made = services.make_dkim_keys(shop.workspace_id, DOMAIN, algorithms, by="test", now=now())
    zone = {each.name: each.record for each in made}
    policies = {f"_dmarc.{DOMAIN}": "v=DMARC1; p=none", DOMAIN: "v=spf1 ip4:192.0.2.1 -all"}
    services.check_domain(
        shop.workspace_id,
        DOMAIN,
        texts(zone | policies),
        by="test",
        now=now(),
    )
    return {f"{name}.": text for name, text in zone.items()}


def arrived(database, shop, tmp_path, offers=("8BITMIME",), **mailing):
    """The mail as the sink stored it, without the stuffing of SMTP; None: nothing came."""
    mailing_id = launched(shop, [a_reader(shop)], **mailing)
    with RunningSink(offers=offers) as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path)
    if not sink.arrived:
        return None
    content = sink.arrived[0].content.removesuffix(b".\r\n")
    return (b"\r\n" + content).replace(b"\r\n..", b"\r\n.")[2:]


@pytest.mark.parametrize("algorithms", [(Algorithm.RSA,), (Algorithm.ED25519,), BOTH])
def test_what_arrives_verifies_against_the_published_record(database, tmp_path, algorithms):
    shop = a_shop()
    zone = published(shop, *algorithms)
    mail = arrived(database, shop, tmp_path, html=f"<p>{{{{ name }}}}</p>{FOOTER}")
    assert mail is not None
    assert verifies(mail, zone) == [True] * len(algorithms)
    assert verifies(mail, {}) == [False] * len(algorithms)
    covered = re.sub(rb"\s", b"", re.search(rb"h=([^;]*);", mail)[1]).split(b":")
    assert {b"list-unsubscribe", b"list-unsubscribe-post", b"list-id"} <= set(covered)


def test_without_a_key_that_signs_the_relay_signs(database, tmp_path):
    shop = a_shop()
    assert b"DKIM-Signature" not in arrived(database, shop, tmp_path)
    services.make_dkim_keys(shop.workspace_id, DOMAIN, BOTH, by="test", now=now())
    assert b"DKIM-Signature" not in arrived(database, shop, tmp_path), "made, and not published yet"


@pytest.mark.parametrize(
    ("offers", "signed", "encoding"),
    [
        (("8BITMIME",), False, "8bit"),
        ((), False, "base64"),
        (("8BITMIME",), True, "base64"),  # a server on the way may have to encode it anew
        ((), True, "base64"),
    ],
)
def test_mail_leaves_as_8bit_where_the_relay_takes_it_and_signs(database, tmp_path, offers, signed, encoding):
    shop = a_shop()
    zone = published(shop, Algorithm.ED25519) if signed else {}
    text = f".\n{{{{ name }}}}\n..冬の新商品です。\n\n{footer_text(ITEMS, 'ja')}"
    mail = arrived(database, shop, tmp_path, offers, text=text)
    letter = email.message_from_bytes(mail)
    assert letter["Content-Transfer-Encoding"] == encoding
    lines = letter.get_payload(decode=True).decode().split("\r\n")
    assert [lines[0], lines[2]] == [".", "..冬の新商品です。"]
    assert verifies(mail, zone) == [True] * signed


def test_after_a_rotation_only_the_new_key_signs(database, tmp_path):
    shop = a_shop()
    old = published(shop, Algorithm.ED25519)
    new = published(shop, Algorithm.ED25519)
    mail = arrived(database, shop, tmp_path)
    assert verifies(mail, old | new) == [True]
    assert verifies(mail, new) == [True]


def test_a_key_that_was_ended_signs_no_more(database, tmp_path):
    shop = a_shop()
    published(shop, Algorithm.ED25519)
    (key,) = selectors.dkim_keys(shop.workspace_id)
    services.end_dkim_key(shop.workspace_id, DOMAIN, key.selector, by="test", now=now())
    services.note_domain(shop.workspace_id, DOMAIN, dmarc_aligned=True, now=now())
    assert b"DKIM-Signature" not in arrived(database, shop, tmp_path)


def test_with_a_key_that_cannot_be_opened_nothing_leaves_and_it_is_said_why(database, tmp_path):
    shop = a_shop()
    keys.create_missing(tmp_path / "keys")
    elsewhere = replace(runtime.current(), keys=tmp_path / "keys", _rings={})
    with runtime.replaced(elsewhere):
        zone = published(shop, Algorithm.ED25519)
    mailing_id = launched(shop, [a_reader(shop)])
    with RunningSink() as sink:
        send_now(database, shop, mailing_id, sink.port, home=tmp_path / "home")
        assert sink.arrived == []
        assert outcomes(database, shop, mailing_id) == {}
        ((state, soon),) = rows(
            database,
            shop,
            """select c.state, (select max(extract(epoch from scheduled_at - now()))::int
                                from procrastinate_jobs where (args ->> 'mailing_id')::int = %(m)s)
               from chunk c where mailing_id = %(m)s""",
            m=mailing_id,
        )
        assert state == "planned"
        assert 0 < soon <= 15
        (key,) = selectors.dkim_keys(shop.workspace_id)
        assert key.fault.startswith("A DKIM key cannot be opened; the mail of its domain is held back")
        assert "put that back from your copy" in key.fault
        with runtime.replaced(elsewhere):  # the right file is there again
            send_now(database, shop, mailing_id, sink.port, home=tmp_path / "home")
    assert verifies(sink.arrived[0].content.removesuffix(b".\r\n"), zone) == [True]
    assert selectors.dkim_keys(shop.workspace_id)[0].fault == ""


def test_a_missing_key_file_holds_back_the_mail_of_domains_that_sign_and_of_no_other(database, tmp_path):
    signing, relayed = a_shop(), a_shop()
    keys.create_missing(tmp_path / "keys")
    for name in ("pepper.1", "kek.1", "link.1"):
        file = tmp_path / "keys" / name
        file.unlink()
        keys.write_secret(file, (runtime.current().keys / name).read_bytes())
    with runtime.replaced(replace(runtime.current(), keys=tmp_path / "keys", _rings={})):
        published(signing, Algorithm.ED25519)
    (tmp_path / "keys/dkim.1").unlink()
    with runtime.replaced(replace(runtime.current(), keys=tmp_path / "keys", _rings={})):
        assert arrived(database, signing, tmp_path / "one") is None
        assert arrived(database, relayed, tmp_path / "two") is not None
    (key,) = selectors.dkim_keys(signing.workspace_id)
    assert f"{tmp_path}/keys/dkim.1" in key.fault
