#include "emulator/processes/memory_use.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace kless::processes {
namespace {

// Files of /proc are read in one piece; a longer list of children is cut off.
std::string ReadProc(const std::string& path) {
  std::array<char, 4096> buffer{};
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  const ssize_t bytes = read(file, buffer.data(), buffer.size());
  close(file);
  return {buffer.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0};
}

// Returns the number at the beginning of `text` and removes it with the blank that follows; -1 at
// the end.
std::int64_t TakeNumber(std::string_view& text) {
  std::int64_t number = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<std::size_t>(read.ptr - text.data());
  if (read.ec != std::errc()) return -1;
  text.remove_prefix(used < text.size() ? used + 1 : used);
  return number;
}

}  // namespace

std::vector<pid_t> TreeOf(pid_t process) {
  std::vector<pid_t> tree = {process};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const std::string number = std::to_string(tree[i]);
    const std::string children = ReadProc("/proc/" + number + "/task/" + number + "/children");
    std::string_view left = children;
    for (std::int64_t child = TakeNumber(left); child > 0; child = TakeNumber(left)) {
      tree.push_back(static_cast<pid_t>(child));
    }
  }
  return tree;
}

std::int64_t ResidentBytes(const std::vector<pid_t>& processes) {
  static const std::int64_t page = sysconf(_SC_PAGESIZE);
  std::int64_t bytes = 0;
  for (const pid_t process : processes) {
    const std::string text = ReadProc("/proc/" + std::to_string(process) + "/statm");
    std::string_view left = text;
    TakeNumber(left);  // the whole size
    const std::int64_t pages = TakeNumber(left);
    if (pages > 0) bytes += pages * page;
  }
  return bytes;
}

}  // namespace kless::processes
