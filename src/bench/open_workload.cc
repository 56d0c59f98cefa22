#include "bench/open_workload.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"
#include "bench/bench_database.h"
#include "bench/stopwatch.h"

namespace cassette::bench {
namespace {

constexpr uint32_t kBlobBytes = 4096;
constexpr uint32_t kPartitionRows = 1024;
constexpr int kOpenings = 9;

// Blobs that nothing compresses, a partition of 4 MiB after the other.
base::Status LoadBlobs(BenchDatabase& database, uint32_t partitions) {
  CASSETTE_RETURN_IF_ERROR(database.session().Execute(
      "CREATE TABLE bench.blobs (part int, item int, content blob, PRIMARY KEY (part, item))"));
  CASSETTE_ASSIGN_OR_RETURN(
      const session::PreparedPtr insert,
      database.session().Prepare("INSERT INTO bench.blobs (part, item, content) VALUES (?, ?, ?)"));
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<session::BulkWriter> writer,
                            database.session().OpenBulkWriter(insert));
  base::Random random(1);
  std::string blob(kBlobBytes, '\0');
  columnar::Vector part(columnar::PhysicalType::kInt64);
  columnar::Vector item(columnar::PhysicalType::kInt64);
  columnar::Vector content(columnar::PhysicalType::kBytes);
  for (uint32_t i = 0; i < partitions; ++i) {
    part.Reset(columnar::PhysicalType::kInt64);
    item.Reset(columnar::PhysicalType::kInt64);
    content.Reset(columnar::PhysicalType::kBytes);
    for (uint32_t row = 0; row < kPartitionRows; ++row) {
      for (size_t at = 0; at < blob.size(); at += sizeof(uint64_t)) {
        const uint64_t bits = random.Next();
        std::copy_n(reinterpret_cast<const char*>(&bits), sizeof(bits), blob.data() + at);
      }
      part.AppendInt64(i);
      item.AppendInt64(row);
      content.AppendBytes(blob);
    }
    const columnar::Vector* vectors[] = {&part, &item, &content};
    CASSETTE_RETURN_IF_ERROR(writer->Append(vectors, kPartitionRows, 1));
  }
  return writer->Commit();
}

// The directory's size, and the median time from nothing to the answer of one row.
struct Opening {
  double gigabytes = 0;
  double milliseconds = 0;
  double cpu_ns = 0;
};

base::Result<Opening> MeasureOpening(const std::string& name, uint32_t partitions, const BenchOptions& options,
                                     const BenchEnvironment& environment) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<BenchDatabase> database,
                            BenchDatabase::Make(name, options, environment));
  CASSETTE_RETURN_IF_ERROR(LoadBlobs(*database, partitions));
  Opening opening;
  opening.gigabytes = static_cast<double>(database->StoredBytes("blobs")) / 1e9;
  double milliseconds[kOpenings];
  double cpu_ns[kOpenings];
  for (int i = 0; i < kOpenings; ++i) {
    CASSETTE_RETURN_IF_ERROR(database->Close());
    const Stopwatch watch(*environment.clock);
    CASSETTE_RETURN_IF_ERROR(database->Open());
    CASSETTE_RETURN_IF_ERROR(database->session().Execute(
        fmt::format("SELECT item FROM bench.blobs WHERE part = {} AND item = 500", partitions / 2)));
    milliseconds[i] = watch.seconds() * 1000;
    cpu_ns[i] = watch.cpu_seconds() * 1e9;
  }
  std::sort(milliseconds, milliseconds + kOpenings);
  std::sort(cpu_ns, cpu_ns + kOpenings);
  opening.milliseconds = milliseconds[kOpenings / 2];
  opening.cpu_ns = cpu_ns[kOpenings / 2];
  return opening;
}

}  // namespace

base::Status RunOpen(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  constexpr uint32_t kPartitions = 500;  // 2 GB.
  constexpr uint32_t kSmaller = 100;
  const uint32_t partitions = std::max(2u, static_cast<uint32_t>(kPartitions * options.scale));
  CASSETTE_ASSIGN_OR_RETURN(const Opening small,
                            MeasureOpening("open-small", std::max(1u, partitions / kSmaller), options, environment));
  CASSETTE_ASSIGN_OR_RETURN(const Opening large, MeasureOpening("open-large", partitions, options, environment));
  Figure figure;
  figure.name = fmt::format("start to first answer on a directory of {:.1f} GB", large.gigabytes);
  figure.value = large.milliseconds;
  figure.unit = "ms";
  figure.target = small.milliseconds;
  figure.lower_is_better = true;
  figure.cpu_ns_per_operation = large.cpu_ns;
  figure.note = fmt::format("asked: that of a directory of {:.2f} GB, here {:.1f} ms of CPU", small.gigabytes,
                            small.cpu_ns / 1e6);
  figures(figure);
  return base::Status::Ok();
}

}  // namespace cassette::bench
