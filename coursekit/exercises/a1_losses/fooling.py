"""a1: fooling a linear classifier by adding the target's weights to the image, a little at a time.

Whether the classifier says the target after so many steps must not hang on the last digit of a sum, so random images
are drawn until the race between the classes is never a near tie.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import NUMPY_ONLY, Arguments, Array, Case, Exercise, Property

Answer = tuple[Array, int]

# Three pixels and four classes: the image is a clear 0.
PIXELS = np.array([0.9, 0.2, 0.4])
WEIGHTS = np.array([[1.0, -0.8, 0.3, 0.1], [-0.2, 1.1, -0.4, 0.6], [0.3, 0.2, 0.9, -1.2]])
BIAS = np.array([0.1, 0.0, -0.2, 0.3])

# Four pixels and four classes: here a row could be taken for a column.
SQUARE = np.array([[0.7, -0.3, 0.2, 0.5], [-0.6, 0.8, 0.1, -0.2], [0.2, 0.4, -0.9, 0.3], [0.1, -0.5, 0.6, 0.4]])

CASES = (
    Case("three pixels become class 1", (PIXELS, WEIGHTS, BIAS, 1, 0.05, 100)),
    Case("three pixels become class 2, by default steps", (PIXELS, WEIGHTS, BIAS, 2)),
    Case("already the target: nothing to do", (PIXELS, WEIGHTS, BIAS, 0, 0.05, 100)),
    Case("four pixels and four classes", (np.array([0.8, 0.1, 0.5, 0.3]), SQUARE, np.zeros(4), 2, 0.1, 60)),
    Case("the bias is in the way", (PIXELS, WEIGHTS, np.array([0.0, -3.0, 0.5, 1.0]), 1, 0.2, 50)),
    Case("seven steps are not enough", (PIXELS, WEIGHTS, BIAS, 3, 0.01, 7)),
    Case("the last step that is allowed does it", (PIXELS, WEIGHTS, BIAS, 1, 0.05, 11)),
)


def steps_needed(x: Array, weights: Array, bias: Array, target: int, alpha: float) -> int:
    """Return how many steps it takes; 0 if it is too near a tie on the way, or takes more than 400 steps."""
    steps = np.arange(400)[:, None]
    scores = x @ weights + bias + steps * alpha * (weights[:, target] @ weights)
    lead = scores[:, target] - np.delete(scores, target, axis=1).max(axis=1)
    return 0 if np.abs(lead).min() < 1e-6 else int((lead > 0).argmax())


def random_images(rng: np.random.Generator) -> list[Arguments]:
    """Draw many pixels and few classes, or the other way round; in a third of them the steps do not suffice.

    More steps always would: whoever forgets `max_steps` is told so, rather than left in an endless loop.
    """
    calls: list[Arguments] = []
    while len(calls) < 6:
        features, classes = ((11, 3), (3, 7))[len(calls) % 2]
        x, weights = rng.uniform(0, 1, features), rng.normal(0, 1, (features, classes))
        drawn = (x, weights, rng.normal(0, 1, classes), int(rng.integers(classes)), float(rng.uniform(0.01, 0.1)))
        if (needed := steps_needed(*drawn)) > 3:
            calls.append((*drawn, needed // 2 if len(calls) % 3 == 2 else needed + int(rng.integers(20))))
    return calls


def along_the_weights(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    for (x, weights, _, target, alpha, _), (fooled, steps) in zip(calls, values, strict=True):
        if not np.allclose(fooled - x, steps * alpha * weights[:, target], rtol=1e-6, atol=1e-9):
            return f"after {int(steps)} steps the image is not x + {int(steps)} · alpha · weights[:, {target}]"
    return None


def no_sooner_no_later(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    for (x, weights, bias, target, alpha, most), (_, steps) in zip(calls, values, strict=True):
        fooled_at = [
            k for k in range(most + 1) if ((x + k * alpha * weights[:, target]) @ weights + bias).argmax() == target
        ]
        needed = fooled_at[0] if fooled_at else most
        if steps != needed:
            return f"{needed} steps were needed, {steps:g} were made (max_steps is {most})"
    return None


def reference(x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000) -> Answer:
    """Look first, then step: an image that is fooled already is left as it is."""
    fooled = np.array(x, dtype=float)
    for steps in range(max_steps):
        if np.argmax(fooled @ weights + bias) == target:
            return fooled, steps
        fooled += alpha * weights[:, target]
    return fooled, max_steps


fool = Exercise(
    name="fool",
    points=3,
    reference=reference,
    returns=("x_fooled", "steps"),
    cases=CASES,
    properties=[
        Property("agrees on random images", random_images),
        Property(
            "the image moves along the target's weights",
            random_images,
            along_the_weights,
            hint="each step adds alpha · weights[:, target], and nothing else happens to the image.",
        ),
        Property(
            "it stops as soon as the classifier says the target",
            random_images,
            no_sooner_no_later,
            hint="look before each step: is the target's score, x @ weights + bias, the highest?",
        ),
    ],
    closed_book=(*NUMPY_ONLY, "coursekit.attack"),
)


@fool.variant
def with_while(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    steps = 0
    while steps < max_steps and int(np.argmax(weights.T @ x + bias)) != target:
        x = x + alpha * weights[:, target]
        steps += 1
    return x, steps


@fool.variant
def all_steps_at_once(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    steps = np.arange(max_steps + 1)
    images = x + np.outer(steps * alpha, weights[:, target])
    fooled = (images @ weights + bias).argmax(axis=1) == target
    last = int(fooled.argmax()) if fooled.any() else max_steps
    return images[last], last


@fool.variant
def by_arithmetic(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    lead = x @ weights + bias
    gain = alpha * weights[:, target] @ weights
    steps = 0
    while steps < max_steps and any(lead + steps * gain > (lead + steps * gain)[target]):
        steps += 1
    return x + steps * alpha * weights[:, target], steps


@fool.misconception(
    "weights[target] is the target's row: one pixel's weights to all classes. The weights of class t are column t."
)
def takes_a_row_for_a_column(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * weights[target]
        steps += 1
    return fooled, steps


@fool.misconception("the target's weights are subtracted, which lowers its score; add them.")
def subtracts_the_weights(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled -= alpha * weights[:, target]
        steps += 1
    return fooled, steps


@fool.misconception("one step is made, and no look taken after it; go on until the classifier says the target.")
def steps_once(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    if steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * weights[:, target]
        steps += 1
    return fooled, steps


@fool.misconception("the weights are added at full size; a step is alpha times as long.")
def forgets_alpha(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += weights[:, target]
        steps += 1
    return fooled, steps


@fool.misconception("alpha is fixed at 0.05; use the argument that the function is given.")
def fixes_alpha(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += 0.05 * weights[:, target]
        steps += 1
    return fooled, steps


@fool.misconception("`x += …` changes the caller's image as well; start from a copy, or write `x = x + …`.")
def changes_the_image_in_place(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x, 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * weights[:, target]
        steps += 1
    return fooled, steps


@fool.misconception("the classifier's answer is looked up without the bias, so the stop comes too early or too late.")
def forgets_the_bias(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights) != target:
        fooled += alpha * weights[:, target]
        steps += 1
    return fooled, steps


@fool.misconception("what was added is returned; the fooled image itself is asked for, x and all.")
def returns_the_perturbation(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * weights[:, target]
        steps += 1
    return fooled - x, steps


@fool.misconception("only the image is returned; return the number of steps too: `return x_fooled, steps`.")
def returns_the_image_alone(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Any:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * weights[:, target]
        steps += 1
    return fooled


@fool.misconception("one step too many is counted: the look that finds the target is not a step.")
def counts_the_last_look(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * weights[:, target]
        steps += 1
    return fooled, steps + 1


@fool.misconception("a step is made before the first look, even if the classifier says the target already; look first.")
def steps_before_it_looks(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x + alpha * weights[:, target], 1
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * weights[:, target]
        steps += 1
    return fooled, steps


@fool.misconception(
    "the sign of the weights is added; that is another attack (FGSM). Here a step is alpha · the weights themselves."
)
def adds_the_sign(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * np.sign(weights[:, target])
        steps += 1
    return fooled, steps


@fool.misconception("the weights are scaled to length 1 before they are added; add them as they are.")
def normalises_the_weights(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * weights[:, target] / np.linalg.norm(weights[:, target])
        steps += 1
    return fooled, steps


@fool.misconception("the weights of the class that wins are subtracted; add those of the target.")
def pushes_away_from_the_present_class(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled -= alpha * weights[:, np.argmax(fooled @ weights + bias)]
        steps += 1
    return fooled, steps


@fool.misconception("each step also subtracts the weights of the class that wins; only the target's are added.")
def subtracts_the_present_class_too(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * (weights[:, target] - weights[:, np.argmax(fooled @ weights + bias)])
        steps += 1
    return fooled, steps


@fool.misconception("it goes on after max_steps; stop there, fooled or not.")
def ignores_max_steps(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < 10000 and np.argmax(fooled @ weights + bias) != target:
        fooled += alpha * weights[:, target]
        steps += 1
    return fooled, steps


@fool.misconception(
    "the classifier is asked once, before the first step, so every step allowed is made; ask again each time."
)
def never_looks_again(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    said = np.argmax(x @ weights + bias)
    while steps < max_steps and said != target:
        fooled += alpha * weights[:, target]
        steps += 1
    return fooled, steps


@fool.misconception("the pixels are clipped to 0 … 1; that is not asked for here.")
def clips_to_the_unit_range(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and np.argmax(fooled @ weights + bias) != target:
        fooled = np.clip(fooled + alpha * weights[:, target], 0, 1)
        steps += 1
    return fooled, steps


@fool.misconception("it stops when the target's score is positive, but the target must beat every other class.")
def stops_at_a_positive_score(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled, steps = x.copy(), 0
    while steps < max_steps and (fooled @ weights + bias)[target] <= 0:
        fooled += alpha * weights[:, target]
        steps += 1
    return fooled, steps


@fool.misconception("when the steps run out, the last one is not counted: after range(n) the loop variable is n − 1.")
def loses_the_last_step(
    x: Array, weights: Array, bias: Array, target: int, alpha: float = 0.05, max_steps: int = 1000
) -> Answer:
    fooled = x.copy()
    for steps in range(max_steps):
        if np.argmax(fooled @ weights + bias) == target:
            return fooled, steps
        fooled += alpha * weights[:, target]
    return fooled, steps
