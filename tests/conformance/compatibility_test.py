"""The table of kinds and verbs in COMPATIBILITY.md is what discovery says."""
import os
import re
import unittest

from daemon import ROOT, DaemonTest

ALL = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}


def documented():
    """{(group version, resource): (verbs, names of subresources)}"""
    with open(os.path.join(ROOT, "emulator", "doors", "COMPATIBILITY.md")) as file:
        text = file.read()
    section = text[text.index("### Kinds and verbs"):]
    rows = {}
    for line in section[:section.index("\nOther resources")].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 5 or not re.search(r"v\d", cells[0]):
            continue
        version, resources, verbs, subresources, _ = cells
        named = {"create"} if verbs == "create" else set(ALL)
        if verbs == "all but deletecollection":
            named.discard("deletecollection")
        for resource in resources.split(", "):
            rows[version, resource] = (named, set(filter(None, subresources.split(", "))))
    return rows


class CompatibilityTest(DaemonTest):
    def discovered(self):
        versions = ["v1"] + [group["preferredVersion"]["groupVersion"] for group in self.daemon.get("/apis")["groups"]]
        rows = {}
        for version in versions:
            path = "/api/v1" if version == "v1" else f"/apis/{version}"
            for resource in self.daemon.get(path)["resources"]:
                name, _, subresource = resource["name"].partition("/")
                verbs, subresources = rows.setdefault((version, name), (set(), set()))
                if subresource:
                    subresources.add(subresource)
                else:
                    verbs.update(resource["verbs"])
        return rows

    def test_the_documented_kinds_and_verbs_are_the_discovered_ones(self):
        self.assertEqual(documented(), self.discovered())


if __name__ == "__main__":
    unittest.main()
