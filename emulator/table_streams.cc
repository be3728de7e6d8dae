#include "emulator/table_streams.h"

namespace kless {

RecordSourcePtr TableStreams(dynamodb::Service& service) {
  auto source = std::make_shared<RecordSource>();
  source->view = [&service](const ChangeRecord& record) {
    const auto stream = service.catalog().StreamOf(record.table, record.sequence);
    if (!stream) return StreamView{};
    return StreamView{stream->arn, dynamodb::ViewTypeName(stream->state.view)};
  };
  source->shard_id = [&service](const ChangeRecord& record) {
    const auto stream = service.catalog().StreamOf(record.table, record.sequence);
    return stream ? service.streams().ShardOf(*stream, record) : std::string();
  };
  return source;
}

}  // namespace kless
