"""Early stopping with patience."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property


def random_runs(rng: np.random.Generator) -> list[Arguments]:
    """Draw validation losses that fall and then wander, without ties."""
    calls: list[Arguments] = []
    for epochs, patience in ((12, 2), (15, 3), (10, 4), (20, 2), (9, 1)):
        trend = 1 / np.arange(1, epochs + 1) + 0.02 * np.arange(epochs)
        calls.append(((trend + rng.normal(0, 0.06, epochs)).tolist(), patience))
    return calls


def falling_runs(rng: np.random.Generator) -> list[Arguments]:
    """Draw losses that fall in every epoch, in any length."""
    return [(np.sort(rng.random(n))[::-1].tolist(), p) for n, p in ((5, 1), (8, 3), (3, 4))]


def runs_to_the_end(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (losses, _), (kept, last) in zip(calls, values, strict=True):
        if not (int(kept) == int(last) == len(losses)):
            return f"{len(losses)} falling losses gave kept {kept}, last {last}; both should be the last epoch"
    return None


def stopping_epoch_reference(losses: Sequence[float], patience: int) -> Any:
    """Keep the lowest loss so far; stop when it is `patience` epochs old."""
    kept = 1
    for epoch in range(1, len(losses) + 1):
        if losses[epoch - 1] < losses[kept - 1]:
            kept = epoch
        if epoch - kept == patience:
            return kept, epoch
    return kept, len(losses)


stopping_epoch = Exercise(
    name="stopping_epoch",
    points=0,
    reference=stopping_epoch_reference,
    returns=("kept", "last"),
    cases=(
        Case("lowest in epoch 3, patience 2", ([0.9, 0.5, 0.4, 0.6, 0.7, 0.3], 2)),
        Case("a bump that patience forgives", ([0.9, 0.5, 0.6, 0.3, 0.4, 0.45, 0.5, 0.55], 3)),
        Case("three lone bumps", ([0.9, 0.95, 0.7, 0.75, 0.6, 0.65, 0.5], 2)),
        Case("rises, falls, but stays above the best", ([0.5, 0.8, 0.7, 0.6, 0.55, 0.2], 3)),
        Case("training ends before patience does", ([0.9, 0.4, 0.5, 0.6], 5)),
    ),
    properties=[
        Property("agrees on random runs", random_runs),
        Property(
            "while the loss falls, training goes on",
            falling_runs,
            runs_to_the_end,
            hint="epochs count from 1, and a new lowest loss starts the wait anew.",
        ),
    ],
)


@stopping_epoch.variant
def stopping_epoch_by_a_counter(losses: Sequence[float], patience: int) -> Any:
    best, kept, waited = float("inf"), 0, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            best, kept, waited = loss, epoch, 0
        else:
            waited += 1
        if waited == patience:
            break
    return kept, epoch


@stopping_epoch.variant
def stopping_epoch_by_running_minima(losses: Sequence[float], patience: int) -> Any:
    best = [int(np.argmin(losses[:end])) + 1 for end in range(1, len(losses) + 1)]
    tired = [epoch for epoch, kept in enumerate(best, start=1) if epoch - kept >= patience]
    last = tired[0] if tired else len(losses)
    return np.array(best[last - 1]), np.array(last)


@stopping_epoch.variant
def stopping_epoch_by_looking_ahead(losses: Sequence[float], patience: int) -> Any:
    kept = 0
    while True:
        ahead = [i for i in range(kept + 1, min(len(losses), kept + patience + 1)) if losses[i] < losses[kept]]
        if not ahead:
            return kept + 1, min(len(losses), kept + 1 + patience)
        kept = ahead[0]


@stopping_epoch.misconception("epochs count from 1; these are indices, which count from 0.")
def counts_from_zero(losses: Sequence[float], patience: int) -> Any:
    kept = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[kept]:
            kept = epoch
        if epoch - kept == patience:
            return kept, epoch
    return kept, len(losses) - 1


@stopping_epoch.misconception("that is the lowest loss of the whole run; epochs after the stop were never trained.")
def sees_the_future(losses: Sequence[float], patience: int) -> Any:
    return int(np.argmin(losses)) + 1, len(losses)


@stopping_epoch.misconception("training stopped at the first rise: patience waits for so many epochs.")
def has_no_patience(losses: Sequence[float], patience: int) -> Any:
    for epoch in range(2, len(losses) + 1):
        if losses[epoch - 1] > losses[epoch - 2]:
            return epoch - 1, epoch
    return len(losses), len(losses)


@stopping_epoch.misconception("the weights of the last epoch were kept; keep those of the lowest loss so far.")
def keeps_the_last(losses: Sequence[float], patience: int) -> Any:
    best = 1
    for epoch in range(1, len(losses) + 1):
        if losses[epoch - 1] < losses[best - 1]:
            best = epoch
        if epoch - best == patience:
            return epoch, epoch
    return len(losses), len(losses)


@stopping_epoch.misconception("each loss was compared with the one before it; compare with the lowest so far.")
def compares_with_the_previous(losses: Sequence[float], patience: int) -> Any:
    kept, rises = 1, 0
    for epoch in range(2, len(losses) + 1):
        rises = rises + 1 if losses[epoch - 1] > losses[epoch - 2] else 0
        if losses[epoch - 1] < losses[kept - 1]:
            kept = epoch
        if rises == patience:
            return kept, epoch
    return kept, len(losses)


@stopping_epoch.misconception("training went on for one epoch too many: stop in the epoch that uses up the patience.")
def waits_one_more(losses: Sequence[float], patience: int) -> Any:
    kept = 1
    for epoch in range(1, len(losses) + 1):
        if losses[epoch - 1] < losses[kept - 1]:
            kept = epoch
        if epoch - kept == patience + 1:
            return kept, epoch
    return kept, len(losses)


@stopping_epoch.misconception("the wait was not started anew at a new lowest loss.")
def never_resets_the_wait(losses: Sequence[float], patience: int) -> Any:
    kept, waited = 1, 0
    for epoch in range(2, len(losses) + 1):
        if losses[epoch - 1] < losses[kept - 1]:
            kept = epoch
        else:
            waited += 1
        if waited == patience:
            return kept, epoch
    return kept, len(losses)


@stopping_epoch.misconception("both numbers are right but exchanged: first the epoch kept, then the last one trained.")
def exchanges_both(losses: Sequence[float], patience: int) -> Any:
    kept = 1
    for epoch in range(1, len(losses) + 1):
        if losses[epoch - 1] < losses[kept - 1]:
            kept = epoch
        if epoch - kept == patience:
            return epoch, kept
    return len(losses), kept


@stopping_epoch.misconception("the highest value was kept, as for an accuracy; these are losses.")
def keeps_the_highest(losses: Sequence[float], patience: int) -> Any:
    kept = 1
    for epoch in range(1, len(losses) + 1):
        if losses[epoch - 1] > losses[kept - 1]:
            kept = epoch
        if epoch - kept == patience:
            return kept, epoch
    return kept, len(losses)
