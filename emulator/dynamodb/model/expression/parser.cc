#include "emulator/dynamodb/model/expression/parser.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "emulator/dynamodb/model/expression/checks.h"
#include "emulator/dynamodb/model/expression/lexer.h"

namespace kless {
namespace {

// How deep parentheses and calls may nest: bounds the parser's own stack.  A condition that is not
// redundant and has at most 300 operators nests less deeply.
constexpr int kNestingMax = 400;

Error ExpressionError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

// What is between two operators: an operand, or a condition.  A call of a function is an operand
// that can also stand for a condition.
struct Term {
  Operand operand;
  ConditionNode condition;
  bool is_condition = false;
  bool in_parentheses = false;

  bool CanBeCondition() const { return is_condition || operand.IsFunction(); }
};

// A recursive descent over the tokens.  "(" may begin a condition or an operand, so both are parsed
// as terms, and whoever needs one of the two refuses the other.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text), tokens_(Tokenize(text)) {}

  Result<ParsedCondition> Condition() {
    KLESS_TRY(auto term, OrTerm());
    if (!term.CanBeCondition() || Peek().kind != Token::Kind::kEnd) return Unexpected();
    KLESS_TRY_VOID(CheckOperators());
    return ParsedCondition{IntoCondition(std::move(term)), redundant_};
  }

  Result<ParsedUpdate> Update() {
    ParsedUpdate parsed;
    do {
      KLESS_TRY_VOID(Section(parsed));
    } while (Peek().kind != Token::Kind::kEnd);
    KLESS_TRY_VOID(CheckOperators());
    return parsed;
  }

  Result<Projection> Projected() {
    Projection projection;
    do {
      KLESS_TRY(auto path, Path());
      projection.paths.push_back(std::move(path));
    } while (TakeSymbol(","));
    if (Peek().kind != Token::Kind::kEnd) return Unexpected();
    return projection;
  }

 private:
  const Token& Peek() const { return tokens_[at_]; }
  // The last token is never passed.
  void Advance() { at_ = std::min(at_ + 1, tokens_.size() - 1); }
  bool TakeSymbol(std::string_view symbol) {
    if (!Peek().IsSymbol(symbol)) return false;
    Advance();
    return true;
  }
  bool TakeKeyword(std::string_view upper) {
    if (!Peek().IsKeyword(upper)) return false;
    Advance();
    return true;
  }
  Result<void> ExpectSymbol(std::string_view symbol) {
    if (TakeSymbol(symbol)) return {};
    return Unexpected();
  }
  Error Unexpected() const { return ExpressionError(SyntaxErrorText(text_, tokens_, at_)); }

  Result<void> CheckOperators() const {
    if (operators_ <= kOperatorsMax) return {};
    return TooManyOperators();
  }
  // Whatever their number is, DynamoDB counts no further.
  static Error TooManyOperators() {
    return ExpressionError("The expression contains too many operators; operator count: " +
                           std::to_string(kOperatorsMax + 1));
  }
  Error TooDeep() const {
    if (operators_ > kOperatorsMax) return TooManyOperators();
    return ExpressionError("The expression has redundant parentheses;");
  }

  // ---- Conditions.

  static ConditionNode IntoCondition(Term term) {
    if (term.is_condition) return std::move(term.condition);
    std::vector<Operand> operands;
    operands.push_back(std::move(term.operand));
    return Test(ConditionNode::Kind::kFunction, std::move(operands));
  }
  static Term ConditionTerm(ConditionNode condition) {
    Term term;
    term.condition = std::move(condition);
    term.is_condition = true;
    return term;
  }

  // Terms joined by a keyword; only conditions can be joined.
  template <class Next>
  Result<Term> Joined(std::string_view keyword, ConditionNode::Kind kind, Next next) {
    KLESS_TRY(auto first, next());
    if (!Peek().IsKeyword(keyword)) return first;
    if (!first.CanBeCondition()) return Unexpected();
    std::vector<ConditionNode> conditions;
    conditions.push_back(IntoCondition(std::move(first)));
    while (TakeKeyword(keyword)) {
      ++operators_;
      KLESS_TRY(auto term, next());
      if (!term.CanBeCondition()) return Unexpected();
      conditions.push_back(IntoCondition(std::move(term)));
    }
    return ConditionTerm(Combine(kind, std::move(conditions)));
  }

  Result<Term> OrTerm() {
    return Joined("OR", ConditionNode::Kind::kOr, [&] { return AndTerm(); });
  }

  Result<Term> AndTerm() {
    return Joined("AND", ConditionNode::Kind::kAnd, [&] { return NotTerm(); });
  }

  Result<Term> NotTerm() {
    int negations = 0;
    while (TakeKeyword("NOT")) ++negations;
    operators_ += negations;
    KLESS_TRY(auto term, ComparisonTerm());
    if (negations == 0) return term;
    if (!term.CanBeCondition()) return Unexpected();
    if (operators_ > kOperatorsMax) return TooManyOperators();
    ConditionNode condition = IntoCondition(std::move(term));
    for (; negations > 0; --negations) condition = Negated(std::move(condition));
    return ConditionTerm(std::move(condition));
  }

  std::optional<ConditionNode::Kind> PeekComparator() const {
    using Kind = ConditionNode::Kind;
    for (const Kind kind : {Kind::kEqual, Kind::kNotEqual, Kind::kLess, Kind::kLessOrEqual,
                            Kind::kGreater, Kind::kGreaterOrEqual}) {
      if (Peek().IsSymbol(OperatorName(kind))) return kind;
    }
    for (const Kind kind : {Kind::kBetween, Kind::kIn}) {
      if (Peek().IsKeyword(OperatorName(kind))) return kind;
    }
    return std::nullopt;
  }

  Result<Term> ComparisonTerm() {
    KLESS_TRY(auto left, PrimaryTerm());
    const auto kind = PeekComparator();
    if (!kind) return left;
    if (left.is_condition) return Unexpected();
    Advance();
    ++operators_;
    std::vector<Operand> operands;
    operands.push_back(std::move(left.operand));
    if (*kind == ConditionNode::Kind::kIn) {
      KLESS_TRY_VOID(ExpectSymbol("("));
      KLESS_TRY_VOID(OperandList(operands));
      return ConditionTerm(Test(*kind, std::move(operands)));
    }
    KLESS_TRY_VOID(AppendOperand(operands));
    if (*kind == ConditionNode::Kind::kBetween) {
      if (!TakeKeyword("AND")) return Unexpected();
      KLESS_TRY_VOID(AppendOperand(operands));
    }
    return ConditionTerm(Test(*kind, std::move(operands)));
  }

  Result<void> AppendOperand(std::vector<Operand>& operands) {
    KLESS_TRY(auto term, PrimaryTerm());
    if (term.is_condition) return Unexpected();
    operands.push_back(std::move(term.operand));
    return {};
  }

  // Operands up to the closing parenthesis: at least one.
  Result<void> OperandList(std::vector<Operand>& operands) {
    do {
      KLESS_TRY_VOID(AppendOperand(operands));
    } while (TakeSymbol(","));
    return ExpectSymbol(")");
  }

  Result<Term> PrimaryTerm() {
    Term term;
    if (!TakeSymbol("(")) {
      KLESS_TRY(term.operand, Value([&](auto& operands) { return OperandList(operands); }));
      return term;
    }
    if (++nesting_ > kNestingMax) return TooDeep();
    KLESS_TRY(term, OrTerm());
    --nesting_;
    KLESS_TRY_VOID(ExpectSymbol(")"));
    redundant_ = redundant_ || term.in_parentheses;
    term.in_parentheses = true;
    // (a.b).c is the path a.b.c.
    const std::size_t steps = term.operand.path.size();
    if (!term.is_condition && term.operand.IsPath()) {
      KLESS_TRY_VOID(PathRest(term.operand.path));
      if (term.operand.path.size() > steps) term.in_parentheses = false;
    }
    return term;
  }

  // ---- Operands.

  // A path, a reference to a value, or a call, whose arguments `read_arguments` reads.
  template <class ReadArguments>
  Result<Operand> Value(ReadArguments read_arguments) {
    Operand operand;
    if (Peek().kind == Token::Kind::kValue) {
      operand.kind = Operand::Kind::kValue;
      operand.name = Peek().text;
      Advance();
      return operand;
    }
    const bool is_call = Peek().kind == Token::Kind::kName && tokens_[at_ + 1].IsSymbol("(");
    if (!is_call) {
      KLESS_TRY(operand.path, Path());
      return operand;
    }
    operand.kind = Operand::Kind::kFunction;
    operand.name = Peek().text;
    operand.function = FunctionFromName(operand.name);
    Advance();
    Advance();
    if (++nesting_ > kNestingMax) return TooDeepCall(operand);
    KLESS_TRY_VOID(read_arguments(operand.arguments));
    --nesting_;
    return operand;
  }
  static Error TooDeepCall(const Operand& call) {
    return ExpressionError(
        (call.function == Function::kUnknown
             ? "Invalid function name; function: "
             : "The function is not allowed to be used this way in an expression; function: ") +
        call.name);
  }

  Result<PathStep> Name() {
    if (Peek().kind != Token::Kind::kName && Peek().kind != Token::Kind::kReference) {
      return Unexpected();
    }
    PathStep step;
    step.name = Peek().text;
    Advance();
    return step;
  }

  Result<DocumentPath> Path() {
    DocumentPath path;
    KLESS_TRY(auto first, Name());
    path.push_back(std::move(first));
    KLESS_TRY_VOID(PathRest(path));
    return path;
  }

  Result<void> PathRest(DocumentPath& path) {
    while (true) {
      if (TakeSymbol(".")) {
        KLESS_TRY(auto step, Name());
        path.push_back(std::move(step));
      } else if (TakeSymbol("[")) {
        if (Peek().kind != Token::Kind::kNumber) return Unexpected();
        KLESS_TRY(auto step, IndexStep(Peek().text));
        Advance();
        KLESS_TRY_VOID(ExpectSymbol("]"));
        path.push_back(std::move(step));
      } else {
        return {};
      }
    }
  }

  // ---- Updates.

  Result<void> Section(ParsedUpdate& parsed) {
    for (const auto kind : {UpdateAction::Kind::kSet, UpdateAction::Kind::kRemove,
                            UpdateAction::Kind::kAdd, UpdateAction::Kind::kDelete}) {
      if (!TakeKeyword(SectionName(kind))) continue;
      auto& actions = parsed.update.actions;
      const bool again = std::any_of(actions.begin(), actions.end(),
                                     [&](const auto& action) { return action.kind == kind; });
      if (again && !parsed.repeated) parsed.repeated = kind;
      do {
        KLESS_TRY(auto action, Action(kind));
        actions.push_back(std::move(action));
      } while (TakeSymbol(","));
      return {};
    }
    return Unexpected();
  }

  Result<UpdateAction> Action(UpdateAction::Kind kind) {
    UpdateAction action;
    action.kind = kind;
    KLESS_TRY(action.path, Path());
    if (kind == UpdateAction::Kind::kSet) {
      KLESS_TRY_VOID(ExpectSymbol("="));
      KLESS_TRY_VOID(SetValue(action));
    } else if (kind != UpdateAction::Kind::kRemove) {
      if (Peek().kind != Token::Kind::kValue) return Unexpected();
      KLESS_TRY(auto value, UpdateOperand());
      action.operands.push_back(std::move(value));
    }
    return action;
  }

  // An operand, a sum or a difference; with or without parentheses around all of it.
  Result<void> SetValue(UpdateAction& action) {
    if (TakeSymbol("(")) {
      if (++nesting_ > kNestingMax) return TooDeep();
      KLESS_TRY_VOID(SetValue(action));
      --nesting_;
      KLESS_TRY_VOID(ExpectSymbol(")"));
    } else {
      KLESS_TRY(auto operand, UpdateOperand());
      action.operands.push_back(std::move(operand));
    }
    if (action.arithmetic != UpdateAction::Arithmetic::kNone) return {};
    if (TakeSymbol("+")) {
      action.arithmetic = UpdateAction::Arithmetic::kPlus;
    } else if (TakeSymbol("-")) {
      action.arithmetic = UpdateAction::Arithmetic::kMinus;
    } else {
      return {};
    }
    ++operators_;
    KLESS_TRY(auto right, UpdateOperand());
    action.operands.push_back(std::move(right));
    return {};
  }

  Result<Operand> UpdateOperand() {
    if (!TakeSymbol("(")) {
      return Value([&](auto& operands) { return UpdateOperandList(operands); });
    }
    if (++nesting_ > kNestingMax) return TooDeep();
    KLESS_TRY(auto operand, UpdateOperand());
    --nesting_;
    KLESS_TRY_VOID(ExpectSymbol(")"));
    return operand;
  }

  Result<void> UpdateOperandList(std::vector<Operand>& operands) {
    do {
      KLESS_TRY(auto operand, UpdateOperand());
      operands.push_back(std::move(operand));
    } while (TakeSymbol(","));
    return ExpectSymbol(")");
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  int operators_ = 0;
  bool redundant_ = false;
};

// `tells_size`: AWS does so of conditions and filters alone.
Result<void> CheckLength(std::string_view text, bool tells_size) {
  if (text.empty()) return ExpressionError("The expression can not be empty;");
  if (text.size() <= kExpressionBytesMax) return {};
  return ExpressionError(
      "Expression size has exceeded the maximum allowed size;" +
      (tells_size ? " expression size: " + std::to_string(text.size()) : std::string()));
}

}  // namespace

Result<ParsedCondition> ParseCondition(std::string_view text, bool tells_size) {
  KLESS_TRY_VOID(CheckLength(text, tells_size));
  return ExpressionParser(text).Condition();
}

Result<ParsedUpdate> ParseUpdate(std::string_view text) {
  KLESS_TRY_VOID(CheckLength(text, /*tells_size=*/false));
  return ExpressionParser(text).Update();
}

Result<Projection> ParseProjection(std::string_view text) {
  KLESS_TRY_VOID(CheckLength(text, /*tells_size=*/false));
  return ExpressionParser(text).Projected();
}

}  // namespace kless
