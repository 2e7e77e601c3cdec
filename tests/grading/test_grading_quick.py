import subprocess
import sys


def fresh(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_nobody_here_uses_is_left_out():
    code = (
        "import sys; from coursekit.grading.quick import quick_import\n"
        "quick_import('nbgrader.api', 'nbgrader.converters')\n"
        "heavy = {'setuptools', 'pkg_resources', 'rfc3987_syntax', 'isoduration', 'jupyter_server'}\n"
        "heavy |= {'bs4', 'requests', 'rfc3986_validator'}\n"
        "print(sorted(heavy & sys.modules.keys()), [each for each in sys.modules.values() if each is None])"
    )
    assert fresh(code) == "[] []"


def test_what_was_put_off_is_there_when_it_is_called(tmp_path):
    code = (
        "import sys, zipfile; from pathlib import Path; from coursekit.grading.quick import quick_import\n"
        "quick_import('nbgrader.api')\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "with zipfile.ZipFile(folder / 'a.zip', 'w') as file: file.writestr('ada.txt', 'hello')\n"
        "from nbgrader import load_formgrader, utils\n"
        "utils.unpack_archive(str(folder / 'a.zip'), str(folder), drivers=(utils.unpack_zipfile,))\n"
        "import nbgrader.server_extensions.formgrader as formgrader\n"
        "print((folder / 'ada.txt').read_text(), hasattr(formgrader, 'load_jupyter_server_extension'))"
    )
    assert fresh(code) == "hello True"


def test_what_was_put_off_shows_a_notebook_as_ever():
    code = (
        "from coursekit.grading.quick import quick_import\n"
        "quick_import('nbgrader.api', 'nbconvert')\n"
        "from nbconvert import HTMLExporter; from nbformat import v4\n"
        "cell = v4.new_markdown_cell('![a](https://example.org/a.png)')\n"
        "page, _ = HTMLExporter().from_notebook_node(v4.new_notebook(cells=[cell]))\n"
        "print('https://example.org/a.png' in page)"
    )
    assert fresh(code) == "True"


def test_what_was_imported_is_looked_through_for_garbage_no_more():
    code = (
        "import gc; from coursekit.grading.quick import uncollected\n"
        "before = gc.get_freeze_count()\n"
        "with uncollected(): print(gc.isenabled()); kept = [[] for _ in range(1000)]\n"
        "print(gc.isenabled(), gc.get_freeze_count() >= before + 1000)"
    )
    assert fresh(code).split() == ["False", "True", "True"]


def test_what_is_there_already_is_left_alone():
    code = (
        "import gc; from coursekit.grading.quick import quick_import\n"
        "quick_import('nbformat'); before = gc.get_freeze_count(); kept = [[] for _ in range(1000)]\n"
        "quick_import('nbformat'); print(gc.get_freeze_count() <= before)"
    )
    assert fresh(code) == "True"
