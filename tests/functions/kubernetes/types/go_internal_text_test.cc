#include "functions/kubernetes/types/go_internal_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "emulator/base/strings.h"
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;

const Schema* PodTemplate() {
  return MemberSchema(MemberSchema(FindSchema("batch/v1", "Job"), "spec"), "template");
}

TEST(GoInternalTextTest, MembersThatAreNotSetHaveTheirZeroValues) {
  EXPECT_EQ(GoInternalJson("SuccessPolicy", nullptr, json::parse(R"({"rules":[{}]})")),
            R"({"Rules":[{"SucceededIndexes":null,"SucceededCount":null}]})");
  EXPECT_EQ(GoInternalJson("SuccessPolicy", nullptr, json::object()), R"({"Rules":null})");
}

TEST(GoInternalTextTest, MetadataIsEmbeddedByItsJsonNames) {
  const std::string text = GoInternalJson(
      "PodTemplateSpec", PodTemplate(),
      json::parse(R"({"metadata":{"annotations":{"b":"2"},"labels":{"a":"1"}},"spec":{}})"));
  EXPECT_TRUE(text.starts_with(
      R"({"labels":{"a":"1"},"annotations":{"b":"2"},"Spec":{"Volumes":null,"InitContainers":null,)"))
      << text;
}

TEST(GoInternalTextTest, NamespacesOfTheHostAreInTheSecurityContext) {
  const std::string text =
      GoInternalJson("PodTemplateSpec", PodTemplate(), json::parse(R"({"spec":{"hostPID":true}})"));
  EXPECT_NE(text.find(R"("SecurityContext":{"HostNetwork":false,"HostPID":true,"HostIPC":false,)"),
            std::string::npos)
      << text;
}

// Every named struct is described, and every value can be printed.
TEST(GoInternalTextTest, EveryTypeThatIsNamedIsDescribed) {
  std::set<std::string_view> described;
  std::set<std::string_view> named;
  for (std::string_view line : Split(types::kInternalTypes, '\n')) {
    if (line.starts_with("struct ")) described.insert(line.substr(7));
    if (!line.starts_with("  ")) continue;
    std::string_view type = line.substr(line.rfind(' ') + 1);
    while (!type.empty() && std::string_view("[]*^").find(type[0]) != std::string_view::npos) {
      type.remove_prefix(1);
    }
    if (!type.empty() && type[0] >= 'A' && type[0] <= 'Z') named.insert(type);
  }
  for (const std::string_view type : named) EXPECT_TRUE(described.contains(type)) << type;
}

}  // namespace
}  // namespace kless::kubernetes
