"""A module that was put off looks like any other, and is imported when something of it is used."""

import subprocess
import sys

import pytest

BEGIN = """
import importlib, inspect, sys
from coursekit.grading.kernels.deferring import Deferring
sys.meta_path.insert(0, Deferring(["shop.tools"]))
import shop
"""


@pytest.fixture
def shop(tmp_path):
    """Runs code where a package imports one of its modules, which tells that it was."""
    (tmp_path / "shop" / "tools").mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").write_text("from shop import tools as tools\n")
    (tmp_path / "shop" / "tools" / "__init__.py").write_text("import sys\nsys.used = True\nsaw = lambda: 7\n")
    (tmp_path / "shop" / "tools" / "small.py").write_text("size = 3\n")

    def run(code):
        whole = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n{BEGIN}\n{code}\nprint(hasattr(sys, 'used'))"
        done = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return run


@pytest.mark.parametrize(
    "code",
    [
        "",
        "import shop.tools",
        "print(shop.tools.__name__, shop.tools.__file__.endswith('__init__.py'), bool(shop.tools.__path__))",
        "inspect.getmodule(compile('', '<no file>', 'exec'))",
        "hasattr(shop.tools, '__wrapped__')",
    ],
)
def test_looking_at_it_imports_nothing(shop, code):
    assert shop(code)[-1] == "False"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("print(shop.tools.saw())", "7"),
        ("from shop.tools import saw; print(saw())", "7"),
        ("from shop.tools import *; print(saw())", "7"),
        ("import shop.tools.small; print(shop.tools.small.size, shop.tools.saw())", "3 7"),
        ("from shop.tools.small import size; print(size, shop.tools.saw())", "3 7"),
        ("shop.tools.saw(); print(type(shop.tools).__name__, shop.tools is sys.modules['shop.tools'])", "module True"),
        ("kept = shop.tools; kept.saw(); print(kept.saw(), kept.saw is shop.tools.saw)", "7 True"),
        ("print(hasattr(shop.tools, 'nothing'))", "False"),
    ],
)
def test_using_it_imports_it(shop, code, shown):
    assert shop(code) == [*shown.split(), "True"]
