# ---
# title: Training in practice
# ---

# %% [markdown] id="title"
r"""
# Training in practice

A network that can represent the answer may still not learn it. This lecture goes through the advice that
practitioners give, and measures each piece: where does it help, how much, and when does it harm?

**Afterwards you can**

- say what restarts buy, and when to stop training;
- choose changes to images that keep their class;
- prepare inputs, initial weights and batch normalisation so that a network starts to learn;
- find a learning rate, search hyperparameters, and climb a ladder of checks when nothing works;
- say what training the filters is worth, against random filters and k-means.

**You need** lecture 02's back-propagation and lecture 05's pooling. Nothing is downloaded.

**It takes** 80 minutes, of which the computer needs about two.

As always: where a box says *Predict*, answer before you run on; cells that end in `ck.check` wait for a line
of yours; a line with ✓ is a number from the text, computed again on your machine.
"""

# %% id="setup"
import numpy as np
from IPython.display import HTML, display

import coursekit as ck
from coursekit import training
from coursekit.figures.augmentation_lab import augmentation_lab, changed
from coursekit.scratch import initialisation
from coursekit.scratch.layers import Affine, Conv2D, Flatten, Pool2D, ReLU, Sigmoid, Tanh
from coursekit.scratch.network import Network
from coursekit.scratch.optimizers import SGD, Adam
from coursekit.scratch.regularisation import BatchNorm, Dropout
from coursekit.training import untrained

keras, points, draw = ck.backend.keras(), ck.figures.architectures.points, ck.figures.pooling
loss_curves, pictures = ck.figures.training.loss_curves, ck.figures.classifiers.pictures
digits = ck.data.load("digits")
x, x_test = (each.reshape(-1, 64) for each in (digits.x_train, digits.x_test))
y, y_test = digits.y_train, digits.y_test

# %% [markdown] id="ends-question"
r"""
## 1. Where does training end?

Gradient descent goes downhill. It is **not guaranteed** to reach zero training error: it may end in a local
minimum, on a plateau, or swing for ever. The smallest example is XOR: four points, and two hidden tanh units
can do it. We start 100 times from random weights and take 4,000 steps, each of which sees all four points:
4,000 *epochs*.
"""

# %% id="predict-ends"
ck.predict("l09-ends", "Of 100 random starts, how many solve XOR?", ["all", "about 90", "about a half", "about 10"])


# %% id="ends"
def xor_losses(units, starts=100, epochs=4000, rate=0.5):
    """Train many networks at once; the loss at each epoch, (epochs, starts)."""
    rng, history = np.random.default_rng(0), []
    corners, target = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]]), np.array([0, 1, 1, 0])
    first, second = rng.standard_normal((starts, 3, units)), rng.standard_normal((starts, units + 1, 1))
    for _ in range(epochs):
        h = np.insert(np.tanh(corners @ first), units, 1, axis=2)  # and a bias
        p = 1 / (1 + np.exp(-(h @ second)[..., 0]))
        history.append(-np.log(np.where(target, p, 1 - p)).mean(axis=1))
        slope = (p - target)[..., np.newaxis] / 4
        back = (slope @ second.transpose(0, 2, 1) * (1 - h**2))[..., :-1]
        second, first = second - rate * h.transpose(0, 2, 1) @ slope, first - rate * corners.T @ back
    return np.array(history)


runs = {units: xor_losses(units) for units in (2, 3, 8)}
solved = {units: (losses[-1] < 0.05).mean() for units, losses in runs.items()}
ck.verify("share solved: 2, 3, 8 hidden units", list(solved.values()), [0.52, 0.92, 1], atol=0.03)
needed = (runs[2] < 0.05).argmax(axis=0)[runs[2][-1] < 0.05]
ck.verify("epochs until solved: median, slowest", [np.median(needed), needed.max()], [257, 1046], rtol=0.1)
ck.verify("the others are stuck at", np.median(runs[2][-1][runs[2][-1] >= 0.05]), 0.35, atol=0.01)
ck.verify("chance that the best of 5 restarts is stuck", (1 - solved[2]) ** 5, 0.025, atol=0.006)

# %% [markdown] id="ends-meaning"
r"""
About a half; the others stay at 0.35 for ever. **Random restarts**: run several, and keep the one with the lowest
*training* loss. Of five, all fail only 2.5 times in 100. **More units** help more: with eight, every start works.
Large networks seldom get stuck. Do restarts still pay there?
"""


# %% id="restarts"
def layers(rng, hidden=32, drop=0.0):
    middle = [Affine(64, hidden, rng), ReLU(), *([Dropout(drop, rng)] if drop else [])]
    return [*middle, Affine(hidden, 10, rng)]


restarts = []
for seed in range(8):
    network = Network(layers(np.random.default_rng(seed)))
    network.fit(x, y, 20, optimizer=Adam(0.003), seed=seed, progress=False)
    restarts.append((network.evaluate(x, y)[0], network.evaluate(x_test, y_test)[1]))
restarts = np.array(restarts)
ck.verify(
    "digits: lowest and highest training loss", [restarts[:, 0].min(), restarts[:, 0].max()], [0.05, 0.067], atol=0.01
)
best = restarts[restarts[:, 0].argmin(), 1]
ck.verify("test accuracy: of the lowest loss, mean of all", [best, restarts[:, 1].mean()], [0.967, 0.969], atol=0.01)

# %% [markdown] id="stop-question"
r"""
On digits all eight ended alike, and the one with the lowest training loss is no better than the average. Seeds
still differ by a point or two: report several.

## 2. When should training stop?

Take only 150 digits, one label in five drawn anew at random, and 128 hidden units: more than 9,000 weights, enough to
learn every wrong label. After each epoch we measure the loss on 300 digits that were held out, with true labels.
"""

# %% id="predict-stop"
ck.predict(
    "l09-stop",
    "In which epoch of 150 is the held-out loss lowest?",
    ["the last", "about the 100th", "about the 40th", "the first"],
)


# %% id="over-training"
def noisy_few(seed, count, share=0.2):
    """Some training digits, their labels, a share of which is drawn anew, and the rest."""
    rng = np.random.default_rng(seed)
    chosen, rest = np.split(rng.permutation(len(y)), [count])
    labels = np.where(rng.random(count) < share, rng.integers(0, 10, count), y[chosen])
    return x[chosen], labels, rest


few, labels, rest = noisy_few(0, 150)
held_out = x[rest[:300]], y[rest[:300]]
network = Network(layers(np.random.default_rng(0), 128))
history = network.fit(few, labels, 150, optimizer=Adam(0.003), validation=held_out)
falls, turns = np.array(history.losses), np.array(history.validation_losses)
ck.verify("epoch of the lowest held-out loss", turns.argmin() + 1, 39, atol=12)
ck.verify("held-out loss: then, at the end", [turns.min(), turns[-1]], [0.57, 0.66], atol=0.07)
ck.verify("training loss at the end", falls[-1], 0.02, atol=0.02)
ck.figure(
    ck.figures.fitting.curves(falls, history.accuracies, turns, history.validation_accuracies, int(turns.argmin()) + 1),
    alt="Loss and accuracy over 150 epochs. The training loss falls to 0; the held-out loss turns near epoch 40.",
)

# %% [markdown] id="stop-meaning"
r"""
First the network learns what digits have in common, then which labels are wrong. **Early stopping** ends training when
the held-out loss has not reached a new lowest for `patience` epochs, and goes back to the best weights.

**Your turn.** Count epochs from 1.
"""


# %% id="check-stopping"
def my_stopping_epoch(losses, patience):
    # losses: the held-out loss of each epoch; return (epoch kept, last epoch trained)
    return ...


ck.check.stopping_epoch.report(my_stopping_epoch)

# %% [markdown] id="remedies-question"
r"""
Other remedies make it harder to learn single examples by heart. *L2* (lecture 01) and *dropout*, which silences each
hidden unit half of the time, so that none can rely on another. *Augmentation* shows each image a little
changed: flipped, moved (a *random crop*), or turned and stretched (a *geometric distortion*).
"""

# %% id="predict-remedies"
ck.predict("l09-remedies", "Which one makes test accuracy worse?", ["dropout", "moving", "flipping", "none"])


# %% id="remedies"
def remedied(kind, seed, share=0.2):
    """Test accuracy after 120 epochs on 150 noisy digits; early stopping has 50 more to choose by."""
    (few, held), labels = np.split(noisy_few(seed, 200)[0], [150]), noisy_few(seed, 200, share)[1]
    chosen, rng, optimizer, shown = [], np.random.default_rng(seed), Adam(0.003), [few]
    network = Network(layers(rng, 128, 0.5 * (kind == "dropout")), l2=3e-3 * (kind == "L2"))
    if kind in ("flip", "crop", "geometric"):
        many = np.tile(few.reshape(-1, 8, 8, 1), (12, 1, 1, 1))
        shown = np.asarray(training.augmentation(kind, seed=seed)(many, training=True)).reshape(12, 150, 64)
    for epoch in range(120):
        network.fit(shown[epoch % len(shown)], labels[:150], 1, optimizer=optimizer, seed=epoch, progress=False)
        if kind == "early stopping":
            chosen.append((network.evaluate(held, labels[150:])[0], network.evaluate(x_test, y_test)[1]))
    return min(chosen)[1] if chosen else network.evaluate(x_test, y_test)[1]


kinds = ("none", "early stopping", "L2", "dropout", "crop", "geometric", "flip")
remedies = {kind: [remedied(kind, seed) for seed in range(5)] for kind in kinds}

# %% id="remedies-results"
means = [np.mean(each) for each in remedies.values()]
ck.verify("test accuracy, mean of 5, in this order", means, [0.78, 0.85, 0.81, 0.815, 0.86, 0.77, 0.755], atol=0.03)
ck.verify("flip, less none", means[6] - means[0], -0.027, atol=0.025)
ck.figure(
    points(remedies, "test accuracy after training on 150 digits, a fifth of the labels drawn anew"),
    alt="Test accuracy, five seeds a lane. None 0.78, early stopping 0.85, L2 0.81, dropout 0.82, crop 0.86, geometric "
    "0.77, flip 0.76.",
)

# %% [markdown] id="remedies-meaning"
r"""
Early stopping costs nothing, and helps nearly as much as the best, moving by a pixel: a digit one pixel to the right
is still that digit. A flip makes things worse, by three points on average: a mirrored 2 or 7 is no digit, and the
network pays for learning it. **Augment by what leaves the class alone**: flip cats, not letters. Turning leaves it
alone, too, yet does not help: in 8 × 8 pixels it mostly blurs.

**Change one thing**: `remedied("early stopping", seed, share=0)`, all labels true, against `"none"`. Does it
still help?

<details><summary>Answer</summary>

No: there is nothing false to learn by heart, and the validation loss hardly turns.

</details>
"""

# %% id="augmentation-lab" tags=["interactive"]
photo = ck.data.photo("chelsea")[20:260, 80:320].reshape(24, 10, 24, 10, 3).mean(axis=(1, 3))
seven = np.repeat(digits.x_test[y_test == 7][0].repeat(3, axis=0).repeat(3, axis=1), 3, axis=2)
display(HTML(augmentation_lab({"cat": photo, "seven": seven})))
changes = {"as it is": {}, "flipped": {"flip": True}, "crop": {"right": 3, "down": -2}}
changes |= {"turned by 20°": {"turn": 20}, "red cast": {"red": 0.3}}
stills = {name: changed(photo, **how) for name, how in changes.items()}
ck.figure(
    ck.figures.convolution.photos(stills),
    alt="Part of a cat's face: as it is, mirrored, moved with a black border, turned by 20 degrees, and reddish.",
    table={"picture": list(stills), "mean": [round(float(each.mean()), 3) for each in stills.values()]},
)

# %% [markdown] id="lab-tasks"
r"""
1. Which changes leave the mean of the picture as it is?
2. How far may the seven turn before you would read something else?
3. A *colour cast* adds a number to each channel. Which data sets would it harm?

<details><summary>Answers</summary>

1. Only the flip: moving and turning let black come in, a cast adds light.
2. A matter of taste; 30° is too far for a 7 and a 1 in a hurry.
3. Those where colour is the class: ripe and unripe, traffic lights.

</details>
"""

# %% [markdown] id="centre-question"
r"""
## 3. What should come in?

"Centre your data": subtract the mean of the training images. To see why, write the digits in black on white: 1 minus
each pixel. Nothing is lost. The loss, though, gets one direction that is far steeper than the others, all weights at
once, and the steepest direction limits the learning rate.
"""

# %% id="predict-centre"
ck.predict(
    "l09-centre",
    "At a learning rate of 1 centred digits are learned well. The white ones?",
    ["faster", "as well", "more slowly", "not at all"],
)

# %% id="centre"
white, white_test = 1 - x, 1 - x_test
mean, spread = white.mean(axis=0), white.std()
inputs = {"black on white": white, "centred": white - mean, "centred, standardised": (white - mean) / spread}
rates = np.array([0.01, 0.03, 0.1, 0.3, 1])


def loss_at(rate, inputs):
    network = Network(layers(np.random.default_rng(0)))
    return network.fit(inputs, y, 5, optimizer=SGD(rate), progress=False).losses[-1]


by_rate = {name: [loss_at(rate, each) for rate in rates] for name, each in inputs.items()}
steepest = [np.linalg.eigvalsh(each.T @ each / len(each))[-1] for each in inputs.values()]
ck.verify("steepest direction of the inputs", steepest, [35.3, 0.7, 4.96], rtol=0.02)
ck.verify("loss after 5 epochs at rate 1", [each[-1] for each in by_rate.values()], [2.31, 0.06, 0.016], atol=0.03)
lines = {name: [each] for name, each in by_rate.items()}
ck.figure(
    draw.curves({"log₁₀ of the learning rate": (np.log10(rates), lines)}, "loss after 5 epochs"),
    alt="Loss by learning rate. Black on white: 0.29 at 0.3, 2.3 at 1. Centred: 0.06 at 1; standardised: 0.02.",
)

# %% [markdown] id="centre-meaning"
r"""
Centring makes the steepest direction 50 times flatter; scaling then brings all inputs to about 1, where usual learning
rates and initial weights fit. The mean and the spread are part of the model: they come from the **training** images and
serve the test images, too.

**Your turn**, feature by feature.
"""


# %% id="check-standardise"
def my_standardise_test(train, test):
    # train: (n, features), test: (m, features); the test inputs, standardised
    return ...


ck.check.standardise_test.report(my_standardise_test)

# %% id="own-statistics-break" tags=["break-it"]
network = Network(layers(np.random.default_rng(0)))
network.fit((white - mean) / spread, y, 20, optimizer=Adam(0.003))
threes = white_test[y_test == 3]  # somebody's postcode is 33333
threes_by = {"training's": (threes - mean) / spread, "their own": (threes - threes.mean(axis=0)) / threes.std()}
read = [(network.predict(each) == 3).mean() for each in threes_by.values()]
ck.verify("threes read, with training's statistics and their own", read, [0.97, 0.15], atol=0.1)

# %% [markdown] id="init-question"
r"""
With their own mean subtracted, threes are no longer threes. On the whole test set the same mistake goes
unnoticed: its mean is that of training.

## 4. How large should weights be at first?

Ten layers of 64 units each multiply by ten matrices. If each shrinks the signal by a little, ten shrink it a
lot. **Xavier** (Glorot) draws weights of variance 2 / (fan-in + fan-out), **He** of 2 / fan-in, twice as much for
equal fans, because a ReLU drops half.
"""

# %% id="init"
relu = lambda z: np.maximum(0, z)
small = lambda shape, rng: 0.01 * rng.standard_normal(shape).astype(np.float32)
starts = {
    "tanh, 0.01": (small, np.tanh),
    "tanh, Xavier": (initialisation.xavier, np.tanh),
    "ReLU, Xavier": (initialisation.xavier, relu),
    "ReLU, He": (initialisation.he, relu),
}
clean, clean_test = (x - x.mean(axis=0)) / x.std(), (x_test - x.mean(axis=0)) / x.std()
sizes = {}
for name, (init, unit) in starts.items():
    rng, hidden, sizes[name] = np.random.default_rng(0), clean[:300], []
    for _ in range(10):
        hidden = unit(hidden @ init((64, 64), rng))
        sizes[name].append(float(np.sqrt((hidden**2).mean())))

# %% id="init-results"
tenth = [each[-1] for each in sizes.values()]
ck.verify("tenth layer, tanh 0.01: decades", np.log10(tenth[0]), -11, atol=1)
ck.verify("tanh Xavier, ReLU He", [tenth[1], tenth[3]], [0.23, 0.41], atol=0.2)
ck.verify("ReLU: He over Xavier, on average 2 to the power of 5", tenth[3] / tenth[2], 32, rtol=0.5)
ck.figure(
    loss_curves({name: (np.arange(1, 11), each) for name, each in sizes.items()}, "layer", "root mean square"),
    alt="Activations in ten layers: 0.01 falls below 1e-10, ReLU with Xavier to 0.02; others stay above 0.2.",
)


# %% id="deep"
def deep(unit, init, normalise=False, seed=0):
    """Loss of each of 8 epochs of a network of seven layers."""
    rng, stack = np.random.default_rng(seed), []
    for _ in range(6):
        stack += [Affine(64, 64, rng, init), *([BatchNorm(64)] if normalise else []), unit()]
    network = Network([*stack, Affine(64, 10, rng, init)])
    return network.fit(clean, y, 8, optimizer=SGD(0.05, 0.9), seed=seed, progress=False).losses


trials = {
    "ReLU, He": deep(ReLU, initialisation.he),
    "ReLU, 0.01": deep(ReLU, small),
    "sigmoid, Xavier": deep(Sigmoid, initialisation.xavier),
    "sigmoid, batch norm": deep(Sigmoid, initialisation.xavier, normalise=True),
}
ck.verify("loss in epoch 8", [each[-1] for each in trials.values()], [0.04, 2.31, 2.31, 0.13], atol=0.1)
ck.figure(
    loss_curves({name: (np.arange(1, 9), each) for name, each in trials.items()}, "epoch"),
    alt="ReLU with He falls to 0.04, sigmoid with batch norm to 0.13; ReLU from 0.01 and sigmoid alone stay at 2.3.",
)

# %% [markdown] id="deep-meaning"
r"""
"Use ReLU, not sigmoid", and "use Xavier": the advice in one picture, with He for ReLU. **Batch normalisation**
(Ioffe and Szegedy 2015) makes up for a bad start: each batch is standardised in every layer. At test time there
may be no batch, so the layer keeps *moving averages* of mean and variance. **Your turn**, with Keras's momentum:
it is the share of the old that is kept.
"""


# %% id="check-moving"
def my_moving_average(batches, momentum, start):
    # batches: (steps, channels), start: (channels,); the average after the last batch
    return ...


ck.check.moving_average.report(my_moving_average)

# %% id="predict-norm"
ck.predict(
    "l09-norm",
    "With Keras's default momentum, 0.99, a network gets nearly all training batches right in 120 steps. And tests?",
    ["about 90 %", "about 75 %", "about 60 %", "about a third: chance"],
)


# %% id="norm-net"
def textures_net(momentum):
    keep, made = keras.layers, [keras.Input((16, 16, 1))]
    for maps in (8, 16):
        norm = keep.BatchNormalization(momentum=momentum)
        made += [keep.Conv2D(maps, 3, use_bias=False), norm, keep.ReLU(), keep.MaxPooling2D(2)]
    return keras.Sequential([*made, keep.GlobalAveragePooling2D(), keep.Dense(3, "softmax")])


# %% id="norm-break" tags=["break-it"]
textures = ck.data.load("textures")
grains, grains_test = textures.x_train[:, 8:24, 8:24], textures.x_test[:, 8:24, 8:24]
named = {}
for momentum in (0.99, 0.9):
    ck.backend.seed(0)
    net = textures_net(momentum)
    schedule = {"learning_rate": 0.02, "schedule": "one-cycle", "progress": False}
    training.fit(net, (grains[::3], textures.y_train[::3]), epochs=10, **schedule)
    won = [np.asarray(net(grains_test, training=mode)).argmax(axis=1) for mode in (True, False)]
    named[momentum] = [(each == textures.y_test).mean() for each in won]
ck.verify("test accuracy by the batch's statistics, twice", [named[0.99][0], named[0.9][0]], [0.92, 0.92], atol=0.06)
ck.verify("by moving averages: momentum 0.99, 0.9", [named[0.99][1], named[0.9][1]], [0.35, 0.92], atol=0.08)
ck.verify("share of the first variance, 1, after 120 steps", 0.99**120, 0.299, atol=0.001)

# %% [markdown] id="norm-meaning"
r"""
The weights are the same, and good. But $0.99^{120}$ = 30 % of the variance that Keras starts from, 1, is still in the
moving average, and the maps of these pale pictures vary far less. In a short training take momentum 0.9.

## 5. Which learning rate, and who chooses it?

The *range test* (Smith 2017) trains for a few steps while the rate grows. We take a tenth of where the loss is lowest.
"""


# %% id="range"
def small_net():
    ck.backend.seed(0)
    made = [keras.Input((8, 8, 1)), keras.layers.Conv2D(8, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
    return keras.Sequential([*made, keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])


found = training.learning_rate_range(small_net(), digits, steps=80, high=3.0)
ck.verify("suggested, log 10", np.log10(found.suggested), np.log10(0.05), atol=0.7)
ck.figure(
    found.figure(),
    alt="Loss against a growing learning rate: level, then falling from about 0.01 on, then rising; a line marks 0.07.",
)

# %% [markdown] id="search-question"
r"""
Rates are not the only *hyperparameters*: those which no gradient sets. One chooses them on held-out examples. With nine
trials for two of them, rate and L2 strength: a *grid* of 3 × 3, or nine *random* pairs in the same range?
"""


# %% id="trial"
def trial(rate, l2, seed, train_rows, held_rows):
    network = Network(layers(np.random.default_rng(seed)), l2=l2)
    try:
        network.fit(clean[train_rows], y[train_rows], 8, optimizer=SGD(rate, 0.9), seed=seed, progress=False)
    except ValueError:  # it diverged
        return 0.1
    return network.evaluate(clean[held_rows], y[held_rows])[1]


# %% id="search"
searches = {"grid of 3 × 3": [], "nine random pairs": []}
for seed in range(10):
    rng = np.random.default_rng(seed)
    train_rows, held_rows, _ = np.split(rng.permutation(len(y)), [300, 800])
    grid = [(rate, l2) for rate in (-4, -2, 0) for l2 in (-6, -4, -2)]
    pairs = rng.uniform((-4, -6), (0, -2), (9, 2))
    for name, each in zip(searches, (grid, pairs), strict=True):
        searches[name].append(max(trial(10.0**rate, 10.0**l2, seed, train_rows, held_rows) for rate, l2 in each))
means = [np.mean(each) for each in searches.values()]
ck.verify("best held-out accuracy, mean of 10 searches", means, [0.89, 0.925], atol=0.025)
ck.figure(
    points(searches, "best held-out accuracy of nine trials"),
    alt="Ten searches each: the grid's best trials lie around 0.89, the random ones around 0.92.",
)

# %% id="folds"
rows, by_fold = np.arange(300), {}
for rate in (0.001, 0.01, 0.03, 0.3):
    by_fold[rate] = [trial(rate, 1e-4, 0, rows[rows % 5 != fold], rows[rows % 5 == fold]) for fold in range(5)]
ck.verify("five folds, mean of each rate", [np.mean(v) for v in by_fold.values()], [0.46, 0.87, 0.92, 0.89], atol=0.06)
ck.verify("at 0.03: best fold less worst", np.ptp(by_fold[0.03]), 0.07, atol=0.06)

# %% [markdown] id="search-meaning"
r"""
L2 hardly matters here, so the grid spends nine trials on three rates, and random pairs try nine (Bergstra and
Bengio 2012). A search overlaps with a lucky other one, so the gain is a mean, not a promise. With few examples, one
held-out set is itself a matter of luck: **cross-validation** lets each fifth be held out once, and takes the mean. The
test set takes part in none of this.

## 6. It does not learn. What now?

Ask simple questions, from the bottom. We plant a bug: images were shuffled, and their labels were not.
"""

# %% id="ladder"
sound = (digits.x_train - digits.x_train.mean()) / digits.x_train.std()
shuffled = np.random.default_rng(0).permutation(sound)
settings = {"examples": 400, "epochs": 20, "learning_rate": 3e-3}
ladder = training.sanity_ladder(small_net(), (shuffled, y), **settings)
print(ladder)
ck.verify("rungs, and those that failed", [len(ladder.rungs), len(ladder.failed)], [8, 1])
assert ladder.failed == ["it learns from the data"]

# %% [markdown] id="ladder-meaning"
r"""
It learns *one batch by heart*: layers, loss and optimizer work. It learns nothing that holds for other images: so the
fault is in the data. Without the bug all eight rungs hold.

**Change one thing**: pass `(255 * digits.x_train, y)` instead. Which rungs fail?

<details><summary>Answer</summary>

The inputs are not scaled, and the first loss is far from guessing. It learns all the same, but less well.

</details>
"""

# %% [markdown] id="filters-question"
r"""
## 7. What are learned filters worth?

Learning features is the costly part of training: every step runs the whole network forwards and back. But kernels
need not be trained. Draw them at random, or take the cluster centres of small patches (**k-means**), and train only a
linear classifier. *Random filters often work surprisingly well*, the book says. How well? Measuring that takes half a
minute.
"""

# %% id="predict-filters"
ck.predict(
    "l09-filters",
    "Digits, 32 filters of 3 × 3, pooled to 2 × 2. How far are random filters behind learned ones?",
    ["20 points", "10 points", "5 points", "about 0"],
)


# %% id="filters"
def learned_filters(images, labels, n, k, grid, seed):
    rng, cells = np.random.default_rng(seed), (images.shape[1] - k + 1) // grid
    conv, last = Conv2D(1, n, k, rng), Affine(n * grid**2, labels.max() + 1, rng)
    network = Network([conv, ReLU(), Pool2D(cells, kind="average"), Flatten(), last])
    network.fit(images, labels, 15, optimizer=Adam(0.005), progress=False)
    return conv.weights.data, conv.bias.data


def measured(images, others, labels, answers, k, grid):
    """Test accuracies of three kinds of filters, (3 seeds, numbers of filters), and filters of each kind."""
    lines, banks = {kind: np.zeros((3, len(counts))) for kind in kinds}, {}
    for seed, j in np.ndindex(3, len(counts)):
        known = learned_filters(images, labels, counts[j], k, grid, seed)
        free = untrained.random_filters(counts[j], k, seed=seed), untrained.kmeans_filters(images, counts[j], k, seed)
        banks = dict(zip(kinds, (known, *((each, 0) for each in free)), strict=True))
        for kind, bank in banks.items():
            features, unseen = (untrained.pooled_features(each, *bank, grid) for each in (images, others))
            lines[kind][seed, j] = untrained.linear_accuracy(features, labels, unseen, answers)
    return lines, banks


# %% id="filters-measured"
def scaled(*images):
    return [((each - images[0].mean()) / images[0].std()).astype(np.float32) for each in images]


kinds, counts = ("learned", "random", "k-means"), [2, 4, 8, 16, 32]
some, some_labels = grains[:300], textures.y_train[:300]
on_digits, banks = measured(*scaled(digits.x_train, digits.x_test), y, y_test, 3, 2)
on_textures, _ = measured(*scaled(some, grains_test), some_labels, textures.y_test, 5, 1)

# %% id="filter-results"
means = [[each.mean(axis=0) for each in lines.values()] for lines in (on_digits, on_textures)]
ck.verify("digits, 2 filters: learned, random, k-means", [v[0] for v in means[0]], [0.775, 0.71, 0.66], atol=0.07)
ck.verify("digits, 32 filters", [v[-1] for v in means[0]], [0.975, 0.976, 0.968], atol=0.015)
ck.verify("textures, 32 filters", [v[-1] for v in means[1]], [0.85, 0.84, 0.8], atol=0.06)
panels = {"digits, log₂ of the 3 × 3 filters": (np.log2(counts), on_digits)}
panels["textures, log₂ of the 5 × 5 filters"] = np.log2(counts), on_textures
ck.figure(
    draw.curves(panels, "test accuracy"),
    alt="Test accuracy against 2 to 32 filters. On digits learned filters lead with few, and all meet near 0.97 at 32. "
    "On textures learned and random end near 0.85, k-means near 0.8.",
)

# %% id="filter-pictures"
stack = [np.moveaxis(each[:, :, 0, :6] / np.abs(each).max(), 2, 0) for each, _ in banks.values()]
ck.figure(
    pictures(0.5 + np.concatenate(stack) / 2, [kind for kind in kinds for _ in range(6)]),
    alt="Six learned, six random and six k-means filters of 3 by 3 pixels; those of k-means are edges, bars and spots.",
)

# %% [markdown] id="rank-question"
r"""
With few filters, learning them pays: on digits, with two, six to eleven points. With 32, random ones have caught up.
K-means, whose filters come from real patches, does not win here. Three seeds and two small sets say no more than
that; with whitening and many more centres k-means did very well (Coates and Ng 2012).

Saxe and colleagues say why random weights may do: convolution and pooling by themselves prefer certain frequencies and
forgive shifts. They go on: **rank architectures by their random weights**, training only the last layer, and train the
best in full. Here are nine.
"""

# %% id="predict-rank"
ck.predict(
    "l09-rank",
    "Nine architectures, ranked by random filters and by full training. The rank correlation is about",
    ["0: no relation", "0.4", "0.8", "1: the same order"],
)

# %% id="rank"
images, others = scaled(digits.x_train[:300], digits.x_test)


def both_ways(k, n, size, kind, unit, seed):
    """Test accuracy of an architecture with random filters, and trained, on 300 digits."""
    rng, cells = np.random.default_rng(seed), (9 - k) // size
    body = [Conv2D(1, n, k, rng), unit(), Pool2D(size, kind=kind), Flatten()]
    features = [Network(body).forward(each) for each in (images, others)]
    whole = Network([*body, Affine(cells * cells * n, 10, rng)])
    frozen_accuracy = untrained.linear_accuracy(features[0], y[:300], features[1], y_test)
    whole.fit(images, y[:300], 30, optimizer=Adam(0.005), seed=seed, progress=False)
    return frozen_accuracy, whole.evaluate(others, y_test)[1]


choices = [(3, 4, 2, "max", ReLU), (3, 4, 6, "average", ReLU), (3, 16, 6, "average", ReLU), (3, 8, 3, "max", ReLU)]
choices += [(5, 8, 2, "max", ReLU), (5, 8, 4, "max", Tanh), (3, 2, 2, "average", ReLU), (2, 8, 7, "max", ReLU)]
choices += [(3, 8, 6, "max", Tanh)]
names = [f"{k} × {k}, {n} maps, {kind} {size}, {unit.__name__}" for k, n, size, kind, unit in choices]
ranked = np.array([[both_ways(*choice, seed) for seed in range(3)] for choice in choices])

# %% id="rank-results"
averages = ranked.mean(axis=1)
orders = averages.argsort(axis=0).argsort(axis=0)
ck.verify("rank correlation", np.corrcoef(orders.T)[0, 1], 0.83, atol=0.15)
ck.verify("5 × 5, tanh: random, trained", averages[5], [0.39, 0.77], atol=0.08)
table = {name: tuple(each.T) for name, each in zip(names, ranked, strict=True)}
ck.figure(
    draw.pairs(table, ("random filters", "trained"), "test accuracy"),
    alt="Nine architectures, three seeds each, with random filters and trained. Mostly those good at random are good "
    "trained; 5 by 5 with tanh rises from 0.39 to 0.77, and those with one pool for the whole map stay low.",
)

# %% [markdown] id="rank-meaning"
r"""
The ranks agree well, not fully: 5 × 5 with tanh is poor at random and decent when trained. We chose architectures that
differ a lot; among near equals the spread of three seeds would hide the order. As a cheap first sieve it does.

## 8. The same in Keras

What we built by hand has names there. The defaults are not always what you want.
"""

# %% id="keras"
rule = keras.initializers.HeNormal(seed=0)(shape=(3, 3, 16, 64))
ck.verify("He's standard deviation, fan-in 3 · 3 · 16", np.std(rule), np.sqrt(2 / 144), rtol=0.03)
ck.verify("batch normalisation's momentum", keras.layers.BatchNormalization().momentum, 0.99)
scale = keras.layers.Normalization(axis=-1)
scale.adapt(white)
ck.verify("Normalization keeps the training mean", np.abs(np.ravel(scale.mean) - mean).max(), 0, atol=1e-4)
net = small_net()
kept = training.fit(net, digits, epochs=40, learning_rate=0.01, validation=0.2, patience=3, progress=False)
print(kept)
ck.verify("stopped early, at its best epoch", [kept.epochs < 40, kept.epochs - kept.best_epoch], [1, 3])
ck.verify("test accuracy", (np.asarray(net(digits.x_test)).argmax(axis=1) == y_test).mean(), 0.97, atol=0.02)

# %% [markdown] id="wrap-up"
r"""
## Wrap-up

These questions want a computation. Open a cell below, or take paper. The panel after them keeps your predictions:
which of them would you change now?
"""

# %% id="quiz"
ck.quiz("l09")
ck.progress()

# %% id="numbers-in-answers"
bright = training.sanity_ladder(small_net(), (255 * digits.x_train, y), **settings).failed
said = {"the inputs are scaled", "it starts by guessing"}
ck.verify("section 6, pixels of 0 … 255: failures, of the two named", len(said & set(bright)), 2)
ck.verify("without the bug", len(training.sanity_ladder(small_net(), (sound, y), **settings).failed), 0)
true = [np.mean([remedied(kind, seed, 0) for seed in range(3)]) for kind in ("none", "early stopping")]
ck.verify("section 2, true labels: what early stopping adds", true[1] - true[0], 0, atol=0.02)

# %% [markdown] id="summary"
r"""
### Summary

| advice | measured here |
|---|---|
| restart, keep the lowest training loss | XOR: from 52 to 97 in 100; digits: nothing |
| stop early | 0.78 → 0.85 on noisy labels |
| augment by what keeps the class | move +0.08, flip −0.03 |
| centre with training's statistics | 50 times less steep |
| He for ReLU, batch normalisation | 2.31 → 0.04, 0.13 |
| short training: momentum 0.9 | from chance to 0.92 |
| search at random | 0.89 → 0.92 |
| learn the filters | pays while they are few |
"""

# %% [markdown] id="stretch-and-sources"
r"""
### Stretch

1. Add whitening to the k-means filters (Coates and Ng 2012). Do they overtake?
2. Does dropout beat early stopping with 64 times as many hidden units?
3. Train `textures_net(0.99)` for 60 epochs. When is the moving variance right?

Next: lecture 10, where other people's filters do the work.

## Sources

- X. Glorot and Y. Bengio, AISTATS 2010; K. He et al., ICCV 2015: initial weights.
- N. Srivastava et al., *JMLR* 15, 2014: dropout. S. Ioffe and C. Szegedy, ICML 2015: batch normalisation.
- L. Prechelt, "Early stopping – but when?", 1998. L. N. Smith, WACV 2017: range test.
- J. Bergstra and Y. Bengio, *JMLR* 13, 2012: random search.
- A. Saxe et al., "On random weights and unsupervised feature learning", ICML 2011; A. Coates and A. Ng, "Learning
  feature representations with k-means", 2012; I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, 2016,
  section 9.9.
- R. Wu et al., "Deep Image", 2015: colour casting.
- Adriana Kovashka, *CS 1674*, University of Pittsburgh 2022: practical matters.
- "Lecture 6: Convolutional Neural Network (CNNs)": random or unsupervised features.
"""
