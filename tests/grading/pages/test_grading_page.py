import re

import pytest
from typer.testing import CliRunner

from coursekit.cli.app import app
from coursekit.errors import CourseError
from coursekit.grading import results
from coursekit.grading.course import Course
from coursekit.grading.graded import Graded
from coursekit.grading.journal import Entry, Journal
from coursekit.grading.page import write_page
from coursekit.grading.page.charts import bars
from coursekit.grading.page.summary import seconds, summarise
from coursekit.grading.results import ExerciseResult, Result

FULL = {"hinge": 4.0, "fool": 3.0}


def student(name, hinge=("passed", "", ""), fool=("passed", "", ""), essay="graded", **more):
    """A result; for each exercise its status, misconception and cause."""
    exercises = [
        ExerciseResult(each, full * (found[0] == "passed"), full, found[0], found[1], f"hint of `{found[1]}`", found[2])
        for (each, full), found in zip(FULL.items(), (hinge, fool), strict=True)
    ]
    written = ExerciseResult("essay", None if essay == "to grade" else 3.0, 3.0, essay, trust="person")
    score = sum(each.points or 0.0 for each in (*exercises, written))
    return Result(name, score, 10.0, (*exercises, written), needs_manual=essay == "to grade", **more)


CLASS = [
    student("ada"),
    student("ben", ("failed", "counts it", "wrong"), ("stopped", "", "time")),
    student("chloe", ("failed", "counts it", "wrong"), essay="to grade"),
    student("dmitri", ("failed", "squares it", "wrong"), ("error", "", "error")),
    student("emre", ("failed", "", "wrong"), ("unwritten", "", "unwritten")),
]


def test_misconceptions_are_counted_most_frequent_first():
    hinge, fool, _ = summarise("a1", CLASS).exercises
    assert [(each.name, each.students) for each in hinge.misconceptions] == [
        ("counts it", ("ben", "chloe")),
        ("squares it", ("dmitri",)),
    ]
    assert hinge.undiagnosed == ("emre",)
    assert (hinge.passed, hinge.mean, hinge.max_points) == (1, 0.8, 4.0)
    assert dict(fool.outcomes) == {
        "passed": 2,
        "ran out of time": 1,
        "raised an error": 1,
        "not written yet": 1,
    }


def test_causes_are_counted_without_what_people_grade():
    causes = summarise("a1", CLASS).causes
    first = causes[0]
    assert (first.words, first.count, first.students, first.exercises) == ("not right yet", 4, 4, ("hinge",))
    assert sum(each.count for each in causes) == 7


def test_what_could_not_be_graded_is_a_cause_of_its_own():
    lost = student(
        "eve", ("unwritten", "", "unwritten"), ("unwritten", "", "unwritten"), problem="eve.zip is no notebook"
    )
    summary = summarise("a1", [lost, student("ada")])
    (cause,) = summary.causes
    assert (cause.words, cause.count) == ("the submission could not be graded", 2)
    assert dict(summary.exercises[0].outcomes) == {"the submission could not be graded": 1, "passed": 1}


@pytest.mark.parametrize(
    ("score", "tenth"), [(0, 0), (0.99, 0), (1, 1), (6.99, 6), (7, 7), (9, 9), (10, 9), (12, 9), (-1, 0)]
)
def test_scores_fall_into_tenths(score, tenth):
    result = Result("ada", float(score), 10.0, ())
    counts = [count for _, count in summarise("a1", [result]).histogram]
    assert counts == [int(number == tenth) for number in range(10)]


def test_the_picture_says_in_words_what_it_shows():
    chart = bars(["a", "<b>"], [0, 3], "axis", 'words "quoted"')
    assert 'role="img" aria-label="words &#34;quoted&#34;"' in chart
    assert "&lt;b&gt;" in chart
    heights = [float(height) for height in re.findall(r'<rect[^>]*height="([\d.]+)"', chart)]
    assert heights[0] == 0 < heights[1]


@pytest.fixture
def graded(tmp_path):
    """A folder with results and one page of feedback."""
    folder = tmp_path / "graded class"
    course = Course(folder, "a1_losses", folder)
    folder.mkdir()
    (folder / "nbgrader_config.py").touch()
    for result in CLASS:
        results.save(course, result)
    page = course.notebook("feedback", "ada")
    page.parent.mkdir(parents=True)
    page.touch()
    return course


def test_the_page_tells_it_all(graded):
    path = write_page("a1", graded.folder)
    page = path.read_text(encoding="utf-8")
    assert path == graded.folder / "reports" / "a1_losses.html"
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.partition("</style>")[2]))
    for words in (
        "mean score 4.4 of 10",
        "Scores are those given so far: 1 of 5",
        "counts it hint of counts it ben, chloe",
        "wrong in a way that is not known emre",
        "ran out of time 1 1 fool",
        "No times are known.",
    ):
        assert words in text, text
    (link,) = re.findall(r'href="([^"#]+)"', page)
    assert link == "../feedback/ada/a1_losses/a1_losses.html"
    assert (path.parent / link).exists()


def test_times_come_from_the_journal_the_last_of_each_student(graded):
    with Journal(graded.private / "a1_losses.jsonl") as journal:
        for name, took in (("ada", 9.0), ("ada", 2.0), ("ben", 4.0), ("gone", 99.0)):
            journal.append(Entry("k", {}, Graded(name, "w", "{}", (), "none", seconds=took)))
    with (graded.private / "a1_losses.jsonl").open("ab") as file:
        file.write(b'{"cut short')
    assert seconds(graded) == {"ada": 2.0, "ben": 4.0, "gone": 99.0}
    page = write_page("a1", graded.folder).read_text(encoding="utf-8")
    assert "A submission took 3.0 s (median of 2)" in page
    assert "gone" not in page


def test_what_students_wrote_is_shown_as_text(graded):
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    broken = student("zoe", ("failed", nasty, "wrong"), notes=(nasty,), problem=nasty)
    results.save(graded, broken)
    page = write_page("a1", graded.folder).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_the_page_can_be_written_elsewhere_and_still_finds_feedback(graded, tmp_path):
    path = write_page("a1", graded.folder, tmp_path / "x" / "page.html")
    link = re.search(r'href="([^"#]+)"', path.read_text(encoding="utf-8"))[1]
    assert link == "../graded%20class/feedback/ada/a1_losses/a1_losses.html"


def test_nothing_graded_is_told(graded, tmp_path):
    with pytest.raises(CourseError, match="no 'a2'"):
        write_page("a2", graded.folder)
    with pytest.raises(CourseError, match="no class was graded"):
        write_page("a1", tmp_path)


def test_the_command_says_where_the_page_is(graded):
    ran = CliRunner().invoke(app, ["report", "a1", "--into", str(graded.folder)])
    assert ran.exit_code == 0
    assert "reports/a1_losses.html" in ran.output.replace("\n", "")


def test_everybody_right_is_told_too(graded):
    for result in CLASS[1:]:
        graded.result(result.student).unlink()
    page = write_page("a1", graded.folder).read_text(encoding="utf-8")
    assert "Nobody got an exercise wrong." in page
    assert "No check was failed." in page


def test_what_could_not_be_graded_is_not_called_unwritten(graded):
    results.save(graded, student("eve", ("unwritten", "", ""), problem="eve.zip is not a notebook."))
    row = write_page("a1", graded.folder).read_text().partition(">eve</th>")[2].partition("</tr>")[0]
    assert (row.count(">!</span>"), row.count("could not be graded"), row.count("not written")) == (1, 1, 0)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_reads_well_in_chromium(graded, chromium, requested, worst_contrast, scheme):
    for number in range(40):
        results.save(graded, student(f"s{number}", ("failed", f"mistake {number % 3}", "wrong")))
    results.save(graded, student("eve", ("unwritten", "", ""), problem="eve.zip is not a notebook."))
    page = write_page("a1", graded.folder)
    features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
    chromium.get(page.as_uri())
    paper = chromium.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(13, 17, 23)")
    contrast, where = worst_contrast(chromium, "h1, h2, h3, p, td, th, dt, dd, figcaption, summary, a, span, abbr")
    assert contrast >= 4.5, where
    fits = "return document.documentElement.scrollWidth <= innerWidth"
    assert chromium.execute_script(fits)
    chromium.set_window_size(500, 900)
    assert chromium.execute_script(fits)
    assert requested(chromium) == []
    assert [entry["message"] for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []
