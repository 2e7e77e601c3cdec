"""What a machine can offer, what is said about it, and what is shown inside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import coursekit
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import Box, Level, SandboxError, enter, levels, view
from coursekit.grading.sandbox.levels import advice, probe


@pytest.fixture(autouse=True)
def unprobed():
    probe.cache_clear()
    view.machine.cache_clear()
    yield
    probe.cache_clear()
    view.machine.cache_clear()


@pytest.mark.parametrize(
    ("works", "level"),
    [
        ({"namespaces", "landlock"}, Level.NAMESPACES),
        ({"landlock"}, Level.LANDLOCK),
        (set(), Level.NONE),
    ],
)
def test_the_best_level_that_works_is_taken(monkeypatch, works, level):
    monkeypatch.setattr(levels.sys, "platform", "linux")
    monkeypatch.setattr(levels, "_works", lambda tried: tried.value in works)
    assert probe() is level


@pytest.mark.parametrize("platform", ["darwin", "win32", "freebsd14"])
def test_other_systems_have_none_and_are_told_what_to_do(monkeypatch, platform):
    monkeypatch.setattr(levels.sys, "platform", platform)
    monkeypatch.setattr(levels.subprocess, "run", lambda *a, **k: pytest.fail("tried"))
    assert probe() is Level.NONE
    assert "Linux" in advice()


@pytest.mark.parametrize("error", [OSError("no"), subprocess.TimeoutExpired("x", 1)])
def test_a_trial_that_fails_is_no_level(monkeypatch, error):
    def run(*arguments, **settings):
        raise error

    monkeypatch.setattr(levels.sys, "platform", "linux")
    monkeypatch.setattr(levels.subprocess, "run", run)
    assert probe() is Level.NONE


def test_a_level_is_tried_and_not_looked_up():
    """Where namespaces may not be made, the trial says so: a box in a box is refused."""
    inner = [sys.executable, "-P", "-m", "coursekit.grading.sandbox", "--try", "namespaces"]
    command = ["setpriv", "--no-new-privs", *_without_namespaces(), *inner]
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "could not be built" in refused.stderr


def _without_namespaces():
    """A command prefix under which no namespace can be made, by a filter of system calls like a container's."""
    code = (
        "import os, sys; from coursekit.grading.sandbox import seccomp, system; "
        "system.install_filter(seccomp.program()); os.execv(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-P", "-c", code]


@pytest.mark.parametrize("level", Level)
def test_each_level_has_a_sentence_that_is_plain_text(level):
    assert 100 < len(level.sentence) < 400
    assert level.sentence.endswith(".")


def test_without_a_box_nothing_is_entered(tmp_path):
    with pytest.raises(SandboxError, match="no box of level 'none'"):
        enter(Box({}, Limits(), Level.NONE, str(tmp_path)))


def kinds(places):
    return {place.path: place.kind for place in places}


def test_what_lies_inside_something_seen_is_not_shown_twice(tmp_path):
    (tmp_path / "data" / "deep").mkdir(parents=True)
    data = str(tmp_path / "data")
    shown = kinds(view.inside("/tmp/exchange", (data, f"{data}/deep", "/nowhere"), (), ()))
    assert shown[data] == "bind"
    assert not {f"{data}/deep", "/nowhere"} & shown.keys()
    assert not [path for path in shown if path.startswith("/usr/")]


def test_hiding_covers_what_would_be_seen_and_can_be_opened_again_below(tmp_path):
    (tmp_path / "data" / "course" / "public").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    data, course, public = (str(tmp_path / name) for name in ("data", "data/course", "data/course/public"))
    shown = kinds(view.inside("/tmp/exchange", (data, public), (course, str(tmp_path / "other")), ()))
    assert (shown[data], shown[course], shown[public]) == ("bind", "hidden", "bind")
    assert str(tmp_path / "other") not in shown


def test_a_chain_of_links_is_followed_to_the_real_folder(tmp_path):
    (tmp_path / "real" / "set").mkdir(parents=True)
    (tmp_path / "second").symlink_to("real")
    (tmp_path / "first").symlink_to(tmp_path / "second" / "set")
    shown = kinds(view.inside("/tmp/exchange", (str(tmp_path / "first"),), (), ()))
    assert shown[str(tmp_path / "first")] == shown[str(tmp_path / "second")] == "link"
    assert shown[str(tmp_path / "real" / "set")] == "bind"


def test_a_loop_of_links_ends(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    shown = kinds(view.inside("/tmp/exchange", (str(tmp_path / "loop"),), (), ()))
    assert shown[str(tmp_path / "loop")] == "link"


def test_a_package_that_is_installed_as_a_wheel_is_seen_where_it_lies(monkeypatch, tmp_path):
    installed = tmp_path / "lib" / "site-packages"
    (installed / "coursekit").mkdir(parents=True)
    monkeypatch.setattr(view, "PACKAGE", installed / "coursekit")
    monkeypatch.setattr(view.sys, "path", [str(installed)])
    shown = kinds(view.machine())
    assert shown[str(installed)] == "bind"
    assert "hidden" not in shown.values()


def test_a_clone_inside_the_python_prefix_is_hidden_but_for_the_package(monkeypatch, tmp_path):
    clone = tmp_path / "prefix" / "course"
    (clone / "coursekit").mkdir(parents=True)
    (clone / "pyproject.toml").touch()
    monkeypatch.setattr(view, "PACKAGE", clone / "coursekit")
    monkeypatch.setattr(view.sys, "prefix", str(tmp_path / "prefix"))
    shown = kinds(view.inside("/tmp/exchange", (), (), ()))
    assert (shown[str(clone)], shown[str(clone / "coursekit")]) == ("hidden", "bind")


def test_the_interpreter_and_its_libraries_are_seen():
    shown = kinds(view.machine())
    for path in (sys.base_prefix, sys.prefix, str(Path(coursekit.__file__).parent)):
        real = Path(os.path.realpath(path))
        assert any(str(folder) in shown for folder in (real, *real.parents))
