#include "pipeline/checkpoint.h"

#include <algorithm>

#include "types/value.h"

namespace cassette::pipeline {
namespace {

constexpr char kCreateKeyspace[] =
    "CREATE KEYSPACE IF NOT EXISTS cassette WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'}";
constexpr char kCreateTable[] =
    "CREATE TABLE IF NOT EXISTS cassette.loaded_files (keyspace_name text, file text, size_bytes bigint, "
    "modified_at timestamp, loaded_rows bigint, last_write_time bigint, PRIMARY KEY (keyspace_name, file))";
constexpr char kSelect[] =
    "SELECT file, size_bytes, modified_at, loaded_rows, last_write_time FROM cassette.loaded_files "
    "WHERE keyspace_name = ?";
constexpr char kInsert[] =
    "INSERT INTO cassette.loaded_files (keyspace_name, file, size_bytes, modified_at, loaded_rows, last_write_time) "
    "VALUES (?, ?, ?, ?, ?, ?)";
constexpr char kDelete[] = "DELETE FROM cassette.loaded_files WHERE keyspace_name = ?";

int64_t NumberAt(const columnar::Vector& vector, uint32_t row) { return vector.is_null(row) ? 0 : vector.int64(row); }

}  // namespace

base::Result<Checkpoint> Checkpoint::Open(session::Session& session, const std::string& keyspace) {
  Checkpoint checkpoint(session, keyspace);
  CASSETTE_RETURN_IF_ERROR(session.Execute(kCreateKeyspace));
  CASSETTE_RETURN_IF_ERROR(session.Execute(kCreateTable));
  session::Values values;
  values.Text(keyspace);
  session::QueryOptions options;
  do {
    CASSETTE_ASSIGN_OR_RETURN(const session::ResultPage page, session.Execute(kSelect, values, options));
    for (const session::ResultBatch& batch : page.batches) {
      for (uint32_t row = 0; row < batch.row_count; ++row) {
        const LoadedFile loaded{NumberAt(batch.columns[1], row), NumberAt(batch.columns[2], row),
                                NumberAt(batch.columns[3], row), NumberAt(batch.columns[4], row)};
        checkpoint.files_[std::string(batch.columns[0].bytes(row))] = loaded;
        checkpoint.last_write_micros_ = std::max(checkpoint.last_write_micros_, loaded.last_write_micros);
      }
    }
    options.paging_state = page.paging_state;
  } while (!options.paging_state.empty());
  return checkpoint;
}

bool Checkpoint::IsLoaded(const std::string& file, const LoadedFile& now) const {
  const auto found = files_.find(file);
  return found != files_.end() && found->second.size_bytes == now.size_bytes &&
         found->second.modified_ms == now.modified_ms;
}

base::Status Checkpoint::Add(const std::string& file, const LoadedFile& loaded) {
  session::Values values;
  values.Text(keyspace_).Text(file).Bigint(loaded.size_bytes).Bigint(loaded.modified_ms).Bigint(loaded.rows);
  values.Bigint(loaded.last_write_micros);
  CASSETTE_RETURN_IF_ERROR(session_->Execute(kInsert, values, session::QueryOptions()));
  files_[file] = loaded;
  last_write_micros_ = std::max(last_write_micros_, loaded.last_write_micros);
  return base::Status::Ok();
}

base::Status Checkpoint::Clear() {
  session::Values values;
  values.Text(keyspace_);
  files_.clear();
  return base::ToStatus(session_->Execute(kDelete, values, session::QueryOptions()));
}

}  // namespace cassette::pipeline
