#include "pipeline/rejects.h"

#include <fmt/format.h>

#include "io/file_system.h"

namespace cassette::pipeline {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

RejectsFile::RejectsFile(io::FileSystem& file_system, std::string path, Before before, uint64_t rejects_max)
    : file_system_(file_system), path_(std::move(path)), before_(before), rejects_max_(rejects_max) {}

RejectsFile::~RejectsFile() = default;

base::Status RejectsFile::Add(const Reject& reject) {
  const std::string place = fmt::format("{}:{}:{}: {}", *reject.file, reject.line, reject.column, reject.reason);
  base::MutexLock lock(mutex_);
  ++count_;
  if (first_.size() < kFirst) first_.push_back(place);
  if (file_ == nullptr) {
    CASSETTE_ASSIGN_OR_RETURN(
        file_, before_ == Before::kStays ? file_system_.OpenAppendable(path_) : file_system_.CreateWritable(path_));
    if (file_->size() == 0) CASSETTE_RETURN_IF_ERROR(file_->Append("file,line,column,reason,record\n"));
  }
  std::string record = Quoted(reject.raw.substr(0, kMaxRejectBytes));
  if (reject.raw.size() > kMaxRejectBytes) record.insert(record.size() - 1, "...");
  CASSETTE_RETURN_IF_ERROR(file_->Append(fmt::format("{},{},{},{},{}\n", Quoted(*reject.file), reject.line,
                                                     reject.column, Quoted(reject.reason), record)));
  if (count_ <= rejects_max_) return base::Status::Ok();
  return base::ResourceExhausted(
      fmt::format("{} (more than {} rejects: see {}; --max-rejects allows more)", place, rejects_max_, path_));
}

base::Status RejectsFile::Close() {
  base::MutexLock lock(mutex_);
  return file_ == nullptr ? base::Status::Ok() : file_->Close();
}

uint64_t RejectsFile::count() const {
  base::MutexLock lock(mutex_);
  return count_;
}

std::vector<std::string> RejectsFile::first() const {
  base::MutexLock lock(mutex_);
  return first_;
}

}  // namespace cassette::pipeline
