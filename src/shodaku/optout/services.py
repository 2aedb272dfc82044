"""Every way of saying no enters here: page, one click, reply, text, telephone, paper, command line."""

from __future__ import annotations

from shodaku.optout.bulk import (
    BULK_PEOPLE_MAX,
    EXPORT_PEOPLE_MAX,
    TICKED_PEOPLE_MAX,
    BulkAct,
    BulkState,
    TooManyTicked,
    choose_found,
    choose_listed,
    choose_ticked,
)
from shodaku.optout.bulk import begin as begin_bulk
from shodaku.optout.bulk import pause as pause_bulk
from shodaku.optout.bulk import resume as resume_bulk
from shodaku.optout.bulk import throw_away as throw_bulk_away
from shodaku.optout.copying import CopyAhead, CopyFailed, NoCopyPlace
from shodaku.optout.deciding import Decision, NobodyToStop, decide
from shodaku.optout.domain import OptOut, OptOutScope, Receipt
from shodaku.optout.exporting import export
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
    "BULK_PEOPLE_MAX",
    "EXPORT_PEOPLE_MAX",
    "TICKED_PEOPLE_MAX",
    "BulkAct",
    "BulkState",
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
    "TooManyTicked",
    "addressed_workspace",
    "alike",
    "begin_bulk",
    "catch_up",
    "choose_found",
    "choose_listed",
    "choose_ticked",
    "close_holes",
    "compare",
    "copy_folders",
    "decide",
    "example_after",
    "example_before",
    "export",
    "finish",
    "hear_sms",
    "journals",
    "opt_out",
    "opt_out_many",
    "owner",
    "parsed",
    "pause_bulk",
    "read_token",
    "receive",
    "receive_for_client",
    "receive_mail",
    "receive_sms",
    "record_call",
    "replay",
    "resume_bulk",
    "settle_later",
    "settle_received",
    "settle_waiting",
    "skip_ids",
    "stop_for",
    "stop_or_receive",
    "suppress_address",
    "switch_off",
    "tend",
    "throw_bulk_away",
    "unfinished",
    "unite",
]
