"""Event source mappings of user functions on DynamoDB tables: the stream's form, windows, loops."""
import json
import os
import sys
import time
import unittest

from aws import AwsTest
from daemon import ADMIN, wait_until

WINDOW = 900_000

# Appends each event as a line and counts the records of its window.
COUNT = """
import json, sys
event = json.load(sys.stdin)
with open("events", "ab", buffering=0) as notes:
    notes.write((json.dumps(event) + "\\n").encode())
count = event.get("state", {}).get("count", 0) + len(event["Records"])
print(json.dumps({"state": {"count": count}}))
"""

# Puts the item that triggered it once more, up to n = 5, with the credentials of its environment.
CLIMB = """
import http.client, json, os, sys
host = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
for record in json.load(sys.stdin)["Records"]:
    item = record["dynamodb"]["NewImage"]
    if int(item["n"]["N"]) == 5:
        continue
    item["n"]["N"] = str(int(item["n"]["N"]) + 1)
    scope = "/20261123/us-east-1/dynamodb/aws4_request"
    connection = http.client.HTTPConnection(host)
    connection.request("POST", "/", json.dumps({"TableName": "things", "Item": item}), {
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.PutItem",
        "X-Amz-Date": "20261123T000000Z", "X-Amz-Security-Token": os.environ["AWS_SESSION_TOKEN"],
        "Authorization": "AWS4-HMAC-SHA256 Credential=" + os.environ["AWS_ACCESS_KEY_ID"] + scope
                         + ", SignedHeaders=host;x-amz-date, Signature=" + "0" * 64})
    assert connection.getresponse().status == 200
print("{}")
"""


class MappingTest(AwsTest):
    def create(self, name, text, **mapping):
        with open(os.path.join(self.daemon.data, name + ".py"), "w", encoding="utf-8") as file:
            file.write(text)
        answer = self.daemon.request("POST", f"{ADMIN}/functions", {
            "name": name, "command": [sys.executable, name + ".py"], "folder": self.daemon.data, "timeout_ms": 60000,
            "mapping": {"table": "things", **mapping}})
        self.assertEqual(answer.status, 201, answer)

    def events(self):
        try:
            with open(os.path.join(self.daemon.data, "events"), encoding="utf-8") as file:
                return [json.loads(line) for line in file.read().splitlines()]
        except FileNotFoundError:
            return []

    def mapping(self, name):
        return self.daemon.get(f"{ADMIN}/mappings/{name}")

    def advance(self, milliseconds):
        answer = self.daemon.request("POST", f"{ADMIN}/clock", {"advance_ms": milliseconds})
        self.assertEqual(answer.status, 200, answer)

    def put(self, key, n=0):
        self.dynamodb.put_item(TableName="things", Item={"p": {"S": key}, "n": {"N": str(n)}})

    def test_g8_events_have_the_form_of_the_stream(self):
        table = self.create_table(view="KEYS_ONLY")
        self.create("count", COUNT)
        self.put("a")
        self.daemon.wait_idle()
        record, = self.events()[0]["Records"]
        self.assertEqual(record["eventSourceARN"], table["LatestStreamArn"])
        self.assertEqual(record["dynamodb"]["StreamViewType"], "KEYS_ONLY")
        self.assertNotIn("NewImage", record["dynamodb"])
        self.assertEqual((self.mapping("count")["state"], self.mapping("count")["last_processing_result"]),
                         ("Enabled", "OK"))

    def test_g25_a_window_ends_once_and_its_state_survives_kill_9(self):
        self.create_table(view="NEW_IMAGE")
        self.create("count", COUNT, tumbling_window_ms=WINDOW)
        self.advance(WINDOW - int(time.time() * 1000) % WINDOW + 1000)  # a window has just begun
        self.put("a")
        self.daemon.wait_idle()
        self.daemon.kill()
        self.restart()
        self.put("a", 1)
        self.daemon.wait_idle()
        self.advance(WINDOW + 150_000)
        wait_until(lambda: self.events()[-1]["isFinalInvokeForWindow"], "the end of the window")
        self.assertEqual([len(event["Records"]) for event in self.events()], [1, 1, 0])
        self.assertEqual([event["state"] for event in self.events()], [{}, {"count": 1}, {"count": 2}])
        self.assertEqual(len({event["shardId"] for event in self.events()}), 1)

    def test_a_function_that_triggers_itself_runs_on_and_is_counted(self):
        self.create_table(view="NEW_IMAGE")
        self.create("climb", CLIMB)
        self.put("a")
        wait_until(lambda: self.mapping("climb")["delivered"] == 6, "six deliveries")
        self.assertEqual(self.mapping("climb")["own_writes"], 5)


if __name__ == "__main__":
    unittest.main()
