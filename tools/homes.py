#!/usr/bin/env python3
"""tools/homes.py: each function of a header is defined in the .cc file of the header's name.

  tools/homes.py [--root FOLDER]

Whoever has read a header finds what it declares in the .cc of its name.  What one file does not hold
has parts: pool_environments.cc is a part of pool.h in the same folder.  This tool fails if

- a .cc file has neither a header of its name nor one whose name, with an underscore, begins its own, or
- it defines a function or a member that another header declares.

The headers in LISTS are excepted: they declare one function for each entry of a growing list (kinds,
commands, columns, admin routes), so that a new entry is a new .cc and one line; its file is named after
the entry.  So are the files in ALONE, MAKERS and DATA.

The tool reads text, not C++: it relies on the format that clang-format gives to every file, where what
stands at namespace scope begins in the first column.
"""
import argparse
import collections
import os
import re
import sys

TOOLS = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, TOOLS)
import arrows  # noqa: E402
from lint_rules import blank_comments_and_literals, closing  # noqa: E402

# Headers that declare one function for each .cc file of a list.
LISTS = {
    "emulator/cli/commands.h",  # commands
    "emulator/doors/admin/routes.h",  # topics of the admin door
    "functions/kubernetes/columns/column_lists.h",  # areas of kinds
    "functions/kubernetes/kinds/kinds.h",  # kinds
    "functions/kubernetes/kinds/served_kinds.h",  # kinds that are views of others
}

# Files that define nothing that a header of the tree declares.
ALONE = {
    "emulator/cli/main.cc",  # main()
    "emulator/base/loop/boost_asio.cc",  # Boost.Asio, compiled once
    "emulator/doors/http/boost_beast.cc",  # Boost.Beast, compiled once
    "emulator/doors/http/boost_url.cc",  # Boost.URL, compiled once
}
# Where the implementation of a contract makes itself: nothing above it may include it.
MAKERS = {("store/sqlite/sqlite_store.cc", "Store::Open")}
# These .cc files define texts that type_texts.h lists, not functions.
DATA = ("functions/kubernetes/types/", "_types.cc")

# A line that begins a function at namespace scope, to its opening parenthesis.
FUNCTION = re.compile(r"^(?!#|namespace|using|static_assert|extern|return|template\b)"
                      r"(?P<before>[A-Za-z_:\[][^;{}()=\n]*?[\s&*>])(?P<name>(?:\w+::)*(?:~?\w+|operator\W{1,3}))\(", re.M)
CONSTRUCTOR = re.compile(r"^(?P<name>(?:\w+::)*(?P<type>\w+)::~?(?P=type))\(", re.M)
TYPE = re.compile(r"^(?:class|struct)\s+(?:\[\[\w+\]\]\s+)?(\w+)(?:\s+final)?\s*(?::(?!:)[^;{]*)?\{", re.M)
# An entry of a list that a macro declares: KIND(JobKind).
ENTRY = re.compile(r"^  KIND\((\w+)\)", re.M)


def without_unnamed(code):
    """`code` without its unnamed namespaces, at the same offsets."""
    begin = code.find("\nnamespace {")
    while begin >= 0:
        end = closing(code, code.index("{", begin)) + 1
        code = code[:begin] + re.sub(r"[^\n]", " ", code[begin:end]) + code[end:]
        begin = code.find("\nnamespace {")
    return code


def end_of_head(code, opening):
    """The character that ends the function whose parameters begin at `opening`: `;` or `{`."""
    depth = 0
    for at in range(opening, len(code)):
        if code[at] in "([":
            depth += 1
        elif code[at] in ")]":
            depth -= 1
        elif depth == 0 and code[at] in ";{":
            return code[at]
    return ";"


def functions(code):
    """(name as written, line, `;` of a declaration or `{` of a definition) at namespace scope."""
    for pattern in (FUNCTION, CONSTRUCTOR):
        for match in pattern.finditer(code):
            yield match["name"], code.count("\n", 0, match.start()) + 1, end_of_head(code, match.end() - 1)


def declared(root, path):
    """Functions and types at namespace scope of a header."""
    code = blank_comments_and_literals(arrows.read(root, path))
    found = {name for name, _, end in functions(code) if end == ";" and "::" not in name}
    return found | set(ENTRY.findall(code)), set(TYPE.findall(code))


def defined(root, path):
    """(name, line) of every function that a .cc file defines outside unnamed namespaces."""
    code = without_unnamed(blank_comments_and_literals(arrows.read(root, path)))
    return sorted(((name, line) for name, line, end in functions(code) if end == "{"), key=lambda each: each[1])


def home(source, headers):
    """The header whose functions `source` may define: of its name, or else of the longest beginning of it."""
    stem = source.removesuffix(".cc")
    names = [header.removesuffix(".h") for header in headers]
    fitting = [name for name in names if stem == name or stem.startswith(name + "_")]
    return max(fitting, key=len) + ".h" if fitting else None


def problems(root):
    files = list(arrows.product_files(root))
    headers = [path for path in files if path.endswith(".h")]
    functions_of, types_of = collections.defaultdict(set), collections.defaultdict(set)
    for path in headers:
        names, types = declared(root, path)
        for name in names:
            functions_of[name].add(path)
        for name in types:
            types_of[name].add(path)
    includes = collections.defaultdict(set)
    for arrow in arrows.arrows(root):
        includes[arrow.path].add(arrow.included)

    def visible(path):
        """The headers that `path` includes, directly or through its own header."""
        own = path.removesuffix(".cc") + ".h"
        return includes[path] | (includes[own] if own in includes[path] else set())

    in_folder = collections.defaultdict(list)
    for path in headers:
        in_folder[os.path.dirname(path)].append(path)

    for path in files:
        if not path.endswith(".cc") or path in ALONE or path.startswith(DATA[0]) and path.endswith(DATA[1]):
            continue
        seen = visible(path)
        own = home(path, in_folder[os.path.dirname(path)])
        listed = False
        wrong = collections.defaultdict(list)
        for name, line in defined(root, path):
            if (path, name) in MAKERS:
                continue
            owner = name.split("::")[0]
            places = types_of[owner] if "::" in name else functions_of[name]
            places = {place for place in places if place in seen}
            listed = listed or any(place in LISTS for place in places)
            if places and not any(place in LISTS or place == own for place in places):
                wrong[sorted(places)[0]].append((line, name))
        if not listed and own is None:
            yield (path, 1, "home", "no header of its folder has its name or the beginning of it")
        for header, names in sorted(wrong.items()):
            listed_names = ", ".join(dict.fromkeys(name for _, name in names))
            yield (path, names[0][0], "home", f"{header} declares {listed_names}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=os.path.dirname(TOOLS), help="the tree (default: this one)")
    root = parser.parse_args().root
    wrong = list(problems(root))
    for path, line, rule, advice in wrong:
        print(f"{path}:{line}: {rule}: {advice}")
    sources = sum(path.endswith(".cc") for path in arrows.product_files(root))
    print(f"homes: {sources} sources, {len(wrong)} away from home")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
