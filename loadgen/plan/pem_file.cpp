#include "loadgen/plan/pem_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::plan {
namespace {

// A list of all authorities that a system trusts has some hundred kilobytes.
constexpr std::size_t kMaxPemBytes = 16UL * 1024 * 1024;

// The content of a file that must be readable and hold `label` between the dashes of PEM; empty,
// and reported, otherwise. What stands in it is for OpenSSL to judge.
std::string read_pem(expr::TableReader& reader, std::string_view key, const std::string& path,
                     std::string_view label) {
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (type != std::filesystem::file_type::not_found && !error &&
      type != std::filesystem::file_type::regular) {
    // It is read again by each worker, and a pipe would be waited for.
    reader.error(key, fmt::format("{} is not a plain file", printable(path)));
    return {};
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxPemBytes + 1, '\0');
  if (file) {
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
  }
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof())) {
    reader.error(key, fmt::format("cannot read {}: {}", printable(path),
                                  std::generic_category().message(errno)));
    return {};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxPemBytes) {
    reader.error(key, fmt::format("{} has more than {} MiB", printable(path),
                                  kMaxPemBytes / (1024UL * 1024)));
    return {};
  }
  if (text.find("-----BEGIN ") == std::string::npos ||
      text.find(fmt::format("{}-----", label)) == std::string::npos) {
    reader.error(key, fmt::format("{} holds no \"-----BEGIN {}-----\": files are in PEM",
                                  printable(path), label));
    return {};
  }
  return text;
}

}  // namespace

std::string read_pem_file(expr::TableReader& reader, std::string_view key, std::string_view label) {
  if (!reader.has(key)) {
    return {};
  }
  std::string path = reader.scope().resolve_path(reader.string(key));
  const std::string text = read_pem(reader, key, path, label);
  if (text.find("ENCRYPTED") != std::string::npos) {
    reader.error(key, fmt::format("the key in {} is encrypted, and squall asks for no passphrase; "
                                  "decrypt it with \"openssl pkey\"",
                                  printable(path)));
  }
  return path;
}

}  // namespace squall::plan
