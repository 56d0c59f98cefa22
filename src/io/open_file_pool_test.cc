#include "io/open_file_pool.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "io/mem_file_system.h"

namespace cassette::io {
namespace {

constexpr size_t kFiles = 20;
constexpr size_t kOpenFilesMax = 4;

std::string PathOf(size_t i) { return "/" + std::to_string(i); }

class OpenFilePoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (size_t i = 0; i < kFiles; ++i) {
      ASSERT_TRUE(WriteFileAtomically(files_, PathOf(i), "file " + std::to_string(i)).ok());
      auto opened = pool_.Open(PathOf(i));
      ASSERT_TRUE(opened.ok());
      opened_.push_back(std::move(*opened));
    }
  }
  std::string Read(size_t i) {
    std::string bytes(opened_[i]->size(), '\0');
    const base::Status status = opened_[i]->ReadExactly(0, bytes);
    return status.ok() ? bytes : status.ToString();
  }

  MemFileSystem files_{false};
  OpenFilePool pool_{files_, kOpenFilesMax};
  std::vector<std::unique_ptr<RandomAccessFile>> opened_;
};

TEST_F(OpenFilePoolTest, NeverHoldsMoreOpenThanItsBound) {
  EXPECT_EQ(pool_.open_files(), kOpenFilesMax);
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < kFiles; ++i) {
      ASSERT_EQ(Read(i), "file " + std::to_string(i));
      ASSERT_EQ(pool_.open_files(), kOpenFilesMax);
    }
  }
}

TEST_F(OpenFilePoolTest, ClosesTheOneNotReadForTheLongestTime) {
  for (size_t i = 0; i < kOpenFilesMax; ++i) ASSERT_EQ(Read(i), "file " + std::to_string(i));
  // Those that are open need their names no more.
  for (size_t i = 0; i < kOpenFilesMax; ++i) ASSERT_TRUE(files_.Remove(PathOf(i)).ok());
  for (size_t i = 0; i < kOpenFilesMax; ++i) EXPECT_EQ(Read(i), "file " + std::to_string(i));
  EXPECT_EQ(Read(10), "file 10");
  EXPECT_NE(Read(0), "file 0");
  EXPECT_EQ(Read(1), "file 1");
}

TEST_F(OpenFilePoolTest, ForgetsFilesThatGo) {
  opened_.clear();
  EXPECT_EQ(pool_.open_files(), 0u);
}

TEST_F(OpenFilePoolTest, SaysWhichFileIsNotThere) {
  EXPECT_EQ(pool_.Open("/none").status().code(), base::Code::kNotFound);
}

TEST_F(OpenFilePoolTest, IsReadByManyThreads) {
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (size_t i = 0; i < 2000; ++i) {
        const size_t file = (i * (t + 1)) % kFiles;
        ASSERT_EQ(Read(file), "file " + std::to_string(file));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(pool_.open_files(), kOpenFilesMax);
}

}  // namespace
}  // namespace cassette::io
