#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What takes minutes: storms and sieges at full size, and a leak check after every kind of ending.

Usage: ordeal.py [TEST ...]        the server is $MUXD; valgrind is used where it is installed
Exit status: 0 all passed, 1 one failed. Prints what it measured.
"""
import os
import random
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

from lifetimes import (BODY_START, GET, PAGE, PATIENCE, Server, read_answers, reset, run_tests,
                       serving, until)

CONNECTIONS = 100000  # for the leak check
METRICS = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"


def rss_kib(server):
    status = open(f"/proc/{server.process.pid}/status", encoding="ascii").read()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def raise_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def besiege(muxd, what, start, poke):
    """1000 attackers, of which some do their worst between any two requests of ours."""
    raise_limit()
    with serving(muxd, "--header-timeout", "60", "--body-timeout", "60") as server:
        before = server.descriptors()
        attackers = [server.connect(start) for _ in range(1000)]
        for attacker in attackers:
            attacker.setblocking(False)
        until(lambda: server.descriptors() == before + 1000, "not accepted")
        client, times = server.connect(), []
        for number in range(1000):
            for attacker in attackers[number * 10 % 1000:][:10]:
                try:
                    poke(attacker)
                except OSError:
                    pass
            begin = time.monotonic()
            client.sendall(PAGE)
            read_answers(client, 1, 1301)
            times.append(time.monotonic() - begin)
        client.close()
        p99 = sorted(times)[990] * 1000
        print(f"       {what}: p99 {p99:.1f} ms of a client among 1000 attackers")
        assert p99 < 50, p99


def test_slowloris(muxd):
    """Heads, a byte at a time."""
    besiege(muxd, "slow heads", b"GET / HTTP/1.1\r\nA: ", lambda attacker: attacker.send(b"a"))


def test_slow_body(muxd):
    """Content, a byte at a time."""
    besiege(muxd, "slow content", BODY_START, lambda attacker: attacker.send(b"a"))


def test_slow_read(muxd):
    """Big pages that nobody reads, but for a few bytes."""
    ask = b"GET /password?n=10000&length=1024 HTTP/1.1\r\nHost: a\r\n\r\n"
    besiege(muxd, "slow reading", ask, lambda attacker: attacker.recv(10))


def test_reset_storm(muxd):
    """20000 connect and reset: descriptors and memory return to where they were."""
    with serving(muxd) as server:
        for _ in range(500):
            reset(server.connect(GET))
        until(lambda: server.descriptors() < 20, "descriptors are left")
        before, memory = server.descriptors(), rss_kib(server)
        for number in range(20000):
            reset(server.connect((b"", GET, GET[:9], BODY_START, PAGE * 9)[number % 5]))
        until(lambda: server.descriptors() == before, "descriptors are left")
        grown = rss_kib(server) - memory
        print(f"       {grown} KiB more than before the storm")
        assert grown < 256, grown


def test_out_of_descriptors(muxd):
    """RLIMIT_NOFILE 64 and 200 clients: under 5 % of a CPU, and back within 100 ms."""
    with serving(muxd, "--connections", "1000", descriptors=64) as server:
        clients = [server.connect(GET) for _ in range(200)]
        until(lambda: server.descriptors() == 64, "not full")
        used, start = server.cpu_seconds(), time.monotonic()
        time.sleep(2)  # what is measured is doing nothing
        share = (server.cpu_seconds() - used) / (time.monotonic() - start)
        answered = [c for c in clients if is_readable(c)]
        waiting = [c for c in clients if c not in answered]
        start = time.monotonic()
        answered[0].close()
        until(lambda: any(map(is_readable, waiting)), "not resumed")
        passed = (time.monotonic() - start) * 1000
        print(f"       {share * 100:.1f} % of a CPU; served again after {passed:.0f} ms")
        assert share < 0.05 and passed < 100


def is_readable(client):
    return bool(select.select([client], [], [], 0)[0])


def end_somehow(server, number, kept):
    """One connection of each kind of ending, in turn."""
    start = (b"", GET, PAGE, GET[:9], BODY_START, b"junk\r\n\r\n", PAGE * 3, GET * 2)[number % 8]
    ending = random.randrange(5)
    if number % 200 == 0:  # under valgrind they take long
        start = (PAGE * 2000, METRICS)[number % 400 == 0]
        ending = 3
    client = server.connect(start)
    server.clients.pop()
    if ending == 0:
        reset(client)
    elif ending == 1:
        client.shutdown(socket.SHUT_WR)
        client.close()
    elif ending == 2 and start == GET:
        read_answers(client, 1)
        client.close()
    elif ending == 3:
        kept.append(client)  # until its deadline, or until it reads too slowly
    else:
        client.close()
    if len(kept) > 200:
        kept.pop(0).close()


def test_leaks(muxd):
    """After every kind of ending, draining included: valgrind finds no leak, no open descriptor."""
    if shutil.which("valgrind") is None:
        print("       left out: no valgrind")
        return
    log = f"/tmp/muxd-valgrind.{os.getpid()}"
    wrapper = f"{log}.sh"
    with open(wrapper, "w", encoding="ascii") as script:
        script.write("#!/bin/sh\nexec valgrind -q --leak-check=full --show-leak-kinds=definite,indirect,possible"
                     f" --track-fds=yes --error-exitcode=9 --log-file={log} '{muxd}' \"$@\"\n")
    os.chmod(wrapper, 0o755)
    try:
        server = Server(wrapper, "--header-timeout", "0.5", "--idle-timeout", "0.5",
                        "--body-timeout", "0.5", "--write-timeout", "0.5", "--drain-timeout", "1")
        kept = []
        for number in range(CONNECTIONS):
            end_somehow(server, number, kept)
        server.process.send_signal(signal.SIGTERM)
        status = server.process.wait(PATIENCE * 6)
        found = open(log, encoding="ascii", errors="replace").read()
        assert status == 0, found
        # What it inherited is valgrind's own.
        left = re.findall(r"Open (?:file descriptor|AF_\w+ socket) \d+:.*\n(?!.*inherited)", found)
        assert not left, found
        assert "lost" not in found, found
        print(f"       {CONNECTIONS} connections: nothing left")
    finally:
        for name in (log, wrapper):
            if os.path.exists(name):
                os.unlink(name)


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
