# SPDX-License-Identifier: GPL-2.0-or-later
"""The real clients: how each is started, and how it is told whether it connected."""

PYTHON = "/usr/bin/python3"

PYTHON_HTTP = """
import http.client, sys
c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]))
c.request("GET", "/")
c.getresponse().read()
"""
PYTHON_URLLIB = """
import sys, urllib.request
urllib.request.urlopen(f"http://{sys.argv[1]}:{sys.argv[2]}/").read()
"""
PYTHON_REQUESTS = """
import sys, requests
requests.get(f"http://{sys.argv[1]}:{sys.argv[2]}/")
"""
PYTHON_ASYNCIO = """
import asyncio, sys
asyncio.run(asyncio.open_connection(sys.argv[1], int(sys.argv[2])))
"""
PYTHON_ASYNCIO_EYEBALLS = """
import asyncio, sys
asyncio.run(asyncio.open_connection(sys.argv[1], int(sys.argv[2]), happy_eyeballs_delay=0.25))
"""
FIRST_ADDRESS = """
import socket, sys
family, kind, protocol, _, address = socket.getaddrinfo(
    sys.argv[1], int(sys.argv[2]), type=socket.SOCK_STREAM)[0]
socket.socket(family, kind, protocol).connect(address)
"""
NODE_HTTP = """
require("http").get({host: process.argv[1], port: +process.argv[2]}, (answer) => {
  answer.resume();
  answer.on("end", () => process.exit(0));
}).on("error", (error) => { console.error(error); process.exit(1); });
"""
NODE_FETCH = """
fetch(`http://${process.argv[1]}:${process.argv[2]}/`).then((answer) => answer.text())
  .then(() => process.exit(0))
  .catch((error) => { console.error(error); process.exit(1); });
"""
RUBY = 'require "net/http"; Net::HTTP.get(ARGV[0], "/", ARGV[1].to_i)'
LWP = """
use LWP::UserAgent;
my $answer = LWP::UserAgent->new(env_proxy => 1)->get("http://$ARGV[0]:$ARGV[1]/");
die $answer->status_line . "\\n" unless $answer->is_success;
"""
HTTP_TINY = """
use HTTP::Tiny;
my $answer = HTTP::Tiny->new->get("http://$ARGV[0]:$ARGV[1]/");
die "$answer->{status} $answer->{reason}: $answer->{content}\\n" unless $answer->{success};
"""
SOCKET_IP = """
use IO::Socket::IP;
IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => $ARGV[1], Type => SOCK_STREAM)
    or die "$@\\n";
"""
SOCKET_INET = """
use IO::Socket::INET;
IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1]) or die "$@\\n";
"""
PHP = """
$text = file_get_contents("http://" . $argv[1] . ":" . $argv[2] . "/");
exit($text === false ? 1 : 0);
"""


def url(host, port):
    return f"http://{host}:{port}/"


# name → (program that must be there, function that gives the command, texts that mean that it did
# connect, whatever the exit status)
COMMANDS = {
    "ab": ("ab", lambda h, p: ["ab", "-q", "-n", "1", url(h, p)], ()),
    "h2load": ("h2load", lambda h, p: ["h2load", "-n1", "-c1", "--h1", url(h, p)], ()),
    "curl": ("curl", lambda h, p: ["curl", "-sS", "-o", "/dev/null", url(h, p)], ()),
    "wget": ("wget", lambda h, p: ["wget", "-nv", "-t1", "-O/dev/null", url(h, p)], ()),
    "wrk": ("wrk", lambda h, p: ["wrk", "-t1", "-c1", "-d1s", url(h, p)], ()),
    "nc": ("nc", lambda h, p: ["nc", "-z", "-v", h, str(p)], ()),
    "python-http": (PYTHON, lambda h, p: [PYTHON, "-c", PYTHON_HTTP, h, str(p)], ()),
    "python-urllib": (PYTHON, lambda h, p: [PYTHON, "-c", PYTHON_URLLIB, h, str(p)], ()),
    "python-requests": (PYTHON, lambda h, p: [PYTHON, "-c", PYTHON_REQUESTS, h, str(p)], ()),
    "httpie": ("http", lambda h, p: ["http", "--ignore-stdin", "--pretty=none", url(h, p)], ()),
    "aria2c": ("aria2c", lambda h, p: [
        "aria2c", "--no-conf", "--allow-overwrite=true", "--auto-file-renaming=false", "-d", "/tmp",
        "-o", "aria2c.got", url(h, p)], ()),
    "python-asyncio": (PYTHON, lambda h, p: [PYTHON, "-c", PYTHON_ASYNCIO, h, str(p)], ()),
    "python-asyncio-eyeballs": (
        PYTHON, lambda h, p: [PYTHON, "-c", PYTHON_ASYNCIO_EYEBALLS, h, str(p)], ()),
    "first-address": (PYTHON, lambda h, p: [PYTHON, "-c", FIRST_ADDRESS, h, str(p)], ()),
    "node-http": ("node", lambda h, p: ["node", "-e", NODE_HTTP, h, str(p)], ()),
    "node-fetch": ("node", lambda h, p: ["node", "-e", NODE_FETCH, h, str(p)], ()),
    "node-17": ("node", lambda h, p: ["node", "--no-network-family-autoselection", "-e", NODE_HTTP,
                                      h, str(p)], ()),
    "go": ("go", lambda h, p: ["get-cgo", url(h, p)], ()),
    "go-pure": ("go", lambda h, p: ["get-pure", url(h, p)], ()),
    "hey": ("hey", lambda h, p: ["hey", "-n", "1", "-c", "1", url(h, p)], ()),
    "java-connection": ("javac", lambda h, p: ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1",
                                               "-cp", "{made}", "Get", "connection", url(h, p)],
                        ()),
    "java-client": ("javac", lambda h, p: ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1",
                                           "-cp", "{made}", "Get", "client", url(h, p)], ()),
    "ruby": ("ruby", lambda h, p: ["ruby", "-e", RUBY, h, str(p)], ()),
    "perl-lwp": ("perl", lambda h, p: ["perl", "-e", LWP, h, str(p)], ()),
    "perl-tiny": ("perl", lambda h, p: ["perl", "-e", HTTP_TINY, h, str(p)], ()),
    "perl-socket-ip": ("perl", lambda h, p: ["perl", "-e", SOCKET_IP, h, str(p)], ()),
    "perl-socket-inet": ("perl", lambda h, p: ["perl", "-e", SOCKET_INET, h, str(p)], ()),
    "busybox-wget": (
        "busybox", lambda h, p: ["busybox", "wget", "-q", "-O", "/dev/null", url(h, p)], ()),
    "psql": ("psql", lambda h, p: ["psql", "-h", h, "-p", str(p), "-U", "x", "-c", "", "x"],
             ("received invalid response",)),
    "redis-cli": ("redis-cli", lambda h, p: ["redis-cli", "-h", h, "-p", str(p), "PING"],
                  ("Protocol error", "Server closed the connection", "ERR", "Connection reset")),
    "php": ("php", lambda h, p: ["php", "-r", PHP, h, str(p)], ()),
    "socat": ("socat", lambda h, p: ["socat", "-u", "/dev/null", f"TCP:{h}:{p}"], ()),
    "ssh": ("ssh", lambda h, p: ["ssh", "-F", "none", "-oBatchMode=yes",
                                 "-oStrictHostKeyChecking=no", "-p", str(p), h, "true"],
            ("kex_exchange_identification", "banner exchange", "Connection closed",
             "Connection reset")),
    "bash": ("bash", lambda h, p: ["bash", "-c", f": < /dev/tcp/{h}/{p}"], ()),
    "lynx": ("lynx", lambda h, p: ["lynx", "-dump", url(h, p)], ()),
}

# Texts that mean that it did not connect, of those whose exit status is 0 all the same.
FAILURES = {"h2load": "0 started, 0 done", "hey": "Error distribution"}

# No program of that kind is driven here.
UNTRIED = {"chromium": "no browser is driven here"}
