"""A2: other students' submissions."""

from hostile.core import GRAB, LAST, Attack, aside

ATTACKS = (
    Attack(
        "a02-neighbours",
        2,
        "reads other submissions, before and after they are graded",
        aside(GRAB + "grab('../..', '../../../submitted', '@CLASS@', '@INTO@/submitted', '@INTO@/autograded')"),
        LAST,
        stops="the box holds the submission's own files only",
    ),
    Attack(
        "a02-link",
        2,
        "hands in links to the neighbours' folders and reads through them",
        aside(GRAB + "grab('class', 'neighbour.txt')"),
        LAST,
        links={"class": "@CLASS@", "neighbour.txt": "@CLASS@/m-victim/h1_hostile/h1_hostile.ipynb"},
        stops="links are not followed when a submission is collected",
    ),
    Attack(
        "a02-kernels",
        2,
        "reads the folders of kernels that run at the same time",
        aside(GRAB + "import glob\ngrab(*glob.glob('/tmp/ck-*'), *glob.glob('/tmp/*/work'), '/dev/shm', '/tmp')"),
        LAST,
        stops="/tmp and /dev/shm are its own",
    ),
)
