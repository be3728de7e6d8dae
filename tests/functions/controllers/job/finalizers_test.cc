#include "functions/controllers/job/finalizers.h"

#include <gtest/gtest.h>

#include "functions/controllers/job/job_controller.h"

namespace kless::controllers {
namespace {

std::string Cut(const std::string& document) {
  return WithoutFinalizer(document, kJobTrackingFinalizer).value_or("(nothing)");
}

TEST(FinalizersTest, TheOnlyFinalizerGoesWithItsMember) {
  EXPECT_EQ(Cut(R"({"metadata":{"finalizers":["batch.kubernetes.io/job-tracking"],"name":"x"}})"),
            R"({"metadata":{"name":"x"}})");
  EXPECT_EQ(Cut(R"({"metadata":{"name":"x","finalizers":["batch.kubernetes.io/job-tracking"]}})"),
            R"({"metadata":{"name":"x"}})");
  EXPECT_EQ(Cut(R"({"metadata":{"finalizers":["batch.kubernetes.io/job-tracking"]}})"),
            R"({"metadata":{}})");
}

TEST(FinalizersTest, OthersStay) {
  EXPECT_EQ(Cut(R"({"metadata":{"finalizers":["a","batch.kubernetes.io/job-tracking"]}})"),
            R"({"metadata":{"finalizers":["a"]}})");
  EXPECT_EQ(Cut(R"({ "metadata" : {"finalizers": ["batch.kubernetes.io/job-tracking"]}})"),
            R"({"metadata":{}})");
}

TEST(FinalizersTest, OnlyThoseOfTheObjectItselfCount) {
  const std::string claim = R"({"metadata":{"finalizers":["a"]},"spec":{"volumes":[{"metadata":)"
                            R"({"finalizers":["batch.kubernetes.io/job-tracking"]}}]}})";
  EXPECT_EQ(Cut(claim), "(nothing)");
  EXPECT_EQ(Cut(R"({"spec":{"finalizers":["batch.kubernetes.io/job-tracking"]},"metadata":{}})"),
            "(nothing)");
}

TEST(FinalizersTest, TextInStringsIsNotAMember) {
  const std::string document =
      R"({"metadata":{"annotations":{"a":"\"finalizers\":[\"batch.kubernetes.io/job-tracking\"]"}}})";
  EXPECT_EQ(Cut(document), "(nothing)");
}

TEST(FinalizersTest, BrokenDocumentsAreLeftAlone) {
  for (const char* text : {"", "x", "[]", "{\"metadata\":3}",
                           "{\"metadata\":{\"finalizers\":\"batch.kubernetes.io/job-tracking\"}}",
                           "{\"metadata\":{\"batch.kubernetes.io/job-tracking"}) {
    EXPECT_EQ(Cut(text), "(nothing)") << text;
  }
}

TEST(FinalizersTest, OwnerGoesTogetherWithTheFinalizer) {
  const std::string pod = R"({"metadata":{"finalizers":["batch.kubernetes.io/job-tracking"],)"
                          R"("ownerReferences":[{"uid":"u1"},{"uid":"u2"}]}})";
  EXPECT_EQ(WithoutOwner(pod, "u1", kJobTrackingFinalizer),
            R"({"metadata":{"ownerReferences":[{"uid":"u2"}]}})");
  EXPECT_EQ(WithoutOwner(pod, "u3", kJobTrackingFinalizer), std::nullopt);
}

}  // namespace
}  // namespace kless::controllers
