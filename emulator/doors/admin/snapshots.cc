// POST snapshots: a copy of the store as a file on the daemon's machine.
#include <nlohmann/json.hpp>

#include "emulator/doors/admin/answers.h"
#include "emulator/doors/admin/context.h"
#include "emulator/doors/admin/routes.h"
#include "store/saved_date.h"

namespace kless::doors {
namespace {

using nlohmann::json;

constexpr RouteField kSnapshotFields[] = {
    {"path", "string", "absolute path of the file, on the daemon's machine"},
};

HttpResponse PostSnapshot(AdminContext& context, const HttpRequest& request) {
  const auto body = ParseBody(request, kSnapshotFields);
  if (body.has_error()) return ErrorReply(body.error());
  const auto path = body.value().find("path");
  const bool is_text = path != body.value().end() && path->is_string();
  if (!is_text || !path->get<std::string>().starts_with('/')) {
    return ErrorReply(MakeError(
        ErrorCode::kInvalidArgument,
        "'path' must be an absolute path on the daemon's machine, such as \"/tmp/kless.db\"" +
            (is_text ? ", not " + path->dump(-1, ' ', false, json::error_handler_t::replace)
                     : std::string())));
  }
  if (context.clock != nullptr) UpdateSavedDate(context.store, *context.clock);
  const auto saved = context.store.SaveCopy(path->get<std::string>());
  if (saved.has_error()) return ErrorReply(saved.error());
  return JsonReply(
      {{"path", *path}, {"bytes", saved.value().bytes}, {"sequence", saved.value().sequence}}, 201);
}

}  // namespace

void AddSnapshotRoutes(Router& router, AdminContext& context) {
  AddAdminRoute(
      router, "POST", "/kless/v1/snapshots",
      {"Copies the data to a file that a daemon can start from", {}, kSnapshotFields, true},
      Immediate([&context](const HttpRequest& request) { return PostSnapshot(context, request); }));
}

}  // namespace kless::doors
