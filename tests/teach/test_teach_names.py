import subprocess
import sys

import coursekit as ck
from coursekit import teach


def test_every_name_resolves_to_what_it_says() -> None:
    for name in ("figure", "predict", "progress", "quiz", "verify"):
        assert getattr(teach, name) is getattr(ck, name)
        assert getattr(teach, name).__name__ == name
    assert callable(teach.records.record_check)
    assert set(teach.__all__) <= set(dir(teach))


def test_importing_it_loads_nothing() -> None:
    code = "import sys, coursekit.teach; print([m for m in ('numpy', 'matplotlib', 'IPython') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
