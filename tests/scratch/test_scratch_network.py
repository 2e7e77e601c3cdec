"""Networks: one gradient through all layers, training that works and repeats, and a line of progress."""

import io
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from coursekit import data
from coursekit.scratch.gradients import check_gradient
from coursekit.scratch.layers import (
    Affine,
    BatchNorm,
    Conv2D,
    Dropout,
    Flatten,
    Pool2D,
    ReLU,
    Tanh,
)
from coursekit.scratch.losses import hinge_loss, softmax_loss
from coursekit.scratch.network import Network
from coursekit.scratch.optimizers import SGD, Adam
from coursekit.scratch.progress import Progress


def small(seed=0, dropout=0.0, **options):
    rng = np.random.default_rng(seed)
    layers = [
        Conv2D(1, 4, 3, rng, pad=1),
        BatchNorm(4),
        ReLU(),
        Pool2D(2),
        Flatten(),
        Affine(64, 16, rng),
        Tanh(),
        Dropout(dropout, rng),
        Affine(16, 3, rng),
    ]
    return Network(layers, **options)


def straight():
    rng = np.random.default_rng(0)
    return Network([Flatten(), Affine(64, 8, rng), ReLU(), Affine(8, 3, rng)])


@pytest.fixture
def examples(rng):
    return rng.normal(size=(20, 8, 8, 1)).astype(np.float32), rng.integers(0, 3, 20)


@pytest.mark.parametrize("loss", [softmax_loss, hinge_loss])
def test_gradients_through_the_whole_network(loss, rng):
    x, y = rng.normal(size=(5, 8, 8, 1)), np.array([0, 2, 1, 1, 0])
    network = small(loss=loss)
    for parameter in network.parameters:
        parameter.data = parameter.data.astype(np.float64)

    def total(v):
        return loss(network.forward(v, training=True), y)[0]

    dx = network.backward(loss(network.forward(x, training=True), y)[1])
    gradients = [p.grad.copy() for p in network.parameters]
    check = check_gradient(total, x, dx, rtol=1e-4, atol=1e-7)
    assert check, check
    for parameter, gradient in zip(network.parameters, gradients, strict=True):
        start = parameter.data

        def moved(v, parameter=parameter):
            parameter.data = v
            return total(x)

        check = check_gradient(moved, start, gradient, rtol=1e-4, atol=1e-7)
        parameter.data = start
        assert check, check


def test_parameters_are_counted():
    assert small().parameter_count == (9 * 4 + 4) + (4 + 4) + (64 * 16 + 16) + (16 * 3 + 3)


def test_it_overfits_twenty_examples(examples):
    x, y = examples
    network = small()
    history = network.fit(x, y, epochs=60, batch=5, optimizer=Adam(0.01), progress=False)
    assert network.evaluate(x, y)[1] == 1
    assert history.losses[-1] < 0.05 < history.losses[0]
    np.testing.assert_array_equal(network.predict(x), y)


def test_the_same_seeds_give_the_same_network(examples):
    x, y = examples

    def train(layers, order):
        network = small(seed=layers, dropout=0.3)
        history = network.fit(x, y, epochs=3, batch=6, seed=order, progress=False)
        return history, network.scores(x)

    (history, scores), (again, same) = train(1, 2), train(1, 2)
    assert history == again
    np.testing.assert_array_equal(scores, same)
    assert (train(1, 3)[1] != scores).any()
    assert (train(4, 2)[1] != scores).any()


def test_history_has_an_entry_an_epoch_and_a_loss_a_batch(examples):
    x, y = examples
    history = small().fit(x, y, epochs=3, batch=8, validation=(x[:7], y[:7]), progress=False)
    assert len(history.batch_losses) == 3 * 3
    assert history.losses == [pytest.approx(np.mean(history.batch_losses[i : i + 3])) for i in (0, 3, 6)]
    lengths = {len(history.accuracies), len(history.validation_losses), len(history.validation_accuracies)}
    assert lengths == {3}
    assert all(0 <= share <= 1 for share in history.accuracies + history.validation_accuracies)
    assert small().fit(x, y, epochs=1, progress=False).validation_losses == []


def test_every_epoch_shows_every_example_once_in_a_new_order():
    seen = []

    class Spy(Flatten):
        def forward(self, x, training=False):
            seen.append(x[:, 0].astype(int).tolist())
            return super().forward(x, training)

    x = np.arange(10.0).reshape(10, 1)
    network = Network([Spy(), Affine(1, 2, np.random.default_rng(0))])
    network.fit(x, np.zeros(10, int), epochs=2, batch=4, optimizer=SGD(0), progress=False)
    assert [len(batch) for batch in seen] == [4, 4, 2] * 2
    first, second = [i for part in seen[:3] for i in part], [i for part in seen[3:] for i in part]
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    assert first != sorted(first)


def test_accuracy_weighs_the_smaller_last_batch_right():
    """With weights that stay 0 all scores tie, and class 0 is predicted."""
    layer = Affine(1, 2, np.random.default_rng(0))
    layer.weights.data[:] = 0
    labels = np.array([0, 0, 0, 1, 1])
    history = Network([layer]).fit(np.ones((5, 1)), labels, 1, batch=3, optimizer=SGD(0), progress=False)
    assert history.accuracies == [pytest.approx(3 / 5)]


def test_layers_know_whether_they_are_in_training(examples):
    x, y = examples
    network = small(dropout=0.5)
    norm = network.layers[1]
    network.scores(x)
    assert not norm.mean.any()
    network.fit(x, y, epochs=1, progress=False)
    assert norm.mean.any()
    np.testing.assert_array_equal(network.scores(x), network.scores(x))  # nothing is dropped any more


def test_training_goes_on_where_it_was(examples):
    x, y = examples
    whole, parts = small(), small()
    whole.fit(x, y, epochs=1, batch=20, optimizer=(adam := Adam()), progress=False)
    whole.fit(x, y, epochs=1, batch=20, optimizer=adam, progress=False)
    parts.fit(x, y, epochs=1, batch=20, optimizer=Adam(), progress=False)
    parts.fit(x, y, epochs=1, batch=20, optimizer=Adam(), progress=False)
    assert (whole.scores(x) != parts.scores(x)).any(), "the optimizer's memory counts"


def test_l2_adds_to_loss_and_gradient_of_weights_alone(examples):
    x, y = examples
    free, held = small(), small(l2=0.1)
    squares = sum((p.data**2).sum() for p in free.parameters if p.data.ndim > 1)
    loss, _ = free.step(x, y, SGD(0))
    penalised, _ = held.step(x, y, SGD(0))
    assert penalised - loss == pytest.approx(0.1 * squares, rel=1e-4)
    for p, q in zip(free.parameters, held.parameters, strict=True):
        extra = 0.2 * p.data if p.data.ndim > 1 else 0
        np.testing.assert_allclose(q.grad, p.grad + extra, rtol=1e-4, atol=1e-5)


def test_scores_of_many_come_in_batches_and_in_order(examples):
    x, _ = examples
    network = small()
    np.testing.assert_allclose(network.scores(x, batch=3), network.forward(x), atol=1e-6)


def test_float32_all_the_way(examples):
    x, y = examples
    network = small(dropout=0.2, l2=1e-3)
    network.fit(x, y, epochs=2, optimizer=Adam(), progress=False)
    assert network.scores(x).dtype == np.float32
    assert {p.data.dtype for p in network.parameters} == {np.dtype(np.float32)}
    assert {p.grad.dtype for p in network.parameters} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda n, x, y: n.fit(x, y[:-1], 1), "20 inputs and labels of shape"),
        (lambda n, x, y: n.fit(x, np.eye(3)[y], 1), "one integer label for each"),
        (lambda n, x, y: n.fit(x[:0], y[:0], 1), "at least one input"),
        (lambda n, x, y: n.fit(x, y, 1, batch=0), "batch: got 0"),
        (lambda n, x, y: n.fit(x, y + 1, 1), "classes 0 to 2"),
        (lambda n, x, y: n.evaluate(np.full_like(x, np.nan), y), "is nan"),
        (lambda n, x, y: small(l2=-1), "l2: got -1"),
        (lambda n, x, y: straight().fit(x, y, 50, optimizer=SGD(1e20)), "learning rate"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_wrong_input_is_refused_with_the_fix(wrong, says, examples):
    with pytest.raises(ValueError, match=f"(?s){says}") as caught:
        wrong(small(), *examples)
    assert "\n  fix: " in str(caught.value)


# The line of progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_nothing_is_written_where_nobody_reads(examples, monkeypatch):
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr(sys, "stdout", log)
    small().fit(*examples, epochs=1)
    assert log.getvalue() == ""


def test_a_terminal_gets_one_line(examples, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    history = small().fit(*examples, epochs=2, batch=4, validation=examples)
    written = terminal.getvalue()
    assert written.count("\n") == 1
    last = written.split("\r")[-1].rstrip()
    assert last == (
        f"epoch 2: loss {history.losses[-1]:.3f}, accuracy {history.accuracies[-1]:.3f}; "
        f"validation loss {history.validation_losses[-1]:.3f}, accuracy {history.validation_accuracies[-1]:.3f}"
    )
    assert "epoch 1/2" in written
    terminal.truncate(0)
    small().fit(*examples, epochs=1, progress=False)
    assert terminal.getvalue().strip("\0") == ""


def test_a_shorter_line_wipes_out_a_longer_one(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(total=2) as line:
        line.advance("a long text about the first step")
        line.say("done")
    long, short = terminal.getvalue().split("\r")[1:]
    assert short.rstrip() == "done"
    assert len(short.rstrip("\n")) >= len(long)


# Results


BENCHMARK = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "network.py"))


@pytest.mark.slow
def test_the_digits_demo_reaches_97_percent():
    digits = data.load("digits")
    network = BENCHMARK["train_digits"](digits, seed=0)
    assert network.evaluate(digits.x_test, digits.y_test)[1] >= 0.97


@pytest.mark.realdata
@pytest.mark.slow
def test_mnist_reaches_98_5_percent():
    if not data.is_prepared("mnist"):
        pytest.skip("mnist is not prepared in the TFDS data directory: coursekit data prepare mnist")
    mnist = data.load("mnist")
    network = BENCHMARK["train_mnist"](mnist, seed=0)
    assert network.evaluate(mnist.x_test, mnist.y_test)[1] >= 0.985
