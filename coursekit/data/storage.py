"""What lies in the TFDS data directory: opened and read without TensorFlow where TFDS allows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coursekit.data import catalogue
from coursekit.errors import CourseError
from coursekit.quiet import quiet_import

Builder = Any
Examples = tuple[NDArray[Any], NDArray[np.int64]]
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


def read(builder: Builder, split: str, x: str, y: str) -> Examples:
    """Return a split's inputs and labels, n of each.

    Images come as uint8 (n, height, width, channels), texts as str (n,), labels as int64 (n,).

    Raises:
        CourseError: if the files are damaged.
    """
    from tensorflow_datasets.core.file_adapters import FileFormat

    count = builder.info.splits[split].num_examples
    feature = builder.info.features[x]
    images = feature.np_dtype == np.uint8
    inputs = np.empty((count, *feature.shape), np.uint8) if images else np.empty(count, object)
    labels = np.empty(count, np.int64)
    if builder.info.file_format in FileFormat.with_random_access():
        examples = _examples(builder, split)
    else:
        examples = _examples_by_tensorflow(builder, split)
    done = 0
    try:
        with _quiet():
            for done, example in enumerate(examples, start=1):
                inputs[done - 1] = example[x] if images else example[x].decode()
                labels[done - 1] = example[y]
    except Exception as error:
        raise damaged(builder.name, builder.data_path, error) from error
    if done != count:
        raise damaged(builder.name, builder.data_path, f"{done} of {count} examples in {split}")
    return inputs, labels


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
