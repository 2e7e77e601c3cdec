# ---
# title: 'Assignment 5: Architectures'
# ---

# %% [markdown] id="welcome"
r"""
# Assignment 5: Architectures

Every famous network is a few ideas about how to connect convolutions: small kernels in stacks, branches side by side,
shortcuts, features that are never thrown away. You will count what each idea costs, write it, watch depth fail and
shortcuts repair it, and then build the best network that 5,000 parameters can buy.

**Goals.** You can keep a ledger of shapes, parameters, multiply-adds and receptive fields; write the blocks of AlexNet,
GoogLeNet, ResNet and DenseNet; measure degradation; and train a network within a budget.

**What you need.** Lectures 07 and 08, and convolution from assignment 3. From here on we build with Keras.

| part | points | minutes |
|---|---|---|
| 1. the ledger | 4 | 25 |
| 2. how far a network sees, and how wide it may be | 6 | 35 |
| 3. side by side: groups and Inception | 7 | 45 |
| 4. round and onward: residual and dense blocks | 9 | 50 |
| 5. depth, measured | 6 | 50 |
| 6. 5,000 parameters, and a written answer | 10 | 60 |

**How to check.** Below every function stands a cell like `ck.check.conv_ledger(conv_ledger)`. It is the very check that
grades you. Run it as often as you like. When it fails, it shows the first wrong number and, if it knows the mistake,
what happened.

**How points work.** A function that passes its check earns all its points. In parts 1, 2 and in `degradation`, Python
and NumPy are all you may call. The blocks of parts 3 and 4 get arrays and give maps back: write them with `keras.ops`
(NumPy would be accepted, the finished networks in `keras.applications` are not). No graded function needs another one
of yours. The written answer is read by a person.

**Computers.** Everything trains on a laptop's processor in about a minute. On a GPU, part 5 trains deeper networks on
photographs, if CIFAR-10 is prepared, and part 6 trains longer. The first cell says what it found.
"""

# %% id="setup"
import numpy as np

import coursekit as ck

keras = ck.backend.keras()
from keras import layers, ops

glyphs = ck.data.load("glyphs")
DIGITS = [glyphs.classes.index(digit) for digit in "0123456789"]


def digits(x, y):
    """Keep the ten digits of the glyphs, with labels 0 to 9."""
    chosen = np.isin(y, DIGITS)
    return x[chosen], y[chosen] - DIGITS[0]


train, test = digits(glyphs.x_train, glyphs.y_train), digits(glyphs.x_test, glyphs.y_test)
print(ck.training.device(), *(f"{len(y)} digits of {x.shape[1:]}" for x, y in (train, test)), sep="\n")

# %% [markdown] id="ledger"
r"""
## 1. The ledger

A convolution layer has `filters` kernels of `kernel` = (rows, columns), each through all channels that it reads, and a
bias for each filter. The kernels move by `stride`, over an image with `pad` rows of zeros above *and* below, and as
many columns on either side; what fills no whole window is dropped. With `groups`, channels and filters are split into
equal parts, and each part of the filters reads one part of the channels only.

For one image, count three things: the shape of the output, the parameters, and the multiply-adds (a multiplication with
its addition is one; biases are not counted).
"""


# %% id="conv-ledger" nbgrader="solution"
def conv_ledger(shape, filters, kernel, stride=(1, 1), pad=(0, 0), groups=1):
    """Return the output's shape (rows, columns, filters), the number of parameters, and of multiply-adds.

    shape: of one image, (rows, columns, channels)    kernel, stride, pad: pairs, rows first
    groups: divides channels and filters
    """
    ### BEGIN SOLUTION
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2] // groups
    return (rows, columns, filters), (window + 1) * filters, rows * columns * filters * window
    ### END SOLUTION


# %% id="ledger-worked"
# Try it on AlexNet's second layer, and hold it against Keras. What would one group have cost?
shape, parameters, work = conv_ledger((27, 27, 96), 256, (5, 5), pad=(2, 2), groups=2)
layer = layers.Conv2D(256, 5, padding="same", groups=2)
layer.build((None, 27, 27, 96))
ck.verify("parameters, as Keras counts them", parameters, layer.count_params())
ck.verify("multiply-adds, millions", work / 1e6, 223.9488)

# %% id="conv-ledger-tests" nbgrader="tests" points=4
ck.check.conv_ledger(conv_ledger)

# %% [markdown] id="planning"
r"""
## 2. How far a network sees, and how wide it may be

**The receptive field** of an output is the number of pixels, along one axis, from the first to the last that can change
it. **The jump** is how many pixels of the image lie between two neighbouring outputs. Walk from the image on: an output
of layer $i$ sees `kernel` outputs of layer $i - 1$, which overlap. A kernel with `dilation` $d$ reads every $d$-th of
them. A pooling layer counts like a convolution.

**The width.** Take a plain network of `convolutions` layers with square kernels, all of the same width $w$: the first
reads the image's `channels`, the others $w$ maps. Then come a global average over all places and a dense classifier.
All layers have biases. What is the largest $w$ whose parameters do not exceed the `budget`? (At least $w = 1$ fits.)
"""


# %% id="receptive-fields" nbgrader="solution"
def receptive_fields(layers):
    """Return two lists, one entry a layer: the receptive fields of its outputs, and their jumps.

    layers: from the image on, a list of (kernel, stride, dilation), whole numbers for one axis
    """
    ### BEGIN SOLUTION
    field, jump, fields, jumps = 1, 1, [], []
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * jump
        jump *= stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps
    ### END SOLUTION


# %% id="receptive-fields-tests" nbgrader="tests" points=3
ck.check.receptive_fields(receptive_fields)


# %% id="widest-network" nbgrader="solution"
def widest_network(budget, convolutions, kernel, channels, classes):
    """Return the largest width that fits, and the parameters of that network.

    convolutions: how many, 1 or more    kernel: rows and columns of each    channels: of the image
    """

    ### BEGIN SOLUTION
    def parameters(width):
        first = (kernel * kernel * channels + 1) * width
        others = (convolutions - 1) * (kernel * kernel * width + 1) * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)
    ### END SOLUTION


# %% id="widest-network-tests" nbgrader="tests" points=3
ck.check.widest_network(widest_network)

# %% [markdown] id="side-by-side"
r"""
## 3. Side by side

A Keras layer is an operation and its weights. In `keras.ops` you hold the weights yourself: `ops.conv(x, kernel,
strides=1, padding="same")`, `ops.relu`, `ops.max_pool`, `ops.split`, `ops.concatenate`. Maps are (n, rows, columns,
channels), kernels (rows, columns, channels, filters); there are no biases in parts 3 and 4, and every convolution pads
"same".

**Groups.** AlexNet's two halves lived on two GPUs. Channels and filters are split into `groups` of neighbours; group
number $g$ of the filters reads group number $g$ of the channels. (`ops.conv` would do this itself on some devices; use
it for one group at a time.)

**Inception.** GoogLeNet's block has four branches, whose maps are put side by side in this order:

1. 1 × 1 with kernel `one`;
2. 1 × 1 with `reduce3`, then 3 × 3 with `three`;
3. 1 × 1 with `reduce5`, then 5 × 5 with `five`;
4. the maximum of 3 × 3 pixels, moved by 1, then 1 × 1 with `pool`.

*Every* convolution is followed by a ReLU. Of windows that reach over the border, only pixels inside the image count.
"""


# %% id="grouped-convolution" nbgrader="solution"
def grouped_convolution(x, kernel, groups):
    """Return the maps of all groups, (n, rows, columns, filters).

    x: (n, rows, columns, channels)    kernel: (kernel_rows, kernel_columns, channels // groups, filters)
    """
    ### BEGIN SOLUTION
    pairs = zip(ops.split(x, groups, axis=-1), ops.split(kernel, groups, axis=-1), strict=True)
    return ops.concatenate([ops.conv(part, filters, padding="same") for part, filters in pairs], axis=-1)
    ### END SOLUTION


# %% id="grouped-convolution-tests" nbgrader="tests" points=3
ck.check.grouped_convolution(grouped_convolution)


# %% id="inception-block" nbgrader="solution"
def inception_block(x, one, reduce3, three, reduce5, five, pool):
    """Return the maps of the four branches side by side.

    x: (n, rows, columns, channels)    all others: kernels, (kernel_rows, kernel_columns, channels, filters)
    """

    ### BEGIN SOLUTION
    def conv(maps, kernel):
        return ops.relu(ops.conv(maps, kernel, padding="same"))

    largest = ops.max_pool(x, 3, strides=1, padding="same")
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return ops.concatenate(branches, axis=-1)
    ### END SOLUTION


# %% id="inception-block-tests" nbgrader="tests" points=4
ck.check.inception_block(inception_block)

# %% [markdown] id="onward"
r"""
## 4. Round and onward

**The residual block** gives $\mathrm{relu}(F(x) + \text{shortcut})$. $F$ is a convolution with `first` that moves by
`stride`, a ReLU, and a convolution with `second` that moves by 1. The shortcut is $x$ itself. Where a kernel `shortcut`
is given, it is the 1 × 1 convolution of $x$ with it, moved by `stride`, and nothing else.

**The dense block** throws nothing away. Each of its layers takes the ReLU of *all* maps that there are, convolves them
with its kernel, and appends the new maps behind the others. All of them, the input first, are the output; no ReLU
touches what is kept. (The papers normalise batches on top; here that is left out.)
"""


# %% id="residual-block" nbgrader="solution"
def residual_block(x, first, second, shortcut=None, stride=1):
    """Return relu(F(x) + shortcut), (n, rows / stride rounded up, columns / stride rounded up, filters).

    x: (n, rows, columns, channels)    first: (3, 3, channels, filters)    second: (3, 3, filters, filters)
    shortcut: (1, 1, channels, filters), or None
    """
    ### BEGIN SOLUTION
    hidden = ops.relu(ops.conv(x, first, strides=stride, padding="same"))
    straight = x if shortcut is None else ops.conv(x, shortcut, strides=stride, padding="same")
    return ops.relu(ops.conv(hidden, second, padding="same") + straight)
    ### END SOLUTION


# %% id="residual-block-tests" nbgrader="tests" points=5
ck.check.residual_block(residual_block)


# %% id="dense-block" nbgrader="solution"
def dense_block(x, kernels):
    """Return the input and all new maps, (n, rows, columns, channels + all filters).

    x: (n, rows, columns, channels)    kernels: a list, each (3, 3, channels so far, new filters)
    """
    ### BEGIN SOLUTION
    maps = x
    for kernel in kernels:
        new = ops.conv(ops.relu(maps), kernel, padding="same")
        maps = ops.concatenate([maps, new], axis=-1)
    return maps
    ### END SOLUTION


# %% id="dense-block-tests" nbgrader="tests" points=4
ck.check.dense_block(dense_block)

# %% [markdown] id="depth"
r"""
## 5. Depth, measured

Now with layers. Build twins that differ in nothing but shortcuts:

- a `Conv2D` of 16 filters, 5 × 5, stride 4, a ReLU, and `MaxPooling2D` of 2 × 2;
- `depth // 2` blocks of two 3 × 3 convolutions with 16 filters: in the residual twin the block of part 4 with $x$
  itself as the shortcut, in the plain twin the same without the addition;
- `GlobalAveragePooling2D` and a `Dense` softmax.

All convolutions have a bias, pad "same", and start from `kernel_initializer="he_normal"`.

Then write `degradation`, which reads an experiment: errors of networks of several `depths` (in any order), each trained
in several runs. A network's error is that of the *last* epoch, averaged over the runs. Return the depth with the lowest
*training* error; by how much the deepest network's training error lies above that one's; and the deepest network's gap,
test error minus training error.
"""


# %% id="deep-net" nbgrader="solution"
def deep_net(depth, skips):
    """Return a network for (32, 32, 3) images and 10 classes, with `depth` 3 × 3 convolutions, not compiled."""

    ### BEGIN SOLUTION
    def conv(maps, size=3, stride=1):
        return layers.Conv2D(16, size, strides=stride, padding="same", kernel_initializer="he_normal")(maps)

    inputs = keras.Input((32, 32, 3))
    maps = layers.MaxPooling2D()(layers.ReLU()(conv(inputs, 5, 4)))
    for _ in range(depth // 2):
        change = conv(layers.ReLU()(conv(maps)))
        maps = layers.ReLU()(layers.Add()([maps, change]) if skips else change)
    outputs = layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(maps))
    return keras.Model(inputs, outputs)
    ### END SOLUTION


# %% id="deep-net-tests" nbgrader="tests" points=3
for skips in (False, True):
    net, images = deep_net(6, skips), test[0][:4]
    assert net.count_params() == 15_306, f"{net.count_params():,} parameters, not 15,306; shortcuts cost none"
    assert np.allclose(ops.sum(net(images), axis=1), 1, atol=1e-5), "the outputs are no probabilities"
    for layer in net.layers:
        if layer.weights and layer.weights[0].shape[:2] == (3, 3):
            layer.set_weights([0 * each for each in layer.get_weights()])
    spread = float(np.ptp(net(images), axis=0).max())
    said = f"skips={skips}, 3 × 3 kernels 0: outputs of images differ by {spread:.2g}; only shortcuts let them differ"
    assert (spread > 1e-4) == skips, said


# %% id="degradation" nbgrader="solution"
def degradation(depths, train, test):
    """Return the best depth, the degradation, and the deepest network's gap.

    depths: (k,)    train, test: errors, (k, runs, epochs)
    """
    ### BEGIN SOLUTION
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[deepest] - trained[deepest]
    ### END SOLUTION


# %% id="degradation-tests" nbgrader="tests" points=3
ck.check.degradation(degradation)

# %% id="experiment"
# The experiment's size. With a GPU the twins see real photographs, once you ran `coursekit data prepare cifar10`.
depths, epochs, batch = ck.training.budget(cpu=([4, 12], 7, 32), gpu=([4, 12, 24], 20, 128))
runs = 1  # raise it if you have time
name = ck.training.budget(cpu="glyphs", gpu="cifar10")
twins_train, twins_test = train, test
if name != "glyphs" and ck.data.is_prepared(name):
    photos = ck.data.load(name, size=10_000)
    twins_train, twins_test = (photos.x_train, photos.y_train), (photos.x_test, photos.y_test)
elif name != "glyphs":
    print(f"{name} is not prepared: the twins train on digits.")
print(f"{len(twins_train[1])} images of {twins_train[0].shape[1:]}, depths {depths}, {epochs} epochs")


# %% id="plain-nets" seconds=180
def errors(depth, skips, run):
    """Train one network; return its training and its test error after every epoch."""
    keras.utils.set_random_seed(run)
    net = deep_net(depth, skips)
    settings = {"epochs": epochs, "batch_size": batch, "learning_rate": 0.003, "seed": run}
    history = ck.training.fit(net, twins_train, validation=twins_test, **settings)
    return 1 - np.array([history.accuracy, history.val_accuracy])


plain = np.array([[errors(depth, False, run) for run in range(runs)] for depth in depths])

# %% id="report" seconds=180
residual = np.array([[errors(depth, True, run) for run in range(runs)] for depth in depths])
np.savez("degradation.npz", depths=depths, plain=plain, residual=residual)
for name, measured in (("plain", plain), ("residual", residual)):
    best, worse, gap = degradation(np.array(depths), measured[:, :, 0], measured[:, :, 1])
    worse, gap = round(100 * worse), round(100 * gap)
    print(f"{name}: best depth {best}; the deepest trains {worse} points worse; its gap is {gap}")
lanes = {f"plain {depth}": curves[:, 0] for depth, curves in zip(depths, plain, strict=True)}
lanes |= {f"residual {depth}": curves[:, 0] for depth, curves in zip(depths, residual, strict=True)}
ck.figure(
    ck.figures.pooling.curves({"epoch": (np.arange(1, epochs + 1), lanes)}, "training error"),
    alt="Training error against epochs for plain and residual networks of each depth, your measurements. The printed "
    "lines above give the best depth of each kind and how much worse the deepest network trains.",
)

# %% [markdown] id="budget"
r"""
## 6. 5,000 parameters

Build and train a network for 32 × 32 digits in colour: functional or Sequential, of Keras's own layers (no `Lambda`, no
layer class of yours), with ten probabilities as outputs and **at most 5,000 parameters**, moving averages and
constants included. It is saved, and the grader shows it 500 new digits, drawn as the test set was, from a seed that
nobody knows.

The solution's network, trained as below with six seeds, got 97.2, 95.6, 96.4, 98.0, 97.6, 95.2 % of such digits
right: 96.7 % on average, with a standard deviation of 1.1. **93.3 %**, three standard deviations below, earns the
points. Start from what you know: where are parameters cheap, where is a dense layer dear, what does normalisation help?
"""


# %% id="small-net" nbgrader="solution"
def small_net():
    """Return a network for (32, 32, 3) images and 10 classes, of at most 5,000 parameters, not compiled."""
    ### BEGIN SOLUTION
    inputs = keras.Input((32, 32, 3))
    maps = inputs
    for width in (5, 10, 15, 19):
        maps = layers.Conv2D(width, 3, padding="same", use_bias=False)(maps)
        maps = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(maps))
        maps = layers.MaxPooling2D()(maps) if width < 19 else layers.GlobalAveragePooling2D()(maps)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(maps))
    ### END SOLUTION


# %% id="small-net-fits" nbgrader="tests" points=1
net = small_net()
shapes = net.input_shape, net.output_shape
assert shapes == ((None, 32, 32, 3), (None, 10)), f"it takes {shapes[0]} and returns {shapes[1]}"
assert net.count_params() <= 5000, f"{net.count_params():,} parameters are more than 5,000"

# %% id="small-net-training" seconds=180
# Change whatever you like: epochs, rate, schedule, augmentation.
keras.utils.set_random_seed(0)
net = small_net()
settings = {"epochs": ck.training.budget(cpu=12, gpu=60), "learning_rate": 0.01, "schedule": "one-cycle"}
ck.training.fit(net, train, validation=test, **settings)
net.save("small_net.keras")

# %% id="small-net-tests" nbgrader="tests" points=6
ck.check.small_net("small_net.keras")

# %% [markdown] id="written-answer" nbgrader="manual" points=3
r"""
### Explain it (3 points)

1. Your deep plain network trains worse than your shallow one. Why is that no overfitting, and why is it surprising,
   given that the deeper one could copy the shallower one? What does the shortcut change? Quote your numbers.
2. Count with `conv_ledger`: an Inception block on 28 × 28 × 192 maps has a 5 × 5 branch of 32 filters. What do its
   multiply-adds cost with a reduction to 16 channels, and without?
3. Where in your small network do the 5,000 parameters sit, and where the multiply-adds? What would you change with
   twice as many of either?

Six to ten sentences.
"""
