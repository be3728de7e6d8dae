"""Batches, transactions and PartiQL of DynamoDB by boto3."""
import unittest

from aws import AwsTest


def key(text):
    return {"p": {"S": text}}


class BatchTest(AwsTest):
    def setUp(self):
        super().setUp()
        self.create_table()
        self.create_table("others")

    def write(self, *requests, table="things"):
        return self.dynamodb.batch_write_item(RequestItems={table: list(requests)})

    def test_c49_batches_write_and_read(self):
        reply = self.dynamodb.batch_write_item(RequestItems={
            "things": [{"PutRequest": {"Item": key(f"k{i}") | {"v": {"N": str(i)}}}} for i in range(20)],
            "others": [{"PutRequest": {"Item": key(f"k{i}")}} for i in range(5)]})
        self.assertEqual(reply["UnprocessedItems"], {})
        self.write(*({"DeleteRequest": {"Key": key(f"k{i}")}} for i in range(10)))
        reply = self.dynamodb.batch_get_item(RequestItems={
            "things": {"Keys": [key(f"k{i}") for i in range(20)], "ProjectionExpression": "v"},
            "others": {"Keys": [key("k1"), key("missing")]}})
        self.assertEqual(sorted(int(item["v"]["N"]) for item in reply["Responses"]["things"]), list(range(10, 20)))
        self.assertEqual((reply["Responses"]["others"], reply["UnprocessedKeys"]), ([key("k1")], {}))

    def test_c48_c50_limits_of_batches(self):
        put = [{"PutRequest": {"Item": key(f"k{i}")}} for i in range(26)]
        with self.fails("ValidationException", "requestItems"):
            self.write(*put)
        with self.fails("ValidationException", "Provided list of item keys contains duplicates"):
            self.write(put[0], put[0])
        with self.fails("ValidationException"):
            self.write()
        with self.fails("ResourceNotFoundException", "^Requested resource not found"):
            self.write(put[0], table="missing")
        with self.fails("ValidationException", "Too many items requested|less than or equal to 100"):
            self.dynamodb.batch_get_item(RequestItems={"things": {"Keys": [key(f"k{i}") for i in range(101)]}})
        with self.fails("ValidationException", "duplicates"):
            self.dynamodb.batch_get_item(RequestItems={"things": {"Keys": [key("a"), key("a")]}})
        with self.fails("ValidationException", "does not match the schema"):
            self.dynamodb.batch_get_item(RequestItems={"things": {"Keys": [{"q": {"S": "a"}}]}})
        self.assertEqual(self.items(), [])

    def test_a_read_of_more_than_16_megabytes_leaves_keys_unprocessed(self):
        for i in range(50):
            self.dynamodb.put_item(TableName="things", Item=key(f"k{i}") | {"v": {"S": "x" * 400_000}})
        keys, got = [key(f"k{i}") for i in range(50)], []
        rounds = 0
        while keys:
            reply = self.dynamodb.batch_get_item(RequestItems={"things": {"Keys": keys}})
            self.assertTrue(reply["Responses"]["things"])
            got += [item["p"]["S"] for item in reply["Responses"]["things"]]
            keys = reply["UnprocessedKeys"].get("things", {}).get("Keys", [])
            rounds += 1
        self.assertEqual((sorted(got), rounds), (sorted(f"k{i}" for i in range(50)), 2))


class TransactionTest(AwsTest):
    def setUp(self):
        super().setUp()
        self.create_table()

    def put(self, text, **attributes):
        return {"Put": {"TableName": "things", "Item": key(text) | attributes}}

    def test_c51_c52_a_transaction_happens_whole_or_not_at_all(self):
        self.dynamodb.put_item(TableName="things", Item=key("old") | {"n": {"N": "1"}})
        self.dynamodb.transact_write_items(TransactItems=[
            self.put("new"),
            {"Update": {"TableName": "things", "Key": key("old"), "UpdateExpression": "ADD n :one",
                        "ExpressionAttributeValues": {":one": {"N": "1"}}}},
            {"Delete": {"TableName": "things", "Key": key("missing")}},
            {"ConditionCheck": {"TableName": "things", "Key": key("other"),
                                "ConditionExpression": "attribute_not_exists(p)"}}])
        self.assertEqual(len(self.items()), 2)
        with self.fails("TransactionCanceledException", r"\[None, ConditionalCheckFailed, ConditionalCheckFailed\]") as raised:
            self.dynamodb.transact_write_items(TransactItems=[
                self.put("newer"),
                {"Put": {"TableName": "things", "Item": key("old"), "ConditionExpression": "n = :n",
                         "ExpressionAttributeValues": {":n": {"N": "5"}},
                         "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
                {"ConditionCheck": {"TableName": "things", "Key": key("new"),
                                    "ConditionExpression": "attribute_not_exists(p)"}}])
        self.assertEqual(raised.exception.response["CancellationReasons"], [
            {"Code": "None"},
            {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed",
             "Item": key("old") | {"n": {"N": "2"}}},
            {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}])
        self.assertEqual(len(self.items()), 2)

    def test_c56_a_token_makes_a_transaction_happen_once(self):
        add = {"TransactItems": [{"Update": {"TableName": "things", "Key": key("n"), "UpdateExpression": "ADD n :one",
                                             "ExpressionAttributeValues": {":one": {"N": "1"}}}}],
               "ClientRequestToken": "token"}
        self.dynamodb.transact_write_items(**add)
        self.dynamodb.transact_write_items(**add)
        self.assertEqual(self.items()[0]["n"], {"N": "1"})
        with self.fails("IdempotentParameterMismatchException"):
            self.dynamodb.transact_write_items(TransactItems=[self.put("x")], ClientRequestToken="token")
        # It is forgotten after ten minutes.
        self.assertEqual(self.daemon.request("POST", "/kless/v1/clock", {"advance_ms": 11 * 60_000}).status, 200)
        self.dynamodb.transact_write_items(**add)
        self.assertEqual(self.items()[0]["n"], {"N": "2"})

    def test_c54_c55_what_a_transaction_may_not_hold(self):
        with self.fails("ValidationException", "multiple operations on one item"):
            self.dynamodb.transact_write_items(TransactItems=[self.put("x"), self.put("x")])
        with self.fails("ValidationException", "transactItems.*less than or equal to 100"):
            self.dynamodb.transact_write_items(TransactItems=[self.put(str(i)) for i in range(101)])
        with self.fails("ValidationException", "greater than or equal to 1"):
            self.dynamodb.transact_write_items(TransactItems=[])
        with self.fails("ValidationException", "unused in expressions"):
            self.dynamodb.transact_write_items(TransactItems=[
                {"Put": {"TableName": "things", "Item": key("x"), "ConditionExpression": "attribute_exists(p)",
                         "ExpressionAttributeValues": {":unused": {"N": "1"}}}}])
        self.assertEqual(self.items(), [])

    def test_c58_transact_get_keeps_the_order(self):
        for i in range(3):
            self.dynamodb.put_item(TableName="things", Item=key(str(i)) | {"v": {"N": str(i)}})
        reply = self.dynamodb.transact_get_items(TransactItems=[
            {"Get": {"TableName": "things", "Key": key(name), "ProjectionExpression": "v"}} for name in "2x0"])
        self.assertEqual(reply["Responses"], [{"Item": {"v": {"N": "2"}}}, {}, {"Item": {"v": {"N": "0"}}}])


class StatementTest(AwsTest):
    def setUp(self):
        super().setUp()
        self.create_table("Music", ("artist:S", "song:S"), indexes=[("by-genre", ("genre:S",))])

    def run_one(self, statement, *parameters, **more):
        if parameters:
            more["Parameters"] = list(parameters)
        return self.dynamodb.execute_statement(Statement=statement, **more).get("Items")

    def test_statements_insert_select_update_delete(self):
        self.run_one("INSERT INTO Music VALUE {'artist': ?, 'song': 'x', 'genre': 'g', 'plays': 1, "
                     "'tags': <<'a', 'b'>>, 'l': [1, 'two', true, null], 'm': {'k': 0.5}}", {"S": "acme"})
        self.run_one("INSERT INTO \"Music\" VALUE {'artist': 'acme', 'song': 'y'}")
        with self.fails("DuplicateItemException"):
            self.run_one("INSERT INTO Music VALUE {'artist': 'acme', 'song': 'y'}")
        found = self.run_one("SELECT song, plays, m.k FROM Music WHERE artist = ? AND begins_with(song, 'x')", {"S": "acme"})
        self.assertEqual(found, [{"song": {"S": "x"}, "plays": {"N": "1"}, "k": {"N": "0.5"}}])
        self.assertEqual(len(self.run_one("SELECT * FROM Music WHERE artist IN ['acme', 'other']")), 2)
        self.assertEqual(len(self.run_one("SELECT * FROM \"Music\".\"by-genre\" WHERE genre = 'g'")), 1)
        reply = self.run_one("UPDATE Music SET plays = plays + ? REMOVE l WHERE artist = 'acme' AND song = 'x' "
                             "RETURNING ALL NEW *", {"N": "2"})
        self.assertEqual((reply[0]["plays"], "l" in reply[0]), ({"N": "3"}, False))
        with self.fails("ConditionalCheckFailedException"):
            self.run_one("UPDATE Music SET plays = 9 WHERE artist = 'acme' AND song = 'x' AND plays = 100")
        self.run_one("DELETE FROM Music WHERE artist = 'acme' AND song = 'x'")
        self.assertEqual(self.items("Music"), [{"artist": {"S": "acme"}, "song": {"S": "y"}}])

    def test_c62_batches_and_transactions_of_statements(self):
        insert = "INSERT INTO Music VALUE {'artist': ?, 'song': ?}"
        self.dynamodb.execute_transaction(TransactStatements=[
            {"Statement": insert, "Parameters": [{"S": "a"}, {"S": "1"}]},
            {"Statement": insert, "Parameters": [{"S": "a"}, {"S": "2"}]}])
        with self.fails("TransactionCanceledException", "DuplicateItem"):
            self.dynamodb.execute_transaction(TransactStatements=[
                {"Statement": insert, "Parameters": [{"S": "a"}, {"S": "3"}]},
                {"Statement": insert, "Parameters": [{"S": "a"}, {"S": "1"}]}])
        self.assertEqual(len(self.items("Music")), 2)
        responses = self.dynamodb.batch_execute_statement(Statements=[
            {"Statement": "SELECT * FROM Music WHERE artist = 'a' AND song = '1'"},
            {"Statement": "SELECT * FROM Music WHERE artist = 'a' AND song = 'missing'"},
            {"Statement": "SELECT * FROM Missing WHERE artist = 'a' AND song = 'x'"}])["Responses"]
        self.assertEqual(responses[0], {"TableName": "Music", "Item": {"artist": {"S": "a"}, "song": {"S": "1"}}})
        self.assertNotIn("Item", responses[1])
        self.assertEqual(responses[2]["Error"]["Code"], "ResourceNotFound")

    def test_nonsense_is_refused(self):
        for statement in ("", "SELECT", "SELEKT * FROM Music", "SELECT * FROM Music WHERE", "DROP TABLE Music",
                          "SELECT * FROM Music; DELETE FROM Music", "INSERT INTO Music VALUE {", "(" * 5000,
                          "UPDATE Music SET x = 1", "DELETE FROM Music WHERE artist = 'a'", "SELECT * FROM Music WHERE artist = ?",
                          "SELECT * FROM Music WHERE artist = 'a", "\u0000"):
            with self.subTest(statement[:40]), self.fails("ValidationException"):
                self.run_one(statement)


if __name__ == "__main__":
    unittest.main()
