#!/usr/bin/env python3
"""A bench whose modules make_mutable.py wrote passes as it is, and fails with each mutation.

usage: mutations_test.py MUTATIONS_TXT BENCH [ARGUMENT ...]
"""

import pathlib
import subprocess
import sys


def passes(command, number):
    """Whether the bench passes with that mutation; a bench that hangs does not."""
    try:
        done = subprocess.run([*command, f"+mutant={number}"], stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                              check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main():
    mutations = pathlib.Path(sys.argv[1]).read_text().splitlines()
    command = sys.argv[2:]
    if not passes(command, 0):
        sys.exit("fails without any mutation")
    missed = [text for number, text in enumerate(mutations, 1) if passes(command, number)]
    for text in missed:
        print("MISSED", text)
    print(f"{len(mutations) - len(missed)} mutations caught, {len(missed)} missed")
    sys.exit(1 if missed or not mutations else 0)


if __name__ == "__main__":
    main()
