#!/usr/bin/env python3
"""Counts what CTest runs did: count.py FOLDER...  prints "passed failed skipped", then a line for each failure on stderr.

A folder holds ctest's junit.xml and NAME.json, GoogleTest's report, for every test NAME that ended by itself. Test cases of
GoogleTest are counted one by one; an executable without a report (it crashed, or ran out of time) and every other test
counts once.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree


def cases(report):
    """(name, outcome) of every case in a GoogleTest report."""
    for suite in json.loads(report.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            outcome = "failed" if case.get("failures") else "passed"
            if case.get("result") == "SKIPPED":
                outcome = "skipped"
            if case.get("status") != "NOTRUN":
                yield f"{suite['name']}.{case['name']}", outcome


def outcomes(folder):
    for test in xml.etree.ElementTree.parse(folder / "junit.xml").getroot().iter("testcase"):
        name = test.get("name")
        status = {"run": "passed", "disabled": "skipped", "notrun": "skipped"}.get(test.get("status"), "failed")
        if status == "skipped" and "Unable to find" in "".join(test.itertext()):
            status = "failed"
        report = folder / f"{name}.json"
        counted = [(f"{name}: {case}", outcome) for case, outcome in cases(report)] if report.exists() else []
        yield from counted
        if not counted or (status == "failed" and all(outcome != "failed" for _, outcome in counted)):
            yield name, status


def main():
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for folder in map(pathlib.Path, sys.argv[1:]):
        if not (folder / "junit.xml").exists():
            continue
        for name, outcome in outcomes(folder):
            totals[outcome] += 1
            if outcome != "passed":
                print(f"{outcome}: {folder.parent.name}: {name}", file=sys.stderr)
    print(totals["passed"], totals["failed"], totals["skipped"])


if __name__ == "__main__":
    main()
