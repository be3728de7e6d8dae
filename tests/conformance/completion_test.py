"""Completion in the shells, and the manual page: both are made of the commands themselves."""
import os
import re
import shutil
import subprocess
import unittest

from daemon import BINARY, ROOT, environment


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment(),
                          stdin=subprocess.DEVNULL, cwd="/", **options)


def complete(*words):
    """(candidates, what files may be offered)"""
    result = run(BINARY, "__complete", *words)
    assert result.returncode == 0, result
    lines = result.stdout.splitlines()
    return [line.split("\t")[0] for line in lines[:-1]], lines[-1]


def names(folder):
    return sorted(n[:-5] for n in os.listdir(os.path.join(ROOT, "configs", folder)))


def commands(*path):
    """The subcommands that the help of a command lists."""
    text = run(BINARY, *path, "--help").stdout
    text = re.split(r"\n(?:Examples?|Topics):", text)[0]
    return re.findall(r"(?m)^  ([a-z]\S*)  +\S", text)


class CompletionTest(unittest.TestCase):
    def test_every_command_of_the_help_is_a_candidate_and_no_hidden_one(self):
        self.assertGreater(len(commands()), 10)
        self.assertEqual(sorted(complete("")[0]), sorted(commands()))
        for command in commands():
            inner = commands(command)
            if inner:
                self.assertEqual(sorted(complete(command, "")[0]), sorted(inner), command)

    def test_commands_and_topics_can_be_asked_for_help(self):
        self.assertEqual(sorted(complete("help", "")[0]), sorted(commands() + ["settings", "environment", "exit-codes"]))

    def test_the_last_word_selects(self):
        self.assertEqual(complete("experi"), (["experiment"], ":none"))
        self.assertEqual(complete("experiment", "sh")[0], ["show"])
        self.assertEqual(complete("nothing-such", "")[0], [])

    def test_names_of_scenarios_profiles_and_examples(self):
        self.assertEqual(complete("experiment", "run", ""), (names("experiments"), ":files"))
        self.assertEqual(complete("experiment", "show", "the")[0], ["thesis"])
        self.assertEqual(complete("latency", "show", "")[0], names("latency"))
        self.assertEqual(complete("example", "show", "p")[0],
                         [n for n in names("jobs") if n.startswith("p")])
        self.assertEqual(complete("serve", "--latency", "")[0], names("latency"))
        self.assertEqual(complete("exec", "--latency=aws")[0], ["aws-2026"])

    def test_flags_and_their_values(self):
        flags = complete("submit", "--")[0]
        for flag in ("--wait", "--count", "--filename", "--help"):
            self.assertIn(flag, flags)
        self.assertEqual(complete("submit", "--wait", "")[0], ["pods", "complete"])
        self.assertEqual(complete("submit", "--wait=p")[0], ["pods"])
        self.assertEqual(complete("serve", "--durability", "m")[0], ["memory"])
        self.assertEqual(complete("serve", "--control-plane=")[0], ["serverless", "classic"])
        self.assertEqual(complete("submit", "-f", ""), ([], ":files"))
        # The value of a flag is not taken for a command.
        self.assertIn("--nodes", complete("serve", "--data-directory", "serve", "--no")[0])

    def test_words_after_two_dashes_belong_to_another_command(self):
        self.assertEqual(complete("exec", "--", "serve", "--"), ([], ":files"))

    def test_bash(self):
        def bash(line, cursor_word):
            script = (f"source <({BINARY} completion bash); COMP_WORDS=({line}); "
                      f"COMP_CWORD={cursor_word}; _kless; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
            result = run("bash", "--norc", "-c", script)
            self.assertEqual(result.stderr, "")
            return result.stdout.split()

        self.assertEqual(bash(f"{BINARY} experiment ru", 2), ["run"])
        self.assertEqual(bash(f"{BINARY} experiment show the", 3), ["thesis"])
        # As readline splits it.
        self.assertEqual(bash(f"{BINARY} submit --wait = po", 4), ["pods"])
        self.assertEqual(bash(f"{BINARY} submit --wait =", 3), ["pods", "complete"])
        self.assertEqual(bash(f"{BINARY} submit -f /et", 3), ["/etc"])
        self.assertIn("serve", bash(f"{BINARY} ''", 1))

    @unittest.skipUnless(shutil.which("zsh"), "no zsh")
    def test_zsh(self):
        # Outside the line editor: what would be offered is printed instead.
        script = ("_describe() { print -l -- ${(P)2} }; _files() { print FILES \"$@\" }; "
                  "compset() { print COMPSET \"$@\" }; compdef() { print COMPDEF \"$@\" }; "
                  f"source <({BINARY} completion zsh); words=({BINARY} \"$@\"); CURRENT=$#words; _kless")

        def zsh(*words):
            result = run("zsh", "-f", "-c", script, "zsh", *words)
            self.assertEqual(result.stderr, "")
            return result.stdout.splitlines()

        self.assertEqual(zsh("latency", "sh")[0], "COMPDEF _kless kless")
        self.assertRegex(zsh("latency", "sh")[1], "^show:.+")
        self.assertEqual(zsh("submit", "--wait=po")[1:], ["COMPSET -P *=", "pods"])
        self.assertEqual(zsh("submit", "-f", "")[-1].rstrip(), "FILES")

    @unittest.skipUnless(shutil.which("fish"), "no fish")
    def test_fish(self):
        folder = os.path.dirname(BINARY)

        def fish(line):
            result = run("fish", "--no-config", "-c", f"set PATH {folder} $PATH; "
                         f"kless completion fish | source; complete -C '{line}'")
            self.assertEqual(result.stderr, "")
            return [row.split("\t")[0] for row in result.stdout.splitlines()]

        self.assertEqual(fish("kless experimen"), ["experiment"])
        self.assertEqual(fish("kless experiment sho"), ["show"])
        self.assertEqual(fish("kless latency show aws"), ["aws-2026"])
        self.assertEqual(fish("kless submit --wait=po"), ["--wait=pods"])
        self.assertIn("/etc/", fish("kless submit -f /et"))

    def test_an_unknown_shell_is_refused_with_the_known_ones(self):
        result = run(BINARY, "completion", "tcsh")
        self.assertEqual(result.returncode, 2)
        self.assertIn("bash", result.stderr)


class ManualTest(unittest.TestCase):
    def setUp(self):
        self.page = run(BINARY, "man").stdout

    def test_every_command_and_flag_of_the_help_is_in_it(self):
        plain = self.page.replace("\\-", "-").replace("\\fB", "").replace("\\fR", "")

        def check(*path):
            self.assertIn("\n.SS " + " ".join(("kless",) + path) + "\n", plain)
            for flag in re.findall(r"(?m)^  (?:-\w,)?(--[a-z][\w-]*)", run(BINARY, *path, "--help").stdout):
                if flag != "--help":
                    self.assertIn(flag, plain, path)
            for inner in commands(*path):
                check(*path, inner)

        for command in commands():
            check(command)

    @unittest.skipUnless(shutil.which("groff"), "no groff")
    def test_it_is_formatted_without_a_warning(self):
        result = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-P-cbou"], input=self.page,
                                capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for part in ("NAME", "SYNOPSIS", "kless serve", "--account-concurrency", "ENVIRONMENT",
                     "Examples:"):
            self.assertIn(part, result.stdout)


if __name__ == "__main__":
    unittest.main()
