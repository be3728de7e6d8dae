// `kless submit`: creates the Kubernetes objects of manifests, and can wait for them.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/duration.h"
#include "emulator/base/json.h"
#include "emulator/base/system/config_files.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/job_wait.h"
#include "emulator/cli/manifest.h"
#include "emulator/cli/output.h"
#include "emulator/cli/system.h"

namespace kless::cli {
namespace {

constexpr std::chrono::milliseconds kQuietTime{2000};  // time before progress is shown
constexpr std::chrono::milliseconds kProgressPeriod{200};

struct SubmitOptions {
  std::string server;
  std::vector<std::string> files;
  std::string namespace_name;
  int count = 0;  // 0: not given
  std::string validate = "strict";
  std::string wait;
  std::string timeout = "60s";
  std::string output = "text";
};

// Shows "37/100 created" on a terminal once it takes long.
class SubmitProgress {
 public:
  explicit SubmitProgress(std::size_t total) : total_(total), shown_(ErrorIsTerminal()) {}
  ~SubmitProgress() { Clear(); }

  void Step(std::size_t done) {
    const auto elapsed = stopwatch_.Elapsed();
    if (!shown_ || elapsed < kQuietTime || elapsed - last_ < kProgressPeriod) return;
    last_ = elapsed;
    visible_ = true;
    std::fprintf(stderr, "\r%zu/%zu created", done, total_);
  }
  void Clear() {
    if (visible_) std::fprintf(stderr, "\r\033[K");
    visible_ = false;
  }

 private:
  const Stopwatch stopwatch_;
  const std::size_t total_;
  const bool shown_;
  bool visible_ = false;
  std::chrono::milliseconds last_{};
};

// "; did you mean configs/jobs/pi.yaml, ...?" for "pi" or "pi.yaml", else nothing.
std::string ExampleHint(const std::string& file) {
  const std::string stem = std::filesystem::path(file).stem().string();
  for (const ConfigFile& example : ListConfigFiles("jobs")) {
    if (example.name == stem) return "; did you mean " + example.path + ", which comes with kless?";
  }
  return "";
}

struct Submission {
  Manifest manifest;
  std::string file;
};

Result<std::vector<Submission>> Collect(const SubmitOptions& options) {
  std::vector<Submission> all;
  for (const std::string& file : options.files) {
    const auto text = ReadInput(file);
    if (text.has_error()) {
      return MakeError(text.error().code, text.error().message + ExampleHint(file));
    }
    KLESS_TRY(auto manifests, ReadManifests(text.value(), file, options.namespace_name));
    for (Manifest& manifest : manifests) {
      if (options.count == 0) {
        all.push_back({std::move(manifest), file});
        continue;
      }
      auto copy = WithGeneratedName(manifest);
      if (copy.has_error()) {
        return MakeError(copy.error().code, file + ": " + copy.error().message);
      }
      all.insert(all.end(), static_cast<std::size_t>(options.count), {copy.value(), file});
    }
  }
  return all;
}

// Adds the file to an error of the server, as kubectl does.
std::string WithFile(const std::string& message, const std::string& file) {
  const auto reason = message.find("): ");
  if (!message.starts_with("Error from server (") || reason == std::string::npos) return message;
  const std::string name = file == "-" ? "STDIN" : file;
  return message.substr(0, reason + 3) + "error when creating \"" + name +
         "\": " + message.substr(reason + 3);
}

std::string ValidationOf(const SubmitOptions& options) {
  return options.validate == "strict" ? "Strict" : options.validate == "warn" ? "Warn" : "Ignore";
}

int Submit(const SubmitOptions& options) {
  const auto timeout = ParseDuration(options.timeout);
  if (!timeout)
    return FailUsage("--timeout must be a duration such as 30s, not '" + options.timeout + "'");
  const auto submissions = Collect(options);
  if (submissions.has_error()) return FailUsage(submissions.error());
  auto api = ApiClient::Create(options.server);
  if (api.has_error()) return FailUsage(api.error());

  int exit_code = 0;
  std::vector<SubmittedJob> jobs;
  {
    SubmitProgress progress(submissions.value().size());
    std::size_t done = 0;
    const std::string query = "?fieldValidation=" + ValidationOf(options);
    for (const auto& [manifest, file] : submissions.value()) {
      const auto answer = api.value().CallRaw(
          "POST", CollectionPath(*manifest.kind, manifest.namespace_name) + query, manifest.body);
      if (answer.has_error()) {
        progress.Clear();
        const bool is_gone = answer.error().code == ErrorCode::kUnavailable;
        const std::string so_far = is_gone ? "; " + std::to_string(done) + " of " +
                                                 std::to_string(submissions.value().size()) +
                                                 " objects were created"
                                           : "";
        exit_code = Fail(WithFile(answer.error().message, file) + so_far);
        // As in kubectl, an object that the server refuses does not keep the others from being
        // created.
        if (is_gone) return exit_code;
        continue;
      }
      const auto created = ParseJson(answer.value());
      if (created.has_error()) return Fail(created.error());
      const std::string name =
          created.value().value("metadata", nlohmann::json::object()).value("name", "");
      progress.Clear();
      if (options.output == "json") {
        PrintJsonLine(created.value());
      } else {
        std::printf("%s/%s created\n", PrintedKind(*manifest.kind).c_str(), name.c_str());
      }
      if (manifest.kind->kind == "Job") jobs.push_back(MakeSubmittedJob(created.value()));
      progress.Step(++done);
    }
  }
  std::fflush(stdout);
  if (options.wait.empty() || jobs.empty()) return exit_code;
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(*timeout);
  const auto waited = options.wait == "pods" ? WaitForPods(api.value(), jobs, patience)
                                             : WaitForCompletion(api.value(), jobs, patience);
  if (waited.has_error()) return Fail(waited.error());
  return exit_code;
}

}  // namespace

void AddSubmit(CLI::App& app, Action& action) {
  auto options = std::make_shared<SubmitOptions>();
  CLI::App* const command = app.add_subcommand("submit", "Create Kubernetes objects from files");
  command->add_option("-f,--filename", options->files, "YAML or JSON, '-' for standard input")
      ->required()
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      ->add_option("--count", options->count,
                   "Copies of each object, 1..1000000, with generated names")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  command
      ->add_option("-n,--namespace", options->namespace_name,
                   "Namespace of objects that name none (default)")
      ->type_name("NAME");
  command
      ->add_option(
          "--validate", options->validate,
          "Unknown and duplicate fields: strict refuses them, warn creates the object with "
          "a warning, ignore drops them (strict)")
      ->check(CLI::IsMember({"strict", "warn", "ignore"}))
      ->type_name("HOW");
  command
      ->add_option("--wait", options->wait,
                   "Wait until each Job has its pods, or is complete: pods or complete")
      ->check(CLI::IsMember({"pods", "complete"}))
      ->type_name("WHAT");
  command->add_option("--timeout", options->timeout, "How long --wait waits (60s)")
      ->type_name("TIME");
  AddOutputFlag(*command, &options->output)
      ->description("text, or json: each created object on a line (text)");
  AddServerFlag(*command, &options->server);
  command->footer(
      R"(YAML is typed as kubectl types it: yes/no/on/off are booleans, quoted text is text.

Examples:
  kless submit -f job.yaml
  kless submit -f job.yaml --count 100 --wait=pods
  cat *.yaml | kless submit -f - --namespace batch
  kless submit -f configs/jobs/pi.yaml     (comes with kless: see 'kless example list'))");
  command->callback([&action, options] { action = [options] { return Submit(*options); }; });
}

}  // namespace kless::cli
