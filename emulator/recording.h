// Recordings: every outside request of a daemon as JSON lines, for a replay in virtual time.
//
//   {"kless-recording":1,"started":1764000000000,"seed":7,"boot":1,"settings":{"loops":"job"}}
//   {"id":1,"at_ns":1500000,"method":"POST","target":"/apis/batch/v1/namespaces/default/jobs",
//    "content_type":"application/json","body":"{...}","status":201}
//
// started: the emulated wall clock at the start, in unix milliseconds.  seed: the seed of this
// start's random streams.  boot: 1 if the data file was new; otherwise there was a state before the
// first request (see `kless snapshot`).  settings: the given settings that change what a run does,
// by their path in the config file.
// id: in order of arrival; at_ns: nanoseconds of emulated time since the start.  Lines are in order
// of the replies.  status: null if the request got no reply before the daemon stopped.
// content_type, body and headers (x-kless-..., and what an AWS request means: target, date,
// signature, encoding) are omitted when empty; a body that is not UTF-8 is "body_base64".  Of a
// watch or followed feed only the request is recorded.  Requests that the HTTP server itself
// refuses (malformed, too large) are not recorded.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/config.h"
#include "emulator/doors/http/router.h"
#include "emulator/doors/http/server.h"

namespace kless {

constexpr int kRecordingVersion = 1;

struct RecordingHeader {
  std::int64_t started_unix_ms = 0;
  std::uint64_t seed = 0;
  std::uint64_t boot = 1;
  std::map<std::string, std::string> settings;  // texts for Setting::apply, by path
};

struct RecordedRequest {
  std::uint64_t id = 0;
  Duration at{};              // since the start
  HttpRequest request;        // as for Router::Dispatch
  std::optional<int> status;  // nullopt: it got no reply
};

struct Recording {
  RecordingHeader header;
  std::vector<RecordedRequest> requests;  // in order of arrival
  bool torn = false;  // the last line was cut off, as by a kill, and is left out
};

// The settings given in `config` that a replay must have, too.
std::map<std::string, std::string> SettingsForReplay(const Config& config);

// Writes a recording.  A failed write is logged once, and ends the recording, not the daemon.
class Recorder final : public HttpObserver {
 public:
  // kAlreadyExists: recordings are never overwritten. kInvalidArgument: the file cannot be created.
  // The event loop must outlive the last request; the recorder may outlive the scheduler.
  static Result<std::unique_ptr<Recorder>> Create(const std::string& path, EventLoop& event_loop,
                                                  const RecordingHeader& header);
  // Writes the requests that got no reply.
  ~Recorder() override;

  std::uint64_t OnRequest(const HttpRequest& request) override;
  void OnAnswer(std::uint64_t id, int status) override;
  // Passes the recorded lines to the operating system, where a kill cannot lose them.  Called
  // before replies are sent; only the first call of a turn has an effect.
  void Flush();

 private:
  Recorder(std::FILE* file, std::string path, EventLoop& event_loop);
  void WriteLine(const std::string& line);

  std::FILE* file_;  // null after a failed write
  const std::string path_;
  EventLoop& event_loop_;
  const TimePoint start_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::string> open_;  // lines without status and closing brace
  bool unflushed_ = false;
};

// kNotFound: no such file. kUnsupported: written by a newer kless. kInvalidArgument: damaged, or
// not a recording; the message begins with file:line.
Result<Recording> ReadRecording(const std::string& path);

}  // namespace kless
