"""Bar charts as SVG that stands in a page and takes its colours."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

_WIDTH, _HEIGHT, _BASE, _TOP = 640, 220, 176, 22


def bars(labels: Sequence[str], counts: Sequence[int], axis: str, words: str) -> Markup:
    """Draw one bar a label, with its count on it.

    Args:
        labels: stand below the bars.
        counts: their heights.
        axis: what the labels are.
        words: what the picture shows, for who does not see it.
    """
    step = _WIDTH / max(len(labels), 1)
    tallest = max([*counts, 1])
    parts = []
    for number, (label, count) in enumerate(zip(labels, counts, strict=True)):
        left, height = number * step, (_BASE - _TOP) * count / tallest
        middle = left + step / 2
        parts.append(
            f'<rect x="{left + step * 0.12:.1f}" y="{_BASE - height:.1f}" width="{step * 0.76:.1f}" '
            f'height="{height:.1f}" rx="2"/>'
            f'<text x="{middle:.1f}" y="{_BASE - height - 6:.1f}">{count or ""}</text>'
            f'<text x="{middle:.1f}" y="{_BASE + 17}" class="tick">{escape(label)}</text>'
        )
    # Every piece of text above is a number or escaped.
    return Markup(
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(words)}">{"".join(parts)}'
        f'<line x1="0" x2="{_WIDTH}" y1="{_BASE}" y2="{_BASE}"/>'
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 8}" class="tick">{escape(axis)}</text></svg>'
    )
