"""The send path as machine code, where somebody compiled it (`make native`): the same files, through mypyc.

What was compiled lies beside the interpreter's own packages and counts only while it was made from the files
that are there, octet for octet. A process that uses it says so before it imports any of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from importlib.abc import MetaPathFinder
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

MODULES: Final = (
    "shodaku.contacts.person_name",
    "shodaku.content.compiled",
    "shodaku.content.form",
    "shodaku.content.head",
    "shodaku.content.header_text",
    "shodaku.content.merge_fields",
    "shodaku.content.pages",
    "shodaku.content.render",
    "shodaku.content.spliced_base64",
    "shodaku.delivery.engine",
    "shodaku.delivery.facts",
    "shodaku.delivery.journal",
    "shodaku.delivery.letters",
    "shodaku.delivery.transports.dialogue",
    "shodaku.delivery.transports.job",
    "shodaku.delivery.transports.smtp",
    "shodaku.kit.links",
    "shodaku.policy.basis",
    "shodaku.policy.decision",
    "shodaku.policy.standing",
)
_MANIFEST: Final = "manifest.json"
_SWITCH: Final = "SHODAKU_NATIVE"  # `off`: the files themselves, whatever was compiled
_SOURCES: Final = Path(__file__).resolve().parents[2]


class Kind(StrEnum):
    """How the send path runs in this process."""

    NATIVE = "native"
    INTERPRETED = "interpreted"  # nothing was compiled, or it is switched off
    STALE = "stale"  # interpreted: the files, or the interpreter, are others than those that were compiled


def folder() -> Path:
    return Path(sys.prefix) / "lib" / "shodaku-native"


def source_of(module: str) -> Path:
    """Of a module of ours, a package or not."""
    where = _SOURCES / module.replace(".", "/")
    return where / "__init__.py" if where.is_dir() else where.with_suffix(".py")


def stamp(modules: Iterable[str]) -> dict[str, object]:
    """What machine code was made from, and runs with; of the modules it imports it knows the constants."""
    digests = {each: hashlib.sha256(source_of(each).read_bytes()).hexdigest() for each in modules}
    return {"python": sys.version, "platform": sysconfig.get_platform(), "sources": digests}


def write_manifest(place: Path, made_from: Mapping[str, object], files: Mapping[str, str]) -> None:
    """`files` by the names under which they are imported."""
    (place / _MANIFEST).write_text(json.dumps({"stamp": made_from, "files": files}), encoding="utf-8")


def state(place: Path | None = None) -> tuple[Kind, Mapping[str, str]]:
    """How a process that starts now would run, and the files by the names under which they are imported."""
    if os.environ.get(_SWITCH) == "off":
        return Kind.INTERPRETED, {}
    written = (place or folder()) / _MANIFEST
    if not written.exists():
        return Kind.INTERPRETED, {}
    try:
        manifest = json.loads(written.read_text(encoding="utf-8"))
        fresh = manifest["stamp"] == stamp(manifest["stamp"]["sources"])
    except (OSError, ValueError, KeyError):
        return Kind.STALE, {}
    return (Kind.NATIVE, manifest["files"]) if fresh else (Kind.STALE, {})


def use(place: Path | None = None) -> Kind:
    """From here on this process imports the machine code, if there is any of these files.

    A process that has imported one of them already goes on interpreted: half of each would not do, for
    neither half knows the other's classes.
    """
    kind, files = state(place)
    if kind is not Kind.NATIVE:
        return kind
    if files.keys() & sys.modules.keys():
        return Kind.INTERPRETED
    sys.meta_path.insert(0, _Finder(place or folder(), files))
    return kind


class _Finder(MetaPathFinder):
    def __init__(self, place: Path, files: Mapping[str, str]) -> None:
        self._place, self._files = place, files

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - as the protocol wants it
        target: ModuleType | None = None,  # noqa: ARG002 - as above
    ) -> ModuleSpec | None:
        file = self._files.get(fullname)
        if file is None:
            return None
        where = str(self._place / file)
        return spec_from_file_location(fullname, where, loader=ExtensionFileLoader(fullname, where))
