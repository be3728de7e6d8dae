#include "emulator/experiment/run/replayer.h"

#include <algorithm>
#include <array>

namespace kless::experiment {
namespace {

bool BelongsToTheDaemon(const std::string& path) {
  constexpr std::array<const char*, 3> kPaths = {"/kless/v1/clock", "/kless/v1/idle",
                                                 "/kless/v1/snapshots"};
  return std::any_of(kPaths.begin(), kPaths.end(), [&](const char* each) { return path == each; });
}

}  // namespace

Replayer::Replayer(EventLoop& event_loop, Router& router, const Recording& recording)
    : event_loop_(event_loop), router_(router), recording_(recording) {}

void Replayer::Start() {
  const TimePoint start = event_loop_.Now();
  for (std::size_t i = 0; i < recording_.requests.size(); ++i) {
    const RecordedRequest& recorded = recording_.requests[i];
    if (BelongsToTheDaemon(recorded.request.path)) {
      ++left_out_;
      continue;
    }
    ++open_;
    event_loop_.CallAt(start + recorded.at,
                       [this, i] { Spawn(event_loop_, "replayed request", Send(i)); });
  }
}

Task<> Replayer::Send(std::size_t index) {
  const RecordedRequest& recorded = recording_.requests[index];
  HttpRequest request = recorded.request;
  const HttpResponse response = co_await router_.Dispatch(std::move(request));
  ++sent_;
  if (recorded.status && *recorded.status != response.status) ++answered_otherwise_;
  --open_;
}

}  // namespace kless::experiment
