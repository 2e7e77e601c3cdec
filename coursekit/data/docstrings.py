"""``docstrings``: which sentences of which libraries the data set has, and what is hidden in them.

The sentences depend on the versions installed. ``constraints.txt`` pins them: with the same versions every machine
finds the same sentences.
"""

import re
from typing import NamedTuple

import numpy as np

from coursekit.data import prose
from coursekit.errors import CourseError

LIBRARIES = {  # by the names of the classes: the packages
    "keras": "keras",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
    "scipy": "scipy",
}
PACKAGES = tuple(LIBRARIES.values())
OTHER_NAMES = {"jax", "mpl", "np", "openvino", "plt", "pytorch", "scikit", "scikits", "tensorflow", "tf", "torch"}
FEWEST, MOST = 5, 40  # words in a sentence
NAMES = 2  # in a sentence, at most
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


class Sentence(NamedTuple):
    """A sentence, with its library and the module it is from, such as ``scipy.signal._waveforms``."""

    text: str
    library: str
    module: str


def draw(train: int, test: int, seed: int = 0) -> tuple[list[Sentence], list[Sentence]]:
    """Return training and test sentences in random order: equally many of each library, and no module in both.

    Args:
        train: how many of each library for training.
        test: how many of each library for testing.
        seed: which modules are tested, which sentences are taken, and their order.

    Raises:
        CourseError: if a library is not installed, or has too few sentences.
    """
    random = np.random.RandomState(seed)  # whose numbers NumPy promises never to change
    learned: list[Sentence] = []
    tested: list[Sentence] = []
    for library, found in collect().items():
        shuffled = [found[i] for i in random.permutation(len(found))]
        modules = sorted({sentence.module for sentence in found})
        chosen: set[str] = set()
        for i in random.permutation(len(modules)):
            if sum(sentence.module in chosen for sentence in shuffled) < test:
                chosen.add(modules[i])
        held = [sentence for sentence in shuffled if sentence.module in chosen]
        rest = [sentence for sentence in shuffled if sentence.module not in chosen]
        if len(rest) < train or len(held) < test:
            raise CourseError(
                f"{library} has {len(found)} sentences, too few for {train} and {test}.",
                fix="install the versions of constraints.txt.",
            )
        learned += rest[:train]
        tested += held[:test]
    return (
        [learned[i] for i in random.permutation(len(learned))],
        [tested[i] for i in random.permutation(len(tested))],
    )


def collect() -> dict[str, list[Sentence]]:
    """Return each library's sentences, every one once, in the order of the source files.

    The names of libraries are hidden, and those of their modules that no other library uses as a word. Sentences
    that differ in numbers only count as one, and what two libraries say belongs to neither.
    """
    found = {
        library: [
            Sentence(text, library, module)
            for module, path in prose.modules(package).items()
            for text in prose.sentences(path.read_text(encoding="utf-8"))
        ]
        for library, package in LIBRARIES.items()
    }
    hidden = _hidden_words(found)
    said_by: dict[str, set[str]] = {}
    kept: dict[str, list[Sentence]] = {}
    for library, some in found.items():
        first: dict[str, Sentence] = {}
        for sentence in some:
            text = hide(sentence.text, hidden)
            if FEWEST <= len(text.split()) <= MOST and text.count(prose.NAME) <= NAMES:
                first.setdefault(_regardless_of_numbers(text), sentence._replace(text=text))
        for key in first:
            said_by.setdefault(key, set()).add(library)
        kept[library] = list(first.values())
    return {
        library: [s for s in some if said_by[_regardless_of_numbers(s.text)] == {library}]
        for library, some in kept.items()
    }


def hide(text: str, words: set[str]) -> str:
    """Return a sentence with `prose.NAME` in place of some words, of those joined to them by a hyphen, and of longer
    ones that begin like a package.
    """

    def replaced(match: re.Match[str]) -> str:
        parts = match[0].lower().split("-")
        gives_away = any(part in words or part.startswith(PACKAGES) for part in parts)
        return prose.NAME if gives_away else match[0]

    return WORD.sub(replaced, text)


def _hidden_words(found: dict[str, list[Sentence]]) -> set[str]:
    """Return the names of libraries, and the names of modules that other libraries' sentences do not use as words."""
    used = {
        library: {word for s in some for token in WORD.findall(s.text) for word in token.lower().split("-")}
        for library, some in found.items()
    }
    hidden = {*OTHER_NAMES, *LIBRARIES}
    for library, package in LIBRARIES.items():
        names = {part.lower() for module in prose.modules(package) for part in module.split(".")}
        hidden |= names.difference(*(words for other, words in used.items() if other != library))
    return hidden


def _regardless_of_numbers(text: str) -> str:
    return re.sub(r"\d+", "0", text.lower())
