"""The table of the admin door in COMPATIBILITY.md has the routes that GET /kless/v1 lists."""
import os
import re
import unittest

from daemon import ROOT, DaemonTest


def documented():
    """{"GET functions/{}/..."}: every method and path of the table's first column."""
    with open(os.path.join(ROOT, "emulator", "doors", "COMPATIBILITY.md"), encoding="utf-8") as file:
        text = file.read()
    section = text[text.index("## Admin door"):]
    routes = set()
    for cell in re.findall(r"^\| ((?:[A-Z]+(?:, )?)+ [^|]+?) \|", section, re.MULTILINE):
        methods, _, paths = re.fullmatch(r"((?:[A-Z]+, )*[A-Z]+)( )(.+)", cell).groups()
        previous = ""
        for path in paths.split(", "):
            path = path.split("?")[0]
            if path.startswith("/") and previous:  # "nodes/NAME/fail, /return"
                path = previous.rsplit("/", 1)[0] + path
            previous = path
            path = path.removeprefix("/kless/v1").removeprefix("/")
            optional = re.search(r"\[/[A-Z]+\]", path)
            forms = [path.replace("[", "").replace("]", "")]
            if optional:
                forms.append(path.replace(optional[0], ""))
            for form in forms:
                form = "/".join("{}" if part.isupper() else part for part in form.split("/"))
                routes |= {f"{method} {form}" for method in methods.split(", ")}
    return routes


class AdminIndexTest(DaemonTest):
    def test_the_documented_routes_are_the_registered_ones(self):
        listed = set()
        for route in self.daemon.get("/kless/v1")["routes"]:
            path = route["path"].removeprefix("/kless/v1").removeprefix("/")
            listed.add(f"{route['method']} {re.sub('{[^}]*}', '{}', path)}")
        self.assertEqual(documented(), listed)

    def test_the_root_lists_paths_that_answer(self):
        # Without a preference the root path answers as DynamoDB's health check does.
        paths = self.daemon.request("GET", "/", headers={"Accept": "application/json"}).json["paths"]
        for path in ("/api", "/api/v1", "/apis", "/apis/batch/v1", "/kless/v1", "/metrics", "/version", "/healthz"):
            self.assertIn(path, paths)
        for path in paths:
            self.assertEqual(self.daemon.request("GET", path).status, 200, path)
        self.assertNotIn("/api/v1/pods", paths)


if __name__ == "__main__":
    unittest.main()
