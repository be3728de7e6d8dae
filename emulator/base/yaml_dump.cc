// DumpYaml of yaml.h, and the rules by which a text needs no quotes.
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/yaml.h"

namespace kless {
namespace {

using nlohmann::json;

bool IsControl(char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }

bool HasControls(const std::string& text, std::string_view allowed) {
  for (const char c : text) {
    if (IsControl(c) && allowed.find(c) == std::string_view::npos) return true;
  }
  return false;
}

// Whether every reader takes a plain scalar of this text for a string.
bool ReadsAsString(const std::string& text) {
  for (const YamlRules rules : {YamlRules::kKubectl, YamlRules::kCore}) {
    const auto value = ResolveYamlScalar(text, "?", rules);
    if (value.has_error() || !value->is_string()) return false;
  }
  // Some readers of YAML 1.1 take sexagesimal numbers and dates for other types.
  return text.find_first_of("0123456789") == std::string::npos ||
         text.find_first_not_of("0123456789:.-+_TZtz ") != std::string::npos;
}

// Whether a text may be written without quotes in block context.
bool MayBePlain(const std::string& text) {
  constexpr std::string_view kIndicators = ",[]{}#&*!|>'\"%@`";
  constexpr std::string_view kIndicatorsBeforeSpace = "-?:";
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (kIndicators.find(text.front()) != std::string_view::npos) return false;
  if (kIndicatorsBeforeSpace.find(text.front()) != std::string_view::npos &&
      (text.size() == 1 || text[1] == ' ')) {
    return false;
  }
  if (text.starts_with("---") || text.starts_with("...") || text.starts_with("<<")) return false;
  return text.find(": ") == std::string::npos && text.find(" #") == std::string::npos &&
         !HasControls(text, "");
}

// Whether a multi-line text keeps its characters as a literal block.
bool MayBeBlock(const std::string& text) {
  return text.find('\n') != std::string::npos && text.find(" \n") == std::string::npos &&
         text.back() != ' ' && text.find_first_not_of('\n') != std::string::npos &&
         !HasControls(text, "\n");
}

void AppendBlock(std::string& out, const std::string& text, int indent) {
  out += '|';
  if (text.front() == ' ' || text.front() == '\n') out += '2';
  if (!text.ends_with('\n')) out += '-';
  if (text.ends_with("\n\n")) out += '+';
  std::string_view rest = text;
  if (rest.ends_with('\n')) rest.remove_suffix(1);
  for (const std::string_view line : Split(rest, '\n')) {
    out += '\n';
    if (!line.empty()) out.append(static_cast<std::size_t>(indent), ' ').append(line);
  }
}

void AppendText(std::string& out, const std::string& text, int indent, bool key) {
  if (!key && MayBeBlock(text)) return AppendBlock(out, text, indent);
  if (!text.empty() && !ReadsAsString(text)) return AppendJsonString(out, text);
  if (MayBePlain(text)) {
    out += text;
  } else if (text.empty() || HasControls(text, "")) {
    AppendJsonString(out, text);
  } else {
    out += '\'';
    for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
    out += '\'';
  }
}

bool IsEmpty(const json& value) { return !value.is_structured() || value.empty(); }

// Appends the value of a node whose first line is already indented to `indent`.
void Append(std::string& out, const json& value, int indent) {
  const std::string margin = '\n' + std::string(static_cast<std::size_t>(indent), ' ');
  bool first = true;
  if (IsEmpty(value)) {
    if (value.is_string()) {
      AppendText(out, value.get_ref<const std::string&>(), indent, false);
    } else {
      out += DumpJson(value);
    }
  } else if (value.is_array()) {
    for (const json& element : value) {
      if (!std::exchange(first, false)) out += margin;
      out += "- ";
      Append(out, element, indent + 2);
    }
  } else {
    for (const auto& [key, member] : value.items()) {
      if (!std::exchange(first, false)) out += margin;
      AppendText(out, key, indent, true);
      out += ':';
      const int inner = member.is_array() ? indent : indent + 2;
      if (IsEmpty(member)) {
        out += ' ';
      } else {
        out.append(1, '\n').append(static_cast<std::size_t>(inner), ' ');
      }
      Append(out, member, member.is_string() ? indent + 2 : inner);
    }
  }
}

}  // namespace

std::string DumpYaml(const json& value) {
  std::string out;
  Append(out, value, 0);
  out += '\n';
  return out;
}

}  // namespace kless
