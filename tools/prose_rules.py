"""Forms of prose that make a reader stumble, in comments, messages and documents.  lint_rules.py applies them.

Each rule is a name, a pattern, and the advice that is printed.  A space in a pattern stands for any blanks,
a line break and the comment mark of the next line included.
"""
import re

# Imported texts, the changelog of released versions, and the rules themselves with their tests.
EXCLUDED = ("tests/reference/", "tests/suites/", "tests/recordings/", "configs/traces/", "LICENSE", "NOTICE",
            "tools/prose_rules.py", "tests/lint/")
READ = (".h", ".cc", ".py", ".sh", ".md", ".yaml", ".yml", ".cmake", ".mjs", "CMakeLists.txt")

RULES = [
    # A fragment leaves its subject to the reader: "Of a create in a missing namespace."
    ("of-fragment", r"^[ \t]*(?://|#) Of ", "begin with the subject and a verb"),
    # English negates the verb: "is not a number".  "There is no" and "is no longer" are right.
    ("is-no", r"(?<!\w)(?:is|are) no (?!longer|more\b|better|worse|other\b|different)[A-Za-z]",
     "write `is not a ...`"),
    ("anew", r"\banew\b", "write `again`, or a verb such as restart, recreate, reset"),
    ("nobody", r"\b(?:nobody|somebody)\b", "name who: no client, another writer, no one"),
    # A free relative as the subject: "Who is answered has ...".
    ("free-relative", r"\bwho(?:ever)? (?:is|was|answers|asks|comes)\b", "name who: the client, the caller, the next run"),
    ("beside-it", r"\bbeside (?:it|them|this|that)\b", "write next to, or concurrently with"),
    ("goes-on", r"\bgoes on\b", "write continues"),
    ("in-hand", r"\bin (?:a |its )?hand\b", "write being processed, or managed"),
    ("one-more-is", r"\bone more is\b", "write further ones are"),
    ("for-ever", r"\bfor ever\b", "write forever"),
    ("timeout", r"\btime-outs?\b", "write timeout"),
    ("lowercase", r"\b(?:lower|upper)[-\s]case\b(?! alphanumeric)", "write lowercase, uppercase"),
]
# The start of the next line of a comment, or of a literal that continues in the next line.
BREAK = r"(?:[ \t]*\n[ \t]*(?://|\#|>|\*)?[ \t]*|[ \t]+)"
COMPILED = [(name, re.compile(re.sub(r"(?<=\S) (?=\S)", lambda _: BREAK, pattern) if name != "of-fragment" else pattern,
                              re.M | (0 if name == "of-fragment" else re.I)), advice)
            for name, pattern, advice in RULES]


def problems(path, text, code):
    """(offset, rule, advice).  `code`: the text with comments and literals blanked out, "" if it is not C++."""
    if path.startswith(EXCLUDED) or not (path.endswith(READ) or text.startswith("#!")):
        return
    for name, pattern, advice in COMPILED:
        for match in pattern.finditer(text):
            # "There is no" is right, and names in code are free.
            there = name == "is-no" and re.search(r"\bthere\W*$", text[max(0, match.start() - 20):match.start()], re.I)
            if not there and not (code and code[match.start():match.end()].strip(" \t\n")):
                yield match.start(), name, advice
