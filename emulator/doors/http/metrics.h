// HttpMetrics: the replies of the HTTP server by door, verb and resource: requests by status code,
// their real duration, and the watches that are now open.  Scraped by Metrics.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/time_histogram.h"
#include "emulator/doors/http/server.h"

namespace kless::doors {

class HttpMetrics final : public HttpMonitor {
 public:
  // Upper bounds in seconds.
  static constexpr std::array<double, 14> kBuckets = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  // Requests of one kind.  The names in paths are given by clients: beyond this number of kinds the
  // resource is "other".
  static constexpr std::size_t kMaxKinds = 500;

  struct Labels {
    std::string door;  // "kubernetes", "admin", "aws", "metrics"
    std::string verb;  // GET, LIST, WATCH, POST, PUT, PATCH, DELETE, DELETECOLLECTION, ...
    // "pods", "jobs/status", "functions", "DynamoDB/PutItem"; "" for discovery and the like.
    std::string resource;
    auto operator<=>(const Labels&) const = default;
  };
  struct Kind {
    Labels labels;
    std::map<int, std::uint64_t> codes;
    TimeHistogram took{kBuckets};
    int open_streams = 0;
  };

  std::size_t OnArrival(const HttpRequest& request) override;
  void OnReply(std::size_t kind, int status, std::chrono::nanoseconds took) override;
  void OnStream(std::size_t kind, int change) override;

  const std::vector<Kind>& kinds() const { return kinds_; }

 private:
  std::map<Labels, std::size_t> index_;
  std::vector<Kind> kinds_;
};

// A watch has the verb WATCH in both doors; the verbs of the Kubernetes door are those in the API
// server's own metrics.
HttpMetrics::Labels LabelsOf(const HttpRequest& request);

}  // namespace kless::doors
