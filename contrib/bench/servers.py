# SPDX-License-Identifier: GPL-2.0-or-later
"""The servers that are compared: found or built, started for a moment, and what they use."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
PORT = 18000

NGINX = """
daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; sendfile on; tcp_nodelay on;
  open_file_cache max=10;
  client_body_temp_path {work}/b; proxy_temp_path {work}/p; fastcgi_temp_path {work}/f;
  uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  server {{ listen 127.0.0.1:{port} backlog=4096; root {work}/www; }}
}}
"""


class Peer:
    """A server on one core, started for a moment."""

    def __init__(self, name, command, core):
        self.name, self.command, self.core = name, command, str(core)

    def __enter__(self):
        self.process = subprocess.Popen(["taskset", "-c", self.core, *self.command],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", PORT), 1).close()
                return self
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise SystemExit(f"{self.name} does not start") from None

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", PORT)) != 0:
                    return

    def pids(self):
        """The process and its children (nginx works in one)."""
        task = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [self.process.pid, *map(int, task.read_text().split())]

    def cpu_ns(self):
        """What all its threads have used. The scheduler tells to the nanosecond, but only of threads
        that live; the process' own account has the others, in ticks."""
        total = 0
        for pid in self.pids():
            living = 0
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                try:
                    living += int((task / "schedstat").read_text().split()[0])
                except (FileNotFoundError, ProcessLookupError):
                    pass
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks = int(fields[11]) + int(fields[12])
            total += max(living, (ticks - 1) * 1000000000 // os.sysconf("SC_CLK_TCK"))
        return total

    def peak_memory_kib(self):
        """What all its processes together held at most; shared pages count in each."""
        total = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    total += int(line.split()[1])
        return total


class Kitchen:
    """Makes peers: each method returns the command that starts one, or None after saying why not."""

    def __init__(self, work):
        self.work = work
        os.chmod(work, 0o755)

    def missing(self, name, what):
        print(f"left out: {name}, for want of {what}")

    def muxd(self):
        return [os.environ["MUXD"], "--quiet", "--workers", "1", "--listen", f"127.0.0.1:{PORT}"]

    def null(self, *more):
        compiler = shutil.which("cc")
        if compiler is None:
            return self.missing("null", "cc")
        subprocess.run([compiler, "-O2", "-D_GNU_SOURCE", "-o", self.work / "null",
                        HERE / "peers/null.c"], check=True)
        return [str(self.work / "null"), str(PORT), *more]

    def null_defer(self):
        return self.null("defer")

    def limit(self):
        """What this machine can do at most."""
        return self.null("defer", "keep-alive")

    def nginx(self):
        path = shutil.which("nginx")
        if path is None:
            return self.missing("nginx", "nginx")
        (self.work / "www").mkdir()
        (self.work / "www/password").write_text("x" * 1301)
        (self.work / "nginx.conf").write_text(NGINX.format(work=self.work, port=PORT))
        return [path, "-c", str(self.work / "nginx.conf"), "-e", str(self.work / "error.log")]

    def go(self, source="plain"):
        path = shutil.which("go")
        if path is None:
            return self.missing(source, "go")
        subprocess.run([path, "build", "-o", self.work / source, HERE / f"peers/{source}.go"],
                       check=True, env={**os.environ, "GOCACHE": str(self.work / "cache")})
        return [str(self.work / source), str(PORT)]

    def goroutines(self):
        return self.go("goroutines")

    def flask(self):
        probe = subprocess.run(["/usr/bin/python3", "-c", "import flask"], stderr=subprocess.DEVNULL,
                               check=False)
        if probe.returncode != 0:
            return self.missing("flask", "python3-flask")
        return ["/usr/bin/python3", str(HERE / "peers/flask_site.py"), str(PORT)]


def make_peers(work, names, core):
    """Returns those of the peers called `names` that can be made here, muxd first."""
    kitchen = Kitchen(work)
    peers = []
    for name in ["muxd", *names]:
        command = getattr(kitchen, name.replace("-", "_"))()
        if command is not None:
            peers.append(Peer(name, command, core))
    return peers
