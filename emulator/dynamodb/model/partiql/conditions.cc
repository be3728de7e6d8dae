#include "emulator/dynamodb/model/partiql/conditions.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/strings.h"
#include "emulator/dynamodb/model/expression/checks.h"

namespace kless {
namespace {

using Kind = ConditionNode::Kind;

// Bounds the parser's own stack.
constexpr int kConditionNestingMax = 200;

Error ConditionError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

class WhereReader {
 public:
  explicit WhereReader(PartiqlCursor& cursor) : cursor_(cursor) {}

  Result<ConditionNode> Or() {
    return Joined("OR", Kind::kOr, [&] { return And(); });
  }

 private:
  template <class Next>
  Result<ConditionNode> Joined(std::string_view keyword, Kind kind, Next next) {
    KLESS_TRY(auto first, next());
    if (!cursor_.Peek().IsKeyword(keyword)) return first;
    std::vector<ConditionNode> conditions;
    conditions.push_back(std::move(first));
    while (cursor_.TakeKeyword(keyword)) {
      if (cursor_.Peek().kind == PartiqlToken::Kind::kEnd) {
        return MalformedStatement("Missing right-hand side expression of infix operator");
      }
      KLESS_TRY(auto condition, next());
      conditions.push_back(std::move(condition));
    }
    return Combine(kind, std::move(conditions));
  }

  Result<ConditionNode> And() {
    return Joined("AND", Kind::kAnd, [&] { return Not(); });
  }

  Result<ConditionNode> Not() {
    if (++nesting_ > kConditionNestingMax) return MalformedStatement("Unexpected term");
    KLESS_TRY(auto condition, Primary());
    --nesting_;
    return condition;
  }

  Result<ConditionNode> Primary() {
    if (cursor_.TakeKeyword("NOT")) {
      KLESS_TRY(auto condition, Not());
      return Negated(std::move(condition));
    }
    if (cursor_.TakeSymbol("(")) {
      KLESS_TRY(auto condition, Or());
      KLESS_TRY_VOID(cursor_.ExpectSymbol(")"));
      return condition;
    }
    KLESS_TRY(auto condition, Predicate());
    KLESS_TRY_VOID(CheckTests(condition));
    return condition;
  }

  // A negated test is a NOT around it.
  static Result<void> CheckTests(const ConditionNode& condition) {
    return condition.conditions.empty() ? CheckTest(condition)
                                        : CheckTests(condition.conditions[0]);
  }

  // begins_with(..) and the like, which are conditions, also as "begins_with(..) = TRUE"; size(..)
  // is an operand.
  Result<ConditionNode> Predicate() {
    const bool is_size = cursor_.Peek().IsKeyword("SIZE");
    if (cursor_.AtCall() && !is_size) return BooleanCall();
    KLESS_TRY(auto left, ReadOperand());
    if (cursor_.TakeKeyword("IS")) return IsTest(std::move(left));
    const bool negated = cursor_.TakeKeyword("NOT");
    if (cursor_.TakeKeyword("BETWEEN")) {
      KLESS_TRY(auto between, Between(std::move(left)));
      return negated ? Negated(std::move(between)) : std::move(between);
    }
    if (cursor_.TakeKeyword("IN")) {
      KLESS_TRY(auto in, In(std::move(left)));
      return negated ? Negated(std::move(in)) : std::move(in);
    }
    if (negated) return cursor_.Unexpected();
    return Comparison(std::move(left));
  }

  Result<ConditionNode> Comparison(Operand left) {
    static constexpr std::array<std::pair<std::string_view, Kind>, 7> kComparators = {{
        {"=", Kind::kEqual},
        {"<>", Kind::kNotEqual},
        {"!=", Kind::kNotEqual},
        {"<=", Kind::kLessOrEqual},
        {"<", Kind::kLess},
        {">=", Kind::kGreaterOrEqual},
        {">", Kind::kGreater},
    }};
    for (const auto& [symbol, kind] : kComparators) {
      if (!cursor_.TakeSymbol(symbol)) continue;
      if (cursor_.Peek().IsKeyword("MISSING")) {
        return ConditionError("MISSING must be compared using IS operator");
      }
      KLESS_TRY(auto right, ReadOperand());
      std::vector<Operand> operands;
      operands.push_back(std::move(left));
      operands.push_back(std::move(right));
      return Test(kind, std::move(operands));
    }
    if (cursor_.Peek().kind == PartiqlToken::Kind::kEnd) {
      return ConditionError("WHERE clause must contain an expression that resolves to a boolean");
    }
    return cursor_.Unexpected();
  }

  Result<ConditionNode> Between(Operand value) {
    std::vector<Operand> operands;
    operands.push_back(std::move(value));
    KLESS_TRY(auto lower, ReadOperand());
    operands.push_back(std::move(lower));
    KLESS_TRY_VOID(cursor_.ExpectKeyword("AND"));
    KLESS_TRY(auto upper, ReadOperand());
    operands.push_back(std::move(upper));
    return Test(Kind::kBetween, std::move(operands));
  }

  // [1, 2], (1, 2), or a parameter that is a list.
  Result<ConditionNode> In(Operand value) {
    std::vector<Operand> operands;
    operands.push_back(std::move(value));
    if (cursor_.TakeSymbol("(")) {
      do {
        KLESS_TRY(auto element, ReadOperand());
        operands.push_back(std::move(element));
      } while (cursor_.TakeSymbol(","));
      KLESS_TRY_VOID(cursor_.ExpectSymbol(")"));
      return Test(Kind::kIn, std::move(operands));
    }
    if (!cursor_.AtValue()) return cursor_.Unexpected();
    KLESS_TRY(auto list, cursor_.Value());
    if (!list.Is(ValueType::kList) || list.list().empty()) {
      return ConditionError(
          "IN operator must have a left hand argument of type Variable Reference and right hand "
          "argument of type Seq with at least one member");
    }
    for (auto& element : list.list()) operands.push_back(ValueOperand(std::move(element)));
    return Test(Kind::kIn, std::move(operands));
  }

  Result<ConditionNode> IsTest(Operand value) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTypes = {{
        {"NULL", "NULL"},
        {"BOOL", "BOOL"},
        {"BOOLEAN", "BOOL"},
        {"BLOB", "B"},
        {"STRING", "S"},
        {"NUMERIC", "N"},
        {"STRUCT", "M"},
        {"TUPLE", "M"},
        {"LIST", "L"},
    }};
    const bool negated = cursor_.TakeKeyword("NOT");
    std::optional<ConditionNode> condition;
    std::vector<Operand> arguments;
    arguments.push_back(std::move(value));
    if (cursor_.TakeKeyword("MISSING")) {
      condition = CallTest(Function::kAttributeNotExists, std::move(arguments));
    } else {
      for (const auto& [name, type] : kTypes) {
        if (!cursor_.TakeKeyword(name)) continue;
        arguments.push_back(ValueOperand(AttributeValue::String(std::string(type))));
        condition = CallTest(Function::kAttributeType, std::move(arguments));
        break;
      }
    }
    if (!condition) {
      return ConditionError(
          "Unsupported data type for IS operator: " + cursor_.Peek().text +
          ". Supported data types are [MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, "
          "TUPLE, LIST]");
    }
    return negated ? Negated(std::move(*condition)) : std::move(*condition);
  }

  Result<ConditionNode> BooleanCall() {
    const std::string name = cursor_.Peek().text;
    const Function function = FunctionFromName(LowerCase(name));
    const bool known = function == Function::kAttributeType || function == Function::kBeginsWith ||
                       function == Function::kContains || function == Function::kAttributeExists ||
                       function == Function::kAttributeNotExists;
    if (!known) return ConditionError("Unrecognized function: " + name);
    KLESS_TRY(auto arguments, ReadArguments());
    ConditionNode call = CallTest(function, std::move(arguments));
    if (!cursor_.TakeSymbol("=")) return call;
    if (cursor_.TakeKeyword("TRUE")) return call;
    if (cursor_.TakeKeyword("FALSE")) return Negated(std::move(call));
    return cursor_.Unexpected();
  }

  // The name of the function comes next.
  Result<std::vector<Operand>> ReadArguments() {
    cursor_.Advance();
    KLESS_TRY_VOID(cursor_.ExpectSymbol("("));
    std::vector<Operand> arguments;
    if (cursor_.TakeSymbol(")")) return arguments;  // whose number is checked with their types
    do {
      KLESS_TRY(auto argument, ReadOperand());
      arguments.push_back(std::move(argument));
    } while (cursor_.TakeSymbol(","));
    KLESS_TRY_VOID(cursor_.ExpectSymbol(")"));
    return arguments;
  }

  Result<Operand> ReadOperand() {
    if (cursor_.AtValue()) {
      KLESS_TRY(auto value, cursor_.Value());
      return ValueOperand(std::move(value));
    }
    if (cursor_.AtCall()) {
      if (!cursor_.Peek().IsKeyword("SIZE")) {
        return ConditionError("Unrecognized function: " + cursor_.Peek().text);
      }
      if (++nesting_ > kConditionNestingMax) return MalformedStatement("Unexpected term");
      KLESS_TRY(auto arguments, ReadArguments());
      --nesting_;
      return FunctionOperand(Function::kSize, std::move(arguments));
    }
    KLESS_TRY(auto path, ReadPath(cursor_));
    return PathOperand(std::move(path));
  }

  PartiqlCursor& cursor_;
  int nesting_ = 0;
};

Result<std::string> ReadName(PartiqlCursor& cursor) {
  const auto kind = cursor.Peek().kind;
  if (kind != PartiqlToken::Kind::kIdentifier && kind != PartiqlToken::Kind::kQuoted) {
    return cursor.Unexpected();
  }
  if (cursor.AtOperator()) return cursor.Unexpected();
  std::string name = cursor.Peek().text;
  if (name.empty()) return ConditionError("Path component cannot be an empty string");
  cursor.Advance();
  return name;
}

Result<PathStep> ReadBracketStep(PartiqlCursor& cursor) {
  PathStep step;
  const std::string text = cursor.Peek().text;
  if (cursor.Peek().kind == PartiqlToken::Kind::kString) {
    if (text.empty()) return ConditionError("Path component cannot be an empty string");
    step.name = text;
  } else if (cursor.Peek().kind == PartiqlToken::Kind::kNumber) {
    KLESS_TRY(step, IndexStep(text));
  } else {
    return ConditionError("Unexpected path component");
  }
  cursor.Advance();
  KLESS_TRY_VOID(cursor.ExpectSymbol("]"));
  return step;
}

}  // namespace

Result<DocumentPath> ReadPath(PartiqlCursor& cursor) {
  KLESS_TRY(auto first, ReadName(cursor));
  DocumentPath path = PathOf(std::move(first));
  while (true) {
    if (cursor.TakeSymbol(".")) {
      KLESS_TRY(auto name, ReadName(cursor));
      PathStep step;
      step.name = std::move(name);
      path.push_back(std::move(step));
    } else if (cursor.TakeSymbol("[")) {
      KLESS_TRY(auto step, ReadBracketStep(cursor));
      path.push_back(std::move(step));
    } else {
      break;
    }
  }
  KLESS_TRY_VOID(CheckPathLength(path));
  return path;
}

Result<ConditionNode> ReadWhere(PartiqlCursor& cursor) { return WhereReader(cursor).Or(); }

}  // namespace kless
