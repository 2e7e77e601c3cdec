# ---
# title: 'Assignment 4: Pooling and invariance'
# ---

# %% [markdown] id="welcome"
r"""
# Assignment 4: Pooling and invariance

Pooling has no weights and one line of code, and it still goes wrong in many ways: windows that hang over an edge,
gradients that overwrite each other, ties that multiply. You will write it forward and backward, for images of any
size, and then build two meters that say what it is good for.

**Goals.** You can pool by maximum, average and L2 norm, send gradients back through each, pool any image to a fixed
number of outputs, and measure invariance and equivariance instead of believing in them.

**What you need.** Lecture 05, and a convolution layer's loops from assignment 3.

| part | points | minutes |
|---|---|---|
| 1. the maximum of each window | 4 | 25 |
| 2. overlap | 3 | 15 |
| 3. back through the maximum | 6 | 40 |
| 4. the average and the L2 norm | 8 | 50 |
| 5. images of any size | 7 | 45 |
| 6. two meters, an experiment, and a written answer | 10 | 65 |

**How to check.** Below every function stands a cell like `ck.check.max_pool(max_pool)`. It is the very check that
grades you, on worked cases and on random inputs that are fresh each time. Run it as often as you like. When it fails,
it shows the first wrong number and, if it knows the mistake, what happened. Go cell by cell: *Run All* stops at the
first function that is not written yet.

**How points work.** A function that passes its check earns all its points. Style costs nothing, and loops are welcome,
but NumPy is all you may call. No graded function needs another one of yours. No function may change the arrays it is
given, and averages, norms and slopes are floats even where pixels are whole numbers. The written answer is read by a
person.
"""

# %% id="setup"
import numpy as np
from skimage import data

import coursekit as ck
from coursekit.scratch import convolution, gradients

draw = ck.figures.convolution

# %% [markdown] id="maximum"
r"""
## 1. The maximum of each window

As in assignment 3, images are (n, rows, columns, channels) and a window slides over rows and columns. Its `size` and
its `stride` are now pairs, (rows, columns). There is no padding: pixels at the bottom and at the right that fill no
whole window are dropped. Each channel of each image is pooled alone.
"""


# %% id="max-pool" nbgrader="solution"
def max_pool(x, size, stride):
    """Return the largest pixel of every window.

    x: (n, rows, columns, channels)    size, stride: pairs (rows, columns)
    returns: (n, out_rows, out_columns, channels)
    """
    ### BEGIN SOLUTION
    n, h, w, channels = x.shape
    out = np.zeros((n, (h - size[0]) // stride[0] + 1, (w - size[1]) // stride[1] + 1, channels))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].max(axis=(1, 2))
    return out
    ### END SOLUTION


# %% id="max-worked"
# Try it. How many windows of 2 × 3 fit, and why are the 9s of the last row in none of them?
toy = np.array([[3, 1, 4, 1, 5, -9], [2, 6, 5, 3, 5, 8], [-2, -7, -1, -8, -2, -8], [-1, -8, -2, -8, -4, -5.0]])
toy = np.pad(toy, ((0, 1), (0, 0)), constant_values=9)[np.newaxis, :, :, np.newaxis]
ck.verify("2 × 3, side by side", max_pool(toy, (2, 3), (2, 3))[0, :, :, 0], [[6, 8], [-1, -2]])
ck.verify("2 × 3, one step to the right at a time", max_pool(toy, (2, 3), (2, 1))[0, 0, :, 0], [6, 6, 5, 8])

# %% id="max-pool-tests" nbgrader="tests" points=4
ck.check.max_pool(max_pool)

# %% [markdown] id="overlap"
r"""
## 2. Overlap

On the way back a pixel hears from every window that it lies in. How many are there? Take one axis of $n$ pixels, and
windows of `width` pixels that move by `stride`. Some pixels lie in several windows, others in none: gaps, and what is
left over at the end.
"""


# %% id="windows-per-pixel" nbgrader="solution"
def windows_per_pixel(n, width, stride):
    """Return, for each of n pixels, in how many windows it lies: (n,).

    n, width, stride: whole numbers, 1 or more; width is at most n
    """
    ### BEGIN SOLUTION
    counts = np.zeros(n)
    for start in range(0, n - width + 1, stride):
        counts[start : start + width] += 1
    return counts
    ### END SOLUTION


# %% id="windows-per-pixel-tests" nbgrader="tests" points=3
ck.check.windows_per_pixel(windows_per_pixel)

# %% [markdown] id="backward"
r"""
## 3. Back through the maximum

`dout` holds the slope of a loss with respect to each output. The maximum copied one pixel, so all of its slope goes to
that pixel, and pixels that won no window get 0. Two rules decide the rest:

- **Overlap.** A pixel that wins several windows adds up what they send.
- **Ties.** Of several equally large pixels, the *first* gets the slope, row by row from the top left. That holds for
  windows of zeros as well.
"""


# %% id="max-pool-backward" nbgrader="solution"
def max_pool_backward(dout, x, size, stride):
    """Return the gradient of a loss with respect to max_pool's x, of its shape.

    dout: (n, out_rows, out_columns, channels)    x, size, stride: as in max_pool
    """
    ### BEGIN SOLUTION
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        place = x[b, top : top + size[0], left : left + size[1], c].argmax()
        dx[b, top + place // size[1], left + place % size[1], c] += dout[b, i, j, c]
    return dx
    ### END SOLUTION


# %% id="backward-picture"
# Try it: 2 × 2 windows with stride 1. The 7 wins four of them; at the right, zeros tie.
detectors = np.array([[1, 2, 0, 0, 0], [3, 7, 4, 0, 0], [5, 6, 1, 0, 0.0]])
arriving = np.array([[1.0, 2, 3, 4], [10, 20, 30, 40]])
back = max_pool_backward(arriving[None, :, :, None], detectors[None, :, :, None], (2, 2), (1, 1))
ck.verify("what the 7 gets: 1 + 2 + 10 + 20", back[0, 1, 1, 0], 33)
ck.verify("zeros: the first of each window", back[0, :, 3, 0], [4, 40, 0])
ck.figure(
    draw.grids({"detectors": detectors, "arriving": arriving, "handed on": back[0, :, :, 0]}),
    alt="Detectors of 3 by 5, with a 7 in the second row and zeros at the right; arriving slopes 1 2 3 4 and 10 20 30 "
    "40; handed on are 33 at the 7, 33 at the 4 beside it, and 4 and 40 at the first zeros of the last windows.",
)

# %% id="max-pool-backward-tests" nbgrader="tests" points=6
ck.check.max_pool_backward(max_pool_backward)

# %% [markdown] id="average"
r"""
## 4. The average and the L2 norm

The next two layers do both ways in one call: `out` from the pixels, and `dx` from the slopes `dout`. In the first, each
output is the mean of its window. Who gets which share of its slope?

In the second, each output is the length of its window, $\sqrt{\sum x^2}$, the root of the sum of squares. Derive its
slope with respect to one pixel. Where a window holds nothing but zeros, the length has a corner; by our rule it hands
on 0 there. Pixels may be whole numbers of 8 bits, in which $20^2 = 144$: turn them into floats first.
"""


# %% id="average-pool" nbgrader="solution"
def average_pool(x, dout, size, stride):
    """Return out, the mean of every window, and dx, the gradient with respect to x for slopes dout.

    x: (n, rows, columns, channels)    dout: of out's shape    size, stride: pairs (rows, columns)
    """
    ### BEGIN SOLUTION
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows = slice(i * stride[0], i * stride[0] + size[0])
            columns = slice(j * stride[1], j * stride[1] + size[1])
            out[:, i, j] = x[:, rows, columns].mean(axis=(1, 2))
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
    return out, dx
    ### END SOLUTION


# %% id="average-pool-tests" nbgrader="tests" points=4
ck.check.average_pool(average_pool)


# %% id="l2-pool" nbgrader="solution"
def l2_pool(x, dout, size, stride):
    """Return out, the L2 norm of every window, and dx, the gradient with respect to x for slopes dout.

    x: (n, rows, columns, channels)    dout: of out's shape    size, stride: pairs (rows, columns)
    """
    ### BEGIN SOLUTION
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows = slice(i * stride[0], i * stride[0] + size[0])
            columns = slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt((window**2).sum(axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0]
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx
    ### END SOLUTION


# %% id="l2-pool-tests" nbgrader="tests" points=4
ck.check.l2_pool(l2_pool)

# %% id="gradient-check"
# Hold all three against differences. Random numbers do not tie: what would this not notice?
size, stride = (3, 2), (2, 1)
noise = np.random.default_rng(0).normal(0, 1, (2, 7, 5, 2))
dout = np.cos(np.arange(max_pool(noise, size, stride).size)).reshape(max_pool(noise, size, stride).shape)
layers = {
    "max": (lambda x: max_pool(x, size, stride), max_pool_backward(dout, noise, size, stride)),
    "average": (lambda x: average_pool(x, dout, size, stride)[0], average_pool(noise, dout, size, stride)[1]),
    "L2": (lambda x: l2_pool(x, dout, size, stride)[0], l2_pool(noise, dout, size, stride)[1]),
}
for name, (forward, dx) in layers.items():
    slopes = gradients.numeric_gradient(forward, noise, dout)
    ck.verify(f"{name}: largest difference", np.abs(slopes - dx).max(), 0, atol=1e-6)
counts = np.multiply.outer(windows_per_pixel(7, 3, 2), windows_per_pixel(5, 2, 1)) / 6
ones = average_pool(noise, np.ones(dout.shape), size, stride)[1][0, :, :, 0]
ck.verify("average, slopes of 1: windows per pixel / 6", np.abs(ones - counts).max(), 0, atol=1e-9)

# %% [markdown] id="any-size"
r"""
## 5. Images of any size

A classifier wants a fixed number of inputs. **Quadrant pooling** gives one maximum a quarter of the image, whatever
its size. Where a side is odd, its middle row or column belongs to *both* halves, so that even one pixel has four
quadrants.

**Adaptive pooling** takes any number of regions. Of $k$ regions along a side of $n$ pixels, number $i$ (from 0) should
reach from $i\,n/k$ to $(i+1)\,n/k$. It holds every pixel that it touches: round the start down and the end up. Three
regions of 8 pixels are 0 to 3, 2 to 6 and 5 to 8, as NumPy counts slices; neighbours may share a pixel.
"""


# %% id="quadrant-pool" nbgrader="solution"
def quadrant_pool(x):
    """Return the maximum of each quadrant.

    x: (n, rows, columns, channels)    returns: (n, 2, 2, channels), out[:, 0, 1] is the upper right quadrant
    """
    ### BEGIN SOLUTION
    n, h, w, channels = x.shape
    out = np.zeros((n, 2, 2, channels))
    for i, rows in enumerate((slice(0, (h + 1) // 2), slice(h // 2, h))):
        for j, columns in enumerate((slice(0, (w + 1) // 2), slice(w // 2, w))):
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out
    ### END SOLUTION


# %% id="quadrant-pool-tests" nbgrader="tests" points=3
ck.check.quadrant_pool(quadrant_pool)


# %% id="adaptive-pool" nbgrader="solution"
def adaptive_pool(x, regions):
    """Return the maximum of each region of a grid.

    x: (n, rows, columns, channels)    regions: how many, a pair (rows, columns), perhaps more than there are pixels
    returns: (n, *regions, channels)
    """
    ### BEGIN SOLUTION
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * h // regions[0], -(-(i + 1) * h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * w // regions[1], -(-(j + 1) * w // regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out
    ### END SOLUTION


# %% id="adaptive-pool-tests" nbgrader="tests" points=4
ck.check.adaptive_pool(adaptive_pool)

# %% id="two-sizes"
# One photo, and a piece of it of another size: both become 24 × 36 numbers.
cat = data.chelsea().mean(axis=2)[np.newaxis, :, :, np.newaxis] / 255
shown = {}
for title, photo in (("the photo", cat), ("a piece of it", cat[:, 60:220, 110:400])):
    shown[f"{title}, {photo.shape[1]} × {photo.shape[2]}"] = photo[0, :, :, 0]
    shown[f"{title}, pooled to 24 × 36"] = adaptive_pool(photo, (24, 36))[0, :, :, 0]
difference = np.abs(adaptive_pool(cat, (2, 2)) - quadrant_pool(cat)).max()
ck.verify("quadrants are adaptive pooling to 2 × 2: difference", difference, 0)
ck.figure(
    draw.photos(shown, columns=2),
    alt="The photo of a cat, 300 by 451 pixels, and a piece of it around the eyes, 160 by 290. Beside each what 24 by "
    "36 maxima keep of it: coarse blocks in which eyes and nose can be made out, in both cases in as many numbers.",
)

# %% [markdown] id="meters"
r"""
## 6. Two meters

How *invariant* are features $f(x)$ to a shift $g$? The lecture's gap says how much they change, relative to what they
are at rest:

$$\frac{\lVert f(g(x)) - f(x) \rVert}{\lVert f(x) \rVert}$$

Each length is the root of the sum of squares over *all* numbers of all images. A shift (down, right) moves every image
by `np.roll` along its rows and columns: what leaves on one side comes back on the other.
"""


# %% id="invariance-meter" nbgrader="solution"
def invariance_meter(f, x, shifts):
    """Return the gap for each shift: (len(shifts),).

    f: takes images like x, returns features of any shape    x: (n, rows, columns, channels)
    shifts: a list of pairs (down, right), negative for up and left
    """
    ### BEGIN SOLUTION
    rest = f(x)
    gaps = []
    for shift in shifts:
        moved = f(np.roll(x, shift, axis=(1, 2)))
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2) / np.sum(rest**2)))
    return np.array(gaps)
    ### END SOLUTION


# %% id="invariance-meter-tests" nbgrader="tests" points=3
ck.check.invariance_meter(invariance_meter)

# %% [markdown] id="equivariance"
r"""
*Equivariant* features move along: $f(g(x)) = g(f(x))$. So compare the maps of the moved images with the maps at rest,
moved by as many places:

$$\frac{\lVert f(g(x)) - g(f(x)) \rVert}{\lVert g(f(x)) \rVert}$$

Near the border, pixels that wrapped round or padding disturb both sides. Leave `margin` rows and columns of the maps
out on each of the four sides, in both lengths. The maps may be smaller than the images.
"""


# %% id="equivariance-meter" nbgrader="solution"
def equivariance_meter(f, x, shifts, margin):
    """Return the gap for each shift, inside the margin: (len(shifts),).

    f: takes images like x, returns maps (n, map_rows, map_columns, map_channels)    margin: 0 or more
    """
    ### BEGIN SOLUTION
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)
    ### END SOLUTION


# %% id="equivariance-meter-tests" nbgrader="tests" points=4
ck.check.equivariance_meter(equivariance_meter)

# %% id="experiment"
# Real digits in the middle of a dark canvas, seen by 8 random kernels and a ReLU, then pooled by your functions.
digits = ck.data.load("digits")
train, test = (np.pad(x, ((0, 0), (7, 7), (7, 7), (0, 0))) for x in (digits.x_train[:600], digits.x_test[:150]))


def seen(pool, seed):
    kernels = np.random.default_rng(seed).normal(0, 1, (3, 3, 1, 8))
    kernels -= kernels.mean(axis=(0, 1))
    return lambda x: pool(np.maximum(convolution.conv2d(x.astype(float), kernels)[0], 0))


def average(x, size):
    return average_pool(x, np.zeros(max_pool(x, size, size).shape), size, size)[0]


def same_size(pooled, k):  # every output is shown over its whole window, so that it can move by single pixels
    return np.repeat(np.repeat(pooled, k, axis=1), k, axis=2)


POOLS = {
    "no pooling": lambda x: x,
    "max 2 × 2": lambda x: same_size(max_pool(x, (2, 2), (2, 2)), 2),
    "average 2 × 2": lambda x: same_size(average(x, (2, 2)), 2),
    "max 4 × 4": lambda x: same_size(max_pool(x, (4, 4), (4, 4)), 4),
    "global max": lambda x: adaptive_pool(x, (1, 1)),
}

# %% id="curves"
steps = [0, 1, 2, 3, 4]
shifts = [(0, right) for right in steps]
invariance, equivariance = {name: [] for name in POOLS}, {name: [] for name in list(POOLS)[:-1]}
for seed in range(3):
    for name, pool in POOLS.items():
        f = seen(pool, seed)
        invariance[name].append(invariance_meter(f, test, shifts))
        if name in equivariance:
            equivariance[name].append(equivariance_meter(f, test, shifts, margin=0))
gaps = {name: np.mean(values, axis=0) for name, values in invariance.items()}
ck.verify("invariance, shift by 1", [gaps[name][1] for name in POOLS], [1.01, 0.67, 0.70, 0.48, 0], atol=0.01)
ck.verify("global max: largest gap", gaps["global max"].max(), 0, atol=1e-9)
gaps = {name: np.mean(values, axis=0) for name, values in equivariance.items()}
ck.verify("equivariance, max 2 × 2", gaps["max 2 × 2"], [0, 0.66, 0, 0.66, 0], atol=0.01)
ck.figure(
    ck.figures.pooling.curves(
        {"invariance: shift, pixels": (steps, invariance), "equivariance: shift, pixels": (steps, equivariance)}, "gap"
    ),
    alt="Gaps against shifts of 0 to 4 pixels, the mean of three random sets of kernels with their narrow range. "
    "Invariance: without pooling 1.01 at one pixel and 1.4 at four; max and average 2 × 2 about 0.7 at one; max 4 × 4 "
    "0.5; the global maximum 0 everywhere. Equivariance: 0 without pooling; 2 × 2 goes up to 0.7 at one and three "
    "pixels and is 0 at two and four; 4 × 4 is 0 at four pixels only.",
)


# %% id="price"
# Does a gap of 0 make a good classifier? A linear one, trained on pooled digits at rest and tested on moved ones.
def accuracies(f, ridge=0.1):
    def features(x):
        flat = f(x).reshape(len(x), -1)
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)

    known, answers = features(train), np.eye(10)[digits.y_train[:600]]
    weights = known.T @ np.linalg.solve(known @ known.T + ridge * np.eye(len(known)), answers)
    moved = (features(np.roll(test, shift, axis=(1, 2))) @ weights for shift in shifts)
    return [np.mean(scores.argmax(axis=1) == digits.y_test[:150]) for scores in moved]


correct = {name: [accuracies(seen(pool, seed)) for seed in range(3)] for name, pool in POOLS.items()}
rest, moved = np.array([np.mean(values, axis=0)[:2] for values in correct.values()]).T
ck.verify("at rest", rest, [0.97, 0.95, 0.96, 0.89, 0.44], atol=0.02)
ck.verify("moved by 1", moved, [0.45, 0.53, 0.57, 0.56, 0.44], atol=0.02)
ck.figure(
    ck.figures.pooling.curves({"shift of the test digits, pixels": (steps, correct)}, "test accuracy", chance=0.1),
    alt="Test accuracy against the shift. At rest 0.97 without pooling, 0.95 with max 2 × 2, 0.89 with max 4 × 4. "
    "Moved by one pixel these fall to between 0.45 and 0.57, at two most are near chance, 0.1, and max 4 × 4 has 0.26. "
    "The global maximum stays at 0.44 for every shift.",
)

# %% [markdown] id="written-answer" nbgrader="manual" points=3
r"""
### Explain it (3 points)

1. Max pooling 2 × 2: in the right panel its gap is 0 for a shift by 2, in the left panel it is not. What is the
   difference? And why is it large on the right for a shift by 1?
2. A classmate's backward pass hands the slope to *all* equally large pixels. The cell with the differences passes.
   Why? Which input shows the mistake?
3. Choose a pooling for "which digit is it, wherever it stands?" and one for "does the digit stand in the upper half?",
   each with a number from your curves or a reason. What would make the first one better without less invariance?

Five to eight sentences.

<!-- BEGIN SOLUTION -->
1. Right: the maps of the moved image are the maps at rest, moved by one window, so they are equivariant to multiples of
   the stride. Left: the features have moved, so place by place they differ from those at rest; being equivariant is
   not being invariant. A shift by 1 falls between the windows: each now holds other pixels, and no shift of the
   outputs makes up for that (aliasing).
2. Differences are taken at random real numbers, of which no two are equal, so both rules do the same. Windows with
   ties show it, such as four zeros after a ReLU: there, 4 times the slope that came in is handed on.
3. Wherever: the global maximum, whose gap is 0 and whose accuracy is 0.44 at every shift, while the others are below
   0.3 from two pixels on. Upper half: no pooling, small windows or quadrants, since the global maximum is the same for
   both answers. More kernels, larger ones or learned ones would let the global maxima tell more digits apart.

*Marking.* 1 point: moved along against unchanged, and odd shifts fall between windows. 1 point: no ties among random
numbers, and an input with ties. 1 point: both choices with a number or reason, and one sensible improvement.
<!-- END SOLUTION -->
"""
