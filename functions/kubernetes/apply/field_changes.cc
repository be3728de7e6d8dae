#include "functions/kubernetes/apply/field_changes.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

bool IsNothing(const json* value) { return value == nullptr || value->is_null(); }
bool IsEmpty(const json* value) { return IsNothing(value) || value->empty(); }

bool IsZero(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return true;
    case json::value_t::boolean:
      return !value.get<bool>();
    case json::value_t::string:
      return value.get_ref<const std::string&>().empty();
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      return value == 0;
    default:
      return false;
  }
}

// Whether a value that is one field differs from Go's zero value.
bool Differs(const json& value, bool zero) {
  return !zero || (!IsZero(value) && !(value.is_object() && value.empty()));
}

const Schema* ElementSchema(const Schema* schema) {
  return schema != nullptr && schema->shape == Schema::Shape::kList ? schema->element : nullptr;
}

FieldSet Leaf() {
  FieldSet leaf;
  leaf.member = true;
  return leaf;
}

// The elements of a list by their path element, in the order of field sets; the first one counts if
// several are equal.
using Elements = std::map<std::string, const json*>;
Elements ElementsOf(const Schema& list, const json* values) {
  Elements elements;
  if (values == nullptr || !values->is_array()) return elements;
  for (const json& value : *values) elements.emplace(ElementOf(list, value), &value);
  return elements;
}

// Visits the keys of both maps in order: `visit(key, old, now)`, with null where a map lacks the
// key.
template <class Map, class Visit>
void VisitBoth(const Map& olds, const Map& news, Visit visit) {
  auto old = olds.begin();
  auto now = news.begin();
  while (old != olds.end() || now != news.end()) {
    const bool gone = now == news.end() || (old != olds.end() && old->first < now->first);
    const bool added = old == olds.end() || (now != news.end() && now->first < old->first);
    visit(added ? now->first : old->first, added ? nullptr : &old->second,
          gone ? nullptr : &now->second);
    if (!added) ++old;
    if (!gone) ++now;
  }
}

const json::object_t& MembersOf(const json* object) {
  static const json kEmpty = json::object();
  return (IsNothing(object) ? kEmpty : *object).get_ref<const json::object_t&>();
}

class Comparison {
 public:
  // `zero`: where `before` is null, Go's zero value is there.
  static FieldChanges Of(const Schema* schema, const json* before, const json* after, bool zero) {
    FieldChanges changes;
    if (IsNothing(before) && IsNothing(after)) return changes;
    if (!IsNothing(before) && !IsNothing(after) && *before == *after) return changes;
    const json& shown = IsNothing(after) ? *before : *after;
    const SharedAs shared = HowShared(schema, shown);
    if (shared == SharedAs::kWhole || (IsEmpty(before) && IsEmpty(after)) ||
        (!IsNothing(before) && before->type() != shown.type())) {
      Whole(before, after, zero, changes);
      return changes;
    }
    if (shared == SharedAs::kMembers) {
      Members(schema, before, after, zero, changes);
    } else {
      ListElements(*schema, before, after, changes);
    }
    if (IsNothing(before) && !zero) changes.added.member = true;
    if (IsNothing(after)) changes.removed.member = true;
    return changes;
  }

 private:
  static void Whole(const json* before, const json* after, bool zero, FieldChanges& changes) {
    if (IsNothing(after)) {
      changes.removed.member = true;
    } else if (!IsNothing(before)) {
      changes.modified.member = true;
    } else if (Differs(*after, zero)) {
      (zero ? changes.modified : changes.added).member = true;
    }
  }

  static void Take(std::string element, FieldChanges&& from, FieldChanges& to) {
    to.added.Append(element, std::move(from.added));
    to.modified.Append(element, std::move(from.modified));
    to.removed.Append(std::move(element), std::move(from.removed));
  }

  static void Members(const Schema* schema, const json* before, const json* after, bool zero,
                      FieldChanges& changes) {
    const bool there = zero || !IsNothing(before);
    const auto visit = [&](const std::string& name, const json* old, const json* now) {
      const bool typed = schema != nullptr && schema->shape == Schema::Shape::kStruct;
      const Schema::Field* field = typed ? schema->FindField(name) : nullptr;
      const Schema* type = field != nullptr ? field->type : MemberSchema(schema, name);
      const bool printed = there && field != nullptr && field->zero;
      Take("f:" + name, Of(type, old, now, printed), changes);
    };
    VisitBoth(MembersOf(before), MembersOf(after), visit);
  }

  static void ListElements(const Schema& list, const json* before, const json* after,
                           FieldChanges& changes) {
    const Elements olds = ElementsOf(list, before);
    const Elements news = ElementsOf(list, after);
    const Schema* type = ElementSchema(&list);
    VisitBoth(
        olds, news,
        [&](const std::string& element, const json* const* old, const json* const* now) {
          Take(element,
               Of(type, old == nullptr ? nullptr : *old, now == nullptr ? nullptr : *now, false),
               changes);
        });
  }
};

void AddCreated(const Schema* schema, const json& value, bool zero, FieldSet& set) {
  if (value.is_null()) return;
  const SharedAs shared = HowShared(schema, value);
  if (shared == SharedAs::kWhole || value.empty()) {
    set.member = Differs(value, zero);
    return;
  }
  set.member = !zero;
  if (shared == SharedAs::kElements) {
    for (const auto& [element, member] : ElementsOf(*schema, &value)) {
      FieldSet child;
      AddCreated(schema->element, *member, false, child);
      set.Append(element, std::move(child));
    }
    return;
  }
  const bool typed = schema != nullptr && schema->shape == Schema::Shape::kStruct;
  set.children.reserve(value.size());
  for (const auto& [name, member] : value.items()) {
    const Schema::Field* field = typed ? schema->FindField(name) : nullptr;
    const Schema* type = field != nullptr ? field->type
                         : typed          ? nullptr
                                          : MemberSchema(schema, name);
    // The members of the object are sorted, and so is the set.
    set.children.push_back({"f:" + name, {}});
    AddCreated(type, member, zero && field != nullptr && field->zero, set.children.back().set);
    if (set.children.back().set.Empty()) set.children.pop_back();
  }
}

void AddFields(const Schema* schema, const json& value, FieldSet& set) {
  const SharedAs shared = HowShared(schema, value);
  if (shared == SharedAs::kWhole) {
    set.member = true;
  } else if (shared == SharedAs::kMembers) {
    if (value.empty()) set.member = true;
    for (const auto& [name, member] : value.items()) {
      FieldSet child;
      AddFields(MemberSchema(schema, name), member, child);
      set.Append("f:" + name, std::move(child));
    }
  } else {
    for (const auto& [element, member] : ElementsOf(*schema, &value)) {
      FieldSet child = Leaf();
      if (schema->sharing == Schema::Sharing::kKeyed) {
        AddFields(ElementSchema(schema), *member, child);
        child.member = true;
      }
      set.Append(element, std::move(child));
    }
  }
}

}  // namespace

SharedAs HowShared(const Schema* schema, const json& value) {
  if (schema != nullptr && schema->sharing == Schema::Sharing::kAtomic) return SharedAs::kWhole;
  if (value.is_object()) return SharedAs::kMembers;
  const bool shared_list = schema != nullptr && (schema->sharing == Schema::Sharing::kSet ||
                                                 schema->sharing == Schema::Sharing::kKeyed);
  return value.is_array() && shared_list ? SharedAs::kElements : SharedAs::kWhole;
}

std::string ElementOf(const Schema& list, const json& element) {
  if (list.sharing == Schema::Sharing::kSet) return "v:" + DumpJson(element);
  json keys = json::object();
  for (const Schema::Key& key : list.keys) {
    const json* value = Find(element, key.name.c_str());
    if (value != nullptr && !value->is_structured()) {
      keys[key.name] = *value;
    } else if (!key.default_value.empty()) {
      keys[key.name] = key.default_value;
    }
  }
  return "k:" + DumpJson(keys);
}

FieldSet AllFields(const Schema* schema, const json& value) {
  FieldSet set;
  AddFields(schema, value, set);
  return set;
}

FieldSet CreatedFields(const Schema* schema, const json& object) {
  FieldSet set;
  AddCreated(schema, object, true, set);
  return set;
}

FieldSet FieldChanges::Taken() const {
  FieldSet taken = added;
  taken.Add(modified);
  return taken;
}

FieldChanges Compare(const Schema* schema, const json* before, const json* after,
                     bool null_is_zero) {
  return Comparison::Of(schema, before, after, null_is_zero);
}

}  // namespace kless::kubernetes
