// Scrub: a damaged directory becomes one that opens, with everything that is readable. Each step is durable and may be
// repeated: after a crash a second scrub goes on. Damaged files are kept under other names.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rows/merge.h"
#include "rows/mutation.h"
#include "storage/commitlog/replay.h"
#include "storage/engine/database.h"
#include "storage/engine/log_extent.h"
#include "storage/engine/log_record.h"
#include "storage/engine/schema_payload.h"

namespace cassette::storage::engine {
namespace {

constexpr std::string_view kDamagedSuffix = ".damaged";
constexpr std::string_view kDamagedLog = "commitlog.damaged";

bool IsDamage(const base::Status& status) {
  return status.code() == base::Code::kCorruption || status.code() == base::Code::kFailedPrecondition;
}

class Scrubber {
 public:
  Scrubber(const std::string& path, const EngineOptions& options, const EngineEnvironment& environment)
      : path_(path),
        options_(options),
        environment_(environment),
        file_system_(*environment.file_system),
        logger_(*environment.logger) {}

  base::Result<ScrubReport> Run() {
    {
      CASSETTE_ASSIGN_OR_RETURN(directory_, DataDirectory::OpenUnchecked(file_system_, path_));
      CASSETTE_RETURN_IF_ERROR(MendVersion());
      CASSETTE_RETURN_IF_ERROR(MendManifest());
      CASSETTE_RETURN_IF_ERROR(MendSstables());
      CASSETTE_RETURN_IF_ERROR(PutDamagedLogAside());
      log_positions_ = manifest_->state().log_positions;
      manifest_.reset();
      directory_.reset();
    }
    CASSETTE_RETURN_IF_ERROR(OpenAndRecover());
    return std::move(report_);
  }

 private:
  template <typename... Args>
  void Note(fmt::format_string<Args...> format, Args&&... args) {
    report_.notes.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  // A directory that never was ours stays as it is.
  base::Status MendVersion() {
    const base::Status checked = DataDirectory::CheckVersion(file_system_, path_);
    if (checked.code() != base::Code::kCorruption) return checked;
    CASSETTE_ASSIGN_OR_RETURN(const bool has_manifest, file_system_.Exists(directory_->manifest_path()));
    if (!has_manifest) return base::FailedPrecondition(path_ + ": not a Cassette data directory");
    Note("{}; written again", checked.message());
    CASSETTE_RETURN_IF_ERROR(DataDirectory::WriteVersion(file_system_, path_));
    return DataDirectory::MakeDirectories(file_system_, path_);
  }

  base::Status MendManifest() {
    CASSETTE_RETURN_IF_ERROR(DataDirectory::MakeDirectories(file_system_, path_));
    CASSETTE_ASSIGN_OR_RETURN(manifest::ManifestContents contents,
                              manifest::Manifest::Read(file_system_, directory_->manifest_path()));
    const auto schema = ParseSchemaPayloads(contents.state.payloads);
    if (contents.damage.ok() && !schema.ok()) contents.damage = schema.status();
    if (!schema.ok()) contents.state.payloads.clear();
    if (!contents.damage.ok()) {
      Note("{}; begun again with what it said before that", contents.damage.message());
      CASSETTE_RETURN_IF_ERROR(AdoptFiles(&contents.state));
      CASSETTE_RETURN_IF_ERROR(
          manifest::Manifest::Replace(file_system_, directory_->manifest_path(), contents.state, logger_));
    }
    CASSETTE_ASSIGN_OR_RETURN(manifest_, manifest::Manifest::Open(file_system_, directory_->manifest_path(), logger_));
    return base::Status::Ok();
  }

  // What a damaged manifest did not name: each sound SSTable lives, and brings its table's definition where it is lost.
  base::Status AdoptFiles(manifest::ManifestState* state) {
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system_.ListDir(directory_->sstables_path()));
    for (const std::string& name : names) {
      const std::optional<uint64_t> number = ParseSstableFileName(name);
      if (!number) continue;
      state->next_file_number = std::max(state->next_file_number, *number + 1);
      if (state->sstables.contains(*number)) continue;
      const auto reader =
          sstable::SstableReader::Open(file_system_, directory_->SstablePath(*number), nullptr, nullptr);
      if (!reader.ok() && !IsDamage(reader.status())) return reader.status();
      if (!reader.ok()) {
        Note("{}; its rows are lost", reader.status().message());
        CASSETTE_RETURN_IF_ERROR(PutAside(directory_->SstablePath(*number)));
        continue;
      }
      CASSETTE_ASSIGN_OR_RETURN(const bool has_table, AdoptSchema((*reader)->table(), state));
      if (!has_table) {
        CASSETTE_RETURN_IF_ERROR(PutAside(directory_->SstablePath(*number)));
        continue;
      }
      state->sstables[*number] = MakeSstableInfo(*number, (*reader)->statistics());
      Note("{}: taken back into the manifest, with {} rows of {}.{}", directory_->SstablePath(*number),
           (*reader)->statistics().row_count, (*reader)->table().keyspace, (*reader)->table().name);
    }
    return base::Status::Ok();
  }

  // False when its name belongs to another table.
  base::Result<bool> AdoptSchema(const schema::Table& table, manifest::ManifestState* state) {
    auto parsed = ParseSchemaPayloads(state->payloads);
    CASSETTE_RETURN_IF_ERROR(parsed);
    schema::Schema known = std::move(parsed).value();
    if (known.FindTable(table.id) != nullptr) return true;
    if (known.FindKeyspace(table.keyspace) == nullptr) {
      schema::Keyspace keyspace;
      keyspace.name = table.keyspace;
      keyspace.replication = {{"class", "SimpleStrategy"}, {"replication_factor", "1"}};
      known = known.WithKeyspace(keyspace);
    }
    if (known.FindTable(table.keyspace, table.name) != nullptr) {
      Note("table {}.{} was made twice; the rows of one of the two are lost", table.keyspace, table.name);
      return false;
    }
    Note("table {}.{}: its definition is taken from an SSTable; look at its options", table.keyspace, table.name);
    schema::Table adopted = table;
    for (const schema::Column& column : table.columns) {
      adopted.next_column_id = std::max(adopted.next_column_id, column.id.value() + 1);
    }
    state->payloads = MakeSchemaPayloads(known.WithTable(std::move(adopted)));
    return true;
  }

  base::Status MendSstables() {
    auto schema = ParseSchemaPayloads(manifest_->state().payloads);
    CASSETTE_RETURN_IF_ERROR(schema);
    schema_ = std::move(schema).value();
    for (const manifest::SstableInfo& info : manifest_->sstables()) {
      ++report_.sstables_checked;
      const std::string path = directory_->SstablePath(info.file_number);
      const auto reader = OpenSstableFile(file_system_.OpenRandomAccess(path), path, info, nullptr);
      const base::Status status = reader.ok() ? (*reader)->Verify() : reader.status();
      if (status.ok()) continue;
      if (!IsDamage(status)) return status;
      CASSETTE_RETURN_IF_ERROR(reader.ok() ? Rewrite(info, **reader, status) : Replace(info, status));
    }
    return file_system_.SyncDir(directory_->sstables_path());
  }

  base::Status PutAside(const std::string& path) {
    CASSETTE_ASSIGN_OR_RETURN(const bool exists, file_system_.Exists(path));
    return exists ? file_system_.Rename(path, path + std::string(kDamagedSuffix)) : base::Status::Ok();
  }

  // The file cannot be opened as what the manifest means. One that is sound and of a known table lives on under a new
  // number.
  base::Status Replace(const manifest::SstableInfo& info, const base::Status& damage) {
    const std::string path = directory_->SstablePath(info.file_number);
    manifest::ManifestEdit edit;
    edit.remove_sstables.push_back(info.file_number);
    const auto other = sstable::SstableReader::Open(file_system_, path, nullptr, nullptr);
    const bool is_ours = other.ok() && schema_.FindTable((*other)->statistics().table_id) != nullptr;
    if (is_ours && (*other)->Verify().ok()) {
      const uint64_t number = manifest_->NewFileNumber();
      CASSETTE_RETURN_IF_ERROR(file_system_.Link(path, directory_->SstablePath(number)));
      CASSETTE_RETURN_IF_ERROR(file_system_.SyncDir(directory_->sstables_path()));
      edit.add_sstables.push_back(MakeSstableInfo(number, (*other)->statistics()));
      Note("{}; kept as {} with {} rows of {}.{}", damage.message(), SstableFileName(number),
           (*other)->statistics().row_count, (*other)->table().keyspace, (*other)->table().name);
    } else {
      Note("{}; {} rows are lost", damage.message(), info.row_count);
      report_.rows_dropped += info.row_count;
    }
    CASSETTE_RETURN_IF_ERROR(manifest_->Apply(edit));
    return PutAside(path);
  }

  // Writes what is readable to a new file.
  base::Status Rewrite(const manifest::SstableInfo& info, const sstable::SstableReader& reader,
                       const base::Status& damage) {
    Note("{}", damage.message());
    sstable::SalvageReport salvage;
    rows::MergeOptions merge;
    merge.table = std::make_shared<const schema::Table>(reader.table());
    merge.columns = rows::RegularColumnIds(*merge.table);
    const std::unique_ptr<rows::RowSource> merged = rows::MergeSources(reader.Salvage(&salvage), merge);
    const uint64_t number = manifest_->NewFileNumber();
    sstable::WriterOptions writer_options;
    writer_options.row_group_rows = options_.row_group_rows;
    writer_options.created_at_micros = environment_.clock->NowMicros();
    writer_options.created_by = "scrub";
    CASSETTE_ASSIGN_OR_RETURN(
        const std::unique_ptr<sstable::SstableWriter> writer,
        sstable::SstableWriter::Create(file_system_, directory_->SstablePath(number), merge.table, writer_options));
    rows::RowBlock block;
    while (true) {
      CASSETTE_ASSIGN_OR_RETURN(const bool more, merged->Next(&block));
      if (!more) break;
      CASSETTE_RETURN_IF_ERROR(writer->Add(block));
    }
    CASSETTE_ASSIGN_OR_RETURN(const sstable::SstableStatistics statistics, writer->Finish());
    manifest::ManifestEdit edit;
    edit.remove_sstables.push_back(info.file_number);
    if (statistics.partition_count > 0) {
      edit.add_sstables.push_back(MakeSstableInfo(number, statistics));
      edit.add_sstables.back().level = info.level;
    }
    CASSETTE_RETURN_IF_ERROR(manifest_->Apply(edit));
    for (const std::string& dropped : salvage.dropped) Note("{}", dropped);
    Note("{}: rewritten as {}: {} of {} rows kept", reader.path(), SstableFileName(number), statistics.row_count,
         info.row_count);
    ++report_.sstables_rewritten;
    report_.rows_kept += statistics.row_count;
    report_.rows_dropped += info.row_count - std::min(info.row_count, statistics.row_count);
    return PutAside(reader.path());
  }

  base::Status PutDamagedLogAside() {
    const std::string path = directory_->commitlog_path();
    const auto required = LogExtentOf(manifest_->state());
    const base::Status checked =
        required.ok() ? commitlog::CheckLog(file_system_, path, *required, logger_) : required.status();
    if (checked.ok()) return base::Status::Ok();
    if (!IsDamage(checked)) return checked;
    Note("{}; every intact record is applied again", checked.message());
    const std::string aside = io::JoinPath(path_, kDamagedLog);
    CASSETTE_RETURN_IF_ERROR(file_system_.CreateDirs(aside));
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system_.ListDir(path));
    for (const std::string& name : names) {
      CASSETTE_RETURN_IF_ERROR(file_system_.Rename(io::JoinPath(path, name), io::JoinPath(aside, name)));
    }
    CASSETTE_RETURN_IF_ERROR(file_system_.SyncDir(aside));
    CASSETTE_RETURN_IF_ERROR(file_system_.SyncDir(path));
    manifest::ManifestEdit edit;
    const std::string key(kLogExtentKey);
    if (manifest_->state().payloads.contains(key)) edit.remove_payloads.push_back(key);
    return manifest_->Apply(edit);
  }

  base::Status OpenAndRecover() {
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(path_, options_, environment_));
    const base::Status recovered = RecoverLog(engine.get());
    const base::Status closed = engine->Close();
    return recovered.ok() ? closed : recovered;
  }

  base::Status RecoverLog(Engine* engine) {
    const std::string aside = io::JoinPath(path_, kDamagedLog);
    CASSETTE_ASSIGN_OR_RETURN(const bool exists, file_system_.Exists(aside));
    if (!exists) return base::Status::Ok();
    const auto apply = [&](commitlog::CommitPosition position, std::string_view record) {
      return ApplyRecord(position, record, engine);
    };
    CASSETTE_RETURN_IF_ERROR(commitlog::SalvageRecords(file_system_, aside, apply));
    CASSETTE_RETURN_IF_ERROR(engine->Flush(nullptr));
    Note("{}: {} mutations applied again", aside, report_.mutations_recovered);
    return file_system_.Rename(aside, FreeName(aside + ".done"));
  }

  base::Status ApplyRecord(commitlog::CommitPosition position, std::string_view record, Engine* engine) {
    std::vector<std::string_view> mutations;
    CASSETTE_RETURN_IF_ERROR(SplitLogRecord(record, &mutations));
    for (const std::string_view mutation : mutations) {
      CASSETTE_ASSIGN_OR_RETURN(const rows::MutationHeader header, rows::ReadMutationHeader(mutation));
      const auto flushed = log_positions_.find(header.table.bytes);
      if (flushed != log_positions_.end() && position.ToNumber() < flushed->second) continue;
      if (engine->schema()->FindTable(header.table) == nullptr) continue;
      CASSETTE_RETURN_IF_ERROR(engine->Apply(std::span(&mutation, 1)));
      ++report_.mutations_recovered;
    }
    return base::Status::Ok();
  }

  std::string FreeName(const std::string& path) {
    std::string name = path;
    for (int i = 1; *file_system_.Exists(name); ++i) name = path + std::to_string(i);
    return name;
  }

  const std::string path_;
  const EngineOptions options_;
  const EngineEnvironment environment_;
  io::FileSystem& file_system_;
  base::Logger& logger_;
  std::unique_ptr<DataDirectory> directory_;
  std::unique_ptr<manifest::Manifest> manifest_;
  schema::Schema schema_;
  std::map<manifest::TableId, uint64_t> log_positions_;
  ScrubReport report_;
};

}  // namespace

base::Result<ScrubReport> Engine::Scrub(const std::string& directory, const EngineOptions& options,
                                        const EngineEnvironment& environment) {
  return Scrubber(directory, options, environment).Run();
}

}  // namespace cassette::storage::engine
