// Lists through the Kubernetes door: selectors, pages, versions.
#include "emulator/doors/kubernetes/read/list.h"

#include <nlohmann/json.hpp>

#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

class KubernetesListTest : public KubernetesDoorTest {
 protected:
  KubernetesListTest() : KubernetesDoorTest() {}
  explicit KubernetesListTest(KeyLayout layout) : KubernetesDoorTest(layout) {}
  static std::string Pods(const std::string& query) { return std::string(kPods) + "?" + query; }
  void CreatePods(std::initializer_list<const char*> names) {
    for (const char* name : names) Create(kPods, MakePod(name, name));
  }
  void Delete(const std::string& name) {
    EXPECT_EQ(Send("DELETE", std::string(kPods) + "/" + name).status, 200);
  }
};

TEST_F(KubernetesListTest, ListHoldsTheItemsInNameOrderWithTheVersionOfTheRead) {
  CreatePods({"b", "a"});
  const Reply reply = Get(kPods);
  EXPECT_EQ(reply.body()["kind"], "PodList");
  EXPECT_EQ(reply.body()["apiVersion"], "v1");
  EXPECT_EQ(reply.version(), std::to_string(store_->feed().Latest()));
  EXPECT_THAT(Names(kPods), ElementsAre("a", "b"));
  EXPECT_FALSE(reply.body()["items"][0].contains("kind"));
  EXPECT_FALSE(reply.body()["items"][0].contains("apiVersion"));
  EXPECT_FALSE(reply.body()["metadata"].contains("continue"));
  EXPECT_EQ(Get("/apis/batch/v1/namespaces/nowhere/jobs").body()["items"], json::array());
}

TEST_F(KubernetesListTest, CollectionOfAllNamespacesHoldsEach) {
  CreatePods({"a"});
  Create("/api/v1/namespaces/kube-system/pods", MakePod("z"));
  EXPECT_THAT(Names("/api/v1/pods"), ElementsAre("a", "z"));
  EXPECT_THAT(Names(kPods), ElementsAre("a"));
  EXPECT_THAT(Names("/api/v1/pods?fieldSelector=metadata.namespace%3Dkube-system"),
              ElementsAre("z"));
}

TEST_F(KubernetesListTest, LabelSelectorsSelect) {
  CreatePods({"a", "b", "c"});
  Create(kPods, MakePod("d"));
  EXPECT_THAT(Names(Pods("labelSelector=app%3Da")), ElementsAre("a"));
  EXPECT_THAT(Names(Pods("labelSelector=app%20in%20(a%2Cc)")), ElementsAre("a", "c"));
  EXPECT_THAT(Names(Pods("labelSelector=!app")), ElementsAre("d"));
  EXPECT_THAT(Names(Pods("labelSelector=app!%3Da")), ElementsAre("b", "c", "d"));
  EXPECT_EQ(Get(Pods("labelSelector=app%20in")).status, 400);
}

TEST_F(KubernetesListTest, FieldSelectorsSelect) {
  json bound = MakePod("b");
  bound["spec"]["nodeName"] = "n1";
  Create(kPods, MakePod("a"));
  Create(kPods, bound);
  Create(kPods, MakePod("ab"));
  EXPECT_THAT(Names(Pods("fieldSelector=metadata.name%3Da")), ElementsAre("a"));
  EXPECT_THAT(Names(Pods("fieldSelector=metadata.name!%3Da")), ElementsAre("ab", "b"));
  EXPECT_THAT(Names(Pods("fieldSelector=spec.nodeName%3Dn1,status.phase!%3DFailed")),
              ElementsAre("b"));
  EXPECT_THAT(Names(Pods("fieldSelector=status.phase%3DRunning")), IsEmpty());
  EXPECT_THAT(
      Names("/api/v1/namespaces?fieldSelector=metadata.name%3Ddefault,status.phase%3DActive"),
      ElementsAre("default"));
  EXPECT_EQ(Get(Pods("fieldSelector=metadata.name")).message(),
            "invalid selector: 'metadata.name'; can't understand 'metadata.name'");
  EXPECT_EQ(Get(std::string(kJobs) + "?fieldSelector=spec.x%3D1").message(),
            "field label \"spec.x\" not supported for Job");
  EXPECT_EQ(Get(Pods("fieldSelector=spec.x%3D1")).message(), "field label not supported: spec.x");
}

TEST_F(KubernetesListTest, EventsAreSelectedByWhatTheyConcern) {
  const auto event = [](const char* name, const char* about) {
    return json{{"metadata", {{"name", name}}},
                {"involvedObject", {{"kind", "Job"}, {"name", about}, {"namespace", "default"}}},
                {"reason", "R"},
                {"type", "Normal"}};
  };
  Create(kEvents, event("e1", "pi"));
  Create(kEvents, event("e2", "pa"));
  const Reply all = Get(kEvents);
  EXPECT_FALSE(all.body()["items"][0].contains("kind"));
  EXPECT_FALSE(all.body()["items"][0].contains("apiVersion"));
  EXPECT_EQ(all.body()["items"][0]["involvedObject"]["kind"], "Job");
  EXPECT_THAT(Names(std::string(kEvents) +
                    "?fieldSelector=involvedObject.kind%3DJob,involvedObject.name%3Dpi"),
              ElementsAre("e1"));
}

TEST_F(KubernetesListTest, PagesFollowEachOther) {
  CreatePods({"a", "b", "c", "d", "e"});
  Reply page = Get(Pods("limit=2"));
  const std::string version = page.version();
  EXPECT_EQ(page.body()["items"].size(), 2u);
  EXPECT_EQ(page.body()["metadata"]["remainingItemCount"], 3);
  page = Get(Pods("limit=2&continue=" + page.body()["metadata"]["continue"].get<std::string>()));
  EXPECT_EQ(page.body()["items"][0]["metadata"]["name"], "c");
  EXPECT_EQ(page.version(), version);
  EXPECT_EQ(page.body()["metadata"]["remainingItemCount"], 1);
  page = Get(Pods("limit=2&continue=" + page.body()["metadata"]["continue"].get<std::string>()));
  EXPECT_EQ(page.body()["items"].size(), 1u);
  EXPECT_FALSE(page.body()["metadata"].contains("continue"));
  EXPECT_FALSE(Get(Pods("limit=5")).body()["metadata"].contains("continue"));
}

TEST_F(KubernetesListTest, PagesShowTheStateOfTheFirstOne) {
  CreatePods({"b", "d", "f", "h"});
  const Reply first = Get(Pods("limit=1"));
  const std::string token = first.body()["metadata"]["continue"];
  Delete("d");
  CreatePods({"c", "e"});
  json f = Get(std::string(kPods) + "/f").body();
  f["metadata"]["labels"]["new"] = "label";
  EXPECT_EQ(Send("PUT", std::string(kPods) + "/f", f).status, 200);
  const Reply rest = Get(Pods("continue=" + token));
  ASSERT_EQ(rest.body()["items"].size(), 3u) << rest.response.body;
  EXPECT_EQ(rest.body()["items"][0]["metadata"]["name"], "d");
  EXPECT_EQ(rest.body()["items"][1]["metadata"]["name"], "f");
  EXPECT_FALSE(rest.body()["items"][1]["metadata"]["labels"].contains("new"));
  EXPECT_EQ(rest.body()["items"][2]["metadata"]["name"], "h");
  EXPECT_EQ(rest.version(), first.version());
}

TEST_F(KubernetesListTest, PagesOfASelectionHaveNoCount) {
  CreatePods({"a", "b", "c", "d"});
  const std::string selector = "labelSelector=app%20notin%20(a%2Cc)&limit=1";
  const Reply first = Get(Pods(selector));
  EXPECT_EQ(first.body()["items"][0]["metadata"]["name"], "b");
  EXPECT_FALSE(first.body()["metadata"].contains("remainingItemCount"));
  const Reply second =
      Get(Pods(selector + "&continue=" + first.body()["metadata"]["continue"].get<std::string>()));
  EXPECT_EQ(second.body()["items"][0]["metadata"]["name"], "d");
  EXPECT_FALSE(second.body()["metadata"].contains("continue"));
}

TEST_F(KubernetesListTest, TokenOfATrimmedStateIsExpiredAndOffersAnother) {
  CreatePods({"a", "b", "c"});
  const Reply first = Get(Pods("limit=1"));
  CreatePods({"d"});
  store_->EndTurn();
  store_->Trim(1000, store_->feed().Latest());
  store_->EndTurn();
  const Reply expired =
      Get(Pods("limit=1&continue=" + first.body()["metadata"]["continue"].get<std::string>()));
  EXPECT_EQ(expired.status, 410);
  EXPECT_EQ(expired.reason(), "Expired");
  EXPECT_TRUE(expired.message().starts_with("The provided continue parameter is too old"));
  const Reply rest =
      Get(Pods("continue=" + expired.body()["metadata"]["continue"].get<std::string>()));
  EXPECT_EQ(rest.status, 200);
  EXPECT_EQ(rest.body()["items"].size(), 3u);
  EXPECT_EQ(Get(Pods("continue=nonsense")).status, 400);
  EXPECT_EQ(Get(Pods("continue=%00")).status, 400);
}

TEST_F(KubernetesListTest, ExactVersionShowsTheStateThen) {
  CreatePods({"a"});
  const std::string version = Get(kPods).version();
  CreatePods({"b"});
  Delete("a");
  EXPECT_THAT(Names(Pods("resourceVersionMatch=Exact&resourceVersion=" + version)),
              ElementsAre("a"));
  EXPECT_THAT(Names(Pods("resourceVersionMatch=NotOlderThan&resourceVersion=" + version)),
              ElementsAre("b"));
  EXPECT_THAT(Names(Pods("resourceVersion=" + version)), ElementsAre("b"));
  EXPECT_THAT(Names(Pods("resourceVersion=0")), ElementsAre("b"));
  store_->Trim(1000, store_->feed().Latest());
  const Reply trimmed = Get(Pods("resourceVersionMatch=Exact&resourceVersion=" + version));
  EXPECT_EQ(trimmed.status, 410);
  EXPECT_EQ(trimmed.message(), "The resourceVersion for the provided list is too old.");
}

TEST_F(KubernetesListTest, VersionOfTheFutureIsWaitedForThreeSeconds) {
  const std::uint64_t latest = store_->feed().Latest();
  const Reply late = Get(Pods("resourceVersion=99999999"));
  EXPECT_EQ(event_loop_.Now(), TimePoint(3s));
  EXPECT_EQ(late.status, 504);
  EXPECT_EQ(late.body(),
            (json{{"kind", "Status"},
                  {"apiVersion", "v1"},
                  {"metadata", json::object()},
                  {"status", "Failure"},
                  {"message", "Timeout: Too large resource version: 99999999, current: " +
                                  std::to_string(latest)},
                  {"reason", "Timeout"},
                  {"details",
                   {{"causes", json::array({{{"reason", "ResourceVersionTooLarge"},
                                             {"message", "Too large resource version"}}})},
                    {"retryAfterSeconds", 1}}},
                  {"code", 504}}));
  EXPECT_EQ(Get(std::string(kPods) + "/a?resourceVersion=99999999").status, 504);

  event_loop_.CallAt(event_loop_.Now() + 1s, [this] {
    store_->resources().Put({"pod", "default/late"}, "{}", Condition::None()).value();
  });
  const TimePoint start = event_loop_.Now();
  EXPECT_THAT(Names(Pods("resourceVersion=" + std::to_string(latest + 1))), ElementsAre("late"));
  EXPECT_EQ(event_loop_.Now() - start, 1s);
}

TEST_F(KubernetesListTest, BadOptionsAreRefused) {
  EXPECT_EQ(Get(Pods("resourceVersion=x")).status, 400);
  EXPECT_EQ(Get(Pods("limit=x")).status, 400);
  EXPECT_EQ(Get(Pods("resourceVersionMatch=Exact")).message(),
            R"(ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: )"
            "resourceVersionMatch is forbidden unless resourceVersion is provided");
  EXPECT_EQ(Get(Pods("sendInitialEvents=true")).message(),
            R"(ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: )"
            "sendInitialEvents is forbidden for list");
  EXPECT_EQ(Get(Pods("resourceVersion=1&resourceVersionMatch=Newest")).status, 422);
}

TEST_F(KubernetesListTest, TokensSurviveTheirEncoding) {
  for (const char* name : {"a", "default/x?>~", "default/\xc3\xa9\xc3\xa9"}) {
    const ContinueToken token{42, name, false};
    const auto decoded = ContinueToken::Decode(token.Encode());
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->resource_version, 42u);
    EXPECT_EQ(decoded->after, name);
  }
}

class KubernetesNameFirstListTest : public KubernetesListTest {
 protected:
  KubernetesNameFirstListTest() : KubernetesListTest(KeyLayout::kNameType) {}
};

TEST_F(KubernetesNameFirstListTest, TheOtherKeyLayoutListsTheSame) {
  CreatePods({"b", "a", "c"});
  EXPECT_THAT(Names(Pods("fieldSelector=metadata.name%3Da")), ElementsAre("a"));
  const Reply first = Get(Pods("limit=2"));
  Delete("c");
  const Reply rest =
      Get(Pods("continue=" + first.body()["metadata"]["continue"].get<std::string>()));
  ASSERT_EQ(rest.body()["items"].size(), 1u);
  EXPECT_EQ(rest.body()["items"][0]["metadata"]["name"], "c");
}

}  // namespace
}  // namespace kless::doors
