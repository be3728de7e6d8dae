"""The files of tools/ci, run as their systems would run them.

The steps run as root in this machine's own files, with everything they write kept in memory: apt and
dpkg are real and install the package that tools/package makes of the tested binary.  Two things are
not the real ones: the Dockerfile's `apt-get update` is left out, because tests have no network (the
libraries are installed here already), and GitHub's server is a folder that curl reads by file://.
"""
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from bare_root import OverlayRoot, output, require_privilege
from daemon import BINARY, ROOT, environment

try:
    import yaml
except ImportError:
    yaml = None

CI = os.path.join(ROOT, "tools", "ci")


def read(name):
    with open(os.path.join(CI, name), encoding="utf-8") as file:
        return file.read()


@unittest.skipUnless(yaml, "no python3-yaml: run tools/setup --clients")
class CiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="kless-ci-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        os.chmod(cls.folder, 0o755)
        cls.root = OverlayRoot(os.path.join(cls.folder, "root"))
        if os.geteuid() != 0:
            raise unittest.SkipTest("apt-get install needs root")
        require_privilege(cls.root)
        result = subprocess.run(
            [os.path.join(ROOT, "tools", "package"), "--build", os.path.dirname(BINARY), "--output",
             cls.folder, "--only", "deb"], capture_output=True, text=True, env=environment(), timeout=600)
        assert result.returncode == 0, result.stdout + result.stderr
        cls.deb = next(os.path.join(cls.folder, n) for n in os.listdir(cls.folder) if n.endswith(".deb"))
        cls.version = output("dpkg-deb", "--field", cls.deb, "Version").strip()
        # A release as GitHub's server has it.
        releases = os.path.join(cls.folder, "owner/kless/releases/download", "v" + cls.version)
        os.makedirs(releases)
        shutil.copy(cls.deb, releases)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)
        return path

    def run_script(self, name, text, shell, **env):
        """The steps of one job share a machine: one script, run from the folder of the package."""
        path = self.write(name, text)
        return self.root.run("sh", "-c", f"cd {shlex.quote(self.folder)} && exec {shell} {path}", **env)

    # ---- GitHub

    def github(self, **given):
        """What the action's steps do with these inputs."""
        action = yaml.safe_load(read("action.yml"))
        self.assertLessEqual(set(given), set(action["inputs"]))
        contexts = {"github.server_url": "file://" + self.folder, "github.action_repository": ""}
        for name, declared in action["inputs"].items():
            value = given.get(name, declared.get("default"))
            self.assertIsNotNone(value, f"the input {name} is required")
            contexts[f"inputs.{name}"] = self.expand(str(value), contexts)
        script = ["set -e"]
        for number, step in enumerate(action["runs"]["steps"]):
            self.assertEqual(step["shell"], "bash")
            self.assertNotIn("${{", step["run"], "an expression within a script is an injection")
            part = self.write(f"step-{number}.sh", step["run"])
            variables = [f"{key}={shlex.quote(self.expand(value, contexts))}"
                         for key, value in step["env"].items()]
            # As GitHub runs `shell: bash`.
            script.append(" ".join(["env", *variables, "bash --noprofile --norc -eo pipefail", part]))
        return self.run_script("job.sh", "\n".join(script) + "\n", "sh")

    def expand(self, text, contexts):
        return re.sub(r"\$\{\{ *([\w.]+) *\}\}", lambda match: contexts[match[1]], text)

    def test_the_action_installs_a_deb_and_runs_the_commands_under_kless(self):
        result = self.github(deb=os.path.basename(self.deb),
                             run="command -v kless\nkless example show pi | kless submit -f - --wait=pods\n"
                                 "test -n \"$KLESS_ENDPOINT\"")
        self.assertEqual(result.returncode, 0, result)
        self.assertIn("/usr/bin/kless\njob.batch/pi created\n", result.stdout)

    def test_the_action_takes_a_version_from_the_releases(self):
        result = self.github(version=self.version, repository="owner/kless", run="kless version",
                             flags="--latency=thesis-2024 --seed=7")
        self.assertEqual(result.returncode, 0, result)
        self.assertEqual(result.stdout.count(f"kless {self.version}"), 2)  # installed, and in the run

    def test_a_failing_command_fails_the_step_with_its_exit_code(self):
        for run in ("exit 3", "exit 3 | cat", "(exit 3)\ntrue"):
            result = self.github(deb=os.path.basename(self.deb), run=run)
            self.assertEqual(result.returncode, 3, result)

    def test_without_a_package_the_action_says_what_to_give(self):
        for given in ({}, {"version": "9.9"}):
            result = self.github(run="true", **given)
            self.assertEqual(result.returncode, 1)
            self.assertIn("kless: give 'deb', or 'version' and 'repository'", result.stderr)

    # ---- GitLab

    def gitlab(self, **variables):
        job = yaml.safe_load(read("kless.gitlab-ci.yml"))[".kless"]
        self.assertLessEqual(set(variables), set(job["variables"]))
        # GitLab's runner puts both lists into one script of the image's shell.
        script = "set -eo pipefail\n" + "\n".join(job["before_script"] + job["script"]) + "\n"
        return self.run_script("gitlab.sh", script, "bash", **{**job["variables"], **variables})

    def test_the_gitlab_job_installs_a_deb_and_runs_the_commands_under_kless(self):
        for deb in (os.path.basename(self.deb), "file://" + self.deb):
            result = self.gitlab(DEB=deb, RUN="kless submit -f configs/jobs/smallest.yaml --wait=pods",
                                 FLAGS="--latency=thesis-2024")
            self.assertEqual(result.returncode, 0, result)
            self.assertIn("job.batch/smallest created", result.stdout)

    def test_a_failing_command_fails_the_gitlab_job(self):
        self.assertEqual(self.gitlab(DEB=self.deb, RUN="exit 4").returncode, 4)
        result = self.gitlab(DEB=self.deb)
        self.assertEqual(result.returncode, 1)
        self.assertIn("set the variables DEB and RUN", result.stderr)

    # ---- Docker

    def test_the_image_is_built_by_commands_that_work_and_starts_the_daemon(self):
        text = re.sub(r"\\\n", " ", read("Dockerfile"))
        instructions = re.findall(r"(?m)^([A-Z]+) (.*)$", text)
        by_name = dict(instructions)
        self.assertEqual(by_name["FROM"], "debian:12-slim")
        entry, command = (re.findall(r'"([^"]*)"', by_name[key]) for key in ("ENTRYPOINT", "CMD"))
        script = ["set -e"]
        for name, value in instructions:
            if name == "COPY":
                script.append(f"cp {value}")
            elif name == "RUN":
                # Here without a network: the package lists are what this machine has.
                value = value.replace("apt-get update", "true")
                script.append(value)
            elif name == "WORKDIR":
                script.append(f"mkdir -p {value} && cd {value}")
        program = shlex.join(entry)
        script += [f"{program} exec -- {program} submit -f configs/jobs/pi.yaml --wait=pods",
                   f"{shlex.join(entry + command)} --port=0 >serve.log 2>&1 & daemon=$!",
                   "until grep -q 'is ready at' serve.log; do kill -0 $daemon; sleep 0.1; done",
                   "kill $daemon; wait $daemon; cat serve.log"]
        result = self.run_script("image.sh", "\n".join(script) + "\n", "sh")
        self.assertEqual(result.returncode, 0, result)
        self.assertIn("job.batch/pi created", result.stdout)
        self.assertIn("kless is ready at http://0.0.0.0:", result.stdout)


if __name__ == "__main__":
    unittest.main()
