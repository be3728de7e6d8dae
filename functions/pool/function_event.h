// FunctionEvent: the input of an invocation.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/item/item.h"

namespace kless {

// A record as one stream shows it.
struct StreamView {
  std::string arn;  // "": the record is in no stream
  // NEW_AND_OLD_IMAGES, NEW_IMAGE, OLD_IMAGE or KEYS_ONLY
  std::string type = "NEW_AND_OLD_IMAGES";
};

// How the records of a mapping look in its events.  Either function may be null: then it is the
// stream that every table of the store is taken to have (see stream_event.h).
struct RecordSource {
  std::function<StreamView(const ChangeRecord&)> view;
  std::function<std::string(const ChangeRecord&)> shard_id;
};
using RecordSourcePtr = std::shared_ptr<const RecordSource>;

// What an event says about its tumbling window.
struct EventWindow {
  std::int64_t start_nanos = 0;  // Unix time; records from start, below end
  std::int64_t end_nanos = 0;
  std::string state = "{}";  // JSON: what the previous invocation of the window returned
  std::string shard_id;
  std::string arn;  // of the stream
  bool is_final = false;
  bool terminated_early = false;
};

// A JSON text, or change records (from an event source mapping).
struct FunctionEvent {
  std::string payload;             // at most 6 MB
  std::string client_context;      // JSON, from the invoker; "": none
  std::vector<RecordPtr> records;  // oldest first unless a fault reordered them
  RecordSourcePtr source;          // of the records; null: the default of RecordSource
  // Null unless the mapping has tumbling windows; the final event of one has no records.
  std::shared_ptr<const EventWindow> window;
};

}  // namespace kless
