#include "emulator/doors/aws/wire/query_form.h"

#include <optional>
#include <utility>
#include <vector>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

AwsError Malformed(std::string message) { return CoralError("MalformedQueryString", message); }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

// The parameters as a tree by the parts of their names.
struct FormNode {
  std::optional<std::string_view> value;
  std::map<std::string, FormNode, std::less<>> children;

  const FormNode* Find(std::string_view name) const {
    const auto found = children.find(name);
    return found == children.end() ? nullptr : &found->second;
  }
};

// The numbered children in the order of their numbers.
std::vector<const FormNode*> Numbered(const FormNode& node) {
  std::map<std::uint64_t, const FormNode*> by_number;
  for (const auto& [name, child] : node.children) {
    if (const auto number = ParseUnsigned(name)) by_number[*number] = &child;
  }
  std::vector<const FormNode*> list;
  for (const auto& [number, child] : by_number) list.push_back(child);
  return list;
}

class Writer {
 public:
  std::string Structure(const Shape& shape, const FormNode& node) {
    JsonObjectText object;
    for (const ShapeMember& member : shape.members) {
      const FormNode* const own =
          node.Find(member.flat_name.empty() ? member.name : member.flat_name);
      if (own != nullptr) {
        object.Raw(member.name, Value(*member.shape, *own, !member.flat_name.empty()));
      } else if (!member.flat_name.empty() && node.Find(member.name) != nullptr) {
        object.Raw(member.name, Value(*member.shape, *node.Find(member.name), false));
      }
    }
    return object.Finish();
  }

 private:
  std::string Value(const Shape& shape, const FormNode& node, bool is_flat) {
    switch (shape.type) {
      case ShapeType::kStructure:
        return Structure(shape, node);
      case ShapeType::kList:
        return List(shape, Elements(node, is_flat ? "" : "member"));
      case ShapeType::kMap:
        return Map(shape, Elements(node, is_flat ? "" : "entry"));
      default:
        return Scalar(shape, node.value.value_or(std::string_view()));
    }
  }

  static std::vector<const FormNode*> Elements(const FormNode& node, std::string_view level) {
    const FormNode* const below = level.empty() ? nullptr : node.Find(level);
    return Numbered(below == nullptr ? node : *below);
  }

  std::string List(const Shape& shape, const std::vector<const FormNode*>& elements) {
    std::string list = "[";
    for (const FormNode* const element : elements) {
      AppendElement(list, Value(*shape.element, *element, false));
    }
    return list + "]";
  }

  std::string Map(const Shape& shape, const std::vector<const FormNode*>& entries) {
    std::string object = "{";
    for (const FormNode* const entry : entries) {
      const FormNode* const key = entry->Find(shape.key_name);
      const FormNode* const value = entry->Find(shape.value_name);
      if (key == nullptr || value == nullptr) continue;
      std::string member;
      AppendJsonString(member, key->value.value_or(std::string_view()));
      AppendElement(object, member + ":" + Value(*shape.element, *value, false));
    }
    return object + "}";
  }

  static std::string Scalar(const Shape& shape, std::string_view text) {
    const bool is_integer = shape.type == ShapeType::kInteger || shape.type == ShapeType::kLong;
    if (is_integer) {
      if (const auto number = ParseInteger(text)) return std::to_string(*number);
    }
    if (shape.type == ShapeType::kBoolean && (text == "true" || text == "false")) {
      return std::string(text);
    }
    std::string json;
    AppendJsonString(json, text);
    return json;
  }
};

}  // namespace

AwsResult<FormParameters> ParseForm(std::string_view body) {
  FormParameters parameters;
  std::size_t count = 0;
  while (!body.empty()) {
    const std::string_view pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(body.size(), pair.size() + 1));
    if (pair.empty()) continue;
    if (++count > kFormParametersMax) return Malformed("Too many parameters");
    const std::size_t equals = pair.find('=');
    auto name = Decoded(pair.substr(0, equals));
    auto value = Decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!name || !value) return Malformed("The query string contains a malformed escape");
    parameters[std::move(*name)] = std::move(*value);
  }
  return parameters;
}

AwsResult<std::string> FormToJson(const Shape& input, const FormParameters& parameters) {
  FormNode root;
  for (const auto& [name, value] : parameters) {
    FormNode* node = &root;
    const std::vector<std::string_view> parts = Split(name, '.');
    if (parts.size() > kFormLevelsMax) return Malformed("A parameter has too many levels");
    for (const std::string_view part : parts) node = &node->children[std::string(part)];
    node->value = value;
  }
  return Writer().Structure(input, root);
}

}  // namespace kless::doors::aws
