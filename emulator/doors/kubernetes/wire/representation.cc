#include "emulator/doors/kubernetes/wire/representation.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/raw_json.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/columns/columns.h"
#include "functions/kubernetes/objects/status_object.h"

namespace kless::doors {

using kubernetes::Kind;
using nlohmann::json;

namespace {

// The text of an object or list, scanned once.
struct Document {
  std::string_view text;
  std::string kind;  // "": it has none
  std::string_view metadata = "{}";
  std::string_view items;  // empty if it has none
};

Document Read(std::string_view text) {
  Document document;
  document.text = text;
  VisitMembers(text, [&](std::string_view key, std::string_view value) {
    if (key == "kind") document.kind = StringOrEmpty(value);
    if (key == "metadata") document.metadata = value;
    if (key == "items") document.items = value;
  });
  return document;
}

bool IsList(const Kind& kind, const Document& document) {
  return document.kind == kind.ListKind() && !document.items.empty();
}

bool IsStatus(const Document& document) { return document.kind == "Status"; }

json ObjectOrEmpty(std::string_view text) {
  auto parsed = ParseJson(text);
  return parsed.has_value() && parsed->is_object() ? std::move(parsed.value()) : json::object();
}

// {"kind":...,"apiVersion":... in the requested group and version.
std::string Beginning(const OutputForm& form, std::string_view kind) {
  std::string text = R"({"kind":")";
  text += kind;
  text += R"(","apiVersion":)" + DumpJson(form.group + "/" + form.version);
  return text;
}

std::string Partial(const OutputForm& form, const Document& object) {
  std::string text = Beginning(form, "PartialObjectMetadata");
  text += R"(,"metadata":)";
  text += object.metadata;
  return text += '}';
}

std::string Columns(const Kind& kind) {
  json columns = json::array();
  for (const kubernetes::Column& column : kubernetes::ColumnsOf(kind)) {
    columns.push_back({{"name", column.name},
                       {"type", column.type},
                       {"format", column.format},
                       {"description", column.description},
                       {"priority", column.priority}});
  }
  return DumpJson(columns);
}

// Items of lists have neither kind nor apiVersion, but the object of a row does.
std::string WithKind(const Kind& kind, const Document& object) {
  if (!object.kind.empty()) return std::string(object.text);
  const std::string_view members = object.text.substr(1);
  std::string text = R"({"kind":")" + kind.kind + R"(","apiVersion":")" + kind.ApiVersion() + '"';
  if (!members.starts_with('}')) text += ',';
  return text += members;
}

// The object for the columns. managedFields are half of many objects, and only a custom column may
// show them.
json ForCells(const Kind& kind, const Document& object) {
  const std::string_view managed = MemberOf(object.metadata, "managedFields");
  if (kind.custom || managed.empty()) return ObjectOrEmpty(object.text);
  const auto begin = static_cast<std::size_t>(managed.data() - object.text.data());
  std::string text(object.text.substr(0, begin));
  text += "null";
  text += object.text.substr(begin + managed.size());
  return ObjectOrEmpty(text);
}

void AppendRow(const Representation& representation, const Document& object, std::int64_t now,
               std::string& out) {
  const Kind& kind = *representation.kind;
  const json read = ForCells(kind, object);
  json cells = json::array();
  for (const kubernetes::Column& column : kubernetes::ColumnsOf(kind)) {
    cells.push_back(column.cell(read, now));
  }
  out += R"({"cells":)" + DumpJson(cells);
  if (const json conditions = kubernetes::RowConditions(kind, read); !conditions.is_null()) {
    out += R"(,"conditions":)" + DumpJson(conditions);
  }
  out += R"(,"object":)";
  switch (representation.row_object) {
    case RowObject::kNone:
      out += "null";
      break;
    case RowObject::kMetadata:
      out += Partial(representation.form, object);
      break;
    case RowObject::kFull:
      out += WithKind(kind, object);
      break;
  }
  out += '}';
}

// A list's own metadata, or an object's version.
std::string TableMetadata(const Document& document, bool list) {
  if (list) return std::string(document.metadata);
  const std::string_view version = MemberOf(document.metadata, "resourceVersion");
  if (version.empty()) return "{}";
  std::string text = R"({"resourceVersion":)";
  text += version;
  return text += '}';
}

// `with_columns` is false for all but the first event of a watch.
std::string Table(const Representation& representation, const Document& document, bool with_columns,
                  std::int64_t now) {
  const bool list = IsList(*representation.kind, document);
  std::string text = Beginning(representation.form, "Table");
  text += R"(,"metadata":)" + TableMetadata(document, list);
  text += R"(,"columnDefinitions":)" + (with_columns ? Columns(*representation.kind) : "null");
  text += R"(,"rows":[)";
  if (list) {
    text.reserve(text.size() + document.items.size());
    VisitElements(document.items, [&](std::string_view item) {
      if (text.back() != '[') text += ',';
      AppendRow(representation, Read(item), now, text);
    });
  } else {
    AppendRow(representation, document, now, text);
  }
  return text += "]}";
}

std::string PartialList(const OutputForm& form, const Document& list) {
  std::string text = Beginning(form, "PartialObjectMetadataList");
  text += R"(,"metadata":)";
  text += list.metadata;
  text += R"(,"items":[)";
  VisitElements(list.items, [&](std::string_view item) {
    if (text.back() != '[') text += ',';
    text += Partial(form, Read(item));
  });
  return text += "]}";
}

// Go's name of the internal type: "core.PodList".
std::string GoType(const Kind& kind, bool list) {
  const std::string group =
      kind.group.empty() ? "core" : kind.group.substr(0, kind.group.find('.'));
  return "*" + group + "." + kind.kind + (list ? "List" : "");
}

HttpResponse NotRepresentable(std::string message) {
  return StatusResponse(
      kubernetes::StatusFailure(406, "NotAcceptable", std::move(message), nullptr));
}

void RepresentObject(const Representation& representation, std::int64_t now,
                     HttpResponse* response) {
  const Document object = Read(response->body);
  if (!object.text.starts_with('{') || IsStatus(object)) return;
  const OutputForm& form = representation.form;
  const bool list = IsList(*representation.kind, object);
  if (form.as == "Table") {
    if (!representation.problem.empty()) {
      *response = BadRequest(representation.problem);
      return;
    }
    response->body = Table(representation, object, true, now);
  } else if (form.as == "PartialObjectMetadata") {
    if (list) {
      *response = NotRepresentable(
          "you requested PartialObjectMetadata, but the requested object is a "
          "list (" +
          GoType(*representation.kind, true) + ")");
      return;
    }
    response->body = Partial(form, object);
  } else {
    if (!list) {
      *response = NotRepresentable(
          "you requested PartialObjectMetadataList, but the requested object "
          "is not a list (" +
          GoType(*representation.kind, false) + ")");
      return;
    }
    response->body = PartialList(form, object);
  }
}

// Converts each line, which is an event, between a watch and its client.
class RepresentingWriter : public BodyWriter {
 public:
  RepresentingWriter(Representation representation, EventLoop& event_loop,
                     std::shared_ptr<BodyWriter> next)
      : representation_(std::move(representation)),
        event_loop_(event_loop),
        next_(std::move(next)) {}

  Task<Result<void>> Write(std::string chunk) override {
    std::string lines;
    for (const std::string_view line : Split(chunk, '\n')) {
      if (!line.empty()) AppendEvent(line, lines);
    }
    return next_->Write(std::move(lines));
  }

 private:
  void AppendEvent(std::string_view line, std::string& out) {
    const Document object = Read(MemberOf(line, "object"));
    if (object.text.starts_with('{') && !IsStatus(object)) {
      const auto begin = static_cast<std::size_t>(object.text.data() - line.data());
      out += line.substr(0, begin);
      out += representation_.form.as == "Table"
                 ? Table(representation_, object, !std::exchange(columns_sent_, true),
                         event_loop_.UnixNanos())
                 : Partial(representation_.form, object);
      out += line.substr(begin + object.text.size());
    } else {
      out += line;
    }
    out += '\n';
  }

  const Representation representation_;
  EventLoop& event_loop_;
  const std::shared_ptr<BodyWriter> next_;
  bool columns_sent_ = false;
};

}  // namespace

Representation RepresentationOf(kubernetes::KindPtr kind, const OutputForm& form,
                                const HttpRequest& request) {
  Representation representation{std::move(kind), form, RowObject::kMetadata, ""};
  const std::string& part = request.Query("includeObject");
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

void Represent(const Representation& representation, EventLoop& event_loop,
               HttpResponse* response) {
  if (representation.form.as.empty() || response->status >= 400) return;
  if (!response->stream) {
    RepresentObject(representation, event_loop.UnixNanos(), response);
    return;
  }
  if (!representation.problem.empty()) {
    *response = BadRequest(representation.problem);
    return;
  }
  auto stream = std::move(response->stream);
  response->stream = [representation, &event_loop,
                      stream = std::move(stream)](std::shared_ptr<BodyWriter> writer) {
    return stream(
        std::make_shared<RepresentingWriter>(representation, event_loop, std::move(writer)));
  };
}

}  // namespace kless::doors
