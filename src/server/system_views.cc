#include "server/system_views.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "protocol/notation.h"
#include "server/context.h"

namespace cassette::server {
namespace {

using catalog::SystemRow;

constexpr std::string_view kViews[] = {"settings", "clients", "caches", "thread_pools", "sstable_tasks"};

std::string Int(int64_t value) {
  std::string out;
  protocol::AppendInt(static_cast<int32_t>(value), &out);
  return out;
}

std::string Bigint(uint64_t value) {
  std::string out;
  protocol::AppendLong(static_cast<int64_t>(value), &out);
  return out;
}

std::string Double(double value) { return Bigint(std::bit_cast<uint64_t>(value)); }

std::string Boolean(bool value) { return std::string(1, value ? '\1' : '\0'); }

std::string TextMap(const std::vector<std::pair<std::string, std::string>>& map) {
  std::string out;
  protocol::AppendInt(static_cast<int32_t>(map.size()), &out);
  for (const auto& [key, value] : map) {
    protocol::AppendBytes(key, &out);
    protocol::AppendBytes(value, &out);
  }
  return out;
}

std::string OptionOf(const ClientInfo& client, std::string_view name) {
  for (const auto& [key, value] : client.options) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

bool SystemViews::IsView(std::string_view keyspace, std::string_view table) {
  if (keyspace == "system") return table == "size_estimates";
  return keyspace == "system_views" && std::find(std::begin(kViews), std::end(kViews), table) != std::end(kViews);
}

base::Status SystemViews::Refresh(std::string_view keyspace, std::string_view table) {
  const std::vector<SystemRow> rows = RowsOf(table);
  base::MutexLock lock(mutex_);
  std::vector<std::string>& written = written_[std::string(table)];
  CASSETTE_RETURN_IF_ERROR(context_.database.WriteSystemRows(keyspace, table, written, rows));
  written.clear();
  for (const SystemRow& row : rows) written.push_back(row.partition_key);
  return base::Status::Ok();
}

std::vector<SystemRow> SystemViews::RowsOf(std::string_view table) const {
  if (table == "settings") return Settings();
  if (table == "clients") return Clients();
  if (table == "caches") return Caches();
  if (table == "thread_pools") return ThreadPools();
  if (table == "size_estimates") return SizeEstimates();
  CASSETTE_ASSERT(table == "sstable_tasks");
  return SstableTasks();
}

std::vector<SystemRow> SystemViews::Settings() const {
  std::vector<SystemRow> rows;
  for (const auto& [name, value] : context_.options.settings) rows.push_back({name, {}, {{"value", value}}});
  return rows;
}

std::vector<SystemRow> SystemViews::Clients() const {
  std::vector<SystemRow> rows;
  for (const ClientInfo& client : context_.clients.All()) {
    SystemRow row;
    row.partition_key = client.peer.address;
    row.clustering = {Int(client.peer.port)};
    row.cells = {{"client_options", TextMap(client.options)},
                 {"connection_stage", client.stage},
                 {"driver_name", OptionOf(client, "DRIVER_NAME")},
                 {"driver_version", OptionOf(client, "DRIVER_VERSION")},
                 {"hostname", client.peer.AddressText()},
                 {"protocol_version", Int(client.protocol_version)},
                 {"request_count", Bigint(client.request_count->load(std::memory_order_relaxed))},
                 {"ssl_enabled", Boolean(!client.tls_protocol.empty())},
                 {"ssl_protocol", client.tls_protocol},
                 {"username", client.username}};
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<SystemRow> SystemViews::Caches() const {
  const storage::engine::EngineStatistics statistics = context_.database.engine().Statistics();
  const uint64_t requests = statistics.cache_hits + statistics.cache_misses;
  const double hit_ratio =
      requests == 0 ? 0 : static_cast<double>(statistics.cache_hits) / static_cast<double>(requests);
  SystemRow row;
  row.partition_key = "chunks";
  row.cells = {{"hit_count", Bigint(statistics.cache_hits)},
               {"hit_ratio", Double(hit_ratio)},
               {"request_count", Bigint(requests)},
               {"size_bytes", Bigint(statistics.cache_bytes)}};
  return {std::move(row)};
}

std::vector<SystemRow> SystemViews::ThreadPools() const {
  const auto pool = [](const char* name, uint64_t active, uint64_t limit, uint64_t completed) {
    return SystemRow{name,
                     {},
                     {{"active_tasks", Int(static_cast<int64_t>(active))},
                      {"active_tasks_limit", Int(static_cast<int64_t>(limit))},
                      {"blocked_tasks", Bigint(0)},
                      {"blocked_tasks_all_time", Bigint(0)},
                      {"completed_tasks", Bigint(completed)},
                      {"pending_tasks", Int(0)}}};
  };
  const Counts& counts = context_.counts;
  const uint64_t active = counts.requests_in_flight;
  return {pool("native_transport_requests", active, context_.options.limits.requests_max, counts.requests)};
}

std::vector<SystemRow> SystemViews::SstableTasks() const {
  std::vector<SystemRow> rows;
  for (const storage::engine::CompactionStatistics& task : context_.database.engine().Statistics().compactions) {
    const double ratio = task.rows == 0 ? 0 : static_cast<double>(task.rows_read) / static_cast<double>(task.rows);
    // A table has one compaction at a time, so its id is the task's.
    std::string id(task.table->id.bytes.begin(), task.table->id.bytes.end());
    rows.push_back({task.table->keyspace,
                    {task.table->name, std::move(id)},
                    {{"completion_ratio", Double(ratio)},
                     {"kind", "compaction"},
                     {"progress", Bigint(task.rows_read)},
                     {"sstables", Int(static_cast<int64_t>(task.sstables))},
                     {"total", Bigint(task.rows)},
                     {"unit", "rows"}}});
  }
  return rows;
}

// One range, all of it: this node owns every token.
std::vector<SystemRow> SystemViews::SizeEstimates() const {
  std::vector<SystemRow> rows;
  for (const storage::engine::TableStatistics& table : context_.database.engine().Statistics().tables) {
    if (table.table->keyspace.starts_with("system") || table.table->role == schema::TableRole::kIndex) continue;
    const uint64_t partitions = table.partitions_estimate;
    const uint64_t bytes = table.sstable_bytes + table.memtable_bytes;
    rows.push_back({table.table->keyspace,
                    {table.table->name, "-9223372036854775808", "-9223372036854775808"},
                    {{"mean_partition_size", Bigint(partitions == 0 ? 0 : bytes / partitions)},
                     {"partitions_count", Bigint(partitions)}}});
  }
  return rows;
}

}  // namespace cassette::server
