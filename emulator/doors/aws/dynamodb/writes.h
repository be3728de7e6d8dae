// What all writes of items share: PutItem, UpdateItem, DeleteItem, batches, transactions and
// PartiQL make WriteRequests here.
#pragma once

#include <optional>
#include <string>

#include "emulator/doors/aws/dynamodb/context.h"
#include "emulator/doors/aws/dynamodb/expressions.h"
#include "emulator/dynamodb/model/value.h"

namespace kless::doors::aws {

// Reads the member `name`, an item or a key.
AwsResult<AttributeMap> ReadAttributes(const Input& input, std::string_view name,
                                       ErrorTexts texts = ErrorTexts::kOlder);
// Whether an item that is put has at most 400 KB.
AwsResult<void> CheckItemSize(const AttributeMap& item);

// A write that evaluates the condition and applies the update of `expressions`, which must outlive
// it, as must `context`.  `key` is the primary key of kUpdate, kDelete and kCheck.
dynamodb::WriteRequest MakeWrite(DynamoDbContext& context, dynamodb::WriteRequest::Kind kind,
                                 const dynamodb::TableState& table, Item item,
                                 const Expressions& expressions);
// The update of an item.  `current` may be null.
dynamodb::Outcome<std::shared_ptr<Item>> Updated(const UpdateExpression& update,
                                                 const dynamodb::TableState& table, const Key& key,
                                                 const ItemPtr& current, PaddedParser& parser);

}  // namespace kless::doors::aws
