// Where OpenSSL reads ciphertext from and writes it to: memory, without copies on the way in.
#pragma once

#include <string>
#include <string_view>

struct bio_st;

namespace squall::net {

// OpenSSL's own memory BIO would clear its whole buffer after each use. A connection's wire; must
// outlive its BIO and stay where it is.
class TlsWire {
 public:
  TlsWire() = default;
  TlsWire(const TlsWire&) = delete;
  TlsWire& operator=(const TlsWire&) = delete;

  // A BIO on this wire for both directions, which reads what came in and asks for more behind it.
  // The caller owns it. Null when there is no memory.
  [[nodiscard]] bio_st* make_bio();

  // Bytes that have come, behind those that have not been read: borrowed until keep_rest().
  void put(std::string_view bytes);
  [[nodiscard]] bool has_rest() const { return !incoming_.empty(); }
  // Copies what put() borrowed and nobody has read.
  void keep_rest();

  // What waits to be sent. sent() forgets it.
  [[nodiscard]] std::string_view outgoing() const { return outgoing_; }
  void sent();
  void clear();

 private:
  struct Callbacks;

  std::string_view incoming_;
  std::string rest_;
  std::string outgoing_;
};

}  // namespace squall::net
