#include "loadgen/run/plain_request.hpp"

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"

namespace squall::run {
namespace {

void add_headers(const std::vector<model::Header>& headers, const expr::RenderContext& context,
                 net::ClientRequest& request) {
  for (const auto& [name, value] : headers) {
    std::string text;
    value.render(context, text);
    request.headers.emplace_back(name, std::move(text));
  }
}

}  // namespace

net::ClientRequest client_request(const model::Plan& plan, const model::Target& target,
                                  const model::RequestSpec& spec, std::uint64_t sequence) {
  const StreamId chance(plan.seed, spec.path.source(), spec.method);
  expr::RenderContext context{.key = {},
                              .sequence = sequence,
                              .run_id = plan.run_id,
                              .now = wall_clock_now(),
                              .extracted = {},
                              .chance = chance.bits_at(sequence)};
  net::ClientRequest request;
  request.method = spec.method;
  request.url = target.replicas.front().url();
  if (spec.body) {
    spec.body->render(context, request.body);
  }
  context.body = {&request.body, request.body.size()};
  spec.path.render(context, request.url);
  request.timeout = target.timeout;
  request.tls = target.tls.value_or(TlsSettings{});
  request.route = static_cast<const HttpRoute&>(target.curl);
  add_headers(target.headers, context, request);
  if (const std::string_view type = model::content_type_of(spec); !type.empty()) {
    request.headers.emplace_back("Content-Type", type);
  }
  add_headers(spec.headers, context, request);
  return request;
}

Result<net::ClientResponse> send_plain(const model::Plan& plan, const model::RequestSpec& spec,
                                       std::uint64_t sequence) {
  auto response = net::send(client_request(plan, plan.targets.front(), spec, sequence));
  const std::string what = model::redact(spec.shown, plan.secrets);
  if (!response) {
    return fail(response.error().code,
                fmt::format("{}: {}", what, model::redact(response.error().message, plan.secrets)));
  }
  if (response->status < 200 || response->status >= 400) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} answered {}: {}", what, response->status,
                            model::safe_to_show(response->body, plan.secrets)));
  }
  return response;
}

Result<void> set_up(const model::Plan& plan, const StopSignal& stop) {
  std::uint64_t sequence = 0;
  for (const model::RequestSpec& request : plan.setup) {
    if (stop.raised()) {
      return {};
    }
    if (auto sent = send_plain(plan, request, sequence++); !sent) {
      return fail(sent.error());
    }
  }
  return {};
}

std::vector<Error> tear_down(const model::Plan& plan) {
  std::vector<Error> failures;
  std::uint64_t sequence = 0;
  for (const model::RequestSpec& request : plan.teardown) {
    if (auto sent = send_plain(plan, request, sequence++); !sent) {
      failures.push_back(sent.error());
    }
  }
  return failures;
}

}  // namespace squall::run
