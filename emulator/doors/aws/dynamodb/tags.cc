#include "emulator/doors/aws/dynamodb/tags.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "emulator/base/utf8.h"

namespace kless::doors::aws {
namespace {

constexpr std::size_t kKeyMax = 128;
constexpr std::size_t kValueMax = 256;

bool HasTagCharacters(const std::string& text) {
  static const re2::RE2 pattern("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");
  return re2::RE2::FullMatch(text, pattern);
}

bool IsReserved(const std::string& key) {
  constexpr std::string_view kReserved = "aws:";
  return key.size() >= kReserved.size() &&
         std::equal(kReserved.begin(), kReserved.end(), key.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

AwsResult<void> CheckKey(const std::optional<std::string>& key) {
  if (!key || key->empty() || CountCharacters(*key) > kKeyMax || !HasTagCharacters(*key)) {
    return ValidationError("The Tag Key provided is invalid, Key: " + key.value_or("null"));
  }
  if (!IsReserved(*key)) return {};
  return ValidationError("Tag Key cannot be prefixed with aws:, Key: " + *key);
}

AwsResult<void> CheckValue(const std::optional<std::string>& value) {
  if (value && CountCharacters(*value) <= kValueMax && HasTagCharacters(*value)) return {};
  return ValidationError("The Tag Value provided is invalid, Value: " + value.value_or("null"));
}

std::optional<std::string> TextOf(const Input& tag, const char* member) {
  const auto text = tag.Text(member);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

}  // namespace

AwsResult<std::map<std::string, std::string>> ReadTags(const Input& input) {
  std::map<std::string, std::string> tags;
  const auto list = input.List("Tags");
  if (!list) return tags;
  for (const simdjson::dom::element element : *list) {
    std::optional<std::string> key;
    std::optional<std::string> value;
    if (element.is_object()) {
      const Input tag(element.get_object().value());
      key = TextOf(tag, "Key");
      value = TextOf(tag, "Value");
    }
    KLESS_TRY_VOID(CheckKey(key));
    KLESS_TRY_VOID(CheckValue(value));
    if (!tags.emplace(*key, *value).second) {
      return ValidationError("Duplicate Tag Keys provided as input: Duplicate Tag Key found " +
                             *key);
    }
  }
  return tags;
}

AwsResult<std::vector<std::string>> ReadTagKeys(const Input& input) {
  std::vector<std::string> keys;
  const auto list = input.List("TagKeys");
  if (!list) return keys;
  for (const simdjson::dom::element element : *list) {
    std::optional<std::string> key;
    if (element.is_string()) key = std::string(element.get_string().value());
    KLESS_TRY_VOID(CheckKey(key));
    keys.push_back(*key);
  }
  return keys;
}

}  // namespace kless::doors::aws
