"""Without a network: every set that needs one says so at once, what to do, and what else there is."""

import time

import pytest

from coursekit import data
from coursekit.child import run_python
from coursekit.data.catalogue import CATALOGUE
from coursekit.errors import CourseError

TIER_1 = [name for name, source in CATALOGUE.items() if source.tier == 1]


def test_every_set_that_needs_a_download_names_the_command_and_a_stand_in(empty_dir):
    data.is_prepared("mnist")  # imports TFDS
    start = time.perf_counter()
    for name in TIER_1:
        with pytest.raises(CourseError, match=f"{name} is not prepared") as caught:
            data.load(name)
        stand_in = "docstrings" if CATALOGUE[name].x == "text" else "digits, glyphs"
        assert f"run `coursekit data prepare {name}` once, online; or load one that needs" in caught.value.fix
        assert stand_in in caught.value.fix
    assert time.perf_counter() - start < 20
    assert list(empty_dir.iterdir()) == [], "nothing was begun"


# The resolver fails as it does without a network; that there is one on the machine that tests must not matter.
PREPARE = """
import socket, time
def nowhere(*_, **__):
    raise socket.gaierror(-2, "Name or service not known")
socket.getaddrinfo = nowhere
from coursekit import data
from coursekit.errors import CourseError
from coursekit.quiet import quiet_import
quiet_import("tensorflow")
for turn in range(2):
    start = time.perf_counter()
    try:
        data.prepare("cifar10")
    except CourseError as error:
        print(error)
    print("seconds", time.perf_counter() - start)
    try:
        data.load("cifar10")
    except CourseError as error:
        print(error.problem)
"""


@pytest.mark.slow
def test_preparing_fails_in_seconds_twice_over_and_leaves_nothing_in_the_way(empty_dir):
    done = run_python("-c", PREPARE, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("cifar10 could not be downloaded: ConnectionError.") == 2
    assert done.stdout.count("again with a network connection; or load one that needs no download: digits") == 2
    assert done.stdout.count("cifar10 is not prepared") == 2, "an empty folder is no damage"
    assert "Retrying" not in done.stderr
    assert all(float(line.split()[1]) < 30 for line in done.stdout.splitlines() if line.startswith("seconds"))
    assert sum(path.stat().st_size for path in empty_dir.rglob("*") if path.is_file()) == 0


TIMEOUTS = """
import requests
from coursekit import data
from coursekit.errors import CourseError
def asked(session, request, **options):
    print(options["timeout"])
    raise requests.exceptions.ConnectTimeout("packets are dropped")
requests.Session.send = asked
for turn in range(2):
    try:
        data.prepare("mnist")
    except CourseError as error:
        print(error)
"""


@pytest.mark.slow
def test_a_network_that_drops_packets_is_not_waited_for(empty_dir):
    done = run_python("-c", TIMEOUTS, timeout=120)
    assert "(5, 60)" in done.stdout, done.stderr
    assert "None" not in done.stdout
    assert done.stdout.count("mnist could not be downloaded: ConnectTimeout") == 2
