#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A server on port 8000 of all addresses that answers in one way only, or something near it.

    answering.py greet TEXT     says TEXT to everybody
    answering.py alert          says what OpenSSL says to HTTP: an alert of TLS
    answering.py reset          accepts, and resets the connection when asked
    answering.py silent         accepts and never says anything
    answering.py full           never accepts
    answering.py share          answers HTTP, and shares the port
    answering.py bound LINK     answers HTTP, to who comes through that link
    answering.py path PATH      listens under that path instead
    answering.py meet           listens nowhere, but connects to port 8000 until it is connected
"""

import contextlib
import signal
import socket
import struct
import sys

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
ALERT = b"\x15\x03\x01\x00\x02\x02\x46"


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answer(connection, how, text):
    if how == "greet":
        connection.sendall(text.encode() + b"\r\n")
    connection.recv(4096)
    if how == "reset":
        reset(connection)
    elif how != "greet":
        connection.sendall(ALERT if how == "alert" else OK)


def meet():
    while True:
        client = socket.socket()
        with contextlib.suppress(ConnectionRefusedError):
            client.connect(("127.0.0.1", 8000))
            signal.pause()
        client.close()


def main(how, text=""):
    if how == "meet":
        meet()
    if how == "path":
        database = socket.socket(socket.AF_UNIX)
        database.bind(text)
        database.listen()
        signal.pause()
    listener = socket.socket(socket.AF_INET6)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    if how == "share":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if how == "bound":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, text.encode())
    listener.bind(("::", 8000))
    listener.listen()
    kept = []
    while how == "full":
        signal.pause()
    while True:
        connection, _ = listener.accept()
        if how == "silent":
            kept.append(connection)
            continue
        with contextlib.suppress(ConnectionError):
            answer(connection, how, text)
        connection.close()


main(*sys.argv[1:])
