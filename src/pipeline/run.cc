#include "pipeline/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <thread>

#include "io/file_system.h"
#include "netmon/network_generator.h"
#include "pipeline/checkpoint.h"
#include "pipeline/csv_reader.h"
#include "pipeline/existing_table.h"
#include "pipeline/file_list.h"
#include "pipeline/json_lines_reader.h"
#include "pipeline/rejects.h"
#include "pipeline/table_loader.h"
#include "pipeline/transformer.h"

namespace cassette::pipeline {
namespace {

// Later files, later batches of a file and later rows of one key get later write times, so that the last row wins. A
// file has a write time for so many of its bytes: as many as it can have rows, nearly always. Packed bytes count more.
constexpr int64_t kBytesPerWriteTime = 16;
constexpr int64_t kPackedFactor = 16;
constexpr int64_t kLeastWriteTimes = 4096;
// Resources that a worker takes at a time.
constexpr uint32_t kResourcesPerShare = 4;

struct SourceFile {
  std::string path;
  LoadedFile stamp;
  const model::Format* format = nullptr;  // By its header; null for an empty file.
  int64_t first_write_micros = 0;
};

bool IsPacked(std::string_view path) { return path.ends_with(".gz") || path.ends_with(".zst"); }

int64_t WriteTimesOf(const SourceFile& file) {
  const int64_t bytes = file.stamp.size_bytes * (IsPacked(file.path) ? kPackedFactor : 1);
  return std::max(bytes / kBytesPerWriteTime, kLeastWriteTimes);
}

// The directory or file without slashes at its end.
std::string WithoutLastSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

bool IsJsonLines(std::string_view path) {
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (path.ends_with(packed)) path.remove_suffix(packed.size());
  }
  return path.ends_with(".jsonl") || path.ends_with(".ndjson");
}

// One run. Its methods stand in the order of its life.
class Runner {
 public:
  Runner(const model::Model& model, const std::vector<model::DerivedTable>& tables, const RunOptions& options,
         const RunEnvironment& environment, const ProgressSink& progress, RunReport* report)
      : model_(model),
        tables_(tables),
        options_(options),
        environment_(environment),
        progress_sink_(progress),
        report_(*report),
        // What a run with `resume` loaded stays, and so do its rejects: no later run reads those files again.
        rejects_(*environment.file_system, options.rejects_path,
                 options.resume ? RejectsFile::Before::kStays : RejectsFile::Before::kGone, options.rejects_max) {}

  base::Status Run() {
    for (const auto& [name, type] : model_.columns) columns_.push_back({name, type});
    for (const model::DerivedTable& table : tables_) targets_.push_back(std::make_unique<TableTarget>(table, columns_));
    report_.generated = options_.source.empty() && !model_.source.generate.empty();
    base::Status status = Load();
    const base::Status closed = rejects_.Close();
    if (status.ok()) status = closed;
    FillReport();
    if (!status.ok() && !options_.resume) {
      const base::Status undone = DropCreated();
      if (!undone.ok()) return status.WithContext(fmt::format("(and undoing failed: {}) ", undone.message()));
    }
    if (status.ok() && options_.verify && !options_.dry_run) status = Verify();
    return status;
  }

 private:
  base::Status Load() {
    if (!report_.generated) CASSETTE_RETURN_IF_ERROR(FindFiles());
    if (!options_.dry_run) CASSETTE_RETURN_IF_ERROR(PrepareTables());
    const int64_t begin_ns = environment_.clock->SteadyNanos();
    base::Status status = report_.generated ? LoadGenerated() : LoadFiles();
    report_.load_seconds = static_cast<double>(environment_.clock->SteadyNanos() - begin_ns) / 1e9;
    return status;
  }

  // --- files

  base::Status FindFiles() {
    CASSETTE_RETURN_IF_ERROR(ListSource());
    for (SourceFile& file : files_) CASSETTE_RETURN_IF_ERROR(ChooseFormat(&file));
    report_.files = files_.size();
    return base::Status::Ok();
  }

  base::Status ListSource() {
    const std::string root = SourceRoot();
    const std::vector<const model::Format*> formats = FileFormats();
    if (formats.empty()) return base::InvalidArgument(fmt::format("{}: the model reads no files", model_.path));
    std::vector<std::string> paths;
    base::Status none = base::Status::Ok();
    for (const model::Format* format : formats) {
      base::Result<std::vector<std::string>> found = ListFiles(*environment_.file_system, root, format->files);
      if (!found.ok()) {
        if (found.status().code() != base::Code::kNotFound) return found.status();
        if (none.ok()) none = found.status();
        continue;
      }
      paths.insert(paths.end(), found->begin(), found->end());
    }
    std::erase_if(paths, [&](const std::string& path) { return IsIgnored(path); });
    if (paths.empty()) return none.ok() ? base::NotFound(fmt::format("{}: the model ignores all files", root)) : none;
    CASSETTE_RETURN_IF_ERROR(LeaveOutRejects(root, &paths));
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    for (std::string& path : paths) {
      CASSETTE_ASSIGN_OR_RETURN(const io::FileInfo info, environment_.file_system->Stat(path));
      files_.push_back(
          {std::move(path), {static_cast<int64_t>(info.size_bytes), info.modified_micros / 1000, 0, 0}, nullptr});
      total_bytes_ += info.size_bytes;
    }
    return base::Status::Ok();
  }

  // The rejects of an earlier run, in a folder of sources, are none, and this run may write over them.
  base::Status LeaveOutRejects(const std::string& root, std::vector<std::string>* paths) const {
    std::vector<std::string> kept;
    for (std::string& path : *paths) {
      CASSETTE_ASSIGN_OR_RETURN(const bool is_rejects, IsRejectsFile(path));
      if (is_rejects && path == root) {
        return base::InvalidArgument(fmt::format(
            "{}: is where the rejects of this run go, and cannot be its source; --rejects names another file", path));
      }
      if (!is_rejects) kept.push_back(std::move(path));
    }
    if (kept.empty()) return base::NotFound(fmt::format("{}: no file but the rejects of an earlier run", root));
    *paths = std::move(kept);
    return base::Status::Ok();
  }

  // Two paths of one file differ where one is relative or goes through a link, so that its size and time must tell.
  base::Result<bool> IsRejectsFile(const std::string& path) const {
    if (io::BaseName(path) != io::BaseName(options_.rejects_path)) return false;
    const base::Result<io::FileInfo> rejects = environment_.file_system->Stat(options_.rejects_path);
    if (!rejects.ok()) return false;  // Not there yet, and so no source.
    CASSETTE_ASSIGN_OR_RETURN(const io::FileInfo source, environment_.file_system->Stat(path));
    return source.kind == rejects->kind && source.size_bytes == rejects->size_bytes &&
           source.modified_micros == rejects->modified_micros;
  }

  // The directory or file to read: what the command line says, else where the model is.
  std::string SourceRoot() const {
    return options_.source.empty() ? io::DirName(model_.path) : WithoutLastSlash(options_.source);
  }

  std::vector<const model::Format*> FileFormats() const {
    std::vector<const model::Format*> formats;
    if (model_.source.generate.empty()) formats.push_back(&model_.source);
    for (const model::Format& format : model_.formats) {
      if (format.generate.empty()) formats.push_back(&format);
    }
    return formats;
  }

  base::Result<std::unique_ptr<RecordReader>> OpenReader(const std::string& path, const model::Format* format,
                                                         const ByteStream** stream) const {
    CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<ByteStream> bytes, OpenByteStream(*environment_.file_system, path));
    if (stream != nullptr) *stream = bytes.get();
    if (!IsJsonLines(path)) {
      CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<CsvReader> reader, CsvReader::Open(std::move(bytes), path));
      return std::unique_ptr<RecordReader>(std::move(reader));
    }
    return std::unique_ptr<RecordReader>(new JsonLinesReader(std::move(bytes), FieldNames(*format)));
  }

  std::string RelativePath(const std::string& path) const {
    const std::string root = SourceRoot();
    if (path == root) return io::BaseName(root);
    return path.substr(root.ends_with('/') ? root.size() : root.size() + 1);
  }

  bool IsIgnored(const std::string& path) const {
    const std::string relative = RelativePath(path);
    return path != SourceRoot() &&
           std::any_of(model_.ignore.begin(), model_.ignore.end(),
                       [&](const std::string& pattern) { return MatchesPattern(pattern, relative); });
  }

  // The first format whose pattern and columns fit the file.
  base::Status ChooseFormat(SourceFile* file) {
    const bool is_root = file->path == SourceRoot();  // Named itself: whatever it is called.
    const std::string relative = RelativePath(file->path);
    base::Status first_failure = base::Status::Ok();
    std::unique_ptr<RecordReader> reader;
    for (const model::Format* format : FileFormats()) {
      if (!is_root && !MatchesPattern(format->files, relative)) continue;
      if (IsJsonLines(file->path)) {
        if (format->unpivot) {
          return base::Unsupported(
              fmt::format("{}: format {} unpivots columns; that needs CSV, not JSON lines", file->path, format->name));
        }
        file->format = format;
        return CheckGivesKeys(*format);
      }
      if (reader == nullptr) {
        CASSETTE_ASSIGN_OR_RETURN(reader, OpenReader(file->path, format, nullptr));
      }
      if (reader->is_empty()) return base::Status::Ok();
      base::Status matched = MatchHeader(*format, file->path, reader->header());
      if (matched.ok()) {
        file->format = format;
        return CheckGivesKeys(*format);
      }
      if (first_failure.ok()) first_failure = std::move(matched);
    }
    CASSETTE_ASSERT(!first_failure.ok());
    return first_failure;
  }

  // Every table's key must come from somewhere.
  base::Status CheckGivesKeys(const model::Format& format) const {
    const std::set<std::string> given = GivenColumns(format);
    for (const model::DerivedTable& table : tables_) {
      std::vector<std::string> keys;
      for (const model::TableColumn& column : table.partition_key) keys.push_back(column.name);
      for (const model::ClusteringColumn& column : table.clustering) keys.push_back(column.name);
      if (table.bucket != model::Bucket::kNone) keys.push_back(table.bucket_column);
      for (const std::string& key : keys) {
        if (given.contains(key) || table.IsBucketColumn(key)) continue;
        return base::InvalidArgument(fmt::format("{}:{}:{}: {} gives no column {}, which is in the key of {}",
                                                 model_.path, format.place.line, format.place.column, format.name, key,
                                                 table.name));
      }
    }
    return base::Status::Ok();
  }

  static std::set<std::string> GivenColumns(const model::Format& format) {
    std::set<std::string> given;
    for (const model::SourceColumn& column : format.columns) given.insert(column.name);
    for (const model::SetColumn& set : format.set) given.insert(set.name);
    if (format.unpivot) given.insert({format.unpivot->names, format.unpivot->values});
    return given;
  }

  // --- tables

  base::Result<uint64_t> CountSystemRows(const std::string& table, const std::string& where) {
    CASSETTE_ASSIGN_OR_RETURN(const session::ResultPage page,
                              environment_.session->Execute(
                                  fmt::format("SELECT keyspace_name FROM system_schema.{} WHERE {}", table, where)));
    return page.row_count();
  }

  base::Status PrepareTables() {
    session::Session& session = *environment_.session;
    CASSETTE_ASSIGN_OR_RETURN(checkpoint_, OpenCheckpoint());
    CASSETTE_ASSIGN_OR_RETURN(const uint64_t keyspaces,
                              CountSystemRows("keyspaces", fmt::format("keyspace_name = '{}'", model_.keyspace)));
    if (keyspaces == 0) created_.push_back(fmt::format("DROP KEYSPACE IF EXISTS {}", model_.keyspace));
    CASSETTE_RETURN_IF_ERROR(session.Execute(model::CreateKeyspaceCql(model_)));
    if (options_.drop) CASSETTE_RETURN_IF_ERROR(DropTables(session, tables_));
    bool is_new = false;
    for (const model::DerivedTable& table : tables_) {
      const std::string drop = fmt::format("DROP TABLE IF EXISTS {}.{}", table.keyspace, table.name);
      CASSETTE_ASSIGN_OR_RETURN(const uint64_t found,
                                CountSystemRows("tables", fmt::format("keyspace_name = '{}' AND table_name = '{}'",
                                                                      table.keyspace, table.name)));
      if (found == 0) created_.insert(created_.begin(), drop);
      is_new |= found == 0;
      CASSETTE_RETURN_IF_ERROR(session.Execute(model::CreateTableIfNotExistsCql(table)));
      if (found > 0) CASSETTE_RETURN_IF_ERROR(CheckExistingTable(session, table));
      CASSETTE_ASSIGN_OR_RETURN(session::PreparedPtr insert, session.Prepare(model::InsertCql(table)));
      inserts_.push_back(std::move(insert));
    }
    // What was loaded into tables that are gone is not loaded.
    if (is_new) CASSETTE_RETURN_IF_ERROR(checkpoint_->Clear());
    return base::Status::Ok();
  }

  base::Result<std::unique_ptr<Checkpoint>> OpenCheckpoint() {
    CASSETTE_ASSIGN_OR_RETURN(Checkpoint checkpoint, Checkpoint::Open(*environment_.session, model_.keyspace));
    return std::make_unique<Checkpoint>(std::move(checkpoint));
  }

  base::Status DropCreated() {
    for (const std::string& statement : created_) CASSETTE_RETURN_IF_ERROR(environment_.session->Execute(statement));
    return base::Status::Ok();
  }

  // The loaders of one worker: one for each table.
  using Loaders = std::vector<std::unique_ptr<TableLoader>>;

  base::Result<Loaders> OpenLoaders() {
    Loaders loaders;
    for (size_t i = 0; i < targets_.size(); ++i) {
      std::unique_ptr<session::BulkWriter> writer;
      if (!options_.dry_run) {
        CASSETTE_ASSIGN_OR_RETURN(writer, environment_.session->OpenBulkWriter(inserts_[i]));
      }
      loaders.push_back(std::make_unique<TableLoader>(*targets_[i], std::move(writer)));
    }
    return loaders;
  }

  base::Status Commit(const std::vector<Loaders*>& all) {
    if (options_.dry_run) return base::Status::Ok();
    std::vector<session::BulkWriter*> writers;
    for (Loaders* loaders : all) {
      for (const std::unique_ptr<TableLoader>& loader : *loaders) writers.push_back(loader->writer());
    }
    return environment_.session->CommitTogether(writers);
  }

  // --- loading

  base::Status LoadFiles() {
    std::vector<SourceFile*> pending;
    for (SourceFile& file : files_) {
      if (checkpoint_ && checkpoint_->IsLoaded(file.path, file.stamp)) {
        ++report_.files_skipped;
      } else {
        pending.push_back(&file);
      }
    }
    AssignWriteTimes(pending);
    if (options_.resume) return LoadOneByOne(pending);
    const base::Status loaded = Parallel([&](Loaders& loaders) -> base::Status {
      for (;;) {
        const size_t i = next_share_.fetch_add(1);
        if (i >= pending.size()) return base::Status::Ok();
        CASSETTE_RETURN_IF_ERROR(LoadFile(pending[i], loaders));
      }
    });
    CASSETTE_RETURN_IF_ERROR(loaded);
    return NoteLoaded(pending);
  }

  // The last one ends now, unless an earlier run's rows are as new as that.
  void AssignWriteTimes(const std::vector<SourceFile*>& pending) {
    int64_t count = 0;
    for (const SourceFile* file : pending) count += WriteTimesOf(*file);
    int64_t next = FirstWriteTime(environment_.clock->NowMicros() - count);
    for (SourceFile* file : pending) {
      file->first_write_micros = next;
      next += WriteTimesOf(*file);
      file->stamp.last_write_micros = next - 1;
    }
  }

  int64_t FirstWriteTime(int64_t wanted_micros) const {
    return checkpoint_ ? std::max(wanted_micros, checkpoint_->last_write_micros() + 1) : wanted_micros;
  }

  base::Status LoadOneByOne(const std::vector<SourceFile*>& pending) {
    for (SourceFile* file : pending) {
      CASSETTE_ASSIGN_OR_RETURN(Loaders loaders, OpenLoaders());
      CASSETTE_RETURN_IF_ERROR(LoadFile(file, loaders));
      CASSETTE_RETURN_IF_ERROR(Commit({&loaders}));
      CASSETTE_RETURN_IF_ERROR(NoteLoaded({file}));
    }
    return base::Status::Ok();
  }

  base::Status NoteLoaded(const std::vector<SourceFile*>& loaded) {
    if (!checkpoint_) return base::Status::Ok();
    for (const SourceFile* file : loaded) CASSETTE_RETURN_IF_ERROR(checkpoint_->Add(file->path, file->stamp));
    return base::Status::Ok();
  }

  // Runs `work` on each worker with loaders of its own, then makes everything visible in one step.
  template <typename Work>
  base::Status Parallel(const Work& work) {
    const uint32_t count = std::max<uint32_t>(options_.threads, 1);
    std::vector<Loaders> loaders(count);
    std::vector<base::Status> statuses(count);
    for (Loaders& worker : loaders) {
      CASSETTE_ASSIGN_OR_RETURN(worker, OpenLoaders());
    }
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        statuses[i] = work(loaders[i]);
        if (!statuses[i].ok()) stop_ = true;
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const base::Status& status : statuses) {
      if (!status.ok() && status.code() != base::Code::kCancelled) return status;
    }
    std::vector<Loaders*> all;
    for (Loaders& worker : loaders) all.push_back(&worker);
    return Commit(all);
  }

  std::vector<ColumnUse> ColumnUses() const {
    std::vector<ColumnUse> uses(columns_.size(), ColumnUse::kNone);
    for (size_t i = 0; i < columns_.size(); ++i) {
      for (const std::unique_ptr<TableTarget>& target : targets_) {
        if (target->Uses(i)) uses[i] = std::max(uses[i], target->IsKey(i) ? ColumnUse::kKey : ColumnUse::kValue);
      }
    }
    return uses;
  }

  base::Status LoadFile(SourceFile* file, Loaders& loaders) {
    if (file->format == nullptr) return NoteEmpty(*file);
    const ByteStream* stream = nullptr;
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<RecordReader> reader,
                              OpenReader(file->path, file->format, &stream));
    // The file may be another by now than the one whose header chose the format.
    if (!IsJsonLines(file->path)) {
      CASSETTE_RETURN_IF_ERROR(MatchHeader(*file->format, file->path, reader->header()));
    }
    Transformer transformer(*file->format, columns_, ColumnUses(), file->path, reader->header());
    for (const std::unique_ptr<TableLoader>& loader : loaders) {
      loader->UseWriteTimes(file->first_write_micros, file->stamp.last_write_micros);
    }
    uint64_t seen_bytes = 0;
    const auto on_batch = [&](const RecordBatch& batch) -> base::Status {
      if (stop_) return base::Cancelled("another worker failed");
      for (const std::unique_ptr<TableLoader>& loader : loaders) CASSETTE_RETURN_IF_ERROR(loader->Add(batch));
      Advance(batch.row_count, stream->consumed_bytes() - seen_bytes, total_bytes_);
      seen_bytes = stream->consumed_bytes();
      return base::Status::Ok();
    };
    const auto on_reject = [&](const Reject& reject) { return rejects_.Add(reject); };
    base::Status status = ReadAll(*reader, transformer, on_batch, on_reject);
    Advance(0, stream->consumed_bytes() - seen_bytes, total_bytes_);
    file->stamp.rows = static_cast<int64_t>(transformer.counts().rows);
    base::MutexLock lock(mutex_);
    report_.read += transformer.counts().read;
    report_.filtered += transformer.counts().filtered;
    report_.rows += transformer.counts().rows;
    report_.quality.Merge(transformer.quality());
    if (transformer.counts().read == 0) report_.empty_files.push_back(file->path);
    return status;
  }

  static base::Status ReadAll(RecordReader& reader, Transformer& transformer, const Transformer::BatchSink& batches,
                              const Transformer::RejectSink& rejects) {
    Record record;
    for (;;) {
      CASSETTE_ASSIGN_OR_RETURN(const bool found, reader.Next(&record));
      if (!found) return transformer.Finish(batches);
      CASSETTE_RETURN_IF_ERROR(transformer.Add(record, batches, rejects));
    }
  }

  base::Status NoteEmpty(const SourceFile& file) {
    base::MutexLock lock(mutex_);
    report_.empty_files.push_back(file.path);
    return base::Status::Ok();
  }

  base::Status LoadGenerated() {
    base::Result<netmon::NetworkSettings> settings = netmon::ParseNetworkSettings(model_.source.settings);
    if (!settings.ok()) return settings.status().WithContext(fmt::format("{}: source: ", model_.path));
    const std::string name = fmt::format("generated:{}", fmt::join(SettingTexts(), ","));
    const LoadedFile stamp{static_cast<int64_t>(settings->sample_count()), 0, 0, 0};
    report_.files = 1;
    if (checkpoint_ && checkpoint_->IsLoaded(name, stamp)) {
      report_.files_skipped = 1;
      return base::Status::Ok();
    }
    const int64_t write_micros = FirstWriteTime(environment_.clock->NowMicros());
    const base::Status status = Parallel([&](Loaders& loaders) -> base::Status {
      for (;;) {
        const uint64_t first = next_share_.fetch_add(kResourcesPerShare);
        if (first >= settings->resources) return base::Status::Ok();
        const uint32_t last = std::min(static_cast<uint32_t>(first) + kResourcesPerShare, settings->resources);
        CASSETTE_RETURN_IF_ERROR(LoadResources(*settings, {static_cast<uint32_t>(first), last}, write_micros, loaders));
      }
    });
    CASSETTE_RETURN_IF_ERROR(status);
    LoadedFile loaded = stamp;
    loaded.rows = static_cast<int64_t>(report_.rows);
    loaded.last_write_micros = write_micros;
    return checkpoint_ ? checkpoint_->Add(name, loaded) : base::Status::Ok();
  }

  std::vector<std::string> SettingTexts() const {
    std::vector<std::string> texts;
    for (const auto& [key, value] : model_.source.settings) texts.push_back(key + "=" + value);
    return texts;
  }

  struct ResourceRange {  // [first, last)
    uint32_t first;
    uint32_t last;
  };

  base::Status LoadResources(const netmon::NetworkSettings& settings, ResourceRange range, int64_t write_micros,
                             Loaders& loaders) {
    netmon::NetworkGenerator generator(settings, range.first, range.last);
    netmon::SampleBatch samples;
    RecordBatch batch;
    batch.Reset(columns_);
    std::vector<std::pair<size_t, columnar::Vector*>> moves;
    for (const auto& [name, vector] : {std::pair<const char*, columnar::Vector*>{"resource", &samples.resource},
                                       {"metric_name", &samples.metric_name},
                                       {"collected_at", &samples.collected_at},
                                       {"value", &samples.value}}) {
      for (size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].name == name) moves.emplace_back(i, vector);
      }
    }
    uint64_t rows = 0;
    while (generator.Next(&samples)) {
      if (stop_) return base::Cancelled("another worker failed");
      batch.row_count = samples.row_count;
      for (const auto& [column, vector] : moves) std::swap(batch.columns[column], *vector);
      for (const std::unique_ptr<TableLoader>& loader : loaders) {
        CASSETTE_RETURN_IF_ERROR(loader->AddDistinct(batch, write_micros));
      }
      for (const auto& [column, vector] : moves) std::swap(batch.columns[column], *vector);
      rows += batch.row_count;
      Advance(batch.row_count, batch.row_count, settings.sample_count());
    }
    base::MutexLock lock(mutex_);
    report_.read += rows;
    report_.rows += rows;
    return base::Status::Ok();
  }

  void Advance(uint64_t rows, uint64_t done, uint64_t total) {
    if (!progress_sink_) return;
    base::MutexLock lock(mutex_);
    progress_.rows += rows;
    progress_.done += done;
    progress_.total = total;
    progress_sink_(progress_);
  }

  // --- afterwards

  void FillReport() {
    report_.rejected = rejects_.count();
    report_.first_rejects = rejects_.first();
    report_.rejects_path = rejects_.path();
    std::sort(report_.empty_files.begin(), report_.empty_files.end());
    for (const std::unique_ptr<TableTarget>& target : targets_) {
      report_.tables.push_back({&target->table(), target->tracker().Figures()});
    }
  }

  base::Status Verify() {
    const int64_t begin_ns = environment_.clock->SteadyNanos();
    for (TableReport& table : report_.tables) {
      CASSETTE_ASSIGN_OR_RETURN(const session::ResultPage page,
                                environment_.session->Execute(fmt::format("SELECT COUNT(*) FROM {}.{}",
                                                                          table.table->keyspace, table.table->name)));
      table.rows_in_table = static_cast<uint64_t>(page.batches[0].columns[0].int64(0));
      table.is_verified = true;
      if (table.keys.is_exact && table.rows_in_table < table.keys.distinct_rows) {
        return base::Corruption(fmt::format("{}: {} distinct rows were written, {} are there", table.table->name,
                                            table.keys.distinct_rows, table.rows_in_table));
      }
    }
    report_.verify_seconds = static_cast<double>(environment_.clock->SteadyNanos() - begin_ns) / 1e9;
    return base::Status::Ok();
  }

  const model::Model& model_;
  const std::vector<model::DerivedTable>& tables_;
  const RunOptions& options_;
  const RunEnvironment& environment_;
  const ProgressSink& progress_sink_;
  RunReport& report_;
  RejectsFile rejects_;
  std::vector<ModelColumn> columns_;
  std::vector<std::unique_ptr<TableTarget>> targets_;
  std::vector<session::PreparedPtr> inserts_;
  std::unique_ptr<Checkpoint> checkpoint_;
  std::vector<SourceFile> files_;
  std::vector<std::string> created_;  // Statements that undo what this run created.
  uint64_t total_bytes_ = 0;
  std::atomic<uint64_t> next_share_{0};
  std::atomic<bool> stop_{false};
  base::Mutex mutex_;  // report_ and progress_ while workers run.
  Progress progress_;
};

}  // namespace

base::Status Run(const model::Model& model, const std::vector<model::DerivedTable>& tables, const RunOptions& options,
                 const RunEnvironment& environment, const ProgressSink& progress, RunReport* report) {
  CASSETTE_ASSERT(options.dry_run || environment.session != nullptr);
  return Runner(model, tables, options, environment, progress, report).Run();
}

}  // namespace cassette::pipeline
