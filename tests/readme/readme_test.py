#!/usr/bin/env python3
"""README.md says what the tree is: its commands are those of the program, its rooms those that CMake knows, its links lead
somewhere.

usage: readme_test.py ALGEAN SOURCE_FOLDER
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

ALGEAN, SOURCE = "", pathlib.Path()


class Readme(unittest.TestCase):
    def setUp(self):
        self.text = (SOURCE / "README.md").read_text()

    def test_lists_every_command_and_no_other(self):
        help_text = subprocess.run([ALGEAN, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                   timeout=60, check=True).stdout
        listed = help_text.split("Subcommands:")[1].split("\n\n")[0]
        commands = re.findall(r"^  (\w+)", listed, re.MULTILINE)
        self.assertGreater(len(commands), 5)
        self.assertEqual(sorted(set(re.findall(r"^    algean (\w+)", self.text, re.MULTILINE))), sorted(commands))

    def test_names_every_room_in_order(self):
        for folder in ("runtime", "kernels", "partitioner", "shell", "cluster"):
            declared = re.findall(r"add_room\(\w+/(\w+)", (SOURCE / folder / "CMakeLists.txt").read_text())
            row = re.search(rf"^\| `{folder}/` \|([^|]*)\|", self.text, re.MULTILINE)
            self.assertIsNotNone(row, folder)
            self.assertEqual(re.findall(r"`(\w+)`", row.group(1)), declared)

    def test_lists_what_files_may_hold(self):
        """The table is what the program prints: `algean check --operators --json`, its "table"."""
        printed = subprocess.run([ALGEAN, "check", "--operators", "--json"], stdin=subprocess.DEVNULL, capture_output=True,
                                 text=True, timeout=60, check=True).stdout
        table = json.loads(printed)["table"]
        self.assertGreater(table.count("\n"), 10)
        self.assertIn(table, self.text)

    def test_links_lead_to_files_and_headings(self):
        links = re.findall(r"\]\(([^)]+)\)", self.text)
        self.assertGreater(len(links), 3)
        for link in links:
            path, _, heading = link.partition("#")
            self.assertTrue((SOURCE / path).is_file(), link)
            headings = re.findall(r"^#+ (.*)$", (SOURCE / path).read_text(), re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings]
            if heading:
                self.assertIn(heading, anchors, link)

    def test_names_files_that_exist(self):
        for path in re.findall(r"`([\w./]+/[\w./]+)`", self.text):
            if not path.startswith(("build/", "share/")):
                self.assertTrue((SOURCE / path).exists(), path)


if __name__ == "__main__":
    ALGEAN, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
