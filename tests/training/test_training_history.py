"""A history says in a line how training went, and draws it."""

from coursekit.training import History

RUN = {
    "loss": [2.0, 1.0, 0.5],
    "accuracy": [0.3, 0.6, 0.8],
    "val_loss": [1.8, 1.1, 1.2],
    "val_accuracy": [0.4, 0.62, 0.61],
    "learning_rate": [0.1, 0.1, 0.1],
    "seconds": [1.0, 0.5, 0.5],
}


def test_a_line_about_the_last_epoch():
    assert repr(History(**RUN)) == (
        "3 epochs in 2.0 s; training loss 0.5, accuracy 80.0%; validation loss 1.2, accuracy 61.0%"
    )


def test_a_line_about_the_epoch_that_was_kept():
    text = repr(History(**RUN, best_epoch=2, stopped="validation loss not lower for 1 epoch"))
    assert "the best, 2, kept; training loss 1, accuracy 60.0%; validation loss 1.1" in text
    assert text.endswith("\nstopped: validation loss not lower for 1 epoch")


def test_an_empty_one():
    assert repr(History()) == "no epoch yet"
    assert repr(History(stopped="interrupted in epoch 1")) == "no epoch finished: interrupted in epoch 1"


def test_a_figure():
    figure = History(**RUN, best_epoch=2).figure()
    assert [axis.get_ylabel() for axis in figure.axes] == ["loss", "accuracy"]
    training, validation, kept = figure.axes[0].lines
    assert list(training.get_ydata()) == RUN["loss"]
    assert list(validation.get_ydata()) == RUN["val_loss"]
    assert list(training.get_xdata()) == [1, 2, 3]
    assert kept.get_xdata()[0] == 2
    assert training.get_linestyle() != validation.get_linestyle()
    assert len(History(loss=[1.0]).figure().axes) == 1
