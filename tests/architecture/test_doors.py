"""The house rules that import-linter cannot say."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import grimp

import shodaku

HOUSE = Path(shodaku.__file__).parent
GRAPH = grimp.build_graph("shodaku", include_external_packages=True, cache_dir=None)
ROOMS = {path.parent.name for path in HOUSE.glob("*/__init__.py")}
DOORS = {"services", "selectors", "domain"}
# for the send path
DJANGO_FREE_DOORS = {
    "accounts.displays",
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


def test_processes_that_begin_without_django_are_read_without_it():
    begun = "import shodaku.config.inbound, shodaku.config.quick, shodaku.config.worker"
    clean = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    read = subprocess.run(
        [sys.executable, "-c", begun], check=False, env=clean, capture_output=True, text=True
    )
    assert (read.returncode, read.stderr) == (0, "")


def test_a_package_runs_no_code_and_says_in_one_sentence_what_it_is():
    for room in sorted(ROOMS):
        body = ast.parse((HOUSE / room / "__init__.py").read_text(encoding="utf-8")).body
        docstring = body[0].value.value if len(body) == 1 and isinstance(body[0], ast.Expr) else ""
        assert docstring.endswith("."), room
        assert docstring.count("\n") == 0, room
