#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A server on port 8000 of all addresses that answers in one way only.

    answering.py greet TEXT     says TEXT to everybody
    answering.py alert          says what OpenSSL says to HTTP: an alert of TLS
    answering.py reset          accepts, then resets the connection at once
    answering.py silent         accepts and never says anything
    answering.py stopped        never accepts
"""

import os
import signal
import socket
import struct
import sys

ALERT = b"\x15\x03\x01\x00\x02\x02\x46"


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def main(how, text=""):
    listener = socket.create_server(("::", 8000), family=socket.AF_INET6, dualstack_ipv6=True)
    kept = []
    if how == "stopped":
        os.kill(os.getpid(), signal.SIGSTOP)
    while True:
        connection, _ = listener.accept()
        if how == "silent":
            kept.append(connection)
            continue
        if how == "reset":
            reset(connection)
        elif how == "alert":
            connection.recv(4096)
            connection.sendall(ALERT)
        else:
            connection.sendall(text.encode() + b"\r\n")
            connection.recv(4096)
        connection.close()


main(*sys.argv[1:])
