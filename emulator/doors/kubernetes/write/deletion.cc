// Deletions in the Kubernetes door; the other half of KubernetesWriter.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/kubernetes/write/writer.h"
#include "functions/kubernetes/objects/object.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::doors {

using kubernetes::Kind;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr int kAttempts = 5;
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

}  // namespace

Refusal KubernetesWriter::CheckDeletion(const ResourcePath& path) const {
  const std::vector<std::string>& names = path.kind->deletion.protected_names;
  if (std::find(names.begin(), names.end(), path.name) == names.end()) return std::nullopt;
  return Forbidden(*path.kind, path.name, "this " + path.kind->singular + " may not be deleted",
                   nullptr);
}

HttpResponse KubernetesWriter::Delete(const ResourcePath& path, const HttpRequest& request) {
  DeleteOptions options;
  if (auto refusal = DecodeDeleteOptions(request, &options)) return std::move(*refusal);
  if (auto refusal = CheckDeletion(path)) return std::move(*refusal);
  return DeleteObject(path, options);
}

HttpResponse KubernetesWriter::DeleteObject(const ResourcePath& path,
                                            const DeleteOptions& options) {
  const Kind& kind = *path.kind;
  const ResourceId id = path.Id();
  const bool by_default = options.propagation == DeleteOptions::Propagation::kDefault &&
                          kind.deletion.orphans_by_default;

  for (int attempt = 1;; ++attempt) {
    const auto found = context_.resources().Get(id);
    if (found.has_error()) {
      if (found.error().code == ErrorCode::kNotFound) return NotFound(kind, path.name);
      return StoreFailure(found.error());
    }
    const Item& item = *found.value();
    auto parsed = ParseJson(item.document);
    const json object =
        parsed.has_value() && parsed->is_object() ? std::move(parsed.value()) : json::object();
    const std::string uid = StringAt(object, {"metadata", "uid"});
    if (options.uid && *options.uid != uid) {
      return Conflict(kind, path.name,
                      "the UID in the precondition (" + *options.uid +
                          ") does not match the UID in record (" + uid +
                          "). The object might have been deleted and then recreated",
                      true);
    }
    const std::string version = std::to_string(item.version);
    if (options.resource_version && *options.resource_version != version) {
      return Conflict(kind, path.name,
                      "the ResourceVersion in the precondition (" + *options.resource_version +
                          ") does not match the ResourceVersion in record (" + version +
                          "). The object might have been modified",
                      true);
    }

    const std::int64_t now = context_.event_loop.UnixNanos();
    const auto deletion = DeletionOptionsOf(kind, object, options);
    const auto marked = kubernetes::DeleteObject(kind, object, deletion, now);
    HttpResponse response;
    Result<WriteResult> written = WriteResult{item.version};
    if (marked) {
      if (*marked != object && !options.dry_run) {
        written =
            context_.resources().Put(id, DumpJson(*marked), Condition::VersionIs(item.version));
      }
      if (written.has_value()) {
        json served = *marked;
        if (kind.from_stored) kind.from_stored(served);
        response = ObjectResponse(200, std::move(served), written.value().version);
      }
    } else if (kind.deletion.graceful) {
      // A pod that is removed at once is first shown with its deletionTimestamp.
      json last = kubernetes::MarkForDeletion(kind, object, deletion, now);
      if (!options.dry_run && last != object) {
        written = context_.resources().Put(id, DumpJson(last), Condition::VersionIs(item.version));
      }
      if (written.has_value()) {
        const std::uint64_t last_version = written.value().version;
        response = ObjectResponse(200, std::move(last), last_version);
        if (!options.dry_run) {
          written = context_.resources().Remove(id, Condition::VersionIs(last_version));
        }
      }
    } else {
      if (!options.dry_run) {
        written = context_.resources().Remove(id, Condition::VersionIs(item.version));
      }
      response = StatusResponse(kubernetes::StatusSuccess(kind, path.name, uid));
    }
    if (written.has_error()) {
      const bool lost = written.error().code == ErrorCode::kConflict;
      if (lost && attempt < kAttempts) continue;
      if (lost) return Conflict(kind, path.name, "the object has been modified");
      return StoreFailure(written.error());
    }
    if (by_default) AddWarnings({OrphanWarning(kind)}, &response);
    return response;
  }
}

Task<HttpResponse> KubernetesWriter::DeleteCollection(ResourcePath path, HttpRequest request) {
  DeleteOptions options;
  if (auto refusal = DecodeDeleteOptions(request, &options)) co_return std::move(*refusal);
  if (auto refusal = CheckDeletion(path)) co_return std::move(*refusal);
  Selection selection(path);
  if (auto refusal = selection.Parse(request)) co_return std::move(*refusal);

  const Kind& kind = *path.kind;
  std::string items;
  std::string after;
  bool more = true;
  while (more) {
    auto page = context_.resources().List(kind.type, selection.prefix(), after, kCollectionPage);
    if (page.has_error()) co_return StoreFailure(page.error());
    more = page.value().more;
    for (const ItemPtr& item : page.value().items) {
      after = context_.resources().IdOf(item->key).name;
      if (!selection.Matches(*item, after)) continue;
      ResourcePath one = path;
      one.name = kind.namespaced ? after.substr(after.find('/') + 1) : after;
      HttpResponse response = DeleteObject(one, options);
      if (response.status >= 400) co_return response;
      if (!items.empty()) items.push_back(',');
      items += kubernetes::ServedDocument(kind, *item, after);
    }
    // Lets others run between pages; objects that they add after `after` are deleted, too.
    if (more) co_await asio::post(context_.event_loop.executor(), asio::use_awaitable);
  }
  std::string body = R"({"kind":")" + kind.ListKind() + R"(","apiVersion":")" + kind.ApiVersion() +
                     R"(","metadata":{"resourceVersion":")" +
                     std::to_string(context_.store.feed().Latest()) + R"("},"items":[)" + items +
                     "]}";
  co_return JsonResponse(200, std::move(body));
}

}  // namespace kless::doors
