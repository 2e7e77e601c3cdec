# ---
# title: 'Assignment 1: Losses'
# ---

# %% [markdown] id="welcome"
r"""
# Assignment 1: Losses

A loss says how wrong a classifier is; its gradient says which way to change. You will write both, in plain NumPy, then
train a classifier of real handwritten digits with them, and fool it.

**Goals.** You can write the hinge, softmax and triplet losses with their gradients, hold a derived gradient against a
numeric one, train a linear classifier by mini-batch descent, and explain why a faint pattern fools it.

**What you need.** Lecture 01 (for parts 5 and 6, gradient descent from lecture 02), NumPy indexing and broadcasting,
and the chain rule.

| part | points | minutes |
|---|---|---|
| 1. hinge loss, with and without loops | 7 | 40 |
| 2. softmax loss | 4 | 25 |
| 3. triplet loss | 4 | 25 |
| 4. L2 and L1 penalties | 4 | 15 |
| 5. numeric gradient | 4 | 25 |
| 6. a classifier, trained | 5 | 35 |
| 7. a classifier, fooled, and explained | 6 | 30 |

**How to check.** Below every function stands a cell like `ck.check.hinge_loss(hinge_loss)`. It is the very check that
grades you, on worked cases and on random inputs that are fresh each time: what you see is what you will get. Run it as
often as you like. When it fails, it shows the first wrong number and, if it knows the mistake, what happened. Go cell
by cell: *Run All* stops at the first function that is not written yet.

**How points work.** A function that passes its check earns all its points. Style costs nothing (a loop where we ask
for none still passes), but NumPy is all you may call. No graded function needs another one of yours: leave one
unwritten, or failing, and go on with the next cell. The written answer in part 7 is read by a person.
"""

# %% id="setup"
import matplotlib.pyplot as plt
import numpy as np

import coursekit as ck

# %% [markdown] id="hinge"
r"""
## 1. Hinge loss

### With loops

Row $i$ of `scores` says how well image $i$ fits each class. The hinge loss wants the score of the true class $y_i$ to
lead every other by a margin $\Delta$, and charges what is missing:

$$L = \frac{1}{n} \sum_{i=1}^{n} \; \sum_{j \neq y_i} \max(0,\; s_{ij} - s_{iy_i} + \Delta)$$

An image's loss is a *sum* over the wrong classes; the loss of a batch is the *mean* over its images.

Write it first with Python loops, one pair of scores at a time: slow, and easy to get right.
"""


# %% id="hinge-loss-loops" nbgrader="solution"
def hinge_loss_loops(scores, labels, margin=1.0):
    """Return the mean hinge loss of a batch, one number.

    scores: (n, classes)    labels: (n,) whole numbers, the true classes    margin: one number
    """
    ### BEGIN SOLUTION
    total = 0.0
    for row, label in zip(scores, labels, strict=True):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, score - row[label] + margin)
    return total / len(scores)
    ### END SOLUTION


# %% id="hinge-worked"
# Try it on three images of the lecture, a cat, a car and a frog, whose losses you can work out by hand.
animals = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
truth = np.array([0, 1, 2])

one_by_one = [hinge_loss_loops(animals[i : i + 1], truth[i : i + 1]) for i in range(3)]
ck.verify("hinge loss of the cat, the car and the frog", one_by_one, [2.9, 0, 12.9], atol=1e-9)
ck.verify("their mean", hinge_loss_loops(animals, truth), 5.27)

# %% id="hinge-loss-loops-tests" nbgrader="tests" points=3
ck.check.hinge_loss_loops(hinge_loss_loops)

# %% [markdown] id="hinge-vectorised"
r"""
### Without loops, with the gradient

Now the same number from whole arrays, and with it the gradient $\partial L / \partial s_{ij}$, an array of the shape
of `scores`. Think of one violated pair $(i, j)$, a term greater than 0: its slope is $\frac1n$ with respect to $s_{ij}$
and $-\frac1n$ with respect to $s_{iy_i}$. A term that is 0, even one that only just is, has slope 0. Then add up what
each score receives; the true class receives something from *every* violated pair of its image.

Indexing that helps: `scores[np.arange(n), labels]` picks each image's true score. `scores` itself must stay as it is.
"""


# %% id="hinge-loss" nbgrader="solution"
def hinge_loss(scores, labels, margin=1.0):
    """Return the mean hinge loss and its gradient with respect to the scores.

    scores: (n, classes)    labels: (n,)    returns: loss, one number, and dscores: (n, classes)
    """
    ### BEGIN SOLUTION
    n = len(labels)
    images = np.arange(n)
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0  # the true class has no rival in itself
    dscores = (violations > 0) / n
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.sum() / n, dscores
    ### END SOLUTION


# %% id="hinge-loss-tests" nbgrader="tests" points=4
ck.check.hinge_loss(hinge_loss)

# %% [markdown] id="softmax"
r"""
## 2. Softmax loss

Softmax turns an image's scores into probabilities; the loss is how surprised they are by the truth, in natural
logarithms:

$$p_{ij} = \frac{e^{s_{ij}}}{\sum_k e^{s_{ik}}} \qquad L = -\frac1n \sum_i \ln p_{iy_i} \qquad
\frac{\partial L}{\partial s_{ij}} = \frac1n \left(p_{ij} - [\,j = y_i\,]\right)$$

The gradient is worth a moment: every score is pushed by the probability it has and should not have.

The formulas are right on paper and fail in a computer: $e^{1000}$ is infinite, and a tiny $p$ becomes 0, whose
logarithm is $-\infty$. Two changes mend that. Subtract the largest score of each row first, which cancels in the
fraction. And compute $\ln p$ itself, as the shifted score minus the logarithm of the sum, before you compute $p$.
"""


# %% id="softmax-loss" nbgrader="solution"
def softmax_loss(scores, labels):
    """Return the mean softmax loss and its gradient with respect to the scores.

    scores: (n, classes), of any size    labels: (n,)    returns: loss, one number, and dscores: (n, classes)
    """
    ### BEGIN SOLUTION
    n = len(labels)
    images = np.arange(n)
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dscores = np.exp(log_p)
    dscores[images, labels] -= 1
    return -log_p[images, labels].mean(), dscores / n
    ### END SOLUTION


# %% id="softmax-worked"
cat_loss, cat_slopes = softmax_loss(animals[:1], truth[:1])
ck.verify("softmax loss of the cat", cat_loss, 2.04, rtol=2e-3)
ck.verify("its gradient: cat, car, frog", cat_slopes[0], [-0.87, 0.87, 0.00], atol=0.005)

# %% id="softmax-loss-tests" nbgrader="tests" points=4
ck.check.softmax_loss(softmax_loss)

# %% [markdown] id="triplet"
r"""
## 3. Triplet loss

To tell faces apart one does not score classes; one maps each picture to a point, so that pictures of one person lie
close together. Row $i$ of three arrays holds such points: an *anchor* $a_i$, a *positive* $p_i$ of the same person and
a *negative* $n_i$ of another. The negative should be farther away than the positive, by a margin $\alpha$:

$$L = \frac1N \sum_{i=1}^{N} \max\left(0,\; \lVert a_i - p_i \rVert^2 - \lVert a_i - n_i \rVert^2 + \alpha\right)$$

The distances are squared, so no root is needed. Derive the three gradients from
$\partial \lVert u - v \rVert^2 / \partial u = 2(u - v)$; a triplet that costs 0 has slope 0.
"""


# %% id="triplet-loss" nbgrader="solution"
def triplet_loss(anchor, positive, negative, margin=0.2):
    """Return the mean triplet loss and its gradients with respect to the three arrays of points.

    anchor, positive, negative: (n, d)    returns: loss, (danchor, dpositive, dnegative), each (n, d)
    """
    ### BEGIN SOLUTION
    to_positive, to_negative = anchor - positive, anchor - negative
    excess = (to_positive**2).sum(axis=1) - (to_negative**2).sum(axis=1) + margin
    slope = 2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (to_positive - to_negative), -slope * to_positive, slope * to_negative
    return np.maximum(0, excess).mean(), gradients
    ### END SOLUTION


# %% id="triplet-loss-tests" nbgrader="tests" points=4
ck.check.triplet_loss(triplet_loss)

# %% [markdown] id="penalties"
r"""
## 4. L2 and L1 penalties

Of two sets of weights that classify alike, a penalty prefers the smaller. It is added to the loss, times a strength
$\lambda$, and its gradient pulls every weight towards 0:

$$\text{L2}: \; \lambda \sum w^2 \qquad\qquad \text{L1}: \; \lambda \sum |w|$$

No ½ in front of either, and sums, not means, over all the weights. $|w|$ has a corner at 0; let its slope there be 0.
Before you write the gradients: which of the two still pulls hard on a weight that is almost 0?
"""


# %% id="l2-penalty" nbgrader="solution"
def l2_penalty(weights, strength):
    """Return the L2 penalty, one number, and its gradient, of the weights' shape.

    weights: (features, classes)    strength: one number
    """
    ### BEGIN SOLUTION
    return strength * np.sum(weights**2), 2 * strength * weights
    ### END SOLUTION


# %% id="l2-penalty-tests" nbgrader="tests" points=2
ck.check.l2_penalty(l2_penalty)


# %% id="l1-penalty" nbgrader="solution"
def l1_penalty(weights, strength):
    """Return the L1 penalty, one number, and its gradient, of the weights' shape.

    weights: (features, classes)    strength: one number
    """
    ### BEGIN SOLUTION
    return strength * np.sum(np.abs(weights)), strength * np.sign(weights)
    ### END SOLUTION


# %% id="l1-penalty-tests" nbgrader="tests" points=2
ck.check.l1_penalty(l1_penalty)

# %% [markdown] id="numeric"
r"""
## 5. Numeric gradient

You derived four gradients. How would you know, outside a course, that they are right? Move one entry of $x$ a step
$h$ up, then a step $h$ down, and see what $f$ makes of it:

$$\frac{\partial f}{\partial x_k} \approx \frac{f(x + h e_k) - f(x - h e_k)}{2h}$$

where $e_k$ is 1 at entry $k$ and 0 elsewhere. Do that for each entry. `x` has any shape, and `f` wants an array of
that shape; it may hold whole numbers, which cannot take a small step unless you make them floats; and the caller's `x`
must come back as it was.
"""


# %% id="numeric-gradient" nbgrader="solution"
def numeric_gradient(f, x, step=1e-5):
    """Return the gradient of f at x by centred differences.

    f: takes an array of x's shape, returns one number    x: any shape    returns: float array of x's shape
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)  # copies
        above[index] += step
        below[index] -= step
        gradient[index] = (f(above) - f(below)) / (2 * step)
    return gradient
    ### END SOLUTION


# %% id="numeric-gradient-tests" nbgrader="tests" points=4
ck.check.numeric_gradient(numeric_gradient)

# %% id="numeric-steps"
# Try it: your softmax gradient against your numeric one. Is a smaller step always better?
steps = 10.0 ** np.arange(-13, 1)
derived = softmax_loss(animals, truth)[1]
errors = [np.abs(numeric_gradient(lambda s: softmax_loss(s, truth)[0], animals, h) - derived).max() for h in steps]

with ck.figures.style.style():
    fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    ax.loglog(steps, errors, "o-")
    ax.set(xlabel="step h", ylabel="largest error")
ck.figure(
    fig,
    alt="Error of the numeric gradient against the step, both on log scales: a V. Towards large steps the formula's "
    "own error grows with the square of the step; towards small ones, rounding grows. It is least near 1e-5.",
    table={"step": steps, "largest error": errors},
)

# %% [markdown] id="training"
r"""
## 6. Train a linear classifier

Scores are `x @ weights + bias`. Write mini-batch gradient descent:

- start from zeros;
- in each epoch, visit every image once, in a *new* random order, `batch_size` images at a time; the last batch may be
  smaller. Draw the orders from one generator, made from `seed` with `np.random.default_rng`;
- for each batch, take one step of `learning_rate` down the gradient of the loss plus the L2 penalty
  `strength * sum(weights**2)`. The bias is not penalised.

`loss(scores, labels)` is handed to you, and returns the loss and `dscores`. From there the chain rule leads to the
weights and the bias; let the shapes guide you. The check also asks for 94 % on digits held out from training.
"""


# %% id="train-linear-classifier" nbgrader="solution"
def train_linear_classifier(
    x, labels, classes, loss, learning_rate=0.5, epochs=20, batch_size=32, strength=1e-4, seed=0
):
    """Return weights and bias of a linear classifier, trained by mini-batch gradient descent.

    x: (n, features)    labels: (n,)    loss: (scores, labels) -> loss, dscores
    returns: weights (features, classes), bias (classes,)
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            dweights = x[batch].T @ dscores + 2 * strength * weights
            weights -= learning_rate * dweights
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias
    ### END SOLUTION


# %% id="train-linear-classifier-tests" nbgrader="tests" points=5
ck.check.train_linear_classifier(train_linear_classifier)

# %% id="digits-templates"
digits = ck.data.load("digits")
x_train, x_test = digits.x_train.reshape(-1, 64), digits.x_test.reshape(-1, 64)
weights, bias = train_linear_classifier(x_train, digits.y_train, 10, softmax_loss)
predicted = (x_test @ weights + bias).argmax(axis=1)
print(f"held-out digits recognised: {np.mean(predicted == digits.y_test):.1%}")

ck.figure(
    ck.figures.classifiers.templates(weights, digits.classes, (8, 8)),
    alt="Ten 8 by 8 templates, one a digit, in which pixels that speak for the digit and against it have opposite "
    "colours. The 0 has a ring that speaks for it round a centre that speaks against it.",
)

# %% id="digits-confusion"
confusion = np.zeros((10, 10), dtype=int)
np.add.at(confusion, (digits.y_test, predicted), 1)
ck.figure(
    ck.figures.classifiers.confusion(confusion, digits.classes),
    alt="Table of true against predicted digits on the held-out images. Nearly all counts are on the diagonal.",
    table=[("true", *digits.classes), *((name, *row) for name, row in zip(digits.classes, confusion, strict=True))],
)

# %% [markdown] id="fooling"
r"""
## 7. Fool it

A linear classifier gives a high score to what looks like a template. So lend a picture a little of the template of the
class you want, and it will believe: $x \leftarrow x + \alpha w_t$, again and again, until $t$ has the highest score.
Stop as soon as it has, after 0 steps if it had from the start, and give up after `max_steps`. Return a new array; the
picture you were given stays as it is, and so do the weights.
"""


# %% id="fool" nbgrader="solution"
def fool(x, weights, bias, target, alpha=0.05, max_steps=1000):
    """Return the changed picture and the number of steps it took.

    x: (features,)    weights: (features, classes)    bias: (classes,)    target: a class
    returns: x_fooled (features,), steps
    """
    ### BEGIN SOLUTION
    fooled, steps = x.copy(), 0
    while steps < max_steps and (fooled @ weights + bias).argmax() != target:
        fooled = fooled + alpha * weights[:, target]
        steps += 1
    return fooled, steps
    ### END SOLUTION


# %% id="fool-tests" nbgrader="tests" points=3
ck.check.fool(fool)

# %% id="fooled-digit"
picture, target, alpha = x_test[44], 3, 0.01
fooled, steps_taken = fool(picture, weights, bias, target, alpha)
before, after = (int((image @ weights + bias).argmax()) for image in (picture, fooled))
ck.figure(
    ck.figures.classifiers.fooling(
        picture.reshape(8, 8),
        weights[:, target].reshape(8, 8),
        steps_taken * alpha,
        (f"classifier: {before}", f"{steps_taken} steps", f"classifier: {after}"),
    ),
    alt=f"A handwritten {digits.y_test[44]}, a faint pattern, and their sum. The sum still looks like the first "
    f"picture, but the classifier takes it for {after}.",
)

# %% [markdown] id="written-answer" nbgrader="manual" points=3
r"""
### Explain it (3 points)

1. Which two digits does your classifier confuse most often, and what in their templates explains it?
2. Why does adding a faint template fool it, when you still read the old digit? Say what a step does to the score of the
   target, pixel by pixel, and what a linear classifier cannot notice.

Five to eight sentences.

<!-- BEGIN SOLUTION -->
1. Most often an 8 is taken for a 1: three of the 35 eights held out. Template 1 weighs two pixels in the middle of the
   upper half far more than any others, where template 8 is about 0: the hole of a wide upper loop may lie there. An 8
   so narrow that its loop is filled has its ink just there, and little at the sides, where template 8 asks for it.
2. A step adds $\alpha w_t$ to the picture, so it adds $\alpha w_t \cdot w_t = \alpha \sum w_t^2$ to the target's
   score: every pixel moves by a little, but each in the direction that helps, and all 64 small gains add up. Other
   scores change by $\alpha w_t \cdot w_j$, which is far less and often negative. We read strokes and shapes; the
   classifier knows nothing but a weighted sum, and cannot notice that the picture now looks like no digit it has seen.

*Marking.* 1 point: a pair that the learner's own table shows, with pixels or regions of both templates named. 1 point:
the target's score grows by $\alpha \lVert w_t \rVert^2$ a step, in formula or in words, and more than its rivals'.
1 point: many small changes with one direction add up, and a weighted sum cannot tell this from a real digit.
<!-- END SOLUTION -->
"""
