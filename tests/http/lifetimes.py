#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What muxd does about time and resources: deadlines, vanished clients, limits, draining, usage.

Usage: lifetimes.py [TEST ...]
Every test starts a $MUXD of its own. Exit status: 0 all passed, 1 one failed.
"""
import contextlib
import ctypes
import errno
import os
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import time

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
PAGE = b"GET /password HTTP/1.1\r\nHost: a\r\n\r\n"
BODY_START = b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n"
PATIENCE = 10  # seconds until something that should happen counts as not happening


class Server:
    """A running muxd."""

    def __init__(self, muxd, *options, descriptors=None):
        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        self.process = subprocess.Popen(
            [muxd, "--quiet", "--workers", "1", "--listen", "127.0.0.1:0", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit)
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.clients = []
        self.port = int(re.fullmatch(r"muxd: listening on 127\.0\.0\.1:(\d+)\n", line)[1])

    def connect(self, send=b""):
        client = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        self.clients.append(client)
        if send:
            client.sendall(send)
        return client

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu_seconds(self):
        fields = open(f"/proc/{self.process.pid}/stat", encoding="ascii").read().split(") ")[1]
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        for client in self.clients:
            client.close()
        self.process.terminate()
        return self.process.wait(PATIENCE * 2)


@contextlib.contextmanager
def serving(muxd, *options, descriptors=None):
    """Runs a server around the block; it must end well at the end."""
    server = Server(muxd, *options, descriptors=descriptors)
    try:
        yield server
        status = server.stop()
        errors = server.process.stderr.read()
        assert status == 0, f"exit status {status}: {errors}"
    finally:
        server.process.kill()
        server.process.wait()
        server.process.stdout.close()
        server.process.stderr.close()


def until(condition, what):
    """Polls for a state."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what
        select.select([], [], [], 0.005)


def read_all(client):
    """Reads to the end; raises on a reset."""
    data = b""
    while piece := client.recv(65536):
        data += piece
    return data


def read_answers(client, count, length=5):
    """Reads so many answers of so long a body; returns their bytes."""
    data, ends = b"", 0
    while ends < count:
        piece = client.recv(65536)
        assert piece, f"closed after {ends} of {count} answers"
        data += piece
        ends = len(re.findall(rb"\r\n\r\n(?=.{%d})" % length, data, re.S))
    return data


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def test_head_deadline(muxd):
    """A head that does not end is answered with 408 (RFC 9110 §15.5.9)."""
    with serving(muxd, "--header-timeout", "0.3") as server:
        client = server.connect(b"GET / HTTP/1.1\r\nHo")
        start = time.monotonic()
        assert read_all(client).startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert time.monotonic() - start < 2


def test_trickle(muxd):
    """Bytes that trickle in do not put the deadline off."""
    with serving(muxd, "--header-timeout", "0.5") as server:
        client = server.connect(b"GET / HTTP/1.1\r\nA: ")
        client.settimeout(0.02)
        start, data = time.monotonic(), b""
        while not data:
            assert time.monotonic() - start < 3, "still waiting"
            client.sendall(b"b")
            with contextlib.suppress(socket.timeout):
                data = client.recv(1000)
        assert data.startswith(b"HTTP/1.1 408 ")
        client.settimeout(PATIENCE)
        read_all(client)


def test_pipelined_trickle(muxd):
    """A client that always has half a request under way, but ends each in time, is served."""
    with serving(muxd, "--header-timeout", "0.5") as server:
        client = server.connect(GET[:10])
        for _ in range(60):
            client.sendall(GET[10:] + GET[:10])
            read_answers(client, 1)
            select.select([], [], [], 0.02)
        client.close()


def test_body_deadline(muxd):
    """Content that does not end is answered with 408."""
    with serving(muxd, "--body-timeout", "0.3") as server:
        client = server.connect(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        assert read_all(client).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_idle(muxd):
    """Idle connections end silently, at once after their deadline; used or never used."""
    with serving(muxd, "--idle-timeout", "0.3", "--header-timeout", "0.3") as server:
        client, unused = server.connect(GET), server.connect()
        read_answers(client, 1)
        assert read_all(client) == b""
        assert read_all(unused) == b""


def test_slow_reader(muxd):
    """Who takes no answers holds back its own requests only, and not for ever."""
    with serving(muxd, "--write-timeout", "0.5") as server:
        before = server.descriptors()
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", server.port))
        client.setblocking(False)
        sent, end = 0, time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                sent += client.send(PAGE * 1000)
            except BlockingIOError:
                if not select.select([], [client], [], 0.1)[1]:
                    break
            except (ConnectionResetError, BrokenPipeError):
                break
        other = server.connect(GET)
        read_answers(other, 1)
        other.close()
        until(lambda: server.descriptors() == before, "the slow reader was not let go")


def test_slow_reader_gets_all(muxd):
    """Answers that had to wait arrive, in order and complete."""
    with serving(muxd) as server:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", server.port))
        count, data, pending = 1500, b"", PAGE * 1500
        client.setblocking(False)
        length = None
        while length is None or len(data) < count * length:
            readable, writable, _ = select.select([client], [client] if pending else [], [], 5)
            assert readable or writable, f"stuck with {len(data)} bytes"
            if writable and (not readable or len(pending) > len(PAGE) * 1000):
                with contextlib.suppress(BlockingIOError):
                    pending = pending[client.send(pending):]
            elif readable:
                data += client.recv(3000)
            if length is None and b"]HTTP" in data:
                length = data.index(b"]HTTP") + 1
        pages = set(re.findall(rb"\[[^\]]{1299}\]", data))
        assert len(data) == count * length and len(pages) == count
        client.close()


def test_slow_reader_of_check(muxd):
    """Pages that no buffer holds together arrive whole at who takes little at a time."""
    count, ask = 200, b"GET /check HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"HEAD /check HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with serving(muxd) as server:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", server.port))
        client.sendall(ask * count + last)
        data = b""
        while piece := client.recv(3000):
            data += piece
        client.close()
    answers = data.split(b"HTTP/1.1 200 OK\r\n")
    pages = {answer.partition(b"\r\n\r\n")[2] for answer in answers[1:-1]}
    assert len(answers) == count + 2 and len(pages) == 1
    assert answers[-1].endswith(b"\r\n\r\n") and pages.pop().endswith(b"</html>\n")


def test_vanished(muxd):
    """Whoever goes, in whatever state and way, leaves nothing behind."""
    starts = [b"", GET, b"GET", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na",
              b"GET / HTTP/1.1\r\n\r\n", PAGE * 3000]
    with serving(muxd) as server:
        before = server.descriptors()
        for leave in (socket.socket.close, reset, lambda c: c.shutdown(socket.SHUT_WR)):
            clients = [server.connect(start) for start in starts for _ in range(20)]
            until(lambda: server.descriptors() > before + 60, "not accepted")
            for client in clients:
                leave(client)
            for client in clients:
                client.close()
            until(lambda: server.descriptors() == before, "descriptors are left")


def test_attackers(muxd):
    """Hundreds that trickle heads, trickle content or read nothing do not slow down others."""
    with serving(muxd, "--header-timeout", "60", "--body-timeout", "60") as server:
        before = server.descriptors()
        attackers = []
        for start in (b"GET / HTTP/1.1\r\nA: ", BODY_START, PAGE * 300):
            for _ in range(200):
                attackers.append(server.connect(start))
                attackers[-1].setblocking(False)
        until(lambda: server.descriptors() == before + 600, "not accepted")
        client = server.connect()
        times = []
        for number in range(500):
            with contextlib.suppress(BlockingIOError, ConnectionResetError):
                attackers[number % 400].send(b"a")
            begin = time.monotonic()
            client.sendall(GET)
            read_answers(client, 1)
            times.append(time.monotonic() - begin)
        assert sorted(times)[int(len(times) * 0.99)] < 0.05, f"p99 {sorted(times)[-5:]}"


def test_reset_storm(muxd):
    """Connect and reset, many times."""
    with serving(muxd) as server:
        before = server.descriptors()
        for number in range(5000):
            reset(server.connect(GET if number % 2 else b""))
        until(lambda: server.descriptors() == before, "descriptors are left")
        client = server.connect(GET)
        read_answers(client, 1)
        client.close()


def test_full(muxd):
    """With all slots taken newcomers wait in the queue, and are served when one comes free."""
    with serving(muxd, "--connections", "4") as server:
        first = [server.connect(GET) for _ in range(4)]
        for client in first:
            read_answers(client, 1)
        late = server.connect(GET)
        assert not select.select([late], [], [], 0.2)[0], "served beyond the limit"
        before = server.cpu_seconds()
        assert not select.select([late], [], [], 0.5)[0], "served beyond the limit"
        assert server.cpu_seconds() - before < 0.1, "spins"
        first[0].close()
        start = time.monotonic()
        read_answers(late, 1)
        assert time.monotonic() - start < 0.5, "not resumed"
        for client in first + [late]:
            client.close()


def test_no_descriptors(muxd):
    """Out of descriptors: no spinning, and back as soon as there are some."""
    with serving(muxd, "--connections", "1000", descriptors=64) as server:
        clients = [server.connect(GET) for _ in range(200)]
        until(lambda: server.descriptors() == 64, "not full")
        before = server.cpu_seconds()
        select.select([], [], [], 1)
        assert server.cpu_seconds() - before < 0.05, "spins"
        for client in clients[:100]:
            client.close()
        start = time.monotonic()
        late = clients[-1]
        while not select.select([late], [], [], 0)[0]:
            assert time.monotonic() - start < PATIENCE, "not resumed"
            for client in clients[100:-1]:
                if select.select([client], [], [], 0)[0]:
                    client.recv(1000)
                    client.close()
                    clients.remove(client)
        assert time.monotonic() - start < 1, "slow to resume"
        for client in clients[100:]:
            client.close()


def test_drain(muxd):
    """SIGTERM: no newcomers; what is in flight is finished; idle ones are closed; exit 0."""
    with serving(muxd) as server:
        before = server.descriptors()
        idle, half = server.connect(GET), server.connect(GET[:20])
        read_answers(idle, 1)
        until(lambda: server.descriptors() == before + 2, "not accepted")
        server.process.terminate()

        def refused():
            try:
                server.connect().close()
            except ConnectionRefusedError:
                return True
            return False
        until(refused, "still accepts")
        assert read_all(idle) == b""
        half.sendall(GET[20:])
        answer = read_all(half)
        assert answer.startswith(b"HTTP/1.1 200 ") and b"\r\nConnection: close\r\n" in answer
        idle.close()
        half.close()
        assert server.process.wait(PATIENCE) == 0


def test_drain_deadline(muxd):
    """What does not end in time is cut off; still exit 0."""
    with serving(muxd, "--drain-timeout", "0.5") as server:
        before = server.descriptors()
        half = server.connect(GET[:20])
        until(lambda: server.descriptors() == before + 1, "not accepted")
        server.process.terminate()
        assert server.process.wait(PATIENCE) == 0
        half.close()


def test_drain_twice(muxd):
    """The second signal does not wait."""
    with serving(muxd, "--drain-timeout", "3600") as server:
        before = server.descriptors()
        half = server.connect(GET[:20])
        until(lambda: server.descriptors() == before + 1, "not accepted")
        server.process.terminate()
        until(lambda: server.descriptors() == before, "did not begin to drain")
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(PATIENCE) == 0
        half.close()


def test_drain_under_load(muxd):
    """Every request that was accepted is answered, whole, while the server goes."""
    with serving(muxd) as server:
        load = subprocess.Popen(
            [sys.executable, "-c", LOAD, str(server.port)], stdout=subprocess.PIPE, text=True)
        assert load.stdout.readline() == "warm\n"
        server.process.terminate()
        assert server.process.wait(PATIENCE) == 0
        result = load.stdout.read()
        assert load.wait(PATIENCE) == 0, result


# 32 keep-alive clients; a request may meet the end only before its first byte was accepted.
LOAD = r"""
import re, socket, sys, threading
port, bad, warm = int(sys.argv[1]), [], threading.Barrier(33)
def run():
    client = socket.create_connection(("127.0.0.1", port), 10)
    count = 0
    while True:
        client.sendall(b"GET /password HTTP/1.1\r\nHost: a\r\n\r\n")
        data = b""
        while True:
            piece = client.recv(65536)
            if not piece:
                if data:
                    bad.append(data)
                return
            data += piece
            if re.search(rb"\r\n\r\n.{1301}$", data, re.S):
                break
        count += 1
        if count == 50:
            warm.wait()
        if b"Connection: close" in data:
            return
def guarded():
    try:
        run()
    except OSError as error:
        bad.append(error)
threads = [threading.Thread(target=guarded) for _ in range(32)]
for thread in threads: thread.start()
warm.wait()
print("warm", flush=True)
for thread in threads: thread.join()
print(bad)
sys.exit(1 if bad else 0)
"""


def test_usage(muxd):
    """Bad options: one line on stderr, exit 64, nothing on stdout."""
    bad = [["--bogus"], ["--port"], ["--port", "65536"], ["--port", "-1"], ["--port", ""],
           ["--port", "8000x"], ["--workers", "0"], ["--workers", "257"], ["--workers", "x"],
           ["--listen", "localhost:80"], ["--listen", "127.0.0.1"], ["--listen", "::1:80"],
           ["--listen", "[::1:80"], ["--listen", "1.2.3.4:99999"], ["--idle-timeout", "0"],
           ["--idle-timeout", "1.2345"], ["--idle-timeout", "1e9"], ["extra"], ["--quiet=1"],
           ["--listen", "\x1b[31m:80"], ["--connections", "99999999999999999999"], ["-x"]]
    for options in bad:
        run = subprocess.run([muxd, *options], capture_output=True, timeout=PATIENCE, check=False)
        assert run.returncode == 64, f"{options}: exit status {run.returncode}"
        assert run.stdout == b"" and re.fullmatch(rb"muxd: [ -~]+\n", run.stderr), options
    run = subprocess.run([muxd, "--help"], capture_output=True, timeout=PATIENCE, check=False)
    assert run.returncode == 0 and b"--listen" in run.stdout and run.stderr == b""
    run = subprocess.run([muxd, "--version"], capture_output=True, timeout=PATIENCE, check=False)
    assert run.returncode == 0 and re.fullmatch(rb"muxd \d+\.\d+\.\d+\n", run.stdout)


def test_port_in_use(muxd):
    """A port that somebody has, another muxd included: one line, exit 1, nothing started."""
    with serving(muxd) as server:
        taken = f"127.0.0.1:{server.port}"
        plain = f"muxd: cannot listen on {taken}: the port is in use"
        name = os.path.basename(muxd)[:15]

        def names_holder(*extra):
            run = subprocess.run([muxd, "--quiet", *extra, "--listen", taken], text=True,
                                 capture_output=True, timeout=PATIENCE, check=False)
            assert run.returncode == 1 and run.stdout == ""
            named = run.stderr == f"{plain} by {name} (pid {server.process.pid})\n"
            assert named or run.stderr == plain + "\n", run.stderr
            return named
        # Who it is must be found out in 10 ms of /proc, which a busy machine may not give at once.
        until(names_holder, "the holder is never named")
        until(lambda: names_holder("--listen", "127.0.0.1:0"), "the holder is never named")


def forbid_ipv6():
    """Makes socket(AF_INET6) fail with EAFNOSUPPORT, as with ipv6.disable=1 (seccomp(2))."""
    socket_call = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
    load, equal, end, allow = 0x20, 0x15, 0x06, 0x7fff0000
    program = [(load, 0, 0, 0), (equal, 0, 3, socket_call), (load, 0, 0, 16),
               (equal, 0, 1, socket.AF_INET6), (end, 0, 0, 0x00050000 | errno.EAFNOSUPPORT),
               (end, 0, 0, allow)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    header = struct.pack("HP", len(program), ctypes.addressof(code))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(38, 1, 0, 0, 0) == 0 and prctl(22, 2, header, 0, 0) == 0


def test_no_ipv6(muxd):
    """Without IPv6 "everywhere" means IPv4, and it says so; an IPv6 address is an error."""
    process = subprocess.Popen([muxd, "--quiet", "--port", "0"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, preexec_fn=forbid_ipv6)
    try:
        line = process.stdout.readline()
        port = int(re.fullmatch(r"muxd: listening on 0\.0\.0\.0:(\d+)\n", line)[1])
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
            client.sendall(GET)
            read_answers(client, 1)
        process.terminate()
        out, errors = process.communicate(timeout=PATIENCE)
        assert (out, errors) == ("", "muxd: this machine has no IPv6: serving IPv4 only\n")
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
    run = subprocess.run([muxd, "--quiet", "--listen", "127.0.0.1:0", "--listen", "[::1]:0"],
                         capture_output=True, timeout=PATIENCE, check=False,
                         preexec_fn=forbid_ipv6)
    assert run.returncode == 1 and run.stdout == b""
    assert run.stderr == b"muxd: cannot listen on [::1]:0: this machine has no IPv6\n"


def test_both_families(muxd):
    """Port 0 is the same port for IPv4 and IPv6, and both serve."""
    process = subprocess.Popen([muxd, "--quiet", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        ports = [int(process.stdout.readline().rpartition(":")[2]) for _ in range(2)]
        assert ports[0] == ports[1]
        for address in ("127.0.0.1", "::1"):
            with socket.create_connection((address, ports[0]), PATIENCE) as client:
                client.sendall(GET)
                read_answers(client, 1)
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.communicate()


def test_closed_output(muxd):
    """Nobody reads its output: it serves all the same, and SIGPIPE does not end it."""
    with serving(muxd) as server:
        server.process.stdout.close()
        for _ in range(10):
            client = server.connect(PAGE * 100)
            reset(client)
        client = server.connect(GET)
        read_answers(client, 1)
        client.close()
        server.process.stdout = open(os.devnull, encoding="ascii")


def run_tests(namespace):
    """Runs its test_ functions, or those named on the command line. Returns the exit status."""
    muxd, wanted = os.environ["MUXD"], sys.argv[1:]
    failed = 0
    for name, test in list(namespace.items()):
        if not name.startswith("test_") or (wanted and name not in wanted):
            continue
        try:
            test(muxd)
            print(f"ok     {name}", flush=True)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as problem:
            print(f"not ok {name}: {type(problem).__name__}: {problem}", flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
