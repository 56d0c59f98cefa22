// Strategies as a text conversation: testdata/*.txt holds commands; what one answers follows "----", up to an empty
// line.
//   options class=... name=value ...      parses; answers "ok" or the error
//   context now=S gc_before=S memtable_min=MICROS flush=BYTES
//   sstable id=N size=BYTES level=N min=MICROS max=MICROS expires=S droppable=RATIO created=S tokens=A..B
//     (sizes may end in M, for MiB; tokens are of 1000, spread over the ring, where they end in %o)
//   remove id=N
//   next | major | pending | expired
// CASSETTE_BLESS=1 rewrites the answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "storage/compaction/strategy.h"

namespace cassette::storage::compaction {
namespace {

using ::testing::HasSubstr;

std::string ToText(const Choice& choice) {
  if (choice.empty()) return "nothing";
  std::string text = choice.kind == Choice::Kind::kDrop   ? "drop"
                     : choice.kind == Choice::Kind::kMove ? "move"
                                                          : "merge";
  for (const uint64_t id : choice.ids) text += " " + std::to_string(id);
  text += " (" + choice.reason + ")";
  if (choice.output.level > 0) text += " level " + std::to_string(choice.output.level);
  if (choice.output.sstable_bytes_max > 0) text += " split at " + std::to_string(choice.output.sstable_bytes_max);
  if (!choice.output.shard_ends.empty()) text += " shards " + std::to_string(choice.output.shard_ends.size() + 1);
  return text;
}

class Conversation {
 public:
  std::string Answer(const std::string& line) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    std::map<std::string, std::string> arguments;
    std::string word;
    while (words >> word) {
      const size_t equals = word.find('=');
      arguments[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    if (command == "options") return SetOptions(arguments);
    if (command == "context") return SetContext(arguments);
    if (command == "sstable") return AddSstable(arguments);
    if (command == "remove") return Remove(arguments);
    if (command == "next") return ToText(strategy_->Next(tables_, context_));
    if (command == "pending") return std::to_string(strategy_->PendingCount(tables_, context_));
    if (command == "major") return Major();
    if (command == "expired") return Expired();
    return "unknown command";
  }

 private:
  static void Number(const std::map<std::string, std::string>& arguments, const char* name, int64_t* value) {
    const auto argument = arguments.find(name);
    if (argument == arguments.end()) return;
    *value = std::stoll(argument->second) << (argument->second.ends_with('M') ? 20 : 0);
  }
  // A token, or one of 1000 places around the ring.
  static int64_t Token(const std::string& text) {
    if (!text.ends_with("%o")) return std::stoll(text);
    const auto place = static_cast<uint64_t>(std::stoll(text));
    if (place >= 1000) return std::numeric_limits<int64_t>::max();
    return static_cast<int64_t>(place * (std::numeric_limits<uint64_t>::max() / 1000) - (uint64_t{1} << 63));
  }

  std::string SetOptions(const Options& options) {
    tables_.clear();
    context_ = {};
    auto made = MakeStrategy(options);
    if (!made.ok()) return made.status().ToString();
    strategy_ = std::move(made).value();
    return "ok";
  }
  std::string SetContext(const std::map<std::string, std::string>& arguments) {
    Number(arguments, "now", &context_.now_seconds);
    Number(arguments, "gc_before", &context_.gc_before_seconds);
    Number(arguments, "memtable_min", &context_.memtable_min_timestamp_micros);
    int64_t flush_bytes = 0;
    Number(arguments, "flush", &flush_bytes);
    context_.flush_bytes = static_cast<uint64_t>(flush_bytes);
    return "ok";
  }
  std::string AddSstable(const std::map<std::string, std::string>& arguments) {
    SstableView table;
    int64_t id = 0;
    int64_t size = 0;
    Number(arguments, "id", &id);
    Number(arguments, "size", &size);
    int64_t level = 0;
    Number(arguments, "level", &level);
    table.level = static_cast<uint32_t>(level);
    table.id = static_cast<uint64_t>(id);
    table.size_bytes = static_cast<uint64_t>(size);
    Number(arguments, "min", &table.min_timestamp_micros);
    Number(arguments, "max", &table.max_timestamp_micros);
    Number(arguments, "expires", &table.max_local_deletion_seconds);
    Number(arguments, "created", &table.created_seconds);
    const auto droppable = arguments.find("droppable");
    if (droppable != arguments.end()) table.droppable_tombstone_ratio = std::stod(droppable->second);
    const auto tokens = arguments.find("tokens");
    if (tokens != arguments.end()) {
      const size_t dots = tokens->second.find("..");
      table.min_token = Token(tokens->second.substr(0, dots));
      table.max_token = Token(tokens->second.substr(dots + 2));
    }
    tables_.push_back(table);
    return "ok";
  }
  std::string Remove(const std::map<std::string, std::string>& arguments) {
    int64_t id = 0;
    Number(arguments, "id", &id);
    std::erase_if(tables_, [&](const SstableView& table) { return table.id == static_cast<uint64_t>(id); });
    return "ok";
  }
  std::string Major() {
    std::string text;
    for (const Choice& choice : strategy_->Major(tables_, context_)) {
      text += (text.empty() ? "" : "\n") + ToText(choice);
    }
    return text.empty() ? "nothing" : text;
  }
  std::string Expired() {
    std::string text = "expired:";
    for (const uint64_t id : FullyExpired(tables_, context_, false)) text += " " + std::to_string(id);
    return text;
  }

  std::unique_ptr<Strategy> strategy_;
  std::vector<SstableView> tables_;
  Context context_;
};

// Plays the conversation of a file; returns what it would be with the answers given now.
std::string Play(const std::string& text) {
  Conversation conversation;
  std::istringstream lines(text);
  std::string line;
  std::string played;
  bool in_answer = false;
  while (std::getline(lines, line)) {
    if (in_answer) {  // Up to an empty line, which the new answer brings.
      in_answer = !line.empty();
      continue;
    }
    if (line == "----") {
      in_answer = true;
      continue;
    }
    if (line.empty() || line[0] == '#') {
      played += line + "\n";
      continue;
    }
    const std::string answer = conversation.Answer(line);
    played += line + "\n";
    if (answer != "ok") played += "----\n" + answer + "\n\n";
  }
  return played;
}

void CheckFile(const std::string& path) {
  std::ifstream file(path);
  ASSERT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  const std::string played = Play(text.str());
  if (std::getenv("CASSETTE_BLESS") != nullptr) {
    std::ofstream(path) << played;
    return;
  }
  EXPECT_EQ(played, text.str());
}

TEST(CompactionStrategies, ChooseBySize) { CheckFile("testdata/size_tiered.txt"); }
TEST(CompactionStrategies, ChooseByTimeWindow) { CheckFile("testdata/time_window.txt"); }
TEST(CompactionStrategies, ChooseByLevel) { CheckFile("testdata/leveled.txt"); }
TEST(CompactionStrategies, ChooseByDensity) { CheckFile("testdata/unified.txt"); }
TEST(CompactionStrategies, CheckTheirOptions) { CheckFile("testdata/options.txt"); }

// More than 32 tables in level 0: those of about one size go first, though level 1 is full.
TEST(CompactionStrategies, MergeLevelZeroBySizeWhenItHasFallenBehind) {
  const auto strategy = MakeStrategy({{"class", "LeveledCompactionStrategy"}, {"sstable_size_in_mb", "1"}});
  ASSERT_TRUE(strategy.ok());
  std::vector<SstableView> tables;
  for (uint64_t id = 1; id <= 33; ++id) {
    SstableView table;
    table.id = id;
    table.size_bytes = 1000;
    tables.push_back(table);
  }
  SstableView full;
  full.id = 100;
  full.size_bytes = 11 << 20;
  full.level = 1;
  tables.push_back(full);
  EXPECT_EQ(ToText((*strategy)->Next(tables, {})).substr(0, 12), "merge 1 2 3 ");
  tables.erase(tables.begin());
  EXPECT_EQ(ToText((*strategy)->Next(tables, {})).substr(0, 9), "move 100 ");
}

TEST(CompactionStrategies, AcceptTheClassWithItsPackage) {
  EXPECT_TRUE(ValidateOptions({{"class", "org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy"}}).ok());
}

TEST(CompactionStrategies, MissNoClass) { EXPECT_EQ(ValidateOptions({}).code(), base::Code::kConfigError); }

}  // namespace
}  // namespace cassette::storage::compaction
