#include "emulator/cli/manifest.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace kless::cli {
namespace {

using nlohmann::json;

constexpr const char* kJob = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: pi}\n";

std::vector<Manifest> ReadText(const std::string& text, const std::string& namespace_flag = "") {
  auto manifests = ReadManifests(text, "f.yaml", namespace_flag);
  EXPECT_TRUE(manifests.has_value()) << manifests.error().message;
  return manifests.has_value() ? manifests.value() : std::vector<Manifest>();
}

std::string Problem(const std::string& text, const std::string& namespace_flag = "") {
  const auto manifests = ReadManifests(text, "f.yaml", namespace_flag);
  return manifests.has_error() ? manifests.error().message : "no error";
}

TEST(ManifestTest, AnObjectGoesToTheCollectionOfItsKindAndNamespace) {
  const auto plain = ReadText(kJob);
  ASSERT_EQ(plain.size(), 1u);
  EXPECT_EQ(CollectionPath(*plain[0].kind, plain[0].namespace_name),
            "/apis/batch/v1/namespaces/default/jobs");
  EXPECT_EQ(PrintedKind(*plain[0].kind), "job.batch");
  EXPECT_EQ(ReadText(kJob, "ci")[0].namespace_name, "ci");
  const auto named = ReadText("apiVersion: v1\nkind: Namespace\nmetadata: {name: ci}\n", "other");
  EXPECT_EQ(CollectionPath(*named[0].kind, named[0].namespace_name), "/api/v1/namespaces");
  EXPECT_EQ(PrintedKind(*named[0].kind), "namespace");
}

TEST(ManifestTest, ListsAreTakenApartAndDocumentsKeepTheirOrder) {
  const auto manifests = ReadText(
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: batch/v1, kind: Job}\n"
      "- {apiVersion: v1, kind: Pod}\n---\n{\"apiVersion\": \"v1\", \"kind\": \"Namespace\"}\n");
  ASSERT_EQ(manifests.size(), 3u);
  EXPECT_EQ(manifests[0].kind->kind, "Job");
  EXPECT_EQ(manifests[1].kind->kind, "Pod");
  EXPECT_EQ(manifests[2].kind->kind, "Namespace");
}

TEST(ManifestTest, CopiesGetAGeneratedName) {
  const auto copy = WithGeneratedName(ReadText(kJob)[0]);
  ASSERT_TRUE(copy.has_value());
  EXPECT_EQ(json::parse(copy.value().body)["metadata"], json({{"generateName", "pi-"}}));
  const std::string generated = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: x-}\n";
  EXPECT_EQ(json::parse(WithGeneratedName(ReadText(generated)[0]).value().body)["metadata"],
            json({{"generateName", "x-"}}));
  EXPECT_TRUE(WithGeneratedName(ReadText("apiVersion: v1\nkind: Pod\n")[0]).has_error());
}

TEST(ManifestTest, WhatCannotBeCreatedIsNamed) {
  EXPECT_EQ(Problem("just text"), "f.yaml: a document is not an object");
  EXPECT_EQ(Problem("# nothing\n"), "f.yaml: no objects in it");
  EXPECT_EQ(Problem("metadata: {}\n"), "f.yaml: an object has no kind");
  EXPECT_EQ(Problem("kind: Job\n"), "f.yaml: a Job has no apiVersion");
  const std::string unknown = Problem("apiVersion: batch/v1\nkind: Jobs\n");
  EXPECT_EQ(unknown.find("f.yaml: no matches for kind \"Jobs\" in version \"batch/v1\"; known:"),
            0u)
      << unknown;
  EXPECT_NE(unknown.find("did you mean 'Job'?"), std::string::npos) << unknown;
  EXPECT_EQ(
      Problem("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: x}\n", "y"),
      "f.yaml: the namespace from the provided object \"x\" does not match the namespace \"y\"; "
      "pass '--namespace=x' to perform this operation");
}

}  // namespace
}  // namespace kless::cli
