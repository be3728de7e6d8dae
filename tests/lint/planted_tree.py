"""PlantedTree: a test case with a small source tree of its own, in which faults are planted."""
import os
import tempfile
import unittest


class PlantedTree(unittest.TestCase):
    FILES = {}  # path: text, written before each test

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = os.path.realpath(folder.name)
        for path, text in self.FILES.items():
            self.write(path, text)

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as stream:
            stream.write(text)
