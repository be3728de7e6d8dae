"""What README.md tells a reader to type."""
import os
import re
import subprocess
import tempfile
import time
import unittest

from daemon import BINARY, ROOT, environment


class ReadmeTest(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            self.text = file.read()

    def test_the_sample_ci_job_passes_in_less_than_a_second(self):
        script = re.search(r"```sh\n(#!/bin/sh\n.*?)```", self.text, re.DOTALL)[1]
        command = re.search(r"- (kless exec -- \./\S+)", self.text)[1]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "jobs_test.sh")
            with open(path, "w", encoding="utf-8") as file:
                file.write(script)
            os.chmod(path, 0o755)
            os.symlink(os.path.join(ROOT, "configs"), os.path.join(folder, "configs"))
            env = environment(PATH=f"{os.path.dirname(BINARY)}:/usr/bin:/bin")
            subprocess.run([BINARY, "version"], check=True, capture_output=True)  # now it is in memory
            began = time.monotonic()
            result = subprocess.run(command, shell=True, cwd=folder, env=env, timeout=60,
                                    capture_output=True, text=True)
            seconds = time.monotonic() - began
            self.assertEqual(result.returncode, 0, result)
            self.assertLess(seconds, 1)

    def test_every_file_it_links_or_names_is_there(self):
        named = re.findall(r"\]\(([^)#:]+)\)", self.text)
        named += re.findall(r"\b(?:tools|configs)/[\w./-]+\w", self.text)
        self.assertGreater(len(named), 8)
        for path in named:
            self.assertTrue(os.path.exists(os.path.join(ROOT, path)), path)

    def test_every_command_it_types_is_known(self):
        for words in set(re.findall(r"kless ((?:item|function) \w+|serve|submit|feed|exec)\b", self.text)):
            result = subprocess.run([BINARY, *words.split(), "--help"], capture_output=True)
            self.assertEqual(result.returncode, 0, words)


if __name__ == "__main__":
    unittest.main()
