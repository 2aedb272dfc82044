"""The house rules that import-linter cannot say."""

import ast
from pathlib import Path

import grimp

import shodaku

HOUSE = Path(shodaku.__file__).parent
GRAPH = grimp.build_graph("shodaku", include_external_packages=True, cache_dir=None)
ROOMS = {path.parent.name for path in HOUSE.glob("*/__init__.py")}
DOORS = {"services", "selectors", "domain"}
# for the send path
DJANGO_FREE_DOORS = {
    "content.render",
    "ledger.merkle",
    "suppression.fence",
    "suppression.layers",
    "suppression.seen",
}


def room_of(module: str) -> str:
    return module.split(".")[1] if module.count(".") else ""


def is_a_door(importer: str, imported: str) -> bool:
    room, _, name = imported.removeprefix("shodaku.").partition(".")
    return (
        name in DOORS
        or f"{room}.{name}" in DJANGO_FREE_DOORS
        or room == "kit"
        or room_of(importer) in {"config", "__main__"}  # the composition root mounts urls, admin and jobs
        or (room_of(importer) == "api" and name == "api")  # mounts the rooms' routers
    )


def test_a_room_is_entered_by_its_doors():
    climbs = [
        f"{importer} -> {imported}"
        for importer in GRAPH.modules
        if importer.startswith("shodaku.")
        for imported in GRAPH.find_modules_directly_imported_by(importer)
        if imported.startswith("shodaku.")
        if room_of(imported) != room_of(importer) and not is_a_door(importer, imported)
    ]
    assert climbs == []


def test_a_package_runs_no_code_and_says_in_one_sentence_what_it_is():
    for room in sorted(ROOMS):
        body = ast.parse((HOUSE / room / "__init__.py").read_text(encoding="utf-8")).body
        docstring = body[0].value.value if len(body) == 1 and isinstance(body[0], ast.Expr) else ""
        assert docstring.endswith("."), room
        assert docstring.count("\n") == 0, room
