"""Assignment 3: convolution of signals and images, as a sum, as a matrix and as a layer with its gradients."""

from coursekit.exercises.a3_convolution.backward_mistakes import conv2d_backward
from coursekit.exercises.a3_convolution.forward_mistakes import conv2d_forward
from coursekit.exercises.a3_convolution.images import cross_correlate_2d
from coursekit.exercises.a3_convolution.matrices import toeplitz_matrix
from coursekit.exercises.a3_convolution.patches import im2col
from coursekit.exercises.a3_convolution.photos import photo_kernel
from coursekit.exercises.a3_convolution.signals import convolve_1d
from coursekit.exercises.a3_convolution.sizes import output_size
from coursekit.exercises.core import Assignment

ASSIGNMENT = Assignment(
    name="a3_convolution",
    title="Convolution",
    exercises=(
        convolve_1d,
        toeplitz_matrix,
        cross_correlate_2d,
        photo_kernel,
        output_size,
        conv2d_forward,
        conv2d_backward,
        im2col,
    ),
)
