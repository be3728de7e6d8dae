"""A browser: Debian's chromium through chromedriver, with what the tests need of the WebDriver protocol."""
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

from daemon import PATIENCE, environment, wait_until

CHROMEDRIVER = shutil.which("chromedriver")
CHROMIUM = shutil.which("chromium")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how the protocol marks a reference to an element


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="kless-chromium-")
        self.process = subprocess.Popen([CHROMEDRIVER, "--port=0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True,
                                        env=environment(HOME=self.profile))
        for line in self.process.stdout:
            if "on port " in line and "success" in line:
                self.base = f"http://127.0.0.1:{int(line.rstrip().rstrip('.').rsplit(' ', 1)[1])}"
                break
        options = {"binary": CHROMIUM, "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
            f"--user-data-dir={os.path.join(self.profile, 'data')}"]}
        session = self.send("POST", "/session", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self.base += f"/session/{session['sessionId']}"

    def send(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE * 2) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()[:500]}") from None

    def open(self, url):
        self.send("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """The value of JavaScript in the page."""
        return self.send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self):
        return self.run("return document.body.innerText")

    def element(self, selector):
        return self.send("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def fill(self, selector, text):
        self.send("POST", f"/element/{self.element(selector)}/value", {"text": text})

    def click(self, selector):
        self.send("POST", f"/element/{self.element(selector)}/click", {})

    def wait_for_text(self, text):
        wait_until(lambda: text in self.text(), f"the page shows {text!r}")

    def close(self):
        try:
            self.send("DELETE", "")
        except (AssertionError, OSError):
            pass
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        shutil.rmtree(self.profile, ignore_errors=True)
