"""Asks before a cell shows: a prediction made first is what the result is learned against."""

from collections.abc import Sequence

from coursekit.errors import CourseError
from coursekit.teach import forms, records


def predict(id: str, question: str, choices: Sequence[object], mine: str | int | None = None) -> None:
    """Show a question to answer before the next cell is run.

    The learner clicks an answer, which the browser keeps, or types it as ``mine``, which the progress file keeps.

    Args:
        id: names the prediction in both, so it must be the only one of that name in the course, as ``l01-hinge-zero``.
        question: text; `` `code` `` and ``**bold**`` are allowed.
        choices: two or more different answers; they are shown lettered from A.
        mine: an answer typed in the cell: its text, its letter, or its place counted from 1.

    Raises:
        CourseError: if the id is malformed, the choices are too few, too many or not distinct, or ``mine`` is none
            of them.
    """
    forms.check_id(id, "prediction")
    options = _options(choices)
    chosen = None if mine is None else _chosen(options, mine)
    if chosen is not None:
        records.record_prediction(id, chosen)
    form = forms.ask(id, question, forms.radio(options, chosen))
    title = f"Predict: {question}"
    lines = [f"{'→' if option == chosen else ' '} {forms.letter(i)}. {option}" for i, option in enumerate(options)]
    lines.append("noted: run on and compare" if chosen else 'answer with mine="A"')
    body = f'<p class="ck-title">Predict</p>\n{form}'
    forms.show(forms.box("prediction", id, question, body), forms.outline(title, lines))


def _options(choices: Sequence[object]) -> list[str]:
    options = [str(choice) for choice in choices]
    if isinstance(choices, str) or len(options) < 2:
        raise CourseError(
            "a prediction needs at least two choices.",
            fix='pass a list, as choices=["it grows", "it shrinks"].',
        )
    if len(options) > len(forms.LETTERS) or len(set(options)) < len(options):
        raise CourseError(
            f"the {len(options)} choices are not distinct or more than {len(forms.LETTERS)}.",
            fix="drop the repeated ones.",
        )
    return options


def _chosen(options: list[str], mine: str | int) -> str:
    """Return the option that ``mine`` means; its text comes first, for choices that look like letters or places."""
    said = str(mine).strip()
    if said in options:
        return said
    places = {forms.letter(i): option for i, option in enumerate(options)}
    places |= {str(i): option for i, option in enumerate(options, start=1)}
    if said.upper() in places:
        return places[said.upper()]
    letters = ", ".join(forms.letter(i) for i in range(len(options)))
    raise CourseError(
        f"mine={mine!r} is none of the {len(options)} choices.",
        fix=f"give a letter ({letters}), a place from 1 to {len(options)}, or the answer's own text.",
    )
