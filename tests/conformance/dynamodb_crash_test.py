"""64 connections of BatchWriteItem, and the daemon is killed in between, again and again."""
import collections
import http.client
import json
import os
import random
import threading
import unittest

from aws import AwsTest, request_headers
from daemon import Client

CONNECTIONS = 64
ROUNDS = max(20, int(os.environ.get("KLESS_CRASH_ROUNDS", "20")))
ITEMS = 40  # few keys, so that one item is written again and again by many connections
HEADERS = request_headers("BatchWriteItem")
SEED = int(os.environ.get("KLESS_SEED", random.randrange(2**32)))


class Writer(threading.Thread):
    """Writes until its connection breaks; notes what was acknowledged and what may have happened."""

    def __init__(self, port, number, seed):
        super().__init__(daemon=True)
        self.port = port
        self.number = number
        self.random = random.Random(seed)
        self.acknowledged = []  # (key, value or None for a deletion)
        self.in_flight = []

    def run(self):
        client = Client(self.port)
        count = 0
        while True:
            keys = self.random.sample(range(ITEMS), 5)
            writes = [(f"item-{key}", None if self.random.random() < 0.2 else f"{self.number}-{count}-{key}")
                      for key in keys]
            count += 1
            requests = [{"DeleteRequest": {"Key": {"p": {"S": key}}}} if value is None else
                        {"PutRequest": {"Item": {"p": {"S": key}, "v": {"S": value}}}} for key, value in writes]
            self.in_flight = writes
            try:
                answer = client.request("POST", "/", json.dumps({"RequestItems": {"things": requests}}), HEADERS)
            except (OSError, http.client.HTTPException):
                return
            assert (answer.status, answer.json) == (200, {"UnprocessedItems": {}}), answer
            self.acknowledged += writes
            self.in_flight = []


class CrashTest(AwsTest):
    def test_each_acknowledged_write_has_one_record_and_each_record_its_write(self):
        rng = random.Random(SEED)
        arn = self.create_table(view="NEW_AND_OLD_IMAGES")["LatestStreamArn"]
        acknowledged, in_flight = collections.Counter(), collections.Counter()
        for round_number in range(ROUNDS):
            writers = [Writer(self.daemon.port, round_number * CONNECTIONS + i, rng.random()) for i in range(CONNECTIONS)]
            for writer in writers:
                writer.start()
            threading.Event().wait(rng.uniform(0.3, 1.2))
            self.daemon.kill()
            for writer in writers:
                writer.join(60)
                self.assertFalse(writer.is_alive())
                acknowledged.update(value for _, value in writer.acknowledged if value)
                in_flight.update(value for _, value in writer.in_flight if value)
            self.restart()
        with self.subTest(seed=SEED):
            self.check(arn, acknowledged, in_flight)

    def check(self, arn, acknowledged, in_flight):
        self.assertGreater(sum(acknowledged.values()), 100)
        records = [record["dynamodb"] | {"name": record["eventName"]} for record in self.records(arn)]
        state, written, last_number = {}, collections.Counter(), {}
        for record in records:
            key = record["Keys"]["p"]["S"]
            old, new = (record.get(name, {}).get("v", {}).get("S") for name in ("OldImage", "NewImage"))
            # Per item in order, and each record begins where the one before it ended.
            self.assertEqual(state.get(key), old, record)
            self.assertGreater(int(record["SequenceNumber"]), last_number.get(key, 0))
            self.assertEqual(record["name"], "INSERT" if old is None else "REMOVE" if new is None else "MODIFY")
            last_number[key] = int(record["SequenceNumber"])
            if new is None:
                state.pop(key, None)
            else:
                state[key] = new
                written[new] += 1
        self.assertEqual({value: count for value, count in written.items() if count != 1}, {})
        self.assertEqual([value for value in acknowledged if value not in written], [])
        self.assertEqual([value for value in written if value not in acknowledged and value not in in_flight], [])
        self.assertEqual({item["p"]["S"]: item["v"]["S"] for item in self.items()}, state)
        # What was not acknowledged exists whole or not at all.
        numbers = [int(record["SequenceNumber"]) for record in records]
        self.assertEqual(len(numbers), len(set(numbers)), json.dumps(numbers[:20]))


if __name__ == "__main__":
    unittest.main()
