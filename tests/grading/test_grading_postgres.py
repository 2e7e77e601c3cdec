"""A gradebook on a PostgreSQL server: a real one, started for these tests, which only this machine can reach."""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from coursekit.errors import CourseError
from coursekit.grading.course import opened
from coursekit.grading.run import grade

pytestmark = pytest.mark.slow
pytest.importorskip("psycopg", reason="psycopg is not installed: pip install coursekit[postgres]")


NAMED = """
from coursekit.grading.settings import configure

c = get_config()
configure(c)
c.CourseDirectory.course_id = "default_course"
"""


def programs():
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((place for place in places[::-1] if (place / "initdb").exists()), None)


@pytest.fixture(scope="module")
def server():
    """Start a server that listens on a socket in a folder of its own, as nobody: it refuses to run as root."""
    if (place := programs()) is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="ck-pg-") as folder:
        owner = {}
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            owner = {"user": "nobody", "group": nobody.pw_gid, "extra_groups": []}
        data = Path(folder, "data")

        def run(program, *arguments):
            done = subprocess.run([place / program, *arguments], cwd=folder, capture_output=True, text=True, **owner)
            assert done.returncode == 0, done.stderr

        run("initdb", "-D", data, "-A", "trust", "-U", "grader", "--no-sync", "--no-locale", "-E", "UTF8")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        run("pg_ctl", "-D", data, "-o", options, "-l", Path(folder, "log"), "-w", "-t", "60", "start")
        try:
            yield lambda name: f"postgresql+psycopg://grader@/{name}?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "-t", "60", "stop")


@pytest.fixture
def url(server, request):
    import sqlalchemy

    name = "".join(letter for letter in request.node.name if letter.isalpha())[:40].lower()
    engine = sqlalchemy.create_engine(server("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server(name)


@pytest.fixture
def again(tmp_path, tiny, tiny_root, handed_to_workers, url):
    import standins

    def run(**options):
        return grade(
            tiny.name, tmp_path / "class", tmp_path / "graded", root=tiny_root, grader=standins.believe, **options
        )

    return run


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_a_class_on_a_server_is_graded_kept_and_regraded(tmp_path, tiny, url, again, canonical, handed_to_workers):
    for student, answers in {"ada": tiny.right, "ben": {}}.items():
        tiny.hand_in(tmp_path / "class", student, answers)
    graded = again(db_url=url)
    assert {result.student: result.score for result in graded.results} == {"ada": 5.0, "ben": 0.0}
    assert not (tmp_path / "graded" / "gradebook.db").exists()
    assert "ada" in graded.csv.read_text()
    assert stat.S_IMODE((tmp_path / "graded" / "nbgrader_config.py").stat().st_mode) == 0o600
    before = canonical(url)
    assert len(before["grade"]) == 6
    assert before["alembic_version"]
    with Gradebook(url) as gradebook:
        found = gradebook.find_grade("essay", tiny.name, tiny.name, "ada")
        found.manual_score, found.needs_manual_grade = 2.5, False
        gradebook.db.commit()
    second = again()
    assert (second.kept, second.results[0].score) == (2, 7.5), "it remembers where the gradebook is"
    assert handed_to_workers() == ["ada", "ben"]
    tiny.hand_in(tmp_path / "class", "ada", {**tiny.right, "essay": "Other."})
    third = again(db_url=url)
    assert (third.results[0].score, third.results[0].needs_manual) == (7.5, True)


def test_it_records_what_a_file_would_hold(tmp_path, tiny, tiny_root, url, again, canonical, handed_to_workers):
    import standins

    for student, answers in {"ada": tiny.right, "ben": {}}.items():
        tiny.hand_in(tmp_path / "class", student, answers)
    again(db_url=url)
    (tmp_path / "file").mkdir()
    # A file takes assignments of a course without a name, which no server would.
    (tmp_path / "file" / "nbgrader_config.py").write_text(NAMED)
    in_file = grade(tiny.name, tmp_path / "class", tmp_path / "file", root=tiny_root, grader=standins.believe)
    assert canonical(url) == canonical(in_file.course.gradebook_url)


def test_a_class_is_not_spread_over_two_gradebooks(tmp_path, tiny, tiny_root, url):
    with opened(tiny.name, tmp_path / "graded", tiny_root):
        pass
    with (
        pytest.raises(CourseError, match="is elsewhere") as error,
        opened(tiny.name, tmp_path / "graded", tiny_root, url),
    ):
        pass
    assert "--db-url" in error.value.fix


def test_a_server_that_cannot_be_reached_is_told(tmp_path, tiny, tiny_root):
    nowhere = f"postgresql+psycopg://grader@/x?host={tmp_path}"
    with (
        pytest.raises(CourseError, match="cannot be used") as error,
        opened(tiny.name, tmp_path / "g", tiny_root, nowhere),
    ):
        pass
    assert "check --db-url" in error.value.fix
    with opened(tiny.name, tmp_path / "g", tiny_root) as course:  # the address was not kept
        assert course.gradebook.exists()
