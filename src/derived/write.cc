#include "derived/write.h"

#include <optional>
#include <vector>

#include "derived/index_writer.h"
#include "derived/view_updates.h"
#include "rows/mutation.h"

namespace cassette::derived {
namespace {

// What the mutations mean for the indexes of their tables.
base::Status AddIndexEntries(const schema::Schema& schema, std::span<const std::string_view> mutations,
                             MutationList* out) {
  for (const std::string_view mutation : mutations) {
    CASSETTE_ASSIGN_OR_RETURN(const rows::MutationHeader header, rows::ReadMutationHeader(mutation));
    const schema::TablePtr table = schema.FindTable(header.table);
    if (table == nullptr || table->indexes.empty()) continue;
    CASSETTE_RETURN_IF_ERROR(IndexWriter(schema, *table).Add(mutation, out));
  }
  return base::Status::Ok();
}

}  // namespace

base::Result<storage::engine::CommitPosition> Write(storage::engine::Engine& engine,
                                                    std::span<const std::string_view> mutations, int64_t now_seconds) {
  while (true) {
    const schema::SchemaPtr schema = engine.schema();
    MutationList derived;
    CASSETTE_RETURN_IF_ERROR(AddIndexEntries(*schema, mutations, &derived));
    ViewUpdates views(engine, *schema, now_seconds);
    CASSETTE_RETURN_IF_ERROR(views.Collect(mutations));
    // Held until the write can be read.
    std::optional<rows::PartitionLocks::Guard> guard;
    if (!views.partitions().empty()) guard.emplace(engine.view_locks().Lock(views.partitions()));
    CASSETTE_RETURN_IF_ERROR(views.Add(&derived));
    // The table's own mutations come first: who finds an entry finds what it stands for.
    std::vector<std::string_view> all(mutations.begin(), mutations.end());
    for (size_t i = 0; i < derived.size(); ++i) all.push_back(derived.at(i));
    auto position = engine.Apply(all, schema->version);
    // Refused because an index or a view came or went in between: once more, with what there is now.
    if (position.ok() || engine.schema()->version == schema->version) return position;
  }
}

}  // namespace cassette::derived
