"""What a submission can do to processes: its own end with it, others it neither sees nor reaches; it gains no right."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from coursekit.child import PACKAGE_HOME
from coursekit.grading.sandbox import seccomp


def named(marker):
    """The processes on the machine that carry a marker in their command."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker in (entry / "cmdline").read_text():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def wait_until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def bystander():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env={"MY_TOKEN": "bystander"})
    yield process
    process.kill()
    process.wait()


def test_it_is_nobody_with_no_rights(machine):
    code = """
    import json, os
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    wanted = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Groups")
    print(json.dumps([os.getuid(), os.geteuid(), os.getgid(), os.getpid(), {n: status[n].strip() for n in wanted}]))
    """
    uid, effective, gid, pid, status = machine.run(code).said
    assert uid == effective
    assert min(uid, gid) >= 60000
    assert pid == 1
    assert {int(status.pop(name), 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert status == {"NoNewPrivs": "1", "Seccomp": "2", "Groups": ""}


def test_each_kernel_of_roots_is_another_user(one_machine):
    """The system counts processes by user: a fork bomb must not use up a neighbour's."""
    users = {one_machine.run("import os; print(os.getuid())").said for _ in range(4)}
    assert len(users) == (4 if os.geteuid() == 0 else 1)


def test_it_sees_no_process_and_no_environment_but_its_own(machine, bystander):
    code = """
    import json, os
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    environments = []
    for pid in [*pids, *others]:
        try:
            environments.append(open(f"/proc/{pid}/environ").read())
        except OSError:
            pass
    print(json.dumps([pids, environments]))
    """
    pids, environments = machine.run(code, others=[bystander.pid, os.getpid()]).said
    assert pids == [1]
    assert len(environments) == 1
    assert machine.secret not in environments[0]


def test_it_kills_nobody_outside(machine, bystander):
    code = """
    import json, os, signal
    sent = []
    for pid in pids:
        for act in (os.kill, os.killpg):
            try:
                act(pid, signal.SIGKILL)
                sent.append(pid)
            except OSError:
                pass
    try:
        os.kill(-1, signal.SIGTERM)
    except OSError:
        pass
    print(json.dumps(sent))
    """
    assert machine.run(code, pids=[bystander.pid, os.getpid()]).said == []
    assert bystander.poll() is None


def test_a_daemon_ends_with_its_kernel(machine):
    marker = f"daemon-{os.urandom(6).hex()}"
    code = """
    import os, sys, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for n in (0, 1, 2):
                os.dup2(os.open("/dev/null", os.O_RDWR), n)
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(30)", marker])
        os._exit(0)
    os.wait()
    while not any(marker in open(f"/proc/{n}/cmdline").read() for n in os.listdir("/proc") if n.isdigit() and n != "1"):
        time.sleep(0.01)
    print("true")
    """
    assert machine.run(code, marker=marker).said is True
    assert wait_until(lambda: not named(marker), 2)


def test_killing_what_waits_outside_ends_all_inside(machine):
    marker = f"inside-{os.urandom(6).hex()}"
    code = """
    import ctypes, os, signal, subprocess, sys, time
    for number in range(1, 64):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    refused = ctypes.CDLL(None).prctl(1, 0)  # PR_SET_PDEATHSIG: do not tell me when my parent ends
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", marker], start_new_session=True)
    print(refused, flush=True)
    time.sleep(60)
    """
    process = machine.start(code, marker=marker)
    assert process.stdout.readline() == "-1\n"
    assert wait_until(lambda: len(named(marker)) >= 2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=5)
    assert wait_until(lambda: not named(marker), 5)


@pytest.mark.parametrize(
    ("act", "status"),
    [
        ("os._exit(7)", 7),
        ("sys.exit(3)", 3),
        ("ctypes.string_at(0)", -signal.SIGSEGV),
        ("os.abort()", -signal.SIGSEGV),  # process 1 cannot be aborted; the C library then stops on purpose
        ("os.execv('/bin/false', ['false'])", 1),
    ],
)
def test_how_it_ended_is_told(one_machine, act, status):
    assert one_machine.run(f"import ctypes, os, sys\n{act}").status == status


def test_the_system_calls_that_reach_further_are_refused(machine):
    code = """
    import ctypes, errno, json, platform
    libc = ctypes.CDLL(None, use_errno=True)
    allowed = []
    for name, (x86, arm) in calls.items():
        number = x86 if platform.machine() == "x86_64" else arm
        if number is None:
            continue
        ctypes.set_errno(0)
        if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 6) != -1 or ctypes.get_errno() not in (1, 38):
            allowed.append(name)
    print(json.dumps(allowed))
    """
    newer = {f"call {number}": (number, number) for number in (463, 470, 600, 100_000)}
    assert machine.run(code, calls=seccomp._REFUSED | seccomp._MISSING | newer).said == []


def test_the_refused_calls_by_their_names(machine):
    """The same with the C library's own calls and sensible arguments: the numbers above are the right ones."""
    code = """
    import ctypes, errno, json, os, socket
    libc = ctypes.CDLL(None, use_errno=True)
    acts = {
        "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
        "umount": lambda: libc.umount2(b"/usr", 2),
        "unshare user": lambda: libc.unshare(0x10000000),
        "unshare mount": lambda: libc.unshare(0x00020000),
        "setns": lambda: libc.setns(os.open("/proc/self/ns/net", os.O_RDONLY), 0),
        "ptrace": lambda: libc.ptrace(0, 0, 0, 0),
        "chroot": lambda: libc.chroot(b"/tmp"),
        "clone into namespaces": lambda: libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0),
        "hostname": lambda: libc.sethostname(b"x", 1),
        "device": lambda: libc.mknod(b"/tmp/disk", 0o060666, os.makedev(254, 0)),
        "terminal": lambda: libc.ioctl(0, 0x5412, b"x"),
        "personality": lambda: libc.personality(0x0040000),
        "set user": lambda: libc.setuid(0),
        "set group": lambda: libc.setgroups(0, None),
        "kill reports": lambda: libc.prctl(1, 0, 0, 0, 0),
    }
    print(json.dumps([name for name, act in acts.items() if act() != -1]))
    """
    assert machine.run(code).said == []


def test_it_goes_first_when_the_machine_runs_out_of_memory(machine):
    assert machine.run("print(open('/proc/self/oom_score_adj').read().strip())").said == 1000


def test_a_set_user_id_program_gives_no_rights(machine):
    code = """
    import json, os, stat, subprocess
    programs = [p for p in ("/usr/bin/su", "/usr/bin/mount", "/usr/bin/passwd", "/usr/bin/newgrp", "/usr/bin/chsh")
                if os.path.exists(p) and os.stat(p).st_mode & stat.S_ISUID]
    settings = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    ran = [subprocess.run([program, "-c", "id -u"], **settings) for program in programs]
    print(json.dumps(any(each.stdout.strip() == "0" for each in ran)))
    """
    assert machine.run(code).said is False


def test_a_forked_child_keeps_nothing_of_its_templates_start(machine):
    """As a warm kernel is started: the environment is wiped, descriptors are closed, nothing is imported any more."""
    code = """
    import json, os, sys
    from coursekit.grading.sandbox import Box, enter
    secret = os.environ.pop("MY_TOKEN")
    box = Box.from_json(sys.argv[1])
    leak = os.open("/", os.O_RDONLY)
    ready, told = os.pipe()
    if child := os.fork():
        os.close(told)
        print(os.read(ready, 10000).decode())
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    before = set(sys.modules)
    seal = enter(box, keep=[told])
    open(box.exchange + "/early", "w").close()
    seal()
    try:
        open(box.exchange + "/late", "w")
        sealed = False
    except OSError:
        sealed = True
    found = {
        "secret": secret in open("/proc/1/environ").read(),
        "leak": os.path.exists(f"/proc/self/fd/{leak}"),
        "imported": sorted(set(sys.modules) - before),
        "sealed": sealed,
        "rights": sorted({line.split()[1] for line in open("/proc/self/status") if line.startswith("Cap")}),
        "pid": os.getpid(),
    }
    os.write(told, json.dumps(found).encode())
    os._exit(0)
    """
    box = machine.box()
    command = machine.as_user([sys.executable, "-P", "-c", textwrap.dedent(code), box.to_json()])
    outside = {**os.environ, "MY_TOKEN": machine.secret, "PYTHONPATH": str(PACKAGE_HOME)}
    ran = subprocess.run(command, env=outside, capture_output=True, text=True, timeout=30)
    assert ran.returncode == 0, ran.stderr
    expected = {"secret": False, "leak": False, "imported": [], "sealed": True, "rights": ["0" * 16], "pid": 1}
    assert json.loads(ran.stdout) == expected
    assert os.listdir(box.exchange) == ["early"]
