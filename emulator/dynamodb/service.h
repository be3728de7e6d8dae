// Service: DynamoDB and DynamoDB Streams over the store, without a protocol.
#pragma once

#include <cstdint>

#include "emulator/dynamodb/capacity.h"
#include "emulator/dynamodb/catalog.h"
#include "emulator/dynamodb/reader.h"
#include "emulator/dynamodb/service_options.h"
#include "emulator/dynamodb/streams.h"
#include "emulator/dynamodb/ttl.h"
#include "emulator/dynamodb/writer.h"

namespace kless::dynamodb {

class Service {
 public:
  // Call it as soon as the store is open: it registers the tables' indexes, without which the store
  // refuses to write to them.
  Service(EventLoop& event_loop, Store& store, const ServiceOptions& options, std::uint64_t seed)
      : event_loop_(event_loop),
        catalog_(event_loop, store, options.catalog, seed),
        capacity_(event_loop, options.throttling),
        reader_(catalog_, capacity_, options.index_lag, seed),
        writer_(catalog_, capacity_, options.transaction_time),
        streams_(catalog_),
        ttl_(event_loop, catalog_, writer_, options.ttl_delay) {
    catalog_.OnChange([this](int table_id) {
      if (catalog_.FindById(table_id) == nullptr) capacity_.Forget(table_id);
    });
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  EventLoop& event_loop() { return event_loop_; }
  Catalog& catalog() { return catalog_; }
  Capacity& capacity() { return capacity_; }
  Reader& reader() { return reader_; }
  Writer& writer() { return writer_; }
  Streams& streams() { return streams_; }
  TimeToLiveLoop& ttl() { return ttl_; }
  // Removes what is due: deleted tables, and streams whose records are all too old.
  void Clean() {
    catalog_.Clean();
    streams_.Clean();
  }
  // Whether the entries of every index are complete and no item has to be deleted now.
  bool Idle() const { return catalog_.Idle() && ttl_.Idle(); }

 private:
  EventLoop& event_loop_;
  Catalog catalog_;
  Capacity capacity_;
  Reader reader_;
  Writer writer_;
  Streams streams_;
  TimeToLiveLoop ttl_;
};

}  // namespace kless::dynamodb
