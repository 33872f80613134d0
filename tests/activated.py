#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A service manager to muxd: activated.py FOLDER PID.

muxd is what PID becomes when somebody connects to FOLDER/socket; it says to FOLDER/notify how far it
is. It is started anew under load and told to end, and must have said so, in order.
Exit status: 0 as expected, 1 otherwise.
"""
import os
import re
import signal
import socket
import sys
import time

PATIENCE = 20


def connect(path):
    """A connection, as soon as somebody listens."""
    end = time.monotonic() + PATIENCE
    while True:
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE)
        try:
            client.connect(path)
            return client
        except OSError:
            client.close()
            assert time.monotonic() < end, "nobody listens"
            time.sleep(0.01)


def ask(path):
    """The instance that serves."""
    with connect(path) as client:
        client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        answer = b""
        while piece := client.recv(4096):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    return answer.rpartition(b"\r\n")[2]


def next_state(manager):
    """What it says next, but for the signs of life in between."""
    while (state := manager.recv(4096)) == b"WATCHDOG=1":
        pass
    return state


def main():
    folder, pid = sys.argv[1], int(sys.argv[2])
    path, ready = os.path.join(folder, "socket"), f"READY=1\nMAINPID={pid}".encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(os.path.join(folder, "notify"))
        manager.settimeout(PATIENCE)
        first = ask(path)
        assert next_state(manager) == ready
        assert manager.recv(4096) == b"WATCHDOG=1"
        os.kill(pid, signal.SIGHUP)
        assert re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=\d+", next_state(manager))
        assert next_state(manager) == ready
        assert ask(path) != first
        os.kill(pid, signal.SIGTERM)
        assert next_state(manager) == b"STOPPING=1"
        # The socket is the manager's and stays.
        assert os.path.exists(path)


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, OSError) as problem:
        sys.exit(f"{type(problem).__name__}: {problem}")
