#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Replays the wire cases of *.md against a muxd that it starts itself; see README.md.

Usage: run.py [--every-split] [FILE.md ...]     the server is $MUXD
       run.py --corpus DIR                      write the requests for fuzz_request.c instead
Exit status: 0 all passed, 1 a case failed, 2 the cases or the server are unusable.
"""
import argparse
import os
import pathlib
import re
import socket
import subprocess
import sys

TIMEOUT = 5  # seconds for anything that should come; nothing waits for it to pass
CANARY = b"GET / HTTP/1.1\r\nHost: canary\r\n\r\n"
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct"
                  r"|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT")


class Failure(Exception):
    """What went wrong in a case, for a person."""


def unescape(text):
    """\\r \\n \\t \\0 \\\\ \\xHH, and \\{N*TEXT} for N times TEXT."""
    def one(match):
        if match["count"]:
            return unescape(match["text"]).decode("latin-1") * int(match["count"])
        if match["hex"]:
            return chr(int(match["hex"], 16))
        return {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}[match["char"]]
    pattern = r"\\(?:\{(?P<count>\d+)\*(?P<text>[^}]*)\}|x(?P<hex>[0-9a-f]{2})|(?P<char>[rnt0\\]))"
    return re.sub(pattern, one, text).encode("latin-1")


def request_bytes(lines):
    """Every line ends in CRLF, but one that ends in a lone backslash."""
    out = b""
    for line in lines:
        bare = line.endswith("\\") and not line.endswith("\\\\")
        out += unescape(line[:-1]) if bare else unescape(line) + b"\r\n"
    return out


class Case:
    """One "### title" of a Markdown file: steps of (kind, flags, lines)."""

    def __init__(self, where, title):
        self.where, self.title, self.steps, self.section = where, title, [], ""

    def check(self):
        if not re.search(r"RFC \d+ §[0-9.A-Z]+", self.section):
            raise SystemExit(f"{self.where}: no RFC section")
        kinds = [kind for kind, _, _ in self.steps]
        if kinds != ["request", "response"] * (len(kinds) // 2) or not kinds:
            raise SystemExit(f"{self.where}: needs request and response blocks in turn")
        if self.steps[-1][2][-1] not in ("[open]", "[close]"):
            raise SystemExit(f"{self.where}: the last response must end in [open] or [close]")


def read_cases(path):
    """Returns the cases of one file."""
    cases, block = [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if block is not None:
            if line == "```":
                cases[-1].steps.append(block)
                block = None
            else:
                block[2].append(line)
        elif line.startswith("### "):
            cases.append(Case(f"{path.name}:{number}", line[4:]))
        elif line.startswith("```"):
            words = line[3:].split()
            if not cases or not words or words[0] not in ("request", "response"):
                raise SystemExit(f"{path.name}:{number}: a block without a case or of no kind")
            block = (words[0], words[1:], [])
        elif cases:
            cases[-1].section += line + "\n"
    for case in cases:
        case.check()
    return cases


class Response:
    """One response as read from the wire."""

    def __init__(self, line, fields, body):
        self.line, self.fields, self.body = line, fields, body

    def status(self):
        return int(self.line.split()[1])


class Client:
    """A connection with what was read ahead."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(self, pieces):
        try:
            for piece in pieces:
                self.socket.sendall(piece)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Failure(f"while sending: {error}") from error

    def fill(self):
        """Reads more; False at the end."""
        try:
            data = self.socket.recv(65536)
        except socket.timeout as error:
            raise Failure(f"nothing came for {TIMEOUT} s; have {self.buffer!r}") from error
        except ConnectionResetError as error:
            raise Failure(f"reset; have {self.buffer!r}") from error
        self.buffer += data
        return data != b""

    def until(self, mark):
        while mark not in self.buffer:
            if not self.fill():
                raise Failure(f"closed; have {self.buffer!r}")
        head, self.buffer = self.buffer.split(mark, 1)
        return head

    def exactly(self, length):
        while len(self.buffer) < length:
            if not self.fill():
                raise Failure(f"closed within a body; have {self.buffer!r}")
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return body

    def response(self, has_body):
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            if name.lower() in fields or value != " " + value.strip():
                raise Failure(f"field {line!r} is repeated or badly spaced")
            fields[name.lower()] = value.strip()
        response = Response(lines[0], fields, b"")
        check_response(response)
        if has_body and response.status() >= 200 and response.status() != 204:
            response.body = self.exactly(int(fields["content-length"]))
        return response

    def expect_end(self):
        while self.fill():
            pass
        if self.buffer:
            raise Failure(f"more than was expected: {self.buffer!r}")


def check_response(response):
    """What is true of every response."""
    if not re.fullmatch(r"HTTP/1\.1 [1-5]\d\d [A-Za-z ]+", response.line):
        raise Failure(f"status line {response.line!r}")
    if response.status() == 100:
        return
    if not DATE.fullmatch(response.fields.get("date", "")):
        raise Failure("no valid Date (RFC 9110 §6.6.1)")
    if ("content-length" in response.fields) == (response.status() == 204):
        raise Failure("Content-Length there or not (RFC 9110 §8.6)")


def check_line(response, line):
    """One expectation; see README.md."""
    if line.startswith("!"):
        if line[1:].lower() in response.fields:
            raise Failure(f"field {line[1:]} is there")
    elif line.startswith("body: "):
        if response.body != unescape(line[6:]):
            raise Failure(f"body is {response.body!r}")
    elif line.startswith("body~ "):
        if not re.fullmatch(line[6:].encode(), response.body, re.S):
            raise Failure(f"body is {response.body[:200]!r}")
    elif re.match("[A-Za-z-]+~ ", line):
        name, _, pattern = line.partition("~ ")
        if not re.fullmatch(pattern, response.fields.get(name.lower(), "")):
            raise Failure(f"{name} is {response.fields.get(name.lower())!r}")
    elif line.startswith("bytes: "):
        if len(response.body) != int(line[7:]):
            raise Failure(f"body has {len(response.body)} bytes")
    elif line != "no body":
        name, _, value = line.partition(": ")
        if response.fields.get(name.lower()) != value:
            raise Failure(f"{name} is {response.fields.get(name.lower())!r}, not {value!r}")


def expect_responses(client, lines):
    """Reads and checks the responses of one block."""
    groups = []
    for line in lines:
        if line.startswith("HTTP/"):
            groups.append([line])
        elif line not in ("[open]", "[close]"):
            groups[-1].append(line)
    for group in groups:
        response = client.response("no body" not in group)
        while response.status() == 100 and " 100 " not in group[0]:
            response = client.response("no body" not in group)
        if response.line != group[0]:
            raise Failure(f"{response.line!r}, not {group[0]!r}")
        for line in group[1:]:
            check_line(response, line)


def replay(case, port, cut):
    """Runs the case; cut(bytes) gives the pieces in which bytes are sent."""
    client = Client(port)
    with client.socket:
        for kind, flags, lines in case.steps:
            if kind == "request":
                client.send((whole if "once" in flags else cut)(request_bytes(lines)))
                if "eof" in flags:
                    client.socket.shutdown(socket.SHUT_WR)
            else:
                expect_responses(client, lines)
        if case.steps[-1][2][-1] == "[close]":
            client.expect_end()
            return
        if client.buffer:
            raise Failure(f"more than was expected: {client.buffer!r}")
        client.send([CANARY])
        expect_responses(client, ["HTTP/1.1 200 OK", "body: Hello"])


def whole(data):
    return [data]


def byte_by_byte(data):
    return [data[i:i + 1] for i in range(len(data))]


def split_at(i):
    return lambda data: [data[:i], data[i:]]


def ways(case, every_split):
    """Names and functions of all the ways a case is cut."""
    yield "whole", whole
    yield "byte by byte", byte_by_byte
    longest = max(len(request_bytes(lines)) for kind, _, lines in case.steps if kind == "request")
    for i in range(1, longest if every_split and longest < 600 else 1):
        yield f"split at {i}", split_at(i)


def start(muxd):
    """Returns the server's process and port."""
    process = subprocess.Popen([muxd, "--quiet", "--workers", "1", "--listen", "127.0.0.1:0"],
                               stdout=subprocess.PIPE, text=True)
    match = re.fullmatch(r"muxd: listening on 127\.0\.0\.1:(\d+)\n", process.stdout.readline())
    if not match:
        raise SystemExit("muxd did not start")
    return process, int(match[1])


def name_instance(cases, port):
    """Puts the server's id in the place of @INSTANCE@."""
    client = Client(port)
    with client.socket:
        client.send([b"GET /healthz HTTP/1.0\r\n\r\n"])
        instance = client.response(True).body.decode().split()[1]
    for case in cases:
        case.steps = [(kind, flags, [line.replace("@INSTANCE@", instance) for line in lines])
                      for kind, flags, lines in case.steps]


def run_case(case, port, every_split):
    """Runs a case in all ways; returns whether it passed."""
    for name, cut in ways(case, every_split):
        try:
            replay(case, port, cut)
        except (Failure, OSError) as failure:
            print(f"not ok {case.where} {case.title} ({name}): {failure}")
            return False
    print(f"ok     {case.where} {case.title}")
    return True


def write_corpus(cases, directory):
    """Every short request as a file for the fuzzer, behind the size of the pieces."""
    directory.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(cases):
        data = b"".join(request_bytes(lines) for kind, _, lines in case.steps if kind == "request")
        if len(data) < 3000:
            (directory / f"case-{number:03}").write_bytes(b"\x07" + data)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every-split", action="store_true")
    parser.add_argument("--corpus", type=pathlib.Path)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    files = arguments.files or sorted(pathlib.Path(__file__).parent.glob("*.md"))
    cases = [case for file in files if file.name != "README.md" for case in read_cases(file)]
    if arguments.corpus:
        return write_corpus(cases, arguments.corpus)
    process, port = start(os.environ["MUXD"])
    try:
        name_instance(cases, port)
        results = [run_case(case, port, arguments.every_split) for case in cases]
    finally:
        process.terminate()
        status = process.wait(20)
    failed = results.count(False)
    print(f"{len(results)} cases, {failed} failed; muxd exited with {status}")
    return 0 if results and not failed and status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
