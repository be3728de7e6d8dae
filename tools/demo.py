#!/usr/bin/python3
"""tools/demo.py: the runs that tools/run shows, against a running daemon.

  tools/demo.py --endpoint URL --kless BINARY MANIFEST...

Submits the manifests, then 100 jobs of one pod cold, 100 warm, and one job of 100 pods.  For each it
prints when the last pod was written, counted from the first job: in emulated time by the change
feed, and as a client saw it; with the starts, throttles and environments of the run (a start waited if
it took an environment that was initialised for, or busy with, something else).

  tools/demo.py --endpoint URL --finish

Waits for the end of all jobs there and says how they and their pods ended.
"""
import argparse
import concurrent.futures
import datetime
import http.client
import json
import subprocess
import sys
import threading
import time
import urllib.parse

ADMIN = "/kless/v1"
FUNCTION = "job-controller"
SUBMITTERS = 8


class Daemon:
    def __init__(self, endpoint):
        self.address = urllib.parse.urlsplit(endpoint).netloc
        self.local = threading.local()

    def request(self, method, path, body=None):
        """The parsed answer; one connection a thread."""
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection(self.address, timeout=120)
        connection = self.local.connection
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
        if response.status // 100 != 2:
            sys.exit(f"demo: {method} {path}: {response.status} {text.decode()[:500]}")
        return json.loads(text)

    def invocations(self, after):
        rows = []
        while page := self.request("GET", f"{ADMIN}/invocations?limit=1000&after={after}")["items"]:
            rows += page
            after = page[-1]["id"]
        return rows


class Follower(threading.Thread):
    """Follows the change feed and notes when each record arrived."""

    def __init__(self, address, after):
        super().__init__(daemon=True)
        self.arrivals = []  # (client's clock in s, record)
        self.connection = http.client.HTTPConnection(address, timeout=600)
        self.connection.request("GET", f"{ADMIN}/feed?follow=true&after={after}")
        self.response = self.connection.getresponse()

    def run(self):
        while line := self.response.readline():
            if line.strip():
                self.arrivals.append((time.monotonic(), json.loads(line)))

    def wait_for(self, sequence):
        deadline = time.monotonic() + 30
        while not self.arrivals or self.arrivals[-1][1]["sequence"] < sequence:
            if time.monotonic() > deadline:
                sys.exit(f"demo: the feed did not show record {sequence}")
            time.sleep(0.001)


def seconds(text):
    """RFC 3339 as seconds since 1970."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def created(record, kind):
    return record["kind"] == "INSERT" and record["key"].get("resource-type") == {"S": kind}


def one_job(name, pods):
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": name + "-"},
            "spec": {"completions": pods, "parallelism": pods, "template": {"spec": {
                "restartPolicy": "Never",
                "containers": [{"name": "main", "image": "busybox", "command": ["true"]}]}}}}


def submit_jobs(daemon, name, jobs, pods):
    path = "/apis/batch/v1/namespaces/default/jobs"
    with concurrent.futures.ThreadPoolExecutor(max_workers=min(SUBMITTERS, jobs)) as pool:
        list(pool.map(lambda _: daemon.request("POST", path, one_job(name, pods)), range(jobs)))


def submit_manifests(arguments):
    for manifest in arguments.manifests:
        subprocess.run([arguments.kless, "submit", "--server", arguments.endpoint, "-f", manifest],
                       check=True)


def run(daemon, title, submit):
    """One run from submission to rest; its row of the table."""
    stats = daemon.request("GET", f"{ADMIN}/functions/{FUNCTION}")["stats"]
    latest = daemon.request("GET", f"{ADMIN}/stats")["feed"]["latest"]
    last_id = max((r["id"] for r in daemon.invocations(0)), default=0)
    follower = Follower(daemon.address, latest)
    follower.start()
    began = time.monotonic()
    submit()
    daemon.request("GET", f"{ADMIN}/idle?timeout=60s")
    follower.wait_for(daemon.request("GET", f"{ADMIN}/stats")["feed"]["latest"])

    jobs = [(at, r) for at, r in follower.arrivals if created(r, "job")]
    pods = [(at, r) for at, r in follower.arrivals if created(r, "pod")]
    if not jobs or not pods:
        sys.exit(f"demo: {title}: {len(jobs)} jobs and {len(pods)} pods were written")
    rows = daemon.invocations(last_id)
    after = daemon.request("GET", f"{ADMIN}/functions/{FUNCTION}")["stats"]
    return [title, len(jobs), len(pods),
            f"{(seconds(pods[-1][1]['time']) - seconds(jobs[0][1]['time'])) * 1000:.0f} ms",
            f"{(pods[-1][0] - began) * 1000:.0f} ms",
            *(sum(r["start"] == start for r in rows) for start in ("cold", "waited", "warm")),
            after["throttles"] - stats["throttles"], len({r["environment"] for r in rows})]


HEADER = ["", "jobs", "pods", "last pod (feed)", "(client)", "cold starts", "waited", "warm", "throttles",
          "environments"]


def print_table(rows):
    cells = [[str(c) for c in row] for row in [HEADER] + rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADER))]
    for row in cells:
        print("  ".join([row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]))


def everything(daemon, path):
    """All objects of a collection, page by page."""
    items, token = [], ""
    while True:
        page = daemon.request("GET", f"{path}?limit=500" + (f"&continue={token}" if token else ""))
        items += page["items"]
        token = urllib.parse.quote(page["metadata"].get("continue", ""))
        if not token:
            return items


def unschedulable(pods):
    """Job name -> the scheduler's sentence, of jobs none of whose waiting pods finds a node."""
    waiting = {}
    for pod in pods:
        owner = pod["metadata"]["labels"].get("job-name")
        if pod["status"]["phase"] in ("Succeeded", "Failed"):
            continue
        message = next((c.get("message", "") for c in pod["status"].get("conditions", [])
                        if c["type"] == "PodScheduled" and c["status"] == "False"), None)
        waiting[owner] = None if None in (message, waiting.get(owner, message)) else message
    return {job: message for job, message in waiting.items() if message}


def finish(daemon):
    """Waits until every job has ended or waits for a node, at most 30 s; says how they stand."""
    began = time.monotonic()
    while True:
        pods = everything(daemon, "/api/v1/pods")
        waiting = unschedulable(pods)
        ends = []
        for job in everything(daemon, "/apis/batch/v1/jobs"):
            end = [c["type"] for c in job["status"].get("conditions", [])
                   if c["type"] in ("Complete", "Failed", "Suspended") and c["status"] == "True"]
            ends.append(end[0] if end else
                        "unschedulable" if job["metadata"]["name"] in waiting else "running")
        seconds = time.monotonic() - began
        if "running" not in ends or seconds > 30:
            break
        time.sleep(0.05)

    def counts(values):
        return ", ".join(f"{values.count(value)} {value}" for value in sorted(set(values)))

    nodes = len(everything(daemon, "/api/v1/nodes"))
    print(f"\nall control loops, {nodes} nodes: after {seconds:.1f} s jobs {counts(ends)}; "
          f"pods {counts([pod['status']['phase'] for pod in pods])}")
    for job, message in sorted(waiting.items()):
        print(f"  {job}: {message.split('. ')[0]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--kless", help="the binary, for `kless submit`")
    parser.add_argument("--finish", action="store_true",
                        help="submit nothing; wait for the end of what is there")
    parser.add_argument("manifests", nargs="*")
    arguments = parser.parse_args()
    daemon = Daemon(arguments.endpoint)
    if arguments.finish:
        finish(daemon)
        return

    def cold():
        daemon.request("POST", f"{ADMIN}/functions/{FUNCTION}/reset")

    function = daemon.request("GET", f"{ADMIN}/functions/{FUNCTION}")
    print(f"\n{FUNCTION}: init {function['init'].get('constant_ms', function['init'])} ms, "
          f"{function['memory_mb']} MB, {arguments.endpoint}\n")
    rows = [run(daemon, "manifests of configs/jobs", lambda: submit_manifests(arguments))]
    cold()
    rows.append(run(daemon, "100 jobs of one pod, cold", lambda: submit_jobs(daemon, "cold", 100, 1)))
    rows.append(run(daemon, "100 jobs of one pod, warm", lambda: submit_jobs(daemon, "warm", 100, 1)))
    rows.append(run(daemon, "1 job of 100 pods, warm", lambda: submit_jobs(daemon, "wide", 1, 100)))
    print()
    print_table(rows)


if __name__ == "__main__":
    main()
