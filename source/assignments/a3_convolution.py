# ---
# title: 'Assignment 3: Convolution'
# ---

# %% [markdown] id="welcome"
r"""
# Assignment 3: Convolution

One small window, slid over a signal or an image: that is all a convolution does. You will write it four times, as a
sum, as a matrix, as a network's layer with its gradients, and as one matrix product, each time in plain NumPy.

**Goals.** You can tell convolution from cross-correlation, design a kernel for a photo, say how large an output is,
and write a convolution layer, forward and backward, for any stride and padding.

**What you need.** Lecture 03, NumPy slicing, and the chain rule of lecture 02.

| part | points | minutes |
|---|---|---|
| 1. signals | 4 | 20 |
| 2. convolution as a matrix | 4 | 20 |
| 3. images | 4 | 25 |
| 4. a kernel for a photo | 3 | 20 |
| 5. how large is the output? | 3 | 15 |
| 6. a layer, forward and backward | 11 | 90 |
| 7. a layer as one matrix product, and a written answer | 7 | 45 |

**How to check.** Below every function stands a cell like `ck.check.convolve_1d(convolve_1d)`. It is the very check
that grades you, on worked cases and on random inputs that are fresh each time: what you see is what you will get. Run
it as often as you like. When it fails, it shows the first wrong number and, if it knows the mistake, what happened. Go
cell by cell: *Run All* stops at the first function that is not written yet.

**How points work.** A function that passes its check earns all its points. Style costs nothing, and loops are welcome,
but NumPy is all you may call. No graded function needs another one of yours: leave one unwritten, or failing, and go
on with the next. No function may change the arrays it is given, and results are floats even where pixels are whole
numbers. The written answer in part 7 is read by a person.
"""

# %% id="setup"
import time

import numpy as np
from skimage import data

import coursekit as ck

draw = ck.figures.convolution

# %% [markdown] id="signals"
r"""
## 1. Signals

The convolution of a signal $x$ with a kernel $w$ is

$$y_i = \sum_k w_k \, x_{i-k}$$

Mind the minus: as $k$ goes up, the signal is read backwards. Pixels before the first and after the last are 0, and
every output counts to which at least one pixel contributes. That mode is called *full*; from $n$ pixels and $k$
weights come $n + k - 1$ outputs. The kernel may be longer than the signal.
"""


# %% id="convolve-1d" nbgrader="solution"
def convolve_1d(x, kernel):
    """Return the full convolution of a signal with a kernel.

    x: (n,)    kernel: (k,)    returns: (n + k - 1,)
    """
    ### BEGIN SOLUTION
    out = np.zeros(len(x) + len(kernel) - 1)
    for i, pixel in enumerate(x):
        out[i : i + len(kernel)] += pixel * kernel  # each pixel leaves a copy of the kernel
    return out
    ### END SOLUTION


# %% id="signals-worked"
# Try it: what does a single 1 answer? And a step up, under a kernel that takes differences?
spike, step = np.array([0.0, 0, 1, 0, 0]), np.array([2.0, 2, 2, 5, 5])
ck.verify("a single 1", convolve_1d(spike, np.array([3.0, 1, -2])), [0, 0, 3, 1, -2, 0, 0], atol=1e-9)
ck.verify("a step, and both ends", convolve_1d(step, np.array([1.0, -1])), [2, 0, 0, 3, 0, -5], atol=1e-9)

# %% id="convolve-1d-tests" nbgrader="tests" points=4
ck.check.convolve_1d(convolve_1d)

# %% [markdown] id="matrix"
r"""
## 2. Convolution as a matrix

Convolution is linear, so for signals of $n$ pixels there is a matrix $T$ with $T x$ equal to the full convolution of
$x$ with the kernel. Which shape must it have? Column $j$ is what $T$ makes of a signal that is 1 at pixel $j$ and 0
elsewhere, and you have just seen what a convolution answers to that.
"""


# %% id="toeplitz-matrix" nbgrader="solution"
def toeplitz_matrix(kernel, n):
    """Return the matrix that convolves every signal of n pixels with the kernel, in full mode.

    kernel: (k,)    n: a whole number, 1 or more
    """
    ### BEGIN SOLUTION
    matrix = np.zeros((n + len(kernel) - 1, n))
    for j in range(n):
        matrix[j : j + len(kernel), j] = kernel
    return matrix
    ### END SOLUTION


# %% id="matrix-picture"
weights = np.array([3.0, 1, -2])
matrix = np.array(toeplitz_matrix(weights, 5))
difference = np.abs(matrix @ step - convolve_1d(step, weights)).max()
ck.verify("matrix times signal, less their convolution, at most", difference, 0, atol=1e-9)
ck.figure(
    draw.grids({"kernel": weights[:, np.newaxis], "matrix": matrix, "signal": step[:, np.newaxis]}),
    alt="The kernel 3, 1, −2 as a column; the matrix of 7 rows and 5 columns, in which each column is the kernel, one "
    "row lower than in the column before, and 0 elsewhere; and the signal 2, 2, 2, 5, 5 as a column.",
)

# %% id="toeplitz-matrix-tests" nbgrader="tests" points=4
ck.check.toeplitz_matrix(toeplitz_matrix)

# %% [markdown] id="images"
r"""
## 3. Images

Networks lay the kernel over the image as it stands, without turning it. Mathematicians call that *cross-correlation*:

$$y_{ij} = \sum_k \sum_l w_{kl} \, x_{i+k,\,j+l}$$

This time, only windows that lie within the image count (mode *valid*). Neither image nor kernel need be square, and a
window's rows and columns are counted by the kernel's own.
"""


# %% id="cross-correlate-2d" nbgrader="solution"
def cross_correlate_2d(x, kernel):
    """Return the valid cross-correlation of a grey image with a kernel.

    x: (rows, columns)    kernel: (kernel_rows, kernel_columns), no larger than x
    """
    ### BEGIN SOLUTION
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * kernel)
    return out
    ### END SOLUTION


# %% id="toy"
# Try it on the toy of the lecture. Its kernel is the same upside down, so it cannot tell you whether you turned it;
# the second one can. Where does the dot's answer have the kernel's 1?
toy = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
cross = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
ck.verify("the 5 × 5 toy", cross_correlate_2d(toy, cross), [[4, 3, 4], [2, 4, 3], [2, 3, 4]])

dot, counted = np.zeros((5, 6)), np.array([[1, 2], [3, 4], [5, 6]])
dot[2, 3] = 1
ck.figure(
    draw.grids({"image": dot, "kernel": counted, "cross-correlation": cross_correlate_2d(dot, counted)}),
    alt="An image of 5 by 6 pixels with a single 1, a kernel with rows 1 2, 3 4 and 5 6, and their cross-correlation, "
    "3 by 5, in which the kernel appears turned by 180 degrees: 6 5, 4 3 and 2 1.",
)

# %% id="cross-correlate-2d-tests" nbgrader="tests" points=4
ck.check.cross_correlate_2d(cross_correlate_2d)

# %% [markdown] id="photo"
r"""
## 4. A kernel for a photo

How would you brighten a photo with a kernel, and how would you remove wrinkles, or bring them out? One recipe does it
all. With $m$ the mean of the window around a pixel $p$, the new pixel is

$$b \left(p + s\,(p - m)\right)$$

where $b$ is the brightness and $s$ the sharpness. With $s > 0$, what stands out from its surroundings stands out more;
with $s = -1$ only the mean is left. Since this is a weighted sum of the window's pixels, there is a kernel for it:
return that. The window has an odd number of rows and of columns, and the mean includes the pixel in its middle.
"""


# %% id="photo-kernel" nbgrader="solution"
def photo_kernel(shape, sharpness, brightness=1.0):
    """Return the kernel, of the given shape, that sharpens (or smooths) and brightens (or darkens).

    shape: (rows, columns), both odd    sharpness: one number, negative to smooth    brightness: one number
    """
    ### BEGIN SOLUTION
    rows, columns = shape
    kernel = np.full(shape, -sharpness / (rows * columns))
    kernel[rows // 2, columns // 2] += 1 + sharpness
    return brightness * kernel
    ### END SOLUTION


# %% id="photo-kernel-tests" nbgrader="tests" points=3
ck.check.photo_kernel(photo_kernel)

# %% id="cat"
cat = data.chelsea()[::2, ::2].mean(axis=2) / 255
versions = {"as it is": cat}
for title, wish in {
    "whiskers removed": ((7, 7), -1),
    "whiskers brought out": ((7, 7), 2),
    "brighter": ((3, 3), 0, 1.6),
}.items():
    versions[title] = cross_correlate_2d(cat, np.array(photo_kernel(*wish)))
ck.figure(
    draw.photos(versions, columns=2),
    alt="Four versions of the photo of a cat's face: as it is; smoothed, its whiskers and hairs gone; sharpened, with "
    "every hair standing out; and brighter, the lightest fur now plain white.",
)

# %% [markdown] id="size"
r"""
## 5. How large is the output?

A window need not move by one pixel: with a *stride* of $s$ it moves by $s$. And the image may be given a frame of $p$
zeros on each side, the *padding*. How many windows of $k$ pixels then fit along an axis of $n$? What is left over at
the end, too narrow for one more window, is dropped. The kernel is never larger than the padded axis.
"""


# %% id="output-size" nbgrader="solution"
def output_size(n, kernel, stride=1, pad=0):
    """Return the number of windows along one axis.

    n, kernel, stride: whole numbers, 1 or more    pad: zeros on each of the two sides, 0 or more
    """
    ### BEGIN SOLUTION
    return (n + 2 * pad - kernel) // stride + 1
    ### END SOLUTION


# %% id="output-size-tests" nbgrader="tests" points=3
ck.check.output_size(output_size)

# %% [markdown] id="layer"
r"""
## 6. A layer, forward and backward

### Forward

A layer takes $n$ images of $c_{in}$ channels at once, and answers with $c_{out}$ maps for each. Every map $q$ has its
own kernel, which reaches through *all* input channels, and its own bias $b_q$. With $x$ already padded:

$$y_{b,i,j,q} = b_q + \sum_{k,l,c} x_{b,\; is + k,\; js + l,\; c} \; w_{k,l,c,q}$$

Stride and pad are whole numbers, the same for rows and columns. Channels come last, as in Keras.
"""


# %% id="conv2d-forward" nbgrader="solution"
def conv2d_forward(x, weights, bias, stride=1, pad=0):
    """Return a convolution layer's output.

    x: (n, rows, columns, c_in)    weights: (kernel_rows, kernel_columns, c_in, c_out)    bias: (c_out,)
    returns: (n, out_rows, out_columns, c_out)
    """
    ### BEGIN SOLUTION
    kh, kw, _, c_out = weights.shape
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows, columns = (padded.shape[1] - kh) // stride + 1, (padded.shape[2] - kw) // stride + 1
    out = np.zeros((len(x), rows, columns, c_out))
    for i in range(rows):
        for j in range(columns):
            window = padded[:, i * stride : i * stride + kh, j * stride : j * stride + kw]
            out[:, i, j] = np.tensordot(window, weights, axes=3) + bias
    return out
    ### END SOLUTION


# %% id="layer-worked"
# Try it: two images, the toy and its mirror image, and two maps, the second one the first times ten, plus one half.
pair = np.stack([toy, toy[:, ::-1]])[..., np.newaxis]
maps = conv2d_forward(pair, cross[:, :, np.newaxis, np.newaxis] * [1, 10], np.array([0, 0.5]))
ck.verify("first image, first map", maps[0, :, :, 0], [[4, 3, 4], [2, 4, 3], [2, 3, 4]])
ck.verify("mirror image, second map", maps[1, :, :, 1], [[40.5, 30.5, 40.5], [30.5, 40.5, 20.5], [40.5, 30.5, 20.5]])

# %% id="conv2d-forward-tests" nbgrader="tests" points=5
ck.check.conv2d_forward(conv2d_forward)

# %% [markdown] id="backward"
r"""
### Backward

Now someone hands you `dout`, the slope of a loss with respect to each output, and wants the slopes with respect to
pixels, weights and bias. No new formula is needed. In the sum above, one product links output $(b, i, j, q)$ to one
pixel and one weight. So in the loss, that pixel's slope gains $w \cdot dout$ from it, and that weight's slope
$x \cdot dout$. Add up over all outputs.

A pixel collects from every window it lies in, and a weight from every window of every image. `dx` has the shape of
`x`: nobody asks for the slopes of the zeros around it, and pixels that no window reads have slope 0.
"""


# %% id="conv2d-backward" nbgrader="solution"
def conv2d_backward(dout, x, weights, stride=1, pad=0):
    """Return the gradients of a loss with respect to x, weights and bias.

    dout: (n, out_rows, out_columns, c_out)    x, weights, stride, pad: as in the forward pass
    returns: dx of x's shape, dweights of weights' shape, dbias: (c_out,)
    """
    ### BEGIN SOLUTION
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))
    ### END SOLUTION


# %% id="conv2d-backward-tests" nbgrader="tests" points=6
ck.check.conv2d_backward(conv2d_backward)

# %% id="gradient-check"
# Hold your derivatives against differences: move one number a little up and down, and see what the loss does.
rng = np.random.default_rng(0)
x, weights, bias = rng.normal(0, 1, (2, 6, 7, 3)), rng.normal(0, 1, (3, 2, 3, 4)), rng.normal(0, 1, 4)
dout = rng.normal(0, 1, conv2d_forward(x, weights, bias, stride=2, pad=1).shape)
gradients = conv2d_backward(dout, x, weights, stride=2, pad=1)

for name, array, gradient in zip(("dx", "dweights", "dbias"), (x, weights, bias), gradients, strict=True):
    slopes = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        before = array[index]
        for sign in (1, -1):
            array[index] = before + sign * 1e-5
            slopes[index] += sign * np.sum(dout * conv2d_forward(x, weights, bias, 2, 1)) / 2e-5
        array[index] = before
    ck.verify(f"largest difference in {name}", np.abs(slopes - gradient).max(), 0, atol=1e-6)

# %% id="learned-kernel"
# Your layer can learn: shown noise, and what a secret kernel makes of it, it finds the kernel by descent.
secret = np.array([[1.0, -1], [2, -2], [1, -1]])[:, :, np.newaxis, np.newaxis]
noise = rng.normal(0, 1, (1, 20, 30, 1))
wanted = conv2d_forward(noise, secret, np.array([0.5]))
learned, offset = np.zeros(secret.shape), np.zeros(1)
losses, kernels = [], {"start": learned[..., 0, 0]}
for steps in range(1, 31):
    error = conv2d_forward(noise, learned, offset) - wanted
    losses.append(np.mean(error**2))
    _, dlearned, doffset = conv2d_backward(2 * error / error.size, noise, learned)
    learned, offset = learned - 0.2 * dlearned, offset - 0.2 * doffset
    if steps in (1, 3, 30):
        kernels[f"step {steps}"] = learned[..., 0, 0].round(1)
ck.verify("learned kernel", learned, secret, atol=0.01)
ck.figure(
    draw.grids(kernels | {"secret": secret[..., 0, 0]}),
    alt="The kernel at the start, all zeros, and after 1, 3 and 30 steps. After 3 steps its signs and proportions are "
    "right; after 30 it equals the secret kernel, with rows 1 −1, 2 −2 and 1 −1.",
    table={"step": range(30), "loss before it": losses},
)

# %% [markdown] id="patches"
r"""
## 7. A layer as one matrix product

Loops in Python are slow, matrix products are fast. So write every window as one *row* of a matrix. Then the whole layer
is that matrix times the weights, which `weights.reshape(-1, c_out)` turns into a matrix too. For the two to match, the
order counts:

- rows: image by image; in each, window by window, from left to right, then downwards;
- within a row: the window's pixels in the same order, with the channels of each pixel side by side.

The result has two axes. It is called `im2col`, image to columns, by those who store images the other way round.
"""


# %% id="im2col" nbgrader="solution"
def im2col(x, kernel_size, stride=1, pad=0):
    """Return every window of every image as a row of a matrix.

    x: (n, rows, columns, channels)    kernel_size: (kernel_rows, kernel_columns)
    returns: (n * out_rows * out_columns, kernel_rows * kernel_columns * channels)
    """
    ### BEGIN SOLUTION
    kh, kw = kernel_size
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * x.shape[3])
    ### END SOLUTION


# %% id="im2col-tests" nbgrader="tests" points=4
ck.check.im2col(im2col)

# %% id="im2col-speed"
images, weights = rng.normal(0, 1, (8, 32, 32, 8)), rng.normal(0, 1, (3, 3, 8, 16))
began = time.perf_counter()
by_windows = conv2d_forward(images, weights, np.zeros(16))
between = time.perf_counter()
by_product = (im2col(images, (3, 3)) @ weights.reshape(-1, 16)).reshape(by_windows.shape)
ended = time.perf_counter()
ck.verify("largest difference", np.abs(by_windows - by_product).max(), 0, atol=1e-9)
print(f"conv2d_forward: {1000 * (between - began):.0f} ms    im2col and a product: {1000 * (ended - between):.0f} ms")
matrix_size, image_size = np.size(im2col(images, (3, 3))), images.size
print(f"The price: {matrix_size:,} numbers in the matrix, made from {image_size:,} pixels.")

# %% [markdown] id="written-answer" nbgrader="manual" points=3
r"""
### Explain it (3 points)

1. A classmate's layer turns its kernels by 180°, forward and backward. It trains as well as yours. Why? And when would
   the difference show?
2. In the backward pass, how many terms does the slope of a pixel in the middle of a large image have, for a 3 × 3
   kernel with $c_{out}$ maps, at stride 1 and at stride 3? What is special about pixels at the border?
3. `im2col` wins time and loses something. What, and by which factor in your last cell?

Five to eight sentences.

<!-- BEGIN SOLUTION -->
1. The weights are learned, so the layer learns the turned kernel and computes the same function: what it can express
   and its loss are unchanged. The difference shows as soon as weights are exchanged or written by hand: loading them
   into another library, designing an edge filter, or comparing with the formula, unless the kernel is the same turned
   by 180°, as the toy's is.
2. At stride 1 the pixel lies in 9 windows, once at each place of the kernel, and each window answers in $c_{out}$ maps:
   $9\,c_{out}$ terms. At stride 3 the windows stand side by side, so it lies in one: $c_{out}$ terms. Without padding,
   pixels at the border lie in fewer windows (a corner in one), and with a stride the last ones may lie in none.
3. Memory: each pixel is stored once for every window it lies in. With 3 × 3 windows that is nearly 9 times as many
   numbers; here 518,400 from 65,536, about 7.9 times, as border pixels are in fewer windows.

*Marking.* 1 point: learning makes up for the turn, with one case in which it shows. 1 point: $9\,c_{out}$ and $c_{out}$
(the factor $c_{out}$ may be named once), and fewer windows at the border. 1 point: memory, with a factor of 7 to 9.
<!-- END SOLUTION -->
"""
