#include "functions/kubernetes/types/field_validation.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>

#include "emulator/base/json.h"
#include "emulator/base/raw_json.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// The API server reports at most this many per object.
// https://github.com/kubernetes-sigs/json/blob/v1.3.0/internal/golang/encoding/json/kubernetes_patch.go
constexpr std::size_t kMaxProblems = 100;

const Schema* SchemaOfElement(const Schema* schema) {
  return schema != nullptr && schema->shape == Schema::Shape::kList ? schema->element : nullptr;
}

// Whether a type has no member of that name.
bool IsUnknown(const Schema* schema, std::string_view member) {
  return schema != nullptr && schema->shape == Schema::Shape::kStruct && !schema->open &&
         schema->FindField(member) == nullptr;
}

// Whether nothing below can be unknown.
bool IsOpen(const Schema* schema) {
  if (schema == nullptr) return true;
  const bool closed = schema->shape == Schema::Shape::kStruct && !schema->open;
  return !closed && schema->element == nullptr && schema->fields.empty();
}

json ZeroOf(const Schema* schema) {
  using Shape = Schema::Shape;
  switch (schema == nullptr ? Shape::kAny : schema->shape) {
    case Shape::kString:
    case Shape::kBytes:
      return "";
    case Shape::kBool:
      return false;
    case Shape::kInt32:
    case Shape::kInt64:
    case Shape::kDouble:
    case Shape::kIntOrString:
      return 0;
    case Shape::kQuantity:
      return "0";
    case Shape::kStruct:
      return json::object();
    default:
      return nullptr;
  }
}

class Path {
 public:
  // Appends a member to the path; returns the length to restore.
  std::size_t Enter(std::string_view member) {
    const std::size_t length = text_.size();
    if (!text_.empty()) text_ += '.';
    text_ += member;
    return length;
  }
  std::size_t Enter(std::size_t index) {
    const std::size_t length = text_.size();
    text_ += '[' + std::to_string(index) + ']';
    return length;
  }
  void Leave(std::size_t length) { text_.resize(length); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class Collector {
 public:
  void Add(const char* what, const Path& path) {
    if (problems_.size() >= kMaxProblems) return;
    problems_.push_back(std::string(what) + " field " + DumpJson(json(path.text())));
  }
  std::vector<std::string> Take() { return std::move(problems_); }

 private:
  std::vector<std::string> problems_;
};

class Dropper {
 public:
  void Walk(const Schema* schema, json& value) {
    if (IsOpen(schema)) return;
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (!value[i].is_structured()) continue;
        const std::size_t length = path_.Enter(i);
        Walk(SchemaOfElement(schema), value[i]);
        path_.Leave(length);
      }
    }
    if (!value.is_object()) return;
    for (auto member = value.begin(); member != value.end();) {
      const bool unknown = IsUnknown(schema, member.key());
      if (!unknown && !member->is_structured()) {
        ++member;
        continue;
      }
      const std::size_t length = path_.Enter(member.key());
      if (unknown) {
        problems.Add("unknown", path_);
        member = value.erase(member);
      } else {
        Walk(MemberSchema(schema, member.key()), *member);
        ++member;
      }
      path_.Leave(length);
    }
  }

  Collector problems;

 private:
  Path path_;
};

// A set of member names, which are few in most objects.
class Names {
 public:
  // Returns false if the name is already in the set.
  bool Add(std::string_view name) {
    if (few_.size() < kFew) {
      if (std::find(few_.begin(), few_.end(), name) != few_.end()) return false;
      few_.push_back(name);
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(name).second;
  }

 private:
  static constexpr std::size_t kFew = 24;
  std::vector<std::string_view> few_;
  std::unordered_set<std::string_view> many_;  // unordered: used only for membership
};

class TextWalk {
 public:
  explicit TextWalk(std::string_view text) : raw_(text) {}

  void Walk(const Schema* schema) {
    if (raw_.EnterObject()) return Members(schema);
    if (raw_.EnterArray()) return Elements(schema);
    raw_.Value();
  }

  Collector problems;

 private:
  void Members(const Schema* schema) {
    Names names;
    std::string_view key;
    while (raw_.NextMember(&key)) {
      std::string unescaped;
      if (key.find('\\') != std::string_view::npos) {
        unescaped = StringOrEmpty("\"" + std::string(key) + "\"");
      }
      const std::string_view name = unescaped.empty() ? key : std::string_view(unescaped);
      const std::size_t length = path_.Enter(name);
      if (!names.Add(key)) problems.Add("duplicate", path_);
      if (IsUnknown(schema, name)) {
        problems.Add("unknown", path_);
        raw_.Value();
      } else {
        Walk(MemberSchema(schema, name));
      }
      path_.Leave(length);
    }
  }

  void Elements(const Schema* schema) {
    for (std::size_t i = 0; raw_.NextElement(); ++i) {
      const std::size_t length = path_.Enter(i);
      Walk(SchemaOfElement(schema));
      path_.Leave(length);
    }
  }

  RawJson raw_;
  Path path_;
};

}  // namespace

std::vector<std::string> DropUnknownFields(const Schema* schema, json& object) {
  Dropper dropper;
  dropper.Walk(schema, object);
  return dropper.problems.Take();
}

void DecodeNulls(const Schema* schema, json& value) {
  if (IsOpen(schema) || !value.is_structured()) return;
  if (value.is_array()) {
    const Schema* element = SchemaOfElement(schema);
    for (json& one : value) {
      if (one.is_null()) one = ZeroOf(element);
      DecodeNulls(element, one);
    }
    return;
  }
  const bool is_struct = schema->shape == Schema::Shape::kStruct;
  for (auto member = value.begin(); member != value.end();) {
    const Schema* type = MemberSchema(schema, member.key());
    if (member->is_null() && is_struct && type != nullptr) {
      member = value.erase(member);
      continue;
    }
    if (member->is_null() && !is_struct) *member = ZeroOf(type);
    DecodeNulls(type, *member);
    ++member;
  }
}

std::vector<std::string> StrictProblems(const Schema* schema, std::string_view text) {
  TextWalk walk(text);
  walk.Walk(schema);
  return walk.problems.Take();
}

std::string StrictDecodingError(const std::vector<std::string>& problems) {
  std::string message = "strict decoding error: ";
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (i > 0) message += ", ";
    message += problems[i];
  }
  return message;
}

}  // namespace kless::kubernetes
