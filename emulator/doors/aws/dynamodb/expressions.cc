#include "emulator/doors/aws/dynamodb/expressions.h"

#include <algorithm>

#include "emulator/dynamodb/model/expression/evaluator.h"
#include "emulator/dynamodb/model/expression/expression.h"
#include "emulator/dynamodb/model/expression/key_rules.h"
#include "emulator/dynamodb/model/expression/placeholders.h"
#include "emulator/dynamodb/model/expression/projection.h"
#include "emulator/dynamodb/model/legacy/legacy_parameters.h"
#include "emulator/dynamodb/model/value_json.h"

namespace kless::doors::aws {

AwsResult<void> CheckMix(const Input& input, const ExpressionParameters& parameters,
                         ErrorTexts texts) {
  const auto given = [&input](const std::vector<std::string_view>& names) {
    std::vector<GivenParameter> list;
    for (const std::string_view name : names) list.push_back({name, input.Has(name)});
    return list;
  };
  return ForClient(CheckParameterMix(given(parameters.expressions), given(parameters.legacy),
                                     input.Has("ExpressionAttributeNames"),
                                     input.Has("ExpressionAttributeValues"), texts));
}

AwsResult<Expressions> CompileExpressions(const Input& input,
                                          const std::vector<std::string_view>& names,
                                          ErrorTexts texts) {
  Expressions compiled;
  const auto text_of = [&](std::string_view name) -> std::optional<std::string_view> {
    if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
    return input.Text(name);
  };
  const auto attribute_names = input.Find("ExpressionAttributeNames");
  const auto values = input.Find("ExpressionAttributeValues");
  const auto update = text_of("UpdateExpression");
  const auto condition = text_of("ConditionExpression");
  const auto key = text_of("KeyConditionExpression");
  const auto filter = text_of("FilterExpression");
  const auto projection = text_of("ProjectionExpression");
  if (!attribute_names && !values && !update && !condition && !key && !filter && !projection) {
    return compiled;
  }
  KLESS_TRY(Placeholders placeholders,
            ForClient(Placeholders::Read(attribute_names, values, texts)));
  if (update) {
    KLESS_TRY(compiled.update, ForClient(CompileUpdate(*update, placeholders)));
  }
  if (condition) {
    KLESS_TRY(compiled.condition,
              ForClient(CompileCondition(ConditionUse::kCondition, *condition, placeholders)));
  }
  std::optional<ConditionNode> key_tree;
  if (key) {
    KLESS_TRY(key_tree,
              ForClient(CompileCondition(ConditionUse::kKeyCondition, *key, placeholders)));
  }
  if (filter) {
    KLESS_TRY(compiled.filter,
              ForClient(CompileCondition(ConditionUse::kFilter, *filter, placeholders)));
  }
  if (projection) {
    KLESS_TRY(compiled.projection, ForClient(CompileProjection(*projection, placeholders)));
  }
  KLESS_TRY_VOID(ForClient(placeholders.CheckAllUsed()));
  if (key_tree) {
    KLESS_TRY(compiled.key, ForClient(ReadKeyConditions(*key_tree)));
  }
  return compiled;
}

AwsResult<std::optional<Projection>> ReadAttributesToGet(const Input& input) {
  std::optional<Projection> projection;
  if (const auto list = input.Find("AttributesToGet")) {
    KLESS_TRY(projection, ForClient(ProjectionOf(*list)));
  }
  return projection;
}

AwsResult<std::optional<ConditionNode>> ReadExpected(const Input& input, ErrorTexts texts) {
  return ForClient(
      ConditionOfExpected(input.Find("Expected"), input.TextOr("ConditionalOperator"), texts));
}

AwsResult<std::optional<UpdateExpression>> ReadAttributeUpdates(const Input& input,
                                                                ErrorTexts texts) {
  std::optional<UpdateExpression> update;
  if (const auto updates = input.Find("AttributeUpdates")) {
    KLESS_TRY(update, ForClient(UpdateOf(*updates, texts)));
  }
  return update;
}

AwsResult<std::optional<ConditionNode>> ReadFilter(const Input& input, std::string_view name,
                                                   ErrorTexts texts) {
  return ForClient(ConditionOfFilter(input.Find(name), input.TextOr("ConditionalOperator"), texts));
}

AwsResult<std::optional<KeyConditions>> ReadKeyConditionsMap(const Input& input, ErrorTexts texts) {
  std::optional<KeyConditions> conditions;
  if (const auto map = input.Find("KeyConditions")) {
    KLESS_TRY(conditions, ForClient(KeyConditionsOf(*map, texts)));
  }
  return conditions;
}

bool Meets(const ConditionNode& condition, const ItemLayout& layout, const ItemPtr& item,
           PaddedParser& parser) {
  if (!item) return Holds(condition, MapSource(nullptr));
  return Holds(condition, StoredSource(layout, *item, parser));
}

void AppendItem(const ItemLayout& layout, const Item& item,
                const std::optional<Projection>& projection, PaddedParser& parser,
                std::string& out) {
  if (projection) {
    AppendJson(Project(*projection, StoredSource(layout, item, parser)), out);
  } else {
    AppendItemJson(layout, item, out);
  }
}

template <class Tree>
AwsResult<void> CheckPathsInKeys(const dynamodb::TableState& table, const Tree& tree) {
  KLESS_TRY_VOID(ForClient(CheckKeyPaths(tree, table.layout.keys, /*is_index=*/false)));
  for (const dynamodb::SecondaryIndex& index : table.indexes) {
    KLESS_TRY_VOID(ForClient(CheckKeyPaths(tree, index.key, /*is_index=*/true)));
  }
  return {};
}

template AwsResult<void> CheckPathsInKeys(const dynamodb::TableState&, const ConditionNode&);
template AwsResult<void> CheckPathsInKeys(const dynamodb::TableState&, const Projection&);
template AwsResult<void> CheckPathsInKeys(const dynamodb::TableState&, const UpdateExpression&);

}  // namespace kless::doors::aws
