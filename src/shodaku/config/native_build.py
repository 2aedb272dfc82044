"""Compiles the send path with mypyc: `make native`. Needs mypy, setuptools, a C compiler, half a minute."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from shodaku.config import native
from shodaku.kit.errors import OutOfReach, ShodakuError

_SECONDS_MAX: Final = 900
_WORDS_KEPT: Final = 2000
# run where it leaves its files, apart from this process: setuptools reads sys.argv and changes much
_SETUP: Final = """
import sys
from mypyc.build import mypycify
from setuptools import setup
options = ["--config-file=mypy.ini", *sys.argv[3:]]
modules = mypycify(options, opt_level="3", debug_level="0", target_dir="c", group_name="shodaku_send")
setup(
    name="shodaku-native",
    ext_modules=modules,
    packages=[],
    script_args=["--quiet", "build_ext", "--build-lib", sys.argv[1], "--build-temp", sys.argv[2]],
)
"""
_MYPY: Final = """
[mypy]
strict = true
python_version = {version}
mypy_path = {sources}
explicit_package_bases = true
ignore_missing_imports = true
follow_imports = silent
cache_dir = {cache}
"""


class NoCompiler(OutOfReach):
    """There is no C compiler, or the files it needs of Python are missing."""

    code = "no_compiler"


class NotCompiled(ShodakuError):
    """The send path could not be compiled; it runs interpreted as before."""

    code = "not_compiled"


def build(place: Path) -> None:
    """Into `place`, in one step: what is there is replaced whole. Raises NoCompiler, NotCompiled."""
    _look_for_compiler()
    made_from = native.stamp(_read_by_the_compiler())
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".shodaku-native-") as work:
        made = Path(work) / "made"
        _compile(Path(work), made)
        files = {
            _imported_as(each.relative_to(made)): each.name for each in made.rglob("*.*") if each.is_file()
        }
        if missing := set(native.MODULES) - files.keys():
            raise NotCompiled(hint=", ".join(sorted(missing)))
        ready = Path(work) / "ready"
        ready.mkdir()
        for name, file in files.items():
            where = made.joinpath(*name.split(".")[:-1], file)
            files[name] = f"{name}{sysconfig.get_config_var('EXT_SUFFIX')}"
            where.rename(ready / files[name])
        native.write_manifest(ready, made_from, files)
        shutil.rmtree(place, ignore_errors=True)
        ready.rename(place)


def _compile(work: Path, made: Path) -> None:
    sources = native.source_of("shodaku").parents[1]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    (work / "mypy.ini").write_text(
        _MYPY.format(version=version, sources=sources, cache=work / "cache"), encoding="utf-8"
    )
    command = [sys.executable, "-c", _SETUP, str(made), str(work / "objects")]
    command += [str(native.source_of(each)) for each in native.MODULES]
    values = {**os.environ, "MYPYPATH": str(sources), "CFLAGS": "-O3 -g0"}
    _said(command, cwd=work, env=values)


def _read_by_the_compiler() -> list[str]:
    """The modules of ours that those to be compiled import, and the one that says which they are."""
    names = ", ".join((*native.MODULES, native.__name__))
    words = f"import sys, {names}; print(*(each for each in sys.modules if each.startswith('shodaku')))"
    return sorted(_said([sys.executable, "-c", words]).split())


def _said(command: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Raises NotCompiled, and passes on what the program said last."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command, capture_output=True, text=True, timeout=_SECONDS_MAX, check=False, cwd=cwd, env=env
        )
    except subprocess.TimeoutExpired:
        raise NotCompiled(hint=f"not within {_SECONDS_MAX} seconds") from None
    if done.returncode:
        sys.stderr.write(f"{done.stdout[-_WORDS_KEPT:]}\n{done.stderr[-_WORDS_KEPT:]}\n")
        raise NotCompiled
    return done.stdout


def _imported_as(file: Path) -> str:
    return ".".join((*file.parent.parts, file.name.partition(".")[0]))


def _look_for_compiler() -> None:
    compiler = str(sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        raise NoCompiler(hint=f"{compiler}: apt install gcc")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        raise NoCompiler(hint="Python.h: apt install python3-dev")


def main() -> int:
    """Exit status 0: it is compiled; 1: it could not be; 3: there is no compiler."""
    parser = argparse.ArgumentParser(prog="python -m shodaku.config.native_build", description=__doc__)
    parser.add_argument("--if-possible", action="store_true", help="no compiler is no failure")
    options = parser.parse_args()
    if native.state()[0] is native.Kind.NATIVE:
        return 0
    try:
        build(native.folder())
    except ShodakuError as error:
        sys.stderr.write(f"shodaku: {error.message} {error.hint}".rstrip() + "\n")
        return 0 if options.if_possible and isinstance(error, NoCompiler) else error.exit_status
    sys.stdout.write("The send path runs as machine code now.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
