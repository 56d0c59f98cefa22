// Strategies as a text conversation: testdata/*.txt holds commands; what one answers follows "----", up to an empty
// line.
//   options class=... name=value ...      parses; answers "ok" or the error
//   context now=S gc_before=S memtable_min=MICROS
//   sstable id=N size=BYTES min=MICROS max=MICROS expires=S droppable=RATIO created=S tokens=A..B
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
  std::string text = choice.kind == Choice::Kind::kDrop ? "drop" : "merge";
  for (const uint64_t id : choice.ids) text += " " + std::to_string(id);
  return text + " (" + choice.reason + ")";
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
    if (command == "next") return ToText(strategy_->Next(tables_, context_));
    if (command == "pending") return std::to_string(strategy_->PendingCount(tables_, context_));
    if (command == "major") return Major();
    if (command == "expired") return Expired();
    return "unknown command";
  }

 private:
  static void Number(const std::map<std::string, std::string>& arguments, const char* name, int64_t* value) {
    const auto argument = arguments.find(name);
    if (argument != arguments.end()) *value = std::stoll(argument->second);
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
    return "ok";
  }
  std::string AddSstable(const std::map<std::string, std::string>& arguments) {
    SstableView table;
    int64_t id = 0;
    int64_t size = 0;
    Number(arguments, "id", &id);
    Number(arguments, "size", &size);
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
      table.min_token = std::stoll(tokens->second);
      table.max_token = std::stoll(tokens->second.substr(tokens->second.find("..") + 2));
    }
    tables_.push_back(table);
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
TEST(CompactionStrategies, CheckTheirOptions) { CheckFile("testdata/options.txt"); }

TEST(CompactionStrategies, AcceptTheClassWithItsPackage) {
  EXPECT_TRUE(ValidateOptions({{"class", "org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy"}}).ok());
}

TEST(CompactionStrategies, NameTheDifferencesForThoseToCome) {
  for (const char* name : {"LeveledCompactionStrategy", "UnifiedCompactionStrategy"}) {
    const base::Status status = ValidateOptions({{"class", name}});
    EXPECT_EQ(status.code(), base::Code::kConfigError);
    EXPECT_THAT(std::string(status.message()), HasSubstr("docs/cql/differences.md"));
  }
}

TEST(CompactionStrategies, MissNoClass) { EXPECT_EQ(ValidateOptions({}).code(), base::Code::kConfigError); }

}  // namespace
}  // namespace cassette::storage::compaction
