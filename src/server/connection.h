// Connection: one client. Cuts bytes into envelopes, in v5 out of frames, keeps the handshake's state, and turns
// answers back into bytes. What a request means is RequestHandler's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/channel.h"
#include "protocol/compression.h"
#include "protocol/envelope.h"
#include "protocol/error.h"
#include "server/context.h"
#include "server/request_handler.h"

namespace cassette::server {

// Thread safety: belongs to its loop's thread, but for what system_views reads of it.
// Ownership: held by the server's list of connections, and by requests in flight.
class Connection final : public net::ChannelHandler, public std::enable_shared_from_this<Connection> {
 public:
  using Closed = std::function<void(const std::shared_ptr<Connection>&)>;

  Connection(Context& context, std::shared_ptr<net::EventLoop> loop, std::unique_ptr<net::Stream> stream,
             const net::Endpoint& peer, Closed closed);
  ~Connection() override;

  base::Status Start() { return channel_->Start(); }
  // Takes what has arrived, then no more requests, and ends when those in flight are answered.
  void Drain();
  void Close() { channel_->Close(); }
  // Ends it once the responses so far are sent.
  void CloseAfterFlush() { is_failed_ = true; }
  // Ends it when it is past the limits of idle or handshake time.
  void CheckTime(int64_t now_ms);

  // A response. `flags` are the header's, and say what `append_body` writes before the message.
  template <typename AppendBody>
  void Respond(int16_t stream, uint8_t flags, protocol::Opcode opcode, AppendBody append_body) {
    if (is_closed()) return;
    BeginResponse(stream, flags, opcode);
    append_body(&responses_);
    EndResponse();
  }
  void RespondError(int16_t stream, const protocol::Error& error);
  // Sends what Respond made, at the end of the loop's turn. Within OnBytes it comes by itself.
  void FlushResponses();
  // Called when STARTUP was answered: what follows is compressed, and framed in v5.
  void UseCompression(protocol::Compression compression) { compression_ = compression; }
  void BeginFrames();

  // Of the first message; 0 before.
  uint8_t version() const { return version_; }
  bool is_closed() const { return channel_->is_closed(); }
  net::EventLoop& loop() { return *loop_; }
  const net::Endpoint& peer() const { return peer_; }
  std::string_view security() const { return channel_->security(); }
  RequestHandler& handler() { return *handler_; }

  size_t OnBytes(std::string_view bytes) override;
  void OnClosed() override;

 private:
  size_t TakeEnvelopes(std::string_view bytes);
  size_t TakeFrames(std::string_view bytes);
  bool TakeFrame(std::string_view payload, bool is_self_contained);
  // False: an error was sent, and the connection ends.
  bool CheckHeader(const protocol::EnvelopeHeader& header);
  void TakeEnvelope(const protocol::EnvelopeHeader& header, std::string_view body);
  void Fail(int16_t stream, std::string message);
  void BeginResponse(int16_t stream, uint8_t flags, protocol::Opcode opcode);
  void EndResponse();
  void CompressResponse();
  void RefuseResponse(size_t body_bytes);
  void CloseWhenDrained();
  bool takes_more() const {
    return !is_failed_ && !is_draining_ && !is_closed() && !channel_->is_full() &&
           responses_.size() < context_.options.limits.unsent_bytes_max;
  }

  Context& context_;
  // Held: an answer may come when the server is gone.
  const std::shared_ptr<net::EventLoop> loop_;
  const net::Endpoint peer_;
  const Closed closed_;
  std::unique_ptr<net::Channel> channel_;
  std::unique_ptr<RequestHandler> handler_;

  uint8_t version_ = 0;
  bool is_framed_ = false;
  bool is_in_bytes_ = false;  // OnBytes flushes when it is done.
  bool is_failed_ = false;    // A last error was sent.
  bool is_draining_ = false;
  protocol::Compression compression_ = protocol::Compression::kNone;
  std::string unpacked_;    // A frame, or a body, unpacked.
  std::string assembled_;   // An envelope of several frames, so far.
  size_t frame_taken_ = 0;  // Bytes of a frame's envelopes; the others wait until answers are sent.
  std::string responses_;   // Envelopes of this turn.
  std::vector<size_t> response_ends_;
  size_t response_begin_ = 0;
  int64_t opened_ms_;
  int64_t last_bytes_ms_;
};

}  // namespace cassette::server
