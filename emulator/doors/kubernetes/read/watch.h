// Watches of the Kubernetes door: the changes of a collection as a stream of events.
//
// Every watch reads the shared change feed at its own position, so that a record is fetched once
// for all of them; the text of an event is also made only once, as long as the watches keep pace
// with each other.  A record of another type costs two string comparisons.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "emulator/base/loop/task.h"
#include "emulator/doors/http/router.h"
#include "emulator/doors/kubernetes/discovery/custom_kinds.h"
#include "emulator/doors/kubernetes/read/list.h"
#include "emulator/doors/kubernetes/read/selection.h"
#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

enum class WatchEvent { kAdded, kModified, kDeleted };

// The lines of recent events, shared by the watches.
class WatchEventTexts {
 public:
  static constexpr std::size_t kMaxBytes = 4u << 20;
  // `{"type":"ADDED","object":{...}}` and a newline.  For a kDeleted event it is the old image with
  // the record's sequence number.
  const std::string& Line(const kubernetes::Kind& kind, const ChangeRecord& record,
                          const std::string& resource_name, WatchEvent event);

 private:
  std::map<std::pair<std::uint64_t, WatchEvent>, std::string> lines_;
  std::size_t bytes_ = 0;
};

class KubernetesWatches {
 public:
  KubernetesWatches(KubernetesContext& context, KubernetesReader& reader, CustomKinds& custom_kinds)
      : context_(context),
        reader_(reader),
        custom_kinds_(custom_kinds),
        resources_table_(context.resources().table().description().id) {}

  // Returns a stream that ends when timeoutSeconds of emulated time have passed (30 to 60 minutes
  // if not given), or when its custom kind has changed or is gone; or a refusal.
  Task<HttpResponse> Watch(ResourcePath path, HttpRequest request);

 private:
  // One watch.  Owned by its stream's coroutine.
  struct Watcher {
    explicit Watcher(const ResourcePath& path) : selection(path) {}
    Selection selection;
    std::uint64_t position = 0;  // every record up to it has been examined
    bool initial_state = false;  // starts with the current collection
    bool announce_end = false;   // announces the end of the initial state
    bool bookmarks = false;
    TimePoint deadline;
    // Objects shown in the initial state at a version after `position`.
    std::map<std::string, std::uint64_t> shown;
  };
  using WatcherPtr = std::shared_ptr<Watcher>;
  using Writer = std::shared_ptr<BodyWriter>;

  Refusal ParseWatchOptions(const HttpRequest& request, Watcher* watcher,
                            std::optional<std::uint64_t>* version);
  Task<> Stream(WatcherPtr watcher, Writer writer);
  // Returns false if the client has disconnected.
  Task<bool> SendInitialState(WatcherPtr watcher, Writer writer);
  // Returns the lines for the records after the position, and advances it; nullopt if the position
  // is trimmed.
  std::optional<std::string> NextLines(Watcher& watcher, bool* caught_up);
  void AppendEvent(Watcher& watcher, const ChangeRecord& record, std::string& out);

  KubernetesContext& context_;
  KubernetesReader& reader_;
  CustomKinds& custom_kinds_;
  const int resources_table_;
  WatchEventTexts texts_;
};

}  // namespace kless::doors
