"""Other clients of the DynamoDB door: the aws CLI, AWS's JavaScript client, ElectroDB, dynamodb-admin in a browser.

A proxy between client and daemon checks every reply against AWS's model.
"""
import json
import os
import socket
import subprocess
import unittest

from aws import (NODE, CheckingProxy, aws_cli, aws_environment, make_client, needs_aws_cli, needs_boto3,
                 needs_node_package)
from clients import CLIENTS
from daemon import DaemonTest, wait_until
from webdriver import CHROMEDRIVER, CHROMIUM, Browser

HERE = os.path.dirname(os.path.abspath(__file__))


class ClientTest(DaemonTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.proxy = CheckingProxy(self.daemon.url)
        self.addCleanup(self.proxy.close)
        self.addCleanup(lambda: self.assertEqual(self.proxy.problems, [], "replies against AWS's model"))

    def node(self, script):
        """What a script of this folder prints, an object."""
        result = subprocess.run([NODE, os.path.join(HERE, script), CLIENTS], capture_output=True, text=True,
                                timeout=120, env=aws_environment(self.proxy.url))
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)


@needs_aws_cli
class AwsCliTest(ClientTest):
    def aws(self, *arguments, code=0):
        result = aws_cli(self.proxy.url, "dynamodb", *arguments, HOME=self.daemon.data)
        self.assertEqual(result.returncode, code, result.stderr)
        return json.loads(result.stdout) if result.stdout else result.stderr

    def test_a_session_of_the_aws_cli(self):
        self.aws("create-table", "--table-name", "Music", "--attribute-definitions", "AttributeName=Artist,AttributeType=S",
                 "AttributeName=SongTitle,AttributeType=S", "--key-schema", "AttributeName=Artist,KeyType=HASH",
                 "AttributeName=SongTitle,KeyType=RANGE", "--billing-mode", "PAY_PER_REQUEST")
        self.aws("wait", "table-exists", "--table-name", "Music")
        self.assertIn("Music", self.aws("list-tables")["TableNames"])
        for title, awards in (("Call Me Today", 1), ("Happy Day", 10)):
            self.aws("put-item", "--table-name", "Music", "--item", json.dumps(
                {"Artist": {"S": "No One You Know"}, "SongTitle": {"S": title}, "Awards": {"N": str(awards)}}))
        found = self.aws("query", "--table-name", "Music", "--key-condition-expression", "Artist = :name",
                         "--expression-attribute-values", '{":name":{"S":"No One You Know"}}', "--page-size", "1")
        self.assertEqual([item["SongTitle"]["S"] for item in found["Items"]], ["Call Me Today", "Happy Day"])
        updated = self.aws("update-item", "--table-name", "Music", "--key", json.dumps(
            {"Artist": {"S": "No One You Know"}, "SongTitle": {"S": "Happy Day"}}), "--update-expression",
            "SET Awards = Awards + :one", "--expression-attribute-values", '{":one":{"N":"1"}}', "--return-values", "ALL_NEW")
        self.assertEqual(updated["Attributes"]["Awards"], {"N": "11"})
        rows = self.aws("execute-statement", "--statement", "SELECT * FROM Music WHERE Artist='No One You Know'")
        self.assertEqual(len(rows["Items"]), 2)
        self.assertIn("ResourceNotFoundException", self.aws("describe-table", "--table-name", "nothing", code=254))
        self.aws("delete-table", "--table-name", "Music")

    def test_a_job_by_the_aws_cli_gets_its_pod(self):
        document = {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [
            {"name": "main", "image": "busybox"}]}}}}
        self.aws("put-item", "--table-name", "resources", "--item", json.dumps(
            {"resource-type": {"S": "job"}, "resource-name": {"S": "default/cli"},
             "resource-value": {"S": json.dumps(document)}}))
        self.daemon.wait_pods("cli", 1)


@needs_node_package("@aws-sdk/client-dynamodb")
class JavaScriptTest(ClientTest):
    def test_a_program_with_the_javascript_client(self):
        seen = self.node("aws_sdk.mjs")
        self.assertEqual(seen, {
            "created": True, "onDemand": {"MaxReadRequestUnits": 1000, "MaxWriteRequestUnits": 1000}, "warm": "ACTIVE",
            "item": {"p": "a", "s": "1", "g": "x", "n": 42, "f": 0.5, "big": "12345678901234567890", "b": [1, 2, 255],
                     "set": ["q", "r"], "list": [1, "two", None, True], "map": {"deep": {"er": []}}},
            "pages": [10, 10, 5], "index": 12,
            "conditional": ["ConditionalCheckFailedException", True, {"N": "42"}],
            "transaction": ["TransactionCanceledException", ["None", "ConditionalCheckFailed"]],
            "statement": [{"n": 42}],
            "missing": ["ResourceNotFoundException", "Requested resource not found"],
            "recordDate": True, "records": 26})

    @needs_node_package("electrodb")
    def test_electrodb_does_its_usual_work(self):
        seen = self.node("electrodb.mjs")
        self.assertEqual(seen, {
            "twice": 4001, "updated": {"team": "red", "id": "t00", "points": 5, "tags": ["x", "y"], "state": "done",
                                       "history": ["now"]},
            "filtered": 9, "between": 10, "collection": [60, 1], "people": 0, "page": [7, "t07"]})


@unittest.skipUnless(CHROMEDRIVER and CHROMIUM, "no chromium and chromedriver: run tools/setup --clients")
@needs_node_package("dynamodb-admin")
@needs_boto3
class DynamoDbAdminTest(ClientTest):
    """dynamodb-admin, the usual GUI, in a browser: tables, items, a new item."""

    def setUp(self):
        super().setUp()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        admin = subprocess.Popen(
            [NODE, os.path.join(CLIENTS, "node_modules", "dynamodb-admin", "dist", "dynamodb-admin.js"), "--host",
             "127.0.0.1", "--port", str(port), "--dynamo-endpoint", self.proxy.url, "--skip-default-credentials"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=aws_environment(self.proxy.url, HOME=self.daemon.data))
        self.addCleanup(admin.wait)
        self.addCleanup(admin.kill)

        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_until(listens, "dynamodb-admin listens")
        self.browser = Browser()
        self.addCleanup(self.browser.close)

    def test_a_table_is_filled_and_looked_at(self):
        browser = self.browser
        browser.open(self.url)
        browser.wait_for_text("resources")
        # This release of the GUI sends the capacity of a new table as a string, which AWS refuses, too.
        browser.open(self.url + "/create-table")
        browser.fill("#TableName", "refused")
        browser.fill("[name=HashAttributeName]", "id")
        browser.click("#saveButton")
        browser.wait_for_text("STRING_VALUE cannot be converted to Long")
        make_client(self.proxy.url).create_table(
            TableName="from-gui", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        browser.open(self.url)
        browser.wait_for_text("from-gui")
        browser.open(self.url + "/tables/from-gui/add-item")
        browser.run("ace.edit('documentTextarea').setValue(arguments[0])",
                    json.dumps({"id": "one", "number": 1.5, "list": [1, {"a": None}]}))
        browser.click("#saveButton")
        browser.wait_for_text("one")
        browser.open(self.url + "/tables/from-gui")
        browser.wait_for_text("1.5")
        browser.open(self.url + "/tables/from-gui/meta")
        browser.wait_for_text("TableStatus")
        self.daemon.create_job("shown")
        self.daemon.wait_pods("shown", 1)
        browser.open(self.url + "/tables/resources")
        browser.wait_for_text("default/shown")


if __name__ == "__main__":
    unittest.main()
