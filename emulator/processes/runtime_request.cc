#include "emulator/processes/runtime_request.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include "emulator/base/strings.h"

namespace kless::processes {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool IsToken(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           kOthers.find(c) != std::string_view::npos;
  });
}

std::string_view Trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<std::size_t> Number(std::string_view digits, int base) {
  std::size_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

RuntimeRequestParser::State RuntimeRequestParser::Feed(std::string_view bytes) {
  bytes_ += bytes;
  for (;;) {
    const Part before = part_;
    const std::size_t size = bytes_.size();
    const State state = Step();
    if (state != State::kMore) return state;
    if (part_ == before && bytes_.size() == size) return state;
  }
}

RuntimeRequest RuntimeRequestParser::Take() {
  part_ = Part::kHeader;
  return std::exchange(request_, {});
}

RuntimeRequestParser::State RuntimeRequestParser::Step() {
  switch (part_) {
    case Part::kHeader:
      return ReadHeader();
    case Part::kLength:
    case Part::kChunk: {
      const std::size_t taken = std::min(left_, bytes_.size());
      request_.body.append(bytes_, 0, taken);
      bytes_.erase(0, taken);
      left_ -= taken;
      if (left_ == 0) part_ = part_ == Part::kChunk ? Part::kChunkEnd : Part::kDone;
      return part_ == Part::kDone ? State::kDone : State::kMore;
    }
    case Part::kChunkEnd:
      if (bytes_.size() < kLineEnd.size()) return State::kMore;
      if (!bytes_.starts_with(kLineEnd)) return State::kMalformed;
      bytes_.erase(0, kLineEnd.size());
      part_ = Part::kChunkSize;
      return State::kMore;
    case Part::kChunkSize:
      return ReadChunkSize();
    case Part::kTrailers: {
      const bool none = bytes_.starts_with(kLineEnd);
      const auto end = none ? 0 : bytes_.find("\r\n\r\n");
      if (end == std::string::npos) {
        return bytes_.size() > kRuntimeHeaderMax ? State::kMalformed : State::kMore;
      }
      if (!none && !ReadFields(std::string_view(bytes_).substr(0, end))) return State::kMalformed;
      bytes_.erase(0, end + (none ? 2 : 4));
      part_ = Part::kDone;
      return State::kDone;
    }
    case Part::kDone:
      return State::kDone;
  }
  return State::kMalformed;
}

RuntimeRequestParser::State RuntimeRequestParser::ReadHeader() {
  const auto end = bytes_.find("\r\n\r\n");
  if (end == std::string::npos || end > kRuntimeHeaderMax) {
    return bytes_.size() > kRuntimeHeaderMax ? State::kMalformed : State::kMore;
  }
  const std::string header = bytes_.substr(0, end);
  bytes_.erase(0, end + 4);
  const auto line_end = header.find(kLineEnd);
  const std::string_view line = std::string_view(header).substr(0, line_end);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return State::kMalformed;
  const std::string_view version = line.substr(last + 1);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return State::kMalformed;
  if (!IsToken(line.substr(0, first)) || !target.starts_with('/') ||
      target.find(' ') != std::string_view::npos) {
    return State::kMalformed;
  }
  request_.method = line.substr(0, first);
  request_.path = target.substr(0, target.find('?'));
  request_.keep_alive = version == "HTTP/1.1";
  if (line_end != std::string::npos &&
      !ReadFields(std::string_view(header).substr(line_end + kLineEnd.size()))) {
    return State::kMalformed;
  }
  return BeginBody();
}

bool RuntimeRequestParser::ReadFields(std::string_view lines) {
  while (!lines.empty()) {
    const auto end = lines.find(kLineEnd);
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + kLineEnd.size());
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) return false;
    request_.headers[LowerCase(std::string(line.substr(0, colon)))] =
        std::string(Trimmed(line.substr(colon + 1)));
  }
  return true;
}

RuntimeRequestParser::State RuntimeRequestParser::BeginBody() {
  const auto field = [this](const char* name) {
    const auto found = request_.headers.find(name);
    return found == request_.headers.end() ? std::optional<std::string>()
                                           : LowerCase(found->second);
  };
  if (const auto connection = field("connection")) {
    if (connection == "close") request_.keep_alive = false;
    if (connection == "keep-alive") request_.keep_alive = true;
  }
  const auto length = field("content-length");
  if (const auto coding = field("transfer-encoding")) {
    // Both: two servers might disagree where the request ends.
    if (coding != "chunked" || length) return State::kMalformed;
    part_ = Part::kChunkSize;
    return State::kMore;
  }
  const auto bytes = length ? Number(*length, 10) : std::optional<std::size_t>(0);
  if (!bytes) return State::kMalformed;
  if (*bytes > body_limit_) return State::kTooLarge;
  left_ = *bytes;
  part_ = Part::kLength;
  return State::kMore;
}

RuntimeRequestParser::State RuntimeRequestParser::ReadChunkSize() {
  const auto end = bytes_.find(kLineEnd);
  if (end == std::string::npos) {
    return bytes_.size() > kRuntimeHeaderMax ? State::kMalformed : State::kMore;
  }
  const std::string_view line = std::string_view(bytes_).substr(0, end);
  const auto size = Number(Trimmed(line.substr(0, line.find(';'))), 16);
  if (!size) return State::kMalformed;
  if (*size > body_limit_ - std::min(body_limit_, request_.body.size())) return State::kTooLarge;
  bytes_.erase(0, end + kLineEnd.size());
  left_ = *size;
  part_ = *size == 0 ? Part::kTrailers : Part::kChunk;
  return State::kMore;
}

}  // namespace kless::processes
