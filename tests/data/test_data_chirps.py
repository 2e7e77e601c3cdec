"""The chirps and their spectrograms: frequencies are where the factors say."""

import hashlib

import numpy as np
import pytest
from scipy.signal import stft

from coursekit.data import chirps, spectrogram


@pytest.fixture(scope="module")
def drawn():
    return chirps.draw(180, seed=2)


def test_the_same_seed_gives_the_same_bits_and_another_one_does_not(drawn):
    """The digest was made on another machine than yours."""
    digest = hashlib.sha256(b"".join(drawn[name].tobytes() for name in sorted(drawn))).hexdigest()
    assert digest == "191607c32455e149fc6b975784ac19dadaa552b460aa87c692227dc5e483643f"
    assert not np.array_equal(chirps.draw(180, seed=3)["sound"], drawn["sound"])


def test_sixteen_bit_sounds_of_six_classes(drawn):
    sounds = drawn["sound"]
    assert sounds.shape == (180, chirps.LENGTH)
    assert sounds.dtype == np.float32
    np.testing.assert_array_equal(sounds * 2**15 % 1, 0)
    assert np.abs(sounds).max() <= 1
    assert np.bincount(drawn["label"]).tolist() == [30] * 6
    assert (drawn["onset"] + drawn["duration"]).max() <= chirps.LENGTH / chirps.RATE
    assert (drawn["ratio"] == 1).tolist() == (drawn["label"] == 0).tolist()


def test_before_the_onset_there_is_nothing_but_noise(drawn):
    for sound, onset, noise in zip(drawn["sound"], drawn["onset"], drawn["noise"], strict=True):
        if (silence := sound[: int(onset * chirps.RATE) - 2]).size > 500:
            assert silence.std() == pytest.approx(noise, rel=0.15)


def loudest(drawn, i, moment):
    """Return the loudest frequency in Hz at a moment, from 0 to 1, of a sound's duration."""
    image = spectrogram(drawn["sound"][i : i + 1])[0, ..., 0]
    time = drawn["onset"][i] + moment * drawn["duration"][i]
    row = np.clip(round(float(time * chirps.RATE - 128) / 128), 0, len(image) - 1)
    return image[row].argmax() * chirps.RATE / 256


@pytest.mark.parametrize(("kind", "early", "late"), [(0, 0.0, 0.0), (1, -0.35, 0.35), (2, 0.35, -0.35)])
def test_the_pitch_moves_as_the_factors_say(kind, early, late, drawn):
    """At 15 % and 85 % of its duration a sweep is 0.35 of the way, in log-frequency, from the middle to its ends."""
    clear = np.flatnonzero((drawn["label"] == kind) & (drawn["amplitude"] > drawn["noise"]))
    assert len(clear) >= 10
    for i in clear:
        for moment, way in ((0.15, early), (0.85, late)):
            expected = float(drawn["frequency"][i] * drawn["ratio"][i] ** way)
            bin_and_drift = 62.5 + 0.1 * expected  # the window may lie half a step off
            assert loudest(drawn, i, moment) == pytest.approx(expected, abs=bin_and_drift)


def test_a_chord_has_two_pitches_at_once(drawn):
    found = 0
    for i in np.flatnonzero((drawn["label"] == 5) & (drawn["amplitude"] > drawn["noise"])):
        low, high = (drawn["frequency"][i] * drawn["ratio"][i] ** way for way in (-0.5, 0.5))
        image = spectrogram(drawn["sound"][i : i + 1])[0, ..., 0].mean(axis=0)
        top = np.sort(image.argsort()[-4:]) * chirps.RATE / 256
        found += np.abs(top - low).min() < 65 and np.abs(top - high).min() < 65
    assert found >= 10


def test_a_sine_of_amplitude_one_reaches_one_and_a_tenth_of_it_a_quarter_less():
    t = np.arange(4096) / 16_000
    sines = np.stack([np.sin(2 * np.pi * 2000 * t), 0.1 * np.sin(2 * np.pi * 2000 * t), 0 * t])
    images = spectrogram(sines)
    assert images.shape == (3, 31, 129, 1)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images[0, :, 32, 0], 1, atol=1e-3)
    np.testing.assert_allclose(images[1, :, 32, 0], 0.75, atol=1e-3)
    assert (images[0].argmax(axis=1) == 32).all()
    assert (images[2] == 0).all()
    assert spectrogram(sines, window=64, step=32).shape == (3, 127, 33, 1)


def test_the_spectrogram_is_scipys(drawn):
    image = spectrogram(drawn["sound"][:5], floor=-200)[..., 0]
    options = {"window": "hann", "nperseg": 256, "noverlap": 128, "boundary": None, "padded": False}
    _, _, oracle = stft(drawn["sound"][:5], **options)
    expected = 1 + 20 * np.log10(2 * np.abs(oracle).swapaxes(1, 2)) / 200
    np.testing.assert_allclose(image, expected, atol=1e-4)


@pytest.mark.parametrize("wrong", [np.zeros(4096), np.zeros((2, 100)), np.zeros((2, 4096, 1))])
def test_the_spectrogram_refuses_what_is_no_row_of_samples(wrong):
    with pytest.raises(ValueError, match="wanted \\(n, samples\\) with at least 256"):
        spectrogram(wrong)


@pytest.mark.slow
@pytest.mark.xdist_group("tier0")
def test_the_data_set(tier0):
    loaded = tier0("chirps")
    assert loaded.x_train.shape == (1800, 4096)
    assert loaded.x_test.shape == (600, 4096)
    assert loaded.classes == chirps.CLASSES
    again = chirps.draw(600, seed=1)
    np.testing.assert_array_equal(loaded.x_test, again["sound"])
    for factor, values in loaded.factors_test.items():
        np.testing.assert_array_equal(values, again[factor])
    assert "signals of shape (4096,)" in repr(loaded)
