#!/usr/bin/env python3
"""Medians, spread and ratios of the runs in a folder of bench/results.

    bench/summarise.py DIRECTORY               prints a table and writes summary.md
    bench/summarise.py DIRECTORY --half NAME   prints half of the median throughput of NAME

Files are NAME-RUN.json; runs of the same number are compared with each other. What a run measured
beside its result (its "also") is NAME:PART. A file durability.txt in the folder, with a name, a tab
and a level in each line, says how durable what each of them acknowledges is.
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



def throughput(result):
    return result["throughput_per_s"]


def p99(result):
    return result["latency_us"]["p99"]


# Whose throughput is divided by whose.
RATIOS = [
    ("dedicated-parley", "dedicated-bare"),
    ("team-parley", "team-bare"),
    ("status-reports", "status-inbound"),
    ("dedicated-this", "dedicated-other"),
    ("team-this", "team-other"),
    ("in-parley", "in-bare"),
    ("in-parley", "in-redis-node"),
    ("in-parley", "in-kannel"),
    ("out-parley", "out-kannel"),
    ("out-parley-bulk", "out-kannel"),
]

# Whose p99 is divided by whose.
P99_RATIOS = [
    ("mixed", "mixed:alone"),
    ("mixed:to-carrier", "mixed:alone-to-carrier"),
]


def load(directory):
    """The results by name, each a dictionary from run number to result."""
    groups = {}
    for file in sorted(directory.glob("*.json")):
        named = re.fullmatch(r"(.+)-(\d+)", file.stem)
        if named:
            content = json.loads(file.read_text(encoding="utf-8"))
            parts = {named[1]: content["result"]}
            parts |= {f"{named[1]}:{part}": one for part, one in content.get("also", {}).items()}
            for name, result in parts.items():
                groups.setdefault(name, {})[int(named[2])] = result
    return groups


def load_rates(directory):
    """What rate-limited runs found of windows, by the name of the file."""
    found = {}
    for file in sorted(directory.glob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        if "rates" in content:
            found[file.stem] = content
    return found


def load_durability(directory):
    """What an acknowledgement of each is worth, by name."""
    file = directory / "durability.txt"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return dict(line.split("\t", 1) for line in lines if "\t" in line)


def spread(values):
    middle = statistics.median(values)
    return 0.0 if middle == 0 else (max(values) - min(values)) / middle


def shown(values):
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    middle = statistics.median(known)
    return f"{middle:,.0f}" if middle >= 1000 else f"{middle:.2f}"


def table(groups, durability):
    heads = ["what", "runs"] + [name for name, _ in COLUMNS] + ["spread of messages/s"]
    heads += ["acknowledged means"] if durability else []
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for name, runs in groups.items():
        results = list(runs.values())
        cells = [name, str(len(results))]
        cells += [shown([of(result) for result in results]) for _, of in COLUMNS]
        cells.append(f"{100 * spread([throughput(r) for r in results]):.0f} %")
        if durability:
            cells.append(durability.get(name.split(":")[0], "–"))
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def ratios(groups, pairs, figure, what):
    lines = []
    for above, below in pairs:
        common = sorted(set(groups.get(above, {})) & set(groups.get(below, {})))
        values = [
            figure(groups[above][run]) / figure(groups[below][run])
            for run in common
            if figure(groups[below][run]) > 0
        ]
        if values:
            lines.append(
                f"* {what}{above} / {below}: median {statistics.median(values):.2f} "
                f"({min(values):.2f} to {max(values):.2f} in {len(values)} runs)"
            )
    return lines


def rate_lines(found):
    lines = []
    for name, content in found.items():
        rates = content["rates"]
        windows = ", ".join(
            f"{window['worst']} of {window['allowed']:g} in {window['seconds']} s"
            for window in rates["windows"]
        )
        lines.append(
            f"* {name}: {content['numbers']} numbers at {content['rate_per_s']:g}/s achieved "
            f"{rates['achieved_mean']:.4f} of it ({rates['achieved_min']:.4f} to "
            f"{rates['achieved_max']:.4f}); fullest windows {windows}"
            f"{'' if rates['within'] else ' — **sent too fast**'}"
        )
    return lines


def main():
    directory = pathlib.Path(sys.argv[1])
    groups = load(directory)
    if sys.argv[2:3] == ["--half"]:
        runs = groups[sys.argv[3]].values()
        print(round(statistics.median(throughput(r) for r in runs) / 2))
        return
    text = [f"# {directory.name}", ""]
    environment = directory / "environment.txt"
    if environment.exists():
        text += [f"* {line}" for line in environment.read_text(encoding="utf-8").splitlines()]
    text += ["", "Medians of the runs; spread is (largest − smallest) / median.", ""]
    text += table(groups, load_durability(directory)) + [""]
    text += ratios(groups, RATIOS, throughput, "")
    text += ratios(groups, P99_RATIOS, p99, "p99 of ")
    text += rate_lines(load_rates(directory))
    summary = "\n".join(text) + "\n"
    (directory / "summary.md").write_text(summary, encoding="utf-8")
    print(summary)


if __name__ == "__main__":
    main()
