#include "emulator/base/system/process_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace kless {
namespace {

constexpr int kVirtualBytesField = 23;  // of /proc/PID/stat, counted from 1
constexpr int kStartTimeField = 22;     // in clock ticks since the boot
constexpr int kResidentPagesField = 24;

// Returns a field of /proc/self/stat after the program's name, which may contain spaces: `fields`
// start with the third.
double StatField(const std::string& fields, int number) {
  std::istringstream words(fields);
  std::string word;
  for (int at = 3; at <= number; ++at) words >> word;
  return words ? std::strtod(word.c_str(), nullptr) : 0;
}

// Returns seconds since 1970.
double BootTime() {
  std::ifstream stat("/proc/stat");
  std::string name;
  while (stat >> name) {
    double value = 0;
    if (name == "btime" && stat >> value) return value;
    std::getline(stat, name);
  }
  return 0;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessUsage ReadProcessUsage() {
  ProcessUsage usage;
  rusage times{};
  if (getrusage(RUSAGE_SELF, &times) == 0) {
    usage.cpu_seconds = Seconds(times.ru_utime) + Seconds(times.ru_stime);
  }
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) usage.max_files = files.rlim_cur;
  rlimit memory{};
  if (getrlimit(RLIMIT_AS, &memory) == 0) usage.max_virtual_bytes = memory.rlim_cur;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    ++usage.open_files;
  }
  std::ifstream file("/proc/self/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return usage;
  const std::string fields = text.substr(name_end + 1);
  const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
  usage.virtual_bytes = static_cast<std::uint64_t>(StatField(fields, kVirtualBytesField));
  usage.resident_bytes = static_cast<std::uint64_t>(StatField(fields, kResidentPagesField) * page);
  const double boot = BootTime();
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (boot > 0) usage.start_unix_seconds = boot + StatField(fields, kStartTimeField) / ticks;
  return usage;
}

}  // namespace kless
