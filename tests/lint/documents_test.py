#!/usr/bin/python3
"""Documents that repeat a part of the sources repeat it exactly: the schema of the store in store/DESIGN.md, and the
control loop in full in functions/DESIGN.md.  Planted drifts prove that each check can fail.
"""
import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as stream:
        return stream.read()


def sql_schema(source):
    """{table: (key columns, other columns, WITHOUT ROWID)} and {index: text} of kSchema in sqlite_schema.cc."""
    sql = re.search(r'kSchema = R"sql\((.*?)\)sql"', source, re.S)[1]
    tables = {}
    for name, body, rowid in re.findall(r"CREATE TABLE (\w+)\((.*?)\n\)( WITHOUT ROWID)?;", sql, re.S):
        columns, keys = [], []
        for line in body.split("\n"):
            line = line.strip().rstrip(",")
            if match := re.match(r"PRIMARY KEY\((.*)\)", line):
                keys = match[1].split(", ")
            elif line:
                columns.append(line.split()[0])
                if "PRIMARY KEY" in line:
                    keys = [columns[-1]]
        tables[name] = (keys, [column for column in columns if column not in keys], bool(rowid))
    return tables, dict(re.findall(r"CREATE INDEX (\w+) ON (.*?);", sql))


def documented_schema(document):
    """The same of the chapter "Schema" in store/DESIGN.md, after its version."""
    version, text = re.search(r"^## Schema \(version (\d+)\)$(.*?)\n\*\*", document, re.M | re.S).groups()
    tables = {}
    for name, body, rowid in re.findall(r"^    (\w+)\((.*?)\)( +WITHOUT ROWID)?$", text, re.M | re.S):
        keys, _, columns = " ".join(body.split()).partition(" | ")
        tables[name] = (keys.split(", "), columns.split(", ") if columns else [], bool(rowid))
    return int(version), tables, dict(re.findall(r"^    index (\w+) on (.*)$", text, re.M))


def loop_in_full(document):
    return re.search(r"^```cpp\n(.*?)^```$", document, re.M | re.S)[1]


class DocumentsTest(unittest.TestCase):
    def test_the_schema_of_the_store_is_the_documented_one(self):
        tables, indexes = sql_schema(read("store/sqlite/sqlite_schema.cc"))
        version = int(re.search(r"kSchemaVersion = (\d+);", read("store/store.h"))[1])
        self.assertGreater(len(tables), 8)
        self.assertEqual(documented_schema(read("store/DESIGN.md")), (version, tables, indexes))

    def test_the_loop_in_full_is_the_file(self):
        source = read("functions/controllers/ttl/ttl_loop.cc")
        self.assertEqual(loop_in_full(read("functions/DESIGN.md")), source)
        lines = source.count("\n")
        for path in ("functions/DESIGN.md", "CONTRIBUTING.md"):
            self.assertIn(f"{lines} lines", read(path), path)


class PlantedDriftTest(unittest.TestCase):
    SQL = 'kSchema = R"sql(\nCREATE TABLE a(\n  x INTEGER PRIMARY KEY,\n  y TEXT\n);\n' \
          "CREATE TABLE b(\n  x NOT NULL,\n  y TEXT,\n  z TEXT,\n  PRIMARY KEY(x, y)\n) WITHOUT ROWID;\n" \
          'CREATE INDEX a_by_y ON a(y);\n)sql";\n'
    DOCUMENT = "## Schema (version 3)\n\n    a(x | y)\n    b(x, y |\n      z)   WITHOUT ROWID\n    index a_by_y on a(y)\n\n**Text**\n"

    def test_equal_schemas_are_equal(self):
        self.assertEqual(documented_schema(self.DOCUMENT), (3, *sql_schema(self.SQL)))

    def test_another_column_key_rowid_or_index_is_found(self):
        for old, new in (("a(x | y)", "a(x | w)"), ("a(x | y)", "a(x, y)"), ("b(x, y |", "b(x | y,"),
                         ("   WITHOUT ROWID", ""), ("on a(y)", "on a(x)"), ("    a(x | y)\n", "")):
            with self.subTest(new):
                drifted = self.DOCUMENT.replace(old, new)
                self.assertNotEqual(drifted, self.DOCUMENT)
                self.assertNotEqual(documented_schema(drifted)[1:], sql_schema(self.SQL))

    def test_another_loop_is_found(self):
        self.assertEqual(loop_in_full("a\n```cpp\nint x;\n```\n"), "int x;\n")
        self.assertNotEqual(loop_in_full("a\n```cpp\nint y;\n```\n"), "int x;\n")


if __name__ == "__main__":
    unittest.main()
