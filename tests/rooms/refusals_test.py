#!/usr/bin/env python3
"""Provokes every refusal of cmake/rooms.cmake: each case is a small tree that CMake must turn down with its own message.

usage: refusals_test.py CMAKE ROOMS_CMAKE
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

CMAKE = "cmake"
ROOMS = pathlib.Path()

# Three rooms that are as they should be. Keys are paths, values are texts.
GOOD = {
    "runtime/base/README.md": "base",
    "runtime/base/base.hpp": "#pragma once\n#include <vector>\n#include <fmt/format.h>\n",
    "runtime/tensor/README.md": "tensor",
    "runtime/tensor/tensor.hpp": '#pragma once\n#include "runtime/base/base.hpp"\n',
    "kernels/graph/README.md": "graph",
    "kernels/graph/graph.hpp": '#include "kernels/graph/detail/node.inc"\n#include <runtime/tensor/tensor.hpp>\n',
    "kernels/graph/detail/node.inc": '  #  include  "runtime/tensor/tensor.hpp"  // [1\n// see #include "cluster/cli/cli.hpp"\n',
    "tests/unit/anything.cpp": '#include "kernels/graph/graph.hpp"\n',
    "examples/01/anything.cpp": '#include "kernels/graph/graph.hpp"\n',
    "build/release/generated.cpp": "",
}
DECLARED = ["runtime/base", "runtime/tensor DEPS runtime/base", "kernels/graph DEPS runtime/tensor"]


def configure(files, declared):
    """CMake's exit status and message for a tree of these files and add_room calls. The message's line breaks are gone."""
    with tempfile.TemporaryDirectory(prefix="algean_rooms_") as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        lines = ["cmake_minimum_required(VERSION 3.25)", "project(Rooms LANGUAGES NONE)", f"include({ROOMS})"]
        lines += ["add_library(algean_warnings INTERFACE)"]
        lines += [f"add_room({room})" for room in declared] + ["check_rooms()", ""]
        (root / "CMakeLists.txt").write_text("\n".join(lines))
        run = subprocess.run([CMAKE, "-S", folder, "-B", folder + "/build"], stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=60, check=False)
        return run.returncode, " ".join(run.stderr.split())


class Refusals(unittest.TestCase):
    def accepts(self, files=None, declared=None):
        status, message = configure({**GOOD, **(files or {})}, declared or DECLARED)
        self.assertEqual((status, message), (0, ""))

    def refuses(self, expected, files=None, declared=None, without=()):
        tree = {**GOOD, **(files or {})}
        for name in without:
            del tree[name]
        status, message = configure(tree, declared or DECLARED)
        self.assertNotEqual(status, 0, "CMake took the tree")
        self.assertIn(expected, message)

    def refuses_include(self, directive, expected, file="runtime/tensor/tensor.hpp"):
        with self.subTest(directive=directive, file=file):
            self.refuses(expected, {file: f"#pragma once\n{directive}\nint x;\n"})

    # --- DEPS

    def test_the_good_tree_passes(self):
        self.accepts()

    def test_upward_dependency(self):
        self.refuses("runtime/tensor may not use kernels/family: it stands in a folder above",
                     {"kernels/family/README.md": "family"},
                     ["runtime/base", "kernels/family", "runtime/tensor DEPS runtime/base kernels/family", DECLARED[2]])

    def test_later_room_of_the_same_folder(self):
        self.refuses("runtime/base uses runtime/tensor, which is not declared before it",
                     declared=["runtime/base DEPS runtime/tensor", *DECLARED[1:]])

    def test_cycle(self):
        self.refuses("runtime/base uses runtime/tensor, which is not declared before it",
                     declared=["runtime/base DEPS runtime/tensor", "runtime/tensor DEPS runtime/base"])
        self.refuses("runtime/base may not use itself", declared=["runtime/base DEPS runtime/base", *DECLARED[1:]])

    def test_undeclared_room(self):
        self.refuses("kernels/graph uses runtime/wire, which is not declared before it",
                     declared=[*DECLARED[:2], "kernels/graph DEPS runtime/tensor runtime/wire"])

    def test_name_of_no_room(self):
        for dep in ("fmt", "tests/unit", "runtime/tensor/detail", "runtime"):
            with self.subTest(dep=dep):
                self.refuses(f"'{dep}' names no room", declared=[*DECLARED[:2], f"kernels/graph DEPS {dep}"])
        self.refuses("'examples/tool' names no room", declared=[*DECLARED, "examples/tool"])

    def test_room_as_a_library(self):
        for library in ("runtime_base", "algean::runtime_base"):
            self.refuses(f"kernels/graph: {library} is a room and belongs in DEPS",
                         declared=[*DECLARED[:2], f"kernels/graph DEPS runtime/tensor LIBRARIES {library}"])

    def test_source_of_another_room(self):
        for source in ("../tensor/tensor.cpp", "/tmp/tensor.cpp", "detail/../../tensor/tensor.cpp"):
            self.refuses(f"runtime/base: source {source} lies outside the room",
                         declared=[f"runtime/base SOURCES {source}", *DECLARED[1:]])

    def test_misspelt_keyword(self):
        self.refuses("add_room() does not know DEP;runtime/base",
                     declared=["runtime/base", "runtime/tensor DEP runtime/base", DECLARED[2]])

    # --- ONLY

    NARROW = {f"{room}/README.md": "r" for room in ("kernels/program", "cluster/control", "cluster/inventory",
                                                    "cluster/agent", "partitioner/plan")}

    def narrow(self, agent, *before):
        return [*DECLARED, "kernels/program DEPS kernels/graph", *before, f"cluster/agent {agent}"]

    def test_narrow_room_passes(self):
        self.accepts(self.NARROW, self.narrow(
            "DEPS runtime/base kernels/program cluster/control ONLY runtime/* kernels/program cluster/control",
            "partitioner/plan", "cluster/inventory", "cluster/control DEPS runtime/base"))

    def test_dependency_outside_of_only(self):
        for dep in ("partitioner/plan", "cluster/inventory", "kernels/graph"):
            with self.subTest(dep=dep):
                self.refuses(f"cluster/agent may not use {dep}: it uses only runtime/*;kernels/program;cluster/control",
                             self.NARROW, self.narrow(
                                 f"DEPS runtime/base {dep} ONLY runtime/* kernels/program cluster/control",
                                 "partitioner/plan", "cluster/inventory", "cluster/control"))

    def test_dependency_that_brings_what_lies_outside_of_only(self):
        for brought in ("partitioner/plan", "cluster/inventory"):
            with self.subTest(brought=brought):
                self.refuses(f"cluster/agent may not use cluster/control: it brings {brought}, and cluster/agent uses only",
                             self.NARROW, self.narrow(
                                 "DEPS cluster/control ONLY runtime/* kernels/program cluster/control",
                                 "partitioner/plan", "cluster/inventory", f"cluster/control DEPS {brought}"))

    def test_only_nothing(self):
        self.refuses("runtime/tensor may not use runtime/base: it uses only",
                     declared=[DECLARED[0], "runtime/tensor DEPS runtime/base ONLY", DECLARED[2]])

    def test_the_agent_is_narrow(self):
        """What the tree itself declares: an agent runs on an FPGA board's processor, without anything of the planner."""
        text = (ROOMS.parent.parent / "cluster" / "CMakeLists.txt").read_text()
        for room, only in (("cluster/control", "runtime/*"),
                           ("cluster/agent", "runtime/* kernels/library kernels/program cluster/control")):
            call = re.search(rf"add_room\({room}\b[^)]*\)", text)
            self.assertIsNotNone(call, f"{room} is not declared")
            declared = re.search(r"\bONLY\s+([^)]*?)\s*(LIBRARIES|DEPS|SOURCES|\))", call.group())
            self.assertIsNotNone(declared, f"{room} does not say ONLY")
            self.assertEqual(declared.group(1).split(), only.split())

    # --- includes

    def test_undeclared_include(self):
        expected = "kernels/graph is not in DEPS of runtime/tensor"
        for directive in ('#include "kernels/graph/graph.hpp"',
                          "#include <kernels/graph/graph.hpp>",
                          ' \t#\t include\t "kernels/graph/graph.hpp"',
                          '#include"kernels/graph/graph.hpp"',
                          '#  include <kernels/graph/graph.hpp>  // [a; b',
                          '/* why */ # /* not */ include /* [this;] **/ "kernels/graph/graph.hpp"',
                          '/* over\n two lines */ #include "kernels/graph/graph.hpp"',
                          'const char* s = "[;"; //[\n#include <vector> // ]\n#include "kernels/graph/graph.hpp"',
                          '#include \\\n"kernels/graph/graph.hpp"',
                          '#inc\\\nlude "kernels/graph/graph.hpp"',
                          '%:include "kernels/graph/graph.hpp"',
                          '#include_next <kernels/graph/graph.hpp>',
                          '#import "kernels/graph/graph.hpp"',
                          '#if 0\n#include "kernels/graph/graph.hpp"\n#endif',
                          '#pragma once\r\n#include "kernels/graph/graph.hpp"\r'):
            self.refuses_include(directive, expected)

    def test_undeclared_include_in_every_kind_of_file(self):
        for file in ("tensor.hpp", "tensor.h", "tensor.cpp", "table.inc", "detail/tensor.hpp", "detail/deep/table.inc"):
            self.refuses_include('#include "kernels/graph/graph.hpp"',
                                 f"runtime/tensor/{file}: include of \"kernels/graph/graph.hpp\": "
                                 "kernels/graph is not in DEPS of runtime/tensor", f"runtime/tensor/{file}")

    def test_include_of_a_dependency_s_dependency(self):
        self.refuses("runtime/base is not in DEPS of kernels/graph",
                     {"kernels/graph/graph.hpp": '#include "runtime/base/base.hpp"\n'})

    def test_include_of_a_room_that_nobody_declares(self):
        self.refuses_include("#include <runtime/wire/frame.hpp>", "runtime/wire is not in DEPS of runtime/tensor")

    def test_include_that_is_not_relative_to_the_root(self):
        expected = "our includes are relative to the root, folder/room/file"
        for name in ('"tensor.hpp"', '"../base/base.hpp"', '"detail/tensor.hpp"', '"./tensor.hpp"',
                     "<../kernels/graph/graph.hpp>", "<runtime/../kernels/graph/graph.hpp>",
                     "<runtime/base/../../kernels/graph/graph.hpp>", "<runtime/./base/base.hpp>",
                     "<runtime//base/base.hpp>", "</usr/include/vector>", '"vector"', '"fmt/format.h"'):
            self.refuses_include(f"#include {name}", expected)

    def test_include_of_no_room(self):
        self.refuses_include('#include "runtime/all.hpp"', "runtime/all.hpp lies in no room")
        self.refuses_include('#include "runtime/"', "runtime/ lies in no room")

    def test_include_of_tests_or_examples(self):
        for name in ('"tests/unit/anything.hpp"', "<examples/01/anything.hpp>"):
            self.refuses_include(f"#include {name}", "no room uses tests or examples")

    def test_include_by_macro(self):
        self.refuses_include('#define WHERE "kernels/graph/graph.hpp"\n#include WHERE', "an include spells its file out")

    def test_include_of_a_file_whose_includes_go_unread(self):
        self.refuses_include('#include "runtime/tensor/table.x"', "its includes would go unread")

    # --- rooms

    def test_code_in_no_room(self):
        for ending in ("hpp", "h", "cpp", "inc", "sv", "svh"):
            for file in (f"runtime/wire/frame.{ending}", f"runtime/wire/deep/frame.{ending}", f"shell/rtl/fifo.{ending}",
                         f"runtime/all.{ending}", f"common/all.{ending}", f"main.{ending}"):
                with self.subTest(file=file):
                    self.refuses(f"{file} lies in no declared room", {file: ""})

    def test_code_of_a_name_that_no_check_reads(self):
        for file in ("graph.cc", "graph.c", "graph.hh", "detail/graph.ipp", "detail/graph.tpp", "graph.def"):
            with self.subTest(file=file):
                self.refuses(f"kernels/graph/{file}: its includes would go unread", {f"kernels/graph/{file}": ""})

    def test_hardware_text_in_a_room_passes(self):
        self.accepts({"kernels/graph/rtl/fifo.sv": "module fifo; endmodule\n"})

    def test_room_without_readme(self):
        self.refuses("runtime/tensor has no README.md", without=["runtime/tensor/README.md"])

    def test_room_declared_twice(self):
        self.refuses("another target with the same name already exists", declared=["runtime/base", *DECLARED])


if __name__ == "__main__":
    CMAKE, ROOMS = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
