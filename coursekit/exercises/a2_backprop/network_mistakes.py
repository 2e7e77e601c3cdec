"""a2: the mistakes people make in backpropagation through two layers."""

import numpy as np

from coursekit.exercises.a2_backprop.network_gradient import Answer, two_layer_backward
from coursekit.exercises.core import Array

__all__ = ["two_layer_backward"]


@two_layer_backward.misconception(
    "the ReLU has no part in the way back: a unit that was off passes nothing on. Multiply by hidden > 0."
)
def forgets_the_relu(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = dscores @ w2.T
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception("the ReLU's slope at exactly 0 is 1 in yours; here it is 0.")
def calls_the_slope_at_0_one(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (x @ w1 + b1 >= 0)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "yours stops what is negative on the way *back*; a ReLU stops where it was off on the way forward."
)
def masks_by_the_gradient(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = np.maximum(0, dscores @ w2.T)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "only positive gradients pass the units that are on; a ReLU that is on passes negative ones as well."
)
def masks_by_both(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = np.maximum(0, dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "the gradient is multiplied by the hidden numbers; the ReLU's slope is 1 where it is on."
)
def multiplies_by_the_hidden_numbers(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * hidden
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception("1 − hidden² is the slope of tanh; the hidden units are ReLUs, with slope 1 or 0.")
def takes_the_slope_of_tanh(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (1 - hidden**2)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception("the hidden numbers are computed without b1, so other units seem to be on than were.")
def forgets_the_bias_on_the_way(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "dw2 is made of the numbers before the ReLU; the second layer's input is what comes out of it."
)
def takes_the_numbers_before_the_relu(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), (x @ w1 + b1).T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception("dw2 is made of the images; the second layer's input is the hidden numbers.")
def gives_the_second_layer_the_images(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), x.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "dscores goes back through w2 the wrong way: from classes to hidden units the matrix is transposed."
)
def forgets_to_transpose_w2(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "the gradient goes back to x through w1 the wrong way: from hidden units to features it is transposed."
)
def forgets_to_transpose_w1(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1


@two_layer_backward.misconception(
    "dw1 is x @ …; to add up over the images, the images must be the index that is summed: transpose x."
)
def forgets_to_transpose_x(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception("dw1 and dw2 are transposed: a gradient has the shape of what it belongs to.")
def turns_the_weight_gradients_round(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return dhidden.T @ x, dhidden.sum(axis=0), dscores.T @ hidden, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "the biases' gradients are means over the images; dscores holds the 1/N already, so sum."
)
def averages_the_slopes_of_the_biases(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.mean(axis=0), hidden.T @ dscores, dscores.mean(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "everything is divided by the number of images, but dscores holds the 1/N of the mean already."
)
def divides_by_the_batch_again(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    dscores = dscores / len(x)
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "the biases' gradients are summed over the units, and have one entry an image; sum over the images."
)
def sums_the_biases_over_units(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=1), hidden.T @ dscores, dscores.sum(axis=1), dhidden @ w1.T


@two_layer_backward.misconception("db1 also counts units that were off; take the sum *after* the ReLU's slope.")
def gives_the_first_bias_the_unmasked_sum(
    dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array
) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, (dscores @ w2.T).sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "dx also comes through units that were off; the ReLU's slope belongs on this way too."
)
def skips_the_relu_on_the_way_to_x(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dscores @ w2.T @ w1.T


@two_layer_backward.misconception(
    "all gradients have their sign turned; they point uphill, and the optimiser subtracts them."
)
def goes_downhill_at_once(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    dscores = -dscores
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


@two_layer_backward.misconception(
    "the second layer's gradients come first; the order asked for is dw1, db1, dw2, db2, dx."
)
def returns_them_in_the_order_of_the_way_back(
    dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array
) -> Answer:
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return hidden.T @ dscores, dscores.sum(axis=0), x.T @ dhidden, dhidden.sum(axis=0), dhidden @ w1.T
