#!/usr/bin/env python3
"""Installs a build to a temporary prefix, builds an external client against it, and lets both talk.

usage: packaging_test.py CMAKE BUILD_FOLDER SOURCE_FOLDER
"""

import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

CMAKE, BUILD, SOURCE = "cmake", pathlib.Path(), pathlib.Path()
DEADLINE_S = 300


def float32(text):
    """The float32 that a decimal stands for: writers differ in how many digits they give."""
    return struct.unpack("f", struct.pack("f", float(text)))[0]


def run(*command, env=None):
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=DEADLINE_S, check=False, env=env)


class Packaging(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="algean_packaging_")
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.prefix = cls.folder / "prefix"
        cls.env = {**os.environ, "XDG_STATE_HOME": str(cls.folder / "state")}
        cls.good(CMAKE, "--install", BUILD, "--prefix", cls.prefix)
        cls.good(CMAKE, "-S", SOURCE / "tests/packaging", "-B", cls.folder / "client", "-G", "Ninja",
                 f"-DCMAKE_PREFIX_PATH={cls.prefix}", "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF")
        cls.good(CMAKE, "--build", cls.folder / "client")

    @classmethod
    def good(cls, *command):
        ended = run(*command, env=cls.env)
        if ended.returncode != 0:
            raise AssertionError(f"{command} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
        return ended.stdout

    def ask(self, name):
        return run(self.folder / "client/ask", name, env=self.env)

    def test_what_is_installed(self):
        for name in ("bin/algean", "include/algean/runtime/client/client.hpp", "share/doc/algean/FORMAT.md",
                     "share/doc/algean/net.schema.json", "share/doc/algean/cluster.schema.json", "share/doc/algean/LICENSE"):
            self.assertTrue((self.prefix / name).is_file(), name)

    def test_nothing_installed_names_the_build(self):
        for config in self.prefix.glob("lib*/**/*.cmake"):
            for place in (BUILD, SOURCE):
                self.assertNotIn(str(place) + "/", config.read_text(), config.name)

    def test_a_deployment_that_is_gone_is_a_named_error(self):
        ended = self.ask("nobody")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("nobody", ended.stderr)

    def test_the_client_gets_what_the_command_line_gets(self):
        algean = self.prefix / "bin/algean"
        net = SOURCE / "examples/01_autoencoder/net.json"
        self.good(algean, "deploy", net, "--detach", "--name", "packaged")
        self.addCleanup(self.good, algean, "stop", "packaged")
        ended = self.ask("packaged")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        answer = [float32(line) for line in ended.stdout.split()]

        ramp = self.folder / "ramp.csv"
        ramp.write_text(",".join(repr((i + 1) / 512) for i in range(276)) + "\n")
        self.good(algean, "infer", net, "--input", ramp, "--output", self.folder / "y.csv")
        expected = [float32(cell) for cell in (self.folder / "y.csv").read_text().replace("\n", ",").split(",") if cell]
        self.assertEqual(len(expected), 276)
        self.assertEqual(answer, expected)


if __name__ == "__main__":
    CMAKE, BUILD, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
