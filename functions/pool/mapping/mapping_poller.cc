#include "functions/pool/mapping/mapping_poller.h"

#include <algorithm>
#include <limits>

#include "emulator/base/strings.h"
#include "emulator/base/system/log.h"

namespace kless {
namespace {

// The number of records read per step, so that a long backlog never fills a loop turn.
constexpr int kReadRecords = 512;
// The number of unread records to which a status applies the filter.
constexpr std::uint64_t kCountedRecords = 4096;

}  // namespace

MappingPoller::MappingPoller(EventLoop& event_loop, Store& store, FunctionPool& pool,
                             Faults& faults, const LatencyProfile& profile,
                             EventSourceMappingConfig config, const TableDescription& table,
                             std::uint64_t seed, Telemetry* telemetry)
    : event_loop_(event_loop),
      store_(store),
      pool_(pool),
      faults_(faults),
      profile_(profile),
      config_(std::move(config)),
      table_(table.id),
      telemetry_(telemetry),
      random_(seed, "event source mapping " + config_.name),
      shards_(static_cast<std::size_t>(table.shards)),
      writer_(pool.writers().NumberOf(config_.function)) {
  for (int index = 0; index < table.shards; ++index) {
    Shard& shard = shards_[static_cast<std::size_t>(index)];
    for (int lane = 0; lane < config_.parallelization_factor; ++lane) {
      shard.lanes.push_back(std::make_unique<MappingLane>(
          config_.batch_size, config_.maximum_batching_window, config_.tumbling_window));
      shard.lanes.back()->shard = index;
    }
  }
  status_.name = config_.name;
  status_.function = config_.function;
  status_.table = config_.table;
  saved_result_ = store.LoadValue(LastResultName(config_.name)).value_or("No records processed");
  status_.last_processing_result = saved_result_;
}

// The value is one number if all shards agree, else one per shard: "4711" or "4711,4700,...".
Result<void> MappingPoller::LoadPositions() {
  const auto saved = store_.LoadValue(CheckpointName(config_.name));
  if (!saved) {
    position_ = config_.starting_position == StartingPosition::kLatest
                    ? store_.feed().Latest()
                    : store_.feed().LowWaterMark();
    for (Shard& shard : shards_) shard.start = position_;
    Save();
    return {};
  }
  const auto parts = Split(*saved, ',');
  if (parts.size() != 1 && parts.size() != shards_.size()) {
    return MakeError(ErrorCode::kInternal, "the checkpoint of event source mapping '" +
                                               config_.name + "' is unreadable: " + *saved);
  }
  position_ = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t index = 0; index < shards_.size(); ++index) {
    const auto position = ParseUnsigned(parts.size() == 1 ? parts[0] : parts[index]);
    if (!position) {
      return MakeError(ErrorCode::kInternal, "the checkpoint of event source mapping '" +
                                                 config_.name + "' is unreadable: " + *saved);
    }
    shards_[index].start = std::min(*position, store_.feed().Latest());
    position_ = std::min(position_, shards_[index].start);
  }
  saved_ = *saved;
  return {};
}

void MappingPoller::Start() {
  if (started_ || !config_.enabled) return;
  started_ = true;
  Spawn(event_loop_, "event source mapping " + config_.name, Watch(shared_from_this()));
  if (config_.tumbling_window == Duration::zero()) return;
  for (Shard& shard : shards_) Consider(*shard.lanes.front());
}

void MappingPoller::Stop(StopReason reason) {
  if (closed_) return;
  stop_reason_ = reason;
  if (stopping_) return;
  stopping_ = true;
  Save();
}

void MappingPoller::Close() {
  Stop(stop_reason_);
  closed_ = true;
}

Task<> MappingPoller::Watch([[maybe_unused]] std::shared_ptr<MappingPoller> self) {
  for (;;) {
    if (!pump_scheduled_) Pump();
    const std::uint64_t seen = store_.feed().Latest();
    co_await store_.feed().WaitBeyond(seen, std::nullopt);
    if (halted()) co_return;
  }
}

// Performs one reading step.  The rest is left for the next step, which runs after everything that
// is ready now.
void MappingPoller::Pump() {
  if (halted()) return;
  bool more = false;
  if (behind_ > 0) {
    for (Shard& shard : shards_) {
      if (shard.behind && shard.full_lane->HasRoom()) more |= CatchUp(shard);
    }
  }
  if (behind_ < shards_.size()) more |= ReadOn();
  ScheduleSave();
  if (more) SchedulePump();
}

void MappingPoller::SchedulePump() {
  if (pump_scheduled_ || halted()) return;
  pump_scheduled_ = true;
  event_loop_.Post([self = shared_from_this()] {
    self->pump_scheduled_ = false;
    self->Pump();
  });
}

void MappingPoller::GoOnBehindGap(std::uint64_t* position) {
  const std::uint64_t low = store_.feed().LowWaterMark();
  ++status_.gaps;
  Log(LogLevel::kWarning, "mapping",
      "event source mapping '" + config_.name + "': records " + std::to_string(*position + 1) +
          " to " + std::to_string(low) + " were trimmed before it read them");
  *position = std::max(*position + 1, low);
}

// Reads for all shards that are not behind.  Returns true if there is more.
bool MappingPoller::ReadOn() {
  if (position_ >= store_.feed().Latest()) return false;
  const auto read = store_.feed().Read(position_, kReadRecords);
  if (read.has_error()) {
    GoOnBehindGap(&position_);
    return true;
  }
  for (const RecordPtr& record : read.value()) {
    if (record->table == table_) {
      Shard& shard = shards_[static_cast<std::size_t>(record->shard)];
      if (!shard.behind && !Accept(shard, record)) {
        shard.behind = true;
        shard.read = record->sequence - 1;
        // If every shard is behind, no shard would read the next record: stop here.
        if (++behind_ == shards_.size()) return false;
      }
    }
    position_ = record->sequence;
  }
  return position_ < store_.feed().Latest();
}

// Reads for one shard up to where the others are.  Returns true if there is more and room for it.
bool MappingPoller::CatchUp(Shard& shard) {
  if (shard.read < position_) {
    const auto read = store_.feed().Read(shard.read, kReadRecords);
    if (read.has_error()) {
      GoOnBehindGap(&shard.read);
      return true;
    }
    for (const RecordPtr& record : read.value()) {
      if (record->sequence > position_) break;
      if (record->table == table_ && &shards_[static_cast<std::size_t>(record->shard)] == &shard &&
          !Accept(shard, record)) {
        return false;
      }
      shard.read = record->sequence;
    }
    if (shard.read < position_) return true;
  }
  shard.behind = false;
  --behind_;
  return true;
}

bool MappingPoller::Concerns(const ChangeRecord& record) const {
  return record.table == table_ && (!config_.filter || config_.filter(record));
}

// Returns false, without accepting the record, if the lane is full.
bool MappingPoller::Accept(Shard& shard, const RecordPtr& record) {
  if (record->sequence <= shard.start) return true;
  if (!Concerns(*record)) {
    ++status_.filtered;
    return true;
  }
  std::size_t index = 0;
  if (shard.lanes.size() > 1) {
    const std::uint64_t hash = HashBytes(record->key.sort, HashBytes(record->key.partition));
    index = static_cast<std::size_t>(hash % shard.lanes.size());
  }
  MappingLane& lane = *shard.lanes[index];
  if (lane.Full()) {
    shard.full_lane = &lane;
    return false;
  }
  shard.position.Add(*record);
  if (pool_.writers().WriterOf(record->sequence) == writer_) ++status_.own_writes;
  const TimePoint visible_at = VisibleAt(shard, *record);
  if (telemetry_ != nullptr) telemetry_->OnVisible(*record, visible_at);
  lane.Add(record, visible_at);
  Consider(lane);
  return true;
}

// Emulates the poll of the shard: the first unseen record starts a poll that arrives after the
// sampled delay and brings all that was committed meanwhile.
TimePoint MappingPoller::VisibleAt(Shard& shard, const ChangeRecord& record) {
  const TimePoint now = event_loop_.Now();
  if (profile_.feed_delivery.IsZero()) return now;
  if (shard.poll_at <= now) {
    const Duration age(event_loop_.UnixNanos() - record.unix_nanos);
    shard.poll_at = std::max(now, now - age + profile_.feed_delivery.Sample(random_));
  }
  return shard.poll_at;
}

std::uint64_t MappingPoller::PositionOf(const Shard& shard) const {
  if (const auto oldest = shard.position.OldestSequence()) return *oldest - 1;
  return std::max(shard.start, shard.behind ? shard.read : position_);
}

// The checkpoint is saved once everything that is ready now has run, not with each batch.
void MappingPoller::ScheduleSave() {
  if (save_scheduled_) return;
  save_scheduled_ = true;
  event_loop_.Post([self = shared_from_this()] {
    self->save_scheduled_ = false;
    if (!self->closed_) self->Save();
  });
}

void MappingPoller::Save() {
  std::string text;
  bool same = true;
  for (const Shard& shard : shards_) {
    same = same && PositionOf(shard) == PositionOf(shards_.front());
    text += (text.empty() ? "" : ",") + std::to_string(PositionOf(shard));
  }
  if (same) text = std::to_string(PositionOf(shards_.front()));
  if (config_.tumbling_window > Duration::zero()) SaveWindows();
  if (status_.last_processing_result != saved_result_) {
    saved_result_ = status_.last_processing_result;
    store_.SaveValue(LastResultName(config_.name), saved_result_);
  }
  if (text == saved_) return;
  store_.SaveValue(CheckpointName(config_.name), text);
  saved_ = std::move(text);
}

// The age of the oldest unsettled record.  While reading is stopped, that may be one still in the
// feed.
Duration MappingPoller::IteratorAge() const {
  std::optional<std::int64_t> oldest;
  for (const Shard& shard : shards_) {
    const auto nanos = shard.position.OldestUnixNanos();
    if (nanos && (!oldest || *nanos < *oldest)) oldest = *nanos;
  }
  if (!oldest && position_ < store_.feed().Latest()) {
    const auto read =
        store_.feed().Read(std::max(position_, store_.feed().LowWaterMark()), kReadRecords);
    if (read.has_value()) {
      for (const RecordPtr& record : read.value()) {
        if (!Concerns(*record)) continue;
        oldest = record->unix_nanos;
        break;
      }
    }
  }
  return oldest ? Duration(event_loop_.UnixNanos() - *oldest) : Duration::zero();
}

// Reads the records that are still unread: few unless lanes are full; a limit keeps a status cheap.
std::uint64_t MappingPoller::Waiting() const {
  std::uint64_t waiting = 0, begin = position_;
  for (const Shard& shard : shards_) {
    waiting += shard.position.unsettled();
    if (shard.behind) begin = std::min(begin, shard.read);
  }
  const std::uint64_t latest = store_.feed().Latest();
  begin = std::min(latest, std::max(begin, store_.feed().LowWaterMark()));
  std::uint64_t counted = begin;
  while (counted < latest && counted - begin < kCountedRecords) {
    const auto read = store_.feed().Read(counted, kReadRecords);
    if (read.has_error() || read.value().empty()) break;
    for (const RecordPtr& record : read.value()) {
      counted = record->sequence;
      if (!Concerns(*record)) continue;
      const Shard& shard = shards_[static_cast<std::size_t>(record->shard)];
      const std::uint64_t taken = std::max(shard.start, shard.behind ? shard.read : position_);
      waiting += record->sequence > taken ? 1 : 0;
    }
  }
  return waiting + (latest - counted);
}

std::string MappingPoller::State() const {
  if (!config_.enabled) return "Disabled";
  if (!halted()) return started_ ? "Enabled" : "Creating";
  if (stop_reason_ == StopReason::kUpdate) return "Updating";
  if (stop_reason_ == StopReason::kDelete) return "Deleting";
  return running_ > 0 ? "Disabling" : "Disabled";
}

EventSourceMappingStatus MappingPoller::Status() const {
  EventSourceMappingStatus status = status_;
  status.state = State();
  status.latest = store_.feed().Latest();
  status.iterator_age = IteratorAge();
  status.waiting = Waiting();
  status.position = std::numeric_limits<std::uint64_t>::max();
  for (const Shard& shard : shards_) {
    status.shard_positions.push_back(PositionOf(shard));
    status.position = std::min(status.position, PositionOf(shard));
  }
  return status;
}

bool MappingPoller::Idle() const {
  if (running_ > 0 || redeliveries_ > 0) return false;
  if (!config_.enabled || halted()) return true;
  return behind_ == 0 && position_ >= store_.feed().Latest() &&
         std::all_of(shards_.begin(), shards_.end(),
                     [](const Shard& shard) { return shard.position.unsettled() == 0; });
}

}  // namespace kless
