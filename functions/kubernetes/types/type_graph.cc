#include "functions/kubernetes/types/type_graph.h"

#include <algorithm>
#include <iterator>

#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes {

using Shape = Schema::Shape;
using Sharing = Schema::Sharing;

namespace {

// Cuts off and returns the first word; "" if there is none.
std::string_view NextWord(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return text = {};
  text.remove_prefix(begin);
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

struct BasicType {
  std::string_view name;
  Shape shape;
  const char* go_name;
};
constexpr BasicType kBasicTypes[] = {
    {"string", Shape::kString, "string"},
    {"bool", Shape::kBool, "bool"},
    {"int32", Shape::kInt32, "int32"},
    {"int64", Shape::kInt64, "int64"},
    {"double", Shape::kDouble, "float64"},
    {"bytes", Shape::kBytes, "[]uint8"},
    {"time", Shape::kTime, "v1.Time"},
    {"microtime", Shape::kMicroTime, "v1.MicroTime"},
    {"quantity", Shape::kQuantity, "resource.Quantity"},
    {"intorstring", Shape::kIntOrString, "intstr.IntOrString"},
    {"any", Shape::kAny, ""},
    {"uid", Shape::kString, "types.UID"},
};

void SetKeys(std::string_view text, Schema& list) {
  list.sharing = Sharing::kKeyed;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view key = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t equals = std::min(key.find('='), key.size());
    list.keys.push_back({std::string(key.substr(0, equals)),
                         std::string(key.substr(std::min(equals + 1, key.size())))});
  }
}

// Returns false if a type has no such attribute.
bool SetAttribute(std::string_view word, Schema& type) {
  if (word == "atomic") {
    type.sharing = Sharing::kAtomic;
  } else if (word == "set") {
    type.sharing = Sharing::kSet;
  } else if (word.starts_with("map=")) {
    SetKeys(word.substr(4), type);
  } else if (word.starts_with("merge=")) {
    type.merge_key = word.substr(6);
  } else if (word == "mergeset") {
    type.merge_key = kMergeSet;
  } else {
    return false;
  }
  return true;
}

// Names lists and maps after their element types.
const std::string& SetGoName(Schema& schema) {
  if (!schema.go_name.empty() || schema.element == nullptr) return schema.go_name;
  schema.go_name = schema.shape == Shape::kList ? "[]" : "map[string]";
  // The elements of a graph belong to it and are not const to it.
  schema.go_name += SetGoName(const_cast<Schema&>(*schema.element));
  return schema.go_name;
}

}  // namespace

TypeGraph::TypeGraph(const std::vector<std::string_view>& texts) {
  for (std::string_view text : texts) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ReadLine(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  EndStruct();
  for (Schema& schema : schemas_) SetGoName(schema);
}

void TypeGraph::EndStruct() {
  if (struct_ == nullptr) return;
  std::sort(fields_.begin(), fields_.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  struct_->fields.assign(std::make_move_iterator(fields_.begin()),
                         std::make_move_iterator(fields_.end()));
  fields_.clear();
  struct_ = nullptr;
}

void TypeGraph::ReadLine(std::string_view line) {
  if (line.empty()) return;
  if (line.front() == ' ') return ReadField(line);
  const std::string_view word = NextWord(line);
  if (word == "package") return ReadPackage(line);
  if (word == "union") return ReadUnion(line);
  ReadStruct(line, word == "kind");
}

void TypeGraph::ReadPackage(std::string_view words) {
  EndStruct();
  alias_ = NextWord(words);
  package_ = &packages_[alias_];
  package_->prefix = NextWord(words);
  const std::string_view group = NextWord(words);
  package_->group = group == "-" ? std::string_view() : group;
  package_->version = package_->prefix.substr(package_->prefix.rfind('.') + 1);
}

void TypeGraph::ReadStruct(std::string_view words, bool is_kind) {
  EndStruct();
  const std::string_view name = NextWord(words);
  struct_ = StructOf(alias_, name);
  struct_->shape = Shape::kStruct;
  struct_->type_name = std::string(package_->prefix) + "." + std::string(name);
  struct_->go_name = std::string(package_->version) + "." + std::string(name);
  struct_->is_kind = is_kind;
  types_.push_back({package_->group, package_->version, name, struct_});
  if (NextWord(words) == "atomic") struct_->sharing = Sharing::kAtomic;
  if (!is_kind) return;
  ReadField("kind string");
  ReadField("apiVersion string");
}

void TypeGraph::ReadUnion(std::string_view words) {
  EndStruct();
  const std::string_view name = NextWord(words);
  Schema* const type = StructOf(alias_, name);
  type->go_name = std::string(package_->version) + "." + std::string(name);
  type->of_objects = TypeOf(NextWord(words), false);
  const std::string_view of_arrays = NextWord(words);
  if (of_arrays != "-") type->of_arrays = TypeOf(of_arrays, false);
  const std::size_t quote = words.find('"');
  if (quote != std::string_view::npos) {
    type->refusal = words.substr(quote + 1, words.size() - quote - 2);
  }
}

void TypeGraph::ReadField(std::string_view words) {
  Schema::Field field;
  field.name = NextWord(words);
  field.order = static_cast<int>(fields_.size());
  const std::string_view type = NextWord(words);
  const std::size_t quote = std::min(words.find('"'), words.size());
  if (quote < words.size()) {
    field.description = words.substr(quote + 1, words.size() - quote - 2);
    words = words.substr(0, quote);
  }
  Schema* own = nullptr;
  for (std::string_view word = NextWord(words); !word.empty(); word = NextWord(words)) {
    if (word == "required" || word == "zero" || word == "retainkeys") {
      field.required = field.required || word == "required";
      field.zero = field.zero || word != "retainkeys";
      field.retain_keys = field.retain_keys || word == "retainkeys";
      continue;
    }
    // The other attributes belong to the type: the field gets a copy of its own.
    if (own == nullptr) own = TypeOf(type, true);
    if (!SetAttribute(word, *own)) Complain(word);
  }
  field.type = own != nullptr ? own : TypeOf(type, false);
  fields_.push_back(std::move(field));
}

Schema* TypeGraph::StructOf(std::string_view alias, std::string_view name) {
  Package& package = alias == alias_ ? *package_ : packages_[alias];
  Schema*& found = package.structs[name];
  if (found == nullptr) {
    found = &schemas_.emplace_back();
    found->go_name = name;
  }
  return found;
}

Schema* TypeGraph::Basic(std::string_view name) {
  for (const BasicType& basic : kBasicTypes) {
    if (basic.name != name) continue;
    Schema*& shared = shared_[basic.name];
    if (shared == nullptr) {
      shared = &schemas_.emplace_back();
      shared->shape = basic.shape;
      shared->go_name = basic.go_name;
    }
    return shared;
  }
  return nullptr;
}

Schema* TypeGraph::TypeOf(std::string_view text, bool own) {
  const bool list = text.starts_with("[]");
  const bool resources = text == "resourcelist";
  if (!list && !resources && !text.starts_with("{}")) {
    if (Schema* basic = Basic(text)) return basic;
    const std::size_t dot = text.find('.');
    return dot == std::string_view::npos ? StructOf(alias_, text)
                                         : StructOf(text.substr(0, dot), text.substr(dot + 1));
  }
  // Names without an alias mean something else in another package.
  const bool shareable = !own && (text.find('.') != text.npos || text[2] >= 'a');
  if (const auto found = shared_.find(text); shareable && found != shared_.end()) {
    return found->second;
  }
  Schema* const element = resources ? Basic("quantity") : TypeOf(text.substr(2), false);
  Schema* const type = &schemas_.emplace_back();
  type->shape = list ? Shape::kList : Shape::kMap;
  type->element = element;
  if (resources) type->go_name = "v1.ResourceList";
  if (shareable) shared_[text] = type;
  return type;
}

const Schema* TypeGraph::FindKind(std::string_view api_version, std::string_view kind) const {
  const std::size_t slash = api_version.find('/');
  const std::string_view group =
      slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
  const std::string_view version =
      slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
  for (const auto& [alias, package] : packages_) {
    if (package.group != group || package.version != version) continue;
    const auto found = package.structs.find(kind);
    if (found != package.structs.end() && found->second->is_kind) return found->second;
  }
  return nullptr;
}

std::vector<std::string> TypeGraph::Problems() const {
  std::vector<std::string> problems = problems_;
  for (const auto& [alias, package] : packages_) {
    for (const auto& [name, schema] : package.structs) {
      if (schema->shape == Shape::kStruct || schema->of_objects != nullptr) continue;
      problems.push_back(std::string(alias) + "." + std::string(name) + ": no such type");
    }
  }
  return problems;
}

const TypeGraph& BuiltInTypes() {
  static const TypeGraph graph({
      types::kAffinityTypes,      types::kApiextensionsTypes, types::kAppsTypes,
      types::kAuthorizationTypes, types::kAutoscalingTypes,   types::kBatchTypes,
      types::kClaimsTypes,        types::kContainersTypes,    types::kCoordinationTypes,
      types::kCoreTypes,          types::kDiscoveryTypes,     types::kEventsTypes,
      types::kMetaTypes,          types::kNodesTypes,         types::kPodSpecTypes,
      types::kPodStatusTypes,     types::kPolicyTypes,        types::kQuotasTypes,
      types::kSchedulingTypes,    types::kServicesTypes,      types::kVolumesTypes,
  });
  return graph;
}

}  // namespace kless::kubernetes
