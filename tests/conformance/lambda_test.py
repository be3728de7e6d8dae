"""Lambda by boto3 and the aws CLI: functions from zip archives, invocations, event source mappings."""
import base64
import datetime
import io
import json
import os
import shutil
import subprocess
import unittest
import zipfile

from aws import AwsTest, aws_environment, make_client, needs_aws_cli, AWS_CLI
from daemon import ADMIN, wait_until

ROLE = "arn:aws:iam::000000000000:role/lambda"
ECHO = """
import json
calls = 0
def handler(event, context):
    global calls
    calls += 1
    print("call", calls)
    if isinstance(event, dict) and event.get("fail"):
        raise ValueError("boom")
    client = context.client_context
    return {"calls": calls, "event": event, "custom": client.custom if client else None}
"""
# Writes what it saw to a table.
SEEN = """
import json, os, urllib.request
def call(operation, body):
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], json.dumps(body).encode(), {
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810." + operation,
        "X-Amz-Date": "20261201T000000Z", "Authorization":
        "AWS4-HMAC-SHA256 Credential=test/20261201/us-east-1/dynamodb/aws4_request, "
        "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + "0" * 64})
    return urllib.request.urlopen(request).read()
def handler(event, context):
    for record in event["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        key = record["dynamodb"]["Keys"]["p"]["S"]
        call("PutItem", {"TableName": "seen", "Item": {"p": {"S": number}, "key": {"S": key}}})
"""
NODE = "exports.handler = async (event) => ({node: event});\n"
SHELL = """#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  event=$(curl -sS -D /tmp/head "$api/invocation/next")
  id=$(grep -i '^lambda-runtime-aws-request-id:' /tmp/head | tr -d '\\r' | cut -d' ' -f2)
  curl -sS -o /dev/null --data-binary "{\\"shell\\":$event}" "$api/invocation/$id/response"
done
"""


def archive(**files):
    """A zip archive; a tuple is a text and its mode."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            text, mode = text if isinstance(text, tuple) else (text, 0o644)
            info = zipfile.ZipInfo(name.replace("__", "."))
            info.external_attr = (0o100000 | mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, text)
    return target.getvalue()


class LambdaTest(AwsTest):
    def connect(self):
        super().connect()
        self.client = make_client(self.daemon.url, "lambda", problems=self.problems)
        self.sqs = make_client(self.daemon.url, "sqs", problems=self.problems)
        self.logs = make_client(self.daemon.url, "logs", problems=self.problems)

    def create(self, name="f", code=ECHO, **more):
        more.setdefault("Runtime", "python3.12")
        more.setdefault("Handler", "app.handler")
        return self.client.create_function(FunctionName=name, Role=ROLE, Code={"ZipFile": archive(app__py=code)}, **more)

    def invoke(self, payload=None, name="f", **more):
        body = {} if payload is None else {"Payload": json.dumps(payload)}
        answer = self.client.invoke(FunctionName=name, **body, **more)
        return answer, answer["Payload"].read()

    def test_e1_e2_e5_e13_a_function_is_created_described_changed_and_deleted(self):
        made = self.create(Environment={"Variables": {"A": "b"}}, Description="d", Tags={"team": "x"})
        self.assertEqual((made["State"], made["StateReasonCode"]), ("Pending", "Creating"))
        self.assertEqual((made["MemorySize"], made["Timeout"], made["Version"]), (128, 3, "$LATEST"))
        self.assertEqual(made["FunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f")
        self.client.get_waiter("function_active_v2").wait(FunctionName="f")
        got = self.client.get_function(FunctionName=made["FunctionArn"])
        self.assertEqual(got["Configuration"]["LastUpdateStatus"], "Successful")
        self.assertEqual(got["Tags"], {"team": "x"})
        path = got["Code"]["Location"].removeprefix(self.daemon.url)
        code = self.daemon.request("GET", path)
        self.assertEqual(zipfile.ZipFile(io.BytesIO(code.body)).read("app.py").decode(), ECHO)
        changed = self.client.update_function_configuration(FunctionName="f", MemorySize=256, Timeout=9)
        self.assertEqual((changed["MemorySize"], changed["LastUpdateStatus"]), (256, "InProgress"))
        self.client.get_waiter("function_updated_v2").wait(FunctionName="f")
        with self.fails("PreconditionFailedException"):
            self.client.update_function_configuration(FunctionName="f", Timeout=5, RevisionId=made["RevisionId"])
        self.client.tag_resource(Resource=made["FunctionArn"], Tags={"a": "1"})
        self.client.untag_resource(Resource=made["FunctionArn"], TagKeys=["team"])
        self.assertEqual(self.client.list_tags(Resource=made["FunctionArn"])["Tags"], {"a": "1"})
        self.create("g")
        self.assertEqual([each["FunctionName"] for each in self.client.list_functions()["Functions"]], ["f", "g"])
        page = self.client.list_functions(MaxItems=1)
        self.assertEqual(len(page["Functions"]), 1)
        rest = self.client.list_functions(Marker=page["NextMarker"])
        self.assertEqual([each["FunctionName"] for each in rest["Functions"]], ["g"])
        usage = self.client.get_account_settings()
        self.assertEqual(usage["AccountUsage"]["FunctionCount"], 2)
        self.client.delete_function(FunctionName="f")
        with self.fails("ResourceNotFoundException", "^Function not found: arn:aws:lambda:us-east-1:000000000000:function:f$"):
            self.client.get_function(FunctionName="f")

    def test_e3_e6_f11_mistakes_are_told_as_lambda_does(self):
        self.create()
        with self.fails("ResourceConflictException", "^Function already exist: f$"):
            self.create()
        with self.fails("InvalidParameterValueException", "Could not unzip uploaded file"):
            self.client.create_function(FunctionName="g", Role=ROLE, Runtime="python3.12", Handler="a.b",
                                        Code={"ZipFile": b"nonsense"})
        with self.fails("InvalidParameterValueException", "Could not unzip"):
            self.client.create_function(FunctionName="g", Role=ROLE, Runtime="python3.12", Handler="a.b",
                                        Code={"ZipFile": archive(**{"../x": "1"})})
        with self.fails("ValidationException", "at 'memorySize' failed to satisfy constraint"):
            self.create("g", MemorySize=64)
        with self.fails("ValidationException", "at 'runtime' failed to satisfy constraint: Member must satisfy enum value set"):
            self.create("g", Runtime="cobol")
        with self.fails("InvalidParameterValueException", "VpcConfig is not supported"):
            self.create("g", VpcConfig={"SubnetIds": ["subnet-1"]})
        with self.fails("ResourceNotFoundException", "function:nothing$"):
            self.invoke({}, "nothing")
        with self.fails("InvalidRequestContentException", "Could not parse request body into json"):
            self.client.invoke(FunctionName="f", Payload=b"{")
        with self.fails("ResourceNotFoundException", "function:f:live$"):
            self.invoke({}, Qualifier="live")

    def test_f1_f2_f3_f4_f5_f6_an_invocation_returns_the_result_its_errors_and_its_log(self):
        self.create()
        answer, body = self.invoke({"x": 1}, LogType="Tail",
                                   ClientContext=base64.b64encode(b'{"custom": {"k": "v"}}').decode())
        self.assertEqual((answer["StatusCode"], answer["ExecutedVersion"]), (200, "$LATEST"))
        self.assertEqual(json.loads(body), {"calls": 1, "event": {"x": 1}, "custom": {"k": "v"}})
        tail = base64.b64decode(answer["LogResult"]).decode()
        self.assertRegex(tail, r"^START RequestId: \S+ Version: \$LATEST\ncall 1\nEND RequestId: \S+\nREPORT RequestId: ")
        answer, body = self.invoke({"fail": True})
        self.assertEqual((answer["StatusCode"], answer["FunctionError"]), (200, "Unhandled"))
        self.assertEqual(json.loads(body)["errorType"], "ValueError")
        self.create("silent", "def handler(event, context): pass")
        self.assertEqual(self.invoke({}, "silent")[1], b"null")
        answer, _ = self.invoke({}, InvocationType="DryRun")
        self.assertEqual(answer["StatusCode"], 204)
        answer, body = self.invoke({}, InvocationType="Event")
        self.assertEqual((answer["StatusCode"], body), (202, b""))

        def lines():
            events = self.logs.filter_log_events(logGroupName="/aws/lambda/f")["events"]
            return [event["message"].rstrip("\n") for event in events]
        wait_until(lambda: "call 3" in lines(), "the event to be handled, and its lines to be in the log")

    def test_e7_e8_f12_reserved_concurrency_throttles(self):
        self.create()
        self.assertEqual(self.client.get_function_concurrency(FunctionName="f").get("ReservedConcurrentExecutions"), None)
        self.client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
        with self.fails("TooManyRequestsException", "^Rate Exceeded.$") as raised:
            self.invoke({})
        self.assertEqual(raised.exception.response["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded")
        with self.fails("InvalidParameterValueException", r"below its minimum value of \[100\]"):
            self.client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=950)
        self.client.delete_function_concurrency(FunctionName="f")
        self.assertEqual(self.invoke({})[0]["StatusCode"], 200)

    def test_new_code_is_run_at_once(self):
        self.create()
        self.invoke({})
        self.client.update_function_code(FunctionName="f", ZipFile=archive(app__py="def handler(e, c): return 'new'"))
        self.assertEqual(self.invoke({})[1], b'"new"')

    def test_functions_in_node_and_shell(self):
        self.client.create_function(FunctionName="node", Role=ROLE, Runtime="nodejs20.x", Handler="index.handler",
                                    MemorySize=512, Code={"ZipFile": archive(index__js=NODE)})
        self.assertEqual(json.loads(self.invoke({"a": 1}, "node")[1]), {"node": {"a": 1}})
        if shutil.which("curl"):
            self.client.create_function(FunctionName="shell", Role=ROLE, Runtime="provided.al2023", Handler="x",
                                        Code={"ZipFile": archive(bootstrap=(SHELL, 0o755))})
            self.assertEqual(json.loads(self.invoke({"a": 1}, "shell")[1]), {"shell": {"a": 1}})

    # ---- event source mappings

    def stream(self, name="things"):
        self.create_table(name, view="NEW_AND_OLD_IMAGES")
        return self.dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]

    def enabled(self, uuid):
        wait_until(lambda: self.client.get_event_source_mapping(UUID=uuid)["State"] == "Enabled", "the mapping to be enabled")

    def seen(self):
        items = []
        for page in self.dynamodb.get_paginator("scan").paginate(TableName="seen"):
            items += page["Items"]
        return [item["p"]["S"] for item in items]

    def test_g1_g3_a_mapping_is_created_described_changed_and_deleted(self):
        arn = self.stream()
        self.create()
        made = self.client.create_event_source_mapping(EventSourceArn=arn, FunctionName="f", StartingPosition="TRIM_HORIZON")
        self.assertEqual((made["State"], made["BatchSize"], made["MaximumRetryAttempts"]), ("Creating", 100, -1))
        self.enabled(made["UUID"])
        with self.fails("ResourceConflictException", "provided mapping already exists"):
            self.client.create_event_source_mapping(EventSourceArn=arn, FunctionName="f", StartingPosition="LATEST")
        changed = self.client.update_event_source_mapping(UUID=made["UUID"], BatchSize=5, BisectBatchOnFunctionError=True)
        self.assertEqual((changed["State"], changed["BatchSize"]), ("Updating", 5))
        self.enabled(made["UUID"])
        self.client.update_event_source_mapping(UUID=made["UUID"], Enabled=False)
        wait_until(lambda: self.client.get_event_source_mapping(UUID=made["UUID"])["State"] == "Disabled", "it to be disabled")
        listed = self.client.list_event_source_mappings(FunctionName="f")["EventSourceMappings"]
        self.assertEqual([each["UUID"] for each in listed], [made["UUID"]])
        self.assertEqual(self.client.delete_event_source_mapping(UUID=made["UUID"])["State"], "Deleting")
        with self.fails("ResourceNotFoundException", "^The resource you requested does not exist.$"):
            self.client.get_event_source_mapping(UUID=made["UUID"])

    def test_g7_a_mapping_outlives_its_function(self):
        arn = self.stream()
        self.create_table("seen")
        self.create("f", SEEN, MemorySize=512, Timeout=60)
        made = self.client.create_event_source_mapping(EventSourceArn=arn, FunctionName="f", StartingPosition="TRIM_HORIZON")
        self.enabled(made["UUID"])
        self.client.delete_function(FunctionName="f")
        self.dynamodb.put_item(TableName="things", Item={"p": {"S": "k"}})
        self.assertEqual(self.client.get_event_source_mapping(UUID=made["UUID"])["State"], "Enabled")
        self.create("f", SEEN, MemorySize=512, Timeout=60)
        wait_until(lambda: len(self.seen()) == 1, "the new function to get the record")

    def test_g24_several_mappings_on_one_stream_get_every_record(self):
        arn = self.stream()
        self.create_table("seen")
        for name in ("f", "g"):
            self.create(name, SEEN.replace('"S": number}', f'"S": "{name}" + number}}'), MemorySize=512, Timeout=60)
            self.client.create_event_source_mapping(EventSourceArn=arn, FunctionName=name, StartingPosition="TRIM_HORIZON")
        for i in range(10):
            self.dynamodb.put_item(TableName="things", Item={"p": {"S": f"k{i}"}})
        wait_until(lambda: len(self.seen()) == 20, "both functions to see every record")
        self.assertEqual(sorted(name[0] for name in self.seen()), ["f"] * 10 + ["g"] * 10)

    def test_g5_g6_mistakes_of_mappings(self):
        arn = self.stream()
        self.create()
        for fields, message in (
                ({"EventSourceArn": arn, "FunctionName": "none", "StartingPosition": "LATEST"}, "Function does not exist"),
                ({"EventSourceArn": arn, "FunctionName": "f"}, "Value null at 'startingPosition'"),
                ({"FunctionName": "f", "StartingPosition": "LATEST"}, "Unrecognized event source."),
                ({"EventSourceArn": arn[:-3] + "999", "FunctionName": "f", "StartingPosition": "LATEST"}, "Stream not found: "),
                ({"EventSourceArn": arn, "FunctionName": "f", "StartingPosition": "LATEST",
                  "FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "Invalid filter pattern definition."),
                ({"EventSourceArn": arn, "FunctionName": "f", "StartingPosition": "LATEST",
                  "MaximumRecordAgeInSeconds": 5}, "MaximumRecordAgeInSeconds")):
            with self.fails("InvalidParameterValueException", message):
                self.client.create_event_source_mapping(**fields)

    def test_every_record_arrives_also_when_daemon_and_function_are_killed(self):
        arn = self.stream()
        self.create_table("seen")
        self.create("f", SEEN, MemorySize=512, Timeout=60)
        made = self.client.create_event_source_mapping(EventSourceArn=arn, FunctionName="f", BatchSize=10,
                                                       StartingPosition="TRIM_HORIZON")
        for i in range(200):
            self.dynamodb.put_item(TableName="things", Item={"p": {"S": f"k{i % 20}"}, "n": {"N": str(i)}})
            if i in (60, 120):
                self.daemon.kill()
                self.restart()
        wait_until(lambda: len(set(self.seen())) >= 200, "every record to be seen", timeout=60)
        self.assertEqual(len(set(self.seen())), 200)
        got = self.client.get_event_source_mapping(UUID=made["UUID"])
        self.assertEqual((got["State"], got["LastProcessingResult"]), ("Enabled", "OK"))

    def test_a_disabled_mapping_goes_on_where_it_stopped(self):
        arn = self.stream()
        self.create_table("seen")
        self.create("f", SEEN, MemorySize=512, Timeout=60)
        made = self.client.create_event_source_mapping(EventSourceArn=arn, FunctionName="f", StartingPosition="TRIM_HORIZON")
        for i in range(5):
            self.dynamodb.put_item(TableName="things", Item={"p": {"S": f"a{i}"}})
        wait_until(lambda: len(self.seen()) == 5, "the first records")
        self.client.update_event_source_mapping(UUID=made["UUID"], Enabled=False)
        wait_until(lambda: self.client.get_event_source_mapping(UUID=made["UUID"])["State"] == "Disabled", "it to be disabled")
        for i in range(5):
            self.dynamodb.put_item(TableName="things", Item={"p": {"S": f"b{i}"}})
        self.client.update_event_source_mapping(UUID=made["UUID"], Enabled=True)
        wait_until(lambda: len(self.seen()) == 10, "the later records")

    def test_what_is_given_up_goes_to_the_queue(self):
        arn = self.stream()
        queue = self.sqs.create_queue(QueueName="lost")["QueueUrl"]
        queue_arn = "arn:aws:sqs:us-east-1:000000000000:lost"
        self.create("f", "def handler(event, context): raise ValueError('never')")
        self.client.create_event_source_mapping(
            EventSourceArn=arn, FunctionName="f", StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=1,
            DestinationConfig={"OnFailure": {"Destination": queue_arn}})
        self.dynamodb.put_item(TableName="things", Item={"p": {"S": "k"}})
        record = json.loads(self.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]["Body"])
        self.assertEqual(record["requestContext"]["condition"], "RetryAttemptsExhausted")
        self.assertEqual(record["requestContext"]["approximateInvokeCount"], 2)
        self.assertEqual(record["DDBStreamBatchInfo"]["streamArn"], arn)

    def test_filters_choose_the_records(self):
        arn = self.stream()
        self.create_table("seen")
        self.create("f", SEEN, MemorySize=512, Timeout=60)
        pattern = json.dumps({"dynamodb": {"Keys": {"p": {"S": [{"prefix": "yes"}]}}}})
        self.client.create_event_source_mapping(EventSourceArn=arn, FunctionName="f", StartingPosition="TRIM_HORIZON",
                                                FilterCriteria={"Filters": [{"Pattern": pattern}]})
        for name in ("no-1", "yes-1", "no-2", "yes-2"):
            self.dynamodb.put_item(TableName="things", Item={"p": {"S": name}})
        wait_until(lambda: len(self.seen()) == 2, "the two that match")

    def advance(self, **span):
        milliseconds = int(datetime.timedelta(**span).total_seconds() * 1000)
        answer = self.daemon.request("POST", f"{ADMIN}/clock", {"advance_ms": milliseconds})
        self.assertEqual(answer.status, 200, answer)

    def test_triggers_fire_after_idling_a_jump_and_a_restart_and_nothing_is_replayed(self):
        arn = self.stream()
        self.create_table("seen")
        self.create("f", SEEN, MemorySize=512, Timeout=60)
        made = self.client.create_event_source_mapping(EventSourceArn=arn, FunctionName="f", StartingPosition="TRIM_HORIZON")

        def put_and_see(name, count):
            self.dynamodb.put_item(TableName="things", Item={"p": {"S": name}})
            wait_until(lambda: len(self.seen()) == count, f"record {name} to be seen")

        def delivered():
            return self.daemon.get(f"{ADMIN}/mappings/{made['UUID']}")["delivered"]
        put_and_see("first", 1)
        self.advance(minutes=30)
        put_and_see("after half an hour", 2)
        self.advance(days=1)
        put_and_see("after a day", 3)
        wait_until(lambda: delivered() == 3, "the deliveries to be counted")
        self.daemon.stop()
        self.restart()
        put_and_see("after a restart", 4)
        wait_until(lambda: delivered() == 1, "only the new record to be delivered")

    def test_without_concurrency_nothing_runs_and_nothing_is_lost_for_23_hours(self):
        arn = self.stream()
        self.create_table("seen")
        self.create("f", SEEN, MemorySize=512, Timeout=900)
        self.client.create_event_source_mapping(EventSourceArn=arn, FunctionName="f", StartingPosition="TRIM_HORIZON")
        self.client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
        for i in range(30):
            self.dynamodb.put_item(TableName="things", Item={"p": {"S": f"k{i}"}})
        self.advance(hours=23)
        self.assertEqual(self.seen(), [])
        self.client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)

        def all_seen():
            self.advance(seconds=5)  # Lanes that are refused wait for up to 10 s.
            return len(self.seen()) == 30
        wait_until(all_seen, "every record to be seen")

    def test_a_partial_response_that_never_succeeds_ends_in_the_queue(self):
        arn = self.stream()
        queue = self.sqs.create_queue(QueueName="lost")["QueueUrl"]
        self.create("f", "def handler(event, context):\n"
                         "    number = event['Records'][0]['dynamodb']['SequenceNumber']\n"
                         "    return {'batchItemFailures': [{'itemIdentifier': number}]}\n")
        self.client.create_event_source_mapping(
            EventSourceArn=arn, FunctionName="f", StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=2,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:lost"}})
        self.dynamodb.put_item(TableName="things", Item={"p": {"S": "k"}})
        record = json.loads(self.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]["Body"])
        self.assertEqual(record["requestContext"]["approximateInvokeCount"], 3)

    def test_functions_are_there_after_a_restart(self):
        self.create()
        self.invoke({})
        self.daemon.stop()
        self.restart()
        self.assertEqual(json.loads(self.invoke({"x": 1})[1])["event"], {"x": 1})

    @needs_aws_cli
    def test_the_aws_cli_deploys_and_invokes(self):
        folder = self.daemon.data
        with open(os.path.join(folder, "code.zip"), "wb") as file:
            file.write(archive(app__py=ECHO))

        def aws(*words):
            ran = subprocess.run([AWS_CLI, *words], cwd=folder, env=aws_environment(self.daemon.url) | {"AWS_PAGER": ""},
                                 capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            return ran.stdout
        endpoint = ("--endpoint-url", self.daemon.url)
        aws("lambda", "create-function", "--function-name", "f", "--runtime", "python3.12", "--handler", "app.handler",
            "--role", ROLE, "--zip-file", "fileb://code.zip", *endpoint)
        aws("lambda", "wait", "function-active-v2", "--function-name", "f", *endpoint)
        aws("lambda", "invoke", "--function-name", "f", "--cli-binary-format", "raw-in-base64-out",
            "--payload", '{"x": 1}', "out.json", *endpoint)
        with open(os.path.join(folder, "out.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["event"], {"x": 1})
        self.assertIn("call 1", aws("logs", "tail", "/aws/lambda/f", *endpoint))


if __name__ == "__main__":
    unittest.main()
