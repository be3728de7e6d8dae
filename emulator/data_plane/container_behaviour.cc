#include "emulator/data_plane/container_behaviour.h"

#include <algorithm>
#include <charconv>

#include "emulator/base/duration.h"
#include "emulator/base/strings.h"

namespace kless::data_plane {
namespace {

constexpr double kLongestSeconds = 1e9;
constexpr int kExitCodes = 256;
constexpr std::size_t kMaxExitCodes = 1000;
constexpr std::string_view kBlanks = " \t\r";

std::string_view BaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

// Parses one operand of sleep: "2", "0.5", "2s", "1m", "1h", "1d", "infinity".
std::optional<Duration> SleepOperand(std::string_view text) {
  if (text == "inf" || text == "infinity") return kForever;
  double number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, std::chars_format::fixed);
  if (error != std::errc{} || !(number >= 0)) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  if (unit == "m") number *= 60;
  if (unit == "h") number *= 3600;
  if (unit == "d") number *= 86400;
  if (!unit.empty() && unit != "s" && unit != "m" && unit != "h" && unit != "d") {
    return std::nullopt;
  }
  if (number > kLongestSeconds) return kForever;
  return Duration(static_cast<Duration::rep>(number * 1e9));
}

Duration Sum(Duration a, Duration b) {
  return a == kForever || b == kForever || a > kForever - b ? kForever : a + b;
}

std::optional<Duration> SleepTime(const std::vector<std::string>& words) {
  if (words.size() < 2) return std::nullopt;
  Duration total = Duration::zero();
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto operand = SleepOperand(words[i]);
    if (!operand) return std::nullopt;
    total = Sum(total, *operand);
  }
  return total;
}

std::optional<int> ExitCode(const std::string& text) {
  const auto code = ParseInteger(text);
  if (!code) return std::nullopt;
  return static_cast<int>(((*code % kExitCodes) + kExitCodes) % kExitCodes);
}

std::vector<std::string> Words(std::string_view command) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while ((at = command.find_first_not_of(kBlanks, at)) != std::string_view::npos) {
    const std::size_t end = std::min(command.find_first_of(kBlanks, at), command.size());
    words.emplace_back(command.substr(at, end - at));
    at = end;
  }
  return words;
}

// Splits a script into its commands; quotes are not interpreted.
std::vector<std::vector<std::string>> CommandsOf(std::string_view script) {
  std::vector<std::vector<std::string>> commands;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= script.size(); ++i) {
    const bool both = script.substr(i, 2) == "&&";
    if (i < script.size() && script[i] != ';' && script[i] != '\n' && !both) continue;
    auto words = Words(script.substr(begin, i - begin));
    if (words.size() > 1 && words[0] == "exec") words.erase(words.begin());
    if (!words.empty()) commands.push_back(std::move(words));
    if (both) ++i;
    begin = i + 1;
  }
  return commands;
}

Behaviour OfScript(std::string_view script) {
  Behaviour behaviour;
  Duration slept = Duration::zero();
  bool sleeps = false;
  bool all_known = true;
  for (const std::vector<std::string>& command : CommandsOf(script)) {
    const std::string_view name = BaseName(command[0]);
    behaviour.exit_code.reset();  // the exit code of the last command counts
    if (name == "sleep") {
      const auto time = SleepTime(command);
      sleeps = sleeps || time.has_value();
      all_known = all_known && time.has_value();
      slept = Sum(slept, time.value_or(Duration::zero()));
    } else if (name == "exit") {
      behaviour.exit_code = command.size() > 1 ? ExitCode(command[1]) : 0;
      break;
    } else if (name == "false") {
      behaviour.exit_code = 1;
    } else {
      all_known = all_known && (name == "true" || name == ":" || name == "echo");
    }
  }
  if (sleeps || all_known) behaviour.run_time = slept;
  return behaviour;
}

bool IsShell(std::string_view name) {
  return name == "sh" || name == "bash" || name == "ash" || name == "dash";
}

}  // namespace

Behaviour BehaviourOf(const std::vector<std::string>& command_line) {
  if (command_line.empty()) return {};
  const std::string_view name = BaseName(command_line[0]);
  if (name == "sleep") return {SleepTime(command_line), std::nullopt};
  if (name == "true") return {Duration::zero(), 0};
  if (name == "false") return {Duration::zero(), 1};
  if (!IsShell(name)) return {};
  for (std::size_t i = 1; i + 1 < command_line.size(); ++i) {
    const std::string& flag = command_line[i];
    if (flag.size() < 2 || flag[0] != '-') return {};
    if (flag.back() == 'c') return OfScript(command_line[i + 1]);
  }
  return {};
}

std::optional<Duration> RunTimeFromText(const std::string& text) {
  if (text == "forever") return kForever;
  return ParseDuration(text);
}

std::vector<int> ExitCodesFromText(std::string_view text) {
  std::vector<int> codes;
  for (std::string_view word : Split(text, ',')) {
    const std::size_t begin = std::min(word.find_first_not_of(kBlanks), word.size());
    word = word.substr(begin, word.find_last_not_of(kBlanks) + 1 - begin);
    const auto code = ParseUnsigned(word);
    if (!code || *code >= kExitCodes || codes.size() >= kMaxExitCodes) return {};
    codes.push_back(static_cast<int>(*code));
  }
  return codes;
}

}  // namespace kless::data_plane
