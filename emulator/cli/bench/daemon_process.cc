#include "emulator/cli/bench/daemon_process.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "emulator/base/system/process.h"
#include "emulator/cli/bench/load.h"

namespace kless::cli {
namespace {

std::vector<std::string> ServeCommand(const std::string& folder, std::vector<std::string> flags) {
  std::vector<std::string> command = {"/proc/self/exe",   "serve", "--port", "0",
                                      "--data-directory", folder};
  command.insert(command.end(), flags.begin(), flags.end());
  return command;
}

}  // namespace

std::string Number(double value, int digits) { return fmt::format("{:.{}f}", value, digits); }

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto in_seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

double ResidentMegabytesOf(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    double kib = 0;
    status >> kib;
    return kib / 1024;
  }
  return 0;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kless-bench-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

// Returns the read end of its standard output.
int ServerProcess::Start(const std::vector<std::string>& command) {
  Pipe output;
  if (!output.ok()) throw std::runtime_error("no pipe");
  SpawnPlan plan;
  plan.arguments = command;
  plan.input = kSameStream;
  plan.output = output.write_end();
  plan.errors = kNoStream;
  const auto started = StartProcess(plan);
  if (started.has_error()) throw std::runtime_error(started.error().message);
  process_ = started.value();
  return output.ReleaseReadEnd();
}

ServerProcess::ServerProcess(const std::vector<std::string>& command) {
  const int output = Start(command);
  std::string text;
  char buffer[512];
  while (text.find('\n') == std::string::npos) {
    const ssize_t count = read(output, buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  close(output);
  const auto url = text.find("http://");
  if (url == std::string::npos) {
    Stop();
    throw std::runtime_error(command[0] + " did not start");
  }
  endpoint_ = text.substr(url, text.find_first_of(" \n", url) - url);
  port_ = std::atoi(endpoint_.c_str() + endpoint_.rfind(':') + 1);
}

ServerProcess::ServerProcess(const std::vector<std::string>& command, int port)
    : endpoint_("http://127.0.0.1:" + std::to_string(port)), port_(port) {
  close(Start(command));
  constexpr int kAttempts = 500;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (CanConnect(port)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  Stop();
  throw std::runtime_error(command[0] + " does not answer at port " + std::to_string(port));
}

void ServerProcess::Stop() {
  if (process_ <= 0) return;
  kill(process_, SIGTERM);
  // A process that does not end by itself in ten seconds is killed.
  for (int attempt = 0; !PollExit(process_); ++attempt) {
    if (attempt == 1000) kill(process_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  process_ = -1;
}

ServerProcess::~ServerProcess() { Stop(); }

double ServerProcess::CpuSeconds() const {
  // The times of /proc/PID/stat are rounded to 10 ms, as much as hundreds of requests need.
  clockid_t clock = 0;
  timespec used{};
  if (clock_getcpuclockid(process_, &clock) != 0 || clock_gettime(clock, &used) != 0) {
    throw std::runtime_error("cannot read the CPU time of a server");
  }
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

DaemonProcess::DaemonProcess(std::vector<std::string> flags)
    : server_(ServeCommand(folder_.path(), std::move(flags))) {}

}  // namespace kless::cli
