"""Grading a class with nbgrader: its formats, gradebook, formgrader and feedback, and no grade lost on the way.

    collect   finds what students handed in       engine    runs nbgrader's autograde for one student: the seam
    reading   opens a notebook, whatever its state   results   points and diagnoses, as objects, JSON and CSV
    repair    sets a changed notebook right       run       the class, resumable
    staging   puts it where nbgrader looks        report    what a person sees in a terminal
    course    nbgrader's folders and gradebook    sample    a class to try all this on

Import the functions from their modules: ``from coursekit.grading.run import grade``.
"""
