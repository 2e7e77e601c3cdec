"""Lecture 07's micro-checks: parameters of a grouped convolution, what a removal saves, the work of an Inception."""

from coursekit.exercises.core import Assignment
from coursekit.exercises.l07_architectures.convolutions import conv_parameters
from coursekit.exercises.l07_architectures.inceptions import inception_work
from coursekit.exercises.l07_architectures.removals import saved_by_removal

ASSIGNMENT = Assignment(
    name="l07_architectures",
    title="AlexNet, VGG, GoogLeNet",
    exercises=(conv_parameters, saved_by_removal, inception_work),
)
