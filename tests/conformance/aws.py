"""Clients of the AWS doors: boto3, the aws CLI, and a proxy for any other client.

Every reply that they see is checked against AWS's model (aws_model.py); a test fails at its end if one was wrong.
Debian's boto3 and aws CLI are of 2023: they read the model of tests/recordings/aws instead of their own.
"""
import contextlib
import http.client
import http.server
import json
import os
import shutil
import socketserver
import subprocess
import threading
import unittest
import urllib.parse

import aws_model
from clients import CLIENTS
from daemon import PATIENCE, DaemonTest, environment

# Before boto3 reads it.
os.environ["AWS_DATA_PATH"] = aws_model.DATA_PATH
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
try:
    import boto3
    import botocore.config
    from botocore.exceptions import ClientError
except ImportError:
    boto3 = None
    ClientError = Exception

AWS_CLI = "/usr/bin/aws" if os.access("/usr/bin/aws", os.X_OK) else None
NODE = shutil.which("node")
REGION = "us-east-1"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
SESSION = None
SESSION_LOCK = threading.Lock()
STREAM_OPERATIONS = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")

needs_boto3 = unittest.skipUnless(boto3, "no python3-boto3: run tools/setup --clients")
needs_aws_cli = unittest.skipUnless(AWS_CLI, "no awscli: run tools/setup --clients")


def has_node_package(name):
    return bool(NODE) and os.path.isdir(os.path.join(CLIENTS, "node_modules", name))


def needs_node_package(name):
    return unittest.skipUnless(has_node_package(name), f"no {name} in build/clients: run tools/setup --clients")


def aws_environment(url, **extra):
    """What a script needs to use the daemon instead of AWS."""
    return environment(AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
                       AWS_DEFAULT_REGION=REGION, AWS_REGION=REGION, AWS_EC2_METADATA_DISABLED="true", **extra)


def target_of(operation, service="dynamodb"):
    if service == "dynamodb" and operation in STREAM_OPERATIONS:
        service = "dynamodbstreams"
    prefix = next(model.target_prefix for model in aws_model.MODELS_BY_PREFIX.values() if model.service == service)
    return f"{prefix}.{operation}"


def request_headers(operation):
    """Of a request that is made by hand: its signature has the right form."""
    return {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target_of(operation),
            "X-Amz-Date": "20261123T000000Z",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20261123/{REGION}/dynamodb/aws4_request, "
                             "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + "0" * 64}


def make_client(url, service="dynamodb", problems=None, region=REGION, retries=0, timeout=PATIENCE, pool=10, **keys):
    """A client of boto3 that checks nothing before it sends; what is wrong with replies goes to `problems`."""
    global SESSION
    with SESSION_LOCK:  # sessions are not thread-safe
        SESSION = SESSION or boto3.session.Session()
        client = SESSION.client(
            service, endpoint_url=url, region_name=region, **(KEYS | keys),
            config=botocore.config.Config(retries={"max_attempts": retries}, parameter_validation=False,
                                          read_timeout=timeout, max_pool_connections=pool))

    def check(response_dict=None, **_):
        if response_dict is None:
            return
        operation = response_dict["context"]["operation_name"]
        headers = {name.lower(): value for name, value in response_dict["headers"].items()}
        if service == "lambda":
            problems.extend(aws_model.rest_reply_problems(service, operation, response_dict["status_code"], headers,
                                                          response_dict["body"]))
            return
        problems.extend(aws_model.reply_problems(target_of(operation, service), response_dict["status_code"],
                                                 headers, response_dict["body"]))

    if problems is not None:
        client.meta.events.register("response-received", check)
    return client


class AwsTest(DaemonTest):
    """A test with a daemon and clients of boto3 whose replies are checked."""

    def setUp(self):
        if boto3 is None:
            self.skipTest("no python3-boto3: run tools/setup --clients")
        super().setUp()
        self.problems = []
        self.addCleanup(lambda: self.assertEqual(self.problems, [], "replies against AWS's model"))
        self.connect()

    def connect(self):
        """After a restart: the daemon has another port."""
        self.dynamodb = make_client(self.daemon.url, problems=self.problems)
        self.streams = make_client(self.daemon.url, "dynamodbstreams", problems=self.problems)

    def restart(self):
        self.daemon.start()
        self.connect()

    @contextlib.contextmanager
    def fails(self, code, message=None):
        """The block raises an error of AWS with that code; its text matches the pattern."""
        with self.assertRaises(ClientError) as raised:
            yield raised
        error = raised.exception.response["Error"]
        self.assertEqual(error["Code"], code, error)
        if message is not None:
            self.assertRegex(error["Message"], message)

    def raw(self, operation, body, headers=None, prefix="DynamoDB_20120810"):
        """A request as bytes; its answer is checked, too, unless there is no operation."""
        headers = request_headers(operation) | {"X-Amz-Target": f"{prefix}.{operation}"} | (headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        answer = self.daemon.request("POST", "/", body if isinstance(body, bytes) else body.encode(), headers)
        if answer.status in (200, 400, 500):
            lower = {name.lower(): value for name, value in answer.headers.items()}
            self.problems.extend(aws_model.reply_problems(headers["X-Amz-Target"], answer.status, lower, answer.body))
        return answer

    # ---- tables

    def create_table(self, name="things", key=("p:S",), view=None, indexes=(), local=(), attributes=(), **more):
        """`key` and the keys of indexes: `NAME:TYPE`, partition key first.  An index: (name, key[, projection])."""
        types = {}

        def schema(elements):
            for element in elements:
                attribute, _, kind = element.partition(":")
                types.setdefault(attribute, kind or "S")
            return [{"AttributeName": element.partition(":")[0], "KeyType": "RANGE" if i else "HASH"}
                    for i, element in enumerate(elements)]

        def index(entry):
            projection = entry[2] if len(entry) > 2 else {"ProjectionType": "ALL"}
            return {"IndexName": entry[0], "KeySchema": schema(entry[1]), "Projection": projection}

        request = {"TableName": name, "KeySchema": schema(key)} | more
        if indexes:
            request["GlobalSecondaryIndexes"] = [index(entry) for entry in indexes]
        if local:
            request["LocalSecondaryIndexes"] = [index(entry) for entry in local]
        if view:
            request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
        if "ProvisionedThroughput" not in request:
            request.setdefault("BillingMode", "PAY_PER_REQUEST")
        schema(attributes)
        request["AttributeDefinitions"] = [{"AttributeName": attribute, "AttributeType": kind}
                                           for attribute, kind in sorted(types.items())]
        return self.dynamodb.create_table(**request)["TableDescription"]

    def items(self, table="things", operation="scan", **request):
        """All pages of a Scan or Query."""
        items = []
        while True:
            page = getattr(self.dynamodb, operation)(TableName=table, **request)
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return items
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    # ---- streams

    def stream_of(self, table="things"):
        return self.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]

    def shards(self, arn):
        shards, start = [], {}
        while True:
            page = self.streams.describe_stream(StreamArn=arn, **start)["StreamDescription"]
            shards += page["Shards"]
            if "LastEvaluatedShardId" not in page:
                return shards
            start = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}

    def iterator(self, arn, shard, kind="TRIM_HORIZON", **more):
        return self.streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType=kind,
                                               **more)["ShardIterator"]

    def shard_records(self, iterator):
        """The records of a shard to its end, or until it has no more for now; and the next iterator."""
        records = []
        while iterator:
            page = self.streams.get_records(ShardIterator=iterator)
            records += page["Records"]
            iterator = page.get("NextShardIterator")
            if not page["Records"]:
                break
        return records, iterator

    def records(self, arn):
        """Every record of a stream, parents before children."""
        shards = {shard["ShardId"]: shard for shard in self.shards(arn)}
        done, records = set(), []

        def read(shard):
            parent = shards.get(shards[shard].get("ParentShardId"))
            if parent and parent["ShardId"] not in done:
                read(parent["ShardId"])
            if shard not in done:
                done.add(shard)
                records.extend(self.shard_records(self.iterator(arn, shard))[0])

        for shard in sorted(shards):
            read(shard)
        return records


class CheckingProxy:
    """Forwards every request to the daemon and checks the answers of DynamoDB; for clients without hooks."""

    def __init__(self, url):
        address = urllib.parse.urlsplit(url).netloc
        self.problems = problems = []
        self.targets = targets = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                connection = http.client.HTTPConnection(address, timeout=PATIENCE)
                # As it came: signed headers stay as they are.
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() != "connection":
                        connection.putheader(name, value)
                connection.endheaders(body)
                response = connection.getresponse()
                answer = response.read()
                connection.close()
                target = self.headers.get("X-Amz-Target")
                if target:
                    targets.append(target)
                    problems.extend(aws_model.reply_problems(
                        target, response.status, {k.lower(): v for k, v in response.getheaders()}, answer))
                self.send_response_only(response.status)
                for name, value in response.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = do_OPTIONS = do_DELETE = forward

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def aws_cli(url, *arguments, stdin=None, **extra):
    """Runs Debian's aws; it has no AWS_ENDPOINT_URL yet."""
    return subprocess.run([AWS_CLI, "--endpoint-url", url, *arguments], input=stdin, capture_output=True, text=True,
                          timeout=PATIENCE * 4,
                          env=aws_environment(url, **({"AWS_DATA_PATH": aws_model.DATA_PATH, "AWS_PAGER": ""} | extra)))
