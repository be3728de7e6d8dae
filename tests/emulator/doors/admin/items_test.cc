#include <nlohmann/json.hpp>

#include "tests/emulator/doors/admin/admin_test_world.h"

namespace kless::doors {
namespace {

using AdminItemsTest = AdminTestWorld;

constexpr const char* kNotes = "/kless/v1/tables/notes/items";

TEST_F(AdminItemsTest, ATableIsCreatedOnceAndDescribed) {
  MakeNotes();
  const json table = Get("/kless/v1/tables/notes");
  EXPECT_EQ(table["partition_key"], json({{"name", "id"}, {"type", "S"}}));
  EXPECT_EQ(table["sort_key"], json({{"name", "at"}, {"type", "N"}}));
  EXPECT_EQ(table["document_attribute"], nullptr);
  EXPECT_EQ(table["items"], 0);
  const json tables = Get("/kless/v1/tables")["tables"];
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(tables[0]["name"], "notes");
  EXPECT_EQ(tables[1]["name"], "resources");

  const std::string same =
      R"({"partition_key":{"name":"id","type":"S"},"sort_key":{"name":"at","type":"N"}})";
  EXPECT_EQ(Send("PUT", "/kless/v1/tables/notes", same).status, 200);
  const Answer other =
      Send("PUT", "/kless/v1/tables/notes", R"({"partition_key":{"name":"x","type":"S"}})");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(other.Code(), "AlreadyExists");
}

TEST_F(AdminItemsTest, AMalformedTableIsRefusedWithTheFieldAtFault) {
  const auto message = [&](const std::string& body) {
    const Answer answer = Send("PUT", "/kless/v1/tables/notes", body);
    EXPECT_EQ(answer.status, 400) << body;
    return answer.Message();
  };
  EXPECT_EQ(message("{}"), "'partition_key' is required");
  EXPECT_EQ(message(R"({"partition":{}})"),
            "unknown field 'partition'; did you mean 'partition_key'?");
  EXPECT_EQ(message(R"({"partition_key":{"name":"id","type":"X"}})"),
            R"('partition_key' must be {"name": "...", "type": "S"}, type S, N or B)");
  EXPECT_EQ(message(R"({"partition_key":{"name":"id","type":"S"},"shards":0})"),
            "'shards' must be a whole number from 1 to 1000");
  EXPECT_EQ(message("[]"), "the body must be a JSON object");
  EXPECT_EQ(
      Send("PUT", "/kless/v1/tables/n", R"({"partition_key":{"name":"id","type":"S"}})").status,
      400);
}

TEST_F(AdminItemsTest, AnItemIsWrittenReadAndDeleted) {
  MakeNotes();
  const std::uint64_t version = PutNote("a", 7, "seven");
  const json item = Get(std::string(kNotes) + "?partition=a&sort=7.0");
  EXPECT_EQ(item["version"], version);
  EXPECT_EQ(item["Item"]["text"], json({{"S", "seven"}}));
  EXPECT_EQ(item["Item"]["at"], json({{"N", "7"}}));

  const Answer removed = Send("DELETE", std::string(kNotes) + "?partition=a&sort=7");
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(removed.Json()["changed"], true);
  const Answer gone = Send("GET", std::string(kNotes) + "?partition=a&sort=7");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.Code(), "NotFound");
}

TEST_F(AdminItemsTest, ConditionsAreKeptInTheTransaction) {
  MakeNotes();
  const std::uint64_t version = PutNote("a", 1, "one");
  const std::string item = R"({"id":{"S":"a"},"at":{"N":"1"},"text":{"S":"two"}})";
  EXPECT_EQ(Send("PUT", std::string(kNotes) + "?if_absent=true", item).status, 409);
  const std::string stale = std::to_string(version + 100);
  const Answer conflict = Send("PUT", std::string(kNotes) + "?if_version=" + stale, item);
  EXPECT_EQ(conflict.status, 412);
  EXPECT_EQ(conflict.Code(), "Conflict");
  EXPECT_EQ(
      Send("PUT", std::string(kNotes) + "?if_version=" + std::to_string(version), item).status,
      200);
  EXPECT_EQ(Send("DELETE", std::string(kNotes) + "?partition=a&sort=1&if_version=" + stale).status,
            412);
  EXPECT_EQ(Send("PUT", std::string(kNotes) + "?if_absent=true&if_version=1", item).status, 400);
}

TEST_F(AdminItemsTest, ANoOpWriteIsUnchangedAndKeepsItsVersion) {
  MakeNotes();
  const std::uint64_t version = PutNote("a", 1, "one");
  const Answer again = Send("PUT", kNotes, R"({"id":{"S":"a"},"at":{"N":"1"},"text":{"S":"one"}})");
  EXPECT_EQ(again.Json(), json({{"version", version}, {"changed", false}}));
}

TEST_F(AdminItemsTest, APartitionIsQueriedInSortKeyOrderPageByPage) {
  MakeNotes();
  for (const int at : {10, 2, -1, 33}) PutNote("a", at, "x");
  PutNote("b", 5, "x");
  const auto sorts = [](const json& page) {
    std::string text;
    for (const json& item : page["items"]) text += item["Item"]["at"]["N"].get<std::string>() + " ";
    return text;
  };
  EXPECT_EQ(sorts(Get(std::string(kNotes) + "?partition=a")), "-1 2 10 33 ");
  EXPECT_EQ(sorts(Get(std::string(kNotes) + "?partition=a&from=2&to=10")), "2 10 ");
  const json first = Get(std::string(kNotes) + "?partition=a&limit=3&descending=true");
  EXPECT_EQ(sorts(first), "33 10 2 ");
  EXPECT_EQ(first["next"], "2");
  const json second = Get(std::string(kNotes) + "?partition=a&limit=3&descending=true&after=2");
  EXPECT_EQ(sorts(second), "-1 ");
  EXPECT_EQ(second["next"], nullptr);
}

TEST_F(AdminItemsTest, AScanReadsTheWholeTablePageByPage) {
  MakeNotes();
  for (int i = 0; i < 5; ++i) PutNote(i % 2 == 0 ? "a" : "b", i, "x");
  std::string seen;
  std::string target = std::string(kNotes) + "?limit=2";
  int pages = 0;
  for (;; ++pages) {
    const json page = Get(target);
    for (const json& item : page["items"]) {
      seen += item["Item"]["id"]["S"].get<std::string>() +
              item["Item"]["at"]["N"].get<std::string>() + " ";
    }
    if (page["next"].is_null()) break;
    target = std::string(kNotes) + "?limit=2&after=" + page["next"].get<std::string>();
  }
  EXPECT_EQ(seen, "a0 a2 a4 b1 b3 ");
  EXPECT_EQ(pages, 2);
  EXPECT_EQ(Send("GET", std::string(kNotes) + "?after=nonsense").status, 400);
}

TEST_F(AdminItemsTest, BinaryKeysAreWrittenInBase64) {
  ASSERT_EQ(Send("PUT", "/kless/v1/tables/blobs",
                 R"({"partition_key":{"name":"id","type":"B"},"document_attribute":"doc"})")
                .status,
            201);
  const std::string body = R"({"id":{"B":"AP8="},"doc":{"S":"{ }"},"n":{"N":"1"}})";
  ASSERT_EQ(Send("PUT", "/kless/v1/tables/blobs/items", body).status, 200);
  EXPECT_EQ(Get("/kless/v1/tables/blobs/items?partition=AP8%3D")["Item"], json::parse(body));
  EXPECT_EQ(Send("GET", "/kless/v1/tables/blobs/items?partition=*").status, 400);
  EXPECT_EQ(Send("GET", "/kless/v1/tables/blobs/items?partition=AP8%3D&sort=1").status, 400);
}

TEST_F(AdminItemsTest, AResourceValueComesBackByteForByte) {
  const std::string value = "{ \"spec\" : {\"x\":1e2},\t\"y\":\"\\u00e9\" }";
  const json item = {{"resource-type", {{"S", "thing"}}},
                     {"resource-name", {{"S", "default/t"}}},
                     {"resource-value", {{"S", value}}},
                     {"owner", {{"S", "me"}}}};
  ASSERT_EQ(Send("PUT", "/kless/v1/tables/resources/items", item.dump()).status, 200);
  EXPECT_EQ(Get("/kless/v1/tables/resources/items?partition=thing&sort=default/t")["Item"], item);
}

TEST_F(AdminItemsTest, BadRequestsNameWhatIsWrongAndTheNearestKnownWord) {
  MakeNotes();
  const auto expect = [&](const std::string& method, const std::string& target, int status,
                          const std::string& message, const std::string& body = "") {
    const Answer answer = Send(method, target, body);
    EXPECT_EQ(answer.status, status) << target;
    EXPECT_EQ(answer.Message(), message) << target;
  };
  expect("GET", std::string(kNotes) + "?partion=a", 400,
         "unknown query parameter 'partion'; did you mean 'partition'?");
  expect("GET", "/kless/v1/tables/note/items", 404,
         "table 'note' does not exist; did you mean 'notes'?");
  expect("GET", std::string(kNotes) + "?partition=a&limit=0", 400,
         "'limit' must be a whole number from 1 to 10000, not '0'");
  expect("GET", std::string(kNotes) + "?prefix=a", 400,
         "'prefix' needs 'partition': without it the whole table is read in key order");
  expect("GET", std::string(kNotes) + "?partition=a&prefix=1", 400,
         "'prefix' needs a sort key of type S or B");
  expect("GET", std::string(kNotes) + "?partition=a&sort=1&limit=3", 400,
         "'sort' names one item: 'limit' has no meaning");
  expect("DELETE", std::string(kNotes) + "?partition=a", 400, "'sort' is required");
  expect("POST", kNotes, 405, "POST is not supported here");
  expect("GET", "/kless/v1/nothing", 404, "no such path: /kless/v1/nothing");
  EXPECT_EQ(Send("PUT", kNotes, "{").status, 400);
  EXPECT_EQ(Send("PUT", kNotes, R"({"id":{"S":"a"}})").status, 400);
  EXPECT_EQ(Send("GET", std::string(kNotes) + "?partition=a&sort=x").status, 400);
  EXPECT_EQ(Send("GET", std::string(kNotes) + "?partition=").status, 400);
}

}  // namespace
}  // namespace kless::doors
