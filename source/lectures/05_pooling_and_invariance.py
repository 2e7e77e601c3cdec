# ---
# title: Pooling and invariance
# ---

# %% [markdown] id="title"
r"""
# Pooling and invariance

A convolution says where a feature is. Often we only want to know *whether* it is there. Pooling forgets the
where, a little at a time. This lecture measures what that buys, and what it costs.

**Afterwards you can**

- pool by maximum, average, L2 norm, Gaussian and disc, with windows that touch or overlap;
- say what share of the outputs changes when the input moves by a pixel, and why;
- send gradients back through a maximum, ties included;
- give images of any size to one classifier;
- tell equivariance from invariance, measure both, and say when a prior is too strong.

**You need** lecture 03's convolution and lecture 01's softmax classifier. Nothing is downloaded.

**It takes** 80 minutes: about twelve a section, the rest for Keras and the quiz.

As always: where a box says *Predict*, answer before you run on; cells that end in `ck.check` wait for a line
of yours; a line with ✓ is a number from the text, computed again on your machine.
"""

# %% id="setup"
import numpy as np
from IPython.display import HTML, display
from scipy import ndimage

import coursekit as ck
from coursekit.scratch import convolution, gradients, losses, pooling

draw, grids, photos = ck.figures.pooling, ck.figures.convolution.grids, ck.figures.convolution.photos

# %% [markdown] id="window-question"
r"""
## 1. What does pooling keep?

A convolutional layer has three stages: *convolution* gives sums, a *detector* (the ReLU) keeps the positive
ones, and *pooling* replaces each place by a summary of its neighbourhood. It treats every channel alone, and
has no weights to learn.

The commonest summary is the maximum over 2 × 2 pixels, with stride 2, so that windows touch and never
overlap. Here is one channel of 4 × 4 detectors (the slides' numbers were in a picture and are lost).
"""

# %% id="predict-max"
ck.predict(
    "l05-max",
    "Max pooling of 1 0 2 3 / 4 6 6 8 / 3 1 1 0 / 1 2 2 4, windows 2 × 2, stride 2. What comes out?",
    ["6 8 / 3 4", "6 6 8 / 6 6 8 / 3 2 4", "4 8 / 3 4", "2.75 4.75 / 1.75 1.75"],
)

# %% id="max-worked"
channel = np.array([[1, 0, 2, 3], [4, 6, 6, 8], [3, 1, 1, 0], [1, 2, 2, 4.0]])
x = channel[np.newaxis, :, :, np.newaxis]  # (1 image, rows, columns, 1 channel)
pooled = {kind: pooling.pool2d(x, 2, kind=kind)[0][0, :, :, 0] for kind in ("max", "average", "l2")}
ck.verify("maximum", pooled["max"], [[6, 8], [3, 4]])
ck.verify("average", pooled["average"], [[2.75, 4.75], [1.75, 1.75]])
ck.verify("L2 norm", pooled["l2"], [[7.28, 10.63], [3.87, 4.58]])
corner = [(0, 0), (0, 1), (1, 0), (1, 1)]
ck.figure(
    grids({"detectors": channel, **pooled}, {"detectors": corner, **{kind: [(0, 0)] for kind in pooled}}),
    alt="The channel and its summaries. Max 6 8 / 3 4; average 2.75 4.75 / 1.75 1.75; L2 7.28 10.6 / 3.87 4.58.",
)

# %% [markdown] id="kinds-question"
r"""
A quarter of the numbers is left. That saves memory and time in every later layer, and it makes each later
unit see more of the picture.

Five summaries are in use: the *maximum*; the *average*; the *L2 norm* $\sqrt{\sum x^2}$; a mean *weighted by
the distance* from the centre; and, if a square seems arbitrary, a *disc*. A square of weights that are 0
outside a circle is all that round pooling takes.
"""

# %% id="kinds"
weights = {kind: pooling.window_weights(kind, 5) for kind in ("average", "gaussian", "disc")}
ck.verify("pixels of the disc", np.count_nonzero(weights["disc"]), 21)
lonely = np.zeros((5, 5))
lonely[1, 2] = 9
ck.verify("maximum and L2 norm", [lonely.max(), np.linalg.norm(lonely)], [9, 9])
ck.verify("average, Gaussian, disc", [(w * lonely).sum() for w in weights.values()], [0.36, 0.72, 0.43], rtol=0.01)
lonely[0, 0] = 20  # a corner: outside the disc
ck.verify("maximum over a disc", lonely[weights["disc"] > 0].max(), 9)
ck.figure(
    grids({f"{kind}, × 100": 100 * w for kind, w in weights.items()}),
    alt="Three 5 × 5 windows: average, 4 everywhere; Gaussian, falling outwards; disc, no weight in the corners.",
)

# %% [markdown] id="kinds-meaning"
r"""
The average dilutes: one strong detector among 25 becomes 0.36, and a weak one everywhere reports the same.
That is why it can be a poor choice after a ReLU, where most detectors are silent. The maximum and the L2 norm
say 9.

**Overlap.** Windows need not touch. Width 3 with stride 2 halves the size, and neighbours share a row:
"""


# %% id="overlap"
def pool_row(row, width, stride=1, kind="max"):
    return pooling.pool2d(np.reshape(row, (1, 1, -1, 1)), (1, width), stride, kind)[0].ravel()


six = np.array([0.1, 1.0, 0.2, 0.1, 0.0, 0.1])
book = np.append(pool_row(six, 3, 2), six[4:].max())  # the book's last pool has two detectors only
ck.verify("pools of width 3, stride 2", book, [1.0, 0.2, 0.1])
sides = [convolution.output_size(n, 3, 2) for n in (55, 27, 13)]
ck.verify("AlexNet's maps, 55, 27 and 13 wide, pooled 3/2", sides, [27, 13, 6])
ck.verify("its first pooling: numbers in and out", [55 * 55 * 96, 27 * 27 * 96], [290_400, 69_984])
ck.figure(
    draw.stages({"width 3, stride 2": (six, book)}, width=3, stride=2),
    alt="Six detectors, 0.1, 1, 0.2, 0.1, 0 and 0.1, and three pools above them: 1, 0.2, 0.1. Each pool looks at three "
    "detectors and shares one with its neighbour; the last has only two.",
)

# %% [markdown] id="overlap-meaning"
r"""
AlexNet pools like this, and reports about 0.5 % fewer errors and less overfitting than with windows that
touch. The book's last pool makes do with two detectors; our `pool2d` keeps whole windows only. The Keras
section meets both.

**Change one thing**: pool `channel` twice, 2 × 2 and 2 × 2. Which single window gives the same maximum?
And for averages?

<details><summary>Answer</summary>

One of 4 × 4: 8, the largest of all. Averages agree too, 2.75, since all windows are equally large.

</details>

**Your turn**: the maxima of a row. Only whole windows count.
"""


# %% id="check-pool-row"
def my_pool_row(row, width, stride):
    # row: (n,); one maximum for each window that lies wholly on the row
    return ...


ck.check.pool_row.report(my_pool_row)

# %% [markdown] id="shift-question"
r"""
## 2. What survives a shift?

In a face, we need not know the exact place of the eyes. So: move the input by one pixel, and see what the
pools notice. This is the book's example, with pools of width 3 and stride 1.
"""

# %% id="predict-shift"
ck.predict(
    "l05-shift",
    "Every detector value changes when the input moves by one. Of pools of width 3, stride 1, how many change?",
    ["none", "a third", "half", "all"],
)

# %% id="shift"
row = np.array([0, 0.3, 0.1, 1.0, 0.2, 0.1, 0])
seen = slice(2, 6)  # the four detectors that the book shows; pools are centred on them


def detectors_and_pools(row):
    return row[seen], np.append(0, pool_row(row, 3))[seen]


before, after = detectors_and_pools(row), detectors_and_pools(np.roll(row, 1))
ck.verify("detectors", [before[0], after[0]], [[0.1, 1, 0.2, 0.1], [0.3, 0.1, 1, 0.2]])
ck.verify("pools", [before[1], after[1]], [[1, 1, 1, 0.2], [0.3, 1, 1, 1]])
ck.verify("shares that changed: detectors, pools", [(before[k] != after[k]).mean() for k in (0, 1)], [1, 0.5])
ck.figure(
    draw.stages({"input": before, "input moved right by 1": after}, width=3, before=1),
    alt="Left: detectors 0.1, 1, 0.2, 0.1 under pools 1, 1, 1, 0.2. Right, moved by one: detectors 0.3, 0.1, 1, 0.2, "
    "all marked as changed, under pools 0.3, 1, 1, 1, of which only the first and the last changed.",
)

# %% [markdown] id="shift-meaning"
r"""
All four detectors changed, and two of the four pools. A lucky example? Take long rows of random numbers.

A window and the same window one step later cover $w + 1$ numbers together and share $w - 1$. The maximum
stays if the largest of all $w + 1$ lies in the shared part. Every place is equally likely, so a share of
$2/(w+1)$ changes.
"""

# %% id="random-rows"
rows = np.random.default_rng(0).standard_normal(60_000)
moved = np.roll(rows, 1)
for width in (2, 3, 5, 9):
    share = (pool_row(rows, width) != pool_row(moved, width)).mean()
    ck.verify(f"width {width}: share of maxima that change", share, 2 / (width + 1), atol=0.01)
others = [(pool_row(rows, 3, 1, kind) != pool_row(moved, 3, 1, kind)).mean() for kind in ("average", "l2", "gaussian")]
ck.verify("average, L2, Gaussian: shares that change", others, [1, 1, 1], atol=0.001)

# %% [markdown] id="random-rows-meaning"
r"""
Exactly half at width 3: the book's picture is typical. Averages and norms *all* change, but each only a
little; maxima stay or jump. Real feature maps are smoother than random rows, and after a ReLU many zeros stay
zeros.

**Change one thing**: below is a real digit, with zeros around it. Move it with the arrow keys.
"""

# %% id="pooling-lab" tags=["interactive"]
digits = ck.data.load("digits")
five = np.pad(digits.x_test[np.flatnonzero(digits.y_test == 5)[0], :, :, 0].round(1), 2).astype(float)
display(HTML(ck.figures.pooling_lab.pooling_lab(five, "max", width=3, stride=1)))
pools, share = {}, {}
for kind in ("max", "average", "l2", "gaussian", "disc"):
    pools[kind] = [pooling.pool2d(i[None, :, :, None], 3, 1, kind)[0][0, :, :, 0] for i in (five, np.roll(five, 1, 1))]
    share[kind] = (~np.isclose(*pools[kind])).mean()
ck.verify("share of the 100 outputs that changes: max and average", [share["max"], share["average"]], [0.44, 0.84])
ck.figure(
    grids(
        {"at rest, max pooled": pools["max"][0], "moved right by 1": pools["max"][1]},
        {"moved right by 1": np.argwhere(~np.isclose(*pools["max"]))},
    ),
    alt="A pooled digit five, at rest and moved right by a pixel; 44 of 100 outputs differ and are framed.",
    table={"pooling": list(share), "share of the outputs that changes": list(share.values())},
)

# %% [markdown] id="pooling-lab-tasks"
r"""
1. Width 3, stride 1, one step right. Now width 6: does the share rise or fall?
2. Width 2, stride 2: move by 1, then by 2. What is special about 2?
3. Find a setting where nothing changes however you move, as long as the digit stays in the picture.

<details><summary>Answers</summary>

1. It falls, for max pooling. The average's does not.
2. After 2 pixels the outputs are those at rest, moved by one place. After 1 they are others.
3. Width 9, stride 9, maximum: nearly global. It keeps one number.

</details>
"""

# %% [markdown] id="equivariance-question"
r"""
### Two words

With $g$ a transformation such as a shift, a function $f$ is

- **equivariant** if $f(g(x)) = g(f(x))$: the output moves along;
- **invariant** if $f(g(x)) = f(x)$: the output does not notice.

Both are measurable: how large is the difference of the two sides, relative to the right one?
"""


# %% id="equivariance"
def gap(left, right):
    return np.linalg.norm(left - right) / np.linalg.norm(right)


def shift(x, rows, columns):
    return np.roll(x, (rows, columns), axis=(1, 2))


def maps(x, kernels):
    return np.maximum(convolution.conv2d(x, kernels)[0], 0)


kernels = np.random.default_rng(0).standard_normal((3, 3, 1, 8)).astype(np.float32)
image = np.pad(five, 7)[np.newaxis, :, :, np.newaxis]
f, half = maps(image, kernels), maps(image[:, ::2, ::2], kernels)
pool, one, two = (pooling.pool2d(maps(shift(image, 0, n), kernels), 2)[0] for n in (0, 1, 2))
ck.verify("convolution, shift by 1", gap(maps(shift(image, 0, 1), kernels), shift(f, 0, 1)), 0, atol=1e-6)
quarter = gap(maps(np.rot90(image, axes=(1, 2)), kernels), np.rot90(f, axes=(1, 2)))
ck.verify(
    "quarter turn, half size: gaps", [quarter, gap(half[:, :11, :11], f[:, :22:2, :22:2])], [0.99, 0.92], rtol=0.05
)
ck.verify("convolution, pooled 2/2, shift by 2", gap(two, shift(pool, 0, 1)), 0, atol=1e-6)
ck.verify("pooled 2/2, shift by 1", min(gap(one, shift(pool, 0, n)) for n in (0, 1)), 0.49, rtol=0.05)
ck.verify("global maximum, shift by 3: has it changed?", gap(shift(f, 3, 3).max((1, 2)), f.max((1, 2))), 0)

# %% [markdown] id="equivariance-meaning"
r"""
Convolution moves along with a shift, but not with a quarter turn or a change of scale: nothing in a kernel
promises that. Pooling with stride 2 moves along with even shifts only. Odd ones fall between its windows:
stride *aliases*. Only the global maximum is truly invariant.

So pooling layers give invariance to *small* shifts, *approximately*: half the values at best, for width 3.

## 3. Which way does the gradient go?

The maximum copies one pixel, so its slope is 1 for that pixel and 0 for the others. Forward, remember who
won; backward, hand the whole gradient to the winner. A pixel that wins several windows adds up.
"""

# %% id="predict-tie"
ck.predict(
    "l05-tie",
    "After a ReLU, a window holds 0, 0, 0, 0. Its output gets the gradient 1. Where does our pool2d send it?",
    ["nowhere", "a quarter to each", "1 to each", "1 to the first"],
)

# %% id="backward"
arriving = np.array([[10.0, 20], [30, 40]])
back = {}
for kind in ("max", "average", "l2"):
    _, cache = pooling.pool2d(x, 2, kind=kind)
    back[kind] = pooling.pool2d_backward(arriving[None, :, :, None], cache)[0, :, :, 0]
ck.verify("max", back["max"], [[0, 0, 0, 0], [0, 10, 0, 20], [30, 0, 0, 0], [0, 0, 0, 40]])
ck.verify("average: a quarter to each", back["average"][0], [2.5, 2.5, 5, 5])
ck.verify("L2: in proportion to the pixel", back["l2"][1, :2], [10 * 4 / 53**0.5, 10 * 6 / 53**0.5])
noise = np.random.default_rng(1).standard_normal((1, 7, 9, 3))  # without ties
for kind in ("max", "average", "l2", "gaussian", "disc"):
    out, cache = pooling.pool2d(noise, 3, 2, kind)
    numeric = gradients.numeric_gradient(lambda x, kind=kind: pooling.pool2d(x, 3, 2, kind)[0], noise, np.cos(out))
    error = np.abs(numeric - pooling.pool2d_backward(np.cos(out), cache)).max()
    ck.verify(f"{kind}: distance to the numeric gradient", error, 0, atol=1e-7)
cache = pooling.pool2d(np.zeros((1, 2, 2, 1)), 2)[1]
ck.verify("four zeros", pooling.pool2d_backward(np.ones((1, 1, 1, 1)), cache).ravel(), [1, 0, 0, 0])
ck.figure(
    grids({"detectors": channel, "arriving": arriving, **back}),
    alt="Gradients 10 20 / 30 40 arrive. Max sends each to the largest pixel of its window. Average sends a quarter to "
    "each pixel. L2 shares in proportion to the pixel: of 10, the 6 gets 8.24, the 4 gets 5.49, the 1 gets 1.37.",
)

# %% [markdown] id="backward-meaning"
r"""
**Average** gives every pixel its weight's share, and so do Gaussian and disc. **L2** gives $g\,x/\text{out}$:
large pixels get more.

**Ties.** At a tie the maximum has a corner and no derivative; any rule is a choice. Ours is the common one:
the *first* maximum, row by row. After a ReLU, windows of zeros are frequent. There the choice is harmless:
the ReLU below passes nothing on for a 0.

**Your turn**, in one dimension; windows may overlap.
"""


# %% id="check-unpool-row"
def my_unpool_row(row, upstream, width, stride):
    # row: (n,), upstream: one gradient a window; the gradient of the row, (n,)
    return ...


ck.check.unpool_row.report(my_unpool_row)


# %% id="tie-break" tags=["break-it"]
def elegant(row, upstream, width, stride):
    drow = np.zeros(len(row))
    for window, gradient in enumerate(upstream):
        part = slice(window * stride, window * stride + width)
        drow[part] += gradient * (row[part] == row[part].max())
    return drow


ck.check.unpool_row.report(elegant)
ck.verify("gradient that four zeros receive", elegant(np.zeros(4), [1.0], 4, 4).sum(), 4)

# %% [markdown] id="tie-answer"
r"""
<details><summary>Answer</summary>

At a tie it multiplies the gradient: four zeros receive 4 for the 1 that came in. On random numbers, where
nothing ties, no test would see it.

</details>

## 4. How can one classifier take pictures of any size?

A softmax classifier wants a fixed number of inputs. A convolution takes any image, but gives more outputs for
larger ones. Pooling settles it if its windows grow along: one maximum a *quadrant*, whatever the size.

For features we take 24 *random* 5 × 5 kernels and never train them. Convolution and pooling make even random
kernels useful; only the softmax on top learns.
"""

# %% id="classifier"
x_train, y_train, x_test, y_test = digits.x_train, digits.y_train, digits.x_test, digits.y_test


def random_kernels(seed, size=5, count=24):
    kernels = np.random.default_rng(seed).standard_normal((size, size, 1, count)).astype(np.float32)
    return kernels - kernels.mean(axis=(0, 1))


def fit(features, x, y, steps=120, rate=0.5):
    f = features(x)
    mean, scale = f.mean(axis=0), f.std() * (f.shape[1] / 64) ** 0.5
    f, weights, speed = (f - mean) / scale, np.zeros((f.shape[1], 10), np.float32), 0
    for _ in range(steps):
        speed = 0.9 * speed - rate * f.T @ losses.softmax_loss(f @ weights, y)[1]
        weights += speed
    return lambda x: ((features(x) - mean) / scale @ weights).argmax(axis=1)


def center(x, rows, columns):
    return np.pad(x, ((0, 0), ((rows - 8) // 2,) * 2, ((columns - 8) // 2,) * 2, (0, 0)))


# %% id="predict-quadrants"
ck.predict(
    "l05-quadrants",
    "Trained on 14 × 14 canvases with the digit in the middle, tested on 18 × 26. With quadrant pooling, what happens?",
    ["an error: sizes differ", "accuracy drops to about a half", "accuracy stays", "accuracy rises"],
)

# %% id="quadrants"
kernels = random_kernels(0)


def quadrants(x):
    return pooling.quadrant_pool(maps(x, kernels)).reshape(len(x), -1)


def clusters(x):
    return pooling.dynamic_pool(maps(x, kernels), regions=4)[0].reshape(len(x), -1)


few, test, answers = center(x_train[:700], 14, 14), x_test[:200], y_test[:200]
cases = {"14 × 14": center(test, 14, 14), "18 × 26": center(test, 18, 26)}
cases["18 × 26, moved by 3"] = shift(cases["18 × 26"], 3, 3)
for name, features, expected in (("quadrants", quadrants, [0.95, 0.95, 0.1]), ("clusters", clusters, [0.9] * 3)):
    predict = fit(features, few, y_train[:700])
    accuracies = [(predict(images) == answers).mean() for images in cases.values()]
    ck.verify(f"{name}: accuracy on {', '.join(cases)}", accuracies, expected, atol=0.08)

# %% id="regions"
shown = {}
for name in ("14 × 14", "18 × 26, moved by 3"):
    image = cases[name][:1]
    rows, columns = np.indices(image.shape[1:3])
    fixed = 2 * (rows >= image.shape[1] // 2) + (columns >= image.shape[2] // 2)
    shown[f"quadrants\n{name}"] = (image[0, :, :, 0], fixed)
    shown[f"clusters\n{name}"] = (image[0, :, :, 0], pooling.dynamic_pool(image, 4)[1][0])
ck.figure(
    draw.regions(shown),
    alt="Quadrants are the canvas's and miss a digit that moved; four clusters lie on its strokes wherever it is.",
)

# %% [markdown] id="regions-meaning"
r"""
Same weights, other size, same accuracy. But quadrants belong to the canvas: move the digit by 3 pixels and
they cut it elsewhere.

Pools can also belong to the *picture*: cluster the places of its strong features, and pool over each cluster
(after Boureau et al. 2011). Here k-means draws four regions anew for each image. They
follow the digit, and the accuracy stays at about 0.9. Jia et al. (2012) instead *learn* one set of regions for
all images.

**Change one thing**: 16 clusters. What do you gain, and what must stay between training and test?

<details><summary>Answer</summary>

More detail about where. Number and order of the regions must stay: region 1 here has to mean region 1 there.

</details>
"""

# %% [markdown] id="channels-question"
r"""
## 5. Can pooling ignore rotation?

Pooling over *places* forgives shifts. Pooling over *channels* forgives whatever the channels differ in. If
three kernels look for a five at three angles, their maximum fires for a five at any of them.

Nobody needs to choose the angles. Let three templates see fives at random angles up to ±60°. Through a
maximum the gradient reaches the winner only, so each picture pulls its winner towards itself.
"""

# %% id="predict-channels"
ck.predict(
    "l05-channels",
    "Three templates learn from fives at angles between −60° and 60°. Which angles do they end up with?",
    ["all near 0°", "near −40°, 0° and 40°", "near −60°, 0° and 60°", "random ones"],
)


# %% id="channels"
def turned(x, angle):
    flat = ndimage.rotate(center(x, 12, 12), angle, axes=(1, 2), reshape=False, order=1).reshape(len(x), -1)
    return flat / np.linalg.norm(flat, axis=1, keepdims=True)


fives, new_fives = x_train[y_train == 5], x_test[y_test == 5]
angles = np.arange(-60, 61, 10)
pictures, angle_of = np.concatenate([turned(fives, a) for a in angles]), np.repeat(angles, len(fives))
learned, means = [], []  # of three seeds
for seed in range(3):
    rng = np.random.default_rng(seed)
    templates = pictures[rng.choice(len(pictures), 3, replace=False)].copy()
    for picture in pictures[rng.integers(len(pictures), size=4000)]:
        winner = (templates @ picture).argmax()
        templates[winner] += 0.02 * (picture - templates[winner])
        templates[winner] /= np.linalg.norm(templates[winner])
    winners = (pictures @ templates.T).argmax(axis=1)
    order = np.argsort([angle_of[winners == k].mean() for k in range(3)])
    learned.append(templates[order])
    means.append([angle_of[winners == k].mean() for k in order])
ck.verify("mean angle won by each template, three seeds", means, [[-43, -1, 42]] * 3, atol=8)

# %% id="channel-curves"
wide = np.arange(-90, 91, 10)
turns = {angle: turned(new_fives, angle) for angle in wide}
upright = turned(fives, 0).mean(axis=0)
single = np.array([[(turns[a] @ upright).mean() / np.linalg.norm(upright) for a in wide]])
best = np.array([[(turns[a] @ t.T).max(axis=1).mean() for a in wide] for t in learned])
each = {f"template {k + 1}": np.array([[(turns[a] @ t[k]).mean() for a in wide] for t in learned]) for k in range(3)}
lines = {"maximum of three": best, "one, upright": single, **each}
ck.verify("least response within ±60°: three, one", [best[:, 3:16].min(), single[:, 3:16].min()], [0.84, 0.46], 0.08)
ck.figure(
    draw.curves({"angle of the five, degrees": (wide, lines)}, "mean response"),
    alt="One template peaks at 0° and falls below 0.5; three peak at −40, 0, 40°, and their maximum stays high.",
)

# %% [markdown] id="channels-meaning"
r"""
Each template took a third of the angles: near −43°, −1° and 42°. Their maximum hardly notices the angle,
where a single template loses half. The invariance was *learned* from turned examples: pooling only made room
for it. Scale works the same way, with kernels of several sizes.

**Your turn**: the maximum over groups of neighbouring channels.
"""


# %% id="check-pool-channels"
def my_pool_channels(maps, group):
    # maps: (n, rows, columns, channels) -> (n, rows, columns, channels / group)
    return ...


ck.check.pool_channels.report(my_pool_channels)

# %% [markdown] id="prior-question"
r"""
## 6. What do convolution and pooling believe?

A *prior* says which weights we expect before seeing data. A weak one (a Gaussian of high variance) is easily
outvoted by data; a strong one (low variance) is not. An **infinitely strong** one forbids: it gives some
weights probability zero, whatever the data say.

A convolutional layer is a fully connected one with such a prior: weights outside a small window *are* zero,
and each unit's weights *are* its neighbour's, moved by one.
"""

# %% id="wiring"
full, tied = np.arange(1, 25).reshape(4, 6), np.array([np.roll([1, 2, 3, 0, 0, 0], i) for i in range(4)])
signal = np.array([2.0, 7, 1, 8, 2, 8])
ck.verify("the tied matrix is the convolution", tied @ signal, convolution.cross_correlate(signal, [1, 2, 3]))
counts = [np.unique(full).size, np.unique(tied[tied > 0]).size, (tied == 0).sum()]
ck.verify("free weights of both, and zeros", counts, [24, 3, 12])
ck.figure(
    ck.figures.convolution.wirings({"no prior: 24 free weights": full, "convolution: 3, and 12 zeros": tied}),
    alt="Fully connected: 24 different weights. Convolution: a, b, c in every row, moved along, and 12 empty cells.",
)

# %% [markdown] id="shuffle-question"
r"""
The prior says: useful features are local, and alike everywhere. Pooling adds: their exact place does not
matter. To see how much is *belief*, make it false. Shuffle all pixels, with one fixed permutation for all
images. No information is lost. Neighbours just are no neighbours any more.

The digits stand anywhere on a 12 × 12 canvas. Four nets with a fixed first stage: none (linear), 512 random
units that see all pixels, and convolution with two pool sizes.
"""

# %% id="predict-shuffle"
ck.predict(
    "l05-shuffle",
    "All pixels shuffled, the same way in training and test. Whose accuracy falls?",
    ["nobody's", "everybody's", "only that of the nets with convolution", "only that of the net with units for all"],
)


# %% id="shuffle"
def scattered(x, rng, side=12):
    out = np.zeros((len(x), side, side, 1), np.float32)
    for canvas, digit, (r, c) in zip(out, x, rng.integers(0, side - 7, (len(x), 2)), strict=True):
        canvas[r : r + 8, c : c + 8] = digit
    return out


def nets(seed, pixels, sizes, count=24):
    kernels = random_kernels(seed, count=count)
    units = np.random.default_rng(seed).standard_normal((pixels, 512)).astype(np.float32) / pixels**0.5
    table = {"linear": lambda x: x.reshape(len(x), -1)}
    table["fully connected"] = lambda x: np.maximum(x.reshape(len(x), -1) @ units, 0)
    for name, size in sizes.items():
        table[name] = lambda x, size=size: pooling.pool2d(maps(x, kernels), size)[0].reshape(len(x), -1)
    return table


permutation, pairs = np.random.default_rng(42).permutation(144), {}
for seed in range(3):
    rng = np.random.default_rng(seed)
    data = [[scattered(x, rng) for x in (x_train, x_test)]]
    data.append([x.reshape(len(x), -1)[:, permutation].reshape(x.shape) for x in data[0]])
    for name, features in nets(seed, 144, {"conv, max pool 2": 2, "conv, max pool 4": 4}).items():
        both = [(fit(features, x, y_train)(new) == y_test).mean() for x, new in data]
        pairs.setdefault(name, []).append(both)

# %% id="shuffle-results"
pairs = {name: np.array(values).T for name, values in pairs.items()}
for name, expected in zip(pairs, ([0.35, 0.35], [0.74, 0.74], [0.81, 0.70], [0.82, 0.42]), strict=True):
    ck.verify(f"{name}: original, shuffled", pairs[name].mean(axis=1), expected, atol=0.07)
ck.verify("linear, the two compared seed by seed", pairs["linear"][0] - pairs["linear"][1], np.zeros(3), atol=0.01)
ck.figure(
    draw.pairs(pairs, ("original", "pixels shuffled"), "test accuracy, one point a seed"),
    alt="Linear 0.35 either way; fully connected 0.74; conv, pool 2: 0.80, shuffled 0.70; pool 4: 0.82, 0.42.",
)

# %% [markdown] id="shuffle-meaning"
r"""
The linear net gets the *same* accuracy: its weights just stand elsewhere. Fully connected units do not mind
either. Convolution with pooling falls below them: its belief is now false, and no data can talk it out of
that. The wider the pool, the stronger the belief, and the deeper the fall.

On the original pixels the belief is right, and that is worth some seven points of accuracy, for free.

Now the other transformations. Train on centred digits only; test on moved, turned and scaled ones.
"""

# %% id="predict-curves"
ck.predict(
    "l05-curves",
    "Pooling flattens the accuracy curve for shifts. Will it for rotation and scale, as strongly?",
    ["for both", "for rotation only", "for scale only", "for neither"],
)


# %% id="curves"
def spread(x, n):
    moved = [shift(x[i::4], *step) for i, step in enumerate(((0, n), (n, 0), (0, -n), (-n, 0)))]
    return np.stack(moved, axis=1).reshape(x.shape)  # a quarter of the images into each direction


def scale(x, by):
    middle = (x.shape[1] - 1) * (1 - 1 / by) / 2
    return ndimage.affine_transform(x, [1, 1 / by, 1 / by, 1], [0, middle, middle, 0], order=1)


def turn(x, angle):
    return ndimage.rotate(x, angle, axes=(1, 2), reshape=False, order=1)


ways = {"shift, pixels": (spread, [0, 1, 2, 3, 4]), "rotation, degrees": (turn, [0, 15, 30, 45, 60])}
ways["size, relative"] = (scale, [0.6, 0.8, 1, 1.25, 1.5])
train, test = center(x_train, 24, 24), center(x_test[:240], 24, 24)
sizes = {"conv, no pooling": 1, "conv, max pool 4": 4, "conv, global max": 20}
curves, training = {way: (amounts, {}) for way, (_, amounts) in ways.items()}, {}
for seed in range(3):
    for name, features in list(nets(seed, 24 * 24, sizes, count=12).items())[1:]:
        predict = fit(features, train, y_train, steps=80)
        training.setdefault(name, []).append((predict(train) == y_train).mean())
        for way, (change, amounts) in ways.items():
            accuracies = [(predict(change(test, a)) == y_test[:240]).mean() for a in amounts]
            curves[way][1].setdefault(name, []).append(accuracies)

# %% id="curve-results"
moved = {name: np.mean(values, axis=0) for name, values in curves["shift, pixels"][1].items()}
for name, expected in zip(moved, ([0.97, 0.42], [0.97, 0.42], [0.97, 0.73]), strict=False):
    ck.verify(f"{name}: at rest and moved by 1", moved[name][:2], expected, atol=0.09)
ck.verify("global max: moved by 4 against at rest", moved["conv, global max"][4], moved["conv, global max"][0])
angle30 = {name: np.mean(values, axis=0)[2] for name, values in curves["rotation, degrees"][1].items()}
ck.verify("30°: pooling does not help", angle30["conv, max pool 4"] - angle30["conv, no pooling"] < 0.1, True)
ck.figure(
    draw.curves(curves, "test accuracy", chance=0.1),
    alt="Accuracy against shift, rotation and size, mean of three seeds with their range. Shift by one: 0.42 without "
    "pooling, about 0.7 with pool 4, while the global maximum is flat but low.",
)

# %% [markdown] id="curves-meaning"
r"""
**Shift.** One pixel costs the unpooled nets more than half their accuracy, convolution or not: equivariance alone helps
no classifier that looks at places. Pools of 4 keep about 70 %. The global maximum does not notice any shift.

**Rotation and scale.** Turned by 15° the pooled nets are even worse, and larger or smaller digits gain little.
Pooling over places is no remedy. What helps is data that vary (augmentation), or section 5's pooling over channels.

The bands are the spread of three seeds. A difference smaller than a band is no result.
"""

# %% id="augment"
features = nets(0, 24 * 24, sizes, count=12)["conv, max pool 4"]
more = np.concatenate([turn(train, angle) for angle in (-45, -30, -15, 0, 15, 30, 45)])
predict = fit(features, more, np.tile(y_train, 7), steps=80)
ck.verify("30°, trained with turned copies", (predict(turn(test, 30)) == y_test[:240]).mean(), 0.92, atol=0.07)

# %% [markdown] id="underfit-question"
r"""
### When the prior is too strong

The global maximum is perfectly invariant, and poor even at rest. Does it *overfit* or *underfit*? The
training accuracy tells. And a harder case: the same digits, but the question is whether the digit stands in
the upper or the lower half.
"""

# %% id="underfit"
means = [np.mean(training[name]) for name in sizes]
ck.verify("training accuracy: no pooling, max pool 4", means[:2], [1, 0.98], atol=0.03)
ck.verify("training accuracy: global max", means[2], 0.68, atol=0.1)
halves = np.random.default_rng(5).integers(0, 2, len(train))
where = np.stack([np.roll(x, 8 * b - 4, axis=0) for x, b in zip(train, halves, strict=True)])
for name, expected in (("conv, max pool 4", 1), ("conv, global max", 0.53)):
    features = nets(0, 24 * 24, sizes, count=12)[name]
    accuracy = (fit(features, where, halves)(where) == halves).mean()
    ck.verify(f"up or down, training: {name}", accuracy, expected, atol=0.05)

# %% [markdown] id="underfit-meaning"
r"""
It underfits: it fails on the very examples it was trained on. Asked for up or down it guesses, and more data
or more training cannot help: the answer was pooled away. A prior helps only where its assumption is
reasonable. That is why some nets pool some channels and not others, and why models with and without such a
prior should be compared separately: one was told what the other must find out.
"""

# %% [markdown] id="keras-question"
r"""
## The same in Keras

Pooling is a layer without weights. Importing Keras takes seconds, so it comes last. Two things to watch:
what happens at the border, and at a tie.
"""

# %% id="keras-pooling"
keras = ck.backend.keras()
layers, numpy = keras.layers, keras.ops.convert_to_numpy

random = np.random.default_rng(0).standard_normal((2, 9, 7, 3)).astype(np.float32)
for name, layer, kind in (("max", layers.MaxPooling2D, "max"), ("average", layers.AveragePooling2D, "average")):
    ck.verify(f"{name}, the slides' 2/2", numpy(layer(2)(x))[0, :, :, 0], pooled[kind])
    ck.verify(f"{name}, 3/2", numpy(layer(3, strides=2)(random)), pooling.pool2d(random, 3, 2, kind)[0], atol=1e-5)
ck.verify("global maximum", numpy(layers.GlobalMaxPooling2D()(random)), random.max(axis=(1, 2)))
ck.verify("global average", numpy(layers.GlobalAveragePooling2D()(random)), random.mean(axis=(1, 2)), atol=1e-5)
ck.verify("weights of a pooling layer", layers.MaxPooling2D(2).count_params(), 0)
line = six.astype(np.float32).reshape(1, 6, 1)
for padding, expected in (("valid", [1, 0.2]), ("same", [1, 0.2, 0.1])):
    ck.verify(f'"{padding}", 3/2', numpy(layers.MaxPooling1D(3, 2, padding)(line)).ravel(), expected)
average = numpy(layers.AveragePooling1D(3, 2, "same")(line))
ck.verify('"same" average: the last, of two', average[0, 2, 0], 0.05, rtol=0.01)

# %% id="keras-tie"
import tensorflow as tf

tied = tf.reshape(tf.constant([1.0, 3, 3, 3]), (1, 2, 2, 1))
with tf.GradientTape() as tape:
    tape.watch(tied)
    top = tf.nn.max_pool2d(tied, 2, 2, "VALID")
ck.verify("TensorFlow's gradient at 1, 3, 3, 3", tape.gradient(top, tied).numpy().ravel(), [0, 1, 0, 0])

# %% [markdown] id="keras-meaning"
r"""
The numbers agree. `padding="valid"`, the default, keeps whole windows as we do; `"same"` gives the book's third
pool. It pads with nothing: the last average is over the two detectors that exist, 0.05, not over three.

At the tie TensorFlow chooses the first maximum here, as we do. Other devices and libraries may choose
otherwise, so compare gradients where nothing ties.

`GlobalAveragePooling2D` takes feature maps of any size to one number a channel: many later networks end with
it instead of large fully connected layers.
"""

# %% [markdown] id="wrap-up"
r"""
## Wrap-up

These questions want a computation. Open a cell below, or take paper. The panel after them keeps your
predictions: which of them would you change now?
"""

# %% id="quiz"
ck.quiz("l05")
ck.progress()

# %% id="numbers-in-answers"
for kind, expected in (("max", 8), ("average", 2.75)):
    again = pooling.pool2d(pooling.pool2d(x, 2, 2, kind)[0], 2, 2, kind)[0]
    ck.verify(f"section 1, pooled twice: {kind}", again.item(), expected)
broad = [pooling.pool2d(i[None, :, :, None], 6, 1)[0] for i in (five, np.roll(five, 1, 1))]
ck.verify("section 2, width 6: the share is lower", (broad[0] != broad[1]).mean() < share["max"], True)

# %% [markdown] id="summary"
r"""
### Summary

| pooling | summary of a window | gradient goes to |
|---|---|---|
| max | largest value | the first maximum |
| average, Gaussian, disc | weighted mean | each pixel, by its weight |
| L2 | root of the sum of squares | each pixel, by its value |

| layer | shift | rotation, scale |
|---|---|---|
| convolution | equivariant | neither |
| pooling, stride s | equivariant to multiples of s; roughly invariant to small shifts | neither |
| global pooling | invariant | neither |
| pooling over channels | — | invariant to what the channels learned |

What could go wrong: an average where one detector should be heard, gradients multiplied at ties, a stride
that falls between features, and a prior that forbids the answer.
"""

# %% [markdown] id="stretch-and-sources"
r"""
### Stretch

1. Derive the share of maxima that change after a shift by $k$ pixels, and check it on random rows.
2. Blur the maps before pooling 2/2 (`filters.gaussian_blur`). By how much does the gap of a shift by 1 shrink?
3. Give half of the channels a global maximum and the other half pools of 4. Can one net now answer both
   questions of the last section?

Next: assignment a4, where you write these layers yourself; then lecture 06, where pooling comes from: the
complex cells of the visual cortex.

## Sources

- I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press 2016, sections 9.2 to 9.4 and 9.9, and
  the slides "Lecture 6: Convolutional Neural Network" based on it: stages, the shifted row, quadrants, priors.
- André Martins, Francisco Melo and Mário Figueiredo, *Deep Learning*, lecture 7, Instituto Superior Técnico,
  Lisbon 2022/23: equivariance and invariance, pooling for rotation and scale.
- Yuki M. Asano, *Deep Learning 1*, lecture 5, University of Amsterdam: disc pooling, backward through a maximum.
- Danna Gurari, *Convolutional Neural Networks*, University of Texas at Austin 2021; Adriana Kovashka, *CS 1674*,
  University of Pittsburgh 2022: max, average and sum; overlap.
- A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep convolutional neural
  networks", NIPS 2012: overlapping pooling.
- Y.-L. Boureau et al., "Ask the locals: multi-way local pooling for image recognition", ICCV 2011.
- Y. Jia, C. Huang and T. Darrell, "Beyond spatial pyramids: receptive field learning for pooled image
  features", CVPR 2012.
- K. Jarrett et al., "What is the best multi-stage architecture for object recognition?", ICCV 2009; A. Saxe et
  al., "On random weights and unsupervised feature learning", ICML 2011: random kernels.
"""
