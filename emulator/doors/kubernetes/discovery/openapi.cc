#include "emulator/doors/kubernetes/discovery/openapi.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/random.h"
#include "emulator/base/strings.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "functions/kubernetes/kinds/served_kinds.h"
#include "functions/kubernetes/openapi/openapi.h"

namespace kless::doors {

using kubernetes::Kind;
using nlohmann::json;

namespace {

constexpr const char* kProtobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

// By path below /openapi/v3: "api/v1", "apis/batch/v1".
using KindsByPath = std::map<std::string, std::vector<const Kind*>>;
KindsByPath Paths() {
  KindsByPath paths;
  for (const Kind* kind : kubernetes::ServedKinds()) {
    paths[(kind->group.empty() ? "api/" : "apis/") + kind->ApiVersion()].push_back(kind);
  }
  return paths;
}

// Clients fetch a document again when its hash has changed.
std::string HashOf(const std::string& text) { return HexDigits(HashBytes(text)); }

class Documents {
 public:
  explicit Documents(CustomKinds& custom) : custom_(custom) {}

  // Null if there is none.
  const std::string* V3(const std::string& path) {
    Refresh();
    const auto kinds = paths_.find(path);
    if (kinds == paths_.end()) return nullptr;
    Text& text = v3_[path];
    if (text.text.empty()) text.text = DumpJson(kubernetes::OpenApiV3(kinds->second));
    if (text.hash.empty()) text.hash = HashOf(text.text);
    return &text.text;
  }

  const std::string& Index() {
    Refresh();
    if (!index_.empty()) return index_;
    json paths = json::object();
    for (const auto& [path, kinds] : paths_) {
      V3(path);
      paths[path] = {{"serverRelativeURL", "/openapi/v3/" + path + "?hash=" + v3_[path].hash}};
    }
    index_ = DumpJson({{"paths", std::move(paths)}});
    return index_;
  }

  const std::string& V2() {
    Refresh();
    if (!v2_.empty()) return v2_;
    std::vector<const Kind*> kinds = kubernetes::ServedKinds();
    for (const kubernetes::KindPtr& kind : shown_) kinds.push_back(kind.get());
    v2_ = DumpJson(kubernetes::OpenApiV2(kinds));
    return v2_;
  }

 private:
  struct Text {
    std::string text, hash;
  };

  // Discards documents that depend on changed custom kinds.
  void Refresh() {
    std::vector<kubernetes::KindPtr> now = custom_.Discovered();
    if (now == shown_ && !paths_.empty()) return;
    const KindsByPath before = std::exchange(paths_, Paths());
    shown_ = std::move(now);
    for (const kubernetes::KindPtr& kind : shown_) {
      paths_["apis/" + kind->ApiVersion()].push_back(kind.get());
    }
    std::erase_if(v3_, [&](const auto& entry) {
      const auto found = paths_.find(entry.first);
      return found == paths_.end() || found->second != before.at(entry.first);
    });
    index_.clear();
    v2_.clear();
  }

  CustomKinds& custom_;
  KindsByPath paths_;
  std::vector<kubernetes::KindPtr> shown_;  // the custom ones in paths_
  std::map<std::string, Text> v3_;
  std::string index_, v2_;
};

// A field of a protobuf message whose value is a text of less than 128 bytes.
std::string ProtobufField(int number, const std::string& text) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(text.size())} + text;
}

// A document without definitions: clients that request protobuf know the built-in kinds themselves.
// Document: swagger = 1, info = 2; Info: title = 1, version = 2.
// https://github.com/google/gnostic/blob/v0.7.0/openapiv2/OpenAPIv2.proto
std::string ProtobufV2() {
  return ProtobufField(1, "2.0") +
         ProtobufField(2, ProtobufField(1, "Kubernetes") + ProtobufField(2, "v1.36.2"));
}

Task<HttpResponse> OpenApiAnswer(std::string text) { co_return JsonResponse(200, std::move(text)); }

Task<HttpResponse> AnswerV2(HttpRequest request, std::shared_ptr<Documents> documents) {
  const std::string& accept = request.Header("accept");
  if (accept.find("+protobuf") != std::string::npos &&
      accept.find("application/json") == std::string::npos) {
    HttpResponse response;
    response.content_type = kProtobuf;
    response.body = ProtobufV2();
    co_return response;
  }
  co_return JsonResponse(200, documents->V2());
}

Task<HttpResponse> AnswerV3(HttpRequest request, std::shared_ptr<Documents> documents) {
  constexpr std::string_view kRoot = "/openapi/v3/";
  const std::string* text = documents->V3(request.path.substr(kRoot.size()));
  if (text == nullptr) co_return RenderKubernetesError(request, 404, "");
  co_return JsonResponse(200, *text);
}

}  // namespace

void RegisterOpenApi(Router& router, CustomKinds& custom) {
  const auto documents = std::make_shared<Documents>(custom);
  router.SetErrorRenderer("/openapi", RenderKubernetesError);
  router.Add("GET", "/openapi/v3",
             [documents](HttpRequest) { return OpenApiAnswer(documents->Index()); });
  for (const char* path : {"/openapi/v3/api/{version}", "/openapi/v3/apis/{group}/{version}"}) {
    router.Add("GET", path, [documents](HttpRequest request) {
      return AnswerV3(std::move(request), documents);
    });
  }
  router.Add("GET", "/openapi/v2",
             [documents](HttpRequest request) { return AnswerV2(std::move(request), documents); });
}

}  // namespace kless::doors
