# ---
# title: Convolution as a matrix, and its gradient
# ---

# %% [markdown] id="title"
r"""
# Convolution as a matrix, and its gradient

A convolution is linear, so some matrix does the same. Nobody stores that matrix, but looking at it explains
much at once: its zeros are the sparse connections, its repeated numbers the shared weights, its transpose is
the backward pass, and its eigenvectors are waves.

**Afterwards you can**

- write the matrix of a convolution, in one and two dimensions, and diagonalise it with the FFT;
- compute a convolution as one matrix product, and say why that is fast;
- derive the gradients for the kernel and for the input, with any stride, and check them;
- say how many pixels a unit sees, and measure what equivariance holds for and what it does not.

**You need** lecture 03's convolution and lecture 02's chain rule. Nothing is downloaded.

**It takes** 90 minutes: about twelve a section, the rest for Keras and the quiz.

As always: where a box says *Predict*, answer before you run on; cells that end in `ck.check` wait for a line
of yours; a line with ✓ is a number from the text, computed again on your machine.
"""

# %% id="setup"
from timeit import timeit

import numpy as np
from IPython.display import HTML, display
from scipy import ndimage, sparse
from skimage import data

import coursekit as ck
from coursekit.scratch import convolution, filters, gradients, matrices

draw, grids = ck.figures.matrices, ck.figures.convolution.grids

# %% [markdown] id="row-question"
r"""
## 1. Which matrix is a convolution?

An output of a fully connected layer is a row of weights times all inputs. An output of a convolution is a
weighted sum of inputs too; most weights are 0. So write them as rows, here for a signal of six numbers and the
kernel 1 2 3.
"""

# %% id="predict-numbers"
ck.predict(
    "l04-numbers",
    "Six pixels, the kernel 1 2 3, every place where all of it fits. How many different numbers are in the matrix?",
    ["3", "4", "12", "24"],
)

# %% id="toeplitz"
x, w = np.array([2.0, 5, 1, 4, 0, 3]), np.array([1.0, 2, 3])
T, full = matrices.toeplitz(w, len(x)), matrices.toeplitz(w, len(x), mode="full")
ck.verify("T", T, [[3, 2, 1, 0, 0, 0], [0, 3, 2, 1, 0, 0], [0, 0, 3, 2, 1, 0], [0, 0, 0, 3, 2, 1]])
ck.verify("T x is the convolution", T @ x, convolution.convolve(x, w))
ck.verify("entries, of which not 0, of which different", [T.size, (T != 0).sum(), len(np.unique(T))], [24, 12, 4])
ck.verify("w * x is x * w", full @ x, matrices.toeplitz(x, len(w), mode="full") @ w)
ck.figure(
    draw.matrices({"valid: 4 × 6": T, "full: 8 × 6": full}),
    alt="Four rows of 6: 3 2 1 moves right by one a row. With cut windows 8 rows: down each column runs 1 2 3.",
)

# %% [markdown] id="toeplitz-meaning"
r"""
Four numbers: 0, 1, 2 and 3. Each row is the one above, moved by one place, so along every diagonal all numbers
are equal. Such a matrix is called **Toeplitz**.

Read it both ways. A *row* says what an output reads: the kernel, turned, since this is a true convolution. A
*column* says where an input goes: the kernel as it stands.

A layer of a network leaves the kernel unturned, and may have a stride: then it keeps every second or third
row only.

**Your turn**: the matrix of such a layer.
"""


# %% id="check-strided-matrix"
def my_strided_matrix(kernel, n, stride):
    # kernel: (k,), not turned; one row for each whole window, n columns
    return ...


ck.check.strided_matrix.report(my_strided_matrix)

# %% [markdown] id="ring-question"
r"""
Cut windows make the first and the last rows special. Let the signal be a *ring* instead, where the last number
is the neighbour of the first. Then all rows are alike: each is the one above, moved by one, and what leaves at
the right comes back at the left. That is a **circulant** matrix.
"""

# %% id="ring"
C = np.stack([np.roll([1.0, 2, 3, 0, 0, 0], i) for i in range(6)], axis=1)
ck.verify("C x, where no window wraps", (C @ x)[2:], T @ x)
S = np.roll(np.eye(6), 1, axis=0)  # the circulant that moves everything by one
powers = [np.linalg.matrix_power(S, k) for k in range(6)]
ck.verify("C = 1 I + 2 S + 3 S²", C, 1 * powers[0] + 2 * powers[1] + 3 * powers[2])
ck.verify("C and a shift may change places", C @ S, S @ C)
rng = np.random.default_rng(0)
M = rng.standard_normal((6, 6))
tied = np.mean([P.T @ M @ P for P in powers], axis=0)
ck.verify("any matrix, averaged over all shifts, is circulant", tied[1:, 1:], tied[:-1, :-1])
ck.figure(
    draw.matrices({"any matrix: 36 weights": M, "averaged: 6": tied, "C: 3": C}),
    alt="A random matrix; its average over all shifts, equal along diagonals that go round; and C: 1, 2, 3 and zeros.",
)

# %% [markdown] id="ring-meaning"
r"""
A circulant matrix is a sum of shifts, one for each weight. So it commutes with shifts: shift, then convolve, or
convolve, then shift. That is **equivariance**, and it also works backwards. Ask that a matrix treat all places
alike, and averaging over the shifts ties its 36 weights down to 6. Ask in addition that it look only at neighbours,
and 3 are left. *Convolution is what remains of a linear layer when places do not matter.*

## 2. What does the matrix look like for pictures?

Lay the picture out row by row as one long vector. Kernel and picture are small here: 2 × 3 on 4 × 5 pixels.
"""

# %% id="blocks"
image = np.array([[1, 0, 2, 1, 0], [3, 1, 0, 2, 1], [0, 2, 1, 0, 3], [1, 0, 1, 2, 0]], float)
kernel = np.array([[1, 2, -1], [3, -2, 2]], float)
layer = matrices.conv2d_matrix(kernel[:, :, None, None], image.shape)
torus = matrices.doubly_block_circulant(kernel, image.shape)
around = (torus @ image.ravel()).reshape(4, 5)
ck.verify("layer", (layer @ image.ravel()).reshape(3, 3), convolution.cross_correlate(image, kernel))
ck.verify("torus, where no window wraps", around[1:, 2:], convolution.convolve(image, kernel))
blocks = torus.reshape(4, 5, 4, 5).transpose(0, 2, 1, 3)  # (block row, block column, 5, 5)
ck.verify("rows of blocks: each is the one above, moved round", np.roll(blocks[:-1], 1, axis=1), blocks[1:])
ck.verify("rows within each block, too", np.roll(blocks[:, :, :-1], 1, axis=3), blocks[:, :, 1:])
ck.figure(
    draw.matrices({"layer": layer, "torus": torus}, blocks={"layer": (3, 5), "torus": (5, 5)}),
    alt="Nine rows with two runs of weights each; 4 by 4 blocks of 5 by 5, circulants on two diagonals of blocks.",
)

# %% [markdown] id="blocks-meaning"
r"""
The six weights of a row stand in two runs of three: pixels below each other are five places apart in the vector.

On a torus, where top meets bottom and left meets right, the matrix has a block for each pair of picture rows.
Equal blocks along the diagonals, round the edge: *block circulant*. And each block is circulant itself, for the
columns: **doubly block circulant**.

A real picture is no torus. Put $k - 1$ rows and columns of zeros around it, and nothing wraps onto anything.
"""

# %% id="predict-blur"
ck.predict(
    "l04-blur",
    "Six pixels on a ring; each becomes the mean of itself and its two neighbours. Can this blur be undone exactly?",
    ["yes, the matrix is square", "yes, by a sharpening kernel", "no, two waves are lost", "no, never with a blur"],
)

# %% id="waves"
F = np.fft.fft2(np.eye(20).reshape(20, 4, 5)).reshape(20, 20)  # column q: the spectrum of pixel q alone
diagonal = F @ torus @ np.linalg.inv(F)
spectrum = np.fft.fft2(kernel, image.shape)
ck.verify("F C F⁻¹ − diag(spectrum): largest", np.abs(diagonal - np.diag(spectrum.ravel())).max(), 0, atol=1e-12)
by_waves = np.fft.ifft2(np.fft.fft2(image) * spectrum).real
ck.verify("FFT, multiply, back: distance", np.abs(by_waves - around).max(), 0, atol=1e-12)
size = (4 + 2 - 1, 5 + 3 - 1)  # room for zeros, so that nothing wraps
by_waves = np.fft.irfft2(np.fft.rfft2(image, size) * np.fft.rfft2(kernel, size), size)
ck.verify("no torus: distance", np.abs(by_waves - convolution.convolve(image, kernel, "full")).max(), 0, atol=1e-12)
blur = np.fft.fft([1 / 3, 1 / 3, 0, 0, 0, 1 / 3]).real
ck.verify("blur on a ring of six: factor of each wave", blur, [1, 2 / 3, 0, -1 / 3, 0, 2 / 3], atol=1e-9)
ck.figure(
    draw.matrices({"C": torus, "|F C F⁻¹|": np.abs(diagonal).round(1)}),
    alt="The doubly block circulant matrix, and beside it the same map seen by waves: a diagonal matrix.",
)

# %% [markdown] id="waves-meaning"
r"""
All circulant matrices of a size share their eigenvectors: the waves of the Fourier transform. A convolution
multiplies each wave by one number. So $C = F^{-1} \operatorname{diag}(\hat w)\, F$, and that is a recipe: FFT,
multiply, back. For $n$ pixels it takes about $n \log n$ steps, however large the kernel; sliding takes $n k$.
It pays for large kernels; networks take 3 × 3.

The blur multiplies two waves by 0: they are gone, and nothing brings them back.

**Change one thing**: the same blur on a ring of *seven*. Can it be undone?

<details><summary>Answer</summary>

Yes: none of the seven factors is 0. The smallest is 0.185, so noise in that wave comes back five times as large.

</details>
"""

# %% [markdown] id="sparse-question"
r"""
## 3. Why so few numbers, and why so fast?

With $m$ inputs and $n$ outputs a full matrix holds $m \times n$ weights, and a product with it takes $O(m
\times n)$ time. If each output reads $k$ inputs only, $k \times n$ weights and $O(k \times n)$ time are left:
**sparse connectivity**. If all share their weights, only $k$ have to be stored. The book's example: subtract
from each pixel of a photo, 320 wide and 280 tall, its left neighbour.
"""

# %% id="sparse"
m, n = 320 * 280, 319 * 280
ck.verify("entries of the matrix; as times the two of the kernel", [m * n, m * n / 2], [8_003_072_000, 4.0e9])
ck.verify("operations: two products and one sum an output", 3 * n, 267_960, rtol=0)
ck.verify("with the full matrix, and how many times more", [2 * m * n, 2 * m * n / (3 * n)], [16e9, 60e3], rtol=0.01)
pixels = data.camera()[100:380, 60:380].ravel() / 255
left = np.arange(m).reshape(280, 320)[:, :-1].ravel()  # the left pixel of each pair
places = (np.tile(np.arange(n), 2), np.append(left + 1, left))
edges = sparse.csr_array((np.repeat([1.0, -1.0], n), places), shape=(n, m))
ck.verify("entries that are not 0", edges.nnz, 178_640, rtol=0)
ck.verify("what it does to a photo", edges @ pixels, np.diff(pixels.reshape(280, 320)).ravel())
toy = matrices.conv2d_matrix(np.reshape([1.0, 2, 3, 4], (2, 2, 1, 1)), (3, 3))
ck.verify("lecture 03's toy: m n, k n, k", [toy.size, np.count_nonzero(toy), toy.max()], [36, 16, 4])
m, n, k = 227 * 227 * 3, 55 * 55 * 96, 11 * 11 * 3
ck.verify("AlexNet's first layer: m n, k n, 96 k", [m * n, k * n, 96 * k], [4.49e10, 105_415_200, 34_848])

# %% [markdown] id="sparse-meaning"
r"""
Eight billion entries, of which 178,640 are not 0, of which two are different. The convolution is four billion
times smaller and takes 60,000 times fewer operations. Multiplying the stored entries alone takes as many products
as the convolution.

So why not store the sparse matrix? Because it forgets that rows repeat. **im2col** keeps that: gather the windows
as rows of a matrix, then multiply all of them with the same weights. Gathering is a matrix too, of zeros and ones.
"""

# %% id="gather"
numbered = np.arange(20).reshape(1, 4, 5, 1)
index = convolution.im2col(numbered, (2, 3)).astype(int)  # row: window, entry: which pixel
ck.verify("first and last window read pixels", index[[0, -1]], [[0, 1, 2, 5, 6, 7], [12, 13, 14, 17, 18, 19]])
columns = image.ravel()[index]  # gather: one pixel goes to several places
ck.verify("windows times weights", columns @ kernel.ravel(), layer @ image.ravel())
gather = np.eye(20)[index.ravel()]  # (54, 20): row r has a 1 at the pixel that goes to place r
ck.verify("copies of the 20 pixels", gather.sum(), 54)
shared = np.kron(np.eye(9), kernel.reshape(1, 6))  # the same six weights for each window
ck.verify("layer = weights · gather", shared @ gather, layer)
ck.figure(
    grids({"pixels": numbered[0, :, :, 0], "gathered, one window a row": index}),
    alt="Twenty numbered pixels, and nine rows, the windows: 0 1 2 5 6 7, then 1 2 3 6 7 8, to 12 13 14 17 18 19.",
)

# %% id="predict-fast"
ck.predict(
    "l04-fast",
    "Colour images of 24 × 32, kernels of 3 × 3. How many times more products does the full matrix take than im2col?",
    ["9", "27", "85", "768"],
)


# %% id="ways"
def window_by_window(x, weights):
    kh, kw, _, c_out = weights.shape
    out = np.zeros((len(x), x.shape[1] - kh + 1, x.shape[2] - kw + 1, c_out), np.float32)
    for i, r, c in np.ndindex(out.shape[:3]):
        out[i, r, c] = (x[i, r : r + kh, c : c + kw, :, None] * weights).sum(axis=(0, 1, 2))
    return out


batch, weights = (rng.standard_normal(shape, np.float32) for shape in ((8, 24, 32, 3), (3, 3, 3, 16)))
A, flat, stored = matrices.conv2d_matrix(weights, (24, 32)), batch.reshape(8, -1), weights.reshape(-1, 16)
few = sparse.csr_array(A)  # without the zeros
ways = {"full matrix": lambda: flat @ A.T, "loop over windows": lambda: window_by_window(batch, weights)}
ways |= {"stored entries": lambda: (few @ flat.T).T, "im2col": lambda: convolution.im2col(batch, (3, 3)) @ stored}
ck.verify("largest difference", np.ptp([way().ravel() for way in ways.values()], axis=0).max(), 0, atol=1e-4)
ck.verify("full matrix: rows, columns, megabytes", [*A.shape, A.nbytes / 1e6], [10_560, 2_304, 97.3])
products = dict.fromkeys(ways, 8 * few.nnz) | {"full matrix": 8 * A.size}
ck.verify("products: all, not by 0, ratio", [8 * A.size, 8 * few.nnz, A.size / few.nnz], [194.6e6, 2.281e6, 85.33])

# %% id="speed"
rounds = [[1000 * timeit(way, number=1) for way in ways.values()] for _ in range(5)]  # taking turns: fair to all
taken = dict(zip(ways, np.median(rounds, axis=0), strict=True))
said = ", ".join(f"{name}: {ms:.2g} ms" for name, ms in taken.items())
print(f"{said}\nloop / im2col: {taken['loop over windows'] / taken['im2col']:.0f} times")
ck.figure(
    ck.figures.convolution.counts({name: int(1000 * ms) for name, ms in taken.items()}, "microseconds, median of five"),
    alt=f"Four ways to one result, on a logarithmic axis. {said}.",
    table=[["way", "ms", "products a ns"], *[[name, ms, products[name] / ms / 1e6] for name, ms in taken.items()]],
)

# %% [markdown] id="speed-meaning"
r"""
Which way won on your machine? The table says why. The full matrix pays for its zeros, 85 products
for one that counts. The others do the same products. The loop pays Python's fee at every window. Stored
entries are fetched one by one, with their addresses, for one product an image.

im2col copies each pixel up to nine times; that is cheap beside what it buys. All kernels go over the windows together,
in one matrix product, the operation that libraries and processors do best: a number fetched once is used many
times before it is dropped.

The price is memory. `convolution.conv2d` therefore gathers a few images at a time, as many as stay in cache.
"""

# %% [markdown] id="back-question"
r"""
## 4. How does the gradient find its way back?

Training wants to know how the loss $J$ changes with each input. If $z = A x$, output $p$ contains $A_{pq}\,
x_q$. So pixel $q$ hears from every output that read it, each with the weight it was read with:

$$\frac{\partial J}{\partial x_q} = \sum_p A_{pq}\, \frac{\partial J}{\partial z_p}, \qquad dx = A^\mathsf{T} g .$$

Forward is a *gather* along rows; backward is a *scatter* along columns, where all that arrives at a pixel is added.
Point at the matrix below.
"""

# %% id="matrix-viewer" tags=["interactive"]
stride_2 = matrices.conv2d_matrix(kernel[:, :, None, None], image.shape, stride=2)
arriving = np.array([[1, -2, 0], [2, 1, 3], [-1, 0, 2]], float)
layers = {"valid, stride 1": (layer, arriving), "valid, stride 2": (stride_2, [[1, -2], [2, 3]])}
layers["convolution on a torus"] = (torus, np.arange(20).reshape(4, 5) % 7 - 3)
display(HTML(ck.figures.matrix_viewer.matrix_viewer(image, layers)))
ck.verify("row 4; column 7", [layer[4] @ image.ravel(), layer[:, 7] @ arriving.ravel()], [3, 9])
ck.figure(
    draw.matrices({"valid, stride 1": layer}, {"valid, stride 1": (3, 5)}, rows=[4], columns=[7]),
    alt="The 9 by 20 matrix. Row 4 is framed: 1 2 -1 at pixels 6 to 8, 3 -2 2 at 11 to 13. Column 7, dashed, has six.",
    caption="For paper: row 4 makes output (1, 1); column 7 makes the gradient of pixel (1, 2).",
    table=[["output", *range(20)], *[[p, *map(int, row)] for p, row in enumerate(layer)]],
)

# %% [markdown] id="matrix-viewer-tasks"
r"""
Point at the matrix or the maps; or press Tab until a cell of the matrix has the focus, and use the arrow keys.

1. Valid, stride 1: which pixels are read by one output only? Which by most?
2. Stride 2, and tick the box: which pixels hear from two outputs?
3. On the torus, how many outputs read a pixel?

<details><summary>Answers</summary>

1. The four corners by one; (1, 2) and (2, 2) by six.
2. Those of column 2, where neighbouring windows overlap.
3. Six, every one. That is what circulant means.

</details>
"""

# %% id="transpose"
cache = convolution.conv2d(image[None, :, :, None], kernel[:, :, None, None])[1]
dx = convolution.conv2d_backward(arriving[None, :, :, None], cache)[0][0, :, :, 0]
ck.verify("Aᵀ g is the backward pass", (layer.T @ arriving.ravel()).reshape(4, 5), dx)
values, folded = np.outer(arriving, kernel), np.zeros(20)  # (9, 6): what each window hands to each of its pixels
np.add.at(folded, index, values)  # adds up where indices repeat
ck.verify("gatherᵀ, and col2im", [gather.T @ values.ravel(), folded], [dx.ravel(), dx.ravel()])
numeric = gradients.numeric_gradient(lambda x: convolution.cross_correlate(x, kernel), image, arriving)
ck.verify("numeric gradient: distance", np.abs(numeric - dx).max(), 0, atol=1e-8)

# %% [markdown] id="fold-question"
r"""
Gathering copied a pixel into several windows, so its gradient is the *sum* of what they hand back. This way
back has a name too, **col2im**.

**Your turn**, in one dimension: put the windows back.
"""


# %% id="check-fold-windows"
def my_fold_windows(windows, stride, n):
    # windows: (count, width), window i starting at pixel i * stride; return n sums
    return ...


ck.check.fold_windows.report(my_fold_windows)


# %% id="fold-break" tags=["break-it"]
def tempting(windows, stride, n):
    places = stride * np.arange(len(windows))[:, None] + np.arange(windows.shape[1])
    signal = np.zeros(n)
    signal[places] += windows  # one line, no loop
    return signal


touching = np.array([[1.0, 2, 3], [4, 5, 6]])
ck.verify("windows that touch", tempting(touching, 3, 6), [1, 2, 3, 4, 5, 6])
ck.check.fold_windows.report(tempting)

# %% [markdown] id="fold-answer"
r"""
<details><summary>Answer</summary>

`signal[places] += windows` reads all places first, then adds, then writes. Where a place occurs twice, the last
write wins. `np.add.at` adds one after the other; a loop over the taps is faster still, since one tap's places never
repeat.

</details>

The transpose is a layer of its own: **transposed convolution**, which makes maps larger, as a decoder needs. It is
sometimes called "deconvolution". Does it undo the convolution?
"""

# %% id="transposed"
read = {}
for size, side, small, inside in ((3, 9, 16, [1, 2, 4]), (4, 8, 9, [4])):
    A = matrices.conv2d_matrix(np.ones((size, size, 1, 1)), (side, side), stride=2)
    ck.verify("small and large map, rank of AᵀA", [*A.shape, np.linalg.matrix_rank(A.T @ A)], [small, side**2, small])
    counts = read[f"{size} × {size}, stride 2"] = (A.T @ np.ones(small)).reshape(side, side)
    ck.verify("inside, a pixel hears from", np.unique(counts[2:-2, 2:-2]), inside)
ck.figure(
    grids(read),
    alt="How many outputs read each pixel. 3 × 3: a checkerboard of 1, 2 and 4. 4 × 4: inside 4 everywhere.",
)

# %% [markdown] id="transposed-meaning"
r"""
No. Sixteen numbers cannot restore 81: $A^\mathsf{T} A$ has rank 16 and is no identity. The transpose gives back
the *shape* only.

The counts show a second thing. Where the window's width is no multiple of the stride, some pixels hear from
more outputs than their neighbours. Transposed convolutions print that into pictures as a checkerboard. Hence
windows of 4 with stride 2.

### The gradient of the kernel

One weight worked at every place, so it collects from all. In one dimension, with stride $s$ and
$z_i = \sum_k w_k\, x_{is+k}$, weight $k$ met pixel $is + k$ on the way to output $i$. **Your turn**:
"""


# %% id="check-kernel-slopes"
def my_kernel_slopes(x, upstream, width, stride):
    # upstream: one gradient an output; return one slope a weight, (width,)
    return ...


ck.check.kernel_slopes.report(my_kernel_slopes)

# %% [markdown] id="book-question"
r"""
### The book's g and h

Now all at once: channels, two axes, stride. In the book's letters $V$ is the input (channel, row, column), $K$
the kernels (channel out, channel in, row, column), and $Z_{i,j,k} = \sum_{l,m,n} V_{l,\,js+m,\,ks+n}\,
K_{i,l,m,n}$. From above comes $G = \partial J / \partial Z$.

**Kernel.** $K_{i,j,k,l}$ multiplies $V_{j,\,ms+k,\,ns+l}$ for each output $(m, n)$ of channel $i$. Add up:

$$g(G, V, s)_{i,j,k,l} = \frac{\partial J}{\partial K_{i,j,k,l}} = \sum_{m,n} G_{i,m,n}\, V_{j,\,ms+k,\,ns+l}.$$

**Input.** $V_{i,j,k}$ reached output $(l, n)$ through tap $(m, p)$ if $ls + m = j$ and $ns + p = k$, in every
output channel $q$:

$$h(K, G, s)_{i,j,k} = \sum_{l,m \,:\, ls+m=j} \;\sum_{n,p \,:\, ns+p=k} \;\sum_q K_{q,i,m,p}\, G_{q,l,n}.$$
"""


# %% id="g-and-h"
def g(G, V, s, shape):
    rows, columns = G.shape[1:]
    dK = np.zeros(shape)
    for i, j, k, m in np.ndindex(shape):
        dK[i, j, k, m] = (G[i] * V[j, k : k + s * rows : s, m : m + s * columns : s]).sum()
    return dK


def h(K, G, s, shape):
    dV = np.zeros(shape)
    for q, i, m, p in np.ndindex(K.shape):
        for row, column in np.ndindex(G.shape[1:]):  # l and n
            dV[i, row * s + m, column * s + p] += K[q, i, m, p] * G[q, row, column]
    return dV


def ours(V):  # (channel, row, column) -> (1, row, column, channel)
    return V.transpose(1, 2, 0)[np.newaxis]


# %% id="g-and-h-checked"
def z(V, K, s):
    return convolution.conv2d(ours(V), K.transpose(2, 3, 1, 0), stride=s)


V, K = rng.standard_normal((2, 8, 9)), rng.standard_normal((4, 2, 3, 2))
for s in (1, 2, 3):
    out, cache = z(V, K, s)
    upstream = rng.standard_normal(out.shape)
    G = upstream[0].transpose(2, 0, 1)
    kernel_slopes, slopes = g(G, V, s, K.shape), h(K, G, s, V.shape)
    library = convolution.conv2d_backward(upstream, cache)
    errors = [kernel_slopes - library[1].transpose(3, 2, 0, 1), ours(slopes) - library[0]]
    errors.append(kernel_slopes - gradients.numeric_gradient(lambda K, s=s: z(V, K, s)[0], K, upstream))
    errors.append(slopes - gradients.numeric_gradient(lambda V, s=s: z(V, K, s)[0], V, upstream))
    ck.verify(f"stride {s}: library, numeric: distances", [np.abs(e).max() for e in errors], [0] * 4, atol=1e-8)

# %% [markdown] id="g-and-h-meaning"
r"""
All agree, with windows that overlap, touch and leave rows over.

The slides of the source print both formulas with a slip: $\partial J / \partial Z$ for the first, which should be
$\partial K$, and $G_{i,l,n}$ in the second. There $i$ is a channel of the *input*; the sum over $q$ needs
$G_{q,l,n}$, as in the book. With as many channels in as out the slip runs without an error, and is wrong.

Sums over "all $l, m$ with $ls + m = j$" are awkward to read. What do they do?
"""

# %% id="predict-full"
ck.predict(
    "l04-full",
    "Stride 1, one channel. The forward pass is a valid cross-correlation. What is h, the input's gradient?",
    ["the same correlation", "a full convolution with K", "a full correlation with K", "a division by K"],
)

# %% id="full"
v, k = V[:1], K[:1, :1]
for s, unread in ((1, [0, 0]), (2, [1, 1]), (3, [2, 1])):
    G = rng.standard_normal(z(v, k, s)[0].shape)[..., 0]
    spread = np.zeros([s * (side - 1) + 1 for side in G.shape[1:]])
    spread[::s, ::s] = G[0]  # s − 1 zeros between neighbours
    way_back = convolution.convolve(spread, k[0, 0], "full")
    rest = np.subtract(v[0].shape, way_back.shape)
    ck.verify(f"stride {s}: rows and columns that no window reads", rest, unread)
    slopes = convolution.cross_correlate(v[0], spread)[:3, :2]
    pairs = (h(k, G, s, v.shape)[0], np.pad(way_back, [(0, r) for r in rest])), (g(G, v, s, k.shape)[0, 0], slopes)
    ck.verify(f"stride {s}: h and g as sliding sums", [np.abs(a - b).max() for a, b in pairs], [0, 0], atol=1e-12)
G = rng.standard_normal((2, 6, 8))
slip = [h(K[:2, i : i + 1], G[[i, i]], 1, v.shape) - h(K[:2, i : i + 1], G, 1, v.shape) for i in (0, 1)]
ck.verify("G's first index i for q: is the gradient still right?", np.allclose(slip, 0), False)

# %% [markdown] id="full-meaning"
r"""
The way back of a correlation is a *convolution*: the kernel turns round, since what was read from the right is
handed back to the right. It is *full*, so that border pixels hear from the few windows that read them. A stride
puts $s - 1$ zeros between the gradients. Pixels that no window read get 0.

And $g$ is a correlation of the input with the spread gradient. Forward and both ways back are one operation: hence
one piece of fast code.

Does it train? Hide a kernel; show only pictures and what it makes of them.
"""

# %% id="learn"
secret = filters.NAMED["sobel_x"][:, :, None, None]
pictures = rng.standard_normal((20, 12, 12, 1))
wanted = convolution.conv2d(pictures, secret)[0]
learned, seen = np.zeros((3, 3, 1, 1)), {}
for step in range(41):
    if step in (0, 2, 5, 40):
        seen[f"step {step}"] = learned[:, :, 0, 0].round(2) + 0
    made, cache = convolution.conv2d(pictures, learned)
    slope = 2 * (made - wanted) / made.size  # of the mean squared error
    learned = learned - 0.25 * convolution.conv2d_backward(slope, cache)[1]
ck.verify("largest error of a weight", np.abs(learned - secret).max(), 0, atol=1e-6)
ck.figure(
    grids({**seen, "secret": secret[:, :, 0, 0]}),
    alt="The kernel at steps 0, 2, 5 and 40, and the secret one. It starts at zeros; at step 40 the two are equal.",
)

# %% [markdown] id="field-question"
r"""
The kernel was found from examples, by $g$ alone.

## 5. How far does a unit see?

The pixels on which a unit depends are its **receptive field**. In the first layer that is its window. A unit of the
second layer reads three units of the first, whose windows overlap: 5 pixels, not 9.

In general layer $i$, with window $k_i$ and dilation $d_i$, adds $k_i - 1$ gaps. Each is $d_i$ units of its
input wide, and those stand as far apart as all strides below say:

$$r = 1 + \sum_i (k_i - 1)\, d_i \prod_{j < i} s_j .$$
"""

# %% id="predict-field"
ck.predict(
    "l04-field",
    "Three layers of 3 × 3. How wide is the field with stride 1, and how wide with stride 2 in each?",
    ["7 and 7", "7 and 15", "9 and 18", "9 and 27"],
)


# %% id="footprint"
def footprint(layers, size=31):
    """The slope of one unit with respect to each pixel: send a single 1 back."""
    x, caches = np.zeros((1, size, size, 1)), []
    for k, stride, dilation in layers:
        kernel = np.zeros((dilation * (k - 1) + 1,) * 2 + (1, 1))
        kernel[::dilation, ::dilation] = 1 / k**2
        x, cache = convolution.conv2d(x, kernel, stride=stride)
        caches.append(cache)
    slopes = np.zeros(x.shape)
    slopes[0, x.shape[1] // 2, x.shape[2] // 2] = 1
    for cache in reversed(caches):
        slopes = convolution.conv2d_backward(slopes, cache)[0]
    return slopes[0, :, :, 0]


def width(slopes):
    return np.ptp(slopes.any(axis=0).nonzero()[0]) + 1


# %% id="fields"
stacks = {"3 layers": [(3, 1, 1)] * 3, "stride 2": [(3, 2, 1)] * 3, "dilation 1, 2, 4": [(3, 1, d) for d in (1, 2, 4)]}
stacks |= {"dilation 2": [(3, 1, 2)] * 3, "10 layers": [(3, 1, 1)] * 10}
prints = {name: footprint(layers) for name, layers in stacks.items()}
ck.verify("widths by gradients", [width(each) for each in prints.values()], [7, 15, 15, 13, 21])
ck.verify("by the formula", [1 + 2 * n for n in (1 + 1 + 1, 1 + 2 + 4, 1 + 2 + 4, 2 + 2 + 2, 10)], [7, 15, 15, 13, 21])
ck.verify("one, two, three layers of 3", [width(footprint([(3, 1, 1)] * n)) for n in (1, 2, 3)], [3, 5, 7])
ck.verify("3, pooled 2/2, 3: instead of 5", width(footprint([(3, 1, 1), (2, 2, 1), (3, 1, 1)])), 8)
ck.verify("dilation 2 thrice: pixels seen, of 13²", [np.count_nonzero(prints["dilation 2"]), 13**2], [49, 169])
strongest = np.sort(prints["10 layers"].ravel())[::-1].cumsum()
ck.verify("10 layers: share of 441 pixels that has 95 % of the slope", (strongest < 0.95).sum() / 441, 0.28, rtol=0.1)
ck.figure(
    draw.footprints(prints),
    alt="Widths 7, 15, 15, 13 and 21. Dilation 2 thrice leaves holes; after ten layers the rim is faint.",
)

# %% [markdown] id="fields-meaning"
r"""
With stride 1 the field grows by addition: 3, 5, 7, and 21 after ten layers. Strides and pooling multiply what
comes above. So do growing dilations, without losing resolution; equal ones leave holes.

The frame is not the whole story. After ten layers most of the slope comes from about a quarter of the field:
many paths lead to the centre, one to each corner. The *effective* field grows with the root of the depth (Luo
et al. 2016).

**Change one thing**: three layers of 3 that see 27 pixels without holes. Which dilations?

<details><summary>Answer</summary>

1, 3 and 9.

</details>

**Your turn**: the formula, along one axis.
"""


# %% id="check-receptive-field"
def my_receptive_field(layers):
    # layers: (kernel, stride, dilation) of each, the first layer first; return pixels
    return ...


ck.check.receptive_field.report(my_receptive_field)

# %% [markdown] id="equivariance-question"
r"""
## 6. What is a convolution equivariant to?

In words of matrices: to everything that its matrix commutes with. Shifts, then, by construction. The slides say
that rotation and scale are not among them. How far from it are they? Measure the gap between *transform, then
filter* and *filter, then transform*, relative to the latter. 0 is equivariance; 2 is the exact opposite.
"""

# %% id="predict-gap"
ck.predict(
    "l04-gap",
    "Turn a photo by 180° and apply Sobel x, or apply it and turn the result. How large is the gap?",
    ["0", "about 0.5", "about 1.5", "2"],
)


# %% id="gaps"
def gap(left, right, where):
    return np.linalg.norm((left - right)[where]) / np.linalg.norm(right[where])


def resize(x, by):
    return ndimage.affine_transform(x, [1 / by, 1 / by], (63.5 * (1 - 1 / by),) * 2, order=3)


def turn(x, angle):
    return ndimage.rotate(x, angle, reshape=False, order=3)


def apply(kernel, x):
    return convolution.cross_correlate(x, kernel, "same")


greys = [x.mean(axis=2) if x.ndim == 3 else x for x in (data.coffee(), data.astronaut(), data.camera())]
photos = [ndimage.gaussian_filter(x / 255, 1.5)[:384:3, :384:3] for x in greys]  # 128 × 128
inside = np.hypot(*np.indices((128, 128)) - 63.5) < 40  # far from any border

# %% id="gap-curves"
chosen = {name: filters.NAMED[name] for name in ("sobel_x", "laplacian", "gaussian_blur")}
changes = {"shift, pixels": (lambda x, n: np.roll(x, n, axis=1), [0, 1, 3, 6, 10])}
changes["rotation, degrees"] = (turn, [0, 30, 60, 90, 120, 150, 180])
changes["size, relative"] = (resize, [0.7, 0.8, 1, 1.4, 2])


def gaps(kernel, change, amounts):  # (photos, amounts)
    return [[gap(apply(kernel, change(p, a)), change(apply(kernel, p), a), inside) for a in amounts] for p in photos]


results = {way: (some, {n: gaps(k, f, some) for n, k in chosen.items()}) for way, (f, some) in changes.items()}
shifts, turns, sizes = ({n: np.mean(t, axis=0) for n, t in lines.items()} for _, lines in results.values())

# %% id="gap-results"
ck.verify("shifts: largest gap of any kernel", max(each.max() for each in shifts.values()), 0, atol=1e-12)
ck.verify("Sobel x: 30°, 90°, 180°", turns["sobel_x"][[1, 3, 6]], [0.54, 1.5, 2], atol=0.1)
ck.verify("Laplacian: 30°, 90°, 180°", turns["laplacian"][[1, 3, 6]], [0.13, 0, 0], atol=0.02)
ck.verify("Gaussian blur: largest of all angles", turns["gaussian_blur"].max(), 0, atol=0.01)
ck.verify("double size: Sobel x, Laplacian, blur", [each[4] for each in sizes.values()], [0.43, 0.7, 0.05], atol=0.03)
ck.figure(
    ck.figures.pooling.curves(results, "gap"),
    alt="Shift: 0. Rotation: Sobel x climbs to 2 at 180°, the Laplacian is 0 at 90°, the blur always. Size: 0 at 1.",
)

# %% [markdown] id="gap-meaning"
r"""
**Shift**: 0, for every kernel; here, inside. **Rotation**: it depends on the kernel. At 180° Sobel x becomes its own
negative, and the gap is 2. The Laplacian has the symmetry of a square, so quarter turns are free. The Gaussian is
round, and every turn is nearly free. **Size**: none of the three is spared, for three pixels stay three when the
picture grows.

So "not equivariant to rotation" means: nothing promises it. A layer's other symmetries are those of its kernels.

**Change one thing**: turn Sobel's kernel along with the photo, by 90°. Which gap?

<details><summary>Answer</summary>

0. But now it is another kernel.

</details>

Two things break shifts too: borders and strides.
"""

# %% id="breakers"
sobel, middle = chosen["sobel_x"], np.s_[10:50, 10:50]
differ = [~np.isclose(apply(sobel, np.roll(p, 3, 1)), np.roll(apply(sobel, p), 3, 1)).all(axis=0) for p in photos]
ck.verify("columns of 128 that differ, zeros beyond the border", np.flatnonzero(np.any(differ, axis=0)), [0, 2, 3, 127])
for step, expected in ((1, 0.73), (2, 0)):
    pairs = [(apply(sobel, np.roll(p, step, 1))[::2, ::2], apply(sobel, p)[::2, ::2]) for p in photos]
    best = [min(gap(after, np.roll(before, n, 1), middle) for n in (0, 1)) for after, before in pairs]
    ck.verify(f"stride 2, moved by {step}: gap, the better of two shifts", np.mean(best), expected, atol=0.1)

# %% [markdown] id="breakers-meaning"
r"""
Zeros at the border stay where they are when the picture moves, so four columns differ. Stride 2 keeps every second
output: a shift by 2 moves the map by one, a shift by 1 lands between. Lecture 05 measures what that costs.

## The same in Keras

The layer, its two gradients, im2col and the transposed layer: does Keras compute the same numbers? Its
gradients come from TensorFlow, which knows nothing of ours.
"""

# %% id="keras"
keras = ck.backend.keras()
picture, kernels = rng.standard_normal((2, 9, 11, 3)), rng.standard_normal((3, 4, 3, 5))
patches = keras.ops.image.extract_patches(picture, (3, 4), strides=1, padding="valid")
ck.verify("im2col", np.abs(patches.numpy().reshape(-1, 36) - convolution.im2col(picture, (3, 4))).max(), 0)

# %% id="keras-gradients"
import tensorflow as tf

for stride in (1, 2):
    out, cache = convolution.conv2d(picture, kernels, stride=stride)
    upstream = rng.standard_normal(out.shape)
    inputs = [tf.constant(picture), tf.constant(kernels)]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        theirs = keras.ops.conv(*inputs, strides=stride, padding="valid")
    theirs = [theirs, *tape.gradient(theirs, inputs, tf.constant(upstream))]
    dx, dweights, _ = convolution.conv2d_backward(upstream, cache)
    errors = [np.abs(a.numpy() - b).max() for a, b in zip(theirs, (out, dx, dweights), strict=True)]
    ck.verify(f"stride {stride}: output, gradients of input and kernel", errors, [0, 0, 0], atol=1e-9)

# %% id="keras-transpose"
up = keras.layers.Conv2DTranspose(3, (3, 4), strides=2, use_bias=False, dtype="float64")
up.build(upstream.shape)
up.set_weights([kernels])  # (3, 4, channels of the large map, channels of the small one)
ck.verify("small and large map", [upstream.shape[1:3], up(upstream).shape[1:3]], [[4, 4], [9, 10]])
ck.verify("Conv2DTranspose is our backward pass", np.abs(up(upstream).numpy() - dx[:, :, :10]).max(), 0, atol=1e-9)
ck.verify("column 10, which stride 2 never reads", np.abs(dx[:, :, 10]).max(), 0)

# %% [markdown] id="keras-meaning"
r"""
The same numbers. `extract_patches` is im2col, in our order of the numbers. `Conv2DTranspose` takes the forward
layer's kernel as it is: that is why its weights are (rows, columns, channels *out*, channels *in*), the other
way round than `Conv2D`'s. It cannot know of a column that was never read, so its map is one narrower;
`output_padding` mends that.
"""

# %% [markdown] id="wrap-up"
r"""
## Wrap-up

These questions want a computation. Open a cell below, or take paper. The panel after them keeps your
predictions: which of them would you change now?
"""

# %% id="quiz"
ck.quiz("l04")
ck.progress()

# %% id="numbers-in-answers"
ck.verify("section 2, seven pixels: smallest factor", np.abs(np.fft.fft([1, 1, 0, 0, 0, 0, 1])).min() / 3, 0.185, 0.01)
readers = [(each != 0).sum(axis=0).reshape(4, 5) for each in (layer, stride_2, torus)]
ck.verify("section 4, read by one: the corners", np.argwhere(readers[0] == 1), [[0, 0], [0, 4], [3, 0], [3, 4]])
ck.verify("by six, the most", np.argwhere(readers[0] == 6), [[1, 2], [2, 2]])
ck.verify("stride 2, by two", np.argwhere(readers[1] == 2), [[row, 2] for row in range(4)])
ck.verify("on the torus, by", np.unique(readers[2]), [6])
wide = footprint([(3, 1, 1), (3, 1, 3), (3, 1, 9)])
ck.verify("section 5, dilation 1, 3, 9: width, pixels seen", [width(wide), np.count_nonzero(wide)], [27, 27**2])
along = [gap(apply(np.rot90(sobel), np.rot90(p)), np.rot90(apply(sobel, p)), inside) for p in photos]
ck.verify("section 6, kernel and photo turned by 90°: gap", along, [0, 0, 0], atol=1e-12)

# %% [markdown] id="summary"
r"""
### Summary

| view | says |
|---|---|
| row of the matrix | what an output reads: $k$ of $m$ numbers |
| column | who reads an input, and so where its gradient comes from |
| diagonals | shared weights: each row is the one above, moved |
| waves | eigenvectors, on a torus; the FFT diagonalises |
| weights · gather | im2col and one product: fast |
| transpose | the way back; larger maps |

| gradient | is | stride |
|---|---|---|
| input, $h$ | full convolution of $G$ with the kernel | zeros between the $G$ |
| kernel, $g$ | valid correlation of the input with $G$ | zeros between the $G$ |

What could go wrong: `+=` with indices that repeat, a stride at the wrong place, channels in and out exchanged, a
remainder that is never read, and equivariance claimed where a border or a stride breaks it.
"""

# %% [markdown] id="stretch-and-sources"
r"""
### Stretch

1. Which kernel's matrix is orthogonal, so that its transpose does undo it? Find one that is not a shift, on a ring.
2. Undo a blur whose waves all survive, by dividing in the Fourier domain. Add noise of 1 %, and look again.
3. Weight the ten layers of section 5 at random instead of evenly. What happens to the effective field?

Next: assignment a3, where you write im2col, the Toeplitz matrix and the backward pass; then lecture 05, pooling.

## Sources

- I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press 2016, sections 9.1, 9.2 and 9.5
  (equations 9.11 and 9.13), and the slides "Lecture 6: Convolutional Neural Network" based on it: sparse
  interactions, the edge detector, equivariance, $g$ and $h$.
- Yuki M. Asano, *Deep Learning 1*, lecture 5, University of Amsterdam: receptive fields of deeper layers,
  AlexNet's kernels.
- André Martins, Francisco Melo and Mário Figueiredo, *Deep Learning*, lecture 7, Instituto Superior Técnico,
  Lisbon 2022/23.
- Danna Gurari, *Convolutional Neural Networks*, University of Texas at Austin 2021: 36 connections against 4
  weights.
- Adriana Kovashka, *CS 1674*, University of Pittsburgh 2022: convolution with learned filters, larger receptive
  fields.
- R. M. Gray, "Toeplitz and circulant matrices: a review", 2006.
- K. Chellapilla, S. Puri and P. Simard, "High performance convolutional neural networks for document
  processing", 2006.
- V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016.
- W. Luo et al., "Understanding the effective receptive field in deep convolutional neural networks", NIPS 2016.
- A. Odena, V. Dumoulin and C. Olah, "Deconvolution and checkerboard artifacts", Distill 2016.
"""
