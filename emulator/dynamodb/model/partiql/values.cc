#include "emulator/dynamodb/model/partiql/values.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "emulator/dynamodb/model/value_json.h"

namespace kless {
namespace {

Error ValueError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Error ParametersDoNotMatch() {
  return ValueError("Number of parameters in request and statement don't match.");
}

bool IsStatementKeyword(const PartiqlToken& token) {
  constexpr std::array<std::string_view, 18> kKeywords = {
      "SELECT", "FROM",   "WHERE", "INSERT", "INTO",    "VALUE", "VALUES", "UPDATE",    "SET",
      "REMOVE", "DELETE", "ORDER", "BY",     "BETWEEN", "AND",   "OR",     "RETURNING", "IN"};
  return std::any_of(kKeywords.begin(), kKeywords.end(),
                     [&](std::string_view keyword) { return token.IsKeyword(keyword); });
}

// The elements of <<..>> as a set: all of one scalar type.
Result<AttributeValue> SetOf(const std::vector<AttributeValue>& elements) {
  if (elements.empty()) return ValueError("Empty bags are not supported");
  const ValueType type = elements[0].type();
  const bool is_scalar =
      type == ValueType::kString || type == ValueType::kNumber || type == ValueType::kBinary;
  const bool same = std::all_of(elements.begin(), elements.end(),
                                [&](const AttributeValue& each) { return each.Is(type); });
  if (!is_scalar || !same) {
    return ValueError(
        "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags");
  }
  if (type == ValueType::kNumber) {
    AttributeValue::Numbers numbers;
    for (const auto& each : elements) numbers.push_back(each.number());
    return NumberSetOf(std::move(numbers));
  }
  AttributeValue::Strings strings;
  for (const auto& each : elements) strings.push_back(each.bytes());
  return type == ValueType::kString ? StringSetOf(std::move(strings))
                                    : BinarySetOf(std::move(strings));
}

}  // namespace

const PartiqlToken& PartiqlCursor::Peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

void PartiqlCursor::Advance() { at_ = std::min(at_ + 1, tokens_.size() - 1); }

bool PartiqlCursor::TakeSymbol(std::string_view symbol) {
  if (!Peek().IsSymbol(symbol)) return false;
  Advance();
  return true;
}

bool PartiqlCursor::TakeKeyword(std::string_view upper) {
  if (!Peek().IsKeyword(upper)) return false;
  Advance();
  return true;
}

Result<void> PartiqlCursor::ExpectSymbol(std::string_view symbol) {
  if (TakeSymbol(symbol)) return {};
  return Unexpected();
}

Result<void> PartiqlCursor::ExpectKeyword(std::string_view upper) {
  if (TakeKeyword(upper)) return {};
  return Unexpected();
}

Error PartiqlCursor::Unexpected() const {
  if (AtOperator()) return MalformedStatement("Unexpected operator");
  return MalformedStatement(IsStatementKeyword(Peek()) ? "Unexpected keyword" : "Unexpected term");
}

bool PartiqlCursor::AtName() const {
  return Peek().kind == PartiqlToken::Kind::kQuoted ||
         (Peek().kind == PartiqlToken::Kind::kIdentifier && !IsStatementKeyword(Peek()));
}

bool PartiqlCursor::AtOperator() const {
  return Peek().IsKeyword("IS") || Peek().IsKeyword("LIKE");
}

bool PartiqlCursor::AtCall() const {
  return Peek().kind == PartiqlToken::Kind::kIdentifier && Peek(1).IsSymbol("(");
}

bool PartiqlCursor::AtValue() const {
  const PartiqlToken& token = Peek();
  if (token.kind == PartiqlToken::Kind::kString || token.kind == PartiqlToken::Kind::kNumber) {
    return true;
  }
  for (const std::string_view symbol : {"?", "-", "+", "[", "{", "<<"}) {
    if (token.IsSymbol(symbol)) return true;
  }
  // A name that is followed by a path or a parenthesis is not a literal.
  const bool is_literal =
      token.IsKeyword("TRUE") || token.IsKeyword("FALSE") || token.IsKeyword("NULL");
  return is_literal && !Peek(1).IsSymbol(".") && !Peek(1).IsSymbol("[") && !Peek(1).IsSymbol("(");
}

Result<AttributeValue> PartiqlCursor::ValueAtLevel(int level) {
  if (level > kValueNestingMax) return NestingError();
  if (Peek().kind == PartiqlToken::Kind::kString) {
    auto value = AttributeValue::String(Peek().text);
    Advance();
    return value;
  }
  if (TakeKeyword("TRUE")) return AttributeValue::Bool(true);
  if (TakeKeyword("FALSE")) return AttributeValue::Bool(false);
  if (TakeKeyword("NULL")) return AttributeValue::Null();
  if (TakeSymbol("?")) return Parameter(level);
  if (TakeSymbol("-")) return Number(/*negative=*/true);
  if (TakeSymbol("[")) return List(level);
  if (TakeSymbol("{")) return Struct(level);
  if (TakeSymbol("<<")) return Bag(level);
  TakeSymbol("+");
  return Number(/*negative=*/false);
}

Result<AttributeValue> PartiqlCursor::Parameter(int level) {
  if (used_ == parameters_.size()) return ParametersDoNotMatch();
  const AttributeValue& value = parameters_[used_++];
  if (level - 1 + CountLevels(value) > kValueNestingMax) return NestingError();
  return value;
}

Result<AttributeValue> PartiqlCursor::Number(bool negative) {
  if (Peek().kind != PartiqlToken::Kind::kNumber) return Unexpected();
  KLESS_TRY(const auto number, Decimal::Parse((negative ? "-" : "") + Peek().text));
  Advance();
  return AttributeValue::Number(number);
}

Result<AttributeValue> PartiqlCursor::List(int level) {
  AttributeValue::List list;
  if (TakeSymbol("]")) return AttributeValue::OfList(std::move(list));
  do {
    KLESS_TRY(auto value, ValueAtLevel(level + 1));
    list.push_back(std::move(value));
  } while (TakeSymbol(","));
  KLESS_TRY_VOID(ExpectSymbol("]"));
  return AttributeValue::OfList(std::move(list));
}

Result<AttributeValue> PartiqlCursor::Struct(int level) {
  AttributeMap map;
  if (TakeSymbol("}")) return AttributeValue::OfMap(std::move(map));
  do {
    if (Peek().kind != PartiqlToken::Kind::kString) return Unexpected();
    std::string name = Peek().text;
    Advance();
    KLESS_TRY_VOID(CheckAttributeName(name));
    KLESS_TRY_VOID(ExpectSymbol(":"));
    KLESS_TRY(auto value, ValueAtLevel(level + 1));
    if (!map.emplace(name, std::move(value)).second) {
      return ValueError("Duplicate keys in tuple. Key: " + name);
    }
  } while (TakeSymbol(","));
  KLESS_TRY_VOID(ExpectSymbol("}"));
  return AttributeValue::OfMap(std::move(map));
}

Result<AttributeValue> PartiqlCursor::Bag(int level) {
  std::vector<AttributeValue> elements;
  if (!TakeSymbol(">>")) {
    do {
      KLESS_TRY(auto value, ValueAtLevel(level + 1));
      elements.push_back(std::move(value));
    } while (TakeSymbol(","));
    KLESS_TRY_VOID(ExpectSymbol(">>"));
  }
  return SetOf(elements);
}

Result<void> PartiqlCursor::CheckParameters() const {
  if (used_ == parameters_.size()) return {};
  return ParametersDoNotMatch();
}

}  // namespace kless
