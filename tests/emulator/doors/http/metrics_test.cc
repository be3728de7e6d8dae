#include "emulator/doors/http/metrics.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace kless::doors {
namespace {

std::string Labelled(std::string method, const std::string& target) {
  HttpRequest request;
  EXPECT_TRUE(ParseTarget(target, &request).has_value());
  request.method = std::move(method);
  const HttpMetrics::Labels labels = LabelsOf(request);
  return labels.door + " " + labels.verb + " " + labels.resource;
}

TEST(HttpMetricsTest, RequestsOfTheKubernetesDoorHaveTheVerbsOfTheApiServer) {
  const std::string pods = "/api/v1/namespaces/default/pods";
  EXPECT_EQ(Labelled("GET", pods), "kubernetes LIST pods");
  EXPECT_EQ(Labelled("GET", pods + "?watch=true"), "kubernetes WATCH pods");
  EXPECT_EQ(Labelled("GET", pods + "?watch=1&fieldSelector=x"), "kubernetes WATCH pods");
  EXPECT_EQ(Labelled("GET", pods + "?watch=false"), "kubernetes LIST pods");
  EXPECT_EQ(Labelled("GET", pods + "/a"), "kubernetes GET pods");
  EXPECT_EQ(Labelled("GET", pods + "/a/log"), "kubernetes GET pods/log");
  EXPECT_EQ(Labelled("POST", pods), "kubernetes POST pods");
  EXPECT_EQ(Labelled("POST", pods + "/a/binding"), "kubernetes POST pods/binding");
  EXPECT_EQ(Labelled("DELETE", pods), "kubernetes DELETECOLLECTION pods");
  EXPECT_EQ(Labelled("DELETE", pods + "/a"), "kubernetes DELETE pods");
  EXPECT_EQ(Labelled("PATCH", "/apis/batch/v1/namespaces/default/jobs/pi/status"),
            "kubernetes PATCH jobs/status");
  EXPECT_EQ(Labelled("GET", "/apis/apps/v1/deployments"), "kubernetes LIST deployments");
  EXPECT_EQ(Labelled("GET", "/api/v1/nodes/node-0"), "kubernetes GET nodes");
}

TEST(HttpMetricsTest, NamespacesAreAResourceOfTheirOwn) {
  EXPECT_EQ(Labelled("GET", "/api/v1/namespaces"), "kubernetes LIST namespaces");
  EXPECT_EQ(Labelled("GET", "/api/v1/namespaces/default"), "kubernetes GET namespaces");
  EXPECT_EQ(Labelled("PUT", "/api/v1/namespaces/default/finalize"),
            "kubernetes PUT namespaces/finalize");
  EXPECT_EQ(Labelled("GET", "/api/v1/watch/namespaces/default/pods"), "kubernetes WATCH pods");
}

TEST(HttpMetricsTest, OtherPathsAreLabelledByTheirDoor) {
  EXPECT_EQ(Labelled("GET", "/apis"), "kubernetes GET ");
  EXPECT_EQ(Labelled("GET", "/apis/batch/v1"), "kubernetes GET ");
  EXPECT_EQ(Labelled("GET", "/healthz"), "kubernetes GET ");
  EXPECT_EQ(Labelled("GET", "/kless/v1/functions/x"), "admin GET functions");
  EXPECT_EQ(Labelled("POST", "/kless/v1/clock"), "admin POST clock");
  EXPECT_EQ(Labelled("GET", "/kless/v1/feed?follow=true"), "admin WATCH feed");
  EXPECT_EQ(Labelled("GET", "/kless/v1/feed"), "admin GET feed");
  EXPECT_EQ(Labelled("GET", "/kless/v1"), "admin GET ");
  EXPECT_EQ(Labelled("GET", "/metrics"), "metrics GET ");
  EXPECT_EQ(Labelled("BREW", "/pot"), "kubernetes OTHER ");
}

TEST(HttpMetricsTest, RequestsOfAwsAreLabelledByTheirOperation) {
  HttpRequest request;
  request.method = "POST";
  request.path = "/";
  for (const auto& [target, resource] : std::map<std::string, std::string>{
           {"DynamoDB_20120810.PutItem", "DynamoDB/PutItem"},
           {"DynamoDBStreams_20120810.GetRecords", "DynamoDBStreams/GetRecords"},
           {"x", "x"}}) {
    request.headers["x-amz-target"] = target;
    const HttpMetrics::Labels labels = LabelsOf(request);
    EXPECT_EQ(labels.door + " " + labels.verb + " " + labels.resource, "aws POST " + resource);
  }
}

TEST(HttpMetricsTest, RepliesAreCountedByCodeAndBucket) {
  HttpMetrics metrics;
  HttpRequest request;
  request.method = "GET";
  request.path = "/kless/v1/clock";
  const std::size_t kind = metrics.OnArrival(request);
  EXPECT_EQ(metrics.OnArrival(request), kind);
  metrics.OnReply(kind, 200, std::chrono::microseconds(400));
  metrics.OnReply(kind, 200, std::chrono::milliseconds(1));
  metrics.OnReply(kind, 400, std::chrono::seconds(60));
  metrics.OnStream(kind, 1);
  ASSERT_EQ(metrics.kinds().size(), 1u);
  const HttpMetrics::Kind& counted = metrics.kinds()[0];
  EXPECT_EQ(counted.codes, (std::map<int, std::uint64_t>{{200, 2}, {400, 1}}));
  EXPECT_EQ(counted.took.counts().front(), 1u);
  EXPECT_EQ(counted.took.counts()[1], 1u);  // an upper bound belongs to its bucket
  EXPECT_EQ(counted.took.counts().back(), 1u);
  EXPECT_NEAR(counted.took.seconds(), 60.0014, 1e-9);
  EXPECT_EQ(counted.open_streams, 1);
  metrics.OnStream(kind, -1);
  EXPECT_EQ(counted.open_streams, 0);
}

TEST(HttpMetricsTest, NamesThatClientsInventDoNotGrowTheTableWithoutBound) {
  HttpMetrics metrics;
  HttpRequest request;
  request.method = "GET";
  for (int i = 0; i < 3000; ++i) {
    request.path = "/apis/example.com/v1/kind" + std::to_string(i);
    metrics.OnReply(metrics.OnArrival(request), 404, {});
  }
  EXPECT_LE(metrics.kinds().size(), HttpMetrics::kMaxKinds + 10);
  std::uint64_t others = 0;
  for (const HttpMetrics::Kind& kind : metrics.kinds()) {
    if (kind.labels.resource == "other") others += kind.codes.at(404);
  }
  EXPECT_EQ(others, 3000 - HttpMetrics::kMaxKinds);
}

}  // namespace
}  // namespace kless::doors
