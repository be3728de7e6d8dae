"""kill -9 at random points under load: what was acknowledged is there, and is delivered.

Each round starts the daemon on the same file, lets clients submit and delete jobs and put raw items,
kills it at a random moment, starts it again and proves that
  * every acknowledged write is in the table and, with its sequence number, in the change feed;
  * the sequence has no gap and no number twice;
  * once idle, every job has exactly its pods, a deleted job none;
  * the mapping has delivered every record, and each created job is named by an invocation.
After ten rounds it continues with a new file, because the time of the checks grows with the file.
$KLESS_CRASH_ROUNDS sets the rounds (default 10), $KLESS_SEED repeats a run's choices.
"""
import http.client
import json
import os
import random
import threading
import time
import unittest

from daemon import ADMIN, Daemon, job, jobs_path

CLIENTS = 4
ROUNDS_PER_FILE = 10
ITEMS = f"{ADMIN}/tables/resources/items"
DEAD = (OSError, http.client.HTTPException)


class World:
    """The clients' knowledge: only what the daemon has acknowledged."""

    def __init__(self):
        self.lock = threading.Lock()
        self.jobs = {}       # name -> pods, acknowledged and not asked to be deleted
        self.maybe = {}      # name -> pods: asked for, no answer came: there or not, but whole
        self.deleted = {}    # name: its deletion was acknowledged
        self.doubtful = {}   # name -> pods: its deletion was asked for, no answer came
        self.items = {}      # name -> acknowledged values, oldest first (the last may have a successor)
        self.maybe_items = {}  # name -> value asked for without an answer
        self.versions = set()  # acknowledged sequence numbers
        self.created = set()   # those of them that created a job


class LoadClient(threading.Thread):
    """Submits, deletes and puts until the daemon dies."""

    def __init__(self, daemon, world, number, round_number, seed):
        super().__init__()
        self.client = daemon.client(timeout=20)
        self.world = world
        self.name_prefix = f"r{round_number}c{number}"
        self.random = random.Random(f"{seed}/{round_number}/{number}")
        self.own = []  # jobs of this client that may be deleted
        self.unexpected = None

    def run(self):
        number = 0
        try:
            while True:
                number += 1
                choice = self.random.random()
                if choice < 0.15 and self.own:
                    self.delete(self.own.pop(self.random.randrange(len(self.own))))
                elif choice < 0.35:
                    self.put(f"{self.name_prefix}-i{self.random.randrange(10)}", number)
                else:
                    self.submit(f"{self.name_prefix}-{number}")
        except DEAD:
            pass  # the daemon was killed
        except AssertionError as error:
            self.unexpected = error
        finally:
            self.client.close()

    def submit(self, name):
        pods = self.random.randint(1, 5)
        body = job(name, completions=pods, parallelism=pods)
        with self.world.lock:
            self.world.maybe[name] = pods
        answer = self.client.request("POST", jobs_path(), body)
        assert answer.status == 201, answer
        with self.world.lock:
            del self.world.maybe[name]
            self.world.jobs[name] = pods
            self.world.created.add(int(answer.json["metadata"]["resourceVersion"]))
        self.own.append(name)

    def delete(self, name):
        with self.world.lock:
            self.world.doubtful[name] = self.world.jobs.pop(name)
        answer = self.client.request("DELETE", jobs_path(name=name), {"propagationPolicy": "Background"})
        assert answer.status == 200, answer
        with self.world.lock:
            del self.world.doubtful[name]
            self.world.deleted[name] = True

    def put(self, name, number):
        value = json.dumps({"number": number, "padding": "x" * self.random.randrange(2000)})
        body = {"resource-type": {"S": "note"}, "resource-name": {"S": name}, "resource-value": {"S": value}}
        with self.world.lock:
            self.world.maybe_items[name] = value
        answer = self.client.request("PUT", ITEMS, body)
        assert answer.status == 200, answer
        with self.world.lock:
            del self.world.maybe_items[name]
            self.world.items[name] = value
            self.world.versions.add(answer.json["version"])


class CrashTest(unittest.TestCase):
    ROUNDS = int(os.environ.get("KLESS_CRASH_ROUNDS", "10"))

    def test_what_was_acknowledged_survives_kill_9(self):
        seed = os.environ.get("KLESS_SEED") or str(random.SystemRandom().randrange(1 << 32))
        print(f"crash test: {self.ROUNDS} rounds, KLESS_SEED={seed}", flush=True)
        choose = random.Random(seed)
        for round_number in range(self.ROUNDS):
            if round_number % ROUNDS_PER_FILE == 0:
                daemon, world = Daemon(), World()
                self.addCleanup(daemon.close)
            with self.subTest(round=round_number, seed=seed):
                self.crash(daemon, world, round_number, seed, choose.uniform(0.02, 0.6))
                daemon.start()
                if choose.random() < 0.3:  # again, while it still catches up
                    time.sleep(choose.uniform(0, 0.05))
                    daemon.kill()
                    daemon.start()
                self.settle(daemon, world)
                self.prove(daemon, world)
                daemon.kill()
            print(f"round {round_number + 1}: {len(world.jobs)} jobs with {sum(world.jobs.values())} pods, "
                  f"{len(world.deleted)} deleted, {len(world.items)} items, "
                  f"{len(world.versions | world.created)} acknowledged versions", flush=True)

    def crash(self, daemon, world, round_number, seed, seconds):
        daemon.start()
        clients = [LoadClient(daemon, world, n, round_number, seed) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(seconds)
        daemon.kill()
        for client in clients:
            client.join(30)
            self.assertFalse(client.is_alive(), "a client hangs")
            self.assertIsNone(client.unexpected)

    def settle(self, daemon, world):
        """Finds out the effect of requests that got no reply."""
        there = {j["metadata"]["name"] for j in daemon.get(jobs_path())["items"]}
        for name, pods in world.maybe.items():
            if name in there:
                world.jobs[name] = pods
        for name, pods in world.doubtful.items():
            if name in there:
                world.jobs[name] = pods
            else:
                world.deleted[name] = True
        world.maybe.clear()
        world.doubtful.clear()

    def prove(self, daemon, world):
        daemon.wait_idle(60)
        feed = daemon.get(f"{ADMIN}/stats")["feed"]
        records = daemon.feed(feed["low_water"])
        sequences = [r["sequence"] for r in records]
        self.assertEqual(sequences, list(range(feed["low_water"] + 1, feed["latest"] + 1)))
        acknowledged = world.versions | world.created
        self.assertEqual(sorted(acknowledged - set(sequences)), [], "acknowledged without a record")
        causes = {sequence for row in daemon.invocations() for sequence in row["caused_by"]}
        self.assertEqual(sorted(world.created - causes), [], "created and never delivered")

        self.assertEqual({j["metadata"]["name"] for j in daemon.get(jobs_path())["items"]}, set(world.jobs))
        pods = {}
        for pod in daemon.pods():
            pods.setdefault(pod["metadata"]["labels"]["job-name"], set()).add(pod["metadata"]["uid"])
        self.assertEqual({name: len(uids) for name, uids in pods.items()}, world.jobs)

        stored = {}
        for record in records:
            if record["key"].get("resource-type") == {"S": "note"}:
                stored[record["key"]["resource-name"]["S"]] = record["new_image"]["resource-value"]["S"]
        for name, value in world.items.items():
            allowed = {value, world.maybe_items.get(name)}
            self.assertIn(stored.get(name), allowed, f"item {name}")
            world.items[name] = stored[name]
        world.maybe_items.clear()

        for mapping in daemon.get(f"{ADMIN}/mappings")["mappings"]:
            self.assertEqual((mapping["position"], mapping["in_flight"]), (mapping["latest"], 0))


if __name__ == "__main__":
    unittest.main()
