// Turns a step's request into bytes for the wire.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/expr/generated_bytes.hpp"
#include "loadgen/expr/template.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// A rendered request. Views stay valid until the buffer that was rendered into changes, or, for a
// request without templates, as long as the builder lives.
struct RenderedRequest {
  std::string_view bytes;  // head and body; without the generated content that `generated` names
  std::size_t head_bytes = 0;
  // False when a value broke the head: a line break in a header, a blank in the path. Such bytes
  // would be another request than the plan's, so they must not be sent.
  bool sound = true;
  // Content that stands in the body at places of `bytes`, in their order, and is not in it.
  std::span<const expr::GeneratedRange> generated{};
  std::uint64_t generated_bytes = 0;  // of all of it
  // What of the body is in `bytes`.
  [[nodiscard]] std::string_view body() const { return bytes.substr(head_bytes); }
  // Of the whole body.
  [[nodiscard]] std::uint64_t body_bytes() const { return body().size() + generated_bytes; }
};

// Why a request that is not sound is not sent, for people.
inline constexpr std::string_view kUnsoundRequest =
    "a value that the request line or a header cannot carry: nothing was sent";

// HTTP/1.1 requests of one step for one replica and one caller, compiled once. Adds Host,
// User-Agent, Accept, Content-Type (for JSON bodies) and Content-Length unless the plan names them
// itself (Content-Length excepted: the plan cannot). A request without
// {{names}} is built once and shared. Immutable; any thread.
class RequestBuilder {
 public:
  RequestBuilder(const model::Target& target, const model::Endpoint& endpoint,
                 const model::RequestSpec& request, const model::Caller* caller = nullptr);

  // Renders into `buffer` (cleared first) unless the request is constant. Generated content goes
  // into `buffer` too when `generated` is null, or when the head needs the whole body
  // ({{hmac … {{body}}}}); else it is noted in `generated` (cleared first), which the result refers
  // to. Allocates only when one of the two has to grow.
  [[nodiscard]] RenderedRequest render(
      const expr::RenderContext& operation, std::string& buffer,
      std::vector<expr::GeneratedRange>* generated = nullptr) const;

  [[nodiscard]] bool head_only() const { return head_only_; }
  // Whether two renderings for one arrival can differ.
  [[nodiscard]] bool is_volatile() const { return volatile_; }
  // Whether clock skew changes it.
  [[nodiscard]] bool reads_clock() const { return reads_clock_; }

 private:
  expr::Template head_;  // without Content-Length and the blank line
  expr::Template body_;
  bool has_body_ = false;
  bool head_only_ = false;
  bool volatile_ = false;
  bool reads_clock_ = false;
  bool head_needs_body_ = false;
  std::size_t head_lines_ = 0;
  std::string constant_;  // the whole request when it has no {{names}}
  std::size_t constant_head_bytes_ = 0;
};

}  // namespace squall::engine
