#!/usr/bin/env python3
"""tools/homes.py on this tree and on small ones with planted faults."""
import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools"))
import homes  # noqa: E402
from planted_tree import PlantedTree  # noqa: E402

WAREHOUSE_H = """// A warehouse.
#pragma once

namespace kless {

class Warehouse {
 public:
  int Count() const;
};

// Long enough
// for a second line.
std::string NameOf(const Warehouse& warehouse,
                   int number);

}  // namespace kless
"""
WAREHOUSE_CC = """#include "store/warehouse.h"

namespace kless {
namespace {

int NameOf(int number) { return number; }

}  // namespace

int Warehouse::Count() const { return NameOf(2); }

}  // namespace kless
"""
NAMES_CC = """#include "store/warehouse.h"

namespace kless {

std::string NameOf(const Warehouse& warehouse,
                   int number) {
  return "Warehouse::Count() {";
}

}  // namespace kless
"""


class HomesTest(unittest.TestCase):
    def test_every_function_of_this_tree_is_at_home(self):
        self.assertEqual(list(homes.problems(ROOT)), [])

    def test_the_exceptions_exist(self):
        files = set(homes.arrows.product_files(ROOT))
        self.assertEqual(set(homes.LISTS) - files, set())
        self.assertEqual(set(homes.ALONE) - files, set())
        for path, name in homes.MAKERS:
            self.assertIn(name, [each for each, _ in homes.defined(ROOT, path)])

    def test_most_functions_of_this_tree_are_read(self):
        files = list(homes.arrows.product_files(ROOT))
        self.assertGreater(sum(len(homes.declared(ROOT, path)[0]) for path in files if path.endswith(".h")), 800)
        self.assertGreater(sum(len(homes.defined(ROOT, path)) for path in files if path.endswith(".cc")), 2000)


class PlantedHomesTest(PlantedTree):
    FILES = {"store/warehouse.h": WAREHOUSE_H, "store/warehouse.cc": WAREHOUSE_CC}

    def problems(self):
        return [(path, line, advice) for path, line, _, advice in homes.problems(self.root)]

    def test_a_file_of_the_name_and_a_part_of_it_pass(self):
        self.assertEqual(self.problems(), [])
        self.write("store/warehouse_names.cc", NAMES_CC)
        self.assertEqual(self.problems(), [])

    def test_a_file_without_a_header_is_found(self):
        self.write("store/names.cc", NAMES_CC.replace("NameOf", "OtherNameOf"))
        self.assertEqual([(path, line) for path, line, _ in self.problems()], [("store/names.cc", 1)])

    def test_a_function_of_another_header_is_found_even_beside_a_header_of_the_name(self):
        self.write("store/names.h", "#pragma once\n")
        self.write("store/names.cc", NAMES_CC)
        self.assertEqual(self.problems(), [("store/names.cc", 5, "store/warehouse.h declares NameOf")])

    def test_a_member_of_another_header_is_found(self):
        self.write("store/count.h", "#pragma once\n")
        self.write("store/count.cc", WAREHOUSE_CC)
        self.assertEqual(self.problems(), [("store/count.cc", 10, "store/warehouse.h declares Warehouse::Count")])

    def test_a_part_belongs_to_the_longest_beginning_of_its_name(self):
        self.write("store/warehouse_name.h", "#pragma once\n")
        self.write("store/warehouse_name_text.cc", NAMES_CC)
        self.assertEqual([path for path, _, _ in self.problems()], ["store/warehouse_name_text.cc"])

    def test_an_unnamed_namespace_is_nobodys_home(self):
        self.write("store/count.h", "#pragma once\n")
        self.write("store/count.cc", WAREHOUSE_CC.replace("int Warehouse::Count() const", "int Count()"))
        self.assertEqual(self.problems(), [])


if __name__ == "__main__":
    unittest.main()
