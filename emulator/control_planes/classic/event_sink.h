// EventSink: writes the events of a classic controller, one at a time, through the controller's own
// client and its token bucket, after the writes that asked for a token before (client-go's
// StartRecordingToSink).
#pragma once

#include <deque>
#include <string>

#include "emulator/base/loop/event.h"
#include "emulator/base/random.h"
#include "emulator/control_planes/classic/api_server.h"
#include "functions/controllers/loop/event_recorder.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

class EventSink {
 public:
  // All references must outlive it; telemetry may be null.  `idle` is notified when no event is
  // left to write.
  EventSink(EventLoop& event_loop, Store& store, ApiClient& client, Telemetry* telemetry,
            Event& idle, std::string component, std::uint64_t seed);

  // Best effort: beyond kQueueMax waiting events, new ones are dropped, as in client-go.
  void Say(controllers::EventTarget target, controllers::EventNote note, std::string name);
  // Writes events until the world ends.
  Task<> Run();
  bool Idle() const { return !writing_ && queue_.empty(); }

 private:
  // client-go tools/record: maxQueuedEvents.
  static constexpr std::size_t kQueueMax = 1000;
  struct Said {
    controllers::EventTarget target;
    controllers::EventNote note;
    std::string name;
  };

  EventLoop& event_loop_;
  Store& store_;
  ApiClient& client_;
  Telemetry* const telemetry_;
  Event& idle_;
  controllers::EventRecorder recorder_;
  Random random_;
  Event said_;
  std::deque<Said> queue_;
  bool writing_ = false;
};

}  // namespace kless::control_planes
