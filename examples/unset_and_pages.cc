// Values that are not there, and answers page by page: opens a directory (argument 1), binds unset and null values, and
// reads in pages of two rows.
#include <cstdio>

#include "session/local_session.h"

using cassette::session::LocalDatabase, cassette::session::QueryOptions, cassette::session::Values;

cassette::base::Status Run(const char* directory) {
  CASSETTE_ASSIGN_OR_RETURN(const auto database, LocalDatabase::Open(directory));
  const auto session = database->NewSession();
  CASSETTE_RETURN_IF_ERROR(session->Execute(
      "CREATE KEYSPACE IF NOT EXISTS m WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"));
  CASSETTE_RETURN_IF_ERROR(
      session->Execute("CREATE TABLE IF NOT EXISTS m.plays (user_id int, item int, song text, seconds int, PRIMARY KEY "
                       "(user_id, item))"));

  CASSETTE_ASSIGN_OR_RETURN(const auto insert,
                            session->Prepare("INSERT INTO m.plays (user_id, item, song, seconds) VALUES (?, ?, ?, ?)"));
  for (int item = 1; item <= 5; ++item) {
    CASSETTE_RETURN_IF_ERROR(
        session->Execute(*insert, Values().Int(7).Int(item).Text("North").Int(187), QueryOptions()));
  }
  // The song stays what it was; the seconds are deleted.
  const Values partly = Values().Int(7).Int(2).Unset().Null();
  CASSETTE_RETURN_IF_ERROR(session->Execute(*insert, partly, QueryOptions()));

  QueryOptions options;
  options.page_rows = 2;
  do {
    CASSETTE_ASSIGN_OR_RETURN(
        const auto page,
        session->Execute("SELECT item, song, seconds FROM m.plays WHERE user_id = 7", Values(), options));
    for (uint64_t row = 0; row < page.row_count(); ++row) {
      std::printf("%s %s %s\n", page.Text(row, 0).c_str(), page.Text(row, 1).c_str(), page.Text(row, 2).c_str());
    }
    std::printf("-- %d rows\n", static_cast<int>(page.row_count()));
    options.paging_state = page.paging_state;
  } while (!options.paging_state.empty());
  return database->Close();
}

int main(int argc, char** argv) {
  const cassette::base::Status status = Run(argc > 1 ? argv[1] : "unset-and-pages-data");
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
