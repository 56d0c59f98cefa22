// The tables of system_views, made anew for each statement that reads one; and system.size_estimates.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "session/local_session.h"

namespace cassette::server {

struct Context;

// Thread safety: all methods may be called from many threads. Lifetime: the context's.
class SystemViews {
 public:
  explicit SystemViews(Context& context) : context_(context) {}

  // Whether a table is made by Refresh.
  static bool IsView(std::string_view keyspace, std::string_view table);
  // Replaces the table's rows by what is so now. REQUIRES: IsView.
  base::Status Refresh(std::string_view keyspace, std::string_view table);

 private:
  std::vector<catalog::SystemRow> Settings() const;
  std::vector<catalog::SystemRow> Clients() const;
  std::vector<catalog::SystemRow> Caches() const;
  std::vector<catalog::SystemRow> ThreadPools() const;
  std::vector<catalog::SystemRow> SstableTasks() const;
  std::vector<catalog::SystemRow> SizeEstimates() const;
  std::vector<catalog::SystemRow> RowsOf(std::string_view table) const;

  Context& context_;
  base::Mutex mutex_;
  // Partitions written last, by table: they go with the next refresh.
  std::map<std::string, std::vector<std::string>, std::less<>> written_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::server
