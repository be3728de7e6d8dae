// Bodies in protobuf, as kubectl sends them.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;

// A length-delimited field of a message; texts here are shorter than 128 bytes.
std::string WireField(int number, const std::string& bytes) {
  std::string field(1, static_cast<char>(number << 3 | 2));
  field += static_cast<char>(bytes.size());
  return field + bytes;
}

std::string Number(int number, int value) {
  return {static_cast<char>(number << 3), static_cast<char>(value)};
}

std::string Envelope(const std::string& api_version, const std::string& kind,
                     const std::string& raw) {
  return std::string("k8s\0", 4) + WireField(1, WireField(1, api_version) + WireField(2, kind)) +
         WireField(2, raw);
}

class KubernetesProtobufTest : public KubernetesDoorTest {
 protected:
  Reply Post(const std::string& path, const std::string& body) {
    HttpRequest request = MakeRequest("POST", path, body);
    request.headers["content-type"] = "application/vnd.kubernetes.protobuf";
    request.headers["accept"] = "application/vnd.kubernetes.protobuf,application/json";
    return Send(std::move(request));
  }
};

TEST_F(KubernetesProtobufTest, ObjectsAreCreatedAndAnsweredAsJson) {
  const std::string metadata =
      WireField(1, WireField(1, "team") + WireField(11, WireField(1, "a") + WireField(2, "b")));
  const Reply reply =
      Post("/api/v1/namespaces", Envelope("v1", "Namespace", metadata + WireField(2, "")));
  EXPECT_EQ(reply.status, 201) << reply.response.body;
  EXPECT_EQ(reply.body()["metadata"]["name"], "team");
  EXPECT_EQ(reply.body()["metadata"]["labels"]["a"], "b");
}

TEST_F(KubernetesProtobufTest, PointersKeepTheirZeroAndOthersLoseIt) {
  const std::string container =
      WireField(1, "c") + WireField(2, "busybox") + WireField(5, "") + WireField(13, "");
  const std::string pod = WireField(2, WireField(2, container) + WireField(3, "Never"));
  // spec.backoffLimit is a pointer.
  const std::string job =
      WireField(1, WireField(1, "j")) + WireField(2, WireField(6, pod) + Number(7, 0));
  json created = Post(kJobs, Envelope("batch/v1", "Job", job)).body();
  EXPECT_EQ(created["spec"]["backoffLimit"], 0) << created;
  EXPECT_FALSE(created["spec"]["template"]["spec"]["containers"][0].contains("workingDir"));
}

TEST_F(KubernetesProtobufTest, AccessReviewsAreAnswered) {
  const std::string spec = WireField(1, WireField(2, "create") + WireField(5, "pods"));
  const Reply reply = Post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                           Envelope("authorization.k8s.io/v1", "SelfSubjectAccessReview",
                                    WireField(1, "") + WireField(2, spec)));
  EXPECT_EQ(reply.status, 201) << reply.response.body;
  EXPECT_EQ(reply.body()["status"]["allowed"], true);
}

TEST_F(KubernetesProtobufTest, WhatIsNotReadWholeIsRefused) {
  const Reply other = Post("/api/v1/namespaces/default/pods", Envelope("v1", "Pod", ""));
  EXPECT_EQ(other.status, 415);
  EXPECT_EQ(other.message(), "kless does not read Pod (v1) from protobuf; send JSON");
  // Volumes are field 1 of a PodSpec.
  const std::string pod = WireField(2, WireField(1, WireField(1, "v")));
  const std::string job = WireField(1, WireField(1, "j")) + WireField(2, WireField(6, pod));
  const Reply part = Post(kJobs, Envelope("batch/v1", "Job", job));
  EXPECT_EQ(part.status, 415);
  EXPECT_EQ(part.message(), "kless does not read field PodSpec: 1 of Job from protobuf; send JSON");
}

TEST_F(KubernetesProtobufTest, CutBodiesAreTheClientsFault) {
  const std::string whole = Envelope(
      "v1", "Namespace", WireField(1, WireField(1, "team")) + WireField(2, WireField(1, "x")));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const int status = Post("/api/v1/namespaces", whole.substr(0, size)).status;
    EXPECT_TRUE(status >= 400 && status < 500) << size << ": " << status;
  }
  EXPECT_EQ(Post("/api/v1/namespaces", std::string("k8s\0\xff\xff\xff", 7)).status, 400);
}

}  // namespace
}  // namespace kless::doors
