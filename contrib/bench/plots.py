# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws what compare measured, with gnuplot: as SVG and as text."""
import shutil
import statistics
import subprocess

TERMINALS = {"svg": "svg size 900,520 background '#ffffff' font 'sans,13'",
             "txt": "dumb size 100,30"}


def gnuplot(script, output):
    """Runs the script once for each kind of picture; prints the one of text."""
    for suffix, terminal in TERMINALS.items():
        path = output.with_suffix("." + suffix)
        subprocess.run(["gnuplot"], input=f"set terminal {terminal}\nset output '{path}'\n{script}",
                       text=True, check=True)
        if suffix == "txt":
            print(path.read_text(), end="")


def block(name, lines):
    return f"${name} << END\n" + "\n".join(lines) + "\nEND\n"


def throughput(results, output):
    """Bars: requests a second, by load and server."""
    loads, servers = list(results), list(next(iter(results.values())))
    lines = []
    for server in servers:
        rates = [[run["rate"] for run in results[load][server] if run["rate"]] for load in loads]
        lines.append(f'"{server}" ' + " ".join(str(statistics.median(r)) if r else "NaN"
                                              for r in rates))
    bars = ", ".join(f"$rates using {i + 2}:xtic(1) title '{load}'" for i, load in enumerate(loads))
    gnuplot(block("rates", lines) + "set title 'requests per second'\nset logscale y\n"
            "set yrange [100:*]\nset style data histograms\nset style fill solid 0.8\n"
            "set grid y\nset key top right\n" + f"plot {bars}\n", output / "throughput")


def latency(runs, title, output):
    """Lines: the time within which a part of the requests was served, tail stretched."""
    blocks, lines = "", []
    for server, rounds in runs.items():
        tables = [run["percentiles"] for run in rounds if run["percentiles"]]
        if not tables:
            continue
        middle = [(percent, statistics.median(table[i][1] for table in tables))
                  for i, (percent, _) in enumerate(tables[0])]
        name = server.replace("-", "_")
        blocks += block(name, [f"{1 / (1 - min(percent, 99.9) / 100)} {max(ms, 0.01)}"
                               for percent, ms in middle])
        lines.append(f"${name} using 1:2 with lines linewidth 2 title '{server}'")
    if lines:
        gnuplot(blocks + f"set title 'milliseconds within which a request is served, {title}'\n"
                "set logscale xy\nset grid\nset key bottom right\nset xlabel 'percent of the requests'\n"
                "set xtics ('0' 1, '50' 2, '90' 10, '99' 100, '99.9' 1000)\n"
                + "plot " + ", ".join(lines) + "\n", output)


def draw(results, folder):
    if shutil.which("gnuplot") is None:
        print("no pictures, for want of gnuplot")
        return
    throughput(results, folder)
    for load, runs in results.items():
        if any(run["percentiles"] for rounds in runs.values() for run in rounds):
            latency(runs, load, folder / ("latency-keepalive" if "-k" in load else "latency"))
