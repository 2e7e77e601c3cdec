# ---
# title: Convolution
# ---

# %% [markdown] id="title"
r"""
# Convolution

A convolution looks at a picture through a small window. It lays the same few weights over every place and
writes down how well they match. This one idea turns hundreds of millions of weights into a few hundred.

**Afterwards you can**

- convolve and correlate by hand and in NumPy, in one and two dimensions, and tell the two apart;
- read and design kernels: blur, sharpen, find edges, brighten, detect a curve;
- say how big the output is for any stride, padding and dilation, and how many parameters a layer has;
- say in which sense a fully connected layer is a convolution, and the reverse.

**You need** lecture 01's scores and templates, and NumPy indexing. Nothing is downloaded.

**It takes** 90 minutes: about twelve a section, the rest for Keras and the quiz.

As always: where a box says *Predict*, answer before you run on; cells that end in `ck.check` wait for a line
of yours; a line with ✓ is a number from the text, computed again on your machine.
"""

# %% id="setup"
import numpy as np
from IPython.display import HTML, display
from skimage import data

import coursekit as ck
from coursekit.scratch import convolution, filters

draw = ck.figures.convolution

# %% [markdown] id="weights-question"
r"""
## 1. Why not connect everything?

A fully connected layer first flattens the picture into one long vector. Then every hidden unit owns one
weight for every number in it. A modest colour photo has 400 × 400 pixels and 3 channels; a modest hidden
layer has 500 units.
"""

# %% id="predict-weights"
ck.predict(
    "l03-weights",
    "How many weights lie between a 400 × 400 colour photo and 500 hidden units?",
    ["480 thousand", "24 million", "80 million", "240 million"],
)

# %% id="weights"
values = 400 * 400 * 3
ck.verify("numbers in the photo", values, 480_000)
ck.verify("weights of one layer of 500 units", 500 * values, 240e6)
for rows, columns, expected in ((480, 640, 92_170_100), (1536, 2048, 943_728_500)):
    weights = rows * columns * 3 * 100 + 100 * 100 + 100 * 1  # two hidden layers of 100 units, one output
    ck.verify(f"weights for {columns} × {rows} pixels", weights, expected, rtol=0)
ck.verify(
    "the larger: megapixels, gigabytes of weights", [rows * columns / 1e6, 4 * weights / 1e9], [3.1, 3.8], rtol=0.02
)
ck.verify("biases, which those counts leave out", 100 + 100 + 1, 201)

# %% [markdown] id="weights-meaning"
r"""
240 million weights for a single layer; 92,170,100 for a small photo in a network of 100 + 100 + 1 units;
943,728,500, or 3.8 GB, for one of 3.1 megapixels. No data set has examples enough for that.

Are all those edges needed? An eye, a wheel or an edge is much smaller than the photo, so a detector needs to
see a few pixels only. And it may turn up anywhere, so one detector can move around (an old idea: Barlow
1961). That makes two savings. In the smallest example, 3 × 3 pixels feed 2 × 2 outputs:
"""

# %% id="wirings"
full = np.arange(1, 37).reshape(4, 9)  # row: output pixel, column: input pixel, entry: number of the weight
local, shared = np.zeros((4, 9), int), np.zeros((4, 9), int)
for output, corner in enumerate((0, 1, 3, 4)):  # the top left pixel of each 2 × 2 window
    window = corner + np.array([0, 1, 3, 4])
    local[output, window] = 4 * output + np.arange(1, 5)
    shared[output, window] = np.arange(1, 5)
tables = {"fully connected": full, "locally connected": local, "convolution": shared}
ck.verify("different weights", [t.max() for t in tables.values()], [36, 16, 4])
ck.verify("with biases", [36 + 4, 16 + 4, 4 + 1], [40, 20, 5])
ck.verify("products to compute", [np.count_nonzero(t) for t in tables.values()], [36, 16, 16])
ck.figure(
    draw.wirings({f"{name}: {t.max()} weights": t for name, t in tables.items()}),
    alt="Three tables of 4 outputs by 9 inputs. Fully connected: 36 different weights. Locally connected: each output "
    "has 4 weights of its own, 16 in all. Convolution: the same 4 weights, a to d, in every row, each row shifted.",
)

# %% [markdown] id="wirings-meaning"
r"""
**Sparse interactions.** Each output sees $k$ of the $m$ inputs. That leaves $k \times n$ weights and products
for $n$ outputs instead of $m \times n$: 16, not 36.

**Parameter sharing.** All outputs use the same $k$ weights: 4, not 16. Sharing saves memory and examples to
learn from, not products. Without it the layer is only *locally connected*.

With one bias for the whole map the convolution learns 5 parameters; the full layer, with a bias an output,
40. What sharing does to a picture that moves, *equivariance*, is measured in lecture 04.

**Change one thing**: 4 × 4 pixels, 3 × 3 outputs, windows of 2 × 2. How many weights has each wiring?

<details><summary>Answer</summary>

144, 36 and 4.

</details>
"""

# %% [markdown] id="slide-question"
r"""
## 2. One dimension: what does the star in $x * w$ do?

A kernel $w$ slides over a signal $x$. For functions and for lists of numbers,

$$s(t) = (x * w)(t) = \int x(a)\, w(t - a)\, da, \qquad s[t] = \sum_a x[a]\, w[t - a].$$

Look at the signs: as $a$ grows, the place in $w$ goes *down*. Convolution reads the kernel backwards.
**Cross-correlation** reads it forwards: $\sum_a x[t + a]\, w[a]$.
"""

# %% id="predict-impulse"
ck.predict(
    "l03-impulse",
    "Convolve x = 0 0 1 0 0 with w = 1 2 3, where the whole kernel lies on x. What comes out?",
    ["1 2 3", "3 2 1", "2 2 2", "0 6 0"],
)


# %% id="slide"
def correlate(x, w):
    s = np.zeros(len(x) - len(w) + 1)
    for t in range(len(s)):
        for a in range(len(w)):
            s[t] += x[t + a] * w[a]
    return s


x, w = np.array([0, 0, 1, 0, 0]), np.array([1, 2, 3])
ck.verify("cross-correlation", correlate(x, w), [3, 2, 1])
ck.verify("convolution: turn the kernel first", correlate(x, w[::-1]), [1, 2, 3])
ck.verify("the library's", convolution.convolve(x, w), [1, 2, 3])
standing = draw.Slide("cross-correlation: w as it stands", x, w, correlate(x, w))
turned = draw.Slide("convolution: w turned", x, w[::-1], correlate(x, w[::-1]))
ck.figure(
    draw.slides([standing, turned]),
    alt="Two panels. Under the signal 0 0 1 0 0 the kernel lies in three places. As 1 2 3 its sums are 3, 2, 1; "
    "turned, as 3 2 1, they are 1, 2, 3.",
)

# %% [markdown] id="slide-meaning"
r"""
A single 1 makes a convolution write out its kernel: 1 2 3. The correlation writes it backwards.

Nearly all network libraries compute the correlation and call it convolution. For learned kernels that does no
harm: training finds the weights in either order. It matters when you bring a kernel from elsewhere, or
compare numbers.

**Change one thing**: for which kernels do the two agree, whatever `x` is?

<details><summary>Answer</summary>

For those that read the same in both directions, such as 1 2 1.

</details>

**Your turn**: write the convolution.
"""


# %% id="check-convolution-1d"
def my_convolution(x, w):
    # x: (n,), w: (k,), k ≤ n; one result for each place where all of w lies on x
    return ...


ck.check.convolution_1d.report(my_convolution)

# %% id="commute"
x, w = np.array([2.0, 5, 1, 4, 0, 3, 7]), np.array([1.0, 0, -2])
both_ways = [convolution.convolve(*pair, mode="full") for pair in ((x, w), (w, x))]
ck.verify("w * x is x * w", both_ways[0], both_ways[1])
swapped = convolution.cross_correlate(w, x, "full")
ck.verify("swapped correlation comes out reversed", swapped[::-1], convolution.cross_correlate(x, w, "full"))
for D in (1, 2, 3):  # a kernel from w[−D] to w[D], F = 2D + 1 weights
    F = 2 * D + 1
    ck.verify(f"F = {F}: N − 2D outputs", len(correlate(x, np.ones(F))), 7 - 2 * D)
    padded = np.pad(x, (F - 1) // 2)
    ck.verify(f"F = {F}, zeros on each side: {D}", len(correlate(padded, np.ones(F))), 7)

# %% [markdown] id="commute-meaning"
r"""
**Commutative.** Because one runs forwards while the other runs backwards, $x * w = w * x$. Correlation has no
such symmetry: swapped, it comes out reversed.

**Finite support.** The sums run over all integers; beyond its ends a list counts as zero. With $N$ values and
a kernel from $w[-D]$ to $w[D]$, that is $F = 2D + 1$ weights, only $t = D, \dots, N - D - 1$ keep the whole
kernel on the list: $N - 2D$ outputs.

**Padding** by $D = (F - 1)/2$ zeros on each side gives all $N$ back. It also makes numbers up: watch the
borders in section 4.

With functions, the sum becomes an area:
"""


# %% id="overlap"
def box(place):
    return (np.abs(place) <= 0.5).astype(float)


a = np.linspace(-2, 2, 4001)
area = np.array([(box(a) * box(t - a)).sum() * 0.001 for t in a])  # the integral as a sum of thin slices
ck.verify("area at t = −1.2, −0.5 and 0", np.interp([-1.2, -0.5, 0], a, area), [0, 0.5, 1], rtol=3e-3, atol=1e-9)
ck.figure(
    draw.overlap(a, box(a), {t: box(t - a) for t in (-1.2, -0.5, 0.0)}, area),
    alt="A box and a second box that moves over it. At t = -1.2 they do not touch: area 0. At -0.5 they share half, at "
    "0 all: area 1. As a function of t the area is a triangle.",
)

# %% [markdown] id="plane-question"
r"""
## 3. Two dimensions: how does a kernel look at a picture?

Two sums instead of one, and "backwards" means turned by 180°:

$$(I * K)[i, j] = \sum_m \sum_n I[m, n]\, K[i - m, j - n] = \sum_m \sum_n I[i - m, j - n]\, K[m, n]$$

The second form uses that convolution commutes. Cross-correlation has plus signs,
$\sum_m \sum_n I[i + m, j + n]\, K[m, n]$. Its result is called a *feature map*.

The standard toy: 5 × 5 pixels, and a 3 × 3 kernel in the shape of an X.
"""


# %% id="toy"
def feature_map(image, kernel):
    rows, columns = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = image[i : i + kernel.shape[0], j : j + kernel.shape[1]]
            out[i, j] = (window * kernel).sum()
    return out


image = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
cross = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
ck.verify("feature map", feature_map(image, cross), [[4, 3, 4], [2, 4, 3], [2, 3, 4]])
first = [(i, j) for i in range(3) for j in range(3)]
ck.figure(
    draw.grids({"image": image, "kernel": cross, "map": feature_map(image, cross)}, {"image": first, "map": [(0, 0)]}),
    alt="The 5 by 5 image, the kernel with ones in an X, and the map: 4 3 4, 2 4 3, 2 3 4. The first window, top left, "
    "and its sum 4 are framed.",
)

# %% id="predict-turned"
ck.predict(
    "l03-turned",
    "The slides computed a correlation. Turn the kernel for a true convolution: how many of the nine numbers change?",
    ["none", "the four corners", "all but the centre", "all nine"],
)

# %% id="turned"
ck.verify("X turned by 180°", np.rot90(cross, 2), cross)
ck.verify("true convolution of the toy", convolution.convolve(image, cross), feature_map(image, cross))
ell = np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0]])
maps = {"image": image, "L": ell, "correlation": feature_map(image, ell)}
maps |= {"L turned": np.rot90(ell, 2), "convolution": convolution.convolve(image, ell)}
ck.verify("correlation with the L", maps["correlation"], [[1, 3, 4], [0, 2, 4], [1, 2, 3]])
ck.verify("convolution with the L", maps["convolution"], [[4, 3, 1], [4, 4, 2], [3, 3, 2]])
ck.verify("correlation with the turned L", feature_map(image, np.rot90(ell, 2)), maps["convolution"])
ck.figure(
    draw.grids(maps),
    alt="The toy image with a kernel in the shape of an L. Its correlation is 1 3 4, 0 2 4, 1 2 3; its convolution, "
    "which is the correlation with the turned L, is 4 3 1, 4 4 2, 3 3 2.",
)

# %% [markdown] id="turned-meaning"
r"""
None. The X is its own half turn, so the famous toy cannot tell convolution from correlation, and code that
mixes them up passes it. The L can tell.

The toy is also square. Here is code that passes it, and its mistake is the commonest of all:
"""


# %% id="square-break" tags=["break-it"]
def careless(image, kernel):
    n, (rows, columns) = len(image), kernel.shape
    out = np.zeros((n - rows + 1, n - columns + 1))
    for i, j in np.ndindex(out.shape):
        out[i, j] = (image[i : i + rows, j : j + columns] * kernel).sum()
    return out


ck.verify("the toy is content", careless(image, cross), feature_map(image, cross))
ck.check.feature_map.report(careless)

# %% [markdown] id="square-answer"
r"""
<details><summary>Answer</summary>

`len(image)` is the height, and it serves as the width too. On square images nobody notices; on a wide one the
right part is never read. Test with shapes that are not square and kernels that are not symmetric.

</details>

**Change one thing**: slide `image` over itself, `feature_map(np.pad(image, 2), image)`. Where is the largest
number, and why there?

<details><summary>Answer</summary>

In the centre, 13: there every 1 meets itself. A kernel responds most, for its brightness, to what looks like
the kernel. It is lecture 01's template, and it slides.

</details>
"""

# %% [markdown] id="photo-question"
r"""
## 4. What can nine numbers do to a photo?

A *filter* computes each pixel from its neighbourhood; the kernel says how. Here are a real photo and some
kernels that people designed. A colour photo is a stack of three channels; this section filters grey ones, so
first the colours are mixed.
"""

# %% id="photo"
photo = data.coffee()[::3, ::3] / 255  # (rows, columns, channels), from 0 to 1
grey = photo @ [0.299, 0.587, 0.114]  # how bright red, green and blue look to an eye
ck.verify("rows, columns, channels", photo.shape, [134, 200, 3])
ck.figure(
    draw.photos({"photo": photo, "grey": grey}),
    alt="A white cup of coffee on a red saucer, on a wooden table with a spoon; beside it the same in grey.",
)

# %% id="predict-blur"
ck.predict(
    "l03-blur",
    "The kernel 0 1 0 / 1 4 1 / 0 1 0 slides over the photo. What do you expect?",
    ["blurred", "blurred and far too bright", "blurred and darker", "sharper"],
)

# %% id="bank"
names = ["slide_blur", "slide_sharpen", "box_blur", "gaussian_blur", "sharpen", "sharpen_strong"]
names += ["laplacian", "edge", "edge_diagonal", "sobel_x", "sobel_y", "identity"]
bank = {name: filters.NAMED[name] for name in names}
filtered = {name: convolution.cross_correlate(grey, kernel, mode="same") for name, kernel in bank.items()}
sums = {name: kernel.sum() for name, kernel in bank.items()}
ck.verify("sums of the weights", list(sums.values()), [8, 4, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1], atol=1e-12)
for name, share in (("slide_blur", 0.84), ("slide_sharpen", 0.72)):
    ck.verify(f"{name}: share of pixels beyond white", (filtered[name] > 1).mean(), share, rtol=0.01)
convolved = convolution.convolve(grey, bank["sobel_x"], mode="same")
ck.verify("convolution with sobel_x against correlation", convolved, -filtered["sobel_x"], atol=1e-12)
captions = {name: f"{draw.kernel_text(kernel)}\nsum {sums[name]:.0f}" for name, kernel in bank.items()}
ck.figure(
    draw.photos(filtered, captions, signed=[name for name in names if abs(sums[name]) < 1e-9], columns=4),
    alt="Twelve versions of the grey photo, each with its kernel. The blur of sum 8 and the sharpening of sum 4 are "
    "mostly pure white. Kernels of sum 1 blur or sharpen at the same brightness. Those of sum 0 show only edges: the "
    "Laplacian and edge all outlines, Sobel x upright ones, Sobel y level ones.",
)

# %% [markdown] id="bank-meaning"
r"""
On an even area every product has the same pixel, so the answer is that pixel times the *sum of the weights*.

- **Sum 1** keeps the brightness: blur, sharpen. The slides' blur has sum 8 and their sharpening sum 4: 84 %
  and 72 % of the pixels end beyond white. Divide a kernel by its sum, as another slide does with its 21 and
  its divisor 9.
- **Sum 0** is silent on even areas: an edge detector. It gives both signs, purple and orange.

Sobel turned is minus Sobel. Correlation and convolution then differ in sign only, which is easy to miss.
"""

# %% [markdown] id="brighten-question"
r"""
**Change one thing**: look at the outermost pixels of `filtered["edge"]`. Who drew that frame?

<details><summary>Answer</summary>

The padding. Beyond the border are zeros, so the border of the photo looks like an edge, four times as strong as
the average inside.

</details>

**Your turn.** Design two kernels. One makes every pixel `factor` times as bright and nothing else:
"""


# %% id="check-brighten"
def my_brightening_kernel(factor):
    # return a kernel of shape (3, 3)
    return ...


ck.check.brightening_kernel.report(my_brightening_kernel)

# %% [markdown] id="smooth-question"
r"""
The other removes wrinkles and blemishes: each pixel becomes the plain mean of its `size` × `size` window.
"""


# %% id="check-smooth"
def my_smoothing_kernel(size):
    # return a kernel of shape (size, size)
    return ...


ck.check.smoothing_kernel.report(my_smoothing_kernel)

# %% id="smooth"
noise = 0.1 * np.random.default_rng(0).standard_normal(grey.shape)
inside = np.s_[5:-5, 5:-5]  # where no padding is read
for size, distance in ((1, 0.100), (3, 0.069), (5, 0.076), (9, 0.095)):
    mean = np.full((size, size), 1 / size**2)
    left = convolution.cross_correlate(noise, mean, "same")[inside].std()
    ck.verify(f"{size} × {size}: noise that is left, times {size}", size * left, 0.1, rtol=0.1)
    wrong = (convolution.cross_correlate(grey + noise, mean, "same") - grey)[inside]
    ck.verify(f"{size} × {size}: typical distance to the clean photo", (wrong**2).mean() ** 0.5, distance, rtol=0.03)

# %% [markdown] id="smooth-meaning"
r"""
The mean of size² noisy pixels is `size` times less noisy. But a large window also smooths the cup away: for
this noise 3 × 3 comes nearest to the clean photo, and 9 × 9 gains next to nothing. That is the price
of every linear filter; it cannot know which bump is a blemish.

### A detector for one curve

Weights need not be small or tidy. This 7 × 7 kernel has the shape of a bent line; two patches of a drawing
lie under it.
"""

# %% id="curve"
curve, patch, other = filters.NAMED["curve"], filters.CURVE_PATCH, filters.OTHER_PATCH
ck.verify("on the curve: (50 + 20 + 50 + 50 + 50) · 30", (patch * curve).sum(), 6600)
ck.verify("on the other patch", (other * curve).sum(), 0)
marked = [(int(i), int(j)) for i, j in np.argwhere(curve)]
ck.figure(
    draw.grids({"kernel": curve, "patch": patch, "other": other}, {"patch": marked, "other": marked}),
    alt="The kernel has six weights of 30 along a bent line. On the first patch five of its six places hold pixels, "
    "50, 20, 50, 50, 50; on the other patch all six hold 0.",
)

# %% id="predict-white"
ck.predict(
    "l03-white",
    "6600 is called a large number. How does the curve detector answer to a plain white wall, 50 everywhere?",
    ["0", "3300", "6600", "9000"],
)

# %% id="white"
canvas = np.zeros((20, 34))
canvas[3:10, 4:11], canvas[10:17, 14:21], canvas[3:14, 22:33] = patch, other, 50  # the last is the wall
centred = curve - curve.mean()  # weights that sum to 0
answers, better = (feature_map(canvas, kernel) for kernel in (curve, centred))
ck.verify("kernel as it is: wall, one pixel below the slide's window", [answers[4, 24], answers[4, 4]], [9000, 9000])
ck.verify("centred kernel: wall, curve, other", [better[4, 24], better[3, 4], better[10, 14]], [0, 4212, -1396], atol=1)
ck.verify("where the centred kernel answers most", np.unravel_index(better.argmax(), better.shape), [4, 4])
shown = {"canvas": canvas / 50, "kernel as it is": answers / 9000, "centred kernel": better}
ck.figure(
    draw.photos(shown, signed=["centred kernel"]),
    alt="A canvas with the curve, the other patch and a white square. The plain kernel answers most in the square. The "
    "centred kernel is silent inside it, strong at its left border, and strongest on the curve.",
)

# %% [markdown] id="white-meaning"
r"""
9000: the wall beats the curve. A dot product rewards brightness as much as shape. Subtract the kernel's mean,
and with sum 0 the inside of the wall gets 0, the curve 4212 and the other patch −1396.

And slide it! The strongest answer, 9000 before centring, lies one pixel *below* the window on the slide, where
all six weights meet a 50. Finding Waldo works like this, with Waldo as the kernel.

Nobody designs kernels in a network. They are weights, learned like any others.
"""

# %% [markdown] id="size-question"
r"""
## 5. How big is the output?

Three numbers change where the window goes. **Stride** $S$: how far it steps. Larger is faster, and takes less
memory. **Padding** $P$: zeros around the picture. **Dilation** $d$: gaps between the taps, so that $F$ of them
reach over $d(F - 1) + 1$ pixels. For stride 1 without gaps or padding the sources agree on $N - F + 1$. In
general

$$M = \left\lfloor \frac{N + 2P - d(F - 1) - 1}{S} \right\rfloor + 1.$$

Two of the source lectures leave out the rounding. One says that a window of 3 with stride 3 "doesn't fit" on 7
pixels: $(7 - 3)/3 + 1 = 2.33$.
"""

# %% id="predict-fit"
ck.predict(
    "l03-fit",
    "7 pixels, a window of 3, stride 3. What do Keras and PyTorch do?",
    ["refuse with an error", "give 2 outputs", "give 3 outputs", "pad until it fits"],
)

# %% id="sizes"
size = convolution.output_size
ck.verify("7 pixels, window 3, strides 1, 2, 3", [size(7, 3, stride) for stride in (1, 2, 3)], [5, 3, 2])
ck.verify("unrounded, stride 3", (7 - 3) / 3 + 1, 2.33, rtol=2e-3)
ck.verify("32 pixels, window 5, strides 1 and 3", [size(32, 5, stride) for stride in (1, 3)], [28, 10])
ck.verify("padding (F − 1)/2 for F = 3, 5, 7", [size(32, F, 1, (F - 1) // 2) for F in (3, 5, 7)], [32, 32, 32])
ck.verify("7 pixels, window 3, padding 1, strides 1 and 2", [size(7, 3, 1, 1), size(7, 3, 2, 1)], [7, 4])
ramp, ones = np.arange(1, 8), np.ones(3)
taps = ramp[:-4] + ramp[2:-2] + ramp[4:]  # every second pixel
strides = [draw.Slide(f"stride {k}", ramp, ones, correlate(ramp, ones)[::k], stride=k) for k in (1, 2, 3)]
ck.figure(
    draw.slides([*strides, draw.Slide("dilation 2", ramp, ones, taps, dilation=2)]),
    alt="Windows of 3 ones on the pixels 1 to 7. Stride 1: five windows. Stride 2: three. Stride 3: two, and pixel 7 "
    "is hatched, for no window reads it. Dilation 2: three windows that each read every second pixel.",
)

# %% [markdown] id="sizes-meaning"
r"""
Frameworks round down: 2 outputs, and the last pixel is never read. No error, no warning. If that pixel
matters, choose a stride that fits or pad.

A window of 5 has 28 places on 32 pixels, which is why the slides slide it 28 × 28 times; with stride 3 it has
10. Padding $(F - 1)/2$ keeps the size: 1, 2 and 3 for windows of 3, 5 and 7. Padding 1 keeps 7 pixels at 7;
with stride 2 added, 4 are left, about half.

**Your turn**, in numbers.
"""


# %% id="check-output-width"
def my_output_width(n, kernel, stride=1, pad=0, dilation=1):
    # whole numbers in, a whole number out; pad is the zeros on each side
    return ...


ck.check.output_width.report(my_output_width)

# %% id="kernel-explorer" tags=["interactive"]
wide = np.hstack([image, [[0, 2], [1, 0], [0, 1], [0, 3], [1, 0]]])  # the toy with two more columns: 5 × 7
kernels = {"X": cross, "L": ell, "upright edge": [[1, 0, -1]], "mean of 2 × 3": np.full((2, 3), 1 / 6).round(2)}
display(HTML(ck.figures.kernel_explorer.kernel_explorer(wide, kernels)))
still = {"input": wide, "kernel": cross, "output": feature_map(wide, cross)}
ck.figure(
    draw.grids(still, {"input": first, "output": [(0, 0)]}),
    alt="Where the explorer starts: an image of 5 by 7 pixels, the X as kernel and the output of 3 by 5. The window in "
    "the top left corner and its sum, 4, are framed.",
    caption="Where the explorer starts, for paper.",
    table=[[f"column {j}" for j in range(5)], *still["output"].astype(int).tolist()],
)

# %% [markdown] id="kernel-explorer-tasks"
r"""
Point at an output pixel, or press Tab until one has the focus and use the arrow keys.

1. With the L, at which output pixels does turning the kernel make no difference?
2. Which strides, apart from 1, read every pixel?
3. Set the dilation to 3. What is wrong, and what is the least padding that saves it?

<details><summary>Answers</summary>

1. At two: row 0, column 1 and row 2, column 3.
2. Only 2. Stride 3 leaves a column and two rows at the end; 4 also jumps over a column in the middle.
3. The X reaches over 7 × 7 pixels, and the picture has 5 rows. Padding 1 lends the two that are missing.

</details>
"""

# %% [markdown] id="same-question"
r"""
### "Same" is not the same everywhere

Keras's `padding="same"` promises $\lceil N / S \rceil$ outputs, and pads just enough for that. If the number
of zeros is odd, the extra one goes to the end. PyTorch users pad both sides alike. Take the pixels 0 to 5, a
window of three ones and stride 2.
"""

# %% id="predict-same"
ck.predict(
    "l03-same",
    'What does Keras\'s "same" give for 0 1 2 3 4 5, a window of three ones, stride 2?',
    ["1 6 12", "3 9 9", "1 6 9", "3 9"],
)

# %% id="same"
pixels = np.arange(6)
alike = correlate(np.pad(pixels, (1, 1)), ones)[::2]
zeros = (3 - 1) * 2 + 3 - 6  # what three windows need beyond six pixels
keras_like = correlate(np.pad(pixels, (zeros // 2, zeros - zeros // 2)), ones)[::2]
ck.verify("zeros that Keras adds", zeros, 1)
ck.verify("one zero on both sides; Keras", [alike, keras_like], [[1, 6, 12], [3, 9, 9]])
both = draw.Slide("both sides alike, padding 1", pixels, ones, alike, stride=2, before=1, after=1)
at_the_end = draw.Slide('Keras, "same"', pixels, ones, keras_like, stride=2, after=1)
ck.figure(
    draw.slides([both, at_the_end]),
    alt="Six pixels, 0 to 5. With a zero on both sides the windows start at the left zero and sum to 1, 6, 12; the "
    "right zero is never read. Keras adds one zero at the right only: 3, 9, 9.",
)

# %% [markdown] id="same-meaning"
r"""
Three outputs either way, but from other pixels: [1, 6, 12] and [3, 9, 9]. Each of Keras's windows sits one
pixel further right. Weights moved from one framework to the other then give slightly wrong features, and no
error. State the padding as a number when it matters. With stride 1 and an odd window the two agree.
"""

# %% [markdown] id="layer-question"
r"""
## 6. A layer: many channels in, many out

A colour photo is a grid of vectors, rows × columns × channels, and so is everything inside a network. A filter
is small in space but always spans the full depth; it sums over all three axes of its window $x^r$:

$$h^r = \sum_{ijk} x^r_{ijk}\, w_{ijk} + b$$

One filter makes one map. Stack the maps of several filters, and they form a new "image" with one channel a
filter. All weights together have four axes; here (rows, columns, channels in, channels out). A batch of images
has four as well, with the images first.
"""

# %% id="predict-parameters"
ck.predict(
    "l03-parameters",
    "A 32 × 32 colour image, ten filters of 5 × 5, stride 1, padding 2. How many parameters?",
    ["250", "260", "750", "760"],
)


# %% id="layer"
def layer(image, weights, bias):
    kh, kw, _, c_out = weights.shape
    out = np.zeros((image.shape[0] - kh + 1, image.shape[1] - kw + 1, c_out))
    for i, j in np.ndindex(out.shape[:2]):
        window = image[i : i + kh, j : j + kw, :, np.newaxis]  # (kh, kw, c_in, 1)
        out[i, j] = (window * weights).sum(axis=(0, 1, 2)) + bias
    return out


rng = np.random.default_rng(0)
x, weights, bias = rng.uniform(size=(32, 32, 3)), rng.standard_normal((5, 5, 3, 6)), rng.standard_normal(6)
ck.verify("shape of the output of six filters", layer(x, weights, bias).shape, [28, 28, 6])
ck.verify("the library's layer", convolution.conv2d(x[np.newaxis], weights, bias)[0][0], layer(x, weights, bias))
ck.verify("parameters of six filters", weights.size + bias.size, 456)
ck.verify("parameters of one, and of ten", [5 * 5 * 3 + 1, 10 * (5 * 5 * 3 + 1)], [76, 760])

# %% [markdown] id="layer-meaning"
r"""
Six filters give 28 × 28 × 6. Each has 5 · 5 · 3 weights and one bias, 76 parameters: 456 for six, 760 for ten,
whose output with padding 2 is 32 × 32 × 10. The size of the image is nowhere in that count.

With channels, a filter can look for colour. Three by hand, on the photo. Watch the left rim of the cup, where it
gets brighter to the right, but less red:
"""

# %% id="colour"
by_hand = np.zeros((3, 3, 3, 3))  # (rows, columns, channels in, filters)
by_hand[..., 0] = np.array([1, -0.5, -0.5]) / 9  # more red than green and blue, in the mean of the window
by_hand[..., 1] = filters.NAMED["sobel_x"][..., np.newaxis] / 3  # upright edges in any colour
by_hand[..., 2] = filters.NAMED["sobel_x"][..., np.newaxis] * [1, -0.5, -0.5]  # where redness changes
answers = convolution.conv2d(photo[np.newaxis], by_hand, np.array([0, 0, 0]))[0][0]
titles = ["red", "upright edges", "upright edges of redness"]
ck.verify("three maps of the photo", answers.shape, [132, 198, 3])
ck.verify(
    "redness of the saucer, and of the cup's rim", [answers[60, 40, 0], answers[8, 86, 0]], [0.55, 0.05], rtol=0.1
)
ck.figure(
    draw.photos({title: answers[..., k] for k, title in enumerate(titles)}, signed=titles[1:]),
    alt="Three maps of the photo. Red: the saucer is light, the white rim of the cup is black. Upright edges: the "
    "outlines. Upright edges of redness: the outlines again, but along the rim purple and orange have changed places.",
)

# %% id="counts"
inputs, outputs, each = 32 * 32 * 3, 28 * 28 * 6, 5 * 5 * 3 + 1
parameters = {"fully connected": (inputs + 1) * outputs, "locally connected": outputs * each, "convolution": 6 * each}
ck.verify("parameters from 32 × 32 × 3 to 28 × 28 × 6", list(parameters.values()), [14_455_392, 357_504, 456], rtol=0)
ck.verify("products, fully connected and by windows", [inputs * outputs, outputs * 75], [14_450_688, 352_800], rtol=0)
ck.figure(
    draw.counts(parameters, "parameters"),
    alt="Parameters on a logarithmic axis: fully connected 14,455,392, locally connected 357,504, convolution 456.",
)

# %% [markdown] id="counts-meaning"
r"""
The same shapes in and out, three ways to wire them. Local windows save a factor of about 40 in parameters and in
products. Sharing saves another 784, one for each place, in parameters alone.

A locally connected layer keeps one merit: it may look for eyes at the top and for a mouth below, where every
face stands at the same place. A convolution that learned to find an eye anywhere need not learn it again.

**Change one thing**: put ten filters of 5 × 5 on the ten maps of a first layer. How many parameters?

<details><summary>Answer</summary>

2,510: each filter spans ten channels now, 10 · (5 · 5 · 10 + 1).

</details>
"""

# %% id="predict-special"
ck.predict(
    "l03-special",
    "When you may choose settings and weights: which is a special case of the other?",
    ["fully connected, of convolution", "convolution, of fully connected", "each of the other", "neither"],
)

# %% id="special"
dense = rng.standard_normal((x.size, 10))  # a fully connected layer from the 32 × 32 × 3 image to 10 units
as_kernel = dense.reshape(32, 32, 3, 10)  # a window as large as the image has one place
ck.verify("fully connected as a convolution", layer(x, as_kernel, np.zeros(10))[0, 0], x.ravel() @ dense)
tiny, small = rng.uniform(size=(3, 3)), rng.standard_normal((2, 2))
as_matrix = np.append(0, small)[shared]  # section 1's table: 0 where nothing is connected, else its shared weight
ck.verify("convolution as a matrix", as_matrix @ tiny.ravel(), feature_map(tiny, small).ravel())
mixed = layer(photo, np.reshape([0.299, 0.587, 0.114], (1, 1, 3, 1)), np.zeros(1))[..., 0]
ck.verify("section 4's grey as a 1 × 1 convolution", mixed, grey)
early, late = rng.standard_normal((3, 3)), rng.standard_normal((3, 3))
in_two_steps = feature_map(feature_map(grey, early), late)
at_once = feature_map(grey, convolution.convolve(early, late, mode="full"))
ck.verify("two convolutions in a row as one", in_two_steps, at_once)
relu = np.maximum(0, feature_map(grey, early))
ck.verify("with a ReLU between them they are not", np.abs(feature_map(relu, late) - at_once).max() > 1, True)

# %% [markdown] id="special-meaning"
r"""
Each of the other. Let the window be as large as the image, and it has one place: a fully connected layer. Fill
a matrix with zeros and repeated weights, and it is a convolution; lecture 04 is about that matrix. So a network
of convolutions alone loses nothing. A 1 × 1 window is a fully connected layer at every pixel, over the
channels.

Convolution is *linear*: two in a row equal a single one, with a kernel of 5 × 5. So a bias and a non-linearity
such as ReLU follow each. Convolve, add the bias, bend; lecture 05 adds pooling, and training works as in
lecture 02.
"""

# %% [markdown] id="keras-question"
r"""
## The same in Keras

`Conv2D` has our layout: images (n, rows, columns, channels), kernels (rows, columns, channels in, channels
out). Does it turn the kernel, what does it do on 7 pixels, and is "same" as we said?
"""

# %% id="keras"
keras = ck.backend.keras()


def conv2d(image, kernel, bias=None, **options):
    """Return what Keras's layer makes of one image (rows, columns, channels)."""
    conv = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], use_bias=bias is not None, **options)
    conv.build((None, *image.shape))
    conv.set_weights([kernel] if bias is None else [kernel, bias])
    return keras.ops.convert_to_numpy(conv(image[np.newaxis].astype("float32")))[0]


toy_answer = conv2d(image[..., np.newaxis], ell[..., np.newaxis, np.newaxis])[..., 0]
ck.verify("the L, as it stands", toy_answer, feature_map(image, ell))
ck.verify("section 6's six filters", conv2d(x, weights, bias), layer(x, weights, bias), atol=1e-4)
row = np.ones((1, 3, 1, 1))  # a window of three ones, as a kernel of one row
six_pixels, seven_pixels = pixels[np.newaxis, :, np.newaxis], ramp[np.newaxis, :, np.newaxis]
ck.verify('"same" with stride 2', conv2d(six_pixels, row, strides=2, padding="same").ravel(), [3, 9, 9])
ck.verify("7 pixels, stride 3", conv2d(seven_pixels, row, strides=3).ravel(), [6, 15])
ck.verify("7 pixels, dilation 2", conv2d(seven_pixels, row, dilation_rate=2).ravel(), taps)
ten = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(10, 5, padding="same")])
ck.verify("parameters of ten filters", ten.count_params(), 760)
ck.verify("their output", ten.output_shape[1:], [32, 32, 10])
ck.verify("Keras 3 has a locally connected layer", hasattr(keras.layers, "LocallyConnected2D"), False)

# %% [markdown] id="keras-meaning"
r"""
Keras slides the kernel as it stands; its `Conv2D` is a correlation. It rounds down on 7 pixels, and its "same"
gives 3 9 9. All numbers are ours.

The locally connected layers of Keras 2 are gone: few used them. The PyTorch layout of a kernel is
(channels out, channels in, rows, columns); `weights.transpose(2, 3, 1, 0)` brings it here.
"""

# %% [markdown] id="wrap-up"
r"""
## Wrap-up

These questions want a computation. Open a cell below, or take paper. The panel after them keeps your
predictions: which of them would you change now?
"""

# %% id="quiz"
ck.quiz("l03")
ck.progress()

# %% id="numbers-in-answers"
# Every number that a folded answer or a comparison mentions.
ck.verify("section 1, 4 × 4 pixels to 3 × 3", [9 * 16, 9 * 4, 4], [144, 36, 4])
over_itself = feature_map(np.pad(image, 2), image)
ck.verify("section 3, the image over itself", [over_itself.max(), *divmod(over_itself.argmax(), 5)], [13, 2, 2])
frame = np.pad(np.zeros((132, 198), bool), 1, constant_values=True)
strength = np.abs(filtered["edge"])
ck.verify("section 4, frame against inside", strength[frame].mean() / strength[~frame].mean(), 4.2, rtol=0.01)
unchanged = np.argwhere(feature_map(wide, ell) == convolution.convolve(wide, ell))
ck.verify("section 5, where turning the L changes nothing", unchanged, [[0, 1], [2, 3]])
reads_all = [s for s in range(2, 10) if s <= 3 and (5 - 3) % s == (7 - 3) % s == 0]
ck.verify("section 5, strides that read every pixel", reads_all, [2])
ck.verify("section 5, dilation 3 with padding 1", [size(5, 3 * 2 + 1, 1, 1), size(7, 3 * 2 + 1, 1, 1)], [1, 3])
by_type = list(parameters.values())
saved = [by_type[0] / by_type[1], by_type[1] / by_type[2]]
ck.verify("section 6, saved by windows and by sharing", saved, [40, 784], rtol=0.02)
ck.verify("section 6, ten filters on ten maps", 10 * (5 * 5 * 10 + 1), 2510)

# %% [markdown] id="summary"
r"""
### Summary

| | what it is | remember |
|---|---|---|
| convolution | slide the kernel turned by 180°, sum the products | commutes; a single 1 gives the kernel |
| cross-correlation | the same with the kernel as it stands | what networks compute and call convolution |
| sum of the weights | the answer to an even area | 1 keeps brightness, 0 detects change |
| output size | ⌊(N + 2P − d(F − 1) − 1) / S⌋ + 1 | the remainder is dropped in silence |
| padding (F − 1)/2 | keeps the size, for odd F and stride 1 | invents zeros at the border |
| parameters | (F · F · channels in + 1) · filters | the image size is not in it |
| sparse, then shared | m·n, then k·n, then k weights | fully, locally connected, convolution |

What could go wrong: height for width, turned kernels, a sum that is not 1, forgotten channels or biases,
"same" taken for symmetric.
"""

# %% [markdown] id="stretch-and-sources"
r"""
### Stretch

1. Find a 3 × 3 kernel whose map is the photo moved one pixel to the left. Which way does convolution move it?
2. A box blur of 9 × 9 is one column of ninths after one row. Count the products of both ways, and check that
   the photos agree. Which of the filters above can be split like this?
3. Cut one letter out of `skimage.data.page()`, centre it, and slide it over the page. Does the strongest answer
   find its fellows?

Next: assignment a3, where you write these layers yourself; and lecture 04, where a convolution is a matrix and
learns its kernel.

## Sources

- André Martins, Francisco Melo and Mário Figueiredo, *Deep Learning*, lecture 7, Instituto Superior Técnico,
  Lisbon 2022: output sizes, 1-D convolution with finite support, padding.
- *Convolutional Neural Networks*, lecture 6, after Goodfellow, Bengio and Courville, "Deep Learning", MIT Press
  2016, chapter 9: convolution, correlation, sparse interactions, sharing.
- Yuki M. Asano, *Deep Learning 1*, lecture 5, University of Amsterdam: 240 million, filters, volumes, strides,
  which layer is a special case. Filter pictures after Roger Grosse, volumes after Andrej Karpathy.
- Adriana Kovashka, *CS 1674: Introduction to Computer Vision*, University of Pittsburgh 2022: 7 × 7 pixels, 760
  parameters.
- Danna Gurari, *Convolutional Neural Networks*, University of Texas at Austin 2021: toy, curve detector,
  filters, parameter counts.
- V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016.
- Photo: Rachel Michetti, "Coffee", in scikit-image, CC0. Where these slides err: `docs/errata.md`.
"""
