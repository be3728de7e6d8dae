#include <nlohmann/json.hpp>

#include "tests/emulator/doors/admin/admin_test_world.h"

namespace kless::doors {
namespace {

using AdminFeedTest = AdminTestWorld;

TEST_F(AdminFeedTest, RecordsAreLinesWithBothImages) {
  MakeNotes();
  const std::uint64_t first = PutNote("a", 1, "one");
  PutNote("a", 1, "two");
  Send("DELETE", "/kless/v1/tables/notes/items?partition=a&sort=1");
  const Answer answer = Send("GET", "/kless/v1/feed?after=" + std::to_string(first - 1));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/x-ndjson");
  ASSERT_NE(answer.stream, nullptr);
  const std::vector<json> lines = answer.stream->Lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["sequence"], first);
  EXPECT_EQ(lines[0]["table"], "notes");
  EXPECT_EQ(lines[0]["key"], json::parse(R"({"id":{"S":"a"},"at":{"N":"1"}})"));
  EXPECT_EQ(lines[0]["time"], "2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(lines[0]["shard"], 0);
  EXPECT_EQ(lines[0]["old_image"], nullptr);
  EXPECT_EQ(lines[0]["new_image"]["text"], json({{"S", "one"}}));
  EXPECT_EQ(lines[1]["kind"], "MODIFY");
  EXPECT_EQ(lines[1]["old_image"], lines[0]["new_image"]);
  EXPECT_EQ(lines[2]["kind"], "REMOVE");
  EXPECT_EQ(lines[2]["new_image"], nullptr);
}

TEST_F(AdminFeedTest, ReadingEndsAtTheLimitAndAtTheNewestRecord) {
  MakeNotes();
  for (int i = 0; i < 5; ++i) PutNote("a", i, "x");
  EXPECT_EQ(Send("GET", "/kless/v1/feed?limit=2").stream->Lines().size(), 2u);
  EXPECT_EQ(Send("GET", "/kless/v1/feed?after=3").stream->Lines().size(), 2u);
  EXPECT_EQ(Send("GET", "/kless/v1/feed?after=5").stream->text, "");
  EXPECT_EQ(Send("GET", "/kless/v1/feed?after=latest").stream->text, "");
}

TEST_F(AdminFeedTest, OnlyRecordsOfTheTableAskedFor) {
  MakeNotes();
  PutNote("a", 1, "x");
  Send("PUT", "/kless/v1/tables/resources/items",
       R"({"resource-type":{"S":"t"},"resource-name":{"S":"n"},"resource-value":{"S":"{}"}})");
  PutNote("a", 2, "x");
  const std::vector<json> lines = Send("GET", "/kless/v1/feed?table=notes").stream->Lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1]["sequence"], 3);
  EXPECT_EQ(Send("GET", "/kless/v1/feed?table=none").status, 404);
}

TEST_F(AdminFeedTest, AFollowerGetsEachRecordAsItCommitsUntilItsLimit) {
  MakeNotes();
  PutNote("a", 1, "before");
  const Answer follower = Send("GET", "/kless/v1/feed?follow=true&after=latest&limit=2");
  EXPECT_EQ(follower.stream->text, "");
  PutNote("a", 2, "x");
  ASSERT_EQ(follower.stream->Lines().size(), 1u);
  EXPECT_EQ(follower.stream->Lines()[0]["sequence"], 2);
  PutNote("a", 3, "x");
  PutNote("a", 4, "x");
  EXPECT_EQ(follower.stream->Lines().size(), 2u);
}

TEST_F(AdminFeedTest, APositionThatWasTrimmedIsGone) {
  MakeNotes();
  for (int i = 0; i < 5; ++i) PutNote("a", i, "x");
  store->Trim(1000, 3);
  event_loop.Run(event_loop.Now());
  const Answer gone = Send("GET", "/kless/v1/feed?after=1");
  EXPECT_EQ(gone.status, 410);
  EXPECT_EQ(gone.Code(), "Gone");
  EXPECT_EQ(gone.Message(), "records up to 3 have been trimmed; read on from after=3");
  EXPECT_EQ(Send("GET", "/kless/v1/feed").stream->Lines().size(), 2u);
}

TEST_F(AdminFeedTest, UnknownParametersAreErrors) {
  EXPECT_EQ(Send("GET", "/kless/v1/feed?folow=true").Message(),
            "unknown query parameter 'folow'; did you mean 'follow'?");
  EXPECT_EQ(Send("GET", "/kless/v1/feed?follow=maybe").status, 400);
  EXPECT_EQ(Send("GET", "/kless/v1/feed?after=x").status, 400);
}

}  // namespace
}  // namespace kless::doors
