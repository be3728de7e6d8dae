#include "emulator/sqs/message.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"

namespace kless::sqs {
namespace {

using nlohmann::json;

constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kIdentifierMax = 128;

// #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
bool HasAllowedCharacters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') return false;
    // U+FFFE and U+FFFF
    if (byte == 0xEF && text.substr(i, 2) == "\xEF\xBF" && i + 2 < text.size() &&
        static_cast<unsigned char>(text[i + 2]) >= 0xBE) {
      return false;
    }
  }
  return true;
}

Failure InvalidContents(std::string message) {
  return {"InvalidMessageContents", "InvalidMessageContents", std::move(message)};
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

Outcome<void> CheckAttributeName(const std::string& name) {
  if (name.empty() || name.size() > kNameBytesMax) {
    return InvalidParameterValue("Message (user) attribute names must be shorter than 256 Bytes");
  }
  if (!std::all_of(name.begin(), name.end(), IsWordCharacter)) {
    return InvalidParameterValue(
        "Message (user) attributes name can only contain upper and lower score characters, "
        "digits, periods, hyphens and underscores. ");
  }
  const std::string lower = LowerCase(name);
  if (lower.starts_with("aws.") || lower.starts_with("amazon.") || lower.starts_with('.') ||
      lower.ends_with('.')) {
    return InvalidParameterValue(
        "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings "
        "are reserved for internal use. Additionally, they cannot start or end with '.'.");
  }
  return {};
}

bool IsNumber(const std::string& text) {
  try {
    std::size_t used = 0;
    (void)std::stod(text, &used);
    return used == text.size() && !text.empty() && text.find_first_of("xXnN ") == std::string::npos;
  } catch (const std::exception&) {
    return false;
  }
}

Outcome<void> CheckAttribute(const std::string& name, const MessageAttribute& attribute) {
  KLESS_TRY_VOID(CheckAttributeName(name));
  const std::string type = attribute.type.substr(0, attribute.type.find('.'));
  if (type != "String" && type != "Number" && type != "Binary") {
    return InvalidParameterValue(
        "The type of message (user) attribute '" + name +
        "' is invalid. You must use only the following supported type prefixes: Binary, Number, "
        "String.");
  }
  if (attribute.type.size() > kNameBytesMax) {
    return InvalidParameterValue("Message (user) attribute types must be shorter than 256 Bytes");
  }
  if (attribute.value.empty() || attribute.is_binary != (type == "Binary")) {
    return InvalidParameterValue("Message (user) attribute '" + name +
                                 "' must contain a non-empty value of type '" +
                                 (type == "Binary" ? "Binary" : "String") + "'.");
  }
  if (type == "Number" && !IsNumber(attribute.value)) {
    return InvalidParameterValue("Can't cast the value of message (user) attribute '" + name +
                                 "' to a number.");
  }
  if (!attribute.is_binary && !HasAllowedCharacters(attribute.value)) {
    return InvalidContents("Message (user) attribute '" + name + "' has invalid characters.");
  }
  return {};
}

// Letters, digits and !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~
Outcome<void> CheckIdentifier(const std::optional<std::string>& text,
                              const std::string& parameter) {
  if (!text) return {};
  const bool is_valid =
      !text->empty() && text->size() <= kIdentifierMax &&
      std::all_of(text->begin(), text->end(), [](char c) { return c > ' ' && c <= '~'; });
  if (is_valid) return {};
  return InvalidParameter(*text, parameter,
                          parameter +
                              " can only include alphanumeric and punctuation characters. 1 to "
                              "128 in length.");
}

std::size_t AttributeBytes(const MessageAttributes& attributes) {
  std::size_t bytes = 0;
  for (const auto& [name, attribute] : attributes) {
    bytes += name.size() + attribute.type.size() + attribute.value.size();
  }
  return bytes;
}

void AppendPart(std::string& bytes, std::string_view part) {
  const auto size = static_cast<std::uint32_t>(part.size());
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  bytes += part;
}

}  // namespace

std::size_t MessageBytes(const SendRequest& request) {
  return request.body.size() + AttributeBytes(request.attributes);
}

Outcome<void> CheckMessage(const SendRequest& request, std::size_t bytes_max) {
  if (request.body.empty()) return MissingParameter("MessageBody");
  if (!HasAllowedCharacters(request.body)) {
    return InvalidContents(
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | "
        "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");
  }
  if (request.attributes.size() > kMessageAttributesMax) {
    return InvalidParameterValue("Number of message attributes [" +
                                 std::to_string(request.attributes.size()) +
                                 "] exceeds the allowed maximum [10].");
  }
  for (const auto& [name, attribute] : request.attributes) {
    KLESS_TRY_VOID(CheckAttribute(name, attribute));
  }
  for (const auto& [name, attribute] : request.system_attributes) {
    if (name != "AWSTraceHeader" || attribute.type != "String" || attribute.value.empty()) {
      return InvalidParameterValue("Message system attribute '" + name +
                                   "' is invalid: AWSTraceHeader of type String is the only one.");
    }
  }
  if (MessageBytes(request) > bytes_max) {
    return InvalidParameterValue(
        "One or more parameters are invalid. Reason: Message must be "
        "shorter than " +
        std::to_string(bytes_max) + " bytes.");
  }
  KLESS_TRY_VOID(CheckIdentifier(request.group, "MessageGroupId"));
  return CheckIdentifier(request.deduplication, "MessageDeduplicationId");
}

std::string Md5Hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_md5(), nullptr);
  return HexEncode({reinterpret_cast<const char*>(digest.data()), length});
}

std::string Md5OfAttributes(const MessageAttributes& attributes) {
  if (attributes.empty()) return "";
  std::string bytes;
  for (const auto& [name, attribute] : attributes) {
    AppendPart(bytes, name);
    AppendPart(bytes, attribute.type);
    bytes += attribute.is_binary ? '\2' : '\1';
    AppendPart(bytes, attribute.value);
  }
  return Md5Hex(bytes);
}

std::string MessageToText(const Message& message) {
  json text = {{"id", message.id}, {"body", message.body}, {"sent", message.sent_nanos}};
  const auto add = [&text](const char* name, const std::string& value) {
    if (!value.empty()) text[name] = value;
  };
  add("trace", message.trace_header);
  add("sender", message.sender);
  add("group", message.group);
  add("deduplication", message.deduplication);
  add("sequence", message.sequence_number);
  add("source", message.source_arn);
  for (const auto& [name, attribute] : message.attributes) {
    text["attributes"][name] = {
        attribute.type, attribute.is_binary ? Base64Encode(attribute.value) : attribute.value,
        attribute.is_binary};
  }
  return DumpJson(text);
}

Result<Message> MessageFromText(const std::string& text) {
  KLESS_TRY(const json source, ParseJson(text));
  try {
    Message message;
    message.id = source.at("id").get<std::string>();
    message.body = source.at("body").get<std::string>();
    message.sent_nanos = source.at("sent").get<std::int64_t>();
    message.trace_header = source.value("trace", "");
    message.sender = source.value("sender", "");
    message.group = source.value("group", "");
    message.deduplication = source.value("deduplication", "");
    message.sequence_number = source.value("sequence", "");
    message.source_arn = source.value("source", "");
    if (source.contains("attributes")) {
      for (const auto& [name, attribute] : source.at("attributes").items()) {
        MessageAttribute& own = message.attributes[name];
        own.type = attribute.at(0).get<std::string>();
        own.is_binary = attribute.at(2).get<bool>();
        own.value = attribute.at(1).get<std::string>();
        if (own.is_binary) own.value = Base64Decode(own.value).value_or("");
      }
    }
    return message;
  } catch (const json::exception& error) {
    return MakeError(ErrorCode::kInternal, std::string("a saved message: ") + error.what());
  }
}

}  // namespace kless::sqs
