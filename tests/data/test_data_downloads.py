"""Tier 1: what happens without a network, and real sets where they have been prepared."""

import numpy as np
import pytest

from coursekit import data
from coursekit.child import run_python
from coursekit.data import storage

OFFLINE = """
import requests
from coursekit import data
from coursekit.errors import CourseError
from coursekit.data import preparing
def no_network(*arguments, **options):
    raise requests.exceptions.ConnectionError("no network")
requests.Session.send = no_network
try:
    data.prepare("mnist")
except CourseError as error:
    print(error)
"""


@pytest.mark.slow
def test_a_failed_download_is_told_and_leaves_nothing_half_prepared(empty_dir):
    done = run_python("-c", OFFLINE, timeout=120)
    assert "mnist could not be downloaded: ConnectionError" in done.stdout, done.stderr
    assert "fix: run `coursekit data prepare mnist` again with a network" in done.stdout
    assert not list(empty_dir.glob("mnist/3*"))


def real(name):
    if not storage.is_prepared(name):
        pytest.skip(f"{name} is not prepared in the TFDS data directory")
    return data.load(name)


@pytest.mark.realdata
@pytest.mark.slow
def test_mnist():
    mnist = real("mnist")
    assert mnist.x_train.shape == (60000, 28, 28, 1)
    assert mnist.x_test.shape == (10000, 28, 28, 1)
    assert mnist.x_train.dtype == np.float32
    assert mnist.x_train.mean() == pytest.approx(0.1307, abs=1e-4)  # as published everywhere
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.y_train).tolist() == counts
    assert np.bincount(data.load("mnist", size=1000).y_train).tolist() == pytest.approx(np.array(counts) / 60, abs=1)


@pytest.mark.realdata
@pytest.mark.slow
def test_cifar10():
    cifar = real("cifar10")
    assert cifar.x_train.shape == (50000, 32, 32, 3)
    assert set(np.bincount(cifar.y_train)) == {5000}
    assert cifar.classes[:3] == ("airplane", "automobile", "bird")
    mean = cifar.x_train.mean(axis=(0, 1, 2), dtype=np.float64)  # in float32 this sum saturates
    np.testing.assert_allclose(mean, [0.4914, 0.4822, 0.4465], atol=2e-3)


@pytest.mark.realdata
@pytest.mark.slow
def test_trec():
    trec = real("trec")
    assert (len(trec.x_train), len(trec.x_test)) == (5452, 500)
    assert trec.x_train.shape == (5452,)
    assert all(type(text) is str for text in trec.x_train)
    assert set(trec.classes) == {"DESC", "ENTY", "ABBR", "HUM", "NUM", "LOC"}
