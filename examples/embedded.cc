// Cassette as a library: opens a directory (argument 1), makes a table, writes through a prepared statement and reads.
#include <cstdio>

#include "session/local_session.h"

using cassette::session::LocalDatabase, cassette::session::QueryOptions, cassette::session::Values;

cassette::base::Status Run(const char* directory) {
  CASSETTE_ASSIGN_OR_RETURN(const auto database, LocalDatabase::Open(directory));
  const auto session = database->NewSession();
  CASSETTE_RETURN_IF_ERROR(session->Execute(
      "CREATE KEYSPACE IF NOT EXISTS m WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"));
  CASSETTE_RETURN_IF_ERROR(session->Execute(
      "CREATE TABLE IF NOT EXISTS m.songs (session int, item int, artist text, title text, seconds double, "
      "PRIMARY KEY (session, item))"));
  CASSETTE_ASSIGN_OR_RETURN(
      const auto insert,
      session->Prepare("INSERT INTO m.songs (session, item, artist, title, seconds) VALUES (?, ?, ?, ?, ?)"));
  Values values;
  values.Int(338).Int(4).Text("Faithless").Text("Music Matters").Double(495.3);
  CASSETTE_RETURN_IF_ERROR(session->Execute(*insert, values, QueryOptions()));
  values.Clear();
  values.Int(338).Int(5).Text("Sylvie").Text("Keep On").Double(333.9);
  CASSETTE_RETURN_IF_ERROR(session->Execute(*insert, values, QueryOptions()));
  CASSETTE_ASSIGN_OR_RETURN(const auto page, session->Execute("SELECT * FROM m.songs WHERE session = 338"));
  for (uint64_t row = 0; row < page.row_count(); ++row) {  // Columns: the key, then the others by name.
    std::printf("%s: %s, %s s\n", page.Text(row, 2).c_str(), page.Text(row, 4).c_str(), page.Text(row, 3).c_str());
  }
  return database->Close();
}

int main(int argc, char** argv) {
  const cassette::base::Status status = Run(argc > 1 ? argv[1] : "embedded-data");
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
