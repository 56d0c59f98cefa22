#include "cli/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "io/mem_file_system.h"

namespace cassette::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override { ClearEnvironment(); }
  void TearDown() override { ClearEnvironment(); }

  static void ClearEnvironment() {
    unsetenv("CASSETTE_CONFIG");
    for (const SettingRow& row : SettingRows()) unsetenv(EnvironmentName(row).c_str());
  }

  base::Result<Settings> Load(const std::string& yaml, const std::map<std::string, std::string>& given = {}) {
    EXPECT_TRUE(io::WriteFileAtomically(file_system_, "/c.yaml", yaml).ok());
    return Settings::Load(file_system_, "/c.yaml", given);
  }
  std::string Failure(const std::string& yaml) { return std::string(Load(yaml).status().message()); }

  io::MemFileSystem file_system_;
};

TEST_F(SettingsTest, EverySettingHasAnOptionAVariableAndHelp) {
  for (const SettingRow& row : SettingRows()) {
    EXPECT_EQ(OptionName(row).substr(0, 2), "--");
    EXPECT_EQ(OptionName(row).find('_'), std::string::npos);
    EXPECT_STRNE(row.help, "");
  }
  EXPECT_EQ(OptionName({"log_level", "", ""}), "--log-level");
  EXPECT_EQ(EnvironmentName({"log_level", "", ""}), "CASSETTE_LOG_LEVEL");
}

TEST_F(SettingsTest, TheCommandLineGoesBeforeTheEnvironmentBeforeTheFile) {
  base::Result<Settings> settings = Settings::Load(file_system_, "", {});
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->Text("log_level"), "warning");
  settings = Load("log_level: info\n");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->Text("log_level"), "info");
  setenv("CASSETTE_LOG_LEVEL", "error", 1);
  settings = Load("log_level: info\n");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->Text("log_level"), "error");
  settings = Load("log_level: info\n", {{"log_level", "debug"}});
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->Text("log_level"), "debug");
  EXPECT_EQ(settings->Text("format"), "table");
}

TEST_F(SettingsTest, TheFileMayBeNamedByTheEnvironment) {
  ASSERT_TRUE(io::WriteFileAtomically(file_system_, "/d.yaml", "on: elsewhere\n").ok());
  setenv("CASSETTE_CONFIG", "/d.yaml", 1);
  EXPECT_EQ(Settings::Load(file_system_, "", {})->Text("on"), "elsewhere");
  EXPECT_EQ(Load("format: csv\n")->Text("on"), "cassette-data");  // --config goes before it.
  setenv("CASSETTE_CONFIG", "/missing.yaml", 1);
  EXPECT_THAT(Settings::Load(file_system_, "", {}).status().message(), HasSubstr("/missing.yaml"));
}

TEST_F(SettingsTest, AMistakeInTheFileNamesItsLineAndWhatIsAllowed) {
  EXPECT_THAT(Failure("on: x\nloglevel: info\n"),
              AllOf(HasSubstr("/c.yaml:2: unknown key 'loglevel'; allowed: on, format, log_level, log_file")));
  EXPECT_EQ(Failure("on: [a, b]\n"), "/c.yaml:1: on must be a single value");
  EXPECT_EQ(Failure("- on\n"), "/c.yaml:1: expected keys and values");
  EXPECT_THAT(Failure("on: {x\n"), HasSubstr("/c.yaml:"));
}

TEST_F(SettingsTest, AnEmptyFileSaysNothing) { EXPECT_EQ(Load("# nothing yet\n")->Text("format"), "table"); }

TEST_F(SettingsTest, SizesTakeUnits) {
  EXPECT_EQ(*Load("cache: 64M\n")->Bytes("cache"), 64u << 20);
  EXPECT_EQ(*Load("cache: 3g\n")->Bytes("cache"), 3ull << 30);
  EXPECT_EQ(*Load("cache: 10K\n")->Bytes("cache"), 10u << 10);
  EXPECT_EQ(*Load("cache: 123\n")->Bytes("cache"), 123u);
  for (const char* wrong : {"12X", "M", "''", "-1", "99999999G", "1.5G"}) {
    EXPECT_THAT(Load(std::string("cache: ") + wrong + "\n")->Bytes("cache").status().message(),
                HasSubstr("is no size; write 256M, 64K or 1G"))
        << wrong;
  }
}

TEST_F(SettingsTest, NumbersHaveBounds) {
  EXPECT_EQ(*Load("threads: 1\n")->Number("threads", 1, 256), 1u);
  EXPECT_EQ(*Load("threads: 256\n")->Number("threads", 1, 256), 256u);
  for (const char* wrong : {"0", "257", "two", "''", "3x"}) {
    EXPECT_EQ(
        Load(std::string("threads: ") + wrong + "\n")->Number("threads", 1, 256).status().message(),
        "threads: '" + std::string(wrong == std::string("''") ? "" : wrong) + "' must be a whole number from 1 to 256");
  }
}

}  // namespace
}  // namespace cassette::cli
