"""The program alone: it brings its scenarios, profiles, settings and examples along."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from daemon import BINARY, ROOT, Daemon, environment


class StandaloneTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="kless-alone-")
        self.addCleanup(shutil.rmtree, self.folder)
        # Outside the tree, as an installed program is.
        self.binary = os.path.join(self.folder, "bin", "kless")
        os.mkdir(os.path.dirname(self.binary))
        try:
            os.link(BINARY, self.binary)
        except OSError:
            shutil.copy(BINARY, self.binary)
        self.work = os.path.join(self.folder, "work")
        os.mkdir(self.work)

    def kless(self, *words, code=0, **env):
        result = subprocess.run([self.binary, *words], cwd=self.work, env=environment(**env),
                                capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
        self.assertEqual(result.returncode, code, result)
        return result.stdout if code == 0 else result.stderr

    def write(self, path, text):
        path = os.path.join(self.work, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    @staticmethod
    def shipped(path):
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            return file.read()

    def test_every_shipped_scenario_profile_and_job_is_listed_and_shown(self):
        for command, kind in (("experiment", "experiments"), ("latency", "latency"),
                              ("example", "jobs")):
            names = sorted(n[:-5] for n in os.listdir(os.path.join(ROOT, "configs", kind)))
            listed = self.kless(command, "list").splitlines()
            self.assertEqual([line.split()[0] for line in listed], names)
            for line in listed:
                self.assertRegex(line, r"^\S+  +\S", "a name without a description")
            for name in names:
                self.assertEqual(self.kless(command, "show", name),
                                 self.shipped(f"configs/{kind}/{name}.yaml"))

    def test_the_shown_settings_are_a_config_file_that_serve_takes(self):
        text = self.kless("config", "show")
        self.assertEqual(text, self.shipped("configs/kless.yaml"))
        self.write("mine.yaml", text)
        self.kless("exec", "--config", "mine.yaml", "--port=0", "--", "true")
        self.kless("exec", "--config", "configs/kless.yaml", "--port=0", "--", "true")

    def test_a_scenario_runs_by_name_and_once_saved_as_a_file(self):
        case = ["--case", "cold-against-warm", "--seeds", "1"]
        by_name = self.kless("experiment", "run", "thesis", *case, "--out", "a")
        self.write("thesis.yaml", self.kless("experiment", "show", "thesis"))
        by_path = self.kless("experiment", "run", "thesis.yaml", *case, "--out", "b")
        self.assertEqual(by_name.replace("in a", "in b"), by_path)

    def test_a_scenario_with_a_trace_runs_by_name_and_once_saved_as_a_file(self):
        few = ["--set", "workload.trace.limit_functions=5"]
        self.kless("experiment", "run", "azure-hour", *few, "--out", "a")
        self.write("mine.yaml", self.kless("experiment", "show", "azure-hour"))
        self.kless("experiment", "run", "mine.yaml", *few, "--out", "b")
        self.assertTrue(os.path.exists(os.path.join(self.work, "b", "summary.json")))

    def test_a_file_beside_the_working_directory_wins_and_the_list_says_so(self):
        own = self.shipped("configs/experiments/caps.yaml")
        own = re.sub(r"(?m)^title: .*$", "title: mine", own)
        self.write("configs/experiments/caps.yaml", own)
        self.write("more/experiments/other.yaml", own.replace("name: caps", "name: other"))
        listed = self.kless("experiment", "list", KLESS_CONFIGS="more")
        self.assertRegex(listed, r"(?m)^caps +mine \(in ./configs\)$")
        self.assertRegex(listed, r"(?m)^other +mine \(in more\)$")
        self.assertNotRegex(listed, r"(?m)^thesis .*\(in ")
        self.assertEqual(self.kless("experiment", "show", "caps"), own)

    def test_a_daemon_serves_with_a_profile_by_name_and_takes_an_example_job(self):
        self.kless("exec", "--latency", "thesis-2024", "--", self.binary, "submit", "-f",
                   "configs/jobs/smallest.yaml", "--wait=pods")
        self.kless("exec", "--", "/bin/sh", "-c",
                   f"{self.binary} example show pi | {self.binary} submit -f - --wait=pods")

    def test_unknown_names_list_the_known_ones_and_where_they_were_looked_for(self):
        for words, known in ((["experiment", "show", "thesys"], "'thesis'"),
                             (["experiment", "run", "thesys"], "'thesis'"),
                             (["latency", "show", "thesis"], "thesis-2024"),
                             (["example", "show", "py"], "'pi'")):
            result = subprocess.run([self.binary, *words], cwd=self.work, env=environment(),
                                    capture_output=True, text=True)
            self.assertIn(result.returncode, (1, 2), result)
            self.assertIn("known: ", result.stderr)
            self.assertIn(known, result.stderr)
            self.assertIn("looked in ./configs/", result.stderr)
        with Daemon() as daemon:
            message = self.kless("submit", "-f", "pi", "--server", daemon.url, code=2)
        self.assertIn("did you mean configs/jobs/pi.yaml", message)


if __name__ == "__main__":
    unittest.main()
