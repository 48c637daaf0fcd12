#include "tests/shop/problem.hpp"

#include <nlohmann/json.hpp>

namespace squall::shop {
namespace {

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 422:
      return "Unprocessable Content";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return status >= 500 ? "Internal Server Error" : "Error";
  }
}

}  // namespace

Answer problem(int status, std::string_view detail) {
  const nlohmann::ordered_json json = {
      {"status", status}, {"title", title_of(status)}, {"detail", detail}};
  return {status, json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
          "application/problem+json"};
}

}  // namespace squall::shop
