// The served form of stored documents.
#include "functions/kubernetes/objects/served_document.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "store/item/resource_fields.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;

Item MakeItem(const char* name, std::string document) {
  Item item;
  item.key = {"job", name};
  item.document = std::move(document);
  item.version = 42;
  item.fields = ExtractResourceFields(item.document, name);
  return item;
}

TEST(ServedDocumentTest, ResourceVersionIsSplicedIntoACanonicalDocument) {
  const std::string stored =
      R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","namespace":"default"}})";
  const Item item = MakeItem("default/j", stored);
  EXPECT_EQ(
      ServedDocument(KindOf("job"), item, "default/j"),
      R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"resourceVersion":"42","name":"j",)"
      R"("namespace":"default"}})");
  EXPECT_EQ(json::parse(ServedDocument(KindOf("job"), item, "default/j",
                                       77))["metadata"]["resourceVersion"],
            "77");
}

TEST(ServedDocumentTest, RawDocumentIsRepairedFromItsKey) {
  const Item item = MakeItem("default/j", R"({"kind":"Pod","spec":{"parallelism":3},
      "metadata":{"resourceVersion":"1","name":"x"}})");
  EXPECT_EQ(json::parse(ServedDocument(KindOf("job"), item, "default/j")),
            json::parse(R"({"apiVersion":"batch/v1","kind":"Job","spec":{"parallelism":3},
              "metadata":{"name":"j","namespace":"default","resourceVersion":"42"}})"));
}

TEST(ServedDocumentTest, NonObjectsAreServedByTheirNames) {
  for (const char* text : {"", "[1]", "{\"a\":", "{\"metadata\":7}"}) {
    const Item item = MakeItem("default/j", text);
    const json served = json::parse(ServedDocument(KindOf("job"), item, "default/j"));
    EXPECT_EQ(served["metadata"]["name"], "j") << text;
    EXPECT_EQ(served["metadata"]["resourceVersion"], "42") << text;
  }
}

TEST(ServedDocumentTest, ClusterScopedObjectHasNoNamespace) {
  Item item = MakeItem("n", "{}");
  const json served = json::parse(ServedDocument(KindOf("namespace"), item, "n"));
  EXPECT_EQ(served["metadata"], json({{"name", "n"}, {"resourceVersion", "42"}}));
}

}  // namespace
}  // namespace kless::kubernetes
