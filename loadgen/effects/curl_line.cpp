#include "loadgen/effects/curl_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "loadgen/base/header_fields.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/effects/curl_line_route.hpp"
#include "loadgen/expr/generated_bytes.hpp"

namespace squall::effects {
namespace {

constexpr unsigned kMostCopiesShown = 20;

// Renders the parts of one operation's request.
class Renderer {
 public:
  Renderer(const model::Plan& plan, const model::Step& step, const CurlRequest& request)
      : key_(model::make_key(plan, step, {request.arrival, request.visit})), run_id_(plan.run_id) {
    for (const std::string& name : plan.scenarios[step.scenario].extracted) {
      extracted_.push_back("<" + name + ">");
    }
    context_ = {
        .key = key_,
        .sequence = request.arrival,
        .index = request.visit,
        .run_id = run_id_,
        .caller = request.caller,
        .now = request.now,
        .extracted = extracted_,
        .chance = model::template_stream(plan, step).bits_at(request.arrival, request.visit)};
    if (step.request.body) {
      const std::uint64_t generated = step.request.body->generated_bytes();
      std::vector<expr::GeneratedRange> not_in_memory;
      if (generated > expr::kMostGeneratedInMemory) {  // no header uses such a body
        context_.generated = &not_in_memory;
      }
      step.request.body->render(context_, body_);
      body_bytes_ = body_.size() + (context_.generated != nullptr ? generated : 0);
      context_.generated = nullptr;
    }
    context_.body = {&body_, body_.size()};
  }
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  // Without generated content that is too large to be held.
  [[nodiscard]] const std::string& body() const { return body_; }
  [[nodiscard]] std::uint64_t body_bytes() const { return body_bytes_; }
  [[nodiscard]] std::string text(const expr::Template& part) const {
    std::string out;
    part.render(context_, out);
    return out;
  }

 private:
  std::string key_;
  std::string run_id_;
  std::vector<std::string> extracted_;
  std::string body_;
  std::uint64_t body_bytes_ = 0;
  expr::RenderContext context_;
};

// Those of a caller by name; none when the plan has no such caller.
const std::vector<model::Header>& headers_of_caller(const model::Plan& plan,
                                                    std::string_view name) {
  static const std::vector<model::Header> none;
  const auto found =
      std::find_if(plan.callers.begin(), plan.callers.end(),
                   [name](const model::Caller& caller) { return caller.name == name; });
  return found == plan.callers.end() ? none : found->headers;
}

std::string json_escaped(const std::string& text) {
  const std::string quoted =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

// Whether a body can stand in a command: neither bytes that a shell cannot hold nor pages of them.
bool fits_a_line(std::string_view body) {
  constexpr std::size_t kLongest = 16UL * 1024;
  return body.size() <= kLongest && body.find('\0') == std::string_view::npos;
}

std::string method_option(const model::RequestSpec& request) {
  if (request.method == "HEAD") {
    return " --head";
  }
  const std::string_view implied = request.body ? "POST" : "GET";
  return request.method == implied ? "" : " -X " + shell_quote(request.method);
}

// The URL of a replica, whose host is the name to ask for.
std::string url_of(model::Endpoint replica, const std::optional<model::TlsSettings>& tls) {
  if (tls && !tls->server_name.empty()) {
    replica.host = tls->server_name;
  }
  return replica.url();
}

std::string one_command(const model::Plan& plan, const model::Step& step, const CurlRequest& which,
                        const SecretNames& secrets) {
  const Renderer render(plan, step, which);
  const model::RequestSpec& request = step.request;
  const model::Target& target = plan.targets[step.target];
  const auto quote = [&secrets](std::string_view text) {
    return quote_hiding_secrets(text, secrets);
  };
  std::string url;
  std::string out = "curl -sS -i" + method_option(request);
  if (!target.replicas.empty()) {
    url = url_of(target.replicas.front(), target.tls);
  }
  out += route_options(plan, target, secrets);
  out += " " + quote(url + render.text(request.path));
  const auto add_header = [&](const model::Header& header) {
    const std::string value = render.text(header.second);
    // "Name;" is how curl is told to send a header without a value.
    out += " -H " + quote(value.empty() ? header.first + ";" : header.first + ": " + value);
  };
  const std::vector<model::Header>& of_caller = headers_of_caller(plan, which.caller);
  for (const model::Header& header : target.headers) {
    if (!has_field(request.headers, header.first) && !has_field(of_caller, header.first)) {
      add_header(header);
    }
  }
  for (const model::Header& header : of_caller) {
    if (!has_field(request.headers, header.first)) {
      add_header(header);
    }
  }
  for (const model::Header& header : request.headers) {
    add_header(header);
  }
  const bool typed = has_field(request.headers, "Content-Type") ||
                     has_field(target.headers, "Content-Type") ||
                     has_field(of_caller, "Content-Type");
  if (request.body) {
    const std::string_view type = model::content_type_of(request);
    if (!typed) {
      out += type.empty()
                 ? " -H Content-Type:"
                 : fmt::format(" -H {}", shell_quote(fmt::format("Content-Type: {}", type)));
    }
    out += " --data-binary " +
           (fits_a_line(render.body()) && render.body_bytes() == render.body().size()
                ? quote(render.body())
                : fmt::format("@BODY  # a file with its {} bytes", render.body_bytes()));
  }
  return out;
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  // Nobody in squall changes the environment.
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

SecretNames secret_names(const model::Plan& plan, const EnvironmentLookup& environment) {
  constexpr std::string_view kOpen = "${env:";
  std::set<std::string> named;
  SecretNames result;
  std::string_view text = plan.effective_text;
  for (std::size_t at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen)) {
    text.remove_prefix(at + kOpen.size());
    const std::string name(text.substr(0, text.find('}')));
    const std::optional<std::string> value = environment ? environment(name) : std::nullopt;
    if (value && plan.secrets.contains(*value) && named.insert(*value).second) {
      result.emplace_back(*value, name);
    }
  }
  for (const std::string& secret : plan.secrets) {
    if (!named.contains(secret)) {
      result.emplace_back(secret, "");
    }
  }
  // Inside a JSON body a secret may be escaped; the variable's value would not be.
  for (const std::string& secret : plan.secrets) {
    const std::string escaped = json_escaped(secret);
    if (escaped != secret) {
      result.emplace_back(escaped, "");
    }
  }
  std::erase_if(result, [](const auto& secret) { return secret.first.empty(); });
  // A secret may begin with another one.
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  return result;
}

std::string quote_hiding_secrets(std::string_view text, const SecretNames& secrets) {
  std::string out;
  std::string plain;
  const auto flush = [&out, &plain] {
    if (!plain.empty()) {
      out += shell_quote(plain);
      plain.clear();
    }
  };
  while (!text.empty()) {
    const auto hit = std::find_if(secrets.begin(), secrets.end(), [text](const auto& secret) {
      return text.starts_with(secret.first);
    });
    if (hit == secrets.end()) {
      plain += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (hit->second.empty()) {
      plain += "***";
    } else {
      flush();
      out += "\"$" + hit->second + "\"";
    }
    text.remove_prefix(hit->first.size());
  }
  flush();
  return out.empty() ? shell_quote("") : out;
}

std::string curl_lines(const model::Plan& plan, const model::Step& step, const CurlRequest& request,
                       const SecretNames& secrets) {
  std::string command = one_command(plan, step, request, secrets);
  if (request.sent < 2) {
    return command;
  }
  std::string numbers;
  for (unsigned n = 1; n <= std::min(request.sent, kMostCopiesShown); ++n) {
    numbers += fmt::format(" {}", n);
  }
  return fmt::format("for n in{}; do\n  {} &\ndone; wait", numbers, command);
}

}  // namespace squall::effects
