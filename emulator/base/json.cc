#include "emulator/base/json.h"

#include <cstddef>
#include <nlohmann/json.hpp>

#include "emulator/base/json_parser.h"
#include "emulator/base/strings.h"

namespace kless {

Result<nlohmann::json> ParseJson(std::string_view text) {
  bool repeats = false;
  return ParseJsonText(text, &repeats);
}

std::string DumpJson(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void AppendJsonString(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t plain = 0;  // from here on, the text is copied as it is
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      default:
        out.append("\\u00").append(HexEncode(text.substr(i, 1)));
    }
  }
  out.append(text, plain);
  out.push_back('"');
}

}  // namespace kless
