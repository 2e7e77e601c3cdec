"""a1: the mistakes people make when they train a linear classifier."""

import numpy as np

from coursekit.exercises.a1_losses.training import Answer, train_linear_classifier
from coursekit.exercises.core import Array, Function

__all__ = ["train_linear_classifier"]


@train_linear_classifier.misconception("the steps go uphill: the gradient points to where the loss grows. Subtract it.")
def climbs_the_slope(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights += learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias += learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the penalty has no effect: add the slope of strength · Σw² to the gradient of the weights."
)
def forgets_the_penalty(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the penalty pulls half as hard as it should: the slope of strength · w² is 2 · strength · w."
)
def halves_the_penalty(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the penalty's part of the step is not multiplied by the learning rate, but it belongs to the gradient."
)
def penalises_at_full_rate(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores) + 2 * strength * weights
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception("the bias is penalised too; the penalty is on the weights alone.")
def penalises_the_bias(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * (dscores.sum(axis=0) + 2 * strength * bias)
    return weights, bias


@train_linear_classifier.misconception(
    "the bias stays at zero; it is a parameter too, with the column sums of dscores as its gradient."
)
def forgets_the_bias(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
    return weights, bias


@train_linear_classifier.misconception(
    "the bias moves too little: dscores already holds the 1/N of the mean, so sum its rows."
)
def averages_the_slope_of_the_bias(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.mean(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the gradient is divided by the size of the batch, but dscores holds the 1/N of the mean already."
)
def divides_by_the_batch_again(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores / len(batch) + 2 * strength * weights)
            bias -= learning_rate * dscores.mean(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the learning rate has no effect: multiply the gradient by it before you subtract."
)
def ignores_the_learning_rate(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= x[batch].T @ dscores + 2 * strength * weights
            bias -= dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the loss is given probabilities; it wants the scores themselves and makes its own probabilities, if any."
)
def passes_probabilities_to_the_loss(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            powers = np.exp(x[batch] @ weights + bias)
            _, dscores = loss(powers / powers.sum(axis=1, keepdims=True), labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the weights come out as (classes, features); return them as (features, classes), as in x @ weights."
)
def turns_the_weights_on_their_side(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights.T, bias


@train_linear_classifier.misconception(
    "all the images are used in each step, so that an epoch is a single step; go through them batch by batch."
)
def takes_one_step_an_epoch(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        batch = rng.permutation(len(x))
        _, dscores = loss(x[batch] @ weights + bias, labels[batch])
        weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
        bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "each epoch stops after its first batch: a return or break may stand too deep, or a loop is missing."
)
def uses_only_the_first_batch(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        batch = rng.permutation(len(x))[:batch_size]
        _, dscores = loss(x[batch] @ weights + bias, labels[batch])
        weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
        bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception("the last batch is left out when it is not full; its images count too.")
def drops_the_last_short_batch(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x) - batch_size + 1, batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the batches are drawn with replacement: some images come twice in an epoch, others never."
)
def draws_with_replacement(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        for start in range(0, len(x), batch_size):
            batch = rng.choice(len(x), min(batch_size, len(x) - start))
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the images are shuffled, but the labels are not: images learn the labels of others."
)
def shuffles_the_images_only(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[start : start + batch_size])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "`shuffle` reorders the caller's own arrays; shuffle a list of indices, or a copy."
)
def shuffles_in_place(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        state = rng.bit_generator.state
        rng.shuffle(x)
        rng.bit_generator.state = state
        rng.shuffle(labels)
        order = np.arange(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "every epoch has the same order: make the generator before the loop over epochs, draw the order inside."
)
def shuffles_once(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the images come in the order in which they stand; draw a random order for each epoch."
)
def never_shuffles(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = np.arange(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the seed has no effect: make the random generator from the argument, not from a fixed number."
)
def fixes_the_seed(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    rng = np.random.default_rng(42)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


@train_linear_classifier.misconception(
    "the order cannot be repeated: make the random generator from the argument seed, and draw everything from it."
)
def forgets_the_seed(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = np.random.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias
