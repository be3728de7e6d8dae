#include "emulator/base/text_table.h"

#include <gtest/gtest.h>

namespace kless {
namespace {

TEST(TextTableTest, NumbersStandAtTheRightAndNoLineEndsInBlanks) {
  TextTable table({"NAME", "PODS", "BUSY", "RUNS"});
  table.AlignRightFrom(1, 3);
  table.Add({"job", "7", "10000", "a loop"});
  table.Add({"Kubeλess", "123456", "1", ""});
  EXPECT_EQ(table.Text(),
            "NAME         PODS    BUSY   RUNS\n"
            "job             7   10000   a loop\n"
            "Kubeλess   123456       1\n");
}

TEST(TextTableTest, ARowThatComesLaterStandsUnderTheOthers) {
  TextTable table({"ID", "OUTCOME"});
  table.AlignRightFrom(0, 1);
  table.Add({"999", "ok"});
  EXPECT_EQ(table.Text(), " ID   OUTCOME\n999   ok\n");
  EXPECT_EQ(table.NextLine({"7", "error"}), "  7   error\n");
  EXPECT_EQ(table.NextLine({"1000", "ok"}), "1000   ok\n");
  EXPECT_EQ(table.NextLine({"8", "ok"}), "   8   ok\n") << "columns stay as wide as they were";
  EXPECT_EQ(table.Text(), "  ID   OUTCOME\n 999   ok\n") << "rows that were printed are not kept";
}

}  // namespace
}  // namespace kless
