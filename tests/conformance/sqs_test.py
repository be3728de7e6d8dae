"""SQS by boto3, the aws CLI and bytes: JSON 1.0, which current SDKs speak, and the Query protocol of older ones."""
import hashlib
import json
import socket
import threading
import unittest
import urllib.parse
import xml.etree.ElementTree

from aws import AwsTest, aws_cli, make_client, needs_aws_cli
from daemon import ADMIN

SPACE = "{http://queue.amazonaws.com/doc/2012-11-05/}"
AUTHORIZATION = ("AWS4-HMAC-SHA256 Credential=test/20261201/us-east-1/sqs/aws4_request, "
                 "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64)


class SqsTest(AwsTest):
    def connect(self):
        super().connect()
        self.sqs = make_client(self.daemon.url, "sqs", problems=self.problems)

    def create(self, name="queue", **attributes):
        return self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def url(self, name="queue"):
        return self.sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def receive(self, url, count=10, **more):
        return self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=count, **more).get("Messages", [])

    def bodies(self, url, **more):
        return [message["Body"] for message in self.receive(url, **more)]

    def arn(self, url):
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def advance(self, seconds):
        answer = self.daemon.request("POST", f"{ADMIN}/clock", {"advance_ms": seconds * 1000})
        self.assertEqual(answer.status, 200, answer)

    def query(self, action, path="/", method="POST", **parameters):
        """A request of the Query protocol; returns status and the root of the XML."""
        form = urllib.parse.urlencode({"Action": action, "Version": "2012-11-05"} | parameters)
        headers = {"X-Amz-Date": "20261201T000000Z", "Authorization": AUTHORIZATION}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
            answer = self.daemon.request("POST", path, form.encode(), headers)
        else:
            answer = self.daemon.request("GET", f"{path}?{form}", headers=headers)
        self.assertEqual({name.lower(): value for name, value in answer.headers.items()}["content-type"], "text/xml")
        return answer.status, xml.etree.ElementTree.fromstring(answer.body)

    # ---- queues

    def test_a_queue_is_found_listed_described_and_deleted(self):
        url = self.create("first", VisibilityTimeout="10")
        self.create("second")
        self.assertEqual(url, f"{self.daemon.url}/000000000000/first")
        self.assertEqual(self.sqs.list_queues(QueueNamePrefix="f")["QueueUrls"], [url])
        page = self.sqs.list_queues(MaxResults=1)
        self.assertEqual(page["QueueUrls"], [url])
        self.assertEqual(self.sqs.list_queues(MaxResults=1, NextToken=page["NextToken"])["QueueUrls"],
                         [self.url("second")])
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(attributes["QueueArn"], "arn:aws:sqs:us-east-1:000000000000:first")
        self.assertEqual((attributes["VisibilityTimeout"], attributes["MaximumMessageSize"],
                          attributes["MessageRetentionPeriod"]), ("10", "1048576", "345600"))
        self.sqs.delete_queue(QueueUrl=url)
        with self.fails("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist"):
            self.url("first")
        self.assertNotIn("first", json.dumps(self.sqs.list_queues()))

    def test_a_queue_is_created_again_with_the_same_attributes_only(self):
        url = self.create(DelaySeconds="1")
        self.assertEqual(self.create(DelaySeconds="1"), url)
        self.assertEqual(self.create(), url)
        with self.fails("QueueAlreadyExists", "with the same name and a different value for attribute DelaySeconds"):
            self.create(DelaySeconds="2")

    def test_attributes_are_checked_and_changed_together(self):
        url = self.create()
        with self.fails("InvalidAttributeName", "Unknown Attribute Foo."):
            self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "5", "Foo": "1"})
        for name, value in (("DelaySeconds", "901"), ("VisibilityTimeout", "-1"), ("MaximumMessageSize", "1"),
                            ("MessageRetentionPeriod", "x"), ("ReceiveMessageWaitTimeSeconds", "21")):
            with self.fails("InvalidAttributeValue", f"Invalid value for the parameter {name}"):
                self.sqs.set_queue_attributes(QueueUrl=url, Attributes={name: value})
        with self.fails("InvalidAttributeName", "Unknown Attribute FifoQueue"):
            self.create("other", FifoQueue="false")
        self.assertEqual(self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"],
                         {"DelaySeconds": "0"})

    def test_tags_are_set_and_removed(self):
        url = self.sqs.create_queue(QueueName="tagged", tags={"a": "1"})["QueueUrl"]
        self.sqs.tag_queue(QueueUrl=url, Tags={"b": "2"})
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)["Tags"], {"a": "1", "b": "2"})
        self.sqs.untag_queue(QueueUrl=url, TagKeys=["a"])
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)["Tags"], {"b": "2"})

    def test_a_queue_that_does_not_exist_is_said_to_be_so(self):
        for url in (f"{self.daemon.url}/000000000000/none", "/000000000000/none"):
            with self.fails("AWS.SimpleQueueService.NonExistentQueue"):
                self.receive(url)
        with self.fails("InvalidAddress"):
            self.receive("queue")
        with self.fails("MissingParameter"):
            self.sqs.receive_message()

    # ---- messages

    def test_a_message_is_hidden_until_its_visibility_timeout_ends(self):
        url = self.create(VisibilityTimeout="30")
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="héllo <&> \r\n")
        self.assertEqual(sent["MD5OfMessageBody"], hashlib.md5("héllo <&> \r\n".encode()).hexdigest())
        first = self.receive(url, AttributeNames=["All"])[0]
        self.assertEqual((first["Body"], first["MessageId"]), ("héllo <&> \r\n", sent["MessageId"]))
        self.assertEqual(first["Attributes"]["ApproximateReceiveCount"], "1")
        self.assertEqual(self.receive(url), [])
        self.advance(29)
        self.assertEqual(self.receive(url), [])
        self.advance(2)
        second = self.receive(url, AttributeNames=["ApproximateReceiveCount"])[0]
        self.assertEqual(second["Attributes"], {"ApproximateReceiveCount": "2"})
        self.assertNotEqual(second["ReceiptHandle"], first["ReceiptHandle"])
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])  # an old one: nothing happens
        self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"], VisibilityTimeout=0)
        third = self.receive(url)[0]
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=third["ReceiptHandle"])
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=third["ReceiptHandle"])
        self.advance(60)
        self.assertEqual(self.receive(url), [])
        with self.fails("InvalidParameterValue", "not available for visibility timeout change"):
            self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=third["ReceiptHandle"], VisibilityTimeout=5)
        with self.fails("ReceiptHandleIsInvalid", 'The input receipt handle "x" is not a valid receipt handle.'):
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle="x")

    def test_attributes_of_messages_come_back_with_aws_digests(self):
        url = self.create()
        attributes = {"name": {"DataType": "String", "StringValue": "value"},
                      "n": {"DataType": "Number.int", "StringValue": "7"},
                      "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
        # boto3 computes the digests, too, and refuses a reply with others.
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=attributes,
                                     MessageSystemAttributes={"AWSTraceHeader": {
                                         "DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}})
        self.assertEqual(len(sent["MD5OfMessageAttributes"]), 32)
        message = self.receive(url, MessageAttributeNames=["All"], AttributeNames=["AWSTraceHeader"],
                               VisibilityTimeout=0)[0]
        self.assertEqual(message["MessageAttributes"], attributes)
        self.assertEqual(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
        self.assertIn("AWSTraceHeader", message["Attributes"])
        self.assertEqual(list(self.receive(url, MessageAttributeNames=["na.*", "n"])[0]["MessageAttributes"]), ["n"])
        for bad in ({"AWS.x": {"DataType": "String", "StringValue": "v"}}, {"x": {"DataType": "Word", "StringValue": "v"}},
                    {"x": {"DataType": "String", "StringValue": ""}}, {"x": {"DataType": "Number", "StringValue": "v"}},
                    {"a b": {"DataType": "String", "StringValue": "v"}}):
            with self.fails("InvalidParameterValue"):
                self.sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=bad)

    def test_limits_of_messages(self):
        url = self.create()
        largest = "x" * 1_048_576
        self.sqs.send_message(QueueUrl=url, MessageBody=largest)
        self.assertEqual(self.bodies(url), [largest])
        with self.fails("InvalidParameterValue", "Message must be shorter than 1048576 bytes"):
            self.sqs.send_message(QueueUrl=url, MessageBody=largest + "x")
        with self.fails("MissingParameter", "The request must contain the parameter MessageBody."):
            self.sqs.send_message(QueueUrl=url, MessageBody="")
        with self.fails("InvalidMessageContents"):
            self.sqs.send_message(QueueUrl=url, MessageBody="\x01")
        for name, value in (("MaxNumberOfMessages", 11), ("MaxNumberOfMessages", 0), ("WaitTimeSeconds", 21),
                            ("VisibilityTimeout", 43201)):
            with self.fails("InvalidParameterValue", f"Value {value} for parameter {name} is invalid"):
                self.sqs.receive_message(QueueUrl=url, **{name: value})

    def test_delays_of_queues_and_messages(self):
        url = self.create(DelaySeconds="10")
        self.sqs.send_message(QueueUrl=url, MessageBody="late")
        self.sqs.send_message(QueueUrl=url, MessageBody="now", DelaySeconds=0)
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed",
                 "ApproximateNumberOfMessagesNotVisible"]
        counts = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        self.assertEqual([counts[name] for name in names], ["1", "1", "0"])
        self.assertEqual(self.bodies(url), ["now"])
        self.advance(11)
        self.assertEqual(self.bodies(url), ["late"])

    def test_messages_expire_with_the_retention(self):
        url = self.create(MessageRetentionPeriod="60")
        self.sqs.send_message(QueueUrl=url, MessageBody="old")
        self.advance(61)
        self.sqs.send_message(QueueUrl=url, MessageBody="new")
        self.assertEqual(self.bodies(url), ["new"])

    def test_a_long_poll_ends_with_the_first_message_or_by_the_emulated_clock(self):
        url = self.create()
        got = []
        waiting = threading.Thread(target=lambda: got.append(self.bodies(url, WaitTimeSeconds=20)))
        waiting.start()
        self.sqs.send_message(QueueUrl=url, MessageBody="first")
        waiting.join(30)
        self.assertEqual(got, [["first"]])
        waiting = threading.Thread(target=lambda: got.append(self.bodies(url, WaitTimeSeconds=20)))
        waiting.start()
        while waiting.is_alive():  # until the request has arrived and its 20 s are over
            self.advance(21)
            waiting.join(0.05)
        self.assertIn(got[1], ([], ["first"]))

    def test_a_daemon_ends_in_order_while_a_long_poll_waits(self):
        url = self.create()
        body = json.dumps({"QueueUrl": url, "WaitTimeSeconds": 20}).encode()
        head = (f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.0\r\n"
                f"X-Amz-Target: AmazonSQS.ReceiveMessage\r\nX-Amz-Date: 20261201T000000Z\r\n"
                f"Authorization: {AUTHORIZATION}\r\nContent-Length: {len(body)}\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.daemon.port)) as connection:
            connection.sendall(head.encode() + body)
            for _ in range(10):  # the poll has come first
                self.url()
            self.assertEqual(self.daemon.stop(), 0)

    def test_a_purge_removes_messages_in_flight_too(self):
        url = self.create()
        for body in "abc":
            self.sqs.send_message(QueueUrl=url, MessageBody=body)
        self.receive(url, 1)
        self.sqs.purge_queue(QueueUrl=url)
        self.advance(60)
        self.assertEqual(self.receive(url), [])

    def test_each_entry_of_a_batch_succeeds_or_fails_on_its_own(self):
        url = self.create()
        reply = self.sqs.send_message_batch(QueueUrl=url, Entries=[
            {"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "\x01"},
            {"Id": "late", "MessageBody": "y", "DelaySeconds": 901}])
        self.assertEqual([entry["Id"] for entry in reply["Successful"]], ["good"])
        self.assertEqual([(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in reply["Failed"]],
                         [("bad", "InvalidMessageContents", True),
                          ("late", "InvalidParameterValue", True)])
        handle = self.receive(url)[0]["ReceiptHandle"]
        reply = self.sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
            {"Id": "a", "ReceiptHandle": handle, "VisibilityTimeout": 5}, {"Id": "b", "ReceiptHandle": "x",
                                                                          "VisibilityTimeout": 5}])
        self.assertEqual((reply["Successful"], reply["Failed"][0]["Code"]), ([{"Id": "a"}], "ReceiptHandleIsInvalid"))
        reply = self.sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": "a", "ReceiptHandle": handle}])
        self.assertEqual((reply["Successful"], "Failed" in reply), ([{"Id": "a"}], False))
        for code, entries in (("EmptyBatchRequest", []),
                              ("TooManyEntriesInBatchRequest", [{"Id": str(i), "MessageBody": "x"} for i in range(11)]),
                              ("BatchEntryIdsNotDistinct", [{"Id": "a", "MessageBody": "x"}] * 2),
                              ("InvalidBatchEntryId", [{"Id": "a b", "MessageBody": "x"}]),
                              ("BatchRequestTooLong", [{"Id": str(i), "MessageBody": "x" * 600_000} for i in range(2)])):
            with self.fails(f"AWS.SimpleQueueService.{code}"):
                self.sqs.send_message_batch(QueueUrl=url, Entries=entries)

    # ---- dead letters

    def test_a_message_that_is_received_too_often_goes_to_the_dead_letter_queue(self):
        dead = self.create("dead")
        policy = json.dumps({"deadLetterTargetArn": self.arn(dead), "maxReceiveCount": 2})
        url = self.create("source", RedrivePolicy=policy, VisibilityTimeout="0")
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="poison")
        self.assertEqual([self.bodies(url) for _ in range(3)], [["poison"], ["poison"], []])
        message = self.receive(dead, AttributeNames=["All"])[0]
        self.assertEqual((message["MessageId"], message["Body"]), (sent["MessageId"], "poison"))
        self.assertEqual(message["Attributes"]["DeadLetterQueueSourceArn"], self.arn(url))
        self.assertEqual(self.sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [url])

    def test_dead_letters_are_moved_back_or_elsewhere(self):
        dead = self.create("dead")
        policy = json.dumps({"deadLetterTargetArn": self.arn(dead), "maxReceiveCount": 1})
        url = self.create("source", RedrivePolicy=policy, VisibilityTimeout="0")
        other = self.create("other")
        for body in ("a", "b"):
            self.sqs.send_message(QueueUrl=url, MessageBody=body)
        self.assertEqual([self.bodies(url), self.bodies(url)], [["a", "b"], []])
        self.assertIn("TaskHandle", self.sqs.start_message_move_task(SourceArn=self.arn(dead)))
        messages = self.receive(url, AttributeNames=["All"])
        self.assertEqual([message["Body"] for message in messages], ["a", "b"])
        self.assertEqual({message["Attributes"]["ApproximateReceiveCount"] for message in messages}, {"1"})
        self.assertNotIn("DeadLetterQueueSourceArn", messages[0]["Attributes"])
        self.assertEqual(self.bodies(url), [])  # both are dead letters again
        self.sqs.start_message_move_task(SourceArn=self.arn(dead), DestinationArn=self.arn(other))
        self.assertEqual(self.bodies(other), ["a", "b"])
        self.sqs.send_message(QueueUrl=dead, MessageBody="of unknown origin")
        self.sqs.start_message_move_task(SourceArn=self.arn(dead))
        tasks = self.sqs.list_message_move_tasks(SourceArn=self.arn(dead), MaxResults=10)["Results"]
        self.assertEqual([(task["Status"], task["ApproximateNumberOfMessagesMoved"]) for task in tasks],
                         [("FAILED", 0), ("COMPLETED", 2), ("COMPLETED", 2)])
        self.assertEqual(self.bodies(dead), ["of unknown origin"])
        with self.fails("InvalidParameterValue", "must be configured as a Dead Letter Queue"):
            self.sqs.start_message_move_task(SourceArn=self.arn(url))
        with self.fails("ResourceNotFoundException", "SourceArn"):
            self.sqs.start_message_move_task(SourceArn="arn:aws:sqs:us-east-1:000000000000:none")
        with self.fails("AWS.SimpleQueueService.UnsupportedOperation"):
            self.sqs.start_message_move_task(SourceArn=self.arn(dead), MaxNumberOfMessagesPerSecond=5)

    def test_permissions_are_statements_of_the_policy(self):
        url = self.create()
        self.sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
        policy = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
        self.assertEqual(json.loads(policy)["Statement"], [{
            "Sid": "l", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": "SQS:SendMessage", "Resource": self.arn(url)}])
        with self.fails("InvalidParameterValue", "Already exists"):
            self.sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["1"], Actions=["*"])
        self.sqs.remove_permission(QueueUrl=url, Label="l")
        with self.fails("InvalidParameterValue", "can't find label"):
            self.sqs.remove_permission(QueueUrl=url, Label="l")
        self.assertNotIn("Attributes", self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]))

    def test_policies_of_dead_letter_queues_are_checked(self):
        dead = self.create("dead", RedriveAllowPolicy=json.dumps({"redrivePermission": "denyAll"}))
        for policy in ("x", "{}", '{"deadLetterTargetArn": "arn:x"}',
                       json.dumps({"deadLetterTargetArn": self.arn(dead), "maxReceiveCount": 0}),
                       json.dumps({"deadLetterTargetArn": self.arn(dead) + "x", "maxReceiveCount": 1}),
                       json.dumps({"deadLetterTargetArn": self.arn(dead), "maxReceiveCount": 1})):
            with self.fails("InvalidParameterValue"):
                self.create("source", RedrivePolicy=policy)

    # ---- FIFO

    def test_a_group_is_received_in_order_and_one_message_at_a_time_is_settled(self):
        url = self.create("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
        for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("a3", "a")):
            self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group)
        first = self.receive(url, 1, AttributeNames=["All"])[0]
        self.assertEqual((first["Body"], first["Attributes"]["MessageGroupId"]), ("a1", "a"))
        self.assertEqual(self.bodies(url), ["b1"])  # group a waits
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
        self.assertEqual(self.bodies(url), ["a2", "a3"])
        self.advance(31)
        with self.fails("InvalidParameterValue", "The receipt handle has expired"):
            second = self.receive(url, 1)[0]
            self.advance(31)
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"])

    def test_duplicates_are_recognised_for_five_minutes(self):
        url = self.create("q.fifo", FifoQueue="true")
        send = {"QueueUrl": url, "MessageGroupId": "g", "MessageDeduplicationId": "d"}
        first = self.sqs.send_message(MessageBody="x", **send)
        again = self.sqs.send_message(MessageBody="y", **send)
        self.assertEqual((again["MessageId"], again["SequenceNumber"]), (first["MessageId"], first["SequenceNumber"]))
        self.assertEqual(len(first["SequenceNumber"]), 20)
        self.daemon.kill()
        self.restart()
        send["QueueUrl"] = url = self.url("q.fifo")
        self.assertEqual(self.sqs.send_message(MessageBody="y", **send)["MessageId"], first["MessageId"])
        self.advance(301)
        later = self.sqs.send_message(MessageBody="z", **send)
        self.assertGreater(later["SequenceNumber"], first["SequenceNumber"])
        self.assertEqual(self.bodies(url), ["x", "z"])

    def test_a_receive_attempt_is_repeated(self):
        url = self.create("q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
        for body in "ab":
            self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
        first = self.receive(url, 1, ReceiveRequestAttemptId="try")
        self.assertEqual(self.receive(url, 1, ReceiveRequestAttemptId="try")[0]["ReceiptHandle"],
                         first[0]["ReceiptHandle"])
        self.assertEqual(self.receive(url, 1, ReceiveRequestAttemptId="other"), [])

    def test_fifo_queues_ask_for_group_and_deduplication(self):
        with self.fails("InvalidParameterValue", "must end with .fifo suffix"):
            self.create("q", FifoQueue="true")
        url = self.create("q.fifo", FifoQueue="true")
        with self.fails("MissingParameter", "MessageGroupId"):
            self.sqs.send_message(QueueUrl=url, MessageBody="x")
        with self.fails("InvalidParameterValue", "The queue should either have ContentBasedDeduplication"):
            self.sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g")
        with self.fails("InvalidParameterValue", "not valid for this queue type"):
            self.sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="d",
                                  DelaySeconds=1)
        standard = self.create("standard")
        with self.fails("InvalidParameterValue", "not valid for this queue type"):
            self.sqs.send_message(QueueUrl=standard, MessageBody="x", MessageDeduplicationId="d")

    # ---- durability

    def test_queues_messages_and_receives_survive_kill_9(self):
        url = self.create(VisibilityTimeout="3600")
        for body in "abc":
            self.sqs.send_message(QueueUrl=url, MessageBody=body)
        hidden = self.receive(url, 1)[0]
        deleted = self.receive(url, 1)[0]
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=deleted["ReceiptHandle"])
        self.daemon.kill()
        self.restart()
        url = self.url()
        self.assertEqual(self.bodies(url), ["c"])
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=hidden["ReceiptHandle"])
        self.advance(3601)
        self.assertEqual(self.bodies(url), ["c"])

    # ---- the Query protocol

    def test_query_requests_have_replies_in_xml(self):
        status, root = self.query("CreateQueue", QueueName="queue", **{
            "Attribute.1.Name": "DelaySeconds", "Attribute.1.Value": "0", "Tag.1.Key": "a", "Tag.1.Value": "b"})
        self.assertEqual((status, root.tag), (200, f"{SPACE}CreateQueueResponse"))
        url = root.findtext(f".//{SPACE}QueueUrl")
        self.assertEqual(url, f"{self.daemon.url}/000000000000/queue")
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)["Tags"], {"a": "b"})
        path = "/000000000000/queue"
        status, root = self.query("SendMessage", path, MessageBody="<a>&\r", **{
            "MessageAttribute.1.Name": "n", "MessageAttribute.1.Value.DataType": "String",
            "MessageAttribute.1.Value.StringValue": "v"})
        self.assertEqual(status, 200)
        digest = root.findtext(f".//{SPACE}MD5OfMessageAttributes")
        status, root = self.query("ReceiveMessage", path, **{"AttributeName.1": "All", "MessageAttributeName.1": "n"})
        message = root.find(f".//{SPACE}Message")
        self.assertEqual((message.findtext(f"{SPACE}Body"), message.findtext(f"{SPACE}MD5OfMessageAttributes")),
                         ("<a>&\r", digest))
        self.assertEqual(message.findtext(f"{SPACE}MessageAttribute/{SPACE}Value/{SPACE}StringValue"), "v")
        self.assertIn("ApproximateReceiveCount", [each.text for each in message.iter(f"{SPACE}Name")])
        status, root = self.query("DeleteMessage", "/", QueueUrl=url,
                                  ReceiptHandle=message.findtext(f"{SPACE}ReceiptHandle"))
        self.assertEqual((status, root.tag), (200, f"{SPACE}DeleteMessageResponse"))
        status, root = self.query("SendMessageBatch", path, **{
            "SendMessageBatchRequestEntry.1.Id": "a", "SendMessageBatchRequestEntry.1.MessageBody": "x",
            "SendMessageBatchRequestEntry.2.Id": "b", "SendMessageBatchRequestEntry.2.MessageBody": "\x01"})
        self.assertEqual([each.findtext(f"{SPACE}Id") for each in root.iter(f"{SPACE}SendMessageBatchResultEntry")], ["a"])
        self.assertEqual(root.findtext(f".//{SPACE}BatchResultErrorEntry/{SPACE}SenderFault"), "true")
        status, root = self.query("GetQueueAttributes", path, "GET", **{"AttributeName.1": "ApproximateNumberOfMessages"})
        self.assertEqual(root.findtext(f".//{SPACE}Attribute/{SPACE}Value"), "1")

    def test_query_errors_have_the_codes_of_sqs(self):
        for parameters, code in (({"action": "GetQueueUrl", "QueueName": "none"},
                                  "AWS.SimpleQueueService.NonExistentQueue"),
                                 ({"action": "GetQueueUrl"}, "MissingParameter"), ({"action": "Nothing"}, "InvalidAction")):
            status, root = self.query(**parameters)
            self.assertEqual((status, root.tag, root.findtext(f".//{SPACE}Code"), root.findtext(f".//{SPACE}Type")),
                             (400, f"{SPACE}ErrorResponse", code, "Sender"))

    @needs_aws_cli
    def test_the_aws_cli_works_in_both_protocols(self):
        for path in ({}, {"AWS_DATA_PATH": ""}):  # an older CLI speaks Query by its own model
            made = aws_cli(self.daemon.url, "sqs", "create-queue", "--queue-name", "cli", **path)
            self.assertEqual(made.returncode, 0, made.stderr)
            url = json.loads(made.stdout)["QueueUrl"]
            sent = aws_cli(self.daemon.url, "sqs", "send-message", "--queue-url", url, "--message-body", "é <x>", **path)
            self.assertEqual(sent.returncode, 0, sent.stderr)
            got = aws_cli(self.daemon.url, "sqs", "receive-message", "--queue-url", url, "--attribute-names", "All", **path)
            message = json.loads(got.stdout)["Messages"][0]
            self.assertEqual(message["Body"], "é <x>")
            done = aws_cli(self.daemon.url, "sqs", "delete-message", "--queue-url", url, "--receipt-handle",
                           message["ReceiptHandle"], **path)
            self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
            missing = aws_cli(self.daemon.url, "sqs", "get-queue-url", "--queue-name", "none", **path)
            self.assertIn("NonExistentQueue", missing.stderr)


if __name__ == "__main__":
    unittest.main()
