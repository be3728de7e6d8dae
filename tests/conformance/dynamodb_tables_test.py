"""Tables of DynamoDB by boto3, and what every request of the AWS doors has in common."""
import gzip
import json
import re
import unittest

from aws import REGION, AwsTest, make_client
from daemon import Daemon


class WireTest(AwsTest):
    def test_a1_a3_a_reply_has_id_checksum_and_type(self):
        for kind in ("application/x-amz-json-1.0", "application/json"):
            answer = self.raw("ListTables", {}, {"Content-Type": kind})
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, kind))
        # raw() has checked the rest by the model.

    def test_a4_health(self):
        answer = self.daemon.request("GET", "/", headers={"Host": "dynamodb.us-east-1.amazonaws.com"})
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.body.decode().startswith("healthy: dynamodb."), answer)
        self.assertIn("x-amz-crc32", answer.headers)

    def test_a8_unknown_operations(self):
        for target in ("DynamoDB_20120810.FooBar", "DynamoDB_20120810.CreateBackup", "Nothing", "DynamoDB_20111205.GetItem"):
            answer = self.daemon.request("POST", "/", "{}", {"Content-Type": "application/x-amz-json-1.0",
                                                             "X-Amz-Target": target})
            self.assertEqual(answer.status, 400, answer)
            self.assertEqual(answer.json["__type"], "com.amazon.coral.service#UnknownOperationException")

    def test_a5_other_content_types_are_not_found(self):
        answer = self.daemon.request("POST", "/", "{}", {"Content-Type": "whatever",
                                                         "X-Amz-Target": "DynamoDB_20120810.ListTables"})
        self.assertEqual((answer.status, answer.body), (404, b"<UnknownOperationException/>\n"))

    def test_a16_gzip_both_ways(self):
        self.create_table()
        self.dynamodb.put_item(TableName="things", Item={"p": {"S": "x"}, "v": {"S": "y" * 10_000}})
        body = gzip.compress(json.dumps({"TableName": "things", "Key": {"p": {"S": "x"}}}).encode())
        answer = self.raw("GetItem", body, {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"})
        self.assertEqual(answer.status, 200, answer)
        text = gzip.decompress(answer.body) if answer.headers["Content-Encoding"] == "gzip" else answer.body
        self.assertEqual(len(json.loads(text)["Item"]["v"]["S"]), 10_000)

    def test_any_key_is_accepted_and_all_see_the_same_tables(self):
        self.create_table()
        for keys in ({"aws_access_key_id": "a-b", "aws_secret_access_key": "x"},
                     {"aws_access_key_id": "111122223333", "aws_secret_access_key": "x"},
                     {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x",
                      "aws_session_token": "token"}):
            for region in (REGION, "eu-central-1"):
                other = make_client(self.daemon.url, problems=self.problems, region=region, **keys)
                self.assertEqual(other.list_tables()["TableNames"], ["resources", "things"])

    def test_a18_an_arn_has_the_account_and_region_of_its_creator(self):
        other = make_client(self.daemon.url, problems=self.problems, region="eu-central-1",
                            aws_access_key_id="111122223333")
        arn = other.create_table(
            TableName="things", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}])["TableDescription"]["TableArn"]
        self.assertEqual(arn, "arn:aws:dynamodb:eu-central-1:111122223333:table/things")
        self.assertEqual(self.dynamodb.describe_table(TableName="things")["Table"]["TableArn"], arn)
        self.dynamodb.put_item(TableName=arn, Item={"p": {"S": "x"}})
        self.assertEqual(self.dynamodb.scan(TableName="things")["Count"], 1)

    def test_requests_without_a_signature_are_refused(self):
        answer = self.daemon.request("POST", "/", "{}", {"Content-Type": "application/x-amz-json-1.0",
                                                         "X-Amz-Target": "DynamoDB_20120810.ListTables"})
        self.assertEqual(answer.status, 400, answer)
        self.assertEqual(answer.json["__type"], "com.amazon.coral.service#MissingAuthenticationTokenException")


class IsolationTest(AwsTest):
    FLAGS = ("--aws-isolate",)

    def test_accounts_and_regions_have_tables_of_their_own(self):
        self.create_table()
        other = make_client(self.daemon.url, problems=self.problems, region="eu-central-1")
        self.assertNotIn("things", other.list_tables()["TableNames"])
        with self.fails("ResourceNotFoundException"):
            other.describe_table(TableName="things")
        self.assertIn("things", self.dynamodb.list_tables()["TableNames"])


class TablesTest(AwsTest):
    def test_b1_b2_b5_b6_b8_a_table_from_creation_to_deletion(self):
        created = self.create_table(key=("p:S", "s:N"))
        self.assertEqual(created["TableStatus"], "CREATING")
        self.assertEqual((created["ItemCount"], created["TableSizeBytes"]), (0, 0))
        self.assertEqual(created["TableArn"], f"arn:aws:dynamodb:{REGION}:000000000000:table/things")
        self.assertRegex(created["TableId"], r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.dynamodb.get_waiter("table_exists").wait(TableName="things", WaiterConfig={"Delay": 1})
        table = self.dynamodb.describe_table(TableName="things")["Table"]
        self.assertEqual(table["TableStatus"], "ACTIVE")
        self.assertEqual(table["KeySchema"], [{"AttributeName": "p", "KeyType": "HASH"},
                                              {"AttributeName": "s", "KeyType": "RANGE"}])
        self.assertEqual(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")
        self.assertEqual(table["DeletionProtectionEnabled"], False)
        with self.fails("ResourceInUseException", "^Table already exists: things$"):
            self.create_table()
        deleted = self.dynamodb.delete_table(TableName="things")["TableDescription"]
        self.assertEqual(deleted["TableStatus"], "DELETING")
        with self.fails("ResourceNotFoundException", "^Requested resource not found: Table: things not found$"):
            self.dynamodb.describe_table(TableName="things")
        with self.fails("ResourceNotFoundException", "^Requested resource not found"):
            self.dynamodb.get_item(TableName="things", Key={"p": {"S": "x"}, "s": {"N": "1"}})
        self.create_table()
        self.assertEqual(self.items(), [])

    def test_tables_survive_a_restart_and_kill_9(self):
        self.create_table(view="NEW_IMAGE", indexes=[("by-v", ("v:S",))], Tags=[{"Key": "a", "Value": "b"}])
        self.dynamodb.put_item(TableName="things", Item={"p": {"S": "x"}, "v": {"S": "y"}})
        before = self.dynamodb.describe_table(TableName="things")["Table"]
        for end in (self.daemon.stop, self.daemon.kill):
            end()
            self.restart()
            self.assertEqual(self.dynamodb.describe_table(TableName="things")["Table"], before)
            self.assertEqual(self.dynamodb.list_tags_of_resource(ResourceArn=before["TableArn"])["Tags"],
                             [{"Key": "a", "Value": "b"}])
            self.assertEqual(self.dynamodb.scan(TableName="things", IndexName="by-v")["Count"], 1)

    def test_b9_tables_are_listed_in_order_and_by_page(self):
        for name in ("b", "a", "C", "aa", "A.b-c_d"):
            self.create_table(name + "__")
        names = sorted(name + "__" for name in ("b", "a", "C", "aa", "A.b-c_d"))
        page = self.dynamodb.list_tables(Limit=2)
        self.assertEqual((page["TableNames"], page["LastEvaluatedTableName"]), (names[:2], names[1]))
        page = self.dynamodb.list_tables(ExclusiveStartTableName=names[1])
        self.assertEqual([name for name in page["TableNames"] if name != "resources"], names[2:])
        for limit in (0, 101):
            with self.fails("ValidationException", "limit"):
                self.dynamodb.list_tables(Limit=limit)

    def test_b10_b11_b12_wrong_definitions_are_refused(self):
        def create(**more):
            request = {"TableName": "things", "BillingMode": "PAY_PER_REQUEST",
                       "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
                       "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}]} | more
            return self.dynamodb.create_table(**request)

        for more in ({"KeySchema": []}, {"AttributeDefinitions": []},
                     {"KeySchema": [{"AttributeName": "p", "KeyType": "RANGE"}]},
                     {"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]},
                     {"AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"},
                                               {"AttributeName": "unused", "AttributeType": "S"}]},
                     {"AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "L"}]},
                     {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
                     {"BillingMode": "PROVISIONED"}, {"BillingMode": "x"},
                     {"LocalSecondaryIndexes": []}, {"GlobalSecondaryIndexes": []},
                     {"StreamSpecification": {"StreamEnabled": True}},
                     {"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"}},
                     {"TableName": "ab"}, {"TableName": "a" * 256}, {"TableName": "a b c"}):
            with self.subTest(more), self.fails("ValidationException"):
                create(**more)
        self.assertNotIn("things", self.dynamodb.list_tables()["TableNames"])

    def test_b16_b17_provisioned_throughput_is_updated(self):
        self.create_table(ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6})
        updated = self.dynamodb.update_table(
            TableName="things", ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 6})["TableDescription"]
        self.assertEqual(updated["TableStatus"], "UPDATING")
        self.dynamodb.get_waiter("table_exists").wait(TableName="things", WaiterConfig={"Delay": 1})
        described = self.dynamodb.describe_table(TableName="things")["Table"]["ProvisionedThroughput"]
        self.assertEqual((described["ReadCapacityUnits"], described["WriteCapacityUnits"]), (7, 6))
        with self.fails("ValidationException", "The provisioned throughput for the table will not change"):
            self.dynamodb.update_table(TableName="things",
                                       ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 6})

    def test_a_protected_table_is_not_deleted(self):
        self.create_table(DeletionProtectionEnabled=True)
        with self.fails("ValidationException"):
            self.dynamodb.delete_table(TableName="things")
        self.dynamodb.update_table(TableName="things", DeletionProtectionEnabled=False)
        self.dynamodb.delete_table(TableName="things")

    def test_b21_tags(self):
        arn = self.create_table(Tags=[{"Key": "team", "Value": "a"}])["TableArn"]
        self.dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "b"}, {"Key": "empty", "Value": ""}])
        self.dynamodb.untag_resource(ResourceArn=arn, TagKeys=["empty", "unknown"])
        self.assertEqual(self.dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"], [{"Key": "team", "Value": "b"}])
        with self.fails("ValidationException"):
            self.dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": str(i), "Value": ""} for i in range(51)])

    def test_a17_what_sdks_and_terraform_ask_for(self):
        arn = self.create_table()["TableArn"]
        limits = self.dynamodb.describe_limits()
        self.assertEqual((limits["TableMaxReadCapacityUnits"], limits["AccountMaxWriteCapacityUnits"]), (40_000, 80_000))
        self.assertEqual(self.dynamodb.describe_endpoints()["Endpoints"][0]["CachePeriodInMinutes"], 1440)
        self.assertEqual(self.dynamodb.describe_time_to_live(TableName="things")["TimeToLiveDescription"],
                         {"TimeToLiveStatus": "DISABLED"})
        backups = self.dynamodb.describe_continuous_backups(TableName="things")["ContinuousBackupsDescription"]
        self.assertEqual(backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "DISABLED")
        insights = self.dynamodb.describe_contributor_insights(TableName="things")
        self.assertEqual(insights["ContributorInsightsStatus"], "DISABLED")
        policy = json.dumps({"Version": "2012-10-17", "Statement": []})
        revision = self.dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy)["RevisionId"]
        self.assertEqual(self.dynamodb.get_resource_policy(ResourceArn=arn)["RevisionId"], revision)
        self.dynamodb.delete_resource_policy(ResourceArn=arn)
        with self.fails("PolicyNotFoundException"):
            self.dynamodb.get_resource_policy(ResourceArn=arn)

    def test_what_is_not_supported_says_so(self):
        self.create_table()
        for call in (lambda: self.dynamodb.create_backup(TableName="things", BackupName="b"),
                     lambda: self.dynamodb.list_global_tables(),
                     lambda: self.dynamodb.list_exports()):
            with self.fails("UnknownOperationException"):
                call()

    def test_the_terraform_way_of_making_a_table(self):
        """Create, tag, describe until ACTIVE, read back what is drift, update throughput, delete."""
        self.create_table("lock", ("LockID:S",), ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
                          Tags=[{"Key": "Name", "Value": "terraform"}],
                          SSESpecification={"Enabled": False}, TableClass="STANDARD")
        waiter = self.dynamodb.get_waiter("table_exists")
        waiter.wait(TableName="lock", WaiterConfig={"Delay": 1})
        table = self.dynamodb.describe_table(TableName="lock")["Table"]
        self.assertEqual(table["ProvisionedThroughput"]["NumberOfDecreasesToday"], 0)
        self.dynamodb.describe_continuous_backups(TableName="lock")
        self.dynamodb.describe_time_to_live(TableName="lock")
        self.dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])
        self.dynamodb.update_table(TableName="lock", ProvisionedThroughput={"ReadCapacityUnits": 2,
                                                                           "WriteCapacityUnits": 2})
        waiter.wait(TableName="lock", WaiterConfig={"Delay": 1})
        # The lock of Terraform's S3 backend.
        lock = {"TableName": "lock", "Item": {"LockID": {"S": "state"}, "Info": {"S": "{}"}},
                "ConditionExpression": "attribute_not_exists(LockID)"}
        self.dynamodb.put_item(**lock)
        with self.fails("ConditionalCheckFailedException"):
            self.dynamodb.put_item(**lock)
        self.dynamodb.delete_item(TableName="lock", Key={"LockID": {"S": "state"}})
        self.dynamodb.update_table(TableName="lock", BillingMode="PAY_PER_REQUEST")
        waiter.wait(TableName="lock", WaiterConfig={"Delay": 1})
        self.dynamodb.delete_table(TableName="lock")
        self.dynamodb.get_waiter("table_not_exists").wait(TableName="lock", WaiterConfig={"Delay": 1})


class ReplayedTableTest(unittest.TestCase):
    def test_a_session_by_boto3_is_recorded_and_replayed(self):
        with Daemon("--record", "session.jsonl") as daemon:
            client = make_client(daemon.url)
            client.create_table(TableName="jobs", BillingMode="PAY_PER_REQUEST",
                                KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
                                AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}])
            client.put_item(TableName="jobs", Item={"p": {"S": "x"}})
            daemon.stop()
            result = daemon.cli("replay", f"{daemon.data}/session.jsonl", timeout=120)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertTrue(re.search(r"\b2\b|request", result.stdout), result.stdout)


if __name__ == "__main__":
    unittest.main()
