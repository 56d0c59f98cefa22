#include "derived/write.h"

#include "derived/index_writer.h"
#include "rows/mutation.h"

namespace cassette::derived {

base::Status Writer::Collect(const schema::Schema& schema, std::span<const std::string_view> mutations) {
  for (const std::string_view mutation : mutations) {
    CASSETTE_ASSIGN_OR_RETURN(const rows::MutationHeader header, rows::ReadMutationHeader(mutation));
    const schema::TablePtr table = schema.FindTable(header.table);
    if (table == nullptr) continue;
    if (!table->indexes.empty()) CASSETTE_RETURN_IF_ERROR(IndexWriter(schema, *table).Add(header, &derived_));
    if (!table->views.empty()) views_.Collect(*table, header);
  }
  return base::Status::Ok();
}

base::Result<storage::engine::CommitPosition> Writer::Write(storage::engine::Engine& engine,
                                                            std::span<const std::string_view> mutations,
                                                            int64_t now_seconds) {
  while (true) {
    derived_.Clear();
    const schema::Schema& schema = views_.Begin(engine, now_seconds);
    CASSETTE_RETURN_IF_ERROR(Collect(schema, mutations));
    // Held until the write can be read.
    const rows::PartitionLocks::Guard guard = engine.view_locks().Lock(views_.partitions());
    CASSETTE_RETURN_IF_ERROR(views_.Add(&derived_));
    // The table's own mutations come first: who finds an entry finds what it stands for.
    all_.assign(mutations.begin(), mutations.end());
    for (size_t i = 0; i < derived_.size(); ++i) all_.push_back(derived_.at(i));
    auto position = engine.Apply(all_, schema.version);
    // Refused because an index or a view came or went in between: once more, with what there is now.
    if (position.ok() || engine.schema()->version == schema.version) return position;
  }
}

}  // namespace cassette::derived
