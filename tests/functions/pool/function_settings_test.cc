#include "functions/pool/function_settings.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace kless {
namespace {

std::string FieldError(const std::string& name, const std::string& text) {
  FunctionSettings settings;
  const auto set = SetFunctionField(name, text, &settings);
  return set.has_error() ? set.error().message : "";
}

TEST(FunctionSettingsTest, EveryFieldReadsTheTextThatItShows) {
  FunctionSettings settings;
  settings.config.name = settings.mapping.name = "f";
  std::set<std::string> names;
  for (const FunctionSetting& field : AllFunctionSettings()) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    const std::string text = FunctionFieldText(field.name, settings);
    ASSERT_NE(text, "") << field.name;
    EXPECT_EQ(FieldError(field.name, text), "") << field.name;
  }
  EXPECT_EQ(names.size(), FunctionConfigFields().size() - 1 + MappingConfigFields().size());
}

TEST(FunctionSettingsTest, TextsAreJsonOrStandForThemselves) {
  const auto made = WithFunctionTexts({}, {{"init", R"({"lognormal_ms":{"p50":450,"p99":900}})"},
                                           {"memory_mb", "1769"},
                                           {"runtime", "python3.13"},
                                           {"timeout_ms", "30s"},
                                           {"mapping.batch_size", "7"},
                                           {"mapping.retry_initial_ms", "250"},
                                           {"mapping.starting_position", "LATEST"}});
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->config.init->TypicalMs(), 450);
  EXPECT_EQ(made->config.memory_mb, 1769);
  EXPECT_EQ(made->config.runtime, "python3.13");
  EXPECT_EQ(made->config.timeout, std::chrono::seconds(30));
  EXPECT_EQ(made->mapping.batch_size, 7);
  EXPECT_EQ(made->mapping.retry_initial, std::chrono::milliseconds(250));
  EXPECT_EQ(made->mapping.starting_position, StartingPosition::kLatest);
  EXPECT_EQ(FunctionFieldText("timeout_ms", made.value()), "30000");
}

TEST(FunctionSettingsTest, ErrorsSayWhatIsAllowedAndWhatWasGiven) {
  EXPECT_EQ(FieldError("reserved_concurrency", "none"),
            "must be a whole number from 0 to 1000000, or null for no reservation, not 'none'");
  EXPECT_EQ(FieldError("reserved_concurrency", "null"), "");
  EXPECT_EQ(FieldError("memory_mb", "99999999999999999999"),
            "must be a whole number from 128 to 10240, not 1e+20");
  EXPECT_EQ(FieldError("mapping.parallelization_factor", "11"),
            "must be a whole number from 1 to 10, not 11");
  EXPECT_EQ(FieldError("mapping.maximum_record_age_ms", "1s"),
            "must be a duration from 1m to 168h, or null for no limit, not '1s'");
  EXPECT_EQ(FieldError("mapping.maximum_record_age_ms", "-1"), "");
  EXPECT_EQ(FieldError("mapping.starting_position", "latest"),
            "must be TRIM_HORIZON or LATEST, not 'latest'");
  EXPECT_EQ(FieldError("mapping.enabled", "yes"), "must be true or false, not 'yes'");
  EXPECT_EQ(FieldError("inti", "1"), "unknown field 'inti'; did you mean 'init'?");
  EXPECT_EQ(FieldError("mapping.batchsize", "1"),
            "unknown field 'mapping.batchsize'; did you mean 'mapping.batch_size'?");
  EXPECT_EQ(FieldError("init", "soon").substr(0, 42), "must be null or a distribution: not a dist");
}

// One table: `kless function set`, which patches by JSON, refuses with the same words.
TEST(FunctionSettingsTest, APatchRefusesAsATextDoes) {
  FunctionConfig function;
  function.name = "f";
  EventSourceMappingConfig mapping;
  for (const FunctionSetting& field : AllFunctionSettings()) {
    const std::string sentence = FieldError(field.name, R"({"what":1})");
    ASSERT_NE(sentence, "") << field.name;
    const bool of_mapping = field.name.starts_with("mapping.");
    const std::string name = field.name.substr(field.name.rfind('.') + 1);
    const nlohmann::json value = {{"what", 1}};
    const Error error = of_mapping ? PatchMappingConfig(name, value, &mapping).error()
                                   : PatchFunctionConfig(function, {{name, value}}).error();
    EXPECT_EQ(error.message,
              (of_mapping ? "event source mapping: '" : "function configuration: '") + name + "' " +
                  sentence);
  }
}

TEST(FunctionSettingsTest, NumbersAreWrittenAsPeopleWriteThem) {
  EXPECT_EQ(PlainText(450.0), "450");
  EXPECT_EQ(PlainText(0.5), "0.5");
  EXPECT_EQ(PlainText("go"), "go");
  EXPECT_EQ(PlainText(nullptr), "null");
  EXPECT_EQ(PlainText({{"constant_ms", 450.0}}), "450");
  EXPECT_EQ(PlainText({{"uniform_ms", {0.0, 2.5}}}), R"({"uniform_ms":[0,2.5]})");
}

}  // namespace
}  // namespace kless
