"""Assignment 4: pooling forward and backward, images of any size, and meters of invariance and equivariance."""

from coursekit.exercises.a4_pooling.averages_mistakes import average_pool
from coursekit.exercises.a4_pooling.equivariance_mistakes import equivariance_meter
from coursekit.exercises.a4_pooling.invariance_mistakes import invariance_meter
from coursekit.exercises.a4_pooling.maxima_mistakes import max_pool
from coursekit.exercises.a4_pooling.norms_mistakes import l2_pool
from coursekit.exercises.a4_pooling.overlap import windows_per_pixel
from coursekit.exercises.a4_pooling.quadrants import quadrant_pool
from coursekit.exercises.a4_pooling.regions_mistakes import adaptive_pool
from coursekit.exercises.a4_pooling.routing_mistakes import max_pool_backward
from coursekit.exercises.core import Assignment

ASSIGNMENT = Assignment(
    name="a4_pooling",
    title="Pooling and invariance",
    exercises=(
        max_pool,
        windows_per_pixel,
        max_pool_backward,
        average_pool,
        l2_pool,
        quadrant_pool,
        adaptive_pool,
        invariance_meter,
        equivariance_meter,
    ),
)
