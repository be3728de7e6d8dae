// The routes of the admin door: one function for each topic, in the file of the topic.
#pragma once

#include "emulator/doors/admin/context.h"
#include "emulator/doors/http/router.h"

namespace kless::doors {

// `context` must outlive the router and every request.
void AddClockRoutes(Router& router, AdminContext& context);      // clock, idle
void AddDataPlaneRoutes(Router& router, AdminContext& context);  // nodes, pods
void AddFeedRoutes(Router& router, AdminContext& context);       // feed
void AddFunctionRoutes(Router& router, AdminContext& context);   // functions, invocations
void AddIndexRoutes(Router& router);                             // v1, openapi.json, /
void AddItemRoutes(Router& router, AdminContext& context);       // tables/T/items
void AddSnapshotRoutes(Router& router, AdminContext& context);   // snapshots
void AddStatusRoutes(Router& router,
                     AdminContext& context);  // health, status, stats, mappings, faults
void AddTableRoutes(Router& router, AdminContext& context);  // tables

}  // namespace kless::doors
