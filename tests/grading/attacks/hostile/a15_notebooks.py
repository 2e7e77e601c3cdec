"""C15: changing notebooks and feedback after they were graded."""

from hostile.core import LAST, Attack, aside

_OWN = """
import glob
for path in glob.glob("*.ipynb") + glob.glob("@INTO@/autograded/@NAME@/**/*.ipynb", recursive=True):
    try:
        open(path, "w").write("mark-@NAME@")
    except OSError:
        pass
"""
_OTHERS = """
import glob, os
places = ("../../*/h1_hostile/*.ipynb", "@INTO@/*/*/h1_hostile/*", "@CLASS@/*/*", "@CLASS@/*/*/*")
places += ("@INTO@/source/*/*", "@ROOT@/solutions/*/*")
for path in [each for place in places for each in glob.glob(place)][:200]:
    if os.path.isfile(path) and "@NAME@" not in path:
        try:
            os.chmod(path, 0o644)
            text = open(path).read()
            open(path, "w").write(text.replace("last = 8", "last = 7") + " ")
            open(os.path.dirname(path) + "/mark-@NAME@", "w").close()
        except OSError:
            pass
"""

ATTACKS = (
    Attack("a15-own", 15, "writes over its own executed notebook", aside(_OWN), LAST, stops="it is not in the box"),
    Attack(
        "a15-others",
        15,
        "edits others' submissions, executed notebooks, and the instructor's",
        aside(_OTHERS),
        LAST,
        stops="they are not in the box",
    ),
)
