#include "emulator/doors/kubernetes/representation.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/columns/columns.h"
#include "functions/kubernetes/json_access.h"
#include "functions/kubernetes/object.h"

namespace kless::doors {

using kubernetes::Kind;
using nlohmann::json;

namespace {

std::string ApiVersion(const OutputForm& form) { return form.group + "/" + form.version; }

json Partial(const OutputForm& form, const json& object) {
  return {{"kind", "PartialObjectMetadata"},
          {"apiVersion", ApiVersion(form)},
          {"metadata", kubernetes::FindOrEmpty(object, "metadata")}};
}

json Columns(const Kind& kind) {
  json columns = json::array();
  for (const kubernetes::Column& column : kubernetes::ColumnsOf(kind)) {
    columns.push_back({{"name", column.name},
                       {"type", column.type},
                       {"format", column.format},
                       {"description", column.description},
                       {"priority", column.priority}});
  }
  return columns;
}

// Items of lists have neither kind nor apiVersion: a row's object does.
json WithKind(const Kind& kind, json object) {
  object["kind"] = kind.kind;
  object["apiVersion"] = kind.ApiVersion();
  return object;
}

json Row(const Representation& representation, const json& object, std::int64_t now) {
  const Kind& kind = *representation.kind;
  json cells = json::array();
  for (const kubernetes::Column& column : kubernetes::ColumnsOf(kind)) {
    cells.push_back(column.cell(object, now));
  }
  json row = {{"cells", std::move(cells)}, {"object", nullptr}};
  if (json conditions = kubernetes::RowConditions(kind, object); !conditions.is_null()) {
    row["conditions"] = std::move(conditions);
  }
  if (representation.row_object == RowObject::kMetadata) {
    row["object"] = Partial(representation.form, object);
  } else if (representation.row_object == RowObject::kFull) {
    row["object"] = WithKind(kind, object);
  }
  return row;
}

bool IsList(const Kind& kind, const json& object) {
  return kubernetes::StringAt(object, "kind") == kind.ListKind() && object.contains("items");
}

// Of a list its own metadata, of an object its version.
json ListMetadata(const json& object, bool list) {
  if (list) return kubernetes::FindOrEmpty(object, "metadata");
  json metadata = json::object();
  const json version =
      kubernetes::ValueOrNull(kubernetes::FindOrEmpty(object, "metadata"), "resourceVersion");
  if (!version.is_null()) metadata["resourceVersion"] = version;
  return metadata;
}

// with_columns: of the events of a watch only the first has them.
json Table(const Representation& representation, const json& object, bool with_columns,
           std::int64_t now) {
  const bool list = IsList(*representation.kind, object);
  json rows = json::array();
  if (list) {
    for (const json& item : object["items"]) rows.push_back(Row(representation, item, now));
  } else {
    rows.push_back(Row(representation, object, now));
  }
  return {{"kind", "Table"},
          {"apiVersion", ApiVersion(representation.form)},
          {"metadata", ListMetadata(object, list)},
          {"columnDefinitions", with_columns ? Columns(*representation.kind) : json()},
          {"rows", std::move(rows)}};
}

json PartialList(const OutputForm& form, const json& list) {
  json items = json::array();
  for (const json& item : list["items"]) items.push_back(Partial(form, item));
  return {{"kind", "PartialObjectMetadataList"},
          {"apiVersion", ApiVersion(form)},
          {"metadata", ListMetadata(list, true)},
          {"items", std::move(items)}};
}

bool IsStatus(const json& object) { return kubernetes::StringAt(object, "kind") == "Status"; }

// Go's name of the internal type: "core.PodList".
std::string GoType(const Kind& kind, bool list) {
  const std::string group =
      kind.group.empty() ? "core" : kind.group.substr(0, kind.group.find('.'));
  return "*" + group + "." + kind.kind + (list ? "List" : "");
}

HttpResponse NotAcceptable(std::string message) {
  return StatusResponse(
      kubernetes::StatusFailure(406, "NotAcceptable", std::move(message), nullptr));
}

void RepresentObject(const Representation& representation, std::int64_t now,
                     HttpResponse* response) {
  auto parsed = ParseJson(response->body);
  if (parsed.has_error() || !parsed->is_object() || IsStatus(parsed.value())) return;
  const json& object = parsed.value();
  const OutputForm& form = representation.form;
  const bool list = IsList(*representation.kind, object);
  if (form.as == "Table") {
    if (!representation.problem.empty()) {
      *response = BadRequest(representation.problem);
      return;
    }
    response->body = DumpJson(Table(representation, object, true, now));
  } else if (form.as == "PartialObjectMetadata") {
    if (list) {
      *response = NotAcceptable(
          "you requested PartialObjectMetadata, but the requested object is a "
          "list (" +
          GoType(*representation.kind, true) + ")");
      return;
    }
    response->body = DumpJson(Partial(form, object));
  } else {
    if (!list) {
      *response = NotAcceptable(
          "you requested PartialObjectMetadataList, but the requested object "
          "is not a list (" +
          GoType(*representation.kind, false) + ")");
      return;
    }
    response->body = DumpJson(PartialList(form, object));
  }
}

// Stands between a watch and its client: each line is an event.
class RepresentingWriter : public BodyWriter {
 public:
  RepresentingWriter(Representation representation, Scheduler& scheduler,
                     std::shared_ptr<BodyWriter> next)
      : representation_(std::move(representation)), scheduler_(scheduler), next_(std::move(next)) {}

  Task<Result<void>> Write(std::string chunk) override {
    std::string lines;
    for (const std::string_view line : Split(chunk, '\n')) {
      if (!line.empty()) AppendEvent(line, lines);
    }
    return next_->Write(std::move(lines));
  }

 private:
  void AppendEvent(std::string_view line, std::string& out) {
    auto event = ParseJson(line);
    if (event.has_value() && event->is_object() && event->contains("object")) {
      json& object = (*event)["object"];
      if (object.is_object() && !IsStatus(object)) {
        object = representation_.form.as == "Table"
                     ? Table(representation_, object, !std::exchange(columns_sent_, true),
                             scheduler_.UnixNanos())
                     : Partial(representation_.form, object);
      }
      out += DumpJson(event.value());
    } else {
      out += line;
    }
    out += '\n';
  }

  const Representation representation_;
  Scheduler& scheduler_;
  const std::shared_ptr<BodyWriter> next_;
  bool columns_sent_ = false;
};

}  // namespace

Representation RepresentationOf(kubernetes::KindPtr kind, const OutputForm& form,
                                const HttpRequest& request) {
  Representation representation{std::move(kind), form, RowObject::kMetadata, ""};
  const auto asked = request.query.find("includeObject");
  const std::string part = asked == request.query.end() ? "" : asked->second;
  if (part == "None") {
    representation.row_object = RowObject::kNone;
  } else if (part == "Object") {
    representation.row_object = RowObject::kFull;
  } else if (!part.empty() && part != "Metadata") {
    representation.problem =
        "Unable to convert to Table as requested: includeObject: Invalid "
        "value: " +
        DumpJson(part) + ": must be 'Metadata', 'Object', 'None', or empty";
  }
  return representation;
}

void Represent(const Representation& representation, Scheduler& scheduler, HttpResponse* response) {
  if (representation.form.as.empty() || response->status >= 400) return;
  if (!response->stream) {
    RepresentObject(representation, scheduler.UnixNanos(), response);
    return;
  }
  if (!representation.problem.empty()) {
    *response = BadRequest(representation.problem);
    return;
  }
  auto stream = std::move(response->stream);
  response->stream = [representation, &scheduler,
                      stream = std::move(stream)](std::shared_ptr<BodyWriter> writer) {
    return stream(
        std::make_shared<RepresentingWriter>(representation, scheduler, std::move(writer)));
  };
}

}  // namespace kless::doors
