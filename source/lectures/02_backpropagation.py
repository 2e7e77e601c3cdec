# ---
# title: Gradients, graphs, backpropagation
# ---

# %% [markdown] id="title"
r"""
# Gradients, graphs, backpropagation

A loss says how bad the weights are. Its *gradient* says which way each weight should move, and
*backpropagation* finds the gradient of a whole network in one walk backward. Everything that learns in
this course learns by it.

**Afterwards you can**

- estimate a gradient from values alone, and say how far to trust it;
- walk backward through any graph of sums, products and functions, node by node;
- say what activation functions do to slopes, and why a network needs them;
- train a two-layer network by hand-written formulas, and choose its learning rate.

**You need** lecture 01, derivatives and the chain rule. Nothing is downloaded.

**It takes** 90 minutes: about twelve a section, then ten for Keras and the quiz.

*Slope* means the derivative with respect to one number; a *gradient* is an array of slopes.
"""

# %% id="setup"
import numpy as np
from IPython.display import HTML, display

import coursekit as ck
from coursekit.scratch import gradients, losses
from coursekit.scratch.graph import Value

# %% [markdown] id="numeric-question"
r"""
## 1. Which way is down?

Ask one weight: if you grow by a little $h$, what does the loss do? In the limit, that is its slope:

$$\frac{df(x)}{dx} = \lim_{h \to 0} \frac{f(x+h)-f(x)}{h}$$

The gradient $\nabla L$ holds the slopes $\partial L / \partial w$ of all weights, in an array of their
shape. The source lecture takes nine weights, adds $h = 0.0001$ to one after the other, and looks at the
loss, 1.25347 before:

| weight | loss after | slope |
|---|---|---|
| 0.34 | 1.25322 | −2.5 |
| −1.11 | 1.25353 | 0.6 |
| 0.78 | 1.25347 | ? |

Which loss it was is not said. The softmax loss of one picture with the pixels 3.5, −0.84 and 0 gives
these numbers, if the three weights are those of the correct class.
"""

# %% id="predict-third"
ck.predict(
    "l02-third",
    "The third loss is 1.25347, as before. What do these printed numbers tell of the third slope?",
    ["it is exactly 0", "it is between −0.1 and 0.1", "it is between −1 and 1", "nothing"],
)

# %% id="numeric-table"
nine = [0.34, -1.11, 0.78, 0.12, 0.55, 2.81, -3.1, -1.5, 0.33]
weights = np.reshape(nine, (3, 3)).T  # listed class after class; here each class is a column
x, bias, h = np.array([[3.5, -0.84, 0.0]]), np.array([0, 3.08168, 0]), 1e-4
moves = [np.zeros((3, 3)), *(h * np.outer(pixel, [1, 0, 0]) for pixel in np.eye(3))]  # none, then one weight each
printed = np.round([losses.softmax_loss(x @ (weights + move) + bias, [0])[0] for move in moves], 5)
ck.verify("losses, in units of 0.00001", np.round(1e5 * printed), [125_347, 125_322, 125_353, 125_347])
ck.verify("slopes from them", (printed[1:] - printed[0]) / h, [-2.5, 0.6, 0], atol=1e-9)
ck.verify("what two roundings of 0.000005 can hide", 2 * 0.000005 / h, 0.1)
slopes = x.T @ losses.softmax_loss(x @ weights + bias, [0])[1]  # by calculus, as lecture 01 said
ck.verify("slopes by calculus", slopes[:, 0], [-2.5007, 0.6002, 0], rtol=1e-4)

# %% [markdown] id="numeric-meaning"
r"""
Two losses printed with five decimals may together be off by 0.00001. Divided by $h$ that is 0.1: the
table says −2.5 ± 0.1, 0.6 ± 0.1, and anything from −0.1 to 0.1. Here the true slopes are −2.5007, 0.6002
and exactly 0, because the third pixel is black.

Computers round too, only later. So make $h$ small, but how small? And may the *centred* difference help?

$$\frac{f(x+h)-f(x-h)}{2h}$$
"""

# %% id="predict-step"
ck.predict("l02-step", "Centred, in float64 (16 digits): which h is best?", ["1e-2", "1e-5", "1e-10", "the smallest"])

# %% id="step-errors"
rng = np.random.default_rng(0)
places = weights + 0.1 * rng.standard_normal((1000, 3, 3))  # a thousand of them, for the typical error
true_slopes = x[0, 0] * (losses.softmax(x[0] @ places + bias)[:, 0] - 1)


def losses_at(move, kind):
    moved = places.astype(kind)
    moved[:, 0, 0] += kind(move)
    scores = x[0].astype(kind) @ moved + bias.astype(kind)
    return np.log(np.exp(scores).sum(axis=1)) - scores[:, 0]


steps, errors = 10.0 ** np.arange(-1, -13, -1), {}
for way, back in (("forward", 0), ("centred", 1)):
    for kind in (np.float32, np.float64):
        differences = [(losses_at(h, kind) - losses_at(-back * h, kind)) / (h + back * h) for h in steps]
        errors[f"{way}, {kind.__name__}"] = np.median(np.abs(np.array(differences) / true_slopes - 1), axis=1)
ck.verify("centred, h = 0.00001, float32: 0.2 %", errors["centred, float32"][4], 0.002, rtol=0.3)
ck.verify("the same in float64", errors["centred, float64"][4], 2e-11, rtol=0.5)
ck.verify("forward, float64: best", errors["forward, float64"].min(), 7.5e-9, rtol=0.3)
ck.figure(
    ck.figures.gradients.error_against_step(steps, errors, chosen=1e-5),
    alt="Relative error of the slope against the step h, logarithmic. All four curves fall with h, turn and rise. "
    "Centred in float64 is lowest, 2e-11 at h = 1e-5; forward 7.5e-9 at 1e-8; float32 never gets below 1e-5.",
    table={"h": steps, **errors},
)

# %% [markdown] id="step-meaning"
r"""
Two errors compete. The formula's own falls with $h$ (forward) or with $h^2$ (centred). The rounding error
grows as $h$ shrinks. In float64 they balance near $10^{-5}$, at a relative error of $2 \cdot 10^{-11}$.
In float32 the same step is off by 0.2 % here, and by far more where losses are large and slopes small.

So check gradients centred, in float64, with $h = 10^{-5}$: `gradients.numeric_gradient` does. But do not
*train* that way. It asks for two losses a weight, and the linear classifier of CIFAR-10 has 30,730
weights.
"""

# %% [markdown] id="analytic-question"
r"""
### By calculus, all at once

In $f(x, w) = w \cdot x = w_1 x_1 + \dots + w_D x_D$ only one term holds $w_k$, and its slope is $x_k$. So
the gradient with respect to $w$ is $x$.

Now the hinge loss with its penalty, and lecture 01's frog: cat 2.2, car 2.5, frog −3.1.

$$L = \frac{1}{N}\sum_i \sum_{j \ne y_i} \max(0,\; s_j - s_{y_i} + 1) + \lambda \sum W^2$$

A term that is 0 has slope 0. A term above 0 grows by 1 with $s_j$ and falls by 1 with $s_{y_i}$. Each
weight of class $j$ then multiplies a pixel, so its slope is that pixel times the slope of $s_j$.
"""

# %% id="predict-frog"
ck.predict("l02-frog", "The slope of the frog's loss for its own score, −3.1?", ["−1", "−2", "−12.9", "0"])

# %% id="hinge-slopes"
table = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])  # cat, car, frog of lecture 01
truth, rows = np.arange(3), np.arange(3)
violated = table - table[rows, truth][:, np.newaxis] + 1 > 0
violated[rows, truth] = False  # j = y is left out
dscores = violated.astype(float)
dscores[rows, truth] = -violated.sum(axis=1)
ck.verify("the frog's slopes", dscores[2], [1, 1, -2])
ck.verify("three times the library's, for a mean", 3 * losses.hinge_loss(table, truth)[1][2], [1, 1, -2])


def full_loss(w):
    return losses.hinge_loss(pictures @ w, truth)[0] + losses.l2_penalty(w, 0.1)[0]


pictures, w = rng.uniform(size=(3, 4)), rng.standard_normal((4, 3))
by_calculus = pictures.T @ losses.hinge_loss(pictures @ w, truth)[1] + 2 * 0.1 * w
difference = gradients.relative_error(gradients.numeric_gradient(full_loss, w), by_calculus)
ck.verify("12 weights: largest relative error against the numeric gradient", difference, 0, atol=1e-6)
ck.verify("gradient of w · x", gradients.numeric_gradient(lambda v: v @ pictures[0], w[:, 0]), pictures[0])
ck.verify("losses for one numeric gradient of CIFAR-10's classifier", 2 * 30_730, 61_460)

# %% [markdown] id="analytic-meaning"
r"""
`x.T @ dscores` is the whole gradient in one product: for each pixel and class, the sum over pictures of
pixel times slope. The numeric gradient needs 61,460 losses for that, and is kept for checking.

**Change one thing**: `gradients.numeric_gradient(lambda s: losses.hinge_loss(s, [0])[0], [[1.0, 0.0]])`
stands exactly on the corner. What is the slope there, and why?

<details><summary>Answer</summary>

−½ and ½: the centred difference sees slope 0 on one side and slope 1 on the other, and takes the mean. At
a corner a formula has to choose; ours takes 0.

</details>
"""

# %% [markdown] id="graph-question"
r"""
## 2. How does a slope travel through a computation?

Formulas for long computations get long. Instead, cut the computation into steps so small that each *local
slope* (local derivative) is known, and join them by the chain rule:

$$\text{downstream} = \text{upstream} \times \text{local slope}$$

The source's example is $f(x, y, z) = (x + y)\,z$ at $x = -2$, $y = 5$, $z = -4$. With $q = x + y$:

$$\frac{\partial q}{\partial x} = \frac{\partial q}{\partial y} = 1, \qquad f = qz, \qquad
\frac{\partial f}{\partial q} = z, \qquad \frac{\partial f}{\partial z} = q$$
"""

# %% id="predict-graph"
ck.predict("l02-graph", "f = −12 here. When x grows by 0.1, f changes by", ["0.1", "−0.4", "0.3", "−1.2"])

# %% id="graph-by-hand"
x, y, z = -2.0, 5.0, -4.0
q = x + y  # forward, from the inputs
f = q * z
df = 1.0  # backward, from the end: f grows by 1 with itself
dq, dz = df * z, df * q  # a product hands each factor the other one
dx, dy = dq * 1, dq * 1  # a sum hands on what it gets
ck.verify("q and f", [q, f], [3, -12])
ck.verify("slopes for x, y and z", [dx, dy, dz], [-4, -4, 3])
at = np.array([x, y, z])
ck.verify("the numeric gradient", gradients.numeric_gradient(lambda v: (v[0] + v[1]) * v[2], at), [-4, -4, 3])
ck.verify("f when x grows by 0.1, minus f", (x + 0.1 + y) * z - f, -0.4)

# %% [markdown] id="graph-value"
r"""
That was a program's work, so let a program do it. A `Value` of `coursekit.scratch.graph` is a number, or
an array, that remembers what it was computed from. `backward` walks the graph from the end and leaves
each value its slope in `grad`. Step through it: forward first, then backward.
"""

# %% id="graph-stepper" tags=["interactive"]
x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
q = x + y
f = q * z
q.name, f.name = "q", "f"
f.backward()
ck.verify("slopes by the engine", [x.grad, y.grad, q.grad, z.grad], [-4, -4, -4, 3])
display(HTML(ck.figures.graph_stepper.graph_stepper(f)))
nodes = (x, y, z, q, f)
ck.figure(
    ck.figures.graphs.graph(f.draw()),
    alt="The graph at the end: x = -2 and y = 5 meet in q = 3; q and z = -4 meet in f = -12. Gradients: f 1, q -4, "
    "z 3, x -4 and y -4.",
    caption="Where the stepper ends, for paper.",
    table={"node": [v.name for v in nodes], "value": [v.data for v in nodes], "gradient": [v.grad for v in nodes]},
)

# %% [markdown] id="graph-shared"
r"""
Read the arrows backward: a **sum** hands its upstream gradient to every input unchanged. A **product**
hands each factor the upstream gradient times the *other* factor.

What if a value is used twice? Then $f$ depends on it along two paths, and their slopes *add*.
"""

# %% id="predict-shared"
ck.predict("l02-shared", "a = 3 and b = a · a + a. The slope of b for a?", ["1", "3", "4", "7"])

# %% id="shared"
a = Value(3.0, "a")
b = a * a + a
b.name = "b"
b.backward()
ck.verify("slope of a · a + a at 3", a.grad, 7)
ck.figure(
    ck.figures.graphs.graph(b.draw()),
    alt="Graph of b = a times a plus a. a has value 3 and gradient 7; the product has value 9 and gradient 1; "
    "b has value 12 and gradient 1. a has arrows to the product and to the sum.",
)
b.backward()
ck.verify("after a second walk", a.grad, 14)

# %% [markdown] id="shared-meaning"
r"""
The product gives $a$ twice 3, the sum gives it 1: together 7. An engine that *sets* gradients instead of
adding would say 1 or 3. The price: gradients also add up over calls, until `zero_grad` sets them back.

**Your turn**: all three slopes of $f = (x + y)(y - z)$, without an engine.
"""


# %% id="check-shared"
def my_slopes(x, y, z):
    # the slopes of (x + y) * (y - z) for x, y and z; mind that y is used twice
    return ...


ck.check.shared_slopes.report(my_slopes)

# %% [markdown] id="activation-question"
r"""
## 3. What goes between two layers?

One layer computes `x @ w1 + b1`. Put another on top, and nothing is gained: `(x @ w1) @ w2` is
`x @ (w1 @ w2)`, one linear classifier. Between layers each number therefore passes an *activation
function*, a bend:

| unit | output | slope |
|---|---|---|
| sigmoid | $\sigma(z) = 1 / (1 + e^{-z})$ | $\sigma (1 - \sigma)$ |
| tanh | $\tanh z$ | $1 - \tanh^2 z$ |
| ReLU | $\max(0, z)$ | 0 or 1 |
| leaky ReLU | $\max(0.1 z, z)$ | 0.1 or 1 |
| ELU | $z$, or $e^z - 1$ below 0 | 1, or $e^z$ |
| maxout | $\max(w_1 x + b_1,\; w_2 x + b_2)$ | $w_1$ or $w_2$ |
| softplus | $\ln(1 + e^z)$ | $\sigma(z)$ |
| SiLU | $z\,\sigma(z)$ | $\sigma + z \sigma (1 - \sigma)$ |
"""


# %% id="activations"
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


units = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "ReLU": (lambda z: np.maximum(0, z), lambda z: 1.0 * (z > 0)),
    "leaky ReLU": (lambda z: np.maximum(0.1 * z, z), lambda z: np.where(z > 0, 1, 0.1)),
    "ELU": (lambda z: np.where(z > 0, z, np.exp(z) - 1), lambda z: np.where(z > 0, 1, np.exp(z))),
    "maxout": (lambda z: np.maximum(0.5 * z + 1, -z), lambda z: np.where(1.5 * z + 1 > 0, 0.5, -1)),
    "softplus": (lambda z: np.log(1 + np.exp(z)), sigmoid),
    "SiLU": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) + z * sigmoid(z) * (1 - sigmoid(z))),
}
z = np.linspace(-5, 5, 200)  # no point on a corner
drawn = {name: (unit(z), slope(z)) for name, (unit, slope) in units.items()}
numeric = {name: gradients.numeric_gradient(unit, z, upstream=np.ones(200)) for name, (unit, _) in units.items()}
ck.verify("slopes minus numeric ones", max(np.abs(numeric[n] - drawn[n][1]).max() for n in units), 0, atol=1e-8)
ck.verify("sigmoid and tanh at 5: slopes", [units["sigmoid"][1](5), units["tanh"][1](5)], [0.0066, 0.00018], rtol=0.01)
ck.verify("the sigmoid's largest slope, at 0", units["sigmoid"][1](0), 0.25)
ck.figure(
    ck.figures.gradients.activations(z, drawn),
    alt="Eight units from z = -5 to 5, output solid and slope dashed. Sigmoid and tanh flatten at both ends and their "
    "slopes vanish there; ReLU is 0, then rises; leaky ReLU, ELU, softplus and SiLU are like it; maxout is a V.",
)

# %% [markdown] id="activation-meaning"
r"""
Far from 0, sigmoid and tanh *saturate*: at $z = 5$ their slopes are 0.0066 and 0.00018. ReLU's is 1 for
every positive $z$ and 0 for every negative one. A unit that is negative for all examples gets no gradient
and stays *dead*; the leaky ReLU and the ELU leave it a little. Maxout has two weight vectors a unit; ReLU
and $|z|$ are special cases.

A backward walk multiplies the slopes of all layers on its way. Stack ten layers of sigmoids: how does the
first layer's gradient compare with the last layer's?
"""

# %% id="predict-depth"
ck.predict("l02-depth", "The first layer's gradient is smaller by a factor of", ["1", "10", "1,000", "100,000"])

# %% id="depth"
digits = ck.data.load("digits")
x_train, x_test = (x.reshape(len(x), 64) for x in (digits.x_train, digits.x_test))
y_train, y_test = digits.y_train, digits.y_test


def gradient_sizes(unit, gain):
    """Return the mean size of the gradient in each of ten layers, the first layer first."""
    rng = np.random.default_rng(0)
    layers = [Value(gain * rng.standard_normal((64, 64)) / 8) for _ in range(10)]
    hidden = Value(x_train[:200])
    for w in layers:
        hidden = getattr(hidden @ w, unit)()
    hidden.backward(upstream=rng.standard_normal((200, 64)))  # as if from a loss
    return np.array([np.abs(w.grad).mean() for w in layers])


sizes = {name: gradient_sizes(name.lower(), gain) for name, gain in (("sigmoid", 1), ("tanh", 1), ("ReLU", 2**0.5))}
ck.verify("sigmoid: last layer over first", sizes["sigmoid"][-1] / sizes["sigmoid"][0], 500_000, rtol=0.5)
ck.verify("nine slopes of a quarter, inverted", 4**9, 262_144)
ck.figure(
    ck.figures.gradients.gradient_by_layer(sizes),
    alt="Mean size of the gradient in layers 1 to 10, logarithmic. Sigmoid climbs by a factor of four to five a layer, "
    "half a million in all. Tanh and ReLU stay level.",
)

# %% [markdown] id="depth-meaning"
r"""
Half a million. A sigmoid's slope is at most ¼; nine of them cost a factor of $4^9 = 262{,}144$ or more.
That is the *vanishing gradient*, and one reason to prefer ReLU. The start matters too: our weights have
size $1/\sqrt{n}$ (Xavier), times $\sqrt 2$ for ReLU (He).

**Change one thing**: draw `gradient_sizes("tanh", 0.5)`, then gain 4.

<details><summary>Answer</summary>

0.5: level, but 230 times lower. The signal shrinks on its way forward, the slope on its way back. 4:
units saturate, but large weights enlarge slopes: the gradient *explodes*, 27-fold from last layer to
first.

</details>

**Your turn**: one step backward, through a layer of sigmoids.
"""


# %% id="check-sigmoid"
def my_backward(upstream, out):
    # out: what the sigmoids gave, (n, units); upstream: the gradient that arrives for it
    return ...


ck.check.through_sigmoid.report(my_backward)

# %% [markdown] id="layers-question"
r"""
## 4. What does a second layer buy?

A *two-layer network* has $D$ inputs, $M$ hidden units and $K$ outputs; biases are weights of a constant
1:

$$a_j = \sum_{i=1}^{D} w_{ji}^{(1)} x_i + w_{j0}^{(1)}, \qquad z_j = h(a_j), \qquad
a_k = \sum_{j=1}^{M} w_{kj}^{(2)} z_j + w_{k0}^{(2)}$$

The outputs are $y_k = \sigma(a_k)$ for yes or no, or $y_k = e^{a_k} / \sum_l e^{a_l}$, the softmax, for
one of several classes. In arrays that is `h(x @ w1 + b1) @ w2 + b2`: each layer has its own weights, and
its output is *fed forward* to the next.

XOR defeated every linear classifier of lecture 01: 1 where exactly one of two pixels is on.
"""

# %% id="predict-xor"
ck.predict("l02-xor", "How many hidden ReLU units does XOR need?", ["1", "2", "3", "4"])

# %% id="xor"
relu = units["ReLU"][0]
corners, xor = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
w1, b1 = np.array([[1.0, 1], [1, 1]]), np.array([0.0, -1])  # both sum the pixels; the second starts at 1
w2, b2 = np.array([[1.0], [-2]]), np.array([0.0])
hidden = relu(corners @ w1 + b1)
ck.verify("hidden units at the four corners", hidden, [[0, 0], [1, 0], [1, 0], [2, 1]])
ck.verify("output", (hidden @ w2 + b2)[:, 0], xor)
ck.verify("without the bend, one layer does the same", (corners @ w1) @ w2, corners @ (w1 @ w2))
one_by_one = [sum(w2[j, 0] * max(0, x @ w1[:, j] + b1[j]) for j in range(2)) + b2[0] for x in corners]
ck.verify("the sums of the formula, one by one", one_by_one, xor)
ck.figure(
    ck.figures.gradients.two_planes(corners, hidden, xor, ["XOR is 0", "XOR is 1"], [1, -2, -0.5]),
    alt="Left: the four corners of XOR; no line parts circles from squares. Right: in the plane of the hidden units "
    "both squares fall on (1, 0), the circles lie at (0, 0) and (2, 1), and a dashed line parts them.",
)

# %% [markdown] id="xor-meaning"
r"""
Two. The first hidden unit counts the pixels that are on, the second what is above 1. They *fold* the
plane: (0, 1) and (1, 0) land on one point, and a line does the rest. The hidden layer moves the data so
that the last one can be linear. (One unit will not do: its output only rises or only falls along one
direction.)

**Change one thing**: replace `relu` by `lambda a: a`. Can any `w2` still give XOR?

<details><summary>Answer</summary>

No: the two layers collapse into one linear function, and lecture 01 proved that none gives XOR.

</details>
"""

# %% [markdown] id="neuron"
r"""
### What has this to do with neurons?

A nerve cell collects signals through synapses of different strength and fires once enough arrive. Hence
weights, sum, threshold, and the name. There the likeness ends. Cells send spikes in time; no known path
carries exact slopes backward through the same synapses (Crick 1989); and ReLU won because it trains well,
not because cells have it. What did carry over is the layered order that Hubel and Wiesel found in the
visual cortex: lecture 06.

### How much can one hidden layer do?

On a line, each ReLU adds one bend wherever we like. So join points of any curve by straight pieces.
"""

# %% id="predict-universal"
ck.predict("l02-universal", "Twice the units: the largest error falls to", ["itself", "a half", "a quarter", "0"])


# %% id="universal"
def curve(x):
    return np.sin(2 * np.pi * x) + 0.5 * np.cos(5 * np.pi * x)


line, fits = np.linspace(0, 1, 2001), {}
for count in (4, 8, 16, 32):
    knots = np.linspace(0, 1, count + 1)
    steepness = np.diff(curve(knots)) * count
    w2 = np.diff(steepness, prepend=0)  # at its knot, each unit changes the slope by this much
    fits[count] = relu(line[:, np.newaxis] - knots[:-1]) @ w2 + curve(0)
worst = {count: np.abs(fit - curve(line)).max() for count, fit in fits.items()}
ck.verify("largest errors, 4 to 32 units", list(worst.values()), [0.85, 0.217, 0.0694, 0.0179], rtol=0.01)
ck.verify("16 to 32 units", worst[32] / worst[16], 0.25, rtol=0.05)
ck.figure(
    ck.figures.gradients.bends(line, curve(line), fits),
    alt="A wavy curve on 0 to 1 and its approximations by 4, 8, 16 and 32 ReLU units: broken lines that hug the curve "
    "more and more closely. Largest errors 0.85, 0.22, 0.07 and 0.02.",
)

# %% [markdown] id="universal-meaning"
r"""
Once there are enough, twice the units leave a quarter of the error. One hidden layer can come as close as
you like to any continuous function on a closed, bounded region, with enough units: the *universal
approximation* theorem (Cybenko 1989, Hornik 1989; for ReLU, Leshno 1993).

Read it as an existence theorem. It promises weights; it does not say that training finds them, nor how
many it takes, nor what happens between or beyond the examples. Deep networks can do with far fewer units,
by folding what is folded (Montúfar 2014).
"""

# %% [markdown] id="backprop-question"
r"""
## 5. Whose fault is it?

Training needs the slope of the loss for every weight of both layers. Walk backward. Call $\delta$ the
slope for a unit's input sum $a$, its share of the fault. For softmax or sigmoid outputs with their
losses, and target $t_k$ (1 for the correct class, else 0):

$$\delta_k = \tfrac1N (y_k - t_k), \qquad \frac{\partial L}{\partial w_{kj}^{(2)}} = \delta_k z_j$$

A hidden unit is at fault through every output it feeds, as much as its own slope lets through:

$$\delta_j = h'(a_j) \sum_k w_{kj}^{(2)} \delta_k, \qquad \frac{\partial L}{\partial w_{ji}^{(1)}} = \delta_j x_i$$

The update comes last, when all slopes are known: $w \leftarrow w - \eta\, \nabla L$.

<details><summary>Why $y - t$?</summary>

The loss of one example is $\ln \sum_l e^{a_l} - \sum_l t_l a_l$. The slope of its first term for $a_k$ is
the softmax, $y_k$; of its second, $-t_k$.

</details>
"""


# %% id="backprop"
def start(features, hidden, classes, seed=0):
    """Return random weights and zero biases: w1, b1, w2, b2."""
    rng = np.random.default_rng(seed)
    w1 = rng.standard_normal((features, hidden)) / features**0.5
    w2 = rng.standard_normal((hidden, classes)) / hidden**0.5
    return [w1, np.zeros(hidden), w2, np.zeros(classes)]


def scores_of(net, x):
    w1, b1, w2, b2 = net
    return np.tanh(x @ w1 + b1) @ w2 + b2


def backprop(net, x, labels):
    """Return the softmax loss, and its gradient for each array of the net."""
    w1, b1, w2, b2 = net
    hidden = np.tanh(x @ w1 + b1)  # forward; backward needs it again
    loss, delta_k = losses.softmax_loss(hidden @ w2 + b2, labels)  # (n, classes)
    delta_j = (1 - hidden**2) * (delta_k @ w2.T)  # (n, hidden)
    return loss, [x.T @ delta_j, delta_j.sum(axis=0), hidden.T @ delta_k, delta_k.sum(axis=0)]


# %% id="backprop-check"
net, some, labels = start(64, 32, 10), x_train[:20], y_train[:20]
_, by_hand = backprop(net, some, labels)
engine = [Value(array) for array in net]
scores = (some @ engine[0] + engine[1]).tanh() @ engine[2] + engine[3]
(scores.exp().sum(axis=1).log() - scores[np.arange(20), labels]).mean().backward()
for i, name in enumerate(("first weights", "first biases", "second weights", "second biases")):

    def loss_with(array, i=i):
        return backprop([*net[:i], array, *net[i + 1 :]], some, labels)[0]

    numeric = gradients.numeric_gradient(loss_with, net[i])
    ck.verify(f"{name}: by hand − engine", np.abs(by_hand[i] - engine[i].grad).max(), 0, atol=1e-12)
    ck.verify(f"{name}: by hand − numeric", np.abs(by_hand[i] - numeric).max(), 0, atol=1e-8)
count = sum(array.size for array in net)
ck.verify("weights and biases; losses for a numeric gradient", [count, 2 * count], [2410, 4820])
shares = losses.softmax(scores_of(net, some)) - np.eye(10)[labels]
ck.verify("δ of the outputs, by the formula", losses.softmax_loss(scores_of(net, some), labels)[1], shares / 20)

# %% [markdown] id="backprop-meaning"
r"""
Three roads, one gradient: formulas and engine agree to $10^{-12}$, the numeric one to $10^{-8}$. It
computed 4,820 losses; backpropagation walked forward once and backward once, whatever the number of
weights.

The backward half mirrors the forward one. `hidden @ w2` becomes `delta_k @ w2.T` for the units,
`hidden.T @ delta_k` for the weights; a bias, shared by all examples, gets their sum. If a shape is wrong,
so is the formula.

**Your turn**: the error of the hidden layer.
"""


# %% id="check-hidden"
def my_hidden_error(delta, weights, hidden):
    # delta: (n, classes), weights: (units, classes), hidden: (n, units), the outputs of tanh
    return ...


ck.check.hidden_error.report(my_hidden_error)

# %% [markdown] id="break-question"
r"""
### Break it: start from nothing

Why random weights? Zeros are neutral, and equal weights are fair. Try both on XOR, against a random
start: three tanh units, 2,000 steps at rate 0.5. From zeros, both classes get ½, and the loss begins at
$\ln 2 = 0.693$.
"""

# %% id="predict-zeros"
ck.predict("l02-zeros", "From zeros, the loss after 2,000 steps is", ["0", "0.35", "0.693, as at first", "no number"])


# %% id="break-symmetry" tags=["break-it"]
def train(net, x, labels, rate=0.5, epochs=30, batch=32, seed=0):
    """Return the net, trained by SGD, and the loss of each step."""
    rng, history = np.random.default_rng(seed), []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for rows in (order[first : first + batch] for first in range(0, len(x), batch)):
            loss, slopes = backprop(net, x[rows], labels[rows])
            net = [array - rate * slope for array, slope in zip(net, slopes, strict=True)]
            history.append(loss)
    return net, np.array(history)


equal = [np.full((2, 3), 0.5), np.zeros(3), np.tile([0.4, 0.6], (3, 1)), np.zeros(2)]
starts = {"random": start(2, 3, 2), "zeros": [0 * array for array in equal], "equal": equal}
runs = {name: train(net, corners, xor, epochs=2000) for name, net in starts.items()}
ck.verify("end: random, zeros, equal", [run[1][-1] for run in runs.values()], [0.001, 0.693, 0.48], atol=0.002)
ck.verify("equal start: spread between the hidden units", np.ptp(runs["equal"][0][0], axis=1).max(), 0, atol=1e-9)
ck.figure(
    ck.figures.training.loss_curves({name: (np.arange(1, 2001), run[1]) for name, run in runs.items()}, "step"),
    alt="Loss on XOR over 2000 steps. Zeros: a flat line at 0.693. Equal weights: falls to 0.48 and stays. "
    "Random weights: falls to about 0.001.",
)

# %% [markdown] id="break-answer"
r"""
<details><summary>Why?</summary>

With zeros, $z_j = 0$ gives the second layer no slope, and $w_{kj} = 0$ gives the first none. Nothing
moves, ever. With equal weights, all hidden units compute the same, get the same fault and make the same
step: three units, worth one. Random weights *break the symmetry*.

</details>

**Change one thing**: `start(2, 2, 2, seed)`, with two hidden units and seeds 0 to 19. How often is XOR
solved?

<details><summary>Answer</summary>

12 times. The other 8 runs end at 0.35, on a plateau or in a local minimum. Hence *random restarts*; with
three units, 19 of 20 work.

</details>
"""

# %% [markdown] id="descent-question"
r"""
## 6. How long a step, and on how many examples?

No formula gives a network's best weights, so we walk. *Gradient descent* subtracts the gradient, times
the learning rate $\eta$, again and again. Of all steps of one length, that one goes down fastest:

$$w^{(\tau+1)} = w^{(\tau)} - \eta\, \nabla L\big(w^{(\tau)}\big)$$

First a loss that we can see: guess a pixel of the digits from the two above and below it, as
`w1 * above + w2 * below`. The mean squared error is a bowl over the two weights.
"""

# %% id="predict-rate"
ck.predict(
    "l02-rate",
    "The learning rate is 2 % beyond the largest that works. What does the loss do?",
    ["it falls, but slowly", "it falls, then stays too high", "it grows with every step", "it swings and still falls"],
)

# %% id="descents"
images = digits.x_train[..., 0].astype(float)
pair, target = np.stack([images[:, 4, 4], images[:, 6, 4]], axis=1), images[:, 5, 4]
limit = 2 / np.linalg.eigvalsh(2 * pair.T @ pair / len(pair)).max()
ck.verify("largest rate: 2 / largest curvature", limit, 1.109)
rates, paths = {"too small": 0.05, "right": 0.8, "too large": 1.02 * limit}, {}
for name, rate in rates.items():
    path = [np.array([1.6, 0.9])]
    for _ in range(12):
        path.append(path[-1] - rate * 2 * pair.T @ (pair @ path[-1] - target) / len(pair))
    paths[f"{name}: {rate:.2f}"] = np.array(path)
grid = np.linspace(-1, 2.2, 65)
surface = [[((pair @ (w1, w2) - target) ** 2).mean() for w1 in grid] for w2 in grid]
small, right, large = (((path @ pair.T - target) ** 2).mean(axis=1) for path in paths.values())
ck.verify("loss after 12 steps: too small, right", [small[-1], right[-1]], [0.233, 0.0776], rtol=0.02)
ck.verify("too large: the loss grows with every step", (np.diff(large) > 0).all(), True)
ck.figure(
    ck.figures.training.descents(grid, grid, surface, paths),
    alt="Contours of a long oval bowl over two weights, and 12 steps down it at three rates. Too small creeps and "
    "stops short; right swings briefly and nears the lowest point; too large swings wider and wider across the bowl.",
)

# %% [markdown] id="descent-meaning"
r"""
The bowl is long and narrow, for neighbouring pixels are alike. A rate above 2 / curvature, here 1.109,
overshoots by more than it gains: the loss grows with every step. That limit comes from the *steepest*
direction, and the gentle one must creep with it.

**Your turn**: gradient descent on any function.
"""


# %% id="check-descend"
def my_descend(gradient, start, rate, steps):
    # gradient(w) gives the gradient at w; return where we stand after so many steps
    return ...


ck.check.descend.report(my_descend)

# %% [markdown] id="batch-question"
r"""
### Full batch or mini-batch?

Classic gradient descent takes the gradient over *all* examples for one step. Mini-batch SGD takes a few
at a time, in random order; once through them all is an *epoch*. Its gradients are noisy, but cheap. Both
get ten epochs of our network on the digits, 64 pixels, 32 tanh units and 10 classes, at rate 0.5.
"""

# %% id="predict-batch"
ck.predict("l02-batch", "After ten epochs, which loss is lowest?", ["batches of 32", "of 256", "of 1,437", "all equal"])


# %% id="batches"
def by_epoch(epochs, **knobs):
    """Train our network on the digits; return the epochs and the mean loss in each."""
    _, history = train(start(64, 32, 10), x_train, y_train, epochs=epochs, **knobs)
    return np.arange(1, epochs + 1), history.reshape(epochs, -1).mean(axis=1)


curves = {f"{batch:,} a step, {10 * -(-1437 // batch)} steps": by_epoch(10, batch=batch) for batch in (32, 256, 1437)}
final = [curve[-1] for _, curve in curves.values()]
ck.verify("loss in epoch 10: batches of 32, of 256, all", final, [0.075, 0.3, 1.4], rtol=0.15)
whole = backprop(net, x_train, y_train)[1][0]
parts = [backprop(net, x_train[k : k + 32], y_train[k : k + 32])[1][0] for k in range(0, 1408, 32)]
cosines = [(whole * part).sum() / np.linalg.norm(whole) / np.linalg.norm(part) for part in parts]
ck.verify("cosine between the gradients of 32 and of all pictures, mean", np.mean(cosines), 0.63, rtol=0.05)
ck.figure(
    ck.figures.training.loss_curves(curves, "epoch", "mean loss in the epoch"),
    alt="Loss against epoch. Batches of 32 (450 steps) fall to about 0.07, of 256 (60 steps) to 0.3, and all pictures "
    "at once (10 steps) only to 1.4.",
)

# %% [markdown] id="batch-meaning"
r"""
The gradient of 32 pictures agrees with that of all 1,437 only roughly: the cosine of their angle is 0.63
on average. But it costs a 45th, and ten epochs buy 450 such steps, or 10 exact ones. Some noise even
helps to leave poor places. Larger batches pay where hardware computes many examples at once.

Now the rate, on the same network.
"""

# %% id="rates"
named = {"too small: 0.01": 0.01, "right: 0.5": 0.5, "too large: 5": 5}
curves = {name: by_epoch(15, rate=rate) for name, rate in named.items()}
slow, right, wild = (curve for _, curve in curves.values())
ck.verify("loss in epoch 15, too small and right", [slow[-1], right[-1]], [1.15, 0.05], rtol=0.15)
ck.verify("too large: every epoch above ln 10", (wild > np.log(10)).all(), True)
ck.figure(
    ck.figures.training.loss_curves(curves, "epoch", "mean loss in the epoch"),
    alt="Loss against epoch at three rates. 0.01 falls slowly to 1.1, 0.5 falls to 0.05, and 5 jumps far above the "
    "starting loss of 2.3 and stays there.",
)

# %% [markdown] id="rate-meaning"
r"""
Too small: still falling when the time is up. Too large: thrown to where the loss is far above $\ln 10$,
that of a network that knows nothing, and it never comes back. There are factors of ten in between, so
search on a logarithmic scale.

Lecture 01 left a debt: *even or odd?* One template for 1, 3, 5, 7 and 9 got 89 % of the test digits.
"""

# %% id="predict-parity"
ck.predict("l02-parity", "With 32 hidden units, even or odd is right for", ["89 %, as before", "93 %", "98 %", "100 %"])


# %% id="parity"
def accuracy(net, x, labels):
    return (scores_of(net, x).argmax(axis=1) == labels).mean()


even_odd, _ = train(start(64, 32, 2), x_train, y_train % 2, epochs=60)
ten, _ = train(start(64, 32, 10), x_train, y_train, epochs=60)
ck.verify("even or odd, training pictures", accuracy(even_odd, x_train, y_train % 2), 1, rtol=0.005)
ck.verify("even or odd, test pictures", accuracy(even_odd, x_test, y_test % 2), 0.98, rtol=0.012)
ck.verify("ten digits, test pictures", accuracy(ten, x_test, y_test), 0.975, rtol=0.01)
votes = even_odd[2][:, 1] - even_odd[2][:, 0]  # what each hidden unit adds to odd, against even
strongest = np.abs(votes).argsort()[::-1][:10]
names = [f"{'odd' if vote > 0 else 'even'} {abs(vote):.1f}" for vote in votes[strongest]]
ck.figure(
    ck.figures.classifiers.templates(even_odd[0][:, strongest], names, (8, 8)),
    alt="Weights of the ten hidden units with the strongest votes, as 8 by 8 pictures, and their votes, odd or even: "
    "strokes, arcs and gaps in varied places, no whole digit.",
)
mask = rng.random((10_000, 32)) < 0.5  # dropout: silence half of the hidden units …
hidden = np.tanh(x_test[0] @ ten[0] + ten[1])
ck.verify("… double the rest: the mean stays", np.abs((2 * mask * hidden).mean(axis=0) - hidden).max(), 0, atol=0.05)

# %% [markdown] id="parity-meaning"
r"""
98 %. The hidden units are templates in turn, for parts that several digits share, and the second layer
adds up their votes. Ten classes gain little (97.5 %): linear was nearly good enough.

All training digits are right by now, so the network may lean on accidents. *Dropout* (Srivastava 2014) is
one cure: in each training step silence a random half of the hidden units and double the rest. The mean
stays, and no unit can rely on another. You write it in a2; lecture 09 measures it.
"""

# %% [markdown] id="keras-question"
r"""
## The same in Keras

Keras on TensorFlow does what `Value` does: it records the operations of the forward walk (TensorFlow's
`GradientTape`) and walks back. Does it get our gradient? A trick shows it on any back end: one step of
SGD with learning rate 1 subtracts the gradient itself.
"""

# %% id="keras-gradient"
keras = ck.backend.keras()

net, some, labels = start(64, 32, 10), x_train[:32], y_train[:32]
layers = [keras.Input((64,)), keras.layers.Dense(32, activation="tanh"), keras.layers.Dense(10)]
model = keras.Sequential(layers)
model.set_weights(net)
cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.SGD(1.0), loss=cross_entropy)
before = model.get_weights()
keras_loss = model.train_on_batch(some, labels)
loss, by_hand = backprop(net, some, labels)
ck.verify("loss: Keras against ours", float(np.ravel(keras_loss)[0]), loss, rtol=1e-5)
ck.verify("weights and biases", model.count_params(), 2410)
for old, new, slope in zip(before, model.get_weights(), by_hand, strict=True):
    difference = np.abs((old - new) - slope).max() / np.abs(slope).max()
    ck.verify(f"gradient of shape {slope.shape}: largest difference", difference, 0, atol=1e-5)

# %% id="keras-training"
ck.backend.seed(0)
model.set_weights(net)
model.compile(keras.optimizers.SGD(0.5), loss=cross_entropy, metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=60, verbose=0)
ck.verify("test accuracy", model.evaluate(x_test, y_test, verbose=0)[1], 0.975, rtol=0.01)

# %% [markdown] id="keras-meaning"
r"""
The same gradient, to less than $10^{-5}$ of its largest entry; Keras computes in float32. What you wrote
in ten lines is what `fit` does. From here on a new layer is just one more operation with its slope.

For section 1's reason, never check a gradient by differences of Keras's losses.
"""

# %% [markdown] id="wrap-up"
r"""
## Wrap-up

These questions want a computation. The panel after them keeps your predictions.
"""

# %% id="quiz"
ck.quiz("l02")
ck.progress()

# %% id="numbers-in-answers"
# Every number that a folded answer mentions.
half, fourfold = gradient_sizes("tanh", 0.5), gradient_sizes("tanh", 4)
ck.verify("section 3, gain 0.5: how much lower", sizes["tanh"].mean() / half.mean(), 230, rtol=0.2)
ck.verify("section 3, gain 4: first layer over last", fourfold[0] / fourfold[-1], 27, rtol=0.2)
corner = gradients.numeric_gradient(lambda s: losses.hinge_loss(s, [0])[0], [[1.0, 0.0]])
ck.verify("section 1, on the corner", corner, [[-0.5, 0.5]])
for count, solved in ((2, 12), (3, 19)):
    ends = np.array([train(start(2, count, 2, seed), corners, xor, epochs=2000)[1][-1] for seed in range(20)])
    ck.verify(f"section 5, {count} hidden units: XOR solved", (ends < 0.1).sum(), solved)
    ck.verify("the others end at", ends[ends > 0.1].mean(), 0.35, rtol=0.02)

# %% [markdown] id="summary"
r"""
### Summary

| step | forward | backward |
|---|---|---|
| sum | x + y | upstream to both |
| product | x · y | upstream times the other factor |
| used twice | | the shares add |
| activation | z = h(a) | upstream times h'(a) |
| layer | x @ w + b | x.T @ δ for w, the sum of δ for b, δ @ w.T for x |

| choice | rule |
|---|---|
| checking gradients | centred, float64, h = 0.00001, away from corners |
| start | random, size 1 / √n; zero or equal weights never part |
| learning rate | largest that is stable; search by factors of ten |

What could go wrong: `=` for `+=` where paths meet, a slope taken at the output, an old gradient not
cleared, saturated or dead units, float32 in a check.
"""

# %% [markdown] id="stretch-and-sources"
r"""
### Stretch

1. Let `train` use ReLU: change two lines of `backprop`. Which learning rates still work?
2. Give `Value` a `maximum(a, b)`. Who gets the gradient on a tie, and how do you check it?
3. Fit `curve` by training instead of placing knots. How many units come near the error of 16 placed ones?

Next: assignment a2, where you write the engine and the network; then lecture 03, where layers learn to
slide.

## Sources

- Adriana Kovashka, *CS 1674: Introduction to Computer Vision*, "Convolutional Neural Networks",
  University of Pittsburgh 2022. The table of section 1, the graph of section 2, gradient descent; slides
  partly after Andrej Karpathy and Christopher Bishop (*Pattern Recognition and Machine Learning*, 2006,
  chapter 5: the formulas with δ).
- Danna Gurari, *Convolutional Neural Networks*, University of Texas at Austin 2021. XOR and hidden
  layers, neurons.
- D. Rumelhart, G. Hinton and R. Williams, "Learning representations by back-propagating errors",
  Nature 1986.
- G. Cybenko, "Approximation by superpositions of a sigmoidal function", 1989; K. Hornik, M. Stinchcombe
  and H. White, "Multilayer feedforward networks are universal approximators", 1989; M. Leshno and others,
  "Multilayer feedforward networks with a nonpolynomial activation function can approximate any
  function", 1993.
- G. Montúfar and others, "On the number of linear regions of deep neural networks", NIPS 2014.
- F. Crick, "The recent excitement about neural networks", Nature 1989.
- N. Srivastava and others, "Dropout: a simple way to prevent neural networks from overfitting",
  JMLR 2014.
- E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
  Repository 1998. Where the slides err: `docs/errata.md`.
"""
