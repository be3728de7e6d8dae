#include "functions/controllers/loop/world.h"

#include <algorithm>

namespace kless::controllers {

template <class Value>
const Value* World::Find(const std::map<ResourceId, Value>& answers, Question question) {
  const auto found = answers.find(question.id);
  if (found != answers.end()) return &found->second;
  if (std::find(questions_.begin(), questions_.end(), question) == questions_.end()) {
    questions_.push_back(std::move(question));
  }
  return nullptr;
}

const ItemPtr* World::Get(const ResourceId& id) { return Find(items_, {Question::Kind::kGet, id}); }

const std::vector<std::pair<ResourceId, ItemPtr>>* World::List(const std::string& type,
                                                               const std::string& prefix) {
  return Find(lists_, {Question::Kind::kList, {type, prefix}});
}

const std::vector<ResourceId>* World::DependentsOf(const std::string& uid) {
  return Find(dependents_, {Question::Kind::kDependentsOf, {"", uid}});
}

const std::vector<std::pair<ResourceId, ItemPtr>>* World::Owned(const std::string& type,
                                                                const std::string& uid) {
  return Find(owned_, {Question::Kind::kOwned, {type, uid}});
}

const std::vector<std::string>* World::PodsOn(const std::string& node) {
  return Find(pods_, {Question::Kind::kPodsOn, {"", node}});
}

void World::Answer(const Question& question, ItemPtr item) {
  items_[question.id] = std::move(item);
}

void World::Answer(const Question& question, std::vector<std::pair<ResourceId, ItemPtr>> items) {
  (question.kind == Question::Kind::kOwned ? owned_ : lists_)[question.id] = std::move(items);
}

void World::Answer(const Question& question, std::vector<ResourceId> ids) {
  dependents_[question.id] = std::move(ids);
}

void World::Answer(const Question& question, std::vector<std::string> names) {
  pods_[question.id] = std::move(names);
}

}  // namespace kless::controllers
