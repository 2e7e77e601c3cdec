"""Makes the samples of `signals` and `chirps` shown in data.md: `.venv/bin/python docs/make_signal_pictures.py`."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import coursekit as ck
from coursekit.data import chirps
from coursekit.figures.style import BLUE, GREY, SEQUENTIAL, style

FOLDER = Path(__file__).parent / "images"


def signal_samples(dataset: ck.data.Dataset, rows: int = 3) -> Figure:
    """Return signals of each class, with the template drawn where it hides."""
    templates = ck.data.signals.templates()
    figure = Figure(figsize=(9, 1 + rows), layout="constrained")
    axes = figure.subplots(rows + 1, 6, sharex="row", sharey="row")
    for label, name in enumerate(dataset.classes):
        axes[0, label].plot(templates[label], color=BLUE)
        axes[0, label].set_title(name, fontsize=9)
        for axis, i in zip(axes[1:, label], np.flatnonzero(dataset.y_train == label)[:rows], strict=True):
            axis.plot(dataset.x_train[i, :, 0], color=GREY, linewidth=0.7)
            place = dataset.factors_train["position"][i] + np.arange(templates.shape[1])
            axis.plot(place, dataset.factors_train["amplitude"][i] * templates[label], color=BLUE, linewidth=2)
    for axis in axes.flat:
        axis.tick_params(labelsize=7)
    axes[0, 0].set_ylabel("template", fontsize=8)
    axes[-1, 0].set_xlabel("sample", fontsize=8)
    return figure


def chirp_samples(dataset: ck.data.Dataset, rows: int = 3) -> Figure:
    """Return a waveform of each class, and spectrograms of it and of others."""
    figure = Figure(figsize=(9, 5.6), layout="constrained")
    axes = figure.subplots(rows + 1, 6, sharey="row", sharex=True)
    seconds = dataset.x_train.shape[1] / chirps.RATE
    for label, name in enumerate(dataset.classes):
        chosen = np.flatnonzero(dataset.y_train == label)[:rows]
        sound = dataset.x_train[chosen[0]]
        axes[0, label].plot(np.arange(len(sound)) / chirps.RATE, sound, color=BLUE, linewidth=0.3)
        axes[0, label].set_title(name, fontsize=9)
        images = ck.data.spectrogram(dataset.x_train[chosen])[..., 0]
        for axis, image in zip(axes[1:, label], images, strict=True):
            extent = (0, seconds, 0, chirps.RATE / 2000)
            axis.imshow(image.T, origin="lower", aspect="auto", extent=extent, cmap=SEQUENTIAL, vmin=0, vmax=1)
            axis.set_ylim(0, 5)
    for axis in axes.flat:
        axis.tick_params(labelsize=7)
    axes[0, 0].set_ylabel("sound", fontsize=8)
    axes[1, 0].set_ylabel("frequency in kHz", fontsize=8)
    axes[-1, 0].set_xlabel("time in s", fontsize=8)
    return figure


if __name__ == "__main__":
    with style():
        for name, draw in (("signals", signal_samples), ("chirps", chirp_samples)):
            figure = draw(ck.data.load(name))
            figure.savefig(FOLDER / f"data_{name}.png", dpi=85, facecolor="white", metadata={"Software": None})
