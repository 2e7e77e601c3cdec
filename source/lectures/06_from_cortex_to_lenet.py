# ---
# title: From the visual cortex to LeNet
# ---

# %% [markdown] id="title"
r"""
# From the visual cortex to LeNet

Convolution and pooling did not fall from the sky. They are a model of what two people found in the brains of
cats. This lecture follows the idea through three stages: cells, a network that learns without labels, and the
first one that learned from its errors.

**Afterwards you can**

- say what simple and complex cells respond to, and compute both;
- explain how a Neocognitron forms categories that nobody named, and measure how it takes a shift;
- count every parameter of LeNet-5, and say what each part is for;
- tell what today's LeNet has changed, and what that does to its accuracy.

**You need** lecture 03's convolution, lecture 05's pooling, and a little Keras. Nothing is downloaded.

**It takes** 70 minutes, of which the computer needs about one.

As always: where a box says *Predict*, answer before you run on; cells that end in `ck.check` wait for a line
of yours; a line with ✓ is a number from the text, computed again on your machine.
"""

# %% id="setup"
import numpy as np
from IPython.display import HTML, display

import coursekit as ck
from coursekit import training
from coursekit.figures.cortex_lab import bar, cortex_lab
from coursekit.scratch.filters import gabor

draw, pictures = ck.figures.pooling, ck.figures.classifiers.pictures
keras = ck.backend.keras()  # takes seconds; first, so that it starts quietly

# %% id="networks"
from coursekit import models
from coursekit.models import neocognitron, zoo
from coursekit.models.digit_codes import digit_codes
from coursekit.models.layers import scaled_tanh
from coursekit.models.lenet import C3_TABLE

# %% [markdown] id="cells-question"
r"""
## 1. What does a cell in the visual cortex look for?

In the 1950s David Hubel and Torsten Wiesel put electrodes into the first visual area (V1) of cats and showed
them spots of light. The cells hardly answered, until the *edge* of a glass slide moved across. What counts is
the **orientation** of a bar or an edge, and its place. They shared the Nobel Prize in Physiology or Medicine of 1981.

A *simple cell* sums the light of a small region with positive and negative weights, its field, and fires if the
sum is positive. Such a field is well described by a Gabor function: a grating under a Gaussian. One number for each
place: a convolution followed by a ReLU, lecture 03's layer.
"""

# %% id="predict-turn"
ck.predict(
    "l06-turn",
    "A cell's field is upright, for bars about 5 pixels wide. How strong is its response to a bar turned by 45°?",
    ["as strong", "about a half", "close to nothing", "negative"],
)

# %% id="turn"
even, odd = gabor(21, 10, phase=0), gabor(21, 10, phase=90)
ck.verify("sum of each field: even light gives", [even.sum(), odd.sum()], [0, 0], atol=1e-9)


def simple(image, field):
    return max(0.0, (image * field).sum())


angles = np.arange(-90, 91, 5)
tuning = np.array([simple(bar(21, angle, width=5), even) for angle in angles])
tuning = tuning / tuning.max()
some = [tuning[angles == angle][0] for angle in (0, 15, 45, 90)]
ck.verify("response at 0°, 15°, 45°, 90°", some, [1, 0.65, 0, 0], atol=0.02)
ck.figure(
    draw.curves({"turn of the bar, degrees": (angles, {"simple cell": [tuning]})}, "response, relative"),
    alt="Response of the simple cell against the bar's turn: 1 at 0°, 0.65 at 15°, nothing from 45° on.",
)

# %% [markdown] id="turn-meaning"
r"""
The cell is *tuned*: a bar turned by 45° might as well not be there. Neighbouring cells of the cortex prefer
neighbouring orientations and look at neighbouring places (its map is *topographic*), so that some cell answers
to every bar. Some also prefer a direction of movement.

What if the bar keeps its orientation, but moves aside by a few pixels?
"""

# %% id="predict-move"
ck.predict(
    "l06-move",
    "An upright bar moves across the field. Which response stays nearly the same over the middle few pixels?",
    [
        "the even simple cell's",
        "the odd simple cell's",
        "the root of the sum of both squares",
        "none of them",
    ],
)

# %% id="move"
offsets = np.arange(-8, 8.5, 0.5)
bars = [bar(21, 0, offset, width=5) for offset in offsets]
responses = {
    "simple, even field": [[simple(image, even) for image in bars]],
    "simple, odd field": [[simple(image, odd) for image in bars]],
    "complex": [[np.hypot((image * even).sum(), (image * odd).sum()) for image in bars]],
}
middle = np.abs(offsets) <= 2
kept = {name: np.min(np.array(r)[0, middle]) / np.max(r) for name, r in responses.items()}
ck.verify("least response within 2 pixels: even, odd, complex", list(kept.values()), [0.39, 0, 0.92], atol=0.03)
ck.figure(
    draw.curves({"place of the bar, pixels": (offsets, responses)}, "response"),
    alt="Three curves against the bar's place. The even simple cell peaks in the middle and is silent from 3 pixels, "
    "the odd one peaks 2 to 3 pixels to the right; the complex cell has one broad hill over both.",
)

# %% [markdown] id="move-meaning"
r"""
**Complex cells** mind the orientation, but not the exact place. The *energy model* takes two simple cells that
differ by a quarter of a wave, and adds the squares of their sums, unrectified: where one is weak, the other is
strong. It is an L2 pooling over two channels (lecture 05). Hubel and Wiesel's own picture was simpler: a complex
cell collects simple cells of one orientation at several places.

**Your turn.**
"""


# %% id="check-complex-cell"
def my_complex_cell(patch, even, odd):
    # three arrays of one shape; the response is one number
    return ...


ck.check.complex_cell.report(my_complex_cell)

# %% id="cortex-lab" tags=["interactive"]
display(HTML(cortex_lab(even, odd, width=5)))
cases = {"upright": (0, 0), "turned by 15°": (15, 0), "turned by 45°": (45, 0), "3 aside": (0, 3)}
shown = np.array([bar(21, *case, width=5) for case in cases.values()])
table = [[simple(b, even), simple(b, odd), np.hypot((b * even).sum(), (b * odd).sum())] for b in shown]
ck.figure(
    pictures(np.concatenate([shown, [0.5 + even / (2 * even.max())]]), [*cases, "even field"]),
    alt="Four white bars on black: upright, turned by 15°, by 45°, and upright but 3 pixels aside; and the even field.",
    table={
        "bar": list(cases),
        **{name: [round(float(row[i]), 2) for row in table] for i, name in enumerate(responses)},
    },
)

# %% [markdown] id="cortex-lab-tasks"
r"""
1. Turn the bar until the complex cell is at half its strength. How far is that?
2. Move the upright bar. Where is the odd cell at its best?
3. Can you find a bar that leaves both simple cells silent, and the complex cell not?

<details><summary>Answers</summary>

1. About 20° either way.
2. About a quarter of the grating's wave, 2 to 3 pixels, to the right.
3. Yes: a few pixels to the left. Both sums are then negative, or nearly, and a simple cell cuts that off at 0; the
   complex cell squares it.

</details>
"""

# %% [markdown] id="neo-question"
r"""
## 2. Can such cells find categories that nobody named?

Hubel and Wiesel (1965) saw a **hierarchy**: complex cells feed *hypercomplex* cells, which want corners or ends of
lines. Kunihiko Fukushima built it in 1980: the **Neocognitron**, a sandwich of S layers (simple cells, weights that
change) and C layers (complex cells, fixed weights that blur).

It learns without labels and without gradients. Of the cells of a region, the strongest wins, and adds what it sees
to its weights. All cells of a *plane* share their weights, so that what is learned in one place is known
everywhere: weight sharing, nine years before LeNet.

We show it 400 digits, in the middle of 16 × 16 pixels, and say nothing.
"""

# %% id="canvas"
digits = ck.data.load("digits")


def centred(x, size, side):
    """Enlarge digits to size × size, in the middle of side × side pixels."""
    large = np.asarray(keras.ops.image.resize(x, (size, size), interpolation="bilinear"))
    margin = (side - size) // 2
    return np.pad(large, ((0, 0), (margin, margin), (margin, margin), (0, 0)))


def moved(x, pixels):
    """Move images up, down, left and right: four times as many."""
    steps = ((pixels, 0), (0, pixels), (-pixels, 0), (0, -pixels))
    return np.concatenate([np.roll(x, step, (1, 2)) for step in steps])


few, few_labels = centred(digits.x_train[:400], 12, 16), digits.y_train[:400]
test, answers = centred(digits.x_test, 12, 16), digits.y_test
ck.backend.seed(0)
neo = models.build("neocognitron")
display(ck.figures.ledgers.table(models.ledger(neo)))

# %% id="learn"
counts = neocognitron.learn(neo, few)
used = {name: int((times > 0).sum()) for name, times in counts.items()}
ck.verify("planes that learned something: s1, s2, s3", list(used.values()), [14, 44, 32], rtol=0.4)
busiest = np.argsort(-counts["s1"])[:12]
templates = neo.get_layer("s1").get_weights()[0][:, :, 0, busiest]
ck.figure(
    pictures(np.moveaxis(templates / templates.max((0, 1)), 2, 0), [f"{counts['s1'][i]} times" for i in busiest]),
    alt="Twelve templates of 3 × 3 pixels that the first S layer learned from digits: edges and pieces of strokes.",
)

# %% [markdown] id="learn-meaning"
r"""
Nobody told the first layer to look for strokes of different orientations. Competition did: a plane that has
learned a pattern wins wherever it appears, so that another pattern is left to another plane.

The last layer has 100 planes, and about a third of them came to stand for something. To see what, we name each
after the digit for which it wins most often: the only use of a label here, and it changes no weight.

The opponent is lecture 01's idea at its best: compare pixels with all 400 examples, take the nearest.
"""

# %% id="predict-neo"
ck.predict(
    "l06-neo",
    "On digits in the middle, nearest pixels are right 96 times in 100. Moved by 2 of 16 pixels: who is ahead?",
    ["nearest pixels, still", "about the same", "the Neocognitron, by far", "both are at chance"],
)


# %% id="shifts"
def winners(model, x):
    parts = [keras.ops.convert_to_numpy(model(x[i : i + 200])) for i in range(0, len(x), 200)]
    return np.concatenate(parts).argmax(axis=1)


def accuracies(model, shifts):
    won = winners(model, few)
    names = np.array([np.bincount(few_labels[won == k], minlength=10).argmax() for k in range(100)])
    return [(names[winners(model, moved(test, n))] == np.tile(answers, 4)).mean() for n in shifts]


def nearest(shifts):
    known = few.reshape(400, -1) / np.linalg.norm(few.reshape(400, -1), axis=1, keepdims=True)
    right = []
    for n in shifts:
        near = (moved(test, n).reshape(4 * len(test), -1) @ known.T).argmax(axis=1)
        right.append((few_labels[near] == np.tile(answers, 4)).mean())
    return right


shifts = [0, 1, 2, 3]
curves = {"Neocognitron": [accuracies(neo, shifts)], "nearest pixels": [nearest(shifts)]}
for seed in (1, 2):
    ck.backend.seed(seed)
    another = models.build("neocognitron")
    neocognitron.learn(another, few)
    curves["Neocognitron"].append(accuracies(another, shifts))

# %% id="shift-results"
ck.verify("nearest pixels: at rest, moved by 2", np.array(curves["nearest pixels"])[0, [0, 2]], [0.96, 0.37], atol=0.04)
neo_mean = np.mean(curves["Neocognitron"], axis=0)
ck.verify("Neocognitron, mean of 3: at rest, moved by 2", neo_mean[[0, 2]], [0.65, 0.60], atol=0.09)
ck.figure(
    draw.curves({"moved by so many pixels": (shifts, curves)}, "share of digits named rightly", chance=0.1),
    alt="Nearest pixels fall from 0.96 at rest to 0.37 at two pixels and 0.12 at three; the Neocognitron starts at "
    "about 0.65 and is still at about 0.53 at three.",
)

# %% [markdown] id="shift-meaning"
r"""
At rest, learning without labels costs a lot: 65 of 100 instead of 96. But a shift that ruins the comparison of
pixels hardly touches it. Each C layer forgives a little, and the layers above see only what it passes on: Fukushima's
title says "unaffected by shift in position". What it lacks is a teacher. It learns what is frequent, not what tells a 3
from a 5.

**Change one thing**: build it with `selectivity=(8, 4, 4)`. Are there more categories, or fewer? Is it right
more often?

<details><summary>Answer</summary>

More, and more often right at rest: a selective S cell calls fewer patterns alike, so that categories are purer.

</details>
"""

# %% [markdown] id="lenet-question"
r"""
## 3. What is in LeNet-5?

In 1989 Yann LeCun and colleagues kept Fukushima's architecture and threw out his learning: *back-propagation*
sets all weights, from labelled zip codes. LeNet-5 (1998) is the grown-up form. Here it is as published: the
convolutions C1, C3 and C5, the dense F6, the output, and two that subsample, S2 and S4. Slides often call it "two
convolutional and three fully connected layers": C5 is a convolution whose 5 × 5 window happens to cover
everything.
"""

# %% id="predict-c3"
ck.predict(
    "l06-c3",
    "C3 makes 16 maps from 6, with 5 × 5 kernels and biases: 2,416 parameters. The published layer has…",
    ["2,416 as well", "more: 3,000", "fewer: 1,516", "as few as 416"],
)

# %% id="ledger"
lenet = models.build("lenet5")
rows = {row.name: row for row in models.ledger(lenet)}
display(ck.figures.ledgers.table(list(rows.values())))
ck.verify(
    "parameters: c1, s2, c3, s4, c5, f6",
    [rows[name].params for name in ("c1", "s2", "c3", "s4", "c5", "f6")],
    [156, 12, 1_516, 32, 48_120, 10_164],
)
ck.verify("trainable parameters", lenet.count_params(), 60_000)
fields = [rows[name].receptive_field for name in ("c1", "s2", "c3", "s4", "c5")]
ck.verify("what C1, S2, C3, S4 and C5 see", fields, [5, 6, 14, 16, 32])
table = np.array([[mark == "X" for mark in line] for line in C3_TABLE])
ck.verify("connections of C3, of 96", [table.sum(), table.size], [60, 96])
ck.verify("its parameters: a kernel a connection, a bias a map", 25 * table.sum() + 16, 1_516)

# %% id="c3-table"
ck.figure(
    ck.figures.convolution.grids({"C3's maps (columns) and the maps of S2 they see (rows)": table.astype(int)}),
    alt="Table of 6 rows and 16 columns of 0 and 1. The first six columns have 3 ones in a row, the next six have 4, "
    "three have 4 that are not neighbours, and the last has all 6.",
)
ck.verify("maps seen by C3's maps", table.sum(axis=0), [3] * 6 + [4] * 9 + [6])

# %% [markdown] id="c3-meaning"
r"""
Six maps see three neighbouring maps of S2, nine see four, one sees all. Two reasons are given: it keeps the number
of connections down, and it *breaks symmetry*: maps with different inputs are pushed to find different features.
Today random initial weights do that, and C3 is dense.

**Subsampling.** S2 sums each block of 2 × 2, multiplies by one coefficient a map, adds one bias, and squashes: 12
parameters for 6 maps. **Your turn**, without the squashing.
"""


# %% id="check-subsample"
def my_subsample(image, coefficient, bias):
    # image: (rows, columns), both even; the map of half as many rows and columns
    return ...


ck.check.subsample.report(my_subsample)

# %% [markdown] id="squash-question"
r"""
**Squashing.** Units put out $A \tanh(S a)$ with $A = 1.7159$, $S = \tfrac23$. The numbers are chosen so that
$f(1) = 1$ and $f(-1) = -1$, the targets, and that the second derivative is largest there: targets lie where the unit
still learns, not where it is saturated.
"""

# %% id="squash"
a = np.linspace(-4, 4, 801)
f = keras.ops.convert_to_numpy(scaled_tanh(a.astype("float64")))
slope = np.gradient(f, a)
bend = np.abs(np.gradient(slope, a))
ck.verify("f(−1), f(0), f(1)", f[[300, 400, 500]], [-1, 0, 1], atol=1e-3)
ck.verify("slope at 0", slope[400], 1.14, atol=0.01)
ck.verify("where it bends most", abs(a[bend.argmax()]), 1, atol=0.03)
ck.figure(
    ck.figures.gradients.activations(a, {"1.7159 tanh(2a/3)": (f, slope), "tanh": (np.tanh(a), 1 - np.tanh(a) ** 2)}),
    alt="Two S-shaped curves with their slopes: the scaled tanh goes through −1 at −1 and 1 at 1 and ends near 1.7; "
    "the plain tanh ends at 1.",
)


# %% id="saturation-break" tags=["break-it"]
def saturated(pixels):
    squashed = keras.Model(lenet.inputs[0], lenet.get_layer("c1").output)
    return (np.abs(keras.ops.convert_to_numpy(squashed(pixels))) > 1.7).mean()


plain = centred(digits.x_test[:50], 20, 32)
ck.verify("share of C1 at its limit: pixels −0.1 … 1.175", saturated(plain * 1.275 - 0.1), 0, atol=0.01)
ck.verify("the same for pixels 0 … 255", saturated(plain * 255), 0.4, atol=0.05)

# %% [markdown] id="saturation-meaning"
r"""
Pixels of 0 … 255 drive the first layer to its limits before it has learned anything: 40 of 100 units, most of those
that see ink. There the slope is nearly 0 and so is every gradient. LeCun feeds paper as −0.1 and ink as 1.175, so that
pixels have a mean of about 0 and a variance of about 1. Lecture 09 comes back to this.

**The output** has no weights that learn. Each class has a *code*, a little picture of 7 × 12 pixels of ±1, and the
output is F6's squared distance to it. Digits that look alike have codes alike.
"""

# %% id="codes"
codes = digit_codes()
distances = ((codes[:, None] - codes) ** 2).sum(axis=2)
ck.verify("units of F6, pixels of a code", [84, 7 * 12], [codes.shape[1]] * 2)
ck.verify("squared distance: 8 and 9, 1 and 8", distances[8, [9, 1]], [80, 204], atol=60)
ck.figure(
    pictures((codes.reshape(10, 12, 7) + 1) / 2, [str(digit) for digit in range(10)], columns=10),
    alt="Ten small pictures of the digits 0 to 9, each 12 pixels high and 7 wide, black and white.",
)


# %% id="check-rbf"
def my_rbf_distances(units, codes):
    # units: (n, d) of n images; codes: (classes, d); the squared distances, (n, classes)
    return ...


ck.check.rbf_distances.report(my_rbf_distances)

# %% [markdown] id="codes-meaning"
r"""
The codes in the paper are stylised characters too; ours were drawn for this course. With ten classes nothing is
gained over ten output units. LeCun wanted to read all of ASCII, where O, o and 0 should be near each other, so that
a later stage may choose.

## 4. Does it read, and does it mind a shift?

Three networks with about 60,000 parameters each, trained on 1,437 digits of 20 × 20 pixels in the middle of
32 × 32: the modern LeNet-5 (ReLU, maximum, all connections, softmax); one hidden layer that knows nothing of
neighbours; and LeNet-5 as published. Each is trained from three seeds: that takes most of a minute.
"""

# %% id="predict-lenet"
ck.predict(
    "l06-lenet",
    "Of 100 digits in the middle the modern LeNet-5 reads 98. Moved by 3 of 32 pixels, how many does it still read?",
    ["98", "about 80", "about 50", "about 10"],
)


# %% id="train"
def hidden():
    flat = [keras.Input((32, 32, 1)), keras.layers.Flatten(), keras.layers.Dense(57, "relu")]
    return keras.Sequential([*flat, keras.layers.Dense(10, "softmax")])


builders = {
    "LeNet-5, modern": lambda: models.build("lenet5", (32, 32, 1), 10, modern=True),
    "one hidden layer": hidden,
    "LeNet-5, 1998": lambda: models.build("lenet5"),
}
steps, trained = [0, 1, 2, 3, 4, 6], {}
train_x, test_x = centred(digits.x_train, 20, 32), centred(digits.x_test, 20, 32)


def reading(name, seed, x, y, epochs=12):
    """Train, and return the accuracy on test digits moved by 0, 1, … pixels."""
    gain, shift = (1.275, -0.1) if "1998" in name else (1, 0)
    ck.backend.seed(seed)
    trained[name] = model = builders[name]()
    schedule = {"learning_rate": 2e-3, "schedule": "one-cycle", "seed": seed, "progress": False}
    training.fit(model, (x * gain + shift, y), epochs=epochs, **schedule)
    won = [winners(model, moved(test_x, n) * gain + shift) for n in steps]
    return [(each == np.tile(answers, 4)).mean() for each in won]


def readings(name, x, y):
    return [reading(name, seed, x, y) for seed in range(3)]


centre = {name: readings(name, train_x, digits.y_train) for name in list(builders)[:2]}

# %% id="train-1998"
# The third, as published.
centre["LeNet-5, 1998"] = readings("LeNet-5, 1998", train_x, digits.y_train)

# %% id="train-results"
means = {name: np.mean(each, axis=0) for name, each in centre.items()}
ck.verify("parameters", [trained[name].count_params() for name in builders], [61_706, 59_005, 60_000])
ck.verify("at rest", [each[0] for each in means.values()], [0.979, 0.962, 0.957], atol=0.02)
ck.verify("moved by 3 pixels", [each[3] for each in means.values()], [0.50, 0.36, 0.34], atol=0.08)
ck.figure(
    draw.curves({"moved by so many of 32 pixels": (steps, centre)}, "test accuracy", chance=0.1),
    alt="Test accuracy against the shift, mean of three seeds with their range: all begin near 0.97 and fall; at three "
    "pixels the modern LeNet-5 is at 0.5, the published one and the hidden layer at 0.35.",
)

# %% [markdown] id="train-meaning"
r"""
A disappointment? The layers below are equivariant, and pooling forgives a pixel. But C5 looks at *places* of S4's maps,
and it has only ever seen digits in the middle. The published network subsamples by sums, and is no better than the
hidden layer here. Architecture alone does not make a network invariant. Now let digits stand anywhere, in training too.
"""

# %% id="scatter"
rng = np.random.default_rng(0)
places = rng.integers(-6, 7, (2, len(train_x), 2))
anywhere = np.concatenate([[np.roll(x, p, (0, 1)) for x, p in zip(train_x, each, strict=True)] for each in places])
twice = np.tile(digits.y_train, 2)
spread = {"LeNet-5, modern": readings("LeNet-5, modern", anywhere, twice)}

# %% id="scatter-results"
spread["one hidden layer"] = readings("one hidden layer", anywhere, twice)
means = {name: np.mean(each, axis=0) for name, each in spread.items()}
ck.verify("moved by 3: LeNet-5, hidden layer", [each[3] for each in means.values()], [0.95, 0.82], atol=0.04)
ck.figure(
    draw.curves({"moved by so many of 32 pixels": (steps, spread)}, "test accuracy", chance=0.1),
    alt="Trained on digits anywhere: the modern LeNet-5 stays at 0.95, 0.9 at six pixels, the hidden layer near 0.8.",
)

# %% [markdown] id="scatter-meaning"
r"""
*There* is what convolution is worth. Both networks saw the same pictures. LeNet-5 learns a stroke once and knows it
everywhere, and has only places to sort out; the hidden layer learns every digit anew at every place.
"""

# %% id="maps"
seen = keras.Model(trained["LeNet-5, modern"].inputs[0], trained["LeNet-5, modern"].get_layer("c1").output)
five = test_x[answers == 5][:1]
maps = keras.ops.convert_to_numpy(seen(five))[0]
ck.verify("maps of C1", maps.shape, [28, 28, 6])
ck.figure(
    pictures(np.moveaxis(maps / maps.max(), 2, 0), [f"map {i + 1}" for i in range(6)]),
    alt="Six maps of the first layer for a handwritten five: two show the whole stroke, the others pieces of it, "
    "mostly level edges, seen from above or from below.",
)

# %% [markdown] id="maps-meaning"
r"""
Simple cells again: some maps answer to the stroke, some to an edge on one side of it, all found by gradient descent
on labels. Nobody asked for them.

## 5. The same in Keras, and what came of it

The modern LeNet-5 in ten lines. The course's zoo has one that was trained on our digits, enlarged four times.
"""

# %% id="keras"
layers = keras.layers
modern = keras.Sequential(
    [
        keras.Input((32, 32, 1)),
        layers.Conv2D(6, 5, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation="relu"),
        layers.Dense(84, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
ck.verify("parameters, ours and the zoo's", [modern.count_params(), zoo.card("lenet_digits").parameters], [61_706] * 2)
enlarged = digits.x_test.repeat(4, axis=1).repeat(4, axis=2)
found = winners(zoo.load("lenet_digits"), enlarged)
ck.verify("the zoo's LeNet-5: test accuracy", (found == answers).mean(), 0.994, atol=0.006)

# %% [markdown] id="after"
r"""
On MNIST, LeNet-5 made 0.95 % errors (LeCun et al. 1998). Later networks made 0.35 % (Cireşan et al. 2011b), read
Arabic and Chinese characters (2011a) and CIFAR-10 with 9.3 % (Wan et al. 2013), but were worse with few examples a
class (Caltech-101 and 256). With traffic signs they beat people: 0.56 % errors against 1.16 % at the final of a
competition in 2011 (Schmidhuber 2011; 0.54 % in Cireşan et al. 2012).
"""

# %% [markdown] id="resistance"
r"""
All the same, neural networks were out of fashion in the 1990s and early 2000s, before they came back under a new name,
deep learning, with dropout and more data. Success did not convince at once. LeCun's letter to the organisers of CVPR
2012 says that a paper of his was rated "Definitely Reject", "Borderline" and "Weakly Reject", although it beat all
published results on three data sets; that nothing in it was hand-crafted counted against it. That autumn AlexNet won
ImageNet (lecture 07). In March 2019 LeCun, Hinton and Bengio received the Turing Award: the visible part of an iceberg,
he wrote.

Gurari's slides of 2021 list what the industry had made of it: self-driving cars, a vehicle on Mars, guided surgery,
help for the blind, security. By 2022 most papers at conferences on vision used deep networks, and so did work on texts
and in biomedicine (Kovashka).
"""

# %% [markdown] id="wrap-up"
r"""
## Wrap-up

These questions want a computation. Open a cell below, or take paper. The panel after them keeps your predictions:
which of them would you change now?
"""

# %% id="quiz"
ck.quiz("l06")
ck.progress()

# %% id="numbers-in-answers"
ck.backend.seed(0)
picky = models.build("neocognitron", selectivity=(8, 4, 4))
neocognitron.learn(picky, few)
categories = [len(np.unique(winners(each, few))) for each in (neo, picky)]
ck.verify("section 2: categories, before and more selective", categories, [30, 71], rtol=0.4)
gain = accuracies(picky, [0])[0] - accuracies(neo, [0])[0]
ck.verify("more often right at rest, by", gain, 0.033, atol=0.033)
turns = np.arange(0, 46)
energy = [np.hypot((b * even).sum(), (b * odd).sum()) for b in (bar(21, turn, width=5) for turn in turns)]
ck.verify("section 1, the lab: half strength, degrees", turns[np.array(energy) < 0.5 * energy[0]][0], 20, atol=3)

# %% [markdown] id="summary"
r"""
### Summary

| idea | cortex | Neocognitron | LeNet-5 | today |
|---|---|---|---|---|
| feature, anywhere | simple cells | S layer, shared weights | C1, C3 | convolution, ReLU |
| tolerance | complex cells | C layer, a fixed blur | S2, S4, trainable | max pooling, strides |
| larger features | hypercomplex cells | deeper S layers | C5 | deeper layers |
| learning | development | competition, no labels | back-propagation | back-propagation |
"""

# %% [markdown] id="stretch-and-sources"
r"""
### Stretch

1. Give `gabor` sixteen angles and two phases, take the energy on a photograph, and draw the strongest angle.
2. Let the Neocognitron learn from letters: `ck.data.load("glyphs")`, in grey.
3. Make C3 of the published LeNet-5 dense, by a table of only X. Does the accuracy change by more than the spread of
   three seeds?

Next: lecture 07, where the same layers meet a million photographs.

## Sources

- D. Hubel and T. Wiesel, "Receptive fields and functional architecture in two nonstriate visual areas (18 and 19) of
  the cat", *J. Neurophysiol.* 28, 1965. J. Daugman, *JOSA A* 2, 1985: Gabor functions.
- K. Fukushima, "Neocognitron", *Biol. Cybern.* 36, 1980; K. Fukushima and S. Miyake 1982.
- Y. LeCun et al., "Backpropagation applied to handwritten zip code recognition", *Neural Comput.* 1, 1989;
  "Gradient-based learning applied to document recognition", *Proc. IEEE* 86, 1998.
- D. Cireşan et al., ICDAR 2011 (a: Arabic, Chinese) and IJCAI 2011 (b: MNIST); *Neural Networks* 32, 2012, and
  J. Schmidhuber, "First superhuman visual pattern recognition", 2011: traffic signs. L. Wan et al., ICML 2013:
  CIFAR-10.
- Danna Gurari, *Convolutional Neural Networks*, University of Texas at Austin 2021: cortex, letters, prizes. Adriana
  Kovashka, *CS 1674*, University of Pittsburgh 2022: fashions.
- André Martins, Francisco Melo and Mário Figueiredo, *Deep Learning*, lecture 7, Instituto Superior Técnico, Lisbon
  2022/23: Neocognitron, LeNet, records.
- Yuki M. Asano, *Deep Learning 1*, lecture 5, University of Amsterdam: LeNet-5.
"""
