"""A sender is changed at the desk, as its page shows it."""

from __future__ import annotations

from tests.console.desk import url

from shodaku.accounts import selectors

TYPED = (
    "formal_name",
    "display_name",
    "from_address",
    "mail_domain",
    "postal_address",
    "contact_phone",
    "contact_email",
    "contact_url",
    "responsible_person",
    "sales_terms_url",
    "privacy_policy",
)


def typed(sender, **changed):
    """Of a sender what somebody types who adds it."""
    return {name: getattr(sender, name) for name in TYPED} | changed


def save(desk, shop, sender_id=None, **changed):
    """The page is opened, changed and sent; the answer."""
    place = url(shop, "sender", sender_id or shop.sender_id)
    kept = selectors.sender(shop.workspace_id, sender_id or shop.sender_id)
    seen = desk.get(place).context["form"].initial["seen"]
    return desk.post(place, typed(kept, seen=seen, **changed))
