// A page without what is the same in all of them: Chart.js, our scripts, styles and their digests.
#pragma once

#include <string>
#include <string_view>

namespace squall::reports {

// Whatever stands between <style>, or a <script> without attributes, and its end, and the digests
// that a Content-Security-Policy names: each becomes "…". Other texts stay as they are.
inline std::string without_assets(std::string text) {
  struct Part {
    std::string_view begin;
    std::string_view end;
  };
  for (const Part& part :
       {Part{"<style>", "</style>"}, Part{"<script>", "</script>"}, Part{"'sha256-", "'"}}) {
    for (std::size_t at = text.find(part.begin); at != std::string::npos;
         at = text.find(part.begin, at)) {
      at += part.begin.size();
      text.replace(at, text.find(part.end, at) - at, "…");
      at += part.end.size();
    }
  }
  return text;
}

}  // namespace squall::reports
