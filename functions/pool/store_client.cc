#include "functions/pool/store_client.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <limits>
#include <optional>

namespace kless {

namespace {
constexpr int kListPage = 1000;
}  // namespace

Result<std::vector<std::pair<ResourceId, ItemPtr>>> OwnedItems(const ResourceTable& resources,
                                                               const std::string& type,
                                                               const std::string& uid) {
  KLESS_TRY(const auto rows, resources.OwnedBy(type, uid, UINT64_MAX));
  std::vector<std::pair<ResourceId, ItemPtr>> found;
  for (const OwnedResource& row : rows) {
    Result<ItemPtr> item = resources.Get({type, row.name});
    if (item.has_value()) found.emplace_back(ResourceId{type, row.name}, std::move(item.value()));
  }
  return found;
}

StoreClient::StoreClient(EventLoop& event_loop, Store& store, const LatencyProfile& profile,
                         Faults& faults, std::string function, std::string environment,
                         double cpu_share, std::uint64_t seed, Telemetry* telemetry)
    : event_loop_(event_loop),
      store_(store),
      profile_(profile),
      faults_(faults),
      function_(std::move(function)),
      environment_(std::move(environment)),
      cpu_share_(cpu_share),
      // Each environment draws from a stream of its own, so that one environment more or less does
      // not change what the calls of the others cost.
      random_(seed, "store client of " + environment_),
      telemetry_(telemetry) {}

void StoreClient::SetWriterLog(WriterLog& log) {
  writers_ = &log;
  writer_ = log.NumberOf(function_);
}

void StoreClient::BeginInvocation(std::string work) {
  // `first_` is left alone: an environment opens its connection at its first call ever, and not
  // having to do so again is part of what a warm start saves.
  work_ = std::move(work);
  store_time_ = Duration::zero();
  calls_ = 0;
  BeginReconcile();
}

void StoreClient::BeginReconcile() {
  reconcile_began_at_ = event_loop_.Now();
  spent_ = WorkTime{};
}

Duration StoreClient::CpuTime(Duration full_vcpu) const {
  return Duration(static_cast<Duration::rep>(static_cast<double>(full_vcpu.count()) / cpu_share_));
}

Error StoreClient::Gone() const {
  return MakeError(ErrorCode::kCancelled, "environment " + environment_ + " is gone");
}

// A call without cost yields, too.  Otherwise a handler of a thousand calls would run as one
// handler of the loop, and the commit that all replies wait for could not happen meanwhile.
Task<> StoreClient::Pass(Duration cost) {
  if (cost > Duration::zero()) {
    co_await event_loop_.SleepFor(cost);
  } else {
    co_await asio::post(event_loop_.executor(), asio::use_awaitable);
  }
}

Task<Result<void>> StoreClient::Begin(Access access) {
  if (revoked_) co_return Gone();
  ++calls_;
  const TimePoint started = event_loop_.Now();
  const Distribution& server = access == Access::kRead ? profile_.store_read : profile_.store_write;
  const Duration network = server.Sample(random_);
  const Duration cpu = CpuTime(profile_.store_request_cpu.Sample(random_));
  Duration first{};
  if (first_) first = CpuTime(profile_.first_request_cpu.Sample(random_));
  first_ = false;
  // The whole cost precedes the effect, so that what a call does or returns is the state at its
  // end, with everything that others wrote while it was under way.
  co_await Pass(network + cpu + first);
  spent_.store += network;
  spent_.compute += cpu;
  spent_.first_request += first;

  if (faults_.any() && access == Access::kWrite && !revoked_) {
    // A stall lies between the decision and the effect, where another environment may overtake this
    // one: the case that intents, fences and claims have to withstand.
    const auto stall = faults_.Fires(FaultKind::kStall, function_);
    if (stall) co_await event_loop_.SleepFor(*stall);
  }
  store_time_ += event_loop_.Now() - started;
  // The environment may have been given up during the wait.  Checking here, with no wait between
  // the check and the effect, is what keeps a late handler from writing.
  if (revoked_) co_return Gone();
  if (!faults_.any()) co_return Result<void>();
  if (access == Access::kWrite && faults_.Fires(FaultKind::kCrash, function_)) {
    crashed_ = revoked_ = true;
    co_return Gone();
  }
  if (faults_.Fires(FaultKind::kStoreError, function_)) {
    co_return MakeError(ErrorCode::kUnavailable, "the store failed this call (injected fault)");
  }
  co_return Result<void>();
}

bool StoreClient::Loses(const ResourceId& id) {
  return faults_.any() && id.type == "pod" && faults_.Fires(FaultKind::kLoseWrite, function_);
}

void StoreClient::Observe(const ResourceId& id, const WriteResult& written) {
  if (writers_ != nullptr && written.changed) {
    writers_->Note(written.version, written.version, writer_);
  }
  if (telemetry_ == nullptr) return;
  WriteTrace trace;
  trace.work = work_;
  trace.id = id;
  // A write that changed nothing made no record, so no record may be traced back to it.
  trace.sequence = written.changed ? written.version : 0;
  trace.created = written.inserted;
  trace.at = event_loop_.Now();
  trace.reconcile_began_at = reconcile_began_at_;
  trace.spent = spent_;
  telemetry_->OnWrite(trace);
}

void StoreClient::CountCall(Access access, std::size_t items) {
  if (telemetry_ != nullptr) telemetry_->OnStoreCall(access == Access::kWrite, items);
}

Result<void> StoreClient::EndWrite() {
  // The effect stays and the result is lost, so the caller cannot know whether it wrote.  A retry
  // has to cope with both.
  if (faults_.any() && faults_.Fires(FaultKind::kCrashAfter, function_)) {
    crashed_ = revoked_ = true;
    return Gone();
  }
  return {};
}

Task<Result<ItemPtr>> StoreClient::Get(ResourceId id) {
  KLESS_CO_TRY_VOID(co_await Begin(Access::kRead));
  CountCall(Access::kRead, 1);
  co_return store_.resources().Get(id);
}

Task<Result<WriteResult>> StoreClient::Put(ResourceId id, std::string document,
                                           Condition condition) {
  KLESS_CO_TRY_VOID(co_await Begin(Access::kWrite));
  CountCall(Access::kWrite, 1);
  // From here to the end nothing waits: the write, its report and the faults that follow it are one
  // step, in which no other environment runs.
  if (Loses(id)) co_return Lost();
  auto written = store_.resources().Put(id, std::move(document), condition);
  if (written.has_value()) Observe(id, written.value());
  KLESS_CO_TRY_VOID(EndWrite());
  co_return written;
}

Task<Result<WriteResult>> StoreClient::Remove(ResourceId id, Condition condition) {
  KLESS_CO_TRY_VOID(co_await Begin(Access::kWrite));
  CountCall(Access::kWrite, 1);
  if (Loses(id)) co_return Lost();
  auto written = store_.resources().Remove(id, condition);
  if (written.has_value()) Observe(id, written.value());
  KLESS_CO_TRY_VOID(EndWrite());
  co_return written;
}

Task<Result<std::vector<WriteResult>>> StoreClient::Transact(std::vector<Action> actions) {
  KLESS_CO_TRY_VOID(co_await Begin(Access::kWrite));
  CountCall(Access::kWrite, actions.size());
  ResourceTable& resources = store_.resources();
  std::vector<TransactItem> items;
  items.reserve(actions.size());
  // A lost write leaves the transaction but keeps its place among the results, which the caller
  // reads by the index of its action.  A check writes nothing, so it cannot be lost.
  std::vector<std::size_t> places;  // of the items in `actions`
  for (std::size_t i = 0; i < actions.size(); ++i) {
    Action& action = actions[i];
    if (action.kind != TransactItem::Kind::kCheck && Loses(action.id)) continue;
    places.push_back(i);
    TransactItem item;
    item.kind = action.kind;
    item.table = &resources.table();
    item.item.key = resources.KeyOf(action.id);
    item.condition = action.condition;
    item.item.document = std::move(action.document);
    item.keep_attributes = true;
    items.push_back(std::move(item));
  }
  std::vector<WriteResult> results(actions.size(), Lost());
  // A refusal is kept for later, because an environment can also crash after a transaction that was
  // refused; the fault counts its opportunities alike in both cases.
  std::optional<Error> refused;
  if (!items.empty()) {
    const auto written = store_.Transact(std::move(items));
    if (written.has_error()) refused = written.error();
    for (std::size_t i = 0; i < places.size() && !refused; ++i) {
      const WriteResult& one = results[places[i]] = written.value()[i];
      const Action& action = actions[places[i]];
      if (action.kind != TransactItem::Kind::kCheck) Observe(action.id, one);
    }
  }
  KLESS_CO_TRY_VOID(EndWrite());
  if (refused) co_return *refused;
  co_return results;
}

Task<Result<std::vector<OwnedResource>>> StoreClient::OwnedBy(std::string type,
                                                              std::string owner_uid,
                                                              std::uint64_t* as_of) {
  KLESS_CO_TRY_VOID(co_await Begin(Access::kRead));
  // The lag counts back from the end of the call, when the query reads the index, and not from the
  // moment at which the handler asked.
  const Duration lag = profile_.index_lag.Sample(random_);
  std::uint64_t position = std::numeric_limits<std::uint64_t>::max();
  if (lag > Duration::zero()) {
    position = store_.feed().PositionAt(event_loop_.UnixNanos() - lag.count());
  }
  if (as_of != nullptr) *as_of = position;
  auto rows = store_.resources().OwnedBy(type, owner_uid, position);
  // A query that finds nothing is a request, too, and counts as one item.
  CountCall(Access::kRead, rows.has_value() ? std::max<std::size_t>(rows.value().size(), 1) : 1);
  co_return rows;
}

Task<Result<std::vector<std::pair<ResourceId, ItemPtr>>>> StoreClient::List(std::string type,
                                                                            std::string prefix) {
  std::vector<std::pair<ResourceId, ItemPtr>> found;
  std::string after;
  // Each page is a call with its own cost and its own moment.  An object that is written between
  // two pages may be missing from the result, as in a query of the real store.
  for (;;) {
    KLESS_CO_TRY_VOID(co_await Begin(Access::kRead));
    KLESS_CO_TRY(auto page, store_.resources().List(type, prefix, after, kListPage));
    CountCall(Access::kRead, std::max<std::size_t>(page.items.size(), 1));
    for (ItemPtr& item : page.items) {
      ResourceId id = store_.resources().IdOf(item->key);
      after = id.name;
      found.emplace_back(std::move(id), std::move(item));
    }
    if (!page.more || page.items.empty()) co_return found;
  }
}

Task<Result<std::vector<std::pair<ResourceId, ItemPtr>>>> StoreClient::Owned(std::string type,
                                                                             std::string uid) {
  KLESS_CO_TRY_VOID(co_await Begin(Access::kRead));
  auto found = OwnedItems(store_.resources(), type, uid);
  CountCall(Access::kRead, found.has_value() ? std::max<std::size_t>(found.value().size(), 1) : 1);
  co_return found;
}

Task<Result<std::vector<ResourceId>>> StoreClient::DependentsOf(std::string uid) {
  KLESS_CO_TRY_VOID(co_await Begin(Access::kRead));
  auto ids = store_.resources().DependentsOf(uid);
  CountCall(Access::kRead, ids.has_value() ? std::max<std::size_t>(ids.value().size(), 1) : 1);
  co_return ids;
}

Task<Result<std::vector<std::string>>> StoreClient::PodsOn(std::string node) {
  KLESS_CO_TRY_VOID(co_await Begin(Access::kRead));
  auto names = store_.resources().OnNode("pod", node);
  CountCall(Access::kRead, names.has_value() ? std::max<std::size_t>(names.value().size(), 1) : 1);
  co_return names;
}

Task<Result<std::vector<RecordPtr>>> StoreClient::ReadFeed(std::uint64_t after, int limit) {
  KLESS_CO_TRY_VOID(co_await Begin(Access::kRead));
  // The feed has committed records only: a function learns no more from it than a reader outside
  // the process would.
  auto records = store_.feed().Read(after, limit);
  CountCall(Access::kRead, 1);
  co_return records;
}

Task<Result<std::uint64_t>> StoreClient::FeedPosition() {
  KLESS_CO_TRY_VOID(co_await Begin(Access::kRead));
  CountCall(Access::kRead, 1);
  co_return store_.feed().Latest();
}

Task<Result<void>> StoreClient::Compute(Duration full_vcpu) {
  if (revoked_) co_return Gone();
  // Nothing interrupts a handler that computes.  If its environment is given up meanwhile, it
  // learns so after the time has passed.
  const Duration cpu = CpuTime(full_vcpu);
  co_await Pass(cpu);
  spent_.compute += cpu;
  if (revoked_) co_return Gone();
  co_return Result<void>();
}

}  // namespace kless
