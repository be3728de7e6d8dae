#!/usr/bin/env python3
"""tools/arrows.py: the includes of the product as arrows between its folders.

  tools/arrows.py [--root FOLDER] [--list]

An arrow goes from a folder to each folder whose headers it includes.  The build lets a layer see only
the layers that it depends on (kless_layer in CMakeLists.txt); within a layer nothing stops an include,
so this tool does.  It fails if

- an include leaves the layers that the including layer depends on, directly or through others, or
- folders include each other in a circle: then none of them stands on the other.

--list prints every folder with its number of C++ files and its arrows, ground floor first.
"""
import argparse
import collections
import os
import re
import sys

PRODUCT = ("emulator", "functions", "store")
LAYER = re.compile(r"^\s*kless_layer\(\s*(kless_\w+)\s+(\S+)(.*?)\)", re.M | re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)


class Arrow(collections.namedtuple("Arrow", "path line included")):
    @property
    def ends(self):
        return os.path.dirname(self.path), os.path.dirname(self.included)


def product_files(root):
    for top in PRODUCT:
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".h", ".cc")):
                    yield os.path.relpath(os.path.join(folder, name), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def arrows(root):
    """Every include of one product file by another, in order of path and line."""
    files = set(product_files(root))
    for path in sorted(files):
        text = read(root, path)
        for match in INCLUDE.finditer(text):
            if match[1] in files:
                yield Arrow(path, text.count("\n", 0, match.start(1)) + 1, match[1])


def layers(root):
    """{folder: (name, names of the layers that it depends on, directly or not)} of the build."""
    direct, folders = {}, {}
    for top in PRODUCT:
        for folder, _, names in os.walk(os.path.join(root, top)):
            if "CMakeLists.txt" not in names:
                continue
            for name, place, rest in LAYER.findall(read(root, os.path.join(os.path.relpath(folder, root),
                                                                           "CMakeLists.txt"))):
                depends = re.search(r"\bDEPENDS((?:\s+kless_\w+)+)", rest)
                direct[name] = depends[1].split() if depends else []
                folders[place] = name

    def reached(name):
        found = {name}
        for each in direct.get(name, []):
            found |= reached(each)
        return found

    return {place: (name, reached(name)) for place, name in folders.items()}


def layer_of(path, built):
    folder = os.path.dirname(path)
    while folder and folder not in built:
        folder = os.path.dirname(folder)
    return built.get(folder)


def circles(edges):
    """The strongly connected components of more than one folder (Tarjan), each sorted."""
    index, low, stack, found = {}, {}, [], []

    def visit(folder):
        index[folder] = low[folder] = len(index)
        stack.append(folder)
        for other in sorted(edges[folder]):
            if other not in index:
                visit(other)
                low[folder] = min(low[folder], low[other])
            elif other in stack:
                low[folder] = min(low[folder], index[other])
        if low[folder] == index[folder]:
            at = stack.index(folder)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for folder in sorted(edges):
        if folder not in index:
            visit(folder)
    return found


def folder_edges(found):
    edges = collections.defaultdict(set)
    for arrow in found:
        start, end = arrow.ends
        edges[end]  # a folder without arrows of its own
        if start != end:
            edges[start].add(end)
    return edges


def problems(root):
    """(path, line, rule, what to do) of every include that points upward."""
    found, built = list(arrows(root)), layers(root)
    for arrow in found:
        start, end = layer_of(arrow.path, built), layer_of(arrow.included, built)
        if start and end and end[0] not in start[1]:
            yield (arrow.path, arrow.line, "layer",
                   f"{start[0]} does not depend on {end[0]}: `{arrow.included}` is not below it")
    for circle in circles(folder_edges(found)):
        within = [a for a in found if a.ends[0] != a.ends[1] and set(a.ends) <= set(circle)]
        counts = collections.Counter(a.ends for a in within)
        weakest = min(within, key=lambda a: (counts[a.ends], a.path, a.line))
        yield (weakest.path, weakest.line, "circle",
               f"{', '.join(circle)} include each other; the rarest arrow is {weakest.ends[0]} -> {weakest.ends[1]}")


def floors(edges):
    """Folders from the ground up: each stands above all that it includes."""
    height = {}

    def visit(folder, path=()):
        if folder not in height:
            below = [visit(other, path + (folder,)) for other in edges[folder] if other not in path]
            height[folder] = 1 + max(below, default=-1)
        return height[folder]

    for folder in sorted(edges):
        visit(folder)
    return sorted(height.items(), key=lambda item: (item[1], item[0]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                        help="the tree (default: this one)")
    parser.add_argument("--list", action="store_true", help="print every folder and its arrows")
    arguments = parser.parse_args()
    edges = folder_edges(arrows(arguments.root))
    if arguments.list:
        sizes = collections.Counter(os.path.dirname(path) for path in product_files(arguments.root))
        for folder, floor in floors(edges):
            print(f"{floor:2}  {folder} ({sizes[folder]}) -> {', '.join(sorted(edges[folder])) or 'none'}")
    wrong = list(problems(arguments.root))
    for path, line, rule, advice in wrong:
        print(f"{path}:{line}: {rule}: {advice}")
    print(f"arrows: {len(edges)} folders, {sum(map(len, edges.values()))} arrows, {len(wrong)} upward")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
