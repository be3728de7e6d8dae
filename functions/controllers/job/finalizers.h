// Edits of metadata that controllers make on other objects' documents: a finalizer or an owner
// reference goes.  nullopt: there is nothing to remove (or the document is no JSON object).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kless::controllers {

// Without parsing where metadata.finalizers holds nothing else, as the pods written here do.
std::optional<std::string> WithoutFinalizer(const std::string& document,
                                            std::string_view finalizer);

// The pod without the ownerReference to `owner_uid` and without the finalizer.
std::optional<std::string> WithoutOwner(const std::string& document, const std::string& owner_uid,
                                        std::string_view finalizer);

// Whether an ownerReference of the document may name `owner_uid`: true is no proof.
bool MentionsOwner(const std::string& document, const std::string& owner_uid);

}  // namespace kless::controllers
