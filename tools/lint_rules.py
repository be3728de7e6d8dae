"""The rules of tools/lint.  Each rule yields Violations for one file; RULES lists them all."""
import fnmatch
import os
import re
import subprocess
from typing import NamedTuple

import prose_rules

MAX_LINES = 600


class Violation(NamedTuple):
    path: str
    line: int
    rule: str
    advice: str


class SourceFile:
    """One file: `text` as it is, and for C++ `code` with comments and literals blanked out.

    Both have the same length and the same line breaks, so that an offset means the same in both.
    """

    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), "rb") as file:
            self.bytes = file.read()
        self.text = self.bytes.decode("utf-8", "replace")
        self.lines = self.text.split("\n")
        self.is_cpp = path.endswith((".h", ".cc"))
        self.is_header = path.endswith(".h")
        self.code = blank_comments_and_literals(self.text) if self.is_cpp else ""
        self.code_lines = self.code.split("\n") if self.is_cpp else []

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def includes(self):
        """(line, "quoted" or "angled", path) of every #include."""
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if match:
                yield number, "quoted" if match[1] == '"' else "angled", match[2]

    def within(self, *places):
        """places: folders, files, or files with a `*` in their name."""
        return any(self.path.startswith(p + "/") or fnmatch.fnmatchcase(self.path, p) for p in places)


LITERALS = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)


def blank_comments_and_literals(text):
    def blank(match):
        if match[0].startswith("/"):
            return re.sub(r"[^\n]", " ", match[0])
        inner = re.sub(r"[^\n]", " ", match[0][1:-1])
        return match[0][-1] + inner + match[0][-1]

    return LITERALS.sub(blank, text)


def closing(code, opening):
    """The offset of the bracket that closes the one at `opening`; len(code) if none does."""
    depth = 0
    for offset in range(opening, len(code)):
        if code[offset] in "([{":
            depth += 1
        elif code[offset] in ")]}":
            depth -= 1
            if depth == 0:
                return offset
    return len(code)


# ---- coroutines: g++ 12 miscompiles some patterns without a word; these leave no room for them.

CONTROL_HEAD = re.compile(r"(?:else\s+)?(?:if|for|while)\s*(?:constexpr\s*)?\(")


def statement_start(code, offset):
    """(start of the statement around `offset`, whether a bracket is open between the two)."""
    depth = 0
    for position in range(offset - 1, -1, -1):
        character = code[position]
        if character in ")]":
            depth += 1
        elif character in "([":
            if depth == 0:
                return position + 1, True
            depth -= 1
        elif character in ";{}" and depth == 0:
            return position + 1, False
    return 0, False


def statement_end(code, offset):
    depth = 0
    for position in range(offset, len(code)):
        character = code[position]
        if character in "([{":
            depth += 1
        elif character in ")]}":
            if depth == 0:
                return position
            depth -= 1
        elif character == ";" and depth == 0:
            return position
    return len(code)


def without_control_heads(code):
    code = code.strip()
    while True:
        head = CONTROL_HEAD.match(code)
        if head:
            code = code[closing(code, head.end() - 1) + 1:].strip()
        elif re.match(r"(?:else|do)\b", code):
            code = re.sub(r"^(?:else|do)\b\s*", "", code)
        else:
            label = re.match(r"(?:case\s+[\w:]+|default|public|private|protected)\s*:(?!:)\s*", code)
            if not label:
                return code
            code = code[label.end():]


def outside_brackets(code):
    depth, kept = 0, []
    for character in code:
        if character in ")]}":
            depth -= 1
        kept.append(character if depth == 0 else " ")
        if character in "([{":
            depth += 1
    return "".join(kept)


TRY = re.compile(r"\bKLESS_CO_TRY(_VOID)?\(")


def with_tries_spelled_out(code):
    """KLESS_CO_TRY(auto x, co_await f()); as `auto x= co_await f() ;`, at the same offsets."""
    for match in TRY.finditer(code):
        end = closing(code, match.end() - 1)
        inner = code[match.end():end]
        if not match[1]:
            declaration, comma, rest = inner.partition(",")
            inner = declaration + ("=" if comma else "") + rest
        code = code[:match.start()] + " " * len(match[0]) + inner + " " + code[end + 1:]
    return code


def co_await_form(source):
    code = with_tries_spelled_out(source.code)
    for match in re.finditer(r"\bco_await\b", code):
        line = source.line_of(match.start())
        start, inside = statement_start(code, match.start())
        prefix = without_control_heads(code[start:match.start()])
        operand = code[match.end():statement_end(code, match.end())]
        if inside or "co_await" in prefix or not re.fullmatch(
                r"(?:co_return|[^=?&|]*(?:&\s*)?[^=?&|]*[^=!<>?|&]=)?", prefix, re.DOTALL):
            yield Violation(source.path, line, "co-await-form",
                            "make it the whole right-hand side: `auto x = co_await ...;`, then use x")
            continue
        if re.search(r"[({,=\s]\[|\{", operand):
            yield Violation(source.path, line, "co-await-operand",
                            "no lambda and no braces inside a co_await expression: name a local first")
        elif re.search(r"&&|\|\||\?|==|!=|<<", outside_brackets(operand)):
            yield Violation(source.path, line, "co-await-form",
                            "await first, combine in the next statement")


def allowed_references():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "coroutine_references.txt")
    with open(path, encoding="utf-8") as file:
        return {line.split()[0] for line in file if line.strip() and not line.startswith("#")}


ALLOWED_REFERENCES = allowed_references()
# `Task<...> Name(` and `](` ... `) -> Task<`.
COROUTINE = re.compile(r"\bTask<[^;{}()]*>\s+(?:[\w:~]+::)?\w+\s*(\()")
COROUTINE_LAMBDA = re.compile(r"\[([^\[\]]*)\]\s*(\()")


def split_parameters(code):
    depth, current = 0, ""
    for character in code:
        if character in "(<[{":
            depth += 1
        elif character in ")>]}":
            depth -= 1
        if character == "," and depth == 0:
            yield current
            current = ""
        else:
            current += character
    yield current


def reference_violations(source, opening):
    end = closing(source.code, opening)
    for parameter in split_parameters(source.code[opening + 1:end]):
        # References inside a std::function's signature are not parameters of the coroutine.
        outer = re.sub(r"<.*>", "", parameter, flags=re.DOTALL)
        reference = re.search(r"([\w:]+)\s*(?:const\s*)?&", outer)
        if not reference or reference[1].split("::")[-1] in ALLOWED_REFERENCES:
            continue
        # A test's locals outlive the run of its scheduler; what binds to a temporary may not.
        if source.within("tests") and "const" not in parameter and "&&" not in parameter:
            continue
        yield Violation(source.path, source.line_of(opening), "coroutine-reference",
                        f"pass `{' '.join(parameter.split())}` by value (or a shared_ptr); types that "
                        "outlive every coroutine are listed in tools/coroutine_references.txt")


def coroutine_parameters(source):
    for match in COROUTINE.finditer(source.code):
        yield from reference_violations(source, match.start(1))
    for match in COROUTINE_LAMBDA.finditer(source.code):
        end = closing(source.code, match.start(2))
        result = re.match(r"\s*(?:mutable\s*)?(?:noexcept\s*)?->\s*Task<[^{;]*\{", source.code[end + 1:])
        if not result:
            continue
        yield from reference_violations(source, match.start(2))
        body_end = closing(source.code, end + result.end())
        if match[1].strip() and re.match(r"\s*\(", source.code[body_end + 1:]):
            yield Violation(source.path, source.line_of(match.start()), "coroutine-lambda",
                            "a capturing coroutine lambda called in place dies before its frame: "
                            "name it, or pass the state as parameters")


def coroutine_bool(source):
    for match in re.finditer(r"\bTask<\s*Result<\s*bool\s*>", source.code):
        yield Violation(source.path, source.line_of(match.start()), "coroutine-bool",
                        "`co_return result;` would return whether `result` has a value: return an enum")


def co_spawn(source):
    # A connection's coroutine is cancelled through a slot, which Spawn does not offer.
    if source.within("emulator/base", "emulator/doors/http", "tests"):
        return
    for match in re.finditer(r"\bco_spawn\b|\bdetached\b", source.code):
        yield Violation(source.path, source.line_of(match.start()), "co-spawn",
                        "start coroutines with Spawn(loop, name, task) of base/loop/task.h")


# ---- includes: tools/arrows.py checks where they lead.

def include_paths(source):
    for number, kind, included in source.includes():
        if kind == "quoted" and ".." in included.split("/"):
            yield Violation(source.path, number, "include-path",
                            "name the header from the top of the tree, without `..`")


# ---- which files may use which facilities.  (rule, pattern in code, folders and files that may, what to do)

def only_in(rule, pattern, places, advice, on_includes=False):
    compiled = re.compile(pattern)

    def check(source):
        if source.within(*places):
            return
        if on_includes:
            for number, _, included in source.includes():
                if compiled.fullmatch(included):
                    yield Violation(source.path, number, rule, advice)
            return
        for match in compiled.finditer(source.code):
            yield Violation(source.path, source.line_of(match.start()), rule, advice)

    return check


# The process's own business: the command line waits for other processes and reads its environment.
PROCESS = ["emulator/base", "emulator/cli", "tests/bench"]
HTTP = ["emulator/doors/http", "emulator/processes/runtime_api.cc", "tests/bench", "tests/emulator/doors/http",
        "tests/emulator/processes"]
OWNERS = [
    only_in("clock",
            r"\b(system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday)\b"
            r"|(?<![\w.>])(?:std::|::)?time\s*\(\s*(?:nullptr|NULL|0)\s*\)",
            # The server bounds the time a silent socket may take: a matter of the machine.
            PROCESS + HTTP,
            "ask the EventLoop for the time"),
    only_in("sleep", r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.:>])sleep\s*\(",
            PROCESS + HTTP, "wait through EventLoop or Event"),
    only_in("randomness", r"\brandom_device\b|(?<![\w.:>])s?rand\s*\(|\bmt19937|_distribution<",
            ["emulator/base", "tests"], "draw from a Random stream"),
    only_in("environment", r"\bgetenv\b|\benviron\b", PROCESS + ["tests"],
            "settings come through Config; only base and the CLI read the environment"),
    only_in("threads", r"\bstd::(thread|jthread|async|mutex|condition_variable)\b",
            # The WAL checkpoint may not stop the loop.
            PROCESS + ["store/sqlite/file/checkpointer.*", "tests"],
            "one thread runs everything that has an order"),
    only_in("processes", r"(?<![\w.>])(fork|vfork|posix_spawnp?|exec[lv]p?e?|waitpid)\s*\(",
            # Forks that do not start a program.
            ["emulator/base/system", "emulator/cli/exec/keeper.cc", "tests"],
            "programs are started and waited for through emulator/base/system/process.h"),
    only_in("sockets", r"\bbeast::|\bip::tcp\b|\basio::ip\b",
            HTTP, "sockets live in emulator/doors/http and emulator/processes/runtime_api"),
    only_in("sockets", r"boost/beast.*|boost/asio/ip/.*",
            HTTP, "sockets live in emulator/doors/http and emulator/processes/runtime_api", on_includes=True),
    only_in("http-client", r"httplib\.h", ["emulator/cli/http_client.cc", "tests/bench"],
            "the CLI speaks HTTP through emulator/cli/http_client.h", on_includes=True),
]


def sqlite(source):
    if source.within("store/sqlite"):
        return
    for number, _, included in source.includes():
        if included == "sqlite3.h":
            yield Violation(source.path, number, "sqlite", "only store/sqlite includes sqlite3.h")


# ---- headers and files

def headers(source):
    if not source.is_header:
        return
    for number, _, included in source.includes():
        if included == "nlohmann/json.hpp":
            yield Violation(source.path, number, "json-in-header",
                            "include nlohmann/json_fwd.hpp; json.hpp belongs into the .cc")
    if "#pragma once" not in source.lines:
        yield Violation(source.path, 1, "header-guard", "write #pragma once under the file's comment")
    if not source.text.startswith("//"):
        yield Violation(source.path, 1, "header-comment",
                        "begin with what it is, its threading, and what it does not do")
    for match in re.finditer(r"\busing\s+namespace\b", source.code):
        yield Violation(source.path, source.line_of(match.start()), "using-namespace",
                        "no using-directives in headers")


def unordered(source):
    if source.within("tests"):
        return
    for number, line in enumerate(source.code_lines, 1):
        if not re.search(r"\bunordered_(multi)?(map|set)\b\s*<", line):
            continue
        if not any("unordered:" in l for l in source.lines[max(0, number - 2):number]):
            yield Violation(source.path, number, "unordered",
                            "use an ordered container, or say in a comment `// unordered: ...` why no "
                            "order can show")


UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|\bnot (?:yet )?implemen" r"ted\b")


# Published traces and recorded answers keep their bytes, and kapi.py its length.
VERBATIM = ("configs/traces/", "tests/recordings/", "tests/suites/")


def whole_file(source):
    if b"\0" in source.bytes or source.path.startswith(VERBATIM):
        return
    long_data = source.path.endswith((".json", ".csv", ".txt", ".svg", ".lock"))
    if len(source.lines) - 1 > MAX_LINES and not long_data:
        yield Violation(source.path, MAX_LINES + 1, "file-length",
                        f"{len(source.lines) - 1} lines; split what has more than one responsibility")
    if source.text and not source.text.endswith("\n"):
        yield Violation(source.path, len(source.lines), "end-of-file", "end the last line")
    for number, line in enumerate(source.lines, 1):
        if line.endswith((" ", "\t", "\r")) and not source.path.endswith(".md"):
            yield Violation(source.path, number, "trailing-space", "remove the blanks at the line's end")
        if UNFINISHED.search(line):
            yield Violation(source.path, number, "unfinished", "finish it, or open an issue")


def scripts(source):
    first = source.lines[0]
    if source.path.endswith(".py") or re.match(r"#!.*python", first):
        try:
            compile(source.text, source.path, "exec")
        except SyntaxError as error:
            yield Violation(source.path, error.lineno or 1, "python", f"does not compile: {error.msg}")
    elif re.match(r"#!.*\b(ba)?sh\b", first):
        result = subprocess.run(["bash", "-n", "-"], input=source.bytes, capture_output=True)
        if result.returncode != 0:
            message = result.stderr.decode().splitlines()[0]
            yield Violation(source.path, 1, "shell", f"does not parse: {message}")


# ---- words: comments, messages and documents that a native reader reads once.

def prose(source):
    for offset, rule, advice in prose_rules.problems(source.path, source.text, source.code):
        yield Violation(source.path, source.line_of(offset), rule, advice)


def tries(source):
    for match in re.finditer(r"\bKLESS_(CO_)?TRY(_VOID)?\(", source.code):
        before = source.code[:match.start()].rstrip()
        if source.path != "emulator/base/error.h" and before[-1:] not in (";", "{", "}", ":"):
            yield Violation(source.path, source.line_of(match.start()), "try-statement",
                            "it expands to several statements: give the block braces")


CPP_RULES = [tries, co_await_form, coroutine_parameters, coroutine_bool, co_spawn, include_paths, *OWNERS, sqlite, headers,
             unordered]
FILE_RULES = [prose, whole_file, scripts]


def check_file(root, path):
    source = SourceFile(root, path)
    for rule in (CPP_RULES if source.is_cpp else []) + FILE_RULES:
        yield from rule(source)


def check_tree(root, paths):
    for path in paths:
        yield from check_file(root, path)


SUBJECT_MAX = 72
SUBJECT = re.compile(r"[a-z][\w .,/-]*: \S|Revert |Merge ")


def commits(root):
    """Subjects of the commits that the branch main does not have: logs show one line of each."""
    def git(*words):
        return subprocess.run(["git", "-C", root, *words], capture_output=True, text=True).stdout

    if git("rev-parse", "--show-prefix") != "\n":  # not the top of a repository
        return
    base = next((ref for ref in ("main", "origin/main") if git("rev-parse", "--verify", "--quiet", ref)), None)
    for line in git("log", "--format=%h %s", f"{base}..HEAD").splitlines() if base else []:
        name, _, subject = line.partition(" ")
        if len(subject) > SUBJECT_MAX:
            yield Violation(f"commit {name}", 1, "subject-length",
                            f"{len(subject)} characters; at most {SUBJECT_MAX}, the why goes into the body")
        if not SUBJECT.match(subject):
            yield Violation(f"commit {name}", 1, "subject-form", "write `area: what changes`, such as `store: ...`")
