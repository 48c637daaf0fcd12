#include "faults/control/api_problem.hpp"

#include "loadgen/base/check.hpp"

namespace squall::faults {
namespace {

std::string bad_body(std::string_view why) {
  return std::string("bad request body: ").append(why);
}

}  // namespace

tl::unexpected<ApiProblem> refuse_body(std::string_view why) {
  return refuse_with(400, bad_body(why));
}

ApiProblem problem_of(const ProxyError& error) {
  using Kind = ProxyError::Kind;
  switch (error.kind) {
    case Kind::kMissingField:
    case Kind::kInvalidToxicType:
      return {400, error.message};
    case Kind::kBadAttributes:
    case Kind::kBadTls:
      return {400, bad_body(error.message)};
    case Kind::kProxyNotFound:
    case Kind::kToxicNotFound:
      return {404, error.message};
    case Kind::kProxyExists:
    case Kind::kToxicExists:
      return {409, error.message};
    case Kind::kCannotListen:
      return {500, error.message};
  }
  SQUALL_CHECK(false);
}

}  // namespace squall::faults
