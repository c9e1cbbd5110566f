"""Counts the tests of ctest's JUnit reports, names what failed, and ends with one plain line.

What failed is named with the end of its output, where pytest and GoogleTest list the cases: the
last lines of a long log are often all that is kept of it.

Exit status 0 when everything passed. A report that is missing, or a test that could not be run, is
a failure; a test that skipped itself is named and is neither."""

import sys
import xml.etree.ElementTree


LINES_SHOWN = 12
CHARACTERS_SHOWN = 300  # of a line


def outcomes(path):
    """Yields (name, outcome, output); the outcome is passed, failed or skipped."""
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        status = case.get("status")
        skipped = case.find("skipped")
        output = case.findtext("system-out") or ""
        if status == "run":
            yield case.get("name"), "passed", output
        elif status in ("notrun", "disabled") and skipped is not None and (
                status == "disabled" or "SKIP" in skipped.get("message", "")):
            yield case.get("name"), "skipped", output
        else:
            yield case.get("name"), "failed", output


def main(paths):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in paths:
        try:
            found = list(outcomes(path))
        except (OSError, xml.etree.ElementTree.ParseError) as error:
            print(f"FAILED: no report of the tests: {error}")
            counts["failed"] += 1
            continue
        for name, outcome, output in found:
            counts[outcome] += 1
            if outcome != "passed":
                print(f"{outcome.upper()}: {name} ({path})")
            if outcome == "failed":
                for line in output.splitlines()[-LINES_SHOWN:]:
                    print(f"    {line[:CHARACTERS_SHOWN]}")
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
