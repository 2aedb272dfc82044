"""Every way of saying no enters here: page, one click, reply, text, telephone, paper, command line."""

from __future__ import annotations

from shodaku.optout.domain import OptOut, OptOutScope, Receipt
from shodaku.optout.receiving import (
    hear_sms,
    receive_for_client,
    receive_mail,
    receive_sms,
    record_call,
    stop_for,
)
from shodaku.optout.stopping import opt_out, read_token, settle_later, settle_waiting, suppress_address
from shodaku.optout.uniting import SameContact, unite
from shodaku.optout.whose import addressed_workspace, owner, parsed

__all__ = [
    "OptOut",
    "OptOutScope",
    "Receipt",
    "SameContact",
    "addressed_workspace",
    "hear_sms",
    "opt_out",
    "owner",
    "parsed",
    "read_token",
    "receive_for_client",
    "receive_mail",
    "receive_sms",
    "record_call",
    "settle_later",
    "settle_waiting",
    "stop_for",
    "suppress_address",
    "unite",
]
