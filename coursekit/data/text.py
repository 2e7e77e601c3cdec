"""Texts as arrays of numbers: a vocabulary, padding with its mask, and batches that need little padding.

The pooling layers that padding does not change, `MaskedMaxPooling1D` and `MaskedAveragePooling1D`, belong to this too.
They are Keras layers, so they live with the models and load when they are first asked for.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    MaskedAveragePooling1D: Any
    MaskedMaxPooling1D: Any

PADDING, UNKNOWN = 0, 1
UNKNOWN_WORD = "<unknown>"
TOKEN = re.compile(r"\w+(?:'\w+)*|[^\w\s]")


def tokenize(text: str) -> list[str]:
    """Return the tokens of a text, in lower case.

    A word is a run of letters and digits, with apostrophes inside it; every other character that is no space is a
    token of its own: ``"Don't stop, 2.5!"`` gives ``don't stop , 2 . 5 !``.
    """
    return TOKEN.findall(text.lower().replace("’", "'"))


class Vocabulary:
    """Words and their numbers: 0 is padding, 1 stands for every unknown word, the words follow from 2.

    ``len(vocabulary)`` counts those two, so it is what ``keras.layers.Embedding`` asks for.

    Attributes:
        words: the known words; ``words[i]`` has the number i + 2.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(words)
        self._numbers = {word: i for i, word in enumerate(self.words, start=2)}
        if len(self._numbers) < len(self.words):
            twice = next(word for word, count in Counter(self.words).items() if count > 1)
            raise ValueError(f"words: {twice!r} is there twice.\n  fix: list every word once.")

    @classmethod
    def from_texts(cls, texts: Iterable[str], size: int | None = None, minimum: int = 1) -> "Vocabulary":
        """Return the vocabulary of texts, the most frequent word first, equally frequent ones by the alphabet.

        Build it from training texts alone: a word that only the test set has must stay unknown.

        Args:
            texts: what `tokenize` splits.
            size: keep this many words at most, the most frequent ones.
            minimum: keep words that occur at least this often.
        """
        if isinstance(texts, str):
            raise ValueError("texts: got one text.\n  fix: pass a list of texts.")
        counts = Counter(token for text in texts for token in tokenize(text))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        return cls([word for word in ranked if counts[word] >= minimum][:size])

    def encode(self, text: str) -> NDArray[np.int32]:
        """Return the numbers of a text's tokens, int32 of shape (tokens,)."""
        return np.array([self._numbers.get(token, UNKNOWN) for token in tokenize(text)], np.int32)

    def decode(self, tokens: ArrayLike) -> str:
        """Return the words of token numbers, padding left out, with spaces between them.

        Raises:
            ValueError: if a number is not of this vocabulary.
        """
        numbers = np.asarray(tokens, int).ravel()
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(self):
            raise ValueError(
                f"tokens: got {numbers.min()} to {numbers.max()}, and the vocabulary ends at {len(self) - 1}.\n"
                "  fix: decode with the vocabulary that encoded."
            )
        named = (UNKNOWN_WORD, *self.words)
        return " ".join(named[number - 1] for number in numbers if number != PADDING)

    def __len__(self) -> int:
        return len(self.words) + 2

    def __contains__(self, word: str) -> bool:
        return word in self._numbers

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.words)} words: {' '.join(self.words[:5])} …)"


def pad(sequences: Sequence[ArrayLike], length: int | None = None) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return sequences of token numbers as one array, zeros after their ends, and where the real tokens are.

    Args:
        sequences: n one-dimensional sequences of positive integers; some may be empty.
        length: the number of columns; what is longer loses its end. By default as long as the longest.

    Returns:
        ``tokens``, int32 (n, length), 0 for padding; and ``mask``, bool (n, length), true at real tokens.

    Raises:
        ValueError: if a sequence is not one-dimensional or holds something other than positive integers.
    """
    rows = [_checked(sequence, i) for i, sequence in enumerate(sequences)]
    columns = max(map(len, rows), default=0) if length is None else length
    lengths = np.array([min(len(row), columns) for row in rows], int)
    mask = np.arange(columns) < lengths[:, np.newaxis]
    tokens = np.zeros(mask.shape, np.int32)
    if len(rows):
        tokens[mask] = np.concatenate([row[:columns] for row in rows])
    return tokens, mask


def bucket(lengths: ArrayLike, batch: int, seed: int = 0) -> list[NDArray[np.int64]]:
    """Return batches of examples of similar length: index arrays that hold every example exactly once.

    Sorting by length before cutting into batches leaves little to pad; `padding_share` says how little. Batches come in
    random order, and examples of equal length are shuffled among each other: pass the epoch as the seed. The one batch
    that may be smaller is that of the longest examples.

    Args:
        lengths: the examples' lengths, (n,).
        batch: examples in a batch.
        seed: of both shuffles.

    Example:
        >>> bucket([9, 2, 8, 1], batch=2)
        [array([2, 0]), array([3, 1])]
    """
    lengths = _lengths(lengths)
    if batch < 1:
        raise ValueError(f"batch: got {batch}.\n  fix: pass 1 or more.")
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(lengths))
    order = order[np.argsort(lengths[order], kind="stable")]
    batches = [order[start : start + batch] for start in range(0, len(order), batch)]
    return [batches[i] for i in generator.permutation(len(batches))]


def padding_share(lengths: ArrayLike, batches: Iterable[ArrayLike]) -> float:
    """Return the share of padding, from 0 to 1, when each batch is padded to its longest example.

    Compare `bucket` with batches in the order the examples have:

        >>> lengths = [9, 2, 8, 1]
        >>> padding_share(lengths, [[0, 1], [2, 3]]), padding_share(lengths, bucket(lengths, batch=2))
        (0.4117647058823529, 0.09090909090909091)
    """
    lengths = _lengths(lengths)
    taken = [lengths[np.asarray(indices, int)] for indices in batches]
    cells = sum(len(some) * int(some.max(initial=0)) for some in taken)
    return (cells - sum(int(some.sum()) for some in taken)) / cells if cells else 0.0


def _checked(sequence: ArrayLike, i: int) -> NDArray[np.int32]:
    row = np.asarray(sequence)
    if row.ndim != 1 or (row.size and (row.dtype.kind not in "iu" or row.min() < 1)):
        found = f"shape {row.shape}" if row.ndim != 1 else f"{row.dtype} from {row.min()}"
        raise ValueError(
            f"sequences[{i}]: got {found}, wanted one dimension of positive integers; 0 is padding.\n"
            "  fix: encode texts with a Vocabulary first."
        )
    return row.astype(np.int32)


def _lengths(lengths: ArrayLike) -> NDArray[np.int64]:
    found = np.asarray(lengths)
    if found.ndim != 1 or (found.size and (found.dtype.kind not in "iu" or found.min() < 0)):
        raise ValueError(
            f"lengths: got {found.dtype} of shape {found.shape}.\n  fix: pass one whole number, 0 or more, an example."
        )
    return found.astype(np.int64)


def __getattr__(name: str) -> Any:
    """Import the pooling layers, and Keras with them, at their first use."""
    if name in ("MaskedAveragePooling1D", "MaskedMaxPooling1D"):
        from coursekit.models import masking

        return getattr(masking, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
