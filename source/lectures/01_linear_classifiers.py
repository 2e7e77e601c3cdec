# ---
# title: Linear classifiers and losses
# ---

# %% [markdown] id="title"
r"""
# Linear classifiers and losses

A linear classifier gives every class a *score*: a weighted sum of the pixels. A *loss* turns the scores
into one number that says how unhappy we are with them. Nearly every network in this course ends in the
first and is trained by the second.

**Afterwards you can**

- compute scores, and read weights as templates;
- compute the hinge, softmax and triplet losses by hand and in NumPy, and say what each of them ignores;
- say what L1 and L2 regularisation prefer, and why;
- train a classifier on real digits against three baselines, and say what it cannot learn.

**You need** NumPy indexing, dot products and the natural logarithm. Nothing is downloaded.

**It takes** 75 minutes: about ten a section, then ten for Keras and the quiz.

Where a box says *Predict*, answer first and run on afterwards: a wrong guess is the best start. Cells that
end in `ck.check` wait for a line of yours, and the page runs without it. A line that starts with ✓ is a
number from the text, computed again on your machine. To *change one thing*, open a new cell (Esc, then B)
and leave those lines alone.
"""

# %% id="setup"
import numpy as np
from IPython.display import HTML, display

import coursekit as ck
from coursekit.scratch import losses

# %% [markdown] id="scores-question"
r"""
## 1. Scores: how does a picture become a vote?

The smallest case shows everything: an image of 4 pixels, and the classes cat, dog and ship. Each class owns
one weight a pixel, and a bias. Its score is the weighted sum of the pixels, plus the bias.

Slides write $s = Wx + b$ with one *row* of $W$ a class. This course keeps Keras's layout: images are rows,
classes are columns, and $W$ stands transposed: `scores = x @ weights + bias`. (The slide's own numbers are
lost; these are ours.)
"""

# %% id="four-pixels"
names = ["cat", "dog", "ship"]
x = np.array([[0.5, 1.0, 0.0, 0.5]])  # (1 image, 4 pixels)
weights = np.array(  # (4 pixels, 3 classes)
    [[2.0, 0.0, 1.0], [-1.0, 1.5, 1.0], [1.0, -1.0, 2.0], [-1.0, 1.0, 2.0]]
)
bias = np.array([0.25, 0.5, -0.5])

# %% id="predict-scores"
ck.predict(
    "l01-scores",
    "Work it out on paper: which class gets the highest score?",
    ["cat", "dog", "ship", "dog and ship tie"],
)

# %% id="scores"
scores = x @ weights + bias
ck.verify("scores of cat, dog and ship", scores[0], [-0.25, 2.5, 2.0])
ck.verify("dog and ship without their biases", (x @ weights)[0, 1:], [2.0, 2.5])
pictures = weights.T.reshape(3, 2, 2)  # each class's weights in the shape of the image
ck.figure(
    ck.figures.classifiers.votes(x.reshape(2, 2), pictures, scores[0], names),
    alt="The image as 2 by 2 grey pixels, 0.5, 1, 0 and 0.5, beside the weights of cat, dog and "
    "ship as 2 by 2 pictures. Their scores are -0.25, 2.5 (the highest) and 2.",
)

# %% [markdown] id="scores-meaning"
r"""
The dog wins with 2.5. Without biases the ship would, with 2.5 against 2.0. There are three ways to see
this:

- **Algebra**: one matrix product scores all images for all classes.
- **Templates**: a class's weights form a picture. Light where the template is positive speaks for the
  class; light where it is negative speaks against it.
- **Geometry**: an image is a point, here in 4 dimensions. The points where two classes tie form a flat
  surface. The weights tilt it, the bias shifts it.

An artificial neuron, the *perceptron*, is one such column followed by a threshold: a linear classifier with
two classes.
"""

# %% id="bias-trick"
x_and_one = np.append(x, [[1.0]], axis=1)  # a fifth pixel that is always 1 …
weights_and_bias = np.vstack([weights, bias])  # … whose weights are the biases
ck.verify("scores by the bias trick", x_and_one @ weights_and_bias, scores)
pixels, classes = 32 * 32 * 3, 10  # the images of CIFAR-10
ck.verify("numbers in a CIFAR-10 image", pixels, 3072)
ck.verify("weights and biases of its linear classifier", (pixels + 1) * classes, 30_730)

# %% [markdown] id="scores-change"
r"""
**Bias trick.** Give every image one more pixel that is always 1, and the bias becomes a weight like any
other. A CIFAR-10 image holds 3,072 numbers and there are 10 classes: 30,730 numbers to learn.

**Change one thing**: make the image twice as bright, `2 * x @ weights + bias`. Who wins, and why?

<details><summary>Answer</summary>

Dog and ship tie at 4.5. Brightness doubles `x @ weights` but not the bias, and the dog lived on its bias. A
linear classifier does not know that a brighter cat is still a cat.

</details>

**Your turn**: write the scores for any number of images.
"""


# %% id="check-scores"
def my_scores(x, weights, bias):
    # x: (n, features), weights: (features, classes), bias: (classes,)
    return ...


ck.check.scores.report(my_scores)

# %% [markdown] id="hinge-question"
r"""
## 2. Hinge loss: how unhappy are we with these scores?

Three pictures were scored by some weights:

| score of | picture of a cat | picture of a car | picture of a frog |
|---|---|---|---|
| cat | **3.2** | 1.3 | 2.2 |
| car | 5.1 | **4.9** | 2.5 |
| frog | −1.7 | 2.0 | **−3.1** |

The hinge loss wants the score of the correct class (bold) to lead every other by a *margin* of 1. It
charges what is missing, and never pays for more:

$$L_i = \sum_{j \ne y_i} \max(0,\; s_j - s_{y_i} + 1), \qquad L = \frac{1}{N} \sum_i L_i$$
"""

# %% id="predict-hinge"
ck.predict("l01-hinge", "The hinge loss of the picture of a frog?", ["6.6", "10.9", "12.9", "13.9"])

# %% id="hinge-worked"
names = ["cat", "car", "frog"]
table = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])  # one row a picture
truth = np.array([0, 1, 2])
rows = np.arange(3)
correct = table[rows, truth][:, np.newaxis]  # (3, 1): each picture's own class
terms = np.maximum(0, table - correct + 1)
terms[rows, truth] = 0  # the sum leaves j = y out
ck.verify("terms of the frog", terms[2], [6.3, 6.6, 0])
ck.verify("hinge loss of each picture", terms.sum(axis=1), [2.9, 0, 12.9])
ck.verify("their mean, 15.8 / 3", terms.sum(axis=1).mean(), 5.27)
ck.verify("the same from the library", losses.hinge_loss(table, truth)[0], 15.8 / 3)
ck.figure(
    ck.figures.losses.margins(table, truth, names),
    alt="Scores of the three pictures on a line, with the zone right of the correct score minus "
    "1 in grey. Cat: car reaches 2.9 into it. Car: nobody does. Frog: cat reaches 6.3 and "
    "car 6.6 into it.",
)

# %% [markdown] id="hinge-meaning"
r"""
Filled markers are the correct classes. Grey is where no other score should be: within the margin, or ahead.

- **Cat**: the car leads by 1.9 and should trail by 1, so it costs 2.9. The frog is far behind and costs 0.
- **Car**: nobody comes near. The loss is 0, and stays 0 if the car's score grows.
- **Frog**: both others are ahead, for 6.3 + 6.6 = 12.9.

The mean is 15.8 / 3 = 5.27; the slide rounds to 5.3. The sum over *all* other classes is Weston and
Watkins's (1999).

**Your turn**: the loss of one example.
"""


# %% id="check-hinge-one"
def my_hinge(scores, label, margin=1.0):
    # scores: (classes,), label: the correct class
    return ...


ck.check.hinge_one.report(my_hinge)


# %% id="hinge-break" tags=["break-it"]
# The favourite mistake. How much does it add to every example, and would training notice?
def careless(scores, label, margin=1.0):
    return np.maximum(0, scores - scores[label] + margin).sum()  # j = y is in the sum


ck.check.hinge_one.report(careless)

# %% [markdown] id="hinge-break-answer"
r"""
<details><summary>Answer</summary>

It adds the margin, 1, for the term $s_y - s_y + 1$. A constant has no gradient, so training would not
notice, but every loss you report would be 1 too large.

</details>

**Change one thing**: in `losses.hinge_loss([[3.2, 5.1, -1.7]], [0])`, raise the cat's 3.2. From where on is
the loss 0?

<details><summary>Answer</summary>

At 6.1: the car's 5.1, and the margin.

</details>

### Three questions to ask of any loss

What does it say *before* training? What does its constant do? Does the scale of the weights matter?
"""

# %% id="predict-hinge-start"
ck.predict(
    "l01-hinge-start",
    "Ten classes, weights so small that all scores are about 0. What is the hinge loss?",
    ["0", "1", "9", "10"],
)

# %% id="hinge-start"
rng = np.random.default_rng(0)
small_weights, any_label = 1e-4 * rng.standard_normal((64, 10)), rng.integers(10, size=500)
nearly_zero = rng.uniform(size=(500, 64)) @ small_weights
ck.verify("hinge loss at small random weights", losses.hinge_loss(nearly_zero, any_label)[0], 9)
for margin, expected in ((0, 4.27), (1, 5.27), (10, 20.47)):
    ck.verify(f"mean, margin {margin}", losses.hinge_loss(table, truth, margin)[0], expected)
ck.verify("margin 10, scores × 10", losses.hinge_loss(10 * table, truth, 10)[0], 52.67)
ck.verify("scores × 2: the car", losses.hinge_loss(2 * table[[1]], truth[[1]])[0], 0)
ck.figure(
    ck.figures.losses.hinge_curve((0, 1, 10)),
    alt="One term of the hinge loss against wrong minus correct score, for margins 0, 1 and 10. "
    "Each curve is 0, then rises with slope 1 from where the correct class leads by exactly "
    "the margin.",
)

# %% [markdown] id="hinge-start-meaning"
r"""
**Start.** When all scores are equal, each of the $C - 1$ wrong classes costs the margin: 9 for ten classes.
Check it before you train; another number means a bug.

**Constant.** With margin 0 the hinge accepts a tie, so all-zero weights would be perfect. With margin 10
the three pictures cost 20.47. But scores and margin both times ten only give ten times the loss, 52.67:
what counts is the margin *relative* to the weights. Leave it at 1.

**Scale.** The car's loss is 0 with $W$ and with $2W$. Which of the two should we want? Section 4 answers.
"""

# %% [markdown] id="softmax-question"
r"""
## 3. Softmax loss: what if scores were probabilities?

Read the scores as logarithms of unnormalised probabilities. Undo the logarithm, divide by the sum, and
charge the negative logarithm of what the correct class got:

$$p_j = \frac{e^{s_j}}{\sum_k e^{s_k}}, \qquad L_i = -\log p_{y_i}$$

This is the softmax loss, or *cross-entropy*.
"""

# %% id="predict-softmax"
ck.predict(
    "l01-softmax",
    "The cat's picture: scores 3.2, 5.1, −1.7 give the cat a probability of 0.13. Its loss?",
    ["0.13", "0.87", "0.89", "2.04"],
)

# %% id="softmax-worked"
powers = np.exp(table[0])
p = powers / powers.sum()
ck.verify("exp of the scores", powers, [24.5, 164, 0.18], rtol=0.02)
ck.verify("car to cat", powers[1] / powers[0], 6.7, rtol=5e-3)
ck.verify("probabilities, two decimals", p.round(2), [0.13, 0.87, 0.00])
ck.verify("loss, natural logarithm", -np.log(p[0]), 2.04, rtol=2e-3)
ck.verify("the slide's number is base 10", -np.log10(0.13), 0.89, rtol=5e-3)
ck.verify("the two differ by the factor ln 10", np.log(10), 2.303)
ck.figure(
    ck.figures.losses.class_bars(names, {"score": table[0], "exp(score)": powers, "probability": p}, 0),
    alt="Bars for cat, car and frog. Scores 3.2, 5.1 and -1.7; their exponentials 24.5, 164 and "
    "0.18; their probabilities 0.13, 0.87 and 0.00.",
)

# %% [markdown] id="softmax-meaning"
r"""
The exponential stretches a lead of 1.9 to a ratio of 6.7, and no class ever gets exactly 0. The loss is
2.04.

The slide prints 0.89 for the same 0.13. That is the logarithm to base 10. Here, in every library and in a1,
log means the natural logarithm; the bases differ by the factor 2.303. The minimum is the same, the number
is not.

**Your turn**: probabilities for a table of scores. The check will shout at yours, with scores of 1,000.
"""


# %% id="check-softmax"
def my_softmax(scores):
    # scores: (n, classes); every row of the result sums to 1
    return ...


ck.check.softmax.report(my_softmax)

# %% id="softmax-break" tags=["break-it"]
shouted = table[:1] + 1000  # the same leads, far from zero
with np.errstate(over="ignore", invalid="ignore"):
    naive = np.exp(shouted) / np.exp(shouted).sum()
print("naive:  ", naive[0])
print("shifted:", losses.softmax(shouted)[0].round(2))
ck.verify("the largest x that exp(x) can take", np.log(np.finfo(float).max), 709.78)
ck.verify("shifting changes nothing", losses.softmax(shouted), losses.softmax(table[:1]))
ck.verify("softmax loss at small random weights", losses.softmax_loss(nearly_zero, any_label)[0], 2.303)

# %% [markdown] id="softmax-shift"
r"""
Above about 709.8, `exp` overflows, and infinity over infinity is no number. Only *leads* matter to softmax,
so subtract each row's largest score first. The largest power is then 1, and nothing can overflow.

**Start.** Ten equal scores give every class 1/10, and the loss is $\ln 10 = 2.303$, in general $\ln C$.
That is the softmax's number to check before training, as $C - 1$ is the hinge's.

### Hinge or softmax?

Both want the correct class ahead. They part where it already is.
"""

# %% id="predict-satisfied"
ck.predict(
    "l01-satisfied",
    "The correct class leads by 1, then by 3, then by 5. Which loss keeps falling?",
    ["both", "only the hinge loss", "only the softmax loss", "neither"],
)

# %% id="hinge-or-softmax"
lead = np.linspace(-4, 6, 201)
two_scores = np.stack([lead, np.zeros_like(lead)], axis=1)  # two classes, the first is correct
curves = {
    "hinge": [losses.hinge_loss(pair[np.newaxis], [0])[0] for pair in two_scores],
    "softmax": [losses.softmax_loss(pair[np.newaxis], [0])[0] for pair in two_scores],
}
at = [np.abs(lead - value).argmin() for value in (1, 3, 5)]
ck.verify("hinge at leads 1, 3, 5", np.array(curves["hinge"])[at], [0, 0, 0], atol=1e-9)
ck.verify("sigmoid of the lead", losses.softmax(two_scores)[:, 0], 1 / (1 + np.exp(-lead)))
ck.verify("softmax there", np.array(curves["softmax"])[at], [0.313, 0.0486, 0.0067], rtol=3e-3)
ck.figure(
    ck.figures.losses.loss_comparison(lead, curves),
    alt="Hinge and softmax loss against the lead of the correct class. Both fall with slope "
    "near -1 while it trails. The hinge is exactly 0 from a lead of 1 on; softmax "
    "approaches 0 and never arrives.",
)

# %% [markdown] id="hinge-or-softmax-meaning"
r"""
The hinge has a specification. Once every lead is 1, it is content: loss 0, gradient 0, and all effort goes
to the examples that still fail. Softmax is never content: 0.313, 0.0486, 0.0067, on and on. It keeps
pulling at examples that are long right, if ever more gently.

With two classes, softmax is the sigmoid of the lead. For bad mistakes both losses grow in a straight line,
so the pull of a single wrong label is bounded.

**Change one thing**: move the scores below. Drag a marker, use the arrow keys on it, or type numbers.
"""

# %% id="score-lab" tags=["interactive"]
display(HTML(ck.figures.score_lab.score_lab(table[0], 0, names)))
gradients = {
    "hinge gradient": losses.hinge_loss(table[:1], truth[:1])[1][0],
    "softmax gradient": losses.softmax_loss(table[:1], truth[:1])[1][0],
}
ck.figure(
    ck.figures.losses.score_frame(table[0], 0, names, {"probability": p, **gradients}),
    alt="Where the score lab starts: cat 3.2 is correct, car 5.1 violates the margin by 2.9. "
    "Probabilities 0.13, 0.87, 0.00; hinge gradient -1, 1, 0; softmax gradient -0.87, 0.87, "
    "0.00.",
    caption="Where the lab starts, for paper.",
    table={"class": names, "score": table[0], "hinge term": terms[0], "probability": p, **gradients},
)

# %% [markdown] id="score-lab-tasks"
r"""
The gradient says which way each score pushes the loss up; training moves the other way.

1. Make the hinge loss 0 with as little effort as possible. What is the softmax loss then?
2. Find scores where both gradients of the frog are positive. Which one can tell a near miss from a bad one?

<details><summary>Answers</summary>

1. Put both wrong scores exactly 1 below the cat. Softmax still charges 0.551, which is $\ln(1 + 2/e)$.
2. Any frog inside the grey zone. The hinge says 1 for every violation, large or small; softmax says how
   much probability the frog has taken.

</details>
"""

# %% [markdown] id="penalty-question"
r"""
## 4. Regularisation: which of the weights that fit should we prefer?

If $W$ has hinge loss 0, so has $2W$. The data cannot choose, so we add a preference for small weights, with
a strength $\lambda$ that we set:

$$L = \frac{1}{N}\sum_i L_i + \lambda R(W), \qquad R_{L2} = \sum W_{kl}^2, \qquad R_{L1} = \sum |W_{kl}|$$

Dropout, the third in common use, waits for lectures 02 and 09.
"""

# %% id="predict-penalty"
ck.predict(
    "l01-penalty",
    "On x = (1, 1, 1, 1) the weights (1, 0, 0, 0) and (¼, ¼, ¼, ¼) give the same score. "
    "Which penalty can tell them apart?",
    ["only L1", "only L2", "both", "neither"],
)

# %% id="penalties"
one, spread, ones = np.array([1.0, 0, 0, 0]), np.full(4, 0.25), np.ones(4)
ck.verify("their scores", [one @ ones, spread @ ones], [1, 1])
ck.verify("L2 of both", [losses.l2_penalty(w, 1)[0] for w in (one, spread)], [1, 0.25])
ck.verify("L1 of both", [losses.l1_penalty(w, 1)[0] for w in (one, spread)], [1, 1])
for name, penalty, ratio in (("L2", losses.l2_penalty, 4), ("L1", losses.l1_penalty, 2)):
    ck.verify(f"{name} of 2W over {name} of W", penalty(2 * one, 1)[0] / penalty(one, 1)[0], ratio)

# %% id="penalty-shapes"
pixels, target = np.array([2.0, 1.0]), 2.0  # the first pixel is twice as bright
w1 = np.linspace(-2, 2, 4001)
on_target = np.stack([w1, (target - pixels[0] * w1) / pixels[1]], axis=1)  # all w that score 2
smallest_l1 = on_target[np.abs(on_target).sum(axis=1).argmin()]
smallest_l2 = on_target[(on_target**2).sum(axis=1).argmin()]
ck.verify("smallest by L1", smallest_l1, [1, 0], atol=1e-9)
ck.verify("smallest by L2", smallest_l2, [0.8, 0.4])
ck.figure(
    ck.figures.losses.penalty_shapes(pixels, target, smallest_l1, smallest_l2),
    alt="The line of all weights with score 2. L1's dashed diamond touches it with its corner, "
    "at (1, 0). L2's circle touches it at (0.8, 0.4).",
)

# %% [markdown] id="penalty-meaning"
r"""
$2W$ costs four times as much as $W$ under L2, twice under L1: the old question is settled.

**L2** hates large weights, so it *spreads*: (¼, ¼, ¼, ¼) costs a quarter of (1, 0, 0, 0). In the figure
each pixel gets weight in proportion to its light. Many pixels vote.

**L1** charges every step alike, so it invests where it buys most and leaves the rest at 0: it *selects*.

**Change one thing**: make both pixels equal, (2, 2). Then (1, 0) and (½, ½) score 2. What do
`losses.l1_penalty` and `losses.l2_penalty` say of each, with strength 1?

<details><summary>Answer</summary>

L1 says 1 and 1: any share is as good. L2 says 1 and ½: it shares equally.

</details>
"""

# %% [markdown] id="digits-question"
r"""
## 5. Can a linear classifier read?

Now real pictures: 1,797 handwritten digits of 8 × 8 pixels (Alpaydin and Kaynak 1998), in scikit-learn and
in this course. We learn from 1,437 and test on the other 360. First, baselines: what would *no* learning
reach? Chance, always the commonest class, and the nearest mean: compare with the average picture of each
class.
"""

# %% id="digits-load"
digits = ck.data.load("digits")
x_train, x_test = (x.reshape(len(x), 64) for x in (digits.x_train, digits.x_test))
y_train, y_test = digits.y_train, digits.y_test
sizes = [len(x_train), len(x_test)]
ck.verify("pictures in all, to learn from and to test on", [sum(sizes), *sizes], [1797, 1437, 360])
examples = [np.flatnonzero(y_train == c)[0] for c in range(10)]
ck.figure(
    ck.figures.classifiers.pictures(digits.x_train[examples, :, :, 0], digits.classes, columns=10),
    alt="One training picture of each digit from 0 to 9, 8 by 8 grey pixels, white on black.",
)

# %% id="predict-baseline"
ck.predict(
    "l01-baseline",
    "How many test digits does the nearest mean get right?",
    ["about 10 %", "about 50 %", "about 90 %", "about 99 %"],
)

# %% id="baselines"
commonest = np.bincount(y_train).argmax()
means = np.stack([x_train[y_train == c].mean(axis=0) for c in range(10)])
distances = ((x_test[:, np.newaxis] - means) ** 2).sum(axis=2)  # (360, 10)
ck.verify("always the commonest class", (y_test == commonest).mean(), 0.10, rtol=0.1)
ck.verify("nearest mean", (y_test == distances.argmin(axis=1)).mean(), 0.90, rtol=0.02)

# %% [markdown] id="sgd-question"
r"""
About 90 % without learning a single weight: that is the number to beat.

Training is plain stochastic gradient descent (SGD). Take 32 examples, ask the loss which way each score
should move, pass that on to the weights, take a small step. Since `scores = x @ weights + bias`, the
gradient of the weights is `x.T @ dscores`. Lecture 02 derives this; here we use it.
"""


# %% id="sgd"
def train(loss, x, y, classes=10, rate=0.5, epochs=100, batch=32, seed=0):
    """Return weights (features, classes) and bias (classes,), learned by plain SGD."""
    rng = np.random.default_rng(seed)
    weights, bias = 0.01 * rng.standard_normal((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(x)), len(x) // batch):
            _, dscores = loss(x[rows] @ weights + bias, y[rows])
            weights -= rate * x[rows].T @ dscores
            bias -= rate * dscores.sum(axis=0)
    return weights, bias


def accuracy(weights, bias, x, y):
    return ((x @ weights + bias).argmax(axis=1) == y).mean()


# %% id="templates"
weights, bias = train(losses.softmax_loss, x_train, y_train)
by_hinge = train(losses.hinge_loss, x_train, y_train)
ck.verify("softmax, test accuracy", accuracy(weights, bias, x_test, y_test), 0.97, rtol=0.01)
ck.verify("hinge, test accuracy", accuracy(*by_hinge, x_test, y_test), 0.96, rtol=0.015)
ck.verify("standard error of 97 % on 360", (0.97 * 0.03 / 360) ** 0.5, 0.009, rtol=0.01)
ck.verify("mean weight of 0 in its centre", weights.reshape(8, 8, 10)[3:5, 3:5, 0].mean(), -2.4, rtol=0.1)
ck.figure(
    ck.figures.classifiers.templates(weights, digits.classes, (8, 8)),
    alt="Ten learned templates, 8 by 8. Positive weights trace strokes that belong to a digit, "
    "negative ones what must be dark: the template of 0 is strongly negative in its centre.",
)

# %% [markdown] id="templates-meaning"
r"""
Softmax gets 97 %, the hinge 96 %. On 360 pictures such numbers waver by about 1 % (one standard error), so
this is no contest. Purple weights ask for light, orange ones forbid it. The 0 forbids light in its centre.
A template need not look like its digit: it only has to tell it from the *others*, and stresses where they
differ.

**Change one thing**: pass `rate=20` to `train`, or `epochs=1`. Which of the two costs more `accuracy`?

<details><summary>Answer</summary>

One epoch: 90 %, no better than the nearest mean. Rate 20 still reaches 96 %, though its loss leaps about.
Without a hidden layer the loss is one valley, and forgives. Networks do not.

</details>
"""

# %% id="predict-confused"
ck.predict(
    "l01-confused",
    "Which pair of digits will be taken for each other most often?",
    ["4 and 9", "3 and 8", "1 and 8", "5 and 6"],
)

# %% id="confusion"
predicted = (x_test @ weights + bias).argmax(axis=1)
counts = np.zeros((10, 10), dtype=int)
np.add.at(counts, (y_test, predicted), 1)
both_ways = np.triu(counts + counts.T, k=1)
for pair in both_ways.ravel().argsort()[::-1][:3]:
    a, b = divmod(pair, 10)
    print(f"{a} and {b}: {both_ways[a, b]} taken for each other")
ck.verify("mistakes in all", (predicted != y_test).sum(), 11, atol=2)
ck.verify("the pair confused most", divmod(both_ways.argmax(), 10), [1, 8])
between = ((means[:, np.newaxis] - means) ** 2).sum(axis=2) + 99 * np.eye(10)
ck.verify("the nearest pair of mean pictures", divmod(between.argmin(), 10), [1, 8])
ck.figure(
    ck.figures.classifiers.confusion(counts, digits.classes),
    alt="Confusion matrix of the test digits: about 35 right in each class on the diagonal, and "
    "few mistakes beside it, most often an 8 read as a 1.",
    table=[["true class", *digits.classes], *([c, *row] for c, row in zip(digits.classes, counts, strict=True))],
)

# %% [markdown] id="linear-limits-question"
r"""
### What no straight boundary can do

1 and 8 lead the list of mistakes; of all mean pictures, theirs are also the nearest. But nearness is not
the whole story. One template has to serve all members of its class. Make the classes broad, and it cannot.
Keep the pictures and the classifier, and ask only: *even or odd?*
"""

# %% id="predict-parity"
ck.predict(
    "l01-parity",
    "Two classes instead of ten: even and odd. What happens to the test accuracy?",
    ["it rises: two classes are easier than ten", "it hardly changes", "it falls"],
)

# %% id="parity"
even_odd = train(losses.softmax_loss, x_train, y_train % 2, classes=2)
ck.verify("two templates, training pictures", accuracy(*even_odd, x_train, y_train % 2), 0.92, rtol=0.02)
ck.verify("two templates, test pictures", accuracy(*even_odd, x_test, y_test % 2), 0.89, rtol=0.025)
ck.verify("ten templates, then even or odd", (predicted % 2 == y_test % 2).mean(), 0.98, rtol=0.015)
corners, xor = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
lines = rng.standard_normal((100_000, 3))  # random linear classifiers of the plane
votes = lines[:, :2] @ corners.T + lines[:, 2:] > 0
ck.verify("the best of them on XOR", (votes == xor).mean(axis=1).max(), 0.75)
ck.figure(
    ck.figures.classifiers.templates(even_odd[0], ["even", "odd"], (8, 8)),
    alt="The templates of even and odd: two exact opposites, patchy, with no digit to be recognised in either.",
)

# %% [markdown] id="linear-limits"
r"""
It *falls*, to about 89 %, and not for want of data: even of its training pictures it gets only 92 % right.
One template must match 1, 3, 5, 7 and 9 at once. Ten templates, merged afterwards, get 98 % of the same
question right.

The smallest case is XOR: 1 where exactly one of two pixels is on. Of 100,000 random linear classifiers the
best gets 3 of 4 corners right. None can do better.

<details><summary>Proof in one line</summary>

For any linear score, $s(0,0) + s(1,1) = s(0,1) + s(1,0)$. XOR wants the left side negative and the right
side positive.

</details>

The way out is another layer, whose units are templates in turn. That is lecture 02.
"""

# %% [markdown] id="fooling-question"
r"""
### Outlook: a template is also a weapon

To raise the score of class $t$ fastest, move the image along the weights of that class: $x + \alpha w_t$.
How far is it from a 9 to an "8"? Noise of the same length is the control.
"""

# %% id="fooling"
image, target = x_test[(predicted == 9) & (y_test == 9)][0], 8
alphas = np.arange(0, 1, 0.005)
read_as = ((image + alphas[:, np.newaxis] * weights[:, target]) @ weights + bias).argmax(axis=1)
alpha = alphas[(read_as == target).argmax()]  # the first step that is read as the target
change = alpha * weights[:, target]
length = np.linalg.norm(change)
noise = rng.standard_normal((1000, 64))
noise *= length / np.linalg.norm(noise, axis=1, keepdims=True)
noticed = ((image + noise) @ weights + bias).argmax(axis=1) != 9
ck.verify("smallest alpha", alpha, 0.07, rtol=0.1)
ck.verify("largest change of a pixel", np.abs(change).max(), 0.20, rtol=0.1)
ck.verify("length of the change, relative to the picture", length / np.linalg.norm(image), 0.13, rtol=0.1)
ck.verify("share of random changes that fool it", noticed.mean(), 0, atol=0.005)
grid = (image.reshape(8, 8), weights[:, target].reshape(8, 8))
ck.figure(
    ck.figures.classifiers.fooling(*grid, alpha, ("read as 9", "template of 8", "read as 8")),
    alt="A test digit 9, plus 0.07 times the template of 8, gives a picture that still looks "
    "like a 9 and is read as 8.",
)

# %% [markdown] id="fooling-meaning"
r"""
A push of 13 % of the picture's length is enough; the pixel that moves most moves by 0.20. Of 1,000 random
pushes as long, next to none matters. The classifier is not fragile in general; it is fragile *along its
weights*, where a small step in each pixel adds up. Karpathy (2015) made an ImageNet classifier see a
goldfish this way, by a small amount: the more pixels, the more small steps add up. You write the attack in
a1, and lecture 12 turns it on deep networks.
"""

# %% [markdown] id="triplet-question"
r"""
## 6. Triplet loss: what if there are no classes?

A loss may be anything that falls as we get happier. A face recogniser, say, meets new people every day. It
cannot own one template a person, so it learns an *embedding* $f$: a few numbers a picture, close together
for the same person and far apart for different ones. An anchor $a$ is compared with a positive $p$ of its
own class and a negative $n$ of another (Schroff, Kalenichenko and Philbin 2015):

$$L = \frac{1}{N}\sum_i \Big[\, \|f(a_i) - f(p_i)\|^2 - \|f(a_i) - f(n_i)\|^2 + \alpha \,\Big]_+$$

The small plus is a hinge: $[z]_+ = \max(0, z)$. Without it, one far negative could pay for many bad
triplets. (The paper sums over triplets; we take the mean.)
"""

# %% id="predict-triplet"
ck.predict(
    "l01-triplet",
    "Squared distances: 0.5 to the positive, 0.6 to the negative. With a margin of 0.2 the loss is",
    ["0: the negative is farther", "0.1", "0.2", "0.3"],
)

# %% id="triplet-worked"
anchor, positive = np.array([[0.0]]), np.array([[0.5**0.5]])
for kind, distance, expected in (("easy", 1.0, 0), ("semi-hard", 0.6, 0.1), ("hard", 0.3, 0.4)):
    negative = np.array([[-(distance**0.5)]])
    loss, _ = losses.triplet_loss(anchor, positive, negative, margin=0.2)
    ck.verify(f"{kind}: negative at squared distance {distance}", loss, expected, atol=1e-12)


def draw(labels, n, rng):
    """Return n random triplets: indices of anchors, of positives and of negatives."""
    anchors = rng.integers(len(labels), size=n)
    same = [np.flatnonzero(labels == c) for c in range(10)]
    other = [np.flatnonzero(labels != c) for c in range(10)]
    pick = [(rng.choice(same[labels[i]]), rng.choice(other[labels[i]])) for i in anchors]
    return anchors, *np.array(pick).T


# %% [markdown] id="triplet-kinds"
r"""
Three kinds of triplet: *easy*, where the negative is farther by the margin and the loss is 0; *semi-hard*,
farther, but by less; *hard*, where the negative is nearer than the positive.

Now the digits. First the raw pixels, then a linear embedding `x @ projection` of 8 numbers a picture,
learned by SGD on this loss. All pictures and embeddings are scaled to length 1 before we compare them.
"""


# %% id="triplet-digits"
def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


rng = np.random.default_rng(0)
u_train, u_test = unit(x_train), unit(x_test)
projection = rng.standard_normal((64, 8)) / 8
for _ in range(1500):
    a, p, n = (u_train[rows] for rows in draw(y_train, 32, rng))
    _, gradients = losses.triplet_loss(a @ projection, p @ projection, n @ projection)
    for points, dpoints in zip((a, p, n), gradients, strict=True):
        projection -= 0.5 * points.T @ dpoints

# %% id="triplet-gaps"
a, p, n = draw(y_test, 3000, rng)
gaps = {}
for name, e in (("raw pixels (64 numbers)", u_test), ("learned (8 numbers)", unit(u_test @ projection))):
    gaps[name] = ((e[a] - e[n]) ** 2).sum(axis=1) - ((e[a] - e[p]) ** 2).sum(axis=1)
raw, learned = gaps.values()
ck.verify("hard triplets, raw pixels", (raw <= 0).mean(), 0.13, rtol=0.15)
ck.verify("easy triplets, raw pixels", (raw >= 0.2).mean(), 0.66, rtol=0.03)
ck.verify("hard triplets, learned", (learned <= 0).mean(), 0.04, rtol=0.25)
ck.figure(
    ck.figures.losses.triplet_gaps(gaps, margin=0.2),
    alt="Histograms of how much farther the negative is, for 3000 random test triplets. Raw "
    "pixels: 13 % hard, 21 % semi-hard, 66 % easy. Learned embedding: about 4 % hard, 5 % "
    "semi-hard, 91 % easy.",
)

# %% [markdown] id="triplet-meaning"
r"""
In raw pixels 13 % of the random triplets are hard. Eight learned numbers a picture, on test pictures never
seen, leave about 4 %.

But 66 % of the triplets were easy before we began. They have loss 0 and gradient 0: most of our training
was spent on nothing. That is why FaceNet picks its triplets, semi-hard ones above all.

**Change one thing**: an embedding ten times as large has gaps of `100 * learned`. How many are hard, and
how many semi-hard, now?

<details><summary>Answer</summary>

The hard 4 % stay, for scale changes no sign. The semi-hard 5 % become easy. Without a fixed length, large
passes for good.

</details>
"""

# %% [markdown] id="keras-question"
r"""
## The same in Keras

Keras has these losses, penalties and layers. Importing it takes seconds, so it comes last. Same scores,
same numbers? One of them will differ.
"""

# %% id="keras-losses"
keras = ck.backend.keras()

one_hot = np.eye(3)[truth]
cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
ck.verify("softmax loss", float(cross_entropy(truth, table)), losses.softmax_loss(table, truth)[0])
l2, l1 = keras.regularizers.L2(0.1), keras.regularizers.L1(0.1)
ck.verify("Keras's L2", float(l2(weights)), losses.l2_penalty(weights, 0.1)[0])
ck.verify("Keras's L1", float(l1(weights)), losses.l1_penalty(weights, 0.1)[0])
hinge = keras.losses.CategoricalHinge(reduction=None)(one_hot, table)
ck.verify("Keras's hinge, each picture", keras.ops.convert_to_numpy(hinge), [2.9, 0, 6.6])
ck.verify("its mean", float(keras.ops.mean(hinge)), 3.17, rtol=2e-3)
below_zero = np.array([[-2.0, -5.0, -6.0]])  # the first class is correct, and leads by 3
ck.verify("Keras's hinge of −2, −5, −6", float(keras.losses.CategoricalHinge()(one_hot[:1], below_zero)), 3)
ck.verify("ours", losses.hinge_loss(below_zero, [0])[0], 0)

# %% [markdown] id="keras-losses-meaning"
r"""
Softmax and the penalties agree. The hinge does not: Keras gives the frog 6.6, not 12.9, and a mean of 3.17.
It charges only the *best* wrong class (Crammer and Singer 2001), where ours sums over all:

$$\max\big(0,\; \max_{j \ne y} s_j - s_y + 1\big)$$

Nor does it quite do that. It blanks the correct class with a 0, and if all other scores are negative, that
0 is the best of them: −2, −5, −6 costs 3, though the correct class leads by 3. Read the code before you
compare numbers.

`from_logits=True` says that scores come in, not probabilities. Without it Keras takes them for
probabilities, silently.

A linear classifier is one `Dense` layer without activation. Its kernel has our layout: (features, classes).
"""

# %% id="keras-dense"
ck.backend.seed(0)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10)])
model.compile(keras.optimizers.SGD(0.5), loss=cross_entropy, metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=30, verbose=0)
ck.verify("numbers to learn", model.count_params(), 650)
ck.verify("test accuracy", model.evaluate(x_test, y_test, verbose=0)[1], 0.96, rtol=0.02)
model.set_weights([weights, bias])  # ours, learned without Keras
difference = model.predict(x_test, verbose=0) - (x_test @ weights + bias)
ck.verify("our weights in Keras, difference of scores", np.abs(difference).max(), 0, atol=1e-4)

# %% [markdown] id="wrap-up"
r"""
## Wrap-up

These questions want a computation. Open a cell below, or take paper. The panel after them keeps your
predictions: which of them would you change now?
"""

# %% id="quiz"
ck.quiz("l01")
ck.progress()

# %% id="numbers-in-answers"
# Every number that a folded answer mentions.
brighter = x_and_one * [2, 2, 2, 2, 1] @ weights_and_bias
ck.verify("section 1, dog and ship at twice the brightness", brighter[0, 1:], [4.5, 4.5])
ck.verify("section 2, what the careless hinge adds", careless(table[1], 1), 1)
ck.verify("section 2, a cat of 6.1", losses.hinge_loss([[6.1, 5.1, -1.7]], [0])[0], 0, atol=1e-9)
ck.verify("section 3, leads of exactly 1", losses.softmax_loss([[1.0, 0, 0]], [0])[0], 0.551)
shared = np.array([0.5, 0.5])
both = [losses.l1_penalty(shared, 1)[0], losses.l2_penalty(shared, 1)[0]]
ck.verify("section 4, L1 and L2 of (½, ½)", both, [1, 0.5])
for text, knobs, expected in (("one epoch", {"epochs": 1}, 0.90), ("rate 20", {"rate": 20}, 0.96)):
    short = train(losses.softmax_loss, x_train, y_train, **knobs)
    ck.verify(f"section 5, {text}", accuracy(*short, x_test, y_test), expected, rtol=0.02)
ck.verify("section 6, hard after the scaling", (100 * learned <= 0).mean(), (learned <= 0).mean())
semi_hard = [((scale * learned > 0) & (scale * learned < 0.2)).mean() for scale in (1, 100)]
ck.verify("semi-hard before and after", semi_hard, [0.05, 0], rtol=0.3, atol=0.003)

# %% [markdown] id="summary"
r"""
### Summary

| loss | one example costs | before training, C classes | indifferent to |
|---|---|---|---|
| hinge | sum of max(0, wrong − correct + 1) | C − 1 | everything past the margin |
| softmax | −ln p of the correct class | ln C | a shift of all scores |
| triplet | max(0, d(a, p) − d(a, n) + α) | — | easy triplets |

| penalty | formula | prefers |
|---|---|---|
| L2 | λ Σ W² | many small weights |
| L1 | λ Σ abs(W) | few weights, the rest 0 |

What could go wrong: counting the correct class, base-10 logarithms, no shift before `exp`, probabilities
where scores belong, one template for many shapes.
"""

# %% [markdown] id="stretch-and-sources"
r"""
### Stretch

1. Add `losses.l1_penalty` to `train`. How many of the 640 weights can fall below 0.01 before the test
   accuracy drops below 95 %?
2. Train on triplets that are semi-hard only. Do you need fewer steps for the same share of hard test
   triplets?
3. Prove that the hinge of section 2 lies between the max formula of the Keras section and $C-1$ times that
   formula. Check it on the digits.

Next: assignment a1, where you write these losses yourself; then lecture 02, where their gradients come
from.

## Sources

- Adriana Kovashka, *CS 1674: Introduction to Computer Vision*, lecture "Convolutional Neural Networks",
  University of Pittsburgh 2022; slides partly after Andrej Karpathy. Scores, the worked losses, penalties,
  triplets, fooling.
- Danna Gurari, *Convolutional Neural Networks*, University of Texas at Austin 2021. The perceptron.
- J. Weston and C. Watkins, "Support vector machines for multi-class pattern recognition", ESANN 1999.
- K. Crammer and Y. Singer, "On the algorithmic implementation of multiclass kernel-based vector machines",
  JMLR 2001: the hinge that Keras has.
- F. Schroff, D. Kalenichenko and J. Philbin, "FaceNet", CVPR 2015.
- E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
  Repository 1998.
- A. Karpathy, "Breaking linear classifiers on ImageNet", 2015. Where these slides err: `docs/errata.md`.
"""
