"""A small course on disk: one lecture, one assignment."""

import pytest

LECTURE = r'''# ---
# title: 'Losses: a first look'
# ---

# %% [markdown] id="goals"
r"""
# Losses: a first look

**Goals**: say what a loss is. **You need**: nothing. **Time**: 5 minutes.

A loss $\ell$ is smaller when the answer is better.
"""

# %% id="two-losses" tags=["break-it"]
import numpy as np

scores = np.array([2.0, -1.0])
np.maximum(0, 1 - scores)


# %%
def squared(error):
    return error**2


# %% [markdown]
r"""
Which grows faster?
"""

# %%
squared(scores)

# %% [markdown]
r"""
Which grows faster?
"""
'''

ASSIGNMENT = r'''# ---
# title: Losses
# ---

# %% [markdown] id="intro"
r"""
# Losses

Write the hinge loss of Weston & Watkins – once, for a whole batch.
"""

# %% id="setup" nbgrader="readonly"
import numpy as np


# %% id="hinge-loss" nbgrader="solution"
def hinge_loss(scores, labels, margin=1.0):
    """Return the mean hinge loss of a batch."""
    rows = np.arange(len(labels))
    ### BEGIN SOLUTION
    correct = scores[rows, labels][:, None]
    losses = np.maximum(0, scores - correct + margin)
    losses[rows, labels] = 0
    return losses.sum(axis=1).mean()
    ### END SOLUTION


# %% id="hinge-loss-tests" nbgrader="tests" points=4
assert np.isclose(hinge_loss(np.array([[3.2, 5.1, -1.7]]), np.array([0])), 2.9)
### BEGIN HIDDEN TESTS
assert np.isclose(hinge_loss(np.array([[2.2, 2.5, -3.1]]), np.array([2])), 12.9)
### END HIDDEN TESTS

# %% [markdown] id="why-margin" nbgrader="manual" points=2.5
r"""
The margin asks the correct class to win clearly, not by a hair.
"""
'''


@pytest.fixture
def course(tmp_path):
    """The root of a small course with nothing built yet."""
    root = tmp_path / "course"
    for folder, name, text in (("lectures", "01_losses", LECTURE), ("assignments", "a1_losses", ASSIGNMENT)):
        path = root / "source" / folder / f"{name}.py"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    (root / "pyproject.toml").write_text("")
    return root


@pytest.fixture
def lecture(course):
    """The lecture's source file, in a course without assignments (and so without nbgrader, which is slow)."""
    (course / "source" / "assignments" / "a1_losses.py").unlink()
    return course / "source" / "lectures" / "01_losses.py"
