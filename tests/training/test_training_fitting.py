"""`fit` trains what it is given, the same way each time, and says how it ended."""

import math

import numpy as np
import pytest

from coursekit import backend, training
from coursekit.errors import CourseError

pytestmark = pytest.mark.slow


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a.get_weights(), b.get_weights(), strict=True))


@pytest.fixture(scope="module")
def run(build, digits):
    """A finished run, its model, and what Keras measures of it."""
    model = build()
    history = training.fit(model, digits, epochs=3, learning_rate=0.01, validation="test")
    return history, model, model.evaluate(digits.x_test, digits.y_test, verbose=0)


def test_it_learns_and_measures_as_keras_does(run):
    history, _, (loss, accuracy) = run
    assert history.epochs == 3
    assert history.loss[0] > history.loss[2]
    assert history.val_loss[2] == pytest.approx(loss, rel=1e-5)
    assert history.val_accuracy[2] == pytest.approx(accuracy)
    assert history.val_accuracy[2] > 0.7
    assert history.learning_rate == pytest.approx([0.01] * 3)
    assert len(history.seconds) == 3
    assert not history.stopped


def test_the_same_seed_gives_the_same_weights(run, build, digits):
    again, other = build(), build()
    training.fit(again, digits, epochs=3, learning_rate=0.01, validation="test")
    training.fit(other, digits, epochs=3, learning_rate=0.01, seed=1)
    assert same(again, run[1])
    assert not same(other, run[1])


def test_dropout_and_augmentation_follow_the_seed(keras, build, digits):
    first, again = build(keras.layers.Dropout(0.5)), build(keras.layers.Dropout(0.5))
    keras.utils.set_random_seed(77)
    for model in (first, again):
        training.fit(model, digits, epochs=1, augment=["crop", "colour_cast"])
    assert same(first, again)


def test_training_goes_on_unless_told_otherwise(build, digits):
    model = build()
    training.fit(model, digits, epochs=1, optimizer="sgd", learning_rate=0.25)
    optimizer = model.optimizer
    training.fit(model, digits, epochs=1)
    assert model.optimizer is optimizer
    assert int(optimizer.iterations) == 2 * (500 // 32)
    training.fit(model, digits, epochs=1, learning_rate=0.5)
    assert model.optimizer is not optimizer
    assert float(model.optimizer.learning_rate) == 0.5


def test_an_optimizer_may_serve_several_models(keras, build, digits):
    optimizer = keras.optimizers.SGD(0.2, momentum=0.9)
    for _ in range(2):
        history = training.fit(build(), digits, epochs=1, optimizer=optimizer)
    assert history.learning_rate == pytest.approx([0.2])


def test_probabilities_and_logits_get_the_loss_that_fits(build, digits):
    losses = [training.fit(build(activation=each), digits, epochs=2).loss for each in ("softmax", None)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert losses[0][1] < losses[0][0] < 2.5


def test_schedules_set_the_rate_of_every_step(build, digits):
    history = training.fit(build(), digits, epochs=3, learning_rate=0.01, schedule="one-cycle", batch_size=50)
    assert history.learning_rate[0] > history.learning_rate[1] > history.learning_rate[2]
    # The rate after the last step of an epoch is that of the next: 10 of 29.
    cycle = 1e-4 + (1 - 1e-4) * (1 + math.cos(math.pi * (10 / 29 - 0.3) / 0.7)) / 2
    assert history.learning_rate[0] == pytest.approx(0.01 * cycle, rel=1e-4)
    halved = training.fit(build(), digits, epochs=2, schedule=lambda t: 0.5, learning_rate=0.01)
    assert halved.learning_rate == pytest.approx([0.005, 0.005])


def test_patience_keeps_the_best_weights_also_at_the_end(build, digits):
    model = build()
    x, y = digits.x_train[:80], digits.y_train[:80]
    history = training.fit(
        model, (x, y), epochs=40, learning_rate=0.05, validation=(digits.x_test, digits.y_test), patience=2
    )
    assert history.epochs < 40
    assert "not lower for 2 epochs" in history.stopped
    assert history.best_epoch == int(np.argmin(history.val_loss)) + 1 == history.epochs - 2
    loss, _ = model.evaluate(digits.x_test, digits.y_test, verbose=0)
    assert loss == pytest.approx(min(history.val_loss), rel=1e-5)


def test_weight_decay_shrinks_kernels_and_leaves_biases(build, digits):
    model = build()
    before = model.get_weights()
    x, y = digits.x_train[:32], digits.y_train[:32]
    # A rate of 1e-4 and decay of 1e3 take a tenth off; the gradient's own step is small beside it.
    training.fit(model, (x, y), epochs=1, optimizer="sgd", learning_rate=1e-4, weight_decay=1e3)
    kernel, bias, *_ = model.get_weights()
    np.testing.assert_allclose(kernel, 0.9 * before[0], atol=1e-3)
    assert np.abs(bias).max() < 1e-3
    assert model.optimizer.exclude_from_weight_decay is not None


def test_a_loss_that_is_no_number_ends_it_with_advice(build, digits):
    history = training.fit(build(), digits, epochs=5, optimizer="sgd", learning_rate=1e20)
    assert history.epochs == 1
    assert "learning rate that is too high: try a tenth of 1e+20" in history.stopped
    assert history.stopped in repr(history)


def test_an_interrupt_keeps_the_history_and_the_best_weights(keras, build, digits):
    class Impatient(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    model = build()
    history = training.fit(
        model, digits, epochs=9, learning_rate=0.01, validation=0.2, patience=5, callbacks=[Impatient()]
    )
    assert history.epochs == 2
    assert history.stopped == "interrupted in epoch 3"
    assert history.best_epoch == 2


def test_augmented_training_validates_on_images_as_they_are(build, digits):
    model = build()
    history = training.fit(model, digits, epochs=1, augment="flip", validation="test", learning_rate=0.01)
    loss, accuracy = model.evaluate(digits.x_test, digits.y_test, verbose=0)
    assert history.val_loss == pytest.approx([loss], rel=1e-5)
    assert history.val_accuracy == pytest.approx([accuracy])


def test_heads_share_the_labels(keras, digits):
    inputs = keras.Input((8, 8, 1))
    features = keras.layers.Flatten()(inputs)
    outputs = [keras.layers.Dense(10, activation="softmax", name=name)(features) for name in ("main", "helper")]
    model = keras.Model(inputs, outputs)
    history = training.fit(model, digits, epochs=2, learning_rate=0.01, validation="test")
    assert history.val_accuracy[1] > 0.6
    measured = model.evaluate(digits.x_test, (digits.y_test,) * 2, verbose=0, return_dict=True)
    assert history.val_accuracy[1] == pytest.approx(measured["main_accuracy"])
    assert measured["loss"] == pytest.approx(measured["main_loss"] + 0.3 * measured["helper_loss"], rel=1e-2)


def test_unbuilt_models_and_batches_of_others(keras, digits):
    import tensorflow as tf

    batches = tf.data.Dataset.from_tensor_slices((digits.x_train, digits.y_train)).batch(100)
    weights = []
    for _ in range(2):
        backend.seed(5)
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)])
        history = training.fit(model, batches, epochs=1, schedule="cosine", seed=3)
        weights.append(model.get_weights()[0])
    assert np.array_equal(*weights)
    assert history.epochs == 1


@pytest.mark.parametrize(
    ("options", "fix"),
    [
        ({"patience": 1}, "validation=0.1"),
        ({"patience": 1, "validation": "test"}, "validation=0.1"),
        ({"validation": "train"}, '"test"'),
        ({"validation": 1.5}, "0.1"),
        ({"validation": 1}, "0.1"),
        ({"schedule": "zigzag"}, "one-cycle"),
        ({"augment": "shake"}, "flip"),
    ],
)
def test_what_cannot_be_is_refused(build, digits, options, fix):
    with pytest.raises(CourseError, match=fix):
        training.fit(build(), digits, epochs=1, **options)


def test_data_that_do_not_fit_are_refused(keras, build, digits):
    with pytest.raises(CourseError, match="one label for each"):
        training.fit(build(), (digits.x_train, digits.y_train[:-1]))
    single = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    with pytest.raises(CourseError, match=r"Dense\(classes\)"):
        training.fit(single, digits)
