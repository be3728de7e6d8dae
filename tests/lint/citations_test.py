"""What documents and comments cite is there: files and folders, chapters of documents, numbered cases of
the reference, the layers, and the libraries in NOTICE.  Planted drifts prove that each check can fail.
"""
import ast
import fnmatch
import glob
import io
import os
import re
import subprocess
import sys
import tokenize
import unittest

from planted_tree import PlantedTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOP = "emulator|store|functions|tests|configs|tools"
# A path from the top: the parts may hold globs and braces.  A name of a source or document on its own.
PATH = re.compile(rf"(?<![\w./-])(?:\./)?((?:{TOP}|\.github|\.ci)/[\w.*{{}},/-]*[\w*}}/])")
NAME = re.compile(r"(?<![\w./*}>-])((?:[\w*]+/)*[\w*]+(?:\.\{h,cc\}|\.(?:h|cc|py|md|proto)))(?![\w(])")
# A relative path that climbs, in any text; with a slash before it, from the top of the tree.
CLIMBING = re.compile(r"(?<![\w.*])(/?)((?:\.\./)+[\w.-]+(?:/[\w.-]+)*)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CHAPTER = re.compile(r'((?:\w+/)*[A-Z]{2,}\.md)(?:\]\([^)]*\))?,? \(?"([^"]+)"')
CASE = r"(?:[A-Z]{1,2}\d+b?|[a-i]\d+)"
CITED_CASES = re.compile(rf"\b(kubernetes|controllers|scheduler|aws)\.md,? ((?:{CASE}(?:, | to | and |-)?)+)")
# The only files that include a header.
PRIVATE = re.compile(r"\b[Pp]rivate to ((?:\w+\.(?:cc|h)(?:, | and )?)+)")
# NAME_test.cc and x.yaml stand for any file.
PLACEHOLDER = re.compile(r"(?:^|/)[a-z]\.\w+$|(?<![A-Za-z])(?:NAME|KIND|FILE|FOLDER|DIR|CASE|TABLE|TYPE|T)(?![A-Za-z])|\.\.\.|…")
# Names in libraries, in client-go and in an example.
FOREIGN = {"sqlite3.h", "generated.proto", "tools/record", "reconcile.py"}
# Recorded and published data, and documents about the sources of others.
NOT_READ = ("tests/suites/", "tests/recordings/", "configs/traces/", "tests/reference/")
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__", "kless-data"}


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as stream:
        return stream.read()


def files_of(root):
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
        found += [os.path.relpath(os.path.join(folder, name), root) for name in sorted(names)]
    return found


def joined(lines):
    """(first line's number, text) of each run of consecutive (number, text) lines."""
    blocks = []
    for number, text in lines:
        if blocks and blocks[-1][2] == number - 1:
            blocks[-1] = (blocks[-1][0], blocks[-1][1] + " " + text.strip(), number)
        else:
            blocks.append((number, text.strip(), number))
    return [(first, text) for first, text, _ in blocks]


def python_prose(text):
    lines = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            lines.append((token.start[0], token.string.lstrip("#!")))
    blocks = joined(lines)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            blocks.append((node.body[0].lineno, " ".join(ast.get_docstring(node).split())))
    return blocks


def prose(root, path):
    """(line, text) of what a file says in words: a document's paragraphs, a source's comments."""
    text = read(root, path)
    if path.endswith(".md") or path.startswith(".github/"):  # workflows name what they run
        return joined((n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip())
    if path.endswith((".h", ".cc", ".proto")):
        comments = ((n, line.split("//", 1)[1]) for n, line in enumerate(text.split("\n"), 1)
                    if re.search(r"(?:^|[\s;{},)])//(?!/)", line))
        return joined(comments)
    if path.endswith(".py") or re.match(r"#!.*python", text):
        return python_prose(text)
    if path.endswith((".yaml", ".yml", ".txt")) or re.match(r"#!.*sh\b", text):
        return joined((n, line.split("#", 1)[1]) for n, line in enumerate(text.split("\n"), 1)
                      if re.search(r"(?:^|\s)#", line))
    return []


def expand(path):
    """a.{h,cc} -> a.h, a.cc"""
    if match := re.search(r"\{([^{}]*)\}", path):
        return [one for choice in match.group(1).split(",")
                for one in expand(path[:match.start()] + choice + path[match.end():])]
    return [path]


class Tree:
    def __init__(self, root):
        self.root = root
        self.files = files_of(root)
        self.folders = {os.path.dirname(path) for path in self.files}

    def has(self, path):
        """A file or folder, a glob that finds one, or a pair of sources without their ending."""
        full = os.path.join(self.root, path.rstrip("/"))
        return bool(glob.glob(full) or glob.glob(full + ".h") or glob.glob(full + ".cc"))

    def ending(self, name):
        """Files whose path ends with it, at a folder's border."""
        pattern = "*/" + name
        return [path for path in self.files if fnmatch.fnmatchcase("/" + path, pattern)]

    def document(self, name, citing):
        """The document that a file means by a name."""
        near = os.path.normpath(os.path.join(os.path.dirname(citing), name))
        for path in (near, name):
            if path in self.files:
                return path
        return (self.ending(name) or [None])[0]

    def headings(self, document):
        fenced, found = False, []
        for line in read(self.root, document).split("\n"):
            fenced ^= line.startswith("```")
            if not fenced and (match := re.match(r"#+ (.*)", line)):
                found.append(match.group(1).strip())
        return found

    def problems(self):
        for path in self.files:
            if path.startswith(NOT_READ) or path.endswith("citations_test.py"):
                continue
            for number, line in enumerate(read(self.root, path).split("\n"), 1):
                for from_top, climbing in CLIMBING.findall(line):
                    start = "" if from_top else os.path.dirname(path)
                    if os.path.normpath(os.path.join(start, climbing)).startswith(".."):
                        yield f"{path}:{number}: {climbing} leads out of the tree"
            for line, text in prose(self.root, path):
                for problem in self.problems_of(path, text):
                    yield f"{path}:{line}: {problem}"

    def problems_of(self, path, text):
        plain = re.sub(r"https?://[^\s)]+", "", text)
        for match in PATH.finditer(plain):
            if PLACEHOLDER.search(match.group(1)):
                continue
            # What follows a word such as GET is a path of the admin API.
            if re.search(r"\b(?:GET|POST|PUT|PATCH|DELETE)(?:, (?:GET|POST|PUT|PATCH|DELETE))* $", plain[:match.start()]):
                continue
            for one in expand(match.group(1).rstrip(".,")):
                if one not in FOREIGN and not self.has(one) and not self.has(os.path.join(os.path.dirname(path), one)):
                    yield f"there is no {one}"
        for match in NAME.finditer(plain):
            name = match.group(1)
            if re.match(rf"(?:{TOP})/", name) or PLACEHOLDER.search(name) or name in FOREIGN:
                continue
            for one in expand(name):
                if not self.ending(one):
                    yield f"there is no {one}"
        if path.endswith(".md"):
            yield from self.links(path, plain)
        for name, chapter in CHAPTER.findall(plain):
            document = self.document(name, path)
            # "Admin door" stands for "Admin door (`/kless/v1`) and metrics".
            if document and not any(re.match(re.escape(chapter) + r"(?!\w)", title) for title in self.headings(document)):
                yield f"{document} has no chapter {chapter!r}"
        for named in PRIVATE.findall(plain) if path.endswith(".h") else []:
            users = [os.path.basename(one) for one in self.files
                     if one.endswith((".cc", ".h")) and f'#include "{path}"' in read(self.root, one)]
            if sorted(users) != sorted(re.findall(r"\w+\.(?:cc|h)", named)):
                yield f"it is included by {', '.join(sorted(users)) or 'no file'}"
        for document, cited in CITED_CASES.findall(plain):
            known = cases_of(self.root, f"tests/reference/{document}.md")
            for case in re.findall(CASE, cited):
                if case not in known:
                    yield f"{document}.md has no case {case}"

    def links(self, path, text):
        for target in LINK.findall(text):
            target, _, anchor = target.partition("#")
            document = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
            if not os.path.exists(os.path.join(self.root, document)):
                yield f"there is no {document}"
            elif anchor and document.endswith(".md"):
                slugs = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in self.headings(document)}
                if anchor not in slugs:
                    yield f"{document} has no chapter #{anchor}"


def cases_of(root, document):
    return set(re.findall(rf"^(?:\||-) ({CASE}) ", read(root, document), re.M))


def documented_layers(root):
    """{target: (folder, layers it depends on)} as emulator/DESIGN.md has them."""
    chapter = read(root, "emulator/DESIGN.md").split("## Layers", 1)[1].split("\n## ", 1)[0]
    found = re.findall(r"^(kless_\w+) +(\S+)(?: +<- (.*))?$", chapter, re.M)
    return {name: (folder, set(needs.split())) for name, folder, needs in found}


def built_layers(root):
    """The same as CMake has them."""
    found = {}
    for path in files_of(root):
        if os.path.basename(path) != "CMakeLists.txt" or path.startswith("tests/"):
            continue
        text = re.sub(r"#.*", "", read(root, path))
        for name, folder, rest in re.findall(r"^\s*kless_layer\(\s*(kless_\w+)\s+(\S+)(.*?)\)", text, re.M | re.S):
            needs = re.search(r"\bDEPENDS\b(.*?)(?:\b[A-Z]{3,}\b|$)", rest, re.S)
            found[name] = (folder, set(re.findall(r"\bkless_\w+", needs.group(1) if needs else "")))
    return found


def unnoticed_libraries(root):
    """Libraries that the build finds and NOTICE does not name."""
    notice = read(root, "NOTICE").lower()
    missing = []
    for path in files_of(root):
        if os.path.basename(path) != "CMakeLists.txt" or path.startswith("tests/"):
            continue
        text = re.sub(r"#.*", "", read(root, path))
        found = re.findall(r"find_package\((\S+)", text) + re.findall(r"find_library\(\S+ (\S+)", text)
        missing += [name for name in found if name != "Threads" and name.lower() not in notice]
    return missing


class CitationsTest(unittest.TestCase):
    def test_what_documents_and_comments_cite_is_there(self):
        self.assertEqual(list(Tree(ROOT).problems()), [])

    def test_the_layers_of_the_design_are_those_of_the_build(self):
        self.assertEqual(documented_layers(ROOT), built_layers(ROOT))
        self.assertGreater(len(built_layers(ROOT)), 5)

    def test_notice_names_every_library_that_is_linked(self):
        self.assertEqual(unnoticed_libraries(ROOT), [])


class PlantedDriftTest(PlantedTree):
    FILES = {
        "store/DESIGN.md": "# Store\n\n## Feed\nWhat `table.h` promises.\n",
        "store/table.h": "// The table.\n",
        "tests/reference/controllers.md": "| NL8 | a | b |\n| NL9 | a | b |\n",
        "emulator/DESIGN.md": "## Layers\n```\nkless_store  store\n```\n",
        "store/CMakeLists.txt": "kless_layer(\n  kless_store store\n  SOURCES a.cc\n  LIBRARIES SQLite::SQLite3)\n",
        "emulator/doors/COMPATIBILITY.md": "## Cases without a test\n- NL9: reason\n",
        "tests/a_test.cc": "TEST(A, NL8_IsTrue) {}\n",
        "NOTICE": "SQLite3\n",
        "CMakeLists.txt": "find_package(SQLite3 REQUIRED)\n",
    }

    def setUp(self):
        super().setUp()
        self.assertEqual(self.problems(), [])

    def problems(self):
        return list(Tree(self.root).problems())

    def test_a_file_that_is_gone_is_found_wherever_it_is_cited(self):
        for path, text in {
            "README.md": "See `store/gone.cc`.\n",
            "store/README.md": "`gone.{h,cc}` and [the table](gone.md)\n",
            "store/b.h": "int x;  // as in\n  // store/gone/\n",
            "store/c.cc": "// gone.h has it.\n",
            "tools/d.py": '"""As store/gone.cc does."""\n',
            "tools/e": "#!/bin/bash\n# tools/gone does it\n",
            "configs/f.yaml": "a: 1  # store/gone.h\n",
            ".github/workflows/g.yml": "steps:\n  - run: .ci/gone --long\n",
        }.items():
            with self.subTest(path):
                self.write(path, text)
                found = self.problems()
                self.assertTrue(found and all(one.startswith(path) and "there is no" in one for one in found), found)
                os.remove(os.path.join(self.root, path))

    def test_what_is_there_and_what_is_no_path_is_let_through(self):
        self.write("store/d.cc", '// store/DESIGN.md, "Feed"; table.h; store/*.h; tests/NAME_test.cc; read/write.\n'
                                 '#include "store/gone.h"\nconst char* const kPath = "store/gone";\n'
                                 "// Reference controllers.md NL8 and NL9.\n")
        self.write("store/e.md", "| GET, PATCH functions/pool | [feed](DESIGN.md#feed), https://x.org/store/gone.h |\n")
        self.assertEqual(self.problems(), [])

    def test_a_path_that_leads_out_of_the_tree_is_found(self):
        self.write("store/d.cc", 'const std::string kFile = kRoot + "/../elsewhere/a.txt";\n')
        self.write("configs/a.yaml", "file: ../../elsewhere/a.csv\nmemory: ../store/DESIGN.md\n")
        self.assertEqual(self.problems(), ["configs/a.yaml:1: ../../elsewhere/a.csv leads out of the tree",
                                           "store/d.cc:1: ../elsewhere/a.txt leads out of the tree"])

    def test_a_chapter_that_is_not_there_is_found(self):
        self.write("store/d.h", '// See store/DESIGN.md,\n// "Feeds".\n')
        self.write("store/e.md", "[feed](DESIGN.md#feeds)\n")
        self.assertEqual(self.problems(), ["store/d.h:1: store/DESIGN.md has no chapter 'Feeds'",
                                           "store/e.md:1: store/DESIGN.md has no chapter #feeds"])

    def test_another_user_of_a_private_header_is_found(self):
        self.write("store/inner.h", "// Private to one.cc and\n// two.cc.\n")
        for name in ("one", "two"):
            self.write(f"store/{name}.cc", '#include "store/inner.h"\n')
        self.assertEqual(self.problems(), [])
        self.write("store/three.cc", '#include "store/inner.h"\n')
        self.assertEqual(self.problems(), ["store/inner.h:1: it is included by one.cc, three.cc, two.cc"])

    def test_a_case_that_the_reference_does_not_have_is_found(self):
        self.write("store/d.h", "// Reference controllers.md NL8 to\n// NL10.\n")
        self.assertEqual(self.problems(), ["store/d.h:1: controllers.md has no case NL10"])

    def test_another_layer_or_dependency_is_found(self):
        self.assertEqual(documented_layers(self.root), built_layers(self.root))
        self.write("emulator/base/CMakeLists.txt", "kless_layer(kless_base emulator/base SOURCES a.cc)\n")
        self.assertNotEqual(documented_layers(self.root), built_layers(self.root))
        self.write("emulator/DESIGN.md", "## Layers\nkless_base  emulator/base\nkless_store  store\n")
        self.assertEqual(documented_layers(self.root), built_layers(self.root))
        self.write("store/CMakeLists.txt", "kless_layer(kless_store store\n  SOURCES a.cc DEPENDS kless_base LIBRARIES x)\n")
        self.assertNotEqual(documented_layers(self.root), built_layers(self.root))

    def test_a_library_that_notice_does_not_name_is_found(self):
        self.assertEqual(unnoticed_libraries(self.root), [])
        self.write("store/CMakeLists.txt", "find_library(JEMALLOC_LIBRARY jemalloc REQUIRED)\n")
        self.assertEqual(unnoticed_libraries(self.root), ["jemalloc"])

    def cases(self):
        result = subprocess.run([sys.executable, os.path.join(ROOT, "tools/cases"), "--root", self.root],
                                capture_output=True, text=True)
        return result.returncode, result.stderr

    def test_tools_cases_finds_cases_without_a_test_and_tests_without_a_case(self):
        self.assertEqual(self.cases(), (0, ""))
        self.write("tests/b_test.py", "def test_NL9_NL10_both(self):\n    pass\n")
        code, errors = self.cases()
        self.assertEqual(code, 1)
        self.assertIn("NL9 has a test and stands in COMPATIBILITY.md", errors)
        self.assertIn("has no case NL10", errors)
        self.write("tests/reference/controllers.md", "# More\n| NL8 | a | b |\n| NL9 | a | b |\n- GC1 c\n")
        self.assertIn("GC1 (More) has no test and no reason", self.cases()[1])


if __name__ == "__main__":
    unittest.main()
