"""The check of replies finds what it should: planted faults."""
import json
import os
import subprocess
import tempfile
import unittest
import zlib

from aws_model import MODELS, Model, reply_problems
from daemon import ROOT


def problems(operation, reply, status=200, **headers):
    body = json.dumps(reply).encode()
    headers = {"x-amz-crc32": str(zlib.crc32(body)), "x-amzn-requestid": "A" * 52,
               "content-type": "application/x-amz-json-1.0"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return list(reply_problems(f"DynamoDB_20120810.{operation}", status, headers, body))


class ReplyCheckTest(unittest.TestCase):
    def test_a_good_reply_has_no_problem(self):
        self.assertEqual(problems("GetItem", {"Item": {"a": {"S": "x"}, "l": {"L": [{"N": "1"}]}},
                                              "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 0.5}}), [])
        self.assertEqual(problems("ListTables", {"TableNames": []}), [])

    def test_an_unknown_member_is_found_at_any_depth(self):
        self.assertEqual(problems("GetItem", {"Thing": 1}), ["GetItem: the model has no member Thing"])
        self.assertEqual(problems("DescribeTable", {"Table": {"Keys": []}}),
                         ["DescribeTable.Table: the model has no member Keys"])

    def test_a_wrong_type_is_found(self):
        self.assertEqual(problems("Query", {"Count": 1.5}), ["Query.Count: 1.5 where an integer belongs"])
        self.assertEqual(problems("Query", {"Count": True}), ["Query.Count: True where an integer belongs"])
        self.assertEqual(problems("GetItem", {"Item": {"a": {"N": 1}}}),
                         ["GetItem.Item['a'].N: int where a string belongs"])
        self.assertEqual(problems("GetItem", {"Item": {"a": {"B": "?"}}}),
                         ["GetItem.Item['a'].B: not base64: '?'"])
        self.assertEqual(problems("DescribeTable", {"Table": {"CreationDateTime": "2026-01-01"}}),
                         ["DescribeTable.Table.CreationDateTime: '2026-01-01' where a number belongs"])
        self.assertEqual(problems("DescribeTable", {"Table": None}), ["DescribeTable.Table: null"])

    def test_a_value_outside_its_enum_is_found(self):
        self.assertEqual(len(problems("DescribeTable", {"Table": {"TableStatus": "READY"}})), 1)

    def test_an_attribute_value_has_exactly_one_type(self):
        self.assertEqual(problems("GetItem", {"Item": {"a": {}}}),
                         ["GetItem.Item['a']: 0 types in one attribute value"])

    def test_a_wrong_checksum_and_a_missing_request_id_are_found(self):
        self.assertEqual(len(problems("GetItem", {}, x_amz_crc32="1")), 1)
        self.assertEqual(len(problems("GetItem", {}, x_amzn_requestid="short")), 1)

    def test_errors_are_those_of_the_operation(self):
        conditional = {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
                       "message": "The conditional request failed", "Item": {"a": {"S": "x"}}}
        self.assertEqual(problems("PutItem", conditional, 400), [])
        self.assertEqual(len(problems("GetItem", conditional, 400)), 1)
        self.assertEqual(problems("GetItem", {"__type": "com.amazon.coral.validate#ValidationException",
                                              "message": "no"}, 400), [])
        self.assertEqual(len(problems("GetItem", {"__type": "com.amazonaws.dynamodb.v20120810#ValidationException",
                                                  "message": "no"}, 400)), 1)
        self.assertEqual(len(problems("GetItem", {"message": "no"}, 500)), 1)


class ModelsTest(unittest.TestCase):
    def test_every_recorded_model_names_only_shapes_that_it_has(self):
        services = sorted(name for name in os.listdir(MODELS) if os.path.isdir(os.path.join(MODELS, name)))
        self.assertEqual(services, ["dynamodb", "dynamodbstreams", "lambda", "logs", "sqs"])
        for service in services:
            model = Model(service)
            named = [operation[part]["shape"] for operation in model.operations.values()
                     for part in ("input", "output") if part in operation]
            for shape in model.shapes.values():
                named += [member["shape"] for member in shape.get("members", {}).values()]
                named += [shape[part]["shape"] for part in ("member", "key", "value") if part in shape]
            self.assertTrue(model.operations)
            self.assertEqual([name for name in named if name not in model.shapes], [], service)

    def test_event_streams_are_marked_as_such(self):
        shapes = Model("lambda").shapes
        self.assertTrue(shapes["InvokeWithResponseStreamResponseEvent"]["eventstream"])
        self.assertTrue(shapes["InvokeResponseStreamUpdate"]["event"])
        self.assertTrue(shapes["InvokeResponseStreamUpdate"]["members"]["Payload"]["eventpayload"])


class ExtractionTest(unittest.TestCase):
    def test_the_tool_keeps_names_types_and_constraints_and_drops_prose(self):
        model = {
            "version": "2.0", "metadata": {"apiVersion": "2020-01-01"}, "documentation": "<p>prose</p>",
            "operations": {"Get": {"name": "Get", "http": {"method": "POST", "requestUri": "/"},
                                   "input": {"shape": "In", "documentation": "<p>prose</p>"},
                                   "errors": [{"shape": "Missing"}], "documentation": "<p>prose</p>"}},
            "shapes": {"In": {"type": "structure", "required": ["documentation"], "documentation": "<p>prose</p>",
                              "members": {"documentation": {"shape": "Text", "documentation": "<p>prose</p>"}}},
                       "Text": {"type": "string", "max": 255, "min": 3, "pattern": "[a-z]+"},
                       "Missing": {"type": "structure", "members": {}, "exception": True}},
        }
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "data", "thing", "2020-01-01", "service-2.json")
            os.makedirs(os.path.dirname(source))
            with open(source, "w", encoding="utf-8") as sink:
                json.dump(model, sink)
            subprocess.run([os.path.join(ROOT, "tools", "aws_model"), source, "--out", folder], check=True,
                           capture_output=True)
            with open(os.path.join(folder, "thing", "2020-01-01", "service-2.json"), encoding="utf-8") as result:
                text = result.read()
        self.assertNotIn("prose", text)
        extracted = json.loads(text)
        self.assertEqual(extracted["shapes"]["Text"], model["shapes"]["Text"])
        self.assertEqual(extracted["shapes"]["In"]["members"], {"documentation": {"shape": "Text"}})
        self.assertEqual(extracted["operations"]["Get"]["errors"], [{"shape": "Missing"}])


if __name__ == "__main__":
    unittest.main()
