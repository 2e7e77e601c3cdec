"""C12: writing the gradebook and the results."""

from hostile.core import LAST, Attack, aside

_GRADEBOOK = """
import glob, sqlite3
for path in ("../../../gradebook.db", "@INTO@/gradebook.db"):
    try:
        with sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=2) as db:
            db.execute("update grade set auto_score = 3, needs_manual_grade = 0")
            db.execute("update grade_cells set max_score = 100")
    except sqlite3.Error:
        pass
"""
_REPLACED = """
import os
for path in ("../../../gradebook.db", "@INTO@/gradebook.db"):
    try:
        if os.path.exists(path):
            os.rename(path, path + "-mark-@NAME@")
            open(path, "wb").write(b"no data base")
    except OSError:
        pass
"""
_FILES = """
import glob, json, os
for place in ("@INTO@/results/h1_hostile", "@INTO@/grades", "@INTO@/.coursekit", "@INTO@", "../../.."):
    try:
        open(os.path.join(place, "mark-@NAME@.json"), "w").write('{"score": 100}')
    except OSError:
        pass
    for path in glob.glob(f"{place}/*.json*")[:20] + glob.glob(f"{place}/*.csv")[:20]:
        try:
            open(path, "a").write("mark-@NAME@")
        except OSError:
            pass
"""

_STOPS = "nothing of the class is in the box; only the recorder, which runs nothing of a student's, writes"
ATTACKS = (
    Attack(
        "a12-gradebook",
        12,
        "gives itself and all others full marks in gradebook.db",
        aside(_GRADEBOOK),
        LAST,
        stops=_STOPS,
    ),
    Attack("a12-replaced", 12, "puts another file in the gradebook's place", aside(_REPLACED), LAST, stops=_STOPS),
    Attack("a12-files", 12, "writes results, journal and tables", aside(_FILES), LAST, stops=_STOPS),
)
