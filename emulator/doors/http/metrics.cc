#include "emulator/doors/http/metrics.h"

#include <algorithm>
#include <string_view>

#include "emulator/base/strings.h"

namespace kless::doors {
namespace {

using Segments = std::vector<std::string_view>;

bool IsSet(const HttpRequest& request, const char* name) {
  const auto found = request.query.find(name);
  return found != request.query.end() && found->second != "false" && found->second != "0";
}

// Methods are given by clients, too.
std::string MethodLabel(const std::string& method) {
  static constexpr std::string_view kKnown[] = {"GET",   "HEAD",   "POST",   "PUT",
                                                "PATCH", "DELETE", "OPTIONS"};
  const bool known = std::find(std::begin(kKnown), std::end(kKnown), method) != std::end(kKnown);
  return known ? method : "OTHER";
}

// `at` is the index of the first segment after the version.
HttpMetrics::Labels KubernetesLabels(const HttpRequest& request, Segments segments,
                                     std::size_t at) {
  HttpMetrics::Labels labels{"kubernetes", MethodLabel(request.method), ""};
  bool watches = IsSet(request, "watch");
  if (at < segments.size() && segments[at] == "watch") {  // the old form: /api/v1/watch/pods
    watches = true;
    ++at;
  }
  // namespaces/NAME/pods, but not the subresources of a namespace itself.
  if (at + 2 < segments.size() && segments[at] == "namespaces" && segments[at + 2] != "status" &&
      segments[at + 2] != "finalize") {
    at += 2;
  }
  if (at >= segments.size() || segments[at].empty()) return labels;
  labels.resource = segments[at];
  const bool is_collection = at + 1 >= segments.size();
  if (at + 2 < segments.size()) labels.resource.append("/").append(segments[at + 2]);
  if (labels.verb == "GET" && watches) {
    labels.verb = "WATCH";
  } else if (labels.verb == "GET" && is_collection) {
    labels.verb = "LIST";
  } else if (labels.verb == "DELETE" && is_collection) {
    labels.verb = "DELETECOLLECTION";
  }
  return labels;
}

}  // namespace

HttpMetrics::Labels LabelsOf(const HttpRequest& request) {
  std::string_view path = request.path;
  if (path.starts_with('/')) path.remove_prefix(1);
  const Segments segments = Split(path, '/');
  const auto segment = [&](std::size_t at) {
    return at < segments.size() ? segments[at] : std::string_view();
  };
  if (segment(0) == "api") return KubernetesLabels(request, segments, 2);
  if (segment(0) == "apis") return KubernetesLabels(request, segments, 3);
  const std::string method = MethodLabel(request.method);
  if (segment(0) == "kless") {
    const bool follows = segment(2) == "feed" && IsSet(request, "follow");
    return {"admin", follows ? "WATCH" : method, std::string(segment(2))};
  }
  if (request.path == "/metrics") return {"metrics", method, ""};
  // "DynamoDB_20120810.PutItem": what precedes the version names the service.
  const std::string_view operation = request.Header("x-amz-target");
  const bool is_queue = !segment(0).empty() && segment(0)[0] >= '0' && segment(0)[0] <= '9';
  if ((request.path == "/" || is_queue) && !operation.empty()) {
    const std::size_t dot = operation.find('.');
    std::string resource(operation.substr(0, operation.find('_')));
    if (dot != std::string_view::npos) resource.append("/").append(operation.substr(dot + 1));
    return {"aws", method, std::move(resource)};
  }
  if (is_queue || request.Header("content-type").starts_with("application/x-www-form-")) {
    return {"aws", method, ""};
  }
  return {"kubernetes", method, ""};
}

std::size_t HttpMetrics::OnArrival(const HttpRequest& request) {
  Labels labels = LabelsOf(request);
  auto found = index_.find(labels);
  if (found == index_.end() && kinds_.size() >= kMaxKinds) {
    labels.resource = "other";
    found = index_.find(labels);
  }
  if (found != index_.end()) return found->second;
  index_.emplace(labels, kinds_.size());
  kinds_.emplace_back().labels = std::move(labels);
  return kinds_.size() - 1;
}

void HttpMetrics::OnReply(std::size_t kind, int status, std::chrono::nanoseconds took) {
  Kind& of = kinds_[kind];
  ++of.codes[status];
  of.took.Add(took);
}

void HttpMetrics::OnStream(std::size_t kind, int change) { kinds_[kind].open_streams += change; }

}  // namespace kless::doors
