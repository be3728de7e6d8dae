#include "emulator/dynamodb/model/partiql/statement.h"

#include <algorithm>
#include <array>
#include <utility>

#include "emulator/dynamodb/model/expression/checks.h"
#include "emulator/dynamodb/model/expression/evaluator.h"
#include "emulator/dynamodb/model/partiql/conditions.h"
#include "emulator/dynamodb/model/partiql/values.h"

namespace kless {
namespace {

Error StatementError(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

class StatementReader {
 public:
  StatementReader(std::string_view text, std::vector<PartiqlToken> tokens,
                  const std::vector<AttributeValue>& parameters)
      : text_(text), cursor_(std::move(tokens), parameters) {}

  Result<Statement> Read() {
    KLESS_TRY_VOID(Any());
    cursor_.TakeSymbol(";");
    if (cursor_.Peek().kind != PartiqlToken::Kind::kEnd) return LeftOver();
    KLESS_TRY_VOID(cursor_.CheckParameters());
    return std::move(statement_);
  }

 private:
  Result<void> Any() {
    if (cursor_.TakeKeyword("SELECT")) return Select();
    if (cursor_.TakeKeyword("INSERT")) return Insert();
    if (cursor_.TakeKeyword("UPDATE")) return Update();
    if (cursor_.TakeKeyword("DELETE")) return Delete();
    if (cursor_.TakeKeyword("FROM")) return UpdateFrom();
    if (cursor_.TakeKeyword("EXISTS")) return Exists();
    return MalformedStatement("Expected data manipulation");
  }

  static Error LeftOver() { return MalformedStatement("Unexpected token after expression"); }

  // table or table.index, each with or without double quotes.
  Result<void> Table(bool may_name_index) {
    KLESS_TRY_VOID(TableName(may_name_index));
    if (cursor_.AtName()) return StatementError("Aliasing is not supported");
    return {};
  }

  Result<void> TableName(bool may_name_index) {
    KLESS_TRY(auto path, ReadPath(cursor_));
    if (std::any_of(path.begin(), path.end(), [](const auto& step) { return step.is_index(); })) {
      return StatementError("Invalid list expression in source.");
    }
    if (path.size() > 2) {
      return StatementError("A path may contain at most 2 components in the FROM clause");
    }
    statement_.table = path[0].name;
    if (path.size() == 2) statement_.index = path[1].name;
    if (path.size() == 1 || may_name_index) return {};
    return StatementError("This operation is not supported on an index");
  }

  Result<void> Select() {
    statement_.kind = Statement::Kind::kSelect;
    KLESS_TRY_VOID(Selected());
    KLESS_TRY_VOID(cursor_.ExpectKeyword("FROM"));
    KLESS_TRY_VOID(Table(/*may_name_index=*/true));
    if (cursor_.Peek().IsSymbol(",")) {
      return StatementError("Only select from a single table or index is supported.");
    }
    if (cursor_.TakeKeyword("WHERE")) {
      KLESS_TRY_VOID(Where());
    }
    if (!cursor_.TakeKeyword("ORDER")) return {};
    KLESS_TRY_VOID(cursor_.ExpectKeyword("BY"));
    return Order();
  }

  Result<void> Selected() {
    if (cursor_.TakeSymbol("*")) return {};
    do {
      if (cursor_.Peek().IsSymbol("*")) {
        return StatementError(
            "Other attributes should not be present in the projection when '*' is used.");
      }
      if (cursor_.AtCall() && cursor_.Peek().IsKeyword("COUNT")) {
        return StatementError("Unexpected path component at " +
                              PartiqlPlace(text_, cursor_.Peek().at, cursor_.Peek().text.size()));
      }
      KLESS_TRY(auto path, ReadPath(cursor_));
      if (cursor_.Peek().IsKeyword("AS")) return StatementError("Aliasing is not supported");
      KLESS_TRY_VOID(AddSelected(std::move(path)));
    } while (cursor_.TakeSymbol(","));
    return {};
  }

  Result<void> AddSelected(DocumentPath path) {
    SelectedPath selected;
    for (const auto& step : path) {
      if (step.is_index()) {
        selected.name += "[" + std::to_string(step.index) + "]";
      } else {
        selected.name = step.name;
      }
    }
    selected.path = std::move(path);
    for (const auto& each : statement_.selected) {
      if (each.name != selected.name) continue;
      return StatementError("Duplicate identifiers in select clause: " + selected.name);
    }
    statement_.selected.push_back(std::move(selected));
    return {};
  }

  Result<void> Order() {
    do {
      KLESS_TRY(auto path, ReadPath(cursor_));
      if (path.size() > 1) {
        return StatementError("Argument to ORDER BY must be of type VariableReference. Type: Path");
      }
      OrderTerm term;
      term.attribute = path[0].name;
      term.descending = cursor_.TakeKeyword("DESC");
      if (!term.descending) cursor_.TakeKeyword("ASC");
      statement_.order.push_back(std::move(term));
    } while (cursor_.TakeSymbol(","));
    return {};
  }

  Result<void> Where() {
    KLESS_TRY(auto condition, ReadWhere(cursor_));
    statement_.where = std::move(condition);
    return {};
  }

  Result<void> WriteWhere() {
    if (cursor_.TakeKeyword("WHERE")) return Where();
    if (cursor_.Peek().kind != PartiqlToken::Kind::kEnd && !cursor_.Peek().IsKeyword("RETURNING")) {
      return cursor_.Unexpected();
    }
    return NoKey();
  }
  static Error NoKey() {
    return StatementError(
        "Where clause does not contain a mandatory equality on all key attributes");
  }

  Result<void> Insert() {
    statement_.kind = Statement::Kind::kInsert;
    KLESS_TRY_VOID(cursor_.ExpectKeyword("INTO"));
    KLESS_TRY_VOID(TableName(/*may_name_index=*/false));
    if (cursor_.AtName()) return LeftOver();
    if (cursor_.Peek().IsKeyword("VALUES") || cursor_.Peek().IsSymbol("<<")) {
      return StatementError(
          "Unsupported operation: Inserting multiple items in a single statement is not supported, "
          "use \"INSERT INTO tableName VALUE item\" instead");
    }
    KLESS_TRY_VOID(cursor_.ExpectKeyword("VALUE"));
    if (!cursor_.AtValue()) return cursor_.Unexpected();
    KLESS_TRY(auto item, cursor_.Item());
    if (!item.Is(ValueType::kMap)) {
      return StatementError(
          "Unsupported format in item expression. Please use struct format {...} to express item "
          "values for insert statement.");
    }
    statement_.item = std::move(item.map());
    if (cursor_.Peek().IsKeyword("RETURNING")) {
      return StatementError("RETURNING is not supported in INSERT");
    }
    return {};
  }

  Result<void> Update() {
    statement_.kind = Statement::Kind::kUpdate;
    KLESS_TRY_VOID(Table(/*may_name_index=*/false));
    KLESS_TRY_VOID(Actions());
    KLESS_TRY_VOID(WriteWhere());
    KLESS_TRY_VOID(CheckActions(statement_.update));
    return Returning();
  }

  // FROM table WHERE .. SET ..: UPDATE with its clauses in another order.
  Result<void> UpdateFrom() {
    statement_.kind = Statement::Kind::kUpdate;
    KLESS_TRY_VOID(Table(/*may_name_index=*/false));
    const bool has_where = cursor_.TakeKeyword("WHERE");
    if (has_where) {
      KLESS_TRY_VOID(Where());
    }
    KLESS_TRY_VOID(Actions());
    if (cursor_.Peek().IsKeyword("WHERE")) return LeftOver();
    if (!has_where) return NoKey();
    KLESS_TRY_VOID(CheckActions(statement_.update));
    return Returning();
  }

  Result<void> Actions() {
    while (true) {
      if (cursor_.TakeKeyword("SET")) {
        do {
          KLESS_TRY_VOID(Set());
        } while (cursor_.TakeSymbol(","));
      } else if (cursor_.TakeKeyword("REMOVE")) {
        do {
          UpdateAction action;
          action.kind = UpdateAction::Kind::kRemove;
          KLESS_TRY(action.path, ReadPath(cursor_));
          statement_.update.actions.push_back(std::move(action));
        } while (cursor_.TakeSymbol(","));
      } else {
        break;
      }
    }
    if (statement_.update.actions.empty()) return cursor_.Unexpected();
    return {};
  }

  // path = value, sum, difference, LIST_APPEND, SET_ADD or SET_DELETE.
  Result<void> Set() {
    UpdateAction action;
    KLESS_TRY(action.path, ReadPath(cursor_));
    KLESS_TRY_VOID(cursor_.ExpectSymbol("="));
    if (cursor_.AtCall() &&
        (cursor_.Peek().IsKeyword("SET_ADD") || cursor_.Peek().IsKeyword("SET_DELETE"))) {
      KLESS_TRY_VOID(SetOperation(action));
    } else {
      KLESS_TRY(auto left, SetOperand());
      action.operands.push_back(std::move(left));
      const bool plus = cursor_.TakeSymbol("+");
      if (plus || cursor_.TakeSymbol("-")) {
        action.arithmetic =
            plus ? UpdateAction::Arithmetic::kPlus : UpdateAction::Arithmetic::kMinus;
        KLESS_TRY(auto right, SetOperand());
        action.operands.push_back(std::move(right));
      }
    }
    statement_.update.actions.push_back(std::move(action));
    return {};
  }

  // SET_ADD(path, <<..>>), where the path is the one that is assigned to: ADD and DELETE of an
  // update expression.
  Result<void> SetOperation(UpdateAction& action) {
    const bool adds = cursor_.Peek().IsKeyword("SET_ADD");
    const std::string name = adds ? "ADD" : "DELETE";
    action.kind = adds ? UpdateAction::Kind::kAdd : UpdateAction::Kind::kDelete;
    cursor_.Advance();
    KLESS_TRY_VOID(cursor_.ExpectSymbol("("));
    if (cursor_.AtValue()) return WrongFirstArgument(name);
    KLESS_TRY(const auto target, ReadPath(cursor_));
    if (target != action.path) return WrongFirstArgument(name);
    if (!cursor_.TakeSymbol(",")) return WrongArguments(name);
    if (!cursor_.AtValue()) return WrongSecondArgument(name);
    KLESS_TRY(auto value, cursor_.Value());
    if (!IsSetType(value.type())) return WrongSecondArgument(name);
    if (!cursor_.TakeSymbol(")")) return WrongArguments(name);
    action.operands.push_back(ValueOperand(std::move(value)));
    return {};
  }
  static Error WrongArguments(const std::string& name) {
    return StatementError("SET_" + name + " must have exactly two arguments");
  }
  static Error WrongFirstArgument(const std::string& name) {
    return StatementError("The first argument to SET_" + name + " must equal the assignment value");
  }
  static Error WrongSecondArgument(const std::string& name) {
    return StatementError("The second argument to SET_" + name + " must be a value with type SET");
  }

  Result<Operand> SetOperand() {
    if (cursor_.AtValue()) {
      KLESS_TRY(auto value, cursor_.Value());
      return ValueOperand(std::move(value));
    }
    if (!cursor_.AtCall()) {
      KLESS_TRY(auto path, ReadPath(cursor_));
      return PathOperand(std::move(path));
    }
    if (!cursor_.Peek().IsKeyword("LIST_APPEND")) {
      return StatementError("Unrecognized function: " + cursor_.Peek().text);
    }
    cursor_.Advance();
    cursor_.Advance();
    std::vector<Operand> arguments;
    do {
      // LIST_APPEND does not nest.
      if (!cursor_.AtValue() && cursor_.Peek(1).IsSymbol("(")) return cursor_.Unexpected();
      KLESS_TRY(auto argument, SetOperand());
      arguments.push_back(std::move(argument));
    } while (cursor_.TakeSymbol(","));
    KLESS_TRY_VOID(cursor_.ExpectSymbol(")"));
    return FunctionOperand(Function::kListAppend, std::move(arguments));
  }

  Result<void> Delete() {
    statement_.kind = Statement::Kind::kDelete;
    KLESS_TRY_VOID(cursor_.ExpectKeyword("FROM"));
    if (!cursor_.AtName()) return MalformedStatement("Expected identifier for simple path");
    KLESS_TRY_VOID(Table(/*may_name_index=*/false));
    KLESS_TRY_VOID(WriteWhere());
    return Returning();
  }

  Result<void> Returning() {
    if (!cursor_.TakeKeyword("RETURNING")) return {};
    const bool all = cursor_.TakeKeyword("ALL");
    if (!all) {
      KLESS_TRY_VOID(cursor_.ExpectKeyword("MODIFIED"));
    }
    const bool old = cursor_.TakeKeyword("OLD");
    if (!old) {
      KLESS_TRY_VOID(cursor_.ExpectKeyword("NEW"));
    }
    if (!cursor_.TakeSymbol("*")) {
      return StatementError(
          "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause");
    }
    if (cursor_.Peek().IsSymbol(",")) {
      return StatementError("Invalid syntax with multiple returning elements in RETURNING clause");
    }
    if (statement_.kind == Statement::Kind::kDelete && !(all && old)) {
      return StatementError("Invalid returning clause: RETURNING " +
                            std::string(all ? "ALL " : "MODIFIED ") + (old ? "OLD" : "NEW") +
                            " *. Only RETURNING ALL OLD * is allowed in DELETE statements.");
    }
    using Value = Statement::Returning;
    statement_.returning = all ? (old ? Value::kAllOld : Value::kAllNew)
                               : (old ? Value::kModifiedOld : Value::kModifiedNew);
    return {};
  }

  Result<void> Exists() {
    KLESS_TRY_VOID(cursor_.ExpectSymbol("("));
    KLESS_TRY_VOID(cursor_.ExpectKeyword("SELECT"));
    KLESS_TRY_VOID(Select());
    statement_.kind = Statement::Kind::kExists;
    if (!statement_.index.empty()) {
      return StatementError("Operations on indices are not supported in transactions");
    }
    return cursor_.ExpectSymbol(")");
  }

  std::string_view text_;
  PartiqlCursor cursor_;
  Statement statement_;
};

}  // namespace

Result<Statement> ParseStatement(std::string_view text,
                                 const std::vector<AttributeValue>& parameters) {
  KLESS_TRY(auto tokens, TokenizePartiql(text));
  return StatementReader(text, std::move(tokens), parameters).Read();
}

AttributeMap SelectedAttributes(const Statement& statement, const AttributeSource& item) {
  AttributeMap attributes;
  for (const auto& selected : statement.selected) {
    const AttributeValue* const value = ValueAt(selected.path, item);
    if (value) attributes.insert_or_assign(selected.name, *value);
  }
  return attributes;
}

}  // namespace kless
