// PartiQL statements, parsed into the syntax tree of expressions.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
//
//   SELECT * | path, ... FROM table[.index] [WHERE condition] [ORDER BY attribute [ASC | DESC],
//   ...] INSERT INTO table VALUE {'name': value, ...} UPDATE table SET path = value ... REMOVE path
//   ... WHERE condition [RETURNING ...] DELETE FROM table WHERE condition [RETURNING ALL OLD *]
//   EXISTS(SELECT * FROM table WHERE condition)
//
// Errors are kInvalidArgument with the message of DynamoDB's ValidationException.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/dynamodb/model/expression/syntax.h"
#include "emulator/dynamodb/model/stored_item.h"
#include "emulator/dynamodb/model/value.h"

namespace kless {

// The part of an item that a SELECT returns under a name: the last name of the path.
struct SelectedPath {
  DocumentPath path;
  std::string name;
};

struct OrderTerm {
  std::string attribute;
  bool descending = false;
};

struct Statement {
  enum class Kind { kSelect, kInsert, kUpdate, kDelete, kExists };
  enum class Returning { kNone, kAllOld, kAllNew, kModifiedOld, kModifiedNew };

  Kind kind = Kind::kSelect;
  std::string table;  // a name or an ARN
  std::string index;  // "": the table
  // SELECT: empty means *.
  std::vector<SelectedPath> selected;
  std::vector<OrderTerm> order;
  // All but INSERT.  As written: key attributes included (see plan.h).
  std::optional<ConditionNode> where;
  AttributeMap item;        // INSERT
  UpdateExpression update;  // UPDATE
  Returning returning = Returning::kNone;
};

// `parameters`: the values of the question marks, in order.
Result<Statement> ParseStatement(std::string_view text,
                                 const std::vector<AttributeValue>& parameters);

// What a SELECT with paths returns of an item; only for statements with `selected`.
AttributeMap SelectedAttributes(const Statement& statement, const AttributeSource& item);

}  // namespace kless
