// Requests that are cut short or changed at random, with every verb and form of body: each has a
// proper reply, and the table never holds half an object.
//
// KLESS_SEED selects another sequence; KLESS_MUTATIONS sets the number of requests (10000).
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "emulator/base/random.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/kinds/registry.h"
#include "tests/emulator/doors/kubernetes/fixture.h"

namespace kless::doors {
namespace {

using nlohmann::json;

struct Sample {
  std::string method;
  std::string target;
  std::string content_type;
  std::string body;
};

const char* const kCrdText = R"({"apiVersion":"apiextensions.k8s.io/v1",
"kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},"spec":{
"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},
"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},"scale":{
"specReplicasPath":".spec.n","statusReplicasPath":".status.n"}},"schema":{"openAPIV3Schema":{
"type":"object","properties":{"spec":{"type":"object","properties":{"n":{"type":"integer",
"minimum":0,"default":1},"s":{"type":"string","pattern":"^a+$"}}},"status":{"type":"object",
"properties":{"n":{"type":"integer"}}}}}},"additionalPrinterColumns":[{"name":"N",
"type":"integer","jsonPath":".spec.n"}]}]}})";

// Length-delimited field of a protobuf message.
std::string Field(int number, const std::string& bytes) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(bytes.size()) +
         bytes;
}

std::string NamespaceInProtobuf() {
  return std::string("k8s\0", 4) + Field(1, Field(1, "v1") + Field(2, "Namespace")) +
         Field(2, Field(1, Field(1, "team")));
}

std::vector<Sample> Samples() {
  const std::string json_type = "application/json";
  const std::string job = std::string(kJobs) + "/pi";
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  const std::string web = "/apis/apps/v1/namespaces/default/deployments/web";
  const std::string widgets = "/apis/example.com/v1/namespaces/default/widgets";
  const std::string deployment =
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{
"replicas":2,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
"spec":{"containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80}]}]}}}})";
  return {
      {"POST", kJobs, json_type, DumpJson(MakeJob("pi"))},
      {"POST", kPods, json_type, DumpJson(MakePod("p", "x"))},
      {"POST", "/apis/apps/v1/namespaces/default/deployments", json_type, deployment},
      {"POST", maps, "application/yaml",
       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  a: \"1\"\n  b: |\n    x\n"},
      {"POST", "/api/v1/namespaces", "application/vnd.kubernetes.protobuf", NamespaceInProtobuf()},
      {"POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json_type, kCrdText},
      {"POST", widgets + "?fieldValidation=Strict", json_type,
       R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"n":2,
"s":"aa"}})"},
      {"PUT", maps + "/m", json_type,
       R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"2"}})"},
      {"PUT", web + "/scale", json_type,
       R"({"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web",
"namespace":"default"},"spec":{"replicas":3}})"},
      {"PATCH", widgets + "/w/status", "application/merge-patch+json", R"({"status":{"n":1}})"},
      {"PATCH", job, "application/merge-patch+json", R"({"metadata":{"labels":{"l":"v"}}})"},
      {"PATCH", job + "/status", "application/strategic-merge-patch+json",
       R"({"status":{"conditions":[{"type":"X","status":"True"}]}})"},
      {"PATCH", web, "application/strategic-merge-patch+json",
       R"({"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"c"}],
"containers":[{"name":"c","image":"i:2"}]}}}})"},
      {"PATCH", web, "application/json-patch+json",
       R"([{"op":"test","path":"/spec/replicas","value":3},{"op":"replace","path":"/spec/replicas",
"value":1},{"op":"add","path":"/metadata/annotations","value":{"k":"v"}},
{"op":"copy","from":"/metadata/annotations/k","path":"/metadata/annotations/l"}])"},
      {"PATCH", maps + "/m?fieldManager=test&force=true", "application/apply-patch+yaml",
       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  c: \"3\"\n"},
      {"PATCH", widgets + "/w?fieldManager=test&force=true", "application/apply-patch+yaml",
       R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},
"spec":{"s":"aaa"}})"},
      {"PATCH", widgets + "/w/scale", "application/merge-patch+json", R"({"spec":{"replicas":5}})"},
      {"POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", json_type,
       R"({"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}})"},
      {"POST", std::string(kPods) + "/p/binding", json_type,
       R"({"metadata":{"name":"p"},"target":{"kind":"Node","name":"n1"}})"},
      {"GET",
       std::string(kPods) + "?labelSelector=app%3Dx&fieldSelector=status.phase%3DPending"
                            "&limit=1",
       "", ""},
      {"POST", std::string(kPods) + "/p/eviction", json_type,
       R"({"metadata":{"name":"p"},"deleteOptions":{"gracePeriodSeconds":0}})"},
      {"DELETE", job, json_type,
       R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background",
"gracePeriodSeconds":0,"preconditions":{"resourceVersion":"0"}})"},
      {"DELETE", maps + "?labelSelector=x%3Dy", json_type, R"({"propagationPolicy":"Orphan"})"},
  };
}

class KubernetesMutationTest : public KubernetesDoorTest {
 protected:
  HttpRequest RequestOf(const Sample& sample) {
    HttpRequest request;
    request.method = sample.method;
    if (ParseTarget(sample.target, &request).has_error()) request.path.clear();
    if (!sample.content_type.empty()) request.headers["content-type"] = sample.content_type;
    request.body = sample.body;
    return request;
  }

  // What is wrong with the reply, or "".
  std::string Problem(const Reply& reply) {
    if (reply.response.stream) return "";
    // For an unknown path the API server replies in plain text.
    if (reply.status == 404 && reply.response.body == "404 page not found\n") return "";
    const json body = reply.body();
    if (reply.status < 400) return body.is_object() ? "" : "a reply that is not an object";
    if (!body.is_object()) return "a failure that is not an object";
    if (body.value("kind", "") != "Status" || body.value("code", 0) != reply.status) {
      return "a failure that is not a Status";
    }
    const std::string message = body.value("message", "");
    if (message.empty()) return "a Status without a message";
    if (reply.status < 500 || reply.status == 501) return "";
    // The API server's own 500s.
    for (const char* sentence :
         {"unknown patch type: ", "map: ", "target.", "resourceVersion should",
          "failed to create typed patch object", "failed to create manager"}) {
      if (message.starts_with(sentence)) return "";
    }
    return "a fault of the daemon";
  }

  bool SendAndCheck(const Sample& sample) {
    HttpRequest request = RequestOf(sample);
    if (request.path.empty()) return true;
    const Reply reply = Send(std::move(request));
    const std::string problem = Problem(reply);
    EXPECT_EQ(problem, "") << sample.method << ' ' << sample.target << '\n'
                           << sample.body << '\n'
                           << reply.status << ' ' << reply.response.body;
    return problem.empty();
  }

  // Checks that every item is an object under its own name, and that every kind can be listed.
  void CheckTable() {
    store_->EndTurn();
    const Table& table = *store_->FindTable("resources");
    std::optional<Key> after;
    for (;;) {
      const auto page = table.Scan(after, 1000);
      ASSERT_FALSE(page.has_error());
      for (const ItemPtr& item : page->items) {
        const ResourceId id = store_->resources().IdOf(item->key);
        const auto object = ParseJson(item->document);
        ASSERT_TRUE(object.has_value() && object->is_object()) << id.type << ' ' << id.name;
        const json metadata = object->value("metadata", json::object());
        const std::string space = metadata.value("namespace", "");
        const std::string name = metadata.value("name", "");
        EXPECT_EQ(space.empty() ? name : space + "/" + name, id.name) << id.type;
        EXPECT_FALSE(metadata.value("uid", "").empty()) << id.type << ' ' << id.name;
      }
      if (!page->more) break;
      after = page->items.back()->key;
    }
    for (const kubernetes::Kind& kind : kubernetes::Kinds()) {
      const std::string root = kind.group.empty() ? "/api/" : "/apis/" + kind.group + "/";
      EXPECT_EQ(Get(root + kind.version + "/" + kind.plural).status, 200) << kind.kind;
    }
    EXPECT_EQ(event_loop_.failed_tasks(), 0u);
  }

  // Recreates the objects that the samples refer to.
  void Restore() {
    Send("POST", "/api/v1/nodes", json{{"metadata", {{"name", "n1"}}}});
    for (const Sample& sample : Samples()) {
      if (sample.method == "POST") Send(RequestOf(sample));
      Settle();  // A definition is served now.
    }
  }
};

TEST_F(KubernetesMutationTest, TheSamplesThemselvesAreTaken) {
  Send("POST", "/api/v1/nodes", json{{"metadata", {{"name", "n1"}}}});
  for (const Sample& sample : Samples()) {
    const Reply reply = Send(RequestOf(sample));
    // because of its precondition
    const bool conflict = sample.method == "DELETE" && reply.status == 409;
    EXPECT_TRUE(reply.status < 300 || conflict)
        << sample.method << ' ' << sample.target << reply.response.body;
    Settle();  // A definition is served now.
  }
  CheckTable();
}

TEST_F(KubernetesMutationTest, RequestsCutAtEveryByteHaveAProperAnswer) {
  Restore();
  for (const Sample& sample : Samples()) {
    for (std::size_t size = 0; size < sample.body.size(); ++size) {
      Sample cut = sample;
      cut.body.resize(size);
      if (!SendAndCheck(cut)) return;
    }
  }
  CheckTable();
}

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed, "mutations") {}

  Sample Next(const std::vector<Sample>& samples) {
    Sample sample = samples[Below(samples.size())];
    // Usually the body is changed, sometimes the rest.
    const std::uint64_t where = Below(20);
    if (where == 0) {
      Change(sample.target);
    } else if (where == 1) {
      sample.content_type = samples[Below(samples.size())].content_type;
    } else if (where == 2) {
      sample.target = samples[Below(samples.size())].target;
    } else if (sample.body.starts_with('{') && where < 12) {
      ChangeValue(sample.body);
    } else {
      for (std::uint64_t times = 1 + Below(4); times > 0; --times) Change(sample.body);
    }
    return sample;
  }

 private:
  std::uint64_t Below(std::uint64_t bound) { return random_.Below(bound); }

  // Changes bytes of a text.
  void Change(std::string& text) {
    static const std::vector<std::string> kTokens = {
        "{",      "}",  "[",    "]",      "\"",
        ":",      ",",  "null", "true",   "-1",
        "1e999",  "\\", "\xff", "\0",     "\n",
        "- ",     "? ", "&a ",  "*a",     "!!binary ",
        "%00",    "..", "~1",   "$patch", "18446744073709551616",
        "\\ud800"};
    const std::size_t at = Below(text.size() + 1);
    const std::size_t size = std::min<std::size_t>(Below(8), text.size() - at);
    switch (Below(4)) {
      case 0:
        text.erase(at, size);
        break;
      case 1:
        text.insert(at, kTokens[Below(kTokens.size())]);
        break;
      case 2:
        text.insert(at, std::string(text.substr(at, size)));
        break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(Below(256));
    }
  }

  // Changes one value in an object.
  void ChangeValue(std::string& text) {
    static const std::vector<json> kValues = {nullptr,
                                              true,
                                              0,
                                              -1,
                                              1.5,
                                              1e300,
                                              std::int64_t{1} << 62,
                                              "",
                                              "x",
                                              std::string(300, 'x'),
                                              "../..",
                                              "2026-01-01T00:00:00Z",
                                              json::array(),
                                              json::object(),
                                              json::array({nullptr}),
                                              json::array({json::object()}),
                                              {{"$patch", "delete"}},
                                              {{"$patch", "replace"}},
                                              {{"$retainKeys", {"x"}}},
                                              {{"name", "x"}}};
    auto parsed = ParseJson(text);
    if (parsed.has_error()) return;
    json* value = &parsed.value();
    while (value->is_structured() && !value->empty() && (value == &*parsed || Below(4) != 0)) {
      const auto steps = static_cast<std::ptrdiff_t>(Below(value->size()));
      if (value->is_object() && Below(12) == 0) {
        value->erase(std::next(value->begin(), steps));
        break;
      }
      value = &*std::next(value->begin(), steps);
    }
    if (value != &*parsed) *value = kValues[Below(kValues.size())];
    text = DumpJson(*parsed);
  }

  Random random_;
};

TEST_F(KubernetesMutationTest, TenThousandMutationsHaveAProperAnswerAndLeaveWholeObjects) {
  const char* const seed_text = std::getenv("KLESS_SEED");
  const char* const count_text = std::getenv("KLESS_MUTATIONS");
  const std::uint64_t seed = ParseUnsigned(seed_text == nullptr ? "" : seed_text).value_or(1);
  const std::uint64_t count =
      ParseUnsigned(count_text == nullptr ? "" : count_text).value_or(10'000);
  Mutator mutator(seed);
  const std::vector<Sample> samples = Samples();
  std::map<int, int> statuses;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i % 200 == 0) Restore();
    const Sample sample = mutator.Next(samples);
    ASSERT_TRUE(SendAndCheck(sample)) << "KLESS_SEED=" << seed << ", mutation " << i;
  }
  CheckTable();
}

}  // namespace
}  // namespace kless::doors
