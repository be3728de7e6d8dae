#!/usr/bin/python3
"""tools/headers_check.py: compiles each header alone, so that none leans on what others include.

  tools/headers_check.py [BUILD_FOLDER]     default: build/dev, which must be configured

Takes the flags of a source file in the header's folder from compile_commands.json.  Slow (a
compiler run per header): part of `tools/check --long`.
"""
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def flags_by_folder(build):
    """Folder of the tree -> (working folder, compiler and its flags)."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        commands = json.load(file)
    found = {}
    for command in commands:
        folder = os.path.relpath(os.path.dirname(command["file"]), ROOT)
        words = shlex.split(command["command"])
        if os.path.basename(words[0]) == "ccache":
            words = words[1:]
        kept, skip = [], False
        for word in words:
            if skip or word in ("-o", "-c", "-MF", "-MT", "-MD", command["file"]):
                skip = word in ("-o", "-MF", "-MT")
                continue
            kept.append(word)
        found.setdefault(folder, (command["directory"], kept))
    return found


def flags_for(header, flags):
    """Those of the header's folder, or of the nearest folder above it, or of any of its layer."""
    folder = os.path.dirname(header)
    while folder:
        if folder in flags:
            return flags[folder]
        folder = os.path.dirname(folder)
    layer = header.split("/")[0]
    for other in sorted(flags):
        if other.split("/")[0] == layer:
            return flags[other]
    return None


def check(header, flags):
    directory, command = flags
    result = subprocess.run(
        command + ["-fsyntax-only", "-x", "c++", "-"], input=f'#include "{header}"\n',
        cwd=directory, capture_output=True, text=True)
    return header, result.returncode, result.stderr


def main():
    build = os.path.join(ROOT, sys.argv[1] if len(sys.argv) > 1 else "build/dev")
    flags = flags_by_folder(build)
    headers = []
    for top in ("emulator", "store", "functions", "tests"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            headers += [os.path.relpath(os.path.join(folder, n), ROOT)
                        for n in names if n.endswith(".h")]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(check, h, f) for h in sorted(headers) if (f := flags_for(h, flags))]
        for job in jobs:
            header, code, errors = job.result()
            if code != 0:
                failed += 1
                print(f"{header}: does not compile alone:\n{errors}")
    print(f"headers: {len(headers)} checked, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
