// Mappings: the event source mappings that clients of Lambda create, on streams of DynamoDB tables.
//
// Each is an EventSourceMapping under its UUID.  Each change is one step and is saved in the turn's
// transaction; a mapping that is disabled keeps its position.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/loop/event_loop.h"
#include "emulator/base/random.h"
#include "emulator/dynamodb/service.h"
#include "emulator/lambda/failure.h"
#include "emulator/lambda/functions.h"
#include "emulator/sqs/queues.h"
#include "functions/pool/mapping/event_source_mapping.h"

namespace kless::lambda {

struct MappingDefinition {
  std::string uuid;
  std::string function;  // its name
  std::string function_arn;
  std::string stream_arn;
  std::string destination;           // ARN of a queue that gets what was given up; "": none
  std::vector<std::string> filters;  // patterns as the client gave them
  // Without name, function, table, filter and source.
  EventSourceMappingConfig config;
  std::int64_t modified_nanos = 0;
};

class Mappings {
 public:
  struct Context {
    EventLoop& event_loop;
    Store& store;
    FunctionPool& pool;
    Faults& faults;
    const LatencyProfile& profile;
    EventSourceMappings& mappings;  // of the whole world, by name
    dynamodb::Service& dynamodb;
    sqs::Queues& queues;
    const Functions& functions;
    RecordSourcePtr source;  // TableStreams
  };
  // All references must outlive it.
  Mappings(Context context, std::uint64_t seed, Telemetry* telemetry);

  // Makes the stored mappings, which the caller starts.  One whose stream is gone is logged and
  // stays in the store.
  void Load();

  // Sets uuid and date, and starts it.  Errors as aws.md g5 and g6 have them.
  Outcome<const MappingDefinition*> Create(MappingDefinition mapping);
  Outcome<const MappingDefinition*> Get(const std::string& uuid) const;
  std::vector<const MappingDefinition*> All() const;  // in order of UUID
  // Replaces a mapping by its changed copy, at the saved position.
  Outcome<const MappingDefinition*> Update(MappingDefinition changed);
  // Returns it as it was; batches in flight end.  By value: the UUID may be the mapping's own.
  Outcome<MappingDefinition> Delete(std::string uuid);
  // "Creating", "Enabled", "Disabling", "Disabled", "Updating", "Deleting"
  std::string StateOf(const MappingDefinition& mapping) const;
  // "No records processed", "OK", "PROBLEM: Function call failed"
  std::string LastResultOf(const MappingDefinition& mapping) const;

 private:
  Outcome<EventSourceMappingConfig> ConfigOf(const MappingDefinition& mapping);
  Outcome<void> Make(const MappingDefinition& mapping);
  Task<> Renew(std::string uuid);
  void Save(const MappingDefinition& mapping);

  const Context context_;
  const std::uint64_t seed_;
  Telemetry* const telemetry_;
  Random random_;
  std::map<std::string, MappingDefinition> mappings_;
  std::map<std::string, bool> renewing_;  // by UUID; true: a task waits for the old one to end
};

nlohmann::json MappingDefinitionToJson(const MappingDefinition& mapping);
MappingDefinition MappingDefinitionFromJson(const nlohmann::json& json);

}  // namespace kless::lambda
