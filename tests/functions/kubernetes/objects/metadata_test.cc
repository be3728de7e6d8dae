#include "functions/kubernetes/objects/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

json Generated(const std::string& prefix) {
  json body = JobBody("");
  body["metadata"].erase("name");
  body["metadata"]["generateName"] = prefix;
  return body;
}

TEST(MetadataTest, NameIsGeneratedFromItsPrefix) {
  const Written created = Create(KindOf("job"), Generated("jg-"));
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  const std::string name = created.object["metadata"]["name"];
  EXPECT_THAT(name, MatchesRegex("jg-[bcdfghjklmnpqrstvwxz2456789]+"));
  EXPECT_EQ(name.size(), 8U);
  EXPECT_EQ(created.object["metadata"]["labels"]["job-name"], name);
}

TEST(MetadataTest, GeneratedNamesHaveAtMost63Characters) {
  const Written created = Create(KindOf("job"), Generated(std::string(80, 'a')));
  EXPECT_EQ(created.object["metadata"]["name"].get<std::string>().size(), 63U);
}

TEST(MetadataTest, PrefixIsValidatedUnderItsOwnField) {
  json body = PodBody("");
  body["metadata"] = {{"generateName", "p."}};
  const Written created = Create(KindOf("pod"), body);
  ASSERT_EQ(created.errors.size(), 1U);
  EXPECT_EQ(created.errors[0].field, "metadata.generateName");
}

TEST(MetadataTest, NameIsRequired) {
  json body = PodBody("");
  EXPECT_THAT(Texts(Create(KindOf("pod"), body).errors),
              ElementsAre("metadata.name: Required value: name or generateName is required"));
}

TEST(MetadataTest, NamespacesAreDnsLabels) {
  const Written created = Create(KindOf("namespace"), {{"metadata", {{"name", "a.b"}}}});
  EXPECT_THAT(Texts(created.errors),
              ElementsAre("metadata.name: Invalid value: \"a.b\": must not contain dots"));
}

TEST(MetadataTest, LabelsAreChecked) {
  json body = PodBody("p");
  body["metadata"]["labels"] = {{"a b", "c"}, {"ok", "d e"}, {"x.io/y", ""}};
  const auto texts = Texts(Create(KindOf("pod"), body).errors);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts[0].rfind("metadata.labels: Invalid value: \"a b\": name part must consist", 0),
            0U);
  EXPECT_EQ(texts[1].rfind("metadata.labels: Invalid value: \"d e\": a valid label must be", 0),
            0U);
}

TEST(MetadataTest, FinalizersAreStandardOrNamedInFull) {
  json object = {{"metadata", {{"name", "a"}, {"finalizers", {"orphan", "x.y/hold", "hold"}}}}};
  EXPECT_THAT(Texts(ValidateMetadata(KindOf("configmap"), object)),
              ElementsAre("metadata.finalizers[2]: Invalid value: \"hold\": name is neither a "
                          "standard finalizer name nor is it fully qualified"));
  EXPECT_THAT(Texts(ValidateMetadata(KindOf("lease"), object)), IsEmpty());
}

TEST(MetadataTest, ServerOwnedFieldsOfTheBodyAreDropped) {
  json body = PodBody("p");
  body["metadata"].update(json::parse(R"({"resourceVersion":"5","selfLink":"/x","managedFields":[],
      "deletionTimestamp":"2001-01-01T00:00:00Z","deletionGracePeriodSeconds":1,
      "namespace":"other"})"));
  const json metadata = Create(KindOf("pod"), body).object["metadata"];
  EXPECT_EQ(metadata.size(), 5U);  // name, namespace, uid, creationTimestamp, generation
  EXPECT_EQ(metadata["namespace"], "default");
}

}  // namespace
}  // namespace kless::kubernetes
