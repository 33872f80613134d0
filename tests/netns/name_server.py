#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server over UDP on 127.0.0.1:53 for machines of netns/lib.sh.

    name_server.py READY [--silent] [NAME=ADDRESS…]

Answers what it was given, says NXDOMAIN to the rest, or nothing at all with --silent. It creates
the file READY once it listens. It ends with its pid namespace, and by itself after a minute.
"""

import ipaddress
import pathlib
import signal
import socket
import struct
import sys

LONGEST_S = 60
TYPES = {4: 1, 6: 28}  # A and AAAA
NXDOMAIN, AUTHORITATIVE, RESPONSE = 3, 0x0400, 0x8000


def read_name(packet):
    """Returns the name that is asked for and where its type and class begin."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1").lower())
        at += 1 + packet[at]
    return ".".join(labels), at + 1


def reply(packet, table):
    name, end = read_name(packet)
    kind = struct.unpack_from(">H", packet, end)[0]
    records = [struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(address.packed)) + address.packed
               for address in table.get(name, []) if TYPES[address.version] == kind]
    flags = RESPONSE | AUTHORITATIVE | (0 if name in table else NXDOMAIN)
    flags |= struct.unpack_from(">H", packet, 2)[0] & 0x0100
    return (packet[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
            + packet[12:end + 4] + b"".join(records))


def main(ready, *options):
    table = {}
    for option in options:
        name, _, address = option.partition("=")
        if address:
            table.setdefault(name.lower(), []).append(ipaddress.ip_address(address))
    signal.alarm(LONGEST_S)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    pathlib.Path(ready).touch()
    while True:
        packet, client = server.recvfrom(512)
        if "--silent" not in options:
            try:
                server.sendto(reply(packet, table), client)
            except (IndexError, struct.error):
                continue


main(*sys.argv[1:])
