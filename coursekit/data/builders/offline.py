"""What the builders of this package share."""

from importlib.util import find_spec
from typing import Any

import tensorflow_datasets as tfds


class OfflineBuilder(  # type: ignore[call-arg]
    tfds.core.GeneratorBasedBuilder,  # type: ignore[misc]
    skip_registration=True,
):
    """A builder that stores ArrayRecord files, which can be read without TensorFlow.

    TFDS's own default, TFRecord, is used where there is no ``array_record`` package (Windows).
    """

    def __init__(self, *, file_format: str | None = None, **options: Any) -> None:
        super().__init__(file_format=file_format, **options)
        if file_format is None and not self.is_prepared() and find_spec("array_record"):
            self.info.set_file_format("array_record", override=True)

    def _as_dataset(self, split: Any, decoders: Any = None, **options: Any) -> Any:
        """Return a tf.data.Dataset of ArrayRecord files too: TFDS 4.9 makes none of them."""
        if self.info.file_format.value != "array_record":
            return super()._as_dataset(split, decoders=decoders, **options)
        import tensorflow as tf

        raw = tfds.decode.DeserializeMethod.RAW_BYTES
        records = [bytes(r) for r in self.as_data_source(split, deserialize_method=raw)]
        features = self.info.features
        if isinstance(decoders, tfds.decode.PartialDecoding):
            decoders, features = decoders.decoders, decoders.extract_features(features)
        return tf.data.Dataset.from_tensor_slices(records).map(
            lambda record: features.deserialize_example(record, decoders=decoders)
        )
