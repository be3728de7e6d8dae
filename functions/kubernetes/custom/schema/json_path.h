// The JSONPaths of CustomResourceDefinitions, in printer columns, selectable fields and the
// subresource scale.
//
// Steps: `.name` (a dot in a name is `\.`), `['name']`, `[0]`, `[-1]`, `[*]` and
// `[?(@.type=="Ready")]` with ==, !=, <, <=, >, >= or, as `[?(@.type)]`, none; slices `[-1:]`,
// unions
// `[0,2]`, and `..` (at any depth).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kless::kubernetes {

class JsonPath {
 public:
  // Parses ".spec.size", with or without braces around it; nullopt if it is not such a path.
  static std::optional<JsonPath> Parse(std::string_view text);

  // The first value that the path leads to, or null.
  const nlohmann::json* Find(const nlohmann::json& object) const;
  // The names in the path if it has no other kinds of steps.
  std::optional<std::vector<std::string>> Members() const;

 private:
  struct Step {
    enum class Kind { kMember, kIndex, kAll, kWhere, kSlice, kUnion, kAnyDepth };
    Kind kind = Kind::kMember;
    std::string name;                // kMember
    long index = 0;                  // kIndex
    std::vector<std::string> where;  // kWhere: path of the compared member of an element
    std::string comparison;          // "==", ...; "": the member is there
    std::string value;               // as JSON
    std::optional<long> begin, end;  // kSlice
    long stride = 1;                 // kSlice
    std::vector<Step> alternatives;  // kUnion: one step per alternative
  };

  static bool ParseBracket(std::string_view inside, std::vector<Step>* steps);
  static bool ParseSlice(std::string_view inside, Step* step);
  static bool ParseUnion(std::string_view inside, Step* step);
  static bool ParseCondition(std::string_view text, Step* step);
  static const nlohmann::json* FindInSlice(const nlohmann::json& value, const Step* step,
                                           const Step* end);
  static bool Holds(const Step& step, const nlohmann::json& element);
  static const nlohmann::json* FindFrom(const nlohmann::json& value, const Step* step,
                                        const Step* end);

  std::vector<Step> steps_;
};

}  // namespace kless::kubernetes
