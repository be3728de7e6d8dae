// Kinds of apps, batch and autoscaling, Services, and rules for the parts of pods.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/cron_schedule.h"
#include "functions/kubernetes/values/quantity.h"
#include "tests/functions/kubernetes/objects.h"

namespace kless::kubernetes {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

std::vector<std::string> WorkloadErrors(const char* type, const char* text) {
  return Texts(Create(KindOf(type), json::parse(text)).errors);
}

TEST(PodPartsTest, PortsEnvironmentVolumesAndMountsAreChecked) {
  EXPECT_THAT(
      WorkloadErrors("pod",
                     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i",
          "ports":[{"containerPort":0},{"containerPort":70000,"name":"toolongportname-x"}],
          "env":[{"name":"a=b"},{"name":"D","value":"v","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
          "volumeMounts":[{"name":"nope","mountPath":"/a"}]}],
          "volumes":[{"name":"v","emptyDir":{},"hostPath":{"path":"/x"}},{"name":"v","configMap":{}}]}})"),
      UnorderedElementsAre(
          "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
          "spec.volumes[1].configMap.name: Required value",
          "spec.containers[0].ports[0].containerPort: Required value",
          "spec.containers[0].ports[1].name: Invalid value: \"toolongportname-x\": must be no more "
          "than 15 characters",
          "spec.containers[0].ports[1].containerPort: Invalid value: 70000: must be between 1 and "
          "65535, inclusive",
          "spec.containers[0].env[0].name: Invalid value: \"a=b\": a valid environment variable "
          "name must consist only of printable ASCII characters other than '='",
          "spec.containers[0].env[1].valueFrom: Invalid value: \"\": may not be specified when "
          "`value` is not empty",
          "spec.containers[0].volumeMounts[0].name: Not found: \"nope\""));
}

TEST(PodPartsTest, RS8_TheDeletionCostIsA32BitInteger) {
  const auto problems = [](const std::string& cost) {
    return WorkloadErrors("pod", (R"({"metadata":{"name":"p","annotations":
        {"controller.kubernetes.io/pod-deletion-cost":")" +
                                  cost + R"("}},"spec":{"containers":[{"name":"c","image":"i"}]}})")
                                     .c_str());
  };
  for (const char* fine : {"0", "-0", "-5", "2147483647"}) EXPECT_THAT(problems(fine), IsEmpty());
  for (const char* bad : {"+5", "05", "abc", "2147483648", ""}) {
    EXPECT_THAT(problems(bad),
                ElementsAre("metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: "
                            "Invalid value: \"" +
                            std::string(bad) + "\": must be a 32bit integer"));
  }
}

TEST(QuantityTest, QuantitiesAreSaidInTheirCanonicalForm) {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"1000m", "1"},      {"1024Mi", "1Gi"}, {"0.5", "500m"}, {"1500m", "1500m"},
      {"1.5Gi", "1536Mi"}, {"100", "100"},    {"1000", "1k"},  {"0", "0"},
      {"512Ki", "512Ki"},  {"-2000", "-2k"},  {"1e3", "1e3"},  {"nonsense", "nonsense"},
      {"0.0001", "100u"},  {"2048", "2048"}};
  for (const auto& [given, said] : rows) EXPECT_EQ(CanonicalQuantity(given), said) << given;
}

TEST(ServiceTest, AddressesAndNodePortsAreGiven) {
  const Written created = Create(KindOf("service"), json::parse(R"({"metadata":{"name":"s"},
      "spec":{"type":"NodePort","ports":[{"port":80},{"port":81,"name":"b","nodePort":30001}]}})"));
  const json& spec = created.object["spec"];
  EXPECT_THAT(spec["clusterIP"].get<std::string>(), StartsWith("10."));
  EXPECT_EQ(spec["clusterIPs"], json::array({spec["clusterIP"]}));
  EXPECT_EQ(spec["ipFamilies"], json::array({"IPv4"}));
  EXPECT_EQ(spec["ipFamilyPolicy"], "SingleStack");
  EXPECT_GE(spec["ports"][0]["nodePort"].get<int>(), 30000);
  EXPECT_LE(spec["ports"][0]["nodePort"].get<int>(), 32767);
  EXPECT_EQ(spec["ports"][1]["nodePort"], 30001);
}

TEST(ServiceTest, AnUpdateKeepsWhatItDoesNotMention) {
  const json old = Create(KindOf("service"), json::parse(R"({"metadata":{"name":"s"},
      "spec":{"ports":[{"port":80}]}})"))
                       .object;
  json body = old;
  for (const char* key : {"clusterIP", "clusterIPs"}) body["spec"].erase(key);
  const Written updated = Update(KindOf("service"), body, old);
  EXPECT_THAT(Texts(updated.errors), IsEmpty());
  EXPECT_EQ(updated.object["spec"]["clusterIP"], old["spec"]["clusterIP"]);
  body["spec"]["clusterIP"] = "10.96.9.9";
  EXPECT_THAT(Texts(Update(KindOf("service"), body, old).errors),
              ElementsAre("spec.clusterIPs[0]: Invalid value: [\"10.96.9.9\"]: may not change "
                          "once set"));
}

TEST(ServiceTest, PortsAreChecked) {
  EXPECT_THAT(
      WorkloadErrors("service", R"({"metadata":{"name":"s"},"spec":{"ports":[
          {"port":0},{"port":1,"name":"x"},{"port":2,"name":"x"}]}})"),
      ElementsAre("spec.ports[0].name: Required value",
                  "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
                  "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, "
                  "inclusive",
                  "spec.ports[2].name: Duplicate value: \"x\""));
}

TEST(SecretTest, TypesHaveTheirKeys) {
  EXPECT_THAT(WorkloadErrors("secret", R"({"metadata":{"name":"s"},"type":"kubernetes.io/tls"})"),
              ElementsAre("data[tls.crt]: Required value", "data[tls.key]: Required value"));
}

TEST(StatefulSetTest, DefaultsAndWhatAnUpdateMayChange) {
  const Written created = Create(KindOf("statefulset"), json::parse(R"({"metadata":{"name":"w"},
      "spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
      "spec":{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"data","mountPath":"/d"}]}]}},
      "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{}}]}})"));
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  const json& spec = created.object["spec"];
  EXPECT_EQ(spec["podManagementPolicy"], "OrderedReady");
  EXPECT_EQ(spec["updateStrategy"]["rollingUpdate"]["partition"], 0);
  EXPECT_EQ(created.object["status"], json({{"replicas", 0}, {"availableReplicas", 0}}));
  json body = created.object;
  body["spec"]["replicas"] = 3;
  EXPECT_THAT(Texts(Update(KindOf("statefulset"), body, created.object).errors), IsEmpty());
  body["spec"]["serviceName"] = "other";
  EXPECT_EQ(Update(KindOf("statefulset"), body, created.object).errors.size(), 1U);
}

TEST(DaemonSetTest, TheTemplateGenerationCountsTemplates) {
  const Written created = Create(KindOf("daemonset"), json::parse(R"({"metadata":{"name":"d"},
      "spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
      "spec":{"containers":[{"name":"c","image":"i"}]}}}})"));
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  constexpr const char* kGeneration = "deprecated.daemonset.template.generation";
  EXPECT_EQ(created.object["metadata"]["annotations"][kGeneration], "1");
  json body = created.object;
  body["spec"]["template"]["spec"]["containers"][0]["image"] = "j";
  EXPECT_EQ(Update(KindOf("daemonset"), body, created.object)
                .object["metadata"]["annotations"][kGeneration],
            "2");
}

TEST(CronJobTest, SchedulesAreParsed) {
  for (const char* fine : {"@hourly", "@every 40s", "*/5 * * * *", "0 0 ? * MON-FRI",
                           "1-5/2 0 1 JAN SUN", "0 0 31 2 *"}) {
    EXPECT_EQ(ScheduleProblem(fine), std::nullopt) << fine;
  }
  EXPECT_EQ(ScheduleProblem("* * * *"), "expected exactly 5 fields, found 4: [* * * *]");
  EXPECT_EQ(ScheduleProblem("61 * * * *"), "end of range (61) above maximum (59): 61");
  EXPECT_EQ(ScheduleProblem("0 0 * * 7"), "end of range (7) above maximum (6): 7");
  EXPECT_EQ(ScheduleProblem("0 0 L * *"),
            "failed to parse int from L: strconv.Atoi: parsing \"L\": invalid syntax");
  EXPECT_EQ(ScheduleProblem("@reboot"), "unrecognized descriptor: @reboot");
  EXPECT_TRUE(IsTimeZone("Europe/Zurich"));
  EXPECT_FALSE(IsTimeZone("Nope/City"));
}

TEST(CronJobTest, TheSpecIsChecked) {
  EXPECT_THAT(
      WorkloadErrors("cronjob", R"({"metadata":{"name":"c"},"spec":{"schedule":"TZ=UTC * * * * *",
          "concurrencyPolicy":"X","timeZone":"","jobTemplate":{"spec":{"template":{"spec":{
          "restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}})"),
      ElementsAre("spec.schedule: Invalid value: \"TZ=UTC * * * * *\": cannot use TZ or CRON_TZ "
                  "in schedule, use timeZone field instead",
                  "spec.timeZone: Invalid value: \"\": timeZone must be nil or non-empty string",
                  "spec.concurrencyPolicy: Unsupported value: \"X\": supported values: \"Allow\", "
                  "\"Forbid\", \"Replace\""));
}

TEST(AutoscalerTest, DefaultsAndBounds) {
  const Written created =
      Create(KindOf("horizontalpodautoscaler"), json::parse(R"({"metadata":{"name":"h"},
      "spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"}}})"));
  EXPECT_THAT(Texts(created.errors), IsEmpty());
  EXPECT_EQ(created.object["spec"]["minReplicas"], 1);
  EXPECT_EQ(created.object["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"], 80);
}

}  // namespace
}  // namespace kless::kubernetes
