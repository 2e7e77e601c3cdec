# ---
# title: 'Assignment 2: Backpropagation'
# ---

# %% [markdown] id="welcome"
r"""
# Assignment 2: Backpropagation

You will build what every deep-learning library has at its core: a walk through a graph that finds all gradients at
once. Then a two-layer network by formulas, good weights to start from, dropout, and two optimisers. At the end your own
functions learn XOR and read handwritten digits.

**Goals.** You can order any graph, differentiate it backwards, write the gradients of a two-layer network from its
shapes, and say what initialisation, dropout and an optimiser's memory are for.

**What you need.** Lecture 02, NumPy and the chain rule. As there, *slope* means the derivative with respect to one
number.

| part | points | minutes |
|---|---|---|
| 1. an order for a graph | 4 | 30 |
| 2. gradients on a tape | 6 | 45 |
| 3. two layers, forward and backward | 8 | 45 |
| 4. initial weights | 4 | 20 |
| 5. dropout | 3 | 15 |
| 6. momentum and Adam | 8 | 35 |
| 7. training, and a written answer | 3 | 30 |

**How to check.** Run the `ck.check` cell below a function as often as you like: it is the very check that grades you,
with fresh random inputs each time. Go cell by cell: *Run All* stops at the first function that is not written yet.

**How points work.** A function that passes its check earns all its points, in whatever style, with NumPy alone. No
graded function needs another one of yours. None may change the arrays or lists it is given. A person reads the written
answer.
"""

# %% id="setup"
import numpy as np

import coursekit as ck

# %% [markdown] id="order"
r"""
## 1. An order for a graph

Node $i$ of a graph is computed from the nodes in the tuple `parents[i]`; inputs have none, `()`. The graph of
$(x + y)\,z$ may be written

`[(4, 1), (3, 2), (), (), ()]`

where node 0 is the product, node 1 the sum, node 4 is $z$, and 2 and 3 are $x$ and $y$. **Numbers say nothing** about
who comes first. Return all nodes, each once, in an order in which every node stands after its parents. Often there are
several such orders; any will do.

Two things to think of. A node can be used by several others, and both parents can be the same node, `(1, 1)`, as in
$a + a$. And networks are deep: your function must order a chain of 5,000 nodes, but Python refuses about 1,000 calls
inside each other, so visit nodes in a loop.
"""


# %% id="topological-order" nbgrader="solution"
def topological_order(parents):
    """Return the numbers of all nodes, parents before children.

    parents: a list; parents[i] is the tuple of the nodes that node i is computed from
    """
    ### BEGIN SOLUTION
    children = [[] for _ in parents]
    for node, sources in enumerate(parents):
        for source in sources:
            children[source].append(node)
    waiting_for = [len(sources) for sources in parents]
    ready = [node for node, count in enumerate(waiting_for) if count == 0]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for child in children[node]:
            waiting_for[child] -= 1
            if waiting_for[child] == 0:
                ready.append(child)
    return order
    ### END SOLUTION


# %% id="topological-order-tests" nbgrader="tests" points=4
ck.check.topological_order(topological_order)

# %% [markdown] id="tape"
r"""
## 2. Gradients on a tape

A *tape* records operations in the order in which they were done, so it is in order already. Its nodes are the inputs,
numbered from 0, and then one for each entry of the tape: an operation and its parents. $(x + y)\,z$ at −2, 5, −4:

`inputs = [-2.0, 5.0, -4.0]` and `tape = [("add", (0, 1)), ("mul", (3, 2))]`

so node 3 is $x + y$ and node 4, the last, is the result. There are four operations:

| | `"add"` | `"mul"` | `"tanh"` | `"relu"` |
|---|---|---|---|---|
| value | $a + b$ | $a\,b$ | $\tanh a$ | $\max(0, a)$ |
| slopes | 1 and 1 | $b$ and $a$ | $1 - \text{value}^2$ | 1 if $a > 0$, else 0 |

At its corner, $a = 0$, the ReLU's slope is **0**.

Compute all values forward. Then, backward, the gradients of the *last* node with respect to every node: its own is 1,
all others start at 0, and each operation adds its own gradient times the slope to the gradients of its parents. *Adds*:
a node used twice receives twice. A node that the result does not use keeps gradient 0.
"""


# %% id="tape-gradients" nbgrader="solution"
def tape_gradients(inputs, tape):
    """Return the values of all nodes, and the gradients of the last node with respect to them.

    inputs: a list of numbers    tape: a list of (operation, parents)
    returns: values, gradients, each with len(inputs) + len(tape) numbers
    """
    ### BEGIN SOLUTION
    values = list(inputs)
    for operation, parents in tape:
        a, b = values[parents[0]], values[parents[-1]]
        values.append({"add": a + b, "mul": a * b, "tanh": np.tanh(a), "relu": max(0, a)}[operation])

    gradients = np.zeros(len(values))
    gradients[-1] = 1
    for node in reversed(range(len(inputs), len(values))):
        operation, parents = tape[node - len(inputs)]
        a, b = values[parents[0]], values[parents[-1]]
        slopes = {"add": (1, 1), "mul": (b, a), "tanh": (1 - values[node] ** 2,), "relu": (a > 0,)}[operation]
        for parent, slope in zip(parents, slopes, strict=True):
            gradients[parent] += gradients[node] * slope
    return values, gradients
    ### END SOLUTION


# %% id="tape-worked"
# Try it on the lecture's example. Then on a + a: can you tell from its gradient that `=` in place of `+=` is wrong?
values, slopes = tape_gradients([-2.0, 5.0, -4.0], [("add", (0, 1)), ("mul", (3, 2))])
ck.verify("x, y, z, x + y, (x + y) z", values, [-2, 5, -4, 3, -12])
ck.verify("their gradients", slopes, [-4, -4, 3, -4, 1])

# %% id="tape-gradients-tests" nbgrader="tests" points=6
ck.check.tape_gradients(tape_gradients)

# %% [markdown] id="network"
r"""
## 3. Two layers

### Forward

A network turns images `x` (n, features) into scores (n, classes) by way of hidden units:

$$H = \max(0,\; X W_1 + b_1) \qquad S = H W_2 + b_2$$
"""


# %% id="two-layer-forward" nbgrader="solution"
def two_layer_forward(x, w1, b1, w2, b2):
    """Return the scores of a batch, (n, classes).

    x: (n, features)    w1: (features, hidden)    b1: (hidden,)    w2: (hidden, classes)    b2: (classes,)
    """
    ### BEGIN SOLUTION
    hidden = np.maximum(0, x @ w1 + b1)
    return hidden @ w2 + b2
    ### END SOLUTION


# %% id="xor-by-hand"
# Try it on XOR: one hidden unit counts the inputs that are on, the other notices when both are.
corners = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
by_hand = np.ones((2, 2)), np.array([0, -1]), np.array([[1], [-2]]), np.zeros(1)
ck.verify("XOR by two hidden units", two_layer_forward(corners, *by_hand).ravel(), [0, 1, 1, 0], atol=1e-9)

# %% id="two-layer-forward-tests" nbgrader="tests" points=2
ck.check.two_layer_forward(two_layer_forward)

# %% [markdown] id="network-backward"
r"""
### Backward

You are given `dscores`, $\partial L / \partial S$, which contains the $\frac1n$ of a mean already. Compute the hidden
units once more and go back, layer by layer. For one layer $Y = XW + b$ the chain rule says

$$\frac{\partial L}{\partial W} = X^T \frac{\partial L}{\partial Y} \qquad
\frac{\partial L}{\partial b} = \text{sum of the rows of } \frac{\partial L}{\partial Y} \qquad
\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Y} W^T$$

and a ReLU lets through what arrives where it was on, $H > 0$. Each gradient has the shape of what it belongs to; if a
product does not fit, the shapes tell you which factor to transpose.
"""


# %% id="two-layer-backward" nbgrader="solution"
def two_layer_backward(dscores, x, w1, b1, w2, b2):
    """Return the gradients dw1, db1, dw2, db2 and dx, each of the shape of what it belongs to.

    dscores: (n, classes)    the rest as in two_layer_forward
    """
    ### BEGIN SOLUTION
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T
    ### END SOLUTION


# %% id="two-layer-backward-tests" nbgrader="tests" points=6
ck.check.two_layer_backward(two_layer_backward)

# %% id="gradient-check"
# Outside a course you would hold your gradients against numeric ones, with the loss of assignment 1 on top.
softmax_loss, gradients = ck.scratch.losses.softmax_loss, ck.scratch.gradients
rng = np.random.default_rng(0)
labels = rng.integers(0, 3, 5)
shapes = {"x": (5, 4), "w1": (4, 6), "b1": 6, "w2": (6, 3), "b2": 3}
arrays = {name: rng.normal(size=shape) for name, shape in shapes.items()}


def loss(**changed):
    return softmax_loss(two_layer_forward(**{**arrays, **changed}), labels)[0]


dscores = softmax_loss(two_layer_forward(**arrays), labels)[1]
for name, derived in zip(("w1", "b1", "w2", "b2", "x"), two_layer_backward(dscores, **arrays), strict=True):
    numeric = gradients.numeric_gradient(lambda value, name=name: loss(**{name: value}), arrays[name])
    print(f"d{name:<3} relative error {gradients.relative_error(derived, numeric):.0e}")

# %% [markdown] id="initial"
r"""
## 4. Initial weights

Where should training start? A unit adds up `fan_in` products, so large layers need smaller weights. Draw random numbers
of mean 0, independent of each other, with the variance

$$\text{"he": } \frac{2}{\text{fan\_in}} \qquad\qquad \text{"xavier": } \frac{2}{\text{fan\_in} + \text{fan\_out}}$$

He's is for layers before a ReLU, which loses half of what passes; Xavier's is a compromise between the way forward and
the way back. Normal or uniform, with whatever generator you like: mean and variance are checked, not the numbers. But
the same `seed` must give the same weights again, and another seed others.
"""


# %% id="initial-weights" nbgrader="solution"
def initial_weights(fan_in, fan_out, seed, kind="he"):
    """Return random weights of shape (fan_in, fan_out).

    seed: a whole number    kind: "he" or "xavier"
    """
    ### BEGIN SOLUTION
    variance = 2 / fan_in if kind == "he" else 2 / (fan_in + fan_out)
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, fan_out))
    ### END SOLUTION


# %% id="initial-weights-tests" nbgrader="tests" points=4
ck.check.initial_weights(initial_weights)

# %% [markdown] id="dropout-text"
r"""
## 5. Dropout

In training, dropout sets a share `rate` of the numbers to 0, so that no unit can rely on another one being there. What
is kept is divided by $1 - \text{rate}$, which leaves the average as it was. A test then needs no change at all: out is
$x$. (This is called *inverted* dropout.)

Which numbers go is decided by `uniform`, an array of `x`'s shape with random numbers between 0 and 1: drop where it is
**below** `rate`. Return the output, and its slope with respect to `x` for the way back: the factor by which each number
was multiplied.
"""


# %% id="dropout" nbgrader="solution"
def dropout(x, rate, uniform, training=True):
    """Return out and slope, both of x's shape.

    x: any shape    rate: the share to drop, 0 to less than 1    uniform: x's shape    training: False in a test
    """
    ### BEGIN SOLUTION
    slope = (uniform >= rate) / (1 - rate) if training else np.ones(x.shape)
    return x * slope, slope
    ### END SOLUTION


# %% id="dropout-tests" nbgrader="tests" points=3
ck.check.dropout(dropout)

# %% [markdown] id="momentum"
r"""
## 6. Optimisers with a memory

### Momentum

Weights roll downhill like a ball. Of its velocity $u$ a share $\mu$ is kept at every step, and the slope pushes it on,
with learning rate $\eta$:

$$u \leftarrow \mu u - \eta \frac{\partial L}{\partial w} \qquad\qquad w \leftarrow w + u$$

Return new arrays for both; the old ones stay as they are.
"""


# %% id="momentum-step" nbgrader="solution"
def momentum_step(w, dw, velocity, learning_rate, momentum=0.9):
    """Return the weights and the velocity after one step.

    w, dw, velocity: of one shape    returns: w, velocity
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity - learning_rate * dw
    return w + velocity, velocity
    ### END SOLUTION


# %% id="momentum-step-tests" nbgrader="tests" points=3
ck.check.momentum_step(momentum_step)

# %% [markdown] id="adam"
r"""
### Adam

Adam remembers running means of the slopes and of their squares, and divides one by the root of the other. So a weight
whose slopes are tiny moves as fast as one whose slopes are huge. Step $t$, counted from 1 (Kingma and Ba 2015,
Algorithm 1), with $g = \partial L / \partial w$:

$$m \leftarrow \beta_1 m + (1 - \beta_1)\, g \qquad\qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$$

$$\hat m = \frac{m}{1 - \beta_1^t} \qquad \hat v = \frac{v}{1 - \beta_2^t} \qquad\qquad
w \leftarrow w - \eta \, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}$$

$m$ and $v$ start at 0, so they are too small at first; the hats correct that. $\varepsilon$ stands beside the corrected
root, not under it. (Keras puts it beside the uncorrected one: with a small $\varepsilon$ you will not see the
difference.) Return $w$, and $m$ and $v$ *without* hats.
"""


# %% id="adam-step" nbgrader="solution"
def adam_step(w, dw, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Return the weights and both running means after step t.

    w, dw, m, v: of one shape    t: 1 for the first step    returns: w, m, v
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v
    ### END SOLUTION


# %% id="adam-step-tests" nbgrader="tests" points=5
ck.check.adam_step(adam_step)

# %% [markdown] id="training"
r"""
## 7. Put together

Nothing to write here: your functions do the work. `train` keeps two arrays of memory for every array of weights. First
XOR, which no linear classifier can learn; then the digits of assignment 1, by three optimisers, and once from weights
that are all 0.
"""


# %% id="train-xor"
def train(x, labels, start, step, epochs, batch_size=32):
    """Return the trained w1, b1, w2, b2 and the mean loss of each epoch."""
    rng, history, t = np.random.default_rng(0), [], 0
    state = [(p, np.zeros(p.shape), np.zeros(p.shape)) for p in start]
    for _ in range(epochs):
        losses = []
        for batch in np.array_split(rng.permutation(len(x)), -(-len(x) // batch_size)):
            parameters = [p for p, _, _ in state]
            loss, dscores = softmax_loss(two_layer_forward(x[batch], *parameters), labels[batch])
            gradients = two_layer_backward(dscores, x[batch], *parameters)[:4]
            t += 1
            state = [step(p, dp, a, b, t) for (p, a, b), dp in zip(state, gradients, strict=True)]
            losses.append(loss)
        history.append(np.mean(losses))
    return [p for p, _, _ in state], history


def network(features, hidden, classes):
    """Return initial w1, b1, w2, b2."""
    w1, w2 = initial_weights(features, hidden, seed=1), initial_weights(hidden, classes, seed=2, kind="xavier")
    return w1, np.zeros(hidden), w2, np.zeros(classes)


steps = {
    "SGD": lambda w, dw, a, b, t: (w - 0.1 * dw, a, b),
    "momentum": lambda w, dw, a, b, t: (*momentum_step(w, dw, a, 0.1), b),
    "Adam": lambda w, dw, a, b, t: adam_step(w, dw, a, b, t, 0.005),
}
learned, _ = train(corners, np.array([0, 1, 1, 0]), network(2, 32, 2), steps["momentum"], epochs=200)
ck.verify("XOR, learned", two_layer_forward(corners, *learned).argmax(axis=1), [0, 1, 1, 0])

# %% id="optimisers"
digits = ck.data.load("digits")
x_train, x_test = digits.x_train.reshape(-1, 64), digits.x_test.reshape(-1, 64)
start, curves = network(64, 32, 10), {}
runs = {name: (start, step) for name, step in steps.items()}
runs["SGD from zeros"] = [np.zeros(p.shape) for p in start], steps["SGD"]
for name, (weights, step) in runs.items():
    trained, history = train(x_train, digits.y_train, weights, step, epochs=20)
    correct = np.mean(two_layer_forward(x_test, *trained).argmax(axis=1) == digits.y_test)
    curves[name] = np.arange(1, 21), history
    print(f"{name:<15} training loss {history[-1]:.3f}, held-out digits recognised {correct:.1%}")

ck.verify("loss of ten equal guesses, where zeros stay", curves["SGD from zeros"][1][-1], np.log(10), rtol=0.01)
ck.figure(
    ck.figures.training.loss_curves(curves, xlabel="epoch", ylabel="training loss"),
    alt="Training loss on digits over 20 epochs, on a log scale. From zero weights it stays at 2.3. Plain SGD falls "
    "steadily to about 0.1; momentum and Adam fall faster and end well below it.",
    table={"epoch": np.arange(1, 21), **{name: history for name, (_, history) in curves.items()}},
)

# %% [markdown] id="written-answer" nbgrader="manual" points=3
r"""
### Explain it (3 points)

1. Start from zeros: go through the formulas of part 3 and say what $H$ and each of the four gradients are in the first
   step. Which parameters ever move, and what can the network learn?
2. Now let every weight start at 0.1 instead, and the biases at 0. Why do 32 hidden units then do no better than one?
3. Your figure compares three optimisers. Which other runs would you want before you call one of them the best?

Six to ten sentences.

<!-- BEGIN SOLUTION -->
1. $H = \max(0, 0) = 0$, so $\partial L/\partial W_2 = H^T \partial L / \partial S = 0$. And $W_2 = 0$, so nothing comes
   through to the hidden units: $\partial L/\partial W_1$ and $\partial L/\partial b_1$ are 0 too. Only $b_2$ has a
   gradient, and after it has moved all this is still so. The network gives every image the same scores: it can learn
   how frequent the classes are, and here all ten are about equally so, which is why the loss stays at $\ln 10$.
2. All hidden units compute the same number. So the rows of $\partial L/\partial W_2$ are equal, and the rows of $W_2$
   stay equal; then the same gradient comes back to all hidden units, and the columns of $W_1$ stay equal as well. The
   32 units are copies of one, and do what one unit with larger weights would. Random numbers make units different.
3. Each optimiser had one learning rate, picked by hand; each should be tried with several, and compared at its best.
   One seed says little: other initial weights and orders would show how much is chance. And what counts in the end is
   accuracy on held-out images, in which they differ by one or two per cent, not the training loss.

*Marking.* 1 point: $H = 0$ and the three zero gradients with a reason, only $b_2$ moves. 1 point: equal units get equal
gradients and stay equal. 1 point: at least two of other learning rates, other seeds, held-out accuracy.
<!-- END SOLUTION -->
"""
