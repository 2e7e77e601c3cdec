"""What lies in the TFDS data directory: opened and read without TensorFlow where TFDS allows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coursekit.data import catalogue
from coursekit.errors import CourseError
from coursekit.quiet import quiet_import

Builder = Any
BATCH = 1000


def open_builder(name: str) -> Builder:
    """Return the TFDS builder of a data set in `data_dir`; costs about 0.7 s and no TensorFlow.

    Raises:
        CourseError: if there is something in its place that TFDS cannot make sense of.
    """
    import tensorflow_datasets as tfds

    import coursekit.data.builders  # noqa: F401  (registers ours)

    folder = catalogue.data_dir()
    try:
        with _quiet():
            return tfds.builder(name, data_dir=str(folder))
    except Exception as error:
        raise damaged(name, folder / name, error) from error


def is_prepared(name: str) -> bool:
    """Return whether a data set lies ready in `data_dir`.

    Raises:
        CourseError: if its folder is there without the description TFDS writes into it. TFDS makes
            folder and description appear together, and would not prepare over one without.
    """
    builder = open_builder(name)
    with _quiet():
        prepared = bool(builder.is_prepared())
    if not prepared and Path(builder.data_path).exists():
        raise damaged(name, Path(builder.data_path), "dataset_info.json is missing")
    return prepared


def damaged(name: str, folder: Path, cause: object) -> CourseError:
    """Return the error that says a prepared data set cannot be read."""
    return CourseError(
        f"the prepared copy of {name} in {folder} is damaged: {_first_line(cause)}",
        fix=f"delete that folder and load {name} again, or set TFDS_DATA_DIR to another folder.",
    )


def read(builder: Builder, split: str, features: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return some features of a split's n examples, each an array (n, …).

    Images and videos come as uint8 (n, [frames,] height, width, channels), class labels as int64, numbers and tensors
    in their own dtype, texts as str (n,) in an array of objects.

    Raises:
        CourseError: if the files are damaged.
    """
    from tensorflow_datasets.core.file_adapters import FileFormat

    count = builder.info.splits[split].num_examples
    columns = {name: _column(count, builder.info.features[name]) for name in features}
    if builder.info.file_format in FileFormat.with_random_access():
        examples = _examples(builder, split)
    else:
        examples = _examples_by_tensorflow(builder, split)
    done = 0
    try:
        with _quiet():
            for done, example in enumerate(examples, start=1):
                for name, column in columns.items():
                    value = example[name]
                    column[done - 1] = value.decode() if isinstance(value, bytes) else value
    except Exception as error:
        raise damaged(builder.name, builder.data_path, error) from error
    if done != count:
        raise damaged(builder.name, builder.data_path, f"{done} of {count} examples in {split}")
    return columns


def class_names(builder: Builder, feature: str) -> tuple[str, ...]:
    """Return the names of a class label's values, or of a list of class labels; of other features, ``()``."""
    kind = builder.info.features[feature]
    return tuple(getattr(getattr(kind, "feature", kind), "names", ()))


def _column(count: int, feature: Any) -> NDArray[Any]:
    return np.empty((count, *feature.shape), feature.np_dtype)


def _examples(builder: Builder, split: str) -> Iterator[dict[str, Any]]:
    yield from builder.as_data_source(split)


def _examples_by_tensorflow(builder: Builder, split: str) -> Iterator[dict[str, Any]]:
    """Yield from a TFRecord file, TFDS's default and the format of its official data sets."""
    import tensorflow_datasets as tfds

    quiet_import("tensorflow")
    for batch in tfds.as_numpy(builder.as_dataset(split, batch_size=BATCH)):
        keys = list(batch)
        for values in zip(*batch.values(), strict=True):
            yield dict(zip(keys, values, strict=True))


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back absl's warnings: that OpenCV is missing, that a folder is half written."""
    from absl import logging

    before = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _first_line(cause: object) -> str:
    return next(iter(str(cause).strip().splitlines()), type(cause).__name__)
