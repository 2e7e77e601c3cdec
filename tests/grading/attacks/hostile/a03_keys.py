"""A3: variables, tokens and keys of whoever grades."""

from hostile.core import GRAB, LAST, Attack, aside

ATTACKS = (
    Attack(
        "a03-environment",
        3,
        "prints its variables",
        aside("import os\nprint({name: text for name, text in os.environ.items() if 'CANA' in text})"),
        LAST,
        stops="kernels get an environment made from nothing",
    ),
    Attack(
        "a03-home",
        3,
        "reads ~/.ssh and ~/.kaggle",
        aside(GRAB + "grab(os.path.expanduser('~'), '@HOME@/.ssh', '@HOME@/.kaggle', '/root')"),
        LAST,
        stops="HOME is an empty file system in memory",
    ),
    Attack(
        "a03-relatives",
        3,
        "reads the environment of its parents and of all other processes",
        aside(
            GRAB + "import glob\nprint('reads', len(glob.glob('/proc/[0-9]*')))\n"
            "grab('/proc/1/environ', '/proc/self/environ', *glob.glob('/proc/[0-9]*/environ'))"
        ),
        LAST,
        stops="a process space of its own; the start environment is wiped",
    ),
)
