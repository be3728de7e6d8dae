// GET feed: change records as lines of JSON, either existing ones or also new ones as they commit.
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/admin/answers.h"
#include "emulator/doors/admin/context.h"
#include "emulator/doors/admin/key_text.h"
#include "emulator/doors/admin/routes.h"
#include "store/item_json.h"

namespace kless::doors {
namespace {

using nlohmann::json;

constexpr int kBatch = 256;
constexpr std::size_t kChunkBytes = 256u << 10;
constexpr std::uint64_t kLimitDefault = 1000;

constexpr RouteField kFeedQuery[] = {
    {"after", "string", "a sequence number, or 'latest' (the oldest record that is kept)"},
    {"limit", "integer", "records, 1 to 1000000000 (1000; with follow: no limit)"},
    {"table", "string", "only records of this table"},
    {"follow", "boolean", "continues with records as they are committed"},
};

struct FeedQuery {
  std::uint64_t after = 0;
  std::uint64_t last = UINT64_MAX;   // stop after this record
  std::uint64_t limit = UINT64_MAX;  // number of lines
  std::optional<int> table;
};

json RecordKeyToJson(const TableDescription& table, const Key& key) {
  const auto typed = [](KeyType type, const std::string& bytes) -> json {
    return {{std::string(1, KeyTypeLetter(type)), KeyValueText(type, bytes)}};
  };
  json made = {{table.partition_key, typed(table.partition_type, key.partition)}};
  if (!table.sort_key.empty()) made[table.sort_key] = typed(table.sort_type, key.sort);
  return made;
}

// {"sequence","table","kind","key","time","shard","old_image","new_image"}; a missing image is
// null.
std::string RecordLine(Store& store, const ChangeRecord& record) {
  const TableDescription& table = store.FindTable(record.table)->description();
  const auto image = [&](const ItemPtr& item) {
    return item == nullptr ? json(nullptr) : ItemToJson(table, *item);
  };
  const json line = {{"sequence", record.sequence},
                     {"table", table.name},
                     {"kind", ChangeTypeName(record.type)},
                     {"key", RecordKeyToJson(table, record.key)},
                     {"time", FormatMicroTime(record.unix_nanos)},
                     {"shard", record.shard},
                     {"old_image", image(record.old_image)},
                     {"new_image", image(record.new_image)}};
  return DumpJson(line) + "\n";
}

Task<> StreamFeed(AdminContext& context, FeedQuery query, std::shared_ptr<BodyWriter> writer) {
  ChangeFeed& feed = context.store.feed();
  std::uint64_t after = query.after;
  std::uint64_t lines = 0;
  while (lines < query.limit && after < query.last) {
    const auto records = feed.Read(after, kBatch);
    if (records.has_error()) {  // trimmed while a slow client was reading
      const Error& error = records.error();
      std::string line = DumpJson(ErrorToJson(ErrorCodeName(error.code), error.message)) + "\n";
      co_await writer->Write(std::move(line));
      co_return;
    }
    if (records.value().empty()) {
      if (query.last != UINT64_MAX) co_return;
      co_await feed.WaitBeyond(after, std::nullopt);
      continue;
    }
    std::string chunk;
    for (const RecordPtr& record : records.value()) {
      if (record->sequence > query.last || lines == query.limit || chunk.size() > kChunkBytes)
        break;
      after = record->sequence;
      if (query.table && record->table != *query.table) continue;
      chunk += RecordLine(context.store, *record);
      ++lines;
    }
    if (chunk.empty()) {  // let others run while records of other tables are skipped
      if (records.value().front()->sequence > query.last) co_return;
      co_await asio::post(context.event_loop.executor(), asio::use_awaitable);
      continue;
    }
    const auto written = co_await writer->Write(std::move(chunk));
    if (written.has_error()) co_return;
  }
}

HttpResponse Feed(AdminContext& context, const HttpRequest& request) {
  Parameters parameters(request);
  ChangeFeed& feed = context.store.feed();
  FeedQuery query;
  const bool follow = parameters.Flag("follow");
  if (parameters.Text("after") == "latest") {
    query.after = feed.Latest();
  } else {
    query.after = parameters.Number("after", feed.LowWaterMark(), 0, UINT64_MAX);
  }
  query.limit =
      parameters.Number("limit", follow ? UINT64_MAX : kLimitDefault, 1, kRetentionCountMaximum);
  if (!follow) query.last = feed.Latest();
  if (parameters.problem()) return ErrorReply(*parameters.problem());
  if (const auto name = parameters.Text("table")) {
    const auto table = FindTable(context, *name);
    if (table.has_error()) return ErrorReply(table.error());
    query.table = table.value()->description().id;
  }
  if (query.after < feed.LowWaterMark()) {
    return ErrorReply(MakeError(
        ErrorCode::kGone,
        "records up to " + std::to_string(feed.LowWaterMark()) +
            " have been trimmed; read on from after=" + std::to_string(feed.LowWaterMark())));
  }
  HttpResponse response;
  response.content_type = "application/x-ndjson";
  response.stream = [&context, query](std::shared_ptr<BodyWriter> writer) {
    return StreamFeed(context, query, std::move(writer));
  };
  return response;
}

}  // namespace

void AddFeedRoutes(Router& router, AdminContext& context) {
  AddAdminRoute(
      router, "GET", "/kless/v1/feed",
      {"Change records of the tables, one JSON object a line", kFeedQuery},
      Immediate([&context](const HttpRequest& request) { return Feed(context, request); }));
}

}  // namespace kless::doors
