"""Training Keras networks: a device, a budget, a loop that says what it did, and ways to see why it went wrong.

``fit(model, dataset, epochs=10)`` trains and returns a `History`. What follows is for when it does not work, or to
know why it does.
"""

from coursekit.training.augmenting import augmentation
from coursekit.training.devices import Device, budget, device
from coursekit.training.fitting import fit
from coursekit.training.gradients import GradientRow, gradient_norms
from coursekit.training.history import History
from coursekit.training.ladder import Ladder, sanity_ladder
from coursekit.training.learning_rates import RateRange, learning_rate_range
from coursekit.training.surfaces import LossSurface, loss_surface

__all__ = [
    "Device",
    "GradientRow",
    "History",
    "Ladder",
    "LossSurface",
    "RateRange",
    "augmentation",
    "budget",
    "device",
    "fit",
    "gradient_norms",
    "learning_rate_range",
    "loss_surface",
    "sanity_ladder",
]
