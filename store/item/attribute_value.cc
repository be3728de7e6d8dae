#include "store/item/attribute_value.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "emulator/base/strings.h"
#include "store/item/key_number.h"

namespace kless {
namespace {

using nlohmann::json;

// Walks one attribute recursively; messages name the top-level attribute.
class Normalizer {
 public:
  explicit Normalizer(const std::string& name) : name_(name) {}

  Result<void> Value(json& value, int level) {
    if (!value.is_object() || value.size() != 1) {
      return Fail("must be an object with exactly one type, such as {\"S\":\"text\"}");
    }
    const std::string type = value.begin().key();
    json& content = value.begin().value();
    if (type == "S" || type == "N" || type == "B") return Scalar(type, content);
    if (type == "SS" || type == "NS" || type == "BS") return Set(type, content);
    if (type == "BOOL") {
      if (!content.is_boolean()) return Fail("BOOL must be true or false");
      return {};
    }
    if (type == "NULL") {
      if (!content.is_boolean()) return Fail("NULL must be true");
      return {};
    }
    if (type == "M" || type == "L") return Nested(type, content, level);
    return Fail("has the unknown type " + type);
  }

 private:
  Error Fail(const std::string& what) const {
    return MakeError(ErrorCode::kInvalidArgument, "attribute " + name_ + ": " + what);
  }

  Result<void> Scalar(const std::string& type, json& content) {
    if (!content.is_string()) return Fail(type + " must be a string");
    std::string& text = content.get_ref<std::string&>();
    if (type == "N") {
      auto number = NormalizeNumber(text);
      if (number.has_error()) return Fail(number.error().message);
      text = std::move(number.value());
    } else if (type == "B") {
      const auto bytes = Base64Decode(text);
      if (!bytes) return Fail("B is not base64");
      text = Base64Encode(*bytes);
    }
    return {};
  }

  Result<void> Set(const std::string& type, json& content) {
    if (!content.is_array() || content.empty()) {
      return Fail(type + " must be an array that is not empty");
    }
    std::set<std::string> seen;
    for (json& element : content) {
      KLESS_TRY_VOID(Scalar(type.substr(0, 1), element));
      if (!seen.insert(element.get<std::string>()).second) {
        return Fail(type + " contains duplicates");
      }
    }
    return {};
  }

  Result<void> Nested(const std::string& type, json& content, int level) {
    if (level > kAttributeNestingMax) {
      return Fail("is nested deeper than " + std::to_string(kAttributeNestingMax) + " levels");
    }
    if (type == "M" ? !content.is_object() : !content.is_array()) {
      return Fail(type == "M" ? "M must be an object" : "L must be an array");
    }
    for (json& element : content) {
      KLESS_TRY_VOID(Value(element, level + 1));
    }
    return {};
  }

  const std::string& name_;
};

}  // namespace

Result<void> NormalizeAttribute(const std::string& name, json& value) {
  return Normalizer(name).Value(value, 1);
}

}  // namespace kless
