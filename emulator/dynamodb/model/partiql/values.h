// Values in PartiQL: literals and parameters.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.data-types.html
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/partiql/tokens.h"
#include "emulator/dynamodb/model/value.h"

namespace kless {

// A place among the tokens of a statement, and the parameters that its question marks have used.
class PartiqlCursor {
 public:
  PartiqlCursor(std::vector<PartiqlToken> tokens, const std::vector<AttributeValue>& parameters)
      : tokens_(std::move(tokens)), parameters_(parameters) {}

  const PartiqlToken& Peek(std::size_t ahead = 0) const;
  void Advance();
  bool TakeSymbol(std::string_view symbol);
  bool TakeKeyword(std::string_view upper);
  Result<void> ExpectSymbol(std::string_view symbol);
  Result<void> ExpectKeyword(std::string_view upper);
  // What is wrong about the token that comes next.
  Error Unexpected() const;

  // Whether a name that is not a keyword comes next.
  bool AtName() const;
  // Whether IS or LIKE comes next.
  bool AtOperator() const;
  // Whether the name of a function and its parenthesis come next.
  bool AtCall() const;
  // Whether a value comes next, and the value: 'text', -1.5, TRUE, NULL, ?, [..], {..}, <<..>>.
  bool AtValue() const;
  Result<AttributeValue> Value() { return ValueAtLevel(1); }
  // The same of a whole item, whose attributes are at the first level of their documents.
  Result<AttributeValue> Item() { return ValueAtLevel(0); }
  // Every parameter must have been used.
  Result<void> CheckParameters() const;

 private:
  Result<AttributeValue> ValueAtLevel(int level);
  Result<AttributeValue> Parameter(int level);
  Result<AttributeValue> Number(bool negative);
  Result<AttributeValue> List(int level);
  Result<AttributeValue> Struct(int level);
  Result<AttributeValue> Bag(int level);

  std::vector<PartiqlToken> tokens_;
  const std::vector<AttributeValue>& parameters_;
  std::size_t at_ = 0;
  std::size_t used_ = 0;
};

}  // namespace kless
