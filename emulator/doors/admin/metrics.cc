#include "emulator/doors/admin/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <map>

#include "emulator/base/system/process_usage.h"
#include "emulator/doors/admin/answers.h"

namespace kless::doors {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

// One scrape: families in the order in which they are first added.
class Scraped final : public prometheus::Collectable {
 public:
  void Counter(const std::string& name, const std::string& help, const Labels& labels,
               double value) {
    prometheus::ClientMetric metric;
    metric.label = labels;
    metric.counter.value = value;
    Family(name, help, prometheus::MetricType::Counter).metric.push_back(std::move(metric));
  }
  void Gauge(const std::string& name, const std::string& help, const Labels& labels, double value) {
    prometheus::ClientMetric metric;
    metric.label = labels;
    metric.gauge.value = value;
    Family(name, help, prometheus::MetricType::Gauge).metric.push_back(std::move(metric));
  }
  void Histogram(const std::string& name, const std::string& help, const Labels& labels,
                 const TimeHistogram& times) {
    prometheus::ClientMetric metric;
    metric.label = labels;
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < times.counts().size(); ++i) {
      so_far += times.counts()[i];
      const bool last = i == times.bounds().size();
      metric.histogram.bucket.push_back(
          {so_far, last ? std::numeric_limits<double>::infinity() : times.bounds()[i]});
    }
    metric.histogram.sample_count = so_far;
    metric.histogram.sample_sum = times.seconds();
    Family(name, help, prometheus::MetricType::Histogram).metric.push_back(std::move(metric));
  }
  std::vector<prometheus::MetricFamily> Collect() const override { return families_; }

 private:
  prometheus::MetricFamily& Family(const std::string& name, const std::string& help,
                                   prometheus::MetricType type) {
    for (prometheus::MetricFamily& family : families_) {
      if (family.name == name) return family;
    }
    families_.push_back({name, help, type, {}});
    return families_.back();
  }

  std::vector<prometheus::MetricFamily> families_;
};

double Number(std::uint64_t value) { return static_cast<double>(value); }

void AddStore(Scraped& scraped, Store& store) {
  const StoreStats stats = store.Stats();
  scraped.Counter("kless_store_writes_total", "Writes that made a change record", {},
                  Number(stats.writes));
  scraped.Counter("kless_store_reads_total", "Items read", {}, Number(stats.reads));
  scraped.Counter("kless_store_commits_total", "Commits, one for all writes of a loop turn", {},
                  Number(stats.commits));
  scraped.Counter("kless_store_no_op_writes_total", "Writes that left the item as it was", {},
                  Number(stats.no_op_writes));
  scraped.Counter("kless_store_failed_conditions_total", "Writes refused by their condition", {},
                  Number(stats.failed_conditions));
  scraped.Gauge("kless_store_file_bytes", "Size of the data file and its write-ahead log", {},
                Number(stats.file_bytes));
  scraped.Gauge("kless_feed_latest_sequence", "Sequence number of the newest change record", {},
                Number(stats.feed_latest));
  scraped.Gauge("kless_feed_low_water_sequence", "Records up to here have been trimmed", {},
                Number(stats.feed_low_water));
  for (const Table* table : store.Tables()) {
    scraped.Gauge("kless_table_items", "Items in the table", {{"table", table->description().name}},
                  Number(table->CountItems()));
  }
}

void AddFunction(Scraped& scraped, const std::string& name, const FunctionStats& stats) {
  const Labels function = {{"function", name}};
  const auto with = [&](const char* label, const char* value) {
    Labels labels = function;
    labels.push_back({label, value});
    return labels;
  };
  scraped.Counter("kless_function_invocations_total", "Invocations that ran", function,
                  Number(stats.invocations));
  const char* const starts = "kless_function_starts_total";
  const char* const starts_help = "Invocations by how their environment was found";
  scraped.Counter(starts, starts_help, with("start", "cold"), Number(stats.cold_starts));
  scraped.Counter(starts, starts_help, with("start", "waited"), Number(stats.waited_starts));
  scraped.Counter(starts, starts_help, with("start", "warm"), Number(stats.warm_starts));
  scraped.Counter("kless_function_throttles_total", "Invocations refused at a cap", function,
                  Number(stats.throttles));
  scraped.Counter("kless_function_errors_total",
                  "Invocations that failed: with an error, at the timeout, or by a crash", function,
                  Number(stats.errors));
  scraped.Counter("kless_function_timeouts_total", "Invocations that ran out of time", function,
                  Number(stats.timeouts));
  scraped.Counter("kless_function_crashes_total", "Environments lost while they ran", function,
                  Number(stats.crashes));
  scraped.Histogram("kless_function_duration_seconds",
                    "Emulated time that invocations ran, without init", function, stats.run);
  scraped.Histogram("kless_function_init_seconds",
                    "Emulated time that cold and waited invocations waited for an init", function,
                    stats.init);
  scraped.Histogram("kless_function_queue_seconds",
                    "Emulated time from the work being ready to its admission", function,
                    stats.queued);
  const char* const environments = "kless_function_environments";
  const char* const environments_help = "Execution environments now";
  scraped.Gauge(environments, environments_help, with("state", "initializing"), stats.initializing);
  scraped.Gauge(environments, environments_help, with("state", "busy"), stats.busy);
  scraped.Gauge(environments, environments_help, with("state", "idle"), stats.idle);
  scraped.Counter("kless_function_environments_started_total", "Environments ever started",
                  function, Number(stats.environments_started));
  scraped.Gauge("kless_function_async_queued_events", "Asynchronous events that wait", function,
                Number(stats.async_queued));
}

void AddMapping(Scraped& scraped, const std::string& name, const EventSourceMappingStatus& status) {
  const Labels mapping = {{"mapping", name}};
  scraped.Counter("kless_mapping_delivered_records_total", "Records a function has processed",
                  mapping, Number(status.delivered));
  scraped.Counter("kless_mapping_filtered_records_total", "Records the filter left out", mapping,
                  Number(status.filtered));
  scraped.Counter("kless_mapping_discarded_records_total", "Records given up", mapping,
                  Number(status.discarded));
  scraped.Counter("kless_mapping_batches_total", "Batches delivered", mapping,
                  Number(status.batches));
  scraped.Counter("kless_mapping_errors_total", "Batches a function failed on", mapping,
                  Number(status.errors));
  scraped.Counter("kless_mapping_throttles_total", "Batches refused at a cap", mapping,
                  Number(status.throttles));
  scraped.Gauge("kless_mapping_in_flight_records", "Records in running invocations", mapping,
                Number(status.in_flight));
  scraped.Gauge("kless_mapping_position_sequence", "Lowest checkpoint of all shards", mapping,
                Number(status.position));
  scraped.Gauge("kless_mapping_iterator_age_seconds", "Age of the oldest undelivered record",
                mapping, static_cast<double>(status.iterator_age.count()) / 1e9);
}

void AddHttp(Scraped& scraped, const HttpMetrics& http) {
  std::map<std::pair<std::string, std::string>, int> watches;
  for (const HttpMetrics::Kind& kind : http.kinds()) {
    const Labels labels = {
        {"door", kind.labels.door}, {"verb", kind.labels.verb}, {"resource", kind.labels.resource}};
    for (const auto& [code, count] : kind.codes) {
      Labels with_code = labels;
      with_code.push_back({"code", std::to_string(code)});
      scraped.Counter("kless_http_requests_total", "Requests that got a reply", with_code,
                      Number(count));
    }
    if (!kind.codes.empty()) {
      scraped.Histogram(
          "kless_http_request_duration_seconds",
          "Real time from a request to the end of its reply; of a watch, to its start", labels,
          kind.took);
    }
    if (kind.labels.verb == "WATCH") {
      watches[{kind.labels.door, kind.labels.resource}] += kind.open_streams;
    }
  }
  for (const auto& [place, open] : watches) {
    scraped.Gauge("kless_http_open_watches", "Watches and followed feeds that are open now",
                  {{"door", place.first}, {"resource", place.second}}, open);
  }
}

// The names are those of all Prometheus client libraries.
void AddProcess(Scraped& scraped) {
  const ProcessUsage usage = ReadProcessUsage();
  scraped.Counter("process_cpu_seconds_total", "User and system CPU time in seconds", {},
                  usage.cpu_seconds);
  scraped.Gauge("process_resident_memory_bytes", "Resident memory", {},
                Number(usage.resident_bytes));
  scraped.Gauge("process_virtual_memory_bytes", "Virtual memory", {}, Number(usage.virtual_bytes));
  scraped.Gauge("process_virtual_memory_max_bytes", "Most virtual memory that is allowed", {},
                Number(usage.max_virtual_bytes));
  scraped.Gauge("process_open_fds", "Open file descriptors", {}, Number(usage.open_files));
  scraped.Gauge("process_max_fds", "Most file descriptors that may be open", {},
                Number(usage.max_files));
  scraped.Gauge("process_start_time_seconds", "Start of the process, in seconds since 1970", {},
                usage.start_unix_seconds);
}

}  // namespace

std::string Metrics::Scrape() const {
  Scraped scraped;
  scraped.Gauge("kless_build_info", "Always 1; the labels say what was built",
                {{"version", KLESS_VERSION},
                 {"compiler", "g++ " __VERSION__},
                 {"schema_version", std::to_string(Store::kSchemaVersion)}},
                1);
  AddStore(scraped, store_);
  scraped.Gauge("kless_account_concurrency_invocations", "Invocations that run now", {},
                pool_.concurrency());
  scraped.Gauge("kless_account_concurrency_limit_invocations", "Invocations that may run at once",
                {}, pool_.account_concurrency());
  for (const std::string& name : pool_.Names()) {
    const auto stats = pool_.Stats(name);
    if (stats.has_value()) AddFunction(scraped, name, stats.value());
  }
  for (const auto& [name, mapping] : mappings_) AddMapping(scraped, name, mapping->Status());
  scraped.Counter("kless_failed_tasks_total", "Background tasks that ended with an exception", {},
                  Number(event_loop_.failed_tasks()));
  scraped.Gauge("kless_emulated_time_seconds", "Emulated time since the start", {},
                static_cast<double>(event_loop_.Now().time_since_epoch().count()) / 1e9);
  AddHttp(scraped, http_);
  AddProcess(scraped);
  return prometheus::TextSerializer().Serialize(scraped.Collect());
}

void Metrics::Register(Router& router) {
  router.Add("GET", "/metrics", Immediate([this](const HttpRequest&) {
               HttpResponse response;
               response.content_type = "text/plain; version=0.0.4; charset=utf-8";
               response.body = Scrape();
               return response;
             }),
             {"Every metric in Prometheus' text form"});
}

}  // namespace kless::doors
