# ---
# title: Depth
# ---

# %% [markdown] id="title"
r"""
# Depth

Why are networks with 152 layers possible at all, when twenty were once too many? What goes wrong in a plain
stack of many layers, and what does adding the input back change? This lecture measures both.

**Afterwards you can**

- say what *degradation* of deep plain networks is, and which two explanations of it are wrong;
- derive $\partial H/\partial x = \partial F/\partial x + \lambda$, and say what λ does over 50 blocks;
- read gradient norms layer by layer, and tell what normalisation does from what shortcuts do;
- count blocks, bottlenecks and whole ResNets and DenseNets;
- look at the loss around a network, with and without shortcuts, on one scale.

**You need** lecture 03's convolution, lecture 02's chain rule, and lecture 07's ledgers. Nothing is downloaded.

**It takes** 80 minutes: about ten a section, the rest for Keras and the quiz.

As always: where a box says *Predict*, answer before you run on; cells that end in `ck.check` wait for a line
of yours; a line with ✓ is a number from the text, computed again on your machine.
"""

# %% id="setup"
import numpy as np
from IPython.display import HTML, display

import coursekit as ck
from coursekit.scratch import gradients

draw, keras, digits = ck.figures.depth, ck.backend.keras(), ck.data.load("digits")

# %% id="networks"
from coursekit import models, training
from coursekit.models.densenet import densenet
from coursekit.models.resnet import cifar_resnet

# %% [markdown] id="deeper-question"
r"""
## 1. Is deeper better?

In 2015 He et al. trained plain stacks of 3 × 3 convolutions on CIFAR-10, 20 layers and 56 layers. A miniature
of that: their networks, 6n + 2 layers in three stages, with batch normalisation, on digits of 8 × 8 pixels
and eight maps in the first stage. We take 20 and 38 layers.

One run is an anecdote. So: five seeds a network. A seed fixes the first weights, drawn as He et al. propose,
with variance 2 / fan-in, and the order of the examples. Five runs take up to half a minute.
"""


# %% id="five-runs"
def restart(model, first, seed):
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, np.sqrt(2 / w[..., 0].size), w.shape) if w.ndim > 1 else w for w in first])


def error(model, x, y):
    return (keras.ops.convert_to_numpy(model(x, training=False)).argmax(axis=1) != y).mean()


def network(name):  # as "plain 20" or "residual 38"
    kind, depth = name.split()
    return cifar_resnet((8, 8, 1), 10, depth=int(depth), skips=kind == "residual", width=8)


curves, tests, trained = {}, {}, {}


def five_runs(name):
    model = network(name)
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    first = model.get_weights()
    for seed in range(5):
        restart(model, first, seed)
        history = training.fit(model, digits, epochs=4, batch_size=128, seed=seed, progress=False)
        curves.setdefault(name, []).append(1 - np.array(history.accuracy))
        tests.setdefault(name, []).append(error(model, digits.x_test, digits.y_test))
    trained[name] = model.get_weights()  # of the last seed, for later


# %% id="shallow"
five_runs("plain 20")
ck.verify("plain 20: training error in epoch 4, mean", np.mean(curves["plain 20"], axis=0)[3], 0.13, atol=0.06)

# %% id="predict-deeper"
ck.predict(
    "l08-deeper",
    "Now 38 layers, all else equal. Which errors in epoch 4, against those of 20 layers?",
    [
        "training lower, test lower",
        "training lower, test higher: overfitting",
        "training higher, test higher",
        "training higher, test lower",
    ],
)

# %% id="deep"
five_runs("plain 38")
last = {name: np.array(each)[:, 3] for name, each in curves.items()}
ck.verify("plain 38: training error in epoch 4, mean", last["plain 38"].mean(), 0.55, atol=0.15)
ck.verify("seeds, of 5, in which the deeper one is worse", (last["plain 38"] > last["plain 20"]).sum(), 5)
tested = [np.mean(tests[name]) for name in ("plain 20", "plain 38")]
ck.verify("test errors, too, mean: 20 and 38 layers", tested, [0.16, 0.62], atol=0.2)

# %% [markdown] id="degradation-meaning"
r"""
Worse on the training set *and* on the test set. Overfitting would have lowered the training error. He et al. call it
**degradation**: their 56-layer network, too, had larger errors of both kinds than the one of 20. The deeper one is
harder to *optimise*.

What exactly did we measure? Four epochs, one learning rate, and the error that the network makes while it trains,
averaged over the epoch. With many more epochs plain 38 comes down, too, but later.

Now one change. Every pair of layers computes $F(x)$; let it put out $F(x) + x$. No weight is added: where the size
changes, take every second pixel and fill new maps with zeros. Seeds give the *same* first weights and batches.
"""

# %% id="residual"
five_runs("residual 38")
last["residual 38"] = np.array(curves["residual 38"])[:, 3]
twins = [sum(w.size for w in trained[name]) for name in ("plain 38", "residual 38")]
ck.verify("weights of both twins", twins, [142_514] * 2)
ck.verify("residual 38: training error in epoch 4, mean", last["residual 38"].mean(), 0.01, atol=0.01)
ck.verify("seeds in which it beats its plain twin", (last["residual 38"] < last["plain 38"]).sum(), 5)
ck.verify("seeds in which it beats plain 20", (last["residual 38"] < last["plain 20"]).sum(), 5)
ck.figure(
    draw.degradation(curves, tests),
    alt="Training error over four epochs, five seeds a network. Plain 20 falls to about 0.13, plain 38 only to about "
    "0.55, residual 38 to 0.01. The test errors at the end stand in the same order.",
    table={"network": list(last)}
    | {"training, mean": [v.mean() for v in last.values()], "spread": [v.std() for v in last.values()]}
    | {"test, mean": [np.mean(t) for t in tests.values()]},
)

# %% [markdown] id="residual-meaning"
r"""
The same layers, the same weights to begin with, and an addition that costs nothing: from about one half wrong
to about one in a hundred. The lowest curve is now the deepest.

With this He et al., at Microsoft Research, trained 152 layers for ImageNet. An ensemble reached 3.57 % top-5 error
("3.6 %" on some slides) and won ILSVRC 2015; with it they swept all classification and detection competitions in
ILSVRC'15 and COCO'15. Object detection and face recognition took residual networks up.

**Change one thing**: the learning rate of `five_runs`, 0.1, may be unfair to the deep one. Try 0.03 and 0.3.
"""

# %% [markdown] id="construction-question"
r"""
## 2. Is there a good deep network?

Perhaps 38 plain layers simply cannot do it? He et al. answer with a construction. Take the trained shallow
network. Copy its layers. Set all additional layers to the identity. The deep network now computes the same
function, so its best training error is at most the shallow one's.

A 3 × 3 kernel is the identity with a 1 in the middle, from each map to itself. The ReLU changes nothing either:
a block's input is positive.
"""


# %% id="construction"
def deepen(shallow, deep, middle):
    """Copy the layers of the same name; give every new kernel `middle` times the identity."""
    known = {layer.name for layer in shallow.layers}
    for layer in deep.layers:
        if layer.name in known:
            layer.set_weights(shallow.get_layer(layer.name).get_weights())
        elif hasattr(layer, "kernel"):
            kernel = np.zeros(layer.kernel.shape)
            kernel[1, 1] = middle * np.eye(kernel.shape[-1])
            layer.set_weights([kernel])
        elif weights := layer.get_weights():  # batch normalisation: scale 1, shift 0, mean 0, variance 1
            layer.set_weights([np.full(w.shape, value) for w, value in zip(weights, (1, 0, 0, 1 - 1e-5), strict=True)])


shallow, deep = network("plain 20"), network("plain 38")
shallow.set_weights(trained["plain 20"])
deepen(shallow, deep, middle=1)
outputs = [keras.ops.convert_to_numpy(model(digits.x_test, training=False)) for model in (shallow, deep)]
ck.verify("largest difference of their outputs", np.abs(outputs[0] - outputs[1]).max(), 0, atol=1e-4)
few = digits.x_train[:360], digits.y_train[:360]
ck.verify(
    "errors on training images, 20 and 38 layers, differ by", error(shallow, *few) - error(deep, *few), 0, atol=0.01
)
built, learned = error(deep, *few), last["plain 38"][4]
ck.verify("plain 38: errors as trained, less errors as built", learned - built, 0.35, atol=0.3)

# %% [markdown] id="construction-meaning"
r"""
So a plain network of 38 layers with a small training error *exists*. Gradient descent did not find it in our
time. A stack of non-linear layers has trouble learning even to do nothing.

The remedy: let a block learn the **residual**, the difference from doing nothing. With the desired mapping
$H(x)$, the layers fit $F(x) = H(x) - x$, and the block puts out

$$H(x) = F(x) + x.$$

Doing nothing is now $F = 0$: all weights zero, which is where small random weights already are nearly.
"""

# %% id="predict-identity"
ck.predict(
    "l08-identity",
    "Deepen a residual network of 20 layers to 38 with the same identity kernels. Its averaged maps grow …",
    ["not at all", "2-fold", "64-fold", "512-fold"],
)

# %% id="identity-break" tags=["break-it"]
short, long = network("residual 20"), network("residual 38")


def averages(model):
    layer = model.get_layer("average")
    return keras.ops.convert_to_numpy(keras.Model(model.input, layer.output)(digits.x_test[:50], training=False))


deepen(short, long, middle=1)
grown = averages(long).sum() / averages(short).sum()
ck.verify("identity kernels: averaged maps grow by", grown, 512)
deepen(short, long, middle=0)
ck.verify("zero kernels: largest difference", np.abs(averages(long) - averages(short)).max(), 0, atol=1e-4)

# %% [markdown] id="identity-answer"
r"""
<details><summary>What went wrong?</summary>

With the shortcut, $F(x) = x$ means $H(x) = 2x$. Three new blocks a stage, three stages: $2^9 = 512$. The right
"nothing" is now $F = 0$. Nothing fails aloud here: shapes fit, the loss is finite, and the network is another.
(It is linear enough for this because its normalisation has not yet been trained.)

</details>

## 3. What does the shortcut do to gradients?

Let the shortcut carry a factor: $H(x) = F(x) + \lambda x$. By the chain rule

$$\frac{\partial L}{\partial x} = \frac{\partial L}{\partial H}\left(\frac{\partial F}{\partial x} + \lambda\right).$$

One term goes through the weights. The other does not, and arrives whatever they are. First the formula,
against numeric slopes:
"""


# %% id="block"
def block(x, w1, w2, skip):
    return np.maximum(x @ w1, 0) @ w2 + skip * x


def slopes(x, w1, w2, skip):  # the matrix ∂H/∂x of one example
    return w1 * (x @ w1 > 0) @ w2 + skip * np.eye(len(x))


rng = np.random.default_rng(0)
x, w1, w2, upstream = rng.normal(size=6), rng.normal(size=(6, 9)), rng.normal(size=(9, 6)), rng.normal(size=6)
for skip in (0, 0.5, 1, 1.5):
    numeric = gradients.numeric_gradient(lambda x, skip=skip: block(x, w1, w2, skip), x, upstream)
    difference = np.abs(numeric - slopes(x, w1, w2, skip) @ upstream).max()
    ck.verify(f"λ = {skip}: distance to the numeric gradient", difference, 0, atol=1e-7)

# %% [markdown] id="stack-question"
r"""
Now stack blocks. If the weights of $F$ are random with mean 0, both terms point in unrelated directions, and
their squares add: a block multiplies the gradient's length by $\sqrt{\sigma^2 + \lambda^2}$, where σ is what
$F$ alone does to it. Say σ = ½, and 50 blocks.
"""

# %% id="predict-lambda"
ck.predict(
    "l08-lambda",
    "σ = 0.5 and 50 blocks. Which λ leaves a gradient between a thousandth and a thousand times its size?",
    ["only 0.5", "only 1", "0.5 and 1", "1 and 1.5"],
)


# %% id="stacks"
def gradient_factor(depth, skip, rng, sigma=0.5, width=64, examples=32):
    """Send random examples forward, and a random gradient back, through `depth` blocks: the gradient's growth."""
    x, arriving, tape = rng.normal(size=(examples, width)), rng.normal(size=(examples, width)), []
    for _ in range(depth):
        w1 = rng.normal(0, np.sqrt(2 / width), (width, width))
        w2 = rng.normal(0, sigma / np.sqrt(width), (width, width))
        tape.append((w1, w2, x @ w1 > 0))
        x = block(x, w1, w2, skip)
    gradient = arriving
    for w1, w2, on in reversed(tape):
        gradient = (gradient @ w2.T * on) @ w1.T + skip * gradient
    return np.linalg.norm(gradient) / np.linalg.norm(arriving)


depths, measured, expected = np.arange(0, 51, 10), {}, {}
for skip in (0, 0.5, 1, 1.5):
    runs = [[gradient_factor(n, skip, np.random.default_rng(seed)) for n in depths] for seed in range(10)]
    measured[f"λ = {skip}"] = np.sqrt(np.mean(np.square(runs), axis=0))
    expected[f"λ = {skip}"] = np.sqrt(0.5**2 + skip**2) ** depths

# %% id="stacks-results"
ck.verify("factor a block", [np.sqrt(0.5**2 + skip**2) for skip in (0, 0.5, 1, 1.5)], [0.5, 0.707, 1.118, 1.581])
for name, after in zip(measured, (8.9e-16, 3.0e-8, 265, 8.9e9), strict=True):
    ck.verify(f"{name}: decades after 50 blocks", np.log10(measured[name][-1]), np.log10(after), atol=0.5)
ck.figure(
    draw.growth(depths, measured, expected, "gradient after / before"),
    alt="On a logarithmic axis the four measured series lie on straight lines: over 50 blocks λ = 0 falls to 1e-15, "
    "λ = 0.5 to 3e-8, λ = 1 rises to about 265, λ = 1.5 to 9e9.",
)

# %% [markdown] id="stacks-meaning"
r"""
Points are measured, lines are the formula. The plain stack (λ = 0) loses everything; λ = ½ still loses it, for the
product of fifty halves swallows what the shortcut saved; λ = 1.5 explodes. Only λ = 1 is tame, and even that grows: the
next section says what tames it further. He et al. (2016b, table 1) scaled the shortcuts of a network of 110 layers by
0.5: it failed, with errors above 20 %. With F halved, too, it made 12.35 %, with plain identities 6.61.

**Your turn**: the way back through one block, for one example. λ is `skip`.
"""


# %% id="check-residual-backward"
def my_residual_backward(x, w1, w2, upstream, skip):
    # x: (n,), w1: (n, m), w2: (m, n), upstream: ∂L/∂H, (n,); the gradient ∂L/∂x, (n,)
    return ...


ck.check.residual_backward.report(my_residual_backward)

# %% [markdown] id="paths-question"
r"""
### Many paths

Multiply out $(f + \lambda)^n$, with one number $f$ for each $F$'s slope: a sum over $2^n$ paths, each through
some of the $F$'s and past the others. Veit et al. (2016) read a residual network as this collection of paths,
most of the gradient coming along short ones. Press a block to take its $F$ away.
"""

# %% id="paths" tags=["interactive"]
display(HTML(ck.figures.residual_paths.residual_paths(depth=8, slope=0.5, skip=1)))
table = ck.figures.residual_paths.path_table(8, 0.5, 1)
ck.verify("paths through 8 blocks, and their gradient", [sum(table["paths"]), 1.5**8], [256, 25.63])
ck.verify("it is the sum over the paths", sum(table["gradient together"]), 1.5**8)
weighted = np.array(table["blocks on the path"]) @ np.array([table["paths"], table["gradient together"]]).T
ck.verify("mean F's: of the paths, of the gradient", weighted / [256, 1.5**8], [4, 2.667])
ck.figure(
    draw.path_bars({"n = 8, f = 0.5, λ = 1": (table["paths"], table["gradient together"])}),
    alt="Paths by the number of F's on them, 0 to 8: most paths have 4, most of the gradient comes along 2 or 3.",
    table=table,
)

# %% [markdown] id="paths-tasks"
r"""
1. Plain (λ = 0): how many paths are left? Take one block away: what happens?
2. Back to λ = 1. Take a block away: what share of the gradient is lost?
3. f = −0.5: the gradient is small though 256 paths carry it. Why?

<details><summary>Answers</summary>

1. One, through all F's; then none: the network is cut. Compare VGG without a layer.
2. The factor 1.5 becomes 1: a third, and half of the paths.
3. Paths with odd and even numbers of F's have opposite signs, and cancel: $0.5^8$.

</details>
"""

# %% [markdown] id="norms-question"
r"""
## 4. Do gradients vanish in a plain network?

Slides often say that residual networks overcome the *vanishing gradient*. He et al. doubted that this explains
degradation: with batch normalisation, they wrote, neither signal vanishes. We can look: the gradient's norm in
each of 37 convolutions before the first step, plain and residual, with normalisation and without.
"""

# %% id="predict-norms"
ck.predict(
    "l08-norms",
    "Plain, 38 layers, with batch normalisation. Against the last convolution, the gradient in the first is …",
    ["far smaller", "about equal", "far larger", "zero"],
)


# %% id="norms"
def conv_gradients(skips, batch_norm):
    model = cifar_resnet((8, 8, 1), 10, depth=38, skips=skips, width=8, batch_norm=batch_norm)
    restart(model, model.get_weights(), seed=0)
    rows = training.gradient_norms(model, digits.x_train[:128], digits.y_train[:128])
    return np.array([row.norm for row in rows if row.layer.startswith("conv") and not row.layer.endswith("bn")])


norms = {
    title: {name: conv_gradients(skips, batch_norm) for name, skips in (("plain", False), ("residual", True))}
    for title, batch_norm in (("without normalisation", False), ("with batch normalisation", True))
}

# %% id="norms-results"
ratios = {(title, name): v[0] / v[-1] for title, lines in norms.items() for name, v in lines.items()}
for key, decades in zip(ratios, (-3, 0, 2, 0), strict=True):
    ck.verify(f"{key[1]}, {key[0]}: decades, first / last", np.log10(ratios[key]), decades, atol=1)
size = np.median(norms["without normalisation"]["residual"]) / np.median(norms["with batch normalisation"]["residual"])
ck.verify("residual: decades, without / with normalisation", np.log10(size), 2, atol=0.7)
ck.figure(
    draw.by_layer(norms),
    alt="Gradient norm by layer, logarithmic. Without normalisation plain falls by a thousand towards the input, "
    "residual is flat at about 100. With it plain rises by a hundred towards the input, residual is flat at about 1.",
)

# %% [markdown] id="norms-meaning"
r"""
Without normalisation the plain gradient does vanish, by some three powers of ten. With it, it *explodes* towards
the input by about two: the opposite disease, and the network of section 1. So "vanishing" is not the whole story,
and normalisation alone is no cure.

Shortcuts make it level in both cases: the λ of the formula at work. But they add: every block adds $F$'s variance to
$x$'s, so without normalisation signals and gradients grow, here by about a hundred. **Batch normalisation** keeps each
$F$ at a fixed size. Both together: level, and about 1.

**Change one thing**: `depth=56`. Which of the four lines change most?
"""

# %% [markdown] id="block-question"
r"""
## 5. What is inside a ResNet?

Stack residual blocks; every block has two 3 × 3 convolutions; now and then double the maps and halve the picture.
A 7 × 7 convolution and a pooling come first, a global average and one fully connected layer last.

From 50 layers on, a block is a **bottleneck**: 1 × 1 down to a quarter of the maps, 3 × 3 there, 1 × 1 up again. The
paper's figure: 64 maps with two 3 × 3, against 256 maps with 64 inside.
"""

# %% id="predict-bottleneck"
ck.predict(
    "l08-bottleneck",
    "At 256 maps, how many times the weights of a bottleneck (64 inside) do two 3 × 3 convolutions have?",
    ["2.25 times", "4 times", "9 times", "17 times"],
)

# %% id="bottleneck"
basic, bottleneck = 2 * 9 * 256 * 256, 256 * 64 + 9 * 64 * 64 + 64 * 256
ck.verify("weights at 256 maps: two 3 × 3, bottleneck", [basic, bottleneck], [1_179_648, 69_632])
ck.verify("ratio", basic / bottleneck, 16.94)
ck.verify("two 3 × 3 at 64 maps", 2 * 9 * 64 * 64, 73_728)


def weights(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def resnet_weights(counts, wide):
    """Count a whole ResNet's weights: `wide` is 1 for two 3 × 3 convolutions, 4 for bottlenecks."""
    total, maps = 49 * 3 * 64 + 2 * 64, 64  # 7 × 7 convolution; normalisation has two numbers a map
    for stage, count in enumerate(counts):
        inner, out = 64 * 2**stage, wide * 64 * 2**stage
        for _ in range(count):
            basic, bottleneck = [(9, maps, out), (9, out, out)], [(1, maps, inner), (9, inner, inner), (1, inner, out)]
            shapes = (basic if wide == 1 else bottleneck) + [(1, maps, out)] * (maps != out)  # and the projection
            total, maps = total + sum(k * a * b + 2 * b for k, a, b in shapes), out
    return total + maps * 1000 + 1000


# %% id="published"
counted = {}
for name, wide, millions in (("resnet34", 1, 21.8), ("resnet50", 4, 25.6)):
    model = models.build(name)
    counted[name] = weights(model)
    ck.verify(f"{name}, millions", counted[name] / 1e6, millions, atol=0.05)
    ck.verify("our formula counts the same", resnet_weights((3, 4, 6, 3), wide) - counted[name], 0)
    if name == "resnet34":
        ck.verify("its multiply-adds", models.total(models.ledger(model)).macs, 3.6e9, rtol=0.03)
others = [resnet_weights(*each) for each in (((2, 2, 2, 2), 1), ((3, 4, 23, 3), 4), ((3, 8, 36, 3), 4))]
ck.verify("18, 101 and 152 layers, by the formula, millions", np.divide(others, 1e6), [11.7, 44.5, 60.2], atol=0.06)
ck.verify("layers of ResNet-152", 1 + 3 * (3 + 8 + 36 + 3) + 1, 152)
vgg19 = [(224, 3, 64), (224, 64, 64), (112, 64, 128), (112, 128, 128), (56, 128, 256), *[(56, 256, 256)] * 3]
vgg19 += [(28, 256, 512), *[(28, 512, 512)] * 3, *[(14, 512, 512)] * 4]
macs = sum(9 * side**2 * a * b for side, a, b in vgg19) + 512 * 49 * 4096 + 4096 * 4096 + 4096 * 1000
ck.verify("VGG-19's multiply-adds", macs, 19.6e9, rtol=0.01)

# %% [markdown] id="published-meaning"
r"""
A bottleneck at 256 maps costs less than two 3 × 3 convolutions at 64. That is how 152 layers fit into 60 M weights,
less than half of VGG-19's 144 M. And 34 layers cost less than a fifth of VGG-19's multiplications.

**Where the shape changes**, $x$ cannot be added as it is. *Option A*: every second pixel, zeros for the new maps, no
weights. *Option B*: a 1 × 1 convolution with stride, a **projection**, there only. *Option C*: projections everywhere.
The paper's top-1 errors of 34 layers on ImageNet: plain 28.54 %, A 25.03, B 24.52, C 24.19. The shortcut matters;
projections are a detail.

**Your turn**: weights of both blocks for any width, no biases.
"""


# %% id="check-block-weights"
def my_block_weights(channels, narrow):
    # channels: maps in and out; narrow: maps inside the bottleneck; returns (two 3 × 3, bottleneck)
    return ...


ck.check.block_weights.report(my_block_weights)

# %% [markdown] id="surface-question"
r"""
## 6. What does the loss look like?

A network's loss is a function of 142,514 weights; we can look at a plane through the trained ones. Take two random
directions. Li et al. (2018) scale each filter of a direction to the norm of the network's filter: otherwise a network
with large weights looks flat, and one with small weights sharp, though both may compute the same.

Plain 38 and residual 38 after the same training, 128 training images, and *one* scale for both.
"""

# %% id="predict-surface"
ck.predict(
    "l08-surface",
    "In how much of the plane, up to ±½ filter norm each way, is the loss below 1? Plain, then residual:",
    ["all, all", "a part, none", "none, a part", "none, none"],
)

# %% id="surfaces"
surfaces = {}
for name in ("plain 38", "residual 38"):
    model = network(name)
    model.set_weights(trained[name])
    x, y = digits.x_train[:128], digits.y_train[:128]
    surfaces[name] = training.loss_surface(model, x, y, steps=9, span=0.5, seed=0, new_statistics=True)
below = {name: (surface.loss < 1).mean() for name, surface in surfaces.items()}
ck.verify("plain: share of the plane with a loss below 1", below["plain 38"], 0, atol=0.05)
flat = surfaces["plain 38"].loss
ck.verify("plain: lowest and highest loss", [flat.min(), flat.max()], [1.7, 2.35], atol=0.35)
ck.verify("residual: the share", below["residual 38"], 0.25, atol=0.15)
ck.figure(
    ck.figures.surfaces.contours(surfaces["plain 38"].offsets, {name: s.loss for name, s in surfaces.items()}),
    alt="Loss around two trained networks on one scale. Plain: a plateau near 2 with a faint dent. Residual: "
    "a broad basin with rings of contours, falling to 0.04 in the middle.",
)

# %% [markdown] id="surface-meaning"
r"""
The plain network sits on a plateau, the residual one in a broad basin whose sides fall towards the middle. Li et al.
draw 56 layers, trained for long: without shortcuts chaotic, with them smooth.

Be careful with such pictures. A plane shows 2 of 142,514 directions, and our plain network was not trained to its end.
Normalisation matters, too: here its statistics are measured anew at each point, as in training. Li et al. keep those of
the trained network; then the loss soars over half of the plane, also for the residual one (`new_statistics=False`).
"""

# %% [markdown] id="dense-question"
r"""
## 7. Why add, when one can keep everything?

DenseNet (Huang et al. 2017) *concatenates*. Each layer receives the maps of **all** layers before it in its block, and
adds $k$ maps, the **growth rate**, that all later layers receive:

$$x_\ell = F_\ell([x_0, x_1, \dots, x_{\ell-1}]).$$

Nothing is overwritten, so nothing must be learned twice, and $k$ can be small: 12 or 32. Between blocks, a *transition*
mixes the maps down with a 1 × 1 convolution, and halves the picture.
"""

# %% id="predict-dense"
ck.predict(
    "l08-dense",
    "64 maps enter a dense block of 6 layers that add 32 each. How many maps leave it, by how many connections?",
    ["32 maps, 6 connections", "192 maps, 21 connections", "256 maps, 6 connections", "256 maps, 21 connections"],
)


# %% id="dense-sizes"
def dense_layer(x, kernel):
    return np.concatenate([x, np.maximum(np.tensordot(x, kernel, axes=1), 0)], axis=-1)  # a 1 × 1 convolution


maps = np.ones((1, 4, 4, 64))
widths = [maps.shape[-1]]
for _ in range(6):
    maps = dense_layer(maps, np.zeros((maps.shape[-1], 32)))
    widths.append(maps.shape[-1])
ck.verify("maps before each layer, and after the last", widths, [64, 96, 128, 160, 192, 224, 256])
ck.verify("connections among 6 layers: 6 · 7 / 2", sum(range(1, 7)), 21)
found = models.build("densenet121")
ck.verify("DenseNet-121, millions of weights", weights(found) / 1e6, 8.0, atol=0.05)
ck.verify("its first block puts out", found.get_layer("dense1_6_concat").output.shape[-1], 256)
ck.verify("layers: 58 of two convolutions, 3 transitions, 2 more", 2 * (6 + 12 + 24 + 16) + 3 + 2, 121)

# %% [markdown] id="dense-meaning"
r"""
DenseNet-121 has 8.0 M weights, a third of ResNet-50's. In the table of torchvision it reaches 74.43 % on ImageNet,
and DenseNet-201, 20.0 M, 76.90 %. What it saves in weights it spends in memory: all maps of a block are kept.

In the same table AlexNet stands at 56.52 %, and what came after this lecture's networks higher: EfficientNet-B0 at
77.69 % with 5.3 M weights, a wide ResNet-50 at 81.60, ConvNeXt at up to 84.41, a vision transformer of 633.5 M at
88.55.

**Your turn**: the maps along a block of 3 × 3 layers, and its weights.
"""


# %% id="check-dense-block-sizes"
def my_dense_block_sizes(first, growth, layers):
    # first: maps that come in; returns the maps before each layer and after the last (layers + 1,), and all weights
    return ...


ck.check.dense_block_sizes.report(my_dense_block_sizes)

# %% [markdown] id="reuse-question"
r"""
**Are old maps used?** The paper looks at the trained kernels: how large are a layer's weights for the maps of each
earlier one? Weight decay matters here, since it shrinks what is not needed. In miniature: two blocks of five layers
that add 8 maps each, on the digits.
"""

# %% id="reuse"
small = {"bottleneck": False, "compression": 1, "first_maps": 16, "small_images": True}
model = densenet((8, 8, 1), 10, blocks=(5, 5), growth=8, **small)
restart(model, model.get_weights(), seed=0)
sgd = {"optimizer": "sgd", "learning_rate": 0.3, "weight_decay": 0.1}
history = training.fit(model, digits, epochs=12, batch_size=128, progress=False, **sgd)


def use(block, after):
    edges = np.cumsum([0, model.get_layer(f"dense{block}_1_concat").output.shape[-1] - 8, 8, 8, 8, 8, 8])
    table = np.full((6, 6), np.nan)
    for reader, name in enumerate([f"dense{block}_{i}_conv2" for i in range(1, 6)] + [after]):
        kernel = np.abs(keras.ops.convert_to_numpy(model.get_layer(name).kernel))
        kernel = kernel.reshape(-1, *kernel.shape[-2:])
        for source in range(reader + 1):
            table[source, reader] = kernel[:, edges[source] : edges[source + 1]].mean()
    return table / np.nanmax(table, axis=0)


reused = {"block 1": use(1, "transition1_conv"), "block 2": use(2, "classifier")}

# %% id="reuse-results"
ck.verify("it learned: training accuracy", history.accuracy[-1], 0.93, atol=0.08)
ck.verify("block 1: a layer's least used source, of its most used", np.nanmin(reused["block 1"]), 0.8, atol=0.4)
top, own = reused["block 2"][0, 1:5].mean(), np.nanmean(reused["block 2"][1:5, 1:5])
ck.verify("block 2: weight of its input, of its own maps", [top, own], [0.44, 0.89], atol=0.22)
final = reused["block 2"][:, 5]
ck.verify("the classifier's favourite, of the input, 0, and five layers", final.argmax(), 5, atol=1)
ck.figure(
    draw.reuse(reused, ["input", *"12345"]),
    alt="How much each layer weighs each earlier one. Every cell of block 1 is above a half: all maps are used. In "
    "block 2 the input counts least, and the classifier prefers the last layers.",
)

# %% [markdown] id="reuse-meaning"
r"""
Every layer reads *all* earlier ones, the first maps included: features are reused. Two more of the paper's findings
show in miniature. The second block reads its input, what the transition made, least: it holds redundant maps, which is
why DenseNet-BC lets transitions halve them. And the classifier, though it sees all maps, prefers the last.

Two ways to the same end: ResNet adds, DenseNet concatenates. In both, a short path joins each layer to the loss.
"""

# %% [markdown] id="keras-question"
r"""
## The same in Keras

All of this lecture was Keras. `keras.applications` has ResNets of its own, ready to load weights. Do they agree with
ours?
"""

# %% id="keras-resnet"
theirs = keras.applications.ResNet50(weights=None)
ck.verify("Keras's ResNet50, all numbers", theirs.count_params(), 25_636_712)
ck.verify("trainable: Keras's, ours", [weights(theirs), counted["resnet50"]], [25_583_592, 25_557_032])
convolutions = [layer for layer in theirs.layers if isinstance(layer, keras.layers.Conv2D)]
biases = sum(layer.filters for layer in convolutions)
ck.verify("biases in Keras's convolutions", biases, 26_560)
ck.verify("they are the difference", weights(theirs) - counted["resnet50"], biases)
ck.verify("moving means and variances", theirs.count_params() - weights(theirs), 53_120)
ck.verify("convolutions", len(convolutions), 53)

# %% [markdown] id="keras-meaning"
r"""
The difference is exactly the biases of 53 convolutions (49 in the blocks and the stem, 4 projections). Batch
normalisation subtracts the mean right after, so these biases do nothing.

A block is two lines of Keras: `f = convolutions(x)` and `x = keras.layers.Add()([f, x])`; a dense layer needs
`Concatenate` instead. `coursekit/models/resnet.py` has the rest, on a page.
"""

# %% [markdown] id="wrap-up"
r"""
## Wrap-up

These questions want a computation. Open a cell below, or take paper. The panel after them keeps your predictions:
which of them would you change now?
"""

# %% id="quiz"
ck.quiz("l08")
ck.progress()

# %% [markdown] id="summary"
r"""
### Summary

| network | a block computes | slope | costs |
|---|---|---|---|
| plain | $F(x)$ | $\partial F/\partial x$: a product over layers | trains badly when deep |
| residual | $F(x) + x$ | $\partial F/\partial x + 1$ | nothing, but a projection where the shape changes |
| scaled shortcut | $F(x) + \lambda x$ | $\partial F/\partial x + \lambda$ | vanishes or explodes as $\lambda^n$ |
| dense | $[x, F(x)]$ | a path to each earlier layer | memory: all maps are kept |

What could go wrong: a ReLU before the addition, so that signals only grow; an identity kernel where $F$ should be 0;
a projection forgotten where the stride is 2; a concatenation along the wrong axis; one seed taken for a result.

Depth is not everything. The paper's network of 1,202 layers fits its training set, and is worse on the test set than
the one of 110 (7.93 % against 6.43 %): *that* is overfitting.
"""

# %% [markdown] id="stretch-and-sources"
r"""
### Stretch

1. Take the trained `residual 38`, set one block's second normalisation to zeros (scale and shift), and measure the test
   error; then each block in turn, then in `plain 38`. Which network minds, and where most?
2. Set the scale of each block's last normalisation to 0 before training, so that each block starts as the identity.
   Does plain or residual gain?
3. Repeat section 1 with five learning rates, and give each network its own best.

Next: assignment a5, where you build these blocks under a budget; then lecture 09, training in practice.

## Sources

- K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", CVPR 2016: degradation, the
  construction, blocks, options A to C, tables 1, 3 and 6.
- K. He, X. Zhang, S. Ren and J. Sun, "Identity mappings in deep residual networks", ECCV 2016: scaled shortcuts.
- A. Veit, M. Wilber and S. Belongie, "Residual networks behave like ensembles of relatively shallow networks",
  NIPS 2016.
- H. Li, Z. Xu, G. Taylor, C. Studer and T. Goldstein, "Visualizing the loss landscape of neural nets", NeurIPS 2018.
- G. Huang, Z. Liu, L. van der Maaten and K. Weinberger, "Densely connected convolutional networks", CVPR 2017:
  figure 5.
- K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", ICCV 2015: variance 2 / fan-in.
- Adriana Kovashka, *CS 1674*, University of Pittsburgh 2022: the case study ResNet. André Martins, Francisco Melo and
  Mário Figueiredo, *Deep Learning*, lecture 7, Lisbon 2022/23: λ, loss surfaces. Yuki M. Asano, *Deep Learning 1*,
  lecture 5, Amsterdam: ResNet and DenseNet tables. "Lecture 6: Convolutional Neural Network": ResNet and DenseNet.
"""
