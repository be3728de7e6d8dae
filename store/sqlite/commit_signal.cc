#include "store/sqlite/commit_signal.h"

#include <boost/system/system_error.hpp>

namespace kless {
namespace {
[[noreturn]] void ThrowCancelled() {
  throw boost::system::system_error(asio::error::operation_aborted);
}
}  // namespace

CommitSignal::CommitSignal(EventLoop& event_loop)
    : records_(std::make_unique<Event>(event_loop)),
      committed_(std::make_unique<Event>(event_loop)) {}

void CommitSignal::Notify(std::uint64_t latest) {
  ++commits_;
  const bool new_records = latest > latest_;
  latest_ = latest;
  if (new_records) records_->NotifyAll();
  committed_->NotifyAll();
}

void CommitSignal::Close() {
  closed_ = true;
  // Destructors of dropped coroutines may access this object: its members are empty before they
  // run.
  const std::unique_ptr<Event> records = std::move(records_);
  const std::unique_ptr<Event> committed = std::move(committed_);
}

Task<bool> CommitSignal::WaitBeyond(std::shared_ptr<CommitSignal> signal, std::uint64_t after,
                                    std::optional<TimePoint> deadline) {
  for (;;) {
    if (signal->closed_) ThrowCancelled();
    if (signal->latest_ > after) co_return true;
    const bool notified = co_await signal->records_->Wait(deadline);
    if (!notified) break;
  }
  co_return !signal->closed_ && signal->latest_ > after;
}

Task<> CommitSignal::WaitCommits(std::shared_ptr<CommitSignal> signal, std::uint64_t commits) {
  for (;;) {
    if (signal->closed_) ThrowCancelled();
    if (signal->commits_ >= commits) co_return;
    const bool notified = co_await signal->committed_->Wait();
    static_cast<void>(notified);  // Without a deadline the wait ends only by a notification.
  }
}

}  // namespace kless
