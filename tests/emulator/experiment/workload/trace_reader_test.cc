// Traces written into a folder demonstrate the rules; published traces
// in the source tree, show that real files are read completely.
#include "emulator/experiment/workload/trace_reader.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "tests/emulator/experiment/workload/workload_fixture.h"

namespace kless::experiment {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

class TraceReaderTest : public WorkloadFixture {
 protected:
  // {"trace": {"file": NAME, MORE}}
  static std::string Trace(const std::string& name, const std::string& more = "") {
    return R"({"trace": {"file": ")" + name + "\"" + (more.empty() ? "" : ", " + more) + "}}";
  }
  // Arrivals per minute.
  static std::vector<int> PerMinute(const Workload& workload) {
    std::vector<int> counts;
    for (const Arrival& arrival : workload.arrivals) {
      const auto minute = static_cast<std::size_t>(arrival.at / minutes(1));
      if (counts.size() <= minute) counts.resize(minute + 1);
      ++counts[minute];
    }
    return counts;
  }
  void WriteSmall2019() const {
    Write("counts.csv",
          "HashOwner,HashApp,HashFunction,Trigger,1,2,3\n"
          "o1,a1,f1,http,2,0,4\n"
          "o1,a1,f2,timer,1,1,1\n"
          "o2,a2,f1,queue,0,10,0\n");
    Write("durations.csv",
          "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,"
          "percentile_Average_1,percentile_Average_25,percentile_Average_50,percentile_Average_75,"
          "percentile_Average_99,percentile_Average_100\n"
          "o1,a1,f1,5,9,0,0,100,100,100,100,100,100,100\n"
          "o2,a2,f1,5,9,0,0,0,0,0,0,0,0,0\n");
    Write("memory.csv",
          "HashOwner,HashApp,SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct1,"
          "AverageAllocatedMb_pct5,AverageAllocatedMb_pct25,AverageAllocatedMb_pct50,"
          "AverageAllocatedMb_pct75,AverageAllocatedMb_pct95,AverageAllocatedMb_pct99,"
          "AverageAllocatedMb_pct100\n"
          "o1,a1,9,60,50,50,50,50,50,50,50,50\n"
          "o2,a2,9,300,300,300,300,300,300,300,300,400.4\n");
  }
};

TEST_F(TraceReaderTest, EveryCountOfA2019TraceBecomesOneArrivalInItsMinute) {
  WriteSmall2019();
  for (const char* iat : {"exponential", "uniform", "equidistant"}) {
    for (const char* shift : {"true", "false"}) {
      const Workload made =
          Make(Trace("counts.csv", std::string(R"("iat": ")") + iat + R"(", "shift": )" + shift));
      EXPECT_THAT(PerMinute(made), ElementsAre(3, 11, 5)) << iat << shift;
      EXPECT_TRUE(std::is_sorted(made.arrivals.begin(), made.arrivals.end(),
                                 [](const Arrival& a, const Arrival& b) { return a.at < b.at; }));
    }
  }
  EXPECT_EQ(Make(Trace("counts.csv")).rule,
            "19 invocations of 3 functions, each one Job of one pod, from 3 minutes of counts.csv; "
            "within its minute by exponential gaps cut at a random point");
}

TEST_F(TraceReaderTest, WithoutAShiftAMinuteBeginsWithAnInvocation) {
  Write("counts.csv", "HashFunction,Trigger,1,2\nf,http,4,0\n");
  EXPECT_THAT(Milliseconds(Make(Trace("counts.csv", R"("iat": "equidistant")"))),
              ElementsAre(0, 15000, 30000, 45000));
  EXPECT_EQ(Make(Trace("counts.csv", R"("shift": false)")).arrivals[0].at, Duration::zero());
  const std::vector<double> shifted =
      Milliseconds(Make(Trace("counts.csv", R"("iat": "equidistant", "shift": true)")));
  EXPECT_GT(shifted[0], 0);
  EXPECT_LT(shifted[0], 15000);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_NEAR(shifted[i] - shifted[i - 1], 15000, 1e-5);
}

TEST_F(TraceReaderTest, ExponentialGapsVaryMoreThanUniformOnes) {
  Write("counts.csv", "HashFunction,Trigger,1\nf,http,20000\n");
  const auto variation = [&](const std::string& iat) {
    const std::vector<double> times =
        Milliseconds(Make(Trace("counts.csv", R"("iat": ")" + iat + "\"")));
    double sum = 0, squares = 0;
    for (std::size_t i = 1; i < times.size(); ++i) {
      const double gap = times[i] - times[i - 1];
      sum += gap;
      squares += gap * gap;
    }
    const auto n = static_cast<double>(times.size() - 1);
    return std::sqrt(squares / n - (sum / n) * (sum / n)) / (sum / n);
  };
  EXPECT_NEAR(variation("exponential"), 1, 0.05);
  EXPECT_NEAR(variation("uniform"), 0.577, 0.03);
  EXPECT_NEAR(variation("equidistant"), 0, 1e-3);
}

TEST_F(TraceReaderTest, DurationsAndMemoryAreFoundByTheColumnsBothFilesHave) {
  WriteSmall2019();
  const Workload made =
      Make(Trace("counts.csv", R"("durations": "durations.csv", "memory": "memory.csv")"));
  int with_100 = 0, with_1 = 0, without = 0;
  for (const Arrival& arrival : made.arrivals) {
    with_100 += arrival.duration == milliseconds(100) && arrival.memory_mb == 50;
    with_1 += arrival.duration == milliseconds(1) && arrival.memory_mb >= 300;
    without += arrival.duration == Duration::zero() && arrival.memory_mb == 50;
  }
  EXPECT_EQ(with_100, 6);
  EXPECT_EQ(with_1, 10);
  EXPECT_EQ(without, 3);
  EXPECT_THAT(made.rule, HasSubstr("; durations drawn from the percentiles in durations.csv (1 "
                                   "functions have no row there); memory drawn from the "
                                   "percentiles in memory.csv"));
}

TEST_F(TraceReaderTest, AsInvocationsFunctionsHaveNamesOfTheirOwnAndLambdasMemory) {
  WriteSmall2019();
  const Workload made = Make(Trace("counts.csv", R"("as": "invocations", "memory": "memory.csv")"));
  ASSERT_EQ(made.functions.size(), 3U);
  EXPECT_EQ(made.functions[0].name, "f1");
  EXPECT_EQ(made.functions[1].name, "f2");
  EXPECT_EQ(made.functions[2].name, "f1-2");
  EXPECT_EQ(made.functions[0].memory_mb, 128);
  EXPECT_EQ(made.functions[2].memory_mb, 400);
  std::vector<int> counts(3);
  for (const Arrival& arrival : made.arrivals)
    ++counts.at(static_cast<std::size_t>(arrival.function));
  EXPECT_THAT(counts, ElementsAre(6, 3, 10));
  EXPECT_THAT(made.rule, HasSubstr("19 invocations of 3 functions, from"));
}

TEST_F(TraceReaderTest, NamesBecomeWhatAFunctionMayBeCalled) {
  const std::string hash(64, 'a');
  Write("counts.csv",
        "HashFunction,Trigger,1\n" + hash + "X,http,1\n" + hash + "Y,http,1\nmy.app/f,x,1\n");
  const Workload made = Make(Trace("counts.csv", R"("as": "invocations")"));
  EXPECT_EQ(made.functions[0].name, hash);
  EXPECT_EQ(made.functions[1].name, std::string(62, 'a') + "-2");
  EXPECT_EQ(made.functions[2].name, "my-app-f");
}

TEST_F(TraceReaderTest, PercentilesAreDrawnFromTheLinesBetweenThem) {
  Write("counts.csv", "HashFunction,Trigger,1\nf,http,100000\n");
  Write("durations.csv",
        "HashFunction,percentile_Average_0,percentile_Average_1,percentile_Average_25,"
        "percentile_Average_50,percentile_Average_75,percentile_Average_99,percentile_Average_100\n"
        "f,10,20,100,200,400,1000,9000\n");
  const Workload made = Make(Trace("counts.csv", R"("durations": "durations.csv")"));
  std::vector<double> drawn;
  for (const Arrival& arrival : made.arrivals) drawn.push_back(ToMilliseconds(arrival.duration));
  std::sort(drawn.begin(), drawn.end());
  EXPECT_GE(drawn.front(), 10);
  EXPECT_LE(drawn.back(), 9000);
  EXPECT_NEAR(drawn[25000], 100, 3);
  EXPECT_NEAR(drawn[37500], 150, 3);
  EXPECT_NEAR(drawn[50000], 200, 4);
  EXPECT_NEAR(drawn[75000], 400, 10);
  EXPECT_NEAR(drawn[99500], 5000, 500);
}

TEST_F(TraceReaderTest, LimitsCutAndSpeedShortens) {
  WriteSmall2019();
  EXPECT_THAT(PerMinute(Make(Trace("counts.csv", R"("limit_minutes": 2)"))), ElementsAre(3, 11));
  EXPECT_THAT(PerMinute(Make(Trace("counts.csv", R"("limit_functions": 2)"))),
              ElementsAre(3, 1, 5));
  const Workload fast = Make(Trace("counts.csv", R"("speed": 60, "limit_minutes": 3)"));
  ASSERT_EQ(fast.arrivals.size(), 19U);
  EXPECT_LT(fast.arrivals.back().at, seconds(3));
  EXPECT_THAT(fast.rule, HasSubstr("; only its first 3 minutes; arrival times divided by 60"));
  const Workload second = Make(Trace("counts.csv", R"("granularity": "second")"));
  EXPECT_LT(second.arrivals.back().at, seconds(3));
  EXPECT_THAT(second.rule, HasSubstr("from 3 seconds of counts.csv; within its second"));
}

TEST_F(TraceReaderTest, A2021TraceBeginsAtItsEarliestStart) {
  Write("t.csv",
        "app,func,end_timestamp,duration\n"
        "a,f,100.5,0.5\n"
        "b,f,101.001,3.001\n"
        "a,f,200,0\n");
  const Workload made = Make(Trace("t.csv", R"("as": "invocations")"));
  EXPECT_THAT(Milliseconds(made), ElementsAre(0, 2000, 102000));
  EXPECT_EQ(made.arrivals[0].duration, milliseconds(3001));
  EXPECT_EQ(made.arrivals[0].function, 1);
  EXPECT_EQ(made.arrivals[2].duration, milliseconds(1));  // below the trace's resolution
  ASSERT_EQ(made.functions.size(), 2U);
  EXPECT_EQ(made.functions[1].name, "f-2");
  EXPECT_EQ(made.rule,
            "3 invocations of 2 functions, from t.csv; each begins at its end less its duration");
  EXPECT_EQ(Make(Trace("t.csv", R"("limit_minutes": 1)")).arrivals.size(), 2U);
  EXPECT_EQ(Make(Trace("t.csv", R"("limit_functions": 1)")).arrivals.size(), 2U);
}

TEST_F(TraceReaderTest, AnIluvatarTraceHasItsDurationsInTheMetadata) {
  Write("t.csv", "func_name,invoke_time_ms\nf2,1500\nf1,10\nf1,10\n");
  Write("meta.csv", "func_name,cold_dur_ms,warm_dur_ms,mem_mb\nf1,400,10,512\nf2,40,40,20000\n");
  const Workload made = Make(Trace("t.csv", R"("as": "invocations", "metadata": "meta.csv")"));
  EXPECT_THAT(Milliseconds(made), ElementsAre(10, 10, 1500));
  EXPECT_EQ(made.arrivals[0].duration, milliseconds(10));
  ASSERT_EQ(made.functions.size(), 2U);
  EXPECT_EQ(made.functions[0].name, "f2");
  EXPECT_EQ(made.functions[0].memory_mb, 10240);
  EXPECT_EQ(made.functions[0].cold_duration, Duration(1));
  EXPECT_EQ(made.functions[1].cold_duration, milliseconds(390));
  const Workload bare = Make(Trace("t.csv"));
  EXPECT_EQ(bare.arrivals[0].duration, Duration::zero());
  EXPECT_THAT(bare.rule, HasSubstr("without metadata, so without durations"));
  Write("meta.csv", "func_name,cold_dur_ms,warm_dur_ms,mem_mb\nf2,40,40,20000\n");
  EXPECT_EQ(Problem(Trace("t.csv", R"("metadata": "meta.csv")")),
            "FOLDER/t.csv:3: function 'f1' has no row in FOLDER/meta.csv");
}

TEST_F(TraceReaderTest, APlainTraceSaysJobsPodsAndDurations) {
  Write("t.csv", "time,jobs,pods,duration\r\n1.001,2,3,30\r\n\r\n\"0\",1,100,0\r\n2,0,1,1\r\n");
  const Workload made = Make(Trace("t.csv"));
  EXPECT_THAT(Milliseconds(made), ElementsAre(0, 1001, 1001));
  EXPECT_EQ(made.arrivals[0].pods, 100);
  EXPECT_EQ(made.arrivals[1].duration, seconds(30));
  EXPECT_EQ(made.rule, "3 Jobs from 3 rows of t.csv, each row's Jobs due at its time");
  Write("bare.csv", "\xef\xbb\xbftime\n5\n");
  EXPECT_THAT(Milliseconds(Make(Trace("bare.csv"))), ElementsAre(5000));
}

TEST_F(TraceReaderTest, AComplaintNamesFileAndLine) {
  const auto problem = [&](const std::string& text, const std::string& more = "") {
    Write("t.csv", text);
    return Problem(Trace("t.csv", more));
  };
  EXPECT_EQ(problem("time\n1\n-2\n"),
            "FOLDER/t.csv:3: time must be a number from 0 to 31622400, not '-2'");
  EXPECT_EQ(problem("time,pods\n1,0\n"), "FOLDER/t.csv:2: pods must be at least 1");
  EXPECT_EQ(problem("time,pods\n1\n"),
            "FOLDER/t.csv:2: the row has 1 cells, the header 2; complete or remove it");
  EXPECT_EQ(problem("time,pod\n1,1\n"),
            "FOLDER/t.csv:1: unknown column 'pod'; did you mean 'pods'?");
  EXPECT_EQ(problem("time\n\"1\n"),
            "FOLDER/t.csv:2: a quoted cell does not end before the next comma or the line's end");
  EXPECT_EQ(problem("time\n"),
            "FOLDER/t.csv: nothing arrives; a workload needs at least one arrival");
  EXPECT_EQ(problem("time\n600\n", R"("limit_minutes": 1)"),
            "FOLDER/t.csv: nothing arrives within the limits; raise limit_minutes or "
            "limit_functions");
  EXPECT_EQ(problem(""), "FOLDER/t.csv:1: empty; it must begin with a header");
  EXPECT_THAT(
      problem("TIMESTAMP,Tokens\n1,2\n"),
      HasSubstr("FOLDER/t.csv:1: the header 'TIMESTAMP,Tokens' is of no known format; say"));
  EXPECT_EQ(problem("version https://git-lfs.github.com/spec/v1\n"),
            "FOLDER/t.csv:1: a pointer of Git LFS, not the data; fetch it with `git lfs pull`");
  EXPECT_EQ(problem("HashFunction,1\nf,1.5\n"),
            "FOLDER/t.csv:2: 1 must be a whole number from 0 to 10000000, not '1.5'");
  EXPECT_EQ(problem("HashFunction,1,3\nf,1,1\n"),
            "FOLDER/t.csv:1: column 3 follows column 1; the columns of counts must be 1, 2, 3...");
  EXPECT_EQ(problem("HashFunction,1\nf,9000000\ng,9000000\n"),
            "FOLDER/t.csv:3: more than 10000000 arrivals or pods by here; set limit_minutes or "
            "limit_functions, or cut the trace");
  EXPECT_EQ(problem("time,jobs,pods\n1,10,1000000\n2,1,1\n"),
            "FOLDER/t.csv:3: more than 10000000 arrivals or pods by here; set limit_minutes or "
            "limit_functions, or cut the trace");
  EXPECT_EQ(problem("app,func,end_timestamp\n", R"("format": "azure-2021")"),
            "FOLDER/t.csv:1: no column 'duration', which azure-2021 needs");
  EXPECT_EQ(problem("time\n300\n", R"("speed": 0.000000001)"),
            "FOLDER/t.csv: longer than 366 days; set limit_minutes or speed");
}

TEST_F(TraceReaderTest, AKeyOfAnotherFormatIsRefused) {
  Write("t.csv", "time\n1\n");
  EXPECT_EQ(Problem(Trace("t.csv", R"("metadata": "t.csv")")),
            "FOLDER/t.csv: metadata belongs to iluvatar traces; this one is plain, remove the key");
  EXPECT_EQ(Problem(Trace("t.csv", R"("as": "invocations")")),
            "FOLDER/t.csv: as must be jobs: a plain trace names no functions");
  EXPECT_EQ(Problem(Trace("t.csv", R"("format": "plain", "iat": "uniform")")),
            "workload.trace.iat belongs to azure-2019 traces; this one is plain, remove the key");
  EXPECT_EQ(Problem(Trace("t.csv", R"("format": "azure-2018")")),
            "workload.trace.format must be one of azure-2019, azure-2021, iluvatar, plain, not "
            "\"azure-2018\"; did you mean 'azure-2019'?");
  EXPECT_EQ(Problem(Trace("t.csv", R"("speed": 0)")),
            "workload.trace.speed must be a number above 0, at most 1000000, not 0");
  EXPECT_EQ(Problem(Trace("t.csv", R"("duration": "t.csv")")),
            "workload.trace: unknown key 'duration'; did you mean 'durations'?");
}

TEST_F(TraceReaderTest, FilesOfAnotherDayAreRefused) {
  WriteSmall2019();
  Write("durations.csv",
        "HashOwner,HashApp,HashFunction,percentile_Average_0,percentile_Average_1,"
        "percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_99,"
        "percentile_Average_100\nx,y,z,1,1,1,1,1,1,1\n");
  EXPECT_EQ(Problem(Trace("counts.csv", R"("durations": "durations.csv")")),
            "durations.csv: no row for any function of counts.csv; give the files of the same day");
}

// ---- published traces

class PublishedTraceTest : public TraceReaderTest {
 protected:
  static std::string Path(const std::string& name) {
    return std::string(KLESS_SOURCE_DIR) + "/configs/traces/" + name;
  }
};

TEST_F(PublishedTraceTest, TheHourOfThousandFunctionsIsReadWhole) {
  const std::string base = Path("azure-functions-2019-freyr-60min/exp_sim_");
  const std::string files = R"("durations": ")" + base + R"(duration_traces_0.csv", "memory": ")" +
                            base + R"(memory_traces_0.csv")";
  const Workload jobs = Make(Trace(base + "invocation_traces_0.csv", files));
  EXPECT_EQ(jobs.arrivals.size(), 85470U);
  const std::vector<int> per_minute = PerMinute(jobs);
  ASSERT_EQ(per_minute.size(), 60U);
  EXPECT_EQ(*std::min_element(per_minute.begin(), per_minute.end()), 1106);
  EXPECT_EQ(*std::max_element(per_minute.begin(), per_minute.end()), 2622);
  for (const Arrival& arrival : jobs.arrivals) {
    ASSERT_GE(arrival.duration, milliseconds(1));
    ASSERT_GE(arrival.memory_mb, 1);
  }
  const Workload invocations =
      Make(Trace(base + "invocation_traces_0.csv", files + R"(, "as": "invocations")"));
  EXPECT_EQ(invocations.arrivals.size(), 85470U);
  EXPECT_EQ(invocations.functions.size(), 1000U);
  EXPECT_EQ(invocations.functions[0].memory_mb, 246);
}

TEST_F(PublishedTraceTest, ADayOf1440ColumnsIsReadWhole) {
  const std::string base = Path("invitro/");
  const Workload made = Make(Trace(base + "invocations.csv",
                                   R"("durations": ")" + base + R"(durations.csv", "memory": ")" +
                                       base + R"(memory.csv", "as": "invocations")"));
  EXPECT_EQ(made.functions.size(), 4U);
  EXPECT_EQ(made.arrivals.size(), 4525U);
  EXPECT_EQ(PerMinute(made).size(), 230U);  // the last minute that is not empty
}

TEST_F(PublishedTraceTest, AllInvocationsOfThe2021ExcerptAreRead) {
  const Workload made = Make(Trace(Path("invitro/Azure2021_200.csv"), R"("as": "invocations")"));
  EXPECT_EQ(made.arrivals.size(), 199U);
  EXPECT_EQ(made.functions.size(), 31U);
  EXPECT_EQ(made.arrivals[0].at, Duration::zero());
}

}  // namespace
}  // namespace kless::experiment
