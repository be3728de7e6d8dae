// Cost: what requests cost a server that runs in a process of its own.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "emulator/cli/bench/load.h"

namespace kless::cli {

struct Cost {
  double cpu_micros = 0;  // of the server, per request
  double rate = 0;        // requests per second of real time
};

// Server: DaemonProcess or ServerProcess.  The requests are built before the clock starts.
template <class Server>
Cost CostOf(const Server& server, int connections, int requests,
            const std::function<std::string(int)>& text) {
  std::vector<std::string> texts;
  for (int i = 0; i < requests; ++i) texts.push_back(text(i));
  const double before = server.CpuSeconds();
  const auto start = std::chrono::steady_clock::now();
  SendAll(server.port(), connections, requests,
          [&](int i) { return texts[static_cast<std::size_t>(i)]; });
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {(server.CpuSeconds() - before) / requests * 1e6, requests / wall.count()};
}

// Flags of a daemon that has nothing to do by itself.
std::vector<std::string> QuietFlags();

}  // namespace kless::cli
