"""HTTP from rude clients: each gets the reply that the protocol defines, and the daemon keeps working."""
import json
import resource
import socket
import unittest

from daemon import ADMIN, DaemonTest, job, jobs_path

GET_HEALTH = f"GET {ADMIN}/health HTTP/1.1\r\nHost: kless\r\n\r\n".encode()


def read_answer(stream):
    """(status, headers, body) of one answer with a Content-Length; None at the end."""
    status_line = stream.readline()
    if not status_line:
        return None
    headers = {}
    while (line := stream.readline().strip()):
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return int(status_line.split()[1]), headers, body


class HttpTest(DaemonTest):
    def setUp(self):
        super().setUp()
        # However rude the test was, the daemon still works afterwards.
        self.addCleanup(self.assert_alive)

    def assert_alive(self):
        self.assertIsNone(self.daemon.process.poll(), self.daemon.log)
        self.assertEqual(self.daemon.request("GET", f"{ADMIN}/health").status, 200)

    def exchange(self, data, timeout=30):
        """Sends the bytes and returns every answer until the server closes or falls silent."""
        with self.daemon.connect(timeout) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            stream = connection.makefile("rb")
            answers = []
            while (answer := read_answer(stream)) is not None:
                answers.append(answer)
            return answers

    def test_pipelined_requests_are_answered_in_order(self):
        paths = [f"{ADMIN}/health", jobs_path(), f"{ADMIN}/nothing", f"{ADMIN}/stats"] * 10
        data = "".join(f"GET {p} HTTP/1.1\r\nHost: kless\r\n\r\n" for p in paths).encode()
        answers = self.exchange(data)
        self.assertEqual([a[0] for a in answers], [200, 200, 404, 200] * 10)
        self.assertEqual(json.loads(answers[1][2])["kind"], "JobList")

    def test_one_connection_serves_many_requests(self):
        client = self.daemon.client()
        for _ in range(50):
            self.assertEqual(client.request("GET", f"{ADMIN}/health").status, 200)
        client.close()

    def test_a_chunked_body_is_read(self):
        body = json.dumps(job("chunked")).encode()
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part)
                          for part in (body[:7], body[7:50], body[50:])) + b"0\r\n\r\n"
        head = (f"POST {jobs_path()} HTTP/1.1\r\nHost: kless\r\nContent-Type: application/json\r\n"
                "Transfer-Encoding: chunked\r\n\r\n").encode()
        self.assertEqual([a[0] for a in self.exchange(head + chunks + GET_HEALTH)], [201, 200])

    def test_a_malformed_chunk_is_a_400(self):
        head = (f"POST {jobs_path()} HTTP/1.1\r\nHost: kless\r\nTransfer-Encoding: chunked\r\n\r\n").encode()
        answers = self.exchange(head + b"zz\r\nabc\r\n0\r\n\r\n")
        self.assertEqual([a[0] for a in answers], [400])

    def test_expect_100_continue_is_answered_before_the_body(self):
        body = json.dumps(job("patient")).encode()
        with self.daemon.connect() as connection:
            connection.sendall((f"POST {jobs_path()} HTTP/1.1\r\nHost: kless\r\nExpect: 100-continue\r\n"
                                "Content-Type: application/json\r\n"
                                f"Content-Length: {len(body)}\r\n\r\n").encode())
            stream = connection.makefile("rb")
            self.assertRegex(stream.readline(), rb"^HTTP/1.1 100 ")
            while stream.readline().strip():
                pass
            connection.sendall(body)
            self.assertEqual(read_answer(stream)[0], 201)

    def test_a_20_mb_body_is_a_413_that_is_not_read_on(self):
        size = 20 * 1024 * 1024
        with self.daemon.connect() as connection:
            connection.sendall((f"POST {jobs_path()} HTTP/1.1\r\nHost: kless\r\n"
                                f"Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n").encode())
            # The reply arrives although no byte of the body was sent.
            status, _, body = read_answer(connection.makefile("rb"))
            self.assertEqual((status, json.loads(body)["kind"]), (413, "Status"))

    def test_a_client_that_sends_20_mb_at_once_is_told_413(self):
        text = '{"kind": "Job", "padding": "' + "x" * (20 * 1024 * 1024) + '"}'
        try:
            answer = self.daemon.request("POST", jobs_path(), text, {"Content-Type": "application/json"})
            self.assertEqual(answer.status, 413)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has answered and closed while the client was still sending

    def test_a_20_mb_chunked_body_is_a_413(self):
        with self.daemon.connect() as connection:
            connection.sendall((f"POST {jobs_path()} HTTP/1.1\r\nHost: kless\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n").encode())
            chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
            try:
                for _ in range(320):
                    connection.sendall(chunk)
                connection.sendall(b"0\r\n\r\n")
                self.assertEqual(read_answer(connection.makefile("rb"))[0], 413)
            except (BrokenPipeError, ConnectionResetError):
                pass

    def test_large_headers_are_a_431(self):
        data = (f"GET {ADMIN}/health HTTP/1.1\r\nHost: kless\r\nX-Padding: " + "x" * 300_000 + "\r\n\r\n").encode()
        try:
            self.assertEqual([a[0] for a in self.exchange(data)], [431])
        except (BrokenPipeError, ConnectionResetError):
            pass

    def test_what_is_not_http_is_a_400(self):
        for data in (b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
                     b"GET /%zz HTTP/1.1\r\nHost: kless\r\n\r\n",
                     b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n"):
            self.assertEqual([a[0] for a in self.exchange(data)], [400], data)

    def test_another_version_of_http_is_a_505(self):
        self.assertEqual([a[0] for a in self.exchange(b"GET / HTTP/9.9\r\n\r\n")], [505])

    def test_a_half_sent_request_disturbs_nobody(self):
        body = json.dumps(job("half")).encode()
        head = (f"POST {jobs_path()} HTTP/1.1\r\nHost: kless\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode()
        for part in (b"GET /kless", head[:40], head, head + body[:20]):
            connection = self.daemon.connect()
            connection.sendall(part)
            self.assert_alive()
            connection.close()
        self.assert_status(self.daemon.request("GET", jobs_path(name="half")), 404, "NotFound")

    def test_http_1_0_is_answered_and_closed(self):
        answers = self.exchange(f"GET {ADMIN}/health HTTP/1.0\r\n\r\n".encode())
        self.assertEqual([a[0] for a in answers], [200])

    def test_connection_close_is_kept(self):
        with self.daemon.connect() as connection:
            connection.sendall(f"GET {ADMIN}/health HTTP/1.1\r\nHost: k\r\nConnection: close\r\n\r\n".encode())
            stream = connection.makefile("rb")
            self.assertEqual(read_answer(stream)[0], 200)
            self.assertEqual(stream.read(), b"")

    def test_a_head_request_has_no_body(self):
        answer = self.daemon.request("HEAD", f"{ADMIN}/health")
        self.assertIn(answer.status, (200, 405))
        self.assertEqual(answer.body, b"")

    def test_an_unknown_path_is_a_404(self):
        for path in ("/nothing", f"{ADMIN}/nothing", "/api/v1/nothing/at/all"):
            self.assertEqual(self.daemon.request("GET", path).status, 404, path)

    def test_a_client_that_leaves_a_watch_costs_nothing(self):
        for _ in range(50):
            watch = self.daemon.lines(jobs_path() + "?watch=true")
            watch.close()
        self.daemon.create_job("after")
        self.daemon.wait_pods("after", 1)


class WebPageTest(DaemonTest):
    FUNCTION = {"name": "drive-by", "command": ["/bin/true"]}

    def test_a_page_of_another_origin_can_neither_register_a_function_nor_write(self):
        for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
            with self.subTest(origin):
                answer = self.daemon.request("POST", "/kless/v1/functions", json.dumps(self.FUNCTION),
                                             {"Origin": origin, "Content-Type": "text/plain"})
                self.assertEqual((answer.status, answer.json["error"]["code"]), (403, "Forbidden"))
                answer = self.daemon.request("DELETE", jobs_path(), None, {"Origin": origin})
                self.assertEqual((answer.status, answer.json["reason"]), (403, "Forbidden"))
        names = [one["name"] for one in self.daemon.request("GET", "/kless/v1/functions").json["functions"]]
        self.assertNotIn("drive-by", names)

    def test_a_page_of_the_daemon_itself_can_write(self):
        answer = self.daemon.request("POST", "/kless/v1/functions", self.FUNCTION, {"Origin": self.daemon.url})
        self.assertEqual(answer.status, 201, answer)


class ManyConnectionsTest(DaemonTest):
    CONNECTIONS = 2000

    def test_two_thousand_idle_connections_leave_room_for_work(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        needed = self.CONNECTIONS + 200
        if soft < needed:
            if hard != resource.RLIM_INFINITY and hard < needed:
                self.skipTest(f"{needed} open files are needed, the hard limit is {hard}")
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        connections = []
        try:
            for number in range(self.CONNECTIONS):
                connection = self.daemon.connect()
                if number % 2:  # half of them have begun to speak
                    connection.sendall(b"GET /kless/v1/hea")
                connections.append(connection)
            self.daemon.create_job("crowd", completions=10, parallelism=10)
            self.daemon.wait_pods("crowd", 10)
            # One of the waiting clients is served once it sends its request.
            connections[1].sendall(b"lth HTTP/1.1\r\nHost: kless\r\n\r\n")
            self.assertEqual(read_answer(connections[1].makefile("rb"))[0], 200)
        finally:
            for connection in connections:
                connection.close()
        self.daemon.create_job("afterwards")
        self.daemon.wait_pods("afterwards", 1)


if __name__ == "__main__":
    unittest.main()
