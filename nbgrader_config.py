"""nbgrader's settings in a clone of the course: ``solutions/`` for instructors, ``assignments/`` for students.

``coursekit grade`` writes a configuration of its own beside each gradebook.
"""

from coursekit.grading.settings import configure

c = get_config()  # noqa: F821  (traitlets provides it)
configure(c, source="solutions", release="assignments")
