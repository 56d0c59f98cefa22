// The partitions of a row group, and which of its rows they have.
#include <algorithm>
#include <utility>

#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "storage/sstable/group_reader.h"
#include "types/value.h"

namespace cassette::storage::sstable {
namespace {

using columnar::PhysicalType;
using columnar::Vector;

// The place of `wanted` among `count` keys, which stand in the order of their tokens, the first and the last of which
// are given; `count` when there is none. Tokens are spread evenly, so that a guess by proportion is near; each look
// costs a cache miss, which is why all keys are looked at only when some guesses have failed.
template <typename Keys>
uint32_t FindByToken(types::TypeKind kind, const Keys& keys, uint32_t count, int64_t wanted, rows::Token token,
                     rows::Token first_token, rows::Token last_token) {
  constexpr int kGuessesMax = 12;
  std::string bytes;
  uint32_t begin = 0;
  uint32_t end = count;
  // Tokens of keys [begin, end) lie in [low, high].
  uint64_t low = static_cast<uint64_t>(first_token);
  uint64_t high = static_cast<uint64_t>(last_token);
  for (int guess = 0; guess < kGuessesMax && begin < end; ++guess) {
    const double part = static_cast<double>(static_cast<uint64_t>(token) - low) / (static_cast<double>(high - low) + 1);
    const uint32_t place = std::min(end - 1, begin + static_cast<uint32_t>(part * static_cast<double>(end - begin)));
    const int64_t key = keys.at(place);
    if (key == wanted) return place;
    bytes.clear();
    types::AppendFromInt64(kind, key, &bytes);
    const rows::Token found = codec::Murmur3Token(bytes);
    if (found == token) break;  // Another key with this token.
    if (found < token) {
      begin = place + 1;
      low = static_cast<uint64_t>(found);
    } else {
      end = place;
      high = static_cast<uint64_t>(found);
    }
  }
  if (begin >= end) return count;
  uint32_t place = 0;
  while (place < count && keys.at(place) != wanted) ++place;
  return place;
}

}  // namespace

size_t GroupKeys::Find(rows::Token token, std::string_view wanted) const {
  size_t run = static_cast<size_t>(std::lower_bound(tokens.begin(), tokens.end(), token) - tokens.begin());
  while (run < size() && tokens[run] == token && key(run) < wanted) ++run;
  return run < size() && tokens[run] == token && key(run) == wanted ? run : size();
}

base::Result<std::shared_ptr<const GroupKeys>> GroupReader::Keys() {
  const CacheKey key{file_->cache_id(), group_, CachedKind::kGroupKeys, 0};
  const bool cached = use_cache() && entry_->run_count > 1;
  if (cached) {
    if (auto found = file_->cache()->Find(key)) return std::static_pointer_cast<const GroupKeys>(std::move(found));
  }
  CASSETTE_ASSIGN_OR_RETURN(std::shared_ptr<const GroupKeys> keys, DecodeKeys());
  if (cached) {
    const size_t charge = sizeof(GroupKeys) + keys->heap.capacity() + keys->size() * (2 * sizeof(uint32_t) + 8);
    file_->cache()->Insert(key, keys, charge);
  }
  return keys;
}

base::Result<uint32_t> GroupReader::FindRun(rows::Token token, std::string_view key, RowRange* rows) {
  const GroupEntry& entry = *entry_;
  if (entry.run_count == 1) {
    *rows = {0, entry.row_count};
    return entry.first_key == key ? 0u : 1u;
  }
  if (ComparePositions(token, key, entry.first_token, entry.first_key) < 0 ||
      ComparePositions(token, key, entry.last_token, entry.last_key) > 0) {
    return entry.run_count;
  }
  const schema::Table& table = file_->metadata().table;
  if (table.partition_key_count() == 1 && table.partition_key(0).type.physical() == PhysicalType::kInt64 &&
      entry.FindStream(StreamKind::kKeyComponent, 0) != nullptr &&
      key.size() == types::FixedSizeBytes(table.partition_key(0).type.kind())) {
    return FindIntegerRun(token, key, rows);
  }
  CASSETTE_ASSIGN_OR_RETURN(const auto keys, Keys());
  const uint32_t run = static_cast<uint32_t>(keys->Find(token, key));
  if (run < entry.run_count) *rows = {keys->starts[run], keys->starts[run + 1]};
  return run;
}

// Integers are looked up as they are: neither keys as bytes nor tokens are made of all of them.
base::Result<uint32_t> GroupReader::FindIntegerRun(rows::Token token, std::string_view key, RowRange* rows) {
  const uint32_t run_count = entry_->run_count;
  const Stream& stream = *entry_->FindStream(StreamKind::kKeyComponent, 0);
  IntVector keys;
  CASSETTE_RETURN_IF_ERROR(FindInts(stream, run_count, &keys));
  const types::TypeKind kind = file_->metadata().table.partition_key(0).type.kind();
  const int64_t wanted = types::ToInt64(kind, key);
  const bool is_constant = keys.decoded != nullptr && keys.decoded->is_constant();
  const uint32_t run = is_constant
                           ? run_count
                           : FindByToken(kind, keys, run_count, wanted, token, entry_->first_token, entry_->last_token);
  if (run == run_count) return run;
  if (!keys.is_live(run)) return Corrupt(stream, "a key is missing");
  const Stream* const starts_stream = entry_->FindStream(StreamKind::kRunStarts, 0);
  if (starts_stream == nullptr && run_count == entry_->row_count) {
    *rows = {run, run + 1};
    return run;
  }
  GroupKeys keys_and_starts;
  CASSETTE_RETURN_IF_ERROR(DecodeStarts(&keys_and_starts));
  *rows = {keys_and_starts.starts[run], keys_and_starts.starts[run + 1]};
  return run;
}

base::Result<std::shared_ptr<GroupKeys>> GroupReader::DecodeKeys() {
  auto keys = std::make_shared<GroupKeys>();
  CASSETTE_RETURN_IF_ERROR(DecodeStarts(keys.get()));
  CASSETTE_RETURN_IF_ERROR(DecodeKeyBytes(keys.get()));
  const uint32_t runs = entry_->run_count;
  keys->tokens.resize(runs);
  for (uint32_t run = 0; run < runs; ++run) keys->tokens[run] = codec::Murmur3Token(keys->key(run));
  if (keys->key(0) != entry_->first_key || keys->key(runs - 1) != entry_->last_key) {
    return Corrupt(entry_->streams.empty() ? Stream() : entry_->streams[0], "keys and index contradict each other");
  }
  return keys;
}

base::Status GroupReader::DecodeStarts(GroupKeys* keys) {
  const uint32_t runs = entry_->run_count;
  keys->starts.resize(runs + 1);
  const Stream* const stream = entry_->FindStream(StreamKind::kRunStarts, 0);
  if (runs == 1 || (stream == nullptr && runs == entry_->row_count)) {
    for (uint32_t run = 0; run < runs; ++run) keys->starts[run] = run;
    keys->starts[runs] = entry_->row_count;
    return base::Status::Ok();
  }
  if (stream == nullptr) return Corrupt(Stream(), "no run starts");
  CASSETTE_RETURN_IF_ERROR(Decode(*stream, PhysicalType::kInt64, runs, &numbers_));
  numbers_.Flatten();
  int64_t before = -1;
  for (uint32_t run = 0; run < runs; ++run) {
    const int64_t start = numbers_.ints()[run];
    if (start <= before || start >= entry_->row_count) return Corrupt(*stream, "run starts do not ascend");
    keys->starts[run] = static_cast<uint32_t>(start);
    before = start;
  }
  if (keys->starts[0] != 0) return Corrupt(*stream, "the first run does not start with the first row");
  keys->starts[runs] = entry_->row_count;
  return base::Status::Ok();
}

base::Status GroupReader::DecodeKeyBytes(GroupKeys* keys) {
  if (entry_->run_count == 1) {
    keys->heap = entry_->first_key;
    keys->offsets = {0, static_cast<uint32_t>(keys->heap.size())};
    return base::Status::Ok();
  }
  const Stream* const whole = entry_->FindStream(StreamKind::kKey, 0);
  if (whole == nullptr) return JoinKeyComponents(keys);
  Vector vector;
  CASSETTE_RETURN_IF_ERROR(Decode(*whole, PhysicalType::kBytes, entry_->run_count, &vector));
  if (HasNull(vector)) return Corrupt(*whole, "a key is missing");
  vector.Flatten();
  keys->offsets = vector.offsets();
  keys->heap = vector.heap();
  return base::Status::Ok();
}

base::Status GroupReader::JoinKeyComponents(GroupKeys* keys) {
  const schema::Table& table = file_->metadata().table;
  std::vector<Vector> vectors(table.partition_key_count());
  for (uint32_t i = 0; i < vectors.size(); ++i) {
    const Stream* const stream = entry_->FindStream(StreamKind::kKeyComponent, i);
    if (stream == nullptr) return Corrupt(Stream(), "no key component " + std::to_string(i));
    CASSETTE_RETURN_IF_ERROR(Decode(*stream, table.partition_key(i).type.physical(), entry_->run_count, &vectors[i]));
    if (HasNull(vectors[i])) return Corrupt(*stream, "a key is missing");
  }
  keys->offsets.reserve(entry_->run_count + 1);
  keys->offsets.push_back(0);
  std::string& heap = keys->heap;
  for (uint32_t run = 0; run < entry_->run_count; ++run) {
    for (uint32_t i = 0; i < vectors.size(); ++i) {
      const size_t length_at = heap.size();
      if (vectors.size() > 1) heap.append(sizeof(uint16_t), '\0');
      vectors[i].AppendSerialized(table.partition_key(i).type, run, &heap);
      if (vectors.size() == 1) continue;
      const size_t length = heap.size() - length_at - sizeof(uint16_t);
      codec::StoreBig(static_cast<uint16_t>(length), heap.data() + length_at);
      heap.push_back('\0');
    }
    keys->offsets.push_back(static_cast<uint32_t>(heap.size()));
  }
  return base::Status::Ok();
}

}  // namespace cassette::storage::sstable
