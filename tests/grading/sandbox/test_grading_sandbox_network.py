"""What a submission can talk to: itself; nothing outside, by no kind of socket."""

import contextlib
import os
import socket
import threading

import pytest


@pytest.fixture
def heard():
    """What arrives at this machine's TCP, UDP and abstract sockets while a test runs."""
    found, ports = [], {}
    tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    name = f"\0coursekit-{os.urandom(6).hex()}"
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind(name)
    abstract.listen()
    ports |= {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "abstract": name}

    def listen(server):
        with contextlib.suppress(OSError):
            found.append(server.accept() if server.type == socket.SOCK_STREAM else server.recv(100))

    for server in (tcp, udp, abstract):
        threading.Thread(target=listen, args=(server,), daemon=True).start()
    yield found, ports
    for server in (tcp, udp, abstract):
        server.close()


def test_nothing_outside_is_reached(machine, heard):
    code = """
    import json, socket
    reached = []
    def attempt(name, act):
        try:
            act()
            reached.append(name)
        except OSError:
            pass
    addresses = ["127.0.0.1", "localhost", host, "1.1.1.1", "10.0.0.1", "169.254.169.254"]
    for address in addresses:
        attempt("tcp " + address, lambda: socket.create_connection((address, ports["tcp"]), timeout=0.5))
    for address in [host, "1.1.1.1", "255.255.255.255"]:
        datagram = socket.socket(type=socket.SOCK_DGRAM)
        attempt("udp " + address, lambda: datagram.sendto(b"secret", (address, ports["udp"])))
    socket.socket(type=socket.SOCK_DGRAM).sendto(b"secret", ("127.0.0.1", ports["udp"]))
    attempt("abstract", lambda: socket.socket(socket.AF_UNIX).connect(ports["abstract"]))
    attempt("name", lambda: socket.getaddrinfo("example.org", 80))
    for path in ("/run/docker.sock", "/var/run/docker.sock", "/run/systemd/private", "/run/dbus/system_bus_socket"):
        attempt(path, lambda: socket.socket(socket.AF_UNIX).connect(path))
    print(json.dumps(reached))
    """
    found, ports = heard
    assert machine.run(code, ports=ports, host=_own_address()).said == []
    assert found == []


def test_no_other_kind_of_socket_can_be_made(machine):
    code = """
    import json, socket
    made = []
    for family in range(64):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
                made.append(family)
            except OSError:
                pass
    print(json.dumps(sorted(set(made))))
    """
    allowed = {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK}
    assert set(machine.run(code).said) <= allowed


def test_raw_packets_and_the_interfaces_are_out_of_reach(machine):
    code = """
    import fcntl, json, socket, struct
    done = []
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        done.append("raw")
    except OSError:
        pass
    try:
        fcntl.ioctl(socket.socket(type=socket.SOCK_DGRAM), 0x8914, struct.pack("16sH14x", b"lo", 0))
        done.append("interface down")
    except OSError:
        pass
    print(json.dumps([done, [name for _, name in socket.if_nameindex()]]))
    """
    assert machine.run(code).said == [[], ["lo"]]


def test_what_a_kernel_needs_works(machine):
    """Loopback of its own, sockets in the exchange, and libzmq, which aborts where it may not list interfaces."""
    code = """
    import json, os, socket, zmq
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    server.accept()[0].send(b"loop")
    context = zmq.Context()
    answers, asks = context.socket(zmq.REP), context.socket(zmq.REQ)
    answers.bind("ipc://" + os.path.join(exchange, "s-1"))
    asks.connect("ipc://" + os.path.join(exchange, "s-1"))
    asks.send(b"zmq")
    print(json.dumps([client.recv(4).decode(), answers.recv().decode()]))
    """
    box = machine.box()
    assert machine.run(code, box, exchange=box.exchange).said == ["loop", "zmq"]


def test_a_socket_in_the_exchange_is_reached_from_outside_and_then_nothing_else_is_written(machine):
    """As a kernel started cold: when its five sockets lie there, the folder is shut."""
    code = """
    import os, socket, time
    servers = [socket.socket(socket.AF_UNIX) for _ in range(5)]
    for number, server in enumerate(servers):
        server.bind(f"{exchange}/s-{number}")
        server.listen()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            os.remove(exchange + "/x") if os.path.exists(exchange + "/x") else open(exchange + "/x", "w").close()
        except OSError:
            break
    sealed = time.monotonic() < end
    name = exchange + "/late"
    acts = (lambda: os.remove(exchange + "/s-0"), lambda: os.symlink("/", name), lambda: open(name, "w"))
    done = []
    for act in acts:
        try:
            act()
            done.append("done")
        except OSError:
            pass
    connection = servers[0].accept()[0]
    connection.send(repr([sealed, done]).encode())
    """
    box = machine.box()
    process = machine.start(code, box, exchange=box.exchange)
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        for _ in range(500):
            try:
                client.connect(f"{box.exchange}/s-0")
                break
            except OSError:
                threading.Event().wait(0.02)
        assert client.recv(100) == b"[True, []]"
    assert process.wait(timeout=10) == 0


def _own_address():
    """An address of this machine that is not loopback, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            any_socket.connect(("192.0.2.1", 9))
            return any_socket.getsockname()[0]
        except OSError:
            return "192.0.2.1"
