#include "rows/row_batch.h"

namespace cassette::rows {

void RowBatch::Clear() {
  row_count = 0;
  for (std::vector<columnar::Vector>* group : {&columns, &write_times, &ttls}) {
    for (columnar::Vector& vector : *group) vector.Reset(vector.physical());
  }
  partitions.clear();
  is_static_only.clear();
}

}  // namespace cassette::rows
