"""The ledger explorer: choose a network and a layer, read shape, parameters, work and receptive field (lecture 07).

``coursekit.figures.ledgers.chart`` draws its still picture.
"""

from collections.abc import Mapping, Sequence

from coursekit.figures.interactive import block
from coursekit.figures.ledgers import Row

QUANTITIES = ("parameters", "multiply-adds", "outputs", "receptive field")
MOST_ROWS = 400
_IDLE = (
    "Run this cell to choose networks and layers here (this page shows it without scripts, or the notebook is not "
    "trusted). The still picture shows one ledger."
)


def ledger_explorer(networks: Mapping[str, Sequence[Row]], quantity: str = "parameters") -> str:
    """Return the interactive figure as HTML; show it with ``IPython.display.HTML``.

    A table with a line for each layer and a bar for the chosen quantity. Arrow keys go from layer to layer; a sentence
    says what the layer has, and what share of its network that is.

    Args:
        networks: name -> the rows of its ledger, as many as should be shown; the first is where it starts.
        quantity: what the bars show at first: "parameters", "multiply-adds", "outputs" or "receptive field".

    Raises:
        ValueError: if there is no network, one has no rows, a shape is open, or there are too many rows in all.
    """
    if not networks or not all(networks.values()):
        raise ValueError('a network has no rows.\n  fix: pass {"name": coursekit.models.ledger(model), …}.')
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity is {quantity!r}.\n  fix: pass one of {', '.join(QUANTITIES)}.")
    if sum(map(len, networks.values())) > MOST_ROWS:
        raise ValueError(f"there are more than {MOST_ROWS} rows.\n  fix: leave out layers without parameters.")
    return block(
        "ledger_explorer",
        {
            "networks": [[name, [_line(name, row) for row in rows]] for name, rows in networks.items()],
            "quantities": list(QUANTITIES),
            "quantity": quantity,
        },
        _IDLE,
    )


def _line(network: str, row: Row) -> list[object]:
    if None in row.output_shape:
        raise ValueError(
            f"{row.name} of {network} has outputs of open size, {row.output_shape}.\n"
            "  fix: build the network with a full input_shape."
        )
    field = row.receptive_field
    across = field if isinstance(field, int | None) else list(field)
    return [row.name, list(row.output_shape), row.params, row.macs, across]
