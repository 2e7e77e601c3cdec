"""What a submission can read and write: its own files, the libraries, the data; nothing else of the machine."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

import coursekit
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import FOLDER, HOME, Box, Level

PACKAGE = Path(coursekit.__file__).parent

READ = """
import json, os
def read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace")
    except OSError as error:
        return None
print(json.dumps([read(path) for path in paths]))
"""


def test_its_own_files_are_there(machine):
    said = machine.run(
        "import json, os\nprint(json.dumps([os.getcwd(), open('sub/a.txt').read(), os.path.expanduser('~')]))",
        machine.box({"sub/a.txt": b"hello"}),
    ).said
    assert said == [FOLDER, "hello", HOME]


def test_no_way_leads_to_the_gradebook_or_another_submission(machine):
    names = ["gradebook.db", "submitted/other/a1.ipynb", "source/a1.ipynb", ".ssh/id_rsa"]
    outside = [str(machine.grading / name) for name in names]
    roots = [
        "/proc/1/root",
        "/proc/self/root",
        "/proc/1/cwd/../../..",
        "/proc/0/root",
        "/..",
        "../../../..",
        "/proc/1/task/1/root",
    ]
    paths = outside + [root + path for root in roots for path in outside] + ["../gradebook.db", "../../gradebook.db"]
    assert set(machine.run(READ, paths=paths).said) == {None}


def test_neither_does_a_link_nor_an_inherited_descriptor(machine):
    code = """
    import json, os
    os.symlink(target, "link")
    found = []
    for path in ["link", *(f"/proc/self/fd/{n}/{inside}" for n in range(64) for inside in (".", "../..", target[1:]))]:
        try:
            found.append(open(path).read())
        except OSError:
            pass
    for n in range(3, 64):
        try:
            found.append(os.listdir(n))
        except OSError:
            pass
    print(json.dumps(found))
    """
    assert machine.run(code, target=str(machine.grading / "gradebook.db")).said == []


def test_of_the_course_only_the_package_is_seen(machine):
    clone = PACKAGE.parent
    there = machine.run("import json, os\nprint(json.dumps(sorted(os.listdir(clone))))", clone=str(clone)).said
    seen = {PACKAGE.name, Path(sys.prefix).relative_to(clone).parts[0] if clone in Path(sys.prefix).parents else ""}
    assert set(there) <= seen


def test_a_hidden_folder_is_hidden_inside_one_that_is_seen(machine):
    course = machine.data / "course"
    (course / "solutions").mkdir(parents=True)
    (course / "solutions" / "a1.py").write_text(machine.secret)
    box = machine.box(readonly=(str(machine.data),), hidden=(str(course),))
    code = """
    import json, os
    try:
        open(folder + "/course/mine", "w")
        wrote = True
    except OSError:
        wrote = False
    print(json.dumps([os.listdir(folder + "/course"), open(folder + "/set.csv").read(), wrote]))
    """
    assert machine.run(code, box, folder=str(machine.data)).said == [[], "1,2\n", False]


def test_secrets_of_the_machine_are_not_there(machine):
    paths = [
        "/etc/shadow",
        "/etc/machine-id",
        "/etc/ssh",
        "/root" + "/.bashrc",
        "/var/log",
        "/home",
        "/boot",
        "/dev/vda",
        "/dev/sda",
    ]
    paths += [
        "/dev/mem",
        "/dev/kmsg",
        "/dev/tty",
        "/dev/fuse",
        "/run",
        "/sys/fs",
        "/sys/class",
        "/sys/firmware",
        "/proc/kcore",
    ]
    paths += ["/proc/1/mem", "/dev/net/tun", "/dev/kvm", "/dev/zero"]
    code = """
    import json, os
    found = {}
    for path in paths:
        try:
            if os.path.isdir(path):
                found[path] = os.listdir(path)
            else:
                found[path] = os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 16).hex()
        except OSError:
            pass
    print(json.dumps(found))
    """
    found = machine.run(code, paths=paths).said
    assert found == {"/home": ["student"], "/run": []}


def test_passwd_names_nobody(machine):
    text = machine.run(READ, paths=["/etc/passwd"]).said[0]
    assert text.count("\n") == 1
    assert text.startswith("student:")


def test_nothing_outside_can_be_written_removed_or_made(machine):
    box = machine.box(readonly=(str(machine.data),))
    targets = [
        str(PACKAGE / "__init__.py"),
        str(machine.data / "set.csv"),
        os.path.realpath(sys.executable),
        "/etc/passwd",
    ]
    before = [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in targets]
    code = """
    import json, os
    done = []
    def attempt(name, act):
        try:
            act()
            done.append(name)
        except OSError:
            pass
    for path in targets:
        attempt("open " + path, lambda: open(path, "ab").close())
        attempt("remove " + path, lambda: os.remove(path))
        attempt("chmod " + path, lambda: os.chmod(path, 0o777))
        attempt("replace " + path, lambda: os.rename(path, path + ".old"))
    system = ["/usr", "/etc", "/usr/local/bin", "/proc", "/proc/sys/kernel", "/dev", "/sys", "/var", "/run", "/home"]
    for folder in ["/", *system, *folders]:
        attempt("make in " + folder, lambda: open(folder + "/made-by-test", "w").close())
    attempt("sysctl", lambda: open("/proc/sys/kernel/hostname", "w").write("x"))
    attempt("oom", lambda: open("/proc/self/oom_score_adj", "w").write("1000"))
    attempt("sysrq", lambda: open("/proc/sysrq-trigger", "w").close())
    print(json.dumps(done))
    """
    folders = [str(PACKAGE), str(machine.data), sys.prefix, sys.base_prefix]
    assert machine.run(code, box, targets=targets, folders=folders).said == []
    assert [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in targets] == before
    assert not [folder for folder in folders if Path(folder, "made-by-test").exists()]


def test_what_it_writes_at_home_or_in_tmp_is_gone_with_it(machine):
    code = """
    import os
    for folder in ("~/.ipython/profile_default/startup", "~/.keras", "/tmp", "/dev/shm", "/var/tmp", "."):
        os.makedirs(os.path.expanduser(folder), exist_ok=True)
        open(os.path.expanduser(folder) + "/left-by-test", "w").close()
    print(len(os.listdir("/tmp")))
    """
    assert machine.run(code).status == 0
    there = [Path(folder, "left-by-test") for folder in ("/tmp", "/dev/shm", "/var/tmp", Path.home() / ".keras", HOME)]
    assert not [path for path in there if path.exists()]
    look = "import json, glob\nprint(json.dumps(glob.glob('/tmp/*by-test') + glob.glob('/home/student/.k*')))"
    assert machine.run(look).said == []


def test_data_can_be_read(machine):
    box = machine.box(readonly=(str(machine.data), "/nowhere/at/all"))
    assert machine.run(READ, box, paths=[str(machine.data / "set.csv")]).said == ["1,2\n"]


def test_data_behind_a_link_can_be_read_under_both_names(machine):
    link = machine.folder / "linked"
    link.symlink_to(machine.data)
    box = machine.box(readonly=(str(link),))
    paths = [str(link / "set.csv"), str(machine.data / "set.csv")]
    assert machine.run(READ, box, paths=paths).said == ["1,2\n", "1,2\n"]


def test_the_environment_is_only_what_was_given(machine):
    code = """
    import json, os
    print(json.dumps([dict(os.environ), open("/proc/1/environ").read(), open("/proc/self/environ").read()]))
    """
    environment, first, own = machine.run(code, environment={"PATH": "/usr/bin", "GIVEN": "1"}).said
    assert set(environment) <= {"PATH", "GIVEN", "HOME", "PWD", "TMPDIR", "USER", "LOGNAME", "IPYTHONDIR", "LC_CTYPE"}
    assert machine.secret not in first + own


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "", "a\0b", "."])
def test_a_file_that_leaves_the_folder_is_refused(name):
    with pytest.raises(ValueError, match="not a path inside"):
        Box({name: b""}, Limits(), Level.NAMESPACES, "/tmp/x")


def test_a_box_survives_json():
    box = Box(
        {"a": b"\0\xff"}, Limits(processes=7), Level.NAMESPACES, "/tmp/x", ("/data",), ("/course",), ("/dev/null",)
    )
    assert Box.from_json(box.to_json()) == box


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": {"a": 1}}', '{"files": {}, "limits": {"x": 1}}'])
def test_what_is_not_a_box_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever json says, too
        Box.from_json(text)
