// Which requests of a recording become steps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/import/document.hpp"
#include "loadgen/import/outside_url.hpp"

namespace squall::import {

// "document", "stylesheet", "script", "image", "font", "media", "fetch" or "other", of an entry of
// a HAR: what the browser says, else by the answer's media type.
[[nodiscard]] std::string_view har_type(const Node& entry);

// Words are types, "static" (stylesheets, scripts, images, fonts and media) or hosts
// ("api.example.com", "*.example.com", "localhost:8080"). Immutable.
class HarFilter {
 public:
  // Included types are the only ones; included hosts come beside `own`, the host of the first page.
  // kInvalidArgument for a word that is neither.
  [[nodiscard]] static Result<HarFilter> make(const std::vector<std::string>& include,
                                              const std::vector<std::string>& exclude);

  [[nodiscard]] bool takes_type(std::string_view type) const;
  [[nodiscard]] bool takes_host(const OutsideUrl& url, const OutsideUrl& own) const;

 private:
  std::vector<std::string> types_;  // none: all
  std::vector<std::string> hosts_;
  std::vector<std::string> without_types_;
  std::vector<std::string> without_hosts_;
};

}  // namespace squall::import
