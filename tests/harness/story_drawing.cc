// Draws stories.  They are small worlds: few Jobs with few pods, nodes that are soon full, and
// colliding times.
#include <algorithm>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "tests/harness/story.h"

namespace kless::harness {

namespace {

std::string Text(std::uint64_t number) { return std::to_string(number); }

class Drawer {
 public:
  explicit Drawer(std::uint64_t seed) : random_(seed, "story") { story_.seed = seed; }

  Story Draw() {
    classic_ = OneIn(8);
    DrawSettings();
    const std::uint64_t jobs = 1 + random_.Below(4);
    for (std::uint64_t i = 0; i < jobs; ++i) DrawJob(std::string(1, static_cast<char>('a' + i)));
    const std::uint64_t edits = random_.Below(9);
    for (std::uint64_t i = 0; i < edits; ++i) DrawEdit();
    if (OneIn(3)) DrawNodeLoss();
    if (!classic_ && !OneIn(5)) DrawFaults();
    if (!classic_ && OneIn(6)) DrawRestart();
    std::stable_sort(story_.events.begin(), story_.events.end(),
                     [](const Event& a, const Event& b) { return a.at_ms < b.at_ms; });
    return std::move(story_);
  }

 private:
  bool OneIn(std::uint64_t n) { return random_.Below(n) == 0; }
  std::uint64_t Between(std::uint64_t low, std::uint64_t high) {
    return low + random_.Below(high - low + 1);
  }
  std::string OneOf(const std::vector<std::string>& words) {
    return words[random_.Below(words.size())];
  }
  void Set(const std::string& name, const std::string& value) { story_.settings[name] = value; }
  void Add(std::uint64_t at, const std::string& verb, const std::string& target,
           Arguments arguments = {}) {
    story_.events.push_back({static_cast<std::int64_t>(at), verb, target, std::move(arguments)});
  }

  void DrawSettings() {
    nodes_ = Between(1, 5);
    Set("nodes", Text(nodes_));
    if (!OneIn(4)) Set("node-cpu", Text(Between(1, 4)));
    if (OneIn(4)) Set("node-pods", Text(Between(2, 6)));
    if (OneIn(4)) Set("node-memory", OneOf({"512Mi", "1Gi"}));
    if (OneIn(2)) Set("fail-percent", Text(Between(5, 50)));
    if (OneIn(2)) Set("start", OneOf({"100", "0-500", "0-2000"}));
    if (OneIn(3)) Set("stop", OneOf({"50", "0-1500"}));
    if (OneIn(2)) Set("layout", "name-type");
    if (classic_) {
      Set("plane", "classic");
      if (OneIn(2)) Set("api", OneOf({"3", "0-40"}));
      if (OneIn(2)) Set("watch", OneOf({"2", "0-60"}));
      return;
    }
    Set("shards", OneOf({"1", "2", "4", "8"}));
    if (OneIn(2)) Set("factor", OneOf({"2", "4", "10"}));
    if (OneIn(2)) Set("batch", Text(Between(1, 10)));
    if (OneIn(3)) Set("concurrency", Text(Between(1, 12)));
    if (OneIn(4)) Set("function-memory", OneOf({"256", "1769"}));
    if (!OneIn(3)) Set("read", OneOf({"2", "0-8"}));
    if (!OneIn(3)) Set("write", OneOf({"5", "1-20"}));
    if (OneIn(2)) Set("feed", OneOf({"20", "0-100"}));
    if (OneIn(2)) Set("lag", OneOf({"100", "0-200", "0-1500"}));
    if (OneIn(3)) Set("timer", OneOf({"0-200", "0-1000"}));
    if (OneIn(2)) Set("init", OneOf({"120", "0-450"}));
  }

  void DrawJob(const std::string& name) {
    Arguments job;
    const auto set = [&](const char* argument, std::uint64_t value) {
      job[argument] = Text(value);
    };
    const std::uint64_t completions = Between(1, 8);
    set("parallelism", Between(1, 5));
    set("completions", completions);
    set("run", OneIn(5) ? Between(5'000, 40'000) : Between(0, 3'000));
    const std::uint64_t kind = random_.Below(12);
    if (kind == 0) {  // work queue
      job.erase("completions");
    } else if (kind <= 3) {
      job["mode"] = "Indexed";
      if (OneIn(3)) job["parallelism"] = job["completions"];
    } else if (kind <= 5) {
      job["mode"] = "Indexed";
      set("index-limit", Between(0, 2));
      if (OneIn(2)) set("max-indexes", Between(0, completions));
      if (OneIn(3)) job["policy"] = OneOf({"fail-index:1", "fail-index:7+ignore-disruption"});
    } else if (kind == 6) {
      job["mode"] = "Indexed";
      job["success"] = OneIn(2) ? "count:" + Text(Between(1, completions))
                                : "indexes:0" + std::string(completions > 1 ? "-1/1" : "");
    } else if (kind <= 8) {
      job["policy"] = OneOf(
          {"ignore-disruption", "fail-job:1", "ignore-disruption+fail-job:42", "ignore:3+count:1"});
    } else if (kind == 9) {
      job["restart"] = "OnFailure";
      // The list must end in success: an orphaned pod would restart forever.
      job["exit"] = OneOf({"1,0", "1,1,0", "1,1,1,1,1,0"});
    }
    if (!OneIn(3)) set("backoff", Between(0, 3));
    if (kind < 9 && OneIn(6)) job["exit"] = OneOf({"1", "3", "7", "42"});
    // A failure that a policy ignores is replaced forever.
    if (job["exit"] == "3" && job["policy"].starts_with("ignore:3")) job["exit"] = "1";
    std::erase_if(job, [](const auto& argument) { return argument.second.empty(); });
    if (OneIn(6)) set("deadline", Between(1, 60));
    if (OneIn(5)) set("ttl", OneIn(2) ? 0 : Between(1, 30));
    if (OneIn(8)) job["suspend"] = "true";
    if (!job.contains("policy") && OneIn(5)) job["replacement"] = "Failed";
    if (OneIn(2)) set("cpu", Between(1, 8) * 250);
    if (OneIn(4)) set("memory", Between(1, 4) * 128);
    if (OneIn(6)) set("grace", Between(0, 5));
    if (OneIn(10)) job["stubborn"] = "true";
    jobs_.push_back(name);
    const std::uint64_t at = OneIn(2) ? 0 : random_.Below(8'000);
    const bool suspended = job.contains("suspend");
    Add(at, "submit", name, std::move(job));
    if (suspended && !OneIn(4)) Add(at + Between(10, 8'000), "resume", name);
  }

  void DrawEdit() {
    const std::string& job = jobs_[random_.Below(jobs_.size())];
    const std::uint64_t at = OneIn(3) ? Between(1, 60'000) : Between(1, 9'000);
    const std::string nth = Text(random_.Below(6));
    switch (random_.Below(16)) {
      case 0:
      case 1:
        return Add(at, "scale", job, {{"parallelism", Text(random_.Below(7))}});
      case 2:
        return Add(at, "resize", job, {{"size", Text(Between(1, 7))}});
      case 3:
      case 4:
        Add(at, "suspend", job);
        if (!OneIn(4)) Add(at + Between(5, 9'000), "resume", job);
        return;
      case 5:
        return Add(at, OneIn(2) ? "deadline" : "ttl", job, {{"seconds", Text(Between(1, 20))}});
      case 6:
      case 7:
        return Add(at, "delete", job,
                   OneIn(6)
                       ? Arguments{}
                       : Arguments{{"propagation", OneOf({"Background", "Foreground", "Orphan"})}});
      case 8:
      case 9:
        return Add(at, "delete-pod", job,
                   OneIn(3) ? Arguments{{"nth", nth}, {"force", "true"}} : Arguments{{"nth", nth}});
      case 10:
        return Add(at, "fail-pod", job, {{"nth", nth}, {"exit", OneOf({"0", "1", "3", "42"})}});
      case 11:
        return Add(at, OneIn(2) ? "oom-pod" : "evict-pod", job, {{"nth", nth}});
      case 12:
      case 13:
        Add(at, "unlabel-pod", job, {{"nth", nth}});
        if (OneIn(2)) Add(at + Between(5, 5'000), "relabel-pods", job);
        return;
      default:
        return Add(at, "stray-pod", job, {{"run", Text(random_.Below(4'000))}});
    }
  }

  // Sometimes a second node is lost, and not every one returns.
  void DrawNodeLoss() {
    const std::uint64_t losses = 1 + random_.Below(std::min<std::uint64_t>(nodes_, 2));
    for (std::uint64_t i = 0; i < losses; ++i) {
      const std::string node = "node-" + Text(random_.Below(nodes_));
      const std::uint64_t at = Between(1, 15'000);
      const bool object = OneIn(4);
      Add(at, object ? "delete-node" : "fail-node", node);
      if (!OneIn(3)) Add(at + Between(1'000, OneIn(2) ? 40'000 : 500'000), "return-node", node);
    }
  }

  void DrawFaults() {
    const std::uint64_t faults = 1 + random_.Below(4);
    for (std::uint64_t i = 0; i < faults; ++i) {
      const std::string kind =
          OneOf({"crash", "crash_after", "store_error", "stall", "duplicate", "reorder", "delay",
                 "throttle", "slow_init", "crash", "crash_after"});
      Arguments fault;
      const bool by_rate = kind == "duplicate" || kind == "reorder" || kind == "delay" ||
                           kind == "throttle" || OneIn(4);
      if (by_rate) {
        fault["rate"] = OneOf({"0.05", "0.2", "0.4"});
        // An invocation that fails too often at one of its calls never ends.
        if (OneIn(2) || kind.starts_with("crash") || kind == "store_error" || kind == "stall")
          fault["for"] = Text(Between(1'000, 30'000));
      } else {
        fault["at"] = Text(Between(1, 40));
      }
      if (kind == "stall") fault["delay_ms"] = OneOf({"2000", "40000", "100000", "400000"});
      if (kind == "delay") fault["delay_ms"] = OneOf({"50", "700", "5000"});
      if (kind == "slow_init") fault["delay_ms"] = OneOf({"500", "3000"});
      if (kind == "duplicate" && OneIn(2)) fault["delay_ms"] = OneOf({"20", "1500"});
      if (OneIn(3)) fault["function"] = OneOf({"job-controller", "scheduler"});
      Add(OneIn(2) ? 0 : Between(1, 12'000), "fault", kind, std::move(fault));
    }
  }

  void DrawRestart() {
    if (OneIn(3)) Set("durability", "normal");
    const std::uint64_t restarts = Between(1, 2);
    for (std::uint64_t i = 0; i < restarts; ++i) Add(Between(1, 15'000), "restart", "");
  }

  Random random_;
  Story story_;
  bool classic_ = false;
  std::uint64_t nodes_ = 1;
  std::vector<std::string> jobs_;
};

}  // namespace

Story DrawStory(std::uint64_t seed) { return Drawer(seed).Draw(); }

}  // namespace kless::harness
