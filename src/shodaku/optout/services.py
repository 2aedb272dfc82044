"""Every way of saying no enters here: page, one click, reply, text, telephone, paper, command line."""

from __future__ import annotations

from shodaku.optout.copying import CopyAhead, CopyFailed, NoCopyPlace
from shodaku.optout.deciding import Decision, NobodyToStop, decide
from shodaku.optout.domain import OptOut, OptOutScope, Receipt
from shodaku.optout.hurry import AWAY, Received, stop_or_receive
from shodaku.optout.previewing import example_after, example_before
from shodaku.optout.reasons import OptOutReason
from shodaku.optout.received import receive, settle_received
from shodaku.optout.receiving import (
    hear_sms,
    receive_for_client,
    receive_mail,
    receive_sms,
    record_call,
    stop_for,
)
from shodaku.optout.replaying import Replayed, finish, replay, unfinished
from shodaku.optout.stopping import (
    opt_out,
    opt_out_many,
    read_token,
    settle_later,
    settle_waiting,
    suppress_address,
)
from shodaku.optout.switching import SwitchedOff, switch_off
from shodaku.optout.tending import catch_up, close_holes, compare, copy_folders, journals, skip_ids, tend
from shodaku.optout.uniting import SameContact, alike, unite
from shodaku.optout.whose import addressed_workspace, owner, parsed

__all__ = [
    "AWAY",
    "CopyAhead",
    "CopyFailed",
    "Decision",
    "NoCopyPlace",
    "NobodyToStop",
    "OptOut",
    "OptOutReason",
    "OptOutScope",
    "Receipt",
    "Received",
    "Replayed",
    "SameContact",
    "SwitchedOff",
    "addressed_workspace",
    "alike",
    "catch_up",
    "close_holes",
    "compare",
    "copy_folders",
    "decide",
    "example_after",
    "example_before",
    "finish",
    "hear_sms",
    "journals",
    "opt_out",
    "opt_out_many",
    "owner",
    "parsed",
    "read_token",
    "receive",
    "receive_for_client",
    "receive_mail",
    "receive_sms",
    "record_call",
    "replay",
    "settle_later",
    "settle_received",
    "settle_waiting",
    "skip_ids",
    "stop_for",
    "stop_or_receive",
    "suppress_address",
    "switch_off",
    "tend",
    "unfinished",
    "unite",
]
