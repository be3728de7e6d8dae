// Signatures: a line for each header, "name: value", or parameter of the query, "?name=value".

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "emulator/base/check.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/signature.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> query;
  for (const std::string_view line : kless::Split(text, '\n')) {
    const bool is_query = line.starts_with('?');
    const std::size_t end = line.find(is_query ? "=" : ": ");
    const std::string name(line.substr(is_query ? 1 : 0, is_query ? end - 1 : end));
    const std::string value(end == std::string_view::npos ? std::string_view()
                                                          : line.substr(end + (is_query ? 1 : 2)));
    (is_query ? query : headers)[name] = value;
  }
  const auto parsed = kless::doors::aws::ParseSignature({headers, query}, "dynamodb");
  if (parsed.has_error()) {
    KLESS_CHECK(!parsed.error().message.empty(), "an error without a message");
  } else {
    KLESS_CHECK(parsed.value().service == "dynamodb" && !parsed.value().region.empty(),
                "a scope that does not fit");
  }
  return 0;
}
