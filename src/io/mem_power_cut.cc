// What MemFileSystem keeps when the power goes: directory entries here, a file's bytes in MemNode::AfterPowerCut.
#include <algorithm>
#include <unordered_map>

#include "base/assert.h"
#include "io/mem_file_system.h"
#include "io/mem_node.h"

namespace cassette::io {

using base::MutexLock;
using base::Status;
using internal::MemNode;

namespace {

using Entries = std::map<std::string, std::shared_ptr<MemNode>>;
using EntryChange = std::vector<std::pair<std::string, std::shared_ptr<MemNode>>>;

void Apply(const EntryChange& change, Entries* entries) {
  for (const auto& [name, node] : change) {
    if (node == nullptr) {
      entries->erase(name);
    } else {
      (*entries)[name] = node;
    }
  }
}

bool Touches(const EntryChange& change, const std::string& directory) {
  return std::any_of(change.begin(), change.end(),
                     [&](const auto& entry) { return DirName(entry.first) == directory; });
}

// Removes entries whose directory did not survive. Parents sort before their children.
void DropOrphans(Entries* entries) {
  for (auto next = entries->begin(); next != entries->end();) {
    const std::string parent = DirName(next->first);
    const auto found = entries->find(parent);
    const bool has_parent =
        parent == "." || parent == "/" || (found != entries->end() && found->second->is_directory());
    next = has_parent ? std::next(next) : entries->erase(next);
  }
}

}  // namespace

Status MemFileSystem::SyncDir(const std::string& path) {
  base::Result<FileInfo> info = Stat(path);
  if (!info.ok()) return info.status();
  if (info->kind != FileKind::kDirectory) return base::IoError(path + ": cannot sync directory: Not a directory");
  MutexLock lock(mutex_);
  const std::string directory = internal::NormalPath(path);
  std::erase_if(unsynced_changes_, [&](const EntryChange& change) {
    if (!Touches(change, directory)) return false;
    Apply(change, &durable_entries_);
    return true;
  });
  return Status::Ok();
}

MemFileSystem::Entries MemFileSystem::SurvivingEntries(PowerCut kind, base::Random& random) {
  Entries entries = durable_entries_;
  const uint64_t prefix = kind == PowerCut::kTear ? random.Below(unsynced_changes_.size() + 1) : 0;
  for (size_t i = 0; i < unsynced_changes_.size(); ++i) {
    const bool survives = kind == PowerCut::kReorder ? random.Below(2) == 0 : i < prefix;
    if (survives) Apply(unsynced_changes_[i], &entries);
  }
  DropOrphans(&entries);
  return entries;
}

void MemFileSystem::CutPower(PowerCut kind, base::Random& random) {
  CASSETTE_ASSERT(can_lose_power_);
  MutexLock lock(mutex_);
  Entries entries = SurvivingEntries(kind, random);
  std::unordered_map<MemNode*, NodePointer> left;  // Several names may share a node.
  for (auto& [name, node] : entries) {
    NodePointer& replacement = left[node.get()];
    if (replacement == nullptr) replacement = node->AfterPowerCut(kind, random);
    node = replacement;
  }
  entries_ = entries;
  durable_entries_ = std::move(entries);
  unsynced_changes_.clear();
  locks_.clear();
  ++boot_id_;
}

}  // namespace cassette::io
