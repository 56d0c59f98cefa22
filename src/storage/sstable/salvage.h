// Salvage: what is still readable of a damaged SSTable. Row groups and heads whose checksums fail are left out and
// named; what is left is as sound as before. For sstable/ alone; SstableReader::Salvage is the door.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rows/row_block.h"
#include "storage/sstable/table_file.h"

namespace cassette::storage::sstable {

struct SalvageReport;

// The rows, group by group, without heads. Lifetime: `report` must outlive the source.
std::unique_ptr<rows::RowSource> SalvageRows(std::shared_ptr<const TableFile> file, SalvageReport* report);
// The heads (partition deletions, range tombstones, static rows), without rows. Lifetime: as above.
std::unique_ptr<rows::RowSource> SalvageHeads(std::shared_ptr<const TableFile> file, SalvageReport* report);

}  // namespace cassette::storage::sstable
