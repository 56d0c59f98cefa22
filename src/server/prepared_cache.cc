#include "server/prepared_cache.h"

#include <openssl/evp.h>

#include <utility>

#include "base/assert.h"
#include "protocol/envelope.h"
#include "protocol/responses.h"

namespace cassette::server {
namespace {

std::string Md5(std::string_view first, std::string_view second) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  CASSETTE_ASSERT(EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr) == 1);
  CASSETTE_ASSERT(EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1);
  CASSETTE_ASSERT(EVP_DigestUpdate(context.get(), second.data(), second.size()) == 1);
  CASSETTE_ASSERT(EVP_DigestFinal_ex(context.get(), digest, &size) == 1);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

}  // namespace

ResultMetadata DescribeResult(std::shared_ptr<const std::vector<session::ColumnSpec>> columns) {
  ResultMetadata metadata;
  metadata.id = Md5(protocol::DescribeColumns(*columns, protocol::kHighestVersion), "");
  metadata.columns = std::move(columns);
  return metadata;
}

std::string PreparedId(std::string_view keyspace, std::string_view text) { return Md5(keyspace, text); }

PreparedEntry::PreparedEntry(std::string id, session::PreparedPtr statement, bool is_told_otherwise)
    : id_(std::move(id)),
      statement_(std::move(statement)),
      is_told_otherwise_(is_told_otherwise),
      metadata_(std::make_shared<const ResultMetadata>(
          DescribeResult(std::make_shared<const std::vector<session::ColumnSpec>>(statement_->result_columns())))) {}

bool PreparedEntry::IsToldToAll(const std::shared_ptr<const std::vector<session::ColumnSpec>>& columns) const {
  if (is_told_otherwise()) return false;
  const std::vector<session::ColumnSpec>& told = statement_->result_columns();
  if (columns.get() == &told || *columns == told) return true;
  is_told_otherwise_ = true;
  return false;
}

std::shared_ptr<const ResultMetadata> PreparedEntry::MetadataOf(
    const std::shared_ptr<const std::vector<session::ColumnSpec>>& columns) const {
  base::MutexLock lock(mutex_);
  if (metadata_->columns == columns) return metadata_;
  // Other columns, or the same ones in another place: from now on this place is known.
  metadata_ = std::make_shared<const ResultMetadata>(DescribeResult(columns));
  return metadata_;
}

PreparedEntryPtr PreparedCache::Find(std::string_view id) {
  base::MutexLock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return entries_.front();
}

PreparedEntryPtr PreparedCache::Insert(std::string id, session::PreparedPtr statement) {
  base::MutexLock lock(mutex_);
  bool is_told_otherwise = false;
  if (const auto found = by_id_.find(id); found != by_id_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    const PreparedEntry& known = *entries_.front();
    if (known.statement() == statement) return entries_.front();
    is_told_otherwise = known.is_told_otherwise() || known.statement()->result_columns() != statement->result_columns();
    by_id_.erase(found);
    entries_.pop_front();
    ++generation_;
  }
  entries_.push_front(std::make_shared<const PreparedEntry>(std::move(id), std::move(statement), is_told_otherwise));
  by_id_.emplace(entries_.front()->id(), entries_.begin());
  PreparedEntryPtr inserted = entries_.front();
  if (entries_.size() > capacity_) {
    by_id_.erase(entries_.back()->id());
    entries_.pop_back();
    ++generation_;
  }
  return inserted;
}

size_t PreparedCache::size() const {
  base::MutexLock lock(mutex_);
  return entries_.size();
}

}  // namespace cassette::server
