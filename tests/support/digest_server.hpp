// A server for uploads of any size: it keeps of a body its length and its SHA-256, and nothing in
// memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

struct evp_md_ctx_st;

namespace squall::test {

// SHA-256 of what is added, piece by piece.
class RunningDigest {
 public:
  RunningDigest();
  ~RunningDigest();
  RunningDigest(const RunningDigest&) = delete;
  RunningDigest& operator=(const RunningDigest&) = delete;
  void add(std::span<const char> bytes);
  // In hex; begins anew.
  [[nodiscard]] std::string take();

 private:
  evp_md_ctx_st* context_;
};

// Speaks HTTP/1.1 with Content-Length on 127.0.0.1, a free port, one connection after the other.
// Answers each request with 200 when its body is whole. Owns its thread; the destructor ends it.
class DigestServer {
 public:
  struct Upload {
    std::string head;
    std::uint64_t body_bytes = 0;  // that came
    std::string sha256;            // of them
    bool whole = false;
  };

  DigestServer();
  ~DigestServer();
  DigestServer(const DigestServer&) = delete;
  DigestServer& operator=(const DigestServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // So far; those cut short too, once their connection has ended.
  [[nodiscard]] std::vector<Upload> uploads() const;

 private:
  void serve();
  void serve_connection(int fd);
  bool read_some(int fd, std::string& buffer) const;

  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<bool> ending_ = false;
  mutable std::mutex mutex_;
  std::vector<Upload> uploads_;
  std::thread thread_;
};

// The most memory that this process has held since `reset_peak_memory()`, in bytes.
[[nodiscard]] std::uint64_t peak_memory();
void reset_peak_memory();

}  // namespace squall::test
