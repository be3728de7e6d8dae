// The steps of a write that creates or updates an object, in their order:
//
//   decode -> admit -> prepare -> validate -> store -> serve
//
// Each is a plain function; what differs among kinds is in the hooks of Kind.  A step that returns
// a Refusal ends the write with it.  A write is one step of the event loop: nothing else runs
// between its reads and its write, which still states the version that it replaces.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/wire/error_replies.h"
#include "emulator/doors/kubernetes/wire/resource.h"
#include "emulator/doors/kubernetes/wire/write_options.h"

namespace kless::doors {

struct ObjectWrite {
  ResourcePath path;     // has the name once a create is admitted
  WriteOptions options;  // the steps add their warnings to options.warnings
  // Those that the object will have; null: the manager owns what it writes.
  const nlohmann::json* managed_fields = nullptr;
  // What the reply shows of the object as it is served; null: all of it.
  nlohmann::json (*view)(const kubernetes::Kind& kind, const nlohmann::json& served) = nullptr;
};

// Decode: reads the options ("CreateOptions", "UpdateOptions") and the object in the body.
Refusal DecodeWrite(const HttpRequest& request, const char* options, ObjectWrite* write,
                    nlohmann::json* object);

// Whether name and namespace in a body, where given, are those of the path.
Refusal CheckSameNames(const ResourcePath& path, const nlohmann::json& body);

// Admit.
//
// Whether an object may be created at a path: names, and a namespace that exists and is not being
// deleted.
Refusal CheckNewObject(KubernetesContext& context, const ResourcePath& path,
                       const nlohmann::json& object);
// Fills in defaults, managed fields and metadata (it draws the uid and a generated name), and asks
// Kind::admit.
Refusal AdmitCreate(KubernetesContext& context, ObjectWrite* write, nlohmann::json* object);

// Prepare.
void PrepareCreate(KubernetesContext& context, ObjectWrite* write, nlohmann::json* object);
// `old` is the stored object; it gets the defaults that the API server would have read with it.
void PrepareUpdate(KubernetesContext& context, ObjectWrite* write, nlohmann::json* old,
                   nlohmann::json* object);

// Validate.
Refusal ValidateCreate(const ResourcePath& path, nlohmann::json* object);
Refusal ValidateUpdate(const ResourcePath& path, const nlohmann::json& old, nlohmann::json* object);

// Store and serve; a dry run stores nothing.
//
// nullopt: an object of that name exists.
std::optional<HttpResponse> StoreNew(KubernetesContext& context, const ObjectWrite& write,
                                     const nlohmann::json& object);
// Writes over `item`, which was read as `stored`, or removes it if its last finalizer has gone.
// nullopt: another writer was faster.
std::optional<HttpResponse> StoreOver(KubernetesContext& context, const ObjectWrite& write,
                                      const Item& item, const nlohmann::json& stored,
                                      const nlohmann::json& object);

// Calls `once` until it replies (nullopt: another writer was faster), at most five times; then 409.
HttpResponse UntilNotOvertaken(const ResourcePath& path,
                               const std::function<std::optional<HttpResponse>()>& once);

}  // namespace kless::doors
