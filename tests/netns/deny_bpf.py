#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a command in a control group of its own, with a BPF program that denies on some hooks.

    deny_bpf.py HOOK[,HOOK…] COMMAND…       HOOK: connect4, connect6, egress, ingress, sock_create;
                                            with + in front its program allows

The programs are attached by links and so end with this process; the group is removed by it. It
shows as "/" inside, because the command is in a cgroup namespace. Exit status: the command's, or 77
when there is no version 2 hierarchy or no right to do this.
"""

import ctypes
import os
import platform
import struct
import subprocess
import sys
import tempfile

SYS_BPF = {"x86_64": 321, "aarch64": 280}.get(platform.machine(), 321)
BPF_PROG_LOAD, BPF_LINK_CREATE = 5, 28
PROG_TYPE_CGROUP_SKB, PROG_TYPE_CGROUP_SOCK, PROG_TYPE_CGROUP_SOCK_ADDR = 8, 9, 18
HOOKS = {  # name: (attach type, program type)
    "ingress": (0, PROG_TYPE_CGROUP_SKB),
    "egress": (1, PROG_TYPE_CGROUP_SKB),
    "sock_create": (2, PROG_TYPE_CGROUP_SOCK),
    "connect4": (10, PROG_TYPE_CGROUP_SOCK_ADDR),
    "connect6": (11, PROG_TYPE_CGROUP_SOCK_ADDR),
}
CLONE_NEWCGROUP = 0x02000000

LIBC = ctypes.CDLL(None, use_errno=True)


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(attr.ljust(128, b"\0"), 128)
    result = LIBC.syscall(SYS_BPF, command, buffer, 128)
    if result < 0:
        skip(f"bpf(2) says: {os.strerror(ctypes.get_errno())}")
    return result


def attach(group, hook):
    verdict = 1 if hook.startswith("+") else 0
    attach_type, program_type = HOOKS[hook.lstrip("+")]
    # r0 = verdict; exit
    code = ctypes.create_string_buffer(struct.pack("<BBhiBBhi", 0xb7, 0, 0, verdict, 0x95, 0, 0, 0))
    licence = ctypes.create_string_buffer(b"GPL")
    name = b"allow" if verdict else b"deny"
    program = bpf(BPF_PROG_LOAD, struct.pack(
        "<IIQQIIQII16sII", program_type, 2, ctypes.addressof(code), ctypes.addressof(licence), 0, 0,
        0, 0, 0, name, 0, attach_type))
    bpf(BPF_LINK_CREATE, struct.pack("<IIII", program, group, attach_type, 0))


def hierarchy():
    for line in open("/proc/self/mountinfo"):
        fields = line.split()
        if fields[fields.index("-") + 1] == "cgroup2" and fields[3] == "/":
            return fields[4]
    skip("no version 2 control groups are mounted")


def enter(group):
    with open(f"{group}/cgroup.procs", "w") as procs:
        procs.write("0")


def main():
    hooks, command = sys.argv[1].split(","), sys.argv[2:]
    root = hierarchy()
    try:
        group = tempfile.mkdtemp(prefix="muxdiag-test-", dir=root)
    except OSError as error:
        skip(f"no control group can be made: {error.strerror}")
    shown = tempfile.mkdtemp(prefix="muxdiag-cgroup-")
    try:
        enter(group)
        handle = os.open(group, os.O_RDONLY | os.O_DIRECTORY)
        for hook in hooks:
            attach(handle, hook)
        if LIBC.unshare(CLONE_NEWCGROUP) != 0:
            skip("no cgroup namespace can be made")
        subprocess.run(["mount", "-t", "cgroup2", "none", shown], check=True)
        status = subprocess.run(command).returncode
    finally:
        subprocess.run(["umount", shown], stderr=subprocess.DEVNULL)
        enter(root)
        os.rmdir(group)
        os.rmdir(shown)
    sys.exit(status)


if __name__ == "__main__":
    main()
