// The new root is a tmpfs with a bind mount for each folder of the old one.  Mounting only the own
// folders over the old root would need their places to exist: kless makes no /var/task or /opt on
// the machine it runs on.
#include "emulator/base/system/isolation.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>
#include <vector>

#include "emulator/base/system/scratch_folder.h"

namespace kless {
namespace {

namespace fs = std::filesystem;
using Kind = Isolation::Step::Kind;

// Puts each entry of `folder` in its place, but for those whose paths are in `left_out`.
void Mirror(const fs::path& folder, const std::set<std::string>& left_out, Isolation& isolation) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  for (const fs::path& path : entries) {
    if (left_out.contains(path.string())) continue;
    const std::string target = isolation.root + path.string();
    if (fs::is_symlink(path, error)) {
      const fs::path link = fs::read_symlink(path, error);
      if (!error) isolation.steps.push_back({Kind::kLink, link.string(), target});
    } else if (fs::is_directory(path, error)) {
      isolation.steps.push_back({Kind::kFolder, "", target});
      isolation.steps.push_back({Kind::kBind, path.string(), target});
    }
  }
}

std::string TryKind(IsolationKind kind) {
  auto scratch = ScratchFolder::Make();
  if (scratch.has_error()) return scratch.error().message;
  Isolation isolation =
      MakeIsolation(scratch.value()->path(), {{"/var/task", {}}, {"/tmp", {}}}, "/var/task");
  isolation.in_user_namespace = kind == IsolationKind::kUserNamespace;
  SpawnPlan plan;
  plan.arguments = {"/bin/true"};
  plan.output = kNoStream;
  plan.errors = kNoStream;
  plan.isolation = &isolation;
  const auto started = StartProcess(plan);
  if (started.has_error()) return started.error().message;
  const int code = WaitForExit(started.value());
  return code == 0 ? "" : "/bin/true ended with exit code " + std::to_string(code);
}

}  // namespace

Isolation MakeIsolation(const std::string& root, const std::map<std::string, OwnFolder>& own,
                        const std::string& folder) {
  Isolation isolation;
  isolation.root = root;
  isolation.folder = folder;
  std::set<std::string> paths;
  std::set<std::string> parents;  // "/var" of "/var/task"
  for (const auto& [path, what] : own) {
    paths.insert(path);
    const std::string parent = fs::path(path).parent_path().string();
    if (parent != "/") parents.insert(parent);
  }
  std::set<std::string> left_out = paths;
  left_out.insert(parents.begin(), parents.end());
  Mirror("/", left_out, isolation);
  for (const std::string& parent : parents) {
    if (paths.contains(parent)) continue;
    isolation.steps.push_back({Kind::kFolder, "", root + parent});
    Mirror(parent, paths, isolation);
  }
  for (const auto& [path, what] : own) {
    isolation.steps.push_back({Kind::kFolder, "", root + path});
    if (what.source.empty()) continue;
    isolation.steps.push_back(
        {what.read_only ? Kind::kReadOnlyBind : Kind::kBind, what.source, root + path});
  }
  return isolation;
}

IsolationKind FindIsolation(std::string* problem) {
  static const std::pair<IsolationKind, std::string> found = [] {
    std::string reason = TryKind(IsolationKind::kPrivileged);
    if (reason.empty()) return std::pair(IsolationKind::kPrivileged, reason);
    if (TryKind(IsolationKind::kUserNamespace).empty()) {
      return std::pair(IsolationKind::kUserNamespace, std::string());
    }
    return std::pair(IsolationKind::kNone, std::move(reason));
  }();
  if (problem != nullptr) *problem = found.second;
  return found.first;
}

}  // namespace kless
