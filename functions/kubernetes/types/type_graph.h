// TypeGraph: parses the texts of types/ into linked schemas.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "functions/kubernetes/types/schema.h"

namespace kless::kubernetes {

class TypeGraph {
 public:
  // A struct or kind in the texts.
  struct Type {
    std::string_view group, version;
    std::string_view name;  // "PodSpec"
    const Schema* schema = nullptr;
  };

  explicit TypeGraph(const std::vector<std::string_view>& texts);

  // Null if there is none.
  const Schema* FindKind(std::string_view api_version, std::string_view kind) const;
  // In the order of the texts.
  const std::vector<Type>& types() const { return types_; }
  // The errors in the texts: "core.Pod: no such type".
  std::vector<std::string> Problems() const;

 private:
  struct Package {
    std::string_view prefix, group, version;
    // unordered: used for lookups only
    std::unordered_map<std::string_view, Schema*> structs;
  };

  void ReadLine(std::string_view line);
  void ReadPackage(std::string_view words);
  void ReadStruct(std::string_view words, bool is_kind);
  void ReadUnion(std::string_view words);
  void ReadField(std::string_view words);
  void EndStruct();
  Schema* StructOf(std::string_view alias, std::string_view name);
  // `own`: return a copy that the attributes of a field may change.
  Schema* TypeOf(std::string_view text, bool own);
  Schema* Basic(std::string_view name);
  void Complain(std::string_view what) { problems_.emplace_back(what); }

  std::deque<Schema> schemas_;
  // unordered: used for lookups only; types_ has the order of the texts
  std::unordered_map<std::string_view, Package> packages_;
  std::unordered_map<std::string_view, Schema*> shared_;  // unordered: by the text of the type
  std::vector<Type> types_;
  std::vector<std::string> problems_;
  std::string_view alias_;  // of the package that is being read
  Package* package_ = nullptr;
  Schema* struct_ = nullptr;
  std::vector<Schema::Field> fields_;  // fields of struct_
};

// The built-in types, read at the first call.
const TypeGraph& BuiltInTypes();

}  // namespace kless::kubernetes
