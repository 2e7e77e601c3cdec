"""The house rules: floors, import cost, packages in step, nothing of a machine in the tree."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FLOORS = {
    "scratch": 1,
    "figures": 1,
    "data": 2,
    "models": 2,
    "backend": 2,
    "training": 3,
    "explain": 3,
    "attack": 3,
    "exercises": 4,
    "teach": 4,
    "grading": 5,
    "authoring": 5,
    "cli": 6,
}
GROUND = {"child", "errors", "paths", "quiet"}  # Used by every floor, use none.
SAME_FLOOR = {("teach", "exercises"), ("data", "models")}
COMMANDS = {"models/train.py": 6}  # Run with `python -m`, imported by nobody: they stand on the top floor.
FRAMEWORKS = ("tensorflow", "keras", "torch", "jax")
ALLOWED_ON_FLOOR_1 = {"scratch": {"numpy", "scipy"}, "figures": {"numpy", "matplotlib"}}


def modules():
    return sorted((ROOT / "coursekit").rglob("*.py"))


def room(path):
    """The package of coursekit that a file belongs to: `coursekit/data/x.py` and `coursekit/backend.py` alike."""
    return path.relative_to(ROOT / "coursekit").parts[0].removesuffix(".py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import absolutely"
            if node.module == "coursekit":
                yield from (f"coursekit.{alias.name}" for alias in node.names)
            elif node.module:
                yield node.module


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down_the_floors(path):
    here = room(path)
    if here == "__init__":
        return
    floor = COMMANDS.get(str(path.relative_to(ROOT / "coursekit")), FLOORS.get(here, 0))
    for name in imports(path):
        package, _, rest = name.partition(".")
        if package == "coursekit":
            there = rest.partition(".")[0] or here
            assert f"{rest.replace('.', '/')}.py" not in COMMANDS, f"{path.name} imports a command"
            assert here not in GROUND or there in GROUND, f"{path.name} imports {name}"
            if there in GROUND or there == here or (here, there) in SAME_FLOOR:
                continue
            assert FLOORS[there] < floor, f"{here} (floor {floor}) imports {name}"
        elif here in ALLOWED_ON_FLOOR_1 and package not in sys.stdlib_module_names:
            assert package in ALLOWED_ON_FLOOR_1[here], f"{here} imports {name}"


def test_importing_coursekit_loads_nothing_else():
    """What it costs in time is in benchmarks/startup.py; that it cannot cost much is here."""
    heavy = {*FRAMEWORKS, "numpy", "matplotlib", "IPython", "nbgrader", "typer", "coursekit.teach"}
    probe = f"import sys, coursekit; found = set(sys.modules) & {heavy}; assert not found, found"
    subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=True)


def test_checking_a_numpy_exercise_needs_no_framework():
    probe = (
        "import sys, coursekit as ck; from coursekit.exercises import caller, examine, get;"
        "assert ck.check.hinge_loss.report(lambda *a: ...).verdict.status == 'unwritten';"
        "assert examine(get('hinge_loss'), caller(get('hinge_loss').reference), 0).status == 'passed';"
        f"found = set(sys.modules) & set({FRAMEWORKS}); assert not found, found"
    )
    subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=True, env={"COURSEKIT_PROGRESS": "off"})


def test_public_names_are_listed():
    import coursekit

    for name in coursekit.__all__:
        assert name in dir(coursekit)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_are_short(path):
    assert len(path.read_text().splitlines()) <= 400


def requirements():
    found = [Requirement(r) for r in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]
    return {canonicalize_name(r.name): str(r.specifier) for r in found}


def test_environment_yml_names_the_same_packages():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(each["pip"] for each in listed if isinstance(each, dict))
    assert pip[-1] == "--editable ."
    found = [Requirement(r) for r in [r for r in listed if isinstance(r, str)] + pip[:-1]]
    found = {canonicalize_name(r.name): str(r.specifier) for r in found}
    assert SpecifierSet(found.pop("python")) == SpecifierSet(PROJECT["requires-python"])
    for tool in ("make", "git", "pip"):
        found.pop(tool)
    assert found == requirements()


def test_constraints_pin_every_package_and_hold_names_and_versions_only():
    lines = (ROOT / "constraints.txt").read_text().split()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
    pins = {canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in lines}
    cluster = [Requirement(each) for each in PROJECT["optional-dependencies"]["cluster"]]  # `make test` has it, too
    wanted = requirements() | {canonicalize_name(each.name): str(each.specifier) for each in cluster}
    for name, specifier in wanted.items():
        assert Requirement(name + specifier).specifier.contains(pins[name], prereleases=True), name


def test_everything_that_is_installed_is_pinned():
    lines = (ROOT / "constraints.txt").read_text().split()
    pins = {canonicalize_name(line.partition("==")[0]) for line in lines} | {"coursekit", "pip", "setuptools", "wheel"}
    installed = {canonicalize_name(each.name): each for each in distributions()}
    assert needed({"coursekit"}, installed) <= pins


def needed(names, installed):
    """What some installed distributions ask for, theirs included, as far as it is installed."""
    found, left = set(), set(names)
    while left:
        name = left.pop()
        found.add(name)
        for text in installed[name].requires or ():
            asked = Requirement(text)
            if not asked.marker or asked.marker.evaluate({"extra": ""}):
                left |= {canonicalize_name(asked.name)} & installed.keys() - found
    return found


def test_what_is_pinned_runs_on_the_oldest_python():
    """On a Python of 3.11's first day, too: 3.11.2 is what a long-lived distribution of Linux has."""
    lines = (ROOT / "constraints.txt").read_text().split()
    pins = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}
    oldest = re.search(r">=([\d.]+)", PROJECT["requires-python"])[1] + ".0"
    too_new = [
        each.name
        for each in distributions()
        if pins.get(canonicalize_name(each.name)) == each.version
        and not SpecifierSet(each.metadata.get("Requires-Python") or "").contains(oldest)
    ]
    assert too_new == []


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        ({"python3": "3.12.1", "python3.13": "3.13.0"}, "python3"),
        ({"python3": "3.14.0", "python3.13": "3.13.0", "python3.12": "3.12.0"}, "python3.13"),
        ({"python3": "3.10.9", "python3.11": "3.11.2"}, "python3.11"),
        ({"python3": "3.14.0"}, ""),
        ({}, ""),
    ],
)
def test_make_takes_a_python_that_fits_and_says_so_where_there_is_none(tmp_path, there, chosen):
    for name, version in there.items():
        pretend = f"import sys; sys.version_info = ({version.replace('.', ', ')}); exec(sys.argv[1])"
        (tmp_path / name).write_text(f'#!/bin/sh\nexec {sys.executable} -c "{pretend}" "$2"\n')
        (tmp_path / name).chmod(0o755)
    (tmp_path / "chosen.mk").write_text("chosen:\n\t@echo [$(PYTHON)]\n")
    ready = f"{tmp_path}/venv/.ready"

    def make(target):
        files = ["-f", str(ROOT / "Makefile"), "-f", "chosen.mk"]
        command = [shutil.which("make"), *files, f"VENV={tmp_path}/venv", f"READY={ready}", target]
        return subprocess.run(command, cwd=tmp_path, env={"PATH": str(tmp_path)}, capture_output=True, text=True)

    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "constraints.txt").touch()
    assert make("chosen").stdout == f"[{chosen}]\n"
    if not chosen:
        done = make(ready)
        assert (done.returncode, "3.11, 3.12 or 3.13" in done.stdout) == (2, True), done.stderr


def test_make_sets_up_from_the_pins():
    text = (ROOT / "Makefile").read_text()
    assert text.count("--constraint constraints.txt") == 2


def test_tree_holds_no_path_or_registry_host():
    tracked = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    bad = re.compile(rf"{re.escape(str(Path.home()))}/|pythonhosted|pypi\.org/simple|registry\.npmjs")
    for name in filter(None, tracked):
        path = ROOT / name
        if path == Path(__file__) or not path.is_file():
            continue
        assert not bad.search(path.read_bytes().decode("utf-8", "ignore")), name


def test_command_lists_what_it_does_without_loading_it():
    probe = (
        "import sys; from coursekit.cli import main; sys.argv = ['coursekit', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"found = set(sys.modules) & {{*{FRAMEWORKS}, 'numpy', 'nbgrader', 'jupytext'}}; assert not found, found"
    )
    out = subprocess.check_output([sys.executable, "-c", probe], cwd=ROOT, text=True)
    for command in ("build", "execute", "lint", "import", "demo", "grade", "check", "data", "doctor", "lab"):
        assert command in out
