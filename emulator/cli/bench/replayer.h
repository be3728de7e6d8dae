// A server without a cost of its own, which shows the client's own part of a measurement.
#pragma once

#include <atomic>
#include <exception>
#include <map>
#include <string>
#include <thread>

namespace kless::cli {

// Replies to GETs on a loopback port with the first responses of the server at `port`.
class Replayer {
 public:
  explicit Replayer(int port);
  ~Replayer();
  Replayer(const Replayer&) = delete;
  Replayer& operator=(const Replayer&) = delete;

  int port() const { return own_port_; }
  // The number of requests that were forwarded.  Throws if one of them failed.
  int asked() const;

 private:
  void Run();
  const std::string& AnswerTo(const std::string& request);
  bool Answer(int socket, const std::string& request);

  const int port_;
  int own_port_ = 0;
  int listener_ = -1;
  std::map<std::string, std::string> answers_;  // by request line and Accept
  std::atomic<int> asked_ = 0;
  std::atomic<bool> stopping_ = false;
  std::exception_ptr failure_;
  std::atomic<bool> failed_ = false;  // failure_ is set
  std::thread thread_;
};

}  // namespace kless::cli
