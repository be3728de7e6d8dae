#include "emulator/doors/kubernetes/write/delete.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/kubernetes/read/selection.h"
#include "functions/kubernetes/objects/deletion.h"
#include "functions/kubernetes/objects/served_document.h"
#include "functions/kubernetes/objects/status_object.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/prepared_image.h"

namespace kless::doors {

using kubernetes::Kind;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr int kCollectionPage = 100;

// Warns of a kind whose deletions orphan by default.
std::string OrphanWarning(const Kind& kind) {
  return "child pods are preserved by default when " + kind.plural +
         " are deleted; set propagationPolicy=Background to remove them or set "
         "propagationPolicy=Orphan to suppress this warning";
}

// The propagation that the options request; without a policy, that of an earlier deletion, and then
// the default of the kind.
kubernetes::DeletionOptions DeletionOptionsOf(const Kind& kind, const json& object,
                                              const DeleteOptions& options) {
  using Propagation = DeleteOptions::Propagation;
  kubernetes::DeletionOptions deletion;
  deletion.grace_seconds = options.grace_seconds;
  deletion.orphan = options.propagation == Propagation::kOrphan;
  deletion.foreground = options.propagation == Propagation::kForeground;
  if (options.propagation != Propagation::kDefault) return deletion;
  const json* finalizers = kubernetes::Find(object, {"metadata", "finalizers"});
  deletion.foreground = kubernetes::HoldsString(finalizers, kubernetes::kForegroundFinalizer);
  deletion.orphan = kubernetes::HoldsString(finalizers, kubernetes::kOrphanFinalizer) ||
                    (kind.deletion.orphans_by_default && !deletion.foreground);
  return deletion;
}

Refusal CheckProtected(const ResourcePath& path) {
  const std::vector<std::string>& names = path.kind->deletion.protected_names;
  if (std::find(names.begin(), names.end(), path.name) == names.end()) return std::nullopt;
  return Forbidden(*path.kind, path.name, "this " + path.kind->singular + " may not be deleted",
                   nullptr);
}

Refusal CheckPreconditions(const ResourcePath& path, const DeleteOptions& options,
                           const std::string& uid, std::uint64_t item_version) {
  if (options.uid && *options.uid != uid) {
    return Conflict(*path.kind, path.name,
                    "the UID in the precondition (" + *options.uid +
                        ") does not match the UID in record (" + uid +
                        "). The object might have been deleted and then recreated",
                    true);
  }
  const std::string version = std::to_string(item_version);
  if (options.resource_version && *options.resource_version != version) {
    return Conflict(*path.kind, path.name,
                    "the ResourceVersion in the precondition (" + *options.resource_version +
                        ") does not match the ResourceVersion in record (" + version +
                        "). The object might have been modified",
                    true);
  }
  return std::nullopt;
}

// What a dry run, or a deletion that changes nothing, has written.
WriteResult Unwritten(const Item& item) { return {item.version, false, false, nullptr}; }

// Writes `marked`, the object with its deletionTimestamp, which stays until its finalizers and its
// grace are over.
Result<WriteResult> StoreMarked(KubernetesContext& context, const ResourcePath& path,
                                const Item& item, const json& object, const json& marked,
                                bool dry_run, HttpResponse* response) {
  WriteResult written = Unwritten(item);
  if (marked != object && !dry_run) {
    KLESS_TRY(written, context.resources().Put(path.Id(), PrepareImage(marked, path.Id().name),
                                               Condition::VersionIs(item.version)));
  }
  json served = marked;
  if (path.kind->from_stored) path.kind->from_stored(served);
  *response = ObjectResponse(200, std::move(served), written.version);
  return written;
}

// Removes a pod at once, after it was shown with its deletionTimestamp.
Result<WriteResult> RemoveShown(KubernetesContext& context, const ResourcePath& path,
                                const Item& item, const json& object, json last, bool dry_run,
                                HttpResponse* response) {
  WriteResult written = Unwritten(item);
  if (!dry_run && last != object) {
    KLESS_TRY(written, context.resources().Put(path.Id(), PrepareImage(last, path.Id().name),
                                               Condition::VersionIs(item.version)));
  }
  *response = ObjectResponse(200, std::move(last), written.version);
  if (dry_run) return written;
  return context.resources().Remove(path.Id(), Condition::VersionIs(written.version));
}

// Makes one attempt; nullopt: another writer was faster.
std::optional<HttpResponse> DeleteOnce(KubernetesContext& context, const ResourcePath& path,
                                       const DeleteOptions& options) {
  const Kind& kind = *path.kind;
  const auto found = context.resources().Get(path.Id());
  if (found.has_error()) {
    if (found.error().code == ErrorCode::kNotFound) return NotFound(kind, path.name);
    return StoreFailure(found.error());
  }
  const Item& item = *found.value();
  auto parsed = ParseJson(item.document);
  const json object =
      parsed.has_value() && parsed->is_object() ? std::move(parsed.value()) : json::object();
  const std::string uid = StringAt(object, {"metadata", "uid"});
  if (auto refusal = CheckPreconditions(path, options, uid, item.version)) return refusal;

  const std::int64_t now = context.event_loop.UnixNanos();
  const auto deletion = DeletionOptionsOf(kind, object, options);
  const auto marked = kubernetes::DeleteObject(kind, object, deletion, now);
  HttpResponse response;
  Result<WriteResult> written = Unwritten(item);
  if (marked) {
    written = StoreMarked(context, path, item, object, *marked, options.dry_run, &response);
  } else if (kind.deletion.graceful) {
    written = RemoveShown(context, path, item, object,
                          kubernetes::MarkForDeletion(kind, object, deletion, now), options.dry_run,
                          &response);
  } else {
    if (!options.dry_run) {
      written = context.resources().Remove(path.Id(), Condition::VersionIs(item.version));
    }
    response = StatusResponse(kubernetes::StatusSuccess(kind, path.name, uid));
  }
  if (written.has_error()) {
    if (written.error().code == ErrorCode::kConflict) return std::nullopt;
    return StoreFailure(written.error());
  }
  return response;
}

}  // namespace

HttpResponse ServeDelete(KubernetesContext& context, const ResourcePath& path,
                         const HttpRequest& request) {
  DeleteOptions options;
  if (auto refusal = DecodeDeleteOptions(request, &options)) return std::move(*refusal);
  if (auto refusal = CheckProtected(path)) return std::move(*refusal);
  return DeleteObject(context, path, options);
}

HttpResponse DeleteObject(KubernetesContext& context, const ResourcePath& path,
                          const DeleteOptions& options) {
  constexpr int kAttempts = 5;
  std::optional<HttpResponse> response;
  for (int attempt = 0; attempt < kAttempts && !response; ++attempt) {
    response = DeleteOnce(context, path, options);
  }
  if (!response) return Conflict(*path.kind, path.name, "the object has been modified");
  const bool by_default = options.propagation == DeleteOptions::Propagation::kDefault &&
                          path.kind->deletion.orphans_by_default;
  if (by_default && response->status < 400) AddWarnings({OrphanWarning(*path.kind)}, &*response);
  return std::move(*response);
}

Task<HttpResponse> ServeDeleteCollection(KubernetesContext* context, ResourcePath path,
                                         HttpRequest request) {
  DeleteOptions options;
  if (auto refusal = DecodeDeleteOptions(request, &options)) co_return std::move(*refusal);
  if (auto refusal = CheckProtected(path)) co_return std::move(*refusal);
  Selection selection(path);
  if (auto refusal = selection.Parse(request)) co_return std::move(*refusal);

  const Kind& kind = *path.kind;
  std::string items;
  std::string after;
  bool more = true;
  while (more) {
    auto page = context->resources().List(kind.type, selection.prefix(), after, kCollectionPage);
    if (page.has_error()) co_return StoreFailure(page.error());
    more = page.value().more;
    for (const ItemPtr& item : page.value().items) {
      after = context->resources().IdOf(item->key).name;
      if (!selection.Matches(*item, after)) continue;
      ResourcePath one = path;
      one.name = kind.namespaced ? after.substr(after.find('/') + 1) : after;
      HttpResponse response = DeleteObject(*context, one, options);
      if (response.status >= 400) co_return response;
      if (!items.empty()) items.push_back(',');
      items += kubernetes::ServedDocument(kind, *item, after);
    }
    // Lets others run between pages; objects that they add after `after` are deleted, too.
    if (more) co_await asio::post(context->event_loop.executor(), asio::use_awaitable);
  }
  std::string body = R"({"kind":")" + kind.ListKind() + R"(","apiVersion":")" + kind.ApiVersion() +
                     R"(","metadata":{"resourceVersion":")" +
                     std::to_string(context->store.feed().Latest()) + R"("},"items":[)" + items +
                     "]}";
  co_return JsonResponse(200, std::move(body));
}

}  // namespace kless::doors
