// Shapes: the types and constraints of the inputs of a service's operations, as data.
//
// A service describes its shapes in a text, a line each; '#' begins a comment, a line that begins
// with a blank continues the one before:
//
//   TableName = string 3..255 [a-zA-Z0-9_.-]+     length, pattern
//   Limit = integer 1..100                        also long, double, boolean, blob
//   KeyType = enum HASH RANGE                     in the order in which AWS's errors name them
//   KeySchema = list KeySchemaElement 1..2        element, number of elements
//   Key = map AttributeName AttributeValue        key and value; the number of entries may follow
//   Tag = structure Key:TagKey! Value:TagValue!   '!': required; "Key" alone means Key:Key
//
// In the Query protocol "Name:Shape@Other" is a list or map without a level of its own, whose
// elements are named Other, and "entry=Name,Value" names the two parts of a map's entries; the
// defaults are a level of "member" or "entry", "key" and "value".
//
// A range may be open: "1..", "..100".  Words between name and pattern: "or-arn" lets a value that
// begins with "arn:" pass with up to 1024 characters; "attribute" marks the shape AttributeValue,
// whose members are checked here only for their types; and of errors whose texts are their own:
//
//   table       the name of a table in the operations on tables
//   new-table   that of CreateTable: since 2026 its length is a constraint as any other
//   moved       since 2026 an error of the range (of a string: that it is empty) shows no value,
//   has
//               the names of the members in its path, and comes alone, if there is no other error
//   parameter   since 2026 a collection that is too short is a parameter that is missing
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace kless::doors::aws {

enum class ShapeType {
  kString,
  kBlob,
  kBoolean,
  kInteger,
  kLong,
  kDouble,
  kList,
  kMap,
  kStructure,
};

struct Shape;

struct ShapeMember {
  std::string name;       // "TableName"
  std::string path_name;  // "tableName", as in the paths of errors
  std::string flat_name;  // in the Query protocol: of each element; "": there is a level for it
  const Shape* shape = nullptr;
  bool required = false;
};

struct Shape {
  std::string name;
  ShapeType type = ShapeType::kString;
  // The length of strings in UTF-16 code units, of lists and maps in elements; the value of
  // numbers.
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  std::string pattern;  // "": none
  // Made at the first use: a daemon that no client of AWS asks has no compiled patterns in memory.
  mutable std::shared_ptr<const re2::RE2> compiled_pattern;
  std::vector<std::string> values;  // of an enum
  std::vector<ShapeMember> members;
  const Shape* key = nullptr;    // of maps
  std::string key_name = "key";  // of maps, in the Query protocol
  std::string value_name = "value";
  const Shape* element = nullptr;  // of lists and maps
  bool or_arn = false;
  bool is_table_name = false;
  bool is_new_table_name = false;
  bool is_moved = false;
  bool is_parameter = false;
  bool is_attribute_value = false;

  // Whether the whole text matches the pattern; true if there is none.
  bool Matches(std::string_view text) const;
};

class Shapes {
 public:
  // Fails a check if the text is malformed: it is part of the program.
  explicit Shapes(std::string_view text);
  Shapes(Shapes&&) = default;
  // Null if there is none.
  const Shape* Find(std::string_view name) const;

 private:
  std::map<std::string, std::unique_ptr<Shape>, std::less<>> shapes_;
};

}  // namespace kless::doors::aws
