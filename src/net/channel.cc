#include "net/channel.h"

#include <sys/epoll.h>

#include <utility>

#include "base/assert.h"

namespace cassette::net {
namespace {

// A buffer that one large message made is not kept for the small ones behind it.
constexpr size_t kKeptBufferBytes = 64 << 10;
// A peer that goes on sending is not read from without end.
constexpr int kArrivedReadsMax = 64;

void ReleaseWhenLarge(std::string* buffer) {
  if (buffer->capacity() > kKeptBufferBytes) std::string().swap(*buffer);
}

}  // namespace

Channel::Channel(EventLoop& loop, std::unique_ptr<Stream> stream, ChannelHandler& handler, const ChannelLimits& limits)
    : loop_(loop), stream_(std::move(stream)), handler_(handler), limits_(limits) {}

Channel::~Channel() { CASSETTE_ASSERT(is_closed()); }

base::Status Channel::Start() {
  events_ = EPOLLIN;
  CASSETTE_RETURN_IF_ERROR(loop_.Add(stream_->fd(), events_, this));
  is_started_ = true;
  return base::Status::Ok();
}

void Channel::OnEvents(uint32_t events) {
  if (is_closed()) return;
  if ((events & EPOLLOUT) != 0) {
    is_blocked_ = false;
    Send();
  }
  if (is_closed()) return;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 || stream_->wants_write()) Receive();
  if ((events & (EPOLLHUP | EPOLLERR)) != 0 && !is_closed() && !may_read()) Close();
}

void Channel::Receive() {
  if (!may_read()) return UpdateEvents();
  while (ReceiveOnce() && stream_->has_buffered()) {
  }
  if (!is_closed()) UpdateEvents();
}

void Channel::ReceiveArrived() {
  if (is_closed() || !may_read()) return;
  for (int reads = 0; reads < kArrivedReadsMax && ReceiveOnce(); ++reads) {
  }
  if (!is_closed()) UpdateEvents();
}

bool Channel::ReceiveOnce() {
  const StreamResult result = stream_->Read(loop_.read_buffer(), EventLoop::kReadBufferBytes);
  if (result.state == StreamState::kClosed) Close();
  if (result.state != StreamState::kOk) return false;
  received_bytes_ += result.bytes;
  HandOver({loop_.read_buffer(), result.bytes});
  if (is_closed()) return false;
  if (!pending_.empty() && may_read()) stream_->AskForTheRest();
  return may_read();
}

void Channel::HandOver(std::string_view bytes) {
  if (!pending_.empty()) {
    pending_.append(bytes);
    return HandOverPending();
  }
  const size_t used = handler_.OnBytes(bytes);
  CASSETTE_ASSERT(used <= bytes.size());
  if (!is_closed()) pending_.assign(bytes.substr(used));
}

void Channel::HandOverPending() {
  const size_t used = handler_.OnBytes(pending_);
  CASSETTE_ASSERT(used <= pending_.size());
  if (is_closed()) return;
  pending_.erase(0, used);
  if (pending_.empty()) ReleaseWhenLarge(&pending_);
}

void Channel::Flush() {
  if (flush_is_due_ || is_closed() || is_blocked_) return;
  flush_is_due_ = true;
  loop_.AtEndOfTurn([this] {
    flush_is_due_ = false;
    if (!is_closed()) Send();
  });
}

void Channel::Send() {
  while (sent_ < output_.size()) {
    const StreamResult result = stream_->Write(std::string_view(output_).substr(sent_));
    if (result.state == StreamState::kClosed) return Close();
    if (result.state == StreamState::kWouldBlock) {
      is_blocked_ = true;
      break;
    }
    sent_ += result.bytes;
  }
  if (sent_ == output_.size()) {
    output_.clear();
    sent_ = 0;
    ReleaseWhenLarge(&output_);
    if (closes_after_flush_) return Close();
  } else if (sent_ >= kKeptBufferBytes && sent_ >= output_.size() / 2) {
    // What is sent goes, however long the peer stays behind.
    output_.erase(0, sent_);
    sent_ = 0;
  }
  // The handler may have left whole messages while too much was unsent.
  if (may_read() && !pending_.empty()) HandOverPending();
  if (!is_closed()) UpdateEvents();
}

void Channel::CloseAfterFlush() {
  closes_after_flush_ = true;
  Flush();
  if (!is_closed() && is_blocked_) UpdateEvents();
}

void Channel::Close() {
  if (is_closed()) return;
  if (is_started_) loop_.Remove(stream_->fd());
  stream_->Shutdown();
  stream_.reset();
  handler_.OnClosed();
}

void Channel::Pause() {
  is_paused_ = true;
  if (!is_closed()) UpdateEvents();
}

void Channel::Resume() {
  if (!is_paused_) return;
  is_paused_ = false;
  if (is_closed()) return;
  if (may_read() && !pending_.empty()) HandOverPending();
  if (!is_closed()) UpdateEvents();
}

void Channel::UpdateEvents() {
  uint32_t events = 0;
  if (may_read()) events |= EPOLLIN;
  if (is_blocked_ || stream_->wants_write()) events |= EPOLLOUT;
  if (events == events_) return;
  events_ = events;
  loop_.Modify(stream_->fd(), events, this);
}

}  // namespace cassette::net
