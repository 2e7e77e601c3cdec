"""a5: what goes wrong in reading an experiment about depth."""

from typing import Any

from coursekit.exercises.a5_architectures.degrading import degradation
from coursekit.exercises.core import Array

__all__ = ["degradation"]


@degradation.misconception(
    "test errors were compared: a deeper network that does worse there may just overfit. Degradation is worse "
    "*training*."
)
def looks_at_test_errors(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), tested.argmin()
    return depths[best], tested[deepest] - tested[best], tested[deepest] - trained[deepest]


@degradation.misconception("the lowest error of each run was taken; the rule is the last epoch, whatever came before.")
def takes_the_best_epoch(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train.min(axis=2).mean(axis=1), test.min(axis=2).mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[deepest] - trained[deepest]


@degradation.misconception(
    "the errors of all epochs were averaged, so a slow start counts as a bad end; take the last epoch."
)
def averages_over_the_epochs(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train.mean(axis=(1, 2)), test.mean(axis=(1, 2))
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[deepest] - trained[deepest]


@degradation.misconception("index 0 is the first epoch, before much was learned; the last one is −1.")
def takes_the_first_epoch(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, 0].mean(axis=1), test[:, :, 0].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[deepest] - trained[deepest]


@degradation.misconception("the best run of each depth was picked; luck is not depth, so average over the runs.")
def takes_the_best_run(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].min(axis=1), test[:, :, -1].min(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[deepest] - trained[deepest]


@degradation.misconception("the worst run of each depth was picked; average over the runs.")
def takes_the_worst_run(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].max(axis=1), test[:, :, -1].max(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[deepest] - trained[deepest]


@degradation.misconception("only the first run of each depth is used; average over all of them.")
def takes_the_first_run(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, 0, -1], test[:, 0, -1]
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[deepest] - trained[deepest]


@degradation.misconception(
    "the last row is taken for the deepest network; the depths are in no order, so look for the largest."
)
def takes_the_last_row_for_the_deepest(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = -1, trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[deepest] - trained[deepest]


@degradation.misconception(
    "the deepest network is compared with the shallowest; compare it with the best, whatever its depth."
)
def compares_with_the_shallowest(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[depths.argmin()], tested[deepest] - trained[deepest]


@degradation.misconception(
    "that is the range from the worst depth to the best; asked for is how the *deepest* differs from the best."
)
def takes_the_whole_range(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained.max() - trained[best], tested[deepest] - trained[deepest]


@degradation.misconception(
    "the sign of the degradation is reversed: it is the deepest network's error minus the best one's, 0 or more."
)
def subtracts_the_wrong_way(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[best] - trained[deepest], tested[deepest] - trained[deepest]


@degradation.misconception("the two errors were divided; degradation is their difference, in points of error.")
def divides(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] / trained[best], tested[deepest] - trained[deepest]


@degradation.misconception("the best depth is given as the number of its row; look it up in `depths`.")
def returns_the_row(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return best, trained[deepest] - trained[best], tested[deepest] - trained[deepest]


@degradation.misconception("argmax was taken of errors: the best network is the one with the lowest.")
def takes_the_highest_error_for_best(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmax()
    return depths[best], trained[deepest] - trained[best], tested[deepest] - trained[deepest]


@degradation.misconception("the gap is that of the best depth; the rule is the deepest network's.")
def measures_the_gap_at_the_best_depth(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[best] - trained[best]


@degradation.misconception("the gap is the deepest network's test error *minus* its training error.")
def returns_the_test_error_as_the_gap(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[deepest]


@degradation.misconception("the sign of the gap is reversed: test error minus training error.")
def reverses_the_gap(depths: Array, train: Array, test: Array) -> Any:
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], trained[deepest] - tested[deepest]
