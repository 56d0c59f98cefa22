// Random reads of an engine, each held against its shadow. For tests.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "storage/engine/random_subject.h"

namespace cassette::storage::engine::random_model {

class RandomReads {
 public:
  explicit RandomReads(Subject& subject)
      : subject_(subject), journal_(subject.journal), random_(subject.random), shape_(subject.shape) {}

  void ReadPartitions() {
    Start();
    const uint64_t count = Happens(6) ? 1 + random_.Below(shape_.partitions.size()) : 1;
    std::vector<std::string>& keys = command_.keys;
    for (uint64_t i = 0; i < count; ++i) {
      const std::string& key = shape_.partitions[subject_.RandomPartition()].key;
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
    if (Happens(2) && has_clustering()) command_.slices = RandomSlices();
    Read();
  }

  void ReadTokens() {
    Start();
    if (Happens(2)) {
      command_.has_start_token = command_.has_end_token = true;
      command_.start_token = shape_.partitions[subject_.RandomPartition()].token;
      command_.end_token = shape_.partitions[subject_.RandomPartition()].token;
      if (command_.start_token > command_.end_token) std::swap(command_.start_token, command_.end_token);
    }
    if (Happens(4) && has_clustering()) command_.slices = RandomSlices();
    Read();
  }

  // All that `engine` has is all that the shadow has.
  void ReadAll(Engine* engine) {
    Start();
    for (const schema::Column& column : shape_.table->columns) {
      const bool is_cell = IsCell(column);
      command_.columns.push_back({column.id, is_cell, is_cell});
    }
    command_.static_rows = true;
    const std::vector<ShadowLine> expected = subject_.shadow.Select(command_);
    journal_.Say("read all: {} rows", expected.size());
    std::unique_ptr<Reader> reader = engine->NewReader();
    if (journal_.Check(reader->Open(command_, nullptr), "open a reader")) CheckRows(reader.get(), expected);
    reader->Close();
  }

  // Before the engine is closed.
  void Release() { reader_ = nullptr; }

 private:
  static constexpr int kPagesMax = 4;

  bool Happens(uint64_t one_of) { return random_.Below(one_of) == 0; }
  bool has_clustering() const { return shape_.table->clustering_count() > 0; }
  static bool IsCell(const schema::Column& column) {
    return column.kind == schema::ColumnKind::kRegular || column.kind == schema::ColumnKind::kStatic;
  }

  void Start() {
    command_ = ReadCommand();
    command_.table = subject_.table;
    command_.now_seconds = subject_.now();
  }

  std::vector<rows::ClusteringSlice> RandomSlices() {
    std::vector<rows::ClusteringBound> bounds;
    for (uint64_t i = 2 * (1 + random_.Below(3)); i > 0; --i) bounds.push_back(subject_.RandomBound());
    const auto before = [](const rows::ClusteringBound& a, const rows::ClusteringBound& b) { return a.Compare(b) < 0; };
    std::sort(bounds.begin(), bounds.end(), before);
    std::vector<rows::ClusteringSlice> slices;
    for (size_t i = 0; i + 1 < bounds.size(); i += 2) {
      if (bounds[i].Compare(bounds[i + 1]) == 0) continue;
      if (!slices.empty() && slices.back().end.Compare(bounds[i]) == 0) continue;
      slices.push_back({bounds[i], bounds[i + 1]});
    }
    return slices.empty() ? std::vector{rows::ClusteringSlice::All()} : slices;
  }

  // What SELECT DISTINCT may ask for, or any columns.
  void ChooseColumns() {
    command_.distinct_partitions = Happens(16);
    for (const schema::Column& column : shape_.table->columns) {
      const bool is_cell = IsCell(column);
      const bool is_of_rows =
          column.kind == schema::ColumnKind::kClustering || column.kind == schema::ColumnKind::kRegular;
      if (is_cell && Happens(4)) continue;
      if (is_of_rows && command_.distinct_partitions) continue;
      command_.columns.push_back({column.id, is_cell && Happens(3), is_cell && Happens(4)});
    }
  }

  void Read() {
    ChooseColumns();
    command_.reversed = Happens(2) && !command_.distinct_partitions;
    command_.static_rows = Happens(2);
    command_.marked_rows_alone = Happens(16);
    if (Happens(3)) command_.limit = 1 + random_.Below(20);
    if (Happens(4)) command_.per_partition_limit = 1 + random_.Below(5);
    const std::vector<ShadowLine> expected = subject_.shadow.Select(command_);
    journal_.Say("read {} partitions, {} slices{}{}{}, limit {}, per partition {}: {} rows", command_.keys.size(),
                 command_.slices.size(), command_.reversed ? ", reversed" : "",
                 command_.distinct_partitions ? ", distinct" : "", command_.marked_rows_alone ? ", marked" : "",
                 command_.limit, command_.per_partition_limit, expected.size());
    CheckAnswer(expected);
    const bool is_whole = command_.limit == 0 && command_.per_partition_limit == 0 && !command_.distinct_partitions;
    if (is_whole && Happens(4) && !journal_.has_failed()) CheckPages(expected);
  }

  // Pages of odd sizes, from the beginning or from after any row.
  void CheckPages(const std::vector<ShadowLine>& lines) {
    size_t begin = Happens(2) ? 0 : random_.Below(lines.size() + 1);
    for (int page = 0; page < kPagesMax; ++page) {
      if (begin > 0) ResumeAfter(lines[begin - 1]);
      command_.limit = 1 + random_.Below(9);
      const size_t end = std::min(lines.size(), begin + command_.limit);
      journal_.Say("  a page of {} from row {}", command_.limit, begin);
      CheckAnswer(std::span(lines).subspan(begin, end - begin));
      if (journal_.has_failed() || end == lines.size()) return;
      begin = end;
    }
  }
  void ResumeAfter(const ShadowLine& line) {
    command_.has_resume = true;
    command_.resume_key = shape_.partitions[line.partition].key;
    command_.has_resume_clustering = line.clustering >= 0;
    if (line.clustering < 0) return;
    command_.resume_clustering = shape_.clusterings[static_cast<size_t>(line.clustering)].bytes;
  }

  // Mostly with a reader whose memory is used again.
  void CheckAnswer(std::span<const ShadowLine> expected) {
    if (Happens(16)) {
      const auto reader = subject_.engine->Read(command_, nullptr);
      if (journal_.Check(reader.status(), "read")) CheckRows(reader->get(), expected);
      return;
    }
    if (reader_ == nullptr) reader_ = subject_.engine->NewReader();
    if (!journal_.Check(reader_->Open(command_, nullptr), "open a reader")) return;
    CheckRows(reader_.get(), expected);
    reader_->Close();
  }

  void CheckRows(rows::BatchReader* reader, std::span<const ShadowLine> expected) {
    FindColumns();
    size_t count = 0;
    while (true) {
      const base::Result<bool> more = reader->Next(&batch_);
      if (!journal_.Check(more.status(), "read") || !*more) break;
      for (uint32_t row = 0; row < batch_.row_count; ++row, ++count) {
        line_.clear();
        AppendLine(row);
        if (count < expected.size() && line_ == expected[count].text) continue;
        const std::string wanted = count < expected.size() ? Printable(expected[count].text) : "nothing";
        return journal_.Fail(fmt::format("row {} is '{}', expected '{}'", count, Printable(line_), wanted));
      }
    }
    if (count < expected.size()) {
      journal_.Fail(
          fmt::format("{} rows of {}; then expected '{}'", count, expected.size(), Printable(expected[count].text)));
    }
  }
  static std::string Printable(const std::string& bytes) {
    std::string text;
    for (const char c : bytes) text += c >= ' ' && c <= '~' ? std::string(1, c) : fmt::format("\\x{:02x}", uint8_t(c));
    return text;
  }

  void FindColumns() {
    columns_.clear();
    for (const rows::RequestedColumn& requested : command_.columns) {
      columns_.push_back(&shape_.table->columns[static_cast<size_t>(shape_.table->IndexOf(requested.id))]);
    }
  }
  void AppendLine(uint32_t row) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      const columnar::Vector& values = batch_.columns[i];
      if (values.is_null(row)) {
        AppendNothing(kShowsValue, &line_);
      } else {
        line_.push_back(kShowsValue);
        values.AppendSerialized(columns_[i]->type, row, &line_);
      }
      const bool is_complex = columns_[i]->type.is_multi_cell();
      if (command_.columns[i].with_write_time) AppendTime(kShowsWriteTime, is_complex, batch_.write_times[i], row);
      if (command_.columns[i].with_ttl) AppendTime(kShowsTtl, is_complex, batch_.ttls[i], row);
    }
  }
  void AppendTime(char what, bool is_complex, const columnar::Vector& times, uint32_t row) {
    if (times.is_null(row)) {
      AppendNothing(what, &line_);
    } else if (is_complex) {
      AppendShown(what, times.bytes(row), &line_);
    } else {
      AppendShown(what, times.int64(row), &line_);
    }
  }

  Subject& subject_;
  Journal& journal_;
  base::Random& random_;
  const RandomTable& shape_;
  ReadCommand command_;
  std::vector<const schema::Column*> columns_;
  rows::RowBatch batch_;
  std::string line_;
  std::unique_ptr<Reader> reader_;  // One for all reads: its memory is used again.
};

}  // namespace cassette::storage::engine::random_model
