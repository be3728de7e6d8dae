#include "store/resources.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "store/item/prepared_image.h"
#include "tests/store/store_fixture.h"

namespace kless {
namespace {

using Names = std::vector<std::string>;

struct PodFacts {
  std::string owner;
  std::string node;
  std::string phase = "Pending";
  bool ready = false;
  bool deleting = false;
  bool tracked = true;
  int index = -1;
};

std::string PodDocument(const std::string& name, const PodFacts& facts) {
  std::string text = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":")" + name +
                     R"(","namespace":"d","uid":"uid-)" + name + '"';
  if (!facts.owner.empty()) {
    text += R"(,"ownerReferences":[{"kind":"Job","name":"j","uid":")" + facts.owner +
            R"(","controller":true}])";
  }
  if (facts.tracked) text += R"(,"finalizers":["batch.kubernetes.io/job-tracking"])";
  if (facts.deleting) text += R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")";
  if (facts.index >= 0) {
    text += R"(,"annotations":{"batch.kubernetes.io/job-completion-index":")" +
            std::to_string(facts.index) + R"("})";
  }
  text += R"(},"spec":{)";
  if (!facts.node.empty()) text += R"("nodeName":")" + facts.node + '"';
  text += R"(},"status":{"phase":")" + facts.phase +
          R"(","conditions":[{"type":"Ready","status":")" + (facts.ready ? "True" : "False") +
          R"("}]}})";
  return text;
}

std::string Show(const std::vector<OwnedResource>& rows) {
  std::string text;
  for (const OwnedResource& row : rows) {
    text += row.name + " " + row.uid + " v" + std::to_string(row.version) + " " +
            PodPhaseName(row.phase) + (row.ready ? " ready" : "") +
            (row.deleting ? " deleting" : "") + (row.tracked ? " tracked" : "") +
            (row.scheduled ? " scheduled" : "") + " " + std::to_string(row.completion_index) + "\n";
  }
  return text;
}

Names NamesOf(StoreFixture& store, const Page& page) {
  Names names;
  for (const ItemPtr& item : page.items) names.push_back(store->resources().IdOf(item->key).name);
  return names;
}

class ResourcesTest : public testing::TestWithParam<KeyLayout> {
 protected:
  StoreFixture store_{StoreFixture::Memory(GetParam())};
  ResourceTable& resources() { return store_->resources(); }
  std::uint64_t PutPod(const std::string& name, const PodFacts& facts) {
    return resources()
        .Put({"pod", "d/" + name}, PodDocument(name, facts), Condition::None())
        .value()
        .version;
  }
};

INSTANTIATE_TEST_SUITE_P(Layouts, ResourcesTest,
                         testing::Values(KeyLayout::kTypeName, KeyLayout::kNameType),
                         [](const auto& info) {
                           return info.param == KeyLayout::kTypeName ? "TypeName" : "NameType";
                         });

TEST_P(ResourcesTest, FieldsThatAWriterHandsOverAreThoseOfTheRecordAndTheIndex) {
  PodFacts facts;
  facts.owner = "uid-j";
  const auto object = nlohmann::json::parse(PodDocument("a", facts));
  const PreparedImage image = PrepareImage(object, "d/a");
  const auto written = resources().Put({"pod", "d/a"}, image, Condition::NotExists());
  ASSERT_TRUE(written.has_value());
  EXPECT_EQ(written.value().image->fields, image.fields);
  EXPECT_EQ(resources().OwnedBy("pod", "uid-j", UINT64_MAX).value().size(), 1u);
  store_->EndTurn();
  const auto records = store_->feed().Read(0, 1);
  EXPECT_EQ(records.value().at(0)->new_image, written.value().image);
}

TEST_P(ResourcesTest, KeysFollowTheLayout) {
  const bool type_first = GetParam() == KeyLayout::kTypeName;
  const Key key = resources().KeyOf({"pod", "d/a"});
  EXPECT_EQ(key.partition, type_first ? "pod" : "d/a");
  EXPECT_EQ(key.sort, type_first ? "d/a" : "pod");
  EXPECT_EQ(resources().IdOf(key), (ResourceId{"pod", "d/a"}));
  const TableDescription& description = resources().table().description();
  EXPECT_EQ(description.partition_key, type_first ? "resource-type" : "resource-name");
  EXPECT_EQ(description.sort_key, type_first ? "resource-name" : "resource-type");
  EXPECT_EQ(description.document_attribute, "resource-value");
  EXPECT_EQ(description.shards, 4);
  EXPECT_EQ(store_->FindTable("resources"), &resources().table());
}

TEST_P(ResourcesTest, AnImageCarriesTheFieldsOfItsDocument) {
  PodFacts facts;
  facts.phase = "Running";
  PutPod("a", facts);
  const auto item = resources().Get({"pod", "d/a"});
  ASSERT_TRUE(item.has_value());
  ASSERT_NE(item.value()->fields, nullptr);
  EXPECT_EQ(item.value()->fields->phase, PodPhase::kRunning);
  EXPECT_TRUE(item.value()->fields->canonical);
  const auto missing = resources().Get({"pod", "d/b"});
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().message, "pod \"d/b\" does not exist");
}

TEST_P(ResourcesTest, PutKeepsAttributesThatAnotherDoorWrote) {
  Item item;
  item.key = resources().KeyOf({"job", "d/a"});
  item.document = "{}";
  item.attributes = R"({"note":{"S":"mine"}})";
  resources().table().Put(item, Condition::None()).value();
  resources().Put({"job", "d/a"}, R"({"kind":"Job"})", Condition::Exists()).value();
  EXPECT_EQ(resources().Get({"job", "d/a"}).value()->attributes, R"({"note":{"S":"mine"}})");
}

TEST_P(ResourcesTest, AListReadsOneTypeByNamePrefixInPages) {
  for (const char* name : {"d/b", "d/a", "e/a", "d/c", "da/x"}) {
    resources().Put({"pod", name}, "{}", Condition::None()).value();
    resources().Put({"job", name}, "{}", Condition::None()).value();
  }
  resources().Remove({"pod", "d/c"}, Condition::None()).value();
  EXPECT_EQ(NamesOf(store_, resources().List("pod", "", "", 100).value()),
            (Names{"d/a", "d/b", "da/x", "e/a"}));
  EXPECT_EQ(NamesOf(store_, resources().List("job", "d/", "", 100).value()),
            (Names{"d/a", "d/b", "d/c"}));
  const Page first = resources().List("pod", "", "", 3).value();
  EXPECT_EQ(first.items.size(), 3u);
  EXPECT_TRUE(first.more);
  const Page second = resources().List("pod", "", "da/x", 3).value();
  EXPECT_EQ(NamesOf(store_, second), (Names{"e/a"}));
  EXPECT_FALSE(second.more);
  EXPECT_TRUE(resources().List("node", "", "", 3).value().items.empty());
  EXPECT_EQ(resources().List("pod", "", "", 0).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(ResourcesTest, TheOwnerIndexHoldsWhatAReconcileAsksFirst) {
  PodFacts facts;
  facts.owner = "job-1";
  facts.index = 3;
  PutPod("a", facts);
  facts.node = "n1";
  facts.phase = "Running";
  facts.ready = true;
  PutPod("b", facts);
  facts.owner = "job-2";
  PutPod("c", facts);
  PutPod("free", {});
  EXPECT_EQ(Show(resources().OwnedBy("pod", "job-1", UINT64_MAX).value()),
            "d/a uid-a v1 Pending tracked 3\n"
            "d/b uid-b v2 Running ready tracked scheduled 3\n");
  EXPECT_TRUE(resources().OwnedBy("job", "job-1", UINT64_MAX).value().empty());
  // A pod can change its owner, and be removed.
  facts.owner = "job-1";
  facts.deleting = true;
  facts.tracked = false;
  PutPod("c", facts);
  resources().Remove({"pod", "d/a"}, Condition::None()).value();
  EXPECT_EQ(Show(resources().OwnedBy("pod", "job-1", UINT64_MAX).value()),
            "d/b uid-b v2 Running ready tracked scheduled 3\n"
            "d/c uid-c v5 Running ready deleting scheduled 3\n");
  EXPECT_TRUE(resources().OwnedBy("pod", "job-2", UINT64_MAX).value().empty());
  EXPECT_EQ(resources().OnNode("pod", "n1").value(), (Names{"d/b", "d/c"}));
  facts.node.clear();
  PutPod("c", facts);
  resources().Remove({"pod", "d/b"}, Condition::None()).value();
  EXPECT_TRUE(resources().OnNode("pod", "n1").value().empty());
}

TEST_P(ResourcesTest, ADocumentThatIsNotAnObjectHasNoOwner) {
  PodFacts facts;
  facts.owner = "job-1";
  facts.node = "n1";
  PutPod("a", facts);
  resources().Put({"pod", "d/a"}, "not json", Condition::None()).value();
  EXPECT_TRUE(resources().OwnedBy("pod", "job-1", UINT64_MAX).value().empty());
  EXPECT_TRUE(resources().OnNode("pod", "n1").value().empty());
}

// Every past state of the owner index: from the ring, from SQLite, and with writes of the turn.
TEST_P(ResourcesTest, OwnedByShowsEveryPastPosition) {
  for (const std::size_t ring : {std::size_t{5}, std::size_t{1000}}) {
    StoreOptions options = StoreFixture::Memory(GetParam());
    options.ring_records = ring;
    StoreFixture store(options);
    Random random(3, "owned-by");
    std::map<std::uint64_t, std::string> shown;
    shown[0] = "";
    for (int step = 0; step < 200; ++step) {
      const std::string name = std::to_string(random.Below(8));
      const ResourceId id{random.Below(8) == 0 ? "job" : "pod", "d/" + name};
      PodFacts facts;
      facts.owner = random.Below(4) == 0 ? "" : "job-" + std::to_string(random.Below(2));
      facts.ready = random.Below(2) == 0;
      facts.index = static_cast<int>(random.Below(100));
      const auto written =
          random.Below(5) == 0
              ? store->resources().Remove(id, Condition::None())
              : store->resources().Put(id, PodDocument(name, facts), Condition::None());
      if (!written.value().changed) continue;
      shown[written.value().version] =
          Show(store->resources().OwnedBy("pod", "job-1", UINT64_MAX).value());
      if (random.Below(3) == 0) store->EndTurn();
    }
    for (const auto& [position, expected] : shown) {
      EXPECT_EQ(Show(store->resources().OwnedBy("pod", "job-1", position).value()), expected)
          << position;
    }
    store->EndTurn();
    store->Trim(50, 50);
    EXPECT_EQ(store->resources().OwnedBy("pod", "job-1", 49).error().code, ErrorCode::kGone);
    EXPECT_EQ(Show(store->resources().OwnedBy("pod", "job-1", 50).value()), shown[50]);
  }
}

TEST(KeyLayoutTest, AFileKeepsTheLayoutItWasMadeWith) {
  TemporaryFolder folder;
  StoreOptions options = StoreFixture::File(folder.File("kless.db"));
  { StoreFixture store(options); }
  options.key_layout = KeyLayout::kNameType;
  asio::io_context context(1);
  VirtualEventLoop event_loop(context);
  const auto opened = Store::Open(event_loop, options);
  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(opened.error().message.find("type-name"), std::string::npos);
  EXPECT_NE(opened.error().message.find("name-type"), std::string::npos);
}

}  // namespace
}  // namespace kless
