"""A class on one page: `coursekit report` writes it.

summary     counts what there is to tell      charts   draws it as SVG      rendering   makes HTML of it
"""

from __future__ import annotations

from pathlib import Path


def write_page(assignment: str, into: Path, to: Path | None = None) -> Path:
    """Write an assignment's page: one HTML file without scripts that asks nothing of the network.

    Args:
        assignment: its name or number: ``"a1_losses"``, ``"a1"``.
        into: the folder that the class was graded into.
        to: the file; in ``reports`` in that folder if left out.

    Returns:
        The file.

    Raises:
        CourseError: if nothing was graded there, or the file cannot be written.
    """
    import os
    from urllib.parse import quote

    from coursekit.grading import results
    from coursekit.grading.course import Course, write
    from coursekit.grading.exports.writing import full_name, graded_folder, writing
    from coursekit.grading.page.rendering import environment
    from coursekit.grading.page.summary import seconds, summarise

    into = graded_folder(into)
    name = full_name(assignment, sorted(path.name for path in into.glob("results/*")))
    course = Course(into, name, into)
    kept = results.kept(course)
    path = (to or into / "reports" / f"{name}.html").resolve()

    def feedback(student: str) -> str:
        page = course.notebook("feedback", student)
        return quote(os.path.relpath(page, path.parent).replace(os.sep, "/")) if page.exists() else ""

    template = environment(Path(__file__).parent, "class.css").get_template("class.html.j2")
    with writing(path):
        write(path, template.render(summary=summarise(name, kept, seconds(course)), feedback=feedback))
    return path
