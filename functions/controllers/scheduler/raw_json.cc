#include "functions/controllers/scheduler/raw_json.h"

namespace kless::controllers::scheduler {

void RawJson::SkipSpace() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
    ++at_;
  }
}

void RawJson::SkipString() {
  for (++at_; at_ < text_.size(); ++at_) {
    if (text_[at_] == '\\') {
      ++at_;
    } else if (text_[at_] == '"') {
      ++at_;
      return;
    }
  }
  at_ = text_.size();
}

bool RawJson::Enter(char bracket) {
  SkipSpace();
  if (at_ >= text_.size() || text_[at_] != bracket) return false;
  ++at_;
  return true;
}

bool RawJson::NextMember(std::string_view* key) {
  SkipSpace();
  if (at_ < text_.size() && text_[at_] == ',') {
    ++at_;
    SkipSpace();
  }
  if (at_ >= text_.size() || text_[at_] != '"') {
    if (at_ < text_.size()) ++at_;
    return false;
  }
  const std::size_t begin = at_ + 1;
  SkipString();
  *key = at_ > begin ? text_.substr(begin, at_ - begin - 1) : std::string_view();
  SkipSpace();
  if (at_ < text_.size()) ++at_;  // the colon
  return true;
}

bool RawJson::NextElement() {
  SkipSpace();
  if (at_ < text_.size() && text_[at_] == ',') {
    ++at_;
    return true;
  }
  if (at_ >= text_.size() || text_[at_] == ']') {
    if (at_ < text_.size()) ++at_;
    return false;
  }
  return true;
}

std::string_view RawJson::Value() {
  SkipSpace();
  const std::size_t begin = at_;
  int depth = 0;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      SkipString();
      if (depth == 0) break;
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) break;  // the end of what holds a number, true, false or null
      if (--depth == 0) {
        ++at_;
        break;
      }
    } else if (c == ',' && depth == 0) {
      break;
    }
    ++at_;
  }
  return text_.substr(begin, at_ - begin);
}

std::string_view RawString(std::string_view value) {
  if (value.size() < 2 || value.front() != '"') return {};
  value = value.substr(1, value.size() - 2);
  return value.find('\\') == std::string_view::npos ? value : std::string_view();
}

}  // namespace kless::controllers::scheduler
