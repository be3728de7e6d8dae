"""The resource table is a DynamoDB table: what boto3 writes, kubectl sees, and the other way round."""
import json
import subprocess
import unittest

from aws import AwsTest
from clients import KUBECTL
from daemon import environment, job, jobs_path, pods_path

TABLE = "resources"


def resource_key(kind, name, namespace="default"):
    return {"resource-type": {"S": kind}, "resource-name": {"S": f"{namespace}/{name}" if namespace else name}}


def pod(name, **metadata):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"} | metadata,
            "spec": {"containers": [{"name": "main", "image": "busybox"}]}}


class ResourceTableTest(AwsTest):
    def put_job(self, name, **spec):
        document = job(name, **spec)
        document["metadata"]["namespace"] = "default"
        return self.dynamodb.put_item(TableName=TABLE, Item=resource_key("job", name) | {
            "resource-value": {"S": json.dumps(document)}})

    def value(self, kind, name):
        item = self.dynamodb.get_item(TableName=TABLE, Key=resource_key(kind, name), ConsistentRead=True)["Item"]
        return json.loads(item["resource-value"]["S"])

    def resource_records(self):
        arn = self.stream_of(TABLE)
        return [(record["eventName"], record["dynamodb"]["Keys"]["resource-type"]["S"],
                 record["dynamodb"]["Keys"]["resource-name"]["S"]) for record in self.records(arn)]

    def test_the_table_describes_itself(self):
        table = self.dynamodb.describe_table(TableName=TABLE)["Table"]
        self.assertEqual(table["KeySchema"], [{"AttributeName": "resource-type", "KeyType": "HASH"},
                                              {"AttributeName": "resource-name", "KeyType": "RANGE"}])
        self.assertEqual((table["TableStatus"], table["StreamSpecification"]["StreamEnabled"]), ("ACTIVE", True))
        self.assertIn(TABLE, self.dynamodb.list_tables()["TableNames"])

    def test_a_job_put_by_boto3_gets_its_pods(self):
        watch = self.daemon.lines(jobs_path() + "?watch=true")
        self.put_job("from-boto3", completions=3, parallelism=3)
        self.assertEqual(watch.next()["object"]["metadata"]["name"], "from-boto3")
        watch.close()
        pods = self.daemon.wait_pods("from-boto3", 3)
        listed = self.daemon.get(jobs_path())["items"]
        self.assertEqual([item["metadata"]["name"] for item in listed], ["from-boto3"])
        # A whole object: the API server has given it what a job from kubectl has.
        self.assertTrue(listed[0]["metadata"]["uid"] and listed[0]["metadata"]["resourceVersion"], listed[0])
        self.assertEqual({p["metadata"]["ownerReferences"][0]["uid"] for p in pods}, {listed[0]["metadata"]["uid"]})
        found = self.items(TABLE, "query", KeyConditionExpression="#t = :pod",
                           ExpressionAttributeNames={"#t": "resource-type"}, ExpressionAttributeValues={":pod": {"S": "pod"}})
        self.assertEqual(len(found), 3)

    def test_what_the_kubernetes_door_writes_is_in_the_table_and_its_stream(self):
        self.daemon.create_job("from-kubectl", completions=2, parallelism=2)
        names = {p["metadata"]["name"] for p in self.daemon.wait_pods("from-kubectl", 2)}
        self.assertEqual(self.value("job", "from-kubectl")["spec"]["completions"], 2)
        self.daemon.wait_idle()
        records = self.resource_records()
        self.assertIn(("INSERT", "job", "default/from-kubectl"), records)
        self.assertEqual({name for event, kind, name in records if (event, kind) == ("INSERT", "pod")},
                         {f"default/{name}" for name in names})

    def test_updates_transactions_and_deletions_by_boto3_are_seen(self):
        self.dynamodb.transact_write_items(TransactItems=[
            {"Put": {"TableName": TABLE, "Item": resource_key("pod", name) | {"resource-value": {"S": json.dumps(pod(name))}}}}
            for name in ("one", "two")])
        self.assertEqual({p["metadata"]["name"] for p in self.daemon.get(pods_path())["items"]}, {"one", "two"})
        version = self.daemon.get(pods_path(name="one"))["metadata"]["resourceVersion"]
        changed = pod("one", labels={"color": "blue"})
        self.dynamodb.update_item(TableName=TABLE, Key=resource_key("pod", "one"), UpdateExpression="SET #v = :v",
                                  ExpressionAttributeNames={"#v": "resource-value"},
                                  ExpressionAttributeValues={":v": {"S": json.dumps(changed)}})
        now = self.daemon.get(pods_path(name="one"))
        self.assertEqual(now["metadata"]["labels"], {"color": "blue"})
        self.assertNotEqual(now["metadata"]["resourceVersion"], version)
        self.dynamodb.delete_item(TableName=TABLE, Key=resource_key("pod", "two"))
        self.assertEqual(self.daemon.request("GET", pods_path(name="two")).status, 404)
        self.assertEqual([record for record in self.resource_records() if record[1] == "pod"],
                         [("INSERT", "pod", "default/one"), ("INSERT", "pod", "default/two"),
                          ("MODIFY", "pod", "default/one"), ("REMOVE", "pod", "default/two")])

    def test_a_condition_guards_a_resource(self):
        self.put_job("once")
        with self.fails("ConditionalCheckFailedException"):
            self.dynamodb.put_item(TableName=TABLE, Item=resource_key("job", "once") | {"resource-value": {"S": "{}"}},
                                   ConditionExpression="attribute_not_exists(#t)",
                                   ExpressionAttributeNames={"#t": "resource-type"})
        self.assertEqual(self.value("job", "once")["metadata"]["name"], "once")

    def test_a_raw_value_is_returned_byte_identical_with_its_other_attributes(self):
        item = resource_key("thing", "raw") | {
            "resource-value": {"S": '{ "spec" : {"suspend":true},\t"x":"\\u00e9", "n":1e2 }'}, "owner": {"S": "me"},
            "count": {"N": "3"}}
        self.dynamodb.put_item(TableName=TABLE, Item=item)
        self.assertEqual(self.dynamodb.get_item(TableName=TABLE, Key=resource_key("thing", "raw"))["Item"], item)
        self.assertEqual(self.daemon.get("/kless/v1/tables/resources/items?partition=thing&sort=default%2Fraw")["Item"], item)
        reply = self.dynamodb.update_item(TableName=TABLE, Key=resource_key("thing", "raw"), ReturnValues="ALL_NEW",
                                          UpdateExpression="ADD #c :one", ExpressionAttributeNames={"#c": "count"},
                                          ExpressionAttributeValues={":one": {"N": "1"}})
        self.assertEqual(reply["Attributes"], item | {"count": {"N": "4"}})

    def test_nonsense_is_said_on_the_object_and_hurts_no_loop(self):
        for name, value in (("text", "not JSON at all"), ("list", "[1]"), ("wrong", '{"spec":{"parallelism":"many"}}')):
            self.dynamodb.put_item(TableName=TABLE, Item=resource_key("job", name) | {"resource-value": {"S": value}})
        self.dynamodb.put_item(TableName=TABLE, Item=resource_key("job", "empty"))
        self.put_job("good")
        self.daemon.wait_pods("good", 1)
        self.assertEqual(len(self.daemon.pods()), 1)

    def test_the_table_and_its_stream_stay(self):
        with self.fails("ValidationException"):
            self.dynamodb.delete_table(TableName=TABLE)
        with self.fails("ValidationException"):
            self.dynamodb.update_table(TableName=TABLE, StreamSpecification={"StreamEnabled": False})
        self.assertEqual(self.dynamodb.describe_table(TableName=TABLE)["Table"]["TableStatus"], "ACTIVE")

    @unittest.skipUnless(KUBECTL, "no kubectl: run tools/setup --clients")
    def test_kubectl_shows_what_boto3_submitted(self):
        self.put_job("shown", completions=2, parallelism=2)
        self.daemon.wait_pods("shown", 2)
        kubectl = subprocess.run([KUBECTL, "-s", self.daemon.url, "get", "jobs", "-o", "name"], capture_output=True,
                                 text=True, env=environment(HOME=self.daemon.data, KUBECONFIG="/dev/null"), timeout=60)
        self.assertEqual(kubectl.stdout.split(), ["job.batch/shown"], kubectl.stderr)
        subprocess.run([KUBECTL, "-s", self.daemon.url, "delete", "job", "shown"], check=True, capture_output=True,
                       env=environment(HOME=self.daemon.data, KUBECONFIG="/dev/null"), timeout=60)
        self.assertNotIn("Item", self.dynamodb.get_item(TableName=TABLE, Key=resource_key("job", "shown")))


if __name__ == "__main__":
    unittest.main()
