"""What `load` returns, without preparing anything."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import data
from coursekit.data.loading import stratified
from coursekit.errors import CourseError


@pytest.mark.parametrize("name", ["cifar10", "trec"])
def test_an_unprepared_download_is_refused_at_once_with_the_command(name, empty_dir):
    start = time.perf_counter()
    with pytest.raises(CourseError, match=f"{name} is not prepared") as caught:
        data.load(name)
    assert time.perf_counter() - start < 5  # TFDS would try for 205 s
    assert f"`coursekit data prepare {name}`" in caught.value.fix
    assert ("digits" in caught.value.fix) == (name == "cifar10"), "no images in place of texts"
    assert list(empty_dir.iterdir()) == []


def test_a_directory_that_cannot_be_written_to(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "file" / "data"))
    with pytest.raises(CourseError, match="cannot be written") as caught:
        data.load("digits")
    assert "TFDS_DATA_DIR" in caught.value.fix
    assert capsys.readouterr().out == "", "nothing was started"


LABELS = np.repeat([0, 1, 2, 3], [100, 50, 9, 1])


@given(st.integers(1, len(LABELS)), st.integers(0, 99))
def test_a_stratified_subset_keeps_every_class_in_proportion(size, seed):
    chosen = stratified(LABELS, size, seed)
    assert len(set(chosen.tolist())) == size
    share = np.bincount(LABELS[chosen], minlength=4) - size * np.bincount(LABELS) / len(LABELS)
    assert np.abs(share).max() < 1.5


@given(st.integers(1, len(LABELS) - 1))
def test_larger_subsets_contain_the_smaller_and_depend_on_the_seed_alone(size):
    smaller, larger = stratified(LABELS, size, 7), stratified(LABELS, size + 1, 7)
    np.testing.assert_array_equal(larger[:size], smaller)


def test_seeds_choose_different_examples():
    assert set(stratified(LABELS, 20, 0)) != set(stratified(LABELS, 20, 1))


@pytest.mark.parametrize("size", [0, -1, 161])
def test_a_size_out_of_range_is_refused(size):
    with pytest.raises(ValueError, match="fix: pass 1 to 160"):
        stratified(LABELS, size, 0)


@given(st.integers(1, 30), st.integers(0, 99))
def test_examples_with_several_labels_are_taken_at_random(size, seed):
    labels = np.arange(60).reshape(30, 2) % 4 - 1
    chosen = stratified(labels, size, seed)
    assert len(set(chosen.tolist())) == size
    np.testing.assert_array_equal(chosen, stratified(labels, 30, seed)[:size])


def three_classes():
    """Return a set whose examples can be told apart: 0, 1, 2 … for training and 100, 101 … for testing."""
    train, test = np.arange(12), np.arange(100, 106)
    return data.Dataset(
        train, train % 3, test, test % 3, ("a", "b", "c"), "letters", {"twice": 2 * train}, {"twice": 2 * test}
    )


def test_only_some_classes_in_the_order_asked_for():
    some = three_classes().only("ca")
    assert some.classes == ("c", "a")
    assert some.x_train.tolist() == [0, 2, 3, 5, 6, 8, 9, 11]
    assert some.y_train.tolist() == [1, 0, 1, 0, 1, 0, 1, 0]
    assert some.x_test.tolist() == [101, 102, 104, 105]
    assert some.y_test.tolist() == [0, 1, 0, 1]
    for x, factors in ((some.x_train, some.factors_train), (some.x_test, some.factors_test)):
        assert factors["twice"].tolist() == (2 * x).tolist()
    assert some.only(["a"]).x_test.tolist() == [102, 105]


@pytest.mark.parametrize(("classes", "says"), [("ad", "got d"), ([], "got none")])
def test_only_refuses_classes_that_are_not_there(classes, says):
    with pytest.raises(ValueError, match=f"{says}.\n  fix: name some of a, b, c"):
        three_classes().only(classes)
