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
