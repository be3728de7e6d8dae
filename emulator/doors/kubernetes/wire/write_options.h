// The query options of a write.
#pragma once

#include <string>
#include <vector>

#include "functions/kubernetes/types/field_validation.h"

namespace kless::doors {

struct WriteOptions {
  // For a write by kless itself, whose fields have no manager.
  // NOLINTNEXTLINE(google-explicit-constructor)
  WriteOptions(bool is_dry_run = false) : dry_run(is_dry_run) {}

  bool dry_run;
  kubernetes::FieldValidation validation = kubernetes::FieldValidation::kWarn;
  std::string manager;  // fieldManager, or what the User-Agent says; "": none
  bool force = false;   // of an apply
  bool force_given = false;
  bool manager_given = false;
  std::vector<std::string> warnings;  // of field validation
};

}  // namespace kless::doors
