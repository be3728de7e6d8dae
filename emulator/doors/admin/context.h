// AdminContext: the objects that the admin door acts on, and what several of its routes ask of
// them.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/control_planes/classic/controller_manager.h"
#include "emulator/control_planes/timer_service.h"
#include "emulator/data_plane/data_plane.h"
#include "emulator/dynamodb/service.h"
#include "functions/pool/faults.h"
#include "functions/pool/mapping/event_source_mapping.h"
#include "functions/pool/pool.h"
#include "functions/pool/user/user_functions.h"
#include "store/store.h"

namespace kless::doors {

// The constant facts of a running daemon, for `GET status`.
struct DaemonFacts {
  std::string control_plane;  // "serverless", "classic"
  std::string latency;        // the name of the profile
  std::vector<std::string> loops;
  std::uint64_t seed = 0;   // of this start
  std::uint64_t boots = 0;  // starts on this data file, including this one
  std::string durability;   // "full", "normal", "scratch", "memory"
  std::string data_file;    // "": in memory
};

struct AdminContext {
  EventLoop& event_loop;
  RealEventLoop* clock;  // null in a virtual run
  Store& store;
  FunctionPool& pool;
  EventSourceMappings& mappings;
  Faults& faults;
  // Set while one request advances the clock.
  bool advancing = false;
  Event advanced;
  // Null in the serverless control plane.
  const control_planes::ControllerManager* controller_manager = nullptr;
  // Null in the classic control plane.
  const control_planes::TimerService* timers = nullptr;
  data_plane::DataPlane* data_plane = nullptr;  // null without simulated nodes
  UserFunctions* user_functions = nullptr;      // null in a virtual run
  dynamodb::Service* dynamodb = nullptr;        // null in worlds without it, in tests
  DaemonFacts facts;
};

constexpr const char* kAdminPrefix = "/kless/v1";

// Returns the clock as in the reply of `GET clock`.
nlohmann::json ClockToJson(const AdminContext& context);
// Whether every mapping (or the controller manager) has settled every committed record, no
// invocation is running or queued, and no timer is due.
bool IsIdle(const AdminContext& context);

// kNotFound suggests the nearest table.
Result<Table*> FindTable(AdminContext& context, const std::string& name);
}  // namespace kless::doors
