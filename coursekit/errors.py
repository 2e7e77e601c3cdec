"""The error that people see: what is wrong, and how to mend it."""


class CourseError(Exception):
    """Something a person can mend.

    Attributes:
        problem: one sentence that says what is wrong.
        fix: what to do about it.
    """

    def __init__(self, problem: str, *, fix: str) -> None:
        self.problem = problem
        self.fix = fix
        super().__init__(f"{problem}\n  fix: {fix}")

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to print the message alone: where the library noticed helps nobody."""
        return [f"{type(self).__name__}: {self}"]
