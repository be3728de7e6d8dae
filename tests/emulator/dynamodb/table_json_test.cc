#include "emulator/dynamodb/table_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kless::dynamodb {
namespace {

using nlohmann::json;

TableState ReadText(const std::string& text) {
  auto table = TableFromText(text);
  EXPECT_TRUE(table.has_value()) << table.error().message;
  return table.has_value() ? std::move(table).value() : TableState();
}

TEST(TableJsonTest, ChangesThatAreNotCompleteAreKept) {
  TableState table;
  table.changes.pending = ThroughputChange{{3, 4}, true, false, 5};
  table.becomes_on_demand = true;
  table.is_warming = true;
  table.encryption = {"KMS", "old"};
  table.next_encryption = Encryption{};
  table.encrypted_nanos = 6;
  table.recovery_days = 7;
  table.recovery_nanos = 8;
  table.on_demand.write = 9;
  const TableState read = ReadText(TableToText(table));
  ASSERT_TRUE(read.changes.pending.has_value());
  EXPECT_EQ(read.changes.pending->units, (Throughput{3, 4}));
  EXPECT_TRUE(read.changes.pending->increases);
  EXPECT_FALSE(read.changes.pending->decreases);
  EXPECT_EQ(read.changes.pending->complete_nanos, 5);
  EXPECT_TRUE(read.becomes_on_demand);
  EXPECT_TRUE(read.is_warming);
  EXPECT_EQ(read.encryption, table.encryption);
  EXPECT_EQ(read.next_encryption, Encryption{});
  EXPECT_EQ(read.encrypted_nanos, 6);
  EXPECT_EQ(read.recovery_days, 7);
  EXPECT_EQ(read.recovery_nanos, 8);
  EXPECT_EQ(read.on_demand, table.on_demand);
}

TEST(TableJsonTest, ADescriptionOfAnEarlierVersionIsRead) {
  json text = json::parse(TableToText(TableState()));
  for (const char* const name : {"becomes_on_demand", "warming", "encryption", "next_encryption",
                                 "encrypted", "recovery_days", "recovery_since"}) {
    text.erase(name);
  }
  text["sse"] = "KMS";
  text["kms_key"] = "arn";
  const TableState read = ReadText(text.dump());
  EXPECT_EQ(read.encryption, (Encryption{"KMS", "arn"}));
  EXPECT_FALSE(read.next_encryption.has_value());
  EXPECT_EQ(read.recovery_days, 0);
}

}  // namespace
}  // namespace kless::dynamodb
