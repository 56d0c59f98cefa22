#include "storage/sstable/statistics.h"

#include "rows/complex_cells.h"

namespace cassette::storage::sstable {

void AddComplexStatistics(std::string_view image, SstableStatistics* statistics) {
  rows::VisitComplex(image, [&](const rows::CellView& cell) {
    statistics->AddTimestamp(cell.timestamp_micros);
    statistics->AddLocalDeletion(cell.expires_at_seconds);
    statistics->tombstone_count += cell.state == rows::CellState::kTombstone ? 1 : 0;
    statistics->expiring_count += cell.is_expiring() ? 1 : 0;
  });
}

}  // namespace cassette::storage::sstable
