#include "emulator/doors/kubernetes/wire/protobuf_body.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>
#include <objects.pb.h>

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/strings.h"

namespace kless::doors {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::UnknownField;
using nlohmann::json;

namespace {

constexpr std::string_view kMagic("k8s\0", 4);

// The message of a kind; null if it is unknown.  Options belong to every group.
std::unique_ptr<Message> MakeMessage(const std::string& api_version, const std::string& kind) {
  static const std::map<std::string, const Message*> prototypes = [] {
    std::map<std::string, const Message*> all;
    const auto add = [&all](const char* version, std::initializer_list<const Message*> messages) {
      for (const Message* message : messages) {
        all[version + ("/" + message->GetDescriptor()->name())] = message;
      }
    };
    add("v1", {&wire::Namespace::default_instance(), &wire::ConfigMap::default_instance(),
               &wire::Secret::default_instance(), &wire::ServiceAccount::default_instance(),
               &wire::Service::default_instance(), &wire::ResourceQuota::default_instance()});
    add("batch/v1", {&wire::Job::default_instance(), &wire::CronJob::default_instance()});
    add("apps/v1", {&wire::Deployment::default_instance()});
    add("autoscaling/v2", {&wire::HorizontalPodAutoscaler::default_instance()});
    add("policy/v1",
        {&wire::PodDisruptionBudget::default_instance(), &wire::Eviction::default_instance()});
    add("scheduling.k8s.io/v1", {&wire::PriorityClass::default_instance()});
    add("authorization.k8s.io/v1", {&wire::SelfSubjectAccessReview::default_instance(),
                                    &wire::SelfSubjectRulesReview::default_instance()});
    add("authentication.k8s.io/v1", {&wire::SelfSubjectReview::default_instance()});
    return all;
  }();
  if (kind == "DeleteOptions") return std::make_unique<wire::DeleteOptions>();
  const auto found = prototypes.find(api_version + "/" + kind);
  if (found == prototypes.end()) return nullptr;
  return std::unique_ptr<Message>(found->second->New());
}

bool IsIgnored(const Message& message) { return message.GetDescriptor()->name() == "Ignored"; }

// Zero values of fields that are not pointers are sent, too; they carry no information.
bool SaysNothing(const UnknownField& field) {
  switch (field.type()) {
    case UnknownField::TYPE_VARINT:
      return field.varint() == 0;
    case UnknownField::TYPE_LENGTH_DELIMITED:
      return field.length_delimited().empty();
    default:
      return false;
  }
}

// Returns "PodSpec: 18" for the first unknown field, or "".
std::string UnknownPart(const Message& message) {
  if (IsIgnored(message)) return "";
  const Reflection* reflection = message.GetReflection();
  const auto& unknown = reflection->GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    if (SaysNothing(unknown.field(i))) continue;
    return message.GetDescriptor()->name() + ": " + std::to_string(unknown.field(i).number());
  }
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const Message& inner = field->is_repeated()
                                 ? reflection->GetRepeatedMessage(message, field, i)
                                 : reflection->GetMessage(message, field);
      if (std::string part = UnknownPart(inner); !part.empty()) return part;
    }
  }
  return "";
}

json ToJson(const Message& message);

// One value of a field; index -1 for a field that is not repeated.
json ValueOf(const Message& message, const FieldDescriptor* field, int index) {
  const Reflection* r = message.GetReflection();
  const bool one = index < 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return one ? r->GetInt32(message, field) : r->GetRepeatedInt32(message, field, index);
    case FieldDescriptor::CPPTYPE_INT64:
      return one ? r->GetInt64(message, field) : r->GetRepeatedInt64(message, field, index);
    case FieldDescriptor::CPPTYPE_BOOL:
      return one ? r->GetBool(message, field) : r->GetRepeatedBool(message, field, index);
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string text =
          one ? r->GetString(message, field) : r->GetRepeatedString(message, field, index);
      if (field->type() == FieldDescriptor::TYPE_BYTES) return Base64Encode(text);
      return text;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ToJson(one ? r->GetMessage(message, field)
                        : r->GetRepeatedMessage(message, field, index));
    default:
      return nullptr;
  }
}

// Types that are one value in JSON; nullopt for other types.
std::optional<json> PlainValue(const Message& message) {
  const std::string& name = message.GetDescriptor()->name();
  if (name == "Time") {
    const auto& time = static_cast<const wire::Time&>(message);
    if (time.seconds() == 0 && time.nanos() == 0) return json();
    constexpr std::int64_t kFarthest = 9'000'000'000;  // years 1684 to 2255, whose nanoseconds fit
    if (time.seconds() < -kFarthest || time.seconds() > kFarthest) return json();
    return FormatTime(time.seconds() * kNanosPerSecond);
  }
  if (name == "IntOrString") {
    const auto& value = static_cast<const wire::IntOrString&>(message);
    return value.type() == 1 ? json(value.strval()) : json(value.intval());
  }
  if (name == "Quantity") return static_cast<const wire::Quantity&>(message).string();
  if (name == "Ignored") return json();
  return std::nullopt;
}

json ToJson(const Message& message) {
  if (auto plain = PlainValue(message)) return std::move(*plain);
  json object = json::object();
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_map()) {
      json& map = object[field->name()] = json::object();
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        const Message& entry = reflection->GetRepeatedMessage(message, field, i);
        const auto* type = entry.GetDescriptor();
        map[ValueOf(entry, type->map_key(), -1).get<std::string>()] =
            ValueOf(entry, type->map_value(), -1);
      }
    } else if (field->is_repeated()) {
      json list = json::array();
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        json element = ValueOf(message, field, i);
        if (!element.is_null()) list.push_back(std::move(element));
      }
      if (!list.empty()) object[field->name()] = std::move(list);
    } else {
      json value = ValueOf(message, field, -1);
      if (!value.is_null()) object[field->name()] = std::move(value);
    }
  }
  return object;
}

Error Unsupported(const std::string& what) {
  return MakeError(ErrorCode::kUnsupported,
                   "kless does not read " + what + " from protobuf; send JSON");
}

}  // namespace

Result<json> DecodeProtobuf(std::string_view body) {
  const Error malformed = MakeError(ErrorCode::kInvalidArgument,
                                    "provided data does not appear to be a protobuf "
                                    "message");
  if (!body.starts_with(kMagic)) return malformed;
  // Problems of a body are reported to its sender; the library would print them to stderr.
  static std::once_flag quiet;
  std::call_once(quiet, [] { google::protobuf::SetLogHandler(nullptr); });
  body.remove_prefix(kMagic.size());
  wire::Envelope envelope;
  if (!envelope.ParseFromArray(body.data(), static_cast<int>(body.size()))) return malformed;
  const std::string& api_version = envelope.typemeta().apiversion();
  const std::string& kind = envelope.typemeta().kind();
  const auto message = MakeMessage(api_version, kind);
  if (message == nullptr) return Unsupported(kind + " (" + api_version + ")");
  if (!message->ParseFromString(envelope.raw())) return malformed;
  if (const std::string part = UnknownPart(*message); !part.empty()) {
    return Unsupported("field " + part + " of " + kind);
  }
  json object = ToJson(*message);
  object["apiVersion"] = api_version;
  object["kind"] = kind;
  return Result<json>(boost::system::in_place_value, std::move(object));
}

}  // namespace kless::doors
