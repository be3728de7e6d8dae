#include "functions/pool/writer_log.h"

#include <gtest/gtest.h>

#include <vector>

namespace kless {
namespace {

TEST(WriterLogTest, ARecordHasTheFunctionThatWroteIt) {
  WriterLog log;
  const int a = log.NumberOf("a");
  const int b = log.NumberOf("b");
  EXPECT_NE(a, b);
  EXPECT_EQ(log.NumberOf("a"), a);
  log.Note(3, 5, a);
  log.Note(6, 6, a);
  log.Note(7, 7, b);
  log.Note(9, 8, b);
  log.Note(10, 12, b);
  const std::vector<int> expected = {0, 0, 0, a, a, a, a, b, 0, 0, b, b, b, 0};
  for (std::size_t sequence = 0; sequence < expected.size(); ++sequence) {
    EXPECT_EQ(log.WriterOf(sequence), expected[sequence]) << sequence;
  }
}

TEST(WriterLogTest, TheOldestAreForgotten) {
  WriterLog log;
  const int a = log.NumberOf("a");
  for (std::uint64_t i = 0; i <= WriterLog::kRangesMax; ++i) log.Note(2 * i + 1, 2 * i + 1, a);
  EXPECT_EQ(log.WriterOf(1), WriterLog::kUnknown);
  EXPECT_EQ(log.WriterOf(3), a);
}

TEST(WriterLogTest, ATokenNamesTheFunctionAndAStrangeOneNone) {
  EXPECT_EQ(FunctionOfToken(SessionTokenOf("f")), "f");
  EXPECT_EQ(FunctionOfToken("IQoJb3JpZ2luX2Vj"), "");
  EXPECT_EQ(FunctionOfToken(""), "");
  WriterLog log;
  EXPECT_EQ(log.Find("f"), WriterLog::kUnknown);
  log.Note(1, 2, log.Find("f"));
  EXPECT_EQ(log.WriterOf(1), WriterLog::kUnknown);
}

}  // namespace
}  // namespace kless
