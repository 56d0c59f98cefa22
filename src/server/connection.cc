#include "server/connection.h"

#include <fmt/format.h>

#include <utility>

#include "protocol/frame.h"

namespace cassette::server {
namespace {

using protocol::EnvelopeHeader;
using protocol::kEnvelopeHeaderBytes;

// A body smaller than this is not worth compressing.
constexpr size_t kCompressedBodyBytesMin = 512;
constexpr size_t kKeptBufferBytes = 64 << 10;

int64_t NowMillis(const base::Clock& clock) { return clock.SteadyNanos() / 1'000'000; }

std::string UnsupportedVersion(uint8_t version) {
  return fmt::format(
      "Invalid or unsupported protocol version ({}); the lowest supported version is {} and the greatest is {}",
      version, protocol::kLowestVersion, protocol::kHighestVersion);
}

}  // namespace

Connection::Connection(Context& context, std::shared_ptr<net::EventLoop> loop, std::unique_ptr<net::Stream> stream,
                       const net::Endpoint& peer, Closed closed)
    : context_(context),
      loop_(std::move(loop)),
      peer_(peer),
      closed_(std::move(closed)),
      channel_(std::make_unique<net::Channel>(*loop_, std::move(stream), *this,
                                              net::ChannelLimits{context.options.limits.unsent_bytes_max})),
      handler_(std::make_unique<RequestHandler>(context, *this)),
      opened_ms_(NowMillis(context.clock)),
      last_bytes_ms_(opened_ms_) {}

Connection::~Connection() = default;

size_t Connection::OnBytes(std::string_view bytes) {
  last_bytes_ms_ = NowMillis(context_.clock);
  is_in_bytes_ = true;
  size_t used = 0;
  // STARTUP changes what follows it, so that one read may hold both forms.
  while (used < bytes.size() && takes_more()) {
    const std::string_view rest = bytes.substr(used);
    const size_t taken = is_framed_ ? TakeFrames(rest) : TakeEnvelopes(rest);
    if (taken == 0) break;
    used += taken;
  }
  is_in_bytes_ = false;
  FlushResponses();
  return is_failed_ ? bytes.size() : used;
}

size_t Connection::TakeEnvelopes(std::string_view bytes) {
  size_t used = 0;
  while (takes_more() && !is_framed_ && bytes.size() - used >= kEnvelopeHeaderBytes) {
    const EnvelopeHeader header = protocol::ParseEnvelopeHeader(bytes.substr(used));
    if (!CheckHeader(header)) return bytes.size();
    const size_t total_bytes = kEnvelopeHeaderBytes + header.body_bytes;
    if (bytes.size() - used < total_bytes) break;
    TakeEnvelope(header, bytes.substr(used + kEnvelopeHeaderBytes, header.body_bytes));
    used += total_bytes;
  }
  return used;
}

size_t Connection::TakeFrames(std::string_view bytes) {
  size_t used = 0;
  while (takes_more()) {
    const base::Result<protocol::Frame> frame =
        protocol::ParseFrame(bytes.substr(used), compression_ != protocol::Compression::kNone, &unpacked_);
    if (!frame.ok()) {
      Fail(0, std::string(frame.status().message()));
      return bytes.size();
    }
    if (frame->total_bytes == 0) break;
    if (!TakeFrame(frame->payload, frame->is_self_contained)) return bytes.size();
    if (frame_taken_ > 0) break;
    used += frame->total_bytes;
  }
  if (unpacked_.capacity() > kKeptBufferBytes) std::string().swap(unpacked_);
  return used;
}

bool Connection::TakeFrame(std::string_view payload, bool is_self_contained) {
  if (is_self_contained) {
    if (!assembled_.empty()) {
      Fail(0, "A self-contained frame stands within an envelope of several frames");
      return false;
    }
    const size_t frame_bytes = payload.size();
    payload.remove_prefix(std::exchange(frame_taken_, 0));
    while (!payload.empty() && !is_failed_) {
      if (!takes_more()) {
        frame_taken_ = frame_bytes - payload.size();
        return true;
      }
      if (payload.size() < kEnvelopeHeaderBytes) break;
      const EnvelopeHeader header = protocol::ParseEnvelopeHeader(payload);
      if (!CheckHeader(header)) return false;
      if (payload.size() - kEnvelopeHeaderBytes < header.body_bytes) break;
      TakeEnvelope(header, payload.substr(kEnvelopeHeaderBytes, header.body_bytes));
      payload.remove_prefix(kEnvelopeHeaderBytes + header.body_bytes);
    }
    if (!payload.empty() && !is_failed_) Fail(0, "A self-contained frame ends within an envelope");
    return !is_failed_;
  }
  assembled_.append(payload);
  if (assembled_.size() < kEnvelopeHeaderBytes) return true;
  const EnvelopeHeader header = protocol::ParseEnvelopeHeader(assembled_);
  if (!CheckHeader(header)) return false;
  const size_t total_bytes = kEnvelopeHeaderBytes + header.body_bytes;
  if (assembled_.size() < total_bytes) return true;
  if (assembled_.size() > total_bytes) {
    Fail(0, "More bytes than an envelope has stand in frames that are not self-contained");
    return false;
  }
  const std::string envelope = std::exchange(assembled_, std::string());
  TakeEnvelope(header, std::string_view(envelope).substr(kEnvelopeHeaderBytes));
  return !is_failed_;
}

bool Connection::CheckHeader(const EnvelopeHeader& header) {
  if (header.is_response) {
    Fail(header.stream, "A client sends requests; this is a response");
  } else if (header.version < protocol::kLowestVersion || header.version > protocol::kHighestVersion) {
    Fail(header.stream, UnsupportedVersion(header.version));
  } else if (version_ != 0 && header.version != version_) {
    Fail(header.stream,
         fmt::format("Invalid message version. Got {} but previous messages on this connection had version {}",
                     header.version, version_));
  } else if (header.body_bytes > context_.options.limits.envelope_bytes_max) {
    Fail(header.stream, fmt::format("Request is too big: length {} exceeds maximum allowed length {}",
                                    header.body_bytes, context_.options.limits.envelope_bytes_max));
  } else if (header.stream < 0) {
    Fail(header.stream, fmt::format("Invalid stream id {}: those of requests are not negative", header.stream));
  }
  return !is_failed_;
}

void Connection::TakeEnvelope(const EnvelopeHeader& header, std::string_view body) {
  if (version_ == 0) version_ = header.version;
  std::string body_unpacked;
  if ((header.flags & protocol::kFlagCompressed) != 0 && !is_framed_) {
    if (compression_ == protocol::Compression::kNone) {
      return RespondError(header.stream,
                          protocol::ProtocolError("The message is compressed; STARTUP chose no compression"));
    }
    const base::Status status =
        protocol::DecompressBody(compression_, body, context_.options.limits.envelope_bytes_max, &body_unpacked);
    if (!status.ok()) return RespondError(header.stream, protocol::ProtocolError(std::string(status.message())));
    body = body_unpacked;
  }
  handler_->Handle(header, body);
}

void Connection::Fail(int16_t stream, std::string message) {
  ++context_.counts.protocol_errors;
  // So that a client of any version can read the error's header.
  if (version_ == 0) version_ = protocol::kHighestVersion;
  RespondError(stream, protocol::ProtocolError(std::move(message)));
  is_failed_ = true;
}

void Connection::RespondError(int16_t stream, const protocol::Error& error) {
  Respond(stream, 0, protocol::Opcode::kError,
          [&](std::string* out) { protocol::AppendErrorBody(error, version_, out); });
}

void Connection::BeginResponse(int16_t stream, uint8_t flags, protocol::Opcode opcode) {
  response_begin_ = responses_.size();
  EnvelopeHeader header;
  header.version = version_;
  header.is_response = true;
  header.flags = flags;
  header.stream = stream;
  header.opcode = static_cast<uint8_t>(opcode);
  protocol::AppendEnvelopeHeader(header, &responses_);
}

void Connection::EndResponse() {
  const size_t body_bytes = responses_.size() - response_begin_ - kEnvelopeHeaderBytes;
  if (body_bytes > context_.options.limits.response_bytes_max) return RefuseResponse(body_bytes);
  const bool compresses = compression_ != protocol::Compression::kNone && version_ < 5;
  if (compresses && body_bytes >= kCompressedBodyBytesMin) CompressResponse();
  protocol::SetEnvelopeBodyBytes(response_begin_, &responses_);
  response_ends_.push_back(responses_.size());
}

void Connection::RefuseResponse(size_t body_bytes) {
  const EnvelopeHeader header = protocol::ParseEnvelopeHeader(std::string_view(responses_).substr(response_begin_));
  responses_.resize(response_begin_);
  responses_.shrink_to_fit();
  protocol::Error error;
  error.code = protocol::ErrorCode::kInvalid;
  error.message = fmt::format("The answer has {} bytes; at most {} are sent in one: ask for it in pages", body_bytes,
                              context_.options.limits.response_bytes_max);
  RespondError(header.stream, error);
}

void Connection::CompressResponse() {
  const size_t body_begin = response_begin_ + kEnvelopeHeaderBytes;
  const std::string body = responses_.substr(body_begin);
  responses_.resize(body_begin);
  protocol::AppendCompressedBody(compression_, body, &responses_);
  responses_[response_begin_ + 1] = static_cast<char>(responses_[response_begin_ + 1] | protocol::kFlagCompressed);
}

void Connection::BeginFrames() {
  // READY itself stands outside of any frame.
  const bool was_in_bytes = std::exchange(is_in_bytes_, false);
  FlushResponses();
  is_in_bytes_ = was_in_bytes;
  is_framed_ = true;
}

void Connection::FlushResponses() {
  if (is_in_bytes_) return;
  if (!responses_.empty() && !is_closed()) {
    if (is_framed_) {
      protocol::AppendFrames(responses_, response_ends_, compression_ != protocol::Compression::kNone,
                             &channel_->output());
    } else if (channel_->output().empty()) {
      channel_->output().swap(responses_);
    } else {
      channel_->output().append(responses_);
    }
    channel_->Flush();
  }
  responses_.clear();
  response_ends_.clear();
  if (responses_.capacity() > kKeptBufferBytes) std::string().swap(responses_);
  if (is_draining_) CloseWhenDrained();
  if (is_failed_ && !is_closed()) channel_->CloseAfterFlush();
}

void Connection::Drain() {
  // What was sent before the end is in flight, too.
  channel_->ReceiveArrived();
  is_draining_ = true;
  CloseWhenDrained();
}

void Connection::CloseWhenDrained() {
  if (!is_closed() && handler_->requests_in_flight() == 0) channel_->CloseAfterFlush();
}

void Connection::CheckTime(int64_t now_ms) {
  if (is_closed()) return;
  handler_->CheckTime(now_ms);
  if (is_closed()) return;
  const Limits& limits = context_.options.limits;
  const bool is_late = !handler_->is_ready() && now_ms - opened_ms_ > limits.startup_timeout_ms;
  const bool is_idle = limits.idle_timeout_ms > 0 && handler_->requests_in_flight() == 0 &&
                       now_ms - last_bytes_ms_ > limits.idle_timeout_ms;
  if (is_late || is_idle) channel_->Close();
}

void Connection::OnClosed() {
  const std::shared_ptr<Connection> self = shared_from_this();
  handler_->OnClosed();
  loop_->DestroyLater(self);
  closed_(self);
}

}  // namespace cassette::server
