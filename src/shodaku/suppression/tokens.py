"""Tokens of addresses: keyed by the pepper, which never enters the database."""

from __future__ import annotations

from collections.abc import Sequence

from shodaku.contacts.domain import Channel
from shodaku.suppression import peppering
from shodaku.suppression.domain import Tokens, tokens_of


def pepper() -> bytes:
    """For marks that live some days. Raises KeyMissing."""
    return peppering.newest()


def tokens(workspace_id: int, channel: Channel, address: str) -> Tokens:
    """Keyed tokens of an address. In an open transaction they are good until its end. Raises WrongPepper,
    KeyMissing.
    """
    return tokens_many(workspace_id, channel, [address])[0]


def tokens_many(workspace_id: int, channel: Channel, addresses: Sequence[str]) -> list[Tokens]:
    """As `tokens`, for a list, in its order."""
    chain = peppering.chain(workspace_id)
    return list(tokens_of(chain.layers, chain.epoch, str(workspace_id), channel, addresses))
