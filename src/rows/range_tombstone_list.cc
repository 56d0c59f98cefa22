#include "rows/range_tombstone_list.h"

#include <algorithm>
#include <cstdint>

#include "base/assert.h"

namespace cassette::rows {
namespace {

// A place where a tombstone begins to cover, or ends.
struct Edge {
  const ClusteringBound* bound;
  const RangeTombstone* tombstone;
  bool opens;
};

std::vector<Edge> SortedEdges(std::span<const RangeTombstone> tombstones, const DeletionTime& partition_deletion) {
  std::vector<Edge> edges;
  edges.reserve(tombstones.size() * 2);
  for (const RangeTombstone& tombstone : tombstones) {
    if (tombstone.start.Compare(tombstone.end) >= 0) continue;
    if (partition_deletion.Deletes(tombstone.deletion.marked_at_micros)) continue;
    edges.push_back({&tombstone.start, &tombstone, true});
    edges.push_back({&tombstone.end, &tombstone, false});
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.bound->Compare(*b.bound) < 0; });
  return edges;
}

const DeletionTime* Strongest(const std::vector<const RangeTombstone*>& open) {
  const DeletionTime* best = nullptr;
  for (const RangeTombstone* tombstone : open) {
    if (best == nullptr || tombstone->deletion.Supersedes(*best)) best = &tombstone->deletion;
  }
  return best;
}

void AppendRange(const ClusteringBound& start, const ClusteringBound& end, const DeletionTime& deletion,
                 std::vector<RangeTombstone>* ranges) {
  if (!ranges->empty() && ranges->back().deletion == deletion && ranges->back().end == start) {
    ranges->back().end = end;
    return;
  }
  ranges->push_back({start, end, deletion});
}

}  // namespace

void RangeTombstoneList::Assign(std::span<const RangeTombstone> tombstones, const DeletionTime& partition_deletion) {
  std::vector<RangeTombstone> ranges;  // Apart: `tombstones` may be our own ranges.
  const std::vector<Edge> edges = SortedEdges(tombstones, partition_deletion);
  std::vector<const RangeTombstone*> open;
  const ClusteringBound* from = nullptr;
  size_t i = 0;
  while (i < edges.size()) {
    const ClusteringBound* const here = edges[i].bound;
    if (const DeletionTime* deletion = Strongest(open)) AppendRange(*from, *here, *deletion, &ranges);
    for (; i < edges.size() && edges[i].bound->Compare(*here) == 0; ++i) {
      if (edges[i].opens) {
        open.push_back(edges[i].tombstone);
      } else {
        open.erase(std::find(open.begin(), open.end(), edges[i].tombstone));
      }
    }
    from = here;
  }
  CASSETTE_ASSERT(open.empty());
  ranges_ = std::move(ranges);
}

const DeletionTime* RangeTombstoneList::Covering(std::string_view clustering) const {
  if (ranges_.empty()) return nullptr;
  // The first range that ends after the row; it covers the row when it also starts before.
  const auto range = std::partition_point(ranges_.begin(), ranges_.end(),
                                          [&](const RangeTombstone& r) { return r.end.CompareToRow(clustering) < 0; });
  if (range == ranges_.end() || range->start.CompareToRow(clustering) > 0) return nullptr;
  return &range->deletion;
}

}  // namespace cassette::rows
