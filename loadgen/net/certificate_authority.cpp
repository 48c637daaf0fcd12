#include "loadgen/net/certificate_authority.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/net/certificate.hpp"
#include "loadgen/net/tls_problem.hpp"

namespace squall::net {
namespace {

constexpr std::chrono::hours kBefore{24};  // clocks of other machines may be behind
constexpr std::chrono::hours kAuthorityLife{24 * 365 * 5};
constexpr std::chrono::hours kIssuedLife{24 * 7};

std::string reason(int error) {
  return std::generic_category().message(error);
}

tl::unexpected<Error> refused_by_system(std::string_view what, const std::string& path, int error) {
  return fail(ErrorCode::kIo,
              fmt::format("cannot {} {}: {}", what, printable(path), reason(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// The whole file or none of it, and never over one that is there.
Result<void> write_new_file(const std::string& path, std::string_view content, mode_t mode) {
  const std::string unfinished = path + ".new";
  {
    const Descriptor file(
        ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
    // The mode of a file that an earlier try has left behind may be another one.
    if (file.get() < 0 || ::fchmod(file.get(), mode) != 0) {
      return refused_by_system("write", unfinished, errno);
    }
    while (!content.empty()) {
      const ssize_t written = ::write(file.get(), content.data(), content.size());
      if (written < 0) {
        return refused_by_system("write", unfinished, errno);
      }
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.get()) != 0) {
      return refused_by_system("write", unfinished, errno);
    }
  }
  const int error = ::link(unfinished.c_str(), path.c_str()) == 0 ? 0 : errno;
  ::unlink(unfinished.c_str());
  if (error != 0) {
    return refused_by_system("write", path, error);
  }
  return {};
}

Result<void> make_files(const std::string& directory) {
  const KeyPtr key = make_key();
  std::array<unsigned char, 4> id{};
  fill_random(id);
  CertificateShape shape{
      .name = fmt::format("squall CA {:02x}{:02x}{:02x}{:02x}", id[0], id[1], id[2], id[3]),
      .before = kBefore,
      .life = kAuthorityLife,
      .authority = true};
  const CertificatePtr certificate = make_certificate(shape, *key, nullptr, *key);
  if (certificate == nullptr) {
    return fail(ErrorCode::kInternal, fmt::format("OpenSSL: {}", take_tls_error()));
  }
  // The key first: a certificate without its key is worth nothing.
  return write_new_file(CertificateAuthority::key_file(directory), pem_of(*key), 0600)
      .and_then([&] {
        return write_new_file(CertificateAuthority::certificate_file(directory),
                              pem_of(*certificate), 0644);
      });
}

}  // namespace

Result<std::string> CertificateAuthority::usual_directory() {
  const auto absolute = [](const char* name) -> std::string {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any
    return value != nullptr && value[0] == '/' ? value : "";
  };
  if (const std::string data = absolute("XDG_DATA_HOME"); !data.empty()) {
    return data + "/squall";
  }
  if (const std::string home = absolute("HOME"); !home.empty()) {
    return home + "/.local/share/squall";
  }
  return fail(ErrorCode::kNotFound,
              "neither XDG_DATA_HOME nor HOME says where squall's CA is: name its directory");
}

std::string CertificateAuthority::certificate_file(const std::string& directory) {
  return directory + "/ca.pem";
}

std::string CertificateAuthority::key_file(const std::string& directory) {
  return directory + "/ca-key.pem";
}

Result<CertificateAuthority::Origin> CertificateAuthority::create(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code problem;
  const bool made = fs::create_directories(directory, problem);
  if (problem) {
    return refused_by_system("make the directory", directory, problem.value());
  }
  if (made) {
    fs::permissions(directory, fs::perms::owner_all, problem);
  }
  const Descriptor lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock.get() < 0 || ::flock(lock.get(), LOCK_EX) != 0) {
    return refused_by_system("lock", directory, errno);
  }
  const bool certificate = fs::exists(fs::symlink_status(certificate_file(directory), problem));
  const bool key = fs::exists(fs::symlink_status(key_file(directory), problem));
  if (certificate && key) {
    return Origin::kWasThere;
  }
  if (certificate || key) {
    const std::string there = certificate ? certificate_file(directory) : key_file(directory);
    const std::string missing = certificate ? key_file(directory) : certificate_file(directory);
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is there without {}: bring that back, or move the first one away "
                            "so that both are made anew",
                            printable(there), printable(missing)));
  }
  return make_files(directory).map([] { return Origin::kMadeNow; });
}

Result<std::unique_ptr<CertificateAuthority>> CertificateAuthority::open(
    const std::string& directory) {
  const std::string certificate_path = certificate_file(directory);
  const std::string key_path = key_file(directory);
  std::error_code problem;
  if (!std::filesystem::exists(certificate_path, problem)) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("there is no CA in {}: `squall proxy ca` makes it", printable(directory)));
  }
  CertificatePtr certificate = read_certificate(certificate_path);
  if (certificate == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}", printable(certificate_path), take_tls_error()));
  }
  KeyPtr key = read_key(key_path);
  if (key == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}", printable(key_path), take_tls_error()));
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{} is not the key of {}", printable(key_path), printable(certificate_path)));
  }
  if (X509_check_ca(certificate.get()) != 1) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is no CA's certificate", printable(certificate_path)));
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the CA in {} has expired: move both of its files away, and `squall "
                            "proxy ca` makes a new one",
                            printable(directory)));
  }
  std::unique_ptr<CertificateAuthority> result(new CertificateAuthority);
  result->certificate_ = certificate.release();
  result->key_ = key.release();
  result->issued_key_ = make_key().release();
  return result;
}

CertificateAuthority::~CertificateAuthority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
  EVP_PKEY_free(issued_key_);
}

std::string CertificateAuthority::name() const {
  std::array<char, 128> text{};
  const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate_), NID_commonName,
                                               text.data(), static_cast<int>(text.size()));
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string();
}

WallTime CertificateAuthority::expires() const {
  std::tm parts{};
  SQUALL_CHECK(ASN1_TIME_to_tm(X509_get0_notAfter(certificate_), &parts) == 1);
  return WallTime(std::chrono::seconds(::timegm(&parts)));
}

std::string CertificateAuthority::fingerprint() const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  SQUALL_CHECK(X509_digest(certificate_, EVP_sha256(), digest.data(), &size) == 1);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
  }
  return text;
}

X509* CertificateAuthority::issue(const std::string& host) const {
  const CertificateShape shape{
      .name = host, .host = host, .before = kBefore, .life = kIssuedLife, .authority = false};
  return make_certificate(shape, *issued_key_, certificate_, *key_).release();
}

}  // namespace squall::net
