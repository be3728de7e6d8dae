// Emulator: wires one world from a Config: store, functions, mappings, control plane, doors.  No
// argv, no globals, no sockets: requests enter through router(), time through the EventLoop.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "emulator/base/loop/event_loop.h"
#include "emulator/config.h"
#include "emulator/control_planes/classic/controller_manager.h"
#include "emulator/data_plane/data_plane.h"
#include "emulator/doors/http/router.h"
#include "functions/pool/faults.h"
#include "functions/pool/mapping/event_source_mapping.h"
#include "functions/pool/pool.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::doors {
class HttpMetrics;
}

namespace kless {

class Emulator {
 public:
  // The event loop and the telemetry (which may be null) must outlive the emulator.  Errors: as in
  // Store::Open, or an invalid configuration.
  static Result<std::unique_ptr<Emulator>> Create(EventLoop& event_loop, Config config,
                                                  Telemetry* telemetry = nullptr);
  ~Emulator();

  Router& router();
  doors::HttpMetrics& http_metrics();  // for the HTTP server's monitor
  Store& store();
  FunctionPool& pool();
  Faults& faults();
  EventSourceMappings& mappings();
  control_planes::ControllerManager* controller_manager();  // null if serverless
  data_plane::DataPlane* data_plane();                      // null without simulated nodes
  const Config& config() const;
  std::uint64_t seed()
      const;  // of this start: the configured or drawn seed, mixed with the boot count

  std::uint64_t boots() const;  // number of starts on this data file, including this one

  // Sets variables such as KLESS_ENDPOINT for user functions: how to send requests from outside.
  // Must be called before the event loop runs.
  void SetEndpoint(std::map<std::string, std::string> variables);

  // Whether no record is undelivered, no invocation runs or is queued, and no timer is due.
  bool Idle() const;
  // Idle, and nothing waits for its time: no back-off, deadline, TTL or run time is pending.
  bool AtRest() const;
  // Mappings stop reading records; completes when nothing runs, or at the deadline.
  Task<> Drain(TimePoint deadline);

 private:
  Emulator();
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kless
