// A server without a cost of its own: what a client takes for its own part of a story.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <thread>

namespace kless::cli {

// Answers GETs on a loopback port with what the server behind `port` answered the first time.
class Replayer {
 public:
  explicit Replayer(int port);
  ~Replayer();
  Replayer(const Replayer&) = delete;
  Replayer& operator=(const Replayer&) = delete;

  int port() const { return own_port_; }

 private:
  void Run();
  const std::string& AnswerTo(const std::string& request);

  const int port_;
  int own_port_ = 0;
  int listener_ = -1;
  std::map<std::string, std::string> answers_;  // by the text of the request, headers included
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace kless::cli
