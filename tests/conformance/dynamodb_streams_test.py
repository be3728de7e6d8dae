"""DynamoDB Streams by boto3: no change is ever missing, whatever happens in between."""
import datetime
import unittest

from aws import AwsTest
from daemon import ADMIN

HOUR = 3_600_000


class StreamTest(AwsTest):
    def put(self, text, table="things", **attributes):
        self.dynamodb.put_item(TableName=table, Item={"p": {"S": text}} | attributes)

    def advance(self, milliseconds):
        answer = self.daemon.request("POST", f"{ADMIN}/clock", {"advance_ms": milliseconds})
        self.assertEqual(answer.status, 200, answer)

    def test_d2_d3_d13_d14_a_record_has_every_member(self):
        created = self.create_table(view="NEW_AND_OLD_IMAGES")
        arn = created["LatestStreamArn"]
        self.assertEqual(arn, f"{created['TableArn']}/stream/{created['LatestStreamLabel']}")
        self.assertRegex(created["LatestStreamLabel"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$")
        self.put("id_value", v={"S": "x"})
        self.put("id_value", v={"S": "y"})
        self.put("id_value", v={"S": "y"})  # the same again: no record
        self.dynamodb.delete_item(TableName="things", Key={"p": {"S": "id_value"}})
        self.dynamodb.delete_item(TableName="things", Key={"p": {"S": "id_value"}})
        records = self.records(arn)
        self.assertEqual([record["eventName"] for record in records], ["INSERT", "MODIFY", "REMOVE"])
        for record in records:
            self.assertRegex(record["eventID"], r"^[0-9a-f]{32}$")
            self.assertEqual((record["eventVersion"], record["eventSource"], record["awsRegion"]),
                             ("1.1", "aws:dynamodb", "us-east-1"))
            self.assertRegex(record["dynamodb"]["SequenceNumber"], r"^\d{21,40}$")
            self.assertEqual(record["dynamodb"]["Keys"], {"p": {"S": "id_value"}})
            self.assertEqual(record["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES")
        first, second, third = (record["dynamodb"] for record in records)
        self.assertNotIn("OldImage", first)
        self.assertEqual(second["OldImage"], {"p": {"S": "id_value"}, "v": {"S": "x"}})
        self.assertEqual(second["NewImage"], {"p": {"S": "id_value"}, "v": {"S": "y"}})
        self.assertNotIn("NewImage", third)
        # Keys and images, names and values: aws.md d14.
        key, image = len("p") + len("id_value"), len("p") + len("id_value") + len("v") + 1
        self.assertEqual([record["SizeBytes"] for record in (first, second, third)],
                         [key + image, key + 2 * image, key + image])
        numbers = [int(record["SequenceNumber"]) for record in (first, second, third)]
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_d15_views(self):
        for view, old, new in (("KEYS_ONLY", False, False), ("NEW_IMAGE", False, True), ("OLD_IMAGE", True, False)):
            table = f"view-{view}"
            arn = self.create_table(table, view=view)["LatestStreamArn"]
            self.put("a", table, v={"N": "1"})
            self.put("a", table, v={"N": "2"})
            record = self.records(arn)[1]["dynamodb"]
            self.assertEqual(("OldImage" in record, "NewImage" in record), (old, new))

    def test_d16_d17_d19_every_kind_of_write_makes_its_records(self):
        arn = self.create_table(view="NEW_IMAGE")["LatestStreamArn"]
        self.create_table("others")
        self.dynamodb.transact_write_items(TransactItems=[
            {"Put": {"TableName": "things", "Item": {"p": {"S": "t1"}}}},
            {"Update": {"TableName": "things", "Key": {"p": {"S": "t2"}}, "UpdateExpression": "SET v = :v",
                        "ExpressionAttributeValues": {":v": {"N": "1"}}}},
            {"Put": {"TableName": "others", "Item": {"p": {"S": "elsewhere"}}}},
            {"ConditionCheck": {"TableName": "things", "Key": {"p": {"S": "t3"}},
                                "ConditionExpression": "attribute_not_exists(p)"}}])
        self.dynamodb.batch_write_item(RequestItems={"things": [
            {"PutRequest": {"Item": {"p": {"S": "b1"}}}}, {"DeleteRequest": {"Key": {"p": {"S": "t1"}}}},
            {"DeleteRequest": {"Key": {"p": {"S": "missing"}}}}]})
        self.dynamodb.execute_statement(Statement="INSERT INTO things VALUE {'p': 'q1', 'v': 5}")
        self.dynamodb.update_item(TableName="things", Key={"p": {"S": "t2"}}, UpdateExpression="SET v = :v",
                                  ExpressionAttributeValues={":v": {"N": "1.0"}})  # as it was
        self.dynamodb.update_item(TableName="things", Key={"p": {"S": "no"}}, UpdateExpression="REMOVE v")
        events = sorted((record["eventName"], record["dynamodb"]["Keys"]["p"]["S"]) for record in self.records(arn))
        self.assertEqual(events, [("INSERT", "b1"), ("INSERT", "q1"), ("INSERT", "t1"), ("INSERT", "t2"),
                                  ("REMOVE", "t1")])

    def test_5000_writes_while_nobody_reads_are_all_there(self):
        arn = self.create_table(view="KEYS_ONLY")["LatestStreamArn"]
        for i in range(0, 5000, 25):
            self.dynamodb.batch_write_item(RequestItems={"things": [
                {"PutRequest": {"Item": {"p": {"S": f"item-{i + j}"}}}} for j in range(25)]})
        records = self.records(arn)
        self.assertEqual(len(records), 5000)
        self.assertEqual({record["dynamodb"]["Keys"]["p"]["S"] for record in records},
                         {f"item-{i}" for i in range(5000)})

    def test_d8_iterators_go_on_after_a_restart_and_kill_9(self):
        arn = self.create_table(view="NEW_IMAGE")["LatestStreamArn"]
        for i in range(10):
            self.put("one", v={"N": str(i)})
        shard = next(shard["ShardId"] for shard in self.shards(arn) if self.shard_records(self.iterator(
            arn, shard["ShardId"]))[0])
        page = self.streams.get_records(ShardIterator=self.iterator(arn, shard), Limit=3)
        seen = [record["dynamodb"]["NewImage"]["v"]["N"] for record in page["Records"]]
        iterator = page["NextShardIterator"]
        last = page["Records"][-1]["dynamodb"]["SequenceNumber"]
        for end, value in ((self.daemon.stop, "10"), (self.daemon.kill, "11")):
            end()
            self.restart()
            self.put("one", v={"N": value})
            page = self.streams.get_records(ShardIterator=iterator, Limit=3)
            seen += [record["dynamodb"]["NewImage"]["v"]["N"] for record in page["Records"]]
            iterator = page["NextShardIterator"]
        seen += [record["dynamodb"]["NewImage"]["v"]["N"] for record in self.shard_records(iterator)[0]]
        self.assertEqual(seen, [str(i) for i in range(12)])
        again, _ = self.shard_records(self.iterator(arn, shard, "AFTER_SEQUENCE_NUMBER", SequenceNumber=last))
        self.assertEqual([record["dynamodb"]["NewImage"]["v"]["N"] for record in again], [str(i) for i in range(3, 12)])
        at, _ = self.shard_records(self.iterator(arn, shard, "AT_SEQUENCE_NUMBER", SequenceNumber=last))
        self.assertEqual(at[0]["dynamodb"]["SequenceNumber"], last)

    def test_d12_d20_a_jump_of_the_clock_and_a_restart_lose_nothing_for_24_hours(self):
        arn = self.create_table(view="NEW_IMAGE")["LatestStreamArn"]
        for i in range(5):
            self.put("one", v={"N": str(i)})
        shard = next(shard["ShardId"] for shard in self.shards(arn) if self.shard_records(self.iterator(
            arn, shard["ShardId"]))[0])
        page = self.streams.get_records(ShardIterator=self.iterator(arn, shard), Limit=2)
        iterator, last = page["NextShardIterator"], page["Records"][-1]["dynamodb"]["SequenceNumber"]
        self.advance(20 * HOUR)
        self.daemon.stop()
        self.restart()
        self.put("one", v={"N": "5"})
        with self.fails("ExpiredIteratorException", "expired"):
            self.streams.get_records(ShardIterator=iterator)
        # The shard was closed meanwhile; what comes later is in its children.
        values, open_shard = [], self.iterator(arn, shard, "AFTER_SEQUENCE_NUMBER", SequenceNumber=last)
        values += [record["dynamodb"]["NewImage"]["v"]["N"] for record in self.shard_records(open_shard)[0]]
        everything = [record["dynamodb"]["NewImage"]["v"]["N"] for record in self.records(arn)]
        self.assertEqual(values[:3], ["2", "3", "4"])
        self.assertEqual(everything, [str(i) for i in range(6)])
        self.advance(5 * HOUR)
        with self.fails("TrimmedDataAccessException"):
            page = self.iterator(arn, shard, "AFTER_SEQUENCE_NUMBER", SequenceNumber=last)
            self.streams.get_records(ShardIterator=page)
        self.assertEqual([record["dynamodb"]["NewImage"]["v"]["N"] for record in self.records(arn)], ["5"])

    def test_d6_d11_d18_d21_a_shard_that_is_split_ends_and_its_children_go_on(self):
        arn = self.create_table(view="NEW_IMAGE")["LatestStreamArn"]
        for i in range(100):
            self.put(f"item-{i % 10}", v={"N": str(i)})
        before = self.shards(arn)
        answer = self.daemon.request("POST", f"{ADMIN}/tables/things/split", {})
        self.assertEqual(answer.status, 200, answer)
        for i in range(100, 200):
            self.put(f"item-{i % 10}", v={"N": str(i)})
        after = {shard["ShardId"]: shard for shard in self.shards(arn)}
        parents = {shard.get("ParentShardId") for shard in after.values()}
        closed = [shard for shard in after.values() if "EndingSequenceNumber" in shard["SequenceNumberRange"]]
        self.assertGreater(len(after), len(before))
        self.assertTrue(closed)
        for shard in closed:
            self.assertIn(shard["ShardId"], parents)
            _, iterator = self.shard_records(self.iterator(arn, shard["ShardId"]))
            self.assertIsNone(iterator)  # a closed shard ends without a next iterator
            children = self.streams.describe_stream(
                StreamArn=arn, ShardFilter={"Type": "CHILD_SHARDS", "ShardId": shard["ShardId"]})
            self.assertEqual({child["ParentShardId"] for child in children["StreamDescription"]["Shards"]},
                             {shard["ShardId"]})
        per_item = {}
        for record in self.records(arn):
            per_item.setdefault(record["dynamodb"]["Keys"]["p"]["S"], []).append(
                int(record["dynamodb"]["NewImage"]["v"]["N"]))
        self.assertEqual(per_item, {f"item-{k}": list(range(k, 200, 10)) for k in range(10)})

    def test_b3_b14_b15_d24_a_disabled_stream_stays_readable_and_a_new_one_is_empty(self):
        first = self.create_table(view="KEYS_ONLY")["LatestStreamArn"]
        self.put("a")
        with self.fails("ValidationException"):
            self.dynamodb.update_table(TableName="things", StreamSpecification={"StreamEnabled": True,
                                                                               "StreamViewType": "KEYS_ONLY"})
        self.dynamodb.update_table(TableName="things", StreamSpecification={"StreamEnabled": False})
        self.put("between")
        self.advance(1000)
        self.dynamodb.update_table(TableName="things", StreamSpecification={"StreamEnabled": True,
                                                                           "StreamViewType": "NEW_IMAGE"})
        second = self.stream_of()
        self.assertNotEqual(first, second)
        self.put("b")
        self.assertEqual([record["dynamodb"]["Keys"]["p"]["S"] for record in self.records(first)], ["a"])
        self.assertEqual([record["dynamodb"]["Keys"]["p"]["S"] for record in self.records(second)], ["b"])
        status = {arn: self.streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamStatus"]
                  for arn in (first, second)}
        self.assertEqual(status, {first: "DISABLED", second: "ENABLED"})
        self.assertEqual({stream["StreamArn"] for stream in self.streams.list_streams(TableName="things")["Streams"]},
                         {first, second})
        for shard in self.shards(first):
            self.assertIn("EndingSequenceNumber", shard["SequenceNumberRange"])

    def test_d22_the_stream_of_a_deleted_table_stays_readable(self):
        arn = self.create_table(view="KEYS_ONLY")["LatestStreamArn"]
        self.put("a")
        self.dynamodb.delete_table(TableName="things")
        self.assertEqual([record["eventName"] for record in self.records(arn)], ["INSERT"])

    def test_d7_latest_begins_after_what_is_there(self):
        arn = self.create_table(view="KEYS_ONLY")["LatestStreamArn"]
        self.put("before")
        iterators = [self.iterator(arn, shard["ShardId"], "LATEST") for shard in self.shards(arn)
                     if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
        self.put("after")
        records = [record for iterator in iterators for record in self.shard_records(iterator)[0]]
        self.assertEqual([record["dynamodb"]["Keys"]["p"]["S"] for record in records], ["after"])

    def test_d1_d5_d9_d10_errors(self):
        arn = self.create_table(view="KEYS_ONLY")["LatestStreamArn"]
        shard = self.shards(arn)[0]["ShardId"]
        with self.fails("ResourceNotFoundException", "^Requested resource not found: Stream: .* not found$"):
            self.streams.describe_stream(StreamArn=arn[:-3] + "999")
        with self.fails("ValidationException"):
            self.streams.describe_stream(StreamArn="nonsense")
        with self.fails("ValidationException"):
            self.iterator(arn, shard, "AT_SEQUENCE_NUMBER")
        with self.fails("ResourceNotFoundException"):
            self.iterator(arn, "shardId-00000000000000000000-ffffffff")
        for limit in (0, 1001):
            with self.fails("ValidationException", "limit"):
                self.streams.get_records(ShardIterator=self.iterator(arn, shard), Limit=limit)
        for nonsense in ("x", "a" * 2000, arn + "|1|AAAA", "\u0000", "%", arn):
            with self.subTest(nonsense[:30]), self.fails("ValidationException"):
                self.streams.get_records(ShardIterator=nonsense)
        self.assertEqual(self.streams.list_streams(TableName="unknown")["Streams"], [])


class TimeToLiveTest(AwsTest):
    def test_b18_b20_expired_items_go_and_their_records_say_who_did_it(self):
        arn = self.create_table(view="OLD_IMAGE")["LatestStreamArn"]
        reply = self.dynamodb.update_time_to_live(
            TableName="things", TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True})
        self.assertEqual(reply["TimeToLiveSpecification"], {"AttributeName": "expires", "Enabled": True})
        self.assertEqual(self.dynamodb.describe_time_to_live(TableName="things")["TimeToLiveDescription"],
                         {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"})
        now = self.daemon.get(f"{ADMIN}/clock")["now"]
        seconds = int(datetime.datetime.fromisoformat(now[:19] + "+00:00").timestamp())
        for name, value in (("past", {"N": str(seconds - 100)}), ("soon", {"N": str(seconds + 1000)}),
                            ("text", {"S": str(seconds - 100)}), ("ancient", {"N": str(seconds - 6 * 365 * 86_400)}),
                            ("far", {"N": str(seconds + 10**8)})):
            self.dynamodb.put_item(TableName="things", Item={"p": {"S": name}, "expires": value})
        self.dynamodb.put_item(TableName="things", Item={"p": {"S": "none"}})

        def left():
            return sorted(item["p"]["S"] for item in self.items())

        expire = self.daemon.request("POST", f"{ADMIN}/tables/things/expire", {})
        self.assertEqual(expire.status, 200, expire)
        self.assertEqual(left(), ["ancient", "far", "none", "soon", "text"])
        self.daemon.request("POST", f"{ADMIN}/clock", {"advance_ms": 1_100_000})
        self.daemon.request("POST", f"{ADMIN}/tables/things/expire", {})
        self.assertEqual(left(), ["ancient", "far", "none", "text"])
        self.dynamodb.delete_item(TableName="things", Key={"p": {"S": "none"}})
        removed = {record["dynamodb"]["Keys"]["p"]["S"]: record.get("userIdentity")
                   for record in self.records(arn) if record["eventName"] == "REMOVE"}
        service = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
        self.assertEqual(removed, {"past": service, "soon": service, "none": None})


if __name__ == "__main__":
    unittest.main()
