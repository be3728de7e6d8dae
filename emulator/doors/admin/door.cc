#include "emulator/doors/admin/door.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/doors/admin/answers.h"

namespace kless::doors {
namespace {

// The largest payload of an invocation is 6 MB; a body is slightly larger.
constexpr std::size_t kBodyLimit = 8u << 20;

// 403, 404, 405, 413 and 500 that the HTTP server and the router make.
HttpResponse RenderRouterError(const HttpRequest&, int status, const std::string& message) {
  const char* code = "Internal";
  if (status == 403) code = "Forbidden";
  if (status == 404) code = "NotFound";
  if (status == 405) code = "MethodNotAllowed";
  if (status == 413) code = "PayloadTooLarge";
  if (status == 400 || status == 408 || status == 431) code = "InvalidArgument";
  return JsonReply(ErrorToJson(code, message), status);
}

}  // namespace

AdminDoor::AdminDoor(EventLoop& event_loop, RealEventLoop* clock, Store& store, FunctionPool& pool,
                     EventSourceMappings& mappings, Faults& faults)
    : world_{event_loop,        clock,   store,   pool,    mappings, faults, false,
             Event(event_loop), nullptr, nullptr, nullptr, nullptr,  {}} {}

void AdminDoor::Register(Router& router) {
  router.SetErrorRenderer(kAdminPrefix, RenderRouterError);
  router.SetBodyLimit(kAdminPrefix, kBodyLimit);
  AddStatusRoutes(router, world_);
  AddTableRoutes(router, world_);
  AddItemRoutes(router, world_);
  AddDataPlaneRoutes(router, world_);
  AddFeedRoutes(router, world_);
  AddClockRoutes(router, world_);
  AddFunctionRoutes(router, world_);
  AddSnapshotRoutes(router, world_);
  AddIndexRoutes(router);
}

bool IsIdle(const AdminWorld& world) {
  const auto next = world.event_loop.NextDeadline();
  if (next && *next <= world.event_loop.Now()) return false;
  if (world.controller_manager != nullptr && !world.controller_manager->Idle()) return false;
  if (world.timers != nullptr && !world.timers->Idle()) return false;
  if (world.data_plane != nullptr && !world.data_plane->Idle()) return false;
  return world.pool.Idle() &&
         std::all_of(world.mappings.begin(), world.mappings.end(),
                     [](const auto& mapping) { return mapping.second->Idle(); });
}

}  // namespace kless::doors
