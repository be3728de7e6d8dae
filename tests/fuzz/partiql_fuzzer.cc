// PartiQL statements: what is parsed can be planned, evaluated and applied.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/padded_parser.h"
#include "emulator/dynamodb/model/expression/evaluator.h"
#include "emulator/dynamodb/model/expression/update.h"
#include "emulator/dynamodb/model/partiql/plan.h"
#include "emulator/dynamodb/model/partiql/statement.h"
#include "emulator/dynamodb/model/value_json.h"

namespace {

const kless::AttributeMap& Item() {
  static const kless::AttributeMap item = [] {
    kless::PaddedParser parser;
    return kless::ParseItem(R"({"pk":{"S":"k"},"sk":{"N":"1"},"a":{"N":"5"},"s":{"SS":["x"]},
                                "m":{"M":{"x":{"L":[{"S":"deep"}]}}}})",
                            parser)
        .value();
  }();
  return item;
}

void RunPlans(const kless::Statement& statement, const kless::KeySchema& schema) {
  const kless::MapSource source(&Item());
  const auto plan = kless::PlanItem(statement, schema);
  if (plan.has_value() && plan.value().condition) {
    (void)kless::Holds(*plan.value().condition, source);
    (void)kless::Holds(*plan.value().condition, kless::MapSource(nullptr));
  }
  const auto select = kless::PlanSelect(statement, schema);
  if (select.has_value() && select.value().filter) {
    (void)kless::Holds(*select.value().filter, source);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // The API takes statements of up to 8,192 characters.
  if (text.size() > 8192) return 0;
  std::vector<kless::AttributeValue> parameters;
  std::vector<kless::Result<kless::Statement>> tries;
  tries.push_back(kless::ParseStatement(text, parameters));
  parameters.push_back(kless::AttributeValue::String("k"));
  tries.push_back(kless::ParseStatement(text, parameters));
  parameters.push_back(kless::AttributeValue::Number(kless::Decimal(7)));
  tries.push_back(kless::ParseStatement(text, parameters));
  for (const auto& statement : tries) {
    if (statement.has_error()) continue;
    RunPlans(statement.value(), {{{"pk", kless::KeyType::kString}}, {}});
    RunPlans(statement.value(),
             {{{"pk", kless::KeyType::kString}}, {{"sk", kless::KeyType::kNumber}}});
    RunPlans(statement.value(),
             {{{"pk", kless::KeyType::kString}, {"a", kless::KeyType::kNumber}},
              {{"sk", kless::KeyType::kNumber}, {"m", kless::KeyType::kBinary}}});
    (void)kless::SelectedAttributes(statement.value(), kless::MapSource(&Item()));
    if (statement.value().kind == kless::Statement::Kind::kUpdate) {
      (void)kless::ApplyUpdate(statement.value().update, &Item());
    }
  }
  return 0;
}
