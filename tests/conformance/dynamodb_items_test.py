"""Items and expressions of DynamoDB by boto3: what goes in comes out, to the last digit and byte."""
import decimal
import unittest

from aws import AwsTest

MAX_ITEM = 409_600


class NumbersTest(AwsTest):
    def setUp(self):
        super().setUp()
        self.create_table()

    def stored(self, text):
        self.dynamodb.put_item(TableName="things", Item={"p": {"S": "n"}, "v": {"N": text}})
        return self.dynamodb.get_item(TableName="things", Key={"p": {"S": "n"}}, ConsistentRead=True)["Item"]["v"]["N"]

    def test_c10_numbers_come_back_exact_and_normalised(self):
        # AWS gives very large and small numbers without an exponent, too: aws.md c10.
        for sent, expected in [
            ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
            ("0.12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678"),
            ("-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999"),
            ("1e3", "1000"), ("1E+3", "1000"), ("0.10", "0.1"), ("-0", "0"), ("-0.000", "0"), ("+3", "3"),
            ("000123.4500", "123.45"), (".5", "0.5"), ("5.", "5"), ("0e500", "0"),
            ("12e-3", "0.012"),
        ]:
            with self.subTest(sent):
                self.assertEqual(self.stored(sent), expected)

    def test_the_smallest_and_the_largest_number_survive(self):
        for sent in ("1e-130", "-1e-130", "9.9999999999999999999999999999999999999e125",
                     "-9.9999999999999999999999999999999999999E+125", "1e125",
                     "1.2345678901234567890123456789012345678e-93"):
            with self.subTest(sent):
                self.assertEqual(decimal.Decimal(self.stored(sent)), decimal.Decimal(sent))

    def test_c8_c9_numbers_out_of_range_are_refused(self):
        for sent, message in [("1e126", "magnitude larger than supported range"),
                              ("-1e126", "magnitude larger than supported range"),
                              ("1e-131", "magnitude smaller than supported range"),
                              ("123456789012345678901234567890123456789", "more than 38 significant digits"),
                              ("1." + "1" * 10_000, "more than 38 significant digits|cannot be converted"),
                              ("abc", "cannot be converted to a numeric value"),
                              ("", "cannot be converted to a numeric value"),
                              ("1e99999999999999999999", "overflow|magnitude|cannot be converted"), ("0x10", "cannot be converted"),
                              ("NaN", "cannot be converted"), ("1 ", "cannot be converted"),
                              ("1_000", "cannot be converted")]:
            with self.subTest(sent[:50]), self.fails("ValidationException", message):
                self.stored(sent)

    def test_c11_arithmetic_is_decimal(self):
        self.stored("0.1")
        reply = self.dynamodb.update_item(
            TableName="things", Key={"p": {"S": "n"}}, UpdateExpression="SET v = v + :x",
            ExpressionAttributeValues={":x": {"N": "0.2"}}, ReturnValues="UPDATED_NEW")
        self.assertEqual(reply["Attributes"], {"v": {"N": "0.3"}})
        self.stored("1")
        with self.fails("ValidationException"):
            self.dynamodb.update_item(TableName="things", Key={"p": {"S": "n"}}, UpdateExpression="SET v = v + :x",
                                      ExpressionAttributeValues={":x": {"N": "1e-38"}})
        self.stored("9e125")
        with self.fails("ValidationException", "overflow|magnitude"):
            self.dynamodb.update_item(TableName="things", Key={"p": {"S": "n"}}, UpdateExpression="ADD v :x",
                                      ExpressionAttributeValues={":x": {"N": "9e125"}})

    def test_a_number_is_one_key_however_it_is_written(self):
        self.create_table("numbers", ("k:N",))
        self.dynamodb.put_item(TableName="numbers", Item={"k": {"N": "10"}, "v": {"S": "a"}})
        for same in ("10.0", "1e1", "010", "+10"):
            self.assertEqual(self.dynamodb.get_item(TableName="numbers", Key={"k": {"N": same}})["Item"]["v"], {"S": "a"})
        self.assertNotIn("Item", self.dynamodb.get_item(TableName="numbers", Key={"k": {"N": "100"}}))


class SortOrderTest(AwsTest):
    def sorted_keys(self, kind, values, **request):
        self.create_table("things", ("p:S", f"s:{kind}"))
        for value in values:
            self.dynamodb.put_item(TableName="things", Item={"p": {"S": "x"}, "s": {kind: value}})
        items = self.items("things", "query", KeyConditionExpression="p = :p",
                           ExpressionAttributeValues={":p": {"S": "x"}}, **request)
        return [item["s"][kind] for item in items]

    def test_c13_numbers_sort_by_value(self):
        expected = ["-9.9e125", "-1e20", "-12", "-2", "-1.5", "-0.001", "-1e-130", "0", "1e-130", "0.001", "0.5",
                    "1", "1.5", "2", "9", "10", "10.01", "99999999999999999999999999999999999999", "1e50", "9.9e125"]
        shuffled = expected[::3] + expected[1::3] + expected[2::3]
        self.assertEqual([decimal.Decimal(n) for n in self.sorted_keys("N", shuffled)],
                         [decimal.Decimal(n) for n in expected])

    def test_strings_sort_by_utf8_bytes(self):
        values = ["", "a", "A", "aa", "b", "Z", "é", "z", "ｚ", "\U0001f600", "￿", "a\u0000b", "a\u0000", "ab"]
        self.assertEqual(self.sorted_keys("S", [v for v in values if v]),
                         sorted((v for v in values if v), key=lambda v: v.encode()))

    def test_binaries_sort_by_unsigned_bytes(self):
        values = [b"\x00", b"\x00\x00", b"\x00\x01", b"\x01", b"\x7f", b"\x80", b"\xff", b"\xff\x00", b"\xfe\xff"]
        self.assertEqual(self.sorted_keys("B", values[::-1]), sorted(values))

    def test_a_query_can_go_backwards(self):
        self.assertEqual(self.sorted_keys("N", ["3", "1", "2", "-1"], ScanIndexForward=False), ["3", "2", "1", "-1"])


class ItemsTest(AwsTest):
    def setUp(self):
        super().setUp()
        self.create_table()
        self.key = {"p": {"S": "x"}}

    def put(self, **attributes):
        return self.dynamodb.put_item(TableName="things", Item=self.key | attributes)

    def get(self, **request):
        return self.dynamodb.get_item(TableName="things", Key=self.key, ConsistentRead=True, **request).get("Item")

    def update(self, expression, values=None, names=None, **request):
        if values:
            request["ExpressionAttributeValues"] = values
        if names:
            request["ExpressionAttributeNames"] = names
        return self.dynamodb.update_item(TableName="things", Key=self.key, UpdateExpression=expression, **request)

    def test_every_type_comes_back_as_it_was(self):
        item = {"s": {"S": "héllo \U0001f600 \u0000 \"quoted\" \\ / \n"}, "empty": {"S": ""}, "b": {"B": bytes(range(256))},
                "no": {"B": b""}, "t": {"BOOL": True}, "f": {"BOOL": False}, "null": {"NULL": True},
                "l": {"L": [{"N": "1"}, {"L": []}, {"M": {}}, {"S": ""}]},
                "m": {"M": {"a.b": {"N": "2"}, "ü": {"M": {"deep": {"NULL": True}}}}}}
        self.put(**item)
        self.assertEqual(self.get(), self.key | item)

    def test_c2_sets_have_no_order_and_no_duplicates(self):
        self.put(ss={"SS": ["b", "a", "c"]}, ns={"NS": ["3", "1.0", "2"]}, bs={"BS": [b"\x02", b"\x01"]})
        item = self.get()
        self.assertEqual(sorted(item["ss"]["SS"]), ["a", "b", "c"])
        self.assertEqual(sorted(item["ns"]["NS"]), ["1", "2", "3"])
        self.assertEqual(sorted(item["bs"]["BS"]), [b"\x01", b"\x02"])
        # Equal sets are equal in any order.
        self.dynamodb.put_item(TableName="things", Item=self.key, ConditionExpression="ss = :s",
                               ExpressionAttributeValues={":s": {"SS": ["c", "b", "a"]}})
        for duplicate in ({"SS": ["a", "a"]}, {"NS": ["1", "1.0"]}, {"BS": [b"a", b"a"]}):
            with self.subTest(duplicate), self.fails("ValidationException", "contains duplicates"):
                self.put(x=duplicate)
        for empty in ({"SS": []}, {"NS": []}, {"BS": []}):
            with self.subTest(empty), self.fails("ValidationException", "not be empty"):
                self.put(x=empty)

    def test_c23_add_and_delete_on_sets_and_numbers(self):
        self.update("ADD tags :s, hits :one", {":s": {"SS": ["a"]}, ":one": {"N": "1"}})
        self.update("ADD tags :s, hits :one", {":s": {"SS": ["b", "a"]}, ":one": {"N": "1"}})
        item = self.get()
        self.assertEqual((sorted(item["tags"]["SS"]), item["hits"]), (["a", "b"], {"N": "2"}))
        self.update("DELETE tags :s", {":s": {"SS": ["a", "b", "z"]}})
        self.assertEqual(self.get(), self.key | {"hits": {"N": "2"}})

    def test_c20_c21_c22_c24_c25_update_expressions(self):
        self.put(a={"N": "1"}, b={"N": "2"}, l={"L": [{"S": "x"}, {"S": "y"}]}, m={"M": {"k": {"S": "v"}}})
        self.update("SET a = b, b = a, #l[9] = :z, m.#new = :m, n = if_not_exists(n, :zero) + :one REMOVE #l[0]",
                    {":z": {"S": "z"}, ":m": {"M": {"x": {"S": "z"}}}, ":zero": {"N": "0"}, ":one": {"N": "1"}},
                    {"#l": "l", "#new": "new"})
        self.assertEqual(self.get(), self.key | {
            "a": {"N": "2"}, "b": {"N": "1"}, "l": {"L": [{"S": "y"}, {"S": "z"}]}, "n": {"N": "1"},
            "m": {"M": {"k": {"S": "v"}, "new": {"M": {"x": {"S": "z"}}}}}})
        self.update("SET l = list_append(:head, l) REMOVE m.k, nowhere",
                    {":head": {"L": [{"N": "0"}]}})
        self.assertEqual(self.get()["l"], {"L": [{"N": "0"}, {"S": "y"}, {"S": "z"}]})
        with self.fails("ValidationException", "document path provided in the update expression is invalid"):
            self.update("SET nowhere.x = :v", {":v": {"N": "1"}})
        with self.fails("ValidationException", "refers to an attribute that does not exist"):
            self.update("SET a = nowhere")
        with self.fails("ValidationException", "Two document paths overlap"):
            self.update("SET a = :v, a = :v", {":v": {"N": "1"}})
        with self.fails("ValidationException", "part of the key"):
            self.update("SET p = :v", {":v": {"S": "y"}})

    def test_c16_c17_return_values(self):
        self.assertNotIn("Attributes", self.dynamodb.put_item(TableName="things", Item=self.key | {"a": {"N": "1"}},
                                                              ReturnValues="ALL_OLD"))
        old = self.dynamodb.put_item(TableName="things", Item=self.key | {"a": {"N": "2"}, "b": {"N": "5"}},
                                     ReturnValues="ALL_OLD")["Attributes"]
        self.assertEqual(old, self.key | {"a": {"N": "1"}})
        for values, expected in [("ALL_OLD", self.key | {"a": {"N": "2"}, "b": {"N": "5"}}),
                                 ("UPDATED_OLD", {"a": {"N": "3"}}), ("UPDATED_NEW", {"a": {"N": "5"}}),
                                 ("ALL_NEW", self.key | {"a": {"N": "6"}, "b": {"N": "5"}})]:
            with self.subTest(values):
                self.assertEqual(self.update("ADD a :one", {":one": {"N": "1"}}, ReturnValues=values)["Attributes"],
                                 expected)
        self.assertNotIn("Attributes", self.update("ADD a :one", {":one": {"N": "1"}}))
        with self.fails("ValidationException"):
            self.dynamodb.put_item(TableName="things", Item=self.key, ReturnValues="ALL_NEW")
        self.assertEqual(self.dynamodb.delete_item(TableName="things", Key=self.key, ReturnValues="ALL_OLD")["Attributes"],
                         self.key | {"a": {"N": "7"}, "b": {"N": "5"}})
        self.assertNotIn("Attributes", self.dynamodb.delete_item(TableName="things", Key=self.key, ReturnValues="ALL_OLD"))

    def test_c34_c35_conditions(self):
        self.put(n={"N": "5"}, s={"S": "hello"}, l={"L": [{"N": "1"}, {"S": "q"}]}, ss={"SS": ["a", "b"]},
                 m={"M": {"x": {"M": {"y": {"N": "7"}}}}})
        values = {":n": {"N": "5"}, ":low": {"N": "1"}, ":high": {"N": "9"}, ":s": {"S": "hello"}, ":h": {"S": "he"},
                  ":N": {"S": "N"}, ":a": {"S": "a"}, ":seven": {"N": "7"}, ":one": {"N": "1"}}
        true = ["n = :n", "n <> :low", "n BETWEEN :low AND :high", "n IN (:low, :n)", "attribute_exists(n)",
                "attribute_not_exists(zz)", "attribute_type(n, :N)", "begins_with(s, :h)", "contains(s, :h)",
                "contains(ss, :a)", "contains(l, :one)", "size(s) = :n", "size(l) < :n", "m.x.y = :seven",
                "l[0] = :one", "NOT n = :low", "n = :low OR n = :n AND s = :s", "NOT (n = :low OR s = :h)",
                "zz <> :n", "n < :high AND n > :low AND n <= :n AND n >= :n"]
        false = ["n = :low", "s = :n", "s < :n", "zz = :n", "n BETWEEN :seven AND :high", "attribute_exists(m.zz)",
                 "l[5] = :one", "NOT n = :n", "n = :n AND s = :h", "contains(n, :n)", "begins_with(n, :h)"]
        for expressions, holds in ((true, True), (false, False)):
            for expression in expressions:
                used = {name: value for name, value in values.items()
                        if any(part == name for part in expression.replace("(", " ").replace(")", " ")
                               .replace(",", " ").split())}
                request = {"TableName": "things", "Key": self.key, "ConditionExpression": expression,
                           "UpdateExpression": "REMOVE x"}
                if used:
                    request["ExpressionAttributeValues"] = used
                with self.subTest(expression):
                    if holds:
                        self.dynamodb.update_item(**request)
                    else:
                        with self.fails("ConditionalCheckFailedException", "^The conditional request failed$"):
                            self.dynamodb.update_item(**request)

    def test_c18_a_failed_condition_can_return_the_item(self):
        self.put(v={"N": "1"})
        with self.fails("ConditionalCheckFailedException") as raised:
            self.dynamodb.put_item(TableName="things", Item=self.key, ConditionExpression="attribute_not_exists(p)",
                                   ReturnValuesOnConditionCheckFailure="ALL_OLD")
        self.assertEqual(raised.exception.response.get("Item"), self.key | {"v": {"N": "1"}})

    def test_c29_projections(self):
        self.put(a={"N": "1"}, m={"M": {"x": {"N": "2"}, "y": {"N": "3"}}}, l={"L": [{"N": "4"}, {"N": "5"}]})
        self.assertEqual(self.get(ProjectionExpression="a, m.y, l[1], nowhere"),
                         {"a": {"N": "1"}, "m": {"M": {"y": {"N": "3"}}}, "l": {"L": [{"N": "5"}]}})
        self.assertEqual(self.get(AttributesToGet=["a", "p"]), self.key | {"a": {"N": "1"}})
        with self.fails("ValidationException", "reserved keyword"):
            self.get(ProjectionExpression="size")

    def test_c4_c5_an_item_may_have_409600_bytes_and_no_more(self):
        # p + x + their values.
        room = MAX_ITEM - len("p") - len("x") - len("v")
        self.put(v={"S": "a" * room})
        self.assertEqual(len(self.get()["v"]["S"]), room)
        with self.fails("ValidationException", "Item size has exceeded the maximum allowed size"):
            self.put(v={"S": "a" * (room + 1)})
        with self.fails("ValidationException", "Item size to update has exceeded the maximum allowed size"):
            self.update("SET w = :w", {":w": {"S": ""}})
        self.assertEqual(len(self.get()["v"]["S"]), room)

    def test_c1_c3_keys_have_limits(self):
        self.create_table("ranged", ("h:S", "r:S"))
        self.dynamodb.put_item(TableName="ranged", Item={"h": {"S": "h" * 2048}, "r": {"S": "r" * 1024}})
        with self.fails("ValidationException", "2048"):
            self.dynamodb.put_item(TableName="ranged", Item={"h": {"S": "h" * 2049}, "r": {"S": "r"}})
        with self.fails("ValidationException", "1024"):
            self.dynamodb.put_item(TableName="ranged", Item={"h": {"S": "h"}, "r": {"S": "r" * 1025}})
        with self.fails("ValidationException", "empty string value"):
            self.dynamodb.put_item(TableName="ranged", Item={"h": {"S": ""}, "r": {"S": "r"}})
        with self.fails("ValidationException", "Missing the key r in the item"):
            self.dynamodb.put_item(TableName="ranged", Item={"h": {"S": "h"}})
        with self.fails("ValidationException", "does not match the schema"):
            self.dynamodb.get_item(TableName="ranged", Key={"h": {"S": "h"}})
        with self.fails("ValidationException", "Type mismatch for key"):
            self.dynamodb.put_item(TableName="ranged", Item={"h": {"N": "1"}, "r": {"S": "r"}})

    def test_c14_documents_nest_to_32_levels(self):
        def nested(levels):
            value = {"S": "end"}
            for i in range(levels):
                value = {"L": [value]} if i % 2 else {"M": {"k": value}}
            return value

        self.put(v=nested(31))
        self.assertEqual(self.get()["v"], nested(31))
        with self.fails("ValidationException", "Nesting Levels have exceeded supported limits"):
            self.put(v=nested(40))

    def test_c41_c42_c44_pages_end_at_the_limit_or_at_one_megabyte(self):
        self.create_table("queried", ("h:S", "r:N"))
        for i in range(12):
            self.dynamodb.put_item(TableName="queried", Item={"h": {"S": "h"}, "r": {"N": str(i)}, "v": {"S": "x" * 200_000}})
        query = {"TableName": "queried", "KeyConditionExpression": "h = :h",
                 "ExpressionAttributeValues": {":h": {"S": "h"}}}
        page = self.dynamodb.query(**query)
        self.assertIn(page["Count"], (5, 6))
        self.assertEqual(page["LastEvaluatedKey"], {"h": {"S": "h"}, "r": {"N": str(page["Count"] - 1)}})
        pages, seen = 0, []
        while True:
            page = self.dynamodb.query(Limit=4, **query)
            pages += 1
            seen += [int(item["r"]["N"]) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        # At exactly the limit there is a key even if nothing follows: aws.md c42.
        self.assertEqual((seen, pages), (list(range(12)), 4))
        counted = self.dynamodb.query(TableName="queried", KeyConditionExpression="h = :h AND r BETWEEN :a AND :b",
                                      FilterExpression="attribute_not_exists(v)",
                                      ExpressionAttributeValues={":h": {"S": "h"}, ":a": {"N": "2"}, ":b": {"N": "4"}},
                                      Select="COUNT")
        self.assertEqual((counted["Count"], counted["ScannedCount"], "Items" in counted), (0, 3, False))

    def test_c46_segments_of_a_scan_part_the_table(self):
        for i in range(200):
            self.dynamodb.put_item(TableName="things", Item={"p": {"S": f"key-{i}"}})
        parts = [self.items(Segment=i, TotalSegments=7) for i in range(7)]
        keys = [item["p"]["S"] for part in parts for item in part]
        self.assertEqual((len(keys), set(keys)), (200, {f"key-{i}" for i in range(200)}))
        self.assertGreater(len([part for part in parts if part]), 1)

    def test_c59_c60_consumed_capacity(self):
        reply = self.dynamodb.put_item(TableName="things", Item=self.key | {"v": {"S": "x" * 1500}},
                                       ReturnConsumedCapacity="TOTAL")
        self.assertEqual(reply["ConsumedCapacity"], {"TableName": "things", "CapacityUnits": 2.0})
        reply = self.dynamodb.get_item(TableName="things", Key=self.key, ReturnConsumedCapacity="TOTAL")
        self.assertEqual(reply["ConsumedCapacity"]["CapacityUnits"], 0.5)
        reply = self.dynamodb.get_item(TableName="things", Key=self.key, ConsistentRead=True,
                                       ReturnConsumedCapacity="INDEXES")
        self.assertEqual(reply["ConsumedCapacity"], {"TableName": "things", "CapacityUnits": 1.0,
                                                     "Table": {"CapacityUnits": 1.0}})

    def test_c33_c61_legacy_parameters(self):
        self.dynamodb.put_item(TableName="things", Item=self.key | {"n": {"N": "1"}},
                               Expected={"p": {"Exists": False}})
        with self.fails("ConditionalCheckFailedException"):
            self.dynamodb.put_item(TableName="things", Item=self.key, Expected={"p": {"Exists": False}})
        reply = self.dynamodb.update_item(
            TableName="things", Key=self.key, ReturnValues="ALL_NEW",
            AttributeUpdates={"n": {"Action": "ADD", "Value": {"N": "2"}}, "s": {"Value": {"S": "x"}}},
            Expected={"n": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "0"}, {"N": "5"}]}})
        self.assertEqual(reply["Attributes"], self.key | {"n": {"N": "3"}, "s": {"S": "x"}})
        found = self.dynamodb.query(
            TableName="things", KeyConditions={"p": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}]}},
            QueryFilter={"s": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"S": "x"}]}})
        self.assertEqual(found["Count"], 1)
        with self.fails("ValidationException", "Can not use both expression and non-expression parameters"):
            self.dynamodb.update_item(TableName="things", Key=self.key, UpdateExpression="REMOVE a",
                                      AttributeUpdates={"n": {"Action": "DELETE"}})


class BadInputTest(AwsTest):
    """The protocol's own error, and the daemon continues."""

    def setUp(self):
        super().setUp()
        self.create_table()

    def refused(self, operation, body, *types, **more):
        answer = self.raw(operation, body, **more)
        self.assertEqual(answer.status, 400, answer)
        self.assertIn(answer.json["__type"].split("#")[1], types, answer)
        return answer.json

    def test_a7_bodies_that_are_not_json(self):
        for body in (b"", b"{", b"[]", b"null", b"{}}", b'{"TableName":"things"', b"\xff\xfe", b"nul", b'"t"',
                     b'{"TableName":"\xc3\x28"}', b'{"TableName":"\\ud800"}'):
            with self.subTest(body):
                self.refused("DescribeTable", body, "SerializationException", "ValidationException",
                             "ResourceNotFoundException")

    def test_deep_nesting_is_refused_in_bounded_time(self):
        for depth in (1_000, 100_000):
            body = '{"TableName":"things","Item":{"p":{"S":"x"},"v":' + '{"L":[' * depth + "]}" * depth + "}}"
            with self.subTest(depth):
                self.refused("PutItem", body, "ValidationException", "SerializationException")
        path = ".".join(["a"] * 1000)
        self.refused("GetItem", {"TableName": "things", "Key": {"p": {"S": "x"}}, "ProjectionExpression": path},
                     "ValidationException")
        self.refused("PutItem", {"TableName": "things", "Item": {"p": {"S": "x"}},
                                 "ConditionExpression": "(" * 2000 + "p = p" + ")" * 2000}, "ValidationException")

    def test_a11_wrong_types_are_named(self):
        for value, message in [(23, "NUMBER_VALUE cannot be converted to String"),
                               (True, "TRUE_VALUE cannot be converted to String"),
                               ({}, "Start of structure or map found where not expected"),
                               ([], "Unrecognized collection type class java.lang.String")]:
            with self.subTest(value):
                self.assertEqual(self.refused("DescribeTable", {"TableName": value}, "SerializationException"),
                                 {"__type": "com.amazon.coral.service#SerializationException", "Message": message})

    def test_a13_constraints_are_listed(self):
        error = self.refused("GetItem", {"TableName": "a;", "ReturnConsumedCapacity": "hi"}, "ValidationException")
        self.assertRegex(error["message"], r"^\d validation errors? detected: ")
        self.assertIn("Member must satisfy enum value set: [INDEXES, TOTAL, NONE]", error["message"])

    def test_a6_a_body_of_more_than_16_megabytes_is_refused(self):
        answer = self.daemon.request("POST", "/", b"a" * (16 * 1024 * 1024 + 1),
                                     {"Content-Type": "application/x-amz-json-1.0",
                                      "X-Amz-Target": "DynamoDB_20120810.PutItem"})
        self.assertEqual(answer.status, 413)
        self.dynamodb.describe_table(TableName="things")

    def test_c27_c28_c38_expressions_at_their_limits(self):
        def put(expression, values=None):
            request = {"TableName": "things", "Item": {"p": {"S": "x"}}, "ConditionExpression": expression}
            return self.dynamodb.put_item(**request, **({"ExpressionAttributeValues": values} if values else {}))

        put("attribute_not_exists(" + "a" * 255 + ")")
        with self.fails("ValidationException", "Expression size has exceeded the maximum allowed size"):
            put("attribute_not_exists(" + "a" * 4100 + ")")
        values = {f":v{i}": {"N": str(i)} for i in range(101)}
        with self.fails("ConditionalCheckFailedException"):
            put("n IN (" + ",".join(list(values)[:100]) + ")", dict(list(values.items())[:100]))
        with self.fails("ValidationException"):
            put("n IN (" + ",".join(values) + ")", values)
        for expression in ("", "a", "a =", "= a", "a = b = c", "AND", "a IN ()", "f(a)", "size(a)", "(a = b", "a[-1] = b",
                           "a[99999999999999999999] = b", "a..b = c", "#undefined = a", ":undefined = a", "a = \"b\"",
                           "a = 1", "a ! b", "\u0000", "é = a"):
            with self.subTest(expression), self.fails("ValidationException"):
                put(expression)

    def test_duplicate_keys_and_unknown_members_do_no_harm(self):
        answer = self.raw("PutItem", b'{"TableName":"things","Item":{"p":{"S":"a"}},"Item":{"p":{"S":"b"}},"Nothing":1}')
        self.assertIn(answer.status, (200, 400))
        self.assertIn(len(self.items()), (0, 1))


if __name__ == "__main__":
    unittest.main()
