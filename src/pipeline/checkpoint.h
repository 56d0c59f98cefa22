// Checkpoint: which files a keyspace holds already, so that a second run loads only what is new. Kept beside the data
// as a table, cassette.loaded_files, so that it moves with the data and works wherever the Session does.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/status.h"
#include "session/session.h"

namespace cassette::pipeline {

// A file as it was when it was loaded: another size or time of change makes it new.
struct LoadedFile {
  int64_t size_bytes = 0;
  int64_t modified_ms = 0;
  int64_t rows = 0;
  int64_t last_write_micros = 0;  // The largest write time its rows have.
};

// Thread safety: not thread safe.
class Checkpoint {
 public:
  // Creates the table when it is not there and reads what `keyspace` has. Lifetime: `session` outlives it.
  static base::Result<Checkpoint> Open(session::Session& session, const std::string& keyspace);

  bool IsLoaded(const std::string& file, const LoadedFile& now) const;
  base::Status Add(const std::string& file, const LoadedFile& loaded);
  // No row that a run wrote has a later write time: what comes next must be later to win.
  int64_t last_write_micros() const { return last_write_micros_; }
  // Forgets all files of the keyspace.
  base::Status Clear();

 private:
  Checkpoint(session::Session& session, std::string keyspace) : session_(&session), keyspace_(std::move(keyspace)) {}

  session::Session* session_;
  std::string keyspace_;
  std::map<std::string, LoadedFile> files_;
  int64_t last_write_micros_ = 0;
};

}  // namespace cassette::pipeline
