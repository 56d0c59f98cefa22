#include "protocol/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "protocol/envelope.h"
#include "protocol/protocol_test_support.h"

namespace cassette::protocol {
namespace {

using testing::HasSubstr;

std::string RandomBytes(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// The payloads of all frames of `bytes`, one behind the other.
std::string Unframe(std::string_view bytes, bool is_compressed) {
  std::string result;
  std::string unpacked;
  while (!bytes.empty()) {
    const base::Result<Frame> frame = ParseFrame(bytes, is_compressed, &unpacked);
    EXPECT_TRUE(frame.ok()) << frame.status().ToString();
    if (!frame.ok() || frame->total_bytes == 0) break;
    result += frame->payload;
    bytes.remove_prefix(frame->total_bytes);
  }
  return result;
}

// An OPTIONS request of v5 in a frame, as docs/format/native_protocol.md has it.
constexpr char kGoldenFrame[] = "090002 a4c8c1 050000010500000000 b5557486";

TEST(FrameTest, HasTheBytesOfItsPage) {
  const std::string envelope = FromHex("05 00 0001 05 00000000");
  std::string out;
  EnvelopeHeader header;
  header.version = 5;
  header.stream = 1;
  header.opcode = static_cast<uint8_t>(Opcode::kOptions);
  AppendEnvelopeHeader(header, &out);
  EXPECT_EQ(Hex(out), Hex(envelope));
  std::string frame;
  AppendFrame(envelope, true, false, &frame);
  EXPECT_EQ(Hex(frame), Hex(FromHex(kGoldenFrame)));
}

TEST(FrameTest, EveryLengthComesBackPlainAndCompressed) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{9}, size_t{1000}, kMaxFramePayloadBytes}) {
    for (const bool is_compressed : {false, true}) {
      for (const std::string& payload : {RandomBytes(size, 7), std::string(size, 'a')}) {
        std::string frame;
        AppendFrame(payload, true, is_compressed, &frame);
        std::string unpacked;
        const base::Result<Frame> parsed = ParseFrame(frame, is_compressed, &unpacked);
        ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
        EXPECT_TRUE(parsed->is_self_contained);
        EXPECT_EQ(parsed->total_bytes, frame.size());
        EXPECT_EQ(parsed->payload, payload);
      }
    }
  }
}

TEST(FrameTest, WaitsForTheRestAtEveryLength) {
  for (const bool is_compressed : {false, true}) {
    std::string frame;
    AppendFrame("an envelope or two, an envelope or two", true, is_compressed, &frame);
    std::string unpacked;
    for (size_t size = 0; size < frame.size(); ++size) {
      const base::Result<Frame> parsed = ParseFrame(std::string_view(frame).substr(0, size), is_compressed, &unpacked);
      ASSERT_TRUE(parsed.ok()) << size;
      EXPECT_EQ(parsed->total_bytes, 0u) << size;
    }
  }
}

TEST(FrameTest, RefusesEveryFlippedBit) {
  for (const bool is_compressed : {false, true}) {
    std::string frame;
    AppendFrame(RandomBytes(40, 1), true, is_compressed, &frame);
    std::string unpacked;
    for (size_t bit = 0; bit < frame.size() * 8; ++bit) {
      std::string damaged = frame;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_THAT(ParseFrame(damaged, is_compressed, &unpacked).status().ToString(), HasSubstr("CRC")) << bit;
    }
  }
}

TEST(FrameTest, PutsWholeEnvelopesIntoFramesAndCutsLargeOnes) {
  std::string envelopes;
  std::vector<size_t> ends;
  for (const size_t size : {size_t{10}, size_t{100'000}, size_t{40'000}, size_t{300'000}, size_t{9}, size_t{9}}) {
    envelopes += RandomBytes(size, static_cast<uint32_t>(size));
    ends.push_back(envelopes.size());
  }
  for (const bool is_compressed : {false, true}) {
    std::string frames;
    AppendFrames(envelopes, ends, is_compressed, &frames);
    EXPECT_EQ(Unframe(frames, is_compressed), envelopes);
    std::string unpacked;
    const base::Result<Frame> first = ParseFrame(frames, is_compressed, &unpacked);
    ASSERT_TRUE(first.ok());
    EXPECT_TRUE(first->is_self_contained);
    EXPECT_EQ(first->payload.size(), 100'010u);
  }
}

}  // namespace
}  // namespace cassette::protocol
