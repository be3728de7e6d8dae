#include "emulator/doors/aws/dynamodb/table_input.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/doors/aws/dynamodb/context.h"
#include "emulator/doors/aws/dynamodb/tags.h"

namespace kless::doors::aws {
namespace {

using dynamodb::TableRequest;
using dynamodb::TableUpdate;

// Calls `visit` with each element of a list of structures.
template <class Visit>
void ForEach(const Input& input, std::string_view name, Visit visit) {
  const auto list = input.List(name);
  if (!list) return;
  for (const simdjson::dom::element element : *list) visit(Input(element.get_object().value()));
}

AwsResult<void> RefuseUnsupported(const Input& input, std::initializer_list<const char*> members) {
  for (const char* const member : members) {
    if (input.Has(member)) {
      return ValidationError(std::string(kInvalidParameters) + member +
                             " is not supported by kless");
    }
  }
  return {};
}

std::vector<KeyAttribute> ReadDefinitions(const Input& input) {
  std::vector<KeyAttribute> attributes;
  ForEach(input, "AttributeDefinitions", [&](const Input& definition) {
    attributes.push_back(
        {definition.TextOr("AttributeName"),
         KeyTypeFromLetter(*definition.Text("AttributeType")).value_or(KeyType::kString)});
  });
  return attributes;
}

std::vector<TableRequest::KeyElement> ReadKeySchema(const Input& input) {
  std::vector<TableRequest::KeyElement> key;
  ForEach(input, "KeySchema", [&](const Input& element) {
    key.push_back({element.TextOr("AttributeName"), element.Text("KeyType") == "HASH"});
  });
  return key;
}

std::optional<dynamodb::Throughput> ReadThroughput(const Input& input) {
  const auto units = input.Structure("ProvisionedThroughput");
  if (!units) return std::nullopt;
  return dynamodb::Throughput{units->Integer("ReadCapacityUnits").value_or(0),
                              units->Integer("WriteCapacityUnits").value_or(0)};
}

std::optional<dynamodb::UnitsRequest> ReadUnits(const Input& input, const char* name,
                                                const char* read, const char* write) {
  const auto units = input.Structure(name);
  if (!units) return std::nullopt;
  return dynamodb::UnitsRequest{units->Integer(read), units->Integer(write)};
}

std::optional<dynamodb::UnitsRequest> ReadOnDemand(const Input& input) {
  return ReadUnits(input, "OnDemandThroughput", "MaxReadRequestUnits", "MaxWriteRequestUnits");
}

std::optional<dynamodb::UnitsRequest> ReadWarm(const Input& input) {
  return ReadUnits(input, "WarmThroughput", "ReadUnitsPerSecond", "WriteUnitsPerSecond");
}

// TableThroughputMode is another name of BillingMode, which counts if both are there.
std::optional<dynamodb::BillingMode> ReadBilling(const Input& input) {
  auto mode = input.Text("BillingMode");
  if (!mode) mode = input.Text("TableThroughputMode");
  if (!mode) return std::nullopt;
  return *mode == "PROVISIONED" ? dynamodb::BillingMode::kProvisioned
                                : dynamodb::BillingMode::kPayPerRequest;
}

AwsResult<TableRequest::Index> ReadIndex(const Input& input, dynamodb::IndexKind kind) {
  KLESS_TRY_VOID(RefuseUnsupported(input, {"WarmThroughput"}));
  TableRequest::Index index;
  index.name = input.TextOr("IndexName");
  index.kind = kind;
  index.key = ReadKeySchema(input);
  if (const auto projection = input.Structure("Projection")) {
    if (const auto type = projection->Text("ProjectionType")) {
      index.projection = dynamodb::ProjectionTypeFromName(*type);
    }
    if (const auto names = projection->List("NonKeyAttributes")) {
      index.projected.emplace();
      for (const simdjson::dom::element name : *names) {
        index.projected->emplace_back(name.get_string().value());
      }
    }
  }
  index.throughput = ReadThroughput(input);
  index.on_demand = ReadOnDemand(input).value_or(dynamodb::UnitsRequest{});
  return index;
}

std::optional<dynamodb::SseRequest> ReadEncryption(const Input& input) {
  const auto specification = input.Structure("SSESpecification");
  if (!specification) return std::nullopt;
  return dynamodb::SseRequest{
      specification->Flag("Enabled").value_or(false), specification->Has("SSEType"),
      specification->TextOr("KMSMasterKeyId"), specification->Text("SSEType") == "AES256"};
}

// Reads a stream specification: whether it is enabled, and the view.
void ReadStream(const Input& input, std::optional<bool>* enabled,
                std::optional<dynamodb::ViewType>* view) {
  const auto specification = input.Structure("StreamSpecification");
  if (!specification) return;
  *enabled = specification->Flag("StreamEnabled").value_or(false);
  if (const auto name = specification->Text("StreamViewType")) {
    *view = dynamodb::ViewTypeFromName(*name);
  }
}

AwsResult<void> ReadIndexUpdate(const Input& input, TableUpdate* update) {
  const auto updated = input.Structure("Update");
  const auto created = input.Structure("Create");
  const auto deleted = input.Structure("Delete");
  const int count = (updated ? 1 : 0) + (created ? 1 : 0) + (deleted ? 1 : 0);
  if (count == 0) {
    return ValidationError(std::string(kInvalidParameters) +
                           "One of GlobalSecondaryIndexUpdate.Update, "
                           "GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete "
                           "must not be null");
  }
  if (count > 1) {
    return ValidationError(std::string(kInvalidParameters) +
                           "Only one global secondary index action is allowed per "
                           "GlobalSecondaryIndexUpdate object");
  }
  if (created) {
    KLESS_TRY(TableRequest::Index index, ReadIndex(*created, dynamodb::IndexKind::kGlobal));
    update->created.push_back(std::move(index));
  } else if (deleted) {
    update->deleted.push_back(deleted->TextOr("IndexName"));
  } else {
    KLESS_TRY_VOID(RefuseUnsupported(*updated, {"WarmThroughput"}));
    update->updated.push_back(
        {updated->TextOr("IndexName"), ReadThroughput(*updated), ReadOnDemand(*updated)});
  }
  return {};
}

}  // namespace

AwsResult<TableRequest> ReadTableRequest(const Input& input) {
  KLESS_TRY_VOID(
      RefuseUnsupported(input, {"GlobalTableSourceArn", "GlobalTableSettingsReplicationMode"}));
  TableRequest request;
  request.name = input.TextOr("TableName");
  request.attributes = ReadDefinitions(input);
  request.key = ReadKeySchema(input);
  request.has_local_indexes = input.Has("LocalSecondaryIndexes");
  request.has_global_indexes = input.Has("GlobalSecondaryIndexes");
  for (const auto& [member, kind] :
       {std::pair("LocalSecondaryIndexes", dynamodb::IndexKind::kLocal),
        std::pair("GlobalSecondaryIndexes", dynamodb::IndexKind::kGlobal)}) {
    const auto list = input.List(member);
    if (!list) continue;
    for (const simdjson::dom::element element : *list) {
      KLESS_TRY(TableRequest::Index index, ReadIndex(Input(element.get_object().value()), kind));
      request.indexes.push_back(std::move(index));
    }
  }
  request.billing = ReadBilling(input);
  request.throughput = ReadThroughput(input);
  request.on_demand = ReadOnDemand(input).value_or(dynamodb::UnitsRequest{});
  request.warm = ReadWarm(input);
  ReadStream(input, &request.stream_enabled, &request.view);
  if (input.Has("Tags")) {
    KLESS_TRY(request.tags, ReadTags(input));
  }
  request.deletion_protection = input.Flag("DeletionProtectionEnabled").value_or(false);
  request.table_class = input.TextOr("TableClass");
  request.sse = ReadEncryption(input);
  request.policy = input.TextOr("ResourcePolicy");
  return request;
}

AwsResult<TableUpdate> ReadTableUpdate(const Input& input) {
  KLESS_TRY_VOID(
      RefuseUnsupported(input, {"ReplicaUpdates", "GlobalTableWitnessUpdates",
                                "MultiRegionConsistency", "GlobalTableSettingsReplicationMode"}));
  TableUpdate update;
  update.attributes = ReadDefinitions(input);
  update.billing = ReadBilling(input);
  update.throughput = ReadThroughput(input);
  update.on_demand = ReadOnDemand(input);
  update.warm = ReadWarm(input);
  ReadStream(input, &update.stream_enabled, &update.view);
  update.deletion_protection = input.Flag("DeletionProtectionEnabled");
  if (const auto name = input.Text("TableClass")) update.table_class = std::string(*name);
  update.sse = ReadEncryption(input);
  update.has_index_updates = input.Has("GlobalSecondaryIndexUpdates");
  if (const auto list = input.List("GlobalSecondaryIndexUpdates")) {
    for (const simdjson::dom::element element : *list) {
      KLESS_TRY_VOID(ReadIndexUpdate(Input(element.get_object().value()), &update));
    }
  }
  return update;
}

}  // namespace kless::doors::aws
