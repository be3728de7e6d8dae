#!/usr/bin/python3
"""tools/headers_check.py: compiles each header alone, so that none leans on what others include.

  tools/headers_check.py [BUILD_FOLDER]     default: build/dev, which must be configured

Takes the flags of a source file in the header's folder from compile_commands.json.  Slow (a
compiler run per header): part of `tools/check --long`.
"""
import concurrent.futures
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import compile_flags  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def check(header, flags):
    directory, command = flags
    result = subprocess.run(
        command + ["-fsyntax-only", "-x", "c++", "-"], input=f'#include "{header}"\n',
        cwd=directory, capture_output=True, text=True)
    return header, result.returncode, result.stderr


def main():
    build = os.path.join(ROOT, sys.argv[1] if len(sys.argv) > 1 else "build/dev")
    flags = compile_flags.by_source(build, ROOT)
    headers = []
    for top in ("emulator", "store", "functions", "tests"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            headers += [os.path.relpath(os.path.join(folder, n), ROOT)
                        for n in names if n.endswith(".h")]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(check, h, f) for h in sorted(headers) if (f := compile_flags.for_file(h, flags))]
        for job in jobs:
            header, code, errors = job.result()
            if code != 0:
                failed += 1
                print(f"{header}: does not compile alone:\n{errors}")
    print(f"headers: {len(headers)} checked, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
