#include "loadgen/net/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/notifier.hpp"
#include "loadgen/net/tls_problem.hpp"
#include "loadgen/net/tls_server.hpp"

namespace squall::net {
namespace {

constexpr std::string_view kBroke = "the connection broke within the TLS handshake";
constexpr std::size_t kMaxRecord = SSL3_RT_MAX_PLAIN_LENGTH;
// More than 5,000 answers to key updates while a large body is on its way: nobody asks for as many.
constexpr std::size_t kMostWaitingAnswers = 256UL * 1024;

}  // namespace

class TlsSession::Watch {
 public:
  explicit Watch(TlsSession& session) : session_(&session) {
    SQUALL_CHECK(session.watch_ == nullptr);  // no call of the user leads to another one
    session.watch_ = this;
  }
  ~Watch() {
    if (session_ != nullptr) {
      session_->watch_ = nullptr;
    }
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void gone() { session_ = nullptr; }
  [[nodiscard]] bool is_gone() const { return session_ == nullptr; }

 private:
  TlsSession* session_;
};

TlsSession::TlsSession(Loop& loop, TcpStream& stream, TcpEvents& user)
    : loop_(loop), stream_(stream), user_(user) {}

TlsSession::~TlsSession() {
  close_fin(Farewell::kInOrder);
}

int TlsSession::begin(TlsClient& client) {
  client_ = &client;
  return begin(client.open(), State::kConnecting);
}

int TlsSession::begin(TlsServer& server) {
  client_ = nullptr;
  return begin(server.open(), State::kHandshake);
}

int TlsSession::begin(SSL* connection, State state) {
  SQUALL_CHECK(state_ == State::kClosed && !stream_.is_open());
  ssl_ = connection;
  BIO* const bio = wire_.make_bio();
  if (ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    SSL_free(ssl_);
    ssl_ = nullptr;
    ERR_clear_error();
    return ENOMEM;
  }
  SSL_set_app_data(ssl_, this);
  SSL_set_bio(ssl_, bio, bio);
  state_ = state;
  ended_in_order_ = false;
  tcp_ended_ = false;
  unsaid_ = Ending::kWait;
  user_waits_ = false;
  waiting_answers_ = 0;
  problem_.clear();
  cipher_total_ = 0;
  plain_total_ = 0;
  records_.clear();
  stream_.tell(*this);
  paused_ = stream_.reading_paused();
  stream_.resume_reading();
  return 0;
}

void TlsSession::release() {
  if (state_ != State::kClosed && paused_) {
    stream_.pause_reading();  // the next connection begins as this one was
  }
  if (state_ != State::kFailed && ssl_ != nullptr) {
    // An abrupt end says nothing against the session; OpenSSL would not let it be resumed.
    SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
  SSL_free(ssl_);
  ssl_ = nullptr;
  wire_.clear();
  state_ = State::kClosed;
  if (watch_ != nullptr) {
    watch_->gone();
    watch_ = nullptr;
  }
}

void TlsSession::close_fin(Farewell farewell) {
  if (farewell == Farewell::kInOrder && is_connected()) {
    ERR_clear_error();
    if (stream_.queued_bytes() == 0 && SSL_shutdown(ssl_) >= 0) {
      static_cast<void>(flush());
    }
    ERR_clear_error();
  }
  stream_.close_fin();
  release();
}

void TlsSession::close_reset() {
  stream_.close_reset();
  release();
}

int TlsSession::shutdown_write(Farewell farewell) {
  if (!is_connected()) {
    return ENOTCONN;
  }
  if (farewell == Farewell::kCut) {
    return stream_.shutdown_write();
  }
  ERR_clear_error();
  if (SSL_shutdown(ssl_) < 0) {
    ERR_clear_error();
    return EPROTO;
  }
  const int error = flush().error;
  return error != 0 ? error : stream_.shutdown_write();
}

bool TlsSession::is_connected() const {
  return state_ == State::kOpen || state_ == State::kEnded;
}

// Sending

TlsSession::Written TlsSession::flush() {
  const std::string_view bytes = wire_.outgoing();
  if (bytes.empty()) {
    return {};
  }
  const Written written = stream_.write(bytes);
  cipher_total_ += bytes.size();
  wire_.sent();
  return written;
}

bool TlsSession::flush_answers() {
  const std::size_t answers = wire_.outgoing().size();
  // An error shows at the next write, too.
  waiting_answers_ += answers - flush().taken;
  if (waiting_answers_ <= kMostWaitingAnswers) {
    return true;
  }
  problem_ = "the peer asks TLS for answers that it does not read";
  return false;
}

TlsSession::Written TlsSession::write(std::string_view bytes) {
  if (state_ == State::kFailed) {
    return {0, EPROTO};  // reading has failed, and OpenSSL does not go on after that
  }
  SQUALL_CHECK(is_connected());
  const std::uint64_t plain_before = plain_total_;
  const std::uint64_t cipher_before = cipher_total_;
  if (!user_waits_) {
    records_.clear();
  }
  ERR_clear_error();
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t done = 0;
    if (SSL_write_ex(ssl_, bytes.data() + at, std::min(bytes.size() - at, kMaxRecord), &done) !=
        1) {
      problem_ = describe_tls_failure(ssl_);
      return {0, EPROTO};
    }
    at += done;
    plain_total_ += done;
    records_.push_back({cipher_before + wire_.outgoing().size(), plain_total_});
  }
  const Written written = flush();
  if (cipher_before + written.taken == cipher_total_) {
    return {bytes.size(), written.error};
  }
  user_waits_ = written.error == 0;
  const std::uint64_t taken = plain_taken(cipher_before + written.taken);
  return {static_cast<std::size_t>(taken - std::min(taken, plain_before)), written.error};
}

std::uint64_t TlsSession::plain_taken(std::uint64_t cipher_taken) const {
  // The first record that the kernel does not have in whole; what was before is taken.
  const auto open = std::find_if(records_.begin(), records_.end(), [&](const Record& record) {
    return record.cipher_end > cipher_taken;
  });
  if (open == records_.end()) {
    return plain_total_;
  }
  return open == records_.begin() ? 0 : std::prev(open)->plain_end;
}

std::size_t TlsSession::queued_bytes() const {
  if (!user_waits_) {
    return 0;
  }
  const std::uint64_t cipher_taken = cipher_total_ - stream_.queued_bytes();
  return static_cast<std::size_t>(plain_total_ - plain_taken(cipher_taken));
}

void TlsSession::on_sent() {
  waiting_answers_ = 0;
  if (std::exchange(user_waits_, false)) {
    records_.clear();
    user_.on_sent();
  }
}

// Shaking hands

void TlsSession::on_connected() {
  state_ = State::kHandshake;
  shake_hands();
}

void TlsSession::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  const int why = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, result);
  std::string problem;
  if (why != SSL_ERROR_NONE && why != SSL_ERROR_WANT_READ) {
    problem = describe_tls_failure(ssl_);
  }
  // Also after a failure: the alert tells the peer.
  if (const Written written = flush(); written.error != 0 && problem.empty()) {
    fail_connecting(written.error, std::string(kBroke));
    return;
  }
  if (!problem.empty()) {
    fail_connecting(EPROTO, std::move(problem));
    return;
  }
  if (why == SSL_ERROR_WANT_READ) {
    return;
  }
  if (client_ != nullptr) {
    problem = client_->context().key_problem(ssl_);
  }
  if (!problem.empty()) {
    fail_connecting(EPROTO, std::move(problem));
    return;
  }
  after_handshake();
}

void TlsSession::after_handshake() {
  state_ = State::kOpen;
  if (client_ != nullptr) {
    client_->count(ssl_);
  }
  wire_.keep_rest();
  if (paused_) {
    stream_.pause_reading();
  }
  bool gone = false;
  {
    const Watch watch(*this);
    user_.on_connected();
    gone = watch.is_gone();
  }
  if (!gone) {
    pump();
  }
}

void TlsSession::fail_connecting(int error, std::string problem) {
  state_ = State::kFailed;
  problem_ = std::move(problem);
  user_.on_failure(Side::kConnect, error);
}

// Receiving

void TlsSession::on_data(std::string_view bytes) {
  if (state_ == State::kFailed || state_ == State::kEnded) {
    return;  // what follows a close_notify is nobody's
  }
  wire_.put(bytes);
  if (state_ == State::kHandshake) {
    shake_hands();
  } else {
    pump();
  }
}

TlsSession::Ending TlsSession::decrypt(std::size_t& got) {
  char* const buffer = loop_.plain_buffer();
  got = 0;
  const std::size_t capacity =
      read_limit_ == 0 ? Loop::kPlainBufferBytes : std::min(read_limit_, Loop::kPlainBufferBytes);
  while (got < capacity) {
    ERR_clear_error();
    std::size_t read = 0;
    const int result = SSL_read_ex(ssl_, buffer + got, capacity - got, &read);
    if (result == 1) {
      got += read;
      continue;
    }
    switch (SSL_get_error(ssl_, result)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return Ending::kWait;
      case SSL_ERROR_ZERO_RETURN:
        return Ending::kEnd;
      default:
        problem_ = describe_tls_failure(ssl_);
        return Ending::kFailure;
    }
  }
  wire_.keep_rest();
  return Ending::kMore;
}

void TlsSession::pump() {
  while (state_ == State::kOpen && !paused_) {
    std::size_t got = 0;
    Ending ending = unsaid_ == Ending::kWait ? decrypt(got) : std::exchange(unsaid_, Ending::kWait);
    if (!flush_answers()) {
      ending = Ending::kFailure;
    }
    if (got > 0) {
      const Watch watch(*this);
      user_.on_data({loop_.plain_buffer(), got});
      if (watch.is_gone()) {
        return;
      }
      if (paused_) {
        unsaid_ = ending == Ending::kMore ? Ending::kWait : ending;
        wire_.keep_rest();
        return;  // resume_reading() goes on
      }
    }
    switch (ending) {
      case Ending::kWait:
        if (tcp_ended_) {
          state_ = State::kEnded;
          user_.on_end();
        }
        return;
      case Ending::kMore:
        break;
      case Ending::kEnd:
        state_ = State::kEnded;
        ended_in_order_ = true;
        user_.on_end();
        return;
      case Ending::kFailure:
        state_ = State::kFailed;
        user_.on_failure(Side::kRead, EPROTO);
        return;
    }
  }
}

void TlsSession::pause_reading() {
  paused_ = true;
  if (state_ != State::kConnecting && state_ != State::kHandshake) {
    stream_.pause_reading();
  }
}

void TlsSession::resume_reading() {
  paused_ = false;
  stream_.resume_reading();
  if (state_ == State::kOpen &&
      (tcp_ended_ || unsaid_ != Ending::kWait || wire_.has_rest() || SSL_has_pending(ssl_) == 1)) {
    deliver_later();
  }
}

void TlsSession::deliver_later() {
  if (later_ == nullptr) {
    later_ = std::make_unique<Notifier>(loop_, [this] { pump(); });
  }
  later_->notify();
}

TlsSession::Probe TlsSession::readable_now() {
  for (;;) {
    if (state_ != State::kOpen) {
      return state_ == State::kEnded ? Probe::kEnd : Probe::kError;
    }
    if (SSL_pending(ssl_) > 0) {
      return Probe::kData;
    }
    const Probe arrived = stream_.readable_now();
    if (arrived != Probe::kData) {
      return arrived;
    }
    std::array<char, 4096> bytes{};
    const std::size_t count = stream_.take_now(bytes.data(), bytes.size());
    wire_.put({bytes.data(), count});
    ERR_clear_error();
    char byte = 0;
    std::size_t seen = 0;
    const int result = SSL_peek_ex(ssl_, &byte, 1, &seen);
    const int why = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, result);
    ERR_clear_error();
    wire_.keep_rest();
    static_cast<void>(flush_answers());  // too many of them end the next reading
    if (why == SSL_ERROR_WANT_READ) {
      continue;  // session tickets, or less than a record
    }
    deliver_later();
    if (why == SSL_ERROR_NONE) {
      return Probe::kData;
    }
    return why == SSL_ERROR_ZERO_RETURN ? Probe::kEnd : Probe::kError;
  }
}

std::size_t TlsSession::unread_bytes() {
  // What OpenSSL has decrypted, and for what is still in the kernel a bound.
  return state_ == State::kOpen
             ? static_cast<std::size_t>(std::max(SSL_pending(ssl_), 0)) + stream_.unread_bytes()
             : 0;
}

void TlsSession::on_end() {
  if (state_ == State::kHandshake) {
    fail_connecting(EPROTO, "the peer closed the connection within the TLS handshake");
  } else if (state_ == State::kOpen) {
    tcp_ended_ = true;
    pump();  // first what is left, which may be an end that was in order
  }
}

void TlsSession::on_failure(Side side, int error) {
  switch (state_) {
    case State::kConnecting:
      fail_connecting(error, {});
      return;
    case State::kHandshake:
      fail_connecting(error, std::string(kBroke));
      return;
    case State::kOpen:
      user_.on_failure(side, error);
      return;
    case State::kEnded:
      if (side == Side::kWrite) {
        user_.on_failure(side, error);
      }
      return;
    case State::kClosed:
    case State::kFailed:
      return;
  }
}

}  // namespace squall::net
