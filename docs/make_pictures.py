"""Makes the picture of the README from the course's own code: `.venv/bin/python docs/make_pictures.py`."""

from pathlib import Path

import numpy as np

import coursekit as ck
from coursekit.exercises.a1_losses.training import train_linear_classifier
from coursekit.scratch.losses import softmax_loss

FOLDER = Path(__file__).parent / "images"


def main() -> None:
    """Train assignment 1's classifier on the digits, and draw how a faint template turns a 9 into an 8."""
    digits = ck.data.load("digits")
    x, held_out = digits.x_train.reshape(-1, 64), digits.x_test.reshape(-1, 64)
    weights, bias = train_linear_classifier.reference(x, digits.y_train, 10, softmax_loss, epochs=100)
    read_as = (held_out @ weights + bias).argmax(axis=1)
    nine = held_out[(read_as == 9) & (digits.y_test == 9)][0]
    alpha = next(a for a in np.arange(0, 1, 0.005) if ((nine + a * weights[:, 8]) @ weights + bias).argmax() == 8)
    titles = ("read as 9", "template of 8", "read as 8")
    figure = ck.figures.classifiers.fooling(nine.reshape(8, 8), weights[:, 8].reshape(8, 8), float(alpha), titles)
    figure.savefig(FOLDER / "fooled.png", dpi=110, facecolor="white", bbox_inches="tight", metadata={"Software": None})


if __name__ == "__main__":
    main()
