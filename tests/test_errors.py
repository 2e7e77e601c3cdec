"""What a person sees when something can be mended."""

from IPython.core.interactiveshell import InteractiveShell

from coursekit.errors import CourseError


def test_message_says_problem_and_fix():
    error = CourseError("the file is gone.", fix="restore it.")
    assert str(error) == "the file is gone.\n  fix: restore it."


def test_a_notebook_shows_the_message_without_a_traceback(capsys):
    shell = InteractiveShell()
    shell.run_cell("from coursekit.errors import CourseError\nraise CourseError('it is gone.', fix='restore it.')")
    assert capsys.readouterr().out.strip() == "CourseError: it is gone.\n  fix: restore it."
