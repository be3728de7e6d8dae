#include "emulator/doors/admin/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <map>
#include <variant>

#include "emulator/base/clock.h"
#include "emulator/base/system/process_usage.h"
#include "emulator/doors/admin/answers.h"

namespace kless::doors {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

// A figure of a struct of numbers.  A name that ends in _total is a counter, a histogram is one by
// its type, and all others are gauges.
template <class Numbers>
struct Figure {
  const char* name;
  const char* help;
  std::variant<std::uint64_t Numbers::*, int Numbers::*, double Numbers::*, Duration Numbers::*,
               TimeHistogram Numbers::*>
      member;
  // Set where several members are one family: they differ in the value of this label.
  const char* label = nullptr;
  const char* label_value = nullptr;
};

double Number(std::uint64_t value) { return static_cast<double>(value); }
double Number(int value) { return value; }
double Number(double value) { return value; }
double Number(Duration value) { return static_cast<double>(value.count()) / kNanosPerSecond; }

// One scrape: families in the order in which they are first added.
class Scraped final : public prometheus::Collectable {
 public:
  template <class Numbers, std::size_t kCount>
  void Add(const Figure<Numbers> (&figures)[kCount], const Labels& labels, const Numbers& numbers) {
    for (const Figure<Numbers>& figure : figures) {
      Labels all = labels;
      if (figure.label != nullptr) all.push_back({figure.label, figure.label_value});
      std::visit([&](auto member) { Add(figure.name, figure.help, all, numbers.*member); },
                 figure.member);
    }
  }
  template <class Value>
  void Add(const std::string& name, const std::string& help, const Labels& labels, Value value) {
    prometheus::ClientMetric metric;
    metric.label = labels;
    if (name.ends_with("_total")) {
      metric.counter.value = Number(value);
      Family(name, help, prometheus::MetricType::Counter).metric.push_back(std::move(metric));
    } else {
      metric.gauge.value = Number(value);
      Family(name, help, prometheus::MetricType::Gauge).metric.push_back(std::move(metric));
    }
  }
  void Add(const std::string& name, const std::string& help, const Labels& labels,
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

constexpr Figure<StoreStats> kStoreFigures[] = {
    {"kless_store_writes_total", "Writes that made a change record", &StoreStats::writes},
    {"kless_store_reads_total", "Items read", &StoreStats::reads},
    {"kless_store_commits_total", "Commits, one for all writes of a loop turn",
     &StoreStats::commits},
    {"kless_store_no_op_writes_total", "Writes that left the item as it was",
     &StoreStats::no_op_writes},
    {"kless_store_failed_conditions_total", "Writes refused by their condition",
     &StoreStats::failed_conditions},
    {"kless_store_file_bytes", "Size of the data file and its write-ahead log",
     &StoreStats::file_bytes},
    {"kless_feed_latest_sequence", "Sequence number of the newest change record",
     &StoreStats::feed_latest},
    {"kless_feed_low_water_sequence", "Records up to here have been trimmed",
     &StoreStats::feed_low_water},
};

constexpr const char* kStarts = "kless_function_starts_total";
constexpr const char* kStartsHelp = "Invocations by how their environment was found";
constexpr const char* kEnvironments = "kless_function_environments";
constexpr const char* kEnvironmentsHelp = "Execution environments now";

constexpr Figure<FunctionStats> kFunctionFigures[] = {
    {"kless_function_invocations_total", "Invocations that ran", &FunctionStats::invocations},
    {kStarts, kStartsHelp, &FunctionStats::cold_starts, "start", "cold"},
    {kStarts, kStartsHelp, &FunctionStats::waited_starts, "start", "waited"},
    {kStarts, kStartsHelp, &FunctionStats::warm_starts, "start", "warm"},
    {"kless_function_throttles_total", "Invocations refused at a cap", &FunctionStats::throttles},
    {"kless_function_errors_total",
     "Invocations that failed: with an error, at the timeout, or by a crash",
     &FunctionStats::errors},
    {"kless_function_timeouts_total", "Invocations that ran out of time", &FunctionStats::timeouts},
    {"kless_function_crashes_total", "Environments lost while they ran", &FunctionStats::crashes},
    {"kless_function_duration_seconds", "Emulated time that invocations ran, without init",
     &FunctionStats::run},
    {"kless_function_init_seconds",
     "Emulated time that cold and waited invocations waited for an init", &FunctionStats::init},
    {"kless_function_queue_seconds", "Emulated time from the work being ready to its admission",
     &FunctionStats::queued},
    {kEnvironments, kEnvironmentsHelp, &FunctionStats::initializing, "state", "initializing"},
    {kEnvironments, kEnvironmentsHelp, &FunctionStats::busy, "state", "busy"},
    {kEnvironments, kEnvironmentsHelp, &FunctionStats::idle, "state", "idle"},
    {"kless_function_environments_started_total", "Environments ever started",
     &FunctionStats::environments_started},
    {"kless_function_async_queued_events", "Asynchronous events that wait",
     &FunctionStats::async_queued},
};

using MappingStatus = EventSourceMappingStatus;

constexpr Figure<MappingStatus> kMappingFigures[] = {
    {"kless_mapping_delivered_records_total", "Records a function has processed",
     &MappingStatus::delivered},
    {"kless_mapping_filtered_records_total", "Records the filter left out",
     &MappingStatus::filtered},
    {"kless_mapping_discarded_records_total", "Records given up", &MappingStatus::discarded},
    {"kless_mapping_batches_total", "Batches delivered", &MappingStatus::batches},
    {"kless_mapping_errors_total", "Batches a function failed on", &MappingStatus::errors},
    {"kless_mapping_throttles_total", "Batches refused at a cap", &MappingStatus::throttles},
    {"kless_mapping_in_flight_records", "Records in running invocations",
     &MappingStatus::in_flight},
    {"kless_mapping_position_sequence", "Lowest checkpoint of all shards",
     &MappingStatus::position},
    {"kless_mapping_iterator_age_seconds", "Age of the oldest undelivered record",
     &MappingStatus::iterator_age},
};

// The names are those of all Prometheus client libraries.
constexpr Figure<ProcessUsage> kProcessFigures[] = {
    {"process_cpu_seconds_total", "User and system CPU time in seconds",
     &ProcessUsage::cpu_seconds},
    {"process_resident_memory_bytes", "Resident memory", &ProcessUsage::resident_bytes},
    {"process_virtual_memory_bytes", "Virtual memory", &ProcessUsage::virtual_bytes},
    {"process_virtual_memory_max_bytes", "Most virtual memory that is allowed",
     &ProcessUsage::max_virtual_bytes},
    {"process_open_fds", "Open file descriptors", &ProcessUsage::open_files},
    {"process_max_fds", "Most file descriptors that may be open", &ProcessUsage::max_files},
    {"process_start_time_seconds", "Start of the process, in seconds since 1970",
     &ProcessUsage::start_unix_seconds},
};

void AddDynamoDb(Scraped& scraped, dynamodb::Service& service) {
  for (const dynamodb::TableState* const table : service.catalog().All()) {
    const dynamodb::CapacityStats& stats = service.capacity().StatsOf(*table);
    const dynamodb::Units units = stats.consumed.Total();
    const Labels labels = {{"table", table->name}};
    scraped.Add("kless_dynamodb_consumed_read_units_total",
                "Read units that requests of DynamoDB's API consumed, indexes included", labels,
                units.read);
    scraped.Add("kless_dynamodb_consumed_write_units_total", "The same of write units", labels,
                units.write);
    scraped.Add("kless_dynamodb_read_throttles_total", "Reads refused for want of capacity", labels,
                stats.read_throttles);
    scraped.Add("kless_dynamodb_write_throttles_total", "Writes refused for want of capacity",
                labels, stats.write_throttles);
  }
  scraped.Add("kless_dynamodb_expired_items_total", "Items deleted because their time had come", {},
              service.ttl().deletions());
}

void AddHttp(Scraped& scraped, const HttpMetrics& http) {
  std::map<std::pair<std::string, std::string>, int> watches;
  for (const HttpMetrics::Kind& kind : http.kinds()) {
    const Labels labels = {
        {"door", kind.labels.door}, {"verb", kind.labels.verb}, {"resource", kind.labels.resource}};
    for (const auto& [code, count] : kind.codes) {
      Labels with_code = labels;
      with_code.push_back({"code", std::to_string(code)});
      scraped.Add("kless_http_requests_total", "Requests that got a reply", with_code, count);
    }
    if (!kind.codes.empty()) {
      scraped.Add("kless_http_request_duration_seconds",
                  "Real time from a request to the end of its reply; of a watch, to its start",
                  labels, kind.took);
    }
    if (kind.labels.verb == "WATCH") {
      watches[{kind.labels.door, kind.labels.resource}] += kind.open_streams;
    }
  }
  for (const auto& [place, open] : watches) {
    scraped.Add("kless_http_open_watches", "Watches and followed feeds that are open now",
                {{"door", place.first}, {"resource", place.second}}, open);
  }
}

}  // namespace

std::string Metrics::Scrape() const {
  Scraped scraped;
  scraped.Add("kless_build_info", "Always 1; the labels say what was built",
              {{"version", KLESS_VERSION},
               {"compiler", "g++ " __VERSION__},
               {"schema_version", std::to_string(Store::kSchemaVersion)}},
              1);
  scraped.Add(kStoreFigures, {}, store_.Stats());
  for (const Table* table : store_.Tables()) {
    scraped.Add("kless_table_items", "Items in the table", {{"table", table->description().name}},
                table->CountItems());
  }
  if (dynamodb_ != nullptr) AddDynamoDb(scraped, *dynamodb_);
  scraped.Add("kless_account_concurrency_invocations", "Invocations that run now", {},
              pool_.concurrency());
  scraped.Add("kless_account_concurrency_limit_invocations", "Invocations that may run at once", {},
              pool_.account_concurrency());
  for (const std::string& name : pool_.Names()) {
    const auto stats = pool_.Stats(name);
    if (stats.has_value()) scraped.Add(kFunctionFigures, {{"function", name}}, stats.value());
  }
  for (const auto& [name, mapping] : mappings_) {
    scraped.Add(kMappingFigures, {{"mapping", name}}, mapping->Status());
  }
  scraped.Add("kless_failed_tasks_total", "Background tasks that ended with an exception", {},
              event_loop_.failed_tasks());
  scraped.Add("kless_emulated_time_seconds", "Emulated time since the start", {},
              event_loop_.Now().time_since_epoch());
  AddHttp(scraped, http_);
  scraped.Add(kProcessFigures, {}, ReadProcessUsage());
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
