"""The docstrings: English, fairly split, and silent about where they are from."""

import hashlib
import re
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from coursekit.data import docstrings, prose
from coursekit.errors import CourseError

SOURCE = '''
"""Tools for images. They are fast, e.g. in a loop. See [1]_."""

def blur(x):
    """Return a blurred ``x``, see :func:`~skimage.filters.gaussian`.

    The image is convolved with a Gaussian whose width
    is ``sigma`` (cf. Canny). Values beyond the edge count as zero!

    - a list
    >>> blur(x)

    Parameters
    ----------
    x : array
        The image. It is not changed.

    See Also
    --------
    Nothing of this is taken.

    Notes
    -----
    Use np.float64 where the RandomForest needs max_iter steps of fit().
    It is x = [1, 2] that is dropped.

    .. versionadded:: 1.0

    ```
    This is code.
    ```
    """
    "No docstring at all."

add_newdoc("numpy", "dot", """
    Return the dot product of two vectors.
    """)
'''


def test_sentences_of_prose_with_code_replaced():
    assert list(prose.sentences(SOURCE)) == [
        "Tools for images.",
        "They are fast, e.g. in a loop.",
        "See.",
        "Return a blurred NAME, see NAME.",
        "The image is convolved with a Gaussian whose width is NAME (cf. Canny).",
        "Values beyond the edge count as zero!",
        "Use NAME where the NAME needs NAME steps of NAME.",
        "Return the dot product of two vectors.",
    ]


def test_a_hidden_word_is_hidden_in_compounds_too():
    hidden = {"ticker"}
    assert docstrings.hide("A NumPy-like Ticker, not tickers.", hidden) == "A NAME NAME, not tickers."
    assert docstrings.hide("See the matplotlibrc file.", hidden) == "See the NAME file."


def test_tests_and_code_of_others_are_no_modules():
    found = prose.modules("keras")
    assert "keras.src.layers.layer" in found
    assert not any(name.endswith("_test") or ".testing." in name for name in found)
    assert list(found) == [name for name, _ in sorted(found.items(), key=lambda item: item[1].as_posix())]
    with pytest.raises(CourseError, match="nothing_like_it is not installed"):
        prose.modules("nothing_like_it")


def made_up(library, modules, each):
    return [
        docstrings.Sentence(f"{library} {m} {i}", library, f"{library}.{m}")
        for m in range(modules)
        for i in range(each)
    ]


def test_drawing_is_balanced_by_module_and_seeded(monkeypatch):
    monkeypatch.setattr(docstrings, "collect", lambda: {"a": made_up("a", 10, 9), "b": made_up("b", 30, 5)})
    train, test = docstrings.draw(40, 12, seed=1)
    for some, n in ((train, 40), (test, 12)):
        assert Counter(s.library for s in some) == {"a": n, "b": n}
        assert len(set(some)) == 2 * n
    assert not {s.module for s in train} & {s.module for s in test}
    assert docstrings.draw(40, 12, seed=1) == (train, test)
    assert docstrings.draw(40, 12, seed=2)[1] != test
    assert [s.library for s in train] != sorted(s.library for s in train)
    with pytest.raises(CourseError, match="a has 90 sentences, too few for 85 and 9"):
        docstrings.draw(85, 9)


def sentences(tier0):
    loaded = tier0("docstrings")
    return [*loaded.x_train, *loaded.x_test]


@pytest.mark.slow
@pytest.mark.xdist_group("tier0")
def test_as_many_of_each_library_and_no_module_or_sentence_in_both_splits(tier0):
    loaded = tier0("docstrings")
    assert loaded.classes == tuple(docstrings.LIBRARIES)
    assert np.bincount(loaded.y_train).tolist() == [1200] * 6
    assert np.bincount(loaded.y_test).tolist() == [300] * 6
    assert not set(loaded.factors_train["module"]) & set(loaded.factors_test["module"])
    said = [re.sub(r"\d+", "0", text.lower()) for text in sentences(tier0)]
    assert len(set(said)) == len(said) == 9000
    for module, label in zip(loaded.factors_test["module"], loaded.y_test, strict=True):
        assert module.split(".")[0] == docstrings.LIBRARIES[loaded.classes[label]]


@pytest.mark.slow
@pytest.mark.xdist_group("tier0")
def test_they_are_english_sentences_that_name_no_library_and_no_code(tier0):
    banned = re.compile(
        r"numpy|scipy|matplotlib|keras|tensorflow|sklearn|skimage|scikit|pyplot|pytorch|\b(np|tf|plt|mpl|jax|torch)\b",
        re.I,
    )
    for text in sentences(tier0):
        assert not banned.search(text), text
        assert re.fullmatch(r"[A-Z].*[.?!]", text), text
        assert not re.search(r"[`_=\[\]{}<>*\\|@#$+~^]|\w\(\)|::", text), text
        assert 5 <= len(text.split()) <= 40
        assert text.count("NAME") <= 2
    plain = " ".join(sentences(tier0)).lower().split()
    commonest = [word for word, _ in Counter(plain).most_common(12)]
    assert {"the", "a", "of", "is", "to", "and", "in"} <= set(commonest)


@pytest.mark.slow
@pytest.mark.xdist_group("tier0")
def test_no_name_of_a_module_that_only_one_library_uses(tier0):
    loaded = tier0("docstrings")
    words = {label: set() for label in range(6)}
    for x, y in ((loaded.x_train, loaded.y_train), (loaded.x_test, loaded.y_test)):
        for text, label in zip(x, y, strict=True):
            words[label] |= {part for token in docstrings.WORD.findall(text.lower()) for part in token.split("-")}
    assert not words[loaded.classes.index("keras")] & {"optimizers", "initializers"}
    assert not words[loaded.classes.index("matplotlib")] & {"ticker", "cbook", "gridspec"}
    assert not words[loaded.classes.index("scipy")] & {"csgraph", "fitpack"}
    assert "layer" in words[loaded.classes.index("keras")], "but words that are no names stay"


def pinned():
    lines = (Path(__file__).parents[2] / "constraints.txt").read_text().split()
    return dict(line.split("==") for line in lines)


@pytest.mark.slow
@pytest.mark.xdist_group("tier0")
def test_with_the_pinned_versions_the_sentences_are_the_ones_described(tier0):
    """Other versions have other sentences: then only the properties above hold."""
    if any(version(name) != pinned()[name] for name in docstrings.LIBRARIES):
        return
    digest = hashlib.sha256("\n".join(sentences(tier0)).encode()).hexdigest()
    assert digest == "5ae3749c62110e7028e7ffbfdd7308b654049dc963b7287f0589edd49ad7843a"
