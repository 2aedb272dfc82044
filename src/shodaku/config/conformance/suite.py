"""A file of situations: read, checked for shape, with the line of whatever is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml

from shodaku.config.conformance.words import Case, Words
from shodaku.kit.errors import WrongUse

KINDS: Final = ("send", "web", "inbound", "import", "record")
_FILE_BYTES_MAX: Final = 5_000_000
_CASE_KEYS: Final = frozenset(
    (
        *("id", "kind", "title", "jurisdiction", "given", "message", "expected"),
        *("legal", "rules", "source", "confidence", "note"),
    )
)
_NOW: Final = "2026-11-16T10:00:00+09:00"  # of a file that says nothing else
_EXPECTED_KEYS: Final = frozenset(("verdict", "reason", "as"))


class Unreadable(WrongUse):
    """The file of situations cannot be read; nothing was run."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class Expected:
    verdict: str
    reason: str
    forms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Situation:
    case: Case
    expected: Expected
    line: int


@dataclass(frozen=True, slots=True)
class Suite:
    now: datetime
    situations: tuple[Situation, ...]


def load(file: Path) -> Suite:
    """Raises Unreadable, with the line and the key at fault."""
    try:
        if file.stat().st_size > _FILE_BYTES_MAX:
            raise Unreadable(hint=f"{file.name}: more than {_FILE_BYTES_MAX // 1_000_000} MB")
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as fault:
        raise Unreadable(hint=f"{file.name}: {type(fault).__name__}") from fault
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise Unreadable(hint=f"{file.name}: {line}{getattr(fault, 'problem', 'no YAML')}") from fault
    if isinstance(root, yaml.SequenceNode):  # a bare list of situations
        return Suite(datetime.fromisoformat(_NOW), _situations(root))
    top = _mapping(root, "the file")
    if "situations" not in top:
        raise Unreadable(hint=f"{file.name}: the key situations is missing")
    vocabulary = _mapping(top["vocabulary"], "vocabulary") if "vocabulary" in top else {}
    return Suite(_now(vocabulary), _situations(top["situations"]))


def _situations(node: yaml.Node) -> tuple[Situation, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise _at(node, "situations", "a list is needed")
    situations = tuple(_situation(each) for each in node.value)
    _named_once(situations)
    return situations


def _situation(node: yaml.Node) -> Situation:
    found = _mapping(node, "a situation")
    for key, value in found.items():
        if key not in _CASE_KEYS:
            raise _at(value, key, "no such key")
    for key in ("id", "kind", "expected"):
        if key not in found:
            raise _at(node, key, "is missing")
    kind = _text(found["kind"], "kind")
    if kind not in KINDS:
        raise _at(found["kind"], "kind", f"{kind!r} is none of {', '.join(KINDS)}")
    case = Case(
        _text(found["id"], "id"),
        kind,
        _text(found["jurisdiction"], "jurisdiction") if "jurisdiction" in found else "JP",
        _words(found.get("given"), "given"),
        _words(found.get("message"), "message"),
    )
    return Situation(case, _expected(found["expected"]), node.start_mark.line + 1)


def _expected(node: yaml.Node) -> Expected:
    found = _mapping(node, "expected")
    for key, value in found.items():
        if key not in _EXPECTED_KEYS:
            raise _at(value, f"expected.{key}", "no such key")
    for key in ("verdict", "reason"):
        if key not in found:
            raise _at(node, f"expected.{key}", "is missing")
    forms = _value(found["as"]) if "as" in found else []
    if not isinstance(forms, list):
        raise _at(found["as"], "expected.as", "a list is needed")
    return Expected(
        _text(found["verdict"], "expected.verdict"),
        _text(found["reason"], "expected.reason"),
        frozenset(map(str, forms)),
    )


def _named_once(situations: tuple[Situation, ...]) -> None:
    seen: dict[str, int] = {}
    for each in situations:
        if each.case.case_id in seen:
            first = seen[each.case.case_id]
            raise Unreadable(hint=f"line {each.line}: id {each.case.case_id} stands already in line {first}")
        seen[each.case.case_id] = each.line


def _now(vocabulary: Mapping[str, yaml.Node]) -> datetime:
    if "now" not in vocabulary:
        return datetime.fromisoformat(_NOW)
    text = _text(vocabulary["now"], "vocabulary.now")
    try:
        now = datetime.fromisoformat(text)
    except ValueError:
        raise _at(vocabulary["now"], "vocabulary.now", f"{text!r} is no moment") from None
    if now.utcoffset() is None:
        raise _at(vocabulary["now"], "vocabulary.now", "the moment needs its zone")
    return now


def _mapping(node: yaml.Node | None, key: str) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise (
            Unreadable(hint=key + ": a mapping is needed")
            if node is None
            else _at(node, key, "a mapping is needed")
        )
    found: dict[str, yaml.Node] = {}
    for name, value in node.value:
        if name.value in found:
            raise _at(name, name.value, "stands twice")
        found[name.value] = value
    return found


def _words(node: yaml.Node | None, key: str) -> Words:
    value = {} if node is None else _value(node)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _at(node, key, "a mapping is needed")
    return value


def _value(node: yaml.Node) -> Any:  # noqa: ANN401 - what YAML holds
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _text(node: yaml.Node, key: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _at(node, key, "a text is needed")
    return str(node.value)


def _at(node: yaml.Node | None, key: str, what: str) -> Unreadable:
    line = "" if node is None else f"line {node.start_mark.line + 1}: "
    return Unreadable(hint=f"{line}{key}: {what}")
