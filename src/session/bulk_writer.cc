#include "session/bulk_writer.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "derived/indexed_load.h"
#include "session/statement_writer.h"
#include "types/text.h"
#include "types/value.h"

namespace cassette::session {
namespace {

using cql::analysis::ModificationPlan;
using cql::analysis::Term;

// Numbers are legal by their vector; bytes of a type that is more than bytes are looked at.
base::Status CheckVector(const cql::analysis::ColumnSpec& marker, const columnar::Vector& vector, uint32_t row_count) {
  if (vector.size() != row_count || vector.physical() != marker.type.physical()) {
    return base::InvalidArgument(
        fmt::format("Marker {} takes {} values of type {}; the vector has {} of another kind or number", marker.name,
                    row_count, marker.type.ToString(), vector.size()));
  }
  if (vector.physical() != columnar::PhysicalType::kBytes) return base::Status::Ok();
  const types::TypeKind kind = marker.type.kind();
  if (kind == types::TypeKind::kBlob) return base::Status::Ok();
  // Bytes of ASCII are legal text, wherever one value ends and the next begins.
  const bool is_text = kind == types::TypeKind::kText || kind == types::TypeKind::kAscii;
  if (is_text && types::IsAscii(vector.heap())) return base::Status::Ok();
  const uint32_t checked = vector.is_constant() && row_count > 0 ? 1 : row_count;
  for (uint32_t row = 0; row < checked; ++row) {
    if (vector.is_null(row) || vector.state(row) == columnar::CellState::kEmpty) continue;
    const base::Status status = types::Validate(marker.type, vector.bytes(row));
    if (!status.ok()) return status.WithContext(fmt::format("marker {}, row {}: ", marker.name, row));
  }
  return base::Status::Ok();
}

class LocalBulkWriter final : public BulkWriter {
 public:
  LocalBulkWriter(PlannedPtr planned, std::vector<schema::ColumnId> columns, std::unique_ptr<derived::IndexedLoad> load)
      : planned_(std::move(planned)), columns_(std::move(columns)), load_(std::move(load)) {}

  base::Status Append(std::span<const columnar::Vector* const> vectors, uint32_t row_count,
                      int64_t timestamp_micros) override {
    CASSETTE_RETURN_IF_ERROR(CheckBulkVectors(planned_->plan.markers, vectors, row_count));
    return load_->Append(columns_, vectors, row_count, timestamp_micros);
  }
  base::Status Commit() override { return load_->Commit(); }
  uint64_t rows() const override { return load_->rows(); }
  derived::IndexedLoad* load() { return load_.get(); }

 private:
  PlannedPtr planned_;
  std::vector<schema::ColumnId> columns_;
  std::unique_ptr<derived::IndexedLoad> load_;
};

base::Status NotLoadable(const char* why) {
  return base::InvalidArgument(
      fmt::format("A bulk writer takes an INSERT whose values are all bind markers, without TTL, TIMESTAMP and "
                  "conditions; this statement {}",
                  why));
}

base::Status TakeMarker(const Term& term, schema::ColumnId column, std::vector<schema::ColumnId>* columns) {
  if (!term.is_marker()) return NotLoadable("has a value that is no marker");
  (*columns)[term.index] = column;
  return base::Status::Ok();
}

}  // namespace

base::Status CheckBulkVectors(std::span<const cql::analysis::ColumnSpec> markers,
                              std::span<const columnar::Vector* const> vectors, uint32_t row_count) {
  if (vectors.size() != markers.size()) {
    return base::InvalidArgument(fmt::format("Invalid amount of bind variables: the statement has {}, {} were given",
                                             markers.size(), vectors.size()));
  }
  if (row_count > columnar::kMaxVectorRows) {
    return base::InvalidArgument(fmt::format("{} rows at once are more than {}", row_count, columnar::kMaxVectorRows));
  }
  for (size_t i = 0; i < vectors.size(); ++i) {
    CASSETTE_RETURN_IF_ERROR(CheckVector(markers[i], *vectors[i], row_count));
  }
  return base::Status::Ok();
}

base::Result<std::unique_ptr<BulkWriter>> OpenLocalBulkWriter(Session& session, PreparedPtr prepared,
                                                              PlannedPtr planned, storage::engine::Engine& engine) {
  const auto* insert = planned->plan.As<ModificationPlan>();
  if (insert == nullptr || insert->kind != ModificationPlan::Kind::kInsert) return NotLoadable("is no INSERT");
  if (insert->timestamp || insert->time_to_live) return NotLoadable("has TTL or TIMESTAMP");
  if (insert->conditions != nullptr) return NotLoadable("has a condition");
  if (!insert->touches_rows) return NotLoadable("writes no rows, only static columns");
  // Its constants became markers of the plan.
  if (prepared->markers().size() != planned->plan.markers.size()) return NotLoadable("has a value that is no marker");
  const schema::Table& table = *insert->table;
  std::vector<schema::ColumnId> columns(planned->plan.markers.size());
  for (size_t i = 0; i < insert->where.partition_key.size(); ++i) {
    CASSETTE_RETURN_IF_ERROR(TakeMarker(insert->where.partition_key[i].values[0], table.partition_key(i).id, &columns));
  }
  for (const auto& restriction : insert->where.clustering) {
    CASSETTE_RETURN_IF_ERROR(TakeMarker(restriction.values[0], table.clustering(restriction.first).id, &columns));
  }
  for (const auto* list : {&insert->regular, &insert->statics}) {
    for (const cql::analysis::Assignment& assignment : *list) {
      CASSETTE_RETURN_IF_ERROR(TakeMarker(assignment.value, assignment.column, &columns));
    }
  }
  if (!table.views.empty() || table.has_complex()) {
    return std::unique_ptr<BulkWriter>(
        std::make_unique<StatementWriter>(session, std::move(prepared), std::move(planned)));
  }
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<derived::IndexedLoad> load, derived::IndexedLoad::Open(engine, table.id));
  return std::unique_ptr<BulkWriter>(
      std::make_unique<LocalBulkWriter>(std::move(planned), std::move(columns), std::move(load)));
}

base::Status CommitLocalBulkWriters(std::span<BulkWriter* const> writers, storage::engine::Engine& engine) {
  std::vector<derived::IndexedLoad*> loads;
  for (BulkWriter* writer : writers) {
    if (dynamic_cast<StatementWriter*>(writer) != nullptr) continue;  // Its rows are there.
    auto* local = dynamic_cast<LocalBulkWriter*>(writer);
    if (local == nullptr) return base::InvalidArgument("The writer is not one of this session");
    loads.push_back(local->load());
  }
  return loads.empty() ? base::Status::Ok() : derived::IndexedLoad::CommitTogether(engine, loads);
}

}  // namespace cassette::session
