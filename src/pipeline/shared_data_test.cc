// The shipped models on the real files in ../shared/data, beside the clone: every figure that the README states. Where
// the files are not, these tests are skipped and say so.
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "io/posix_file_system.h"
#include "pipeline/run_test_support.h"

namespace cassette::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kData[] = "../../../shared/data/";
constexpr char kModels[] = "../../models/";

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class SharedDataTest : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    if (!files_.Exists(kData).ok() || !*files_.Exists(kData)) {
      GTEST_SKIP() << "the real data sets are not here: " << kData << " (they are no part of the project)";
    }
    options_.threads = 2;
    options_.rejects_path = testing::TempDir() + "shared_data_test.rejects.csv";
  }

  std::string LoadReal(const std::string& model, const std::string& folder) {
    UseModel(ReadText(kModels + model));
    options_.source = kData + folder;
    return LoadFrom(files_);
  }

  const TableReport& Table(const std::string& name) const {
    for (const TableReport& table : report_.tables) {
      if (table.table->name == name) return table;
    }
    ADD_FAILURE() << "no table " << name;
    return report_.tables.front();
  }

  uint64_t QualityCells(QualityKind kind, const std::string& column) const {
    const auto found = report_.quality.counts().find({kind, column});
    return found == report_.quality.counts().end() ? 0 : found->second.cells;
  }

  io::PosixFileSystem files_;
};

TEST_F(SharedDataTest, MusicHasTheExpectedFigures) {
  ASSERT_EQ(LoadReal("music.yaml", "sparkify"), "");
  const nlohmann::json expected =
      nlohmann::json::parse(ReadText(std::string(kData) + "expected/sparkify_expected.json"));
  EXPECT_EQ(report_.files, expected["files"]);
  EXPECT_EQ(report_.read, expected["csv_rows_total"]);
  EXPECT_EQ(report_.filtered, expected["rows_empty_artist"]);
  EXPECT_EQ(report_.rejected, 0u);
  for (const auto& [name, figures] : expected["tables"].items()) {
    const TableReport& table = Table(name);
    EXPECT_EQ(table.keys.rows, expected["rows_nonempty_artist"]) << name;
    EXPECT_EQ(table.keys.distinct_rows, figures["rows"]) << name;
    EXPECT_EQ(table.rows_in_table, figures["rows"]) << name;
    EXPECT_EQ(table.keys.partitions, figures["partitions"]) << name;
    EXPECT_EQ(table.keys.largest_partition_rows, figures["max_partition_rows"]) << name;
  }
}

TEST_F(SharedDataTest, MusicAnswersTheThreeQuestions) {
  ASSERT_EQ(LoadReal("music.yaml", "sparkify"), "");
  EXPECT_THAT(Rows("SELECT artist, song_title, length FROM music.songs_by_session "
                   "WHERE session_id = 338 AND item_in_session = 4"),
              ElementsAre("Faithless|Music Matters (Mark Knight Dub)|495.3073"));
  EXPECT_THAT(Rows("SELECT item_in_session, artist, song_title, first_name, last_name FROM "
                   "music.songs_by_user_session WHERE user_id = 10 AND session_id = 182"),
              ElementsAre("0|Down To The Bone|Keep On Keepin' On|Sylvie|Cruz", "1|Three Drives|Greece 2000|Sylvie|Cruz",
                          "2|Sebastien Tellier|Kilometer|Sylvie|Cruz",
                          "3|Lonnie Gordon|Catch You Baby (Steve Pitron & Max Sanna Radio Edit)|Sylvie|Cruz"));
  EXPECT_THAT(Rows("SELECT user_id, first_name, last_name FROM music.users_by_song "
                   "WHERE song_title = 'All Hands Against His Own'"),
              ElementsAre("29|Jacqueline|Lynch", "80|Tegan|Levine", "95|Sara|Johnson"));
  EXPECT_THAT(Rows("SELECT token(session_id) FROM music.songs_by_session WHERE session_id = 338 LIMIT 1"),
              ElementsAre("-100532224177814099"));
}

TEST_F(SharedDataTest, MusicReportsWhatIsWrongWithTheFiles) {
  options_.dry_run = true;
  ASSERT_EQ(LoadReal("music.yaml", "sparkify"), "");
  const QualityCount& times = report_.quality.counts().at({QualityKind::kLostPrecision, "happened_at"});
  EXPECT_EQ(times.cells, 8056u);
  EXPECT_EQ(times.distinct_values.size(), 244u);
  EXPECT_DOUBLE_EQ(times.error, 5e6);  // Milliseconds.
  EXPECT_EQ(QualityCells(QualityKind::kEncodedTwice, "artist") + QualityCells(QualityKind::kEncodedTwice, "song_title"),
            346u);
  EXPECT_EQ(QualityCells(QualityKind::kBlanksAround, "song_title"), 7u);
}

// Each of its rows is wrapped in a second pair of quotes, and so is one field.
TEST_F(SharedDataTest, TheMalformedFileIsRejectedRowByRow) {
  ASSERT_EQ(LoadReal("music.yaml", "sparkify_malformed"), "");
  EXPECT_EQ(report_.rejected, report_.read);
  EXPECT_EQ(report_.rows, 0u);
  ASSERT_FALSE(report_.first_rejects.empty());
  for (const std::string& reject : report_.first_rejects)
    EXPECT_THAT(reject, HasSubstr("expected 17 columns, found 1"));
  options_.rejects_max = 3;
  options_.drop = true;
  EXPECT_THAT(LoadReal("music.yaml", "sparkify_malformed"), HasSubstr("events.csv:5:1: expected 17 columns, found 1"));
  EXPECT_THAT(Rows("SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'music'"), ElementsAre());
}

struct SeriesFigures {
  uint64_t rows = 0;
  uint64_t partitions = 0;
};

// Series by the name of its file, from expected/nab_summary.csv.
std::map<std::string, SeriesFigures> ExpectedSeries() {
  std::map<std::string, SeriesFigures> series;
  std::istringstream lines(ReadText(std::string(kData) + "expected/nab_summary.csv"));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) fields.push_back(cell);
    const std::string name = io::BaseName(fields[0]);
    series[name.substr(0, name.size() - 4)] = {std::stoull(fields[6]), std::stoull(fields[7])};
  }
  return series;
}

TEST_F(SharedDataTest, RealSeriesHaveTheExpectedFigures) {
  ASSERT_EQ(LoadReal("network.yaml", "nab/data"), "");
  EXPECT_EQ(report_.files, 58u);
  EXPECT_EQ(report_.read, 365'558u);
  EXPECT_EQ(report_.rejected, 0u);
  const TableReport& table = Table("metrics_by_resource_week");
  EXPECT_EQ(table.keys.rows, 365'558u);
  EXPECT_EQ(table.keys.distinct_rows, 365'509u);
  EXPECT_EQ(table.rows_in_table, 365'509u);
  EXPECT_EQ(table.keys.partitions, 385u);
  std::map<std::string, SeriesFigures> found;
  for (const std::string& row : Rows("SELECT resource, COUNT(*) FROM network.metrics_by_resource_week "
                                     "GROUP BY resource, year, week_of_year")) {
    SeriesFigures& figures = found[row.substr(0, row.find('|'))];
    figures.rows += std::stoull(row.substr(row.find('|') + 1));
    ++figures.partitions;
  }
  const std::map<std::string, SeriesFigures> expected = ExpectedSeries();
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [name, figures] : expected) {
    EXPECT_EQ(found[name].rows, figures.rows) << name;
    EXPECT_EQ(found[name].partitions, figures.partitions) << name;
  }
}

TEST_F(SharedDataTest, ARoutersFilesLoadAndLargeCountersAreReported) {
  ASSERT_EQ(LoadReal("network.yaml", "netmon/cisco_ie_telemetry_11"), "");
  EXPECT_EQ(report_.files, 12u);
  EXPECT_EQ(report_.rejected, 0u);
  EXPECT_GT(report_.rows, report_.read);  // One row a counter.
  const TableReport& table = Table("metrics_by_resource_week");
  EXPECT_EQ(table.rows_in_table, table.keys.distinct_rows);
  uint64_t rounded = 0;
  for (const auto& [key, count] : report_.quality.counts()) {
    if (key.first == QualityKind::kRoundedInteger) rounded += count.cells;
  }
  EXPECT_GT(rounded, 0u);
  EXPECT_GT(
      Rows("SELECT metric_name FROM network.metrics_by_resource_list WHERE resource = 'HundredGigE0/0/0/0'").size(),
      3u);
}

}  // namespace
}  // namespace cassette::pipeline
