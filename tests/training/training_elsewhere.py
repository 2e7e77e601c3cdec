"""Uses the training room on the back end of the moment, as a program: `test_training_backends.py` compares the numbers.

    KERAS_BACKEND=jax python training_elsewhere.py GIVEN.npz FOUND.npz

Whatever draws no random numbers of the back end must give the same everywhere; augmentation must keep its promises.
"""

import sys

import numpy as np

from coursekit import backend, training


def network():
    """Return an untrained network of 6×6 images in 3 classes; tanh has no kinks, which would make digits differ."""
    keras = backend.keras()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(4, 3, activation="tanh", name="conv"),
            layers.BatchNormalization(momentum=0.9, name="norm"),
            layers.Flatten(),
            layers.Dense(3, name="scores"),
        ]
    )


def measure(weights, x, y):
    """Return what each function of the room finds for given weights and data, by name: arrays."""

    def fresh():
        model = network()
        model.set_weights(weights)
        return model

    quiet = {"batch_size": 16, "progress": False}
    plain, cycled = fresh(), fresh()
    first = training.fit(plain, (x, y), epochs=4, optimizer="sgd", learning_rate=0.1, validation=0.25, **quiet)
    second = training.fit(cycled, (x, y), epochs=4, learning_rate=0.01, schedule="one-cycle", weight_decay=0.1, **quiet)
    rates = training.learning_rate_range(fresh(), (x, y), steps=30, high=0.3, batch_size=16)
    surfaces = [training.loss_surface(plain, x, y, steps=3, new_statistics=new, batch_size=40) for new in (False, True)]
    ladder = training.sanity_ladder(fresh(), (x, y), epochs=20, batch_size=16, learning_rate=0.01)
    mixed = training.sanity_ladder(fresh(), (x, np.roll(y, 1)), epochs=20, batch_size=16, learning_rate=0.01)
    return {
        "losses": np.array([first.loss, first.val_loss, first.accuracy]),
        "cycled": np.array(second.loss),
        "weights": np.concatenate([each.ravel() for each in plain.get_weights()]),
        "range": np.array([*rates.losses, rates.suggested]),
        "norms": np.array([row.norm for row in training.gradient_norms(fresh(), x, y)]),
        "surfaces": np.array([each.loss for each in surfaces]),
        "ladder": np.array([rung.passed for rung in ladder.rungs]),
        "mixed": np.array([rung.passed for rung in mixed.rungs]),
    }


def promises(weights, x, y):
    """Return what must be true of augmentation on any back end, by name."""
    ops = backend.keras().ops
    colour = np.repeat(np.abs(x) / np.abs(x).max(), 3, axis=3)
    augment = training.augmentation(["flip", "crop", "colour_cast", "geometric"], seed=3)
    changed = ops.convert_to_numpy(augment(colour, training=True))
    left_alone = ops.convert_to_numpy(augment(colour, training=False))

    def trained(seed):
        model = network()
        model.set_weights(weights)
        augment = training.augmentation(["flip", "crop"], seed=1)
        found = training.fit(model, (x, y), epochs=2, batch_size=16, augment=augment, seed=seed, progress=False)
        return found.loss, model.predict(x[:5], verbose=0)

    (losses, outputs), (again, same), (others, _) = trained(0), trained(0), trained(1)
    return {
        "the shape stays": changed.shape == colour.shape,
        "training changes every image": bool((np.abs(changed - colour).max(axis=(1, 2, 3)) > 1e-3).all()),
        "predicting changes none": bool(np.allclose(left_alone, colour, atol=1e-6)),
        "a seed repeats": np.allclose(losses, again, atol=1e-6) and np.allclose(outputs, same, atol=1e-5),
        "another seed differs": not np.allclose(losses, others, atol=1e-6),
    }


if __name__ == "__main__":
    given = np.load(sys.argv[1])
    x, y, *weights = (given[name] for name in given.files)
    kept = promises(weights, x, y)
    np.savez(
        sys.argv[2], broken=np.array([name for name, holds in kept.items() if not holds]), **measure(weights, x, y)
    )
