#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Listens on port 8000 of every address, never accepts, and fills its own accept queue."""

import signal
import socket

server = socket.create_server(("::", 8000), family=socket.AF_INET6, backlog=1,
                              dualstack_ipv6=True)
clients = []
# A backlog of 1 takes 2 (kernel: sk_acceptq_is_full()); one more makes sure.
for _ in range(3):
    client = socket.socket(socket.AF_INET6)
    client.setblocking(False)
    client.connect_ex(("::1", 8000))
    clients.append(client)
signal.pause()
