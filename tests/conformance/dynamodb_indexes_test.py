"""Secondary indexes of DynamoDB by boto3."""
import unittest

from aws import AwsTest
from daemon import wait_until


class IndexTest(AwsTest):
    def setUp(self):
        super().setUp()
        self.create_table("things", ("p:S", "s:N"),
                          indexes=[("by-v", ("v:S", "n:N")), ("keys", ("v:S",), {"ProjectionType": "KEYS_ONLY"}),
                                   ("some", ("v:S",), {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]})],
                          local=[("local", ("p:S", "n:N"))])

    def put(self, p, s, **attributes):
        self.dynamodb.put_item(TableName="things", Item={"p": {"S": p}, "s": {"N": str(s)}} | attributes)

    def query(self, index, value, **more):
        return self.items("things", "query", IndexName=index, KeyConditionExpression="v = :v",
                          ExpressionAttributeValues={":v": {"S": value}}, **more)

    def test_an_index_follows_its_table(self):
        self.put("a", 1, v={"S": "x"}, n={"N": "3"})
        self.put("b", 1, v={"S": "x"}, n={"N": "1"})
        self.put("c", 1, v={"S": "x"}, n={"N": "2"}, x={"S": "extra"}, y={"S": "more"})
        self.put("d", 1, v={"S": "other"})  # not in by-v: it has no n
        self.assertEqual([item["p"]["S"] for item in self.query("by-v", "x")], ["b", "c", "a"])
        self.assertEqual(self.query("by-v", "other"), [])
        self.assertEqual(self.query("keys", "other"), [{"p": {"S": "d"}, "s": {"N": "1"}, "v": {"S": "other"}}])
        self.assertIn({"p": {"S": "c"}, "s": {"N": "1"}, "v": {"S": "x"}, "x": {"S": "extra"}}, self.query("some", "x"))
        self.dynamodb.update_item(TableName="things", Key={"p": {"S": "a"}, "s": {"N": "1"}},
                                  UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": {"S": "moved"}})
        self.dynamodb.update_item(TableName="things", Key={"p": {"S": "b"}, "s": {"N": "1"}}, UpdateExpression="REMOVE n")
        self.dynamodb.delete_item(TableName="things", Key={"p": {"S": "c"}, "s": {"N": "1"}})
        self.assertEqual(self.query("by-v", "x"), [])
        self.assertEqual([item["p"]["S"] for item in self.query("by-v", "moved")], ["a"])

    def test_c45_a_local_index_reads_strongly_and_fetches_all(self):
        for s, n in ((1, 9), (2, 8), (3, 7)):
            self.put("a", s, n={"N": str(n)}, big={"S": "x"})
        self.put("a", 4)
        found = self.items("things", "query", IndexName="local", KeyConditionExpression="p = :p AND n > :n", ConsistentRead=True,
                           ExpressionAttributeValues={":p": {"S": "a"}, ":n": {"N": "7"}})
        self.assertEqual([item["s"]["N"] for item in found], ["2", "1"])
        with self.fails("ValidationException", "Consistent reads are not supported on global secondary indexes"):
            self.dynamodb.scan(TableName="things", IndexName="by-v", ConsistentRead=True)

    def test_pages_of_an_index_with_equal_keys_lose_nothing(self):
        for i in range(50):
            self.put(f"p{i}", i, v={"S": "same"}, n={"N": "1"})
        seen, start = [], {}
        while True:
            page = self.dynamodb.query(TableName="things", IndexName="by-v", KeyConditionExpression="v = :v", Limit=7,
                                       ExpressionAttributeValues={":v": {"S": "same"}}, **start)
            seen += [item["p"]["S"] for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            self.assertEqual(set(page["LastEvaluatedKey"]), {"p", "s", "v", "n"})
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        self.assertEqual(sorted(seen), sorted(f"p{i}" for i in range(50)))

    def test_c47_a_wrong_type_for_an_index_key_is_refused(self):
        with self.fails("ValidationException", "Type mismatch for Index Key"):
            self.put("a", 1, v={"N": "1"})
        with self.fails("ValidationException"):
            self.put("a", 1, v={"S": ""})
        with self.fails("ValidationException"):
            self.dynamodb.query(TableName="things", IndexName="missing", KeyConditionExpression="v = :v",
                                ExpressionAttributeValues={":v": {"S": "x"}})

    def test_an_index_is_added_to_a_full_table_and_removed(self):
        for i in range(300):
            self.put(f"p{i}", i, late={"S": f"group-{i % 3}"})
        self.dynamodb.update_table(
            TableName="things", AttributeDefinitions=[{"AttributeName": "late", "AttributeType": "S"}],
            GlobalSecondaryIndexUpdates=[{"Create": {
                "IndexName": "late", "KeySchema": [{"AttributeName": "late", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"}}}])

        def status():
            table = self.dynamodb.describe_table(TableName="things")["Table"]
            return {index["IndexName"]: index["IndexStatus"] for index in table["GlobalSecondaryIndexes"]}

        wait_until(lambda: status()["late"] == "ACTIVE", "the index is ACTIVE")
        found = self.items("things", "query", IndexName="late", KeyConditionExpression="late = :g",
                           ExpressionAttributeValues={":g": {"S": "group-1"}})
        self.assertEqual(len(found), 100)
        self.dynamodb.update_table(TableName="things", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "late"}}])
        wait_until(lambda: "late" not in status(), "the index is gone")
        with self.fails("ValidationException"):
            self.dynamodb.scan(TableName="things", IndexName="late")

    def test_keys_of_several_attributes(self):
        """Up to four attributes in each half of a key, since 2025."""
        self.dynamodb.create_table(
            TableName="several", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind}
                                  for name, kind in (("p", "S"), ("a", "S"), ("b", "N"), ("c", "S"), ("d", "N"))],
            GlobalSecondaryIndexes=[{
                "IndexName": "both", "Projection": {"ProjectionType": "ALL"},
                "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "HASH"},
                              {"AttributeName": "c", "KeyType": "RANGE"}, {"AttributeName": "d", "KeyType": "RANGE"}]}])
        for p, a, b, c, d in (("1", "x", "1", "m", "2"), ("2", "x", "1", "m", "10"), ("3", "x", "1", "k", "5"),
                              ("4", "x", "2", "m", "1")):
            self.dynamodb.put_item(TableName="several", Item={"p": {"S": p}, "a": {"S": a}, "b": {"N": b}, "c": {"S": c},
                                                        "d": {"N": d}})
        self.dynamodb.put_item(TableName="several", Item={"p": {"S": "5"}, "a": {"S": "x"}, "c": {"S": "m"}})

        def query(condition, **values):
            return [item["p"]["S"] for item in self.items(
                "several", "query", IndexName="both", KeyConditionExpression=condition,
                ExpressionAttributeValues={f":{name}": value for name, value in values.items()})]

        x, one = {"S": "x"}, {"N": "1"}
        self.assertEqual(query("a = :a AND b = :b", a=x, b=one), ["3", "1", "2"])
        self.assertEqual(query("a = :a AND b = :b AND c = :c AND d > :d", a=x, b=one, c={"S": "m"}, d={"N": "2"}), ["2"])
        with self.fails("ValidationException"):
            query("a = :a", a=x)
        with self.fails("ValidationException"):
            query("a = :a AND b = :b AND d = :d", a=x, b=one, d=one)


if __name__ == "__main__":
    unittest.main()
