// A relay that keeps a digest of what passes through it.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace squall::test {

// One in front of something that carries bytes and one behind it show whether all of them came
// through unchanged:
//
//   client ─► relay ─► what is tested ─► relay ─► server
//
// Listens on 127.0.0.1, a free port; each connection gets its own one to `target`. FIN is passed on
// behind the bytes before it, in each direction by itself. Owns its thread; the destructor ends it
// and resets what is still open.
class RecordingRelay {
 public:
  // One direction of a connection.
  struct Passed {
    std::uint64_t bytes = 0;
    std::string sha256;  // of them, in hex

    auto operator<=>(const Passed&) const = default;
  };
  struct Conversation {
    Passed to_server;
    Passed to_client;
    bool broken = false;  // reset, or could not be connected: it did not end by FIN both ways

    auto operator<=>(const Conversation&) const = default;
  };

  explicit RecordingRelay(std::uint16_t target);
  ~RecordingRelay();
  RecordingRelay(const RecordingRelay&) = delete;
  RecordingRelay& operator=(const RecordingRelay&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Connections that have not ended yet. Any thread.
  [[nodiscard]] std::uint64_t open() const { return open_; }
  // Those that have, sorted: accept order is not the same on both sides of a busy proxy.
  [[nodiscard]] std::vector<Conversation> conversations() const;

 private:
  struct End;
  struct Link;

  void serve();
  void accept();
  void watch(const End& end) const;
  void on_event(End& end, std::uint32_t events);
  bool read(End& from);
  bool write(End& to);
  void finish(Link& link);

  std::uint16_t target_;
  std::uint16_t port_ = 0;
  int listener_;
  int epoll_;
  int wake_;
  std::vector<std::unique_ptr<Link>> links_;    // the thread's
  std::vector<std::unique_ptr<Link>> removed_;  // the thread's: events of this round may name them
  std::atomic<std::uint64_t> open_ = 0;
  mutable std::mutex mutex_;
  std::vector<Conversation> ended_;
  std::thread thread_;
};

}  // namespace squall::test
