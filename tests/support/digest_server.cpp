#include "tests/support/digest_server.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "tests/support/loopback_port.hpp"

namespace squall::test {
namespace {

// How often a thread that waits for a peer looks whether it has to end.
constexpr int kLookMs = 20;

std::uint64_t content_length(const std::string& head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t at = head.find(kName);
  return at == std::string::npos ? 0 : std::stoull(head.substr(at + kName.size()));
}

}  // namespace

RunningDigest::RunningDigest() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr || EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("no SHA-256");
  }
}

RunningDigest::~RunningDigest() {
  EVP_MD_CTX_free(context_);
}

void RunningDigest::add(std::span<const char> bytes) {
  if (EVP_DigestUpdate(context_, bytes.data(), bytes.size()) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
}

std::string RunningDigest::take() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_, digest, &size) != 1 ||
      EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

DigestServer::DigestServer() : listener_(bind_loopback(port_)) {
  if (::listen(listener_, 16) != 0) {
    throw std::runtime_error("cannot listen");
  }
  thread_ = std::thread([this] { serve(); });
}

DigestServer::~DigestServer() {
  ending_ = true;
  thread_.join();
  ::close(listener_);
}

std::vector<DigestServer::Upload> DigestServer::uploads() const {
  const std::lock_guard lock(mutex_);
  return uploads_;
}

void DigestServer::serve() {
  while (!ending_) {
    pollfd entry{listener_, POLLIN, 0};
    if (::poll(&entry, 1, kLookMs) != 1) {
      continue;
    }
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      serve_connection(fd);
      ::close(fd);
    }
  }
}

// False when the connection has ended or the server is to.
bool DigestServer::read_some(int fd, std::string& buffer) const {
  constexpr std::size_t kPiece = std::size_t{64} * 1024;
  while (!ending_) {
    pollfd entry{fd, POLLIN, 0};
    if (::poll(&entry, 1, kLookMs) != 1) {
      continue;
    }
    const std::size_t before = buffer.size();
    buffer.resize(before + kPiece);
    const ssize_t count = ::recv(fd, buffer.data() + before, kPiece, 0);
    buffer.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && errno == EAGAIN) {
      continue;
    }
    return count > 0;
  }
  return false;
}

void DigestServer::serve_connection(int fd) {
  std::string buffer;
  RunningDigest digest;
  const auto keep = [this](Upload upload) {
    const std::lock_guard lock(mutex_);
    uploads_.push_back(std::move(upload));
  };
  for (;;) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (!read_some(fd, buffer)) {
        return;
      }
    }
    Upload upload;
    upload.head = buffer.substr(0, end + 4);
    buffer.erase(0, end + 4);
    const std::uint64_t length = content_length(upload.head);
    bool open = true;
    for (;;) {
      const std::size_t taken = std::min<std::uint64_t>(buffer.size(), length - upload.body_bytes);
      digest.add(std::span(buffer).first(taken));
      buffer.erase(0, taken);
      upload.body_bytes += taken;
      if (upload.body_bytes == length || !open) {
        break;
      }
      open = read_some(fd, buffer);
    }
    upload.whole = upload.body_bytes == length;
    upload.sha256 = digest.take();
    const bool whole = upload.whole;
    keep(std::move(upload));
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    if (!whole || ::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) !=
                      static_cast<ssize_t>(kAnswer.size())) {
      return;
    }
  }
}

std::uint64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") {
      std::uint64_t kib = 0;
      status >> kib;
      return kib * 1024;
    }
  }
  throw std::runtime_error("no VmHWM");
}

void reset_peak_memory() {
  std::ofstream refs("/proc/self/clear_refs");
  refs << "5" << std::flush;
  if (!refs) {
    throw std::runtime_error("cannot reset the peak of memory");
  }
}

}  // namespace squall::test
