#include "loadgen/import/curl_command.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::import {
namespace {

// Where the value of an option goes.
template <class Member>
struct Slot {
  CurlMeaning meaning;
  Member CurlRequest::*member;
};
using Single = Slot<std::optional<std::string>>;
using List = Slot<std::vector<std::string>>;
using Flag = Slot<bool>;
using Pieces = Slot<std::vector<CurlData>>;

constexpr std::array kSingles{
    Single{CurlMeaning::kMethod, &CurlRequest::method},
    Single{CurlMeaning::kUpload, &CurlRequest::upload},
    Single{CurlMeaning::kRequestTarget, &CurlRequest::request_target},
    Single{CurlMeaning::kUser, &CurlRequest::user},
    Single{CurlMeaning::kBearer, &CurlRequest::bearer},
    Single{CurlMeaning::kUserAgent, &CurlRequest::user_agent},
    Single{CurlMeaning::kReferer, &CurlRequest::referer},
    Single{CurlMeaning::kRange, &CurlRequest::range},
    Single{CurlMeaning::kMaxTime, &CurlRequest::max_time},
    Single{CurlMeaning::kConnectTimeout, &CurlRequest::connect_timeout},
};
constexpr std::array kLists{
    List{CurlMeaning::kHeader, &CurlRequest::headers},
    List{CurlMeaning::kUrlQuery, &CurlRequest::url_queries},
    List{CurlMeaning::kCookie, &CurlRequest::cookies},
};
constexpr std::array kFlags{
    Flag{CurlMeaning::kGet, &CurlRequest::data_in_query},
    Flag{CurlMeaning::kHead, &CurlRequest::head},
    Flag{CurlMeaning::kCompressed, &CurlRequest::compressed},
    Flag{CurlMeaning::kGlobOff, &CurlRequest::no_globbing},
};
constexpr std::array kPieces{
    Pieces{CurlMeaning::kData, &CurlRequest::data},
    Pieces{CurlMeaning::kDataRaw, &CurlRequest::data},
    Pieces{CurlMeaning::kDataBinary, &CurlRequest::data},
    Pieces{CurlMeaning::kDataUrlencode, &CurlRequest::data},
    Pieces{CurlMeaning::kJson, &CurlRequest::data},
    Pieces{CurlMeaning::kForm, &CurlRequest::form},
    Pieces{CurlMeaning::kFormString, &CurlRequest::form},
};

template <class Slots>
const typename Slots::value_type* find(const Slots& slots, CurlMeaning meaning) {
  const auto found = std::find_if(slots.begin(), slots.end(),
                                  [&](const auto& one) { return one.meaning == meaning; });
  return found == slots.end() ? nullptr : &*found;
}

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
    const CurlMeaning meaning = option.meaning;
    if (const auto* one = find(kSingles, meaning)) {
      r.*(one->member) = value;
    } else if (const auto* list = find(kLists, meaning)) {
      (r.*(list->member)).push_back(value);
    } else if (const auto* flag = find(kFlags, meaning)) {
      r.*(flag->member) = true;
    } else if (const auto* pieces = find(kPieces, meaning)) {
      (r.*(pieces->member)).push_back({meaning, value, word.where});
    } else if (meaning == CurlMeaning::kUrl) {
      r.urls.push_back({value, word.where});
    } else if (meaning == CurlMeaning::kNext) {
      requests_.emplace_back();
    } else if (meaning == CurlMeaning::kNote) {
      r.notes.push_back(fmt::format("--{}", option.name));
    } else if (meaning != CurlMeaning::kNothing) {
      r.connection.push_back({meaning, option.name});
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
