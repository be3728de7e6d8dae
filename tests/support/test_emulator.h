// TestEmulator: a whole emulator in virtual time, without sockets.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/emulator.h"

namespace kless::testing {

// Virtual time, in memory, seed 1, no emulated delay.
Config TestConfig();

class TestEmulator {
 public:
  explicit TestEmulator(Config config = TestConfig());
  ~TestEmulator();

  VirtualEventLoop& event_loop() { return *event_loop_; }
  Emulator& emulator() { return *emulator_; }
  Store& store() { return emulator_->store(); }

  // Sends a request through the router and runs the world until there is a reply (a stream is not
  // read).  Time may pass.
  HttpResponse Send(std::string method, std::string target, std::string body = "",
                    std::string content_type = "application/json");
  // Returns the parsed body of a 2xx reply; otherwise fails the test.
  nlohmann::json Call(std::string method, std::string target, const nlohmann::json& body);
  nlohmann::json Call(std::string method, std::string target);

  // Runs until the emulator is idle; false if it is not within `limit` of emulated time.
  bool RunUntilIdle(Duration limit = std::chrono::hours(1));
  void RunFor(Duration duration);
  // Destroys the world and opens another one on the same file.
  void Restart();

  // Everything committed so far, oldest first.
  std::vector<RecordPtr> Records();

 private:
  void Open();
  Config config_;
  std::unique_ptr<asio::io_context> context_;
  std::unique_ptr<VirtualEventLoop> event_loop_;
  std::unique_ptr<Emulator> emulator_;
};

// {"apiVersion":"batch/v1","kind":"Job",...} with one container and the given spec fields.
nlohmann::json JobManifest(const std::string& name, const nlohmann::json& spec);

}  // namespace kless::testing
