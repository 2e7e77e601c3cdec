"""Builds every network of the course in a small size, and lets it take a training step on the back end of the moment.

`test_models_backends.py` calls `take_step`. As a program it prints a line of JSON for each network, its name and
nothing or what went wrong: that is how the test asks another interpreter about another back end.
"""

import json
import os
import time
import traceback

import numpy as np

from coursekit import models

GIANTS = {"resnet101", "resnet152", "resnet110", "plain110", "densenet169", "densenet201"}  # built, and no more
SHAPES = {
    "neocognitron": (16, 16, 1),
    "lenet1": (28, 28, 1),
    "lenet5": (32, 32, 1),
    "alexnet": (67, 67, 3),
    "textcnn": (9,),
    "dcnn": (9,),
    "spectrogram_cnn": (32, 40, 1),
    "conv3d_video": (4, 16, 16, 1),
}
WORDS = 50


def take_step(name):
    """Build a network; see that a step on two random examples moves its weights, and that they stay finite."""
    text = name in ("textcnn", "dcnn")
    shape = SHAPES.get(name, (32, 32, 3))
    model = models.build(name, input_shape=shape, **({"vocabulary": WORDS} if text else {}))
    if name in GIANTS:
        return
    rng = np.random.default_rng(0)
    x = rng.integers(1, WORDS, (2, *shape)) if text else rng.random((2, *shape), np.float32)
    before = model.get_weights()
    if name == "neocognitron":  # learns without labels and without gradients
        from coursekit.models.neocognitron import learn

        learn(model, x)
    else:
        # Towards 0, which every kind of output has a distance from; without a graph, where that is cheaper.
        model.compile("sgd", "mse", run_eagerly=os.environ.get("KERAS_BACKEND") != "jax")
        model.train_on_batch(x, [np.zeros((2, *output.shape[1:]), np.float32) for output in model.outputs])
    after = model.get_weights()
    assert all(np.isfinite(weights).all() for weights in after), "weights are not finite"
    assert any((a != b).any() for a, b in zip(before, after, strict=True)), "no weight has moved"


if __name__ == "__main__":
    for name in models.names():
        start, problem = time.process_time(), None
        try:
            take_step(name)
        except Exception:
            problem = traceback.format_exc(limit=-3)
        print(json.dumps([name, problem, round(time.process_time() - start, 1)]), flush=True)
