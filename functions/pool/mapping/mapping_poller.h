// MappingPoller: the working part of an event source mapping.
//
// One loop reads the feed for all shards; the position, the lanes and the emulated poll are kept
// per shard.  A shard with a full lane falls behind: the loop skips its records, and the shard
// reads them by itself once the lane has drained, so that a blocked shard does not hold up the
// others.  Each coroutine keeps the poller alive through its parameter `self`; after Close() it
// ends at its next step and touches nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "emulator/base/seldom.h"
#include "functions/pool/mapping/batch_delivery.h"
#include "functions/pool/mapping/event_source_mapping.h"
#include "functions/pool/mapping/mapping_lane.h"
#include "functions/pool/mapping/mapping_position.h"

namespace kless {

class MappingPoller : public std::enable_shared_from_this<MappingPoller> {
 public:
  // All references must stay valid until Close().
  MappingPoller(EventLoop& event_loop, Store& store, FunctionPool& pool, Faults& faults,
                const LatencyProfile& profile, EventSourceMappingConfig config,
                const TableDescription& table, std::uint64_t seed, Telemetry* telemetry);

  // Reads the positions from the saved checkpoint, or uses the starting position and saves it.
  // kInternal: the checkpoint is unreadable.
  Result<void> LoadPositions();
  // Continues the saved tumbling windows, if the mapping still has such windows.  kInternal as
  // above.
  Result<void> LoadWindows();
  void Start();
  void Stop(StopReason reason);
  void Close();
  const EventSourceMappingConfig& config() const { return config_; }
  EventSourceMappingStatus Status() const;
  bool Idle() const;

 private:
  struct Shard {
    std::uint64_t start = 0;  // records up to here were settled before the process started
    std::uint64_t read = 0;   // while behind: how far it has read
    bool behind = false;
    MappingLane* full_lane = nullptr;  // while behind: the lane that it waits for
    TimePoint poll_at{};               // the emulated poll that brings the newest records
    ShardPosition position;
    std::vector<std::unique_ptr<MappingLane>> lanes;
  };

  // Reading (mapping_poller.cc).
  Task<> Watch(std::shared_ptr<MappingPoller> self);
  void Pump();
  void SchedulePump();
  bool ReadOn();
  bool CatchUp(Shard& shard);
  bool Accept(Shard& shard, const RecordPtr& record);
  void GoOnBehindGap(std::uint64_t* position);
  bool Concerns(const ChangeRecord& record) const;
  TimePoint VisibleAt(Shard& shard, const ChangeRecord& record);
  std::uint64_t PositionOf(const Shard& shard) const;
  void ScheduleSave();
  void Save();
  Duration IteratorAge() const;
  std::uint64_t Waiting() const;
  std::string State() const;

  // Tumbling windows (mapping_poller_windows.cc).
  void OpenWindow(MappingLane& lane);
  void SetOpenUntil(MappingLane& lane);
  void CloseWindow(MappingLane& lane);
  // Whether the end of the open window has been tried for as long as its records may be.
  bool EndIsTooOld(const MappingLane& lane) const;
  // Keeps the state of a response; returns the problem if it has none.
  std::string TakeState(MappingLane& lane, const InvokeResult& result,
                        const BatchDelivery& delivery);
  void SaveWindows();

  // Delivery (mapping_poller_delivery.cc).
  void Consider(MappingLane& lane);
  Task<> RunLane(std::shared_ptr<MappingPoller> self, MappingLane* lane);
  Task<> Deliver(MappingLane* lane, std::vector<RecordPtr> batch);
  Task<> DeliverAgain(std::shared_ptr<MappingPoller> self,
                      std::shared_ptr<const FunctionEvent> event, Duration delay);
  std::shared_ptr<const FunctionEvent> MakeEvent(const std::vector<RecordPtr>& records,
                                                 const MappingLane& lane);
  BatchDelivery::Step Judge(const InvokeResult& result, BatchDelivery& delivery, MappingLane& lane);
  // `last`: the invocation before; null: there was none.
  void Settle(Shard& shard, const BatchDelivery::Step& step, const InvokeResult* last);
  void GiveUp(const BatchDelivery::Step& step, const InvokeResult* last);
  void WarnOfDiscarded(const BatchDelivery::Step& step);
  bool Fires(FaultKind kind, Duration* delay);
  bool halted() const { return closed_ || stopping_; }

  EventLoop& event_loop_;
  Store& store_;
  FunctionPool& pool_;
  Faults& faults_;
  const LatencyProfile& profile_;
  const EventSourceMappingConfig config_;
  const int table_;
  Telemetry* const telemetry_;
  Random random_;
  std::vector<Shard> shards_;
  std::uint64_t position_ = 0;  // all shards that are not behind have read up to here
  std::size_t behind_ = 0;      // number of shards that are behind
  std::string saved_;           // the checkpoint as last saved
  std::string saved_windows_;   // the open windows as last saved
  std::string saved_result_;    // the last result as last saved
  const int writer_;            // the function as a writer
  StopReason stop_reason_ = StopReason::kDisable;
  bool started_ = false;
  bool stopping_ = false;
  bool closed_ = false;
  bool pump_scheduled_ = false;
  bool save_scheduled_ = false;
  Seldom discard_warnings_;
  std::uint64_t redeliveries_ = 0;  // of the duplicate fault, in flight
  std::uint64_t running_ = 0;       // invocations in flight
  EventSourceMappingStatus status_;
};

}  // namespace kless
