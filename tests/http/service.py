#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""muxd as a service: started anew under load, on sockets of others, watched, logged, balanced.

Usage: service.py [TEST ...]
Every test starts a $MUXD of its own. Exit status: 0 all passed, 1 one failed.
"""
import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading

from lifetimes import GET, LOAD, PAGE, PATIENCE, read_all, read_answers, run_tests, serving, until


def ask(server, path, client=None):
    """Returns head and body of one answer."""
    own = client is None
    client = client or server.connect()
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(65536)
        assert piece, data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"Content-Length: (\d+)", head)[1])
    while len(body) < length:
        piece = client.recv(1 << 20)
        assert piece, f"{len(body)} of {length} bytes"
        body += piece
    if own:
        client.close()
    return head.decode(), body.decode()


def metric(server, name, **labels):
    """The sum of a metric over all series with these labels."""
    total = 0
    for line in ask(server, "/metrics")[1].splitlines():
        found = re.fullmatch(r"([a-z_]+)(\{.*\})? (\S+)", line)
        if found and found[1] == name and all(
                f'{key}="{value}"' in (found[2] or "") for key, value in labels.items()):
            total += float(found[3])
    return total


def instance(server):
    return ask(server, "/healthz")[1]


def requests_until(server, done, path="/password"):
    """New connections each, one after the other, until done() is true; raises on a failure."""
    count = 0
    while not done():
        _, body = ask(server, path)
        assert len(body) == 1301
        count += 1
    return count


def test_restart(muxd):
    """SIGHUP: another instance under the same pid on the same socket."""
    with serving(muxd) as server:
        first = instance(server)
        server.process.send_signal(signal.SIGHUP)
        until(lambda: instance(server) != first, "no new instance")
        second = instance(server)
        assert first.split()[1].split("-")[0] == second.split()[1].split("-")[0]
        assert server.process.poll() is None


def test_restart_under_load(muxd):
    """Started anew ten times under load: each request of each connection is answered, whole."""
    with serving(muxd, "--workers", "2") as server:
        over, problems = threading.Event(), []

        def load():
            try:
                requests_until(server, over.is_set)
            except (OSError, AssertionError) as problem:
                problems.append(problem)
        clients = [threading.Thread(target=load) for _ in range(8)]
        for client in clients:
            client.start()
        for _ in range(10):
            before = instance(server)
            server.process.send_signal(signal.SIGHUP)
            until(lambda last=before: instance(server) != last or problems, "no new instance")
        over.set()
        for client in clients:
            client.join()
        assert not problems, problems


def test_restart_keeps_promises(muxd):
    """What is under way when it starts anew is finished: half a head, half a page."""
    with serving(muxd) as server:
        half, slow = server.connect(GET[:20]), socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        slow.connect(("127.0.0.1", server.port))
        slow.sendall(b"GET /password?n=3000&length=1024 HTTP/1.0\r\n\r\n")
        head = slow.recv(1000)
        until(lambda: metric(server, "muxd_connections", state="head") == 1, "not accepted")
        first = instance(server)
        server.process.send_signal(signal.SIGHUP)
        until(lambda: instance(server) != first, "no new instance")
        half.sendall(GET[20:])
        assert read_all(half).endswith(b"\r\n\r\nHello")
        body = (head + read_all(slow)).partition(b"\r\n\r\n")[2]
        assert len(body) == 3000 * 1025 + 1, len(body)
        half.close()
        slow.close()


def test_restart_load_keeps_alive(muxd):
    """The keep-alive clients of the draining test see a restart as an ordinary end."""
    with serving(muxd) as server:
        load = subprocess.Popen(
            [sys.executable, "-c", LOAD, str(server.port)], stdout=subprocess.PIPE, text=True)
        assert load.stdout.readline() == "warm\n"
        server.process.send_signal(signal.SIGHUP)
        result = load.stdout.read()
        assert load.wait(PATIENCE) == 0, result


def test_drain_turns_nobody_away_late(muxd):
    """SIGTERM amid new connections: whoever gets a connection gets its answer."""
    for _ in range(5):
        with serving(muxd) as server:
            problems, counts = [], []

            def load():
                count = 0
                try:
                    while True:
                        ask(server, "/password")
                        count += 1
                except ConnectionRefusedError:
                    counts.append(count)
                except (OSError, AssertionError) as problem:
                    problems.append(repr(problem))
            clients = [threading.Thread(target=load) for _ in range(8)]
            for client in clients:
                client.start()
            until(lambda: metric(server, "muxd_requests_total") > 200, "no load")
            server.process.terminate()
            for client in clients:
                client.join()
            assert not problems and len(counts) == 8, problems


def test_unix_socket(muxd):
    """A unix socket: served, replaced when left behind, not when in use, and removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "socket")
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(path)
        with serving(muxd, "--listen", "unix:" + path) as server:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
                client.sendall(PAGE)
                read_answers(client, 1, 1301)
            run = subprocess.run([muxd, "--quiet", "--listen", "unix:" + path], text=True,
                                 capture_output=True, timeout=PATIENCE, check=False)
            assert run.returncode == 1 and run.stdout == "", run
            assert run.stderr == f"muxd: cannot listen on unix:{path}: the address is in use\n"
            first = instance(server)
            server.process.send_signal(signal.SIGHUP)
            until(lambda: instance(server) != first, "no new instance")
            assert os.path.exists(path)
        assert not os.path.exists(path)


def test_inherited(muxd):
    """sd_listen_fds(3): sockets of others are served, by all workers; nothing else is opened."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        script = 'exec 3<&0; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        with subprocess.Popen(["sh", "-c", script, "sh", muxd, "--quiet", "--workers", "2"],
                              stdin=listener, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout.readline() == f"muxd: listening on 127.0.0.1:{port}\n"
                for _ in range(20):
                    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
                        client.sendall(GET)
                        read_answers(client, 1)
                process.terminate()
                assert process.stdout.read() == "" and process.wait(PATIENCE) == 0
            finally:
                process.kill()
        # It still belongs to who had it before, and lets newcomers in.
        socket.create_connection(("127.0.0.1", port), 0.9).close()


def test_inherited_rubbish(muxd):
    """A descriptor that does not listen is refused in one line."""
    script = 'exec 3</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
    run = subprocess.run(["sh", "-c", script, "sh", muxd, "--quiet"], text=True,
                         capture_output=True, timeout=PATIENCE, check=False)
    assert run.returncode == 1 and run.stdout == ""
    assert run.stderr == "muxd: inherited descriptor 3 is no listening stream socket\n"


def test_notify(muxd):
    """sd_notify(3): ready, reloading, ready again, stopping."""
    with tempfile.TemporaryDirectory() as folder, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(os.path.join(folder, "notify"))
        manager.settimeout(PATIENCE)
        os.environ["NOTIFY_SOCKET"] = manager.getsockname()
        try:
            with serving(muxd) as server:
                ready = f"READY=1\nMAINPID={server.process.pid}".encode()
                assert manager.recv(100) == ready
                server.process.send_signal(signal.SIGHUP)
                assert re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=\d+", manager.recv(100))
                assert manager.recv(100) == ready
                server.process.terminate()
                assert manager.recv(100) == b"STOPPING=1"
        finally:
            del os.environ["NOTIFY_SOCKET"]


def trace_thread(request, thread):
    """ptrace(2); false when this machine does not let us."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    return libc.ptrace(request, thread, None, None) == 0


def test_watchdog(muxd):
    """sd_watchdog_enabled(3): heard of as long as every worker turns, and not when one hangs."""
    detach, seize, interrupt, wait_any_thread = 17, 0x4206, 0x4207, 0x40000000
    with tempfile.TemporaryDirectory() as folder, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(os.path.join(folder, "notify"))
        manager.settimeout(PATIENCE)
        os.environ.update(NOTIFY_SOCKET=manager.getsockname(), WATCHDOG_USEC="40000")
        try:
            with serving(muxd, "--workers", "2") as server:
                assert manager.recv(100).startswith(b"READY=1\n")
                for _ in range(5):
                    assert manager.recv(100) == b"WATCHDOG=1"
                pid = server.process.pid
                worker = max(int(thread) for thread in os.listdir(f"/proc/{pid}/task"))
                if not trace_thread(seize, worker):
                    print("SKIPPED a worker that hangs: ptrace is not permitted")
                    server.process.terminate()
                    return
                assert trace_thread(interrupt, worker)
                os.waitpid(worker, wait_any_thread)
                # What it had answered before may be told, but then it was asked again. Twenty
                # intervals of silence: a slow machine is silent too, so this cannot fail for it.
                told = 0
                manager.settimeout(0.4)
                try:
                    while told < 3:
                        assert manager.recv(100) == b"WATCHDOG=1"
                        told += 1
                except TimeoutError:
                    pass
                finally:
                    trace_thread(detach, worker)
                assert told < 3, "still told to live while a worker hangs"
                manager.settimeout(PATIENCE)
                assert manager.recv(100) == b"WATCHDOG=1"
                # From here on nobody reads, and its queue fills: the end must not wait for that.
        finally:
            del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]


def test_access_log(muxd):
    """Combined format; what clients choose cannot break a line; written within a moment."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log")
        with serving(muxd, "--access-log", path) as server:
            client = server.connect(b'GET /?a HTTP/1.1\r\nHost: a\r\nUser-Agent: x"\\\xff\ty \r\n'
                                    b"Referer: http://b/\r\n\r\n" + PAGE + b"\x1b[2J\r\n\r\n")
            read_all(client)
            until(lambda: open(path, encoding="ascii").read().count("\n") == 3, "not written")
            lines = open(path, encoding="ascii").read().splitlines()
        start = r"127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] "
        for line, rest in zip(lines, (
                r'"GET /\?a HTTP/1\.1" 200 5 "http://b/" "x\\x22\\x5c\\xff\\x09y"',
                r'"GET /password HTTP/1\.1" 200 1301 "-" "-"',
                r'"\\x1b\[2J" 400 0 "-" "-"')):
            assert re.fullmatch(start + rest, line), line
        run = subprocess.run([muxd, "--quiet", "--listen", "127.0.0.1:0", "--access-log",
                              "/nonexistent/log"], capture_output=True, check=False, text=True)
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr == "muxd: cannot write the access log: No such file or directory\n"


def test_access_log_to_nobody(muxd):
    """A log that nobody reads holds nobody up; the lines are counted as lost."""
    with serving(muxd, "--access-log", "-") as server:
        client = server.connect()
        for _ in range(30):
            client.sendall(GET * 100)
            read_answers(client, 100)
        until(lambda: metric(server, "muxd_access_log_dropped_lines_total") > 0, "nothing lost")
        client.close()


def test_environment(muxd):
    """Options from the environment; the command line decides; bad ones are refused."""
    os.environ.update(MUXD_MUX="seed", MUXD_LISTEN="127.0.0.1:1,127.0.0.1:2", MUXD_IDLE_TIMEOUT="")
    try:
        with serving(muxd) as server:
            assert len(ask(server, "/any/path")[1]) == 1301
            assert ask(server, "/healthz")[1].startswith("muxd/")
        os.environ["MUXD_WORKERS"] = "many"
        run = subprocess.run([muxd], capture_output=True, check=False, text=True)
        assert run.returncode == 64
        assert run.stderr.startswith("muxd: MUXD_WORKERS: 'many' is no number"), run.stderr
    finally:
        for name in ("MUX", "LISTEN", "IDLE_TIMEOUT", "WORKERS"):
            os.environ.pop("MUXD_" + name, None)


def test_metrics(muxd):
    """Counts what was served."""
    with serving(muxd, "--workers", "2", "--header-timeout", "0.2") as server:
        client = server.connect(GET * 10)
        read_answers(client, 10)
        assert read_all(server.connect(b"x")).startswith(b"HTTP/1.1 408 ")
        assert metric(server, "muxd_requests_total", code=200) >= 10
        assert metric(server, "muxd_requests_total", code=408) == 1
        assert metric(server, "muxd_timeouts_total", state="head") == 1
        assert metric(server, "muxd_connections", state="idle") >= 1
        assert metric(server, "muxd_request_duration_seconds_count") >= 10
        assert metric(server, "muxd_sent_bytes_total") > 1000
        assert 0 < metric(server, "process_open_fds") < 100


def test_not_ready_while_draining(muxd):
    """/readyz says so before it is gone, to whom has a connection; /healthz still answers."""
    with serving(muxd) as server:
        clients = [server.connect(GET[:20]) for _ in range(2)]
        until(lambda: metric(server, "muxd_connections", state="head") == 2, "not accepted")
        paths = (b"/readyz", b"/healthz")
        for client in clients:
            client.close()
        clients = [server.connect(b"GET " + path) for path in paths]
        until(lambda: metric(server, "muxd_connections", state="head") == 2, "not accepted")
        before = server.descriptors()
        server.process.terminate()
        until(lambda: server.descriptors() < before, "not draining")
        for client in clients:
            client.sendall(b" HTTP/1.1\r\nHost: a\r\n\r\n")
        answers = [read_all(client) for client in clients]
        assert answers[0].startswith(b"HTTP/1.1 503 Service Unavailable\r\n"), answers[0]
        assert answers[1].startswith(b"HTTP/1.1 200 OK\r\n")


def test_balance(muxd):
    """64 clients that stay are spread evenly over two workers, whatever their hash."""
    with serving(muxd, "--workers", "2") as server:
        clients = [server.connect() for _ in range(64)]

        def is_even():
            for client in clients:
                client.sendall(GET)
            for client in clients:
                read_answers(client, 1)
            counts = [metric(server, "muxd_connections", worker=i, state="idle")
                      for i in range(2)]
            return sum(counts) >= 64 and abs(counts[0] - counts[1]) <= 3
        until(is_even, "not even")


def test_independent(muxd):
    """Two workers, two servers, and one started anew: no password twice."""
    pages = []
    with serving(muxd, "--workers", "2") as one, serving(muxd) as two:
        for server in (one, two):
            pages += [ask(server, "/password")[1] for _ in range(200)]
        first = instance(two)
        two.process.send_signal(signal.SIGHUP)
        until(lambda: instance(two) != first, "no new instance")
        pages += [ask(two, "/password")[1] for _ in range(200)]
    passwords = [word for page in pages for word in page[1:-1].split()]
    assert len(passwords) == len(set(passwords)) == 60000


def test_check(muxd):
    """--check: says what works, and exits."""
    run = subprocess.run([muxd, "--check", "--listen", "127.0.0.1:0"], capture_output=True,
                         text=True, timeout=60, check=False)
    assert run.returncode in (0, 1) and "muxd: listening on 127.0.0.1:" in run.stdout, run
    assert (run.returncode == 0) == ("muxd: use http://" in run.stdout), run


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
