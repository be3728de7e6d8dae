// The files of configs/: settings, latency profiles, scenarios, example manifests, small traces.
//
// Each is searched, in order, in ./configs below the working directory, in the folder that the
// variable KLESS_CONFIGS names, and among the copies that are compiled into the program.  So the
// program works on its own from any folder, and a file in the working directory wins.
//
// The rule applies to paths within configs: those that begin with "configs/" (or with the folder
// of KLESS_CONFIGS) and stay there once ".." is resolved.  Every other path means the file there
// and nothing else; "./configs/kless.yaml" is such a path.  Used by one thread; reads files only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"

namespace kless {

// An existing file with a name of its kind.
struct ConfigFile {
  std::string name;    // "thesis-2024"
  std::string path;    // for ReadConfigText and for messages
  std::string origin;  // its folder as a person would name it: "./configs", "compiled in", ...
};

// The text of the file that `path` means by the rule above. kNotFound: it does not exist or cannot
// be read; the message has the system's reason.
Result<std::string> ReadConfigText(const std::string& path);
// Whether ReadConfigText would find one.
bool ConfigTextExists(const std::string& path);

// All files configs/KIND/*.yaml ("latency", "experiments", "jobs") in any of the places, in order
// of their names; the first place wins.
std::vector<ConfigFile> ListConfigFiles(const std::string& kind);

// The file that a user names: a path (it contains a '/' or ends in .yaml, .yml or .json), or a name
// of `kind`. kNotFound: no such file; the message calls it `what` ("scenario"), lists the known
// names with the nearest, and says where it was searched.
Result<ConfigFile> FindConfigFile(const std::string& kind, const std::string& name_or_path,
                                  const std::string& what);

// Whether the file of that kind and name ("latency", "instant") is one on disk whose text differs
// from the compiled-in one.
bool IsReplaced(const std::string& kind, const std::string& name);

// The first sentence of the comment at the beginning of a YAML file; "" if there is none.
std::string FirstSentence(std::string_view text);

}  // namespace kless
