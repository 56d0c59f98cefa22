// RecordBatch: rows of a source as columns of the model, ready for the tables.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "columnar/vector.h"
#include "types/data_type.h"

namespace cassette::pipeline {

struct ModelColumn {
  std::string name;
  types::DataType type;
};

struct RecordBatch {
  uint32_t row_count = 0;  // At most columnar::kMaxVectorRows.
  // One a model column, in the order of the pipeline's column list. Those that no table has may be empty.
  std::vector<columnar::Vector> columns;

  void Reset(const std::vector<ModelColumn>& model_columns) {
    row_count = 0;
    columns.resize(model_columns.size());
    for (size_t i = 0; i < columns.size(); ++i) columns[i].Reset(model_columns[i].type.physical());
  }
  bool full() const { return row_count >= columnar::kMaxVectorRows; }
};

}  // namespace cassette::pipeline
