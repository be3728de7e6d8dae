#!/usr/bin/python3
"""tools/demo.py: the runs that tools/run shows, against a running daemon.

  tools/demo.py --endpoint URL --kless BINARY MANIFEST...

Submits the manifests once; then, three times each and in turn, 100 jobs of one pod cold, 100 warm, one
job of 100 pods, and 100 jobs warm under a concurrency cap of 10.  A row of the table shows the median
of its samples and their range: when the first and the last pod were written, counted from the first job's
record in the change feed; how long a pod came after its own job, at the median; the cold starts, the
throttles, and the longest time that a throttled batch spent in back-off.  The lines below the table say
what these figures show.  `--samples N` changes the number of samples.

  tools/demo.py --endpoint URL --finish

Waits for the end of all jobs there and says how they and their pods ended.
"""
import argparse
import concurrent.futures
import datetime
import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

ADMIN = "/kless/v1"
JOBS = "/apis/batch/v1/namespaces/default/jobs"
FUNCTION = "job-controller"
SUBMITTERS = 8
# Every lane of the event source mapping can have an environment of its own: 4 shards, factor 10.
LANES = 40
CAP = 10


class Daemon:
    def __init__(self, endpoint):
        self.address = urllib.parse.urlsplit(endpoint).netloc
        self.local = threading.local()

    def request(self, method, path, body=None):
        """The reply's body; one connection a thread."""
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection(self.address, timeout=120)
        connection = self.local.connection
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
        if response.status // 100 != 2:
            sys.exit(f"demo: {method} {path}: {response.status} {text.decode()[:500]}")
        return text

    def get(self, path):
        return json.loads(self.request("GET", path))

    def post(self, path):
        return json.loads(self.request("POST", path))

    def set_cap(self, concurrency):
        self.request("PATCH", f"{ADMIN}/functions", json.dumps({"account_concurrency": concurrency}))

    def latest(self):
        return self.get(f"{ADMIN}/stats")["feed"]["latest"]

    def feed(self, after):
        """All change records after this sequence number; read once, so nothing runs alongside."""
        records = []
        while page := self.request("GET", f"{ADMIN}/feed?after={after}&limit=10000").splitlines():
            records += map(json.loads, page)
            after = records[-1]["sequence"]
        return records

    def invocations(self, after):
        rows = []
        while page := self.get(f"{ADMIN}/invocations?limit=1000&after={after}")["items"]:
            rows += page
            after = page[-1]["id"]
        return rows


class Sample:
    """What one run took, from the records and invocations that it left."""

    def __init__(self, records, invocations, throttles):
        jobs = {name(r): milliseconds(r["time"]) for r in records if created(r, "job")}
        pods = {name(r): milliseconds(r["time"]) for r in records if created(r, "pod")}
        if not pods:
            sys.exit(f"demo: a run of {len(jobs)} jobs wrote no pod")
        self.jobs, self.pods = len(jobs), len(pods)
        began = min(jobs.values())
        self.first_pod = min(pods.values()) - began
        self.last_pod = max(pods.values()) - began
        self.after_job = statistics.median(at - jobs[owner(pod, jobs)] for pod, at in pods.items())
        self.cold_starts = sum(r["start"] == "cold" for r in invocations)
        self.throttles = throttles
        self.back_off = max((r["queued_ms"] for r in invocations if r["throttles"]), default=0)


def milliseconds(text):
    """RFC 3339 as milliseconds since 1970."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def name(record):
    return record["key"]["resource-name"]["S"]


def owner(pod, jobs):
    """The job whose name the pod's begins with: JOB-SUFFIX, or JOB-INDEX-SUFFIX."""
    while pod not in jobs:
        pod = pod.rpartition("-")[0]
    return pod


def created(record, kind):
    return record["kind"] == "INSERT" and record["key"].get("resource-type") == {"S": kind}


def one_job(name, pods):
    return json.dumps({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": name + "-"},
        "spec": {"completions": pods, "parallelism": pods, "template": {"spec": {
            "restartPolicy": "Never",
            "containers": [{"name": "main", "image": "busybox", "command": ["true"]}]}}}})


class Demo:
    def __init__(self, daemon, submitters):
        self.daemon = daemon
        self.submitters = submitters

    def submit_jobs(self, name, jobs, pods):
        body = one_job(name, pods)
        list(self.submitters.map(lambda _: self.daemon.request("POST", JOBS, body), range(jobs)))

    def run(self, submit):
        """One run, from submission until nothing is left to do; None if it wrote no job."""
        before = self.daemon.get(f"{ADMIN}/functions/{FUNCTION}")["stats"]
        latest = self.daemon.latest()
        last_id = before["invocations"] and self.daemon.invocations(0)[-1]["id"]
        submit()
        self.daemon.get(f"{ADMIN}/idle?timeout=60s")
        after = self.daemon.get(f"{ADMIN}/functions/{FUNCTION}")["stats"]
        records = self.daemon.feed(latest)
        if not any(created(record, "job") for record in records):
            return None
        return Sample(records, self.daemon.invocations(last_id), after["throttles"] - before["throttles"])

    def cold(self):
        self.daemon.post(f"{ADMIN}/functions/{FUNCTION}/reset")
        return self.run(lambda: self.submit_jobs("cold", 100, 1))

    def warm_up(self, count):
        """As many idle environments as the run can use."""
        self.daemon.post(f"{ADMIN}/functions/{FUNCTION}/warm?count={count}")
        deadline = time.monotonic() + 30
        while self.daemon.get(f"{ADMIN}/functions/{FUNCTION}")["stats"]["initializing"]:
            if time.monotonic() > deadline:
                sys.exit("demo: the environments do not become idle")
            time.sleep(0.01)

    def warm(self):
        self.warm_up(LANES)
        return self.run(lambda: self.submit_jobs("warm", 100, 1))

    def wide(self):
        self.warm_up(LANES)
        return self.run(lambda: self.submit_jobs("wide", 1, 100))

    def capped(self):
        usual = self.daemon.get(f"{ADMIN}/functions")["account_concurrency"]
        self.daemon.set_cap(CAP)
        try:
            return self.run(lambda: self.submit_jobs("capped", 100, 1))
        finally:
            self.daemon.set_cap(usual)


HEADER = ["milliseconds", "jobs", "pods", "first pod", "after its job", "last pod", "cold starts", "throttles",
          "longest back-off"]


def spread(values):
    """Median (lowest..highest); one number where they do not differ."""
    low, middle, high = (f"{value:.0f}" for value in (min(values), statistics.median(values), max(values)))
    return middle if low == high else f"{middle} ({low}..{high})"


def table_row(title, samples):
    def of(name):
        return spread([getattr(sample, name) for sample in samples])

    return [title, of("jobs"), of("pods"), of("first_pod"), of("after_job"), of("last_pod"),
            of("cold_starts"), of("throttles"), of("back_off")]


def print_table(rows):
    cells = [[str(c) for c in row] for row in [HEADER] + rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADER))]
    for row in cells:
        line = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]
        print("  ".join(line).rstrip())


def median(samples, name):
    return statistics.median(getattr(sample, name) for sample in samples)


def apart(cold, warm, name):
    """Every cold sample is above every warm one."""
    return min(getattr(s, name) for s in cold) > max(getattr(s, name) for s in warm)


def conclusions(cold, warm, capped, init_ms):
    """Sentences that say what the samples show, or that they do not show it."""
    lines = []
    first = median(cold, "first_pod") - median(warm, "first_pod")
    last = median(cold, "last_pod") - median(warm, "last_pod")
    if apart(cold, warm, "first_pod") and abs(first - init_ms) <= 0.2 * init_ms:
        lines.append(f"Cold is late by the init of {init_ms:g} ms: its first pod comes {first:.0f} ms "
                     "after that of a warm run.")
    else:
        lines.append(f"These runs do not show the init of {init_ms:g} ms: the first pod of a cold run "
                     f"comes {first:.0f} ms after that of a warm one.")
    if apart(cold, warm, "last_pod"):
        lines.append(f"The last pod comes {last:.0f} ms later, too: {median(cold, 'last_pod'):.0f} ms "
                     f"cold, {median(warm, 'last_pod'):.0f} ms warm.")
    else:
        shown = (f"comes {last:.0f} ms later at the median, but the ranges meet" if last > 0
                 else "does not show it")
        lines.append(f"The last pod {shown} ({spread([s.last_pod for s in cold])} ms cold, "
                     f"{spread([s.last_pod for s in warm])} ms warm): submitting 100 jobs took this machine "
                     "about as long as the init.")
    unthrottled = not any(s.throttles for s in cold + warm)
    if all(s.throttles for s in capped) and unthrottled:
        times = f"{median(capped, 'last_pod'):.0f} ms against {median(warm, 'last_pod'):.0f} ms warm"
        effect = ("which makes the last pod late" if apart(capped, warm, "last_pod")
                  else "which the spread of the last pod hides here")
        lines.append(f"Only the cap of {CAP} throttles ({spread([s.throttles for s in capped])} times): "
                     f"a throttled batch tries again after 100, 200, 400 ms, {effect}: {times}.")
    elif any(s.throttles for s in capped):
        lines.append(f"The cap of {CAP} throttled {sum(s.throttles > 0 for s in capped)} of "
                     f"{len(capped)} runs; without it {sum(s.throttles for s in cold + warm)} invocations "
                     "were throttled.")
    else:
        lines.append(f"The cap of {CAP} was not reached: the jobs came too slowly for {CAP} invocations "
                     "at once.")
    return lines


def submit_manifests(arguments):
    """Jobs that a data folder holds from an earlier demo stay as they are."""
    for manifest in arguments.manifests:
        result = subprocess.run([arguments.kless, "submit", "--server", arguments.endpoint, "-f", manifest],
                                stderr=subprocess.PIPE, text=True)
        if result.returncode and "already exists" not in result.stderr:
            sys.stderr.write(result.stderr)
            sys.exit(f"demo: {manifest} was not submitted")


def show(arguments, daemon):
    function = daemon.get(f"{ADMIN}/functions/{FUNCTION}")
    init_ms = function["init"].get("constant_ms", 0)
    print(f"\n{FUNCTION}: init {init_ms:g} ms, {function['memory_mb']} MB, {arguments.endpoint}\n", flush=True)
    with concurrent.futures.ThreadPoolExecutor(max_workers=SUBMITTERS) as submitters:
        demo = Demo(daemon, submitters)
        manifests = demo.run(lambda: submit_manifests(arguments)) if arguments.manifests else None
        rounds = {demo.cold: [], demo.warm: [], demo.wide: [], demo.capped: []}
        for number in range(arguments.samples):
            print(f"sample {number + 1} of {arguments.samples}: 100 jobs cold, 100 warm, 1 job of 100 pods, "
                  f"100 jobs with a cap of {CAP}", flush=True)
            for measure, samples in rounds.items():
                samples.append(measure())
    print()
    rows = [table_row("100 jobs of one pod, cold", rounds[demo.cold]),
            table_row("100 jobs of one pod, warm", rounds[demo.warm]),
            table_row("1 job of 100 pods, warm", rounds[demo.wide]),
            table_row(f"100 jobs of one pod, warm, cap {CAP}", rounds[demo.capped])]
    print_table(([table_row("manifests of configs/jobs", [manifests])] if manifests else []) + rows)
    print(f"Median (lowest..highest) of {arguments.samples} samples, the manifests once.  Times are emulated, by "
          "the change feed; first and last\npod count from the first job, `after its job` is the median pod.  With "
          "latency instant and speed 1 they hold CPU time, too.\n")
    print("\n".join(conclusions(rounds[demo.cold], rounds[demo.warm], rounds[demo.capped], init_ms)),
          flush=True)


def everything(daemon, path):
    """All objects of a collection, page by page."""
    items, token = [], ""
    while True:
        page = daemon.get(f"{path}?limit=500" + (f"&continue={token}" if token else ""))
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
    parser.add_argument("--endpoint", required=True, metavar="URL")
    parser.add_argument("--kless", metavar="BINARY", help="the binary, for `kless submit`")
    parser.add_argument("--samples", type=int, default=3, metavar="N", choices=range(1, 1001),
                        help="runs of each row (3)")
    parser.add_argument("--finish", action="store_true",
                        help="submit nothing; wait for the end of what is there")
    parser.add_argument("manifests", nargs="*", metavar="MANIFEST")
    arguments = parser.parse_args()
    daemon = Daemon(arguments.endpoint)
    try:
        if arguments.finish:
            finish(daemon)
        elif arguments.manifests and not arguments.kless:
            parser.error("the manifests need --kless BINARY, which submits them")
        else:
            show(arguments, daemon)
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"demo: {arguments.endpoint}: {error or type(error).__name__}")
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)


if __name__ == "__main__":
    main()
