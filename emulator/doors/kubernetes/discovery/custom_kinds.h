// CustomKinds: the kinds defined by the CustomResourceDefinitions in the table, as of the newest
// committed record.  Each door has its own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "emulator/doors/kubernetes/wire/resource.h"

namespace kless::doors {

class CustomKinds {
 public:
  // `context` must outlive it.
  explicit CustomKinds(KubernetesContext& context) : context_(context) {}

  // The kind of a path if its definition has been given its names; null if there is none.
  kubernetes::KindPtr Find(const std::string& group, const std::string& version,
                           const std::string& plural);
  // The kinds of established definitions, by group; within a group the preferred version comes
  // first, then by plural.
  std::vector<kubernetes::KindPtr> Discovered();
  // Whether the definition of the kind is being deleted, so that no objects may be created.
  bool IsTerminating(const kubernetes::Kind& kind);
  // Returns false if the kind has changed or is gone since.  Built-in kinds always are current.
  bool IsCurrent(const kubernetes::KindPtr& kind);

  // The state of a definition, for CustomDefinitions.
  struct Definition {
    std::shared_ptr<const nlohmann::json> object;  // with defaults
    std::string problem;                           // why it cannot be served; "": nothing
    bool served = false, established = false, terminating = false;
    std::vector<kubernetes::KindPtr> kinds;
    std::string made_of;        // the text from which `kinds` were made
    std::uint64_t version = 0;  // of the item
  };
  const std::map<std::string, Definition>& definitions() const { return definitions_; }
  // Reads what has been committed since.
  void CatchUp();
  bool CaughtUp() const { return listed_ && position_ >= context_.store.feed().Latest(); }
  std::uint64_t position() const { return position_; }
  // The names of definitions that have changed, or one of whose objects was removed, since the last
  // call.
  std::set<std::string> TakeTouched() { return std::exchange(touched_, {}); }

 private:
  void List();
  void OnRecord(const ChangeRecord& record);
  void Update(const std::string& name, const ItemPtr& item);

  KubernetesContext& context_;
  bool listed_ = false;
  std::uint64_t position_ = 0;
  std::map<std::string, Definition> definitions_;  // by name
  std::set<std::string> touched_;
};

}  // namespace kless::doors
