"""The builder; TFDS takes the data set's name from this folder."""

from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

from coursekit.data import docstrings
from coursekit.data.builders.offline import OfflineBuilder

EACH = {"train": 1200, "test": 300}  # sentences of a library


class Builder(OfflineBuilder):
    """Sentences about six libraries, 7,200 for training and 1,800, of other modules, for testing."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012  (TFDS declares it so)

    def _info(self) -> Any:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(),
                    "label": tfds.features.ClassLabel(names=list(docstrings.LIBRARIES)),
                    "module": tfds.features.Text(),
                }
            ),
            supervised_keys=("text", "label"),
            disable_shuffling=True,  # they come in random order already
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        train, test = docstrings.draw(**EACH)
        return {"train": self._generate_examples(train), "test": self._generate_examples(test)}

    def _generate_examples(self, sentences: list[docstrings.Sentence]) -> Iterator[tuple[int, dict[str, Any]]]:
        for i, sentence in enumerate(sentences):
            yield i, {"text": sentence.text, "label": sentence.library, "module": sentence.module}
