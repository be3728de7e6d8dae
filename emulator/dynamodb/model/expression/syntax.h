// The syntax tree of every expression: condition, filter, key condition, projection and update
// expressions, the legacy parameters and PartiQL all become these types.
//
// A tree is a value.  Out of the parser its names and values may be references (#n, :v); once bound
// (bind.h) it has attribute names and values only, and evaluating it needs nothing else.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/dynamodb/model/value.h"

namespace kless {

// One step of a document path: a name, or an index into a list.
struct PathStep {
  std::string name;
  int index = -1;  // -1: a name

  bool is_index() const { return index >= 0; }
  bool operator==(const PathStep&) const = default;
};
// Never empty; the first step is the name of an attribute.
using DocumentPath = std::vector<PathStep>;
// "[a, [1], b]": how messages show a path.
std::string ShowPath(const DocumentPath& path);
// The path of a top-level attribute.
DocumentPath PathOf(std::string name);

using ValuePtr = std::shared_ptr<const AttributeValue>;

enum class Function {
  kUnknown,
  kAttributeExists,
  kAttributeNotExists,
  kAttributeType,
  kBeginsWith,
  kContains,
  kSize,
  kIfNotExists,  // the last two: in update expressions only
  kListAppend,
};
Function FunctionFromName(std::string_view name);  // case counts
std::string_view FunctionName(Function function);

// What conditions compare and updates assign.
struct Operand {
  enum class Kind { kPath, kValue, kFunction };
  Kind kind = Kind::kPath;
  DocumentPath path;
  std::string name;  // as written: the reference of a value (":v"), the name of a function
  ValuePtr value;    // of kValue, once bound
  Function function = Function::kUnknown;
  std::vector<Operand> arguments;  // of a function

  bool IsPath() const { return kind == Kind::kPath; }
  bool IsValue() const { return kind == Kind::kValue; }
  bool IsFunction() const { return kind == Kind::kFunction; }
};
Operand PathOperand(DocumentPath path);
Operand ValueOperand(AttributeValue value);
Operand FunctionOperand(Function function, std::vector<Operand> arguments);

struct ConditionNode {
  enum class Kind {
    kAnd,  // of all `conditions`, left to right
    kOr,
    kNot,             // of one condition
    kEqual,           // from here on: of `operands`
    kNotEqual,        // <>
    kLess,            // <
    kLessOrEqual,     // <=
    kGreater,         // >
    kGreaterOrEqual,  // >=
    kBetween,         // the first is between the second and the third, inclusive
    kIn,              // the first equals one of the others
    kFunction,        // one operand, a function that is true or false
  };
  Kind kind = Kind::kAnd;
  std::vector<ConditionNode> conditions;
  std::vector<Operand> operands;
};
// "=", "BETWEEN", ...; of kFunction: "".
std::string_view OperatorName(ConditionNode::Kind kind);
ConditionNode Combine(ConditionNode::Kind kind, std::vector<ConditionNode> conditions);
ConditionNode Test(ConditionNode::Kind kind, std::vector<Operand> operands);
ConditionNode CallTest(Function function, std::vector<Operand> arguments);
ConditionNode Negated(ConditionNode condition);

struct UpdateAction {
  enum class Kind { kSet, kRemove, kAdd, kDelete };
  enum class Arithmetic { kNone, kPlus, kMinus };
  Kind kind = Kind::kSet;
  DocumentPath path;
  // kSet: one operand, or two with an arithmetic; kAdd, kDelete: the value; kRemove: none.
  std::vector<Operand> operands;
  Arithmetic arithmetic = Arithmetic::kNone;
};
// "SET", ...
std::string_view SectionName(UpdateAction::Kind kind);

struct UpdateExpression {
  std::vector<UpdateAction> actions;  // in the order in which they were written
  // AttributeUpdates: messages differ, and ADD appends to lists.
  bool is_legacy = false;
};

struct Projection {
  std::vector<DocumentPath> paths;
};

// Call `visit(path)` for each path, in the order in which they were written.
template <class Visit>
void VisitOperandPaths(const Operand& operand, Visit visit) {
  if (operand.IsPath()) visit(operand.path);
  for (const auto& argument : operand.arguments) VisitOperandPaths(argument, visit);
}
template <class Visit>
void VisitConditionPaths(const ConditionNode& node, Visit visit) {
  for (const auto& operand : node.operands) VisitOperandPaths(operand, visit);
  for (const auto& condition : node.conditions) VisitConditionPaths(condition, visit);
}

}  // namespace kless
