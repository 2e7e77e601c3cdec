"""Every lecture and every solution, run from top to bottom in a fresh kernel, within its budget."""

import re
from pathlib import Path

import pytest

from coursekit import data
from coursekit.authoring.execute import execute
from coursekit.authoring.lint import lint, over_budget
from coursekit.data.catalogue import CATALOGUE
from coursekit.data.preparing import prepare_apart

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = [*sorted(ROOT.glob("lectures/*.ipynb")), *sorted(ROOT.glob("solutions/*/*.ipynb"))]

# Nothing gets out: a proxy that is not there refuses every request at once.
NOWHERE = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")


def prepare_data(path):
    """Prepare the sets that a notebook loads, which happens once for a computer and has a limit of its own."""
    loaded = set(re.findall(r'load\(\\"(\w+)', path.read_text()))
    for name in sorted(loaded & {name for name, source in CATALOGUE.items() if source.tier == 0}):
        if not data.is_prepared(name):
            prepare_apart(name)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_to_its_end_offline_and_in_budget(path, tmp_path, monkeypatch):
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    prepare_data(path)
    (run,) = execute([path], root=ROOT, timeout=120, output_dir=tmp_path)
    problems = [*over_budget(run), *lint(run.output)]
    assert not problems, "\n".join(map(str, problems))
