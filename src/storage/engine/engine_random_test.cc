// Random schemas and random operations against a shadow: mutations of all kinds, bulk loads, flushes, compactions,
// snapshots, reopenings, reads of every shape. Each seed is a table of its own and a list of operations; a failure is
// reduced to the few operations that it needs.
//
// In the environment: CASSETTE_SEED, the first seed; CASSETTE_OPERATIONS, how many operations in all;
// CASSETTE_OPERATIONS_PER_SEED.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "storage/engine/database.h"
#include "storage/engine/on_all_cores.h"
#include "storage/engine/random_reads.h"
#include "storage/engine/random_subject.h"
#include "storage/engine/random_writes.h"

namespace cassette::storage::engine {
namespace {

using random_model::RandomReads;
using random_model::RandomWrites;
using random_model::Subject;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kOperations = 60'000;
#else
constexpr uint64_t kOperations = 1'000'000;
#endif
constexpr uint64_t kOperationsPerSeed = 5'000;
constexpr uint64_t kFirstSeed = 20'240'101;
constexpr int kShrinkRunsMax = 2'000;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// How often each operation comes, of a thousand; the rest are mutations. Each run has other ones, so that some have
// many SSTables and others few, some large memtables and others small.
struct Frequencies {
  explicit Frequencies(base::Random& random, bool can_load)
      : loads(can_load && random.Below(2) == 0 ? random.Below(40) : 0),
        flushes(5 + random.Below(30)),
        major_compactions(1 + random.Below(10)),
        compactions(5 + random.Below(40)) {}

  uint64_t partition_reads = 320;
  uint64_t scans = 40;
  uint64_t loads;
  uint64_t flushes;
  uint64_t major_compactions;
  uint64_t compactions;
  uint64_t clock_steps = 8;
  uint64_t snapshots = 1;
  uint64_t reopenings = 3;
};

// One run of operations, each made from a seed of its own, so that any may be left out.
class RandomRun {
 public:
  RandomRun(uint64_t seed, std::vector<std::string>* lines)
      : subject_(seed, lines), frequencies_(random_, !subject_.shape.table->has_complex()) {}

  // Empty, or what went wrong and where.
  std::string Run(std::span<const uint64_t> operations) {
    subject_.Create();
    for (const uint64_t operation : operations) {
      if (journal_.has_failed()) break;
      random_ = base::Random(operation);
      Step();
    }
    if (!journal_.has_failed()) reads_.ReadAll(subject_.engine.get());
    reads_.Release();
    return journal_.failure();
  }

 private:
  void Step() {
    uint64_t dice = random_.Below(1000);
    const auto is = [&](uint64_t frequency) {
      const bool found = dice < frequency;
      dice = found ? 0 : dice - frequency;
      return found;
    };
    Engine& engine = *subject_.engine.get();
    if (is(frequencies_.partition_reads)) return reads_.ReadPartitions();
    if (is(frequencies_.scans)) return reads_.ReadTokens();
    if (is(frequencies_.loads)) return writes_.Load();
    if (is(frequencies_.flushes)) return subject_.Do("flush", [&] { return engine.Flush(nullptr); });
    if (is(frequencies_.major_compactions)) return subject_.Do("compact", [&] { return engine.Compact(nullptr); });
    if (is(frequencies_.compactions)) return CompactAsTheStrategySays();
    if (is(frequencies_.clock_steps)) return AdvanceClock();
    if (is(frequencies_.snapshots)) return Snapshot();
    if (is(frequencies_.reopenings)) return random_.Below(100) == 0 ? Truncate() : Reopen();
    writes_.Write();
  }

  void CompactAsTheStrategySays() {
    if (random_.Below(4) == 0) {
      return subject_.Do("compact all that is pending", [&] { return subject_.engine->CompactPending(); });
    }
    subject_.Do("compact as the strategy says", [&] {
      auto* database = static_cast<Database*>(subject_.engine.get());
      auto store = database->FindStore(subject_.table->id);
      if (!store.ok()) return store.status();
      bool did_something = false;
      return database->CompactOnce(*store, &did_something);
    });
  }
  void AdvanceClock() {
    const auto seconds = static_cast<int64_t>(random_.Below(40));
    journal_.Say("{} seconds pass", seconds);
    subject_.engine.clock.AdvanceSeconds(seconds);
  }
  // Opens as a directory of its own, and has everything.
  void Snapshot() {
    subject_.Do("snapshot", [&] { return subject_.engine->Snapshot("s"); });
    if (journal_.has_failed()) return;
    const std::string directory = "/data/snapshots/s";
    {
      testing::TestEngine engine(&subject_.files);
      engine.options = subject_.engine.options;
      if (!journal_.Check(engine.Open(directory), "open the snapshot")) return;
      reads_.ReadAll(engine.get());
    }
    journal_.Check(subject_.files.RemoveTree(directory), "remove the snapshot");
  }
  void Reopen() {
    journal_.Say("reopen");
    reads_.Release();
    subject_.engine.Close();
    subject_.Open();
    if (!journal_.has_failed()) reads_.ReadTokens();
  }
  void Truncate() {
    subject_.Do("truncate", [&] { return subject_.engine->Truncate({&subject_.table->id, 1}); });
    subject_.shadow.Clear();
  }

  Subject subject_;
  random_model::Journal& journal_ = subject_.journal;
  base::Random& random_ = subject_.random;
  const Frequencies frequencies_;
  RandomWrites writes_{subject_};
  RandomReads reads_{subject_};
};

std::vector<uint64_t> OperationsOf(uint64_t seed, uint64_t count) {
  base::Random random(seed);
  std::vector<uint64_t> operations(count);
  for (uint64_t& operation : operations) operation = random.Next();
  return operations;
}

std::string RunOnce(uint64_t seed, std::span<const uint64_t> operations, std::vector<std::string>* lines) {
  return std::make_unique<RandomRun>(seed, lines)->Run(operations);
}

// Leaves out ever smaller stretches, as long as the rest still fails.
std::vector<uint64_t> Shrink(uint64_t seed, std::vector<uint64_t> operations) {
  int runs = 0;
  for (size_t stretch = operations.size() / 2; stretch > 0; stretch /= 2) {
    for (size_t begin = 0; begin < operations.size() && runs < kShrinkRunsMax;) {
      std::vector<uint64_t> fewer = operations;
      const size_t end = std::min(begin + stretch, fewer.size());
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(begin), fewer.begin() + static_cast<ptrdiff_t>(end));
      ++runs;
      if (RunOnce(seed, fewer, nullptr).empty()) {
        begin = end;
      } else {
        operations = std::move(fewer);
      }
    }
  }
  return operations;
}

// Says which operations are needed.
std::string Explain(uint64_t seed, const std::vector<uint64_t>& operations) {
  const std::vector<uint64_t> needed = Shrink(seed, operations);
  std::vector<std::string> lines;
  const std::string failure = RunOnce(seed, needed, &lines);
  std::string text = fmt::format("CASSETTE_SEED={}, {} of {} operations:\n", seed, needed.size(), operations.size());
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text + failure;
}

TEST(EngineRandom, AgreesWithTheShadow) {
  const uint64_t total = FromEnvironment("CASSETTE_OPERATIONS", kOperations);
  const uint64_t per_seed = FromEnvironment("CASSETTE_OPERATIONS_PER_SEED", kOperationsPerSeed);
  const uint64_t first_seed = FromEnvironment("CASSETTE_SEED", kFirstSeed);
  testing::OnAllCores((total + per_seed - 1) / per_seed, [&](uint64_t index) {
    const uint64_t seed = first_seed + index;
    const std::vector<uint64_t> operations = OperationsOf(seed, std::min(per_seed, total - index * per_seed));
    const std::string failure = RunOnce(seed, operations, nullptr);
    ASSERT_TRUE(failure.empty()) << Explain(seed, operations);
  });
}

}  // namespace
}  // namespace cassette::storage::engine
