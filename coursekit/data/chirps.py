"""``chirps``: short sounds told apart by how their pitch moves, and the picture that shows it."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

RATE = 16_000  # samples a second
LENGTH = 4096  # samples: 0.256 s
CLASSES = ("constant", "rising", "falling", "warble", "hop", "chord")
FADE = 160  # samples over which a sound swells and dies away: 10 ms
PULSE_CODE = 2.0**-15  # the steps of 16-bit sound, which all values are multiples of


def draw(n: int, seed: int = 0) -> dict[str, NDArray[Any]]:
    """Return n sounds, each class equally often, in random order.

    Returns:
        ``sound``, float32 (n, 4096) in −1 … 1, at 16,000 samples a second; ``label``, int64 (n,); and, float32 (n,),
        ``frequency`` in Hz, the geometric mean of the lowest and the highest; ``ratio``, of the highest to the lowest;
        ``onset`` and ``duration`` in seconds; ``amplitude``; and ``noise``, the standard deviation of what is added.
    """
    random = np.random.RandomState(seed)  # whose numbers NumPy promises never to change
    labels = random.permutation(np.arange(n) % len(CLASSES))
    factors = {
        "frequency": np.exp(random.uniform(np.log(600), np.log(3000), n)),
        "ratio": np.exp(random.uniform(np.log(1.3), np.log(2), n)),
        "duration": random.uniform(0.1, 0.2, n),
        "amplitude": random.uniform(0.1, 0.4, n),
        "noise": random.uniform(0.02, 0.2, n),
    }
    factors["ratio"][labels == CLASSES.index("constant")] = 1
    factors["onset"] = random.uniform(0, 1, n) * (LENGTH / RATE - factors["duration"])
    sounds = np.empty((n, LENGTH), np.float32)
    for i, label in enumerate(labels):
        made = {name: float(values[i]) for name, values in factors.items()}
        clean = _sound(CLASSES[label], random, **{k: v for k, v in made.items() if k != "noise"})
        noisy = clean + random.normal(0, made["noise"], LENGTH)
        sounds[i] = np.clip(np.rint(noisy / PULSE_CODE) * PULSE_CODE, -1, 1)
    rounded = {name: np.round(values, 4).astype(np.float32) for name, values in factors.items()}
    return {"sound": sounds, "label": labels.astype(np.int64), **rounded}


def _sound(
    kind: str,
    random: np.random.RandomState,
    *,
    frequency: float,
    ratio: float,
    onset: float,
    duration: float,
    amplitude: float,
) -> NDArray[np.float64]:
    """Return a sound without noise, (4096,)."""
    t = np.arange(round(duration * RATE)) / round(duration * RATE)  # 0 to 1
    turns, upwards, phases = random.uniform(1.5, 3), random.choice([-1, 1]), random.uniform(0, 2 * np.pi, 2)
    bends = {  # log-frequency over time, between −1 and 1
        "constant": [0 * t],
        "rising": [2 * t - 1],
        "falling": [1 - 2 * t],
        "warble": [upwards * np.sin(2 * np.pi * turns * t)],
        "hop": [upwards * np.where(t < 0.5, -1.0, 1.0)],
        "chord": [-1 + 0 * t, 1 + 0 * t],
    }[kind]
    waves = [
        np.sin(2 * np.pi * np.cumsum(frequency * ratio ** (bend / 2)) / RATE + phase)
        for bend, phase in zip(bends, phases, strict=False)
    ]
    edges = np.minimum(np.arange(len(t)), np.arange(len(t))[::-1]) / FADE
    swell = np.sin(np.pi / 2 * np.clip(edges, 0, 1)) ** 2
    sound = np.zeros(LENGTH)
    start = int(onset * RATE)
    sound[start : start + len(t)] = amplitude * swell * np.mean(waves, axis=0)
    return sound


def spectrogram(x: ArrayLike, window: int = 256, step: int = 128, floor: float = -80) -> NDArray[np.float32]:
    """Return how loud each frequency is at each time: sounds as images that a 2-D network can look at.

    Windows of the sound, weighted by Hann's bell, are Fourier-transformed; their absolute values are given on the
    decibel scale of hearing, squeezed into 0 … 1. A sine of amplitude 1 reaches 1, at its own frequency; each tenth of
    the amplitude takes 20 decibels off.

    Args:
        x: sounds, (n, samples).
        window: samples in a window. Longer ones tell close frequencies apart, shorter ones close times.
        step: samples from one window to the next.
        floor: decibels that become 0, with all below.

    Returns:
        float32 (n, times, frequencies, 1), with ``1 + (samples − window) // step`` times and ``1 + window // 2``
        frequencies from 0 to half the sampling rate.

    Raises:
        ValueError: if the sounds are no array (n, samples) of at least one window each.
    """
    from scipy.signal import get_window

    sounds = np.asarray(x, np.float32)
    if sounds.ndim != 2 or sounds.shape[1] < window:
        raise ValueError(
            f"x: got shape {sounds.shape}, wanted (n, samples) with at least {window} samples.\n"
            "  fix: pass sounds as rows, such as data.load('chirps').x_train, or a shorter window."
        )
    bell = get_window("hann", window).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(sounds, window, axis=1)[:, ::step]
    loudness = np.empty((*windows.shape[:2], 1 + window // 2, 1), np.float32)
    for i, some in enumerate(windows):  # one sound at a time, to spare the memory
        amplitude = np.abs(np.fft.rfft(some * bell)) * (2 / bell.sum())
        loudness[i, ..., 0] = 20 * np.log10(np.maximum(amplitude, 1e-12))
    return np.clip(1 - loudness / np.float32(floor), 0, 1)
