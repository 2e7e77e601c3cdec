"""Figures: one matplotlib style, one function a figure, drawn from arrays that the notebook computed."""

from coursekit.figures import classifiers, losses, score_lab, style

__all__ = ["classifiers", "losses", "score_lab", "style"]
