# ---
# title: AlexNet, VGG, GoogLeNet
# ---

# %% [markdown] id="title"
r"""
# AlexNet, VGG, GoogLeNet

Traditional recognition was *shallow*: features made by hand, and a simple classifier on top. From 2012 to 2014 three
*deep* networks replaced the features by learned ones, a hierarchy from pixels to classes, each layer working on the
output of the one before, all trained together. Higher layers see more of the image and stand for something more
abstract. The three differ from LeNet less in kind than in numbers. So this lecture keeps books: what each layer
stores, computes and sees.

**Afterwards you can**

- write a network's ledger: shapes, parameters, multiply-adds, receptive fields;
- say which of AlexNet's ideas did what, and measure some of them;
- predict what leaving layers out saves, and test what it costs;
- explain VGG's 3 × 3 and GoogLeNet's 1 × 1 by counting.

**You need** lecture 03's shapes, lecture 04's receptive fields and lecture 06's LeNet. Nothing is downloaded.

**It takes** 90 minutes: about fifteen a section, the rest for Keras and the quiz.
"""

# %% id="setup"
import numpy as np
from IPython.display import HTML, display
from skimage import data as pictures

import coursekit as ck
from coursekit import models, training
from coursekit.scratch import convolution

draw, books, curves = ck.figures.architectures, ck.figures.ledgers, ck.figures.pooling.curves
keras = ck.backend.keras()  # takes seconds

# %% [markdown] id="ledger-question"
r"""
## 1. What does a network cost?

A *ledger* has a line for each layer. `models.ledger` computes it from the network itself:

- **parameters**: weights and biases;
- **multiply-adds**: each weight works once at every place of the layer's output, so weights × places;
- **sees**: the receptive field, in pixels of the input.

Only shapes matter for it. Inside a `StatelessScope` Keras plans a network without making its weights, so even
the largest costs no memory.
"""


# %% id="ledgers"
def ledger(name, **options):
    with keras.StatelessScope(initialize_variables=False):
        rows = models.ledger(models.build(name, **options))
    keras.utils.clear_session(free_memory=False)  # forgets the weights that were never made
    return rows


def parameters(rows):
    return models.total(rows).params


def work(rows):  # G multiply-adds
    return models.total(rows).macs / 1e9


lenet, alexnet = ledger("lenet5"), ledger("alexnet")
ck.verify("parameters of LeNet-5 and AlexNet", [parameters(lenet), parameters(alexnet)], [60_000, 60_965_224])
ck.verify("how many times as many", parameters(alexnet) / parameters(lenet), 1016)
display(books.table(lenet))

# %% [markdown] id="alexnet-story"
r"""
**AlexNet** won the ImageNet challenge of 2012 (ILSVRC): 1.2 million training photographs, 1,000 classes, chosen from
ImageNet's 14 million images in 20,000 classes, which people had labelled through Amazon's Mechanical Turk (Deng et al.
2009). Its kind was LeNet's: convolution, pooling, dense layers. New were the size (a thousand times the parameters),
the data (LeNet had 60,000 digits), two graphics cards, about 50 times as fast as a processor (Kovashka), for five to
six days, and the details that section 2 is about.

Eight layers have weights: five convolutions, three dense ones.
"""

# %% id="predict-where"
ck.predict(
    "l07-where",
    "Which of AlexNet's layers has the most parameters, and which does the most multiply-adds?",
    ["conv1 both", "fc6 both", "fc6 parameters, conv2 multiply-adds", "conv3 parameters, fc6 multiply-adds"],
)

# %% id="alexnet-chart"
display(books.table(alexnet))
layers = [row for row in alexnet if row.params]
dense = [row for row in layers if row.name.startswith("fc")]
ck.verify("dense layers: share of parameters", parameters(dense) / parameters(alexnet), 0.96, rtol=0.005)
ck.verify("and of multiply-adds", work(dense) / work(alexnet), 0.08, rtol=0.02)
by_name = {row.name: row for row in alexnet}
ck.verify("most parameters: fc6", max(row.params for row in layers), by_name["fc6"].params)
ck.verify("256 maps of 6 × 6 to 4,096 units", 6 * 6 * 256 * 4096 + 4096, by_name["fc6"].params)
ck.verify("most multiply-adds: conv2", max(row.macs for row in layers), by_name["conv2"].macs)
ck.figure(
    books.chart(alexnet, "AlexNet"),
    alt="Two bar charts, a bar a layer. Parameters: fc6 37.8 M, fc7 16.8 M, fc8 4.1 M, all convolutions below 1 M. "
    "Multiply-adds: conv2 224 M, conv3 150 M, conv4 and conv1 about 110 M, conv5 75 M, fc6 38 M.",
)

# %% [markdown] id="alexnet-chart-meaning"
r"""
**Convolutions compute, dense layers store.** A convolution's weight works at hundreds of places, a dense layer's only
once. Keep this in mind: VGG will make the convolutions heavier, GoogLeNet will drop the dense layers.

Papers and slides quote several sizes for AlexNet. Which count gives which?
"""

# %% id="which-count"
ck.verify("the paper's 60 M: two groups", parameters(alexnet), 60_965_224)
ck.verify("one group", parameters(ledger("alexnet", groups=1)), 62_378_344)
rewired = [(11, 3, 64), (5, 64, 192), (3, 192, 384), (3, 384, 256), (3, 256, 256)]  # kernel, maps in, maps out
maps = sum((k * k * a + 1) * b for k, a, b in rewired)
ck.verify("61.1 M: torchvision's other network, of 2014", maps + parameters(dense), 61_100_840)
ck.verify("54 M: perhaps fc6 and fc7 alone", parameters(dense[:2]), 54_534_144)
units = [int(np.prod(row.output_shape)) for row in layers]
ck.verify("units", units, [290_400, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000])
ck.verify("650,000 units: all outputs of layers with weights", sum(units), 659_272)
ck.verify("the paper's figure has 253,440 in conv1, as if it were 55 × 48 × 96", 55 * 48 * 96, 253_440)
sides = [convolution.output_size(n, 11, 4) for n in (227, 224)]
ck.verify("conv1 of 227 and of 224 pixels", sides, [55, 54])
ck.verify("all parameters at 224", parameters(ledger("alexnet", input_shape=(224, 224, 3))), 49_430_888)

# %% [markdown] id="which-count-meaning"
r"""
The paper says 224 × 224, that is 150,528 numbers; but 11 × 11 with stride 4 gives its 55 × 55 maps from 227 only.
At 224 the last maps are 5 × 5, fc6 reads fewer of them, and published weights would not fit.

**Two groups.** Two cards of 3 GB shared the work: in conv2, conv4 and conv5 each half sees only the maps of
its own card. Half of those weights are gone: 1.4 M here, and a third of the multiply-adds.

**Your turn**: a layer's parameters, groups included.
"""


# %% id="check-conv-parameters"
def my_conv_parameters(kernel, maps_in, maps_out, groups):
    # kernel × kernel filters, each reading maps_in / groups maps; biases count
    return ...


ck.check.conv_parameters.report(my_conv_parameters)

# %% [markdown] id="ideas-question"
r"""
## 2. What did AlexNet do differently?

| idea | what the paper reports |
|---|---|
| ReLU instead of tanh | a small network reaches 25 % training error six times faster |
| two cards, so twice the maps | 1.2 % fewer top-5 errors |
| local response normalisation | 1.2 % fewer |
| pooling 3 × 3 every 2 pixels, not 2 × 2 | 0.3 % fewer, and harder to overfit |
| dropout 0.5 after fc6 and fc7 | without it "substantial overfitting"; with it twice the steps |
| crops, mirror images, other colours | without crops overfitting "would have forced us to use much smaller networks" |

We measure some in *miniature*: AlexNet with one of 24 maps, on real digits that stand anywhere on 20 × 20
pixels. Its conv1 is 5 × 5 with stride 1; otherwise the image would be gone after it. Each run takes seconds, so
every result comes from several seeds.
"""

# %% id="miniature"
digits = ck.data.load("digits")


def anywhere(x, copies, seed):
    corners = np.random.default_rng(seed).integers(0, 5, (copies * len(x), 2))
    out = np.zeros((len(corners), 20, 20, 1), np.float32)
    for canvas, digit, (row, column) in zip(out, np.repeat(x, copies, axis=0), corners, strict=True):
        canvas[row : row + 16, column : column + 16] = digit.repeat(2, axis=0).repeat(2, axis=1)
    return (out - 0.3) / 0.4  # about centred, about of deviation 1


train = anywhere(digits.x_train, 1, seed=0), digits.y_train
test = anywhere(digits.x_test, 3, seed=1), np.repeat(digits.y_test, 3)


def miniature(**options):
    options = {"width": 1 / 24, "dropout": 0, "kernel_initializer": "he_normal"} | options
    return models.build("alexnet", (20, 20, 1), 10, stem=(5, 1), groups=1, lrn=False, **options)


mini = models.ledger(miniature())
ck.verify("maps and units", [r.output_shape[-1] for r in mini if r.params], [4, 11, 16, 16, 11, 171, 171, 10])
ck.verify("parameters", parameters(mini), 39_914)


# %% id="training"
def schedule(steps):  # up to 0.004 in three tenths of the steps, then down to 0
    rates = keras.optimizers.schedules.CosineDecay
    return rates(0.0, int(0.7 * steps), warmup_target=4e-3, warmup_steps=int(0.3 * steps))


def runs(seeds=4, epochs=15, **options):
    network, found = miniature(**options), []
    steps = len(train[0]) // 64 * epochs
    optimizer, loss = keras.optimizers.Adam(schedule(steps)), "sparse_categorical_crossentropy"
    network.compile(optimizer, loss, metrics=["accuracy"], steps_per_execution=22)  # 22 at a time are faster
    for seed in range(seeds):
        ck.backend.seed(seed)
        network.set_weights(miniature(**options).get_weights())
        for variable in network.optimizer.variables:  # forget the last run
            variable.assign(keras.ops.zeros_like(variable))
        history = training.fit(network, train, epochs=epochs, batch_size=64, seed=seed, progress=False)
        guesses = keras.ops.convert_to_numpy(network(test[0])).argmax(axis=1)
        found.append(((guesses == test[1]).mean(), *history.accuracy))
    return np.array(found)  # (seeds, 1 + epochs): test accuracy, then training accuracy of every epoch


# %% id="predict-tanh"
ck.predict(
    "l07-tanh",
    "The miniature with tanh instead of ReLU: how many times as many epochs until 25 % training error?",
    ["about as many, or fewer", "twice as many", "six times as many", "it never gets there"],
)

# %% id="relu"
results = {"whole": runs(), "tanh": runs(3, activation="tanh", kernel_initializer="glorot_normal")}
wrong = {name: 1 - results[name][:3, 1:] for name in ("whole", "tanh")}
for name, epochs, accuracy in (("whole", 6, 0.88), ("tanh", 5, 0.93)):
    reached = (wrong[name] < 0.25).argmax(axis=1) + 1
    ck.verify(f"{name}: epochs to 25 % training error, mean of three seeds", reached.mean(), epochs, atol=2)
    ck.verify(f"{name}: test accuracy", results[name][:, 0].mean(), accuracy, atol=0.04)
ck.figure(
    curves({"epoch": (np.arange(1, 16), {"ReLU": wrong["whole"], "tanh": wrong["tanh"]})}, "training error"),
    alt="Training error against epochs, three seeds each. Both fall from 0.9 to nearly 0; tanh lies a little lower "
    "throughout and crosses 0.25 at about 5 epochs, ReLU at about 6.",
)

# %% [markdown] id="relu-meaning"
r"""
Here tanh is *not* slower, rather faster, and its test accuracy is higher. The factor of six belongs to its setting:
a larger net, plain gradient descent, weights that all began with deviation 0.01. The miniature's weights start at
Glorot's scale for tanh, He's for ReLU, so tanh does not saturate; and among four maps a ReLU that dies is a quarter of
the layer. A miniature can contradict a paper without refuting it: report both.

What holds: a ReLU cannot saturate (lecture 02) and costs next to nothing. AlexNet made it the standard,
though it was not the first to use it: Fukushima did in 1969, Nair and Hinton in 2010.
"""

# %% [markdown] id="lrn-question"
r"""
**Local response normalisation** divides each value by $(2 + 10^{-4} \sum a^2)^{0.75}$, the sum over five neighbouring
maps at the same place. A loud neighbour silences a unit, a little as in the eye. How loud must it be?
"""

# %% id="lrn"
from coursekit.models.layers import LocalResponseNormalization

neighbours = np.geomspace(1, 1000, 40)
beside = np.stack([neighbours, np.ones(40)], axis=1).astype(np.float32).reshape(40, 1, 1, 2)  # two maps
answers = LocalResponseNormalization()(beside).numpy()[:, 0, 0, 1]
ck.verify("a 1 beside another 1", answers[0], 2**-0.75, rtol=1e-3)
ck.verify("halved again beside", np.interp(-answers[0] / 2, -answers, neighbours), 174, rtol=0.03)
ck.figure(
    curves({"neighbour's value": (neighbours, {"output of a 1": answers[np.newaxis]})}, "after LRN"),
    alt="A value of 1 comes out as 0.59 until its neighbour is about 30, as half of that at 174, and tends to 0.",
)

# %% [markdown] id="lrn-meaning"
r"""
Below some 30 it only multiplies by $2^{-0.75} = 0.59$; from 174 on it halves. AlexNet's first maps reach such values,
since its pixels go up to 255. VGG's authors found no gain (section 4), and it went out of use. In the miniature,
whose values are small, it would only cost time: we leave it out.
"""

# %% id="predict-pool"
ck.predict(
    "l07-pool",
    "Pooling 2 × 2 instead of 3 × 3 every 2 pixels, in the miniature: what happens to the test accuracy?",
    ["clearly lower", "clearly higher", "no difference beyond that of two seeds"],
)

# %% id="pool-touching"
results["pool 2 × 2"] = runs(3, overlapping=False)

# %% id="details"
results["dropout 0.5"] = runs(3, dropout=0.5)
for name, tested, trained in (("pool 2 × 2", 0.92, 1), ("dropout 0.5", 0.77, 0.8)):
    ck.verify(f"{name}: test accuracy", results[name][:, 0].mean(), tested, atol=0.06)
    ck.verify(f"{name}: training accuracy", results[name][:, -1].mean(), trained, atol=0.08)
sizes = [
    [r.output_shape[0] for r in models.ledger(miniature(overlapping=o)) if "pool" in r.name] for o in (True, False)
]
ck.verify("maps after each pooling, 3 × 3 and 2 × 2", sizes, [[7, 3, 1], [8, 4, 2]])
ck.figure(
    draw.points({name: table[:, 0] for name, table in results.items()}, "test accuracy, one point a seed"),
    alt="The whole miniature reaches 0.88, with tanh or with pooling 2 × 2 some 3 to 4 points more, with dropout 0.77.",
)

# %% [markdown] id="details-meaning"
r"""
Windows that touch do *better* here, by some 3 points; in the paper they do worse, by 0.3. But look at the sizes:
we changed two things. After 2 × 2 fc6 reads four times as many numbers. And 0.3 % needs the challenge's 50,000
validation images, not our 1,080.

Dropout costs 12 points: training has come to 80 % when it ends (in the paper, too, it takes twice the steps), and
so thin a net has nothing to spare. It pays where a net can learn its images by heart (lecture 09).

The paper's training: batches of 128, momentum 0.9, weight decay 5 · 10⁻⁴, and a rate of 0.01, divided by ten
whenever the validation accuracy stalled.
"""

# %% id="augmentation"
photo = pictures.astronaut()[:256, 100:356] / 255
rng = np.random.default_rng(3)
pixels = photo.reshape(-1, 3)
spread, axes = np.linalg.eigh(np.cov(pixels.T))  # how the colours vary, and along which directions
places = [(0, 32, 1), (20, 0, -1), (32, 16, -1)]  # row, column, and -1 to mirror
crops = [photo[r : r + 224, c : c + 224][:, ::way] for r, c, way in places]
casts = [crop + axes @ (np.sqrt(spread) * rng.normal(0, 0.3, 3)) for crop in crops]
titles = ("crop", "crop, mirrored", "another, mirrored", "colours 1", "colours 2", "colours 3")
ck.verify("the paper: crops and mirror images", 32 * 32 * 2, 2048)
ck.verify("places of 224 in 256, both ends counted, mirrored", (256 - 224 + 1) ** 2 * 2, 2178)
ck.figure(
    ck.figures.convolution.photos(dict(zip(titles, crops + casts, strict=True))),
    alt="Three crops of a photo of an astronaut, two of them mirrored; below, the crops in slightly other colours.",
)

# %% [markdown] id="augmentation-meaning"
r"""
**Augmentation** makes 2,048 images of one, though not independent ones, and moves all colours along the directions
in which ImageNet's colours vary (three times as strongly here as there), as light does. It must
keep the label: a mirrored letter is another one. At test time the net averages its answers to ten crops.

## 3. What can be left out?

Eight layers: are all of them needed? Zeiler and Fergus (2014) took some out and trained again. In the sources'
words: without layer 7, performance drops by 1.1 %; without 6 and 7, by 5.7 %; without 3 and 4, by 3.0 %; without all
four, by 33.5 %.
"""

# %% id="predict-saved"
ck.predict(
    "l07-saved",
    "fc6 and fc7 have 54.5 M parameters. How many does AlexNet save without them?",
    ["54.5 M", "more: fc8 shrinks, too", "less: fc8 grows", "none: conv5 grows"],
)

# %% id="saved"
removals = {"7": (7,), "3, 4": (3, 4), "6, 7": (6, 7), "3, 4, 6, 7": (3, 4, 6, 7)}
saved = {name: parameters(alexnet) - parameters(ledger("alexnet", remove=layers)) for name, layers in removals.items()}
ck.verify("7: the slide says 16 M", saved["7"], 16_781_312)
ck.verify("6 and 7: 50 M", saved["6, 7"], 49_414_144)
ck.verify("of which fc8 takes back", (6 * 6 * 256 - 4096) * 1000, 54_534_144 - 49_414_144)
ck.verify("3 and 4: 1 M", saved["3, 4"], 1_696_512)
ck.verify("conv3 and conv4 alone", by_name["conv3"].params + by_name["conv4"].params, 1_549_056)
ck.verify("and conv5, which now reads 128 maps a group, not 192", 3 * 3 * (192 - 128) * 256, 1_696_512 - 1_549_056)
ck.verify("all four", saved["3, 4, 6, 7"], 51_110_656)

# %% [markdown] id="saved-meaning"
r"""
"16 M" cuts 16.8 off, "50 M" rounds 49.4, and "1 M" is 1.5 or 1.7: the slides count in round numbers. Two traps lie
here. The layer *after* the gap reads other inputs: fc8 grows by 5.1 M, conv5 shrinks by 0.15 M. And the convolutions,
which hold almost nothing, cost almost as much accuracy as the dense layers, which hold almost everything.

**Your turn**: what leaving out dense layers saves.
"""


# %% id="check-saved"
def my_saved_by_removal(widths, removed):
    # widths: (inputs, units of layer 1, units of layer 2, …); removed: numbers of the layers to leave out
    return ...


ck.check.saved_by_removal.report(my_saved_by_removal)

# %% [markdown] id="removal-question"
r"""
### And the accuracy?

The paper's own table 3 has other numbers, top-5 errors on the validation set: 18.1 % for the whole network, 18.4
without layer 7, 22.1 without 3 and 4, 22.4 without 6 and 7, 50.1 without all four. The order is the same. Which
error the sources mean they do not say.

The same removals in the miniature: four seeds each, and eight for the last, whose seeds differ most.
"""

# %% id="predict-removal"
ck.predict(
    "l07-removal",
    "Each pair costs the miniature little by itself. What will it lose without both pairs?",
    ["about the sum of the two", "less than the sum", "several times the sum", "nothing"],
)

# %% id="removal"
results["7"] = runs(remove=(7,))
results["3, 4"] = runs(remove=(3, 4))

# %% id="removal-more"
results["6, 7"] = runs(remove=(6, 7))

# %% id="removal-all"
results["3, 4, 6, 7"] = runs(8, remove=(3, 4, 6, 7))

# %% id="removal-results"
lost = {name: 100 * (results["whole"][:, 0].mean() - results[name][:, 0]) for name in removals}
mean, millions = {name: values.mean() for name, values in lost.items()}, {n: k / 1e6 for n, k in saved.items()}
ck.verify("whole: test accuracy", results["whole"][:, 0].mean(), 0.88, atol=0.04)
ck.verify("points lost without 7; 3, 4; 6, 7", [mean[n] for n in ("7", "3, 4", "6, 7")], [1, 4, 1], atol=4)
ck.verify("without all four", mean["3, 4, 6, 7"], 19, atol=16)
ck.verify("more than both pairs together, by", mean["3, 4, 6, 7"] - mean["3, 4"] - mean["6, 7"], 15, atol=15)
ck.verify("its accuracy on the training images", results["3, 4, 6, 7"][:, -1].mean(), 0.76, atol=0.2)
ck.figure(
    draw.removals(millions, lost, ("AlexNet saves, M parameters", "miniature loses, points")),
    alt="Without 7, 3 and 4, or 6 and 7: 17, 2, 49 M parameters saved, 1 to 4 points lost, the seeds some points "
    "apart. Without all four: 51 M saved, some 20 points lost, from a few to 40 by seed.",
)

# %% [markdown] id="removal-meaning"
r"""
One layer or one pair costs 1 to 4 points, hardly more than seeds differ. Without both pairs some 20 are gone, from 4 to
40 by seed: several times the sum, as in the sources (33.5 against 5.7 + 3.0). And it fails on its *training* images,
too: it does not overfit, it is too shallow. Either pair makes the net deep enough; "depth is crucial".

So 7 < a pair < all four holds in miniature. One thing does not: in the sources the dense pair costs more than the
convolutions (in the paper hardly more), here rather less. Ten classes and last maps of one pixel leave dense layers
little to do, and four seeds cannot settle two points.
"""

# %% [markdown] id="vgg-question"
r"""
## 4. Why only 3 × 3?

VGG (2014, Oxford's Visual Geometry Group) threw out every choice but one: 3 × 3 kernels with stride 1 and padding 1,
pooling 2 × 2 with stride 2. Then they made it deeper. Karpathy's picture of an example ConvNet, ten 3 × 3 kernels a
layer and the same pooling, is a VGG in miniature.
"""

# %% id="predict-stack"
ck.predict(
    "l07-stack",
    "Three 3 × 3 layers in a row see as far as one 7 × 7. How many weights do they have, relative to it?",
    ["27/49, about half", "9/49, a fifth", "the same", "27/7, four times"],
)


# %% id="stack"
def stack(kernel, depth, maps=64):
    with keras.StatelessScope(initialize_variables=False):
        layers = [keras.layers.Conv2D(maps, kernel, padding="same", use_bias=False) for _ in range(depth)]
        rows = models.ledger(keras.Sequential([keras.Input((32, 32, maps)), *layers]))
    return rows[-1].receptive_field, parameters(rows) / maps**2


ck.verify("2 × (3 × 3): field, weights / C²", stack(3, 2), [5, 18])
ck.verify("one 5 × 5", stack(5, 1), [5, 25])
ck.verify("3 × (3 × 3)", stack(3, 3), [7, 27])
ck.verify("one 7 × 7", stack(7, 1), [7, 49])
ck.verify("the 7 × 7 needs more: per cent", 100 * (49 / 27 - 1), 81, rtol=0.01)
ck.figure(
    draw.stacks({"one 7 × 7": (1, 49), "three 3 × 3": (3, 27)}),
    alt="Left, a unit joined to seven inputs. Right, a unit joined to three, these to five, these to the same seven.",
)

# %% [markdown] id="stack-meaning"
r"""
Same view, 45 % fewer weights, and three ReLUs instead of one. The ReLUs matter: without them three convolutions in
a row *are* one convolution (lecture 03), only a restricted one.

VGG's table has six columns. C replaces the last 3 × 3 of the later blocks by 1 × 1: a ReLU more, but no wider view.
"""

# %% id="vgg-table"
columns = {"A": "vgg11", "A-LRN": "vgg11_lrn", "B": "vgg13", "C": "vgg16_1x1", "D": "vgg16", "E": "vgg19"}
vgg = {letter: ledger(name) for letter, name in columns.items()}
table = {"configuration": list(vgg), "layers with weights": [sum(row.params > 0 for row in vgg[c]) for c in vgg]}
for block in range(1, 6):
    found = [[row for row in vgg[c] if row.name.startswith(f"conv{block}_")] for c in vgg]
    table[f"block {block}"] = [f"{len(rows)} × {rows[0].output_shape[-1]}" for rows in found]
table["parameters, M"] = [round(parameters(rows) / 1e6) for rows in vgg.values()]
ck.verify("layers", table["layers with weights"], [11, 11, 13, 16, 16, 19])
ck.verify("parameters, M", table["parameters, M"], [133, 133, 133, 134, 138, 144])
fields = {row.name: row.receptive_field for row in vgg["D"]}
ck.verify("D: conv3_3 sees, conv5_3 sees", [fields["conv3_3"], fields["conv5_3"]], [40, 196])
convs = {c: parameters([row for row in rows if row.name.startswith("conv")]) / 1e6 for c, rows in vgg.items()}
fc6 = next(row for row in vgg["D"] if row.name == "fc6").params
shares = {c: (convs[c], fc6 / 1e6, (parameters(rows) - fc6) / 1e6 - convs[c]) for c, rows in vgg.items()}
ck.figure(
    draw.parts(shares, ("convolutions", "fc6", "fc7 and fc8"), "parameters, M"),
    alt="Six bars of 133 to 144 M. In each, fc6 has 103 M, fc7 and fc8 together 21 M; convolutions 9 M in A to 20 M.",
    table=table,
)

# %% [markdown] id="vgg-results"
r"""
With one size of training image, the authors report top-5 errors (the right class is not among the first five
guesses) of 10.4 % for A, 10.5 % for A-LRN, 9.9 % for B, 9.4 % for C, 8.8 % for D and 9.0 % for E. So depth helps,
up to a point; LRN does not; and C below D says that a wider view is worth more than a ReLU.

Seven networks together made 7.3 % in the challenge, after 11.2 % for the winner of the year before (11.7 % without
its extra data).

Nineteen layers have hardly more parameters than eleven: three quarters are in fc6, whatever the depth.
"""

# %% id="predict-memory"
ck.predict(
    "l07-memory",
    "VGG-16 reads one photo. Which takes more memory, the outputs of all layers or the weights, and by how much?",
    ["outputs, 10 times", "about equal", "weights, 9 times", "weights, 1,000 times"],
)

# %% id="vgg-memory"
kept = [row for row in vgg["D"] if row.params or row.name.startswith("pool")]
outputs, weights = sum(int(np.prod(row.output_shape)) for row in kept), parameters(kept)
ck.verify("outputs of one photo, weights: MiB", [outputs * 4 / 2**20, weights * 4 / 2**20], [57.5, 527.8])
ck.verify("share of fc6 in the weights", fc6 / weights, 0.743)
first = [row for row in kept if row.name.startswith("conv1")]
ck.verify("share of conv1_1 and conv1_2 in the outputs", sum(np.prod(r.output_shape) for r in first) / outputs, 0.426)
ck.verify("photos from which outputs outweigh weights", np.ceil(weights / outputs), 10)
ck.figure(
    draw.memory(kept, "VGG-16"),
    alt="Two bar charts by layer. Outputs: 12 MiB for conv1_1 and for conv1_2, half of it in each next block, almost "
    "nothing for dense layers. Weights: 392 MiB for fc6, 64 for fc7, 16 for fc8, at most 9 for any convolution.",
)

# %% [markdown] id="vgg-memory-meaning"
r"""
Memory goes to opposite ends: outputs are large *early*, weights *late*. In training all outputs must be kept for the
way back, for every image: from ten images on, they are the larger part.

**Change one thing**: let D end in a global average, as lecture 05 suggested. What is left?

<details><summary>Answer</summary>

14.7 M in the convolutions and 0.5 M in a classifier: a ninth. That is GoogLeNet's way.

</details>

## 5. What is a 1 × 1 convolution good for?

An **Inception module** does not choose a kernel size. It has 1 × 1, 3 × 3, 5 × 5 and pooling side by side, and
stacks their maps. The price shows in the first module, 28 × 28 pixels with 192 maps.
"""

# %% id="predict-reduce"
ck.predict(
    "l07-reduce",
    "5 × 5 kernels make 32 maps of 192. First reducing 192 to 16 by 1 × 1 makes this branch cheaper by a factor of",
    ["about 2", "about 10", "about 100", "none: a layer more costs more"],
)

# %% id="inception"
from coursekit.models.googlenet import MODULES, inception


def module_ledger(reduce, *names):
    with keras.StatelessScope(initialize_variables=False):
        x = inputs = keras.Input((28, 28, 192))
        for name in names:
            x = inception(x, MODULES[name], name, reduce=reduce)
            x = keras.layers.MaxPooling2D(3, 2, "same")(x) if name in ("3b", "4e") else x
        return models.ledger(keras.Model(inputs, x))


naive, reduced = module_ledger(False, "3a"), module_ledger(True, "3a")
ck.verify("5 × 5 branch, per pixel", [25 * 192 * 32, 192 * 16 + 25 * 16 * 32], [153_600, 15_872])
ck.verify("factor", 153_600 / 15_872, 9.7, rtol=0.01)
ck.verify("module, M multiply-adds", [1000 * work(naive), 1000 * work(reduced)], [303.5, 128.0])
ck.verify("maps it puts out", [r[-1].output_shape[-1] for r in (naive, reduced)], [416, 256])
ck.figure(
    draw.modules({"naive": naive, "with 1 × 1 reductions": reduced}),
    alt="Two modules of four branches. Naive: 1 × 1, 3 × 3, 5 × 5 and a pool, 303 M multiply-adds, 416 maps. Reduced: "
    "1 × 1 layers before the 3 × 3 and the 5 × 5 and after the pool, 128 M, 256 maps.",
)

# %% [markdown] id="inception-meaning"
r"""
A 1 × 1 convolution mixes maps at each pixel: a small dense layer, shared by all places. Reducing 192 maps to
16 first makes the 5 × 5 branch ten times cheaper, and adds a ReLU. The factor for the module is 2.4.

Worse than the price is the growth. Pooling cannot shrink its maps, so a naive module puts out all it got and more.

**Break it**: stack all nine modules without reductions.
"""

# %% id="naive-break" tags=["break-it"]
both = {name: module_ledger(reduce, *MODULES) for name, reduce in (("naive", False), ("with reductions", True))}
ends = {name: [row.output_shape[-1] for row in rows if row.name.endswith("_output")] for name, rows in both.items()}
ck.verify("naive: maps after each module", ends["naive"], [416, 832, 1280, 1728, 2176, 2640, 3344, 4048, 4944])
ck.verify("with reductions", ends["with reductions"], [256, 480, 512, 512, 512, 528, 832, 832, 1024])
ck.verify("G multiply-adds", [work(rows) for rows in both.values()], [12.09, 1.10], rtol=0.005)
ck.verify("M parameters", [parameters(rows) / 1e6 for rows in both.values()], [92.5, 5.9], rtol=0.01)

# %% [markdown] id="naive-answer"
r"""
Eleven times the work, and more parameters than AlexNet.

**Your turn**: the work of one module, reductions included.
"""


# %% id="check-inception-work"
def my_inception_work(size, maps_in, maps):
    # size × size pixels; maps: (1×1, 3×3 reduction, 3×3, 5×5 reduction, 5×5, pooling projection)
    return ...


ck.check.inception_work.report(my_inception_work)

# %% id="googlenet"
google, heads = ledger("googlenet"), ledger("googlenet", auxiliary_heads=True)
ck.verify("parameters", parameters(google), 6_998_552)
ck.verify("AlexNet has how many times as many", parameters(alexnet) / parameters(google), 8.7, rtol=0.01)
ck.verify("of them in convolutions", parameters([row for row in google if row.name != "classifier"]), 5_973_552)
ck.verify("layers with weights, and one way through", [sum(r.params > 0 for r in google), 3 + 9 * 2 + 1], [58, 22])
ck.verify("G multiply-adds: AlexNet, GoogLeNet", [work(alexnet), work(google)], [0.72, 1.58], rtol=0.01)
ck.verify(
    "classifier after the average, and flattened", [1025 * 1000, (7 * 7 * 1024 + 1) * 1000], [1_025_000, 50_177_000]
)
ck.verify("at 320 × 256", parameters(ledger("googlenet", input_shape=(320, 256, 3))), 6_998_552)
ck.verify("the two auxiliary heads", parameters(heads) - parameters(google), 6_379_728)

# %% [markdown] id="googlenet-meaning"
r"""
GoogLeNet's 22 layers hold a ninth of AlexNet's parameters, and do twice its work. The paper says twelve times
fewer than AlexNet, which would be one slide's 5 M; no count of ours gives that.

**Global average pooling** replaces fc6 and fc7: each of the 1,024 maps becomes one number. Flattened, they would cost
50 M weights. And the network takes images of any size.

**Auxiliary heads.** Two small classifiers half-way (after 4a and 4d) add 0.3 times their losses, so that
gradients reach the lower layers by a shorter way. They nearly double the parameters, in training only; then
they are thrown away. Later the same group found that they act more as a regulariser.
"""

# %% [markdown] id="timeline-question"
r"""
## 6. What did it all bring?

The challenge counts *top-5 errors*: the right class is not among five guesses. Slides mix two pairs of numbers
for 2012. AlexNet's 16.4 % used the challenge's data only; 15.3 % is an average of seven networks, two of them trained
on more of ImageNet. The second best entry had 26.2 %; the 25.7 % that is quoted with it is a method of before, on the
test set of 2010.
"""

# %% id="predict-timeline"
ck.predict(
    "l07-timeline",
    "By what factor did the winner's top-5 error fall from 2011, before AlexNet, to 2014?",
    ["1.3", "about 2", "about 4", "10"],
)

# %% id="timeline"
years = (2010, 2011, 2012, 2012, 2013, 2014, 2014, 2015)
names = ("NEC-UIUC", "XRCE", "second", "AlexNet", "Clarifai", "VGG", "GoogLeNet", "ResNet")
errors = (28.2, 25.8, 26.2, 16.4, 11.7, 7.3, 6.7, 3.57)
ck.verify("2011 against 2014", 25.8 / 6.7, 3.85, rtol=0.01)
ck.verify("errors that AlexNet avoided, of the second's", 1 - 16.4 / 26.2, 0.374, rtol=0.01)
ck.figure(
    draw.timeline(list(zip(years, names, errors, [False] * 3 + [True] * 5, strict=True)), human=5.1),
    alt="Bars of top-5 error. Hand-made features: 28.2, 25.8, 26.2 from 2010 to 2012. Convolutional: AlexNet 16.4, "
    "Clarifai 11.7, VGG 7.3, GoogLeNet 6.7, ResNet 3.57. A dashed line at 5.1 for one person.",
    table={"year": years, "entry": names, "top-5 error, %": errors},
)

# %% [markdown] id="timeline-meaning"
r"""
Mind what the line means: *one* person, trained for it, on 1,500 images (Russakovsky et al. 2015). And entries
are averages over several networks: five for AlexNet's 16.4 %, seven for VGG and for GoogLeNet, six for ResNet.

The features served elsewhere, too: R-CNN took them to detection and reached a mean average precision of 53.7 %,
where the same proposals with earlier features had 35.1 % and deformable part models 33.4 % (lecture 10). ResNet is
lecture 08's.

Was lower error bought with more of everything?
"""

# %% id="trade"
shown = {"AlexNet": (alexnet, 16.4), "VGG-16": (vgg["D"], 7.3), "GoogLeNet": (google, 6.7)}
points = {n: (parameters(rows) / 1e6, work(rows), error) for n, (rows, error) in shown.items()}
ck.verify("VGG-16 against GoogLeNet: parameters", points["VGG-16"][0] / points["GoogLeNet"][0], 19.8, rtol=0.01)
ck.verify("multiply-adds", points["VGG-16"][1] / points["GoogLeNet"][1], 9.8, rtol=0.01)
ck.figure(
    draw.trade(points),
    alt="Parameters against multiply-adds, both logarithmic: AlexNet 61 M and 0.7 G, VGG-16 138 M and 15.5 G, "
    "GoogLeNet 7 M and 1.6 G, with errors of 16.4, 7.3 and 6.7 %.",
)

# %% [markdown] id="explorer-question"
r"""
No: GoogLeNet and VGG arrived at the same error in the same year, with twenty times fewer parameters and ten times less
work on one side. Simplicity was on the other: VGG's features became everybody's tool.

**Change one thing**: the ledgers to browse. Choose a network, what the bars show, then a layer.
"""

# %% id="explorer" tags=["interactive"]
library = {"LeNet-5": lenet, "AlexNet": alexnet, "VGG-16": vgg["D"], "GoogLeNet": google}
without = ("_output", "dropout", "flatten")
library = {name: [row for row in rows if not row.name.endswith(without)] for name, rows in library.items()}
display(HTML(ck.figures.ledger_explorer.ledger_explorer(library, "multiply-adds")))
still = library["VGG-16"]
ck.figure(
    books.chart(still, "VGG-16"),
    alt="VGG-16. Parameters: 103 M in fc6, 17 M in fc7, 4 M in fc8, at most 2.4 M in a convolution. Multiply-adds: "
    "1.85 G in many convolutions, 0.1 G in fc6.",
    table=books.table(still).cells,
)
deep = [next(row for row in (*alexnet, *google) if row.name == name) for name in ("fc6", "fc7", "average")]
ck.verify("deep features: fc6, fc7, GoogLeNet's average", [row.output_shape[0] for row in deep], [4096, 4096, 1024])

# %% [markdown] id="explorer-tasks"
r"""
1. From which layer on does an output of VGG-16 see more than half of the image's side, 112 pixels?
2. Which kind of layer does most of GoogLeNet's work: 1 × 1, 3 × 3 or 5 × 5?
3. How many numbers does fc6 describe a photo with? fc7? GoogLeNet's average? These are the *deep features* that
   lecture 10 gives to other tasks.

<details><summary>Answers</summary>

1. conv5_1: it sees 132. conv4_3 sees 92.
2. The 3 × 3, by far, conv2 first.
3. 4,096, 4,096 and 1,024.

</details>

## The same in Keras

`keras.applications` has VGG with ImageNet's weights (a download). Without weights it is a recipe, like ours.
"""

# %% id="keras-vgg"
with keras.StatelessScope(initialize_variables=False):
    theirs = {"D": keras.applications.VGG16(weights=None), "E": keras.applications.VGG19(weights=None)}
    later = keras.applications.InceptionV3(weights=None)
for letter, network in theirs.items():
    both = [[r for r in rows if r.params] for rows in (models.ledger(network), vgg[letter])]
    same = [[(r.output_shape, r.params, r.macs, r.receptive_field) for r in rows] for rows in both]
    equal = sum(mine == yours for mine, yours in zip(*same, strict=True))
    ck.verify(f"{network.name}: layers with weights that are as ours", equal, {"D": 16, "E": 19}[letter])
ck.verify("InceptionV3, GoogLeNet's successor: parameters", later.count_params(), 23_851_784)
keras.utils.clear_session(free_memory=False)

# %% id="keras-layers"
import tensorflow as tf

from coursekit.models.layers import LocalResponseNormalization

x = 50 * np.random.default_rng(0).standard_normal((2, 5, 4, 12)).astype("float32")
theirs = tf.nn.local_response_normalization(x, depth_radius=2, bias=2, alpha=1e-4, beta=0.75)
ck.verify("LRN is TensorFlow's", LocalResponseNormalization()(x).numpy(), theirs.numpy(), rtol=1e-4, atol=1e-4)
conv2 = keras.layers.Conv2D(256, 5, padding="same", groups=2)
conv2.build((None, 27, 27, 96))
ck.verify("conv2 in two groups: kernel", conv2.kernel.shape, [5, 5, 48, 256])
ck.verify("its parameters", conv2.count_params(), 307_456)

# %% [markdown] id="keras-meaning"
r"""
`groups=2` is all that AlexNet's two cards need today. LRN has no Keras layer; `tf.nn` has it, with one trap: other
libraries divide `alpha` by the window. Batch normalisation (lecture 09) took its place.

Other packages hold the same networks: PyTorch's torchvision, and once Caffe with its model zoo.
"""

# %% [markdown] id="wrap-up"
r"""
## Wrap-up

These questions want a computation. Open a cell below, or take paper. The panel after them keeps your predictions: which
of them would you change now?
"""

# %% id="quiz"
ck.quiz("l07")
ck.progress()

# %% id="numbers-in-answers"
fields = {row.name: row.receptive_field for row in vgg["D"]}
ck.verify("section 4: D without dense layers, and an average", [convs["D"], 0.513], [14.7, 0.51], rtol=0.01)
ck.verify("section 6: fields of conv4_3 and conv5_1", [fields["conv4_3"], fields["conv5_1"]], [92, 132])
ends = {"1 × 1": ("_1x1", "reduce", "proj"), "3 × 3": ("_3x3", "conv2"), "5 × 5": ("_5x5",)}
for kind, expected in zip(ends, (0.369, 0.963, 0.132), strict=True):
    ck.verify(f"section 6: G in {kind}", work([r for r in google if r.name.endswith(ends[kind])]), expected, rtol=0.01)

# %% [markdown] id="summary"
r"""
### Summary

| | LeNet-5 | AlexNet | VGG-16 | GoogLeNet |
|---|---|---|---|---|
| year | 1998 | 2012 | 2014 | 2014 |
| layers with weights, in a row | 6 | 8 | 16 | 22 |
| parameters | 0.06 M | 61.0 M | 138.4 M | 7.0 M |
| multiply-adds | 0.0003 G | 0.72 G | 15.5 G | 1.58 G |
| top-5 error | – | 16.4 % | 7.3 % | 6.7 % |
| the idea | share, pool | ReLU, dropout, size | only 3 × 3, deeper | 1 × 1 before 3 × 3 and 5 × 5 |

What could go wrong: counting removed layers but not the one after them, images of 224 where 227 is meant, a ranking
from one seed, and a naive module stacked nine times.
"""

# %% [markdown] id="stretch-and-sources"
r"""
### Stretch

1. Give AlexNet a global average instead of fc6 and fc7 (`remove=(6, 7)` and a layer of your own). What does it
   cost in the miniature, and what does it save in the ledger?
2. Which design of VGG's kind has the least multiply-adds for a field of 100 pixels?
3. Repeat section 3 with 36 classes and ten times the epochs. Do seven layers pay now?

Next: lecture 08, where more layers make a network worse, and shortcuts mend it; then assignment a5.

## Sources

- A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012.
  J. Deng et al., "ImageNet: a large-scale hierarchical image database", CVPR 2009.
- M. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014: the removals, table 3.
- K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015.
- C. Szegedy et al., "Going deeper with convolutions", CVPR 2015; "Rethinking the Inception architecture for computer
  vision", CVPR 2016: auxiliary heads as a regulariser.
- O. Russakovsky et al., "ImageNet large scale visual recognition challenge", IJCV 2015: entries, data, one person's
  5.1 %.
- K. He et al., "Deep residual learning for image recognition", CVPR 2016: 3.57 %.
- R. Girshick et al., "Rich feature hierarchies for accurate object detection and semantic segmentation", CVPR 2014.
- V. Nair, G. Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010; K. Fukushima, 1969:
  ReLU before AlexNet.
- Yuki M. Asano, *Deep Learning 1*, lecture 5, University of Amsterdam; Adriana Kovashka, *CS 1674*, University of
  Pittsburgh 2022; André Martins, Francisco Melo and Mário Figueiredo, *Deep Learning*, lecture 7, Instituto Superior
  Técnico, Lisbon 2022/23; Danna Gurari, *Convolutional Neural Networks*, University of Texas at Austin 2021.
"""
