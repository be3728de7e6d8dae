"""The commands and outputs in README.md: sessions are run as printed, each with its own
daemon, and the outputs are compared, except for ids, times and names that differ from run to run.
"""
import contextlib
import os
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

from daemon import BINARY, PATIENCE, ROOT, environment

README = os.path.join(ROOT, "README.md")
END = "<<end of command>>"
PRINTED_PORT = "8080"
# Parts that differ between runs, in order: (pattern, placeholder).
VOLATILE = [
    (r" +", " "),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
    (r"seed \d+", "seed N"),
    (r"/\S+/(?=kless\.kubeconfig)", "/FOLDER/"),
    (r"(?<=default/pi\.)[0-9a-f]{16}", "HASH"),
    (r"(?<=job-controller-)\d{5}-[0-9a-f]{8}", "ENVIRONMENT"),
    (r"\b(smallest|pi)-[bcdfghjklmnpqrstvwxz2456789]{5}\b", r"\1-SUFFIX"),
    (r"(?<![\w.])\d+(?:m\d+)?s\b", "AGE"),
    (r"\d+\.\d+", "NUMBER"),
    # How many warm batches follow the cold one depends on the machine: their rows become equal.
    (r"(?<= mapping)(?: (?:\d+|NUMBER)){4}", " QUEUED INIT RUN BILLED"),
    (r"^\d+ (TIME job-controller .*) (?:warm|waited) ", r"N \1 warm "),
]


# Progress that is printed only on a slow machine.
PROGRESS = re.compile(r"Waiting for deployment ")


def fenced(text, language=""):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def commands_of(block):
    """[(command, printed output)] of a block of a session: commands follow "$ "."""
    pairs = []
    for line in block.splitlines():
        if line.startswith("$ "):
            pairs.append((line[2:], []))
        else:
            pairs[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in pairs]


def sessions_of(text):
    return [commands_of(block) for block in fenced(text) if block.startswith("$ ")]


def normalised(output):
    lines = []
    for line in output.splitlines():
        if PROGRESS.match(line):
            continue
        for pattern, word in VOLATILE:
            line = re.sub(pattern, word, line.rstrip())
        if not lines or line != lines[-1]:
            lines.append(line)
    return lines


class Shell:
    """A bash that is given one command after the other, as a reader types them."""

    def __init__(self, folder, **variables):
        self.process = subprocess.Popen(["bash", "--norc"], cwd=folder, env=environment(**variables), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        start_new_session=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def run(self, command):
        """Its output; that of a daemon in the background up to the line that says that it is ready."""
        background = command.endswith("&")
        self.process.stdin.write(f"{command}\n" + ("" if background else f"echo '{END}'\n"))
        self.process.stdin.flush()
        printed = []
        while True:
            line = self.lines.get(timeout=PATIENCE)
            if line is None or line == END:
                return "\n".join(printed)
            printed.append(line)
            if background and " is ready at " in line:
                return "\n".join(printed)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class ReadmeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(README, encoding="utf-8") as file:
            cls.text = file.read()

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.symlink(os.path.join(ROOT, "configs"), os.path.join(folder.name, "configs"))
        return folder.name

    def shell(self):
        """With the program in its PATH, which takes a free port instead of the default."""
        shell = Shell(self.folder(), PATH=f"{os.path.dirname(BINARY)}:{os.environ['PATH']}", KLESS_PORT="0")
        self.addCleanup(shell.close)
        return shell

    def play(self, session):
        """Runs the commands of a session and compares what they print."""
        shell = self.shell()
        port = PRINTED_PORT
        for command, printed in session:
            got = shell.run(command.replace(PRINTED_PORT, port))
            if ready := re.search(r"is ready at (http://[\d.]+:(\d+))", got):
                port = ready[2]
                shell.run(f"export KLESS_ENDPOINT={ready[1]}")
            self.assertEqual(normalised(got.replace(f":{port}", f":{PRINTED_PORT}")), normalised(printed), command)

    def session(self, word):
        found = [one for one in sessions_of(self.text) if any(word in command for command, _ in one)]
        self.assertEqual(len(found), 1, word)
        return found[0]

    @unittest.skipUnless(shutil.which("kubectl"), "kubectl is not installed")
    def test_the_first_session_prints_what_it_says(self):
        self.play(self.session("--wait=complete"))

    def test_the_second_session_prints_what_it_says(self):
        session = self.session("init=450")
        self.play(session)
        cold = next(printed for command, printed in session if "invocations" in command)
        self.assertGreaterEqual(float(re.search(r" cold +\w+ +[\d.]+ +([\d.]+)", cold)[1]), 450)

    def test_functions_of_your_own_are_created_as_printed(self):
        session = self.session("notify.sh")
        shell = self.shell()
        ready = shell.run("kless serve --durability memory &")
        shell.run("export KLESS_ENDPOINT=" + re.search(r"http://\S+", ready)[0])
        script = session[0][1]
        shell.run(f"cat > notify.sh <<'EOF'\n{script}\nEOF")
        for command, printed in session:
            self.assertEqual(shell.run(command), printed, command)

    def test_each_session_has_a_daemon_of_its_own(self):
        for session in sessions_of(self.text):
            commands = [command for command, _ in session]
            serves = [command for command in commands if command.startswith("kless serve")]
            self.assertLessEqual(len(serves), 1, commands)
            if serves:
                self.assertEqual((commands[0], commands[-1]), (serves[0], "kill %1"))

    def test_variables_in_tables_are_defined(self):
        used = set(re.findall(r"\$([A-Z]\w*)", re.sub(r"```.*?```", "", self.text, flags=re.S)))
        defined = set(re.findall(r"`([A-Z]\w*)=", self.text))
        # `kless exec` sets the variables that begin with KLESS_.
        self.assertLessEqual({name for name in used if not name.startswith("KLESS_")}, defined)

    def test_the_sample_ci_job_passes(self):
        script = next(block for block in fenced(self.text, "sh") if block.startswith("#!/bin/sh"))
        command = re.search(r"- (kless exec -- \./\S+)", self.text)[1]
        folder = self.folder()
        path = os.path.join(folder, "jobs_test.sh")
        with open(path, "w", encoding="utf-8") as file:
            file.write(script)
        os.chmod(path, 0o755)
        env = environment(PATH=f"{os.path.dirname(BINARY)}:{os.environ['PATH']}")
        result = subprocess.run(command, shell=True, cwd=folder, env=env, timeout=60, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result)

    def test_every_file_it_links_or_names_is_there(self):
        named = re.findall(r"\]\(([^)#:]+)\)", self.text)
        named += re.findall(r"\b(?:tools|configs)/[\w./-]+\w", self.text)
        self.assertGreater(len(named), 8)
        for path in named:
            self.assertTrue(os.path.exists(os.path.join(ROOT, path)), path)

    def test_every_command_it_types_is_known(self):
        found = set(re.findall(r"kless ((?:item|function|node|snapshot|experiment) \w+|serve|submit|feed|exec|replay)\b",
                               self.text))
        self.assertGreater(len(found), 8)
        for words in found:
            result = subprocess.run([BINARY, *words.split(), "--help"], capture_output=True)
            self.assertEqual(result.returncode, 0, words)

    def test_the_loops_in_the_documents_are_those_of_the_program(self):
        result = subprocess.run([BINARY, "serve", "--loops", "nosuch"], capture_output=True, text=True, env=environment())
        known = set(re.search(r"known: (.*)", result.stderr)[1].replace(" and ", " ").replace(",", " ").split()) - {"all"}
        self.assertGreater(len(known), 10)
        with open(os.path.join(ROOT, "emulator/doors/COMPATIBILITY.md"), encoding="utf-8") as file:
            documented = re.search(r"^`--loops`: ([\w, -]+);", file.read(), re.M)[1].split(", ")
        self.assertEqual(set(documented), known)
        help_text = subprocess.run([BINARY, "serve", "--help"], capture_output=True, text=True).stdout
        listed = re.search(r"--loops(.*?)\n +--", help_text, re.S)[1]
        self.assertEqual({name for name in known if not re.search(rf"\b{name}\b", listed)}, set())


class NormalisationTest(unittest.TestCase):
    def test_drifts_of_words_numbers_of_rows_and_columns_show(self):
        self.assertEqual(normalised("pod/pi-nw98w  1.5  12s"), normalised("pod/pi-2b4cd 2.25 3s"))
        for one, other in (("job created", "job changed"), ("a b", "a"), ("a\nb", "a"), ("OUTCOME ok", "OUTCOME error")):
            self.assertNotEqual(normalised(one), normalised(other))


if __name__ == "__main__":
    unittest.main()
