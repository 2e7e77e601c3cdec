"""Lecture 03's micro-checks: 1-D convolution, a feature map, two kernels to design, how many windows fit."""

from coursekit.exercises.core import Assignment
from coursekit.exercises.l03_convolution.images import feature_map
from coursekit.exercises.l03_convolution.kernels import brightening_kernel, smoothing_kernel
from coursekit.exercises.l03_convolution.signals import convolution_1d
from coursekit.exercises.l03_convolution.sizes import output_width

ASSIGNMENT = Assignment(
    name="l03_convolution",
    title="Convolution",
    exercises=(convolution_1d, feature_map, brightening_kernel, smoothing_kernel, output_width),
)
