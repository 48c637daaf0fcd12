#include "tests/shop/command_line.hpp"

#include <algorithm>
#include <utility>

#include <CLI/CLI.hpp>

#include "loadgen/base/units.hpp"

namespace squall::shop {
namespace {

Duration duration_of(const std::string& name, const std::string& text) {
  const Result<Duration> parsed = parse_duration(text);
  if (!parsed) {
    throw CLI::ValidationError(name, parsed.error().message);
  }
  return *parsed;
}

}  // namespace

void add_duration(CLI::App& app, const std::string& name, Duration& value,
                  const std::string& help) {
  app.add_option_function<std::string>(
         name, [name, &value](const std::string& text) { value = duration_of(name, text); }, help)
      ->type_name("DURATION")
      ->default_str(format_duration(value));
}

void add_limit(CLI::App& app, const std::string& name, Duration& value, const std::string& help) {
  constexpr const char* kNone = "none";
  app.add_option_function<std::string>(
         name,
         [name, &value](const std::string& text) {
           value = text == kNone ? Duration::zero() : duration_of(name, text);
           if (text != kNone && value <= Duration::zero()) {
             throw CLI::ValidationError(name, "must be longer than 0, or none");
           }
         },
         help)
      ->type_name("DURATION|none")
      ->default_str(value == Duration::zero() ? kNone : format_duration(value));
}

void add_words(CLI::App& app, const std::string& name, const std::vector<std::string>& words,
               const std::string& chosen, std::function<void(const std::string&)> choose,
               const std::string& help) {
  std::string names;
  for (const std::string& word : words) {
    names += (names.empty() ? "" : "|") + word;
  }
  app.add_option_function<std::string>(
         name,
         [name, names, words, choose = std::move(choose)](const std::string& word) {
           if (std::find(words.begin(), words.end(), word) == words.end()) {
             throw CLI::ValidationError(name, "\"" + word + "\" is none of " + names);
           }
           choose(word);
         },
         help)
      ->type_name(names)
      ->default_str(chosen);
}

void add_service_options(CLI::App& app, HttpOptions& http, LogLevel& log_level) {
  app.add_option("--port", http.port,
                 "Port to listen on; 0 takes a free one, which the first log line names")
      ->required();
  app.add_option("--host", http.host, "Address to listen on")->capture_default_str();
  app.add_option("--threads", http.threads, "Threads; every open connection occupies one")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  CLI::Option* certificate =
      app.add_option("--tls-certificate", http.certificate_file,
                     "Speak TLS with this certificate (PEM; \"squall-shop certificate\" makes one)")
          ->type_name("FILE");
  CLI::Option* key = app.add_option("--tls-key", http.key_file, "Its key (PEM)")->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  add_choice(
      app, "--on-term", http.on_term,
      {{"exit", OnTerm::kExit}, {"finish", OnTerm::kFinish}, {"drain", OnTerm::kDrain}},
      "At SIGTERM: die at once, finish what runs and accept nothing more, or say so in /readyz "
      "first and serve on for --drain-time");
  add_duration(app, "--drain-time", http.drain_time,
               "drain: how long callers have to notice that /readyz fails");
  add_choice(app, "--log", log_level,
             {{"all", LogLevel::kInfo}, {"errors", LogLevel::kError}, {"none", LogLevel::kNone}},
             "What to log");
}

}  // namespace squall::shop
