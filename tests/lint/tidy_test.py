"""tools/tidy.py on small work trees: which files are checked, with which flags, and what is remembered."""
import json
import os
import shutil
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))
import compile_flags  # noqa: E402
import tidy  # noqa: E402
from planted_tree import PlantedTree  # noqa: E402

MISTAKE = "#include <utility>\nstruct S { S(S&&); int* p; };\nint F(S a) {\n  S b(std::move(a));\n  return *a.p + *b.p;\n}\n"


class TidyTest(PlantedTree):
    FILES = {
        ".clang-tidy": "Checks: '-*,bugprone-use-after-move'\nWarningsAsErrors: '*'\n",
        ".gitignore": "/build/\n",
        "store/old.cc": MISTAKE,
    }

    def setUp(self):
        super().setUp()
        self.git("init", "-q", "-b", "main")
        self.commit("first")
        self.git("checkout", "-q", "-b", "change")

    def git(self, *arguments):
        subprocess.run(["git", "-C", self.root, "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments],
                       check=True, capture_output=True)

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def configure(self, *files, folder="build/dev"):
        commands = [{"directory": self.root, "file": os.path.join(self.root, file),
                     "command": f"env A=1 ccache /usr/bin/c++ -I{self.root} -std=c++20 -include pch.hxx -o x.o -c "
                                + os.path.join(self.root, file)} for file in files]
        self.write(f"{folder}/compile_commands.json", json.dumps(commands))

    def test_committed_changed_and_new_files_are_those_of_the_change(self):
        self.assertEqual(tidy.changed_files(self.root), [])
        self.write("store/committed.cc", "int a;\n")
        self.commit("second")
        self.write("store/old.cc", MISTAKE + "\n")
        self.write("store/new.h", "#pragma once\n")
        self.write("build/made.cc", "int b;\n")
        self.write("README.md", "a\n")
        self.assertEqual(tidy.changed_files(self.root), ["store/committed.cc", "store/new.h", "store/old.cc"])
        os.remove(os.path.join(self.root, "store/committed.cc"))
        self.assertEqual(tidy.changed_files(self.root), ["store/new.h", "store/old.cc"])

    def test_the_flags_of_a_unit_are_those_of_its_sources(self):
        unit = "build/dev/store/units/kless_store_0.cc"
        self.write(unit, '#include "store/a.cc"\n#include "store/b.cc"\n')
        self.configure(unit)
        flags = compile_flags.by_source(os.path.join(self.root, "build/dev"), self.root)
        wanted = (self.root, ["/usr/bin/c++", f"-I{self.root}", "-std=c++20"])
        self.assertEqual(flags, {"store/a.cc": wanted, "store/b.cc": wanted})
        for path in ("store/b.cc", "store/new.cc", "store/deeper/new.h"):
            self.assertEqual(compile_flags.for_file(path, flags), wanted, path)
        self.assertIsNone(compile_flags.for_file("other/a.cc", flags))

    def test_why_nothing_is_checked_is_said(self):
        self.write("store/new.cc", MISTAKE)
        shutil.rmtree(os.path.join(self.root, "build"), ignore_errors=True)
        if shutil.which("clang-tidy"):
            self.assertEqual(tidy.run(self.root), ([], "nothing is configured: run cmake --preset dev"))
        path = os.environ["PATH"]
        self.addCleanup(os.environ.update, PATH=path)
        os.mkdir(os.path.join(self.root, "bin"))
        os.symlink(shutil.which("git"), os.path.join(self.root, "bin/git"))
        os.environ["PATH"] = os.path.join(self.root, "bin")
        self.assertEqual(tidy.run(self.root), ([], "clang-tidy is not installed: run tools/setup --lint"))
        os.environ["PATH"] = path
        shutil.rmtree(os.path.join(self.root, ".git"))
        self.assertEqual(tidy.run(self.root), ([], "no work tree of git"))

    @unittest.skipUnless(shutil.which("clang-tidy"), "no clang-tidy: run tools/setup --lint")
    def test_a_mistake_in_a_changed_file_is_found_until_it_is_gone(self):
        self.write("store/new.cc", MISTAKE)
        self.write("store/new.h", "#pragma once\n" + MISTAKE)
        self.configure("store/new.cc")
        found, reason = tidy.run(self.root)
        self.assertEqual([(path, line) for path, line, _ in found], [("store/new.cc", 5), ("store/new.h", 6)], found)
        self.assertIn("bugprone-use-after-move", found[0][2])
        self.assertEqual(reason, "")
        os.remove(os.path.join(self.root, "store/new.h"))
        self.write("store/new.cc", "int a;\n")
        self.assertEqual(tidy.run(self.root), ([], ""))
        # Remembered: without the program the answer is the same, until the file changes.
        self.assertEqual(len(os.listdir(os.path.join(self.root, "build/tidy"))), 1)
        self.write("store/new.cc", MISTAKE)
        self.assertEqual(len(tidy.run(self.root)[0]), 1)

    @unittest.skipUnless(shutil.which("clang-tidy"), "no clang-tidy: run tools/setup --lint")
    def test_what_there_is_no_time_for_is_counted(self):
        for name in ("a", "b", "c"):
            self.write(f"store/{name}.cc", f"int {name};\n")
        self.configure("store/a.cc")
        late = "3 of 3 files for want of time; tools/tidy.py checks all"
        self.assertEqual(tidy.run(self.root, seconds=-1), ([], late))
        self.assertEqual(tidy.run(self.root), ([], ""))
        self.assertEqual(tidy.run(self.root, seconds=-1), ([], ""))

    @unittest.skipUnless(shutil.which("clang-tidy"), "no clang-tidy: run tools/setup --lint")
    def test_a_file_that_needs_what_is_not_generated_yet_is_named(self):
        self.write("store/new.cc", '#include "objects.pb.h"\n')
        self.configure("store/new.cc")
        self.assertEqual(tidy.run(self.root), ([], "build build/dev first, for store/new.cc"))

    @unittest.skipUnless(shutil.which("clang-tidy"), "no clang-tidy: run tools/setup --lint")
    def test_a_file_that_does_not_compile_is_a_problem(self):
        self.write("store/new.cc", "int a = nothing;\n")
        self.configure("store/new.cc")
        found, _ = tidy.run(self.root)
        self.assertEqual(len(found), 1)
        self.assertIn("nothing", found[0][2])


if __name__ == "__main__":
    unittest.main()
