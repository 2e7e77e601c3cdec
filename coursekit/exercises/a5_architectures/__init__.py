"""Assignment 5: ledgers of architectures, their blocks, degradation, and a network within a budget of parameters."""

from coursekit.exercises.a5_architectures.degrading_mistakes import degradation
from coursekit.exercises.a5_architectures.dense_mistakes import dense_block
from coursekit.exercises.a5_architectures.fields_mistakes import receptive_fields
from coursekit.exercises.a5_architectures.groups_mistakes import grouped_convolution
from coursekit.exercises.a5_architectures.inception_mistakes import inception_block
from coursekit.exercises.a5_architectures.ledger_mistakes import conv_ledger
from coursekit.exercises.a5_architectures.pictures import ARTIFACT
from coursekit.exercises.a5_architectures.residual_mistakes import residual_block
from coursekit.exercises.a5_architectures.widths_mistakes import widest_network
from coursekit.exercises.core import Assignment

ASSIGNMENT = Assignment(
    name="a5_architectures",
    title="Architectures",
    exercises=(
        conv_ledger,
        receptive_fields,
        widest_network,
        grouped_convolution,
        inception_block,
        residual_block,
        dense_block,
        degradation,
    ),
)

ARTIFACTS = (ARTIFACT,)
