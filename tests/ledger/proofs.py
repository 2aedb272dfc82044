"""Logs in memory and the proofs they give out, written with the product's own code and real keys."""

from base64 import b64encode
from copy import deepcopy
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.trees import Tree

from shodaku.ledger.domain import disclose, make_entry
from shodaku.ledger.merkle import leaf_hash
from shodaku.ledger.notes import KeyType, cosign, read_note, sign_checkpoint, signer_of, verifier_key
from shodaku.ledger.verify import Refused, check, read_bundle

ORIGIN = "mail.example.jp/ledger/shop"
HOUR = 498_697
SEEN_AT = HOUR * 3600  # POSIX seconds, when witnesses sign
EXAMPLE = Path(__file__).parent / "example"
FILE = (EXAMPLE / "bundle.json").read_bytes()
LOG_KEY, WITNESS_KEY = (EXAMPLE / "keys.txt").read_text(encoding="utf-8").split()
NOW = 1_799_020_800  # when the witness of the example signed, in POSIX seconds
PERSON, STRANGER = bytes(range(32)), bytes(range(1, 33))


class Witness:
    def __init__(self, name):
        self.private = Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())
        public = self.private.public_key().public_bytes_raw()
        self.key = verifier_key(name, public, KeyType.COSIGNATURE)

    def signs(self, note, seconds=SEEN_AT):
        return note + cosign(self.private, self.key, read_note(note), seconds)


class Log:
    """Its signers may change in between; each entry is (text, person key, event id, fields)."""

    def __init__(self, origin=ORIGIN, seeds=(b"s" * 32,)):
        self.signers = [signer_of(seed, origin) for seed in seeds]
        self.tree, self.entries = Tree(), []

    @property
    def keys(self):
        return [str(signer.key) for signer in self.signers]

    def record(self, kind="consent.given", person=PERSON, workspace="shop", hour=HOUR, **fields):
        event_id = len(self.entries).to_bytes(16, "big")
        entry = make_entry(person, event_id, kind, workspace, hour, fields)
        self.add(entry, person, event_id, fields)
        return len(self.entries) - 1

    def add(self, entry, person=PERSON, event_id=b"", fields=None):
        """Also what `record` would never write: a ledger may be run by a liar."""
        self.entries.append((entry, person, event_id, fields or {}))
        self.tree.extend([leaf_hash(entry)])

    def note(self, size=None):
        size = len(self.tree) if size is None else size
        return sign_checkpoint(self.signers, size, self.tree.root(size))

    def row(self, index, size=None, hide=()):
        entry, person, event_id, fields = self.entries[index]
        told = disclose(person, event_id, fields, fields.keys() - set(hide))
        return {
            "index": index,
            "entry": entry.decode(),
            "proof": [b64(each) for each in self.tree.inclusion_proof(index, size)],
            "disclosed": {n: {"salt": f.salt, "value": f.value} for n, f in told.disclosed.items()},
            "withheld": told.withheld,
        }

    def bundle(self, *indexes, size=None, hide=(), earlier=None, files=()):
        made = {
            "format": "shodaku-bundle/1",
            "checkpoint": self.note(size),
            "entries": [self.row(index, size, hide) for index in indexes],
        }
        if earlier is not None:
            proof = self.tree.consistency_proof(earlier, size)
            made["earlier"] = {"checkpoint": self.note(earlier), "proof": [b64(each) for each in proof]}
        if files:
            made["attachments"] = {sha256(file).hexdigest(): b64(file) for file in files}
        return made


def b64(data):
    return b64encode(data).decode()


def example():
    return deepcopy(read_bundle(FILE))


def told(data, **more):
    """Of the example, or a change of it, to somebody who trusts both its keys."""
    bundle = read_bundle(data) if isinstance(data, bytes) else data
    return check(bundle, [LOG_KEY], [WITNESS_KEY], needed=1, now=NOW, **more)


def refusal(function, *arguments, **more):
    """Why it was refused, in sentences that can be printed; None if it was not."""
    try:
        function(*arguments, **more)
    except Refused as refused:
        if not all(refused.sentence(language).isprintable() for language in ("ja", "en")):
            raise
        return refused.reason
    return None


def a_log(entries=2, **more):
    """One person's entries, a stranger's before each."""
    log = Log(**more)
    for n in range(1, entries + 1):
        log.record(person=STRANGER, n=n)
        log.record("consent.given" if n == 1 else "consent.withdrawn", n=n, address="taro@example.jp")
    return log


def checked(log, bundle, **more):
    return check(bundle, more.pop("keys", log.keys), **{"now": SEEN_AT, **more})
