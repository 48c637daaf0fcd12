// One connection of HttpServer: from bytes to requests to answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/time.hpp"
#include "loadgen/net/http_request_parser.hpp"
#include "loadgen/net/http_server.hpp"
#include "loadgen/net/tcp_stream.hpp"

namespace squall::net {

//            request                            kAnswer              queue empty
//   kReading ───────► kAsking ──► (kDelaying) ───────────► kSending ─────────────► kReading, or
//      ▲                                │                     │         kLingering when it closes
//      │                                ├─ kReset ─► kClosed  │ taken at once
//      └────────────────────────────────┼─────────────────────┘
//                                       ├─ kStream ─► kStreaming ── no more ─► kLingering
//                                       └─ kSilence ─► kSilent ── end of file ─► kClosed
//
// Loop thread only. Borrows everything it is given.
class HttpConnection final : private TcpEvents {
 public:
  class Owner {
   public:
    // What to do with a request; nothing when on_answer() will say it.
    virtual std::optional<ServerReply> ask(std::uint64_t connection, std::uint64_t request,
                                           ServerRequest&& asked) = 0;
    // Something has happened: is_closed() or deadline() may have changed. Called last; the
    // connection may be destroyed in it.
    virtual void after_event(HttpConnection& connection) = 0;

   protected:
    ~Owner() = default;
  };
  struct Deps {
    Loop& loop;
    const HttpServer::Options& options;
    Owner& owner;
  };

  HttpConnection(std::uint64_t id, const Deps& deps);

  // For TcpListener::accept(). begin() follows once it is connected.
  [[nodiscard]] TcpStream& stream() { return stream_; }
  void begin();

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] bool is_closed() const { return phase_ == Phase::kClosed; }
  // When on_deadline() has to be called; nothing while it may wait for ever.
  [[nodiscard]] std::optional<TimePoint> deadline() const { return deadline_; }
  void on_deadline();
  // To the request of that number; forgotten when it is not under way any more.
  void on_answer(std::uint64_t request, ServerReply reply);
  // There may be more to stream.
  [[nodiscard]] bool is_streaming() const { return phase_ == Phase::kStreaming; }
  void on_wake();

  // Of the owner: the earliest instant at which it will look at this connection.
  std::optional<TimePoint> wakes_at;

 private:
  enum class Phase : std::uint8_t {
    kReading,
    kAsking,
    kDelaying,
    kSending,
    kStreaming,
    kSilent,
    kLingering,
    kClosed
  };
  enum class After : std::uint8_t { kKeepOpen, kClose };

  void on_connected() override {}
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_failure(Side side, int error) override;
  void on_sent() override;

  void read(std::string_view bytes);
  void read_pending();
  void wait_for_request();
  void take_up(ServerReply reply);
  void act();
  void answer();
  void write_header(int status);
  void begin_stream();
  void stream_more();
  void refuse(int status, std::string_view problem);
  void transmit(std::string_view bytes);
  void finish_answer();
  void linger();
  void close(bool reset);
  [[nodiscard]] bool owes_answer() const;

  std::uint64_t id_;
  const HttpServer::Options& options_;
  Owner& owner_;
  TcpStream stream_;
  HttpRequestParser parser_;
  Phase phase_ = Phase::kReading;
  std::uint64_t request_ = 0;  // number of the one under way, from 1
  std::optional<TimePoint> deadline_;
  std::string pending_;  // received while an answer was under way
  ServerReply reply_;    // of the request under way
  bool head_only_ = false;
  bool announce_keep_alive_ = false;  // to an HTTP/1.0 client
  bool told_to_continue_ = false;
  bool timing_request_ = false;  // the deadline is that of a request which has begun
  bool peer_ended_ = false;
  After after_answer_ = After::kKeepOpen;
  std::size_t queued_at_deadline_ = 0;
  std::string out_;  // capacity is reused
};

}  // namespace squall::net
