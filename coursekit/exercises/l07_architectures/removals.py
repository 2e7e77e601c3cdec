"""What leaving out dense layers saves."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property

Numbers = tuple[int, ...]


def random_stacks(rng: np.random.Generator) -> list[Arguments]:
    """Draw stacks of four and five layers of different widths, wider to narrower, and layers to leave out."""
    calls: list[Arguments] = []
    for depth, removed in ((4, (2,)), (4, (1, 3)), (5, (2, 3)), (5, (1, 2, 4))):
        steps = np.cumsum(rng.integers(3, 9, depth + 1))
        calls.append((tuple(int(n) for n in steps[::-1]), removed))
    return calls


def one_after_the_other(rng: np.random.Generator) -> list[Arguments]:
    widths, removed = random_stacks(rng)[2]
    without = tuple(n for i, n in enumerate(widths) if i != removed[1])
    return [(widths, removed), (widths, removed[1:]), (without, removed[:1])]


def add_up(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    both, later, earlier = (float(value) for value in values)
    if both == later + earlier:
        return None
    return f"together they save {both:g}, one after the other {later:g} + {earlier:g} = {later + earlier:g}"


def saved_by_removal_reference(widths: Numbers, removed: Numbers) -> int:
    """Count the parameters of both stacks: the layer after a gap reads other inputs than before."""
    kept = [width for layer, width in enumerate(widths) if layer not in removed]
    before = sum((widths[i] + 1) * widths[i + 1] for i in range(len(widths) - 1))
    return before - sum((kept[i] + 1) * kept[i + 1] for i in range(len(kept) - 1))


saved_by_removal = Exercise(
    name="saved_by_removal",
    points=0,
    reference=saved_by_removal_reference,
    returns=("parameters",),
    cases=(
        Case("AlexNet without fc7", ((9216, 4096, 4096, 1000), (2,))),
        Case("AlexNet without fc6 and fc7", ((9216, 4096, 4096, 1000), (1, 2))),
        Case("six inputs, layers of 5, 3 and 2, without the 3", ((6, 5, 3, 2), (2,))),
        Case("six inputs, layers of 5, 3 and 2, without the 5", ((6, 5, 3, 2), (1,))),
        Case("layers 1 and 3 of four", ((9, 7, 6, 4, 2), (1, 3))),
    ),
    properties=[
        Property("agrees on random stacks", random_stacks),
        Property(
            "two layers at once save what they save one after the other",
            one_after_the_other,
            add_up,
            hint="count the whole stack before and after, and take the difference.",
        ),
    ],
)


@saved_by_removal.variant
def saved_by_joining(widths: Numbers, removed: Numbers) -> Any:
    saved, left = 0, widths[0]
    for layer in range(1, len(widths)):
        saved += (widths[layer - 1] + 1) * widths[layer]
        if layer not in removed:
            saved -= (left + 1) * widths[layer]
            left = widths[layer]
    return saved


@saved_by_removal.variant
def saved_with_arrays(widths: Numbers, removed: Numbers) -> Any:
    whole = np.array(widths)
    kept = np.delete(whole, list(removed))
    totals = [n[:-1] @ n[1:] + n[1:].sum() for n in (whole, kept)]
    return totals[0] - totals[1]


@saved_by_removal.variant
def saved_backwards(widths: Numbers, removed: Numbers) -> Any:
    saved, kept = 0, list(widths)
    for layer in sorted(removed, reverse=True):
        before, own, after = kept[layer - 1 : layer + 2]
        saved += (before + 1) * own + (own + 1) * after - (before + 1) * after
        del kept[layer]
    return saved


@saved_by_removal.misconception(
    "only the removed layers' own parameters were counted. The layer after them now reads other inputs: "
    "its parameters change, too."
)
def counts_only_the_removed(widths: Numbers, removed: Numbers) -> Any:
    return sum((widths[i - 1] + 1) * widths[i] for i in removed)


@saved_by_removal.misconception("the biases are missing: one for each unit that goes.")
def forgets_biases(widths: Numbers, removed: Numbers) -> Any:
    kept = [n for i, n in enumerate(widths) if i not in removed]
    totals = [sum(n[i] * n[i + 1] for i in range(len(n) - 1)) for n in (widths, kept)]
    return totals[0] - totals[1]


@saved_by_removal.misconception("the layers are counted from 1; widths[0] is the number of inputs, not a layer.")
def counts_from_zero(widths: Numbers, removed: Numbers) -> Any:
    kept = [n for i, n in enumerate(widths) if i + 1 not in removed]
    totals = [sum((n[i] + 1) * n[i + 1] for i in range(len(n) - 1)) for n in (widths, kept)]
    return totals[0] - totals[1]


@saved_by_removal.misconception(
    "the layer after the gap was taken away with it; it stays, and reads what came before the gap."
)
def takes_the_next_along(widths: Numbers, removed: Numbers) -> Any:
    gone = {i for r in removed for i in (r, r + 1)}
    return sum((widths[i - 1] + 1) * widths[i] for i in gone)


@saved_by_removal.misconception("that is what the smaller stack still has; asked for is what was saved.")
def gives_what_is_left(widths: Numbers, removed: Numbers) -> Any:
    kept = [n for i, n in enumerate(widths) if i not in removed]
    return sum((kept[i] + 1) * kept[i + 1] for i in range(len(kept) - 1))


@saved_by_removal.misconception("the sign is turned: before minus after.")
def turns_the_sign(widths: Numbers, removed: Numbers) -> Any:
    kept = [n for i, n in enumerate(widths) if i not in removed]
    totals = [sum((n[i] + 1) * n[i + 1] for i in range(len(n) - 1)) for n in (widths, kept)]
    return totals[1] - totals[0]


@saved_by_removal.misconception(
    "after the first removal the others have moved up by one place: remove the last ones first, or all at once."
)
def deletes_while_counting(widths: Numbers, removed: Numbers) -> Any:
    kept = list(widths)
    for layer in removed:
        if layer < len(kept):
            del kept[layer]
    totals = [sum((n[i] + 1) * n[i + 1] for i in range(len(n) - 1)) for n in (widths, kept)]
    return totals[0] - totals[1]
