#include "storage/sstable/sstable_reader.h"

#include <utility>

#include "storage/sstable/partition_source.h"
#include "storage/sstable/salvage.h"
#include "storage/sstable/scan_source.h"
#include "storage/sstable/table_file.h"

namespace cassette::storage::sstable {

base::Result<std::unique_ptr<SstableReader>> SstableReader::Open(io::FileSystem& file_system, const std::string& path,
                                                                 const schema::TableId* expected_table,
                                                                 BlockCache* cache) {
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<io::RandomAccessFile> file, file_system.OpenRandomAccess(path));
  return Open(std::move(file), expected_table, cache);
}

base::Result<std::unique_ptr<SstableReader>> SstableReader::Open(std::unique_ptr<io::RandomAccessFile> opened,
                                                                 const schema::TableId* expected_table,
                                                                 BlockCache* cache) {
  CASSETTE_ASSIGN_OR_RETURN(auto file, TableFile::Open(std::move(opened), cache));
  const std::string& path = file->path();
  const schema::Table& table = file->metadata().table;
  if (expected_table != nullptr && table.id != *expected_table) {
    return base::FailedPrecondition(path + ": an SSTable of table " + table.id.ToString() + " (" + table.keyspace +
                                    "." + table.name + "), not of " + expected_table->ToString());
  }
  return std::unique_ptr<SstableReader>(new SstableReader(std::move(file)));
}

SstableReader::~SstableReader() = default;

const std::string& SstableReader::path() const { return file_->path(); }
const SstableStatistics& SstableReader::statistics() const { return file_->metadata().statistics; }
const schema::Table& SstableReader::table() const { return file_->metadata().table; }

base::Result<bool> SstableReader::MayContain(rows::Token token) const { return file_->MayContain(token); }

base::Result<std::shared_ptr<const rows::PartitionHead>> SstableReader::ReadHead(rows::Token token,
                                                                                 std::string_view key) const {
  return file_->FindHead(token, key);
}

std::vector<std::unique_ptr<rows::RowSource>> SstableReader::Salvage(SalvageReport* report) const {
  std::vector<std::unique_ptr<rows::RowSource>> sources;
  sources.push_back(SalvageRows(file_, report));
  sources.push_back(SalvageHeads(file_, report));
  return sources;
}

std::unique_ptr<rows::RowSource> SstableReader::Read(const rows::ReadRange& range, const ReadOptions& options,
                                                     ReadCounters& counters) const {
  if (range.key == nullptr) return std::make_unique<ScanSource>(file_, range, options, counters);
  auto source = std::make_unique<PartitionSource>();
  OpenPartition(range, options, counters, source.get());
  return source;
}

void SstableReader::OpenPartition(const rows::ReadRange& range, const ReadOptions& options, ReadCounters& counters,
                                  PartitionSource* source) const {
  source->Open(file_, range, options, counters);
}

}  // namespace cassette::storage::sstable
