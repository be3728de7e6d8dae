#!/usr/bin/env python3
"""tools/arrows.py on this tree and on small ones with planted faults, and the places of the tests."""
import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools"))
import arrows  # noqa: E402
from planted_tree import PlantedTree  # noqa: E402

LAYERS = {
    "emulator/base/CMakeLists.txt": "kless_layer(kless_values emulator/base SOURCES a.cc)\n",
    "emulator/base/loop/CMakeLists.txt": "kless_layer(kless_loop emulator/base/loop SOURCES a.cc DEPENDS kless_values)\n",
    "functions/controllers/CMakeLists.txt":
        "kless_layer(\n  kless_controllers functions/controllers\n  SOURCES a.cc\n  DEPENDS kless_values)\n",
    "emulator/base/a.h": "",
    "emulator/base/loop/a.h": '#include "emulator/base/a.h"\n',
}


class ArrowsTest(unittest.TestCase):
    def test_no_arrow_of_this_tree_points_upward(self):
        self.assertEqual(list(arrows.problems(ROOT)), [])
        self.assertGreater(len(arrows.folder_edges(arrows.arrows(ROOT))), 30)

    def test_no_folder_holds_more_than_forty_files(self):
        crowded = []
        for top in arrows.PRODUCT:
            for folder, _, names in os.walk(os.path.join(ROOT, top)):
                count = sum(name.endswith((".h", ".cc")) for name in names)
                if count > 42:
                    crowded.append((os.path.relpath(folder, ROOT), count))
        self.assertEqual(crowded, [])


class PlantedArrowsTest(PlantedTree):
    FILES = LAYERS

    def problems(self):
        return [(path, line, rule) for path, line, rule, _ in arrows.problems(self.root)]

    def test_the_right_way_passes(self):
        self.assertEqual(self.problems(), [])

    def test_the_event_loop_in_a_controller_is_found(self):
        self.write("functions/controllers/job/a.cc", '\n#include "emulator/base/loop/a.h"\n')
        self.assertEqual(self.problems(), [("functions/controllers/job/a.cc", 2, "layer")])

    def test_the_ground_floor_sees_nothing_above_it(self):
        self.write("emulator/base/b.cc", '#include "emulator/base/loop/a.h"\n')
        self.assertIn(("emulator/base/b.cc", 1, "layer"), self.problems())

    def test_folders_of_one_layer_that_include_each_other_are_found_at_the_rarer_arrow(self):
        self.write("functions/controllers/job/a.h", "")
        self.write("functions/controllers/gc/a.h", '#include "functions/controllers/job/a.h"\n')
        self.write("functions/controllers/gc/b.h", '#include "functions/controllers/job/a.h"\n')
        self.assertEqual(self.problems(), [])
        self.write("functions/controllers/job/b.cc", '#include "functions/controllers/gc/a.h"\n')
        self.assertEqual(self.problems(), [("functions/controllers/job/b.cc", 1, "circle")])

    def test_a_circle_of_three_folders_is_found(self):
        for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
            self.write(f"functions/controllers/{name}/x.h", f'#include "functions/controllers/{other}/x.h"\n')
        self.assertEqual([rule for _, _, rule in self.problems()], ["circle"])


class MirrorTest(unittest.TestCase):
    """tests/emulator, tests/functions and tests/store have the folders of what they test."""

    def placed(self):
        for top in arrows.PRODUCT:
            for folder, _, names in os.walk(os.path.join(ROOT, "tests", top)):
                for name in sorted(names):
                    yield os.path.relpath(folder, os.path.join(ROOT, "tests")), name

    def test_every_folder_of_tests_is_a_folder_of_the_product(self):
        strangers = {folder for folder, _ in self.placed() if not os.path.isdir(os.path.join(ROOT, folder))}
        self.assertEqual(strangers, set())

    def test_a_test_with_the_name_of_a_source_is_in_the_folder_of_that_source(self):
        places = {}
        for path in arrows.product_files(ROOT):
            places.setdefault(os.path.splitext(os.path.basename(path))[0], set()).add(os.path.dirname(path))
        misplaced = []
        for folder, name in self.placed():
            stem = name.removesuffix("_test.cc")
            below = {place for place in places.get(stem, ()) if place.startswith(folder + "/")}
            if name.endswith("_test.cc") and below and folder not in places[stem]:
                misplaced.append((f"tests/{folder}/{name}", sorted(below)))
        self.assertEqual(misplaced, [])


if __name__ == "__main__":
    unittest.main()
