#include "emulator/doors/aws/wire/xml_text.h"

#include "emulator/base/strings.h"
#include "emulator/doors/aws/wire/input.h"
#include "emulator/doors/aws/wire/json_text.h"

namespace kless::doors::aws {
namespace {

using simdjson::dom::element;

std::string ScalarText(element value) {
  if (value.is_string()) return std::string(value.get_string().value_unsafe());
  if (value.is_bool()) return value.get_bool().value_unsafe() ? "true" : "false";
  if (value.is_int64()) return std::to_string(value.get_int64().value_unsafe());
  if (value.is_uint64()) return std::to_string(value.get_uint64().value_unsafe());
  if (value.is_double()) return DoubleText(value.get_double().value_unsafe());
  return "";
}

// One element with that name; of a flattened list or map one for each of its elements.
void AppendValue(std::string& out, std::string_view name, const Shape& shape, element value,
                 bool is_flat) {
  const auto open = [&out](std::string_view tag) { out.append("<").append(tag).append(">"); };
  const auto close = [&out](std::string_view tag) { out.append("</").append(tag).append(">"); };
  if (shape.type == ShapeType::kStructure && value.is_object()) {
    open(name);
    AppendXmlMembers(out, shape, value.get_object().value_unsafe());
    close(name);
  } else if (shape.type == ShapeType::kList && value.is_array()) {
    if (!is_flat) open(name);
    for (const element each : simdjson::dom::array(value)) {
      AppendValue(out, is_flat ? name : "member", *shape.element, each, false);
    }
    if (!is_flat) close(name);
  } else if (shape.type == ShapeType::kMap && value.is_object()) {
    if (!is_flat) open(name);
    for (const auto& [key, each] : simdjson::dom::object(value)) {
      open(is_flat ? name : "entry");
      AppendXmlElement(out, shape.key_name, key);
      AppendValue(out, shape.value_name, *shape.element, each, false);
      close(is_flat ? name : "entry");
    }
    if (!is_flat) close(name);
  } else {
    AppendXmlElement(out, name, ScalarText(value));
  }
}

}  // namespace

void AppendXmlText(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\r':  // a parser would read it as a line end
        out += "&#xD;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
}

void AppendXmlElement(std::string& out, std::string_view name, std::string_view text) {
  out.append("<").append(name).append(">");
  AppendXmlText(out, text);
  out.append("</").append(name).append(">");
}

void AppendXmlMembers(std::string& out, const Shape& structure, simdjson::dom::object value) {
  const Input members(value);
  for (const ShapeMember& member : structure.members) {
    const auto found = members.Find(member.name);
    if (!found) continue;
    const bool is_flat = !member.flat_name.empty();
    AppendValue(out, is_flat ? member.flat_name : member.name, *member.shape, *found, is_flat);
  }
}

}  // namespace kless::doors::aws
