#include "store/item/resource_fields.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/random.h"
#include "store/item/prepared_image.h"

namespace kless {
namespace {

const char kPod[] = R"({
  "apiVersion": "v1", "kind": "Pod",
  "metadata": {
    "name": "pi-0-abcde", "namespace": "default", "uid": "pod-uid",
    "labels": {"b": "2", "a": "1", "n": 5},
    "annotations": {"batch.kubernetes.io/job-completion-index": "7"},
    "finalizers": ["other/one", "batch.kubernetes.io/job-tracking"],
    "deletionTimestamp": "2026-01-01T00:00:00Z",
    "ownerReferences": [
      {"uid": "no", "kind": "Node", "name": "n"},
      {"uid": "job-uid", "kind": "Job", "name": "pi", "controller": true}]
  },
  "spec": {"nodeName": "node-1", "containers": []},
  "status": {"phase": "Running",
             "conditions": [{"type": "Initialized", "status": "True"},
                            {"type": "Ready", "status": "True"}]}
})";

TEST(ResourceFieldsTest, EveryFieldOfAPodIsExtracted) {
  const auto fields = ExtractResourceFields(kPod, "default/pi-0-abcde");
  EXPECT_TRUE(fields->is_object);
  EXPECT_EQ(fields->uid, "pod-uid");
  EXPECT_EQ(fields->owner_uid, "job-uid");
  EXPECT_EQ(fields->owner_kind, "Job");
  EXPECT_EQ(fields->owner_name, "pi");
  EXPECT_EQ(fields->node_name, "node-1");
  EXPECT_EQ(fields->phase, PodPhase::kRunning);
  EXPECT_TRUE(fields->ready);
  EXPECT_TRUE(fields->deleting);
  EXPECT_TRUE(fields->tracked);
  EXPECT_EQ(fields->completion_index, 7);
  using Labels = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(fields->labels, (Labels{{"a", "1"}, {"b", "2"}}));
  EXPECT_FALSE(fields->canonical) << "it has more than one line";
  std::string line = kPod;
  std::replace(line.begin(), line.end(), '\n', ' ');
  EXPECT_TRUE(ExtractResourceFields(line, "default/pi-0-abcde")->canonical);
  EXPECT_FALSE(ExtractResourceFields(" " + line, "default/pi-0-abcde")->canonical);
  EXPECT_EQ(std::string(kPod).substr(fields->metadata_begin, 14).find("\n    \"name\""), 0u);
}

bool Canonical(const std::string& document, const std::string& name) {
  return ExtractResourceFields(document, name)->canonical;
}

TEST(ResourceFieldsTest, ADocumentIsCanonicalOnlyIfItSaysWhatItsKeySays) {
  const std::string head = R"({"apiVersion":"v1","kind":"Pod","metadata":)";
  EXPECT_TRUE(Canonical(head + R"({"name":"a","namespace":"d"}})", "d/a"));
  EXPECT_TRUE(Canonical(head + R"({"name":"a"}})", "a"));
  EXPECT_FALSE(Canonical(head + R"({"name":"a","namespace":"d"}})", "a"));
  EXPECT_FALSE(Canonical(head + R"({"name":"a","namespace":"d"}})", "e/a"));
  EXPECT_FALSE(Canonical(head + R"({"name":"b","namespace":"d"}})", "d/a"));
  EXPECT_FALSE(Canonical(head + R"({"name":"a"}})", "d/a"));
  EXPECT_FALSE(Canonical(head + R"({"name":"a","resourceVersion":"4"}})", "a"));
  EXPECT_FALSE(Canonical(R"({"kind":"Pod","metadata":{"name":"a"}})", "a"));
  EXPECT_FALSE(Canonical(R"({"apiVersion":"v1","metadata":{"name":"a"}})", "a"));
  EXPECT_FALSE(Canonical(R"({"apiVersion":"v1","kind":"Pod"})", "a"));
  EXPECT_FALSE(Canonical(head + R"([]})", "a"));
  // Different parsers would read different objects.
  EXPECT_FALSE(Canonical(head + R"({"name":"a"},"metadata":{"name":"a"}})", "a"));
  EXPECT_FALSE(Canonical(head + R"({"name":"b","name":"a"}})", "a"));
}

TEST(ResourceFieldsTest, MetadataIsFoundBehindTextThatOnlyLooksLikeIt) {
  const std::string document =
      R"({"spec":{"metadata":{"x":1}},"kind":"metadata","q":"\"metadata\":{","apiVersion":"v1",)"
      R"( "metadata" : {"name":"a"}})";
  const auto fields = ExtractResourceFields(document, "a");
  EXPECT_TRUE(fields->canonical);
  EXPECT_EQ(document.substr(fields->metadata_begin), R"("name":"a"}})");
  EXPECT_EQ(ExtractResourceFields(R"({"meta\u0064ata":{"name":"a"}})", "a")->metadata_begin, 0u);
}

TEST(ResourceFieldsTest, FieldsOfAnotherTypeThanExpectedAreLeftOut) {
  const auto fields = ExtractResourceFields(
      R"({"metadata":{"uid":5,"labels":[1],"ownerReferences":{"controller":true},"finalizers":3,
          "annotations":{"batch.kubernetes.io/job-completion-index":"-1"},
          "deletionTimestamp":null},"spec":[],"status":{"phase":"Dancing","conditions":7}})",
      "a");
  EXPECT_TRUE(fields->is_object);
  EXPECT_EQ(fields->uid, "");
  EXPECT_EQ(fields->owner_uid, "");
  EXPECT_EQ(fields->completion_index, -1);
  EXPECT_EQ(fields->phase, PodPhase::kNone);
  EXPECT_FALSE(fields->ready);
  EXPECT_FALSE(fields->deleting);
  EXPECT_FALSE(fields->tracked);
  EXPECT_TRUE(fields->labels.empty());
}

TEST(ResourceFieldsTest, NonObjectsHaveNoFields) {
  for (const std::string& document :
       {std::string(), std::string("null"), std::string("[1]"), std::string("{"),
        std::string("{\"metadata\":{\"uid\":\"x\"}"), std::string("{\"a\":\"\xff\xfe\"}"),
        std::string(5, '\0'), std::string(1000, '[')}) {
    const auto fields = ExtractResourceFields(document, "a");
    EXPECT_FALSE(fields->is_object);
    EXPECT_EQ(fields->uid, "");
    EXPECT_FALSE(fields->canonical);
  }
}

// Any bytes must be handled: a real object cut short, with bytes flipped, inserted and removed.
TEST(ResourceFieldsTest, MutilatedDocumentsNeverCrash) {
  Random random(11, "resource-fields");
  int objects = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string document = kPod;
    const std::uint64_t changes = random.Below(4);
    for (std::uint64_t change = 0; change < changes; ++change) {
      const std::size_t at = random.Below(document.size());
      switch (random.Below(4)) {
        case 0:
          document[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          document.erase(at, 1 + random.Below(5));
          break;
        case 2:
          document.insert(at, 1, "{}[]\",:\\0"[random.Below(9)]);
          break;
        default:
          if (random.Below(20) == 0) document.resize(at + 1);
      }
    }
    const auto fields = ExtractResourceFields(document, "default/pi-0-abcde");
    objects += fields->is_object;
    EXPECT_LE(fields->metadata_begin, document.size());
  }
  EXPECT_GT(objects, 5000);
}

// A value below `tree`, or the tree itself.
nlohmann::json& AnyPartOf(nlohmann::json& tree, Random& random) {
  nlohmann::json* part = &tree;
  while (part->is_structured() && !part->empty() && random.Below(8) != 0) {
    auto inner = part->begin();
    std::advance(inner, static_cast<std::ptrdiff_t>(random.Below(part->size())));
    part = &*inner;
  }
  return *part;
}

// Whether the tree of a document has the fields that the document has.
void ExpectSameFields(const nlohmann::json& tree, const std::string& name) {
  const PreparedImage image = PrepareImage(tree, name);
  EXPECT_EQ(image.document, DumpJson(tree));
  EXPECT_TRUE(*image.fields == *ExtractResourceFields(image.document, name)) << image.document;
}

TEST(ResourceFieldsTest, ATreeHasTheFieldsOfItsDocument) {
  const std::string name = "default/pi-0-abcde";
  const auto pod = nlohmann::json::parse(kPod);
  const auto ended = nlohmann::json::parse(R"({
    "apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "pi-0-abcde", "namespace": "default",
      "creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-01-01T00:01:00Z",
      "deletionGracePeriodSeconds": 30,
      "annotations": {"batch.kubernetes.io/job-index-failure-count": "2",
                      "batch.kubernetes.io/job-index-ignored-failure-count": "1"}},
    "status": {"phase": "Failed",
      "initContainerStatuses": [{"restartCount": 1}],
      "containerStatuses": [{"restartCount": 2,
        "state": {"terminated": {"finishedAt": "2026-01-01T00:00:30Z"}}}],
      "conditions": [{"type": "Ready", "status": "False",
                      "lastTransitionTime": "2026-01-01T00:00:40Z"}]}})");
  const auto values = nlohmann::json::parse(
      R"([null, true, 0, -1, 3, 1.5, 1e300, 18446744073709551615, 9223372036854775808, "", "True",
          "2026-01-02T00:00:00Z", "a\nb\"c", [], {}, [1, "x"], {"name": "x", "controller": true},
          "default", "pi-0-abcde", "Ready", "Succeeded"])");
  ExpectSameFields(pod, name);
  ExpectSameFields(ended, name);
  Random random(12, "resource-fields");
  for (int i = 0; i < 5'000; ++i) {
    nlohmann::json tree = random.Below(2) == 0 ? pod : ended;
    for (std::uint64_t change = random.Below(4); change > 0; --change) {
      nlohmann::json& part = AnyPartOf(tree, random);
      if (part.is_object() && random.Below(2) == 0) {
        part[random.Below(2) == 0 ? "metadata" : "resourceVersion"] = "x";
      } else {
        part = values[random.Below(values.size())];
      }
    }
    ExpectSameFields(tree, name);
    if (HasFailure()) break;
  }
}

TEST(ResourceFieldsTest, ATreeThatNoParserReadsBackHasNoFields) {
  for (int levels = kJsonMaxDepth - 2; levels < kJsonMaxDepth + 3; ++levels) {
    for (const nlohmann::json& inner :
         {nlohmann::json(1), nlohmann::json::array(), nlohmann::json::object()}) {
      nlohmann::json tree = {{"metadata", {{"uid", "u"}}}};
      nlohmann::json deep = inner;
      for (int i = 0; i < levels; ++i) deep = nlohmann::json::array({std::move(deep)});
      tree["spec"] = std::move(deep);
      ExpectSameFields(tree, "a");
    }
  }
}

TEST(ResourceFieldsTest, AHugeDocumentIsReadAndLeavesNoBufferBehind) {
  const std::string document =
      R"({"metadata":{"uid":"u","annotations":{"x":")" + std::string(9u << 20, 'y') + R"("}}})";
  EXPECT_EQ(ExtractResourceFields(document, "a")->uid, "u");
  EXPECT_EQ(ExtractResourceFields(kPod, "a")->uid, "pod-uid");
}

TEST(PodPhaseTest, NamesAndPhasesMatch) {
  for (const char* name : {"", "Pending", "Running", "Succeeded", "Failed", "Unknown"}) {
    EXPECT_STREQ(PodPhaseName(PodPhaseFromName(name)), name);
  }
  EXPECT_EQ(PodPhaseFromName("pending"), PodPhase::kNone);
}

}  // namespace
}  // namespace kless
