// Edits that controllers make in the metadata of other objects: they remove a finalizer or an owner
// reference. nullopt: there is nothing to remove (or the document is not a JSON object).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kless::controllers {

// Does not parse the document if metadata.finalizers holds nothing else, as in pods written by
// kless.
std::optional<std::string> WithoutFinalizer(const std::string& document,
                                            std::string_view finalizer);

// Returns the pod without the ownerReference to `owner_uid` and without the finalizer.
std::optional<std::string> WithoutOwner(const std::string& document, const std::string& owner_uid,
                                        std::string_view finalizer);

// Whether an ownerReference of the document may name `owner_uid`; may return true wrongly.
bool MentionsOwner(const std::string& document, const std::string& owner_uid);

}  // namespace kless::controllers
