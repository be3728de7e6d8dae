// Reads in the Kubernetes door: one object, or a collection in pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "emulator/base/loop/task.h"
#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

// The resourceVersion of a query; "" and "0" mean no version. 400 if it is not a number.
Refusal ParseResourceVersion(const HttpRequest& request, std::optional<std::uint64_t>* version);

// The state that one page passes to the next.
struct ContinueToken {
  std::uint64_t resource_version = 0;
  std::string after;  // the last resource name of the previous page
  // Set once the list is no longer that of one version.
  bool inconsistent = false;

  std::string Encode() const;
  static std::optional<ContinueToken> Decode(const std::string& text);
};

class KubernetesReader {
 public:
  explicit KubernetesReader(KubernetesContext& context) : context_(context) {}

  Task<HttpResponse> Get(ResourcePath path, HttpRequest request);
  Task<HttpResponse> List(ResourcePath path, HttpRequest request);

  // Completes with nullopt once the feed has reached `version`, or with 504 after 3 s.
  Task<Refusal> AwaitVersion(std::uint64_t version);

 private:
  KubernetesContext& context_;
};

}  // namespace kless::doors
