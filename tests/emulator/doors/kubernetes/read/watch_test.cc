// Watches through the Kubernetes door, with exact emulated times.
#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

class KubernetesWatchTest : public KubernetesDoorTest {
 protected:
  KubernetesWatchTest() : KubernetesDoorTest() {}
  explicit KubernetesWatchTest(KeyLayout layout) : KubernetesDoorTest(layout) {}
  std::string Latest() const { return std::to_string(store_->feed().Latest()); }
  static std::string Pods(const std::string& query) {
    return std::string(kPods) + "?watch=true" + (query.empty() ? "" : "&") + query;
  }
  void Label(const std::string& name, const std::string& value) {
    const std::string path = std::string(kPods) + "/" + name;
    json pod = Get(path).body();
    pod["metadata"]["labels"] = {{"s", value}};
    EXPECT_EQ(Send("PUT", path, pod).status, 200);
  }
};

TEST_F(KubernetesWatchTest, WatchTellsWhatHappensBehindItsVersion) {
  Create(kPods, MakePod("before"));
  const auto watch = Watch(Pods("resourceVersion=" + Latest()));
  EXPECT_THAT(watch->events, IsEmpty());
  const json created = Create(kPods, MakePod("a"));
  Create(kJobs, MakeJob("foreign"));
  Create("/api/v1/namespaces/kube-system/pods", MakePod("foreign"));
  Label("a", "x");
  Send("DELETE", std::string(kPods) + "/a");
  Settle();
  EXPECT_THAT(watch->Summary(), ElementsAre("ADDED a", "MODIFIED a", "MODIFIED a", "DELETED a"));
  EXPECT_EQ(watch->Event(0)["object"], created);
  // The last state, with the version of the removal.
  EXPECT_EQ(watch->Event(3)["object"]["metadata"]["resourceVersion"], Latest());
  EXPECT_EQ(watch->Event(3)["object"]["metadata"]["labels"], (json{{"s", "x"}}));
}

TEST_F(KubernetesWatchTest, WatchFromAnEarlierVersionReplays) {
  const std::string version = Latest();
  Create(kPods, MakePod("a"));
  Create(kPods, MakePod("b"));
  EXPECT_THAT(Watch(Pods("resourceVersion=" + version))->Summary(),
              ElementsAre("ADDED a", "ADDED b"));
}

TEST_F(KubernetesWatchTest, WatchWithoutVersionBeginsWithWhatIsThere) {
  Create(kPods, MakePod("b"));
  Create(kPods, MakePod("a"));
  for (const char* query : {"", "resourceVersion=0", "resourceVersion="}) {
    const auto watch = Watch(Pods(query));
    EXPECT_THAT(watch->Summary(), ElementsAre("ADDED a", "ADDED b")) << query;
  }
}

TEST_F(KubernetesWatchTest, SelectorsTurnChangesIntoComingAndGoing) {
  const std::string version = Latest();
  const auto watch = Watch(Pods("labelSelector=s%3Dyes&resourceVersion=" + version));
  Create(kPods, MakePod("a"));
  Label("a", "yes");
  Label("a", "no");
  const std::string left = Latest();
  Label("a", "never");
  Label("a", "yes");
  Send("DELETE", std::string(kPods) + "/a");
  Settle();
  EXPECT_THAT(watch->Summary(),
              ElementsAre("ADDED a", "DELETED a", "ADDED a", "MODIFIED a", "DELETED a"));
  // The last matching state, with the version of the change after which it no longer matched.
  EXPECT_EQ(watch->Event(1)["object"]["metadata"]["labels"], (json{{"s", "yes"}}));
  EXPECT_EQ(watch->Event(1)["object"]["metadata"]["resourceVersion"], left);
}

TEST_F(KubernetesWatchTest, OneObjectIsWatchedByName) {
  const auto watch = Watch(Pods("fieldSelector=metadata.name%3Da&resourceVersion=" + Latest()));
  Create(kPods, MakePod("ab"));
  Create(kPods, MakePod("a"));
  Settle();
  EXPECT_THAT(watch->Summary(), ElementsAre("ADDED a"));
}

TEST_F(KubernetesWatchTest, CollectionOfAllNamespacesIsWatched) {
  const auto watch = Watch("/api/v1/pods?watch=1&resourceVersion=" + Latest());
  Create(kPods, MakePod("a"));
  Create("/api/v1/namespaces/kube-system/pods", MakePod("b"));
  Settle();
  EXPECT_THAT(watch->Summary(), ElementsAre("ADDED a", "ADDED b"));
}

TEST_F(KubernetesWatchTest, TimeoutEndsTheWatchInEmulatedTime) {
  const auto watch = Watch(Pods("timeoutSeconds=5&resourceVersion=" + Latest()));
  Advance(4999ms);
  EXPECT_FALSE(watch->ended);
  Advance(1ms);
  EXPECT_TRUE(watch->ended);
  EXPECT_THAT(watch->events, IsEmpty());
}

TEST_F(KubernetesWatchTest, WatchEndsAfterThirtyToSixtyMinutesByDefault) {
  const auto watch = Watch(Pods(""));
  Advance(1799s);
  EXPECT_FALSE(watch->ended);
  Advance(1801s);
  EXPECT_TRUE(watch->ended);
}

TEST_F(KubernetesWatchTest, BookmarksComeEachMinuteAndAtTheEnd) {
  const auto watch =
      Watch(Pods("allowWatchBookmarks=true&timeoutSeconds=90&resourceVersion=" + Latest()));
  Create(kJobs, MakeJob("foreign"));
  const std::string version = Latest();
  Advance(59s);
  EXPECT_THAT(watch->events, IsEmpty());
  Advance(1s);
  EXPECT_THAT(watch->Summary(), ElementsAre("BOOKMARK " + version));
  EXPECT_EQ(
      watch->Event(0)["object"],
      (json{{"kind", "Pod"}, {"apiVersion", "v1"}, {"metadata", {{"resourceVersion", version}}}}));
  Advance(30s);
  EXPECT_THAT(watch->Summary(), ElementsAre("BOOKMARK " + version, "BOOKMARK " + version));
  EXPECT_TRUE(watch->ended);
}

TEST_F(KubernetesWatchTest, InitialEventsEndWithABookmark) {
  Create(kPods, MakePod("a"));
  Create(kPods, MakePod("b"));
  const std::string options =
      "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  const auto watch = Watch(Pods(options));
  EXPECT_THAT(watch->Summary(), ElementsAre("ADDED a", "ADDED b", "BOOKMARK " + Latest()));
  EXPECT_EQ(watch->Event(2)["object"]["metadata"]["annotations"],
            (json{{"k8s.io/initial-events-end", "true"}}));
  EXPECT_THAT(Watch(Pods(options + "&fieldSelector=metadata.name%3Dnone"))->Summary(),
              ElementsAre("BOOKMARK " + Latest()));
  const auto without =
      Watch(Pods("sendInitialEvents=false&resourceVersionMatch=NotOlderThan&"
                 "resourceVersion=0&timeoutSeconds=1"));
  EXPECT_THAT(without->events, IsEmpty());
}

TEST_F(KubernetesWatchTest, OptionsThatContradictAreRefused) {
  EXPECT_EQ(Get(Pods("sendInitialEvents=true")).message(),
            R"(ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: )"
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  EXPECT_EQ(Get(Pods("resourceVersionMatch=NotOlderThan&resourceVersion=1")).message(),
            R"(ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: )"
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  EXPECT_EQ(Get(Pods("timeoutSeconds=x")).status, 400);
  EXPECT_EQ(Get(Pods("resourceVersion=-1")).status, 400);
  EXPECT_EQ(Get(Pods("labelSelector=a%20b")).status, 400);
}

TEST_F(KubernetesWatchTest, TrimmedVersionIsToldAsOneErrorEvent) {
  Create(kPods, MakePod("a"));
  store_->Trim(1000, store_->feed().Latest());
  store_->EndTurn();
  const auto watch = Watch(Pods("resourceVersion=1"));
  EXPECT_TRUE(watch->ended);
  ASSERT_THAT(watch->Summary(), ElementsAre("ERROR 410"));
  EXPECT_EQ(watch->Event(0)["object"],
            (json{{"kind", "Status"},
                  {"apiVersion", "v1"},
                  {"metadata", json::object()},
                  {"status", "Failure"},
                  {"message", "too old resource version: 1 (" + Latest() + ")"},
                  {"reason", "Expired"},
                  {"code", 410}}));
}

TEST_F(KubernetesWatchTest, VersionOfTheFutureTimesOut) {
  EXPECT_EQ(Get(Pods("resourceVersion=99999999")).status, 504);
  EXPECT_EQ(event_loop_.Now(), TimePoint(3s));
}

TEST_F(KubernetesWatchTest, ClientThatGoesEndsItsWatch) {
  const auto gone = Watch(Pods("resourceVersion=" + Latest()));
  gone->gone = true;
  Create(kPods, MakePod("a"));
  Settle();
  EXPECT_TRUE(gone->ended);
  const auto cancelled = Watch(Pods("resourceVersion=" + Latest()));
  cancelled->cancel.emit(asio::cancellation_type::terminal);
  Settle();
  EXPECT_TRUE(cancelled->ended);
  EXPECT_EQ(event_loop_.failed_tasks(), 0u);
}

TEST_F(KubernetesWatchTest, WatchesOfOneRecordShareItsText) {
  const auto first = Watch(Pods("resourceVersion=" + Latest()));
  const auto second = Watch("/api/v1/pods?watch=true&resourceVersion=" + Latest());
  for (int i = 0; i < 50; ++i) Create(kPods, MakePod("p" + std::to_string(i)));
  Settle();
  EXPECT_EQ(first->events, second->events);
  EXPECT_EQ(first->events.size(), 50u);
}

TEST_F(KubernetesWatchTest, LongReplaysComeInFewWrites) {
  const std::string version = Latest();
  for (int i = 0; i < 1000; ++i) {
    store_->resources()
        .Put({"pod", "default/p" + std::to_string(i)}, R"({"spec":{}})", Condition::None())
        .value();
  }
  store_->EndTurn();
  const auto watch = Watch(Pods("resourceVersion=" + version));
  EXPECT_EQ(watch->events.size(), 1000u);
  EXPECT_LE(watch->writes, 4);
  const auto initial = Watch(Pods(""));
  EXPECT_EQ(initial->events.size(), 1000u);
}

class KubernetesNameFirstWatchTest : public KubernetesWatchTest {
 protected:
  KubernetesNameFirstWatchTest() : KubernetesWatchTest(KeyLayout::kNameType) {}
};

TEST_F(KubernetesNameFirstWatchTest, TheOtherKeyLayoutIsWatchedTheSame) {
  Create(kPods, MakePod("a"));
  const auto watch = Watch(Pods(""));
  Create(kJobs, MakeJob("foreign"));
  Create(kPods, MakePod("b"));
  Settle();
  EXPECT_THAT(watch->Summary(), ElementsAre("ADDED a", "ADDED b"));
}

}  // namespace
}  // namespace kless::doors
