"""The compiler flags of each source file, from a build folder's compile_commands.json.

Several sources may be compiled as one file that includes them (kless_units in CMakeLists.txt): its flags are
theirs.
"""
import json
import os
import re
import shlex

INCLUDED = re.compile(r'^#include "([^"]+\.cc)"', re.M)


def _sources_of(file, build, root):
    """The sources, below `root`, that a translation unit consists of: itself, or what a unit includes."""
    if os.path.commonpath([file, build]) == build and os.path.exists(file):
        with open(file, encoding="utf-8") as stream:
            included = INCLUDED.findall(stream.read())
        if included:
            return included
    return [os.path.relpath(file, root)]


def _flags_of(command, file):
    """The compiler and its flags, without launcher, input, output, dependencies and precompiled header."""
    words = shlex.split(command)
    while words and not re.fullmatch(r"(?:.*/)?(?:[\w.-]*(?:g\+\+|clang\+\+)[\w.-]*|c\+\+)", words[0]):
        words = words[1:]
    kept, skip = [], False
    for word in words:
        if skip or word in ("-o", "-c", "-MF", "-MT", "-MQ", "-MD", "-include", "-Winvalid-pch", file):
            skip = not skip and word in ("-o", "-MF", "-MT", "-MQ", "-include")
            continue
        kept.append(word)
    return kept


def by_source(build, root):
    """Path below `root` -> (working folder, [compiler, flag...]); FileNotFoundError: not configured."""
    build = os.path.abspath(build)
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as stream:
        commands = json.load(stream)
    found = {}
    for command in commands:
        flags = _flags_of(command["command"], command["file"])
        for source in _sources_of(command["file"], build, root):
            found[source] = (command["directory"], flags)
    return found


def for_file(path, flags):
    """Those of the file, else of a source in its folder or in the nearest folder above; or None."""
    if path in flags:
        return flags[path]
    folder = os.path.dirname(path)
    while folder:
        near = [source for source in sorted(flags) if os.path.dirname(source) == folder]
        if near:
            return flags[near[0]]
        folder = os.path.dirname(folder)
    below = [source for source in sorted(flags) if source.split("/")[0] == path.split("/")[0]]
    return flags[below[0]] if below else None
