"""The packages that tools/package makes of the tested binary, tried in roots without a compiler."""
import gzip
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from bare_root import BareRoot, dependencies, output, require_privilege
from daemon import BINARY, ROOT, environment

BUILD = os.path.dirname(BINARY)
COMPLETE = "COMP_WORDS=(kless experiment ru); COMP_CWORD=2; _kless; echo ${COMPREPLY[0]}"


def optimised():
    with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as file:
        return bool(re.search(r"(?m)^CMAKE_CXX_FLAGS:.*-O2", file.read()))


class FlagsTest(unittest.TestCase):
    def test_verify_without_a_deb_is_refused_before_anything_is_built(self):
        result = subprocess.run([os.path.join(ROOT, "tools", "package"), "--only", "tarball", "--verify"],
                                capture_output=True, text=True, env=environment(), timeout=60)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr,
                         "package: --verify tries the .deb, which --only tarball does not make\n")


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="kless-packages-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        result = subprocess.run(
            [os.path.join(ROOT, "tools", "package"), "--build", BUILD, "--output", cls.folder],
            capture_output=True, text=True, env=environment(), timeout=600)
        assert result.returncode == 0, result.stdout + result.stderr
        cls.said = result.stdout
        names = sorted(os.listdir(cls.folder))
        cls.deb = os.path.join(cls.folder, next(n for n in names if n.endswith(".deb")))
        cls.tarball = os.path.join(cls.folder, next(n for n in names if n.endswith(".tar.gz")))

    def fresh_folder(self):
        folder = tempfile.mkdtemp(prefix="kless-root-")
        self.addCleanup(shutil.rmtree, folder)
        return folder

    def unpacked(self):
        folder = self.fresh_folder()
        subprocess.run(["dpkg-deb", "-x", self.deb, folder], check=True)
        return folder

    def assert_runs(self, root, *words, code=0, **env):
        result = root.run(*words, **env)
        self.assertEqual(result.returncode, code, f"{words}\n{result.stdout}\n{result.stderr}")
        return result.stdout

    def assert_works(self, root):
        """The program, from `/`, alone."""
        self.assertEqual(root.compilers(), [])
        self.assert_runs(root, "kless", "exec", "--", "true")
        self.assert_runs(root, "kless", "exec", "--", "bash", "-c", "exit 7", code=7)
        self.assert_runs(root, "kless", "exec", "--", "kless", "submit", "-f",
                         "configs/jobs/smallest.yaml", "--wait=complete")
        self.assert_runs(root, "kless", "experiment", "run", "thesis", "--out", "/tmp/thesis")
        for name in ("summary.json", "report.html", "pods.csv"):
            self.assertTrue(os.path.getsize(root.within(f"tmp/thesis/{name}")), name)

    def test_the_deb_works_in_a_root_with_nothing_but_what_it_depends_on(self):
        root = BareRoot(self.fresh_folder())
        require_privilege(root)
        subprocess.run(["dpkg-deb", "-x", self.deb, root.path], check=True)
        missing = root.run("kless", "version")
        self.assertNotEqual(missing.returncode, 0, "the root has libraries before they are added")
        root.add_packages(dependencies(output("dpkg-deb", "--field", self.deb, "Depends")))
        self.assert_works(root)
        loaded = self.assert_runs(
            root, "bash", "--norc", "-c",
            f"source /usr/share/bash-completion/completions/kless; complete -p kless; {COMPLETE}")
        self.assertEqual(loaded, "complete -F _kless kless\nrun\n")

    def test_the_tarball_works_where_only_glibc_is(self):
        root = BareRoot(self.fresh_folder())
        require_privilege(root)
        root.add_packages(["libc6"])
        with tarfile.open(self.tarball) as archive:
            archive.extractall(root.within("opt"))
        [name] = os.listdir(root.within("opt"))
        os.makedirs(root.within("usr/local/bin"))
        os.symlink(f"/opt/{name}/bin/kless", root.within("usr/local/bin/kless"))
        # The shell's own libraries must not help the program.
        present = {os.path.basename(path) for path in os.listdir(root.within("usr/lib/x86_64-linux-gnu"))} \
            if os.path.isdir(root.within("usr/lib/x86_64-linux-gnu")) else set()
        self.assertFalse([n for n in present if re.match(r"libstdc|libcrypto|libsqlite|libspdlog", n)])
        self.assert_works(root)

    def test_what_the_deb_declares_and_holds(self):
        def field(name):
            return output("dpkg-deb", "--field", self.deb, name).strip()

        version = re.match(r"kless (\S+)", output(BINARY, "version"))[1]
        self.assertEqual(field("Version"), version)
        for library in ("libc6", "libsqlite3-0", "libssl3"):
            self.assertRegex(field("Depends"), rf"(^|, ){library} \(>= [\d.]+")
        self.assertNotRegex(field("Depends"), r"-dev\b|\bgcc\b|\bg\+\+")
        self.assertIn("gnuplot", field("Recommends"))
        listed = output("dpkg-deb", "-c", self.deb)
        for path in ("usr/bin/kless", "usr/share/man/man1/kless.1.gz", "etc/default/kless",
                     "usr/share/bash-completion/completions/kless",
                     "usr/share/zsh/vendor-completions/_kless",
                     "usr/share/fish/vendor_completions.d/kless.fish",
                     "usr/lib/systemd/system/kless.service", "usr/share/doc/kless/copyright",
                     "usr/share/doc/kless/NOTICE", "usr/share/doc/kless/README.md",
                     "usr/share/doc/kless/configs/kless.yaml",
                     "usr/share/doc/kless/configs/experiment.schema.json"):
            self.assertRegex(listed, rf"(?m)^-rw.r..r.. root/root .* \./{re.escape(path)}$"
                             if path != "usr/bin/kless" else r"(?m)^-rwxr-xr-x root/root .* \./usr/bin/kless$")
        self.assertNotIn(ROOT, listed)

    def test_the_programs_of_both_packages_are_stripped_and_small(self):
        folder = self.unpacked()
        with tarfile.open(self.tarball) as archive:
            archive.extractall(folder)
        portable = os.path.join(folder, os.path.basename(self.tarball)[:-len(".tar.gz")], "bin", "kless")
        for program in (os.path.join(folder, "usr/bin/kless"), portable):
            self.assertNotRegex(output("readelf", "-SW", program), r"\.(symtab|debug_info|debug_line)\b")
        if optimised():
            self.assertLessEqual(os.path.getsize(os.path.join(folder, "usr/bin/kless")), 15 << 20)

    def test_the_tarball_says_what_it_links_and_what_it_needs_of_the_machine(self):
        self.assertRegex(self.said, r"links statically: .*libsqlite3\.a")
        needs = re.search(r"needs of the machine: (.*)", self.said)[1].split()
        self.assertTrue(needs)
        for library in needs:
            self.assertRegex(os.path.basename(library), r"^(linux-vdso|ld-linux|libc|libm|libdl)\b.*")

    def test_man_kless_shows_the_manual_page(self):
        folder = os.path.join(self.unpacked(), "usr/share/man")
        page = os.path.join(folder, "man1", "kless.1.gz")
        if shutil.which("man"):
            shown = subprocess.run(["man", "--warnings", "-M", folder, "kless"], capture_output=True,
                                   text=True, env=environment(MANWIDTH="100", LC_ALL="C.UTF-8"))
            self.assertEqual((shown.returncode, shown.stderr), (0, ""))
            self.assertRegex(shown.stdout, r"(?m)^NAME\n +kless - ")
            self.assertRegex(shown.stdout, r"(?m)^   kless experiment run$")
        else:
            with gzip.open(page, "rt", encoding="utf-8") as file:
                text = file.read()
            self.assertRegex(text, r"(?m)^\.TH KLESS 1 ")
            for line in text.splitlines():
                if line.startswith("."):
                    self.assertRegex(line, r'^\.(\\"|TH|SH|SS|TP|PP|br|nf|fi|nh|ad)\b?')

    def test_the_unit_starts_the_program_with_flags_that_it_has(self):
        folder = self.unpacked()
        unit = os.path.join(folder, "usr/lib/systemd/system/kless.service")
        with open(unit, encoding="utf-8") as file:
            command = re.search(r"(?m)^ExecStart=(.*)$", file.read())[1].split()
        self.assertTrue(os.path.exists(os.path.join(folder, "usr/bin", command[0])))
        known = output(BINARY, command[1], "--help")
        for word in command[2:]:
            self.assertIn(word.split("=")[0], known)
        with open(os.path.join(folder, "etc/default/kless"), encoding="utf-8") as file:
            settings = re.findall(r"(?m)^#(KLESS_\w+)=(.*)$", file.read())
        self.assertGreater(len(settings), 2)
        result = subprocess.run([BINARY, "exec", "--", "true"], capture_output=True, text=True,
                                env=environment(**{k: v for k, v in settings if k != "KLESS_PORT"}))
        self.assertEqual((result.returncode, "unknown" in result.stderr), (0, False), result.stderr)

    def test_cmake_install_takes_any_prefix(self):
        prefix = self.fresh_folder()
        subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True,
                       capture_output=True)
        version = output(os.path.join(prefix, "bin/kless"), "version")
        self.assertEqual(version, output(BINARY, "version"))
        for path in ("share/man/man1/kless.1.gz", "share/zsh/site-functions/_kless",
                     "lib/systemd/system/kless.service", "share/doc/kless/LICENSE"):
            self.assertTrue(os.path.exists(os.path.join(prefix, path)), path)


if __name__ == "__main__":
    unittest.main()
