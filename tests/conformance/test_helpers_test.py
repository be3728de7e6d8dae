"""The test helpers of tools/ (pytest plugin, Node.js) run their own tests against the binary."""
import glob
import os
import shutil
import subprocess
import tempfile
import unittest

from daemon import BINARY, ROOT, environment


class TestHelpersTest(unittest.TestCase):
    def run_tests(self, command, folder, **env):
        with tempfile.TemporaryDirectory() as scratch:
            result = subprocess.run(command, cwd=os.path.join(ROOT, "tools", folder), text=True, timeout=300,
                                    env=environment(KLESS_BINARY=BINARY, TMPDIR=scratch, **env),
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(result.returncode, 0, result.stdout)
            self.assertEqual(os.listdir(scratch), [], "something was left in the temporary folder")
        return result.stdout

    def test_the_pytest_plugin_passes_its_tests(self):
        python = "/usr/bin/python3"
        if subprocess.run([python, "-c", "import pytest"], capture_output=True).returncode:
            self.skipTest("no python3-pytest: tools/setup --clients installs it")
        base = tempfile.mkdtemp(prefix="kless-test-")
        self.addCleanup(shutil.rmtree, base)
        output = self.run_tests([python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider",
                                 "--basetemp", os.path.join(base, "pytest")], "pytest_kless",
                                PYTHONDONTWRITEBYTECODE="1")
        self.assertRegex(output, r"\d\d passed")

    def test_the_node_helper_passes_its_tests(self):
        node = shutil.which("node")
        if node is None:
            self.skipTest("no node: tools/setup --clients installs it")
        tests = glob.glob(os.path.join(ROOT, "tools", "node", "test", "*.mjs"))
        output = self.run_tests([node, "--test", *tests], "node")
        self.assertRegex(output, r"# pass \d+")


if __name__ == "__main__":
    unittest.main()
