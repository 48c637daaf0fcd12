#include "loadgen/net/tls_wire.hpp"

#include <openssl/bio.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace squall::net {
namespace {

// A large body must not hold its memory for as long as the connection lives.
constexpr std::size_t kMostKept = 256UL * 1024;

}  // namespace

struct TlsWire::Callbacks {
  static int read(BIO* bio, char* into, int capacity) noexcept {
    auto& wire = *static_cast<TlsWire*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (wire.incoming_.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t count =
        std::min(static_cast<std::size_t>(std::max(capacity, 0)), wire.incoming_.size());
    std::memcpy(into, wire.incoming_.data(), count);
    wire.incoming_.remove_prefix(count);
    return static_cast<int>(count);
  }

  static int write(BIO* bio, const char* bytes, int count) noexcept {
    BIO_clear_retry_flags(bio);
    static_cast<TlsWire*>(BIO_get_data(bio))
        ->outgoing_.append(bytes, static_cast<std::size_t>(std::max(count, 0)));
    return count;
  }

  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) noexcept {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static BIO_METHOD* make_method() noexcept {
    BIO_METHOD* const method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "squall wire");
    if (method != nullptr) {
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
    }
    return method;
  }

  // Never freed: OpenSSL may still use it when the process ends.
  static const BIO_METHOD* method() noexcept {
    static BIO_METHOD* const method = make_method();
    return method;
  }
};

BIO* TlsWire::make_bio() {
  const BIO_METHOD* const method = Callbacks::method();
  BIO* const bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio != nullptr) {
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
  }
  return bio;
}

void TlsWire::put(std::string_view bytes) {
  if (incoming_.empty()) {
    incoming_ = bytes;
    return;
  }
  std::string both(incoming_);
  both += bytes;
  rest_ = std::move(both);
  incoming_ = rest_;
}

void TlsWire::keep_rest() {
  if (incoming_.empty()) {
    return;
  }
  std::string rest(incoming_);  // it may view rest_ itself
  rest_ = std::move(rest);
  incoming_ = rest_;
}

void TlsWire::sent() {
  if (outgoing_.capacity() > kMostKept) {
    outgoing_ = {};
  }
  outgoing_.clear();
}

void TlsWire::clear() {
  incoming_ = {};
  rest_.clear();
  sent();
}

}  // namespace squall::net
