// DynamoDbWorld: the door's DynamoDB over a store in memory, in virtual time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "emulator/doors/aws/door.h"
#include "emulator/doors/aws/dynamodb/context.h"
#include "emulator/dynamodb/service.h"
#include "store/store.h"
#include "tests/emulator/doors/aws/aws_client.h"

namespace kless::doors {

class DynamoDbWorld : public AwsClient {
 protected:
  explicit DynamoDbWorld(const dynamodb::ServiceOptions& options = {});
  ~DynamoDbWorld() override;

  // A table with the partition key "p" (S), and a sort key "c" (of the type "S" or "N") unless that
  // is "".
  void MakeTable(const std::string& name, const std::string& sort_type = "");
  // Adds an index to the next table that is made: its key is "g" (S), its sort key "c" if `local`.
  void AddIndex(const std::string& name, bool local, dynamodb::ProjectionType projection);

  // The reply to a request that succeeds.
  json Ok(const std::string& operation, const std::string& body);
  // "ValidationException: ..." of one that fails; "" if it succeeds.
  std::string ErrorOf(const std::string& operation, const std::string& body);
  void Put(const std::string& table, const std::string& item);
  // null: there is no such item.
  json Item(const std::string& table, const std::string& key);
  // The number of records in the feed.
  std::uint64_t CountRecords();

  std::unique_ptr<Store> store_;
  std::unique_ptr<dynamodb::Service> service_;
  std::unique_ptr<aws::DynamoDbContext> dynamodb_context_;
  AwsDoor door_{{}, 7};

 private:
  std::vector<dynamodb::TableRequest::Index> indexes_;
};

}  // namespace kless::doors
