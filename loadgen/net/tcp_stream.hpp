// A non-blocking TCP connection on a loop: connect, read by callback, write at once or queued, and
// end it as gently or as rudely as wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace squall::net {

class Loop;
class SocketAddress;
class TcpListener;

// What a stream tells its user. Called from the loop's turn, never from inside one of the stream's
// own functions. The user may do anything to the stream in a callback, destroy it included; nothing
// of the stream is touched after the callback then. Must not throw. Errors are errno values
// (ECONNRESET …).
class TcpEvents {
 public:
  enum class Side : std::uint8_t { kConnect, kRead, kWrite };

  // The connection is there; reading has begun (unless paused).
  virtual void on_connected() = 0;
  // Bytes from the peer; they lie in the loop's shared buffer and the view ends with the call.
  virtual void on_data(std::string_view bytes) = 0;
  // The peer closed its side in order. No on_data follows; writing is still possible.
  virtual void on_end() = 0;
  // Connecting, reading or writing failed; that side is dead. After kWrite what the peer sent
  // before can still be read. The stream stays open (and counts as a socket) until it is closed.
  virtual void on_failure(Side side, int error) = 0;
  // Everything that write() had queued has been taken by the kernel. Not called for writes that
  // were taken at once.
  virtual void on_sent() = 0;

 protected:
  ~TcpEvents() = default;
};

// Borrows the loop and the events' receiver; both must outlive it. Loop thread only. Destroying it
// closes the connection as close_fin() does; the handle itself lives on until libuv has let go of
// it. One connection at a time: after a close it can connect again. TCP_NODELAY is set; SIGPIPE is
// ignored (see Loop).
class TcpStream {
 public:
  // What recv() would say this instant, without taking anything.
  enum class Probe : std::uint8_t { kNothing, kData, kEnd, kError };
  enum class Lifetime : std::uint8_t {
    kCopied,    // what must be queued is copied
    kBorrowed,  // the caller keeps the bytes valid and unchanged until on_sent, on_failure(kWrite)
                // or a close
  };
  struct Written {
    // Bytes that the kernel took at once. When it is not all of them, the others are queued and
    // on_sent or on_failure(kWrite) follows, unless there was an error.
    std::size_t taken = 0;
    // errno; the bytes that were not taken are lost then, and no callback follows for them.
    int error = 0;
  };

  TcpStream(Loop& loop, TcpEvents& events);
  ~TcpStream();
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;

  // Whom to tell from now on, instead of the constructor's; must outlive this, too.
  void tell(TcpEvents& events) { events_ = &events; }

  // Starts to connect: on_connected or on_failure(kConnect) follows. 0, or the errno that kept it
  // from starting (EMFILE, EADDRNOTAVAIL, ENETUNREACH …): no callback follows and the stream is
  // closed. REQUIRES: closed.
  [[nodiscard]] int connect(const SocketAddress& to);

  // Sends bytes behind those sent before. Tries the kernel first: one system call and no allocation
  // when it takes them all. REQUIRES: connected.
  Written write(std::string_view bytes, Lifetime lifetime = Lifetime::kCopied);

  // No on_data and no on_end until resume_reading(); the kernel's window then slows the peer down.
  // Both may be called at any time, also before the connection is there, and again.
  void pause_reading();
  void resume_reading();
  [[nodiscard]] bool reading_paused() const { return paused_; }

  // For connections that are made from now on: the size of the kernel's receive buffer (SO_RCVBUF,
  // which Linux doubles and does not make smaller than 2 KiB), set before connecting, so that the
  // peer never sees a larger window. 0: as the kernel likes it.
  void set_receive_buffer(std::uint32_t bytes) { receive_buffer_ = bytes; }
  // From now on each on_data has at most so many bytes. 0: as many as there are.
  void set_read_limit(std::size_t bytes) { read_limit_ = bytes; }

  // Sends FIN after what is queued; reading goes on. 0 or errno. After it close_reset() may turn
  // into a plain close.
  int shutdown_write();

  // Closes at once; no callback follows and queued bytes are dropped (those in the kernel still go
  // out). Nothing happens when closed already. close_fin() first reads away what has arrived, up to
  // 1 MiB, because Linux answers a close with unread bytes by RST; close_reset() sends RST, and
  // drops what the kernel has not sent yet.
  void close_fin();
  void close_reset();

  // False before connect() and after a close; true while connecting and after a failure.
  [[nodiscard]] bool is_open() const { return core_ != nullptr; }
  [[nodiscard]] bool is_connected() const;
  // Bytes queued here because the kernel did not take them yet.
  [[nodiscard]] std::size_t queued_bytes() const;
  // Bytes that the peer's kernel has not acknowledged: queued here, or in this kernel's send queue
  // (SIOCOUTQ). 0 when closed.
  [[nodiscard]] std::size_t unsent_bytes() const;
  // Bytes that have not left this host: queued here, or held back in this kernel's send queue
  // (SIOCOUTQNSD). Unlike unsent_bytes() it does not wait for an acknowledgement, which a peer may
  // delay by 40 ms. 0 when closed.
  [[nodiscard]] std::size_t undeparted_bytes() const;
  // One system call. kError when closed.
  [[nodiscard]] Probe readable_now() const;
  // Takes bytes that have arrived, before the loop would: at most `capacity`, as recv() does. For
  // who found them by readable_now() and cannot wait.
  [[nodiscard]] std::size_t take_now(char* buffer, std::size_t capacity);
  // Bytes that have arrived and were not read (FIONREAD). 0 when closed.
  [[nodiscard]] std::size_t unread_bytes() const;
  // The descriptor, -1 when there is none. Valid until the close; for options and statistics only.
  [[nodiscard]] int fd() const;

 private:
  friend class TcpListener;
  struct Core;
  // Adopts a connection of `listener` (a uv_stream_t). 0 or errno.
  int accept_from(void* listener);
  int open(unsigned family);
  void start_reading();

  Loop& loop_;
  TcpEvents* events_;
  Core* core_ = nullptr;  // freed in its close callback
  bool paused_ = false;
  std::uint32_t receive_buffer_ = 0;
  std::size_t read_limit_ = 0;
};

}  // namespace squall::net
