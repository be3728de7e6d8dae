// JsonFilter: the patterns in braces, of messages that are JSON; see filter_pattern.h.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "emulator/logs/failure.h"

namespace kless::logs {

class JsonFilter {
 public:
  // `text` without the braces.  Errors: InvalidParameterException.
  static Outcome<JsonFilter> Parse(std::string_view text);
  JsonFilter(JsonFilter&&) noexcept;
  JsonFilter& operator=(JsonFilter&&) noexcept;
  ~JsonFilter();

  bool Matches(const nlohmann::json& message) const;

 private:
  friend class JsonFilterParser;
  struct Node;
  explicit JsonFilter(std::unique_ptr<Node> root);
  std::unique_ptr<Node> root_;
};

}  // namespace kless::logs
