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
  table.Add({"7", "error"});
  EXPECT_EQ(table.LastRow(), "  7   error\n");
}

}  // namespace
}  // namespace kless
