#include "functions/pool/function_logs.h"

#include <gtest/gtest.h>

#include <string>

namespace kless {
namespace {

TEST(FunctionLogsTest, LinesOfAFunctionStayInOrderAndBounded) {
  FunctionLogs logs;
  logs.Add({"f", "e1", 1, "one"});
  logs.Add({"f", "e2", 2, "two"});
  logs.Add({"g", "e3", 3, "other"});
  ASSERT_EQ(logs.Of("f").size(), 2U);
  EXPECT_EQ(logs.Of("f")[1].text, "two");
  const std::string kilobyte(1024, 'x');
  for (int i = 0; i < 3000; ++i) logs.Add({"f", "e1", i, kilobyte});
  EXPECT_LT(logs.Of("f").size(), 1025U);
  EXPECT_EQ(logs.Of("f").back().unix_nanos, 2999);
  EXPECT_EQ(logs.Of("g").size(), 1U);
  logs.Remove("f");
  EXPECT_TRUE(logs.Of("f").empty());
  EXPECT_TRUE(logs.Of("none").empty());
}

}  // namespace
}  // namespace kless
