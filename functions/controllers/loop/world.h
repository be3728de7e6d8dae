// World: what a control loop has observed, and its unanswered questions.
//
// A reconcile is plain code: it asks; if the answer has not been read yet, it gets null and returns
// any plan.  The driver then reads all answers (serverless: from the table, each read strongly
// consistent and at its cost; classic: from the cache) and calls it again.  Answers do not change
// within one reconcile.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "emulator/base/random.h"
#include "store/item/item.h"
#include "store/item/resource_id.h"

namespace kless::controllers {

class World {
 public:
  // `random` is used for uids and must outlive this.
  World(std::int64_t unix_nanos, Random& random) : unix_nanos_(unix_nanos), random_(random) {}

  // Points to null if there is no such resource.
  const ItemPtr* Get(const ResourceId& id);
  // The resources whose name begins with `prefix` ("namespace/", or "" for all), in order of name.
  const std::vector<std::pair<ResourceId, ItemPtr>>* List(const std::string& type,
                                                          const std::string& prefix);
  // Resources of any type that name `uid` in their ownerReferences, ordered by type and name.
  const std::vector<ResourceId>* DependentsOf(const std::string& uid);
  // Whole objects of a type whose controller is `uid`, in order of name.
  const std::vector<std::pair<ResourceId, ItemPtr>>* Owned(const std::string& type,
                                                           const std::string& uid);
  // Names of the pods that are bound to a node, sorted.
  const std::vector<std::string>* PodsOn(const std::string& node);

  std::int64_t unix_nanos() const { return unix_nanos_; }
  Random& random() { return random_; }

  // For the driver: the unanswered questions, in the order of asking.
  struct Question {
    enum class Kind { kGet, kList, kDependentsOf, kOwned, kPodsOn };
    Kind kind{};
    // kList: type and prefix; kOwned: type and uid; kDependentsOf, kPodsOn: the uid or node in
    // `name`
    ResourceId id;
    auto operator<=>(const Question&) const = default;
  };
  std::vector<Question> TakeQuestions() { return std::exchange(questions_, {}); }
  void Answer(const Question& question, ItemPtr item);  // kGet
  // kList, kOwned.
  void Answer(const Question& question, std::vector<std::pair<ResourceId, ItemPtr>> items);
  void Answer(const Question& question, std::vector<ResourceId> ids);
  void Answer(const Question& question, std::vector<std::string> names);

 private:
  template <class Value>
  const Value* Find(const std::map<ResourceId, Value>& answers, Question question);

  const std::int64_t unix_nanos_;
  Random& random_;
  std::map<ResourceId, ItemPtr> items_;
  std::map<ResourceId, std::vector<std::pair<ResourceId, ItemPtr>>> lists_;
  std::map<ResourceId, std::vector<std::pair<ResourceId, ItemPtr>>> owned_;
  std::map<ResourceId, std::vector<ResourceId>> dependents_;
  std::map<ResourceId, std::vector<std::string>> pods_;
  std::vector<Question> questions_;
};

}  // namespace kless::controllers
