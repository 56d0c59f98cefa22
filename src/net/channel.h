// Channel: a stream in an event loop, with what was read and not yet understood, and what was said and not yet sent.
// All that is said in one turn of the loop goes out in one write.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/event_loop.h"
#include "net/stream.h"

namespace cassette::net {

// Thread safety: called in the loop's thread.
class ChannelHandler {
 public:
  virtual ~ChannelHandler() = default;
  // Returns how many of `bytes` it is done with, from the front; the rest comes again, with more behind it. It may
  // leave whole messages when it wants no more now (see Channel::Pause).
  virtual size_t OnBytes(std::string_view bytes) = 0;
  // The last call.
  virtual void OnClosed() = 0;
};

struct ChannelLimits {
  // A peer that does not read is not read from, once so much waits for it.
  size_t unsent_bytes_max = 4 << 20;
};

// Thread safety: belongs to the loop's thread. Lifetime: loop and handler outlive it; destroyed by the loop
// (EventLoop::DestroyLater) when it may be within an event.
class Channel final : public Watcher {
 public:
  Channel(EventLoop& loop, std::unique_ptr<Stream> stream, ChannelHandler& handler, const ChannelLimits& limits);
  ~Channel() override;

  base::Status Start();
  // Append to it, then Flush.
  std::string& output() { return output_; }
  // Sends the output at the end of the turn.
  void Flush();
  // Closes once the output is sent (or at once when the peer takes none).
  void CloseAfterFlush();
  void Close();
  bool is_closed() const { return stream_ == nullptr; }
  // Nothing is read, and no bytes are handed over, until Resume.
  void Pause();
  void Resume();
  // Reads what has arrived and was not announced yet. REQUIRES: no call of the handler is under way.
  void ReceiveArrived();
  bool is_full() const { return unsent_bytes() >= limits_.unsent_bytes_max; }
  size_t unsent_bytes() const { return output_.size() - sent_; }
  uint64_t received_bytes() const { return received_bytes_; }
  std::string_view security() const { return stream_ == nullptr ? std::string_view() : stream_->security(); }

  void OnEvents(uint32_t events) override;

 private:
  void Receive();
  // Whether there may be more to read now.
  bool ReceiveOnce();
  void HandOver(std::string_view bytes);
  void HandOverPending();
  void Send();
  void UpdateEvents();
  bool may_read() const { return !is_paused_ && !is_full() && !closes_after_flush_; }

  EventLoop& loop_;
  std::unique_ptr<Stream> stream_;
  ChannelHandler& handler_;
  const ChannelLimits limits_;
  std::string pending_;
  std::string output_;
  size_t sent_ = 0;  // Of output_: at most half of it, or kKeptBufferBytes, between two turns.
  uint64_t received_bytes_ = 0;
  uint32_t events_ = 0;
  bool is_started_ = false;
  bool flush_is_due_ = false;
  bool is_blocked_ = false;  // The socket takes no more now.
  bool is_paused_ = false;
  bool closes_after_flush_ = false;
};

}  // namespace cassette::net
