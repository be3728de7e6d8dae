#include "emulator/dynamodb/table_rules.h"

#include <algorithm>
#include <set>
#include <string>

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
    return Invalid("Invalid KeySchema: All HASH key elements must precede all RANGE key elements");
  }
  if (partition > kPartAttributesMax) {
    return Invalid("Invalid KeySchema: The number of HASH key elements exceeds the limit of 4");
  }
  if (sort > kPartAttributesMax) {
    return Invalid("Invalid KeySchema: The number of RANGE key elements exceeds the limit of 4");
  }
  if (same) {
    return Invalid("Invalid KeySchema: Some elements in the KeySchema have the same name");
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
      return InvalidParameters("Duplicate AttributeName in AttributeDefinitions: " +
                               attribute.name);
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
      KLESS_TRY_VOID(CheckIndexBilling(index, request.billing.value_or(BillingMode::kProvisioned)));
    }
    if (!names->insert(index.name).second) {
      return InvalidParameters("Duplicate index name: " + index.name);
    }
  }
  if (local && count > kLocalIndexesMax) {
    return InvalidParameters("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
  }
  return local ? Outcome<void>() : CheckGlobalIndexes(count);
}

}  // namespace

Failure InvalidParameters(const std::string& what) {
  return Invalid("One or more parameter values were invalid: " + what);
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

Outcome<void> CheckNoThroughput(const std::string& index, BillingMode billing) {
  if (billing == BillingMode::kProvisioned) return {};
  return InvalidParameters("ProvisionedThroughput should not be specified for index: " + index +
                           " when BillingMode is PAY_PER_REQUEST");
}

Outcome<void> CheckIndexBilling(const TableRequest::Index& index, BillingMode billing) {
  if (index.throughput) return CheckNoThroughput(index.name, billing);
  if (billing == BillingMode::kPayPerRequest) return {};
  return InvalidParameters("ProvisionedThroughput must be specified for index: " + index.name);
}

Outcome<void> CheckEncryption(const SseRequest& request) {
  if (request.kms_key.empty() || request.names_type) return {};
  return InvalidParameters("SSEType KMS is required if KMSMasterKeyId is specified");
}

Outcome<void> CheckView(bool enabled, const std::optional<ViewType>& view) {
  if (enabled && !view) {
    return InvalidParameters("StreamViewType is required when StreamEnabled is true");
  }
  if (!enabled && view) {
    return InvalidParameters("StreamViewType is not allowed when StreamEnabled is false");
  }
  return {};
}

Outcome<void> CheckGlobalIndexes(std::size_t count) {
  if (count <= kGlobalIndexesMax) return {};
  return InvalidParameters("GlobalSecondaryIndex count exceeds the per-table limit of 20");
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
      return InvalidParameters("Duplicate value found in NonKeyAttributes of index " + index.name +
                               ": " + name);
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
  made.on_demand = index.on_demand;
  return made;
}

std::size_t CountProjected(const std::vector<SecondaryIndex>& indexes) {
  std::size_t count = 0;
  for (const SecondaryIndex& index : indexes) count += index.projected.size();
  return count;
}

Outcome<void> CheckTable(const TableRequest& request) {
  KLESS_TRY_VOID(CheckBilling(request));
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

}  // namespace kless::dynamodb
