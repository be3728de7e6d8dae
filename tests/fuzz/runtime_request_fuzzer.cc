// Requests of the Runtime API: the same request, however its bytes are cut, and never more of a
// body than the limit.  The first byte says where the rest is cut.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "emulator/processes/runtime_request.h"

namespace {

using Parser = kless::processes::RuntimeRequestParser;
constexpr std::size_t kLimit = 1000;

void Check(const kless::processes::RuntimeRequest& request) {
  if (request.body.size() > kLimit || !request.path.starts_with('/')) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t cut = std::min<std::size_t>(data[0], text.size());
  Parser whole(kLimit);
  const auto state = whole.Feed(text);
  Parser parts(kLimit);
  auto other = parts.Feed(text.substr(0, cut));
  if (other == Parser::State::kMore) other = parts.Feed(text.substr(cut));
  if (other != state) std::abort();
  if (state != Parser::State::kDone) return 0;
  const auto request = whole.Take();
  Check(request);
  const auto again = parts.Take();
  if (again.body != request.body || again.headers != request.headers) std::abort();
  while (whole.Feed("") == Parser::State::kDone) Check(whole.Take());
  return 0;
}
