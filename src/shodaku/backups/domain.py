"""What a backup says of itself: a manifest before its rows, sums and a seal behind them. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

FORMAT: Final = "shodaku-backup/1"
MANIFEST: Final = "manifest.json"  # the first member
SUMS: Final = "sums.json"  # the last one
MEMBER_BYTES_MAX: Final = 8 * 1024 * 1024  # of rows; a single row that is larger stands alone
JSON_BYTES_MAX: Final = 64 * 1024 * 1024
VAULT_KEPT: Final = timedelta(days=7)  # a key that was destroyed must be gone from every copy by then
_SEAL: Final = b"shodaku/backup/seal/1\0"


class BackupKind(StrEnum):
    DATABASE = "database"
    VAULT = "vault"


class Broken(ValueError):
    """No manifest of a backup stands here."""


@dataclass(frozen=True, slots=True)
class Member:
    """Rows of one table as COPY writes them, one a line, of one workspace (0: of the installation)."""

    name: str
    content: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class MemberName:
    table: str
    workspace_id: int
    part: int

    def __str__(self) -> str:
        return f"tables/{self.table}/{self.workspace_id}/{self.part:06}.copy"

    @classmethod
    def parse(cls, name: str) -> MemberName:
        """Raises Broken."""
        match name.split("/"):
            case ["tables", table, workspace_id, file] if file.endswith(".copy"):
                try:
                    return cls(table, int(workspace_id), int(file.removesuffix(".copy")))
                except ValueError as error:
                    raise Broken from error
        raise Broken


@dataclass(frozen=True, slots=True)
class Position:
    """Of one host's journal: this database had every line up to `seq`."""

    host: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Of one snapshot. `tables` names the columns in the order in which rows stand."""

    kind: BackupKind
    made_at: datetime
    version: str  # of the program that made it
    database_id: str
    migrations: tuple[str, ...] = ()  # "room.0001_name"
    workspaces: Mapping[int, str] = field(default_factory=dict)  # number -> slug
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sequences: Mapping[str, int] = field(default_factory=dict)  # the last number that each gave
    weeks: tuple[str, ...] = ()  # Mondays of which there are deliveries
    journal: tuple[Position, ...] = ()
    heads: Mapping[int, int] = field(default_factory=dict)  # entries under the signed head of a workspace
    keys: int = 0  # of persons, in the vault
    destroy_after: datetime | None = None  # of a vault

    def expired(self, now: datetime) -> bool:
        return self.destroy_after is not None and now > self.destroy_after


@dataclass(frozen=True, slots=True)
class Sum:
    bytes: int
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sums:
    """Of every member with rows. `sealed_by` tells which of our keys made `seal`."""

    members: Mapping[str, Sum]
    sealed_by: int
    seal: str

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.members.values())


def sum_of(member: Member) -> Sum:
    return Sum(len(member.content), member.rows, hashlib.sha256(member.content).hexdigest())


def seal(key: bytes, manifest: bytes, members: Mapping[str, Sum]) -> str:
    """Only who has the backup key can have made it: to encrypt for us, our public key is enough."""
    said = hashlib.sha256(manifest).digest() + _canonical(
        {name: asdict(each) for name, each in members.items()}
    )
    return hmac.digest(key, _SEAL + said, "sha256").hex()


def sealed(key: bytes, manifest: bytes, sums: Sums) -> bool:
    return hmac.compare_digest(seal(key, manifest, sums.members), sums.seal)


def encode(manifest: Manifest) -> bytes:
    said = asdict(manifest)
    said |= {
        "format": FORMAT,
        "made_at": _moment(manifest.made_at),
        "destroy_after": _moment(manifest.destroy_after) if manifest.destroy_after else None,
        "journal": {each.host: each.seq for each in manifest.journal},
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode()


def decode(content: bytes) -> Manifest:
    """Raises Broken."""
    said = _read(content)
    try:
        if said.pop("format") != FORMAT:
            raise Broken
        ends = said.pop("destroy_after")
        return Manifest(
            kind=BackupKind(said["kind"]),
            made_at=_aware(said["made_at"]),
            version=str(said["version"]),
            database_id=str(said["database_id"]),
            migrations=tuple(map(str, said["migrations"])),
            workspaces={int(number): str(slug) for number, slug in said["workspaces"].items()},
            tables={str(name): tuple(map(str, columns)) for name, columns in said["tables"].items()},
            sequences={str(name): int(last) for name, last in said["sequences"].items()},
            weeks=tuple(map(str, said["weeks"])),
            journal=tuple(Position(str(host), int(seq)) for host, seq in said["journal"].items()),
            heads={int(number): int(size) for number, size in said["heads"].items()},
            keys=int(said["keys"]),
            destroy_after=_aware(ends) if ends is not None else None,
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Broken from error


def encode_sums(sums: Sums) -> bytes:
    members = {name: [each.bytes, each.rows, each.sha256] for name, each in sums.members.items()}
    return _canonical({"members": members, "sealed_by": sums.sealed_by, "seal": sums.seal})


def decode_sums(content: bytes) -> Sums:
    """Raises Broken."""
    said = _read(content)
    try:
        members = {
            str(name): Sum(int(each[0]), int(each[1]), str(each[2])) for name, each in said["members"].items()
        }
        return Sums(members, int(said["sealed_by"]), str(said["seal"]))
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise Broken from error


def _read(content: bytes) -> dict[str, Any]:  # Any: whatever JSON holds
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Broken from error
    if not isinstance(said, dict):
        raise Broken
    return said


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise Broken
    return at
