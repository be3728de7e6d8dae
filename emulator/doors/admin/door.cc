#include "emulator/doors/admin/door.h"

#include <nlohmann/json.hpp>

#include "emulator/doors/admin/answers.h"
#include "emulator/doors/admin/routes.h"

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
    : context_{event_loop,        clock,   store,   pool,    mappings, faults,  false,
               Event(event_loop), nullptr, nullptr, nullptr, nullptr,  nullptr, {}} {}

void AdminDoor::Register(Router& router) {
  router.SetErrorRenderer(kAdminPrefix, RenderRouterError);
  router.SetBodyLimit(kAdminPrefix, kBodyLimit);
  AddStatusRoutes(router, context_);
  AddTableRoutes(router, context_);
  AddItemRoutes(router, context_);
  AddDataPlaneRoutes(router, context_);
  AddFeedRoutes(router, context_);
  AddClockRoutes(router, context_);
  AddFunctionRoutes(router, context_);
  AddSnapshotRoutes(router, context_);
  AddIndexRoutes(router);
}

}  // namespace kless::doors
