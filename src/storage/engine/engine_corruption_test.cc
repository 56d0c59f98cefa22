// Damage to any file of a data directory: told by file and offset, found by verification, mended by scrub; never read
// as something else, never a crash. CASSETTE_CORRUPTIONS in the environment sets how many bytes of each file are
// changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/random.h"
#include "io/fault_file_system.h"
#include "storage/engine/directory_image.h"
#include "storage/engine/test_support.h"

namespace cassette::storage::engine {
namespace {

using testing::Apply;
using testing::DirectoryImage;
using testing::Insert;
using testing::MakeTable;
using testing::ReadAll;
using testing::Rows;
using testing::TestEngine;
using testing::Write;

constexpr char kDirectory[] = "/data";

size_t ChangesPerFile() {
  const char* text = std::getenv("CASSETTE_CORRUPTIONS");
  return text == nullptr ? 250 : std::strtoull(text, nullptr, 10);
}

// What all tables show.
using Shown = std::map<std::string, std::vector<std::string>>;

class EngineCorruption : public ::testing::Test {
 protected:
  // Two tables with several SSTables each, rows in the log alone, and a snapshot.
  void SetUp() override {
    io::MemFileSystem files(false);
    TestEngine engine(&files);
    base::Random random(1);
    Shrink(&engine);
    ASSERT_TRUE(engine.Open().ok());
    for (const auto& [name, id] : {std::pair("t", 1), std::pair("u", 2)}) {
      schema::Table table = MakeTable(name, static_cast<uint8_t>(id));
      ASSERT_TRUE(testing::CreateTable(engine.get(), table).ok());
      for (int flush = 0; flush < 2; ++flush) {
        for (int32_t i = 0; i < 30; ++i) {
          const int32_t number = flush * 30 + i;
          const std::string text = RandomText(&random);
          ASSERT_TRUE(Apply(engine.get(), Insert(table, i % 5, number, number * id, text, 10 + number)).ok());
        }
        ASSERT_TRUE(Apply(engine.get(), Write(table, 1).Static().Cell("s", testing::IntBytes(flush), 100)).ok());
        ASSERT_TRUE(Apply(engine.get(), Write(table, 2).DeleteRange(0, 5, 5 + flush)).ok());
        ASSERT_TRUE(engine->Flush(nullptr).ok());
      }
    }
    ASSERT_TRUE(engine->Snapshot("s").ok());
    const schema::Table table = *engine.table();
    for (int32_t i = 100; i < 110; ++i) ASSERT_TRUE(Apply(engine.get(), Insert(table, 1, i, i, "log", i)).ok());
    good_rows_ = *Show(&engine);
    engine.Close();
    testing::ReadImage(files, kDirectory, &good_);
    good_.erase("/data/LOCK");
  }

  // Nothing that an encoding makes so short that it stands in the index.
  static std::string RandomText(base::Random* random) {
    std::string text;
    for (int i = 0; i < 40; ++i) text.push_back(static_cast<char>('!' + random->Below(90)));
    return text;
  }

  static void Shrink(TestEngine* engine) {
    engine->options.commitlog_segment_bytes = 64 << 10;
    engine->options.row_group_rows = 8;
    engine->options.cache_bytes = 1 << 20;
  }

  static base::Result<Shown> Show(TestEngine* engine) {
    Shown shown;
    for (const char* name : {"t", "u"}) {
      const schema::TablePtr table = engine->table(name);
      if (table == nullptr) continue;
      CASSETTE_ASSIGN_OR_RETURN(shown[name], Rows(engine->get(), ReadAll(table)));
    }
    return shown;
  }

  static bool Names(const base::Status& status, const std::string& path) {
    return status.message().find(path) != std::string_view::npos ||
           status.message().find(io::DirName(path)) != std::string_view::npos;
  }

  // `path` was damaged in `image`: it is refused by name, or read wholly right.
  void CheckDamaged(const DirectoryImage& image, const std::string& path, bool must_be_found) {
    io::MemFileSystem files(false);
    testing::WriteImage(files, image);
    TestEngine engine(&files);
    Shrink(&engine);
    const EngineEnvironment environment{&files, &engine.clock, &engine.logger, 1};
    const auto findings = Engine::VerifyDirectory(kDirectory, environment);
    ASSERT_TRUE(findings.ok()) << findings.status().ToString();
    ASSERT_TRUE(!must_be_found || !findings->empty());
    const base::Status opened = engine.Open();
    if (!opened.ok()) {
      ASSERT_TRUE(Names(opened, path)) << opened.ToString();
      ASSERT_FALSE(findings->empty()) << opened.ToString();
      return;
    }
    const auto shown = Show(&engine);
    if (shown.ok()) {
      ASSERT_EQ(*shown, good_rows_);
    } else {
      ASSERT_EQ(shown.status().code(), base::Code::kCorruption);
      ASSERT_TRUE(Names(shown.status(), path)) << shown.status().ToString();
      ASSERT_FALSE(findings->empty());
    }
  }

  // Bytes of the log's end and of its confirmation say nothing but that something was durable.
  static bool MayBeLost(const std::string& path) {
    return path.find("/commitlog/") != std::string::npos || path.find("/manifest/") != std::string::npos;
  }

  DirectoryImage good_;
  Shown good_rows_;
};

TEST_F(EngineCorruption, EveryChangedByteIsToldOrDoesNotMatter) {
  const uint64_t seed = 20241121;
  base::Random random(seed);
  for (const auto& [path, bytes] : good_) {
    std::vector<size_t> places(bytes.size());
    for (size_t i = 0; i < places.size(); ++i) places[i] = i;
    while (places.size() > ChangesPerFile()) {
      places[random.Below(places.size())] = places.back();
      places.pop_back();
    }
    for (const size_t at : places) {
      SCOPED_TRACE(path + ", byte " + std::to_string(at) + " of " + std::to_string(bytes.size()));
      DirectoryImage bad = good_;
      bad[path][at] = static_cast<char>(bad[path][at] ^ (1u << random.Below(8)));
      ASSERT_NO_FATAL_FAILURE(CheckDamaged(bad, path, !MayBeLost(path)));
    }
  }
}

TEST_F(EngineCorruption, EveryCutFileIsTold) {
  for (const auto& [path, bytes] : good_) {
    const size_t step = std::max<size_t>(1, bytes.size() / ChangesPerFile());
    for (size_t size = 0; size < bytes.size(); size += step) {
      SCOPED_TRACE(path + " cut to " + std::to_string(size) + " of " + std::to_string(bytes.size()));
      DirectoryImage bad = good_;
      bad[path].resize(size);
      // CURRENT without its second line is what a crash leaves.
      const bool is_legal = path.ends_with("/CURRENT") && bad[path].ends_with(".log\n");
      ASSERT_NO_FATAL_FAILURE(CheckDamaged(bad, path, !is_legal));
    }
  }
}

TEST_F(EngineCorruption, EveryMissingFileIsTold) {
  for (const auto& [path, bytes] : good_) {
    SCOPED_TRACE(path + " is missing");
    DirectoryImage bad = good_;
    bad.erase(path);
    ASSERT_NO_FATAL_FAILURE(CheckDamaged(bad, path, true));
  }
}

TEST(EngineCreation, WhatIsLeftOfOneThatWasCutShortIsSound) {
  for (uint64_t call = 1;; ++call) {
    SCOPED_TRACE("power cut at call " + std::to_string(call));
    io::MemFileSystem memory;
    io::FaultFileSystem files(memory);  // As a killed process: what was written stays.
    files.FailCall(call, io::Fault::kPowerCut);
    testing::TestEngine engine(&files);
    const bool is_open = engine.Open().ok();
    engine.Close();
    if (is_open && files.has_power()) break;
    files.Restart();
    const EngineEnvironment environment{&files, &engine.clock, &engine.logger, 1};
    const auto findings = Engine::VerifyDirectory(kDirectory, environment);
    if (findings.status().code() == base::Code::kNotFound) continue;
    ASSERT_TRUE(findings.ok()) << findings.status().ToString();
    EXPECT_TRUE(findings->empty()) << findings->front().message;
    EXPECT_TRUE(engine.Open().ok());
  }
}

TEST_F(EngineCorruption, EveryZeroedFileIsTold) {
  for (const auto& [path, bytes] : good_) {
    SCOPED_TRACE(path + " is zeroed");
    DirectoryImage bad = good_;
    bad[path].assign(bytes.size(), '\0');
    ASSERT_NO_FATAL_FAILURE(CheckDamaged(bad, path, true));
  }
}

TEST_F(EngineCorruption, SwappedFilesAreTold) {
  for (const auto& [first, first_bytes] : good_) {
    for (const auto& [second, second_bytes] : good_) {
      if (first >= second || first_bytes == second_bytes) continue;
      SCOPED_TRACE(first + " and " + second + " are swapped");
      DirectoryImage bad = good_;
      std::swap(bad[first], bad[second]);
      io::MemFileSystem files(false);
      testing::WriteImage(files, bad);
      TestEngine engine(&files);
      Shrink(&engine);
      const EngineEnvironment environment{&files, &engine.clock, &engine.logger, 1};
      const auto findings = Engine::VerifyDirectory(kDirectory, environment);
      ASSERT_TRUE(findings.ok());
      ASSERT_FALSE(findings->empty());
      const bool concerns_snapshot =
          first.find("/snapshots/") != std::string::npos || second.find("/snapshots/") != std::string::npos;
      const base::Status opened = engine.Open();
      if (!opened.ok()) {
        ASSERT_TRUE(Names(opened, first) || Names(opened, second)) << opened.ToString();
      } else {
        ASSERT_TRUE(concerns_snapshot);
        ASSERT_EQ(*Show(&engine), good_rows_);
      }
    }
  }
}

// What scrub says, and what the tables show afterwards. Rows may be missing; none may be there that was never written.
class EngineScrub : public EngineCorruption {
 protected:
  void Scrub(const DirectoryImage& bad, ScrubReport* report, Shown* shown) {
    io::MemFileSystem files(false);
    testing::WriteImage(files, bad);
    TestEngine engine(&files);
    Shrink(&engine);
    const EngineEnvironment environment{&files, &engine.clock, &engine.logger, 1};
    const auto scrubbed = Engine::Scrub(kDirectory, engine.options, environment);
    ASSERT_TRUE(scrubbed.ok()) << scrubbed.status().ToString();
    *report = *scrubbed;
    const auto findings = Engine::VerifyDirectory(kDirectory, environment);
    ASSERT_TRUE(findings.ok());
    for (const VerifyFinding& finding : *findings) {
      ASSERT_NE(finding.message.find("/snapshots/"), std::string::npos) << finding.message;
    }
    const base::Status opened = engine.Open();
    ASSERT_TRUE(opened.ok()) << opened.ToString();
    const auto rows = Show(&engine);
    ASSERT_TRUE(rows.ok()) << rows.status().ToString();
    *shown = *rows;
    ASSERT_TRUE(Apply(engine.get(), Insert(MakeTable(), 1, 1000, 1, "after", 1'000)).ok() || !shown->contains("t"));
  }
};

TEST_F(EngineScrub, LeavesASoundDirectoryAsItIs) {
  ScrubReport report;
  Shown shown;
  ASSERT_NO_FATAL_FAILURE(Scrub(good_, &report, &shown));
  EXPECT_EQ(shown, good_rows_);
  EXPECT_TRUE(report.notes.empty());
  EXPECT_EQ(report.sstables_checked, 4u);
}

TEST_F(EngineScrub, MakesADirectoryWithAnyDamageOneThatOpens) {
  base::Random random(7);
  for (const auto& [path, bytes] : good_) {
    if (path.find("/snapshots/") != std::string::npos) continue;
    for (int round = 0; round < 12; ++round) {
      SCOPED_TRACE(path + ", round " + std::to_string(round));
      DirectoryImage bad = good_;
      if (round == 0) {
        bad.erase(path);
      } else if (round == 1) {
        bad[path].assign(bytes.size(), '\0');
      } else if (round == 2) {
        bad[path].resize(random.Below(bytes.size()));
      } else {
        const size_t at = random.Below(bytes.size());
        bad[path][at] = static_cast<char>(bad[path][at] ^ 4);
      }
      if (path.ends_with("/VERSION") && round > 2) continue;  // May say another version.
      ScrubReport report;
      Shown shown;
      ASSERT_NO_FATAL_FAILURE(Scrub(bad, &report, &shown));
      if (shown != good_rows_) {
        ASSERT_FALSE(report.notes.empty());
      }
    }
  }
}

TEST_F(EngineScrub, KeepsTheOtherRowGroupsOfADamagedFile) {
  // The first vector of the file is damaged: one row group is lost, of those that the file has.
  const auto path = good_.lower_bound("/data/sstables/");
  ASSERT_NE(path->first.find(".sst"), std::string::npos);
  DirectoryImage bad = good_;
  bad[path->first][64] = static_cast<char>(bad[path->first][64] ^ 1);
  ScrubReport report;
  Shown shown;
  ASSERT_NO_FATAL_FAILURE(Scrub(bad, &report, &shown));
  EXPECT_EQ(report.sstables_rewritten, 1u) << fmt::format("{}", fmt::join(report.notes, "\n"));
  EXPECT_GT(report.rows_kept, 0u) << fmt::format("{}", fmt::join(report.notes, "\n"));
  EXPECT_GT(report.rows_dropped, 0u);
  EXPECT_LE(report.rows_dropped, 16u);
  EXPECT_GE(report.notes.size(), 2u);
}

TEST_F(EngineScrub, RebuildsAManifestFromTheFiles) {
  DirectoryImage bad;
  for (const auto& [path, bytes] : good_) {
    if (!path.starts_with("/data/manifest/") && !path.starts_with("/data/snapshots/")) bad[path] = bytes;
  }
  bad["/data/manifest/CURRENT"] = "nothing\n";
  ScrubReport report;
  Shown shown;
  ASSERT_NO_FATAL_FAILURE(Scrub(bad, &report, &shown));
  EXPECT_EQ(shown, good_rows_);
}

}  // namespace
}  // namespace cassette::storage::engine
