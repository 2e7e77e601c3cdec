"""The page of the documentation that says what every attack achieves."""

from __future__ import annotations

from collections.abc import Mapping

from hostile import ATTACKS, INPUTS, Attack

_CLASSES = {
    1: "A1 files of the instructor's",
    2: "A2 others' submissions",
    3: "A3 variables and keys",
    4: "A4 tests in the kernel",
    5: "A5 carrying away",
    6: "B6 patched checks",
    7: "B7 always-equal answers",
    8: "B8 forged messages",
    9: "B9 metadata",
    10: "B10 detection",
    11: "B11 answers from elsewhere",
    12: "C12 results on disk",
    13: "C13 survivors",
    14: "C14 other kernels",
    15: "C15 notebooks after grading",
    16: "C16 shared caches",
    17: "D17 hostile files",
    18: "D18 feedback and tables",
    19: "D19 terminals",
    20: "E20 endless code",
    21: "E21 bombs",
    22: "E22 resources",
    23: "E23 input",
    24: "E24 deaths",
    25: "E25 devices",
    26: "E26 the queue",
    0: "F bad input",
}

_PAGE = """\
# Attacks on the grader

{attacks} hostile submissions, in the 26 classes of what a grader should withstand, and {inputs} that are broken without
malice. `tests/grading/attacks/hostile/` holds them, a module a class; `pytest tests/grading/attacks` grades them all in
one class with honest students, sandbox and judge on, and fails if any gains points, reads a planted secret, outlives
its kernel, leaves a file, process or mount, calls somebody, reaches another submission, stops the class, or is left
without a score, a cause and a sentence.

Against stock nbgrader 0.9.6, {bad} of the {attacks} attacks do harm, and {lost} of the {inputs} bad inputs cost grades.
`python tests/grading/attacks/stock.py` measures that anew and writes this page: each attack in a throw-away box of its
own, with one honest neighbour. That stock feedback shows hidden tests to everybody is not counted against it, nor what
that box forbids although stock nbgrader would not (mounting, tracing, the network outside).

**Trust.** Checks of the form `ck.check.…(function)` and `ck.check.…("file")` are marked by the judge: what a student's
code says of its own success is not asked. Plain nbgrader tests (`assert …`) are run by the student's own kernel, and
code there can make them pass; every result says `trust: kernel` for them. Use plain tests for practice, or read what
students hand in. Hidden tests in them stay out of feedback, but not out of reach of code that is there while they run:
by the points that it gives itself, it can let out a few bytes a submission.

**What no comparison of answers can see** is whether a right answer is the student's own. The course's own solutions
are part of the installed package, as every student has it. Calling them is noticed (closed book), but that watch is
kept in the student's kernel and can be switched off; their text can be handed in as well. Compare texts of submissions.

GPU attacks (class 25, GPU memory in 22) are tried by their CPU counterparts: device files, processor time, memory.
Models with code in them (`Lambda`) are tried in `tests/grading/test_grading_judge_artifacts.py`.

| class | attack | stock nbgrader 0.9.6 | here | what stops it |
|---|---|---|---|---|
"""


def page(found: Mapping[str, list[str]]) -> str:
    """Return the page.

    Args:
        found: what each attack and each bad input does to stock nbgrader, by name; nothing if it does no harm.
    """
    bad, lost = (sum(bool(found[each.name]) for each in part) for part in (ATTACKS, INPUTS))
    head = _PAGE.format(attacks=len(ATTACKS), inputs=len(INPUTS), bad=bad, lost=lost)
    return head + "".join(_row(each, found[each.name]) for each in (*ATTACKS, *INPUTS))


def _row(attack: Attack, harm: list[str]) -> str:
    nothing = "no harm" if attack.number else "graded"
    here = "plain cells only (`trust: kernel`)" if attack.forges else "**its points**" if attack.unstopped else nothing
    cells = (_CLASSES[attack.number], attack.tries, "; ".join(harm) or nothing)
    return f"| {' | '.join(map(shown, cells))} | {here} | {shown(attack.stops)} |\n"


def shown(text: str) -> str:
    """Return a text as it stands in the table."""
    printable = "".join(each if each.isprintable() else "?" for each in text)
    return printable.replace("|", "\\|").replace("<", "&lt;")
