#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A server with one thread, in the manner of development servers: `slow_server.py PORT BACKLOG MS
[patient]` listens on 127.0.0.1, takes MS milliseconds of processor time for each request, and
closes the connection, or, when it is patient, waits for the client to do so."""

import socket
import sys
import time

BODY = b"x" * 1301
HEAD = (
    b"HTTP/1.0 200 OK\r\nServer: Werkzeug/2.2 Python/3.11\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)


def serve(connection, work_s, patient):
    connection.recv(65536)
    until = time.perf_counter() + work_s
    while time.perf_counter() < until:
        pass
    connection.sendall(HEAD + BODY)
    if patient:
        connection.settimeout(0.2)
        connection.recv(1)


def main(port, backlog, milliseconds, *patient):
    with socket.create_server(("127.0.0.1", int(port)), backlog=int(backlog)) as server:
        while True:
            connection, _ = server.accept()
            try:
                serve(connection, float(milliseconds) / 1000, bool(patient))
            except OSError:
                pass
            connection.close()


main(*sys.argv[1:])
