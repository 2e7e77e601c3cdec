"""Where boxes go: nothing overlaps, arrows point right and pass no box; Graphviz is asked where there is one."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.scratch.graph_layout import by_graphviz, by_layers, layout

EXAMPLE = [(), (), (0, 1), (), (2, 3)]  # (x + y) * z
# What Graphviz 2.42 answered for it.
PLAIN = """\
graph 1 7.6667 2.5694
node 0 0.94444 2.1389 1.8889 0.86111 "" solid box black lightgrey
node 1 0.94444 1 1.8889 0.86111 "" solid box black lightgrey
node 2 3.8333 1.5694 1.8889 0.86111 "" solid box black lightgrey
node 3 3.8333 0.43056 1.8889 0.86111 "" solid box black lightgrey
node 4 6.7222 1 1.8889 0.86111 "" solid box black lightgrey
edge 0 2 4 1.8889 2.1389 2.4003 2.1389 2.3774 1.5694 2.8889 1.5694 solid black
edge 1 2 4 1.8889 1 2.4003 1 2.3774 1.5694 2.8889 1.5694 solid black
edge 2 4 4 4.7778 1.5694 5.2892 1.5694 5.2663 1 5.7778 1 solid black
edge 3 4 4 4.7778 0.43056 5.2892 0.43056 5.2663 1 5.7778 1 solid black
stop
"""


@st.composite
def graphs(draw):
    """Draw graphs in which every value but the last is used, some twice by the same operation."""
    inputs = [()]
    for i in range(1, draw(st.integers(2, 14))):
        inputs.append(tuple(draw(st.lists(st.integers(0, i - 1), max_size=2))))
    used = {j for sources in inputs for j in sources}
    return [*inputs, tuple(j for j in range(len(inputs)) if j not in used)]


def along(curve):
    """Return points of a row of cubic Bézier curves."""
    t = np.linspace(0, 1, 25)[:, np.newaxis]
    points = np.array(curve)
    return np.concatenate(
        [
            (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d
            for a, b, c, d in (points[i : i + 4] for i in range(0, len(points) - 1, 3))
        ]
    )


def check(where, inputs):
    (width, height), (wide, high) = where.size, where.box
    places = np.array(where.places)
    assert len(places) == len(inputs)
    assert (places >= [wide / 2, high / 2]).all()
    assert (places <= [width - wide / 2, height - high / 2]).all()
    for a, b in combinations(places, 2):
        assert abs(a[0] - b[0]) >= wide or abs(a[1] - b[1]) >= high, "boxes overlap"
    assert set(where.routes) == {(source, i) for i, sources in enumerate(inputs) for source in sources}
    for (source, i), curve in where.routes.items():
        np.testing.assert_allclose(curve[0], places[source] + [wide / 2, 0], atol=0.1)
        np.testing.assert_allclose(curve[-1], places[i] - [wide / 2, 0], atol=0.1)
        assert all(a[0] <= b[0] for a, b in pairwise(along(curve))), "to the right"


@given(graphs())
def test_layers(inputs):
    where = by_layers(inputs)
    check(where, inputs)
    for curve in where.routes.values():
        for x, y in along(curve)[1:-1]:
            for centre in where.places:
                inside = abs(x - centre[0]) < where.box[0] / 2 and abs(y - centre[1]) < where.box[1] / 2
                assert not inside, "an arrow crosses a box"


def test_inputs_stand_right_before_their_first_use():
    x, y, q, z, f = (place[0] for place in by_layers(EXAMPLE).places)
    assert x == y < q == z < f


def test_neighbours_are_level_where_they_can_be():
    chain = by_layers([(), (0,), (1,), (2,)])
    assert len({y for _, y in chain.places}) == 1


def test_arrows_do_not_cross_without_need():
    """A value stands at the height of the one that is made of it, whichever was listed first."""
    places = by_layers([(), (), (1,), (0,), (2, 3)]).places
    assert places[0][1] == places[3][1]
    assert places[1][1] == places[2][1]


def test_a_single_value_and_a_square():
    check(by_layers([()]), [()])
    assert list(by_layers([(), (0, 0)]).routes) == [(0, 1)]


def install(folder, monkeypatch, script):
    dot = folder / "dot"
    dot.write_text(f"#!/bin/sh\n{script}\n")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_graphviz_is_asked_where_there_is_one(tmp_path, monkeypatch):
    (tmp_path / "answer").write_text(PLAIN)
    install(tmp_path, monkeypatch, f'cat > {tmp_path}/asked; echo "$@" > {tmp_path}/options; cat {tmp_path}/answer')
    where = layout(EXAMPLE)
    check(where, EXAMPLE)
    assert where.places[0][1] < where.places[1][1], "y points down"
    assert (tmp_path / "options").read_text().split() == ["-Tplain"]
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith("digraph {")
    assert "rankdir=LR" in asked
    assert asked.count("->") == 4
    assert "2:e -> 4:w" in asked


@pytest.mark.parametrize("script", ["exit 1", "sleep 5", "kill $$"], ids=["fails", "hangs", "dies"])
def test_without_its_answer_our_own_layout_is_used(tmp_path, monkeypatch, script):
    install(tmp_path, monkeypatch, script)
    assert by_graphviz(EXAMPLE, seconds=0.5) is None
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert layout(EXAMPLE) == by_layers(EXAMPLE)
