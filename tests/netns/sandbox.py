#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a command in a sandbox that refuses what a client of localhost needs.

    sandbox.py seccomp COMMAND…     socket() gives EPERM for everything but Unix sockets
    sandbox.py landlock COMMAND…    connect() of TCP gives EACCES, for every port
    sandbox.py landlock-privileged COMMAND…     the same, and no_new_privs stays as it is

Exit status: the command's, or 77 when the kernel has no such thing.
"""

import ctypes
import os
import platform
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
SYS_SOCKET = {"x86_64": 41, "aarch64": 198}.get(platform.machine(), 41)
SYS_LANDLOCK_CREATE_RULESET, SYS_LANDLOCK_RESTRICT_SELF = 444, 446
LANDLOCK_ACCESS_NET_CONNECT_TCP = 1 << 1
AF_UNIX, EPERM = 1, 1
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7fff0000, 0x00050000


def skip(what):
    print(f"SKIPPED: {what}: {os.strerror(ctypes.get_errno())}")
    sys.exit(77)


def seccomp():
    """struct seccomp_data: the call's number at 0, its first argument at 16."""
    instructions = [
        (LOAD, 0, 0, 0), (JUMP_EQUAL, 0, 3, SYS_SOCKET),
        (LOAD, 0, 0, 16), (JUMP_EQUAL, 1, 0, AF_UNIX), (RETURN, 0, 0, ERRNO | EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *one) for one in instructions))
    program = ctypes.create_string_buffer(
        struct.pack("<HxxxxxxQ", len(instructions), ctypes.addressof(code)))
    if LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or \
            LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) != 0:
        skip("no seccomp filter")


def landlock():
    attr = ctypes.create_string_buffer(struct.pack("<QQ", 0, LANDLOCK_ACCESS_NET_CONNECT_TCP))
    ruleset = LIBC.syscall(SYS_LANDLOCK_CREATE_RULESET, attr, ctypes.c_size_t(16), 0)
    if ruleset < 0:
        skip("no Landlock rules for TCP")
    if "privileged" not in sys.argv[1] and LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        skip("no no_new_privs")
    if LIBC.syscall(SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0) != 0:
        skip("no Landlock")


def main():
    {"seccomp": seccomp, "landlock": landlock, "landlock-privileged": landlock}[sys.argv[1]]()
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
