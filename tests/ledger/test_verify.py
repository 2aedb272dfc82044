"""The verifier believes nothing but its keys: whatever is changed in a proof, it says so in one sentence."""

import json
from copy import deepcopy
from hashlib import sha256
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.proofs import (
    FILE,
    HOUR,
    LOG_KEY,
    NOW,
    ORIGIN,
    PERSON,
    SEEN_AT,
    WITNESS_KEY,
    Log,
    Witness,
    a_log,
    b64,
    checked,
    example,
    refusal,
    told,
)
from tests.ledger.trees import Tree

from shodaku.ledger import verify
from shodaku.ledger.domain import Kind, make_entry
from shodaku.ledger.verify import (
    BUNDLE_BYTES_MAX,
    FUTURE_SECONDS_MAX,
    Refusal,
    Refused,
    check,
    named_log,
    not_proven,
    proven,
    read_bundle,
    read_key,
)

TEXT = "週1回まで、新商品のご案内をメールで受け取ります。".encode()
W1, W2 = Witness("witness.example.org/w1"), Witness("witness.example.net/w2")


def test_the_example_shows_a_history_without_gap_its_witness_and_its_wording():
    report = told(FILE)
    assert [(e.index, e.kind, e.values["n"]) for e in report.entries] == [
        (0, "consent.given", 1),
        (2, "consent.withdrawn", 2),
    ]
    assert (report.origin, report.size, report.gapless) == (ORIGIN, 3, True)
    assert report.witnesses == {"witness.example.org/w1": NOW}
    assert len(report.attachments) == 1
    assert report.entries[0].withheld == ("frequency", "ip")


def test_what_is_proven_and_what_is_not_depends_on_what_was_brought():
    log = a_log()
    plain = checked(log, log.bundle(1, 3))
    rich = checked(log, log.bundle(1, 3, earlier=2), earlier=log.note(2))
    assert len(proven(rich)) == len(proven(plain)) + 1
    assert len(not_proven(rich)) == len(not_proven(plain)) - 1
    assert "did not rewrite" in not_proven(plain)[-1].en


def test_one_entry_of_two_is_called_an_extract():
    log = a_log()
    report = checked(log, log.bundle(3))
    assert not report.gapless
    assert any("extract" in words.en for words in not_proven(report))


def test_numbers_may_stand_out_of_order_when_an_act_had_to_wait():
    log = Log()
    places = [log.record(n=n) for n in (1, 3, 2)]
    assert checked(log, log.bundle(*places)).gapless


@pytest.mark.parametrize("hide", [("n",), ("n", "address")])
def test_a_history_whose_numbers_are_withheld_is_called_an_extract(hide):
    log = a_log()
    assert not checked(log, log.bundle(1, 3, hide=hide)).gapless


def test_the_log_that_a_proof_names_is_found_without_trusting_it():
    assert named_log(example()) == ORIGIN


def test_values_of_every_allowed_kind_are_shown_in_one_safe_line():
    values = ["a", 7, True, None, [], ["x", "y, z"], {"sent": 3}]
    assert [verify.value_in_words(value, "en") for value in values] == [
        "a",
        "7",
        "yes",
        "none",
        "[]",
        '"x", "y, z"',
        '{"sent": 3}',
    ]


def test_every_kind_that_is_recorded_has_words_and_an_unknown_one_is_shown_as_it_is():
    assert {str(kind) for kind in Kind} <= set(verify.KINDS)
    assert verify.kind_in_words("moon.landing", "ja") == "moon.landing"


def test_while_a_key_is_replaced_either_key_opens_the_proof():
    log = a_log(seeds=(b"old" + bytes(29), b"new" + bytes(29)))
    bundle = log.bundle(1, 3)
    for keys in ([log.keys[0]], [log.keys[1]], log.keys, [*log.keys, *log.keys]):
        assert checked(log, bundle, keys=keys).origin == ORIGIN


def test_the_key_of_another_log_signs_nothing_for_this_one():
    log, other = a_log(), a_log(origin="other.example/ledger/shop")
    bundle = log.bundle(1, 3)
    text = bundle["checkpoint"].partition("\n\n")[0] + "\n"
    signature = other.signers[0].key.key_id + other.signers[0].private.sign(text.encode())
    bundle["checkpoint"] = f"{text}\n\u2014 other.example/ledger/shop {b64(signature)}\n"
    assert refusal(checked, log, bundle, keys=[*log.keys, *other.keys]) is Refusal.NOT_SIGNED


def test_a_signature_of_somebody_unknown_is_ignored_and_counts_for_nothing():
    log = a_log()
    bundle = log.bundle(1, 3)
    bundle["checkpoint"] = W1.signs(bundle["checkpoint"])
    assert checked(log, bundle).witnesses == {}
    assert refusal(checked, log, bundle, witnesses=[str(W2.key)], needed=1) is Refusal.TOO_FEW_WITNESSES


def test_a_witness_that_signed_twice_counts_once_with_its_earlier_time():
    log = a_log()
    bundle = log.bundle(1, 3)
    bundle["checkpoint"] = W1.signs(W1.signs(bundle["checkpoint"], SEEN_AT), SEEN_AT - 60)
    report = checked(log, bundle, witnesses=[str(W1.key)], needed=1)
    assert report.witnesses == {W1.key.name: SEEN_AT - 60}
    witnesses = [str(W1.key), str(W2.key)]
    assert refusal(checked, log, bundle, witnesses=witnesses, needed=2) is Refusal.TOO_FEW_WITNESSES


@pytest.mark.parametrize(
    ("ahead", "expected"), [(FUTURE_SECONDS_MAX, None), (FUTURE_SECONDS_MAX + 1, Refusal.FUTURE_COSIGNATURE)]
)
def test_a_witness_may_be_a_day_ahead_of_the_reader_and_no_second_more(ahead, expected):
    log = a_log()
    bundle = log.bundle(1, 3)
    bundle["checkpoint"] = W1.signs(bundle["checkpoint"], SEEN_AT + ahead)
    assert refusal(checked, log, bundle, witnesses=[str(W1.key)]) is expected


def test_a_time_that_no_calendar_has_is_refused_like_any_future():
    log = a_log()
    bundle = log.bundle(1, 3)
    bundle["checkpoint"] = W1.signs(bundle["checkpoint"], 2**64 - 1)
    assert refusal(checked, log, bundle, witnesses=[str(W1.key)]) is Refusal.FUTURE_COSIGNATURE


def test_a_proof_holds_as_many_entries_as_the_limit_and_not_one_more(monkeypatch):
    log = a_log(4)
    monkeypatch.setattr(verify, "ENTRIES_MAX", 3)
    assert len(checked(log, log.bundle(1, 3, 5)).entries) == 3
    assert refusal(checked, log, log.bundle(1, 3, 5, 7)) is Refusal.TOO_MANY_ENTRIES


def test_a_stranger_among_the_entries_is_not_hidden():
    """The stranger's first entry bears the number that the person's first bears: no history of one."""
    log = a_log()
    assert refusal(checked, log, log.bundle(0, 1)) is Refusal.COUNTED_TWICE


def test_an_entry_of_the_server_itself_is_what_the_verifier_calls_canonical():
    fields = {"n": 1, "topics": ["あ", "\u2028", "😀"], "on": True, "until": None, "counts": {"sent": 3}}
    log = Log()
    log.add(make_entry(PERSON, b"e", "wording", "shop", HOUR, fields), PERSON, b"e", fields)
    assert checked(log, log.bundle(0)).entries[0].values == fields


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\n\n\n"])
def test_the_kept_checkpoint_may_be_the_earlier_or_the_very_one_of_the_proof(ends):
    log = a_log()
    bundle = log.bundle(1, 3, earlier=2)
    for size in (2, 4):
        kept = log.note(size).replace("\n", "\r\n" if ends == "\r\n" else "\n") + ends
        report = checked(log, bundle, earlier=kept)
        assert report.earlier == verify.Earlier(size, kept=True)
    assert checked(log, bundle).earlier == verify.Earlier(2, kept=False)


def test_a_kept_checkpoint_newer_than_the_proof_says_rolled_back():
    log = a_log()
    assert refusal(checked, log, log.bundle(1, size=2), earlier=log.note(4)) is Refusal.ROLLED_BACK


@pytest.mark.parametrize("size", [2, 4])
def test_a_kept_checkpoint_with_another_root_says_forked(size):
    log, other = a_log(), Log()
    for n in range(4):
        other.record(n=n, address="jiro@example.jp")
    assert refusal(checked, log, log.bundle(1, 3, earlier=2), earlier=other.note(size)) is Refusal.FORKED


def test_a_proof_that_does_not_connect_to_the_kept_checkpoint_is_refused():
    log = a_log()
    for bundle in (log.bundle(1, 3), log.bundle(1, 3, earlier=1), log.bundle(1, 3, earlier=3)):
        assert refusal(checked, log, bundle, earlier=log.note(2)) is Refusal.NOT_CONNECTED


def test_lines_that_somebody_typed_are_no_checkpoint_that_was_kept():
    log, stranger = a_log(), a_log(seeds=(b"x" * 32,))
    bundle = log.bundle(1, 3)
    assert refusal(checked, log, bundle, earlier=stranger.note(4)) is Refusal.NOT_SIGNED
    assert refusal(checked, log, bundle, earlier=log.note(4).partition("\n\n")[0]) is Refusal.NOTE_MALFORMED
    other = a_log(origin="other.example/ledger/shop")
    keys = [*log.keys, *other.keys]
    assert refusal(checked, log, bundle, keys=keys, earlier=other.note(4)) is Refusal.OTHER_LOG


@pytest.mark.parametrize("new", [1, 2, 3, 5, 8, 9, 13, 16])
def test_growth_is_accepted_between_any_two_sizes_and_no_damaged_proof_of_it(new):
    log = Log()
    for n in range(new):
        log.record(n=n + 1)
    for old in range(new + 1):
        bundle = log.bundle(0, earlier=old)
        assert checked(log, bundle).earlier.size == old
        proof = bundle["earlier"]["proof"]
        for damaged in ([*proof, b64(bytes(32))], proof[:-1], [b64(bytes(32)), *proof[1:]]):
            if damaged != proof:
                bundle["earlier"]["proof"] = damaged
                assert refusal(checked, log, bundle) is Refusal.NOT_CONSISTENT


def test_a_rewritten_log_does_not_connect_to_its_own_past():
    log, before = a_log(4), a_log(3)
    for size in (1, 2, 3, 5, 6):
        before.tree = Tree([sha256(bytes([n])).digest() for n in range(8)])
        bundle = log.bundle(1, 3, earlier=size)
        bundle["earlier"]["checkpoint"] = before.note(size)
        assert refusal(checked, log, bundle) is Refusal.NOT_CONSISTENT


def changed(path, value, bundle=None):
    """The example with one part replaced; None takes it away."""
    made = example() if bundle is None else deepcopy(bundle)
    part = made
    for step in path[:-1]:
        part = part[step]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return made


def a_lying_log(entry):
    """What the checker says of a leaf that no honest server wrote; it stands in the tree and is signed."""
    log = Log()
    log.add(entry)
    row = {
        "index": 0, "entry": entry.decode(), "proof": [], "disclosed": {}, "withheld": {}
    }  # fmt: skip
    bundle = {"format": "shodaku-bundle/1", "checkpoint": log.note(), "entries": [row]}
    return lambda: checked(log, bundle)


def an_entry(**changes):
    said = {"c": b64(bytes(32)), "hour": HOUR, "kind": "wording", "v": 1, "ws": "shop", **changes}
    return json.dumps(said, separators=(",", ":"), sort_keys=True).encode()


def recorded(*numbers, **more):
    log = Log()
    places = [log.record(n=n, **more) for n in numbers]
    return lambda: checked(log, log.bundle(*places))


def two_workspaces():
    log = Log()
    places = [log.record(n=1), log.record(n=2, workspace="other")]
    return lambda: checked(log, log.bundle(*places))


def with_files(**files):
    log = Log()
    log.record(n=1, wording_sha256=sha256(TEXT).hexdigest(), said=sha256(b"said").hexdigest())
    bundle = log.bundle(0) | {"attachments": {name.removeprefix("x"): data for name, data in files.items()}}
    return lambda: checked(log, bundle)


def deep_value():
    nested = "[" * 34 + "]" * 34
    row = ("entries", 0, "disclosed", "topics", "value")
    return lambda: told(changed(row, json.loads(nested)))


TRUE, FALSE = True, False  # for Python they are the numbers 1 and 0, for JSON they are none
ADDRESS = ("entries", 0, "disclosed", "address")
ROW = ("entries", 0)
NOTE = example()["checkpoint"]
LINES = NOTE.split("\n")
HASH = sha256(TEXT).hexdigest()
OTHER_KEY = a_log(seeds=(b"x" * 32,)).keys[0]
ESCAPING = a_log(origin="mail.example.jp\x1b[2J/ledger/shop")
CASES = [
    (Refusal.TOO_LARGE, lambda: read_bundle(b" " * (BUNDLE_BYTES_MAX + 1))),
    (Refusal.EMPTY, lambda: read_bundle(b"")),
    (Refusal.EMPTY, lambda: read_bundle(b" \n ")),
    (Refusal.NOT_TEXT, lambda: read_bundle(b"\xff\xfe{}")),
    (Refusal.NOT_TEXT, lambda: read_bundle('{"名前": "日本"}'.encode("cp932"))),
    (Refusal.TRUNCATED, lambda: read_bundle(FILE[:1000])),
    (Refusal.TRUNCATED, lambda: read_bundle("{“".encode()[:-1])),
    (Refusal.NOT_JSON, lambda: read_bundle(b"%PDF-1.7")),
    (Refusal.NOT_JSON, lambda: read_bundle(FILE + b"{}")),
    (Refusal.NOT_JSON, lambda: read_bundle(b"\xef\xbb\xbf" + FILE)),
    (Refusal.DOUBLE_NAME, lambda: read_bundle(b'{"format": 1, "format": 1}')),
    (Refusal.NUMBER_REFUSED, lambda: read_bundle(b'{"a": 1.0}')),
    (Refusal.NUMBER_REFUSED, lambda: read_bundle(b'{"a": 1e3}')),
    (Refusal.NUMBER_REFUSED, lambda: read_bundle(b'{"a": NaN}')),
    (Refusal.NUMBER_REFUSED, lambda: read_bundle(b'{"a": -Infinity}')),
    (Refusal.NUMBER_REFUSED, lambda: read_bundle(b'{"a": 9007199254740992}')),
    (Refusal.NUMBER_REFUSED, lambda: read_bundle(b'{"a": ' + b"9" * 5_000_000 + b"}")),
    (Refusal.TOO_DEEP, lambda: read_bundle(b"[" * 200_000)),
    (Refusal.TOO_DEEP, lambda: read_bundle(b'{"a":' * 200_000)),
    (Refusal.TOO_MANY_PARTS, lambda: read_bundle(b"[" + b"[]," * 1_000_001 + b"[]]")),
    (Refusal.NOT_A_BUNDLE, lambda: told([])),
    (Refusal.NOT_A_BUNDLE, lambda: told({"format": "c2sp.org/tlog-proof@v1"})),
    (Refusal.NOT_A_BUNDLE, lambda: told(changed(("format",), None))),
    (Refusal.OTHER_VERSION, lambda: told(changed(("format",), "shodaku-bundle/2"))),
    (Refusal.UNKNOWN_PART, lambda: told(changed(("keys",), [LOG_KEY]))),
    (Refusal.UNKNOWN_PART, lambda: told(changed((*ROW, "kind"), "consent.given"))),
    (Refusal.UNKNOWN_PART, lambda: told(changed((*ADDRESS, "digest"), "x"))),
    (Refusal.MISSING_PART, lambda: told(changed(("checkpoint",), None))),
    (Refusal.MISSING_PART, lambda: told(changed((*ROW, "proof"), None))),
    (Refusal.MISSING_PART, lambda: told(changed((*ADDRESS, "salt"), None))),
    (Refusal.PART_MALFORMED, lambda: told(changed(("entries",), {}))),
    (Refusal.PART_MALFORMED, lambda: told(changed(ROW, "x"))),
    (Refusal.PART_MALFORMED, lambda: told(changed((*ROW, "entry"), 1))),
    (Refusal.PART_MALFORMED, lambda: told(changed((*ROW, "entry"), "\ud800"))),
    (Refusal.PART_MALFORMED, lambda: told(changed(("attachments",), []))),
    (Refusal.PART_MALFORMED, lambda: told(changed(("earlier",), 3))),
    (
        Refusal.NOT_BASE64,
        lambda: told(changed((*ADDRESS, "salt"), "TbywUM721vYEL+LAZBqqQy6nAsRR9OJk/WW9FFopmP")),
    ),
    (
        Refusal.NOT_BASE64,
        lambda: told(changed((*ADDRESS, "salt"), "TbywUM721vYEL+LAZBqqQy6nAsRR9OJk/WW9FFopmPx=")),
    ),
    (Refusal.NOT_BASE64, lambda: told(changed((*ROW, "proof", 0), "日本"))),
    (Refusal.NO_KEY, lambda: check(example(), [], now=NOW)),
    (Refusal.KEY_MALFORMED, lambda: check(example(), ["mail.example.jp/ledger/shop"], now=NOW)),
    (Refusal.KEY_MALFORMED, lambda: read_key(LOG_KEY.replace("+5f", "+6f"))),
    (Refusal.KEY_MALFORMED, lambda: read_key(LOG_KEY.replace("+Aa", "+Ba"))),
    (Refusal.KEY_MALFORMED, lambda: read_key(LOG_KEY[:-1])),
    (Refusal.KEY_MALFORMED, lambda: read_key("\udcff" + LOG_KEY)),
    (Refusal.KEY_OF_WITNESS, lambda: check(example(), [WITNESS_KEY], now=NOW)),
    (Refusal.KEY_OF_LOG, lambda: check(example(), [LOG_KEY], [LOG_KEY], now=NOW)),
    (Refusal.NOTE_MALFORMED, lambda: told(changed(("checkpoint",), 3))),
    (Refusal.NOTE_MALFORMED, lambda: told(changed(("checkpoint",), NOTE[:-1]))),
    (Refusal.NOTE_MALFORMED, lambda: told(changed(("checkpoint",), NOTE.replace("\n3\n", "\n03\n")))),
    (Refusal.NOTE_MALFORMED, lambda: told(changed(("checkpoint",), NOTE.replace("\n\n", "\nmore\n\n")))),
    (Refusal.NOTE_MALFORMED, lambda: told(changed(("checkpoint",), NOTE.replace("\n\n", "\n")))),
    (Refusal.NOTE_MALFORMED, lambda: told(changed(("checkpoint",), NOTE.replace("\u2014", "-")))),
    (Refusal.NOTE_MALFORMED, lambda: told(changed(("checkpoint",), NOTE.replace("\n", "\r\n")))),
    (Refusal.NOTE_MALFORMED, lambda: told(changed(("checkpoint",), NOTE + "\n"))),
    (Refusal.NOTE_MALFORMED, lambda: checked(ESCAPING, ESCAPING.bundle(1))),
    (Refusal.TOO_MANY_SIGNATURES, lambda: told(changed(("checkpoint",), NOTE + f"{LINES[5]}\n" * 63))),
    (Refusal.OTHER_LOG, lambda: told(changed(("checkpoint",), a_log(origin="x.example/ledger/shop").note()))),
    (Refusal.NOT_SIGNED, lambda: check(example(), [OTHER_KEY], now=NOW)),
    (Refusal.NOT_SIGNED, lambda: told(changed(("checkpoint",), NOTE.replace(f"{LINES[4]}\n", "")))),
    (Refusal.BAD_SIGNATURE, lambda: told(changed(("checkpoint",), NOTE.replace("\n3\n", "\n4\n")))),
    (Refusal.BAD_SIGNATURE, lambda: told(changed(("checkpoint",), NOTE.replace("AAAABrOuEA", "AAAABrOuEB")))),
    (Refusal.FUTURE_COSIGNATURE, lambda: check(example(), [LOG_KEY], [WITNESS_KEY], now=NOW - 90_000)),
    (Refusal.TOO_FEW_WITNESSES, lambda: check(example(), [LOG_KEY], needed=1, now=NOW)),
    (Refusal.NO_ENTRIES, lambda: told(changed(("entries",), []))),
    (Refusal.TOO_MANY_ENTRIES, lambda: told(changed(("entries",), [{}] * 10_001))),
    (Refusal.NOT_IN_ORDER, lambda: told(changed(("entries",), example()["entries"][::-1]))),
    (Refusal.NOT_IN_ORDER, lambda: told(changed(("entries",), example()["entries"][:1] * 2))),
    (Refusal.SEVERAL_WORKSPACES, two_workspaces()),
    (Refusal.INDEX_OUTSIDE, lambda: told(changed((*ROW, "index"), 3))),
    (Refusal.INDEX_OUTSIDE, lambda: told(changed((*ROW, "index"), -1))),
    (Refusal.INDEX_OUTSIDE, lambda: told(changed((*ROW, "index"), FALSE))),
    (Refusal.PROOF_MALFORMED, lambda: told(changed((*ROW, "proof"), "x"))),
    (Refusal.PROOF_MALFORMED, lambda: told(changed((*ROW, "proof"), [b64(bytes(31))]))),
    (Refusal.PROOF_MALFORMED, lambda: told(changed((*ROW, "proof"), [b64(bytes(32))] * 65))),
    (Refusal.NOT_IN_TREE, lambda: told(changed((*ROW, "proof", 1), b64(bytes(32))))),
    (Refusal.NOT_IN_TREE, lambda: told(changed((*ROW, "proof"), []))),
    (Refusal.NOT_IN_TREE, lambda: told(changed((*ROW, "index"), 1))),
    (Refusal.NOT_IN_TREE, lambda: told(changed((*ROW, "entry"), an_entry().decode()))),
    (Refusal.ENTRY_MALFORMED, lambda: told(changed((*ROW, "entry"), "x" * 5_000))),
    (Refusal.ENTRY_MALFORMED, a_lying_log(b"not json")),
    (Refusal.ENTRY_MALFORMED, a_lying_log(b"[" * 4_000)),
    (Refusal.ENTRY_MALFORMED, a_lying_log(b"[1]")),
    (Refusal.ENTRY_MALFORMED, a_lying_log(an_entry() + b" ")),
    (Refusal.ENTRY_MALFORMED, a_lying_log(an_entry(extra=1))),
    (Refusal.ENTRY_MALFORMED, a_lying_log(an_entry(kind=1))),
    (Refusal.ENTRY_MALFORMED, a_lying_log(an_entry(hour=-1))),
    (Refusal.ENTRY_MALFORMED, a_lying_log(an_entry(hour=10**9))),
    (Refusal.ENTRY_MALFORMED, a_lying_log(an_entry(hour=True))),
    (Refusal.DOUBLE_NAME, a_lying_log(an_entry()[:-1] + b',"v":1}')),
    (Refusal.ENTRY_VERSION, a_lying_log(an_entry(v=2))),
    (Refusal.ENTRY_VERSION, a_lying_log(an_entry(v=True))),
    (Refusal.FIELD_MISNAMED, lambda: told(changed((*ROW, "withheld", "IP"), b64(bytes(32))))),
    (Refusal.FIELD_MISNAMED, lambda: told(changed((*ROW, "disclosed", ""), example()["entries"][0]))),
    (Refusal.SALT_MALFORMED, lambda: told(changed((*ADDRESS, "salt"), b64(bytes(31))))),
    (Refusal.DIGEST_MALFORMED, lambda: told(changed((*ROW, "withheld", "ip"), b64(bytes(31))))),
    (Refusal.SHOWN_AND_WITHHELD, lambda: told(changed((*ROW, "withheld", "address"), b64(bytes(32))))),
    (Refusal.VALUE_REFUSED, lambda: told(changed((*ADDRESS, "value"), 1.5))),
    (Refusal.VALUE_REFUSED, lambda: told(changed((*ADDRESS, "value"), {"Not a name": 1}))),
    (Refusal.VALUE_REFUSED, lambda: told(changed((*ADDRESS, "value"), "\ud800"))),
    (Refusal.VALUE_REFUSED, lambda: told(changed((*ADDRESS, "value"), 2**53))),
    (Refusal.VALUE_REFUSED, deep_value()),
    (Refusal.NOT_COMMITTED, lambda: told(changed((*ADDRESS, "value"), "jiro@example.jp"))),
    (Refusal.NOT_COMMITTED, lambda: told(changed((*ROW, "withheld", "ip"), None))),
    (Refusal.NOT_COMMITTED, lambda: told(changed((*ROW, "withheld", "ip"), b64(bytes(32))))),
    (Refusal.NOT_COMMITTED, lambda: told(changed((*ROW, "disclosed", "n", "value"), TRUE))),
    (Refusal.COUNT_MALFORMED, recorded(0)),
    (Refusal.COUNT_MALFORMED, recorded(TRUE)),
    (Refusal.COUNT_MALFORMED, recorded("1")),
    (Refusal.COUNTED_TWICE, recorded(1, 2, 2)),
    (Refusal.ATTACHMENT_CHANGED, with_files(**{f"x{HASH}": b64(TEXT + b" ")})),
    (Refusal.ATTACHMENT_CHANGED, with_files(**{f"x{HASH.upper()}": b64(TEXT)})),
    (Refusal.ATTACHMENT_UNNAMED, with_files(**{f"x{sha256(b'').hexdigest()}": ""})),
    (Refusal.ATTACHMENT_UNNAMED, with_files(**{f"x{sha256(b'said').hexdigest()}": b64(b"said")})),
    (Refusal.PART_MALFORMED, with_files(**{f"x{HASH}": 1})),
]


@pytest.mark.parametrize(
    ("expected", "tried"), CASES, ids=[f"{n}-{case[0].code}" for n, case in enumerate(CASES)]
)
def test_each_fault_has_a_sentence_of_its_own(expected, tried):
    assert refusal(tried) is expected


def test_no_reason_is_without_a_case():
    elsewhere = {  # the tests of a kept checkpoint and of growth
        Refusal.ROLLED_BACK,
        Refusal.FORKED,
        Refusal.NOT_CONNECTED,
        Refusal.NOT_CONSISTENT,
        Refusal.EARLIER_LARGER,
    }
    assert {expected for expected, _tried in CASES} | elsewhere == set(Refusal)


def test_an_earlier_checkpoint_is_never_the_larger_one():
    log = a_log()
    bundle = log.bundle(1, size=3) | {"earlier": {"checkpoint": log.note(4), "proof": []}}
    assert refusal(checked, log, bundle) is Refusal.EARLIER_LARGER


def test_the_reasons_are_as_many_sentences_with_the_same_gaps_in_both_languages():
    def gaps(sentence):
        return {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name}

    words = [reason.value for reason in Refusal]
    assert all(gaps(each.ja) == gaps(each.en) for each in words)
    assert all(each.ja.endswith("。") and each.en.endswith((".", "}.")) for each in words)
    assert len({each.ja for each in words}) == len({each.en for each in words}) == len(Refusal)


def outcome(data):
    """The report, or None for a refusal; anything else is a fault of the verifier."""
    try:
        return told(data)
    except Refused:
        return None


SOUND = told(FILE)


def test_no_flipped_bit_of_the_file_goes_unnoticed():
    accepted = []
    for place in range(0, len(FILE), 7):
        for bit in (place % 8, (place + 3) % 8):
            data = bytearray(FILE)
            data[place] ^= 1 << bit
            report = outcome(bytes(data))
            if report is not None:
                accepted.append(place)
                assert report == SOUND, place
    assert len(accepted) < 5


def test_a_file_cut_off_anywhere_is_refused():
    for length in range(0, len(FILE) - 2, 13):
        reason = refusal(read_bundle, FILE[:length])
        assert reason is (Refusal.EMPTY if length == 0 else Refusal.TRUNCATED), length


def every_change(value, path=()):
    """Each scalar changed a little, each part taken away: where, and what it became."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield (*path, name), {k: v for k, v in value.items() if k != name}
            for where, made in every_change(item, (*path, name)):
                yield where, {**value, name: made}
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield (*path, i), [*value[:i], *value[i + 1 :]]
            for where, made in every_change(item, (*path, i)):
                yield where, [*value[:i], made, *value[i + 1 :]]
    elif isinstance(value, str):
        for i in range(0, len(value), max(1, len(value) // 6)):
            yield path, value[:i] + chr(ord(value[i]) ^ 1) + value[i + 1 :]
        yield path, value + " "
    else:
        yield path, value + 1


def test_every_single_change_to_a_proof_is_refused_or_claims_less():
    tried = 0
    for path, made in every_change(example()):
        report = outcome(made)
        tried += 1
        if path[0] == "attachments" or (path[0] == "entries" and len(path) == 2):
            continue  # leaving a file or an entry out claims less, as the next test shows
        assert report is None, path
    assert tried > 180


def test_what_is_left_out_is_no_longer_claimed():
    bundle = changed(("attachments",), None)
    assert told(bundle).attachments == ()
    assert not told(changed((*ROW,), None, bundle)).gapless


def test_a_salt_cannot_be_split_to_rename_a_field():
    bundle = example()
    shown = bundle["entries"][0]["disclosed"]
    salt = verify.b64decode(shown["address"]["salt"])
    for cut in (1, 2):
        renamed = deepcopy(bundle)
        fields = renamed["entries"][0]["disclosed"]
        address = fields.pop("address")
        name = salt[-cut:].decode("latin-1") + "address"
        fields[name] = {"salt": b64(salt[:-cut]), "value": address["value"]}
        assert refusal(told, renamed) in (Refusal.FIELD_MISNAMED, Refusal.SALT_MALFORMED)
    longer = deepcopy(bundle)
    fields = longer["entries"][0]["disclosed"]
    address = fields.pop("address")
    fields["ddress"] = {"salt": b64(salt + b"a"), "value": address["value"]}
    assert refusal(told, longer) is Refusal.SALT_MALFORMED


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([LOG_KEY, NOTE])
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def paths(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from paths(item, (*path, step))


PATHS = [path for path in paths(example()) if path]


@given(st.lists(st.tuples(st.sampled_from(PATHS), ANYTHING), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_its_place_nothing_false_is_reported_and_nothing_else_is_raised(changes):
    bundle = example()
    for path, value in changes:
        try:
            bundle = changed(path, value, bundle)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    report = outcome(bundle)
    if report is not None:
        assert {entry.index: entry for entry in report.entries}.items() <= {
            entry.index: entry for entry in SOUND.entries
        }.items()
        assert set(report.attachments) <= set(SOUND.attachments)


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(data):
    outcome(data)
