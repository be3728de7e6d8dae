"""HTTPS: `kless serve --tls`, its certificate, and the clients that trust it."""
import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import threading
import unittest

from clients import KUBECTL
from daemon import BINARY, Daemon, environment, job, jobs_path


class TlsTest(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon("--tls")
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        self.certificate = os.path.join(self.daemon.data, "tls.crt")
        self.url = f"https://127.0.0.1:{self.daemon.port}"

    def connection(self, host="127.0.0.1", timeout=30):
        context = ssl.create_default_context(cafile=self.certificate)
        connection = http.client.HTTPSConnection(host, self.daemon.port, context=context, timeout=timeout)
        self.addCleanup(connection.close)
        return connection

    def kless(self, *arguments, code=0, **env):
        result = subprocess.run([BINARY, *arguments], cwd=self.daemon.data, capture_output=True, text=True,
                                timeout=60, env=environment(**env))
        self.assertEqual(result.returncode, code, result)
        return result

    def test_one_connection_serves_many_requests_of_every_size(self):
        connection = self.connection()
        for size in (0, 1, 20_000, 900_000):
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"size-{size}"},
                    "data": {"text": "x" * size}}
            connection.request("POST", "/api/v1/namespaces/default/configmaps", json.dumps(body),
                               {"Content-Type": "application/json"})
            response = connection.getresponse()
            self.assertEqual((response.status, len(json.load(response)["data"]["text"])), (201, size))
        connection.request("GET", "/api/v1/namespaces/default/configmaps")
        self.assertGreater(len(connection.getresponse().read()), 920_000)

    def test_the_certificate_names_localhost_and_the_address_only(self):
        context = ssl.create_default_context(cafile=self.certificate)
        # A minimal system has no /etc/hosts, so the name is only the one that the certificate is checked for.
        for name in ("localhost", "127.0.0.1"):
            with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=30) as plain:
                with context.wrap_socket(plain, server_hostname=name) as connection:
                    self.assertIsNotNone(connection.version())
        with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=30) as plain:
            with self.assertRaises(ssl.SSLCertVerificationError):
                context.wrap_socket(plain, server_hostname="kless.example")

    def test_a_watch_is_streamed_and_ends_with_its_client(self):
        watch = self.connection()
        watch.request("GET", "/api/v1/namespaces/default/configmaps?watch=1")
        response = watch.getresponse()
        writer = self.connection()
        for name in ("a", "b"):
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
            writer.request("POST", "/api/v1/namespaces/default/configmaps", json.dumps(body),
                           {"Content-Type": "application/json"})
            writer.getresponse().read()
            event = json.loads(response.readline())
            self.assertEqual((event["type"], event["object"]["metadata"]["name"]), ("ADDED", name))

    def test_a_watch_that_times_out_leaves_the_connection_usable(self):
        connection = self.connection()
        connection.request("GET", "/api/v1/configmaps?watch=1&timeoutSeconds=1")
        connection.getresponse().read()
        connection.request("GET", "/version")
        self.assertEqual(connection.getresponse().status, 200)

    def test_plain_http_is_told_to_use_https(self):
        plain = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=30)
        plain.request("GET", "/version")
        response = plain.getresponse()
        self.assertEqual(response.status, 400)
        self.assertIn(b"https", response.read())

    def test_broken_handshakes_harm_nobody(self):
        for start in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x40\x00" + b"\xff" * 300, os.urandom(500)):
            with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=30) as plain:
                plain.sendall(start)
        connection = self.connection()
        connection.request("GET", "/version")
        self.assertEqual(connection.getresponse().status, 200)

    def test_many_clients_at_once_are_all_answered(self):
        statuses = []

        def ask():
            connection = self.connection()
            for _ in range(20):
                connection.request("GET", "/api/v1/namespaces")
                response = connection.getresponse()
                response.read()
                statuses.append(response.status)

        threads = [threading.Thread(target=ask) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 320)

    def test_the_pair_is_kept_and_its_key_is_private(self):
        with open(self.certificate) as file:
            before = file.read()
        mode = os.stat(os.path.join(self.daemon.data, "tls.key")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.start()
        with open(self.certificate) as file:
            self.assertEqual(file.read(), before)
        os.remove(os.path.join(self.daemon.data, "tls.key"))
        self.daemon.stop()
        self.daemon.start()
        with open(self.certificate) as file:
            self.assertNotEqual(file.read(), before)

    def test_commands_trust_the_certificate_that_is_named(self):
        flags = ("node", "list", "--server", self.url)
        self.assertIn("no simulated nodes", self.kless(*flags, KLESS_CERTIFICATE=self.certificate).stderr)
        self.assertIn("KLESS_CERTIFICATE", self.kless(*flags, code=1).stderr)

    def test_a_kubeconfig_is_all_that_kubectl_needs(self):
        path = os.path.join(self.daemon.data, "kubeconfig")
        result = self.kless("kubeconfig", "--server", self.url, "--certificate", self.certificate, "--out", path)
        self.assertIn(f"export KUBECONFIG={path}", result.stdout)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertIn("--certificate", self.kless("kubeconfig", "--server", self.url, code=2).stderr)
        if not KUBECTL:
            self.skipTest("no kubectl: run tools/setup --clients")
        connection = self.connection()
        connection.request("POST", jobs_path(), json.dumps(job("pi")), {"Content-Type": "application/json"})
        connection.getresponse().read()
        shown = subprocess.run([KUBECTL, "get", "jobs", "-o", "name"], capture_output=True, text=True, timeout=60,
                               env=environment(KUBECONFIG=path, HOME=self.daemon.data))
        self.assertEqual(shown.stdout, "job.batch/pi\n", shown)

    def test_exec_over_tls_tells_its_command_all_it_needs(self):
        script = 'curl -sf --cacert "$KLESS_CERTIFICATE" "$KLESS_ENDPOINT/version" && cat "$KUBECONFIG"'
        result = self.kless("exec", "--tls", "--", "sh", "-c", script)
        self.assertIn("certificate-authority-data", result.stdout)
        self.assertIn("gitVersion", result.stdout)


class PlainKubeconfigTest(unittest.TestCase):
    def test_a_plain_daemon_has_one_without_certificate_and_token(self):
        result = subprocess.run([BINARY, "kubeconfig", "--server", "http://127.0.0.1:9000"], capture_output=True,
                                text=True, timeout=60, env=environment())
        self.assertEqual(result.returncode, 0, result)
        self.assertIn("server: http://127.0.0.1:9000\n", result.stdout)
        self.assertIn("user: {}", result.stdout)
        self.assertNotIn("certificate", result.stdout)


if __name__ == "__main__":
    unittest.main()
