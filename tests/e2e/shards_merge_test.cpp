// One recorded stream of samples, whole and in eight parts that `squall merge` joins: the same
// histograms and the same ledger, to the byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "loadgen/base/rng.hpp"
#include "loadgen/engine/recorder.hpp"
#include "loadgen/run/aggregator.hpp"
#include "loadgen/run/journal.hpp"
#include "loadgen/run/record_merge.hpp"
#include "tests/e2e/squall_process.hpp"

namespace squall::test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr unsigned kShards = 8;
constexpr unsigned kWorkers = 2;
constexpr std::int64_t kSeconds = 4;
constexpr std::uint64_t kArrivals = 4000;

constexpr const char* kPlan =
    "format = 1\nname = \"stream\"\nseed = 5\n"
    "[[target]]\nname = \"t\"\nurls = [\"http://127.0.0.1:1\"]\n"
    "[load]\nduration = \"4s\"\n"
    "[[scenario]]\nname = \"s\"\narrivals = { process = \"constant\", rate = \"1000/s\" }\n"
    "  [[scenario.step]]\n  name = \"a\"\n  request = \"POST /\"\n  effect = \"{{key}}\"\n"
    "  [[scenario.step]]\n  name = \"b\"\n  request = \"GET /\"\n"
    "[checks]\nrequire = [\"s.a response p50 < 1s\"]\n";

// What one arrival came to. Decided by its index alone, as in a run.
struct Sample {
  std::uint64_t arrival = 0;
  std::uint16_t step = 0;
  Duration intended{};
  Duration response{};
  model::AttemptClass how = model::AttemptClass::kSuccess;
  model::Exposure exposure = model::Exposure::kClean;
};

std::vector<Sample> stream() {
  std::vector<Sample> samples;
  const StreamId chance(5, "s", "samples");
  for (std::uint64_t i = 0; i < kArrivals; ++i) {
    Sample one;
    one.arrival = i;
    one.step = static_cast<std::uint16_t>(chance.bits_at(i, 0) % 2);
    // Many share an instant, so that the order of the ledger does not come from it alone.
    one.intended = milliseconds(i * 1000 * kSeconds / kArrivals / 5 * 5);
    one.response = microseconds(200 + chance.bits_at(i, 1) % 900'000);
    one.how = chance.bits_at(i, 2) % 50 == 0 ? model::AttemptClass::kTimeout
                                             : model::AttemptClass::kSuccess;
    one.exposure =
        chance.bits_at(i, 3) % 4 == 0 ? model::Exposure::kFaulted : model::Exposure::kClean;
    samples.push_back(one);
  }
  return samples;
}

model::Plan plan() {
  model::Plan plan;
  plan.name = "stream";
  plan.steps.resize(2);
  plan.steps[0].full_name = "s.a";
  plan.steps[0].is_effect = true;
  plan.steps[1].full_name = "s.b";
  plan.steps[1].index = 1;
  plan.load.threads = kWorkers;
  return plan;
}

void record(engine::Recorder& recorder, const Sample& sample, std::uint64_t digest) {
  const bool acked = sample.how == model::AttemptClass::kSuccess;
  const TimePoint zero{seconds(1000)};
  const TimePoint due = zero + sample.intended;
  const TimePoint sent = due + microseconds(3);
  const TimePoint end = due + sample.response;
  recorder.taken_up(sample.intended, Duration(sample.arrival % 5000));
  recorder.attempt({.step = sample.step, .exposure = sample.exposure, .how = sample.how},
                   {.intended = due,
                    .ready = due,
                    .taken_up = due + Duration(sample.arrival % 5000),
                    .first_byte_sent = sent,
                    .end = end});
  const auto outcome = acked ? model::OperationOutcome::kAcked : model::OperationOutcome::kUnknown;
  recorder.operation({.step = sample.step, .exposure = sample.exposure, .outcome = outcome},
                     sample.response);
  ++recorder.counters().started;
  ++recorder.counters().completed;
  model::WorkerSlice& slice = recorder.slice();
  slice.digest[0] += digest;
  if (sample.step != 0) {
    return;
  }
  model::EffectAttempt attempt;
  attempt.arrival = sample.arrival;
  attempt.key = "k" + std::to_string(sample.arrival);
  attempt.intended = sample.intended;
  attempt.first_byte = sample.intended + microseconds(3);
  attempt.end = sample.intended + sample.response;
  attempt.how = sample.how;
  attempt.status = acked ? 200 : 0;
  for (attempt.copy = 0; attempt.copy < 1 + sample.arrival % 2; ++attempt.copy) {
    slice.effect_attempts.push_back(attempt);
  }
  slice.effect_operations.push_back({.step = 0,
                                     .arrival = sample.arrival,
                                     .key = attempt.key,
                                     .outcome = outcome,
                                     .exposure = sample.exposure,
                                     .attempts = attempt.copy});
}

// The directory that a run leaves which took up every sample of its shard.
class StreamRun {
 public:
  StreamRun(const std::string& directory, model::Shard shard) : directory_(directory) {
    std::filesystem::create_directory(directory);
    record_.squall_version = "1";
    record_.plan_name = "stream";
    record_.seed = 5;
    record_.run_id = "r";
    record_.shard = shard;
    record_.started = WallTime(seconds(1'700'000'000));
    record_.planned_duration = seconds(kSeconds);
    record_.measured_duration = seconds(kSeconds);
    record_.steps = {{.name = "s.a", .request = "POST /", .target = "t", .is_effect = true},
                     {.name = "s.b", .request = "GET /", .target = "t"}};
    journal_ = std::move(*run::Journal::open(directory, record_, {}));
    EXPECT_TRUE(write(directory + "/plan.toml", kPlan));
  }

  void take(std::vector<Sample> samples) {
    // As they end, which is when they are recorded.
    std::stable_sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
      return a.intended + a.response < b.intended + b.response;
    });
    std::vector<std::unique_ptr<engine::Recorder>> recorders;
    for (unsigned worker = 0; worker < kWorkers; ++worker) {
      recorders.push_back(std::make_unique<engine::Recorder>(plan_, worker));
    }
    auto next = samples.begin();
    for (std::int64_t second = 0; second <= kSeconds; ++second) {
      for (; next != samples.end() && next->intended + next->response < seconds(second + 1);
           ++next) {
        if (next->arrival % record_.shard.count == record_.shard.index) {
          record(*recorders[next->arrival / record_.shard.count % kWorkers], *next,
                 mix64(next->arrival));
        }
      }
      for (const auto& recorder : recorders) {
        recorder->slice().second = second;
        recorder->slice().last = second == kSeconds;
        aggregator_.take(recorder->turn_over(second + 1));
      }
      keep();
    }
  }

  // Judged by nobody: the shards' checks are the merge's.
  void end() {
    ASSERT_TRUE(journal_->end(record_));
    EXPECT_TRUE(write(directory_ + "/record.json", model::to_json(record_)));
  }

  [[nodiscard]] const model::RunRecord& record_of_run() const { return record_; }

 private:
  static bool write(const std::string& path, const std::string& text) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    return std::fclose(file) == 0 && whole;
  }

  void keep() {
    for (run::RunSecond& second : aggregator_.collect(run::Aggregator::Which::kComplete)) {
      run::merge_into(record_, second.delta);
      ASSERT_TRUE(journal_->ledger(second.delta.seconds.front().second, record_.steps,
                                   second.effect_attempts, second.effect_operations));
      ASSERT_TRUE(journal_->second(second.delta, record_));
    }
  }

  std::string directory_;
  model::Plan plan_ = plan();
  run::Aggregator aggregator_{plan_, kWorkers};
  model::RunRecord record_;
  std::unique_ptr<run::Journal> journal_;
};

class ShardsMerge : public testing::Test {
 protected:
  ShardsMerge() {
    whole_.take(stream());
    whole_.end();
    for (unsigned i = 0; i < kShards; ++i) {
      shards_.push_back("shard" + std::to_string(i + 1));
    }
    std::rotate(shards_.begin(), shards_.begin() + 3, shards_.end());  // any order will do
  }

  void write_shards() {
    for (unsigned i = 0; i < kShards; ++i) {
      StreamRun shard(directory_ / ("shard" + std::to_string(i + 1)),
                      {.index = i, .count = kShards});
      shard.take(stream());
      shard.end();
    }
  }

  ProcessResult merge(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"merge", "-o", "merged"};
    arguments.insert(arguments.end(), shards_.begin(), shards_.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return squall(directory_, arguments);
  }

  std::string hlog(const std::string& run) {
    return squall(directory_, {"report", run, "--as", "hlog"}).output;
  }

  TestDirectory directory_;
  StreamRun whole_{directory_ / "whole", {}};
  std::vector<std::string> shards_;
};

TEST_F(ShardsMerge, HistogramsAndLedgerAreThoseOfOneProcess) {
  write_shards();
  const ProcessResult merged = merge();
  EXPECT_EQ(merged.exit_code, 0) << merged.output << merged.errors;
  EXPECT_EQ(read_file(directory_ / "merged/latency.hlog"), hlog("whole"));
  EXPECT_GT(read_file(directory_ / "merged/latency.hlog").size(), 2000U);
  const std::string ledger = read_file(directory_ / "merged/ledger.ndjson");
  EXPECT_EQ(ledger, read_file(directory_ / "whole/ledger.ndjson"));
  EXPECT_GT(std::count(ledger.begin(), ledger.end(), '\n'), 4000);

  const auto record = model::record_from_json(read_file(directory_ / "merged/record.json"));
  ASSERT_TRUE(record.has_value()) << to_string(record.error());
  const model::RunRecord& whole = whole_.record_of_run();
  EXPECT_EQ(model::digest_text(record->plan_digest), model::digest_text(whole.plan_digest));
  EXPECT_EQ(record->totals.started, whole.totals.started);
  EXPECT_TRUE(record->shard.is_whole());
  ASSERT_EQ(record->shards.size(), kShards);
  EXPECT_EQ(record->shards[2].shard, (model::Shard{.index = 2, .count = kShards}));
  ASSERT_EQ(record->seconds.size(), whole.seconds.size());
  for (std::size_t i = 0; i < whole.seconds.size(); ++i) {
    EXPECT_EQ(record->seconds[i].cells, whole.seconds[i].cells) << i;
    EXPECT_EQ(record->seconds[i].acked, whole.seconds[i].acked) << i;
    const auto exact = static_cast<double>(whole.seconds[i].response_p99_us);
    EXPECT_NEAR(static_cast<double>(record->seconds[i].response_p99_us), exact, 0.05 * exact);
  }
  ASSERT_EQ(record->checks.size(), 1U);
  EXPECT_EQ(record->checks[0].verdict, model::Verdict::kPass);
}

TEST_F(ShardsMerge, OneThatWasKilledIsJoinedFromItsJournal) {
  write_shards();
  std::filesystem::remove(directory_ / "shard5/record.json");
  const std::string journal = directory_ / "shard5/events.ndjson";
  const std::string text = read_file(journal);
  std::filesystem::resize_file(journal, text.rfind("{\"type\":\"end\"") + 20);
  const ProcessResult told = merge();
  EXPECT_EQ(told.exit_code, 3);
  EXPECT_THAT(told.output, HasSubstr("shard 5/8 was killed"));
  const auto record = model::record_from_json(read_file(directory_ / "merged/record.json"));
  ASSERT_TRUE(record.has_value());
  EXPECT_FALSE(record->complete);
  EXPECT_FALSE(record->shards[4].complete);
  EXPECT_EQ(read_file(directory_ / "merged/latency.hlog"), hlog("whole"));
}

TEST_F(ShardsMerge, AMissingOneIsRefusedOrTold) {
  write_shards();
  shards_.erase(std::find(shards_.begin(), shards_.end(), "shard3"));
  const ProcessResult refused = merge();
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("shard 3/8 is missing (--partial"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "merged"));
  const ProcessResult told = merge({"--partial"});
  EXPECT_EQ(told.exit_code, 3);
  EXPECT_THAT(told.output, HasSubstr("shard 3/8 is missing"));
}

TEST_F(ShardsMerge, RefusesWhatIsNotOneRun) {
  write_shards();
  const auto refusal = [&](const std::vector<std::string>& shards) {
    shards_ = shards;
    const ProcessResult result = merge();
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_FALSE(std::filesystem::exists(directory_ / "merged"));
    return result.errors;
  };
  const auto change = [&](const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_file(directory_ / file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    static_cast<void>(directory_.write(file, text.replace(at, from.size(), to)));
  };
  EXPECT_THAT(refusal({"whole"}), HasSubstr("is no shard: one process ran it whole"));
  EXPECT_THAT(refusal({"shard1", "shard2", "shard1"}), HasSubstr("are both shard 1/8"));
  EXPECT_THAT(refusal({"shard1", "nowhere"}), HasSubstr("nowhere is not the directory of a run"));
  change("shard2/plan.toml", "1000/s", "2000/s");
  EXPECT_THAT(refusal({"shard1", "shard2"}), HasSubstr("their plan.toml differ in line 11"));
  change("shard3/record.json", "\"run_id\": \"r\"", "\"run_id\": \"other\"");
  EXPECT_THAT(refusal({"shard1", "shard3"}), HasSubstr("run ids r and other"));
  change("shard4/record.json", "\"seed\": 5", "\"seed\": 6");
  EXPECT_THAT(refusal({"shard1", "shard4"}), HasSubstr("seeds 5 and 6"));
  change("shard5/record.json", "\"squall_version\": \"1\"", "\"squall_version\": \"2\"");
  EXPECT_THAT(refusal({"shard1", "shard5"}), HasSubstr("squall 1 and 2"));
  change("shard6/record.json", "\"schema\": 1", "\"schema\": 999");
  EXPECT_THAT(refusal({"shard1", "shard6"}), HasSubstr("999"));
}

TEST_F(ShardsMerge, AJoinedRunIsNoShard) {
  write_shards();
  ASSERT_EQ(merge().exit_code, 0);
  shards_ = {"merged"};
  const ProcessResult again = squall(directory_, {"merge", "merged", "-o", "again"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.errors, HasSubstr("was joined already"));
}

}  // namespace
}  // namespace squall::test
