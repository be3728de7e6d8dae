#include "emulator/dynamodb/table_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

namespace kless::dynamodb {
namespace {

using KeyElement = TableRequest::KeyElement;

std::string Listed(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() == 1 ? "" : ", ") + name;
  return text + "]";
}

std::vector<std::string> NamesOf(const std::vector<KeyAttribute>& attributes) {
  std::vector<std::string> names;
  for (const KeyAttribute& attribute : attributes) names.push_back(attribute.name);
  return names;
}

const KeyAttribute* FindAttribute(const std::vector<KeyAttribute>& attributes,
                                  const std::string& name) {
  for (const KeyAttribute& attribute : attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

Outcome<void> CheckDefined(const std::vector<KeyElement>& key,
                           const std::vector<KeyAttribute>& attributes) {
  std::vector<std::string> names;
  bool defined = true;
  for (const KeyElement& element : key) {
    names.push_back(element.name);
    defined = defined && FindAttribute(attributes, element.name) != nullptr;
  }
  if (defined) return {};
  return InvalidParameters(
      "Some index key attributes are not defined in AttributeDefinitions. Keys: " + Listed(names) +
      ", AttributeDefinitions: " + Listed(NamesOf(attributes)));
}

// The order of a key of at most two elements, with the texts that it has for them.
Outcome<void> CheckSimpleKey(const std::vector<KeyElement>& key) {
  if (key.size() > 1 && key[0].name == key[1].name) {
    return Invalid(
        "Both the Hash Key and the Range Key element in the KeySchema have the same name");
  }
  if (!key[0].is_partition) {
    return Invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  }
  if (key.size() > 1 && key[1].is_partition) {
    return Invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  }
  return {};
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
constexpr std::size_t kPartAttributesMax = 4;

Outcome<void> CheckGlobalKey(const std::vector<KeyElement>& key) {
  std::size_t partition = 0;
  std::size_t sort = 0;
  std::set<std::string> names;
  bool same = false;
  bool ordered = true;
  for (const KeyElement& element : key) {
    if (element.is_partition && sort > 0) ordered = false;
    ++(element.is_partition ? partition : sort);
    same = !names.insert(element.name).second || same;
  }
  const bool simple = key.size() == 1 || (key.size() == 2 && partition < 2 && ordered);
  if (simple || (key.size() == 2 && same)) return CheckSimpleKey(key);
  if (partition == 0 || !key[0].is_partition) return CheckSimpleKey(key);
  if (!ordered) {
    return InvalidParameters(
        "All HASH key attributes must precede RANGE key attributes in the KeySchema");
  }
  for (const auto& [count, type] : {std::pair(partition, "HASH"), std::pair(sort, "RANGE")}) {
    if (count <= kPartAttributesMax) continue;
    return InvalidParameters(std::string("The KeySchema exceeds the maximum allowed number of ") +
                             type + " key attributes");
  }
  if (same) {
    return Invalid("The KeySchema contains multiple key attributes with the same name");
  }
  return {};
}

Outcome<void> CheckLocalKey(const TableRequest::Index& index,
                            const std::vector<KeyElement>& table_key) {
  KLESS_TRY_VOID(CheckSimpleKey(index.key));
  if (index.key.size() != 2) {
    return InvalidParameters("Index KeySchema does not have a range key for index: " + index.name);
  }
  if (index.key[0].name != table_key[0].name) {
    return InvalidParameters(
        "Index KeySchema does not have the same leading hash key as table KeySchema for index: " +
        index.name + ". index hash key: " + index.key[0].name +
        ", table hash key: " + table_key[0].name);
  }
  return {};
}

BillingMode BillingOf(const TableRequest& request) {
  return request.billing.value_or(BillingMode::kProvisioned);
}

std::array<std::pair<const char*, std::optional<std::int64_t>>, 2> MembersOf(
    const UnitsRequest& limits) {
  return {{{"MaxReadRequestUnits", limits.read}, {"MaxWriteRequestUnits", limits.write}}};
}

Failure OutsideOfRange(const std::string& member, const std::string& index) {
  return InvalidParameters("Requested " + member + " for OnDemandThroughput for " +
                           (index.empty() ? "table" : "index : " + index) +
                           " is outside of valid range");
}

// The throughput of a global index is given if that of its table is.
Outcome<void> CheckIndexBilling(const TableRequest::Index& index, BillingMode billing) {
  KLESS_TRY_VOID(CheckOnDemand(index.on_demand, billing, index.name));
  if (billing == BillingMode::kProvisioned && !index.throughput) {
    return InvalidParameters("ProvisionedThroughput is not specified for index: " + index.name);
  }
  if (billing == BillingMode::kPayPerRequest && index.throughput) {
    return InvalidParameters("ProvisionedThroughput should not be specified for index: " +
                             index.name + " when BillingMode is PAY_PER_REQUEST");
  }
  return {};
}

Outcome<void> CheckWarm(const TableRequest& request) {
  if (!request.warm) return {};
  const bool on_demand = BillingOf(request) == BillingMode::kPayPerRequest;
  const Throughput least = WarmOf(BillingOf(request), request.throughput.value_or(Throughput{}));
  const auto too_low = [on_demand](const char* member, const char* provisioned) {
    return InvalidParameters(
        std::string("Requested ") + member + " for WarmThroughput for table is lower than " +
        (on_demand ? std::string("initial throughput for OnDemand. See: "
                                 "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
                                 "on-demand-capacity-mode.html#on-demand-capacity-mode-initial")
                   : std::string(provisioned) + " of ProvisionedThroughput"));
  };
  if (request.warm->read.value_or(least.read) < least.read) {
    return too_low("ReadUnitsPerSecond", "ReadCapacityUnits");
  }
  if (request.warm->write.value_or(least.write) < least.write) {
    return too_low("WriteUnitsPerSecond", "WriteCapacityUnits");
  }
  return {};
}

Outcome<void> CheckStream(const TableRequest& request) {
  const bool enabled = request.stream_enabled.value_or(false);
  if (enabled == request.view.has_value()) return {};
  return InvalidParameters(std::string("Table is being created with a stream ") +
                           (enabled ? "enabled, UpdateViewType is required"
                                    : "disabled, UpdateViewType should not be specified"));
}

Outcome<void> CheckOptions(const TableRequest& request) {
  KLESS_TRY_VOID(CheckOnDemand(request.on_demand, BillingOf(request), ""));
  KLESS_TRY_VOID(CheckWarm(request));
  KLESS_TRY_VOID(CheckStream(request));
  if (request.sse) {
    KLESS_TRY_VOID(CheckEncryption(*request.sse));
  }
  KLESS_TRY_VOID(CheckTableClass(request.table_class));
  return request.tags.size() > kTagsMax ? Outcome<void>(TooManyTags()) : Outcome<void>();
}

Outcome<void> CheckBilling(const TableRequest& request) {
  if (request.billing == BillingMode::kPayPerRequest) {
    if (!request.throughput) return {};
    return InvalidParameters(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
        "PAY_PER_REQUEST");
  }
  if (!request.throughput) {
    return InvalidParameters(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
        "PROVISIONED");
  }
  return CheckThroughput(*request.throughput);
}

Outcome<void> CheckTableKey(const TableRequest& request) {
  if (request.key.size() > request.attributes.size()) {
    return Invalid("Invalid KeySchema: Some index key attribute have no definition");
  }
  KLESS_TRY_VOID(CheckDefined(request.key, request.attributes));
  return CheckSimpleKey(request.key);
}

Outcome<void> CheckAttributes(const TableRequest& request) {
  std::set<std::string> defined;
  for (const KeyAttribute& attribute : request.attributes) {
    if (!defined.insert(attribute.name).second) {
      return Invalid("Attribute Name is duplicated: " + attribute.name);
    }
  }
  std::set<std::string> used;
  for (const KeyElement& element : request.key) used.insert(element.name);
  for (const TableRequest::Index& index : request.indexes) {
    for (const KeyElement& element : index.key) used.insert(element.name);
  }
  if (used.size() == defined.size()) return {};
  if (request.indexes.empty()) {
    return InvalidParameters(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions");
  }
  return InvalidParameters("Some AttributeDefinitions are not used. AttributeDefinitions: " +
                           Listed(NamesOf(request.attributes)) +
                           ", keys used: " + Listed({used.begin(), used.end()}));
}

Outcome<void> CheckIndexesOf(const TableRequest& request, IndexKind kind,
                             std::set<std::string>* names) {
  const bool local = kind == IndexKind::kLocal;
  std::size_t count = 0;
  for (const TableRequest::Index& index : request.indexes) {
    if (index.kind != kind) continue;
    ++count;
    KLESS_TRY_VOID(CheckIndex(index, request.attributes, request.key));
    if (!local) {
      KLESS_TRY_VOID(CheckIndexBilling(index, BillingOf(request)));
    }
    if (!names->insert(index.name).second) {
      return InvalidParameters("Duplicate index name: " + index.name);
    }
  }
  if (local && count > kLocalIndexesMax) {
    return InvalidParameters("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
  }
  if (!local && count > kGlobalIndexesMax) {
    return InvalidParameters("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  }
  return {};
}

Outcome<void> CheckKeysAndIndexes(const TableRequest& request) {
  KLESS_TRY_VOID(CheckTableKey(request));
  if (!request.has_local_indexes && !request.has_global_indexes) {
    return CheckAttributes(request);
  }
  std::set<std::string> names;
  const auto has = [&](IndexKind kind) {
    return std::any_of(request.indexes.begin(), request.indexes.end(),
                       [kind](const auto& index) { return index.kind == kind; });
  };
  if (request.has_local_indexes) {
    if (!has(IndexKind::kLocal)) {
      return InvalidParameters("List of LocalSecondaryIndexes is empty");
    }
    if (request.key.size() != 2) {
      return InvalidParameters(
          "Table KeySchema does not have a range key, which is required when specifying a "
          "LocalSecondaryIndex");
    }
    KLESS_TRY_VOID(CheckIndexesOf(request, IndexKind::kLocal, &names));
  }
  if (request.has_global_indexes) {
    if (!has(IndexKind::kGlobal)) {
      return InvalidParameters("List of GlobalSecondaryIndexes is empty");
    }
    KLESS_TRY_VOID(CheckIndexesOf(request, IndexKind::kGlobal, &names));
  }
  KLESS_TRY_VOID(CheckAttributes(request));
  std::size_t projected = 0;
  for (const TableRequest::Index& index : request.indexes) {
    if (index.projected) projected += index.projected->size();
  }
  return CheckProjected(projected);
}

}  // namespace

Failure InvalidParameters(const std::string& what) {
  return Invalid("One or more parameter values were invalid: " + what);
}

Failure StillInUse(TableStatus status, const std::string& table) {
  const char* const what = status == TableStatus::kCreating   ? "created"
                           : status == TableStatus::kDeleting ? "deleted"
                                                              : "updated";
  return Fail(FailureKind::kResourceInUse,
              std::string("Attempt to change a resource which is still in use: Table is being ") +
                  what + ": " + table);
}

Failure TooManyTags() {
  return Invalid("Number of Tags exceed the current limit for the provided ResourceArn");
}

Outcome<void> CheckThroughput(const Throughput& units) {
  constexpr std::int64_t kUnitsBound = 1'000'000'000'000;
  if (units.read > kUnitsBound) {
    return Invalid("Given value " + std::to_string(units.read) +
                   " for ReadCapacityUnits is out of bounds");
  }
  if (units.write > kUnitsBound) {
    return Invalid("Given value " + std::to_string(units.write) +
                   " for WriteCapacityUnits is out of bounds");
  }
  return {};
}

Outcome<void> CheckOnDemand(const UnitsRequest& limits, BillingMode billing,
                            const std::string& index) {
  for (const auto& [member, units] : MembersOf(limits)) {
    if (!units) continue;
    const std::string name(member);
    if (billing == BillingMode::kProvisioned) {
      return InvalidParameters(name + " for OnDemandThroughput" +
                               (index.empty() ? "" : " for index: " + index) +
                               " cannot be specified when table BillingMode is PROVISIONED.");
    }
    if (*units < 1) return OutsideOfRange(name, index);
  }
  return {};
}

Outcome<void> CheckOnDemandUpdate(const UnitsRequest& limits, BillingMode billing,
                                  const std::string& index) {
  for (const auto& [member, units] : MembersOf(limits)) {
    if (!units) continue;
    const std::string name(member);
    if (billing == BillingMode::kProvisioned) {
      return InvalidParameters(name + " for OnDemandThroughput" +
                               (index.empty() ? "" : " for index : " + index) +
                               " cannot be specified when the table BillingMode is PROVISIONED");
    }
    if (*units < 1 && *units != -1) return OutsideOfRange(name, index);
  }
  return {};
}

Outcome<void> CheckEncryption(const SseRequest& request) {
  if (!request.enabled && request.names_type) {
    return InvalidParameters("SSEType can not be specified if Enabled is false");
  }
  if (!request.enabled && !request.kms_key.empty()) {
    return InvalidParameters("KMSMasterKeyId can not be specified if Enabled is false");
  }
  if (request.is_aes) return InvalidParameters("SSEType AES256 is not supported");
  if (request.kms_key.empty() || request.names_type) return {};
  return InvalidParameters("SSEType KMS is required if KMSMasterKeyId is specified");
}

Outcome<void> CheckTableClass(const std::string& table_class) {
  if (table_class.empty() || table_class == "STANDARD" ||
      table_class == "STANDARD_INFREQUENT_ACCESS") {
    return {};
  }
  return Invalid(
      "Invalid table-class parameter provided. Please try again with a valid table-class value: "
      "[STANDARD, STANDARD_INFREQUENT_ACCESS].");
}

Outcome<void> CheckProjected(std::size_t count) {
  if (count <= kProjectedAttributesMax) return {};
  return InvalidParameters(
      "Number of projected attributes in all secondary indexes exceeds the per-table limit of "
      "100");
}

Outcome<void> CheckIndex(const TableRequest::Index& index,
                         const std::vector<KeyAttribute>& attributes,
                         const std::vector<KeyElement>& table_key) {
  KLESS_TRY_VOID(CheckDefined(index.key, attributes));
  if (index.kind == IndexKind::kLocal) {
    KLESS_TRY_VOID(CheckLocalKey(index, table_key));
  } else {
    KLESS_TRY_VOID(CheckGlobalKey(index.key));
  }
  if (!index.projection) return InvalidParameters("Unknown ProjectionType: null");
  if (index.projected && *index.projection != ProjectionType::kInclude) {
    return InvalidParameters(std::string("ProjectionType is ") +
                             ProjectionTypeName(*index.projection) +
                             ", but NonKeyAttributes is specified");
  }
  if (index.projected) {
    std::set<std::string> names;
    for (const std::string& name : *index.projected) {
      if (names.insert(name).second) continue;
      return InvalidParameters("Duplicate element in NonKeyAttributes: " + name);
    }
  }
  if (!index.projected && *index.projection == ProjectionType::kInclude) {
    return InvalidParameters("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
  }
  if (index.throughput) return CheckThroughput(*index.throughput);
  return {};
}

KeySchema KeysOf(const std::vector<KeyElement>& key, const std::vector<KeyAttribute>& attributes) {
  KeySchema schema;
  for (const KeyElement& element : key) {
    (element.is_partition ? schema.partition : schema.sort)
        .push_back(*FindAttribute(attributes, element.name));
  }
  return schema;
}

SecondaryIndex MakeIndex(const TableRequest::Index& index,
                         const std::vector<KeyAttribute>& attributes) {
  SecondaryIndex made;
  made.name = index.name;
  made.kind = index.kind;
  made.key = KeysOf(index.key, attributes);
  made.projection = *index.projection;
  made.projected = index.projected.value_or(std::vector<std::string>{});
  made.throughput = index.throughput.value_or(Throughput{});
  made.on_demand = {index.on_demand.read.value_or(-1), index.on_demand.write.value_or(-1)};
  return made;
}

std::size_t CountProjected(const std::vector<SecondaryIndex>& indexes) {
  std::size_t count = 0;
  for (const SecondaryIndex& index : indexes) count += index.projected.size();
  return count;
}

Outcome<void> CheckTable(const TableRequest& request) {
  KLESS_TRY_VOID(CheckBilling(request));
  KLESS_TRY_VOID(CheckKeysAndIndexes(request));
  return CheckOptions(request);
}

}  // namespace kless::dynamodb
