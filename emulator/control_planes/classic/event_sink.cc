#include "emulator/control_planes/classic/event_sink.h"

namespace kless::control_planes {

EventSink::EventSink(EventLoop& event_loop, Store& store, ApiClient& client, Telemetry* telemetry,
                     Event& idle, std::string component, std::uint64_t seed)
    : event_loop_(event_loop),
      store_(store),
      client_(client),
      telemetry_(telemetry),
      idle_(idle),
      recorder_(std::move(component)),
      random_(seed, "event sink"),
      said_(event_loop) {}

void EventSink::Say(controllers::EventTarget target, controllers::EventNote note,
                    std::string name) {
  if (queue_.size() >= kQueueMax) return;
  queue_.push_back({std::move(target), std::move(note), std::move(name)});
  said_.NotifyOne();
}

Task<> EventSink::Run() {
  for (;;) {
    if (queue_.empty()) idle_.NotifyAll();
    while (queue_.empty()) co_await said_.Wait();
    const Said said = std::move(queue_.front());
    queue_.pop_front();
    const auto event =
        recorder_.Record(said.target, said.note, said.note.append_name ? said.name : "",
                         event_loop_.UnixNanos(), random_.Uuid());
    if (!event) continue;  // dropped by the spam filter
    writing_ = true;
    ApiCall call = co_await client_.Begin();
    (void)store_.resources().Put(event->id, event->document, Condition::None());
    if (telemetry_ != nullptr) telemetry_->OnStoreCall(true, 1);
    co_await client_.End(&call);
    writing_ = false;
  }
}

}  // namespace kless::control_planes
