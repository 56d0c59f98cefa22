// The half of CommitLog that makes records durable and says so.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "storage/commitlog/commitlog.h"
#include "storage/commitlog/segment.h"
#include "storage/commitlog/segment_supply.h"

namespace cassette::storage::commitlog {

using base::MutexLock;
using base::Status;

void CommitLog::RunSyncer() {
  while (WaitForWork()) SyncOnce();
}

// False when there is nothing more to come.
bool CommitLog::WaitForWork() {
  MutexLock lock(sync_mutex_);
  while (!sync_now_ && !stopping_) {
    if (sync_wanted_) {
      WaitForWindow();
      break;
    }
    // Whatever the mode: nothing stays unsynced for longer than the period.
    if (!work_.WaitFor(sync_mutex_, std::chrono::milliseconds(options_.sync_period_ms))) break;
  }
  const bool last = stopping_ && !sync_now_;
  sync_now_ = false;
  sync_wanted_ = false;
  return !last;
}

// kGroup: syncs begin at least a window apart.
void CommitLog::WaitForWindow() {
  if (options_.sync_mode != SyncMode::kGroup) return;
  const int64_t window_nanos = int64_t{options_.group_window_ms} * 1'000'000;
  const int64_t passed = clock_.SteadyNanos() - last_sync_nanos_;
  int64_t left = std::clamp<int64_t>(window_nanos - passed, 0, window_nanos);
  while (left > 0 && !sync_now_ && !stopping_) {
    const auto began = std::chrono::steady_clock::now();
    if (!work_.WaitFor(sync_mutex_, std::chrono::microseconds(left / 1000 + 1))) return;
    left -= std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - began).count();
  }
}

CommitLog::SyncWork CommitLog::TakeSyncWork() {
  MutexLock lock(append_mutex_);
  return {unsynced_full_, active_, active_->end()};
}

void CommitLog::SyncOnce() {
  if (failed_) return;
  const int64_t began = clock_.SteadyNanos();
  const SyncWork work = TakeSyncWork();
  {
    MutexLock lock(sync_mutex_);
    last_sync_nanos_ = began;
  }
  const bool nothing_new = work.full.empty() && work.active_end == work.active->synced_end();
  const Status status = nothing_new ? Status::Ok() : SyncSegments(work);
  if (!status.ok()) return Failed(status);
  if (!nothing_new) {
    MutexLock lock(sync_mutex_);
    ++sync_count_;
    sync_nanos_ += static_cast<uint64_t>(clock_.SteadyNanos() - began);
  }
  Succeeded(work);
}

// Old segments before new ones: what is durable of a segment says that those before it are.
Status CommitLog::SyncSegments(const SyncWork& work) {
  for (const std::shared_ptr<Segment>& segment : work.full) {
    CASSETTE_RETURN_IF_ERROR(segment->Sync(segment->synced_end(), segment->end()));
  }
  if (work.active_end == work.active->synced_end()) return Status::Ok();
  return work.active->Sync(work.active->synced_end(), work.active_end);
}

void CommitLog::Succeeded(const SyncWork& work) {
  {
    MutexLock lock(append_mutex_);
    CASSETTE_ASSERT(unsynced_full_.size() >= work.full.size());
    unsynced_full_.erase(unsynced_full_.begin(), unsynced_full_.begin() + static_cast<ptrdiff_t>(work.full.size()));
    work.active->set_synced_end(work.active_end);
    if (!work.full.empty()) {
      room_.NotifyAll();
      ReleaseUnneeded();
    }
  }
  CallBack({work.active->id(), work.active_end}, Status::Ok());
}

void CommitLog::Failed(const Status& status) {
  const Status refusal = base::Unavailable(
      fmt::format("commit log: a sync failed and nothing is written until it is opened again: {}", status.message()));
  logger_.Error("{}", refusal.message());
  {
    MutexLock lock(append_mutex_);
    failure_ = refusal;
    room_.NotifyAll();
  }
  CallBack({}, refusal);
}

// Tells everyone who waits for a position below `durable`, or, when it is a failure, everyone.
void CommitLog::CallBack(CommitPosition durable, const Status& failure) {
  std::vector<Waiter> done;
  {
    MutexLock lock(sync_mutex_);
    if (failure.ok()) {
      durable_end_ = std::max<uint64_t>(durable_end_, durable.ToNumber());
    } else {
      sync_failure_ = failure;
      failed_ = true;
    }
    const auto waits = [&](const Waiter& waiter) { return failure.ok() && waiter.position >= durable; };
    const auto first_done = std::partition(waiters_.begin(), waiters_.end(), waits);
    std::move(first_done, waiters_.end(), std::back_inserter(done));
    waiters_.erase(first_done, waiters_.end());
    durable_.NotifyAll();
  }
  for (const Waiter& waiter : done) waiter.callback(failure);
}

bool CommitLog::AcknowledgesAtOnce(CommitPosition position) const {
  if (failed_) return false;
  return options_.sync_mode == SyncMode::kPeriodic || position.ToNumber() < durable_end_;
}

Status CommitLog::WaitDurable(CommitPosition position) {
  if (AcknowledgesAtOnce(position)) return Status::Ok();
  MutexLock lock(sync_mutex_);
  if (options_.sync_mode == SyncMode::kPeriodic) return sync_failure_;
  while (position.ToNumber() >= durable_end_) {
    if (failed_) return sync_failure_;
    if (stopping_) return base::Unavailable("the commit log was stopped");
    sync_wanted_ = true;
    work_.NotifyOne();
    durable_.Wait(sync_mutex_);
  }
  return Status::Ok();
}

void CommitLog::OnDurable(CommitPosition position, DurableCallback callback) {
  Status status;
  if (!AcknowledgesAtOnce(position)) {
    MutexLock lock(sync_mutex_);
    status = sync_failure_;
    if (status.ok() && position.ToNumber() >= durable_end_) {
      waiters_.push_back({position, std::move(callback)});
      sync_wanted_ = true;
      work_.NotifyOne();
      return;
    }
  }
  callback(status);
}

Status CommitLog::Sync() {
  const uint64_t end = NextPosition().ToNumber();
  MutexLock lock(sync_mutex_);
  while (durable_end_ < end) {
    if (failed_) return sync_failure_;
    if (stopping_) return base::Unavailable("the commit log was stopped");
    sync_now_ = true;
    work_.NotifyOne();
    durable_.Wait(sync_mutex_);
  }
  return sync_failure_;
}

Status CommitLog::Stop() {
  {
    MutexLock lock(append_mutex_);
    stopped_ = true;
    room_.NotifyAll();
    while (rolling_) room_.Wait(append_mutex_);
  }
  if (!syncer_.joinable()) return Status::Ok();
  const Status synced = Sync();
  {
    MutexLock lock(sync_mutex_);
    stopping_ = true;
    work_.NotifyOne();
    durable_.NotifyAll();
  }
  syncer_.join();
  supply_->Stop();
  return synced.ok() ? SealActive() : synced;
}

// The seal says that everything before it was durable, so that damage found later is told from a torn end.
Status CommitLog::SealActive() {
  std::shared_ptr<Segment> segment;
  bool has_records = false;
  {
    MutexLock lock(append_mutex_);
    segment = active_;
    has_records = segment->has_records();
    CASSETTE_ASSERT(segment->synced_end() == segment->end() || !segment->has_records());
    segment->Seal();
  }
  CASSETTE_RETURN_IF_ERROR(segment->Sync(segment->synced_end(), segment->end()));
  // The room that was reserved and not needed.
  CASSETTE_RETURN_IF_ERROR(file_system_.Truncate(segment->path(), segment->end()));
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<io::WritableFile> file, file_system_.OpenAppendable(segment->path()));
  CASSETTE_RETURN_IF_ERROR(file->Sync());
  // One without records goes at the next start.
  extent_ = supply_->LiveExtent(has_records ? 0 : segment->id());
  if (has_records) extent_.end.offset = segment->end();
  return file->Close();
}

}  // namespace cassette::storage::commitlog
