#include "storage/memtable/partition_index.h"

#include <utility>

namespace cassette::storage::memtable {

std::string_view IndexOrder::KeyOf(const Partition& partition) { return partition.key(); }

int IndexOrder::CompareKeys(const Partition& partition, std::string_view key) { return partition.key().compare(key); }

const IndexEntry* PartitionIndex::Find(const rows::PartitionPosition& position) const {
  const Tree& tree = trees_[TreeOf(position.token)];
  const auto found = tree.find(position);
  return found == tree.end() ? nullptr : &*found;
}

const IndexEntry* PartitionIndex::FirstFrom(const rows::PartitionPosition& position) const {
  const size_t tree = TreeOf(position.token);
  return At(tree, trees_[tree].lower_bound(position));
}

const IndexEntry* PartitionIndex::FirstAfter(const rows::PartitionPosition& position) const {
  const size_t tree = TreeOf(position.token);
  return At(tree, trees_[tree].upper_bound(position));
}

void PartitionIndex::Add(const IndexEntry& entry) {
  trees_[TreeOf(entry.token)].insert(entry);
  if (++size_ > kEntriesPerTree * trees_.size() && trees_.size() < kTreesMax) Double();
}

size_t PartitionIndex::TreeOf(rows::Token token) const {
  if (tree_bits_ == 0) return 0;
  // Signed order as unsigned, then the bits behind those that all share.
  const uint64_t ordered = static_cast<uint64_t>(token) ^ (uint64_t{1} << 63);
  return static_cast<size_t>((ordered << shared_bits_) >> (64 - tree_bits_));
}

const IndexEntry* PartitionIndex::At(size_t tree, Tree::const_iterator found) const {
  while (found == trees_[tree].end()) {
    if (++tree == trees_.size()) return nullptr;
    found = trees_[tree].begin();
  }
  return &*found;
}

void PartitionIndex::Double() {
  std::vector<Tree> old_trees(2 * trees_.size(), Tree(allocator()));
  old_trees.swap(trees_);
  ++tree_bits_;
  for (size_t i = 0; i < trees_.size() / 2; ++i) {
    const Tree old = std::move(old_trees[i]);
    for (const IndexEntry& entry : old) {
      Tree& tree = trees_[TreeOf(entry.token)];
      tree.insert(tree.end(), entry);
    }
  }
}

}  // namespace cassette::storage::memtable
