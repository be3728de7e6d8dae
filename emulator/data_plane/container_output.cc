#include "emulator/data_plane/container_output.h"

#include "emulator/base/strings.h"
#include "emulator/data_plane/container_behaviour.h"

namespace kless::data_plane {
namespace {

constexpr std::size_t kMaxLines = 10'000;

std::string_view CommandName(const std::string& path) {
  return std::string_view(path).substr(path.rfind('/') + 1);  // npos + 1 is 0
}

// The words of each command of a script, without quotes.
std::vector<std::vector<std::string>> ParseScript(std::string_view script) {
  std::vector<std::vector<std::string>> commands(1);
  std::string word;
  bool in_word = false;
  const auto end_word = [&] {
    if (in_word) commands.back().push_back(std::move(word));
    word.clear();
    in_word = false;
  };
  for (std::size_t i = 0; i < script.size(); ++i) {
    const char c = script[i];
    if (c == '\'' || c == '"') {
      in_word = true;
      for (++i; i < script.size() && script[i] != c; ++i) {
        if (c == '"' && script[i] == '\\' && i + 1 < script.size()) ++i;
        word.push_back(script[i]);
      }
    } else if (c == '\\' && i + 1 < script.size()) {
      in_word = true;
      word.push_back(script[++i]);
    } else if (c == ';' || c == '\n' || script.substr(i, 2) == "&&") {
      end_word();
      if (c == '&') ++i;
      commands.emplace_back();
    } else if (c == ' ' || c == '\t' || c == '\r') {
      end_word();
    } else {
      in_word = true;
      word.push_back(c);
    }
  }
  end_word();
  return commands;
}

// The lines of `echo`; -n is only removed from the words.
std::vector<std::string> EchoLines(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (i == 1 && (words[i] == "-n" || words[i] == "-e")) continue;
    if (!text.empty()) text += ' ';
    text += words[i];
  }
  std::vector<std::string> lines;
  for (const std::string_view line : Split(text, '\n')) lines.emplace_back(line);
  return lines;
}

bool IsQuiet(std::string_view name) { return name == "true" || name == ":" || name == "false"; }

}  // namespace

std::vector<OutputLine> OutputOf(const std::vector<std::string>& command_line) {
  std::vector<OutputLine> output;
  if (command_line.empty()) return output;
  std::vector<std::vector<std::string>> commands;
  const std::string_view name = CommandName(command_line[0]);
  if (name == "echo") {
    commands.push_back(command_line);
  } else if (name == "sh" || name == "bash" || name == "ash" || name == "dash") {
    for (std::size_t i = 1; i + 1 < command_line.size(); ++i) {
      const std::string& flag = command_line[i];
      if (flag.size() < 2 || flag[0] != '-') return output;
      if (flag.back() != 'c') continue;
      commands = ParseScript(command_line[i + 1]);
      break;
    }
  }
  Duration now = Duration::zero();
  for (const std::vector<std::string>& command : commands) {
    if (command.empty()) continue;
    const std::string_view verb = CommandName(command[0]);
    if (verb == "echo") {
      for (std::string& line : EchoLines(command)) output.push_back({now, std::move(line)});
      if (output.size() > kMaxLines) return output;
    } else if (verb == "sleep") {
      const auto slept = BehaviourOf(command).run_time;
      if (!slept || *slept == kForever || now > kForever - *slept) return output;
      now += *slept;
    } else if (!IsQuiet(verb)) {
      return output;
    }
  }
  return output;
}

}  // namespace kless::data_plane
