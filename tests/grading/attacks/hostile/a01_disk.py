"""A1: gradebook, solutions, hidden tests and hidden data on disk."""

from hostile.core import GRAB, LAST, Attack, aside

ATTACKS = (
    Attack(
        "a01-gradebook",
        1,
        "reads hidden tests out of gradebook.db, above it or by its path",
        aside(GRAB + "grab('../../../gradebook.db', '@INTO@/gradebook.db', '@INTO@/.coursekit')"),
        LAST,
        stops="the box holds the submission's own files only",
    ),
    Attack(
        "a01-solutions",
        1,
        "reads the instructor's notebooks",
        aside(GRAB + "grab('../../../source', '@INTO@/source', '@INTO@/release', '@ROOT@')"),
        LAST,
        stops="the box holds the submission's own files only",
    ),
    Attack(
        "a01-own-notebook",
        1,
        "looks for hidden tests in the notebook that is being graded, beside which it runs",
        aside(GRAB + "grab('.', '..', os.environ['HOME'])"),
        LAST,
        stops="no notebook lies in the box; hidden tests run in a second kernel, whose outputs are dropped",
    ),
    Attack(
        "a01-labels",
        1,
        "looks for the labels of the predictions beside their inputs, and all over the disk",
        aside(
            "import glob, os\n"
            "found = [p for p in glob.glob('**/*', recursive=True) if 'label' in p or 'answers' in p]\n"
            "print('read', found) if found else None\n" + GRAB + "grab('/mnt', '/srv', '/opt', '/var', '/root', '/run')"
        ),
        LAST,
        stops="labels never leave the judge",
    ),
)
