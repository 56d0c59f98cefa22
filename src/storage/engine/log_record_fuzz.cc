// Any bytes as a commit log record: split into mutations, each read to its end and put into a memtable, whose rows are
// read back. Never a crash.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rows/mutation.h"
#include "storage/engine/log_record.h"
#include "storage/engine/test_support.h"
#include "storage/memtable/memtable.h"

namespace {

using namespace cassette;
using namespace cassette::storage;

void ReadMutation(std::string_view bytes) {
  auto reader = rows::MutationReader::Open(bytes);
  if (!reader.ok()) return;
  for (auto update = reader->Next(); update.ok() && *update != rows::MutationReader::Update::kEnd;) {
    update = reader->Next();
  }
}

void ApplyMutation(std::string_view bytes) {
  const auto table = std::make_shared<const schema::Table>(engine::testing::MakeTable());
  const auto reader = rows::MutationReader::Open(bytes);
  // The engine finds the memtable by the table's id.
  if (!reader.ok() || reader->table() != table->id) return;
  memtable::Memtable memtable(table);
  if (!memtable.Apply(bytes).ok()) return;
  const std::unique_ptr<rows::RowSource> rows = memtable.Scan();
  rows::RowBlock block;
  for (auto more = rows->Next(&block); more.ok() && *more;) more = rows->Next(&block);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> mutations;
  if (!engine::SplitLogRecord(bytes, &mutations).ok()) mutations.assign(1, bytes);
  for (const std::string_view mutation : mutations) {
    ReadMutation(mutation);
    ApplyMutation(mutation);
  }
  return 0;
}
