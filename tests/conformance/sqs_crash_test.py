"""Senders and receivers of SQS while the daemon is killed, again and again: nothing acknowledged is undone."""
import http.client
import json
import os
import random
import threading
import unittest

from aws import AwsTest, request_headers
from daemon import Client

ROUNDS = max(5, int(os.environ.get("KLESS_CRASH_ROUNDS", "5")))
SENDERS = 4
RECEIVERS = 4
SEED = int(os.environ.get("KLESS_SEED", random.randrange(2**32)))


def headers(operation):
    made = request_headers(operation)
    return made | {"X-Amz-Target": f"AmazonSQS.{operation}",
                   "Authorization": made["Authorization"].replace("/dynamodb/", "/sqs/")}


class Worker(threading.Thread):
    """Works until its connection breaks."""

    def __init__(self, port, name, fifo):
        super().__init__(daemon=True)
        self.client = Client(port)
        self.name = name
        self.fifo = fifo
        self.url = "/000000000000/" + ("q.fifo" if fifo else "q")

    def call(self, operation, **request):
        answer = self.client.request("POST", "/", json.dumps({"QueueUrl": self.url} | request), headers(operation))
        assert answer.status == 200, answer
        return answer.json

    def run(self):
        try:
            while True:
                self.work()
        except (OSError, http.client.HTTPException):
            pass


class Sender(Worker):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.sent = []
        self.count = 0

    def work(self):
        body = f"{self.name}-{self.count}"
        self.count += 1
        more = {"MessageGroupId": self.name, "MessageDeduplicationId": body} if self.fifo else {}
        self.call("SendMessage", MessageBody=body, **more)
        self.sent.append(body)


class Receiver(Worker):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.seen = []
        self.deleted = []

    def work(self):
        reply = self.call("ReceiveMessage", MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=2)
        for message in reply.get("Messages", []):
            self.seen.append(message["Body"])
            self.call("DeleteMessage", ReceiptHandle=message["ReceiptHandle"])
            self.deleted.append(message["Body"])


class SqsCrashTest(AwsTest):
    def survives(self, fifo):
        name = "q.fifo" if fifo else "q"
        attributes = {"FifoQueue": "true"} if fifo else {}
        answer = self.daemon.request("POST", "/", json.dumps({"QueueName": name, "Attributes": attributes}).encode(),
                                     headers("CreateQueue"))
        self.assertEqual(answer.status, 200, answer)
        rng = random.Random(SEED)
        sent, seen, deleted = [], [], []
        for number in range(ROUNDS):
            senders = [Sender(self.daemon.port, f"{number}-{i}", fifo) for i in range(SENDERS)]
            receivers = [Receiver(self.daemon.port, f"{number}-{i}", fifo) for i in range(RECEIVERS)]
            before = set(deleted)
            for worker in senders + receivers:
                worker.start()
            threading.Event().wait(rng.uniform(0.3, 1.0))
            self.daemon.kill()
            for worker in senders + receivers:
                worker.join(60)
                self.assertFalse(worker.is_alive())
            sent += [body for worker in senders for body in worker.sent]
            for worker in receivers:
                # What was deleted before the crash never comes back.
                self.assertEqual(before.intersection(worker.seen), set())
                seen += worker.seen
                deleted += worker.deleted
            self.restart()
        last = Receiver(self.daemon.port, "last", fifo)
        while True:
            last.seen.clear()
            last.work()
            in_flight = last.call("GetQueueAttributes", AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
            if not last.seen and set(in_flight["Attributes"].values()) == {"0"}:
                break
            self.assertEqual(set(deleted).intersection(last.seen), set())
            seen += last.seen
        self.assertGreater(len(sent), 20)
        self.assertEqual(set(sent) - set(seen), set(), "messages that were acknowledged and never received")

    def test_standard_queues_lose_nothing_and_undo_nothing(self):
        with self.subTest(seed=SEED):
            self.survives(False)

    def test_fifo_queues_lose_nothing_and_undo_nothing(self):
        with self.subTest(seed=SEED):
            self.survives(True)


if __name__ == "__main__":
    unittest.main()
