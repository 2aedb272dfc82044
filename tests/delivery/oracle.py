"""A published key and dkimpy: what somebody else's program says of our signatures."""

from __future__ import annotations

import dkim

from shodaku.delivery.dkim import Algorithm, SigningKey, make_key, record_text


def a_key(algorithm=Algorithm.ED25519, *, domain="aoi.example", selector="s1"):
    """A signing key, and the zone that publishes it."""
    secret, public = make_key(algorithm)
    zone = {f"{selector}._domainkey.{domain}.": record_text(algorithm, public)}
    return SigningKey(domain, selector, algorithm, secret), zone


def verifies(mail, zone):
    """Of each signature in the mail, the topmost first: does it verify by what is published?"""

    def answer(name, timeout=5):
        return zone.get(name.decode() if isinstance(name, bytes) else name, "").encode() or None

    verifier = dkim.DKIM(mail, minkey=2048)
    count = sum(name.lower() == b"dkim-signature" for name, _ in verifier.headers)
    return [_one(verifier, number, answer) for number in range(count)]


def _one(verifier, number, answer):
    try:
        return verifier.verify(number, dnsfunc=answer)
    except dkim.DKIMException:
        return False
