"""The paths through a stack of residual blocks: how many, how long, and what gradient each carries (lecture 08).

``coursekit.figures.depth.path_bars`` draws its still picture.
"""

from collections.abc import Collection
from math import comb

from coursekit.figures.interactive import block

DEEPEST = 12
LARGEST = 3.0
_IDLE = (
    "Run this cell to choose depth, slope and λ here (this page shows it without scripts, or the notebook is not "
    "trusted). The still picture shows one setting."
)


def residual_paths(depth: int = 8, slope: float = 0.5, skip: float = 1.0, removed: Collection[int] = ()) -> str:
    """Return the interactive figure as HTML; show it with ``IPython.display.HTML``.

    Each block multiplies the gradient by f + λ: f along F, λ along the shortcut. Multiplied out, that is a sum over
    2ⁿ paths; the figure groups them by how many blocks they go through. Blocks are buttons that take F away.

    Args:
        depth: blocks, 1 to 12.
        slope: f = ∂F/∂x, the same in each block, −3 to 3.
        skip: λ, −3 to 3; 0 is a plain network.
        removed: numbers of blocks, from 0, whose F is missing at the start.

    Raises:
        ValueError: if a setting is out of its range.
    """
    if not 1 <= depth <= DEEPEST:
        raise ValueError(f"depth is {depth}.\n  fix: pass a whole number from 1 to {DEEPEST}.")
    for name, value in (("slope", slope), ("skip", skip)):
        if not -LARGEST <= value <= LARGEST:
            raise ValueError(f"{name} is {value}.\n  fix: pass a number from −{LARGEST:g} to {LARGEST:g}.")
    if not set(removed) <= set(range(depth)):
        raise ValueError(f"removed is {sorted(removed)}.\n  fix: blocks have the numbers 0 to {depth - 1}.")
    return block(
        "residual_paths",
        {
            "depth": int(depth),
            "slope": float(slope),
            "skip": float(skip),
            "removed": sorted(int(each) for each in removed),
            "deepest": DEEPEST,
            "largest": LARGEST,
        },
        _IDLE,
    )


def path_table(depth: int, slope: float, skip: float, removed: int = 0) -> dict[str, list[float]]:
    """Return, for each number k of F's on a path: how many paths there are, and what gradient they carry together.

    Args:
        depth: blocks.
        slope: f of each F.
        skip: λ of each shortcut.
        removed: how many blocks have only their shortcut left.
    """
    left = depth - removed
    lengths = range(left + 1)
    return {
        "blocks on the path": list(lengths),
        "paths": [comb(left, k) for k in lengths],
        "gradient together": [comb(left, k) * slope**k * skip ** (depth - k) for k in lengths],
    }
