#include "storage/manifest/manifest_edit.h"

#include <fmt/format.h>

#include "codec/varint.h"

namespace cassette::storage::manifest {

using base::Result;
using base::Status;
using codec::AppendLengthPrefixed;
using codec::AppendSignedVarint;
using codec::AppendVarint;
using codec::ByteReader;

namespace {

// The steps of an edit on disk. DO NOT CHANGE the numbers; 0 is reserved.
enum class Step : uint8_t {
  kPutPayload = 1,
  kRemovePayload = 2,
  kRemoveSstable = 3,
  kAddSstable = 4,
  kLogPosition = 5,
  kForgetLogPosition = 6,
  kNextFileNumber = 7,
};

void AppendStep(Step step, std::string* out) { out->push_back(static_cast<char>(step)); }

void AppendTableId(const TableId& table_id, std::string* out) {
  out->append(reinterpret_cast<const char*>(table_id.data()), table_id.size());
}

bool ReadTableId(ByteReader& reader, TableId* table_id) {
  std::string_view bytes;
  if (!reader.ReadBytes(table_id->size(), &bytes)) return false;
  std::copy(bytes.begin(), bytes.end(), table_id->begin());
  return true;
}

bool ReadString(ByteReader& reader, std::string* text) {
  std::string_view bytes;
  if (!reader.ReadLengthPrefixed(&bytes)) return false;
  text->assign(bytes);
  return true;
}

void AppendSstable(const SstableInfo& info, std::string* out) {
  AppendVarint(info.file_number, out);
  AppendTableId(info.table_id, out);
  AppendVarint(info.level, out);
  AppendVarint(info.size_bytes, out);
  AppendVarint(info.row_count, out);
  AppendVarint(info.tombstone_count, out);
  AppendSignedVarint(info.min_token, out);
  AppendSignedVarint(info.max_token, out);
  AppendSignedVarint(info.min_write_time, out);
  AppendSignedVarint(info.max_write_time, out);
  AppendSignedVarint(info.max_local_deletion_time, out);
}

bool ReadSstable(ByteReader& reader, SstableInfo* info) {
  uint64_t level = 0;
  const bool complete =
      reader.ReadVarint(&info->file_number) && ReadTableId(reader, &info->table_id) && reader.ReadVarint(&level) &&
      reader.ReadVarint(&info->size_bytes) && reader.ReadVarint(&info->row_count) &&
      reader.ReadVarint(&info->tombstone_count) && reader.ReadSignedVarint(&info->min_token) &&
      reader.ReadSignedVarint(&info->max_token) && reader.ReadSignedVarint(&info->min_write_time) &&
      reader.ReadSignedVarint(&info->max_write_time) && reader.ReadSignedVarint(&info->max_local_deletion_time);
  info->level = static_cast<uint32_t>(level);
  return complete && level <= UINT32_MAX;
}

// Reads one step into `edit`; false when the bytes end early or mean nothing.
bool ReadStep(Step step, ByteReader& reader, ManifestEdit* edit) {
  switch (step) {
    case Step::kPutPayload: {
      auto& [key, bytes] = edit->put_payloads.emplace_back();
      return ReadString(reader, &key) && ReadString(reader, &bytes);
    }
    case Step::kRemovePayload:
      return ReadString(reader, &edit->remove_payloads.emplace_back());
    case Step::kRemoveSstable:
      return reader.ReadVarint(&edit->remove_sstables.emplace_back());
    case Step::kAddSstable:
      return ReadSstable(reader, &edit->add_sstables.emplace_back());
    case Step::kLogPosition: {
      auto& [table_id, position] = edit->log_positions.emplace_back();
      return ReadTableId(reader, &table_id) && reader.ReadVarint(&position);
    }
    case Step::kForgetLogPosition:
      return ReadTableId(reader, &edit->forget_log_positions.emplace_back());
    case Step::kNextFileNumber:
      return reader.ReadVarint(&edit->next_file_number.emplace());
  }
  return false;
}

}  // namespace

bool ManifestEdit::empty() const {
  return put_payloads.empty() && remove_payloads.empty() && remove_sstables.empty() && add_sstables.empty() &&
         log_positions.empty() && forget_log_positions.empty() && !next_file_number.has_value();
}

std::string EncodeEdit(const ManifestEdit& edit) {
  std::string out;
  for (const auto& [key, bytes] : edit.put_payloads) {
    AppendStep(Step::kPutPayload, &out);
    AppendLengthPrefixed(key, &out);
    AppendLengthPrefixed(bytes, &out);
  }
  for (const std::string& key : edit.remove_payloads) {
    AppendStep(Step::kRemovePayload, &out);
    AppendLengthPrefixed(key, &out);
  }
  for (const uint64_t file_number : edit.remove_sstables) {
    AppendStep(Step::kRemoveSstable, &out);
    AppendVarint(file_number, &out);
  }
  for (const SstableInfo& info : edit.add_sstables) {
    AppendStep(Step::kAddSstable, &out);
    AppendSstable(info, &out);
  }
  for (const auto& [table_id, position] : edit.log_positions) {
    AppendStep(Step::kLogPosition, &out);
    AppendTableId(table_id, &out);
    AppendVarint(position, &out);
  }
  for (const TableId& table_id : edit.forget_log_positions) {
    AppendStep(Step::kForgetLogPosition, &out);
    AppendTableId(table_id, &out);
  }
  if (edit.next_file_number.has_value()) {
    AppendStep(Step::kNextFileNumber, &out);
    AppendVarint(*edit.next_file_number, &out);
  }
  return out;
}

Result<ManifestEdit> DecodeEdit(std::string_view bytes) {
  ManifestEdit edit;
  ByteReader reader(bytes);
  while (!reader.empty()) {
    const size_t place = bytes.size() - reader.remaining();
    uint8_t step = 0;
    reader.ReadLittle(&step);
    if (!ReadStep(static_cast<Step>(step), reader, &edit)) {
      return base::Corruption(fmt::format("byte {} of the edit: step {} is unknown or incomplete", place, step));
    }
  }
  return edit;
}

}  // namespace cassette::storage::manifest
