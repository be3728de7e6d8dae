// Input: reads the members of a validated structure.
//
// Types are those of the shape, because the validator has checked them.  A member that is null is
// absent; of equal names the last one counts.  Views are valid as long as the request's body.
//
// Loop over a copy, `for (element each : simdjson::dom::array(*input.List("Keys")))`: a loop does
// not keep the optional alive.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kless::doors::aws {

class Input {
 public:
  explicit Input(simdjson::dom::object object) : object_(object) {}

  simdjson::dom::object object() const { return object_; }
  bool Has(std::string_view name) const { return Find(name).has_value(); }
  std::optional<simdjson::dom::element> Find(std::string_view name) const;
  std::optional<std::string_view> Text(std::string_view name) const;
  // "" if it is absent.
  std::string TextOr(std::string_view name) const;
  // Fractions are cut off downwards, as AWS does.
  std::optional<std::int64_t> Integer(std::string_view name) const;
  // AWS reads strings such as "true", "yes" and "1", too.
  std::optional<bool> Flag(std::string_view name) const;
  std::optional<Input> Structure(std::string_view name) const;
  std::optional<simdjson::dom::object> Map(std::string_view name) const;
  std::optional<simdjson::dom::array> List(std::string_view name) const;

 private:
  simdjson::dom::object object_;
};

}  // namespace kless::doors::aws
