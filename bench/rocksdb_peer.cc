// The network samples of `cassette bench` in RocksDB, so that its figures stand beside ours on the same machine and
// day: single puts with the log on, batches of 100 rows of one series, and a resource's week read by an iterator.
//
// A row as a CQL table keeps it: the key is partition key and clustering, order-preserving; the value is the write time
// and the double. RocksDB knows neither columns nor tombstones of ranges of rows nor TTL by cell: what CQL needs beyond
// this would stand in these bytes too.
//
//   rocksdb_peer [DIRECTORY] [SCALE]
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "netmon/network_generator.h"

namespace cassette {
namespace {

constexpr int64_t kFirstMs = 1'735'516'800'000;  // 2024-12-30T00:00:00Z
constexpr uint16_t kYear = 2025;
constexpr uint8_t kWeek = 1;
constexpr size_t kBatchRows = 100;
constexpr int kWarmReads = 5;

struct Row {
  uint32_t series = 0;
  int64_t at_ms = 0;
  double value = 0;
};

// Rows of a network, series by series, and the part of the key that a series shares.
struct Samples {
  std::vector<std::string> prefixes;
  std::vector<Row> rows;
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Stopwatch {
 public:
  Stopwatch() : begin_ns_(clock_.SteadyNanos()), begin_cpu_seconds_(CpuSeconds()) {}
  double seconds() const { return static_cast<double>(clock_.SteadyNanos() - begin_ns_) / 1e9; }
  double cpu_seconds() const { return CpuSeconds() - begin_cpu_seconds_; }

 private:
  base::SystemClock clock_;
  int64_t begin_ns_;
  double begin_cpu_seconds_;
};

void PrintHeadings() {
  fmt::print(" {:<52} | {:>12} | {:<9} | {:>10}\n{:-<54}+{:-<14}+{:-<11}+{:-<11}\n", "workload", "figure", "unit",
             "CPU ns/op", "", "", "", "");
}

void PrintFigure(const std::string& name, double value, const char* unit, double cpu_ns) {
  const std::string shown = value >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value);
  fmt::print(" {:<52} | {:>12} | {:<9} | {:>10.0f}\n", name, shown, unit, cpu_ns);
}

void PrintRate(const std::string& name, size_t rows, const Stopwatch& watch) {
  const double count = static_cast<double>(rows);
  PrintFigure(name, count / watch.seconds(), "rows/s", watch.cpu_seconds() * 1e9 / count);
}

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "rocksdb_peer: {}\n", status.ToString());
  std::exit(1);
}

void AppendBigEndian(uint64_t number, int byte_count, std::string* out) {
  for (int i = byte_count - 1; i >= 0; --i) out->push_back(static_cast<char>(number >> (8 * i)));
}

// resource 0 year week: the partition.
std::string PartitionPrefix(std::string_view resource) {
  std::string prefix(resource);
  prefix.push_back('\0');
  AppendBigEndian(kYear, 2, &prefix);
  AppendBigEndian(kWeek, 1, &prefix);
  return prefix;
}

// Newest first within a series, as CLUSTERING ORDER BY (metric_name ASC, collected_at DESC) asks.
void MakeKey(const std::string& prefix, int64_t at_ms, std::string* key) {
  *key = prefix;
  AppendBigEndian(~(static_cast<uint64_t>(at_ms) ^ (uint64_t{1} << 63)), 8, key);
}

void MakeValue(int64_t write_micros, double value, std::string* out) {
  out->clear();
  AppendBigEndian(static_cast<uint64_t>(write_micros), 8, out);
  AppendBigEndian(std::bit_cast<uint64_t>(value), 8, out);
}

Samples Generate(const netmon::NetworkSettings& settings) {
  Samples samples;
  netmon::NetworkGenerator generator(settings, 0, settings.resources);
  netmon::SampleBatch batch;
  while (generator.Next(&batch)) {
    std::string prefix = PartitionPrefix(batch.resource.bytes(0));
    prefix += batch.metric_name.bytes(0);
    prefix.push_back('\0');
    if (samples.prefixes.empty() || samples.prefixes.back() != prefix) samples.prefixes.push_back(std::move(prefix));
    const uint32_t series = static_cast<uint32_t>(samples.prefixes.size() - 1);
    for (uint32_t i = 0; i < batch.row_count; ++i) {
      samples.rows.push_back({series, batch.collected_at.int64(i), batch.value.number(i)});
    }
  }
  return samples;
}

rocksdb::Options MakeOptions(rocksdb::CompressionType compression) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = false;
  options.compression = compression;
  options.IncreaseParallelism(2);
  return options;
}

std::unique_ptr<rocksdb::DB> Open(const std::string& directory, const rocksdb::Options& options) {
  rocksdb::DB* database = nullptr;
  Check(rocksdb::DB::Open(options, directory, &database));
  return std::unique_ptr<rocksdb::DB>(database);
}

std::unique_ptr<rocksdb::DB> OpenEmpty(const std::string& directory, const rocksdb::Options& options) {
  Check(rocksdb::DestroyDB(directory, options));
  return Open(directory, options);
}

// As samples arrive: every series once, then every series again.
void PutOneByOne(rocksdb::DB& database, const Samples& samples, const std::vector<Row>& by_time) {
  std::string key;
  std::string value;
  const rocksdb::WriteOptions options;  // The log is written, not synced: Cassandra's `periodic`.
  const Stopwatch watch;
  for (size_t i = 0; i < by_time.size(); ++i) {
    MakeKey(samples.prefixes[by_time[i].series], by_time[i].at_ms, &key);
    MakeValue(kFirstMs * 1000 + static_cast<int64_t>(i), by_time[i].value, &value);
    Check(database.Put(options, key, value));
  }
  PrintRate("one Put a call", by_time.size(), watch);
}

void PutBatches(rocksdb::DB& database, const Samples& samples, const std::string& name) {
  std::string key;
  std::string value;
  rocksdb::WriteBatch batch;
  const rocksdb::WriteOptions options;
  const Stopwatch watch;
  for (size_t begin = 0; begin < samples.rows.size(); begin += kBatchRows) {
    const size_t end = std::min(begin + kBatchRows, samples.rows.size());
    batch.Clear();
    for (size_t i = begin; i < end; ++i) {
      MakeKey(samples.prefixes[samples.rows[i].series], samples.rows[i].at_ms, &key);
      MakeValue(kFirstMs * 1000 + static_cast<int64_t>(begin), samples.rows[i].value, &value);  // One time a batch.
      Check(batch.Put(key, value));
    }
    Check(database.Write(options, &batch));
  }
  PrintRate(name, samples.rows.size(), watch);
}

void CompactAndWeigh(rocksdb::DB& database, size_t rows, const std::string& name) {
  Check(database.Flush(rocksdb::FlushOptions()));
  const Stopwatch watch;
  Check(database.CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr));
  uint64_t bytes = 0;
  database.GetIntProperty("rocksdb.total-sst-files-size", &bytes);
  PrintFigure(name, static_cast<double>(bytes) / static_cast<double>(rows), "bytes/row",
              watch.cpu_seconds() * 1e9 / static_cast<double>(rows));
}

size_t ReadPartition(rocksdb::DB& database, const std::string& partition, double* sum) {
  const std::unique_ptr<rocksdb::Iterator> iterator(database.NewIterator(rocksdb::ReadOptions()));
  size_t rows = 0;
  for (iterator->Seek(partition); iterator->Valid() && iterator->key().starts_with(partition); iterator->Next()) {
    uint64_t bits = 0;
    for (size_t i = 8; i < 16; ++i) bits = bits << 8 | static_cast<unsigned char>(iterator->value()[i]);
    *sum += std::bit_cast<double>(bits);
    ++rows;
  }
  Check(iterator->status());
  return rows;
}

void MeasureWrites(const std::string& directory, double scale) {
  netmon::NetworkSettings settings;
  settings.from_ms = kFirstMs;
  settings.resources = std::max(1u, static_cast<uint32_t>(200 * scale));
  const Samples samples = Generate(settings);
  std::vector<Row> by_time = samples.rows;
  std::stable_sort(by_time.begin(), by_time.end(), [](const Row& a, const Row& b) { return a.at_ms < b.at_ms; });
  const rocksdb::Options lz4 = MakeOptions(rocksdb::kLZ4Compression);
  {
    const std::unique_ptr<rocksdb::DB> database = OpenEmpty(directory, lz4);
    PutOneByOne(*database, samples, by_time);
    CompactAndWeigh(*database, samples.rows.size(), "stored after compaction, a write time a row, LZ4");
  }
  for (const auto& [compression, name] :
       {std::pair{rocksdb::kLZ4Compression, "LZ4"}, std::pair{rocksdb::kZSTD, "Zstd"}}) {
    const std::unique_ptr<rocksdb::DB> database = OpenEmpty(directory, MakeOptions(compression));
    PutBatches(*database, samples, fmt::format("batches of {} rows of a series, {}", kBatchRows, name));
    CompactAndWeigh(*database, samples.rows.size(),
                    fmt::format("stored after compaction, a write time a batch, {}", name));
  }
}

// One resource, 30 metrics, one-minute samples, one week, among ten such.
void MeasureWeek(const std::string& directory) {
  netmon::NetworkSettings settings;
  settings.from_ms = kFirstMs;
  settings.every_ms = 60'000;
  settings.metrics = netmon::NetworkSettings::kMaxMetrics;
  settings.resources = 10;
  const Samples samples = Generate(settings);
  const rocksdb::Options options = MakeOptions(rocksdb::kLZ4Compression);
  {
    const std::unique_ptr<rocksdb::DB> database = OpenEmpty(directory, options);
    PutBatches(*database, samples, "batches of 100 rows, ten resources of 30 metrics");
    CompactAndWeigh(*database, samples.rows.size(), "the same, stored after compaction, LZ4");
  }
  const std::unique_ptr<rocksdb::DB> database = Open(directory, options);
  const std::string partition = PartitionPrefix(netmon::ResourceName(3));
  double sum = 0;
  const Stopwatch first;
  const size_t rows = ReadPartition(*database, partition, &sum);
  PrintFigure(fmt::format("a resource-week of {} points, first read", rows), first.seconds() * 1000, "ms",
              first.cpu_seconds() * 1e9 / static_cast<double>(rows));
  const Stopwatch warm;
  for (int i = 0; i < kWarmReads; ++i) ReadPartition(*database, partition, &sum);
  PrintFigure("the same, warm", warm.seconds() * 1000 / kWarmReads, "ms",
              warm.cpu_seconds() * 1e9 / static_cast<double>(rows * kWarmReads));
}

}  // namespace
}  // namespace cassette

int main(int argc, char** argv) {
  const std::string directory = argc > 1 ? argv[1] : fmt::format("/tmp/rocksdb-peer-{}", getpid());
  const double scale = argc > 2 ? std::atof(argv[2]) : 1.0;
  if (scale <= 0) {
    fmt::print(stderr, "usage: rocksdb_peer [DIRECTORY] [SCALE]\n");
    return 2;
  }
  cassette::PrintHeadings();
  cassette::MeasureWrites(directory, scale);
  cassette::MeasureWeek(directory);
  (void)rocksdb::DestroyDB(directory, rocksdb::Options());
  return 0;
}
