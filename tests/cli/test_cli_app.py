"""The command line: what is wrong is said in words, with the fix, and an exit status."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from coursekit.cli import app as cli

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments, cwd=ROOT):
    command = [sys.executable, "-m", "coursekit.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("arguments", "problem", "fix"),
    [
        (("grade", "a99", "--submissions", "."), "there is no assignment 'a99'", "a1_losses"),
        (("grade", "a1", "--submissions", "nowhere"), "no folder", "give the folder"),
        (("check", "nowhere.ipynb"), "there is no file nowhere.ipynb", "notebook"),
        (
            ("check", "solutions/a1_losses/a1.ipynb"),
            "no file solutions/a1_losses/a1.ipynb",
            "a1_losses/a1_losses.ipynb",
        ),
        (("check", "assignments/a1_losses"), "is a folder", "assignments/a1_losses/a1_losses.ipynb"),
        (("data", "prepare", "mnits"), "there is no data set 'mnits'", "did you mean mnist"),
        (("import", "nowhere.ipynb"), "nowhere.ipynb", ""),
        (("execute", "nowhere.ipynb"), "nowhere.ipynb", ""),
        (("lint", "nowhere.py"), "nowhere.py", ""),
    ],
)
def test_a_mistake_is_answered_with_its_fix_and_no_traceback(arguments, problem, fix, tmp_path):
    done = run(*arguments, *(("--into", tmp_path / "out") if arguments[0] == "grade" else ()))
    assert done.returncode == 1
    assert problem in done.stderr
    assert "fix:" in done.stderr
    assert fix in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_of_a_course_it_says_where_to_go(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_ROOT", str(tmp_path))
    done = run("build", cwd=tmp_path)
    assert done.returncode == 1
    assert "COURSEKIT_ROOT" in done.stderr


def test_data_list_names_every_set():
    done = run("data", "list")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("digits", "mnist", "trec"))


@pytest.mark.slow
def test_lint_passes_on_the_course_and_prints_what_it_checked():
    done = run("lint")
    assert done.returncode == 0, done.stdout
    assert "checked" in done.stdout


@pytest.mark.slow
def test_build_check_writes_nothing():
    done = run("build", "--check")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("0 written")


def test_what_ctrl_c_stopped_says_how_to_go_on(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("coursekit.data.names", interrupted)
    monkeypatch.setattr(sys, "argv", ["coursekit", "data", "list"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 130
    assert "run the same command again" in capsys.readouterr().err


def test_what_is_printed_of_files_is_what_they_hold(tmp_path):
    folder = tmp_path / ":x: [b]course"
    folder.mkdir()
    (folder / "a1.ipynb").write_text("root:x:0")
    done = run("lint", folder / "a1.ipynb")
    assert f"{folder}/a1.ipynb" in done.stderr
    assert "root:x:0" in done.stderr


def test_a_path_is_printed_whole(capsys):
    cli.say("wrote /a/[b]/" + "long/" * 40 + ":x:")
    assert capsys.readouterr().out == "wrote /a/[b]/" + "long/" * 40 + ":x:\n"


def test_help_names_both_ways_to_grade_again_and_lists_the_class_commands_behind_grade():
    assert "--since-changed" in run("grade", "--help").stdout
    listed = re.findall(r"^  (\w+) ", run("--help").stdout, re.M)
    assert listed.index("grade") < listed.index("export") < listed.index("report")
