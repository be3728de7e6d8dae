#include "functions/kubernetes/types/go_internal_text.h"

#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "emulator/base/check.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/types/go_text.h"
#include "functions/kubernetes/types/type_texts.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

struct Field {
  std::string go_name;      // "": embedded
  std::string json_name;    // for an embedded field: of the object whose members it has
  std::string_view absent;  // what is printed where there is no value: "null", "[]Volume", ...
};
using Types = std::map<std::string_view, std::vector<Field>>;

Field ParseField(std::string_view line) {
  const auto space = std::min(line.find(' '), line.size());
  std::string_view name = line.substr(0, space);
  if (name.starts_with('^')) return {"", "", name.substr(1)};
  Field field;
  field.absent = line.substr(space + 1);
  const auto equals = name.find('=');
  field.go_name = name.substr(0, equals);
  if (equals != std::string_view::npos) {
    field.json_name = name.substr(equals + 1);
  } else {
    field.json_name = field.go_name;
    // "HostPID" becomes "hostPID": one letter is lowercased, or all if all are capitals.
    field.json_name[0] =
        static_cast<char>(std::tolower(static_cast<unsigned char>(field.json_name[0])));
  }
  return field;
}

const Types& InternalTypes() {
  static const Types types = [] {
    Types read;
    std::vector<Field>* fields = nullptr;
    for (std::string_view line : Split(types::kInternalTypes, '\n')) {
      constexpr std::string_view kStruct = "struct ";
      if (line.starts_with(kStruct)) {
        fields = &read[line.substr(kStruct.size())];
      } else if (line.starts_with("  ") && fields != nullptr) {
        fields->push_back(ParseField(line.substr(2)));
      }
    }
    return read;
  }();
  return types;
}

// A pod's host namespaces are in its internal security context.
json WithHostNamespaces(json spec) {
  for (const char* key :
       {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"}) {
    const json value = ValueOrNull(spec, key);
    if (value.is_null()) continue;
    if (json* context = ObjectAt(spec, "securityContext")) (*context)[key] = value;
  }
  return spec;
}

class Printer {
 public:
  std::string Print(std::string_view type, const Schema* schema, const json& value) {
    PrintStruct(type, schema, value);
    return std::move(out_);
  }

 private:
  void PrintStruct(std::string_view type, const Schema* schema, const json& value) {
    out_ += '{';
    bool first = true;
    if (type == "PodSpec") {
      PrintFields(type, schema, WithHostNamespaces(value), first);
    } else {
      PrintFields(type, schema, value, first);
    }
    out_ += '}';
  }

  void PrintFields(std::string_view type, const Schema* schema, const json& value, bool& first) {
    const auto found = InternalTypes().find(type);
    KLESS_CHECK(found != InternalTypes().end(), "an internal type is described");
    for (const Field& field : found->second) {
      if (field.go_name.empty() && field.absent == "metadata") {
        PrintMetadata(MemberSchema(schema, "metadata"), FindOrEmpty(value, "metadata"), first);
      } else if (field.go_name.empty()) {
        PrintFields(field.absent, schema, value, first);
      } else {
        PrintName(field.go_name, first);
        PrintValue(field.absent, MemberSchema(schema, field.json_name),
                   ValueOrNull(value, field.json_name.c_str()));
      }
    }
  }

  void PrintName(const std::string& name, bool& first) {
    if (!first) out_ += ',';
    first = false;
    AppendJsonString(out_, name);
    out_ += ':';
  }

  void PrintMetadata(const Schema* schema, const json& metadata, bool& first) {
    const std::string text = GoValueJson(schema, metadata);
    if (text.size() <= 2) return;
    out_ += text.substr(1, text.size() - 2);
    first = false;
  }

  void PrintValue(std::string_view absent, const Schema* schema, const json& value) {
    if (absent.starts_with("[]")) {
      if (!value.is_array()) {
        out_ += "null";
        return;
      }
      out_ += '[';
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out_ += ',';
        PrintStruct(absent.substr(2), schema == nullptr ? nullptr : schema->element, value[i]);
      }
      out_ += ']';
    } else if (absent.starts_with('*')) {
      if (value.is_object()) {
        PrintStruct(absent.substr(1), schema, value);
      } else {
        out_ += "null";
      }
    } else if (std::isupper(static_cast<unsigned char>(absent[0])) != 0) {
      PrintStruct(absent, schema, value);
    } else if (value.is_null()) {
      out_ += absent == "api" ? "null" : absent;
    } else {
      out_ += GoValueJson(schema, value);
    }
  }

  std::string out_;
};

}  // namespace

std::string GoInternalJson(std::string_view type, const Schema* schema, const json& value) {
  return Printer().Print(type, schema, value);
}

}  // namespace kless::kubernetes
