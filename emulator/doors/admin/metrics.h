// Metrics: GET /metrics in Prometheus' text format.  Nothing is counted twice: each scrape reads
// the numbers that store, pool, mappings and the HTTP server's monitor already have.
#pragma once

#include "emulator/base/loop/event_loop.h"
#include "emulator/doors/http/metrics.h"
#include "emulator/doors/http/router.h"
#include "emulator/dynamodb/service.h"
#include "functions/pool/mapping/event_source_mapping.h"
#include "functions/pool/pool.h"
#include "store/store.h"

namespace kless::doors {

class Metrics {
 public:
  // All references must outlive the metrics.
  Metrics(const EventLoop& event_loop, Store& store, const FunctionPool& pool,
          const EventSourceMappings& mappings)
      : event_loop_(event_loop), store_(store), pool_(pool), mappings_(mappings) {}
  void SetDynamoDb(dynamodb::Service* service) { dynamodb_ = service; }
  void Register(Router& router);
  // For HttpServerOptions::monitor; a world without a server does not have these metrics.
  HttpMetrics& http() { return http_; }

  // Returns the text of one scrape.
  std::string Scrape() const;

 private:
  const EventLoop& event_loop_;
  Store& store_;
  const FunctionPool& pool_;
  const EventSourceMappings& mappings_;
  dynamodb::Service* dynamodb_ = nullptr;
  HttpMetrics http_;
};

}  // namespace kless::doors
