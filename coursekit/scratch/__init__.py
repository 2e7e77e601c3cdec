"""Networks from scratch, in NumPy: each function is short enough to read beside its derivation."""

from coursekit.scratch import gradients, losses

__all__ = ["gradients", "losses"]
