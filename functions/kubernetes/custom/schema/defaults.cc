#include "functions/kubernetes/custom/schema/defaults.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

namespace kless::kubernetes {

using nlohmann::json;

namespace {

const StructuralSchema* MemberOf(const StructuralSchema& schema, const std::string& name) {
  const auto found = schema.properties.find(name);
  return found != schema.properties.end() ? found->second.get() : schema.additional.get();
}

bool MayNotBe(const json& value, const StructuralSchema& schema) {
  return value.is_null() && !schema.nullable;
}

class DefaultFiller {
 public:
  explicit DefaultFiller(const json& whole) : whole_(whole) {}

  void Apply(const StructuralSchema& schema, json& value) {
    if (value.is_array() && schema.items != nullptr) {
      for (json& element : value) {
        if (full_) return;
        if (MayNotBe(element, *schema.items)) Set(*schema.items, 0, element);
        Apply(*schema.items, element);
      }
    }
    if (!value.is_object()) return;
    for (const auto& [name, property] : schema.properties) {
      if (property->default_value == nullptr || full_) continue;
      const auto member = value.find(name);
      if (member == value.end()) {
        Set(*property, name.size() + 4, value[name]);
      } else if (MayNotBe(*member, *property)) {
        Set(*property, 0, *member);
      }
    }
    for (auto member = value.begin(); member != value.end() && !full_;) {
      const StructuralSchema* type = MemberOf(schema, member.key());
      if (type != nullptr && MayNotBe(*member, *type)) {
        if (type->default_value == nullptr) {
          member = value.erase(member);
          continue;
        }
        Set(*type, 0, *member);
      }
      if (type != nullptr) Apply(*type, *member);
      ++member;
    }
  }

 private:
  // The size is not measured before this much has been filled in.
  static constexpr std::size_t kUnmeasured = 64u << 10;

  // `name_bytes` is the length of the name of a member that was missing.
  void Set(const StructuralSchema& schema, std::size_t name_bytes, json& value) {
    if (schema.default_value == nullptr) return;
    value = *schema.default_value;
    const std::size_t bytes = name_bytes + schema.default_bytes;
    added_ += bytes;
    if (added_ <= kUnmeasured) return;
    size_ = size_ == 0 ? JsonBytes(whole_) : size_ + bytes;
    full_ = size_ > kObjectBytesMax;
  }

  const json& whole_;
  std::size_t added_ = 0;
  std::size_t size_ = 0;  // size of the whole object; 0: not measured yet
  bool full_ = false;
};

}  // namespace

void ApplySchemaDefaults(const StructuralSchema& schema, json& value) {
  DefaultFiller(value).Apply(schema, value);
}

}  // namespace kless::kubernetes
