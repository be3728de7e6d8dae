#include "emulator/processes/runtimes.h"

#include <unistd.h>

#include <filesystem>
#include <map>
#include <utility>

#include "emulator/base/check.h"
#include "emulator/base/system/compiled_in_text.h"
#include "emulator/base/system/files.h"
#include "emulator/base/system/process.h"

namespace kless::processes {
namespace {

namespace fs = std::filesystem;

struct Client {
  const char* source;  // in the tree
  const char* file;
};
constexpr Client kClients[] = {{"functions/runtimes/python/bootstrap.py", "bootstrap.py"},
                               {"functions/runtimes/node/bootstrap.mjs", "bootstrap.mjs"}};

Error Invalid(const std::string& message) {
  return MakeError(ErrorCode::kInvalidArgument, message);
}

bool IsProgram(const std::string& path) {
  std::error_code error;
  return access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path, error);
}

// Where the interpreter itself is: a version manager puts scripts into the PATH that run another
// version, or none.  It is asked once for each program of the PATH; "" if it does not work.
std::string Real(const std::string& program, const std::string& option, const std::string& script) {
  static std::map<std::string, std::string> known;
  const auto found = known.find(program);
  if (found != known.end()) return found->second;
  const auto ran = RunProcess({program, option, script}, "");
  const bool works = ran.has_value() && ran.value().exit_code == 0;
  std::string path = works ? ran.value().errors : "";
  if (!IsProgram(path)) path.clear();
  return known.emplace(program, std::move(path)).first->second;
}

// The first of the programs that the PATH has, and that work; `script` writes the path of the
// interpreter to standard error.
Result<std::string> Interpreter(const FunctionCode& code, const std::vector<std::string>& programs,
                                const std::string& option, const std::string& script) {
  for (const std::string& program : programs) {
    const std::string found = FindProgram(program);
    std::string real = found.empty() ? "" : Real(found, option, script);
    if (!real.empty()) return real;
  }
  return Invalid("function '" + code.name + "': the runtime " + code.runtime + " needs " +
                 programs.back() + ", which is not in the PATH of the daemon; install it");
}

}  // namespace

Result<std::string> RuntimeClients::Folder() {
  if (folder_) return folder_->path();
  KLESS_TRY(auto made, ScratchFolder::Make());
  for (const Client& client : kClients) {
    const CompiledInFile* const file = FindCompiledInFile(client.source);
    KLESS_CHECK(file != nullptr, client.source);
    KLESS_TRY_VOID(WriteFile(made->path() + "/" + client.file, CompiledInText(*file)));
  }
  folder_ = std::move(made);
  return folder_->path();
}

Result<std::vector<std::string>> ProgramOf(const FunctionCode& code, const FunctionPlaces& places) {
  const std::string& runtime = code.runtime;
  if (runtime.starts_with("python")) {
    // The exact version if the machine has it, else what it has.
    KLESS_TRY(auto python, Interpreter(code, {runtime, "python3"}, "-c",
                                       "import sys; sys.stderr.write(sys.executable)"));
    return std::vector<std::string>{python, places.runtime + "/bootstrap.py"};
  }
  if (runtime.starts_with("nodejs")) {
    KLESS_TRY(auto node,
              Interpreter(code, {"node"}, "-e", "process.stderr.write(process.execPath)"));
    return std::vector<std::string>{node, places.runtime + "/bootstrap.mjs"};
  }
  for (const std::string& layer : code.layers) {
    if (IsProgram(layer + "/bootstrap") && !IsProgram(code.folder + "/bootstrap")) {
      return std::vector<std::string>{places.layers + "/bootstrap"};
    }
  }
  const std::string bootstrap = code.folder + "/bootstrap";
  std::error_code error;
  if (IsProgram(bootstrap)) return std::vector<std::string>{places.task + "/bootstrap"};
  if (fs::exists(bootstrap, error)) {
    return Invalid("function '" + code.name + "': the file " + bootstrap +
                   " is not executable; 'chmod +x' makes it a program");
  }
  return Invalid("function '" + code.name + "': the runtime " +
                 (runtime.empty() ? "is missing" : runtime + " runs a program 'bootstrap'") +
                 ", but the file " + bootstrap +
                 " does not exist; the runtimes python3.x and nodejs come with kless");
}

}  // namespace kless::processes
