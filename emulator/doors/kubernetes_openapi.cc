#include "emulator/doors/kubernetes_openapi.h"

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/doors/kubernetes_status.h"
#include "functions/kubernetes/openapi.h"

namespace kless::doors {

using kubernetes::Kind;
using nlohmann::json;

namespace {

constexpr const char* kProtobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

// By path below /openapi/v3: "api/v1", "apis/batch/v1".
using KindsByPath = std::map<std::string, std::vector<const Kind*>>;
KindsByPath Paths() {
  KindsByPath paths;
  for (const Kind& kind : kubernetes::Kinds()) {
    paths[(kind.group.empty() ? "api/" : "apis/") + kind.ApiVersion()].push_back(&kind);
  }
  return paths;
}

// FNV-1a of a document, in hex: clients read it again when it has changed.
std::string HashOf(const std::string& text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  char hex[17];
  std::snprintf(hex, sizeof hex, "%016llX", static_cast<unsigned long long>(hash));
  return hex;
}

class Documents {
 public:
  const std::string& V3(const std::string& path) {
    std::string& text = v3_[path];
    if (text.empty()) text = DumpJson(kubernetes::OpenApiV3(paths_.at(path)));
    return text;
  }

  const std::string& Index() {
    if (!index_.empty()) return index_;
    json paths = json::object();
    for (const auto& [path, kinds] : paths_) {
      paths[path] = {{"serverRelativeURL", "/openapi/v3/" + path + "?hash=" + HashOf(V3(path))}};
    }
    index_ = DumpJson({{"paths", std::move(paths)}});
    return index_;
  }

  const std::string& V2() {
    if (!v2_.empty()) return v2_;
    std::vector<const Kind*> kinds;
    for (const Kind& kind : kubernetes::Kinds()) kinds.push_back(&kind);
    v2_ = DumpJson(kubernetes::OpenApiV2(kinds));
    return v2_;
  }

  const KindsByPath& paths() const { return paths_; }

 private:
  const KindsByPath paths_ = Paths();
  std::map<std::string, std::string> v3_;
  std::string index_, v2_;
};

// A field of a protobuf message whose value is text of fewer than 128 bytes.
std::string ProtobufField(int number, const std::string& text) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(text.size())} + text;
}

// A document without definitions: clients that ask for protobuf know the built-in kinds themselves.
// Document: swagger = 1, info = 2; Info: title = 1, version = 2.
// https://github.com/google/gnostic/blob/v0.7.0/openapiv2/OpenAPIv2.proto
std::string ProtobufV2() {
  return ProtobufField(1, "2.0") +
         ProtobufField(2, ProtobufField(1, "Kubernetes") + ProtobufField(2, "v1.36.2"));
}

Task<HttpResponse> Answer(std::string text) { co_return JsonResponse(200, std::move(text)); }

Task<HttpResponse> AnswerV2(HttpRequest request, std::shared_ptr<Documents> documents) {
  const auto accept = request.headers.find("accept");
  if (accept != request.headers.end() && accept->second.find("+protobuf") != std::string::npos &&
      accept->second.find("application/json") == std::string::npos) {
    HttpResponse response;
    response.content_type = kProtobuf;
    response.body = ProtobufV2();
    co_return response;
  }
  co_return JsonResponse(200, documents->V2());
}

}  // namespace

void RegisterOpenApi(Router& router) {
  const auto documents = std::make_shared<Documents>();
  router.SetErrorRenderer("/openapi", RenderKubernetesError);
  router.Add("GET", "/openapi/v3", [documents](HttpRequest) { return Answer(documents->Index()); });
  for (const auto& [path, kinds] : documents->paths()) {
    router.Add("GET", "/openapi/v3/" + path,
               [documents, path](HttpRequest) { return Answer(documents->V3(path)); });
  }
  router.Add("GET", "/openapi/v2",
             [documents](HttpRequest request) { return AnswerV2(std::move(request), documents); });
}

}  // namespace kless::doors
