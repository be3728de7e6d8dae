// Steps of one search: some 10 ms.  A pattern that needs more does not match.
#define BOOST_REGEX_MAX_STATE_COUNT 1000000

#include "functions/kubernetes/custom/pattern.h"

#include <boost/regex.hpp>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "functions/kubernetes/custom/characters.h"

namespace kless::kubernetes {

struct Pattern::Compiled {
  explicit Compiled(const std::wstring& text)
      : expression(text, boost::regex_constants::perl | boost::regex_constants::no_mod_m |
                             boost::regex_constants::no_mod_s) {}
  boost::wregex expression;
};

Pattern::Pattern(std::string text) : text_(std::move(text)) {
  try {
    compiled_ = std::make_unique<const Compiled>(Characters(text_));
  } catch (const std::runtime_error&) {
    // Not valid.
  }
}

Pattern::~Pattern() = default;

bool Pattern::Matches(std::string_view value) const {
  if (compiled_ == nullptr) return true;
  try {
    return boost::regex_search(
        Characters(value), compiled_->expression,
        boost::regex_constants::match_single_line | boost::regex_constants::match_not_dot_newline);
  } catch (const std::runtime_error&) {  // It has taken too many steps.
    return false;
  }
}

}  // namespace kless::kubernetes
