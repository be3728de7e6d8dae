"""CloudWatch Logs by boto3 and the aws CLI: JSON 1.1, every reply checked against AWS's model."""
import json
import subprocess
import time
import unittest

import aws_model
from aws import AWS_CLI, AwsTest, aws_cli, aws_environment, make_client, needs_aws_cli
from daemon import ADMIN


class LogsTest(AwsTest):
    def connect(self):
        super().connect()
        self.logs = make_client(self.daemon.url, "logs", problems=self.problems)

    def setUp(self):
        super().setUp()
        self.now = int(time.time() * 1000)

    def create(self, group="/group", stream="stream", **more):
        self.logs.create_log_group(logGroupName=group, **more)
        self.logs.create_log_stream(logGroupName=group, logStreamName=stream)

    def put(self, *messages, group="/group", stream="stream", start=0):
        """Messages a millisecond apart."""
        return self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[
            {"timestamp": self.now + start + i, "message": message} for i, message in enumerate(messages)])

    def get(self, stream="stream", **more):
        page = self.logs.get_log_events(logGroupName="/group", logStreamName=stream, **more)
        return [event["message"] for event in page["events"]], page

    def filter(self, pattern="", **more):
        messages, token = [], {}
        while True:
            page = self.logs.filter_log_events(logGroupName="/group", filterPattern=pattern, **more, **token)
            messages += [event["message"] for event in page["events"]]
            if "nextToken" not in page:
                return messages
            token = {"nextToken": page["nextToken"]}

    def advance(self, milliseconds):
        self.assertEqual(self.daemon.request("POST", f"{ADMIN}/clock", {"advance_ms": milliseconds}).status, 200)

    # ---- groups and streams

    def test_groups_are_described_by_prefix_and_page(self):
        for name in ("/a/1", "/a/2", "/b"):
            self.logs.create_log_group(logGroupName=name, tags={"k": "v"})
        group = self.logs.describe_log_groups(logGroupNamePrefix="/a")["logGroups"][0]
        self.assertEqual(group["arn"], "arn:aws:logs:us-east-1:000000000000:log-group:/a/1:*")
        self.assertEqual((group["storedBytes"], group["logGroupClass"]), (0, "STANDARD"))
        page = self.logs.describe_log_groups(limit=2)
        self.assertEqual([each["logGroupName"] for each in page["logGroups"]], ["/a/1", "/a/2"])
        rest = self.logs.describe_log_groups(nextToken=page["nextToken"])
        self.assertEqual([each["logGroupName"] for each in rest["logGroups"]], ["/b"])
        self.assertNotIn("nextToken", rest)
        found = self.logs.describe_log_groups(logGroupNamePattern="B")["logGroups"]
        self.assertEqual([each["logGroupName"] for each in found], ["/b"])
        with self.fails("InvalidParameterException", "nextToken is invalid"):
            self.logs.describe_log_groups(nextToken="x")

    def test_what_exists_and_what_does_not_is_said(self):
        with self.fails("ResourceNotFoundException", "The specified log group does not exist."):
            self.logs.create_log_stream(logGroupName="none", logStreamName="s")
        self.create()
        with self.fails("ResourceAlreadyExistsException", "The specified log group already exists"):
            self.create()
        with self.fails("ResourceAlreadyExistsException", "The specified log stream already exists"):
            self.logs.create_log_stream(logGroupName="/group", logStreamName="stream")
        with self.fails("ResourceNotFoundException", "The specified log stream does not exist."):
            self.put("x", stream="none")
        with self.fails("InvalidParameterException", "1 validation error detected: Value 'a b' at 'logGroupName'"):
            self.logs.create_log_group(logGroupName="a b")
        with self.fails("InvalidParameterException", "Either LogGroup name or LogGroup ARN must be specified"):
            self.logs.describe_log_streams()
        self.logs.delete_log_stream(logGroupName="/group", logStreamName="stream")
        self.logs.delete_log_group(logGroupName="/group")
        with self.fails("ResourceNotFoundException"):
            self.logs.delete_log_group(logGroupName="/group")

    def test_streams_are_described_by_name_and_by_time(self):
        self.create(stream="a")
        self.logs.create_log_stream(logGroupName="/group", logStreamName="b")
        self.put("late", stream="a", start=1000)
        self.put("early", stream="b")
        streams = self.logs.describe_log_streams(logGroupName="/group")["logStreams"]
        self.assertEqual([stream["logStreamName"] for stream in streams], ["a", "b"])
        self.assertEqual((streams[0]["firstEventTimestamp"], streams[0]["lastEventTimestamp"]), (self.now + 1000,) * 2)
        streams = self.logs.describe_log_streams(
            logGroupIdentifier="arn:aws:logs:us-east-1:000000000000:log-group:/group", orderBy="LastEventTime",
            descending=True, limit=1)["logStreams"]
        self.assertEqual([stream["logStreamName"] for stream in streams], ["a"])

    def test_a_protected_group_is_not_deleted(self):
        self.create(deletionProtectionEnabled=True)
        with self.fails("ValidationException", "Deletion protection"):
            self.logs.delete_log_group(logGroupName="/group")

    def test_tags_of_both_generations(self):
        self.create(tags={"a": "1"})
        arn = "arn:aws:logs:us-east-1:000000000000:log-group:/group"
        self.logs.tag_resource(resourceArn=arn, tags={"b": "2"})
        self.logs.tag_log_group(logGroupName="/group", tags={"c": "3"})
        self.assertEqual(self.logs.list_tags_for_resource(resourceArn=arn)["tags"], {"a": "1", "b": "2", "c": "3"})
        self.logs.untag_resource(resourceArn=arn, tagKeys=["a"])
        self.logs.untag_log_group(logGroupName="/group", tags=["b"])
        self.assertEqual(self.logs.list_tags_log_group(logGroupName="/group")["tags"], {"c": "3"})

    # ---- events

    def test_a_stream_is_read_from_both_ends_page_by_page(self):
        self.create()
        self.put(*[f"m{i}" for i in range(7)])
        self.assertEqual(self.get(limit=3)[0], ["m4", "m5", "m6"])
        messages, page = self.get(limit=3, startFromHead=True)
        self.assertEqual(messages, ["m0", "m1", "m2"])
        messages, page = self.get(limit=3, nextToken=page["nextForwardToken"])
        self.assertEqual(messages, ["m3", "m4", "m5"])
        self.assertEqual(self.get(limit=2, nextToken=page["nextBackwardToken"])[0], ["m1", "m2"])
        messages, page = self.get(limit=3, nextToken=page["nextForwardToken"])
        self.assertEqual(messages, ["m6"])
        end = page["nextForwardToken"]
        messages, page = self.get(nextToken=end)
        self.assertEqual((messages, page["nextForwardToken"]), ([], end))
        self.put("m7", start=100)
        self.assertEqual(self.get(nextToken=end)[0], ["m7"])
        self.assertEqual(self.get(startTime=self.now + 5, endTime=self.now + 100)[0], ["m5", "m6"])
        with self.fails("InvalidParameterException"):
            self.get(nextToken="f/x")

    def test_events_are_in_order_of_time_whichever_came_first(self):
        self.create()
        self.put("later", start=50)
        self.put("earlier", "same", start=0)
        self.put("same again", start=1)
        self.assertEqual(self.get()[0], ["earlier", "same", "same again", "later"])

    def test_bad_batches_are_refused_and_events_out_of_range_rejected(self):
        self.create()

        def put(*offsets, message="x"):
            return self.logs.put_log_events(logGroupName="/group", logStreamName="stream", logEvents=[
                {"timestamp": self.now + offset, "message": message} for offset in offsets])

        with self.fails("InvalidParameterException", "must be in chronological order"):
            put(1, 0)
        with self.fails("InvalidParameterException", "cannot span more than 24 hours"):
            put(0, 86_400_001)
        with self.fails("InvalidParameterException", "Upload too large"):
            put(0, 1, message="x" * 600_000)
        with self.fails("InvalidParameterException", "logEvents.1.member.message"):
            put(0, message="")
        hour = 3_600_000
        self.assertEqual(put(-15 * 24 * hour)["rejectedLogEventsInfo"], {"tooOldLogEventEndIndex": 1})
        self.assertEqual(put(0, 3 * hour)["rejectedLogEventsInfo"], {"tooNewLogEventStartIndex": 1})
        self.logs.put_retention_policy(logGroupName="/group", retentionInDays=1)
        self.assertEqual(put(-25 * hour, -2 * hour)["rejectedLogEventsInfo"], {"expiredLogEventEndIndex": 1})
        self.assertEqual(len(self.get()[0]), 2)

    def test_the_retention_ends_by_the_emulated_clock(self):
        self.create()
        with self.fails("InvalidParameterException", "enum value set"):
            self.logs.put_retention_policy(logGroupName="/group", retentionInDays=2)
        self.put("old")
        self.logs.put_retention_policy(logGroupName="/group", retentionInDays=1)
        self.advance(86_400_000 + 60_000)
        self.assertEqual(self.get()[0], [])
        self.assertEqual(self.logs.describe_log_groups()["logGroups"][0]["storedBytes"], 0)
        self.logs.delete_retention_policy(logGroupName="/group")
        self.assertNotIn("retentionInDays", self.logs.describe_log_groups()["logGroups"][0])

    def test_a_group_is_filtered_by_pattern_streams_and_time(self):
        self.create(stream="one")
        self.logs.create_log_stream(logGroupName="/group", logStreamName="two")
        self.put("ERROR disk full", "INFO started", '{"level":"error","n":7,"user":{"id":null}}', stream="one")
        self.put("ERROR out of memory", "WARN slow", stream="two", start=10)
        cases = {
            "": 5, "ERROR": 2, "ERROR -disk": 1, '"out of memory"': 1, "?INFO ?WARN": 2, "%W[A-Z]+N%": 1, "error": 1,
            '{ $.level = "err*" }': 1, "{ $.n > 6 && $.n < 8 }": 1, "{ $.n >= 8 || $.user.id IS NULL }": 1,
            "{ $.user.name NOT EXISTS }": 1, '{ $.level != "error" }': 0}
        for pattern, count in cases.items():
            self.assertEqual(len(self.filter(pattern)), count, pattern)
            self.assertEqual(len(self.filter(pattern, limit=1)), count, pattern)
        self.assertEqual(self.filter(logStreamNames=["two"]), ["ERROR out of memory", "WARN slow"])
        self.assertEqual(self.filter("ERROR", logStreamNamePrefix="o"), ["ERROR disk full"])
        self.assertEqual(self.filter(startTime=self.now + 11), ["WARN slow"])
        self.assertEqual(self.filter("ERROR", startFromHead=False, limit=1), ["ERROR out of memory", "ERROR disk full"])
        for bad in ("[a, b]", "{ $.a }", '"open', "{ a = 1 }", "%(%"):
            with self.fails("InvalidParameterException", "Invalid filter pattern"):
                self.filter(bad)

    def test_groups_and_events_survive_kill_9(self):
        self.create(tags={"a": "b"})
        self.put("é one", "two")
        self.daemon.kill()
        self.restart()
        self.assertEqual(self.get()[0], ["é one", "two"])
        self.put("three", start=10)
        self.assertEqual(self.get()[0], ["é one", "two", "three"])
        self.assertEqual(self.logs.list_tags_log_group(logGroupName="/group")["tags"], {"a": "b"})

    # ---- the aws CLI

    @needs_aws_cli
    def test_the_aws_cli_reads_and_tails(self):
        self.create()
        self.put("first", "second")
        got = aws_cli(self.daemon.url, "logs", "get-log-events", "--log-group-name", "/group", "--log-stream-name",
                      "stream")
        self.assertEqual([event["message"] for event in json.loads(got.stdout)["events"]], ["first", "second"], got.stderr)
        tail = [AWS_CLI, "--endpoint-url", self.daemon.url, "logs", "tail", "/group"]
        if subprocess.run([AWS_CLI, "logs", "tail", "help"], capture_output=True, check=False,
                          env=aws_environment(self.daemon.url)).returncode:
            self.skipTest("this aws CLI has no logs tail")
        environment = aws_environment(self.daemon.url, AWS_DATA_PATH=aws_model.DATA_PATH, AWS_PAGER="",
                                      PYTHONUNBUFFERED="1")
        follower = subprocess.Popen([*tail, "--follow", "--format", "short"], stdout=subprocess.PIPE, text=True,
                                    env=environment)
        self.addCleanup(follower.wait)
        self.addCleanup(follower.kill)
        self.addCleanup(follower.stdout.close)
        self.assertTrue(follower.stdout.readline().endswith("first\n"))
        self.assertTrue(follower.stdout.readline().endswith("second\n"))
        self.put("third", start=20)
        self.assertTrue(follower.stdout.readline().endswith("third\n"))


if __name__ == "__main__":
    unittest.main()
