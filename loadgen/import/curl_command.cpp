#include "loadgen/import/curl_command.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::import {
namespace {

class Reader {
 public:
  explicit Reader(const ShellCommand& command) : words_(command.words) {}

  Result<std::vector<CurlRequest>> run() {
    requests_.emplace_back();
    bool only_urls = false;
    for (at_ = 1; at_ < words_.size(); ++at_) {
      const ShellWord& word = words_[at_];
      const bool option = !only_urls && word.text.size() > 1 && word.text.front() == '-';
      if (!option) {
        request().urls.push_back(word);
      } else if (word.text == "--") {
        only_urls = true;
      } else if (auto ok = word.text.starts_with("--") ? long_option(word) : letters(word); !ok) {
        return fail(ok.error());
      }
    }
    return std::move(requests_);
  }

 private:
  [[nodiscard]] CurlRequest& request() { return requests_.back(); }

  [[nodiscard]] static tl::unexpected<Error> wrong(std::string message, const SourceRef& where) {
    return fail(Error{ErrorCode::kInvalidArgument, std::move(message), where});
  }

  Result<void> long_option(const ShellWord& word) {
    const std::string_view name = std::string_view(word.text).substr(2);
    const CurlOption* option = find_curl_option(name);
    if (option == nullptr) {
      std::vector<std::string_view> known;
      for (const CurlOption& one : curl_options()) {
        known.push_back(one.name);
      }
      const auto nearest = nearest_name(name, known);
      return wrong(fmt::format("{} is no option of curl that squall knows{}", printable(word.text),
                               nearest ? fmt::format("; did you mean --{}?", *nearest)
                                       : ", so it cannot tell whether a value follows; leave it "
                                         "out if the request is the same without it"),
                   word.where);
    }
    if (!option->takes_value) {
      apply(*option, {}, word);
      return {};
    }
    if (at_ + 1 >= words_.size()) {
      return wrong(fmt::format("{} needs a value", word.text), word.where);
    }
    const ShellWord& value = words_[++at_];
    apply(*option, value.text, value);
    return {};
  }

  // "-sSXPOST": letters without a value, and perhaps one with the rest as its value.
  Result<void> letters(const ShellWord& word) {
    for (std::size_t i = 1; i < word.text.size(); ++i) {
      const char letter = word.text[i];
      const CurlOption* option = find_curl_letter(letter);
      if (option == nullptr) {
        return wrong(fmt::format("-{} is no option of curl that squall knows; leave it out if the "
                                 "request is the same without it",
                                 printable(std::string_view(&letter, 1))),
                     word.where);
      }
      if (!option->takes_value) {
        apply(*option, {}, word);
        continue;
      }
      const bool attached = i + 1 < word.text.size();
      if (!attached && at_ + 1 >= words_.size()) {
        return wrong(fmt::format("-{} needs a value", letter), word.where);
      }
      const ShellWord& value = attached ? word : words_[++at_];
      apply(*option, attached ? word.text.substr(i + 1) : value.text, value);
      return {};
    }
    return {};
  }

  void apply(const CurlOption& option, const std::string& value, const ShellWord& word) {
    CurlRequest& r = request();
    switch (option.meaning) {
      case CurlMeaning::kMethod:
        r.method = value;
        break;
      case CurlMeaning::kHeader:
        r.headers.push_back(value);
        break;
      case CurlMeaning::kData:
      case CurlMeaning::kDataRaw:
      case CurlMeaning::kDataBinary:
      case CurlMeaning::kDataUrlencode:
      case CurlMeaning::kJson:
        r.data.push_back({option.meaning, value, word.where});
        break;
      case CurlMeaning::kForm:
      case CurlMeaning::kFormString:
        r.form.push_back({option.meaning, value, word.where});
        break;
      case CurlMeaning::kUpload:
        r.upload = value;
        break;
      case CurlMeaning::kGet:
        r.data_in_query = true;
        break;
      case CurlMeaning::kHead:
        r.head = true;
        break;
      case CurlMeaning::kUrl:
        r.urls.push_back({value, word.where});
        break;
      case CurlMeaning::kUrlQuery:
        r.url_queries.push_back(value);
        break;
      case CurlMeaning::kRequestTarget:
        r.request_target = value;
        break;
      case CurlMeaning::kUser:
        r.user = value;
        break;
      case CurlMeaning::kBearer:
        r.bearer = value;
        break;
      case CurlMeaning::kCookie:
        r.cookies.push_back(value);
        break;
      case CurlMeaning::kUserAgent:
        r.user_agent = value;
        break;
      case CurlMeaning::kReferer:
        r.referer = value;
        break;
      case CurlMeaning::kRange:
        r.range = value;
        break;
      case CurlMeaning::kCompressed:
        r.compressed = true;
        break;
      case CurlMeaning::kMaxTime:
        r.max_time = value;
        break;
      case CurlMeaning::kConnectTimeout:
        r.connect_timeout = value;
        break;
      case CurlMeaning::kNext:
        requests_.emplace_back();
        break;
      case CurlMeaning::kInsecure:
      case CurlMeaning::kCaCert:
      case CurlMeaning::kCert:
      case CurlMeaning::kKey:
      case CurlMeaning::kPinnedKey:
      case CurlMeaning::kHttp2:
      case CurlMeaning::kProxy:
      case CurlMeaning::kUnixSocket:
      case CurlMeaning::kConnectTo:
      case CurlMeaning::kResolve:
      case CurlMeaning::kDigest:
      case CurlMeaning::kAwsSigV4:
      case CurlMeaning::kLocation:
        r.connection.emplace_back(option.meaning, value);
        break;
      case CurlMeaning::kNothing:
        break;
      case CurlMeaning::kNote:
        r.notes.push_back(fmt::format("--{}", option.name));
        break;
    }
  }

  const std::vector<ShellWord>& words_;
  std::size_t at_ = 0;
  std::vector<CurlRequest> requests_;
};

}  // namespace

Result<std::vector<CurlRequest>> read_curl_command(const ShellCommand& command) {
  return Reader(command).run();
}

}  // namespace squall::import
