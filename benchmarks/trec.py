"""What Kim's network reaches on the six kinds of question of TREC, its words' vectors learned from nothing.

python benchmarks/trec.py            # three seeds
python benchmarks/trec.py 5          # five

Needs the real questions (`coursekit data prepare trec`). Y. Kim, "Convolutional neural networks for sentence
classification" (EMNLP 2014), table 2, has 91.2 % for CNN-rand.

As in the paper: vectors of 300 numbers, 100 filters each over 3, 4 and 5 words, dropout of one half, weights of a class
no longer than 3, batches of 50. Texts are in lower case; words and their endings ("what 's") are apart as in the data,
and every punctuation mark is a word; the paper's own cleaning leaves rare marks out. Not as in the paper: Adam for a
fixed number of epochs over all training questions, where the paper stops Adadelta early by a tenth of them held out;
and words that the training questions have only once share one vector with the unknown words of the test, which the
paper leaves at random.
"""

import statistics
import sys
import time
from typing import Any

import numpy as np

from coursekit import backend, data, models
from coursekit.data import text

EPOCHS = 12
BATCH = 50


def main(seeds: int) -> None:
    """Print the test accuracy of each seed, their mean and their standard deviation."""
    trec = data.load("trec")
    words = text.Vocabulary.from_texts(trec.x_train, minimum=2)
    train = [words.encode(question) for question in trec.x_train]
    test, _ = text.pad([words.encode(question) for question in trec.x_test])
    print(f"{backend.name()}: {len(train):,} questions to learn from, {len(test)} to test, {len(words):,} words")

    accuracies = []
    for seed in range(seeds):
        start, work = time.perf_counter(), time.process_time()
        model = fit(train, trec.y_train, len(words), seed)
        accuracies.append(float((model.predict(test, verbose=0).argmax(axis=1) == trec.y_test).mean()))
        seconds, work = time.perf_counter() - start, time.process_time() - work
        print(f"seed {seed}: {accuracies[-1]:.1%}, {seconds:.0f} s ({work:.0f} s of processor time)", flush=True)
    spread = statistics.stdev(accuracies) if seeds > 1 else 0.0
    print(f"mean {statistics.mean(accuracies):.2%}, standard deviation {spread:.2%} over {seeds}")


def fit(sentences: list[np.ndarray], labels: np.ndarray, vocabulary: int, seed: int) -> Any:
    """Train Kim's network on batches of questions of similar length."""
    backend.seed(seed)
    model = models.build("textcnn", classes=6, vocabulary=vocabulary)
    model.compile("adam", "sparse_categorical_crossentropy")
    lengths = [len(sentence) for sentence in sentences]
    for epoch in range(EPOCHS):
        for batch in text.bucket(lengths, BATCH, seed=EPOCHS * seed + epoch):
            tokens, _ = text.pad([sentences[i] for i in batch])
            model.train_on_batch(tokens, labels[batch])
    return model


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
