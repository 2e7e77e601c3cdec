"""What a submission can use: processes, memory and disk end where its limits say, whatever it tries."""

import os
import time

import pytest

from coursekit.grading.limits import MIB
from coursekit.grading.sandbox import Watchdog, watchdog


def test_a_fork_bomb_ends_at_the_limit(machine, small):
    code = """
    import json, os, signal, time
    children = []
    try:
        for _ in range(400):
            child = os.fork()
            if child == 0:
                time.sleep(20)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    print(json.dumps(len(children)))
    """
    assert machine.run(code).said < small.processes


def test_neighbours_forks_do_not_count(machine, small):
    """Two kernels at once each have their own processes."""
    code = """
    import os, time
    children = []
    for _ in range(number):
        child = os.fork()
        if child == 0:
            time.sleep(20)
            os._exit(0)
    print("true", flush=True)
    time.sleep(20)
    """
    number = small.processes - 5
    both = [machine.start(code, number=number) for _ in range(2)]
    try:
        assert [process.stdout.readline() for process in both] == ["true\n", "true\n"]
    finally:
        for process in both:
            process.kill()
            process.wait()


def test_threads_count_as_processes(machine, small):
    code = """
    import json, threading
    end, count = threading.Event(), 0
    try:
        for _ in range(400):
            threading.Thread(target=end.wait, daemon=True).start()
            count += 1
    except RuntimeError:
        pass
    end.set()
    print(json.dumps(count))
    """
    assert machine.run(code).said < small.processes


def test_memory_ends_in_an_error_that_can_be_caught(machine, small):
    code = """
    import json
    kept = []
    try:
        while len(kept) < 400:
            kept.append(bytearray(16 * 2**20))
    except MemoryError:
        pass
    print(json.dumps(len(kept) * 16))
    """
    assert machine.run(code).said * MIB < small.memory_bytes


def test_memory_that_no_limit_would_count_is_not_to_be_had(machine):
    code = """
    import ctypes, json, mmap, os
    got = []
    def attempt(name, act):
        try:
            act()
            got.append(name)
        except OSError:
            pass
    attempt("memfd", lambda: os.memfd_create("x"))
    attempt("shared", lambda: mmap.mmap(-1, 2**20))
    attempt("zero", lambda: mmap.mmap(os.open("/dev/zero", os.O_RDWR), 2**20))
    libc = ctypes.CDLL(None)
    if libc.shmget(0, 2**20, 0o1600) != -1:
        got.append("shm")
    if libc.mlock(ctypes.create_string_buffer(2**20), 2**20) != -1:
        got.append("locked")
    print(json.dumps(got))
    """
    assert machine.run(code).said == []


def test_the_disk_ends_at_the_limit_wherever_it_is_filled(machine, small):
    code = """
    import json, os
    written = 0
    for folder in (".", "/tmp", "/dev/shm", os.path.expanduser("~"), "/", "/etc", "/run", "/dev", "/var"):
        for number in range(30):
            try:
                with open(f"{folder}/fill-{number}", "wb", buffering=0) as file:
                    while (n := file.write(bytes(2**18))) and file.tell() < 2**22:
                        written += n
            except OSError:
                pass
    print(json.dumps(written))
    """
    assert 0 < machine.run(code).said <= small.disk_bytes


def test_so_do_files_by_number_and_by_size(machine, small):
    code = """
    import json, os, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    count = 0
    try:
        for count in range(100_000):
            open(f"/tmp/{count}", "w").close()
    except OSError:
        pass
    os.remove("/tmp/0")
    size = 0
    try:
        with open("big", "wb", buffering=0) as file:
            while size < 10**9:
                size += file.write(bytes(2**20))
    except OSError:
        pass
    print(json.dumps([count, size]))
    """
    count, size = machine.run(code).said
    assert count < 50_000
    assert 0 < size <= small.file_bytes


def test_limits_cannot_be_raised(machine, small):
    code = """
    import json, resource
    raised = []
    for which in (resource.RLIMIT_DATA, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
        soft, hard = resource.getrlimit(which)
        try:
            resource.setrlimit(which, (hard + 1, hard + 1))
            raised.append(which)
        except (OSError, ValueError):
            pass
    print(json.dumps([raised, resource.getrlimit(resource.RLIMIT_DATA)]))
    """
    assert machine.run(code).said == [[], [small.memory_bytes] * 2]


MANY = """
import mmap, os, time
for _ in range(number):
    if os.fork() == 0:
        kept = bytearray(os.urandom(2**20)) * size
        time.sleep(20)
        os._exit(0)
print("true", flush=True)
time.sleep(20)
"""


def look_until(watchdog, seconds=8.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not watchdog.reason:
        time.sleep(0.05)
    return watchdog.reason


def test_memory_of_all_processes_together_is_watched(machine, small):
    process = machine.start(MANY, number=6, size=120)
    with Watchdog(process.pid, small, seconds=0.05) as watchdog:
        assert look_until(watchdog) == "memory"
    assert process.wait(timeout=5) == -9
    assert "MiB of memory" in watchdog.sentence


def test_memory_that_processes_share_counts_once(one_machine, small):
    code = """
    import os, time
    kept = bytearray(os.urandom(2**20)) * 200
    for _ in range(8):
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    print("true", flush=True)
    time.sleep(20)
    """
    process = one_machine.start(code)
    try:
        assert process.stdout.readline() == "true\n"
        look = Watchdog(process.pid, small).look
        assert sum(watchdog._resident(pid) for pid in watchdog.processes(process.pid)) > small.memory_bytes
        assert look() == ""
    finally:
        process.kill()
        process.communicate()


def test_the_watchdog_counts_processes_where_the_system_does_not(one_machine, limits):
    process = one_machine.start(MANY, number=30, size=0)
    assert process.stdout.readline() == "true\n"
    with Watchdog(process.pid, limits(processes=10), seconds=0.05) as watchdog:
        assert look_until(watchdog) == "processes"
    assert process.wait(timeout=5) == -9


def test_the_watchdog_leaves_an_honest_kernel_alone_and_an_ended_one(one_machine, small):
    process = one_machine.start("print(sum(bytearray(10**6)))")
    with Watchdog(process.pid, small, seconds=0.01) as watchdog:
        assert process.communicate(timeout=10)[0] == "0\n"
    assert (watchdog.reason, watchdog.look()) == ("", "")


def test_what_honest_work_needs_is_there(machine):
    code = """
    import json, multiprocessing, os, pty, sqlite3, subprocess, sys, tempfile, threading
    import numpy as np
    import coursekit
    lock = multiprocessing.Lock()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        squares = pool.map(abs, [-1, 2])
    with tempfile.NamedTemporaryFile() as file:
        np.save(file.name + ".npy", np.eye(3))
        total = float(np.load(file.name + ".npy").sum())
    shell = subprocess.check_output("ls | wc -l", shell=True, text=True).strip()
    again = subprocess.check_output([sys.executable, "-c", "print(1)"], text=True).strip()
    changes = sqlite3.connect("x.db").total_changes
    print(json.dumps([squares, total, shell, again, len(pty.openpty()), os.cpu_count() > 0, changes]))
    """
    assert machine.run(code, machine.box({"a": b""})).said == [[1, 2], 3.0, "1", "1", 2, True, 0]


@pytest.mark.slow
def test_keras_trains_in_it(one_machine, limits):
    code = """
    import json
    import numpy as np
    import keras
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    x = np.random.default_rng(0).random((64, 8, 8, 1), dtype=np.float32)
    losses = model.fit(x, x[:, 0, :2, 0], epochs=2, verbose=0).history["loss"]
    model.save("model.keras")
    print(json.dumps([losses[1] < losses[0], len(keras.models.load_model("model.keras").weights)]))
    """
    from coursekit.grading.limits import Limits

    box = one_machine.box(limits=Limits())
    assert one_machine.run(code, box, seconds=120).said == [True, 4]
    assert not os.path.exists("model.keras")
