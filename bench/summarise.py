#!/usr/bin/env python3
"""Medians, spread and ratios of the runs in a folder of bench/results.

    bench/summarise.py DIRECTORY               prints a table and writes summary.md
    bench/summarise.py DIRECTORY --half NAME   prints half of the median throughput of NAME

Files are NAME-RUN.json; runs of the same number are compared with each other.
"""

import json
import pathlib
import re
import statistics
import sys

# What a table shows: heading, and where the figure is in a run's result.
COLUMNS = [
    ("messages/s", lambda r: r["throughput_per_s"]),
    ("p50 ms", lambda r: r["latency_us"]["p50"] / 1e3),
    ("p99 ms", lambda r: r["latency_us"]["p99"] / 1e3),
    ("p99.9 ms", lambda r: r["latency_us"]["p99_9"] / 1e3),
    ("CPU-µs/message", lambda r: (r["broker"] or {}).get("cpu_us_per_message")),
    ("bytes written/message", lambda r: (r["broker"] or {}).get("write_bytes_per_message")),
    ("generator CPU-µs", lambda r: r["generator_cpu_us_per_message"]),
]

# Whose throughput is divided by whose.
RATIOS = [
    ("dedicated-parley", "dedicated-bare"),
    ("team-parley", "team-bare"),
    ("status-reports", "status-inbound"),
    ("dedicated-this", "dedicated-other"),
    ("team-this", "team-other"),
]


def load(directory):
    """The results by name, each a dictionary from run number to result."""
    groups = {}
    for file in sorted(directory.glob("*.json")):
        named = re.fullmatch(r"(.+)-(\d+)", file.stem)
        if named:
            content = json.loads(file.read_text(encoding="utf-8"))
            groups.setdefault(named[1], {})[int(named[2])] = content["result"]
    return groups


def spread(values):
    middle = statistics.median(values)
    return 0.0 if middle == 0 else (max(values) - min(values)) / middle


def shown(values):
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    middle = statistics.median(known)
    return f"{middle:,.0f}" if middle >= 1000 else f"{middle:.2f}"


def table(groups):
    heads = ["what", "runs"] + [name for name, _ in COLUMNS] + ["spread of messages/s"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for name, runs in groups.items():
        results = list(runs.values())
        cells = [name, str(len(results))]
        cells += [shown([of(result) for result in results]) for _, of in COLUMNS]
        cells.append(f"{100 * spread([r['throughput_per_s'] for r in results]):.0f} %")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def ratios(groups):
    lines = []
    for above, below in RATIOS:
        common = sorted(set(groups.get(above, {})) & set(groups.get(below, {})))
        values = [
            groups[above][run]["throughput_per_s"] / groups[below][run]["throughput_per_s"]
            for run in common
        ]
        if values:
            lines.append(
                f"* {above} / {below}: median {statistics.median(values):.2f} "
                f"({min(values):.2f} to {max(values):.2f} in {len(values)} runs)"
            )
    return lines


def main():
    directory = pathlib.Path(sys.argv[1])
    groups = load(directory)
    if sys.argv[2:3] == ["--half"]:
        runs = groups[sys.argv[3]].values()
        print(round(statistics.median(r["throughput_per_s"] for r in runs) / 2))
        return
    text = [f"# {directory.name}", ""]
    environment = directory / "environment.txt"
    if environment.exists():
        text += [f"* {line}" for line in environment.read_text(encoding="utf-8").splitlines()]
    text += ["", "Medians of the runs; spread is (largest − smallest) / median.", ""]
    text += table(groups) + [""] + ratios(groups)
    summary = "\n".join(text) + "\n"
    (directory / "summary.md").write_text(summary, encoding="utf-8")
    print(summary)


if __name__ == "__main__":
    main()
